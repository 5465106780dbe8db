from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from shipworthy.model import Severity
from shipworthy.rule import Found, Hit, Pass, hit_rule, py


@hit_rule(
    "hard-to-maintain",
    severity=Severity.HINT,
    hits=("radon:MI-C",),
    bad=(py("«import ledger»\n\n<statement*200>"),),
    good=(
        py("import ledger\n\n<statement*40>"),
        py("import ledger\n\ndef total(left, right):\n    return left * right if left > right else left\n"),
    ),
)
def hard_to_maintain(run: Pass, hit: Hit, node: Node | None) -> Iterator[Found]:
    """This file is so long and has so many branches that its maintainability index has the worst rank.

    The index combines the number of lines, of branches, and of operators with their operands;
    comments raise it. Below 10 of 100, as radon counts it, changes take long and break things that
    seem unrelated.

    Instead, move what belongs together into a module of its own, the longest functions first.
    """
    message = "This file has the worst maintainability index: split it into files of one subject each."
    yield run.finding(hit.span, message)
