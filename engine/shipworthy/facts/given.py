"""What a function of Python gives back, as its text tells, and whether that may be None."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from tree_sitter import Node

from shipworthy.document import Block
from shipworthy.syntax import assigned, identifiers, is_within, last_word, own, statements, text_of

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

_LOOKED = re.compile(
    r"(?:\.|\b)_*(?:\w+_)?(?:find|first|get|last|latest|load|locate|lookup|match|newest|next|one_or_none|parse|pick|query|read"
    r"|resolve|scalar|search|select)(?:_\w+)?\("
)
"""Calls that may give None themselves."""

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
        uses = identifiers(function, value)
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


_EMPTY = frozenset({"false", "list", "dictionary", "tuple"})
"""The kinds of defaults that stand for nothing, besides None, where they hold nothing."""


def gives_none_on_demand(function: Node) -> bool:
    """Whether a function gives None only if it is handed something: called without arguments, it leaves off the
    branches that ask for what it may be handed, and gives something else on every other way.
    """
    defaults = _defaults(function)
    unset = _unset(function, defaults)
    if len(unset) != len(defaults):
        return False
    reached, goes_on = _reached(statements(function.child_by_field_name("body")), unset)
    return not goes_on and not any(map(_is_nothing, reached))


def demands_of(function: Node) -> tuple[tuple[int, str], ...]:
    """The parameters, by their place and name, of which a function must be handed one to give None by its own word.

    There are none if it may give None without them, or hands on what it has looked up.
    """
    defaults = _defaults(function)
    unset = _unset(function, defaults)
    body = statements(function.child_by_field_name("body"))
    if not unset or not any(map(_is_nothing, returns(function))) or _may_give(body, unset):
        return ()
    for name in list(unset):
        others = {one: kind for one, kind in unset.items() if one != name}
        if not _may_give(body, others):
            unset = others
    return tuple((place, name) for place, (name, _) in enumerate(defaults) if name in unset)


def _may_give(body: Iterable[Node], unset: Mapping[str, str]) -> bool:
    """Whether a function may give None while some parameters stand for nothing: by its word, by its end, or by what it
    looks up.
    """
    reached, goes_on = _reached(body, unset)
    values = [value_of(one) for one in reached]
    looked = (one for one in values if one is not None and one.type in {"await", "call"})
    return goes_on or any(map(_is_nothing, reached)) or any(_LOOKED.search(text_of(one)) for one in looked)


def _is_nothing(statement: Node) -> bool:
    """Whether a `return` gives back None by its own word."""
    value = value_of(statement)
    return value is None or value.type == "none"


def _defaults(function: Node) -> list[tuple[str, Node | None]]:
    """The parameters in their order, without `self`, each with its default."""
    listed = function.child_by_field_name("parameters")
    parameters = [one for one in listed.named_children if one.type != "comment"] if listed is not None else []
    if parameters and parameters[0].type == "identifier" and text_of(parameters[0]) in {"self", "cls"}:
        parameters.pop(0)
    names = (one.child_by_field_name("name") or one for one in parameters)
    return [(text_of(name), one.child_by_field_name("value")) for name, one in zip(names, parameters, strict=True)]


def _unset(function: Node, defaults: Iterable[tuple[str, Node | None]]) -> dict[str, str]:
    """The parameters that stand for nothing unless something is handed over, each with the kind of its default."""
    kinds = {name: value.type for name, value in defaults if value is not None and stands_for_nothing(value)}
    if kinds:
        bound = {text_of(target) for target, _ in assigned(function)}
        kinds = {name: kind for name, kind in kinds.items() if name not in bound}
    return kinds


def stands_for_nothing(default: Node) -> bool:
    """Whether a default is None, False, or empty."""
    return default.type == "none" or (default.type in _EMPTY and not default.named_children)


def _reached(listed: Iterable[Node], unset: Mapping[str, str]) -> tuple[list[Node], bool]:
    """What a sequence of statements may give back while some names stand for nothing, and whether it goes on behind."""
    found: list[Node] = []
    for statement in listed:
        if statement.type in {"return_statement", "raise_statement"}:
            return [*found, *([statement] if statement.type == "return_statement" else [])], False
        if _is_idle(statement, unset):
            continue
        if statement.type != "if_statement":
            found += returns(statement)
            continue
        inner, goes_on = _reached_in_branches(statement, unset)
        found += inner
        if not goes_on:
            return found, False
    return found, True


def _is_idle(statement: Node, unset: Mapping[str, str]) -> bool:
    """Whether a statement does nothing while some names stand for nothing: a loop over one of them, or a `try` of such
    loops.
    """
    if statement.type == "try_statement":
        tried = statements(statement.child_by_field_name("body"))
        others = {"else_clause", "finally_clause"} & {one.type for one in statement.children}
        return not others and all(_is_idle(one, unset) for one in tried)
    right = statement.child_by_field_name("right") if statement.type == "for_statement" else None
    return right is not None and text_of(right) in unset and statement.child_by_field_name("alternative") is None


def _reached_in_branches(statement: Node, unset: Mapping[str, str]) -> tuple[list[Node], bool]:
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


def _holds(condition: Node, unset: Mapping[str, str]) -> bool | None:
    """Whether a condition holds while some names stand for nothing; None if that does not follow."""
    if condition.type == "identifier":
        return False if text_of(condition) in unset else None
    if condition.type == "not_operator":
        inner = _holds(condition.named_children[0], unset)
        return None if inner is None else not inner
    if condition.type == "comparison_operator":
        name, _, rest = text_of(condition).partition(" is ")
        return {"None": True, "not None": False}.get(rest) if unset.get(name) == "none" else None
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
