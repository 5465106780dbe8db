"""What fixes would change, as a difference that `git apply` and `patch -p1` take: byte for byte, secrets aside.

A hunk in which a secret had to be masked says so, and does not apply: a mask must never be written into a file.
"""

from __future__ import annotations

import difflib
import functools
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from shipworthy.redact import MASK
from shipworthy_hooks.output.frames import Masked
from shipworthy_hooks.output.plain import visible

_CONTEXT = 3
_MANY, _NEAR = 250_000, 40
"""How many pairs of lines are all compared, and otherwise how far away the next lines that match may stand."""
_UNENDED = b"\n\\ No newline at end of file\n"
_IS_MASKED = b" a secret is shown as ***: this hunk cannot be applied"
_IS_RECODED = b" shown in UTF-8: this hunk cannot be applied"

Opcode = tuple[str, int, int, int, int]
"""A step from the old lines to the new: kind, old start and end, new start and end, as difflib gives them."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line up to and with its `\\n`, as git counts lines. `shown`: the same where a secret is masked in it."""

    data: bytes
    shown: bytes | None = None


@dataclass(frozen=True)
class Side:
    """One of two states of a file. `is_exact`: its lines are the bytes of the file, which UTF-16 does not allow."""

    lines: Sequence[Line]
    is_exact: bool = True

    @classmethod
    def of(cls, data: bytes, text: Masked) -> Side:
        """The lines of a file with what may be shown of them."""
        parts = _split(data)
        shown = list(text.cut_at_line_feeds())
        if len(parts) != len(shown):
            lines = [Line(whole.encode(), _masked(masked)) for whole, masked in shown]
            return cls(lines, is_exact=False)
        return cls([Line(part, _masked(masked)) for part, (_, masked) in zip(parts, shown, strict=True)])


class _Anchored(difflib.SequenceMatcher[bytes]):
    """Compares from one line that is unique on both sides to the next: to compare all lines of a long file, many of
    them alike, takes minutes.
    """

    def __init__(self, old: list[bytes], new: list[bytes]) -> None:
        self._old, self._new = old, new
        super().__init__(None, old, new, autojunk=False)

    def get_matching_blocks(self) -> list[difflib.Match]:
        """See `difflib`."""
        old, new = self._old, self._new
        found: list[list[int]] = []
        at_old = at_new = 0
        for one, other in [*_anchors(old, new), (len(old), len(new))]:
            blocks = [(at_old + a, at_new + b, size) for a, b, size in _matching(old[at_old:one], new[at_new:other])]
            for a, b, size in [*blocks, (one, other, int(one < len(old)))]:
                if found and found[-1][0] + found[-1][2] == a and found[-1][1] + found[-1][2] == b:
                    found[-1][2] += size
                else:
                    found.append([a, b, size])
            at_old, at_new = one + 1, other + 1
        return [*(difflib.Match(*block) for block in found if block[2]), difflib.Match(len(old), len(new), 0)]


def _matching(old: list[bytes], new: list[bytes]) -> Iterator[tuple[int, int, int]]:
    """Where lines match, and how many; of many lines that are all there more than once, each the nearest."""
    if len(old) * len(new) <= _MANY:
        matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
        yield from (block for block in matcher.get_matching_blocks() if block.size)
        return
    at = to = 0
    while at < len(old) and to < len(new):
        steps = next(
            (
                (step, distance - step)
                for distance in range(_NEAR)
                for step in range(distance + 1)
                if old[at + step : at + step + 1] == new[to + distance - step : to + distance - step + 1] != []
            ),
            (1, 1),
        )
        at, to = at + steps[0], to + steps[1]
        if old[at : at + 1] == new[to : to + 1] != []:
            yield at, to, 1
            at, to = at + 1, to + 1


def _anchors(old: list[bytes], new: list[bytes]) -> list[tuple[int, int]]:
    """Where lines stand that are unique on both sides, the longest row of them in the same order."""
    many_old, many_new = Counter(old), Counter(new)
    places = {line: at for at, line in enumerate(new) if many_new[line] == 1}
    pairs = [(at, places[line]) for at, line in enumerate(old) if many_old[line] == 1 and line in places]
    lasts: list[int] = []
    ends: list[int] = []
    before: list[int] = []
    for index, (_, place) in enumerate(pairs):
        length = bisect_left(lasts, place)
        before.append(ends[length - 1] if length else -1)
        lasts[length : length + 1] = [place]
        ends[length : length + 1] = [index]
    row: list[tuple[int, int]] = []
    index = ends[-1] if ends else -1
    while index >= 0:
        row.append(pairs[index])
        index = before[index]
    return row[::-1]


