"""Masks secrets in whatever people see of a source: frames, diffs, snippets, fingerprints.

One function, one rule: when in doubt, mask. A verdict says where a secret is, never what it is.
Names, words and paths stay readable; digests, and names with many digits, may not.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator
from urllib.parse import quote, unquote

from ahocorasick_rs import AhoCorasick

from shipworthy.model import Span
from shipworthy.secrets import names, tokens, values
from shipworthy.secrets.values import folded

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

_WORDS = (
    *("passw", "passphrase", "passcode", "pass", "pwd", "secret", "token", "credential", "authorization", "_auth"),
    *("connectionstring", "connection_string", "dsn"),
    *(f"{kind}{joint}key" for kind in sorted(names.KEYS) for joint in ("", "_", "-")),
)
"""What a name holds that promises a secret, in lower case."""

_MARKS = ("://", "bearer ", "basic ", "login ", "password ", "-----begin ", "-----end ", "private-lines:")

_QUOTED = (
    r"(?:\"\"\"[\s\S]*?(?:\"\"\"|\Z)|'''[\s\S]*?(?:'''|\Z)"
    r"|\"(?:\\[\s\S]|[^\"\\\r\n])*+\"?|'(?:\\[\s\S]|[^'\\\r\n])*+'?|`(?:\\[\s\S]|[^`\\])*+`?)"
)
_LITERAL = rf"[rbfuRBFU@$]{{0,2}}{_QUOTED}"
_ASSIGNED = re.compile(
    r"(?P<name>[\w-]*)[\"'`\])]{0,3}(?::[ \t]*[\w.\[\]|]{1,40}[ \t]*(?==))?(?!:\s*(?:\"\"\"|'''))"
    rf"(?:[ \t]*[=:][ \t]*[\"'`]\s*[+.]\s*(?P<joined>{_LITERAL})"
    rf"|\s*(?:=>|:=|={{1,3}}|!==?|:|\|\||\?\?|or\b)\s*(?P<open>[\[(])?\s*(?:[\w.]+\()?"
    rf"(?P<given>{_LITERAL}(?:\s*[+\\]?\s*{_LITERAL})*+)"
    rf"|\s*,\s*(?P<next>{_LITERAL})"
    r"|[ \t]*(?:=>|:=|=(?!=)|:)[ \t]*(?P<bare>(?![(\[{<\"'`])[^\s,;]{3,}+)"
    r"|[ \t]+(?P<argument>(?=\S*(?:\d|\w[\"@!#%^&*]\w))[^\s\"'`]\S*))"
)
"""What stands behind such a word: a literal (`"token=" + "..."` too), a bare word, an argument on a command line."""

_ITEM = re.compile(rf"\s*,\s*(?P<given>{_LITERAL})")
_URL = re.compile(r"://[^\s/:@\"'`]{0,100}:(?P<secret>[^\s\"'`<>]{1,300})@")
_HEADER = re.compile(r"\w+[ \t]+(?:[\"'`]\s*[+.]?\s*[\"'`])?(?P<secret>[^\s\"'`<>,;]{8,})")
_KEY = re.compile(
    r"(?:-----BEGIN [A-Z0-9 ]*PRIVATE KEY[A-Z ]*-----|Private-Lines:)(?P<secret>[\s\S]*?)(?=-----END|Private-MAC|\Z)"
)
_KEY_ENDING = re.compile(r"(?P<secret>[A-Za-z0-9+/]{2,76}={0,2})(?:\\[nr]|[\"'+,\s])*\Z")
_KEY_LINE = 100
"""Characters before the end of a key in which its last line is looked for."""

_RUN = re.compile(r"[A-Za-z0-9+/_=~-]{16,}")
_PART = re.compile(r"[^/_=~+-]+")
_PLAIN = re.compile(r"[A-Za-z]+\d{0,4}|\d{1,8}")
_LONG = 24
"""Characters from which on a mixture of letters and digits is masked, whatever it is."""

_REFERENCE = re.compile(r"\$\{[A-Za-z_]\w*\}|\$?\{\{\s*[A-Za-z_][\w.]*\s*\}\}|\$[A-Z_]{3,}\b")
"""A value that says where to find another, and has no room for one of its own: `${PASSWORD}`."""

_CODE = re.compile(
    r"(?i:none|null|true|false|undefined|str|string|bytes|any|bool|nil|await|new|not|lambda|yield|async|function)"
    r"|[A-Za-z_$][\w$]*(?:\??\.[A-Za-z_$][\w$]*)+[)\]}]*"
    r"|[A-Za-z_$][\w$.]*[(\[](?:.*[)(\[\]{}:]|\w*)"
)
"""Bare words that are no value: types, keywords, attributes, calls."""


def _likely(text: str) -> Iterator[Span]:
    yield from tokens.shapes(text)
    for word, start, end in _automaton().find_matches_as_indexes(folded(text), overlapping=True):
        yield from _of_name(text, start, end) if word < len(_WORDS) else _of_mark(text, start)
    for match in _RUN.finditer(text):
        if _is_random(match.group()):
            yield Span(*match.span())


@functools.cache
def _automaton() -> AhoCorasick:
    return AhoCorasick([*_WORDS, *_MARKS])


def _of_name(text: str, start: int, end: int) -> Iterator[Span]:
    match = _ASSIGNED.match(text, end)
    if match is None or (match["name"][:1].islower() and text[start:end].lower() == "pass"):
        return
    if match["given"] is not None:
        yield from _inside(match, "given")
        item = _ITEM.match(text, match.end()) if match["open"] else None
        while item is not None:
            yield from _inside(item, "given")
            item = _ITEM.match(text, item.end())
    elif match["joined"] is not None:
        yield from _inside(match, "joined")
    elif match["next"] is not None:
        if re.search(r"[\"'`][\w-]*\Z", text[max(start - 40, 0) : start]):
            yield from _inside(match, "next")
    elif match["argument"] is not None:
        yield Span(*match.span("argument"))
    else:
        bare = match["bare"].rstrip(")]}\"'`")
        before = text[max(start - 40, 0) : match.start("bare")]
        if (
            not _CODE.fullmatch(bare)
            and not _CODE.fullmatch(match["bare"])
            and (bare not in before or _MIXED.match(bare))
        ):
            yield Span(match.start("bare"), match.start("bare") + len(bare))


def _inside(match: re.Match[str], group: str) -> Iterator[Span]:
    """What is between the quotes of a literal, or of several joined together."""
    start, end = match.span(group)
    text = match[group].lstrip("rbfuRBFU@$")
    start = end - len(text)
    size = 3 if text[:3] in {'"""', "'''"} else 1
    closing = size if text.endswith(text[:size]) and len(text) >= 2 * size else 0
    if start + size < end - closing:
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
            yield Span(*match.span("secret"))
            return


def _is_reference(text: str, span: Span) -> bool:
    match = _REFERENCE.match(text, span.start)
    return match is not None and match.end() >= span.end


def _is_plain(text: str) -> bool:
    """Whether a text is a word, as in `Basic authentication`."""
    text = text.rstrip(".")
    return text.isalpha() and (len(text) < values.MANY or values.word_share(text) >= 0.35)


def _is_random(run: str) -> bool:
    """Whether a run of characters is no name and no path: its parts are not words, versions or numbers."""
    if all(_is_word(part) for part in _PART.findall(run)):
        return False
    return len(run) >= _LONG or values.is_random(run)


def _is_word(part: str) -> bool:
    letters = part.rstrip("0123456789")
    return _PLAIN.fullmatch(part) is not None and (len(letters) < values.MANY or values.word_share(letters) >= 0.35)
