"""How complex a function is: numbers and the places that add to them, from syntax alone.

Cyclomatic numbers are radon's for Python and those of eslint's `complexity` for JavaScript and
TypeScript; cognitive numbers follow the definition that Sonar publishes. Knows no limits and no rules.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tree_sitter import Node

from shipworthy.document import Block
from shipworthy.syntax import FUNCTIONS, ancestors, does_nothing, dotted, name_of, statements, text_of, walk

PYTHON_FUNCTIONS = "function_definition"
"""The kinds of Python functions that have a number, as rules subscribe to them; lambdas belong to theirs."""

JAVASCRIPT_FUNCTIONS = (
    "function_declaration|function_expression|arrow_function|method_definition"
    "|generator_function|generator_function_declaration"
)
"""The kinds of JavaScript functions that have a number."""

BRANCHING: frozenset[str] = frozenset(
    {
        "if_statement",
        "for_statement",
        "for_in_statement",
        "while_statement",
        "do_statement",
        "try_statement",
        "match_statement",
        "switch_statement",
    }
)
"""Statements that a reader has to keep in mind while reading what stands within them."""


_GENERATED = re.compile(
    r"(?im)^(?:#|//|/\*|[ ]\*).{0,80}(?:@generated|do not (?:edit|modify)|generated (?:by|from|code)|auto-?generated)"
)
_BLOCKS = frozenset({"block", "statement_block", "switch_body"})


@dataclass(frozen=True, slots=True)
class Point:
    """A node that adds `amount` to a function's number."""

    node: Node
    amount: int


def generated(block: Block) -> Iterable[str]:
    """A rule's facts of a block: the word `generated` if a comment at the margin says that a tool wrote the file."""
    return ("generated",) if _GENERATED.search(block.text) is not None else ()


def cyclomatic(function: Node) -> list[Point]:
    """What a function's branches add; its cyclomatic number is their sum and 1.

    Nested functions have a number of their own and add nothing.
    """
    points = _python_branches(function) if _is_python(function) else _javascript_branches(function)
    return [point for point in points if point.amount]


def has_at_most(block: Block, function: Node, branches: int) -> bool:
    """Whether a function of a block surely has no more branches than so many: a cheap first look."""
    if not _is_python(function):
        return sum(point.amount for point in cyclomatic(function)) <= branches
    found = (node for nodes in block.nodes(_PYTHON_COUNTED).values() for node in nodes)
    inside = (node for node in found if function.start_byte <= node.start_byte < function.end_byte)
    return sum(node.type != "else_clause" or _is_counted(node) for node in inside) <= branches


def cognitive(function: Node) -> list[Point]:
    """What a function's parts add to the effort of reading it; its cognitive number is their sum.

    A nested Python function is part of the one around it, one level deeper; the function within a
    decorator is read at the decorator's level. A JavaScript function has a number of its own
    wherever it stands, since modules and callbacks are made of functions.
    """
    body = function.child_by_field_name("body")
    if body is None:
        return []
    if _is_python(function):
        points = list(_cognitive(body, -1 if _is_decorator(body) else 0, into_functions=True))
    else:
        points = [point for part in _parts(function) for point in _cognitive(part, 0, into_functions=False)]
    if (call := _recursion(function, body)) is not None:
        points.append(Point(call, 1))
    return points


def cannot_exceed(block: Block, function: Node, limit: int) -> bool:
    """Whether a function of a block has too few branches for a cognitive number above `limit`: a cheap first look.

    Even if each stands in the one before and has an `else`. What nested functions add is not known.
    """
    text = function.text or b""
    if _is_python(function) and (text.count(b"def ") > 1 or b"lambda" in text):
        return False
    jumps = text.count(b"break ") + text.count(b"continue ")
    branches = 0
    while (branches + 1) * (branches + 2) // 2 + branches + 1 + jumps + 1 <= limit:
        branches += 1
    return branches * (branches + 1) // 2 + branches + jumps + 1 <= limit and has_at_most(block, function, branches)


