from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from tree_sitter import Node

from shipworthy.model import Place, Severity
from shipworthy.rule import Found, Hit, Pass, js, plain, py, text_rule
from shipworthy.secrets import names, repair, tokens, values
from shipworthy.secrets.context import Role, Spot, is_documentation, is_machine_made, is_remark, spot
from shipworthy.secrets.tables import is_in_table
from shipworthy.secrets.tokens import Token
from shipworthy.secrets.values import Look

_TABLE = 3
"""Literals that look random in one collection: more credentials than a program has in one place."""

_FIREBASE = ("authDomain", "firebaseapp.com", "firebaseConfig", "messagingSenderId")
"""What stands next to a Google key that is meant to be seen: it names a project and opens nothing."""


_NO_SECRET = re.compile(
    r"(?i)(?:^|[._-])(?:id|ids|url|uri|host|domain|user(?:name)?|e?mail|name|version|hash|digest|etag)\Z"
)
"""How a name ends that holds a provider's, but no secret of it."""


def _named_severity(run: Pass, token: Token, where: Spot) -> Severity | None:
    """How much a value matters that only its provider's name gives away, if it does."""
    value = run.block.text[token.span.start : token.span.end]
    if run.in_test or is_machine_made(run.path) or where.role not in {Role.GIVEN, Role.FALLBACK}:
        return None
    if _NO_SECRET.search(where.name) or (values.look(value, where.name) < Look.MADE and not values.is_uuid(value)):
        return None
    if not names.is_credential(where.name) and not names.is_credential(token.named.strip("\"'`:=> \t,([")):
        return None
    if where.literal is not None and is_in_table(run.block, where.literal, _TABLE):
        return None
    if is_documentation(run.path):
        return Severity.HINT
    is_random = values.is_random(value) or values.is_uuid(value)
    return token.severity if is_random else min(token.severity, Severity.WARNING)


_HEX = re.compile(r"[0-9a-fA-F]+")


def _paired_severity(run: Pass, token: Token, where: Spot) -> Severity | None:
    """How much a value matters that stands near the identifier of an account, if it does."""
    value = run.block.text[token.span.start : token.span.end]
    if run.in_test or is_machine_made(run.path) or not values.is_random(value):
        return None
    if not names.is_credential(where.name) and (where.name or _HEX.fullmatch(value)):
        return None
    if where.literal is not None and is_in_table(run.block, where.literal, _TABLE):
        return None
    return Severity.HINT if is_documentation(run.path) else token.severity


def _severity(run: Pass, token: Token, where: Spot) -> Severity | None:
    if token.beside is not None:
        return _paired_severity(run, token, where)
    return _named_severity(run, token, where) if token.named else token.severity


def _judged(run: Pass, given: Iterable[Token]) -> Iterator[Found]:
    """A finding for each token; of an identifier and the token that belongs to it, for the latter alone."""
    pairs = tokens.paired(run.block.text)
    said = {one.beside for one in pairs if _paired_severity(run, one, spot(run.block, one.span)) is not None}
    for token in given:
        where = spot(run.block, token.span)
        known, severity = token.format, _severity(run, token, where)
        if severity is None or token.span in said:
            continue
        if run.in_test and severity is not Severity.ERROR:
            continue
        has_own_form = severity is Severity.ERROR and not token.named
        if not has_own_form and run.facts.is_placeholder(run.block.text[token.span.start : token.span.end]):
            continue
        is_public = known.id == "google-api-key" and any(mark in run.block.text for mark in _FIREBASE)
        is_minor = severity is not Severity.ERROR or known.id == "aws-access-key"
        if is_public or (is_minor and (is_documentation(run.path) or is_remark(run.block, token.span))):
            severity = Severity.HINT
        length = token.span.end - token.span.start
        doubt = "" if token.is_sure else ", though its checksum is wrong"
        message = (
            f"{known.name} in the code ({length} characters{doubt}): "
            f"revoke it, and read the new one from the environment. {known.revoke}"
        )
        offers = repair.offers(run, where, known.variable, known.revoke)
        related = [Place(token.beside, "The identifier that it belongs to.")] if token.beside is not None else []
        found = run.finding(token.span, message, severity=severity, related=related, offers=offers)
        yield replace(found, anchor=token.span)


def _of_hit(run: Pass, hit: Hit, node: Node | None) -> Iterator[Found]:
    return _judged(run, tokens.of_hit(hit.code, run.block.text, hit.span))


@text_rule(
    "hardcoded-token",
    severity=Severity.ERROR,
    pattern=r"\A",
    keywords=tokens.keywords(),
    places=tokens.places,
    hits=tokens.codes(),
    check_hit=_of_hit,
    in_tests=True,
    absorbs=("connection-string", "hardcoded-password", "high-entropy-string"),
    cwe=(798,),
    bad=(
        py(
            """
            import logging

            client = Client(token="«ghp_<alnum*36>»")
            """,
            fixed="""
            import logging
            import os

            client = Client(token=os.environ["TOKEN"])
            """,
        ),
        py(
            'import os as system\n\nSTRIPE = b"«sk_live_<alnum*24>»"',
            fixed='import os as system\n\nSTRIPE = system.environ["STRIPE_SECRET_KEY"].encode()',
        ),
        js(
            'const options = { apiKey: "«sk-ant-api03-<alnum*93>AA»" };',
            fixed="const options = { apiKey: process.env.API_KEY };",
        ),
        js("fetch(url, { headers: { Authorization: `Bearer «glpat-<alnum*20>»` } });", path="example.ts"),
        py("# export SLACK_TOKEN=«xoxb-<digit*12>-<digit*12:2>-<alnum*24>»"),
        plain("notes.txt", "AKIA<base32*16>\n«<alnum*40>»\n"),
        py('client = Session("AKIA<base32*16>", "«<alnum*40>»")'),
        py('account, checksum = "«AC<hex*32>»", "<hex*32>"'),
        plain("settings.yaml", "aws:\n  key: «AKIA<base32*16>»\n"),
        plain(".npmrc", "//npm.example.com/:_authToken=«npm_<alnum*36>»\n"),
        py('TOKEN = "«dop_v1_<hex*64>»"', path="tests/test_client.py"),
    ),
    good=(
        py('AWS_KEY = "AKIAIOSFODNN7EXAMPLE"'),
        py('token = "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"'),
        py('PREFIXES = ("ghp_", "glpat-", "xoxb-")'),
        py('name = "task-<alnum*30>"'),
        py('TOKEN = "npm_<alnum*36>"', path="tests/test_npm.py"),
        js('const sum = "<hex*40>";'),
        plain("README.md", "Set `GITHUB_TOKEN=ghp_123456789012345678901234567890123456`."),
    ),
)
def hardcoded_token(run: Pass, start: re.Match[str]) -> Iterator[Found]:
    """A provider's token stands in the code.

    Whoever reads the repository, or finds a copy of it, can use the token in your name, and git keeps
    it for as long as the history exists. Bots find tokens in public repositories within minutes.

    Revoke the token first: taking it out of the file does not take it out of the history. Then issue
    a new one and read it from the environment or from a secret store.
    """
    return _judged(run, tokens.in_text(run.block.text))
