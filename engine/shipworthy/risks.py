"""What may fail between taking something and giving it back, so that it is never given back."""

from __future__ import annotations

from tree_sitter import Node

from shipworthy import borrowed, fixes, handlers
from shipworthy.syntax import ancestors, function_around, last_word, own, walk

_OF_LOCKS = frozenset({"wait", "notify", "notify_all"})
_SAFE = frozenset({"isinstance", "len", "print", "pop", "get", "append", "clear", "time", "monotonic"})


def between(scope: Node, taken: Node, given: Node) -> Node | None:
    """The first call between taking and giving back that no handler or `finally` protects."""
    for node in own(scope):
        if node.type != "call" or not taken.end_byte < node.start_byte < given.start_byte or _is_safe(node, given):
            continue
        if borrowed.leaves_after(node, given) or _is_off_the_way(node, taken):
            continue
        attempts = (around for around in ancestors(node) if around.type == "try_statement")
        inner = [one for one in attempts if one.start_byte > taken.start_byte or _gives_back(one, given)]
        if not inner:
            return node
    return None


def _is_safe(call: Node, given: Node) -> bool:
    """Whether a call does nothing but log, wait for the lock itself, or look at values that are there."""
    word = last_word(call)
    if borrowed.is_temporary(given) and (handlers.looks(word) or handlers.cleans_up(word)):
        return True
    is_awaited = call.parent is not None and call.parent.type == "await"
    return handlers.is_log_call(call) or word in _OF_LOCKS or (word in _SAFE and not is_awaited)


def _is_off_the_way(node: Node, taken: Node) -> bool:
    """Whether a call stands in a handler for the case that taking itself failed."""
    clauses = (around for around in ancestors(node) if around.type == "except_clause")
    return any(one.parent is not None and one.parent.start_byte < taken.start_byte for one in clauses)


def _gives_back(attempt: Node, given: Node) -> bool:
    """Whether a handler or the `finally` of a `try` gives back too."""
    clauses = [child for child in attempt.children if child.type in {"finally_clause", "except_clause"}]
    name = given.child_by_field_name("function")
    return any(node.text == name.text for clause in clauses for node in walk(clause) if name is not None)


def is_way_out(call: Node) -> bool:
    """Whether a branch gives back and leaves: what it says is that nothing has been begun."""
    statement = fixes.statement_of(call)
    block = statement.parent if statement is not None else None
    is_branch = block is not None and block.parent is not None and block.parent.type in {"if_statement", "elif_clause"}
    after = statement.next_named_sibling if statement is not None else None
    return is_branch and after is not None and after.type in borrowed.LEAVES


def is_told_before(call: Node) -> bool:
    """Whether the statement before gives something back too that a failure leaves taken: it tells of both."""
    statement = fixes.statement_of(call)
    before = statement.prev_named_sibling if statement is not None else None
    given = before.named_children[0] if before is not None and before.type == "expression_statement" else None
    scope = function_around(call)
    taken = borrowed.taken(given) if given is not None and given.type == "call" else None
    return scope is not None and given is not None and taken is not None and between(scope, taken, given) is not None