@dataclass(frozen=True)
class Change:
    """What is between two states of a file."""

    old: Side
    new: Side

    @functools.cached_property
    def _matcher(self) -> difflib.SequenceMatcher[bytes]:
        return _Anchored([line.data for line in self.old.lines], [line.data for line in self.new.lines])

    def new_lines(self, line: int) -> range:
        """Where an old line (from 0) may have gone to: its place, or the lines that replace those around it."""
        for kind, start, end, new_start, new_end in self._matcher.get_opcodes():
            if start <= line < end:
                at = new_start + line - start
                return range(at, at + 1) if kind == "equal" else range(new_start, new_end)
        return range(0)

    def unified(self, path: str) -> bytes:
        """The difference under the name of the file, as git writes it."""
        if self.old.lines == self.new.lines:
            return b""
        before = _quoted(f"a/{path}") if self.old.lines else b"/dev/null"
        hunks = (self._hunk(group) for group in self._matcher.get_grouped_opcodes(_CONTEXT))
        return b"".join([b"--- ", before, b"\n+++ ", _quoted(f"b/{path}"), b"\n", *hunks])

    def _hunk(self, group: Sequence[Opcode]) -> bytes:
        first, last = group[0], group[-1]
        old, new = self.old.lines[first[1] : last[2]], self.new.lines[first[3] : last[4]]
        is_masked = any(line.shown is not None for line in (*old, *new))
        note = _IS_MASKED if is_masked else b"" if self.old.is_exact and self.new.is_exact else _IS_RECODED
        # What is only added could be applied with its mask: an old line that is nowhere prevents that.
        is_guarded = is_masked and bool(old) and not any(line.shown is not None for line in old)
        rows = list(self._rows(group))
        if is_guarded:
            rows.insert(next(at for at, (sign, _) in enumerate(rows) if sign == b"+"), (b" ", f"{MASK}\n".encode()))
        more = int(is_guarded)
        head = f"@@ -{_extent(first[1], last[2] + more)} +{_extent(first[3], last[4] + more)} @@".encode()
        return b"".join([head, note, b"\n", *(_row(sign, data) for sign, data in rows)])

    def _rows(self, group: Sequence[Opcode]) -> Iterator[tuple[bytes, bytes]]:
        for kind, old_start, old_end, new_start, new_end in group:
            if kind == "equal":
                yield from ((b" ", _shown(line)) for line in self.old.lines[old_start:old_end])
                continue
            yield from ((b"-", _shown(line)) for line in self.old.lines[old_start:old_end])
            yield from ((b"+", _shown(line)) for line in self.new.lines[new_start:new_end])


def _split(data: bytes) -> list[bytes]:
    """The lines of a file, each with its line feed, the last perhaps without."""
    *whole, last = data.split(b"\n")
    return [*(line + b"\n" for line in whole), *([last] if last else [])]


def _shown(line: Line) -> bytes:
    return line.data if line.shown is None else line.shown


def _masked(text: str | None) -> bytes | None:
    return None if text is None else text.encode("utf-8", "replace")


def _row(sign: bytes, data: bytes) -> bytes:
    return sign + data if data.endswith(b"\n") else sign + data + _UNENDED


def _extent(start: int, end: int) -> str:
    return str(start + 1) if end - start == 1 else f"{start + 1 if end > start else start},{end - start}"


def _quoted(path: str) -> bytes:
    """A path as git writes it: in quotes, with escapes, if anything in it could be misread."""
    data = path.encode("utf-8", "surrogateescape")
    if visible(path) == path and not any(mark in data for mark in b'"\\\t'):
        return data
    return b'"' + b"".join(_escaped(byte) for byte in data) + b'"'


def _escaped(byte: int) -> bytes:
    if byte in b'"\\':
        return b"\\" + bytes([byte])
    return bytes([byte]) if 0x20 <= byte < 0x7F else f"\\{byte:03o}".encode()
