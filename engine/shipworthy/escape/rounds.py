"""Which names change with each round of a loop: its targets, and what is computed from them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tree_sitter import Node

from shipworthy.syntax import BRANCHING, walk

_HOLDING = BRANCHING | {"assignment", "augmented_assignment", "expression_statement"}
"""What the assignments of a function may stand in."""


def changing(body: Node, targets: frozenset[str], text: Callable[[Node], str]) -> frozenset[str]:
    """The names that change with each round of a loop with this body; `text` gives the source of a node."""
    found = set(targets)
    for assignment in _assignments(body):
        left, right = assignment.child_by_field_name("left"), assignment.child_by_field_name("right")
        if left is not None and right is not None and not found.isdisjoint(_names(right, text)):
            found.update(_names(left, text))
    return frozenset(found)


def _names(expression: Node, text: Callable[[Node], str]) -> Iterator[str]:
    return (text(part) for part in walk(expression, named=True) if part.type == "identifier")


def _assignments(suite: Node) -> Iterator[Node]:
    """The assignments in a suite, those of functions and classes within left out."""
    todo = [suite]
    while todo:
        node = todo.pop()
        kind = node.type
        if kind == "assignment":
            yield node
        if kind in _HOLDING:
            todo.extend(reversed(node.named_children))
