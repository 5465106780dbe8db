from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from tree_sitter import Node

from shipworthy import syntax
from shipworthy.model import Severity, Span
from shipworthy.rule import Found, Hit, Pass, js, plain, py, text_rule
from shipworthy.secrets import names, repair, values
from shipworthy.secrets.context import (
    LITERALS,
    LONGEST_LINE,
    Role,
    Spot,
    content_of,
    is_documentation,
    is_filled_in,
    is_machine_made,
    line_around,
    spot,
)
from shipworthy.secrets.tables import is_in_table
from shipworthy.secrets.values import Look

_TABLE = 6
"""Literals that look random in one collection: more credentials than a program has in one place."""

_CUES = (
    *("token", "Token", "TOKEN", "secret", "Secret", "SECRET", "key", "Key", "KEY", "pwd", "Pwd", "PWD"),
    *("assword", "ASSWORD", "asswd", "ASSWD", "assphrase", "ASSPHRASE", "asscode", "ASSCODE", "redential", "REDENTIAL"),
    *("auth=(", "auth = (", "login(", "earer "),
)
"""What a name holds that may be a credential's, and what else announces one."""

_VALUE = r"[\"'`](?P<{}>[^\"'`\s\\]{{4,200}})[\"'`]"
_FOLLOWING = re.compile(
    # token = "...", API_KEY: str = "...", { secret: "..." }, if password == "..."
    r"\w{0,12}[\"'`\]]{0,2}(?:\s?:[\w.\[\], |]{1,40}(?==))?\s{0,3}(?:=>|!==?|[:=]={0,2})\s{0,3}[bBrRuU]?"
    + _VALUE.format("given")
    # process.env.API_KEY || "...", getenv("API_KEY", "..."), add_argument("--password", default="...")
    + r"|\w{0,12}[\"'`\])]{0,3}\s{0,3}(?:\|\||\?\?|or\b|,)\s{0,3}(?:default\s?=\s?)?"
    + _VALUE.format("instead")
    # auth=("user", "..."), server.login("user", "...")
    + r"|(?<=\()\s*[\"'][^\"'\r\n]{1,100}[\"']\s*,\s*"
    + _VALUE.format("second")
    # Authorization: Bearer ...
    + r"|(?<=earer )(?P<bearer>[A-Za-z0-9._~+/=-]{16,200})"
    # export API_TOKEN=..., ENV PASSWORD ..., token: ... where nothing has quotes
    + r"|\w{0,12}(?:=|:?[ ])(?P<bare>[^\s\"'`$<{(\[%*&!][^\s\"'`]{5,200})(?=\s|\Z)"
)
_BEFORE_BARE = re.compile(r"[ \t]*(?:(?:export|ENV|ARG|set|-)[ \t]+)?(?P<name>[\w.-]*)")
_UNQUOTED_END = re.compile(r"\s+[#;]|[\s,;]+\Z|\s")


def _severity(run: Pass, where: Spot, value: str) -> Severity | None:
    """How much a value in its place matters, if it does."""
    look = values.look(value, where.name)
    if values.is_uuid(value) and names.words(where.name)[-1:] == ["token"]:
        return None
    if where.role is Role.LOOSE or look is Look.NOTHING or not names.is_credential(where.name):
        return None
    if look is Look.WEAK:
        is_plain = where.role in {Role.GIVEN, Role.FALLBACK} and not is_documentation(run.path)
        return Severity.HINT if is_plain and not where.name.lower().rstrip("s").endswith("token") else None
    if where.role is Role.QUOTED or is_documentation(run.path):
        return Severity.HINT if look is Look.RANDOM else None
    return Severity.WARNING


def _judged(run: Pass, span: Span, where: Spot) -> Iterator[Found]:
    start, end = line_around(run.block.text, span)
    if is_machine_made(run.path) or end - start > LONGEST_LINE:
        return
    if where.literal is not None and (is_filled_in(where.literal) or is_in_table(run.block, where.literal, _TABLE)):
        return
    value = run.block.text[where.span.start : where.span.end]
    if where.literal is None and (cut := _UNQUOTED_END.search(value)) is not None:
        value = value[: cut.start()]
    severity = _severity(run, where, value)
    if severity is None:
        return
    at = Span(where.span.start, where.span.start + len(value))
    use = "is the default of" if where.role is Role.FALLBACK else "is given to"
    use = "is compared with" if where.role is Role.COMPARED else use
    message = f"A text of {len(value)} characters {use} `{where.name}`: read it from the environment."
    yield replace(run.finding(at, message, severity=severity, offers=repair.offers(run, where)), anchor=at)


def _of_hit(run: Pass, hit: Hit, node: Node | None) -> Iterator[Found]:
    if hit.code.startswith("detect-secrets:"):
        yield from _judged(run, hit.span, spot(run.block, hit.span))
        return
    for literal in _literals(run, hit.span):
        span = content_of(run.block, literal)
        yield from _judged(run, span, spot(run.block, span))


def _literals(run: Pass, span: Span) -> Iterator[Node]:
    """The literals that a tool means which points at them, at an argument, a call or a function."""
    around = run.block.smallest(span, LITERALS)
    if around is not None:
        yield around
        return
    top = run.block.smallest(
        span, frozenset({"keyword_argument", "call", "function_definition", "assignment", "module"})
    )
    for node in syntax.walk(top, ("block",)) if top is not None else ():
        if node.type in LITERALS and span.overlaps(run.block.span(node)):
            yield node


