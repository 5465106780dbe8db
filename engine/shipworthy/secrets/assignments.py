"""Where values get names: assignments, arguments, settings, commands, queries, in every kind of file.

A text in, candidates out: the span of a value and what it is called. Which of them are secrets is for
the rule to say. Every shape stands behind a cue, so that most text is passed over at once.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass

from ahocorasick_rs import AhoCorasick

from shipworthy.document import Block
from shipworthy.model import Span
from shipworthy.secrets.values import folded


@dataclass(frozen=True, slots=True)
class Candidate:
    """A value in its text. `name`: what it is called, if the shape says so; else its place says it.

    `is_bare`: it has no quotes, and stands on a line that gives values to names.
    """

    span: Span
    name: str = ""
    is_bare: bool = False


CUES = (
    *("token", "secret", "key", "pwd", "passw", "passphrase", "passcode", "credential", "auth", "bearer", "login"),
    *("jwt.", "hmac", "fernet", "compare_digest", "securestring", ":5432:"),
    *("apikey", "identified by", "curl", "mysql", "sshpass", "redis", "requirepass", "pass=", "pass:", "pass ="),
)
"""What announces a value, in lower case: a name that may be a credential's, or a command that takes one."""


def keywords() -> tuple[str, ...]:
    """The cues as they are usually written."""
    spelt = {spelt for cue in CUES for spelt in (cue, cue.upper(), cue.capitalize())}
    return tuple(sorted(spelt | {"SecureString", "createHmac", "apiKey"}))


def _quoted(group: str) -> str:
    """The expression of a value in quotes of any kind, those within a text of another language too."""
    return rf"[bBrRuUfF@$]{{0,2}}\\?[\"'`]{{1,3}}(?P<{group}>[^\"'`\s\\]{{4,200}})\\?[\"'`]"


