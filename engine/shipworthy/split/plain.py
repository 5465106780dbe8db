"""Pieces of text without a grammar: paragraphs, the long ones continued in pieces of their own."""

from __future__ import annotations

import re
from collections.abc import Iterator

from shipworthy.split import Piece, Scope

_BORDER = re.compile(r"(?:\r\n|\r(?!\n)|\n)(?:[ \t]*(?:\r\n|\r(?!\n)|\n))*")
_SHORTEST = 1000
_LONGEST = 4000
_LONGEST_KEY = 20_000
"""Characters: a blank line ends a piece from the shortest length on, any line end from the longest."""


def scan(text: str, start: int, scopes: tuple[Scope, ...], cut: bool) -> Iterator[Piece]:
    """The pieces of any text from `start`; see `Scanner`. Every border is the start of a line."""
    at = start
    while at < len(text):
        end = len(text)
        for border in _BORDER.finditer(text, min(at + _SHORTEST, end)):
            is_border = border.end() - at >= _LONGEST or _is_blank(border.group())
            if is_border and not _is_within_key(text, at, border.end()):
                end = border.end()
                break
        yield Piece(at, end)
        at = end


def _is_within_key(text: str, start: int, end: int) -> bool:
    """Whether a cut at `end` would part the armour of a key or certificate that begins behind `start`."""
    opened = text.rfind("-----BEGIN ", max(start, end - _LONGEST_KEY), end)
    return opened >= 0 and text.find("-----END ", opened, end) < 0


def _is_blank(border: str) -> bool:
    return border.strip(" \t") not in {"\r\n", "\r", "\n"}
