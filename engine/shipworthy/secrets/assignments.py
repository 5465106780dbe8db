"""Where values get names: assignments, arguments, settings, commands, queries, in every kind of file.

A text in, candidates out: the span of a value and what it is called. Which of them are secrets is for
the rule to say. Every shape stands behind a cue, so that most text is passed over at once.
"""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass

from ahocorasick_rs import AhoCorasick, Implementation

from shipworthy.document import Block
from shipworthy.model import Span
from shipworthy.secrets import cues


@dataclass(frozen=True, slots=True)
class Candidate:
    """A value in its text. `name`: what it is called, if the shape says so; else its place says it.

    `is_bare`: it has no quotes, and stands on a line that gives values to names.
    """

    span: Span
    name: str = ""
    is_bare: bool = False


def keywords() -> tuple[str, ...]:
    """The cues as they are usually written."""
    spelt = {spelt for cue in cues.NAMES for spelt in (cue, cue.upper(), cue.capitalize())}
    return tuple(sorted(spelt | {"SecureString", "createHmac", "apiKey", "cookieParser(", "sudo -S", "getConnection("}))


def _quoted(group: str) -> str:
    """The expression of a value in quotes of any kind, those within a text of another language too."""
    opening, closing = rf"(?P<of_{group}>\"\"\"|'''|[\"'`])", f"(?P=of_{group})"
    return rf"[bBrRuUfF@$]{{0,2}}\\?{opening}(?P<{group}>(?:(?!{closing})[^\s\\]){{4,200}})\\?{closing}"


_TYPE = r"(?:\s?:\s?[\w.\[\], |&'<>]{1,40}(?=\s?=))?"
_OPEN = r"(?:[\w.$]{1,40}\(|[\[({]){0,2}\s{0,20}(?:default\s?=\s?)?"
_FOLLOWING = re.compile(
    # token = "...", API_KEY: str = "...", { secret: "..." }, if password == "..."
    rf"[\w-]{{0,12}}\\?[\"'`\])]{{0,3}}{_TYPE}\s{{0,9}}(?:=>|:=|!==?|={{1,3}}|:)\s{{0,3}}{_OPEN}{_quoted('given')}"
    # process.env.API_KEY || "...", getenv("API_KEY", "..."), put("password", "..."), option("--token", default="...")
    r"|\w{0,12}[\"'`\])]{0,3}\s{0,3}(?:\|\||\?\?|or\b|,)\s{0,3}(?:(?:\w{1,20}=[\w.]{1,40},\s{0,20}){0,3}default\s?=\s?)?"
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
    r"[ \t]*(?:(?:export|ENV|ARG|set|setx|declare -x|-|env)[ \t]+)?"
    r"(?:[\w.-]+[ \t]+(?=[\w.]+=\S*[ \t]))?(?:[\w.]+=\S*[ \t]+){0,6}[{]?(?P<name>[\w.:/-]*)"
)


@dataclass(frozen=True, slots=True)
class _Shape:
    """An expression with a group `value`, and `name` unless `called` says what it is. It needs one of `needles`."""

    needles: tuple[str, ...]
    expression: str
    called: str = ""

    @property
    def pattern(self) -> re.Pattern[str]:
        """The expression, compiled when somebody asks: most runs need few of them."""
        return _compiled(self.expression)


_compiled = functools.cache(re.compile)


def _shape(needles: str, pattern: str, called: str = "") -> _Shape:
    return _Shape(tuple(needles.split("|")), pattern, called)


