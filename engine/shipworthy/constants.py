"""Which Python expressions the text itself fixes: nothing that comes from outside can be part of their value.

A rule that asks declares `extract=constants.bindings`, so that variables of the module and of classes
are known in every block. What looks like a constant (`TABLE`, `settings.TABLE`) counts as one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from tree_sitter import Node

from shipworthy.document import Block
from shipworthy.rule import Pass
from shipworthy.syntax import (
    FUNCTIONS,
    ancestors,
    dotted,
    function_around,
    is_within,
    keyword_arguments,
    own,
    positional_arguments,
    text_of,
)

_LITERALS = frozenset(
    {
        *("integer", "float", "true", "false", "none", "ellipsis"),
        *("string_start", "string_content", "string_end", "comment", "type_conversion"),
    }
)
_MADE_OF_PARTS = frozenset(
    {
        *("string", "concatenated_string", "interpolation", "format_specifier", "format_expression"),
        *("tuple", "list", "set", "dictionary", "pair", "list_splat", "expression_list", "parenthesized_expression"),
        *("unary_operator", "not_operator", "binary_operator", "boolean_operator", "comparison_operator"),
    }
)
_COMPREHENSIONS = frozenset({"generator_expression", "list_comprehension", "set_comprehension"})
_NUMBERS = frozenset({"int", "float", "len", "bool", "ord", "round", "abs", "hash", "id", "sum", "range"})
"""Calls whose value is a number, which does no harm in a text."""

_PLAIN = frozenset(
    {
        *("str", "repr", "sorted", "tuple", "list", "set", "frozenset", "dict", "max", "min"),
        *("dedent", "textwrap.dedent", "inspect.cleandoc", "os.path.join"),
    }
)
"""Calls whose value is fixed if their arguments are."""

_METHODS = frozenset(
    {
        *("format", "format_map", "join", "replace", "split", "splitlines", "encode", "decode", "translate"),
        *("strip", "lstrip", "rstrip", "removeprefix", "removesuffix", "ljust", "rjust", "center", "zfill"),
        *("lower", "upper", "title", "capitalize", "casefold", "expandtabs", "items", "keys", "values", "copy"),
    }
)
"""Methods of texts and collections whose value is fixed if the object and the arguments are."""

_ASSIGNMENTS = frozenset({"assignment", "augmented_assignment", "named_expression"})

Harmless = Callable[[Node], bool]


def bindings(block: Block) -> Iterable[str]:
    """`name` for each variable of the module, `.name` for each of a class; with ` ?` behind it if it is not fixed."""
    return block.memo(("constants", 0), lambda: frozenset(_bindings(block)))


def is_fixed(run: Pass, node: Node, harmless: Harmless = lambda node: False) -> bool:
    """Whether the value of an expression is fixed, but for parts that are `harmless` wherever they come from."""
    return not any(unfixed(run, node, harmless))


def unfixed(run: Pass, node: Node, harmless: Harmless = lambda node: False) -> Iterator[Node]:
    """The smallest parts of an expression that are not fixed; of a variable, the parts of what it is bound to."""
    words = run.facts[run.rule.id]
    yield from _unfixed(node, harmless, lambda name: name in words and f"{name} ?" not in words)


def is_checked(name: Node) -> bool:
    """Whether the function around a variable looks whether its value is one of a set: `if name in NAMES`."""
    scope = function_around(name)
    return (
        name.type == "identifier"
        and scope is not None
        and any(
            node.type == "comparison_operator"
            and node.named_children[0].text == name.text
            and any(child.type in {"in", "not in"} for child in node.children)
            for node in own(scope)
        )
    )


def _unfixed(node: Node, harmless: Harmless, known: Callable[[str], bool]) -> Iterator[Node]:
    todo, seen = [node], set[int]()
    while todo:
        here = todo.pop()
        if here.id in seen or harmless(here):
            continue
        seen.add(here.id)
        parts = _parts(here, known)
        if parts is None:
            yield here
        else:
            todo.extend(reversed(parts))


def _parts(node: Node, known: Callable[[str], bool]) -> list[Node] | None:
    """The nodes that must all be fixed for a node to be; None if it is not."""
    if node.type in _LITERALS:
        return []
    if node.type in _MADE_OF_PARTS:
        return node.named_children
    if node.type == "conditional_expression":
        return [node.named_children[0], node.named_children[-1]]
    if node.type in _COMPREHENSIONS:
        body = node.child_by_field_name("body")
        return [body] if body is not None else None
    if node.type == "subscript":
        value = node.child_by_field_name("value")
        return [value] if value is not None else None
    if node.type == "call":
        return _parts_of_call(node)
    if node.type == "attribute":
        return [] if text_of(node.named_children[-1]).isupper() or _is_known_member(node, known) else None
    return _parts_of_name(node, known) if node.type == "identifier" else None


def _parts_of_call(call: Node) -> list[Node] | None:
    function = call.child_by_field_name("function")
    arguments = [*positional_arguments(call), *keyword_arguments(call).values()]
    if function is None:
        return None
    if dotted(function) in _NUMBERS:
        return []
    if dotted(function) in _PLAIN:
        return arguments
    receiver = function.child_by_field_name("object") if function.type == "attribute" else None
    if receiver is None:
        return None
    method = text_of(function.named_children[-1])
    if method == "get":
        return [receiver, *arguments[1:]]
    return [receiver, *arguments] if method in _METHODS else None


def _parts_of_name(node: Node, known: Callable[[str], bool]) -> list[Node] | None:
    name = text_of(node)
    for around in ancestors(node):
        if around.type in FUNCTIONS or around.type == "module":
            values = [value for target, value in _bound(around) if target == name]
            if values:
                return None if None in values else [value for value in values if value is not None]
    return [] if name.isupper() or known(name) else None


def _is_known_member(node: Node, known: Callable[[str], bool]) -> bool:
    owner, _, name = dotted(node).rpartition(".")
    return owner in {"self", "cls"} and known(f".{name}")


def _bound(scope: Node) -> Iterator[tuple[str, Node | None]]:
    """Each name that a function or module binds, with its value; None where the value may be anything."""
    parameters = scope.child_by_field_name("parameters")
    for parameter in parameters.named_children if parameters is not None else ():
        name = parameter.child_by_field_name("name") or (parameter.named_children or [parameter])[0]
        yield text_of(name), None
    for node in own(scope):
        if node.type in _ASSIGNMENTS:
            yield from _assigned(node)
        elif node.type in {"for_statement", "for_in_clause"}:
            yield from _one_by_one(node.child_by_field_name("left"), node.child_by_field_name("right"))
        elif node.type in {"as_pattern_target", "global_statement", "nonlocal_statement"}:
            for name in node.named_children:
                yield text_of(name), None


def _assigned(node: Node) -> Iterator[tuple[str, Node | None]]:
    target = node.child_by_field_name("left") or node.child_by_field_name("name")
    value = node.child_by_field_name("right") or node.child_by_field_name("value")
    if target is None or value is None:
        return
    while value.type == "assignment" and (inner := value.child_by_field_name("right")) is not None:
        value = inner
    yield from _one_by_one(target, value)


def _one_by_one(target: Node | None, value: Node | None) -> Iterator[tuple[str, Node | None]]:
    if target is None:
        return
    if target.type == "identifier":
        yield text_of(target), value
    elif target.type in {"pattern_list", "tuple_pattern", "list_pattern"}:
        for one in target.named_children:
            yield text_of(one), value


def _bindings(block: Block) -> Iterator[str]:
    for kind in ("assignment", "augmented_assignment"):
        for node in block.nodes((kind,)).get(kind, ()):
            target = node.child_by_field_name("left")
            if target is None or (target.type == "identifier" and function_around(node) is not None):
                continue
            is_member = bool(block.scopes) or is_within(node, "class_definition")
            for name, value in _members(target) if target.type == "attribute" else _assigned(node):
                word = name if not is_member or name.startswith(".") else f".{name}"
                is_open = value is None or any(_unfixed(value, lambda node: False, lambda name: False))
                yield f"{word} ?" if is_open else word


def _members(target: Node) -> Iterator[tuple[str, Node | None]]:
    parent = target.parent
    value = parent.child_by_field_name("right") if parent is not None else None
    yield f".{dotted(target).rpartition('.')[2]}", value
