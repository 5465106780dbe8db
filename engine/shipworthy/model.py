"""The values that cross the engine's border: frozen, picklable, free of syntax nodes.

Every coordinate inside the engine is a `Span`: offsets into the document's text, in Unicode code
points. A `Range` (1-based line and column) is derived once, when a `Report` is put together, so
that no front door computes it a second time.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass


class Severity(enum.IntEnum):
    """How much a finding matters; ordered, so `>=` reads as "at least"."""

    HINT = 1
    WARNING = 2
    ERROR = 3

    @property
    def label(self) -> str:
        """The word used in configuration and output: `hint`, `warning` or `error`."""
        return self.name.lower()


class Family(enum.StrEnum):
    """The four subjects of the rules; also names a folder under `rules/` and a hook."""

    SECRETS = "secrets"
    ERRORS = "errors"
    SECURITY = "security"
    COMPLEXITY = "complexity"


class Lane(enum.Flag):
    """Groups of work by cost: the fast lane answers every keystroke, the others stream in behind."""

    FAST = enum.auto()
    BANDIT = enum.auto()
    RADON = enum.auto()
    RUFF = enum.auto()
    SLOW = BANDIT | RADON | RUFF
    ALL = FAST | SLOW


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A half-open interval of code points: `text[start:end]`."""

    start: int
    end: int

    def shifted(self, by: int) -> Span:
        """The same interval, `by` code points further on."""
        return Span(self.start + by, self.end + by)

    def holds(self, other: Span) -> bool:
        """Whether `other` lies within this span, edges included."""
        return self.start <= other.start and other.end <= self.end

    def overlaps(self, other: Span) -> bool:
        """Whether the two share a character, or one, being empty, stands within the other."""
        return max(self.start, other.start) < min(self.end, other.end) or self.holds(other) or other.holds(self)


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place as people count it: line and column, both from 1, the column in code points."""

    line: int
    column: int


@dataclass(frozen=True, slots=True, order=True)
class Range:
    """From the first character (inclusive) to the position behind the last."""

    start: Position
    end: Position


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace the text at `span` by `text`; in another file of the project if `path` names one."""

    span: Span
    text: str
    path: str | None = None


@dataclass(frozen=True, slots=True)
class Fix:
    """The promise of a fix. Its edits are computed on demand (see edits.py): they may hold a value.

    Only a `safe` fix, which keeps behaviour, is applied without being looked at.
    """

    title: str
    safe: bool


@dataclass(frozen=True, slots=True)
class Place:
    """A place that a rule names: a span within a block, by its key, of a file of the project.

    Empty `path` and `block` mean the block that the rule looks at. Becomes a `Related`, with a
    range, when a report is put together.
    """

    span: Span
    message: str
    path: str = ""
    block: str = ""


@dataclass(frozen=True, slots=True)
class Related:
    """A further place that explains a finding, such as a step on an error's way to a boundary."""

    path: str
    range: Range
    message: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One defect at one place. `sources` are the backends' codes for it, e.g. `bandit:B608`.

    `fingerprint` identifies the defect across line moves. It never depends on a secret's value.
    """

    span: Span
    range: Range
    rule: str
    family: Family
    severity: Severity
    message: str
    sources: tuple[str, ...] = ()
    cwe: tuple[int, ...] = ()
    related: tuple[Related, ...] = ()
    fixes: tuple[Fix, ...] = ()
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """What the engine could not do, and what to do about it. Never dropped; the hook exits 2."""

    message: str
    range: Range | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """The verdict on one file. `skipped` says why the file was not looked at, if it was not."""

    path: str
    findings: tuple[Finding, ...] = ()
    suppressed: tuple[Finding, ...] = ()
    baselined: tuple[Finding, ...] = ()
    problems: tuple[Problem, ...] = ()
    skipped: str = ""


FAIL_ON: Mapping[Family, Severity] = {
    Family.SECRETS: Severity.ERROR,
    Family.ERRORS: Severity.WARNING,
    Family.SECURITY: Severity.WARNING,
    Family.COMPLEXITY: Severity.ERROR,
}
"""The severity from which a finding of a family blocks, unless the configuration says otherwise."""
