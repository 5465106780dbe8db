"""Functions that are applied to each of several items: `map(read, lines)` is `[read(line) for line in lines]`."""

from __future__ import annotations

from collections.abc import Sequence

from tree_sitter import Node

from shipworthy.escape.expressions import Expressions
from shipworthy.escape.ir import SPLIT, Call, Loop, Path
from shipworthy.escape.scope import Value

_LATER = frozenset({"filter", "map"})
"""Functions that apply their first argument to the items of the others, when somebody takes what they give."""
_BY_KEY = frozenset({"max", "min", "sorted"})
"""Functions that apply their `key` to the items of their only argument."""
APPLYING = _LATER | _BY_KEY
_PLACE = "()"
"""Stands for the name of an item that has none."""


def note_applied(here: Expressions, node: Node, callee: Path, given: Sequence[Node], values: Sequence[Value]) -> None:
    """Take what a call applies to each item as called in a loop; `values`: what its positional arguments hold.

    Where a name holds the result, what is around those who take the items is not known.
    """
    applied, items = _applied(here, callee, given, values)
    if applied is None or (callee in _LATER and _is_named(node)):
        return
    held = [Value(f"{one.path}[]" if one.path else "", one.flow) for one in items]
    outer = here.scope
    here.scope = outer.copy()
    targets = frozenset({_PLACE})
    if applied.type == "lambda":
        parameters = applied.child_by_field_name("parameters")
        names = [one for one in parameters.named_children if one.type == "identifier"] if parameters is not None else []
        targets = frozenset[str]().union(*(here.bind(name, value) for name, value in zip(names, held, strict=False)))
        body = applied.child_by_field_name("body")

        def read() -> None:
            here.value(body)

        inner = here.in_own_list(read)
    else:
        inner = (Call(here.span(applied), here.path(applied), tuple([one.flow for one in held]), names=targets),)
    here.scope = outer
    if inner:
        source = SPLIT if is_split(here, given[-1] if callee in _LATER else given[0]) else items[0].path
        here.made.append(Loop(here.span(node), source, targets, False, False, inner))


def is_split(here: Expressions, node: Node) -> bool:
    """Whether an expression gives the parts of a text: `text.split(",")`."""
    return node.type == "call" and here.text(node.named_children[0]).endswith((".split", ".rsplit"))


def _applied(
    here: Expressions, callee: Path, given: Sequence[Node], values: Sequence[Value]
) -> tuple[Node | None, Sequence[Value]]:
    """What a call applies to each item, and what holds these."""
    applied: Node | None = None
    items: Sequence[Value] = ()
    if callee in _LATER and len(values) > 1:
        applied, items = given[0], values[1:]
    elif callee in _BY_KEY and len(values) == 1:
        keys = (one.named_children for one in given if one.type == "keyword_argument")
        applied, items = next((one[-1] for one in keys if here.text(one[0]) == "key"), None), values
    known = applied is not None and applied.type in {"attribute", "identifier", "lambda"}
    return (applied if known else None), items


def _is_named(call: Node) -> bool:
    return call.parent is not None and call.parent.type == "assignment" and _has_one_target(call.parent)


def _has_one_target(assignment: Node) -> bool:
    target = assignment.child_by_field_name("left")
    return target is not None and target.type in {"attribute", "identifier"}
