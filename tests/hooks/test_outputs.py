"""Every format is what its reader expects, and they all tell the same story."""

from __future__ import annotations

import json
import os
import re
import sys
import xml.etree.ElementTree
from typing import Any

import pytest

from .shell import SWALLOWED, Shell

ALLOWED = "try:\n    work()\nexcept:  # shipworthy: allow swallowed-exception -- why not\n    pass\n"
DEEP = "def f(a):\n" + "".join("    " * depth + f"    if a > {depth}:\n" for depth in range(9)) + "    " * 10 + "pass\n"


@pytest.fixture
def mixed(repository: Shell) -> Shell:
    """Findings of several kinds, hidden ones, skipped ones, and a problem."""
    repository.write("known.py")
    assert repository.ship("baseline").code == 0
    repository.write("a <&\"'%,:.py", "é = 1; " + SWALLOWED.replace("try:", "x = 2\ntry:", 1))
    repository.write("b.py", DEEP)
    repository.write("hidden.py", ALLOWED)
    repository.write("c.bin", b"\0")
    repository.write("broken/shipworthy.toml", "x = 1\n")
    repository.write("broken/d.py")
    return repository


def told(shell: Shell, output_format: str) -> str:
    done = shell.ship("check", "--output-format", output_format)
    assert done.code == 2
    return done.out


def expected(shell: Shell) -> set[tuple[str, str, int, int]]:
    """Path, rule, line and column of each finding, as `jsonl` has them."""
    return {
        (one["path"], one["rule"], one["start"]["line"], one["start"]["column"])
        for one in map(json.loads, told(shell, "jsonl").splitlines())
    }


def test_jsonl_has_one_line_with_the_agreed_keys_for_each_finding(mixed: Shell) -> None:
    records = [json.loads(line) for line in told(mixed, "jsonl").splitlines()]
    keys = ["path", "rule", "family", "severity", "message", "start", "end", "sources", "cwe", "fingerprint", "fixes"]
    keys.append("related")
    assert len(records) >= 2 and all(list(record) == keys for record in records)
    swallowed = next(record for record in records if record["rule"] == "swallowed-exception")
    assert swallowed["start"] == {"line": 4, "column": 1} and swallowed["end"] == {"line": 5, "column": 9}
    assert {"ruff:S110", "bandit:B110"} <= {*swallowed["sources"]} and swallowed["family"] == "errors"
    assert all({*fix} == {"title", "safe"} for fix in swallowed["fixes"])
    assert len({record["fingerprint"] for record in records}) == len(records)


WAY = """
import flask, requests

app = flask.Flask(__name__)

def rates():
    return requests.get("https://example.org", timeout=5)

@app.get("/")
def show():
    return rates().text
"""


def test_records_have_the_steps_of_an_errors_way(repository: Shell) -> None:
    repository.write("shop/app.py", WAY)
    records = map(
        json.loads, repository.ship("check", "--output-format", "jsonl", "--select", "errors").out.splitlines()
    )
    upstream = next(record for record in records if record["rule"] == "unhandled-upstream-failure")
    (step,) = upstream["related"]
    assert (step["path"], step["start"]["line"], step["message"]) == ("shop/app.py", 11, "show calls rates here")


def test_json_tells_what_is_hidden_skipped_and_failed_too(mixed: Shell) -> None:
    report = json.loads(told(mixed, "json"))
    assert {(one["path"], one["rule"], *one["start"].values()) for one in report["findings"]} == expected(mixed)
    assert [one["path"] for one in report["suppressed"]] == ["hidden.py"]
    assert [one["path"] for one in report["baselined"]] == ["known.py"]
    assert report["skipped"] == [{"path": "c.bin", "reason": "binary"}]
    assert {one["path"] for one in report["problems"]} == {"broken/shipworthy.toml"}
    summary = report["summary"]
    assert summary["exit_code"] == 2
    assert summary["error"] + summary["warning"] + summary["hint"] == len(report["findings"])


SARIF: dict[str, set[str]] = {
    "log": {"$schema", "version", "runs"},
    "run": {"tool", "invocations", "columnKind", "results"},
    "invocation": {"executionSuccessful", "exitCode", "toolExecutionNotifications"},
    "driver": {"name", "version", "semanticVersion", "rules"},
    "rule": {"id", "name", "shortDescription", "fullDescription", "help", "defaultConfiguration", "properties"},
    "result": {
        *("ruleId", "ruleIndex", "level", "message", "locations", "partialFingerprints"),
        *("relatedLocations", "suppressions", "properties"),
    },
    "region": {"startLine", "startColumn", "endLine", "endColumn"},
}
"""Per object of SARIF 2.1.0, those of its properties that we use: the schema allows no others than its own."""


