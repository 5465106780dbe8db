"""Masks secrets in whatever people see of a source: frames, diffs, snippets, fingerprints.

A verdict says where a secret is, never what it is. What the rules call a secret is masked, suppressed or
not, and what they would in another place: a value that a credential's name gets, a token, a key, a random
text. Names, words, paths and other code stay readable; digests may not.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import quote, unquote

from ahocorasick_rs import AhoCorasick

from shipworthy.model import Span
from shipworthy.secrets import context, names, tokens, values
from shipworthy.secrets.values import Look, folded

MASK = "***"

_LINE_END = re.compile(r"\r\n|\r|\n")


def redacted(text: str, secrets: Iterable[Span] = ()) -> str:
    """The text with `secrets`, and all that looks like one, replaced by a mask; its lines are kept."""
    parts: list[str] = []
    at = 0
    for span in to_mask(text, secrets):
        parts.append(text[at : span.start])
        parts.append(MASK + "".join(_LINE_END.findall(text, span.start, span.end)))
        at = span.end
    return "".join([*parts, text[at:]])


def to_mask(text: str, secrets: Iterable[Span] = (), known: Iterable[str] = ()) -> list[Span]:
    """What nobody may see of a text: `secrets`, all that looks like one, and the same again wherever it stands.

    `known`: values that are hidden elsewhere. In order, none within another.
    """
    hidden = [*secrets, *(span for span in _likely(text) if not _is_reference(text, span))]
    found: list[Span] = []
    for span in sorted([*hidden, *_repeated(text, [*known, *(text[span.start : span.end] for span in hidden)])]):
        if not found or span.start >= found[-1].end:
            found.append(span)
        elif span.end > found[-1].end:
            found[-1] = Span(found[-1].start, span.end)
    return found


_SHORTEST = 8
"""Characters from which on a value is masked in every place: shorter ones are parts of words."""


def _repeated(text: str, known: Iterable[str]) -> Iterator[Span]:
    """Where in a text values stand that are hidden somewhere."""
    long = {value for value in known if len(value) >= _SHORTEST and _MIXED.match(value)}
    told = sorted({form for value in long for form in _forms(value)})
    if told:
        found = AhoCorasick(told).find_matches_as_indexes(text, overlapping=True)
        yield from (Span(start, end) for _, start, end in found)


def _forms(value: str) -> set[str]:
    """How a value may be written elsewhere: plain, with the escapes of a literal, in a URL."""
    plain = {value, unquote(value), _ESCAPE.sub(r"\1", value)}
    return {form for one in plain for form in (one, quote(one, safe=""), _ESCAPED.sub(r"\\\g<0>", one))}


_ESCAPE = re.compile(r"\\([\"'`\\])")
_ESCAPED = re.compile(r"[\"\\]")
_MIXED = re.compile(r"(?=\S*\d)(?=\S*[^\W\d_])\S+\Z")
"""A value with digits and letters: what is neither may be an ordinary word."""

_ADDRESSES = ("connectionstring", "connection_string", "dsn")
_WORDS = (
    *("passw", "passphrase", "passcode", "pass", "pwd", "secret", "token", "cred", "authorization", "_auth"),
    *_ADDRESSES,
    *(f"{kind}{joint}key" for kind in sorted(names.KEYS) for joint in ("", "_", "-")),
)
"""What a name holds that promises a secret, in lower case."""

_NAME_BEFORE = re.compile(r"[\w-]*\Z")
_LONGEST_NAME = 60
"""Characters of a name that say what it is."""

_MARKS = ("://", "bearer ", "basic ", "login ", "password ", "-----begin ", "-----end ", "private-lines:")

_QUOTED = (
    r"(?:\"\"\"[\s\S]*?(?:\"\"\"|\Z)|'''[\s\S]*?(?:'''|\Z)"
    r"|\"(?:\\[\s\S]|[^\"\\\r\n])*+\"?|'(?:\\[\s\S]|[^'\\\r\n])*+'?|`(?:\\[\s\S]|[^`\\])*+`?)"
)
_LITERAL = rf"[rbfuRBFU@$]{{0,2}}{_QUOTED}"
_ASSIGNED = re.compile(
    r"(?P<name>[\w-]*)[\"'`\])]{0,3}(?::[ \t]*[\w.\[\]|]{1,40}[ \t]*(?==))?(?!:\s*(?:\"\"\"|'''))"
    rf"(?:[ \t]*[=:][ \t]*[\"'`]\s*[+.]\s*(?P<joined>{_LITERAL})"
    rf"|\s*(?:=>|:=|={{1,3}}|!==?|:|\|\||\?\?|or\b)\s*(?P<open>[\[(])?\s*(?:(?P<callee>[\w.]+)\()?"
    rf"(?P<given>{_LITERAL}(?:\s*[+\\]?\s*{_LITERAL})*+)"
    rf"|\s*,\s*(?:default\s*=\s*)?(?P<next>{_LITERAL})"
    r"|[ \t]*(?:=>|:=|=(?!=)|:)[ \t]*(?P<bare>(?![(\[{<\"'`])[^\s,;]{3,}+)"
    r"|[ \t]+(?P<argument>(?=\S*(?:\d|\w[\"@!#%^&*]\w))[^\s\"'`]\S*))"
)
"""What stands behind such a word: a literal (`"token=" + "..."` too), a bare word, an argument on a command line."""

_LEAD = re.compile(r"(?P<call>\w\(\s*)?(?<![\w-])[brfuBRFU]{0,2}[\"'`](?P<option>-*)[\w-]*\Z")
"""What stands before a name in quotes: a call, the dashes of an option."""
_OPTION = re.compile(r"(?:(?<![\w-])--?|(?<!\w)(?:ENV|ARG|set|setx|export)[ \t]+)[\w.-]*\Z")
"""What stands before a name whose value follows behind a space: `--password VALUE`, `ENV PASSWORD VALUE`."""
_SHORTEST_SECRET = 4
"""Characters: what has fewer is called a secret by no rule."""

_ITEM = re.compile(rf"\s*,\s*(?P<given>{_LITERAL})")
_URL = re.compile(r"://[^\s/:@\"'`]{0,100}:(?P<secret>[^\s\"'`<>]{1,300})@")
_HEADER = re.compile(r"\w+[ \t]+(?:[\"'`]\s*[+.]?\s*[\"'`])?(?P<secret>[^\s\"'`<>,;]{8,})")
_KEY = re.compile(
    r"(?:-----BEGIN [A-Z0-9 ]*PRIVATE KEY[A-Z ]*-----|Private-Lines:)(?P<secret>[\s\S]*?)(?=-----END|Private-MAC|\Z)"
)
_KEY_ENDING = re.compile(r"(?P<secret>[A-Za-z0-9+/]{2,76}={0,2})(?:\\[nr]|[\"'+,\s])*\Z")
_DATA_LINE = 60
"""Characters of a line of encoded data; what follows on a short line of its own, padded, belongs to it."""
_LAST_LINE = re.compile(r"(?:\\[nr]|[\"'+,\s])+(?P<secret>[A-Za-z0-9+/_-]{2,76}={1,2})(?![\w=])")
_KEY_LINE = 100
"""Characters before the end of a key in which its last line is looked for."""

_RUN = re.compile(r"(?=[A-Za-z0-9+/_~=-]{16})[A-Za-z0-9+/_~-]{14,}={0,2}")
_PART = re.compile(r"[^/_=~+-]+")
_PLAIN = re.compile(r"[A-Za-z]+\d{0,4}|\d+")
_LONG = 24
"""Characters from which on a mixture of letters and digits is masked unless it is made of words."""
_PIECE = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
_SAID = re.compile(r"[A-Za-z]{3,15}\d{0,2}")
_PIECES = 3
"""Characters that the words and numbers of a name have at least, on average: those of random text have two."""

_REFERENCE = re.compile(
    r"(?:(?i:bearer|basic|token) )?(?:\{[A-Za-z_][\w.]*\}[:@/]?)+"
    r"|\$\{[A-Za-z_]\w*\}|\$?\{\{\s*[A-Za-z_][\w.]*\s*\}\}|\$[A-Z_]{3,}\b"
)
"""A value that says where to find another, and has no room for one of its own: `${PASSWORD}`."""

_CODE = re.compile(
    r"(?i:none|null|true|false|undefined|str|string|bytes|any|bool|nil|await|new|not|lambda|yield|async|function)"
    r"|[A-Za-z_$][\w$]*(?:\??\.[A-Za-z_$][\w$]*)+[)\]}]*"
    r"|process\.env\.[A-Za-z_]\w*!"
    r"|[A-Za-z_$][\w$.]*[()\[].*"
)
"""Bare words that are no value: types, keywords, attributes, calls."""


_JOINT = re.compile(
    r"[\"'`](?:\s*(?:\+|\.{1,2}|\\)\s*|\s+)(?:[rbfuRBFU]{0,2}(?P<quote>[\"'`]))(?!(?P=quote)|[,;:)\]}\s])"
)
"""What stands between two literals that are one text when the program runs: a sum, or nothing but a space."""


def _likely(text: str) -> Iterator[Span]:
    """What looks like a secret as it stands, and as it is once its literals are joined."""
    yield from _likely_as_is(text)
    origin: list[int] = []
    at = 0
    for match in _JOINT.finditer(text):
        origin.extend(range(at, match.start()))
        at = match.end()
    if at:
        origin.extend(range(at, len(text)))
        for span in _likely_as_is("".join(text[at] for at in origin)):
            yield Span(origin[span.start], origin[span.end - 1] + 1)


def _likely_as_is(text: str) -> Iterator[Span]:
    yield from tokens.shapes(text)
    for word, start, end in _automaton().find_matches_as_indexes(folded(text), overlapping=True):
        yield from _of_name(text, start, end) if word < len(_WORDS) else _of_mark(text, start)
    for match in _RUN.finditer(text):
        if _is_random(match.group()):
            yield Span(*match.span())
            if match.end() - match.start() >= _DATA_LINE and (rest := _LAST_LINE.match(text, match.end())) is not None:
                yield Span(*rest.span("secret"))


@functools.cache
def _automaton() -> AhoCorasick:
    return AhoCorasick([*_WORDS, *_MARKS])


def _of_name(text: str, start: int, end: int) -> Iterator[Span]:
    match = _ASSIGNED.match(text, end)
    if match is None:
        return
    before = _NAME_BEFORE.search(text, max(start - _LONGEST_NAME, 0), start)
    name = (before[0] if before is not None else "") + text[start:end] + match["name"]
    if not _is_telling(name):
        return
    if match["given"] is not None:
        if match["callee"] is None or context.wraps(match["callee"]):
            yield from _inside(match, "given", name)
            item = _ITEM.match(text, match.end()) if match["open"] else None
            while item is not None:
                yield from _inside(item, "given", name)
                item = _ITEM.match(text, item.end())
    elif match["joined"] is not None:
        yield from _inside(match, "joined", name)
    elif match["next"] is not None:
        lead = _LEAD.search(text, max(start - _LONGEST_NAME, 0), start)
        if lead is not None and (lead["call"] or lead["option"] or _MIXED.match(match["next"])):
            yield from _inside(match, "next", name)
    elif match["argument"] is not None:
        if _OPTION.search(text, max(start - _LONGEST_NAME, 0), start):
            yield Span(*match.span("argument"))
    else:
        bare = match["bare"].rstrip(")]},;:\"'`")
        if not _is_code(bare) and not _is_word_of_code(bare, name) and not _is_stand_in(bare, name):
            yield Span(match.start("bare"), match.start("bare") + len(bare))


def _is_telling(name: str) -> bool:
    """Whether a value under this name, or values under its plural, are meant to be secret."""
    name = name[-_LONGEST_NAME:]
    return names.is_credential(name) or names.is_credential(name.removesuffix("s")) or name.lower().endswith(_ADDRESSES)


def _is_code(bare: str) -> bool:
    """Whether a text without quotes is no value but a name, a call or a number: the rules know what settings hold."""
    is_word = bare.replace("_", "").isalpha() or not any(map(str.isalnum, bare))
    return is_word or len(bare) < _SHORTEST_SECRET or _CODE.fullmatch(bare) is not None


def _is_word_of_code(value: str, name: str) -> bool:
    """Whether a value says no more than its name, as in `new_password1="password2"`."""
    plain = value.rstrip("0123456789")
    return len(plain) >= _SHORTEST_SECRET and plain in name and values.look(value, name) is Look.NOTHING


def _inside(match: re.Match[str], group: str, name: str) -> Iterator[Span]:
    """What is between the quotes of a literal, or of several joined together, if it is more than the name again."""
    start, end = match.span(group)
    text = match[group].lstrip("rbfuRBFU@$")
    start = end - len(text)
    size = 3 if text[:3] in {'"""', "'''"} else 1
    closing = size if text.endswith(text[:size]) and len(text) >= 2 * size else 0
    value = match.string[start + size : end - closing]
    if len(value) >= _SHORTEST_SECRET and not _is_word_of_code(value, name):
        yield Span(start + size, end - closing)


