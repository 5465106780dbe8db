"""Finds the tokens that the formats describe: by keyword, then by form, border and checksum.

A form that is too common to say anything, such as 32 hexadecimal digits, counts behind its provider's
name alone; what it is given to is for the rule to judge.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from shipworthy.document import Block
from shipworthy.model import Severity, Span
from shipworthy.secrets import cues
from shipworthy.secrets.context import LINES, lines_around
from shipworthy.secrets.formats import Format, formats, spellings
from shipworthy.secrets.values import is_evident_fake, is_wordy


@dataclass(frozen=True, slots=True)
class Token:
    """A token in a text. `is_sure`: it passed the check that is built into it, or has none.

    `named`: the name that holds its provider's, for a token that only the name gives away; with all
    that stands between the two. `beside`: the identifier that gives it away.
    """

    format: Format
    span: Span
    is_sure: bool = True
    named: str = ""
    beside: Span | None = None

    @property
    def severity(self) -> Severity:
        """How much it matters: a token that fails its checksum was mistyped or made up."""
        return self.format.severity if self.is_sure else min(self.format.severity, Severity.WARNING)


_BEFORE = r"(?:(?<![A-Za-z0-9_])|(?<=\\[nrt])|(?<=%3[AaDd])|(?<=%2[02]))"
_BEHIND = r"(?![A-Za-z0-9_])"
_BEFORE_COMMON = r"(?:(?<![\w/+.$-])|(?<=\\[nrt]))"
_BEHIND_COMMON = r"(?![\w/+=$-]|\.\w|\()"
"""A value of a common form is no part of anything longer: no path, no call, no attribute."""

_REACH = 80
"""Characters between a provider's name and a value on the same line."""

_SAYS_SECRET = re.compile(r"(?i)key|token|secret|pass|pwd|auth|credential|bearer|api|private|signing|access|dsn|hash\b")


@functools.cache
def _pattern(form: str) -> re.Pattern[str]:
    """The expression of a format between borders that no word crosses; escapes end a word."""
    return re.compile(rf"{_BEFORE}(?:{form}){_BEHIND}", re.ASCII)


@functools.cache
def _value_pattern(form: str) -> re.Pattern[str]:
    """A value of a common form, alone between its borders."""
    return re.compile(rf"{_BEFORE_COMMON}(?:{form}){_BEHIND_COMMON}", re.ASCII)


@functools.cache
def _common_pattern(form: str) -> re.Pattern[str]:
    """From the end of a provider's name to a value behind it."""
    gap = rf"[^\n\r]{{0,{_REACH}}}?"
    return re.compile(rf"(?P<gap>{gap}[\s\"'`=:,(>]){_BEFORE_COMMON}(?P<value>{form}){_BEHIND_COMMON}", re.ASCII)


def in_text(text: str) -> Iterator[Token]:
    """Every token, each once; of two at one place the first."""
    taken: set[Span] = set()
    for token in _all(text):
        if token.span not in taken:
            taken.add(token.span)
            yield token


def places(block: Block, path: str) -> Iterator[Span]:
    """Where the tokens of a text stand. Without a word that announces one there is none."""
    found = cues.find(block.text)
    if cues.Kind.TOKEN in found or cues.Kind.PROVIDER in found:
        yield from (token.span for token in in_text(block.text))


def _all(text: str) -> Iterator[Token]:
    for matches in _matches(text):
        for known, match in matches:
            yield from _judged(known, match.group(), Span(*match.span()))
            break
    yield from paired(text)
    yield from _named(text)


def _matches(text: str) -> Iterator[Iterator[tuple[Format, re.Match[str]]]]:
    """For each keyword in a text, the formats that match there."""
    for cue in cues.find(text).get(cues.Kind.TOKEN, ()):
        for written, keyword in cues.written()[cue.word]:
            found = text[cue.start : cue.end] if cue.start >= 0 else f"\n{text[: cue.end]}"
            if found == written:
                yield _matches_at(text, keyword, cue.end - len(keyword), cues.owners()[keyword])


def _matches_at(text: str, keyword: str, at: int, owners: Iterable[Format]) -> Iterator[tuple[Format, re.Match[str]]]:
    for known in owners:
        match = _around(text, known, keyword, at)
        if match is not None:
            yield known, match


