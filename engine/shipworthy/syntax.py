"""Questions about syntax nodes that more than one rule asks. Nodes in, nodes and names out."""

from __future__ import annotations

import functools
import re
from collections.abc import Collection, Iterator, Mapping

from tree_sitter import Node

FUNCTIONS: frozenset[str] = frozenset(
    {
        "function_definition",
        "lambda",
        "function_declaration",
        "function_expression",
        "generator_function",
        "generator_function_declaration",
        "arrow_function",
        "method_definition",
    }
)
"""Node kinds that open a function body, Python's and JavaScript's."""

CLASSES: frozenset[str] = frozenset({"class_definition", "class_declaration", "class"})
"""Node kinds that open a class body."""

_DEFINITIONS = FUNCTIONS | CLASSES

BRANCHING: frozenset[str] = frozenset(
    {
        "block",
        "case_clause",
        "elif_clause",
        "else_clause",
        "except_clause",
        "except_group_clause",
        "finally_clause",
        "for_statement",
        "if_statement",
        "match_statement",
        "try_statement",
        "while_statement",
        "with_statement",
    }
)
"""Node kinds of Python that other statements of the same function stand in."""

_NAMING = {
    "variable_declarator": "name",
    "pair": "key",
    "assignment_expression": "left",
    "field_definition": "property",
    "public_field_definition": "name",
}

_FOR_TOOLS = re.compile(
    r"(?i)^(?://|/\*)[\s*]*(?:shipworthy:|eslint|prettier|biome|@?ts-|istanbul|[cv]8 |webpack|#__|sourcemap)"
)


def ancestors(node: Node) -> Iterator[Node]:
    """The nodes around a node, from its parent outwards."""
    around = node.parent
    while around is not None:
        yield around
        around = around.parent


def enclosing(node: Node, kinds: Collection[str]) -> Node | None:
    """The nearest node of one of `kinds` around a node."""
    around = node.parent
    while around is not None and around.type not in kinds:
        around = around.parent
    return around


def is_within(node: Node, kind: str) -> bool:
    """Whether a node of `kind` stands around the node."""
    return enclosing(node, (kind,)) is not None


def walk(node: Node, skip: Collection[str] = (), *, named: bool = False) -> Iterator[Node]:
    """The node and all below it in the order of the text, without descending into `skip` kinds.

    `named`: only nodes with a name in the grammar; brackets, operators and keywords have none. What stands in a
    function is kept: rules ask for each of its calls what else is there.
    """
    if node.type in FUNCTIONS:
        return iter(_all_of(node, frozenset(skip), named))
    return _walk(node, skip, named)


@functools.lru_cache(maxsize=32)
def _all_of(function: Node, skip: frozenset[str], named: bool) -> tuple[Node, ...]:  # for the cache
    return tuple(_walk(function, skip, named))


def _walk(node: Node, skip: Collection[str], named: bool) -> Iterator[Node]:
    todo = [node]
    while todo:
        here = todo.pop()
        yield here
        if not skip or here is node or here.type not in skip:
            todo.extend(reversed(here.named_children if named else here.children))


@functools.lru_cache(maxsize=32)
def _by_name(function: Node) -> Mapping[bytes, list[Node]]:
    found: dict[bytes, list[Node]] = {}
    for node in walk(function):
        if node.type == "identifier" and node.text is not None:
            found.setdefault(node.text, []).append(node)
    return found


def identifiers(function: Node, name: Node) -> list[Node]:
    """The identifiers of a function, nested ones included, that read like this one, in the order of the text."""
    return _by_name(function).get(name.text or b"", [])


def own(function: Node, kind: str = "") -> Iterator[Node]:
    """The nodes of a function's own body, all or those of one kind: those of nested functions and classes are not its
    own.
    """
    if kind:
        return iter(_own_by_kind(function).get(kind, ()))
    return (node for node in walk(function, _DEFINITIONS) if node is not function)


@functools.lru_cache(maxsize=32)
def _own_by_kind(function: Node) -> Mapping[str, list[Node]]:
    found: dict[str, list[Node]] = {}
    for node in own(function):
        found.setdefault(node.type, []).append(node)
    return found


def text_of(node: Node) -> str:
    """A node's source text."""
    return (node.text or b"").decode("utf-8", "replace")


def dotted(node: Node | None) -> str:
    """`a.b.c` for a name or a chain of attributes (a call counts as its function), else ""."""
    parts: list[str] = []
    while node is not None:
        if node.type in {"identifier", "this", "property_identifier"}:
            parts.append(text_of(node))
            return ".".join(reversed(parts))
        if node.type == "attribute":
            parts.append(text_of(node.child_by_field_name("attribute") or node))
            node = node.child_by_field_name("object")
        elif node.type == "member_expression":
            parts.append(text_of(node.child_by_field_name("property") or node))
            node = node.child_by_field_name("object")
        elif node.type in {"call", "call_expression"}:
            node = node.child_by_field_name("function")
        elif (
            node.type in {"await", "await_expression", "parenthesized_expression", "non_null_expression"}
            and node.named_children
        ):
            node = node.named_children[0]
        else:
            return ""
    return ""


def names_in(node: Node) -> set[str]:
    """The names that stand in a node."""
    return {text_of(one) for one in walk(node) if one.type == "identifier"}


def assigned(scope: Node) -> Iterator[tuple[Node, Node]]:
    """The targets and values of a scope's assignments and `as` clauses, in the order of the text."""
    for node in own(scope):
        if node.type in {"assignment", "as_pattern"}:
            target = node.child_by_field_name("left") or node.child_by_field_name("alias")
            value = node.child_by_field_name("right") or (node.named_children[0] if node.type == "as_pattern" else None)
            if target is not None and value is not None:
                yield target, value


