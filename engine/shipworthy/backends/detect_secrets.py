"""detect-secrets' plugins, on the lines that can interest them: text in, spans of whole values out.

What a plugin matches is the tool's; which lines it is asked about, and where the value of a match
begins and ends, is decided here. The tool drops lines and hashes prefixes (see SECRETS.md): so its
scanner, its filters and its verification are not used, and nothing is ever sent anywhere. Which
hits are secrets is for the rules to say. `IPPublicDetector` is left out on purpose: an address is
no secret.

A line is given to a plugin if it holds one of the plugin's words, or what its shape matches. Both
are supersets: a test compares with plugins that see every line. Lines longer than `LONGEST` are
written by programs; of them a plugin sees the surroundings of its words.
"""

from __future__ import annotations

import functools
import importlib
import re
import sys
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import product
from pathlib import PurePosixPath
from types import ModuleType
from typing import Any

from ahocorasick_rs import AhoCorasick, Implementation

from shipworthy.backends import Answer, Source
from shipworthy.model import Lane, Span
from shipworthy.rule import Hit
from shipworthy.secrets.values import folded

LONGEST = 2000
"""Characters: of a longer line, a plugin is given windows instead of the whole."""

_STEP, _REACH = 1000, 400
"""A window begins at every step and reaches this far beyond it on both sides."""


@dataclass(frozen=True, slots=True)
class Plugin:
    """One plugin of detect-secrets. `module` and `name` say where its class is.

    `words`: lower-case texts of which one is on every line that it matches; or `shape`: a superset
    of its expressions, `run`: with so many letters, digits, `_` and `-` in a row.
    `whole`: its match is the value, not the last group in it. `more`: the rest of a value that its
    expression may cut off.
    """

    module: str
    name: str
    kind: str
    words: tuple[str, ...] = ()
    shape: str = ""
    run: int = 0
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

PLUGINS: tuple[Plugin, ...] = (
    Plugin("keyword", "KeywordDetector", "Secret Keyword", _KEYWORD_WORDS),
    Plugin("high_entropy_strings", "Base64HighEntropyString", "Base64 High Entropy String", shape=_QUOTED),
    Plugin("high_entropy_strings", "HexHighEntropyString", "Hex High Entropy String", shape=_QUOTED),
    Plugin(
        "artifactory",
        "ArtifactoryDetector",
        "Artifactory Credentials",
        shape=r"A(?:KC[a-zA-Z0-9]{10}|P[\dA-F][a-zA-Z0-9]{8})",
        run=11,
        more="",
    ),
    Plugin("aws", "AWSKeyDetector", "AWS Access Key", ("a3t", "abia", "acca", "akia", "asia", "aws"), whole=False),
    Plugin(
        "azure_storage_key", "AzureStorageKeyDetector", "Azure Storage Account access key", ("accountkey=",), more=""
    ),
    Plugin("basic_auth", "BasicAuthDetector", "Basic Auth Credentials", ("://",), whole=False, more=""),
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
        run=27,
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
        run=44,
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
    Plugin("sendgrid", "SendGridDetector", "SendGrid API Key", ("sg.",)),
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
    Plugin("telegram_token", "TelegramBotTokenDetector", "Telegram Bot Token", shape=r":[0-9A-Za-z_-]{35}", run=35),
    Plugin("twilio", "TwilioKeyDetector", "Twilio API Key", shape=r"(?:AC|SK)[a-z0-9]{32}", run=34),
)

CODES: tuple[str, ...] = tuple(plugin.code for plugin in PLUGINS)
"""The codes of all plugins."""

_UNQUOTED = re.compile(
    r"(?:^|[\\/])(?:\.env(?:\.[\w.-]+)?|[\w.-]+\.env|\.envrc|\.npmrc|\.pypirc|\.netrc|\.pgpass|\.s3cfg)\Z"
)
"""Files in which values stand without quotes, though the tool does not know their names."""

Find = Callable[[str], Iterable[Span]]
"""The values that a plugin finds in a stretch of text."""


