"""The adapter sees what detect-secrets' own plugins see on every line, and gives whole values."""

from __future__ import annotations

import importlib
import os
import random
import re
import string
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shipworthy.backends import Source
from shipworthy.backends.detect_secrets import BACKEND, PLUGINS, Plugin
from shipworthy.secrets.values import folded
from shipworthy.testing import expand

_MODULES = (
    "argparse bandit.plugins.injection_shell detect_secrets.plugins.keyword ftplib hypothesis.core netrc requests.auth "
    "smtplib ssl"
)


def hits_in(text: str, path: str = "file.py") -> list[tuple[str, str]]:
    answer = BACKEND.run([Source(path, text, "text")])[0]
    assert not answer.problem
    return [(hit.code, text[hit.span.start : hit.span.end]) for hit in answer.hits]


def tool_of(plugin: Plugin) -> Any:
    return getattr(importlib.import_module(f"detect_secrets.plugins.{plugin.module}"), plugin.name)()


TOOLS = {plugin.code: tool_of(plugin) for plugin in PLUGINS}


def native(code: str, line: str) -> Iterator[str]:
    """What the tool's own plugin finds in a line, by itself."""
    tool = TOOLS[code]
    for value in tool.analyze_string(line.rstrip()):
        if not hasattr(tool, "entropy_limit") or tool.calculate_shannon_entropy(value) > tool.entropy_limit:
            yield value


def missing(text: str) -> list[tuple[str, str]]:
    """What the plugins find line by line, and the adapter does not."""
    found = hits_in(text)
    return [
        (code, line)
        for line in re.split(r"\r\n|\r|\n", text)
        for code in TOOLS
        for value in native(code, line)
        if not any(code == own and value.strip(' \t"=:') in whole for own, whole in found)
    ]


@pytest.mark.parametrize("module", _MODULES.split())
def test_misses_nothing_in_real_code(module: str) -> None:
    origin = importlib.util.find_spec(module)
    assert origin is not None and origin.origin is not None
    assert missing(Path(origin.origin).read_text(encoding="utf-8")) == []


