"""The baseline: known findings stay quiet while lines move, and come back when they change."""

from __future__ import annotations

import pytest

from shipworthy import baseline
from shipworthy.analyze import analyze, baseline_entries
from shipworthy.baseline import Baseline, BaselineError
from shipworthy.document import Document
from shipworthy.project import Project

SWALLOWED = "try:\n    work()\nexcept:\n    pass\n\n"


def known_after(text: str, changed: str) -> tuple[int, int]:
    """How many findings of `changed` are known and new, the baseline being that of `text`."""
    key = baseline.new_key()
    before = analyze(Document("a.py", text), Project("/nowhere", baseline=Baseline(key)))
    file = Baseline(key, frozenset(baseline_entries(Document("a.py", text), before.findings, key)))
    kept = baseline.parse(baseline.render(file), "baseline")
    after = analyze(Document("a.py", changed), Project("/nowhere", baseline=kept))
    return len(after.baselined), len(after.findings)


def test_known_findings_survive_moves_and_new_ones_do_not_hide() -> None:
    assert known_after(SWALLOWED, SWALLOWED) == (1, 0)
    assert known_after(SWALLOWED, "import os\n\n\n" + SWALLOWED) == (1, 0)
    assert known_after(SWALLOWED, SWALLOWED * 2) == (1, 1)
    assert known_after(SWALLOWED * 2, SWALLOWED) == (1, 0)
    assert known_after(SWALLOWED, SWALLOWED.replace("except:", "except BaseException:")) == (0, 1)


def test_a_file_is_sorted_and_says_what_is_wrong_with_it() -> None:
    entries = frozenset(baseline.Entry(path, "rule-id", "00") for path in ("b c.py", "a.py"))
    text = baseline.render(Baseline("key", entries))
    assert text.splitlines()[1:] == ["a.py rule-id 00", "b c.py rule-id 00"]
    assert baseline.parse(text, "x").entries == entries
    with pytest.raises(BaselineError, match=r"known\.txt:1: "):
        baseline.parse("something else\n", "known.txt")
    with pytest.raises(BaselineError, match=r"known\.txt:3: "):
        baseline.parse(text.splitlines()[0] + "\n\nbroken\n", "known.txt")
