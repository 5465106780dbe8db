"""What a JavaScript function takes for a while and gives back: a client of a pool, a transaction, a sign of work."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from shipworthy import borrowed, fixes
from shipworthy.model import Edit
from shipworthy.rule import Found, Offer, Pass, Site
from shipworthy.syntax import (
    ancestors,
    dotted,
    enclosing,
    function_around,
    own,
    positional_arguments,
    targets,
    text_of,
    walk,
)

_TAKES = re.compile(r"\.(?:connect|acquire|getConnection)\(")
_SWITCH = re.compile(r"set\w*(?:Loading|Busy|Pending|Submitting|Saving|Fetching)\w*")


def unguarded(run: Pass, call: Node) -> Iterator[Found]:
    """A call that gives something back and is passed over if anything fails before it."""
    function, scope = dotted(call.child_by_field_name("function")), function_around(call)
    if scope is None or enclosing(call, {"finally_clause", "catch_clause"}) is not None:
        return
    given = positional_arguments(call)
    if function.endswith(".query") and given and re.fullmatch(r"(?i)[\"'`]begin\b.*", text_of(given[0])) is not None:
        if re.search(r"(?i)\brollback\b", text_of(scope)) is None:
            yield run.finding(call, "If a query fails, this transaction stays open: send ROLLBACK in a `catch`.")
        return
    taken = _taker(scope, call, function)
    if taken is None or not _awaits_between(scope, taken, call):
        return
    message = f"If anything fails before it, `{function}` is never called: call it in `finally`."
    yield run.finding(call, message, offers=_in_finally(run, taken, call))


def _taker(scope: Node, call: Node, function: str) -> Node | None:
    """The statement that takes what the call gives back: `client = await pool.connect()`, `setBusy(true)`."""
    given = positional_arguments(call)
    owner, _, method = function.rpartition(".")
    is_switched_off = _SWITCH.fullmatch(function) is not None and [text_of(one) for one in given] == ["false"]
    if not is_switched_off and (method != "release" or given):
        return None
    found: Node | None = None
    for node in own(scope):
        if node.end_byte > call.start_byte:
            continue
        if not is_switched_off and node.type == "variable_declarator":
            name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
            if name is not None and value is not None and text_of(name) == owner and _TAKES.search(text_of(value)):
                found = node
        elif is_switched_off and node.type == call.type:
            is_same = dotted(node.child_by_field_name("function")) == function
            if is_same and [text_of(one) for one in positional_arguments(node)] == ["true"]:
                found = node
    return fixes.statement_of(found) if found is not None else None


def _awaits_between(scope: Node, taken: Node, given: Node) -> bool:
    """Whether something is awaited on the way, outside a `try` that catches or gives back."""
    for node in own(scope):
        if node.type != "await_expression" or not taken.end_byte < node.start_byte < given.start_byte:
            continue
        attempts = [around for around in ancestors(node) if around.type == "try_statement"]
        if not attempts and not borrowed.leaves_after(node, given):
            return True
    return False


def _in_finally(run: Pass, start: Node, given: Node) -> tuple[Offer, ...]:
    """Put what stands between taking and giving back into a `try`, and giving back into its `finally`."""
    end = fixes.statement_of(given)
    block = end.parent if end is not None else None
    if end is None or block is None or start.parent != block:
        return ()
    moved = [child for child in block.named_children if start.end_byte <= child.start_byte < end.start_byte]
    rest = [child for child in block.named_children if child.start_byte >= end.end_byte]
    bound = {text_of(name) for one in moved for node in one.named_children for name in targets(node)}
    is_used = any(node.type == "identifier" and text_of(node) in bound for one in rest for node in walk(one))
    rows = [one.start_point.row for one in (start, *moved, end, *rest)]
    if not moved or is_used or len(set(rows)) < len(rows) or any(map(_has_text_of_lines, moved)):
        return ()

    def edits(site: Site) -> Iterator[Edit]:
        yield from fixes.put_under(site, "try {", moved[0], moved[-1])
        yield fixes.line_before(site, end, "} finally {")
        yield site.insert(end, site.step(end))
        yield fixes.line_behind(site, end, "}")

    return (run.offer("Give it back in `finally`", edits),)


def _has_text_of_lines(statement: Node) -> bool:
    return any(
        node.type == "template_string" and node.start_point.row != node.end_point.row for node in walk(statement)
    )
