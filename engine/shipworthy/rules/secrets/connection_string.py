from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from tree_sitter import Node

from shipworthy.document import Block
from shipworthy.model import Severity, Span
from shipworthy.rule import Found, Hit, Pass, js, plain, py, text_rule
from shipworthy.secrets import cues, repair, values
from shipworthy.secrets.context import LITERALS, is_documentation, line_around, spot
from shipworthy.secrets.values import Look

_PASSWORD = r"[^\s@'\"`<>\\/?]{1,200}"
_URL = rf"://(?P<user>[^\s:/@'\"`<>\\?#]{{0,100}}):(?P<password>{_PASSWORD})@(?P<host>[^\s/:'\"`\\?#,;)\]]*)"
_PAIR = r"(?:[Pp]assword|PASSWORD|[Pp]wd|PWD)\s?=\s?(?P<value>[^\s;'\"`&<>)]{4,200})"
_HOST = re.compile(
    r"(?i)(?:^|[;\s\"'?&])(?:server|data source|host|hostname|hostaddr|address|addr)\s?=\s?(?P<host>[^\s;&'\"]+)"
    r"|://(?P<url>[^\s/:'\"@]+)[^\s'\"]*[?&;]"
)
_NEAR = 300
"""Characters around a password in which the host that it belongs to is looked for."""

_HERE = re.compile(
    r"(?i)(?:|localhost|.*\.(?:localhost|local|test|invalid)|127\.[\d.]+|0\.0\.0\.0|\[?::1\]?|(?:.*\.)?example(?:\.\w+)?"
    r"|\.{3}|host(?:name)?|hostname.*|your.*|my.*|server\w*|domain.*|some.*|foo.*|bar.*|test.*)"
)
"""Hosts that are this machine or stand for any."""


def _severity(path: str, password: str, user: str, host: str) -> Severity | None:
    """How much a password for a host matters, if it does."""
    look = values.look(password, f"password_{user}")
    is_shown = is_documentation(path)
    if look is Look.NOTHING or (_HERE.fullmatch(host) and (is_shown or look < Look.MADE)):
        return None
    if look is Look.WEAK:
        return Severity.HINT if "." in host and not is_shown else None
    if _HERE.fullmatch(host):
        return Severity.HINT
    if is_shown:
        return Severity.WARNING if look is Look.RANDOM else Severity.HINT
    return Severity.ERROR if "." in host or values.is_template(host) else Severity.WARNING


def _weighed(path: str, match: re.Match[str]) -> tuple[Span, Severity | None]:
    """The password of a match, and how much it matters, if it does."""
    if match["password"] is not None:
        return Span(*match.span("password")), _severity(path, match["password"], match["user"], match["host"])
    span = Span(*match.span("value"))
    begin, stop = max(span.start - _NEAR, 0), span.end + _NEAR
    start, end = line_around(match.string[begin:stop], span.shifted(-begin))
    host = _HOST.search(match.string, begin + start, begin + end)
    return span, _severity(path, match["value"], "", host["host"] or host["url"]) if host is not None else None


def _judged(run: Pass, match: re.Match[str]) -> Iterator[Found]:
    text = run.block.text
    span, severity = _weighed(run.path, match)
    if severity is None or run.facts.is_placeholder(text[span.start : span.end]):
        return
    if match["password"] is None and run.block.has_syntax and run.block.smallest(span, LITERALS) is None:
        return
    message = (
        f"A connection string holds its password ({span.end - span.start} characters): "
        "change the password, and read the string from the environment."
    )
    offers = repair.offers(run, spot(run.block, span), "DATABASE_URL")
    yield replace(run.finding(span, message, severity=severity, offers=offers), anchor=span)


def _of_hit(run: Pass, hit: Hit, node: Node | None) -> Iterator[Found]:
    match = _around(run.block.text, hit)
    if match is not None:
        yield from _judged(run, match)


def _around(text: str, hit: Hit) -> re.Match[str] | None:
    return _ANY.match(text, max(text.rfind("://", 0, hit.span.start), 0))


def _takes(text: Block, path: str, hit: Hit) -> bool:
    match = _around(text.text, hit)
    return match is not None and _weighed(path, match)[1] is not None


def _places(text: Block, path: str) -> Iterator[Span]:
    """Where a password stands that matters."""
    for cue in cues.find(text.text).get(cues.Kind.CONNECTION, ()):
        match = _ANY.match(text.text, cue.start)
        if match is not None and (weighed := _weighed(path, match))[1] is not None:
            yield weighed[0]


_ANY = re.compile(f"{_URL}|{_PAIR}")


@text_rule(
    "connection-string",
    severity=Severity.ERROR,
    pattern=_ANY.pattern,
    keywords=("://", "assword=", "ASSWORD=", "assword =", "wd=", "WD="),
    places=_places,
    hits=("detect-secrets:basic-auth-credentials",),
    takes=_takes,
    in_generated=False,
    check_hit=_of_hit,
    absorbs=("hardcoded-password", "high-entropy-string"),
    cwe=(798,),
    bad=(
        py(
            'import os\n\nDATABASE_URL = "postgres://app:«q7<alnum*12>!»@db.acme.io/app"',
            fixed='import os\n\nDATABASE_URL = os.environ["DATABASE_URL"]',
        ),
        py('engine = create_engine(f"mysql://root:«q7<alnum*12>»@{host}/shop")'),
        js('mongoose.connect("mongodb+srv://admin:«q7<alnum*12>»@cluster0.ab1cd.mongodb.net/shop");'),
        plain("config.yaml", "broker: amqp://worker:«q7<alnum*12>»@10.2.3.4:5672/\n"),
        plain("appsettings.json", '{"Db": "Server=sql.acme.io;User Id=sa;Password=«q7<alnum*12>»;"}\n'),
        plain("run.sh", 'psql "host=db.acme.io user=app password=«q7<alnum*12>»"\n'),
    ),
    good=(
        py('url = "postgres://user:password@localhost/test"'),
        py('url = "https://user:pass@example.com/"'),
        py('url = f"postgres://{user}:{password}@{host}/app"'),
        py('url = "redis://:%s@cache.acme.io" % password'),
        py('broker = "amqp://guest:guest@rabbitmq:5672//"'),
        py("connect(host=host, password=password)"),
        js("const url = `postgres://${user}:${password}@${host}/app`;"),
        plain("docker-compose.yml", "url: postgres://postgres:${POSTGRES_PASSWORD}@db/app\n"),
        plain("README.md", "Connect with `postgres://me:q7<alnum*12>@localhost/app`.\n"),
        plain("notes.txt", "See http://host:80/a@b and mailto:someone@acme.io.\n"),
    ),
)
def connection_string(run: Pass, match: re.Match[str]) -> Iterator[Found]:
    """A connection string holds the password of a user on a server.

    Everybody who can read the code can log in there, and whoever runs the code elsewhere, by mistake
    or in a test, works on that server's data.

    Change the password, and read the whole string from the environment, so that each place has its own.
    """
    yield from _judged(run, match)