_TYPE = r"(?:\s?:\s?[\w.\[\], |]{1,40}(?=\s?=))?"
_OPEN = r"(?:[\w.$]{1,40}\(|[\[({]){0,2}\s{0,3}"
_FOLLOWING = re.compile(
    # token = "...", API_KEY: str = "...", { secret: "..." }, if password == "..."
    rf"[\w-]{{0,12}}\\?[\"'`\])]{{0,3}}{_TYPE}\s{{0,9}}(?:=>|:=|!==?|={{1,3}}|:)\s{{0,3}}{_OPEN}{_quoted('given')}"
    # process.env.API_KEY || "...", getenv("API_KEY", "..."), put("password", "..."), option("--token", default="...")
    r"|\w{0,12}[\"'`\])]{0,3}\s{0,3}(?:\|\||\?\?|or\b|,)\s{0,3}(?:default\s?=\s?)?"
    rf"{_quoted('instead')}"
    # set_password("...")
    rf"|\w{{0,12}}\(\s{{0,3}}{_quoted('only')}\s{{0,3}}\)"
)
_GETS = r"(?:\s{0,3}[=:]\s{0,9}|[ ])(?:!!str[ ]|&\w+[ ]|[>|][-+]?\r?\n[ ]+)?"
_BARE = re.compile(
    # export API_TOKEN=..., ENV PASSWORD ..., api.key = ..., token: ... where nothing has quotes
    rf"[\w-]{{0,12}}{_GETS}(?P<bare>[^\s\"'`$<{{(\[%*&!|>@#,;][^\s\"'`<>;]{{5,200}})(?=[\s;#,}}]|\Z)"
)
_BEFORE_BARE = re.compile(
    r"[ \t]*(?:(?:export|ENV|ARG|set|setx|declare -x|-|env)[ \t]+)?(?:[\w.]+=\S*[ \t]+){0,6}[{]?(?P<name>[\w.:/-]*)"
)
_INSIDE = (
    # https://host/?access_token=...
    re.compile(r"(?<=[?&])(?P<name>[\w.-]{2,40})=(?P<value>[^\s\"'`&<>{}$\\#]{8,200})"),
    # <password>...</password>, <entry key="password">...</entry>
    re.compile(r"<(?P<name>[\w.:-]{2,60})>\s?(?P<value>[^\s<>$%{\"]{6,200})\s?</"),
    re.compile(r"(?:name|key|id)=\"(?P<name>[\w.:-]{2,60})\"[^<>]{0,60}>\s?(?P<value>[^\s<>$%{\"]{6,200})\s?</"),
    # <add key="ApiKey" value="..."/>
    re.compile(r"(?:name|key)=[\"'](?P<name>[\w.:-]{2,60})[\"']\s+value=[\"'](?P<value>[^\s\"'<>]{6,200})[\"']"),
    # - name: API_TOKEN\n  value: ..., {"name": "API_TOKEN", "value": "..."}
    re.compile(
        r"[\"']?(?:name|key|Name)[\"']?\s?:\s?[\"']?(?P<name>[\w.-]{2,60})[\"']?,?\s{1,40}"
        r"[\"']?[vV]alue[\"']?\s?:\s?[\"']?(?P<value>[^\s\"'`<>{}$,]{6,200})"
    ),
    # variable "db_password" { default = "..." }
    re.compile(r"variable\s+\"(?P<name>[\w-]+)\"\s*\{[^{}]{0,300}?default\s*=\s*\"(?P<value>[^\s\"${]{6,200})\""),
    # PASSWORD '...', IDENTIFIED BY '...'
    re.compile(r"(?i)(?P<name>PASSWORD)(?:\s*=)?\s+'(?P<value>[^\s'\"%$:?{]{6,200})'"),
    # Authorization: Token ..., X-Api-Key: ...
    re.compile(
        r"(?P<name>[Xx]-[\w-]{2,30}|[\w-]{0,20}[Aa]uthorization)\\?[\"']?\s{0,2}[:,=]\s{0,2}\\?[\"']?"
        r"(?:(?i:token|bearer|apikey|basic|key)\s+)?(?P<value>[\w.~+/=-]{12,300})\\?(?=[\"'`\s]|\Z)"
    ),
    # --password ..., --set db.password=...
    re.compile(
        r"(?:--|\s)(?P<name>[\w.-]{0,40}(?i:password|passwd|token|secret|api-?key|accesskey|secret_access_key))"
        r"(?:[ =]|[\"'],\s?[\"'])[\"']?(?P<value>[^\s\"'`$<>{(\[,;|&-][^\s\"'`<>,;|]{5,200})"
    ),
)
_COMMANDS = (
    re.compile(r"(?i)identified\s+by\s+(?:password\s+)?'(?P<password>[^\s'\"%$:?{]{6,200})'"),
    re.compile(r"\bmysql\w{0,8}\b[^\r\n|;]{0,160}?\s-p[\"']?(?P<password>[^\s\"'`$<>=-][^\s\"'`<>]{4,100})"),
    re.compile(r"\bsshpass\s+-p\s?[\"']?(?P<password>[^\s\"'`$<>]{5,100})"),
    re.compile(
        r"\bcurl\b[^\r\n]{0,300}?[\"'\s](?:-u|--user|--proxy-user)(?:[ =]|[\"'],\s?[\"'])?[\"']?[^\s:\"'$]{1,80}:"
        r"(?P<password>[^\s\"'`$<>{:/][^\s\"'`<>]{4,100})"
    ),
    re.compile(r"\blogin\b[^\r\n|]{0,160}?\s-p[ =]?[\"']?(?P<password>[^\s\"'`$<>-][^\s\"'`<>]{4,100})"),
    re.compile(r"\bredis-cli\b[^\r\n|]{0,120}?\s-a\s?[\"']?(?P<password>[^\s\"'`$<>]{5,100})"),
    re.compile(r":5432:[^:\s]{1,80}:[^:\s/@]{1,80}:(?P<password>[^\s:\"'`$<>]{5,100})"),
    re.compile(r"(?i)\bConvertTo-SecureString\s+(?:-String\s+)?[\"'](?P<password>[^\"'\s$]{5,100})[\"']"),
    re.compile(r"\brequirepass\s+[\"']?(?P<password>[^\s\"'`$<>]{6,100})"),
    re.compile(r"\blogin\s+\S{1,80}\s+password\s+(?P<password>[^\s\"'`$<>]{5,100})"),
    # auth=("user", "..."), server.login("user", "...")
    re.compile(
        r"(?:[aA]uth\s?=\s?|(?:[lL]ogin|Auth|Credentials?))\(\s*[\"'][^\"'\r\n]{1,100}[\"']\s*,\s*[\"'](?P<password>[^\"'\s\\]{4,200})[\"']"
    ),
)
_HEADER = re.compile(r"(?<=[Bb]earer )(?P<value>[A-Za-z0-9._~+/=-]{16,300})")
_KEY_SINK = re.compile(
    r"(?:jwt\.(?:encode|sign|verify|decode)\([^()\"'`]{1,80},|createHmac\([\"'`][\w-]+[\"'`],|hmac\.new\(|Fernet\(|compare_digest\([^()\"'`]{1,80},)"
    r"\s*b?[\"'`](?P<value>[^\"'`\s\\]{8,200})[\"'`]"
)
_AROUND = 200
"""Characters before a cue at which a shape that holds it may begin."""


