"""Which calls may give None in place of what they look for: of libraries, and of the project's own functions.

Nothing here looks at what is done with the result. A rule that asks declares `extract=absence.words`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from tree_sitter import Node

from shipworthy import origins
from shipworthy.document import Block
from shipworthy.rule import Pass
from shipworthy.syntax import (
    dotted,
    function_around,
    keyword_arguments,
    last_word,
    own,
    positional_arguments,
    text_of,
    walk,
)

_MATCHERS = frozenset({"match", "search", "fullmatch"})
_FUNCTIONS = frozenset({"re.match", "re.search", "re.fullmatch", "shutil.which", "inspect.getmodule"})
_ROWS = frozenset({"fetchone", "fetchrow"})
_ONES = frozenset(
    {"find_one", "scalar_one_or_none", "one_or_none", "get_channel", "get_guild", "get_member", "get_item"}
)
"""Methods of databases and of chat libraries that give None, or an answer without an item, for what is not there."""

_ASKS = _ROWS | {"execute", "fetchval"}
"""Methods that take the text of a query, as far as they are handed one."""

_SENT = re.compile(
    r"(?:^|\.)(?:request|req)\.(?:args|form|values|headers|cookies|query_params|GET|POST|COOKIES|META)$|^os\.environ$"
)
"""What holds a value only if somebody has sent or set it."""

_VALUES = frozenset({"fetchval", "scalar"})
"""Methods that give the first column of the first row."""

_METHODS = _MATCHERS | _ROWS | _ONES | _VALUES | {"find", "first", "get", "getenv", "which", "getmodule"}
_ALWAYS_A_ROW = re.compile(
    r"(?i)(?:\b|_)(?:count|sum|max|min|avg|coalesce|exists|changes|last_insert\w*|version)\s*\(|\breturning\b|pragma|select\s+1\b"
)
_EMPTY = {
    "title": ("bs4", "bs4.BeautifulSoup", "soup"),
    "assignee": ("jira", "", "fields"),
    "metadata": ("pypdf", "pypdf.PdfReader", "reader"),
}
"""Attributes that may be None: the library that the file uses, what makes their holder, and how it is called."""

_OF_ALL = re.compile(r"(?i)(?:\bselect\s+|\bfunc\.)(?:avg|max|min|sum)\(")
_NOT_OF_ALL = re.compile(r"(?i)\bcoalesce\b|\bifnull\b|\bnvl\b|\bgroup[\s_]+by\b|\bcount\s*\(|\binsert\b")


def words(block: Block) -> Iterable[str]:
    """What variables hold, and the libraries in a file of whose objects an attribute may be None."""
    yield from origins.bindings(block)
    yield from (name for name in ("bs4", "jira", "pypdf") if re.search(rf"\b{name}\b", block.text) is not None)


def may_hold_none(run: Pass, attribute: Node) -> bool:
    """Whether an attribute of a library's object is None where there is nothing: a page without a title."""
    holder, name = attribute.child_by_field_name("object"), attribute.child_by_field_name("attribute")
    library, made, last = _EMPTY.get(text_of(name) if name is not None else "", ("", "", ""))
    if holder is None or not library or library not in run.facts[run.rule.id]:
        return False
    return text_of(holder).rpartition(".")[2] == last or (bool(made) and origins.origin(run, holder) == made)


def may_be_none(run: Pass, call: Node, function: Node) -> bool:
    """Whether a call may give None, or a row with nothing in it, in place of what it looks for."""
    is_column = is_nullable_column(call, function_around(call))
    return is_column or _is_search(run, call, function) or _is_own_search(run, call, function)


def _is_search(run: Pass, call: Node, function: Node) -> bool:
    """Whether a library is called for what may not be there."""
    return dotted(function).rpartition(".")[2] in _METHODS and _may_be_none(run, call, function)


def _is_own_search(run: Pass, call: Node, function: Node) -> bool:
    """Whether a function of the project is called that may give None in place of what it is asked for."""
    if function_around(call) is None:
        return False
    found = origins.own_function(run, call)
    if found is None or found.kind != "function" or not found.may_give_none or found.decorators:
        return False
    return found.is_async == (call.parent is not None and call.parent.type == "await")


def is_nullable_column(call: Node, scope: Node | None) -> bool:
    """Whether a call gives a row that is there, with a first column that may be NULL."""
    return scope is not None and last_word(call) in _ROWS and _is_of_nothing(text_of(scope))


def _may_be_none(run: Pass, call: Node, function: Node) -> bool:
    name = run.name(function)
    if name == "os.getenv":
        return len(positional_arguments(call)) == 1 and not keyword_arguments(call)
    if name in _FUNCTIONS:
        return True
    if function.type != "attribute":
        return False
    method, scope = dotted(function).rpartition(".")[2], function_around(call)
    made = function.child_by_field_name("object")
    if method in _MATCHERS:
        return origins.origin(run, made) == "re.compile" or (made is not None and run.name(made) == "re.compile")
    if method == "get":
        return _may_get_nothing(run, call, made)
    if method in _VALUES:
        return scope is not None and not positional_arguments(call)[1:] and _is_of_nothing(text_of(scope))
    if method == "get_item":
        return "Key" in keyword_arguments(call)
    if method in _ONES:
        return True
    if method in _ROWS:
        return scope is not None and _may_have_no_row(text_of(scope)) and not _is_written_before(scope, call)
    if method == "find" and "bs4" in run.facts[run.rule.id]:
        given = positional_arguments(call)
        is_tag = bool(given) and re.fullmatch(r"['\"][a-z][a-z0-9]*['\"]", text_of(given[0])) is not None
        return is_tag or bool({"class_", "id", "attrs"} & keyword_arguments(call).keys())
    if method == "first":
        asked = text_of(function)
        is_picked = re.search(r"\.(?:filter(?:_by)?|where)\(", asked) is not None
        return not positional_arguments(call) and (is_picked or (".execute(" in asked and _may_have_no_row(asked)))
    return False


def _may_get_nothing(run: Pass, call: Node, holder: Node | None) -> bool:
    """Whether `get` asks for a row by its key, for a setting, or for what a request may have left out."""
    given = positional_arguments(call)
    if len(given) == 2 and not keyword_arguments(call):
        is_session = re.search(r"(?i)session$", dotted(holder)) or origins.origin(run, holder).endswith("Session")
        return bool(is_session) and text_of(given[0])[:1].isupper()
    return (
        len(given) == 1
        and given[0].type == "string"
        and not keyword_arguments(call)
        and _SENT.search(dotted(holder)) is not None
    )


def _may_have_no_row(text: str) -> bool:
    """Whether a function's queries may find no row: those of a function or of no table always find one."""
    return _ALWAYS_A_ROW.search(text) is None and re.search(r"(?i)\bfrom\b[^#]*\bwhere\b", text) is not None


def _is_of_nothing(text: str) -> bool:
    """Whether the one query of a function is for a maximum or a mean, which of no rows is NULL."""
    asked = len(re.findall(r"(?i)\bselect\b\s", text)) <= 1
    return asked and len(_OF_ALL.findall(text)) == 1 and _NOT_OF_ALL.search(text) is None


def _is_written_before(scope: Node, call: Node) -> bool:
    """Whether the function has put a row with the same key into the table that it asks."""
    asked = [node for node in own(scope) if node.type == "call" and last_word(node) in _ASKS]
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
