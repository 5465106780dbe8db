"""Every format finds its own stand-in wherever tokens stand, and nothing that merely resembles it."""

from __future__ import annotations

import base64
import json

import pytest

from shipworthy.model import Severity, Span
from shipworthy.secrets import tokens
from shipworthy.secrets.checksums import check_digits
from shipworthy.secrets.formats import FORMATS
from shipworthy.secrets.formats.model import Format
from shipworthy.testing import expand

WRITTEN = [pytest.param(known, id=known.id) for known in FORMATS if known.stand_in and known.keywords]
CONTEXTS = (
    'TOKEN = "{}"',
    "token: {}\n",
    "{}",
    "é {}\r\n",
    r'"a\n{}\n"',
    "?token={}&x=1",
    "Authorization: Bearer {}",
    "%3D{}'",
)


@pytest.mark.parametrize("known", WRITTEN)
def test_finds_every_form_in_every_place(known: Format) -> None:
    for seed in range(20):
        value = expand(known.stand_in, seed)
        for context in CONTEXTS:
            text = context.format(value)
            found = [(token.format.name, text[token.span.start : token.span.end]) for token in tokens.in_text(text)]
            assert (known.name, value) in found


@pytest.mark.parametrize("known", WRITTEN)
def test_finds_no_part_of_a_longer_word(known: Format) -> None:
    value = expand(known.stand_in)
    for text in (f"x{value}", f"7{value}", f"_{value}"):
        assert not [token for token in tokens.in_text(text) if token.format == known and token.span.start == 1]


@pytest.mark.parametrize("known", WRITTEN)
def test_says_how_to_revoke_and_what_to_call_it(known: Format) -> None:
    assert known.revoke.startswith("https://")
    assert known.variable.isupper()
    assert expand(known.stand_in, 1)[: known.fixed] == expand(known.stand_in, 2)[: known.fixed]


def test_no_two_formats_have_one_name_for_two_things() -> None:
    ids = [known.id for known in FORMATS]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize(
    "value",
    [
        "AKIAIOSFODNN7EXAMPLE",
        "ghp_" + "x" * 36,
        "ghp_" + "0123456789" * 3 + "012345",
        "glpat-" + "abcd" * 5,
        "sk-proj-your-key-goes-here-" + "a1B2c3D4" * 4,
        "xoxb-123456789012-123456789012-" + "x" * 24,
        "hf_" + "ab" * 17,
        "https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX",
    ],
)
def test_leaves_evident_stand_ins_alone(value: str) -> None:
    assert list(tokens.in_text(f'token = "{value}"')) == []


@pytest.mark.parametrize("prefix", ["ghp_", "npm_"])
def test_a_wrong_checksum_makes_a_doubtful_token(prefix: str) -> None:
    body = expand("<alnum*30>")
    right, wrong = prefix + body + check_digits(body), prefix + body + check_digits(body[::-1])
    assert [token.severity for token in tokens.in_text(right)] == [Severity.ERROR]
    assert [token.severity for token in tokens.in_text(wrong)] == [Severity.WARNING]


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    ("header", "payload", "is_token"),
    [({"alg": "HS256"}, {"sub": "1"}, True), ({"typ": "x"}, {"sub": "1"}, False), ({"alg": "HS256"}, ["sub"], False)],
)
def test_a_json_web_token_is_one_by_what_it_says(header: object, payload: object, is_token: bool) -> None:
    token = f"{part(header)}.{part(payload)}.{expand('<alnum*43>')}"
    assert bool(list(tokens.in_text(f"x = '{token}'"))) is is_token


def test_a_discord_token_begins_with_the_number_of_a_user() -> None:
    user = base64.b64encode(b"914360732810715136").decode()
    right = f"{user}.{expand('<alnum*6>')}.{expand('<alnum*38>')}"
    wrong = f"M{expand('<alnum*23>')}.{expand('<alnum*6>')}.{expand('<alnum*38>')}"
    for value, count in ((right, 1), (wrong, 0)):
        text = f'"{value}"'
        found = list(tokens.of_hit("detect-secrets:discord-bot-token", text, Span(1, len(text) - 1)))
        assert len(found) == count
