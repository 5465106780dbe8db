from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from tree_sitter import Node

from shipworthy import syntax
from shipworthy.document import Block
from shipworthy.model import Severity, Span
from shipworthy.rule import Found, Hit, Pass, js, plain, py, text_rule
from shipworthy.secrets import assignments, names, repair, values
from shipworthy.secrets.assignments import Candidate
from shipworthy.secrets.context import (
    LINES,
    LITERALS,
    LONGEST_LINE,
    Role,
    Spot,
    content_of,
    is_documentation,
    is_filled_in,
    is_remark,
    is_sealed,
    line_around,
    lines_around,
    section,
    spot,
)
from shipworthy.secrets.tables import is_in_table
from shipworthy.secrets.values import Look

_TABLE = 6
"""Literals that look random in one collection: more credentials than a program has in one place."""

_UNQUOTED_END = re.compile(r"\s+[#;]|[\s,;})\]]+\Z|\s")


def _severity(run: Pass, where: Spot, value: str) -> Severity | None:
    """How much a value in its place matters, if it does."""
    look = values.look(value, where.name)
    if values.is_uuid(value) and not names.is_issued(where.name):
        return None
    if where.role is Role.LOOSE or look is Look.NOTHING or not _is_credential(run, where, look, value):
        return None
    if look is Look.WEAK:
        is_plain = where.role in {Role.GIVEN, Role.FALLBACK} and not is_documentation(run.path)
        return Severity.HINT if is_plain and not where.name.lower().rstrip("s").endswith("token") else None
    if where.role is Role.QUOTED or is_documentation(run.path):
        return Severity.HINT if look is Look.RANDOM else None
    is_sure = look is Look.RANDOM and _is_beside_its_id(run, where)
    return Severity.ERROR if is_sure else Severity.WARNING


_CLIENT_SECRET = re.compile(r"(?i)(?:client|consumer|app)[_.-]?secret\Z")
_CLIENT_ID = re.compile(
    r"(?i)(?:client|consumer|app)[_.-]?(?:id|key)[\"'\]]{0,3}\s?(?:=>|[=:,])\s?[\"'`]?(?P<value>[\w.@/-]{8,120})(?![\w.(\[])"
)


def _is_beside_its_id(run: Pass, where: Spot) -> bool:
    """Whether an OAuth client's secret stands in the lines around its identifier: together they open something."""
    if not _CLIENT_SECRET.search(where.name):
        return False
    start, end = lines_around(run.block.text, where.span, LINES)
    found = (match["value"] for match in _CLIENT_ID.finditer(run.block.text, start, end))
    return any(any(map(str.isdigit, value)) and not values.is_evident_fake(value) for value in found)


def _is_credential(run: Pass, where: Spot, look: Look, value: str) -> bool:
    """Whether a value is called like a credential, or given to something in its file that is."""
    if names.is_credential(where.name):
        return True
    if look is Look.RANDOM and names.is_key(where.name) and not values.is_hexadecimal(value):
        return True
    is_given = where.role is Role.GIVEN and look >= Look.MADE and where.name.isidentifier()
    return is_given and run.block.has_syntax and where.name in run.facts[run.rule.id]


def _judged(run: Pass, span: Span, where: Spot) -> Iterator[Found]:
    start, end = line_around(run.block.text, span)
    if end - start > LONGEST_LINE:
        return
    if not run.block.has_syntax and where.name.lower() == "key":
        where = replace(where, name=f"{section(run.block.text, where.span.start)}_key")
    if where.literal is not None and (is_filled_in(where.literal) or is_in_table(run.block, where.literal, _TABLE)):
        return
    value = run.block.text[where.span.start : where.span.end]
    is_quoted = run.block.text[where.span.start - 1 : where.span.start] in {'"', "'", "`"}
    if where.literal is None and not is_quoted:
        value = _cut(value)
    severity = _severity(run, where, value)
    if severity is None or run.facts.is_placeholder(value) or is_sealed(run.block):
        return
    at = Span(where.span.start, where.span.start + len(value))
    use = "is the default of" if where.role is Role.FALLBACK else "is given to"
    use = "is compared with" if where.role is Role.COMPARED else use
    message = f"A text of {len(value)} characters {use} `{where.name}`: read it from the environment."
    yield replace(run.finding(at, message, severity=severity, offers=repair.offers(run, where)), anchor=at)


def _places(text: Block, path: str) -> Iterator[Span]:
    """Where a candidate stands that may be told of, whatever syntax says of its place."""
    spans = (candidate.span for candidate in assignments.candidates(text.text, has_syntax=text.has_syntax))
    return (span for span in spans if _may_be_told(text, path, span))


def _takes(text: Block, path: str, hit: Hit) -> bool:
    """Whether a hit may be told of. Tools that know syntax have theirs behind a name."""
    if hit.code.startswith("detect-secrets:"):
        return _may_be_told(text, path, hit.span)
    start, end = hit.span.start, hit.span.end
    if _NAMED.search(text.text, start, end + _ESCAPED) is None or _GETS.match(text.text, end) is None:
        return False
    least = _least(path, _name_around(text.text, hit.span))
    return any(values.most(value) >= least for value in assignments.behind(text.text, end))


def _least(path: str, name: str) -> Look:
    """What a value must look like under a name to be told of; see `_severity` and `_is_credential`."""
    if is_documentation(path):
        return Look.RANDOM
    is_weak_told = names.is_credential(name) and not name.lower().rstrip("s").endswith("token")
    return Look.WEAK if is_weak_told or "\\" in name else Look.MADE


