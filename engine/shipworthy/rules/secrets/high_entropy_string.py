from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from shipworthy.document import Block
from shipworthy.model import Severity
from shipworthy.rule import Found, Hit, Pass, hit_rule, js, plain, py
from shipworthy.secrets import assignments, repair, tokens, values
from shipworthy.secrets.context import (
    LONGEST_LINE,
    Role,
    line_around,
    spot,
)
from shipworthy.secrets.tables import is_in_table

_LONGEST = 100
"""Characters: what is longer is data, or a token of a known form."""

_DIGEST = re.compile(
    r"(?i)(?:[0-9a-f]{1,23}|[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{56}|[0-9a-f]{64}|[0-9a-f]{96}|[0-9a-f]{128})\Z"
)
_PUBLIC = re.compile(r"(?:sha\d+[-:=]|md5[-:=]|MII[A-Z]|AAAA[BCE]|ssh-|MCow|MFk|iVBOR|R0lGOD|/9j/|UEsDB|H4sI|data:)")
_ALPHABET = re.compile(r"abcdef|ABCDEF|012345|QWERT|qwert|bcdfgh|BCDFGH|hjkmnp|HJKMNP")
_HARMLESS_NAME = re.compile(
    r"(?i)hash|digest|check_?sum|sha\d|md5|integrity|commit|revision|\brev\b|version|uuid|guid|etag|finger_?print|signature|"
    r"public|cert|alphabet|charset|chars|digits|letters|expected|sample|fixture|nonce|magic|table|data|id$|ids$|"
    r"cipher|modulus|prime|curve|generator|cursor|font|icon|image|svg|path|regex|pattern|name$|class|selector"
)


def _takes(text: Block, path: str, hit: Hit) -> bool:
    """Whether a hit looks drawn at random, on a line where that says anything."""
    value = text.text[hit.span.start : hit.span.end]
    start, end = line_around(text.text, hit.span)
    if end - start > LONGEST_LINE:
        return False
    if len(value) > _LONGEST or not values.is_random(value) or values.is_uuid(value) or values.is_reference(value):
        return False
    if _DIGEST.match(value) or _PUBLIC.match(value) or _ALPHABET.search(value):
        return False
    return not tokens.is_identifier(value) and "base64," not in text.text[start : hit.span.start]


@hit_rule(
    "high-entropy-string",
    severity=Severity.HINT,
    extract=assignments.passed_on,
    hits=("detect-secrets:base64-high-entropy-string", "detect-secrets:hex-high-entropy-string"),
    takes=_takes,
    in_generated=False,
    in_documentation=False,
    cwe=(798,),
    bad=(
        py('import os\n\nSALT = "«<alnum*40>»"', fixed='import os\n\nSALT = os.environ["SALT"]'),
        py('client = Client("«<alnum*40>»")'),
        js('client.init({ site: "«<alnum*40>»" });', fixed="client.init({ site: process.env.SITE });"),
    ),
    good=(
        py('COMMIT = "<hex*40>"'),
        py('client = Client("<hex*32>")'),
        py('id = "123e4567-e89b-12d3-a456-426614174000"'),
        py('ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"'),
        py('name = "some-long-name-of-a-feature-flag-2024"'),
        py('TABLE = ["<alnum*40>", "<alnum*40:2>", "<alnum*40:3>"]'),
        py('public_key = "<alnum*60>"'),
        py('value = "<alnum*40>"', path="tests/test_value.py"),
        plain("package-lock.json", '"integrity": "sha512-<alnum*40>"\n'),
        plain("README.md", 'Client("<alnum*40>")\n'),
    ),
)
def high_entropy_string(run: Pass, hit: Hit, node: Node | None) -> Iterator[Found]:
    """A text looks drawn at random, as keys and tokens are.

    It may be a credential without a name that says so. It may as well be an identifier or a digest:
    this is a hint, and blocks nothing.

    If it opens something, change it and read the new one from the environment.
    """
    if not _takes(run.block, run.path, hit):
        return
    value = run.block.text[hit.span.start : hit.span.end]
    where = spot(run.block, hit.span)
    if where.role in {Role.QUOTED, Role.COMPARED} or _HARMLESS_NAME.search(where.name):
        return
    if where.literal is not None and is_in_table(run.block, where.literal, 2):
        return
    if run.facts.is_placeholder(value):
        return
    is_passed_on = where.name.isidentifier() and run.block.has_syntax and where.name in run.facts[run.rule.id]
    severity = Severity.WARNING if is_passed_on else None
    message = (
        f"A text of {len(value)} characters looks drawn at random: if it opens something, keep it out of the code."
    )
    yield run.finding(where.span, message, severity=severity, offers=repair.offers(run, where))