_TEXT = r"[\"'][^\"'\r\n]{1,200}[\"']"
_NAME = r"(?P<name>[\w.:-]{2,60})"
_WORD_END = r"[^\s\"'`$<>{(\[,;|&-][^\s\"'`<>,;|]{5,200}"
_CALLED = r"(?P<name>[\w.-]{0,40}(?i:password|passwd|token|secret|api-?key|accesskey|secret_access_key))"
_PASSWORD = "password"
_SHAPES = (
    # https://host/?access_token=...
    _shape("?|&", r"(?<=[?&])(?!key=)(?P<name>[\w.-]{2,40})=(?P<value>[^\s\"'`&<>{}$\\#]{8,200})"),
    _shape("?key=|&key=", r"(?<=[?&])key=(?P<value>[\w-]{20,200})(?![\w-])", "api_key"),
    # <password>...</password>, <entry key="password">...</entry>, <add key="ApiKey" value="..."/>
    _shape("</", rf"<{_NAME}>\s?(?P<value>[^\s<>$%{{\"]{{6,200}})\s?</"),
    _shape("</", rf"(?:name|key|id)=\"{_NAME}\"[^<>]{{0,60}}>\s?(?P<value>[^\s<>$%{{\"]{{6,200}})\s?</"),
    _shape("value=", rf"(?:name|key)=[\"']{_NAME}[\"']\s+value=[\"'](?P<value>[^\s\"'<>]{{6,200}})[\"']"),
    # - name: API_TOKEN\n  value: ..., {"name": "API_TOKEN", "value": "..."}
    _shape(
        "alue",
        rf"[\"']?(?:name|key|Name)[\"']?\s?:\s?[\"']?{_NAME}[\"']?,?\s{{1,40}}"
        r"[\"']?[vV]alue[\"']?\s?:\s?[\"']?(?P<value>[^\s\"'`<>{}$,]{6,200})",
    ),
    # variable "db_password" { default = "..." }
    _shape(
        "variable", rf"variable\s+\"{_NAME}\"\s*\{{[^{{}}]{{0,300}}?default\s*=\s*\"(?P<value>[^\s\"${{]{{6,200}})\""
    ),
    # Authorization: Token ..., X-Api-Key: ...
    _shape(
        "X-|x-|uthorization",
        r"(?P<name>[Xx]-[\w-]{2,30}|[\w-]{0,20}[Aa]uthorization)\\?[\"']?\s{0,2}"
        r"(?:[:=]|,(?=\s?[\"']\w+ ))\s{0,2}\\?[\"']?(?:(?i:token|bearer|apikey|basic|key)\s+)?"
        r"(?P<value>[\w.~+/=-]{12,300})\\?(?=[\"'`\s]|\Z)",
    ),
    # --password ..., --set db.password=..., aws configure set aws_secret_access_key ...
    _shape(
        "--| set |assword=|oken=|ecret=|key=",
        rf"(?:--(?:from-literal=)?(?=[\w.-]+[ =\"'])|\bset (?=\S+ )|\s(?=[\w.-]+=)){_CALLED}"
        rf"(?:[ =]|[\"'],\s?[\"'])[\"']?(?P<value>{_WORD_END})",
    ),
    # PASSWORD '...', IDENTIFIED BY '...'
    _shape(
        "assword|ASSWORD", r"(?i)(?P<name>PASSWORD)(?:(?<=WITH PASSWORD)\s*=)?[ \t]+'(?P<value>[^\s'\"%$:?{]{6,200})'"
    ),
    _shape(
        "dentified|DENTIFIED",
        r"(?i)identified\s+(?:with\s+\S{1,40}\s+)?by\s+(?:password\s+)?'(?P<value>[^\s'\"%$:?{]{6,200})'",
        _PASSWORD,
    ),
    # commands that take a password
    _shape(
        "mysql",
        r"\bmysql\w{0,8}\b[^\r\n|;]{0,160}?[\s\"']-p[\"']?(?P<value>[^\s\"'`$<>=-][^\s\"'`<>]{4,100})",
        _PASSWORD,
    ),
    _shape("sshpass", r"\bsshpass\s+-p\s?[\"']?(?P<value>[^\s\"'`$<>]{5,100})", _PASSWORD),
    _shape(
        "curl",
        r"\bcurl\b[^\r\n]{0,300}?[\"'\s](?:-u|--user|--proxy-user)(?:[ =]|[\"'],\s?[\"'])?[\"']?[^\s:\"'$]{1,80}:"
        r"(?P<value>[^\s\"'`$<>{:/][^\s\"'`<>]{4,100})",
        _PASSWORD,
    ),
    _shape("login ", r"\blogin\b[^\r\n|]{0,160}?\s-p[ =]?[\"']?(?P<value>[^\s\"'`$<>-][^\s\"'`<>]{4,100})", _PASSWORD),
    _shape("redis-cli", r"\bredis-cli\b[^\r\n|]{0,120}?\s-a\s?[\"']?(?P<value>[^\s\"'`$<>]{5,100})", _PASSWORD),
    _shape("requirepass", r"\brequirepass\s+[\"']?(?P<value>[^\s\"'`$<>]{6,100})", _PASSWORD),
    _shape("login ", r"\blogin\s+\S{1,80}\s+password\s+(?P<value>[^\s\"'`$<>]{5,100})", _PASSWORD),
    _shape(
        ":5432:|:5433:|:6432:|:6543:|:*:",
        r":(?:5432|5433|6432|6543|\*):[^:\s]{1,80}:[^:\s/@]{1,80}:(?P<value>[^\s:\"'`$<>]{5,100})",
        _PASSWORD,
    ),
    # {"auths": {"registry": {"auth": "..."}}}
    _shape('"auth"', r"\"auth\"\s?:\s?\"(?P<value>[A-Za-z0-9+/]{8,400}={0,2})\"", "_auth"),
    _shape(
        "chpasswd", r"\becho\s+[\"']?[\w-]{1,32}:(?P<value>[^\s\"'`$<>|]{5,100})[\"']?\s*\|[^|\r\n]*chpasswd", _PASSWORD
    ),
    _shape("sudo -S", r"\becho\s+[\"']?(?P<value>[^\s\"'`$<>|]{5,100})[\"']?\s*\|\s*sudo\s+-S", _PASSWORD),
    _shape("vault login", r"\bvault login\s+(?:-\S+\s+){0,4}(?P<value>[\w.-]{20,200})", "vault_token"),
    _shape(
        "openssl",
        r"\bopenssl\b[^\r\n|;]{0,160}?\s(?:-[kK]\s+|-pass(?:in|out)?\s+pass:)[\"']?(?P<value>[^\s\"'`$<>-][^\s\"'`<>]{4,100})",
        _PASSWORD,
    ),
    _shape("ecure", r"(?i)\bConvertTo-SecureString\s+(?:-String\s+)?[\"'](?P<value>[^\"'\s$]{5,100})[\"']", _PASSWORD),
    # auth=("user", "..."), server.login("user", "...")
    _shape(
        "uth=(|uth = (|ogin(|Auth(|redential(|redentials(|pw_set(",
        r"(?:[aA]uth\s?=\s?|(?:[lL]ogin|Auth|Credentials?|pw_set))\(\s*[\"'][^\"'\r\n]{1,100}[\"']\s*,\s*"
        r"[\"'](?P<value>[^\"'\s\\]{4,200})[\"']",
        _PASSWORD,
    ),
    # create_superuser("name", "name@host", "..."), getConnection(url, "user", "..."), new PDO(dsn, 'user', '...')
    _shape(
        "create_|etConnection(|PDO(|mysqli|pymysql.|MySQLdb.",
        r"(?:create_(?:super)?user|getConnection|PDO|mysqli(?:_connect)?|(?:pymysql|MySQLdb)\.connect)\(\s*"
        rf"(?:{_TEXT}|[\w.$]{{1,60}})\s*,\s*(?:{_TEXT}|[\w.$]{{1,60}})\s*,\s*[\"'](?P<value>[^\"'\s\\]{{4,200}})[\"']",
        _PASSWORD,
    ),
    # b64encode(b"user:..."), Buffer.from("user:...")
    _shape(
        "b64encode(|uffer.from(|btoa(",
        r"(?:b64encode|Buffer\.from|\bbtoa)\(\s*b?[\"'`][\w.@-]{1,60}:(?P<value>[^\"'`\s\\{}$]{4,200})[\"'`]",
        _PASSWORD,
    ),
    # what is hashed is the password
    _shape(
        "hash|make_password(",
        r"(?:hash(?:Sync|pw|_?[pP]assword)|make_password|generate_password_hash)\(\s*b?[\"'](?P<value>[^\"'\s\\]{4,200})[\"']",
        _PASSWORD,
    ),
    # proxy_set_header X-Api-Key ...;
    _shape(
        "_header ",
        r"(?:set|add)_header\s+(?P<name>[\w-]{2,40})\s+[\"']?(?:(?i:token|bearer|basic)\s+)?(?P<value>[\w.~+/=-]{12,300})",
    ),
    _shape("earer", r"(?<=[Bb]earer )(?P<value>[A-Za-z0-9._~+/=-]{16,300})", "bearer_token"),
    # calls that take a key
    _shape(
        "jwt.|mac|Fernet(|compare_digest|AES.|ipheriv(|Serializer(|Signer(|ookieParser(",
        r"(?:jwt\.(?:encode|sign|verify|decode)\((?:[^()\"'`]{1,80}|\{[^{}\r\n]{1,200}\}),"
        r"|create(?:Hmac|Cipheriv|Decipheriv)\([\"'`][\w-]+[\"'`],|hmac\.new\(|Fernet\("
        r"|AES\.(?:new|encrypt|decrypt)\((?:[\w.]{1,80},)?|(?:URLSafe\w{0,5}Serializer|TimestampSigner|cookieParser)\("
        r"|compare_digest\([^()\"'`]{1,80},)\s*b?[\"'`](?P<value>[^\"'`\s\\]{8,200})[\"'`]",
        "secret_key",
    ),
)
_AFTER_WORD = "=:\"' "
"""What stands behind the word in a cue: `pass` alone is a statement, and part of many words."""

