from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tree_sitter import Node

from shipworthy.complexity import (
    JAVASCRIPT_FUNCTIONS,
    PYTHON_FUNCTIONS,
    Point,
    cannot_exceed,
    cognitive,
    generated,
    heaviest,
    is_worth_moving,
    keyword,
    title,
)
from shipworthy.model import Severity
from shipworthy.rule import Found, Pass, js, node_rule, py
from shipworthy.syntax import walk


@dataclass(frozen=True)
class Options:
    """The highest cognitive number that is not yet a finding."""

    limit: int = 15


@node_rule(
    "cognitive-complexity",
    severity=Severity.WARNING,
    python=PYTHON_FUNCTIONS,
    javascript=JAVASCRIPT_FUNCTIONS,
    options=Options,
    extract=generated,
    bad=(
        py("""
            def «collect»(groups):
                for group in groups:
                    for user in group:
                        if user.active:
                            for mail in user.mails:
                                if mail.valid and mail.wanted:
                                    yield mail
        """),
        js("""
            function «collect»(groups) {
              for (const group of groups) {
                for (const user of group) {
                  if (user.active) {
                    for (const mail of user.mails) {
                      if (mail.valid && mail.wanted) send(mail);
                    }
                  }
                }
              }
            }
        """),
    ),
    good=(
        py("""
            def collect(groups):
                for user in active(groups):
                    for mail in user.mails:
                        if mail.valid:
                            yield mail
        """),
        js("const collect = (groups) => groups.flat().filter((user) => user.active && user.mail);"),
    ),
)
def cognitive_complexity(run: Pass, function: Node) -> Iterator[Found]:
    """A function is hard to follow: its branches stand within branches.

    The cognitive number grows with each break in the flow, and by one more for each level it is
    nested in, as Sonar has defined it. What is hard to follow is changed wrongly and reviewed badly.

    Instead, return early, turn a condition round, or move the inner loop into a function of its
    own. `limit` sets the highest number that is allowed.
    """
    limit: int = run.options.limit
    if cannot_exceed(run.block, function, limit):
        return
    points = cognitive(function)
    number = sum(point.amount for point in points)
    if number <= limit or number - _in_nested_findings(function, points, limit) <= limit:
        return
    if "generated" in run.facts[run.rule.id]:
        return
    name, at = title(function)
    parts = heaviest(function, points)
    advice = "return early or split it"
    if parts and is_worth_moving(*parts[0], number):
        advice = f"flatten the {keyword(parts[0][0])} that adds {parts[0][1]}, or give it a function of its own"
    related = [run.place(part, f"adds {amount}") for part, amount in parts]
    yield run.finding(
        at, f"{name} has a cognitive complexity of {number}, {limit} is the limit: {advice}.", related=related
    )


def _in_nested_findings(function: Node, points: list[Point], limit: int) -> int:
    """What those nested functions add that have a finding of their own: no need to say it twice."""
    total = 0
    nested = [node for node in walk(function) if node.type == PYTHON_FUNCTIONS and node != function]
    for inner in nested:
        outermost = not any(other != inner and _holds(other, inner) for other in nested)
        if outermost and sum(point.amount for point in cognitive(inner)) > limit:
            total += sum(point.amount for point in points if _holds(inner, point.node))
    return total


def _holds(outer: Node, inner: Node) -> bool:
    return outer.start_byte <= inner.start_byte and inner.end_byte <= outer.end_byte