def nesting(statement: Node) -> int:
    """How many branching statements of its function a branching statement stands in, itself included.

    `else if` and `elif` stand beside their `if`, not in it.
    """
    depth = 1
    inner = statement
    for around in ancestors(statement):
        if around.type in FUNCTIONS:
            break
        if around.type in BRANCHING and not _is_else_if(inner):
            depth += 1
        inner = around if around.type in BRANCHING else inner
    return depth


def title(function: Node) -> tuple[str, Node]:
    """What a message calls a function, and the node to point at: its name, else its first token."""
    name = name_of(function)
    if name is not None and name.type.endswith("identifier"):
        return f"`{text_of(name)}`", name
    tokens = (child for child in function.children if child.type in {"=>", "function", "def"})
    return "This function", next(tokens, function)


def keyword(statement: Node) -> str:
    """What a message calls a statement."""
    first = statement.type.partition("_")[0]
    if statement.type in FUNCTIONS or statement.type == "decorated_definition":
        return "nested function"
    return f"`{first}` loop" if first in {"for", "while", "do"} else f"`{first}`"


def is_worth_moving(statement: Node, amount: int, total: int) -> bool:
    """Whether a statement is a part that can be cut out, and holds enough for the cut to pay."""
    return amount * 3 >= total and (statement.type in BRANCHING or keyword(statement) in {"`with`", "nested function"})


def heaviest(function: Node, points: list[Point]) -> list[tuple[Node, int]]:
    """The statements that add most, the heaviest first, each with its share: where a cut pays.

    A statement that holds nearly everything is looked into, since moving it out would move the
    problem. At most three, and none that adds less than a fifth.
    """
    total = sum(point.amount for point in points)
    scope = function.child_by_field_name("body")
    found: list[tuple[Node, int]] = []
    while scope is not None and scope.type in _BLOCKS:
        shares = [(child, _share(child, points)) for child in scope.named_children]
        found = sorted(((child, share) for child, share in shares if share), key=lambda one: -one[1])
        if not found or found[0][1] * 5 < total * 4:
            break
        scope = next((part for part in reversed(found[0][0].children) if _share(part, points) * 5 >= total * 3), None)
        if scope is not None and scope.type not in _BLOCKS:
            scope = scope.child_by_field_name("body") or next((c for c in scope.children if c.type in _BLOCKS), None)
    return [(child, share) for child, share in found[:3] if share * 5 >= total]


def _share(node: Node, points: list[Point]) -> int:
    inside = (p.amount for p in points if node.start_byte <= p.node.start_byte and p.node.end_byte <= node.end_byte)
    return sum(inside)


def _is_python(function: Node) -> bool:
    return function.type in {"function_definition", "lambda"}


# Cyclomatic, as radon counts

_PYTHON_BRANCHES = frozenset(
    {
        "if_statement",
        "elif_clause",
        "conditional_expression",
        "for_statement",
        "while_statement",
        "boolean_operator",
        "for_in_clause",
        "assert_statement",
    }
)
_PYTHON_COUNTED = (*sorted(_PYTHON_BRANCHES), "case_clause", "else_clause", "except_clause", "if_clause")
"""All that may be a branch."""
_ELSE_COUNTS = frozenset({"for_statement", "while_statement", "try_statement"})
_PYTHON_ASIDE = frozenset({"function_definition", "class_definition", "decorator", "assert_statement"})
"""radon looks into none of these from outside: not even into the condition of an `assert`."""


def _python_branches(function: Node) -> Iterator[Point]:
    body = function.child_by_field_name("body")
    for node in walk(body, _PYTHON_ASIDE, named=True) if body is not None else ():
        if node.type in _PYTHON_BRANCHES:
            yield Point(node, 1)
        elif node.type == "if_clause":
            yield Point(node, int(node.parent is not None and node.parent.type != "case_clause"))
        elif node.type == "except_clause":
            yield Point(node, int(not _is_group_handler(node)))
        elif node.type == "else_clause" and _is_counted(node):
            yield Point(node, 1)
        elif node.type == "match_statement":
            yield Point(node, _cases(node))


