"""The documents of the client that one text is made of: the file itself, or the cells of a notebook.

A cell begins at the beginning of a line, so the text and the cell differ in how they count lines and in nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from lsprotocol import types

from shipworthy_server.convert import Encoding
from shipworthy_server.loose import Json


@dataclass(frozen=True)
class Part:
    """A document of the client, at a version. `line`: the first one that it has in the text, from 0.

    `lines`: how many it has, None for all of them; `last`: the text of its last line.
    """

    uri: str
    version: int
    line: int = 0
    lines: int | None = None
    last: str = ""

    def holds(self, place: Json) -> bool:
        """Whether an LSP range of the text begins in this part."""
        first: int = place["start"]["line"]
        return self.lines is None or self.line <= first < self.line + self.lines

    def inside(self, place: Json, encoding: Encoding) -> Json:
        """An LSP range of the text that begins in this part, as the part counts; it ends where the part does."""
        if self.lines is None:
            return place
        start, end = ({**place[name], "line": place[name]["line"] - self.line} for name in ("start", "end"))
        if end["line"] >= self.lines:
            end = {"line": self.lines - 1, "character": encoding.units(self.last)}
        return {"start": start, "end": end}

    def outside(self, place: types.Range) -> types.Range:
        """An LSP range of this part, as the text counts."""
        ends = (types.Position(one.line + self.line, one.character) for one in (place.start, place.end))
        return types.Range(*ends)


def within(part: Part, items: Iterable[Json], encoding: Encoding) -> list[Json]:
    """Those of some items with a range (diagnostics, edits, lenses) that begin in a part, as the part counts."""
    if part.lines is None:
        return [*items]
    return [{**one, "range": part.inside(one["range"], encoding)} for one in items if part.holds(one["range"])]


def located(location: Json, whole: str, parts: Iterable[Part], encoding: Encoding) -> Json:
    """A location; if it is in the text `whole`, in the part that it is in."""
    found = (part for part in parts if location["uri"] == whole and part.holds(location["range"]))
    part = next(found, None)
    return location if part is None else {"uri": part.uri, "range": part.inside(location["range"], encoding)}
