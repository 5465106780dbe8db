"""Excerpts of sources, with every secret masked: the one way in which source text gets into an output."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from shipworthy import sources
from shipworthy.analyze import analyze
from shipworthy.config import Config
from shipworthy.limits import TimeUp, time_limit
from shipworthy.model import Family, Lane, Range, Report, Span
from shipworthy.project import Project
from shipworthy.redact import MASK, to_mask
from shipworthy.sources import Text
from shipworthy_hooks.output.plain import count, visible, width

_LINE_END = re.compile(r"\r\n|\r|\n")
_WIDEST = 140
"""Columns of a line that are shown; of a longer one, the part around the finding."""
_BEFORE = 40
_TALLEST = 6
"""Lines of a finding that are shown; of a longer one, the first."""
_TAB = "    "
_SECONDS = 5.0
"""How long a text may be looked at for what is to be masked."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of an excerpt. `number`: 0 for lines left out. `mark`: what stands below it, if anything."""

    number: int
    text: str
    is_marked: bool = False
    mark: str = ""


class Masked:
    """A text with its secrets masked, line by line. `known`: values that are secret in another text.

    `text` is the text itself, never to be shown.
    """

    def __init__(self, text: str, secrets: Iterable[Span] = (), known: Iterable[str] = ()) -> None:
        self.text = text
        self._hidden = to_mask(text, secrets, known)
        self._starts = [0, *(match.end() for match in _LINE_END.finditer(text))]

    def __len__(self) -> int:
        return len(self._starts)

    def values(self) -> set[str]:
        """What is hidden, never to be shown."""
        return {self.text[span.start : span.end] for span in self._hidden}

    def cut_at_line_feeds(self) -> Iterator[tuple[str, str | None]]:
        """All lines with their line feeds as git counts them: as they are, and with masks if any is needed."""
        at = 0
        while at < len(self.text):
            end = self.text.find("\n", at) + 1 or len(self.text)
            whole = self.text[at:end]
            content = at + len(whole.rstrip("\r\n"))
            shown = "".join(text for _, text in self._pieces(at, content)) + self.text[content:end]
            yield whole, shown if any(self._hidden_in(at, content)) else None
            at = end

    def line(self, number: int) -> str:
        """A line (from 1) without its line end."""
        return "".join(text for _, text in self._parts(number))

    def column(self, number: int, column: int) -> int:
        """Where a column of the line (from 1) has gone to in `line`, as an index."""
        offset = self._starts[number - 1] + column - 1
        at = 0
        for start, text in self._parts(number):
            if start >= offset:
                break
            is_mask = text == MASK and self._is_hidden(start)
            at += len(text) if is_mask else min(len(text), offset - start)
        return at

    def frame(self, at: Range, around: int = 1) -> list[Row]:
        """The lines of a finding, with `around` lines before and after it."""
        first, last = at.start.line, min(at.end.line, len(self))
        if last > first and at.end.column == 1:
            last -= 1
        shown = min(last, first + _TALLEST - 1)
        behind = shown + around if shown == last else shown
        rows: list[Row] = []
        for number in range(max(first - around, 1), min(behind, len(self)) + 1):
            start, end = 0, 0
            if number == first == last:
                start, end = self.column(number, at.start.column), self.column(number, at.end.column)
            is_marked = first <= number <= last and first != last
            rows.append(_cut(number, self.line(number), start, end, is_marked))
        if shown < last:
            rows.append(Row(0, f"... and {count(last - shown, 'more line')}", is_marked=True))
        return rows

    def _parts(self, number: int) -> Iterable[tuple[int, str]]:
        """The pieces of a line with the offsets where they begin."""
        start = self._starts[number - 1]
        end = self._starts[number] if number < len(self._starts) else len(self.text)
        return self._pieces(start, start + len(self.text[start:end].rstrip("\r\n")))

    def _hidden_in(self, start: int, end: int) -> Iterator[Span]:
        """What is hidden of a part of the text."""
        for span in self._hidden[max(bisect_right(self._hidden, Span(start, start)) - 1, 0) :]:
            if span.start >= end:
                break
            if span.end > start:
                yield span

    def _pieces(self, start: int, end: int) -> Iterator[tuple[int, str]]:
        """A part of the text in pieces; a mask stands for what is hidden."""
        at = start
        for span in self._hidden_in(start, end):
            if span.start > at:
                yield at, self.text[at : span.start]
            yield max(span.start, start), MASK
            at = min(span.end, end)
        if at < end:
            yield at, self.text[at:end]

    def _is_hidden(self, offset: int) -> bool:
        return any(span.start <= offset < span.end for span in self._hidden)


def masked(
    decoded: Text, report: Report, project: Project | None, known: Iterable[str] = (), also: Iterable[Span] = ()
) -> Masked | None:
    """The text of a report with its secrets masked, and `also`; None if that takes too long to be worth it.

    What is masked does not depend on which rules were asked for: if those about secrets were not, they are now.
    """
    try:
        with time_limit(_SECONDS):
            return Masked(decoded.text, [*_secrets(decoded, report, project), *also], known)
    except TimeUp:
        return None


def _secrets(decoded: Text, report: Report, project: Project | None) -> list[Span]:
    """Where the secrets of a file are, suppressed ones too."""
    document = sources.document(report.path, decoded)
    asked = project.rules(report.path, document.language.id).ids if project is not None else frozenset[str]()
    wanted = Project(project.root if project is not None else "", Config(select=(Family.SECRETS,)))
    reports = [report]
    if not wanted.rules(report.path, document.language.id).ids <= asked:
        reports.append(analyze(document, wanted, lanes=Lane.FAST))
    found = (one for said in reports for one in (*said.findings, *said.suppressed, *said.baselined))
    return [finding.span for finding in found if finding.family is Family.SECRETS]


def _cut(number: int, line: str, start: int, end: int, is_marked: bool = False) -> Row:
    """A row that shows the part of a line around `start`; `start` and `end` are marked if they differ."""
    first = max(start - _BEFORE, 0) if len(line) > _WIDEST else 0
    before, marked, after = line[first:start], line[start : max(end, start)], line[max(end, start) :]
    room = max(_WIDEST - len(before), 1)
    marked, after = marked[:room], after[: max(room - len(marked), 0)]
    is_cut = first + len(before) + len(marked) + len(after) < len(line)
    lead = ("…" if first else "") + _shown(before)
    text = lead + _shown(marked) + _shown(after) + ("…" if is_cut else "")
    mark = ""
    if not is_marked and (start or end):
        mark = " " * width(lead) + "^" * max(width(_shown(marked)), 1)
    return Row(number, text, is_marked, mark)


def _shown(text: str) -> str:
    return visible(text.replace("\t", _TAB))