def _is_counted(clause: Node) -> bool:
    """Whether an `else` is a branch: not that of an `if`, nor of a `try` with `except*`."""
    statement = clause.parent
    if statement is None or statement.type not in _ELSE_COUNTS:
        return False
    return not any(map(_is_group_handler, statement.children))


def _is_group_handler(node: Node) -> bool:
    """Whether this is an `except*` clause: radon does not know those."""
    return node.type == "except_clause" and any(child.type == "*" for child in node.children)


def _cases(statement: Node) -> int:
    """The cases of a `match`, less one if any of them takes everything."""
    body = statement.child_by_field_name("body")
    cases = [child for child in body.named_children if child.type == "case_clause"] if body is not None else []
    return max(0, len(cases) - any(map(_takes_everything, cases)))


def _takes_everything(case: Node) -> bool:
    """Whether a case is `_` or a plain name, perhaps in parentheses; a guard does not matter to radon."""
    patterns = [child for child in case.named_children if child.type == "case_pattern"]
    if len(patterns) != 1 or any(child.type == "," for child in case.children):
        return False
    text = text_of(patterns[0])
    while text.startswith("(") and text.endswith(")"):
        text = text[1:-1].strip()
    return text.isidentifier() and text not in {"None", "True", "False"}


# Cyclomatic, as eslint counts

_JAVASCRIPT_BRANCHES = frozenset(
    {
        "if_statement",
        "ternary_expression",
        "for_statement",
        "for_in_statement",
        "while_statement",
        "do_statement",
        "catch_clause",
        "switch_case",
        "assignment_pattern",
        "object_assignment_pattern",
        "optional_chain",
    }
)
_LOGICAL = frozenset({"&&", "||", "??", "&&=", "||=", "??="})
_JAVASCRIPT_ASIDE = FUNCTIONS | {"class_static_block"}
_FIELDS = frozenset({"field_definition", "public_field_definition"})


def _javascript_branches(function: Node) -> Iterator[Point]:
    for part in _parts(function):
        yield from map(_javascript_point, _javascript_own(part))


def _parts(function: Node) -> list[Node]:
    """What a JavaScript function executes: the defaults of its parameters, and its body."""
    named = map(function.child_by_field_name, ("parameters", "parameter", "body"))
    return [part for part in named if part is not None]


def _javascript_point(node: Node) -> Point:
    if node.type in {"binary_expression", "augmented_assignment_expression"}:
        operator = node.child_by_field_name("operator")
        return Point(node, int(operator is not None and operator.type in _LOGICAL))
    if node.type == "call_expression":  # TypeScript's grammar has the bare token here
        return Point(node, int(any(child.type == "?." for child in node.children)))
    if node.type in {"required_parameter", "optional_parameter"}:
        return Point(node, int(node.child_by_field_name("value") is not None))
    return Point(node, int(node.type in _JAVASCRIPT_BRANCHES))


def _javascript_own(node: Node) -> Iterator[Node]:
    """The nodes of a function's own code path; the value of a class field has one of its own."""
    todo = [node]
    while todo:
        here = todo.pop()
        if here.type not in _JAVASCRIPT_ASIDE:
            yield here
            value = here.child_by_field_name("value") if here.type in _FIELDS else None
            todo.extend(child for child in reversed(here.children) if child != value)
        elif here.type == "method_definition" and (name := here.child_by_field_name("name")) is not None:
            todo.append(name)


# Cognitive

_NESTS = frozenset(
    {
        "if_statement",
        "for_statement",
        "for_in_statement",
        "while_statement",
        "do_statement",
        "match_statement",
        "switch_statement",
        "except_clause",
        "catch_clause",
        "conditional_expression",
        "ternary_expression",
    }
)
"""These add one and their depth, and what stands within them stands one level deeper."""

