"""Every format finds examples of itself wherever tokens stand, and nothing that merely resembles it."""

from __future__ import annotations

import base64
import importlib
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from shipworthy.model import Severity, Span
from shipworthy.secrets import tokens
from shipworthy.secrets.checksums import check_digits
from shipworthy.secrets.examples import example
from shipworthy.secrets.formats import CLASSES, Format, FormatError, formats, parse, spellings, variants
from shipworthy.testing import expand

ALONE = [pytest.param(known, id=known.id) for known in formats() if known.keywords and "(?<=" not in known.form]
NAMED = [pytest.param(known, id=known.id) for known in formats() if known.near]
EVERY = [pytest.param(known, id=known.id) for known in formats()]
CONTEXTS = ('TOKEN = "{}"', "token: {}\n", "{}", "é {}\r\n", r'"a\n{}\n"', "?token={}&x=1", "Authorization: Bearer {}")
SEEDS = range(5)


def found_in(text: str) -> set[str]:
    return {text[token.span.start : token.span.end] for token in tokens.in_text(text)}


@pytest.mark.parametrize("known", ALONE)
def test_finds_every_form_in_every_place(known: Format) -> None:
    for seed in SEEDS:
        value = example(known, seed)
        for context in CONTEXTS if "(?=" not in known.form else ():
            assert value in found_in(context.format(value)), context


@pytest.mark.parametrize("known", ALONE)
def test_finds_no_part_of_a_longer_word(known: Format) -> None:
    value = example(known)
    for text in (f"x{value}", f"7{value}", f"_{value}"):
        assert not [token for token in tokens.in_text(text) if token.format == known and token.span.start == 1]


@pytest.mark.parametrize("known", NAMED)
def test_finds_a_common_form_behind_the_name_of_its_provider_alone(known: Format) -> None:
    for words in known.near:
        name = variants(words)[0]
        for seed in SEEDS:
            value = example(known, seed)
            for text in (
                f'{name}_api_key = "{value}"',
                f'get("{name.upper()}_TOKEN", "{value}")',
                f"{name}-key: {value}\n",
            ):
                assert value in found_in(text), text
            assert not [token for token in tokens.in_text(f'x = "{value}"') if token.format == known]


@pytest.mark.parametrize("known", EVERY)
def test_says_how_to_revoke_and_what_to_call_it(known: Format) -> None:
    assert known.revoke.startswith("https://")
    assert re.fullmatch(r"[A-Z][A-Z0-9_]+", known.variable)
    assert known.keywords or known.near or known.code
    assert example(known, 1)[: known.fixed] == example(known, 2)[: known.fixed]


def repeats(parts: Any) -> Iterator[tuple[Any, Any, Any]]:
    """Every repetition in a parsed expression: the least and the most, and what is repeated."""
    for kind, about in parts:
        if str(kind) in {"MAX_REPEAT", "MIN_REPEAT"}:
            yield about
        for inner in about if isinstance(about, (tuple, list)) else ():
            for branch in inner if isinstance(inner, list) else (inner,):
                if hasattr(branch, "pattern"):
                    yield from repeats(branch)


def is_cut_in_many_ways(parts: Any) -> bool:
    """Whether one way through an expression is nothing but a repetition of a varying length."""
    if len(parts) != 1:
        return False
    kind, about = parts[0]
    if str(kind) == "BRANCH":
        return any(map(is_cut_in_many_ways, about[1]))
    if str(kind) == "SUBPATTERN":
        return is_cut_in_many_ways(about[3])
    return str(kind) in {"MAX_REPEAT", "MIN_REPEAT"} and about[0] != about[1]


@pytest.mark.parametrize("known", EVERY)
def test_no_form_repeats_a_repetition(known: Format) -> None:
    """A text that nearly has such a form would be cut in every way there is: minutes for a line of 100 characters."""
    parser: Any = importlib.import_module("re._parser")
    for form in filter(None, (known.form, known.beside)):
        assert not [what for _, most, what in repeats(parser.parse(form)) if most > 1 and is_cut_in_many_ways(what)]


def test_no_two_formats_have_one_name_for_two_things() -> None:
    ids = [known.id for known in formats()]
    assert len(ids) == len(set(ids)) > 600


def test_reads_a_table() -> None:
    table = "[Acme]  https://acme.io/keys\n# a remark\naccess token  ac_<hex:8>|bc_<uuid>  severity=warning\n"
    (known,) = parse(table, "acme.txt")
    assert (known.name, known.variable, known.severity) == ("Acme access token", "ACME_ACCESS_TOKEN", Severity.WARNING)
    assert known.keywords == ("ac_", "bc_")
    assert known.form.startswith(f"ac_{CLASSES['hex']}{{8}}|bc_")
    with pytest.raises(FormatError, match=r"acme\.txt:2"):
        list(parse("[Acme]  https://acme.io\nno-form\n", "acme.txt"))


def test_a_name_is_known_in_all_its_spellings() -> None:
    assert spellings(["open", "weather"]) >= {
        "open_weather",
        "OPEN-WEATHER",
        "openWeather",
        "OpenWeather",
        "openweather",
    }
    assert "box" not in spellings(["box", ""])


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
        "secret_thisNameOfASettingIsAsLongAsAnOldNotionToken",
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
