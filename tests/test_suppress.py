"""Suppressions: what each kind of comment hides, and what is said of those that are of no use."""

from __future__ import annotations

import pytest

from shipworthy.analyze import analyze
from shipworthy.document import Document
from shipworthy.model import Report
from shipworthy.project import Project

SWALLOWED = "try:\n    work()\n{before}except:{comment}\n    pass\n"


def verdict(text: str, path: str = "a.py") -> Report:
    return analyze(Document(path, text), Project("/nowhere"))


def rules(report: Report) -> list[str]:
    return [finding.rule for finding in report.findings]


@pytest.mark.parametrize(
    "comment",
    [
        "  # shipworthy: allow swallowed-exception -- it is fine",
        "  # shipworthy: allow log-without-error, swallowed-exception -- it is fine until 2999-01-01",
        "  # noqa: S110",
        "  # noqa: E501, S110",
        "  # NOQA:S110",
        "  # ruff: ignore[S110]",
        "  # ruff: ignore[E501, S110] it is fine",
        "  # nosec B110",
    ],
)
def test_a_comment_that_names_the_rule_or_a_code_of_it_hides_it(comment: str) -> None:
    report = verdict(SWALLOWED.format(before="", comment=comment))
    assert "swallowed-exception" not in rules(report)
    assert [finding.rule for finding in report.suppressed] == ["swallowed-exception"]


def test_a_comment_alone_speaks_for_the_next_line_of_code() -> None:
    before = "# shipworthy: allow swallowed-exception -- it is fine\n\n# another\n"
    assert rules(verdict(SWALLOWED.format(before=before, comment=""))) == []


@pytest.mark.parametrize("comment", ["  # noqa: S608", "  # nosec B608", "  # pragma: allowlist secret", ""])
def test_a_comment_that_names_something_else_hides_nothing(comment: str) -> None:
    assert rules(verdict(SWALLOWED.format(before="", comment=comment))) == ["swallowed-exception"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("# ruff: file-ignore[S110]\n", ""),
        ("# ruff: noqa: S110\n", ""),
        ("# ruff: disable[S110]\n", "# ruff: enable[S110]\n"),
        ("# ruff: disable[S110]\n", ""),
    ],
)
def test_a_comment_of_ruff_speaks_for_a_stretch_of_the_file(before: str, after: str) -> None:
    silent = SWALLOWED.format(before="", comment="")
    assert rules(verdict(before + silent + after)) == []
    assert len(rules(verdict(before + silent + after + silent))) == bool(after)


def test_what_ruff_does_not_hide_stays() -> None:
    silent = SWALLOWED.format(before="", comment="  # ruff: ignore[S608]")
    assert rules(verdict(silent)) == ["swallowed-exception"]
    inner = "def f():\n    # ruff: disable[S110]\n    f()\n\n\n"
    assert rules(verdict(inner + SWALLOWED.format(before="", comment=""))) == ["swallowed-exception"]


def test_what_stands_in_a_string_is_no_comment() -> None:
    text = 'try:\n    work()\nexcept Exception: "# shipworthy: allow swallowed-exception -- no"\n'
    assert verdict(text).suppressed == ()


@pytest.mark.parametrize(
    ("comment", "rule", "words"),
    [
        ("# shipworthy: allow -- why", "malformed-suppression", "names no rule"),
        ("# shipworthy: allow swallowed-exception", "malformed-suppression", "gives no reason"),
        ("# shipworthy:allow swallowed-exception --", "malformed-suppression", "gives no reason"),
        ("# shipworthy: allow swallowed-exception -- until 2999-01-31", "malformed-suppression", "gives no reason"),
        ("# shipworthy: ignore swallowed-exception -- why", "malformed-suppression", "'ignore'"),
        ("# shipworthy: allow swalowed-exception -- why", "malformed-suppression", "swalowed-exception"),
        ("# shipworthy: allow swallowed-exception -- why until soon", "malformed-suppression", "YYYY-MM-DD"),
        ("# shipworthy: allow swallowed-exception -- why until 2020-01-31", "expired-suppression", "2020-01-31"),
    ],
)
def test_a_suppression_that_cannot_be_used_is_a_finding_and_hides_nothing(comment: str, rule: str, words: str) -> None:
    report = verdict(SWALLOWED.format(before="", comment=f"  {comment}"))
    assert sorted(rules(report)) == sorted(["swallowed-exception", rule])
    message = next(finding.message for finding in report.findings if finding.rule == rule)
    assert words in message


def test_a_suppression_that_hides_nothing_is_a_finding() -> None:
    report = verdict("work()  # shipworthy: allow swallowed-exception -- not needed\n")
    assert rules(report) == ["unused-suppression"]


def test_comments_of_other_languages() -> None:
    script = "try { work() } catch (e) { } // shipworthy: allow swallowed-exception -- it is fine\n"
    assert rules(verdict(script, "a.js")) == []
    block = "/* shipworthy: allow swallowed-exception -- it is fine */\ntry { work() } catch (e) { }\n"
    assert rules(verdict(block, "a.js")) == []
