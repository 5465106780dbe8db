"""Finds the tokens that the formats describe: by keyword, then by form, border and checksum."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from shipworthy.model import Severity, Span
from shipworthy.secrets.formats import FORMATS
from shipworthy.secrets.formats.model import Format
from shipworthy.secrets.values import is_evident_fake


@dataclass(frozen=True, slots=True)
class Token:
    """A token in a text. `is_sure`: it passed the check that is built into it, or has none."""

    format: Format
    span: Span
    is_sure: bool = True

    @property
    def severity(self) -> Severity:
        """How much it matters: a token that fails its checksum was mistyped or made up."""
        return self.format.severity if self.is_sure else min(self.format.severity, Severity.WARNING)


_BEFORE = r"(?:(?<![A-Za-z0-9_])|(?<=\\[nrt])|(?<=%3[AaDd])|(?<=%2[02]))"
_BEHIND = r"(?![A-Za-z0-9_])"


@functools.cache
def _pattern(form: str) -> re.Pattern[str]:
    """The expression of a format between borders that no word crosses; escapes end a word."""
    return re.compile(rf"{_BEFORE}(?:{form}){_BEHIND}")


def at_keyword(text: str, keyword: str, at: int) -> Iterator[Token]:
    """The token that holds the occurrence of a format's keyword at `at`."""
    for known in _by_keyword()[keyword]:
        match = _around(text, known, at)
        if match is not None:
            yield from _judged(known, match)
            return


def _around(text: str, known: Format, at: int) -> re.Match[str] | None:
    """The match of a format that holds the keyword at `at`."""
    pattern = _pattern(known.form)
    for start in range(at, max(at - known.lead, 0) - 1, -1):
        match = pattern.match(text, start)
        if match is not None and match.end() > at:
            return match
    return None


def in_text(text: str) -> Iterator[Token]:
    """Every token of a format that has keywords."""
    for match in re.finditer(KEYWORD_PATTERN, text):
        yield from at_keyword(text, match.group(), match.start())


def shapes(text: str) -> Iterator[Span]:
    """Where a text has the form of a token, stand-ins and tokens with a wrong checksum included."""
    for keyword in re.finditer(KEYWORD_PATTERN, text):
        for known in _by_keyword()[keyword.group()]:
            match = _around(text, known, keyword.start())
            if match is not None:
                yield Span(*match.span())


def of_hit(code: str, text: str, span: Span) -> Iterator[Token]:
    """The tokens in what a backend found, if they have the form that their provider documents."""
    for known in _by_code().get(code, ()):
        pattern = _pattern(known.form)
        for start in range(span.start, span.end):
            match = pattern.match(text, start)
            if match is not None:
                yield from _judged(known, match)
                return


def _judged(known: Format, match: re.Match[str]) -> Iterator[Token]:
    value = match.group()
    if is_evident_fake(value[known.fixed :]):
        return
    is_sure = known.is_valid is None or known.is_valid(value)
    if is_sure or not known.certain:
        yield Token(known, Span(*match.span()), is_sure)


@functools.cache
def _by_keyword() -> Mapping[str, tuple[Format, ...]]:
    found: dict[str, tuple[Format, ...]] = {}
    for known in FORMATS:
        for keyword in known.keywords:
            found[keyword] = (*found.get(keyword, ()), known)
    return found


@functools.cache
def _by_code() -> Mapping[str, tuple[Format, ...]]:
    found: dict[str, tuple[Format, ...]] = {}
    for known in FORMATS:
        for code in known.codes:
            found[code] = (*found.get(code, ()), known)
    return found


KEYWORDS: tuple[str, ...] = tuple(sorted({keyword for known in FORMATS for keyword in known.keywords}))
"""What a text must hold one of, to hold a token."""

KEYWORD_PATTERN = "|".join(re.escape(keyword) for keyword in sorted(KEYWORDS, key=len, reverse=True))
"""Any keyword; of two that begin alike the longer one."""

CODES: tuple[str, ...] = tuple(sorted({code for known in FORMATS for code in known.codes}))
"""The backends' codes for tokens of these formats."""
