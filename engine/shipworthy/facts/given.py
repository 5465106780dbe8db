"""What a function of Python gives back, as its text tells, and whether that may be None."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from tree_sitter import Node

from shipworthy.document import Block
from shipworthy.syntax import assigned, is_within, last_word, own, statements, text_of, walk

_MAYBE = re.compile(r"^Optional\[|\|\s*None$|^None\s*\|")
_NOTHING = re.compile(r"return(?<!\wreturn)(?:[ \t]+None)?[ \t]*(?:#.*)?$", re.M)


def may_give_none(block: Block, function: Node, name: str) -> bool:
    """Whether a function may give None in place of what it is asked for: it says so and is called as one that looks for
    something, or waits for somebody; it gives None where it fails; or it hands on what a database has found. A
    generator gives its items in any case: a bare `return` ends them.
    """
    declared = function.child_by_field_name("return_type")
    if declared is not None:
        says_so = _MAYBE.search(block.source(declared).removeprefix("typing.")) is not None
        return says_so and _looks(function, name)
    text = block.source(function)
    if "return" not in text:
        return False
    is_said, is_asked = _NOTHING.search(text) is not None, _ROW.search(text) is not None
    if not (is_said or is_asked) or _is_generator(function, text):
        return False
    values = [(one, value_of(one)) for one in returns(function)]
    nothing = [one for one, value in values if value is None or value.type == "none"]
    if nothing:
        fails = any(is_within(one, "except_clause") for one in nothing)
        return len(nothing) < len(values) and (fails or _looks(function, name))
    may_miss = is_asked and _MAY_MISS.search(text) is not None and _FOUND.search(text) is None
    return may_miss and any(value is not None and _is_row(function, value) for _, value in values)


def _looks(function: Node, name: str) -> bool:
    """Whether a function looks for something, by its name, or waits for somebody."""
    return _SEARCHING.match(name) is not None or function.children[0].type == "async"


_SEARCHING = re.compile(
    r"_*(?:\w+_)?(?:by|current|download|fetch|find|first|get|latest|load|locate|lookup|match|newest|next|parse|pick|query|read"
    r"|resolve|search|select)(?:_|$)"
)
"""What functions are called that look for something."""

_ROW = re.compile(r"\.(?:fetchone|fetchrow|fetchval|find_one|first|one_or_none|scalar|scalar_one_or_none)\(")
_MAY_MISS = re.compile(
    r"(?i)\bwhere\b|\blimit\s+1\b|\.filter(?:_by)?\(|\bfind_one\(|(?:\bselect\s+|\bfunc\.)(?:avg|max|min|sum)\("
)
"""What a query says that may find nothing, or a maximum of nothing."""
_FOUND = re.compile(r"(?i)\b(?:count|coalesce|ifnull|exists)\s*\(|\breturning\b|\bpragma\b|\binsert\b")
"""What a query or a function says that always finds something, or sees to it."""


def _is_row(function: Node, value: Node) -> bool:
    """Whether a function gives back what a query has found, in a variable that nobody looks at, if in any."""
    if value.type == "identifier":
        uses = [node for node in walk(function) if node.type == "identifier" and node.text == value.text]
        around = [use.parent for use in uses if use.parent is not None and use.parent.type == "assignment"]
        held = around[0].child_by_field_name("right") if len(uses) == 2 and len(around) == 1 else None
        if held is None:
            return False
        value = held
    while value.type in {"await", "parenthesized_expression"} and value.named_children:
        value = value.named_children[0]
    return value.type == "call" and _ROW.search(f".{last_word(value)}(") is not None


def _is_generator(function: Node, text: str) -> bool:
    """Whether a function gives its items one by one."""
    return "yield" in text and any(node.type == "yield" and node.is_named for node in own(function))


_NOT_SET = frozenset({"none", "false"})


def gives_none_on_demand(function: Node) -> bool:
    """Whether a function gives None only if it is handed something: called without arguments, it leaves off the
    branches that ask for what it may be handed, and gives something else on every other way.
    """
    listed = function.child_by_field_name("parameters")
    parameters = [one for one in listed.named_children if one.type != "comment"] if listed is not None else []
    if parameters and parameters[0].type == "identifier" and text_of(parameters[0]) in {"self", "cls"}:
        parameters.pop(0)
    defaults = [(one.child_by_field_name("name"), one.child_by_field_name("value")) for one in parameters]
    bound = {text_of(target) for target, _ in assigned(function)}
    unset = {
        text_of(name) for name, value in defaults if name is not None and value is not None and value.type in _NOT_SET
    }
    if len(unset) != len(parameters) or not unset.isdisjoint(bound):
        return False
    reached, goes_on = _reached(statements(function.child_by_field_name("body")), frozenset(unset))
    values = [value_of(one) for one in reached]
    return not goes_on and all(value is not None and value.type != "none" for value in values)


def _reached(listed: Iterable[Node], unset: frozenset[str]) -> tuple[list[Node], bool]:
    """What a sequence of statements may give back while some names stand for nothing, and whether it goes on behind."""
    found: list[Node] = []
    for statement in listed:
        if statement.type in {"return_statement", "raise_statement"}:
            return [*found, *([statement] if statement.type == "return_statement" else [])], False
        if statement.type != "if_statement":
            found += returns(statement)
            continue
        inner, goes_on = _reached_in_branches(statement, unset)
        found += inner
        if not goes_on:
            return found, False
    return found, True


def _reached_in_branches(statement: Node, unset: frozenset[str]) -> tuple[list[Node], bool]:
    """What the branches of an `if` may give back, those left out that are not taken."""
    found: list[Node] = []
    goes_on = False
    for branch in (statement, *statement.children_by_field_name("alternative")):
        condition = branch.child_by_field_name("condition")
        holds = True if condition is None else _holds(condition, unset)
        if holds is not False:
            suite = branch.child_by_field_name("consequence") or branch.child_by_field_name("body")
            inner, inner_goes_on = _reached(statements(suite), unset)
            found += inner
            goes_on = goes_on or inner_goes_on
        if holds:
            return found, goes_on
    return found, True


def _holds(condition: Node, unset: frozenset[str]) -> bool | None:
    """Whether a condition holds while some names stand for nothing; None if that does not follow."""
    if condition.type == "identifier":
        return False if text_of(condition) in unset else None
    if condition.type == "not_operator":
        inner = _holds(condition.named_children[0], unset)
        return None if inner is None else not inner
    if condition.type == "comparison_operator":
        name, _, rest = text_of(condition).partition(" is ")
        return {"None": True, "not None": False}.get(rest) if name in unset else None
    if condition.type == "boolean_operator":
        sides = [_holds(one, unset) for one in condition.named_children]
        decides = any(child.type == "or" for child in condition.children)
        if decides in sides:
            return decides
        return None if None in sides else not decides
    return None


def value_of(statement: Node) -> Node | None:
    """What a `return` gives back."""
    return next((child for child in statement.named_children if child.type != "comment"), None)


def returns(node: Node) -> Iterator[Node]:
    """The return statements of a function, without those of functions within."""
    for child in node.named_children:
        if child.type == "return_statement":
            yield child
        elif child.type in {
            "block",
            "if_statement",
            "else_clause",
            "elif_clause",
            "for_statement",
            "while_statement",
        } | {"try_statement", "except_clause", "finally_clause", "with_statement", "match_statement", "case_clause"}:
            yield from returns(child)
