"""The maintainability rank against radon's own, on installed packages and on programs at the borders of the ranks."""

from __future__ import annotations

import importlib
import importlib.util
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from shipworthy.backends import Source
from shipworthy.backends.radon import BACKEND

PACKAGES = ("radon", "bandit", "detect_secrets", "yaml")
LONGEST = 60_000
"""Characters of a file above which radon itself takes too long for a test."""

BOTH = frozenset({"radon:MI-B", "radon:MI-C"})


def rank(text: str) -> str:
    """radon's own verdict."""
    metrics: Any = importlib.import_module("radon.metrics")
    found: str = metrics.mi_rank(metrics.mi_visit(text, True))
    return found


def ours(text: str, codes: frozenset[str] = BOTH) -> str:
    answer = BACKEND.run([Source("a.py", text, "python", codes=codes)])[0]
    assert not answer.problem
    return answer.hits[0].code.removeprefix("radon:MI-") if answer.hits else "A"


def texts() -> Iterator[str]:
    for name in PACKAGES:
        spec = importlib.util.find_spec(name)
        assert spec is not None and spec.origin is not None
        for path in sorted(Path(spec.origin).parent.rglob("*.py")):
            text = path.read_text("utf-8")
            if len(text) < LONGEST:
                yield text


def program(lines: int, seed: int) -> str:
    """A program of which the index falls with its length: branches, operators, comments, long strings, odd layout."""
    chosen = random.Random(seed)
    parts = [
        "total = left * right - 1 if left > right else total\n",
        "if left and not right: total += 1; left = right\n",
        "for one in [x for x in left if x]:\n    pass  # goes on\n",
        "# a comment with if, or, and\n\n",
        "'''if this or that:\n    and so on'''\n",
        "total = f\"{left if right else total}\" + '#' + \"'''\"\n",
        "call(a,\n     # within\n     b={1: 2,\n        3: 4})\n",
        "total = lambda x: x[1:2] ; assert total \\\n  in left\n",
    ]
    weights = [chosen.random() for _ in parts]
    return "".join(chosen.choices(parts, weights, k=lines))


def test_packages_have_the_ranks_that_radon_gives_them() -> None:
    different = [text[:80] for text in texts() if ours(text) != rank(text)]
    assert not different


def test_programs_at_the_borders_have_the_ranks_that_radon_gives_them() -> None:
    programs = [program(lines, seed) for seed in range(12) for lines in range(20, 240, 20)]
    ranks = [rank(text) for text in programs]
    assert [ours(text) for text in programs] == ranks
    assert set(ranks) == {"A", "B", "C"}, "the programs show too little"
    only_worst = [ours(text, frozenset({"radon:MI-C"})) for text in programs]
    assert only_worst == ["C" if one == "C" else "A" for one in ranks]


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_the_hit_is_the_first_line_of_code(ending: str) -> None:
    text = ("\n# Gräße \n\n" + program(300, 1)).replace("\n", ending)
    (hit,) = BACKEND.run([Source("a.py", text, "python", codes=BOTH)])[0].hits
    assert text[hit.span.start : hit.span.end] == "# Gräße"


def test_comments_never_count_against_a_file() -> None:
    text = program(60, 3)
    assert ours(text) == "A"
    assert ours("# why\n" * 5 * text.count("\n") + text) == "A"


def test_a_long_statement_takes_no_longer_than_others() -> None:
    table = "table = {\n" + "".join(f"    {number}: -{number} if {number} else 1,\n" for number in range(4000)) + "}\n"
    assert ours(table) == "C"


def test_what_cannot_be_read_is_a_problem() -> None:
    text = "print 'a' if b else c\n" + program(300, 1)
    assert "under a newer Python" in BACKEND.run([Source("a.py", text, "python", codes=BOTH)])[0].problem


@pytest.mark.parametrize(
    "line", ["x = " + "-" * 5000 + "1\n", "x = " + " + ".join(f"a{number}" for number in range(1000)) + "\n"]
)
def test_a_statement_too_deep_for_radon_costs_itself_alone(line: str) -> None:
    assert ours(line + program(300, 1)) == "C"
    assert ours(line) == "A"
