"""Workflow commands, which GitHub Actions shows next to the lines of a change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from shipworthy.model import Range, Severity
from shipworthy_hooks.checked import Checked
from shipworthy_hooks.output import Run

_LEVELS = {Severity.HINT: "notice", Severity.WARNING: "warning", Severity.ERROR: "error"}


def render(results: Iterable[Checked], run: Run) -> Iterator[str]:
    """One command for each finding and each problem."""
    for checked in results:
        for problem in checked.report.problems:
            yield _command("error", checked.shown, problem.range, "could not check", problem.message)
        for finding in checked.report.findings:
            yield _command(_LEVELS[finding.severity], checked.shown, finding.range, finding.rule, finding.message)


def _command(level: str, path: str, at: Range | None, title: str, message: str) -> str:
    properties = {"title": f"shipworthy: {title}", "file": path}
    if at is not None:
        properties |= {"line": str(at.start.line), "endLine": str(at.end.line)}
        if at.start.line == at.end.line:
            properties |= {"col": str(at.start.column), "endColumn": str(max(at.end.column - 1, at.start.column))}
    listed = ",".join(
        f"{name}={_escaped(value).replace(':', '%3A').replace(',', '%2C')}" for name, value in properties.items()
    )
    return f"::{level} {listed}::{_escaped(message)}\n"


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
