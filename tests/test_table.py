"""Every code of bandit and every security code of ruff leads to exactly one rule."""

from __future__ import annotations

import importlib
import importlib.metadata
import json
import re
import subprocess
from collections.abc import Iterator

import pytest

from shipworthy import language, registry
from shipworthy.config import Config
from shipworthy.document import Document
from shipworthy.model import Severity
from shipworthy.project import Project
from shipworthy.rules.table import ROWS, Row

ELSEWHERE = {
    "hardcoded-password": {"B105", "B106", "B107", "S105", "S106", "S107"},
    "swallowed-exception": {"B110", "B112", "S110", "S112"},
    "missing-timeout": {"B113", "S113"},
}
"""Codes of these tools that no rule about security speaks for."""


def bandit_codes() -> Iterator[str]:
    for entry in importlib.metadata.distribution("bandit").entry_points:
        if entry.group == "bandit.plugins":
            yield f"bandit:{entry.load()._test_id}"
        elif entry.group == "bandit.blacklists":
            yield from (f"bandit:{one['id']}" for listed in entry.load()().values() for one in listed)


def ruff_codes() -> Iterator[str]:
    """Those that can be selected: the documentation still lists removed ones."""
    command = [importlib.import_module("ruff").find_ruff_bin(), "rule", "--all", "--output-format", "json"]
    for rule in json.loads(subprocess.run(command, capture_output=True, check=True).stdout):
        if re.fullmatch(r"S\d+", rule["code"] or "") and "Removed" not in rule["status"]:
            yield f"ruff:{rule['code']}"


def test_each_code_leads_to_one_rule() -> None:
    codes = {*bandit_codes(), *ruff_codes()}
    rules = {code: registry.by_code().get(code, frozenset()) for code in codes}
    assert {code: found for code, found in rules.items() if len(found) != 1} == {}
    others = {code.partition(":")[2]: rule for code in codes for rule in rules[code] if rule in ELSEWHERE}
    assert others == {code: rule for rule, codes in ELSEWHERE.items() for code in codes}


def test_no_rule_names_a_code_that_does_not_exist() -> None:
    known = {*bandit_codes(), *ruff_codes()}
    named = {code for code in registry.by_code() if re.match(r"bandit:|ruff:S\d", code)}
    assert named - known == set()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_row(row: Row) -> None:
    assert re.fullmatch(r"[a-z]+(?:-[a-z]+)+", row.id)
    assert re.fullmatch(r"[A-Z`].*[^.]\.", row.reason) and ". " not in row.reason, "one sentence"
    assert row.cwe
    assert row.default or row.severity is Severity.HINT, "what needs a look at everything is no warning"
    kinds = row.at.split("|") if row.at else []
    assert all(language.grammar(language.PYTHON).id_for_node_kind(kind, True) for kind in kinds)


def test_hits_of_two_tools_are_one_finding() -> None:
    from shipworthy.analyze import analyze

    text = 'import flask\n\napp = flask.Flask("a")\napp.run(debug=True)\n\n\ndef f(version=ssl.PROTOCOL_SSLv3): ...\n'
    report = analyze(Document("a.py", text), Project("/", Config(select=("security",))))
    assert [(finding.rule, finding.sources) for finding in report.findings] == [
        ("debug-server", ("bandit:B201", "ruff:S201")),
        ("outdated-tls-version", ("bandit:B503", "ruff:S503")),
    ]
