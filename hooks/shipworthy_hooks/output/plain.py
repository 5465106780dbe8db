"""Text that is safe to show: nothing in it can move the cursor, hide, or reverse what is read."""

from __future__ import annotations

import re
import unicodedata

_UNSEEN = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff]")


def visible(text: str) -> str:
    """The text with control characters, direction marks and broken file names spelt out; tabs stay."""
    return _UNSEEN.sub(lambda match: f"\\u{{{ord(match[0]):x}}}", text)


def seen(lines: bytes) -> str:
    """The lines of a file as a terminal may show them."""
    return "\n".join(visible(line) for line in lines.decode("utf-8", "replace").split("\n"))


def width(text: str) -> int:
    """How many columns of a terminal a text takes."""
    return sum(_columns(character) for character in text)


def _columns(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def count(number: int, noun: str) -> str:
    """`1 file`, `2 files`, `2 fixes`."""
    ending = "" if number == 1 else "es" if noun.endswith("x") else "s"
    return f"{number:,} {noun}{ending}"
