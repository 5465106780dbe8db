"""Whether statements can raise some exceptions for one reason alone, as far as is known: whose fault they are then."""

from __future__ import annotations

import builtins
import re
import sys
from collections.abc import Collection

from tree_sitter import Node

from shipworthy.escape import catalogue
from shipworthy.escape.frameworks import FRAMEWORKS
from shipworthy.model import Span
from shipworthy.rule import Pass
from shipworthy.syntax import keyword_arguments, last_word, positional_arguments, text_of, walk

_TAKING_OUT = frozenset({"KeyError", "IndexError", "LookupError"})
_OF_REQUEST = re.compile(r"(?:self\.)?(?:request|req)\.")
_PLAIN = frozenset(
    [
        *("add", "all", "append", "casefold", "copy", "count", "endswith", "exclude", "exists", "extend", "filter"),
        *("first", "format", "get", "get_json", "getlist", "items", "join", "keys", "lower", "lstrip", "order_by"),
        *("partition", "replace", "rpartition", "rstrip", "select_related", "split", "splitlines", "startswith"),
        *("strip", "title", "update", "upper", "values"),
    ]
)
"""Methods that look at a value, or ask for rows that are there or not, and fail in no other way."""


def may_come_of_others(run: Pass, tried: Collection[Node], types: Collection[str], spans: Collection[Span]) -> bool:
    """Whether something in statements may raise what is caught by these types, besides what stands at some spans.

    What a function of the project may raise, or one of which nothing is known, is unknown here.
    """
    for node in (one for statement in tried for one in walk(statement)):
        if node.type == "raise_statement":
            return True
        if run.block.span(node) in spans:
            continue
        apart = _taken_apart(node) if "ValueError" in types else None
        if apart is not None and run.block.span(apart) not in spans:
            return True
        if node.type == "call" and _may_raise(run, node, types):
            return True
        if node.type == "subscript" and not _TAKING_OUT.isdisjoint(types) and not _OF_REQUEST.match(text_of(node)):
            return True
    return False


def _taken_apart(node: Node) -> Node | None:
    """The value that an assignment takes apart, if it may have more parts or fewer."""
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    if node.type != "assignment" or left is None or right is None or right.type in {"expression_list", "tuple"}:
        return None
    return right if left.type in {"pattern_list", "tuple_pattern", "list_pattern"} else None


def _may_raise(run: Pass, call: Node, types: Collection[str]) -> bool:
    function = call.child_by_field_name("function")
    called = catalogue.canonical(run.name(function))
    root = called.partition(".")[0]
    if (known := catalogue.known(called)) is not None:
        given = {*map(str, range(len(positional_arguments(call)))), *keyword_arguments(call)}
        raised = [one.exception for one in known.raised if one.unless is None or not one.unless.holds({}, given)]
        return any(not catalogue.ancestors(one).isdisjoint(types) for one in raised)
    if function is None or function.type == "identifier":
        is_builtin = called == root and hasattr(builtins, root)
        return not (is_builtin or _is_harmless(called))
    return not (_is_harmless(called) or last_word(call) in _PLAIN)


def _is_harmless(called: str) -> bool:
    """Whether a call is of Python's own library, or of a web framework, and the catalogue knows nothing of it."""
    root, dot, _ = called.partition(".")
    return bool(dot) and root in {*sys.stdlib_module_names, *FRAMEWORKS} and not catalogue.is_remote(called)
