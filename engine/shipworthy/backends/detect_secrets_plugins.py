"""detect-secrets' plugins as a table: what a line must hold for each to have anything to find on it.

Words and shapes alone: the tool itself is not imported here.
"""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass
from itertools import product
from typing import NamedTuple


class Characters(enum.StrEnum):
    """What a run is made of. IBM: what its plugin takes for letters, of which some are beyond ASCII."""

    WORD = "word"
    LOWER = "lower"
    BASE64 = "base64"
    HEX = "hex"
    IBM = "ibm"


class Run(NamedTuple):
    """So many characters in a row; `quoted`: behind a quote."""

    of: Characters
    length: int
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Plugin:
    """One plugin of detect-secrets. `module` and `name` say where its class is.

    `words`: lower-case texts of which one is on every line that it matches, with what `behind` matches
    behind it, or what `aside` matches elsewhere on the line; or `shape`: a superset of its expressions,
    with one of `runs` in it. `whole`: its match is the value, not the last group in it. `more`: the rest
    of a value that its expression may cut off.
    """

    module: str
    name: str
    kind: str
    words: tuple[str, ...] = ()
    behind: str = ""
    aside: str = ""
    shape: str = ""
    runs: tuple[Run, ...] = ()
    whole: bool = True
    more: str = r"[\w-]*"

    @property
    def code(self) -> str:
        """The code of its hits: the tool's own name for the kind of secret, as a slug."""
        return f"detect-secrets:{re.sub(r'[^a-z0-9]+', '-', self.kind.lower()).strip('-')}"


def _joined(*parts: str) -> tuple[str, ...]:
    return tuple("".join(combination) for combination in product(*(part.split("|") for part in parts)))


_KEYWORD_WORDS = (
    *_joined("api|auth|service|account|db|database|priv|private|client", "|_", "key"),
    *_joined("db|database|key", "|_", "pass"),
    *("password", "passwd", "pwd", "secret", "contrase"),
)
_QUOTED = r"""['"](?:[0-9a-fA-F]{9,}|[0-9A-Za-z+/\\\-_=]{23,})['"]"""
"""Above 3 bits per character a hexadecimal text has 9 characters or more; above 4.5 bits any text has 23."""
_RUNS = (Run(Characters.HEX, 9, quoted=True), Run(Characters.BASE64, 23, quoted=True))

