"""Whatever an excerpt shows of a source, no secret is in it; and code stays readable."""

from __future__ import annotations

import base64
import random
import re
import string
import textwrap
import urllib.parse
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shipworthy.model import Span
from shipworthy.redact import MASK, redacted, to_mask
from shipworthy.secrets.examples import example
from shipworthy.secrets.formats import Format, formats

NAMES = (
    "password",
    "DB_PASSWORD",
    "apiKey",
    "client_secret",
    "authToken",
    "aws_secret_access_key",
    "PGPASSWORD",
    "x-api-key",
)
QUOTED = (
    'NAME = "VALUE"',
    "NAME: 'VALUE',",
    '{"NAME": "VALUE", "user": "bob"}',
    '"NAME":\n    "VALUE"',
    'connect(host, NAME="VALUE")',
    'def connect(host: str, NAME: str = "VALUE"): ...',
    'if given.NAME != "VALUE":',
    'config["NAME"] = b"VALUE"',
    'os.environ.get("NAME", "VALUE")',
    "const NAME = process.env.NAME || `VALUE`;",
    'NAME = (\n    "VALUE"\n)',
    'NAME = SecretStr("VALUE")',
    'NAME = """VALUE"""',
    "NAME => 'VALUE';",
    'NAME = "VALUE  # a quote is missing',
    'NAMEs = ["abc", "VALUE", "def"]',
    '# NAME = "VALUE"',
    'text = "NAME=" + "VALUE"',
)
BARE = (
    "NAME=VALUE",
    "export NAME=VALUE",
    "  NAME: VALUE  # of the server",
    "ENV NAME=VALUE",
    "run --NAME VALUE -x",
    "NAME := VALUE",
)
URLS = (
    "postgres://me:VALUE@db/app",
    'url = f"https://{user}:VALUE@{host}"',
    "redis://:VALUE@[::1]:6379",
    "see ftp://a:VALUE@b, too",
)
HEADERS = (
    'auth = "Bearer " + "VALUE"',
    "Authorization: Bearer VALUE",
    "-H 'Authorization: Basic VALUE'",
    "machine x login me password VALUE",
)

QUOTED_VALUES = st.text(
    string.ascii_letters + string.digits + "!#$%&()*+,-./:;<=>?@[]^_{|}~ é", min_size=5, max_size=60
)
BARE_VALUES = st.text(string.ascii_letters + string.digits + "!#%*+-_~@^&", min_size=5, max_size=60).filter(
    lambda value: value[0].isalnum() and any(map(str.isdigit, value))
)
LONG_VALUES = st.builds(
    lambda seed, size: "".join(random.Random(seed).choices(string.ascii_letters + string.digits, k=size)),
    st.integers(),
    st.integers(24, 80),
).filter(lambda value: re.search(r"\d[A-Za-z]{2}.*\d[A-Za-z]", value) is not None)


def survives(value: str, text: str) -> bool:
    return value.strip() in redacted(text)


@settings(deadline=None)
@given(st.sampled_from(QUOTED), st.sampled_from(NAMES), QUOTED_VALUES)
def test_masks_what_a_telling_name_gets(context: str, name: str, value: str) -> None:
    around = context.replace("NAME", name)
    if len(value.strip()) > 4 and value.strip() not in around:
        assert not survives(value, around.replace("VALUE", value))


@settings(deadline=None)
@given(st.sampled_from(BARE), st.sampled_from(NAMES), BARE_VALUES)
def test_masks_values_without_quotes(context: str, name: str, value: str) -> None:
    around = context.replace("NAME", name)
    if value not in around:
        assert not survives(value, around.replace("VALUE", value))


@settings(deadline=None)
@given(st.sampled_from(URLS), BARE_VALUES)
def test_masks_the_password_of_a_url(context: str, value: str) -> None:
    assert not survives(value, context.replace("VALUE", value))


@settings(deadline=None)
@given(st.sampled_from((*HEADERS, "VALUE", 'f("VALUE")', "see /x/VALUE/y", "é\tVALUE;")), LONG_VALUES)
def test_masks_what_looks_random(context: str, value: str) -> None:
    assert not survives(value, context.replace("VALUE", value))


@pytest.mark.parametrize(
    "known", [pytest.param(known, id=known.id) for known in formats() if known.keywords and "(?=" not in known.form]
)
def test_masks_every_token(known: Format) -> None:
    for seed in range(5):
        value = example(known, seed)
        for text in (value, f'x = "{value}"', f"  - {value}\r\n", f"curl -u {value}: http://h/", f"`{value}`é"):
            assert not survives(value, text)


JOINTS = ('" + "', "' + '", '"\n    "', '" \\\n    "', '" . "', "' .. '", "` + `", '" + f"')


@settings(deadline=None)
@given(
    st.sampled_from([known for known in formats() if known.keywords and "(?" not in known.form]),
    st.integers(0, 5),
    st.sampled_from(JOINTS),
    st.lists(st.integers(1, 200), min_size=1, max_size=3),
)
def test_masks_a_token_that_is_put_together(known: Format, seed: int, joint: str, cuts: list[int]) -> None:
    value = example(known, seed)
    ends = sorted({cut % len(value) for cut in cuts} - {0})
    pieces = [value[start:end] for start, end in pairwise([0, *ends, len(value)])]
    masked = redacted(f"token({joint[0]}{joint.join(pieces)}{joint[-1]})")
    assert not [piece for piece in pieces if len(piece) >= 8 and piece in masked]


@pytest.mark.parametrize("joint", JOINTS)
def test_masks_the_password_of_an_address_that_is_put_together(joint: str) -> None:
    masked = redacted(f"open({joint[0]}postgres://me:{joint}q7Hw2kd9{joint}@db/app{joint[-1]})")
    assert "q7Hw2kd9" not in masked and "postgres" in masked


