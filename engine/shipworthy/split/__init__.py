"""Cut a text into pieces before anything is parsed, so that a broken piece costs itself and no more.

Each scanner reads strings, comments, brackets and indentation only. The pieces tile the text, and
a scan may start at any piece: an edit is answered by scanning from the piece before it until a new
border falls on an old one. On a text whose strings and brackets never close, scanners start over
in `cut` mode, where a declaration at the left margin ends whatever stands open.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scope:
    """A class that encloses a piece. `indent` and `body` are columns (`body` 0: not known yet)."""

    name: str
    indent: int
    body: int


@dataclass(frozen=True, slots=True)
class Piece:
    """`text[start:end]`, within the classes `scopes`, to be parsed between `prefix` and `suffix`.

    `unclosed` is set on the last piece alone: the text ends within a string or a bracket.
    """

    start: int
    end: int
    scopes: tuple[Scope, ...] = ()
    prefix: str = ""
    suffix: str = ""
    unclosed: bool = False


Scanner = Callable[[str, int, tuple[Scope, ...], bool], Iterator[Piece]]
"""`scan(text, start, scopes, cut)`: the pieces from `start`, which must be a border within `scopes`."""


def split(text: str, scan: Scanner) -> tuple[list[Piece], bool]:
    """All pieces of a text, and whether it took the `cut` mode to find them."""
    pieces = list(scan(text, 0, (), False))
    if pieces and pieces[-1].unclosed:
        return list(scan(text, 0, (), True)), True
    return pieces, False