def _of_mark(text: str, start: int) -> Iterator[Span]:
    if text.startswith("-----END", start) or text.startswith("-----end", start):
        begin = max(start - _KEY_LINE, 0)
        match = _KEY_ENDING.search(text[begin:start])
        if match is not None:
            yield Span(*match.span("secret")).shifted(begin)
        return
    for pattern in (_URL, _KEY, _HEADER):
        match = pattern.match(text, start)
        if match is not None and not (pattern is _HEADER and _is_plain(match["secret"])):
            if pattern is not _URL or not _is_stand_in(match["secret"], "user_password"):
                yield Span(*match.span("secret"))
            return


def _is_reference(text: str, span: Span) -> bool:
    match = _REFERENCE.match(text, span.start)
    return match is not None and match.end() >= span.end


def _is_stand_in(value: str, name: str) -> bool:
    """Whether a value is a mask or a word that says what belongs there, as in the documentation: `change-me`."""
    return not any(map(str.isdigit, value)) and values.look(value, name) is Look.NOTHING


def _is_plain(text: str) -> bool:
    """Whether a text is a word, as in `Basic authentication`."""
    text = text.strip(".:()[]{}")
    text = text.replace("-", "")
    return text.isalpha() and (len(text) < values.MANY or values.word_share(text) >= 0.35)


def _is_random(run: str) -> bool:
    """Whether a run of characters is no name and no path: its parts are not words, versions or numbers."""
    if all(_is_word(part) for part in _PART.findall(run)) or _is_name(run):
        return False
    return not values.is_made_of_words(run) if len(run) >= _LONG else values.is_random(run)


def _is_name(run: str) -> bool:
    """Whether a run of characters is mostly words, as in `RemovedInDjango60Warning` and `get_m2m_table_name`."""
    if values.is_wordy(run) and _are_long(_PIECE.findall(run)):
        return True
    parts = _PART.findall(run)
    said = [part for part in parts if _SAID.fullmatch(part) and _is_said(part.rstrip("0123456789"))]
    return 2 * sum(map(len, said)) > sum(map(len, parts))


def _is_said(part: str) -> bool:
    return values.word_share(part) >= 0.35 and _are_long(_PIECE.findall(part))


def _are_long(pieces: Sequence[str]) -> bool:
    return sum(map(len, pieces)) >= _PIECES * len(pieces)


def _is_word(part: str) -> bool:
    letters = part.rstrip("0123456789")
    return _PLAIN.fullmatch(part) is not None and (len(letters) < values.MANY or values.word_share(letters) >= 0.35)
