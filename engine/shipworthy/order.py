"""In which order the places of one function are run, as its branches tell. Nodes in, yes or no out."""

from __future__ import annotations

from tree_sitter import Node

from shipworthy.syntax import ancestors

_BRANCHES = frozenset({"elif_clause", "else_clause", "except_clause", "except_group_clause", "case_clause"})
_ENDS = frozenset({"return_statement", "raise_statement"})


def may_follow(later: Node, earlier: Node) -> bool:
    """Whether a place may be run behind another one, which stands before it in the text: both are in no two branches
    of one statement, and the branch of the earlier one does not leave the function.
    """
    if later.start_byte < earlier.end_byte:
        return False
    around = {one.id for one in ancestors(later)}
    inner = earlier
    while inner.parent is not None and inner.parent.id not in around:
        if _leaves(inner):
            return False
        inner = inner.parent
    return not _excludes(inner, later)


def always_follows(later: Node, earlier: Node) -> bool:
    """Whether a statement that a place stands in is run whenever another place before it was, unless that one fails."""
    block = next((one for one in ancestors(later) if one.type in {"block", "module"}), None)
    return block is not None and may_follow(later, earlier) and block in ancestors(earlier)


def _leaves(node: Node) -> bool:
    """Whether a statement leaves the function, or one behind it in the same block."""
    here: Node | None = node
    while here is not None:
        if here.type in _ENDS:
            return True
        here = here.next_named_sibling
    return False


def _excludes(branch: Node, later: Node) -> bool:
    """Whether the statement around a branch runs either this one or the one that a later place stands in."""
    statement = branch.parent
    other = next((one for one in (later, *ancestors(later)) if one.parent == statement), later)
    if statement is None or other.type not in _BRANCHES:
        return False
    return branch.type in _BRANCHES or (branch.type == "block" and statement.type == "if_statement")
