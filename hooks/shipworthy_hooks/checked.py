"""What a run hands to its output: the verdict on each file, and the sums at the end."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from shipworthy.config import Config
from shipworthy.model import Finding, Fix, Problem, Report, Severity
from shipworthy.project import Project
from shipworthy.sources import Files


@dataclass(frozen=True)
class Checked:
    """A report with what it takes to show it. `shown`: the file's path as people see it.

    `older`: findings that were there before the revision that the run compares with. `applied`:
    fixes that were made; the report is then that of the fixed text. `diff`: what they would change, if they
    are only shown; the report is then that of the text as it is, without what they mend. `unfixed`: how many of
    the report's problems, the last ones, are about fixes that could not be made.
    """

    report: Report
    shown: str
    project: Project | None = None
    files: Files | None = None
    older: tuple[Finding, ...] = ()
    applied: tuple[tuple[Finding, Fix], ...] = ()
    diff: bytes = b""
    unfixed: int = 0

    def blocks(self, finding: Finding) -> bool:
        """Whether a finding of this file makes the run fail."""
        settings = self.project.config if self.project is not None else Config()
        return settings.blocks(finding.family, finding.severity)

    @property
    def subject(self) -> str:
        """What a problem is told of."""
        return "the current folder" if self.shown == "." else self.shown

    def show(self, path: str) -> str:
        """The path of another file of the same project as people see it."""
        return shown(Path(self.project.root) / path) if self.project is not None else path


Write = Callable[[Checked, bytes, bytes], str]
"""`write(checked, before, after)`: puts a fixed file where it belongs; why it could not, or ""."""


@dataclass
class Tally:
    """The sums of a run, complete when all its results have been through `count`."""

    files: int = 0
    severities: Counter[Severity] = field(default_factory=Counter[Severity])
    skipped: Counter[str] = field(default_factory=Counter[str])
    blocking: int = 0
    suppressed: int = 0
    baselined: int = 0
    older: int = 0
    problems: int = 0
    unfixed: int = 0
    applied: int = 0
    would_change: int = 0
    safe_fixes: int = 0
    other_fixes: int = 0

    def count(self, results: Iterable[Checked]) -> Iterator[Checked]:
        """Pass the results on, counting them."""
        for checked in results:
            self._add(checked)
            yield checked

    def exit_code(self, *, exit_zero: bool = False) -> int:
        """0 clean, 1 findings that block (or, with a diff, fixes to be made), 2 could not check."""
        if self.problems:
            return 2
        return 1 if (self.blocking or self.would_change) and not exit_zero else 0

    def _add(self, checked: Checked) -> None:
        report = checked.report
        self.problems += len(report.problems)
        self.unfixed += checked.unfixed
        self.applied += len(checked.applied) if not checked.diff else 0
        self.would_change += bool(checked.diff)
        if report.skipped:
            self.skipped[report.skipped] += 1
            return
        self.files += checked.project is not None
        self.suppressed += len(report.suppressed)
        self.baselined += len(report.baselined)
        self.older += len(checked.older)
        for finding in report.findings:
            self.severities[finding.severity] += 1
            self.blocking += checked.blocks(finding)
            self.safe_fixes += any(fix.safe for fix in finding.fixes)
            self.other_fixes += bool(finding.fixes) and not any(fix.safe for fix in finding.fixes)


def trouble(path: str, message: str) -> Checked:
    """A verdict that could not be reached on what was named."""
    return Checked(Report(path, problems=(Problem(message),)), path)


def shown(path: Path) -> str:
    """A path as people see it: relative to the working directory, with forward slashes."""
    try:
        return Path(os.path.relpath(path)).as_posix()
    except ValueError:  # another drive of Windows
        return path.as_posix()


def shown_below(root: str) -> Callable[[str], str]:
    """`shown` for many files, by their paths relative to a folder."""

    top = shown(Path(root))
    if top == ".":
        return lambda path: path
    if ".." not in top.split("/"):
        return lambda path: f"{top}/{path}"
    return lambda path: shown(Path(root) / path)  # the working directory may lie between the two
