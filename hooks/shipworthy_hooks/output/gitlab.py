"""GitLab's code quality report."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from shipworthy.model import Severity
from shipworthy_hooks.checked import Checked
from shipworthy_hooks.output import Run

_SEVERITIES = {Severity.HINT: "info", Severity.WARNING: "minor", Severity.ERROR: "critical"}


def render(results: Iterable[Checked], run: Run) -> Iterator[str]:
    """One list with an entry for each finding."""
    entries = [
        {
            "description": finding.message,
            "check_name": finding.rule,
            "fingerprint": finding.fingerprint,
            "severity": _SEVERITIES[finding.severity],
            "location": {
                "path": checked.shown,
                "lines": {"begin": finding.range.start.line, "end": finding.range.end.line},
            },
        }
        for checked in results
        for finding in checked.report.findings
    ]
    yield json.dumps(entries, indent=2) + "\n"