def candidates(text: str, *, has_syntax: bool) -> Iterator[Candidate]:
    """Every value with a name in a text, some of them more than once. `has_syntax`: it is a program's."""
    lines: set[int] = set()
    for _, start, end in _automaton().find_matches_as_indexes(folded(text), overlapping=True):
        match = _FOLLOWING.match(text, end)
        if match is not None and match.lastgroup is not None:
            yield Candidate(Span(*match.span(match.lastgroup)))
        elif not has_syntax and (bare := _bare(text, end)) is not None:
            yield bare
        line = text.rfind("\n", 0, start) + 1
        if line not in lines:
            lines.add(line)
            yield from _on_line(text, max(line, start - _AROUND), text.find("\n", start))


def _bare(text: str, end: int) -> Candidate | None:
    match = _BARE.match(text, end)
    if match is None:
        return None
    start = text.rfind("\n", 0, end) + 1
    before = _BEFORE_BARE.fullmatch(text, start, match.start())
    if before is None:
        return None
    rest = re.match(r"[\w-]*", text[match.start() :])
    name = before["name"] + (rest[0] if rest is not None else "")
    return Candidate(Span(*match.span("bare")), name, is_bare=True)


def _on_line(text: str, start: int, end: int) -> Iterator[Candidate]:
    """Shapes that say more than that a name stands before a value; a few of them reach into the next line."""
    stop = len(text) if end < 0 else min(end + _AROUND, len(text))
    end = stop if end < 0 else end
    for shape in _INSIDE:
        for match in shape.finditer(text, start, stop):
            if match.start() > end:
                break
            yield Candidate(Span(*match.span("value")), match["name"].rpartition(":")[2])
    for command in _COMMANDS:
        for match in command.finditer(text, start, end):
            yield Candidate(Span(*match.span("password")), "password")
    for match in _HEADER.finditer(text, start, end):
        yield Candidate(Span(*match.span("value")), "bearer_token")
    for match in _KEY_SINK.finditer(text, start, end):
        yield Candidate(Span(*match.span("value")), "secret_key")


_PASSED_ON = re.compile(
    r"(?i)(?:password|passwd|secret|token|api_?key|access_?key|private_?key|credentials?)\w{0,12}[\"']?\s?[=:]\s?"
    r"(?P<name>[a-z_$][\w$]{0,60})\s{0,3}[,)}\];\r\n]"
)


def passed_on(block: Block) -> Iterator[str]:
    """The names of variables that are given to something that is called like a credential: `api_key=KEY`."""
    return (match["name"] for match in _PASSED_ON.finditer(block.text))


@functools.cache
def _automaton() -> AhoCorasick:
    return AhoCorasick(list(CUES))
