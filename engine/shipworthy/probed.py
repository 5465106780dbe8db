"""What is asked of the output of a program so that a failure is an answer too: whether a word stands in it, or which of
its lines have one. Where the program fails, nothing is found, as where there is nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from shipworthy import handlers
from shipworthy.rule import Pass
from shipworthy.syntax import function_around, identifiers, last_word, positional_arguments, statements, walk

_LINES = frozenset({"split", "splitlines"})
_TEXTS = frozenset({"decode", "lower", "lstrip", "rstrip", "strip", "upper", *_LINES})
"""Methods that leave a text, or its lines, what they are."""
_SEARCHES = frozenset({"search", "match", "fullmatch", "findall", "finditer"})
_ASKED = frozenset({"startswith", "endswith", "find", "match", "search", "fullmatch"})
_PROBES = re.compile(r"(?i)not (?:found|installed|in)\b|\bPATH\b|\binstall\b|\bmissing\b|\bno such\b")
"""What is said of a program that is not there."""
_LOOKS = frozenset({"exists", "is_file", "isfile", "is_dir", "isdir", "getsize"})
_NUMBERS = frozenset({"int", "float"})


def is_searched(run: Pass, output: Node) -> bool:
    """Whether the output of a program is but searched: for a word, by a pattern, or line by line; or a handler takes
    what is no number.
    """
    uses = [*_uses(output)]
    return bool(uses) and all(_searches(run, one) for one in uses)


def is_of_presence(run: Pass, call: Node) -> bool:
    """Whether a program is run without arguments, and nothing asked but whether it is there."""
    given = positional_arguments(call)[:1]
    is_bare = bool(given) and (given[0].type != "list" or len(given[0].named_children) == 1)
    clauses = [*handlers.guards(call)]
    types = {one.rpartition(".")[2] for clause in clauses for one in handlers.caught(run, clause)}
    is_named = bool(types) and types <= {"OSError", "FileNotFoundError", "PermissionError"}
    return is_bare and is_named and any(_PROBES.search(run.text(clause)) is not None for clause in clauses)


def is_looked_for(call: Node) -> bool:
    """Whether a function asks behind a program whether something is there that it was told to make."""
    scope, arguments = function_around(call), call.child_by_field_name("arguments")
    if scope is None or arguments is None:
        return False
    given = {one.text for one in walk(arguments) if one.type == "identifier"}
    behind = (one for one in walk(scope) if one.type == "call" and one.start_byte >= call.end_byte)
    asked = (one for one in behind if last_word(one) in _LOOKS)
    return any(one.type == "identifier" and one.text in given for node in asked for one in walk(node))


def _uses(output: Node) -> Iterator[Node]:
    """The output where it is used, with the methods that are called on it, or the variable that holds it."""
    value = _with_methods(output)
    around, scope = value.parent, function_around(output)
    target = around.child_by_field_name("left") if around is not None and around.type == "assignment" else None
    if target is None or scope is None:
        yield value
        return
    if target.type != "identifier":
        return
    held = [one for one in identifiers(scope, target) if one != target]
    for one in held:
        is_bound = (
            one.parent is not None and one.parent.type == "assignment" and one.parent.child_by_field_name("left") == one
        )
        if not is_bound:
            yield _with_methods(one)


def _with_methods(value: Node) -> Node:
    """A text with the methods that are called on it, as far as they leave it one."""
    while value.parent is not None:
        around = value.parent
        call = around.parent if around.type == "attribute" else None
        wrapping = around.parent if around.type == "argument_list" else None
        if wrapping is not None and wrapping.type == "call" and last_word(wrapping) in {"str", "decode"}:
            value = wrapping
        elif around.type == "parenthesized_expression":
            value = around
        elif call is not None and call.type == "call" and last_word(call) in _TEXTS:
            value = call
        else:
            break
    return value


def _searches(run: Pass, value: Node) -> bool:
    around = value.parent
    if around is None:
        return False
    if around.type == "comparison_operator":
        return value == around.named_children[-1] and any(child.type in {"in", "not in"} for child in around.children)
    if around.type == "attribute":
        call = around.parent
        return call is not None and call.type == "call" and last_word(call) in {"find", "startswith", "endswith"}
    if around.type == "for_statement":
        return value == around.child_by_field_name("right") and _asks_each(around)
    call = around.parent if around.type == "argument_list" else None
    if call is None or call.type != "call":
        return False
    if last_word(call) in _NUMBERS:
        caught = {one for clause in handlers.guards(call) for one in handlers.caught(run, clause)}
        return "ValueError" in caught
    is_taken = call.parent is not None and call.parent.type in {"subscript", "attribute"}
    return last_word(call) in _SEARCHES and not is_taken


def _asks_each(loop: Node) -> bool:
    """Whether all that a loop does with a line hangs on a word or a pattern that must stand in it."""
    left, listed = loop.child_by_field_name("left"), statements(loop.child_by_field_name("body"))
    if left is None or left.type != "identifier" or not listed:
        return False
    place = next((i for i, one in enumerate(listed) if one.type == "if_statement"), None)
    if place is None or any(one.type != "expression_statement" for one in listed[:place]):
        return False
    before, first = listed[:place], listed[place]
    condition = first.child_by_field_name("condition")
    is_alone = len(before) + 1 == len(listed) or any(
        node.type == "continue_statement" for node in statements(first.child_by_field_name("consequence"))
    )
    asked = [condition, *before] if condition is not None else []
    return is_alone and any(_asks_for_word(node) for one in asked for node in walk(one))


def _asks_for_word(node: Node) -> bool:
    if node.type == "comparison_operator":
        return any(child.type in {"in", "not in"} for child in node.children)
    return node.type == "call" and last_word(node) in _ASKED