@text_rule(
    "hardcoded-password",
    severity=Severity.WARNING,
    pattern="|".join(map(re.escape, _CUES)),
    keywords=_CUES,
    hits=(
        "detect-secrets:secret-keyword",
        "detect-secrets:ibm-cloud-iam-key",
        "detect-secrets:ibm-cos-hmac-credentials",
        "detect-secrets:cloudant-credentials",
        "detect-secrets:softlayer-credentials",
        *(f"bandit:B{number}" for number in (105, 106, 107)),
        *(f"ruff:S{number}" for number in (105, 106, 107)),
    ),
    check_hit=_of_hit,
    absorbs=("high-entropy-string",),
    cwe=(798, 259),
    bad=(
        py(
            """
            import logging

            DB_PASSWORD = "«q7<alnum*8>!»"
            """,
            fixed="""
            import logging
            import os

            DB_PASSWORD = os.environ["DB_PASSWORD"]
            """,
        ),
        py(
            'import os\n\nconnect(user="app", password="«q7<alnum*8>!»")',
            fixed='import os\n\nconnect(user="app", password=os.environ["PASSWORD"])',
        ),
        py('settings = {"api_key": "«<hex*32>»"}'),
        py('def login(user, password="«q7<alnum*8>!»"): ...'),
        py('token = os.environ.get("API_TOKEN", "«<alnum*32>»")'),
        py('if password == "«q7<alnum*8>!»": grant()'),
        py('class Settings:\n    api_key: str = "«<alnum*40>»"'),
        py('parser.add_argument("--password", default="«q7<alnum*8>!»")'),
        py(
            'get(url, auth=("me", "«q7<alnum*8>!»"))',
            fixed='import os\n\nget(url, auth=("me", os.environ["PASSWORD"]))',
        ),
        py('headers = {"Authorization": "Bearer «<alnum*40>»"}'),
        py('ADMIN_PASSWORD = "«brigitte»"'),
        js('const clientSecret = "«<alnum*40>»";', fixed="const clientSecret = process.env.CLIENT_SECRET;"),
        js("class Client { private authToken = '«<alnum*40>»'; }", path="client.ts"),
        js('const key = process.env.API_KEY || "«<alnum*40>»";'),
        plain("config.yml", "database:\n  password: «q7<alnum*8>!»\n"),
        plain(".env", "SECRET_KEY=«<alnum*40>»\n"),
        plain("deploy.sh", "export API_TOKEN=«<alnum*40>»\n"),
        plain("Dockerfile", "FROM alpine\nENV DB_PASSWORD «q7<alnum*8>!»\n"),
        plain(".github/workflows/ci.yml", "env:\n  TOKEN: «<alnum*40>»\n"),
    ),
    good=(
        py('password = ""'),
        py('password = "password"'),
        py('PASSWORD_FIELD = "password"'),
        py('password = "Enter your password"'),
        py('password_hash = "<hex*32>"'),
        py('password = os.environ["PASSWORD"]'),
        py('password = f"{user}-secret"'),
        py('password = "%(password)s"'),
        py('api_key_header = "X-Api-Key"'),
        py('secret_name = "prod/db/password1"'),
        py('token_url = "https://acme.io/oauth2/token"'),
        py('if token == "(": pass'),
        py('page_token = "<alnum*32>"'),
        py('API_TOKEN = "your-token-here"'),
        py('password = "q7<alnum*8>!"', path="tests/test_login.py"),
        js('const password = "current-password";'),
        js("const labels = { password: 'Password', secret: 'Client secret' };"),
        js("enum Field { Password = 'p4ssword' }", path="field.ts"),
        plain("config.yml", "database:\n  password: ${DB_PASSWORD}\n"),
        plain("README.md", 'connect(password="Sup3rGood!")\n'),
        plain("deploy.sh", "export API_TOKEN=$(vault read token)\ncurl --password-file /run/x1\n"),
        plain("ci.yml", "env:\n  TOKEN: ${{ secrets.TOKEN }}\n"),
        py('headers = {"Authorization": f"Bearer {token}"}'),
        py('parser.add_argument("--password", help="password1 of the user")'),
        plain("package-lock.json", '"secret": "<alnum*40>"\n'),
    ),
)
def hardcoded_password(run: Pass, cue: re.Match[str]) -> Iterator[Found]:
    """A password, secret or key stands in the code as a plain text.

    Everybody who can read the code knows it, it is the same wherever the code runs, and changing it
    takes a release.

    Change it, and read the new one from the environment or from the project's settings.
    """
    match = _FOLLOWING.match(run.block.text, cue.end())
    if match is None or match.lastgroup is None:
        return
    kind, span = match.lastgroup, Span(*match.span(match.lastgroup))
    where = spot(run.block, span)
    if kind == "bare":
        start, _ = line_around(run.block.text, span)
        before = _BEFORE_BARE.fullmatch(run.block.text, start, match.start())
        if run.block.has_syntax or before is None:
            return
        where = Spot(span, before["name"] + run.block.text[match.start() : span.start].rstrip(":= "), Role.GIVEN)
    elif kind == "bearer":
        is_comment = run.block.has_syntax and run.block.smallest(span, LITERALS) is None
        where = Spot(span, "bearer_token", Role.QUOTED if is_comment else Role.GIVEN)
    elif kind == "second" and where.literal is not None:
        where = replace(where, name="password", role=Role.GIVEN)
    yield from _judged(run, span, where)