PLUGINS: tuple[Plugin, ...] = (
    Plugin(
        "keyword",
        "KeywordDetector",
        "Secret Keyword",
        _KEYWORD_WORDS,
        behind=r"\w*(?:\[[0-9]*\])?[\]'\"]{0,2}\s*(?:[:=(]|!=|\.assign)",
        aside=r"['\"`](?:;|\s*[!=]=)",
    ),
    Plugin("high_entropy_strings", "Base64HighEntropyString", "Base64 High Entropy String", shape=_QUOTED, runs=_RUNS),
    Plugin("high_entropy_strings", "HexHighEntropyString", "Hex High Entropy String", shape=_QUOTED, runs=_RUNS),
    Plugin(
        "artifactory",
        "ArtifactoryDetector",
        "Artifactory Credentials",
        shape=r"A(?:KC[a-zA-Z0-9]{10}|P[\dA-F][a-zA-Z0-9]{8})",
        runs=(Run(Characters.WORD, 11),),
        more="",
    ),
    Plugin("aws", "AWSKeyDetector", "AWS Access Key", ("a3t", "abia", "acca", "akia", "asia", "aws"), whole=False),
    Plugin(
        "azure_storage_key", "AzureStorageKeyDetector", "Azure Storage Account access key", ("accountkey=",), more=""
    ),
    Plugin(
        "basic_auth",
        "BasicAuthDetector",
        "Basic Auth Credentials",
        ("://",),
        behind=r"[^\s:/?#\[\]@]+:[^\s:/?#\[\]@]+@",
        whole=False,
        more="",
    ),
    Plugin(
        "cloudant",
        "CloudantDetector",
        "Cloudant Credentials",
        (*_joined("cl|clou|cloudant", "|_|-", "|api", "key|pw|pass|token"), "cloudant.com"),
        whole=False,
        more="",
    ),
    Plugin(
        "discord",
        "DiscordBotTokenDetector",
        "Discord Bot Token",
        shape=r"\.[a-zA-Z\d_-]{6}\.[a-zA-Z\d_-]{27}",
        runs=(Run(Characters.WORD, 27),),
    ),
    Plugin("github_token", "GitHubTokenDetector", "GitHub Token", _joined("gh", "p|o|u|s|r", "_")),
    Plugin(
        "gitlab_token",
        "GitLabTokenDetector",
        "GitLab Token",
        (*_joined("gl", "pat|dt|ft|soat|rt|cbt|imt|ptt|agent|oas", "-"), "gr1348941"),
    ),
    Plugin(
        "ibm_cloud_iam",
        "IbmCloudIamDetector",
        "IBM Cloud IAM Key",
        shape=r"""[=:>\s"'][A-Za-z0-9_\-\u0130\u0131\u017f\u212a]{44}(?![A-Za-z0-9_\-\u0130\u0131\u017f\u212a])""",
        runs=(Run(Characters.IBM, 44),),
        whole=False,
        more="",
    ),
    Plugin(
        "ibm_cos_hmac",
        "IbmCosHmacDetector",
        "IBM COS HMAC Credentials",
        _joined("secret", "|-|_", "|access", "|-|_", "key"),
        whole=False,
        more="",
    ),
    Plugin("jwt", "JwtTokenDetector", "JSON Web Token", ("eyj",), more=r"[\w.=+/-]*"),
    Plugin("mailchimp", "MailchimpDetector", "Mailchimp Access Key", _joined("-us", "0|1|2|3|4|5|6|7|8|9")),
    Plugin("npm", "NpmDetector", "NPM tokens", ("/:_authtoken=",), whole=False, more=""),
    Plugin("openai", "OpenAIDetector", "OpenAI Token", ("t3blbkfj",)),
    Plugin("private_key", "PrivateKeyDetector", "Private Key", ("begin ", "putty-user-key-file-2"), more=""),
    Plugin("pypi_token", "PypiTokenDetector", "PyPI Token", _joined("pypi-age", "ichlwas5vcmc|ndgvzdc5wexbplm9yzw")),
    Plugin("sendgrid", "SendGridDetector", "SendGrid API Key", ("sg.",), behind=r"[\w-]{22}\."),
    Plugin(
        "slack",
        "SlackDetector",
        "Slack Token",
        (*_joined("xox", "a|b|p|o|s|r", "-"), "hooks.slack.com/services/t"),
        more=r"[\w/-]*",
    ),
    Plugin(
        "softlayer",
        "SoftlayerDetector",
        "SoftLayer Credentials",
        (*_joined("softlayer|sl", "|_|-", "|api", "|_|-", "key|pwd|pass|token"), "com/soap/v3"),
        whole=False,
        more="",
    ),
    Plugin("square_oauth", "SquareOAuthDetector", "Square OAuth Secret", ("sq0csp-",)),
    Plugin("stripe", "StripeDetector", "Stripe Access Key", ("k_live_",)),
    Plugin(
        "telegram_token",
        "TelegramBotTokenDetector",
        "Telegram Bot Token",
        shape=r":[0-9A-Za-z_-]{35}",
        runs=(Run(Characters.WORD, 35),),
    ),
    Plugin(
        "twilio",
        "TwilioKeyDetector",
        "Twilio API Key",
        shape=r"(?:AC|SK)[a-z0-9]{32}",
        runs=(Run(Characters.LOWER, 32),),
    ),
)

CODES: tuple[str, ...] = tuple(plugin.code for plugin in PLUGINS)
"""The codes of all plugins."""