LINES = {
    "secret-keyword": (
        *(
            'my_password = "<alnum*9>"',
            "apiKey: '<alnum*9>',",
            '"<alnum*9>" == db_pass',
            "SECRET_x => `<alnum*9>`",
            'pwd != "a b"',
        ),
        *(
            'contraseña = "<alnum*9>"',
            '\u017fecret = "<alnum*9>"',
            'client\u212aey = "<alnum*9>"',
            'key_pass "<alnum*9>";',
            "PASSWD='x'",
        ),
        *(
            f'{kind}{joint}key = "<alnum*9>"'
            for kind in ("Auth", "service", "ACCOUNT", "db", "database", "priv", "private")
            for joint in ("", "_")
        ),
        *(f'{kind}{joint}pass = "<alnum*9>"' for kind in ("Db", "DATABASE", "key") for joint in ("", "_")),
    ),
    "base64-high-entropy-string": ('f("<base64*60>")', "'<alnum*80>'", "x['<alnum*70>=']"),
    "hex-high-entropy-string": ("'0123456789abcdef'", '"0F1E2D3C4B5A69788"', "'<hex*40>'", "'0a1b2c3d4'"),
    "artifactory-credentials": ("x=AKC<alnum*10>", 'key: "AP7<alnum*8>"', "APB<alnum*40>"),
    "aws-access-key": (
        "AKIA<upper*16>",
        "xASIA<upper*16>x",
        "A3T<upper*17>",
        "ABIA<upper*16>ACCA<upper*16:2>",
        "aws_key='<alnum*40>'",
        'AWS my Token is "<base64*40>"',
    ),
    "azure-storage-account-access-key": ("AccountKey=<base64*86>==",),
    "basic-auth-credentials": ("http://me:<alnum*5>@host", "ftp://é:<letter*1>@"),
    "cloudant-credentials": (
        *(
            "clou_apipw: <hex*64>",
            "cloudantkey = '<hex*64>'",
            "'CL-TOKEN' => <hex*64>",
            "cl-pass=abcdefghijabcdefghijabcd",
        ),
        "https://me:<hex*64>@you.cloudant.com",
    ),
    "discord-bot-token": ("M<alnum*23>.<alnum*6>.<alnum*27>", "zzN<alnum*25>.______.<alnum*27>"),
    "github-token": tuple(f"gh{kind}_<alnum*36>" for kind in "pousr"),
    "gitlab-token": (
        *(f"gl{kind}-<alnum*20>" for kind in ("pat", "dt", "ft", "soat", "rt", "cbt")),
        *(
            "GR1348941<alnum*20>",
            "glcbt-a1_<alnum*20>",
            "glimt-<alnum*25>",
            "glptt-<alnum*40>",
            "glagent-<alnum*50>",
            "gloas-<alnum*64>",
        ),
    ),
    "ibm-cloud-iam-key": (
        "ibm_cloud_iam_api_key=<alnum*44>",
        "Password: '<alnum*44>'",
        'iam-token"] => "<alnum*44>"',
        "key=>\u017f<alnum*43>",
        "pwd::<alnum*44>",
    ),
    "ibm-cos-hmac-credentials": (
        "cos_hmac_secret_access_key = <hex*48>",
        "SecretKey: <hex*48>",
        "secret-accesskey '<hex*48>'",
    ),
    "json-web-token": ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.<alnum*43>", "x=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0"),
    "mailchimp-access-key": ("<hex*32>-us<digit*1>", "<lower*32>-us<digit*2>"),
    "npm-tokens": (
        "//npm.example.com/:_authToken=npm_<alnum*36>",
        "//x/:_authToken= 12345678-1234-1234-1234-123456789abc",
    ),
    "openai-token": ("sk-<alnum*20>T3BlbkFJ<alnum*20>", "sk-proj-é-sk-x-<alnum*20>T3BlbkFJ<alnum*20>"),
    "private-key": (
        *(f"-----BEGIN {kind}PRIVATE KEY" for kind in ("", "DSA ", "EC ", "OPENSSH ", "RSA ", "SSH2 ENCRYPTED ")),
        *("BEGIN PGP PRIVATE KEY BLOCK", "PuTTY-User-Key-File-2: ssh-rsa"),
    ),
    "pypi-token": ("pypi-AgEIcHlwaS5vcmc<alnum*70>", "pypi-AgENdGVzdC5weXBpLm9yZw<alnum*70>"),
    "sendgrid-api-key": ("SG.<alnum*22>.<alnum*43>",),
    "slack-token": (
        *(f"xox{kind}-<digit*3>-<alnum*9>" for kind in "abposr"),
        "XOXB-1-a",
        "https://hooks.slack.com/services/T<alnum*2>/B<alnum*2>/<alnum*2>",
    ),
    "softlayer-credentials": (
        "sl_api_key=<hex*64>",
        "SoftLayer-pass: '<lower*64>'",
        "http://api.softlayer.com/soap/v3.1/<hex*64>",
        "slapi_token => <hex*64>",
    ),
    "square-oauth-secret": ("sq0csp-<alnum*43>",),
    "stripe-access-key": ("sk_live_<alnum*24>", "rk_live_<alnum*30>"),
    "telegram-bot-token": ("<digit*8>:<alnum*35>", "٠١٢٣٤٥٦٧٨٩:<alnum*35>"),
    "twilio-api-key": ("AC<lower*32>", "xSK<lower*33>"),
}
"""Lines that the plugins match, those first that try a prefilter."""


@pytest.mark.parametrize("code", [plugin.code for plugin in PLUGINS])
def test_misses_nothing_that_a_plugin_matches(code: str) -> None:
    for template in LINES[code.removeprefix("detect-secrets:")]:
        for seed in range(5):
            line = expand(template, seed)
            assert [*native(code, line)], f"the plugin itself finds nothing in {template}"
            assert missing(line) == []