_AROUND = 200
"""Characters of the next lines that a shape may reach into."""


LONGEST_LINE = 2000
"""Characters: a longer line was written by a program, and says nothing about names and values."""


def candidates(text: str, *, has_syntax: bool) -> Iterator[Candidate]:
    """Every value with a name in a text, some of them more than once. `has_syntax`: it is a program's."""
    start = end = -1
    for cue, at, _ in cues.find(text).get(cues.Kind.NAME, ()):
        if at >= end:
            start, end = text.rfind("\n", 0, at) + 1, text.find("\n", at)
            end = len(text) if end < 0 else end
            if end - start <= LONGEST_LINE:
                yield from _on_line(text, start, end)
        if end - start > LONGEST_LINE:
            continue
        behind = at + len(cue.rstrip(_AFTER_WORD))
        match = _FOLLOWING.match(text, behind)
        if match is not None and match.lastgroup is not None:
            yield Candidate(Span(*match.span(match.lastgroup)))
        elif not has_syntax and (bare := _bare(text, start, behind)) is not None:
            yield bare


_MARK = re.compile("[\"'`]")
_MARKS = 12
"""Quotes behind a name among which its value stands: its own, those of its type, those of the value."""


def behind(text: str, at: int) -> Iterator[str]:
    """The texts in quotes that may be the value of the name before an offset: what syntax says may be far away."""
    marks = [match.start() for match in itertools.islice(_MARK.finditer(text, at), _MARKS)]
    for first, start in enumerate(marks):
        for end in marks[first + 1 :]:
            value = text[start + 1 : end]
            if any(map(str.isspace, value)):
                break
            yield value