_HEAD = ("condition", "left", "right", "value", "subject", "initializer", "increment")
_JUMPS = frozenset({"break_statement", "continue_statement"})


def _cognitive(root: Node, level: int, into_functions: bool) -> Iterator[Point]:
    todo = [(root, level)]
    while todo:
        node, depth = todo.pop()
        inner = depth
        if node.type in _NESTS:
            if _is_else_if(node):
                yield Point(node, 1)
            else:
                yield Point(node, 1 + max(depth, 0))
                inner = depth + 1
        elif node.type in {"elif_clause", "else_clause"}:
            if not any(map(_is_else_if, node.named_children)):
                yield Point(node, 1)
        elif node.type in FUNCTIONS:
            if not into_functions and node is not root:
                continue
            inner = depth + 1
        elif node.type in _JUMPS:
            if node.child_by_field_name("label") is not None:
                yield Point(node, 1)
        elif _operator(node) and not _operator(_outer(node)) and not _is_conditional_markup(node):
            yield Point(node, _sequences(node))
        head = _head(node)
        todo.extend((child, depth if child in head else inner) for child in reversed(node.named_children))


def _head(node: Node) -> list[Node]:
    """The parts of a branching statement or expression that stand at its own level, not within it."""
    if node.type == "conditional_expression":
        return node.named_children[1:2]
    if node.type not in BRANCHING and node.type != "ternary_expression":
        return []
    return [part for name in _HEAD if (part := node.child_by_field_name(name)) is not None]


def _operator(node: Node | None) -> str:
    """The logical operator of an expression, "" for anything else."""
    if node is None or node.type not in {"boolean_operator", "binary_expression"}:
        return ""
    operator = node.child_by_field_name("operator")
    return operator.type if operator is not None and operator.type in {"and", "or", "&&", "||"} else ""


def _outer(node: Node) -> Node | None:
    """The node around an expression, parentheses not counted."""
    return next((around for around in ancestors(node) if around.type != "parenthesized_expression"), None)


def _sequences(expression: Node) -> int:
    """How many runs of the same operator an expression has, read from left to right."""
    operators = [*_operators(expression)]
    return sum(before != after for before, after in zip(["", *operators], operators, strict=False))


def _operators(node: Node) -> Iterator[str]:
    while node.type == "parenthesized_expression":
        node = next(child for child in node.named_children if child.type != "comment")
    if operator := _operator(node):
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if left is not None and right is not None:
            yield from _operators(left)
            yield operator
            yield from _operators(right)


def _is_else_if(statement: Node) -> bool:
    return statement.type == "if_statement" and statement.parent is not None and statement.parent.type == "else_clause"


def _is_conditional_markup(expression: Node) -> bool:
    """Whether this is JSX's way to write an `if`: `{ready && <List />}`."""
    right = expression.child_by_field_name("right")
    return right is not None and any(part.type.startswith("jsx_") for part in (right, *right.children))


def _is_decorator(body: Node) -> bool:
    """Whether a Python function holds one function and returns it, and nothing besides."""
    kinds = [child.type for child in statements(body) if not does_nothing(child)]
    return kinds in (["function_definition", "return_statement"], ["decorated_definition", "return_statement"])


def _recursion(function: Node, body: Node) -> Node | None:
    """The first call of the function to itself."""
    name = function.child_by_field_name("name")
    if name is None or (name.text or b"") + b"(" not in (body.text or b""):
        return None
    own = text_of(name)
    names = {own}
    if any(around.type in {"class_definition", "class_body"} for around in ancestors(function)):
        names = {f"self.{own}", f"cls.{own}", f"this.{own}"}
    calls = (node for node in walk(body) if node.type in {"call", "call_expression"})
    return next((call for call in calls if dotted(call.child_by_field_name("function")) in names), None)