_ANYTHING = st.sampled_from([line for lines in LINES.values() for line in lines])
_JOINTS = st.sampled_from(
    (" ", "=", ": ", "'", '"', "`", ", ", "(", ")", ".", ";", "é", "\t", "password", "key", "\u0130")
)


@settings(deadline=None)
@given(
    st.lists(st.lists(_ANYTHING | _JOINTS, max_size=5).map("".join), max_size=4),
    st.sampled_from(("\n", "\r\n", "\r")),
    st.integers(),
)
def test_misses_nothing_in_generated_texts(lines: list[str], end: str, seed: int) -> None:
    assert missing(expand(end.join(lines), seed)) == []


def test_folds_every_letter_that_the_plugins_take_for_another() -> None:
    any_letter = re.compile("[a-z]", re.IGNORECASE)
    letters = [chr(code) for code in range(sys.maxunicode + 1) if any_letter.match(chr(code))]
    assert len(letters) > 52
    assert all(re.fullmatch("[a-z]", folded(letter + "é")[0]) for letter in letters)
    everything = "".join(chr(code) for code in range(sys.maxunicode + 1))
    assert len(folded(everything)) == len(everything)


def test_has_every_plugin_but_the_one_that_is_noise() -> None:
    from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class

    assert {plugin.kind for plugin in PLUGINS} == {*get_mapping_from_secret_type_to_class()} - {"Public IP (ipv4)"}


def characters(size: int, alphabet: str = string.ascii_letters + string.digits, seed: int = 1) -> str:
    return "".join(random.Random(f"{seed} {size}").choices(alphabet, k=size))


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("github-token", "ghp_" + characters(36)),
        ("gitlab-token", "glpat-" + characters(20)),
        ("slack-token", "https://hooks.slack.com/services/T12345678/B12345678/" + characters(24)),
        ("json-web-token", f"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.{characters(43)}"),
        ("stripe-access-key", "sk_live_" + characters(60)),
        ("artifactory-credentials", "AKCp" + characters(69)),
        ("aws-access-key", "AKIA" + characters(16, string.ascii_uppercase)),
    ],
)
def test_gives_the_whole_value(code: str, value: str) -> None:
    for text in (f'key = "{value}"', f"é: {value}\r\nnext line", f'\n\n  call("{value}", x)'):
        assert (f"detect-secrets:{code}", value) in hits_in(text)


def test_gives_every_password_of_a_line() -> None:
    first, second = characters(12, seed=1), characters(12, seed=2)
    found = hits_in(f'connect(password="{first}", api_key="{second}")')
    assert {value for code, value in found if code == "detect-secrets:secret-keyword"} == {first, second}


@pytest.mark.parametrize("path", [".env", "deploy/.env.production", "app.yaml", ".npmrc", "setup.cfg"])
def test_reads_values_without_quotes_where_they_have_none(path: str) -> None:
    value, joint = characters(12), ": " if path.endswith("yaml") else "="
    assert ("detect-secrets:secret-keyword", value) in hits_in(f"db_password{joint}{value}\n", path)


def test_finds_a_token_in_a_line_of_three_million_characters() -> None:
    token = "ghp_" + characters(36)
    text = f'a="{"x=1;password;" * 20_000}";b="{token}";c="{"y`z" * 900_000}"'
    assert ("detect-secrets:github-token", token) in hits_in(text)


def test_neither_loads_nor_needs_the_network() -> None:
    program = (
        "import sys\n"
        "from shipworthy.backends import Source\n"
        "from shipworthy.backends.detect_secrets import BACKEND\n"
        "text = 'password = \"' + 'aB3' * 9 + '\"; t = \"xoxb-1-' + 'a1' * 9 + '\"'\n"
        "assert len(BACKEND.run([Source('a.py', text, 'python')])[0].hits) > 1\n"
        "assert not {'requests', 'urllib3'} & set(sys.modules), 'the tool loaded its network library'\n"
        "import requests\n"
        "from detect_secrets.plugins import base\n"
        "assert base.requests.exceptions.RequestException is requests.exceptions.RequestException\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2] / "engine")}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=environment, check=False)
    assert (done.returncode, done.stderr) == (0, "")