@dataclass(frozen=True)
class DetectSecrets:
    """The adapter."""

    name: str = "detect-secrets"
    lane: Lane = Lane.FAST
    languages: frozenset[str] = frozenset()
    per_block: bool = True
    needs_syntax: bool = False
    needs_imports: bool = False

    def places(self, source: Source) -> Sequence[Span] | None:
        """The hits themselves: a line is read alike in its block and in the whole."""
        answer = _answer(source, _with(source.codes))
        return [hit.span for hit in answer.hits] if not answer.problem else None

    def run(self, sources: Sequence[Source]) -> Sequence[Answer]:
        """One answer per source. A plugin's failure is its answer's problem."""
        return [_answer(source, PLUGINS) for source in sources]


BACKEND = DetectSecrets()


@functools.lru_cache(maxsize=64)  # asked for every file
def _with(codes: frozenset[str]) -> tuple[Plugin, ...]:
    """The plugins whose hits have one of some codes."""
    return tuple(plugin for plugin in PLUGINS if plugin.code in codes)


def _answer(source: Source, plugins: tuple[Plugin, ...]) -> Answer:
    try:
        found = {hit for plugin, stretch in candidates(source.text, plugins) for hit in hits(plugin, source, stretch)}
    except Exception as error:  # noqa: BLE001  # whatever a plugin raises becomes a problem; its text may quote a value
        return Answer(problem=f"failed: {type(error).__name__}")
    return Answer(tuple(sorted(found, key=lambda hit: (hit.span, hit.code))))


def candidates(text: str, plugins: tuple[Plugin, ...] = PLUGINS) -> Iterator[tuple[Plugin, Span]]:
    """The stretches of text, whole lines unless they are very long, that each plugin has to see."""
    seen: set[tuple[int, int]] = set()
    has_returns = "\r" in text
    for index, at in _places(text, plugins):
        start, end = _line_around(text, at, has_returns)
        if end - start > LONGEST:
            window = start + (at - start) // _STEP * _STEP
            start, end = max(start, window - _REACH), min(end, window + _STEP + _REACH)
        if (index, start) not in seen:
            seen.add((index, start))
            yield plugins[index], Span(start, end)


def hits(plugin: Plugin, source: Source, stretch: Span) -> Iterator[Hit]:
    """What a plugin finds in a stretch of a source, each value whole."""
    find, more = _finder(plugin, source.path), _compiled(plugin.more)
    line = source.text[stretch.start : stretch.end].rstrip()
    for span in find(line):
        end = more.match(line, span.end)
        if span.start < span.end:
            yield Hit(plugin.code, Span(span.start, end.end() if end is not None else span.end).shifted(stretch.start))


_LINE_END = re.compile(r"\r\n|\r|\n")
_QUOTE = re.compile("[\"'`]")
_SIGNS = (" = ", ": ", " := ", " ")
_compiled = functools.cache(re.compile)


@dataclass(frozen=True, slots=True)
class _Prefilter:
    """What finds the words of some plugins, all at once, and their shapes; each with the indexes of its plugins."""

    automaton: AhoCorasick
    owners: tuple[int, ...]
    shapes: tuple[tuple[re.Pattern[str], int, tuple[int, ...]], ...]


@functools.cache
def _prefilter(plugins: tuple[Plugin, ...]) -> _Prefilter:
    words = [(word, index) for index, plugin in enumerate(plugins) for word in plugin.words]
    shapes: dict[tuple[str, int], list[int]] = {}
    for index, plugin in enumerate(plugins):
        if plugin.shape:
            shapes.setdefault((plugin.shape, plugin.run), []).append(index)
    automaton = AhoCorasick([word for word, _ in words], implementation=Implementation.DFA)
    patterns = ((re.compile(shape), run, tuple(indexes)) for (shape, run), indexes in shapes.items())
    return _Prefilter(automaton, tuple(index for _, index in words), tuple(patterns))


def _line_around(text: str, at: int, has_returns: bool) -> tuple[int, int]:
    """Start and end of the line that holds the character at an offset, its line end included."""
    start, end = text.rfind("\n", 0, at) + 1, text.find("\n", at) + 1 or len(text)
    if has_returns:
        for match in _LINE_END.finditer(text, start, end):
            if match.end() > at:
                return start, match.end()
            start = match.end()
    return start, end


