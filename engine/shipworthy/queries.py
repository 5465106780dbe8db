"""Which queries may find no row, and which always find one, as far as the text of their function tells."""

from __future__ import annotations

import re

from tree_sitter import Node

from shipworthy.syntax import dotted, last_word, own, positional_arguments, text_of, walk

ROWS = frozenset({"fetchone", "fetchrow"})
"""Methods that give the first row, or None."""

ONES = frozenset({"find_one", "scalar_one_or_none", "one_or_none"})
"""Methods that give the one that there is, or None."""

_SESSION = re.compile(r"(?i)session$")
_ASKS = ROWS | {"execute", "fetchval"}
"""Methods that take the text of a query, as far as they are handed one."""

_ALWAYS_A_ROW = re.compile(
    r"(?i)(?:\b|_)(?:count|sum|max|min|avg|coalesce|exists|changes|last_insert\w*|version)\s*\(|pragma|select\s+1\b"
)
_WHOLE_ROW = re.compile(r"\bselect\(\s*(?:\w+\.)*[A-Z]\w*\s*\)")
"""A query of SQLAlchemy for rows of one table, and not for a column of them."""
_MADE = re.compile(r"(?i)\binsert\b"), re.compile(r"(?i)\breturning\b")
_NEWEST = re.compile(r"(?i)\border\s+by\b"), re.compile(r"(?i)\blimit\s+1\b")
_PICKED = re.compile(r"(?i)\b(?:from|update)\b"), re.compile(r"(?i)\bwhere\b")
"""Two words of queries, of which the second stands behind the first: one pattern for both takes too long where there
are many of the first and none of the second.
"""
_SELECTED = re.compile(r"(?i)\bselect\b"), re.compile(r"(?i)\bfrom\b")
_OF_ALL = re.compile(r"(?i)(?:\bselect\s+|\bfunc\.)(?:avg|max|min|sum)\(")
_NOT_OF_ALL = re.compile(r"(?i)\bcoalesce\b|\bifnull\b|\bnvl\b|\bgroup[\s_]+by\b|\bcount\s*\(|\binsert\b")


def may_find_nothing(call: Node, scope: Node | None) -> bool:
    """Whether a method is called that gives None if there is no row, and by the text of the query there may be none."""
    function, method = call.child_by_field_name("function"), last_word(call)
    if function is None or function.type != "attribute":
        return False
    if method in ROWS:
        return scope is not None and _may_have_no_row(_asked(call, scope)) and not _is_written_before(scope, call)
    if method == "first":
        asked = text_of(function)
        is_picked = re.search(r"\.(?:filter(?:_by)?|where)\(", asked) is not None
        return not positional_arguments(call) and (is_picked or (".execute(" in asked and _may_have_no_row(asked)))
    if method == "get":
        given = positional_arguments(call)
        holder = dotted(function).rpartition(".")[0]
        return len(given) == 2 and text_of(given[0])[:1].isupper() and _SESSION.search(holder) is not None
    if method == "scalar":
        asked = text_of(call)
        return _WHOLE_ROW.search(asked) is not None and ".where(" in asked and _ALWAYS_A_ROW.search(asked) is None
    return method in ONES


def may_find_no_newest(call: Node, scope: Node | None) -> bool:
    """Whether a method is called that gives the newest or greatest row: at first there is none, whoever asks."""
    is_newest = scope is not None and _has(_NEWEST, text_of(scope))
    return is_newest and last_word(call) in ROWS and may_find_nothing(call, scope)


OF_MANY = frozenset({"aggregate", "all", "fetchall", "filter"})
"""Methods that give all rows that there are."""


def may_give_none_of_many(call: Node, scope: Node | None) -> bool:
    """Whether a method is called that gives all rows that there are, and by the text of the query there may be none."""
    function, method = call.child_by_field_name("function"), last_word(call)
    if function is None or function.type != "attribute":
        return False
    if method == "fetchall":
        return scope is not None and _may_have_no_row(_asked(call, scope))
    asked = text_of(function)
    if method == "all":
        return re.search(r"\.(?:filter(?:_by)?|where)\(", asked) is not None
    return method == "aggregate" or (method == "filter" and asked.endswith(".objects.filter"))


_COUNTS = re.compile(r"(?i)^\W*select\s+(?:count|exists|total)\s*\(")


def counts(query: str) -> bool:
    """Whether a query asks how many rows there are, all in all: that is a number, whatever there is."""
    return _COUNTS.search(query) is not None and re.search(r"(?i)\bgroup\s+by\b", query) is None


def is_nullable_column(call: Node, scope: Node | None) -> bool:
    """Whether a call gives a row that is there, with a first column that may be NULL."""
    return scope is not None and last_word(call) in ROWS and is_of_nothing(text_of(scope))


def _asked(call: Node, scope: Node) -> str:
    """The text that says what is looked for: the query, where it is written out in the call, else the function."""
    text = text_of(call)
    return text if _has(_SELECTED, text) else text_of(scope)


def _may_have_no_row(text: str) -> bool:
    """Whether a function's queries may find no row: those of a function or of no table always find one, and an INSERT
    gives back the row that it has made.
    """
    if _ALWAYS_A_ROW.search(text) is not None or (_has(_MADE, text) and "NOTHING" not in text.upper()):
        return False
    return _has(_PICKED, text)


def _has(words: tuple[re.Pattern[str], re.Pattern[str]], text: str) -> bool:
    first = words[0].search(text)
    return first is not None and words[1].search(text, first.end()) is not None


def is_of_nothing(text: str) -> bool:
    """Whether the one query of a function is for a maximum or a mean, which of no rows is NULL."""
    asked = len(re.findall(r"(?i)\bselect\b\s", text)) <= 1
    return asked and len(_OF_ALL.findall(text)) == 1 and _NOT_OF_ALL.search(text) is None


def _is_written_before(scope: Node, call: Node) -> bool:
    """Whether the function has put a row with the same key into the table that it asks."""
    asked = [node for node in own(scope, "call") if last_word(node) in _ASKS]
    before = [node for node in asked if node.start_byte < call.end_byte]
    table = re.search(r"(?i)\bfrom\s+(\w+)", text_of(before[-1])) if before else None
    keys = _keys(before[-1]) if before else frozenset[str]()
    if table is None or not keys:
        return False
    written = re.compile(rf"(?i)\b(?:insert|replace)\b[^;]*?\binto\s+{table[1]}\b")
    return any(written.search(text_of(node)) is not None and keys <= _keys(node) for node in before[:-1])


def _keys(call: Node) -> frozenset[str]:
    """The names of the values that a query is given."""
    given = (node for one in positional_arguments(call)[1:] for node in walk(one))
    return frozenset(text_of(node) for node in given if node.type == "identifier")
