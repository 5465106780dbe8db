"""SARIF 2.1.0, for code scanning services."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote

import shipworthy
from shipworthy import registry
from shipworthy.model import Finding, Problem, Range, Severity
from shipworthy_hooks.checked import Checked
from shipworthy_hooks.output import Run

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {Severity.HINT: "note", Severity.WARNING: "warning", Severity.ERROR: "error"}


def render(results: Iterable[Checked], run: Run) -> Iterator[str]:
    """One log with one run: what is hidden is in it too, with the reason why it is."""
    found: list[dict[str, Any]] = []
    notes: list[dict[str, Any]] = []
    rules: dict[str, int] = {}
    for checked in results:
        report = checked.report
        notes.extend(_notification(checked, problem) for problem in report.problems)
        for findings, hidden in (
            (report.findings, {}),
            (report.suppressed, _hidden("inSource", "suppressed in the source or by the settings of a tool")),
            (report.baselined, _hidden("external", "in the baseline")),
            (checked.older, _hidden("external", f"older than {run.since}")),
        ):
            for finding in findings:
                at = rules.setdefault(finding.rule, len(rules))
                found.append(_result(checked, finding, at) | hidden)
    driver = {
        "name": "shipworthy",
        "version": shipworthy.__version__,
        "semanticVersion": shipworthy.__version__,
        "rules": [_rule(rule) for rule in rules],
    }
    invocation = {
        "executionSuccessful": not notes,
        "exitCode": run.exit_code,
        "toolExecutionNotifications": notes,
    }
    log = {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": driver},
                "invocations": [invocation],
                "columnKind": "unicodeCodePoints",
                "results": found,
            }
        ],
    }
    yield json.dumps(log, indent=2) + "\n"


def _hidden(kind: str, why: str) -> dict[str, Any]:
    return {"suppressions": [{"kind": kind, "justification": why}]}


def _rule(rule_id: str) -> dict[str, Any]:
    rule = registry.load(rule_id)
    what, _, rest = rule.doc.partition("\n\n")
    return {
        "id": rule.id,
        "name": "".join(part.capitalize() for part in rule.id.split("-")),
        "shortDescription": {"text": " ".join(what.split())},
        "fullDescription": {"text": " ".join(rest.split()) or " ".join(what.split())},
        "help": {"text": rule.doc, "markdown": rule.doc},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "properties": {"tags": [str(rule.family), *(f"external/cwe/cwe-{number}" for number in rule.cwe)]},
    }


def _result(checked: Checked, finding: Finding, rule: int) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": rule,
        "level": _LEVELS[finding.severity],
        "message": {"text": finding.message},
        "locations": [_location(checked.shown, finding.range)],
        "partialFingerprints": {"shipworthy/v1": finding.fingerprint},
    }
    if finding.related:
        result["relatedLocations"] = [
            {"id": number, **_location(checked.show(one.path), one.range), "message": {"text": one.message}}
            for number, one in enumerate(finding.related)
        ]
    properties = {
        "sources": list(finding.sources),
        "fixes": [{"title": fix.title, "safe": fix.safe} for fix in finding.fixes],
    }
    if any(properties.values()):
        result["properties"] = {name: value for name, value in properties.items() if value}
    return result


def _notification(checked: Checked, problem: Problem) -> dict[str, Any]:
    return {
        "level": "error",
        "message": {"text": problem.message},
        "locations": [_location(checked.shown, problem.range)],
    }


def _location(path: str, at: Range | None) -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": {"uri": quote(path, errors="replace")}}
    if at is not None:
        place["region"] = {
            "startLine": at.start.line,
            "startColumn": at.start.column,
            "endLine": at.end.line,
            "endColumn": at.end.column,
        }
    return {"physicalLocation": place}