def _places(text: str, plugins: tuple[Plugin, ...]) -> Iterator[tuple[int, int]]:
    """Every (index of a plugin, offset) at which one of its words or its shape begins."""
    known = _prefilter(plugins)
    for word, start, _ in known.automaton.find_matches_as_indexes(folded(text), overlapping=True):
        yield known.owners[word], start
    has_run = _runs(text)
    for pattern, run, indexes in known.shapes:
        if has_run(run):
            for match in pattern.finditer(text):
                for index in indexes:
                    yield index, match.start()


_RUN = bytes(ord("w") if code > 0x7F or chr(code).isalnum() or chr(code) in "_-" else ord(" ") for code in range(0x100))


def _runs(text: str) -> Callable[[int], bool]:
    """Tells whether a text has so many letters, digits, `_` and `-` in a row: which is quicker than a shape."""
    kinds = text.encode("utf-8", "surrogatepass").translate(_RUN)
    return functools.cache(lambda length: b"w" * length in kinds)


def _finder(plugin: Plugin, path: str) -> Find:
    if plugin.module == "keyword":
        return _keyword_finder(_file_type(path))
    return _pattern_finder(plugin)


@functools.cache
def _pattern_finder(plugin: Plugin) -> Find:
    """The matches of a plugin's own expressions, and of them those that it lets pass."""
    tool = getattr(_load(plugin.module), plugin.name)()
    expressions: Sequence[re.Pattern[str]] = tool.denylist if hasattr(tool, "denylist") else [tool.regex]
    is_entropy, is_token = hasattr(tool, "entropy_limit"), hasattr(tool, "is_formally_valid")

    def find(line: str) -> Iterator[Span]:
        for expression in expressions:
            for match in expression.finditer(line):
                if is_entropy:
                    if tool.calculate_shannon_entropy(match[2]) > tool.entropy_limit:
                        yield Span(*match.span(2))
                elif not is_token or tool.is_formally_valid(match.group()):
                    yield _value(match, plugin.whole)

    return find


def _value(match: re.Match[str], whole: bool) -> Span:
    if whole or not match.lastindex:
        start, end = match.span()
        text = match.group()
        return Span(start + len(text) - len(text.lstrip(' \t"=:')), end - len(text) + len(text.rstrip(' \t"')))
    return Span(*match.span(match.lastindex))


@functools.cache
def _keyword_finder(file_type: str) -> Find:
    """Every match, not the first of a line alone, of the keyword plugin's expressions for a type of file."""
    keyword = _load("keyword")
    kind = importlib.import_module("detect_secrets.util.filetype").FileType[file_type]
    expressions: Mapping[re.Pattern[str], int] = keyword.REGEX_BY_FILETYPE.get(
        kind, keyword.QUOTES_REQUIRED_DENYLIST_REGEX_TO_GROUP
    )
    takes_bare = any(expression.search(f"secret{sign}value1") for expression in expressions for sign in _SIGNS)

    def find(line: str) -> Iterator[Span]:
        if not takes_bare and _QUOTE.search(line) is None:
            return
        for expression, group in expressions.items():
            for match in expression.finditer(line):
                yield Span(*match.span(group))

    return find


@functools.lru_cache(maxsize=16)  # asked for every line of a file
def _file_type(path: str) -> str:
    """The tool's type of a file, by its name."""
    return "CONFIG" if _UNQUOTED.search(path) else _type_of_suffix(PurePosixPath(path).suffix)


@functools.cache
def _type_of_suffix(suffix: str) -> str:
    with _without_requests():
        filetype = importlib.import_module("detect_secrets.util.filetype")
    kind: Any = filetype.determine_file_type(f"file{suffix}")
    return str(kind.name)


def _load(module: str) -> Any:
    with _without_requests():
        return importlib.import_module(f"detect_secrets.plugins.{module}")


@contextmanager
def _without_requests() -> Generator[None]:
    """Put off the import of requests, three quarters of the time that importing the tool takes.

    The tool's modules get a stand-in that imports requests when something is asked of it: to verify
    a secret over the network, which we never do.
    """
    if "requests" in sys.modules:
        yield
        return
    sys.modules["requests"] = _Later("requests")
    try:
        yield
    finally:
        if isinstance(sys.modules.get("requests"), _Later):
            del sys.modules["requests"]


class _Later(ModuleType):
    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if isinstance(sys.modules.get("requests"), _Later):
            del sys.modules["requests"]
        return getattr(importlib.import_module("requests"), name)