def _named(text: str) -> Iterator[Token]:
    """Tokens of common forms, behind their provider's name."""
    for name, start, end in cues.find(text).get(cues.Kind.PROVIDER, ()):
        if not _begins_word(text, start):
            continue
        begin = start - len(_NAME_END.search(text[max(start - 60, 0) : start])[0])  # type: ignore[index]
        for known in cues.providers()[name]:
            match = _common_pattern(known.form).match(text, end)
            if match is None:
                continue
            named = text[begin : match.start("value")]
            if _SAYS_SECRET.search(named) and not is_wordy(match["value"]):
                for token in _judged(known, match["value"], Span(*match.span("value"))):
                    yield replace(token, named=named)
                break


def paired(text: str) -> Iterator[Token]:
    """Tokens of common forms, in the lines around the identifier that belongs to them."""
    for known in _with_identifier():
        for match in _plain(known.beside).finditer(text):
            if _pattern(known.beside).match(text, match.start()) is None:
                continue
            identifier = Span(*match.span())
            for value in _value_pattern(known.form).finditer(text, *lines_around(text, identifier, LINES)):
                for token in _judged(known, value.group(), Span(*value.span())):
                    yield replace(token, beside=identifier)


def is_identifier(value: str) -> bool:
    """Whether a value is an identifier that belongs to a token: of which hardcoded-token speaks."""
    return any(_plain(known.beside).fullmatch(value) for known in _with_identifier())


@functools.cache
def _with_identifier() -> tuple[Format, ...]:
    return tuple(known for known in formats() if known.beside)


_plain = functools.cache(re.compile)
"""An expression without its borders, which is quick to search for."""


_NAME_END = re.compile(r"[\w.-]*\Z")


def _begins_word(text: str, at: int) -> bool:
    before, first = text[at - 1 : at], text[at : at + 1]
    return not before.isalnum() or (before.islower() and first.isupper()) or before.isdigit()


def shapes(text: str) -> Iterator[Span]:
    """Where a text has the form of a token, stand-ins and tokens with a wrong checksum included."""
    return (Span(*match.span()) for matches in _matches(text) for _, match in matches)


def _around(text: str, known: Format, keyword: str, at: int) -> re.Match[str] | None:
    """The match of a format that holds the keyword at `at`, or stands right behind it."""
    pattern = _pattern(known.form)
    behind = at + len(keyword)
    if "(?<=" in known.form and (match := pattern.match(text, behind)) is not None:
        return match
    for start in _starts(text, at, known.lead):
        match = pattern.match(text, start)
        if match is not None and match.end() > at:
            return match
    return None


_MOST_STARTS = 24


def _starts(text: str, at: int, lead: int) -> Iterable[int]:
    """Where a token may begin that has a keyword at most `lead` characters behind its start."""
    if lead <= _MOST_STARTS:
        return range(at, max(at - lead, 0) - 1, -1)
    begin = max(at - lead, 0)
    found = (begin + match.start() for match in _TOKEN_START.finditer(text[begin:at]))
    return [*found, at][-_MOST_STARTS:]


_TOKEN_START = re.compile(r"(?<![A-Za-z0-9_])[A-Za-z0-9_]|(?<=\\[nrt])\w")


def of_hit(code: str, text: str, span: Span) -> Iterator[Token]:
    """The tokens in what a backend found, if they have the form that their provider documents."""
    for known in _by_code().get(code, ()):
        pattern = _pattern(known.form)
        for start in range(span.start, span.end):
            match = pattern.match(text, start)
            if match is not None:
                yield from _judged(known, match.group(), Span(*match.span()))
                return


def _judged(known: Format, value: str, span: Span) -> Iterator[Token]:
    check = known.check
    if check is not None and not check.certain and check.is_valid(value):
        yield Token(known, span)
        return
    body = value
    for keyword in (*known.keywords, value[: known.fixed]):
        body = body.replace(keyword, "", 1)
    if is_evident_fake(body) or (check is None and is_wordy(body)):
        return
    if check is None or not check.certain or check.is_valid(value):
        yield Token(known, span, is_sure=check is None or check.certain)


@functools.cache
def _by_code() -> Mapping[str, tuple[Format, ...]]:
    found: dict[str, tuple[Format, ...]] = {}
    for known in formats():
        if known.code:
            found[known.code] = (*found.get(known.code, ()), known)
    return found


def keywords() -> tuple[str, ...]:
    """What a text must hold one of, to hold a token."""
    plain = {text for found in cues.written().values() for text, _ in found}
    return tuple(sorted(plain | {spelt for known in formats() for words in known.near for spelt in spellings(words)}))


def codes() -> tuple[str, ...]:
    """The backends' codes for tokens of these formats."""
    return tuple(sorted({known.code for known in formats() if known.code}))