def test_sarif_is_as_the_standard_has_it(mixed: Shell) -> None:
    log = json.loads(told(mixed, "sarif"))
    [run] = log["runs"]
    driver, [invocation] = run["tool"]["driver"], run["invocations"]
    assert log["version"] == "2.1.0" and run["columnKind"] == "unicodeCodePoints"
    assert {*log} == SARIF["log"] and {*run} == SARIF["run"] and {*driver} == SARIF["driver"]
    assert {*invocation} == SARIF["invocation"] and invocation["exitCode"] == 2
    assert invocation["executionSuccessful"] is False
    assert len(invocation["toolExecutionNotifications"]) == 2
    for rule in driver["rules"]:
        assert {*rule} == SARIF["rule"] and rule["help"]["markdown"] and rule["shortDescription"]["text"]
        assert rule["defaultConfiguration"]["level"] in ("error", "warning", "note")
    assert len({rule["id"] for rule in driver["rules"]}) == len(driver["rules"])
    shown: set[tuple[str, str, int, int]] = set()
    for result in run["results"]:
        assert {*result} <= SARIF["result"] and result["message"]["text"]
        assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        [location] = result["locations"]
        region, uri = location["physicalLocation"]["region"], location["physicalLocation"]["artifactLocation"]["uri"]
        assert {*region} == SARIF["region"] and all(value >= 1 for value in region.values())
        assert not re.search(r"[ <>\"]", uri)
        if "suppressions" not in result:
            from urllib.parse import unquote

            shown.add((unquote(uri), result["ruleId"], region["startLine"], region["startColumn"]))
    assert shown == expected(mixed)
    hidden = [one["suppressions"][0]["kind"] for one in run["results"] if "suppressions" in one]
    assert sorted(hidden) == ["external", "inSource"]


def test_gitlab_gets_a_list_with_unique_fingerprints(mixed: Shell) -> None:
    entries = json.loads(told(mixed, "gitlab"))
    assert {(one["location"]["path"], one["check_name"], one["location"]["lines"]["begin"]) for one in entries} == {
        place[:3] for place in expected(mixed)
    }
    assert len({one["fingerprint"] for one in entries}) == len(entries)
    assert {one["severity"] for one in entries} <= {"info", "minor", "major", "critical", "blocker"}


def test_github_gets_workflow_commands(mixed: Shell) -> None:
    def value(text: str) -> str:
        return text.replace("%3A", ":").replace("%2C", ",").replace("%25", "%")

    commands: list[dict[str, Any]] = []
    for line in told(mixed, "github").splitlines():
        command = re.fullmatch(r"::(error|warning|notice) ([^:]*)::(.+)", line)
        assert command is not None, line
        properties = dict(part.split("=", 1) for part in command[2].split(","))
        commands.append({name: value(text) for name, text in properties.items()})
    told_of = {(one["file"], one["title"].removeprefix("shipworthy: "), int(one.get("line", 0))) for one in commands}
    places = {place[:3] for place in expected(mixed)}
    assert told_of == places | {("broken/shipworthy.toml", "could not check", line) for line in (0, 1)}


def test_junit_is_xml_with_a_case_for_each(mixed: Shell) -> None:
    root = xml.etree.ElementTree.fromstring(told(mixed, "junit"))
    [suite] = root
    assert root.tag == "testsuites" and suite.tag == "testsuite"
    failures = [case for case in suite if case.find("failure") is not None]
    errors = [case for case in suite if case.find("error") is not None]
    assert {(case.get("file"), case.get("name"), int(case.get("line", "0"))) for case in failures} == {
        place[:3] for place in expected(mixed)
    }
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == (
        str(len(suite)),
        str(len(failures)),
        str(len(errors)),
    )
    assert len(errors) == 2


def test_a_clean_run_is_told_in_every_format(repository: Shell) -> None:
    repository.write("a.py", "x = 1\n")
    expected = {
        "text": "nothing found",
        "json": '"findings": []',
        "jsonl": "",
        "sarif": '"results": []',
        "gitlab": "[]",
        "github": "",
        "junit": 'failures="0"',
    }
    for output_format, part in expected.items():
        done = repository.ship("check", "--output-format", output_format)
        assert (done.code, done.err) == (0, "") and part in done.out
        assert bool(done.out) == bool(part)


def test_problems_are_told_on_stderr_where_a_format_has_no_place_for_them(mixed: Shell) -> None:
    for output_format in ("jsonl", "json", "sarif", "gitlab", "github", "junit"):
        done = mixed.ship("check", "--output-format", output_format)
        assert "broken/shipworthy.toml:1: unknown setting 'x'" in done.err
    assert mixed.ship("check").err == ""


