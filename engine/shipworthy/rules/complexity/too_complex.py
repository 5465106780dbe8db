from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tree_sitter import Node

from shipworthy.complexity import (
    JAVASCRIPT_FUNCTIONS,
    PYTHON_FUNCTIONS,
    cyclomatic,
    generated,
    has_at_most,
    heaviest,
    is_worth_moving,
    keyword,
    title,
)
from shipworthy.model import Severity
from shipworthy.rule import Found, Pass, js, node_rule, py


@dataclass(frozen=True)
class Options:
    """The highest cyclomatic numbers that are not yet a warning, and not yet an error."""

    warning: int = 10
    error: int = 20


@node_rule(
    "too-complex",
    severity=Severity.WARNING,
    python=PYTHON_FUNCTIONS,
    javascript=JAVASCRIPT_FUNCTIONS,
    agrees_with=("ruff:C901",),
    absorbs=("cognitive-complexity",),
    options=Options,
    extract=generated,
    bad=(
        py("""
            def «price»(order):
                total = 0
                for line in order:
                    if line.free:
                        continue
                    elif line.kind == 1 or line.kind == 2:
                        total += 1 if line.small else 2
                    elif line.kind == 3 and line.weight:
                        total += 3
                    else:
                        while line.rest:
                            total += line.rest.pop()
                if total > 100:
                    total -= 5
                return total if total else None
        """),
        js("""
            const «rank» = (user, fallback = 0) => {
              if (!user) return fallback;
              if (user.admin || user.owner || user.root) return 9;
              for (const role of user.roles ?? []) {
                switch (role?.name) {
                  case "editor": return 5;
                  case "writer": return 4;
                  case "reader": return 3;
                }
              }
              return fallback;
            };
        """),
    ),
    good=(
        py("""
            def price(order):
                return sum(line.price for line in order if not line.free)
        """),
        js("const rank = (user) => (user && user.admin ? 9 : 0);"),
    ),
)
def too_complex(run: Pass, function: Node) -> Iterator[Found]:
    """A function has more branches than anybody can keep in mind or test.

    The cyclomatic number counts the independent ways through a function. Each needs a test, and
    each change has to be right on all of them. Python's is radon's number, JavaScript's eslint's.

    Instead, move the part that branches most into a function of its own, return early, or look the
    cases up in a table. `warning` and `error` set the highest numbers that are allowed.
    """
    options: Options = run.options
    least = min(options.warning, options.error)
    if has_at_most(run.block, function, least - 1):
        return
    points = cyclomatic(function)
    number = 1 + sum(point.amount for point in points)
    if number <= least:
        return
    if "generated" in run.facts[run.rule.id]:
        return
    name, at = title(function)
    severity = Severity.ERROR if number > options.error else Severity.WARNING
    limit = options.error if number > options.error else options.warning
    parts = heaviest(function, points)
    advice = "split it into functions of one task each"
    if parts and is_worth_moving(*parts[0], number - 1):
        advice = f"move the {keyword(parts[0][0])} that adds {parts[0][1]} into a function of its own"
    message = f"{name} has a cyclomatic complexity of {number}, {limit} is the limit: {advice}."
    related = [run.place(part, f"adds {amount}") for part, amount in parts]
    yield run.finding(at, message, severity=severity, related=related)