@settings(deadline=None)
@given(
    st.integers(),
    st.integers(48, 2000),
    st.integers(0, 40),
    st.integers(1, 12),
    st.sampled_from(("\n", "\r\n", '\\n"\n    "')),
)
def test_masks_every_line_of_a_key_in_any_excerpt(seed: int, size: int, first: int, count: int, end: str) -> None:
    body = textwrap.wrap(base64.b64encode(random.Random(seed).randbytes(size)).decode(), 64)
    lines = ["-----BEGIN PRIVATE KEY-----", *body, "-----END PRIVATE KEY-----"]
    masked = redacted(end.join(lines[first : first + count]))
    assert not [line for line in body if len(line) > 15 and line in masked]


@settings(deadline=None)
@given(st.text(), st.data())
def test_masks_what_it_is_told_to_and_keeps_the_lines(text: str, data: st.DataObject) -> None:
    ends = st.integers(0, len(text))
    spans = [Span(*sorted((data.draw(ends), data.draw(ends)))) for _ in range(3)]
    spans = [span for span in spans if span.start < span.end]
    masked = redacted(text, spans)
    line_end = re.compile(r"\r\n|\r|\n")
    inside = [span for span in spans if any("\r" in text[max(at - 1, 0) : at + 1] for at in (span.start, span.end))]
    assert inside or len(line_end.findall(masked)) == len(line_end.findall(text))
    hidden = to_mask(text, spans)
    assert all(any(one.holds(span) for one in hidden) for span in spans)
    assert all(one.end <= other.start for one, other in pairwise(hidden))


@pytest.mark.parametrize(
    "line",
    [
        "token = get_token(request)",
        'password = request.headers["x-password"]',
        "connect(user=user, password=password)",
        "def login(self, password: Optional[str] = None) -> Token:",
        "const token: string = await this.getToken();",
        "apiKey: process.env.API_KEY,",
        "from site_packages.very_long_module_name_v2.submodule import test_of_something_2024_x",
        'path = "/usr/lib/python3.11/site-packages/some_package/files/example_file.py"',
        "https://github.com/acme/project/issues/4575",
        'raise ValueError("the password is wrong")',
        "class AuthenticationTokenExpiredError(Exception): pass",
        "Basic authentication is described in the documentation.",
        "for token in tokens: stack.append(token)",
        "SECRET_KEY = None",
        "x = a if secret else b",
        'raise ValueError("no such file: " + "nothing was read, " "and nothing written")',
        "x = f(\"first\", 'second') + g('third' + \"fourth\", \"\" , '')",
        "assert response.status_code == 200 and response.headers['Content-Type'] == 'application/json'",
        'tokens = header.split(";")',
        'token, rest = line.split("***")',
        'password = password.encode("latin1")',
        "const token: string = process.env.TOKEN!;",
        'PASSWORD_FIELD = "password"',
        '__slots__ = ("token", "filters", "name")',
        'self.check_passwords("new_password1", "new_password2")',
        "def as_uri(self, include_password=False): return self.find(session_key=None).first()",
        'headers["Authorization"] = f"Bearer {self.token}"',
        'client_key = settings["OPTIONS"].get("ssl", {}).get("key")',
        '__author__ = "Ada Lovelace"',
        "from django.utils.deprecation import RemovedInDjango60Warning, get_m2m_db_table",
        'get_format(format or "DATE_FORMAT", lang, use_l10n=use_l10n)',
        "https://web.archive.org/web/20060617175230/http://example.org/",
        "sanitize_url('redis://:********@localhost:6379/0')",
        "key_password (bytes): Password of the key",
        "API_KEY=change-me",
    ],
)
def test_leaves_ordinary_code_alone(line: str) -> None:
    assert redacted(line) == line


def test_masks_the_last_line_of_encoded_data() -> None:
    data = base64.b64encode(random.Random(3).randbytes(58)).decode()
    lines = [data[:64], data[64:]]
    assert lines[1].endswith("==")
    for end in ("\n", "\r\n", '\\n"\n    "'):
        assert lines[1] not in redacted(end.join(lines))


def test_shows_where_something_was() -> None:
    assert redacted('login("bob", password="open sesame")') == f'login("bob", password="{MASK}")'


@pytest.mark.parametrize(
    "context", ["password: VALUE", "PASSWORD=VALUE run", 'secret = "VALUE"', "http://me:VALUE@db/"]
)
@pytest.mark.parametrize("reference", ["${DB_PASSWORD}", "${{ secrets.TOKEN }}", "{{ vault.token }}", "$PGPASSWORD"])
def test_shows_a_reference_which_is_no_secret(context: str, reference: str) -> None:
    text = context.replace("VALUE", reference)
    assert redacted(text) == text


@pytest.mark.parametrize("value", ["${NAME:-q7Hw2kd9Xs}", "$ecretWord9", "${q7Hw2kd9Xs"])
def test_masks_what_only_begins_as_a_reference_does(value: str) -> None:
    assert value.strip("${}:-")[-8:] not in redacted(f"password: {value}")


@pytest.mark.parametrize("value", ["q7Hw2kd9Xs", 'q7"Hw2kd9', "q7/Hw@2kd9é", "q7\\Hw2kd9"])
def test_masks_a_value_wherever_else_it_stands(value: str) -> None:
    escaped, quoted = value.replace("\\", "\\\\").replace('"', '\\"'), urllib.parse.quote(value, safe="")
    text = f'password = "{escaped}"\nrun("-u me:" + "{escaped}")\nopen("/x?{quoted}")\n# {value}\n'
    assert not any(form in redacted(text) for form in (value, escaped, quoted))