def is_main(function: Node) -> bool:
    """Whether a function is the program: it ends with it."""
    name = name_of(function)
    return name is not None and text_of(name) == "main"


def last_word(call: Node) -> str:
    """The last word of what a call calls: `get` for `session.get(url)`, `open` for `open(path)`."""
    function = call.child_by_field_name("function")
    attribute = function.child_by_field_name("attribute") if function is not None else None
    return text_of(attribute) if attribute is not None else dotted(function).rpartition(".")[2]


def spoken(function: Node | None) -> str:
    """What a message calls a function: its name, never an argument of a call in it, which may be a secret."""
    if function is None:
        return "the call"
    text = text_of(function)
    if len(text) <= 40 and re.fullmatch(r"[\w$.?!]+", text):
        return text
    last = function.child_by_field_name("attribute") or function.child_by_field_name("property")
    return text_of(last) if last is not None else dotted(function).rpartition(".")[2] or "the call"


def keyword_arguments(call: Node) -> dict[str, Node]:
    """The keyword arguments of a Python call by name. `**mapping` stands under the name `**`."""
    found: dict[str, Node] = {}
    arguments = call.child_by_field_name("arguments")
    for argument in arguments.named_children if arguments is not None else ():
        name, value = argument.child_by_field_name("name"), argument.child_by_field_name("value")
        if argument.type == "keyword_argument" and name is not None and value is not None:
            found[text_of(name)] = value
        elif argument.type == "dictionary_splat":
            found["**"] = argument
    return found


def positional_arguments(call: Node) -> list[Node]:
    """The positional arguments of a call, `*sequence` included, comments left out."""
    arguments = call.child_by_field_name("arguments")
    if arguments is None:
        return []
    return [
        argument
        for argument in arguments.named_children
        if argument.type not in {"keyword_argument", "dictionary_splat", "comment"}
    ]


_ANNOTATIONS = ("type", "type_annotation")
_BINDERS = frozenset(
    {
        "assignment",
        "named_expression",
        "variable_declarator",
        "for_statement",
        "for_in_clause",
        "for_in_statement",
        "as_pattern",
        "catch_clause",
    }
)


def is_for_people(comment: str) -> bool:
    """Whether a JavaScript comment is meant for people."""
    return re.search(r"\w", comment) is not None and _FOR_TOOLS.search(comment) is None


def bound_names(function: Node) -> frozenset[str]:
    """Names that a function binds itself: its parameters and what it assigns (not its imports)."""
    names: set[str] = set()
    parameters = function.child_by_field_name("parameters") or function.child_by_field_name("parameter")
    if parameters is not None:
        names.update(text_of(node) for node in walk(parameters, _ANNOTATIONS) if node.type == "identifier")
    for node in walk(function, FUNCTIONS | CLASSES, named=True):
        if node is function:
            continue
        if node.type in FUNCTIONS and (name := node.child_by_field_name("name")) is not None:
            names.add(text_of(name))
        elif node.type in _BINDERS:
            fields = ("left", "name", "alias", "parameter")
            target = next(filter(None, map(node.child_by_field_name, fields)), None)
            if target is not None:
                names.update(text_of(name) for name in targets(target))
    return frozenset(names)


def targets(node: Node) -> Iterator[Node]:
    """The plain names that an assignment target binds; attributes and items bind none."""
    for found in walk(node, ("attribute", "subscript", "member_expression", "subscript_expression")):
        if found.type in {"identifier", "shorthand_property_identifier_pattern"} and (
            found.parent is None or found.parent.type not in {"attribute", "subscript", "member_expression"}
        ):
            yield found


def function_around(node: Node) -> Node | None:
    """The nearest function around a node, a lambda included."""
    return enclosing(node, FUNCTIONS)


def is_async(function: Node) -> bool:
    """Whether a function is written `async`."""
    return any(child.type == "async" for child in function.children)


def name_of(function: Node) -> Node | None:
    """The name that a function is known by: its own, or that of the variable or key that it is given to."""
    own = function.child_by_field_name("name")
    if own is not None or function.parent is None:
        return own
    field = _NAMING.get(function.parent.type)
    return function.parent.child_by_field_name(field) if field is not None else None


def is_statement(expression: Node) -> bool:
    """Whether an expression is a statement of its own, so that its value is dropped."""
    return expression.parent is not None and expression.parent.type == "expression_statement"


def statements(block: Node | None) -> list[Node]:
    """The statements of a block, comments left out."""
    return [child for child in block.named_children if child.type != "comment"] if block is not None else []


def does_nothing(statement: Node) -> bool:
    """Whether a statement is `pass`, `continue`, `...`, a docstring or another bare constant, or `;`."""
    if statement.type in {"pass_statement", "continue_statement", "empty_statement"}:
        return True
    return statement.type == "expression_statement" and all(
        child.type in {"string", "concatenated_string", "ellipsis", "none", "integer", "true", "false", ";", "comment"}
        for child in statement.children
    )


def argument(call: Node, position: int, keyword: str = "") -> Node | None:
    """An argument of a Python call by its position or by its keyword; None behind a `*sequence`."""
    named = keyword_arguments(call).get(keyword) if keyword else None
    if named is not None:
        return named
    positional = positional_arguments(call)
    if any(one.type == "list_splat" for one in positional[: position + 1]):
        return None
    return positional[position] if 0 <= position < len(positional) else None