def _name_around(text: str, span: Span) -> str:
    """The name that a part of it stands in; with the escapes that hide another part."""
    before = _NAME_END.search(text[max(span.start - _LONGEST_NAME, 0) : span.start])
    behind = _NAME_START.match(text, span.end, span.end + _LONGEST_NAME)
    parts = (before[0] if before else "", text[span.start : span.end].strip("\"'"), behind[0] if behind else "")
    return "".join(parts)


_NAME_END, _NAME_START = re.compile(r"[\w\\-]*\Z"), re.compile(r"[\w\\-]*")
_LONGEST_NAME = 100

_NAMED = re.compile(r"(?i)pas+wo?r?d|passphrase|pass|pwd|token|secret")
_GETS = re.compile(r"[\w\\]*(?:[\"'\])}\s\\]*(?:[=!<>#]|(?:in|is|not)\b)|[\"'\\][\"'\])\s\\]*:|\s*:[ \t]*[^\s])")
"""How a program goes on behind a name that gets a value, or is compared with one."""

_ESCAPED = 32
"""Characters behind the beginning of an escape in which a name is looked for."""


def _may_be_told(text: Block, path: str, span: Span) -> bool:
    """Whether a value at a span may be told of: the text itself, or the longer literal that it is a part of."""
    value = text.text[span.start : span.end]
    least = Look.RANDOM if is_documentation(path) else Look.WEAK
    if values.most(value) >= least or values.most(_cut(value)) >= least:
        return True
    return text.has_syntax and not _is_alone(text.text, span)


def _cut(value: str) -> str:
    """A value without quotes, as far as it goes."""
    end = _UNQUOTED_END.search(value)
    return value[: end.start()] if end is not None else value


def _is_alone(text: str, span: Span) -> bool:
    """Whether no quotes but those of the value itself stand around it up to the next space."""
    before = re.split(r"\s", text[max(span.start - _UP_TO, 0) : span.start])[-1]
    behind = re.split(r"\s", text[span.end : span.end + _UP_TO], maxsplit=1)[0]
    if before[-1:] == behind[:1]:
        before, behind = before[:-1], behind[1:]
    return _QUOTE.search(before + behind) is None and max(len(before), len(behind)) < _UP_TO - 1


_QUOTE = re.compile("[\"'`]")
_UP_TO = 600
"""Characters: more than the longest value has."""


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
    pattern=r"\A",
    keywords=assignments.keywords(),
    places=_places,
    extract=assignments.passed_on,
    hits=(
        "detect-secrets:secret-keyword",
        "detect-secrets:ibm-cloud-iam-key",
        "detect-secrets:ibm-cos-hmac-credentials",
        "detect-secrets:cloudant-credentials",
        "detect-secrets:softlayer-credentials",
        *(f"bandit:B{number}" for number in (105, 106, 107)),
        *(f"ruff:S{number}" for number in (105, 106, 107)),
    ),
    takes=_takes,
    in_generated=False,
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
        plain("app.toml", 'client_id = "<digit*12>-web"\nclient_secret = "«<alnum*40>»"\n'),
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
        py('def get():\n    """As in `get -u me:q7<alnum*8>! --token=q7<alnum*8>!`."""'),
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
        js("const labels = { api_key: 'Breez API Key (can be empty)' };"),
        js("const labels = { password: 'Password', secret: 'Client secret' };"),
        js("enum Field { Password = 'p4ssword' }", path="field.ts"),
        plain("config.yml", "database:\n  password: ${DB_PASSWORD}\n"),
        plain("config.yml", '# database:\n#   password: "q7<alnum*8>!"\n'),
        plain("example_config.yml", 'password: "q7<alnum*8>!"\n'),
        plain("README.md", 'connect(password="Sup3rGood!")\n'),
        plain("deploy.sh", "export API_TOKEN=$(vault read token)\ncurl --password-file /run/x1\n"),
        plain("ci.yml", "env:\n  TOKEN: ${{ secrets.TOKEN }}\n"),
        py('headers = {"Authorization": f"Bearer {token}"}'),
        py('parser.add_argument("--password", help="password1 of the user")'),
        plain("package-lock.json", '"secret": "<alnum*40>"\n'),
    ),
)
def hardcoded_password(run: Pass, start: re.Match[str]) -> Iterator[Found]:
    """A password, secret or key stands in the code as a plain text.

    Everybody who can read the code knows it, it is the same wherever the code runs, and changing it
    takes a release.

    Change it, and read the new one from the environment or from the project's settings.
    """
    seen: set[Span] = set()
    for candidate in assignments.candidates(run.block.text, has_syntax=run.block.has_syntax):
        if candidate.span not in seen:
            seen.add(candidate.span)
            is_said = candidate.is_bare or not candidate.name
            found = _judged(run, candidate.span, _where(run, candidate))
            yield from (one for one in found if is_said or one.severity is not Severity.HINT)


def _where(run: Pass, candidate: Candidate) -> Spot:
    """The place of a candidate: what its shape says, where syntax says no more."""
    where = spot(run.block, candidate.span)
    if not candidate.name:
        return where
    if is_remark(run.block, candidate.span):
        return Spot(candidate.span, candidate.name, Role.QUOTED)
    if candidate.is_bare:
        return Spot(candidate.span, candidate.name, Role.GIVEN)
    if run.block.has_syntax and where.literal is None and run.block.smallest(candidate.span, LITERALS) is None:
        return replace(where, name=candidate.name, role=Role.QUOTED)
    literal = where.literal if where.span == candidate.span else None
    return Spot(candidate.span, candidate.name, Role.GIVEN, literal)
