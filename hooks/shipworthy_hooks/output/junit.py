"""JUnit's XML: one failing test for each finding, one in error for each problem."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator
from xml.sax.saxutils import escape, quoteattr

from shipworthy.model import Range
from shipworthy_hooks.checked import Checked
from shipworthy_hooks.output import Run
from shipworthy_hooks.output.plain import visible

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(results: Iterable[Checked], run: Run) -> Iterator[str]:
    """One suite. A run without findings is one test that passes."""
    cases: list[str] = []
    failures = errors = 0
    for checked in results:
        for problem in checked.report.problems:
            errors += 1
            cases.append(_case(checked, "could-not-check", problem.range, "error", problem.message))
        for finding in checked.report.findings:
            failures += 1
            kind = f"{finding.severity.label}: {finding.message}"
            cases.append(_case(checked, finding.rule, finding.range, "failure", kind))
    cases = cases or ['    <testcase name="no findings" classname="shipworthy"/>\n']
    sums = f'tests="{len(cases)}" failures="{failures}" errors="{errors}"'
    yield '<?xml version="1.0" encoding="utf-8"?>\n<testsuites>\n'
    yield f'  <testsuite name="shipworthy" {sums} time="{time.monotonic() - run.started:.3f}">\n'
    yield from cases
    yield "  </testsuite>\n</testsuites>\n"


def _case(checked: Checked, name: str, at: Range | None, kind: str, message: str) -> str:
    line = f" line={quoteattr(str(at.start.line))}" if at is not None else ""
    where = f"{checked.shown}:{at.start.line}:{at.start.column}" if at is not None else checked.shown
    path = _attribute(checked.shown)
    return (
        f"    <testcase name={_attribute(name)} classname={path} file={path}{line}>\n"
        f"      <{kind} message={_attribute(message)}>{_clean(escape(f'{where}: {message}'))}</{kind}>\n"
        "    </testcase>\n"
    )


def _attribute(text: str) -> str:
    return quoteattr(_clean(text))


def _clean(text: str) -> str:
    return _NOT_XML.sub(lambda match: visible(match[0]), text)
