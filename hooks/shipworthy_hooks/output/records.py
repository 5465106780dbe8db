"""Findings for programs: `json` is one object for the whole run, `jsonl` one line for each finding."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

import shipworthy
from shipworthy.model import Finding, Problem, Range, Severity
from shipworthy_hooks.checked import Checked
from shipworthy_hooks.output import Run


def jsonl(results: Iterable[Checked], run: Run) -> Iterator[str]:
    """One line for each finding, as it comes."""
    for checked in results:
        for finding in checked.report.findings:
            yield json.dumps(_finding(checked, finding)) + "\n"


def render(results: Iterable[Checked], run: Run) -> Iterator[str]:
    """One object: findings, what is hidden and why, what was skipped, what failed, and the sums."""
    found: dict[str, list[Any]] = {
        name: [] for name in ("findings", "suppressed", "baselined", "older", "problems", "skipped")
    }
    for checked in results:
        report = checked.report
        for name, findings in (
            ("findings", report.findings),
            ("suppressed", report.suppressed),
            ("baselined", report.baselined),
            ("older", checked.older),
        ):
            found[name].extend(_finding(checked, finding) for finding in findings)
        found["problems"].extend(_problem(checked, problem) for problem in report.problems)
        if report.skipped:
            found["skipped"].append({"path": checked.shown, "reason": report.skipped})
    tally = run.tally
    summary = {
        "files": tally.files,
        "blocking": tally.blocking,
        **{severity.label: tally.severities[severity] for severity in sorted(Severity, reverse=True)},
        "fixed": tally.applied,
        "exit_code": run.exit_code,
    }
    yield json.dumps({"version": shipworthy.__version__, **found, "summary": summary}, indent=2) + "\n"


def _finding(checked: Checked, finding: Finding) -> dict[str, Any]:
    return {
        "path": checked.shown,
        "rule": finding.rule,
        "family": str(finding.family),
        "severity": finding.severity.label,
        "message": finding.message,
        **_places(finding.range),
        "sources": list(finding.sources),
        "cwe": list(finding.cwe),
        "fingerprint": finding.fingerprint,
        "fixes": [{"title": fix.title, "safe": fix.safe} for fix in finding.fixes],
        "related": [
            {
                "path": checked.shown if one.path == checked.report.path else checked.show(one.path),
                "message": one.message,
                **_places(one.range),
            }
            for one in finding.related
        ],
    }


def _problem(checked: Checked, problem: Problem) -> dict[str, Any]:
    places = _places(problem.range) if problem.range is not None else {}
    return {"path": checked.shown, "message": problem.message, **places}


def _places(at: Range) -> dict[str, dict[str, int]]:
    return {
        "start": {"line": at.start.line, "column": at.start.column},
        "end": {"line": at.end.line, "column": at.end.column},
    }