def _bare(text: str, start: int, end: int) -> Candidate | None:
    match = _BARE.match(text, end)
    if match is None:
        return None
    before = _BEFORE_BARE.fullmatch(text, start, match.start())
    if before is None:
        return None
    rest = re.match(r"[\w-]*", text[match.start() :])
    name = before["name"] + (rest[0] if rest is not None else "")
    return Candidate(Span(*match.span("bare")), name, is_bare=True)


def _on_line(text: str, start: int, end: int) -> Iterator[Candidate]:
    """Shapes that say more than that a name stands before a value; a few of them reach into the next line."""
    stop = min(end + _AROUND, len(text))
    automaton, owners = _needles()
    found = automaton.find_matches_as_indexes(text[start:stop], overlapping=True)
    for shape in sorted({owners[index] for index, _, _ in found}):
        for match in _SHAPES[shape].pattern.finditer(text, start, stop):
            if match.start() > end:
                break
            yield Candidate(Span(*match.span("value")), _SHAPES[shape].called or match["name"].rpartition(":")[2])


_PASSED_ON = re.compile(
    r"(?i)(?:password|passwd|secret|token|api_?key|access_?key|private_?key|credentials?)\w{0,12}[\"']?\s?[=:]\s?"
    r"(?P<name>[a-z_$][\w$]{0,60})\s{0,3}[,)}\];\r\n]"
)


def passed_on(block: Block) -> Iterator[str]:
    """The names of variables that are given to something that is called like a credential: `api_key=KEY`."""
    return (match["name"] for match in _PASSED_ON.finditer(block.text))


@functools.cache
def _needles() -> tuple[AhoCorasick, tuple[int, ...]]:
    """What the shapes need, with the index of the shape that each belongs to."""
    needles = [(needle, index) for index, shape in enumerate(_SHAPES) for needle in shape.needles]
    return AhoCorasick([needle for needle, _ in needles], implementation=Implementation.DFA), tuple(
        index for _, index in needles
    )