def test_text_shows_the_lines_marks_the_place_and_sums_up(mixed: Shell) -> None:
    text = told(mixed, "text")
    assert "\x1b" not in text
    assert "b.py:1:5: error: " in text or "b.py:1:5: warning: " in text
    assert re.search(r"^    1 \| def f\(a\):\n      \|     \^$", text, re.MULTILINE)
    assert re.search(r"^  > 4 \| except:\n  > 5 \|     pass$", text, re.MULTILINE)
    last = text.splitlines()[-4:]
    assert any(line.startswith("Checked ") for line in last)
    assert any("1 file skipped (1 binary); 1 finding suppressed; 1 finding in the baseline" in line for line in last)
    assert any("Could not check everything: 2 problems, see above." in line for line in last)


def test_hints_are_counted_and_shown_only_if_there_is_nothing_else(repository: Shell) -> None:
    repository.write("shipworthy.toml", 'severity.swallowed-exception = "hint"\n')
    repository.write("a.py", "\n" + SWALLOWED)
    done = repository.ship("check")
    assert done.code == 0 and "a.py:4:1: hint: " in done.out and "1 hint" in done.out
    repository.write("b.py", DEEP)
    done = repository.ship("check")
    assert ":5: warning: " in done.out and ": hint: " not in done.out and " hint" in done.out.splitlines()[-1]


def test_colours_are_for_terminals_unless_the_environment_says_otherwise(repository: Shell) -> None:
    repository.write("a.py")
    assert "\x1b[" not in repository.ship("check").out
    repository.variables["FORCE_COLOR"] = "1"
    coloured = repository.ship("check").out
    assert "\x1b[" in coloured
    assert "\x1b[" not in repository.ship("check", "--output-format", "json").out
    repository.variables["NO_COLOR"] = "1"
    plain = repository.ship("check").out
    assert "\x1b[" not in plain
    assert re.sub(r"in \d.* s", "", re.sub(r"\x1b\[[\d;]*m", "", coloured)) == re.sub(r"in \d.* s", "", plain)


def test_on_a_terminal_there_are_colours(repository: Shell) -> None:
    import pty
    import subprocess

    repository.write("a.py")
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "shipworthy_hooks", "check"],
        cwd=repository.folder,
        env=repository.environment | {"TERM": "xterm"},
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    shown = b""
    while True:
        try:
            piece = os.read(ours, 4096)
        except OSError:
            break
        if not piece:
            break
        shown += piece
    assert process.wait(timeout=60) == 1
    assert b"\x1b[" in shown and b"swallowed-exception" in shown
    os.close(ours)


def test_rules_are_documented(repository: Shell) -> None:
    listed = repository.ship("rule")
    assert listed.code == 0 and "errors:\n" in listed.out and "  swallowed-exception " in listed.out
    shown = repository.ship("rule", "swallowed-exception")
    assert shown.out.startswith("# swallowed-exception\n") and "Family: errors" in shown.out
    assert shown.out == repository.ship("rule", "swallowed-exception", "--output-format", "markdown").out
    one = json.loads(repository.ship("rule", "swallowed-exception", "--output-format", "json").out)
    assert {"id", "family", "severity", "fix", "doc"} <= {*one}
    assert (one["id"], one["severity"], one["fix"]) == ("swallowed-exception", "warning", "suggested")
    every = json.loads(repository.ship("rule", "--all", "--output-format", "json").out)
    names = [doc["id"] for doc in every]
    assert names == sorted(names) and "swallowed-exception" in names
    assert all(doc["doc"] and doc["family"] in ("secrets", "errors", "security", "complexity") for doc in every)


def test_what_decides_for_a_file_is_explained(repository: Shell) -> None:
    repository.write(
        "sub/pyproject.toml", '[tool.shipworthy]\nignore = ["complexity"]\nselect = ["errors", "complexity"]\n'
    )
    repository.write("sub/a.py")
    repository.write("sub/test_a.py")
    repository.write(".gitignore", "hidden.py\n")
    done = repository.ship("explain", "sub/a.py")
    assert (
        done.code == 0 and "settings: sub/pyproject.toml" in done.out and "  swallowed-exception: warning" in done.out
    )
    about = json.loads(repository.ship("explain", "sub/a.py", "--output-format", "json").out)
    assert about["checked"] and about["language"] == "python" and not about["test code"]
    off = about["rules that do not apply"]
    assert off["too-complex"] == "ignored by the settings"
    assert "swallowed-exception" in about["rules"]
    tests = json.loads(repository.ship("explain", "sub/test_a.py", "--output-format", "json").out)
    assert tests["test code"] and tests["fingerprint"] == about["fingerprint"]
    hidden = json.loads(repository.ship("explain", "hidden.py", "--output-format", "json").out)
    assert (hidden["checked"], hidden["why"]) == (False, "ignored by git")
    repository.write("sub/pyproject.toml", "[tool.shipworthy]\nx = 1\n")
    done = repository.ship("explain", "sub/a.py")
    assert done.code == 2 and "sub/pyproject.toml: unknown setting 'x'" in done.err
