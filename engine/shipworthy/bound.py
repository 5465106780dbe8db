"""Which names of a Python file are bound, and where: what a fix writes has to mean there what the fix means by it."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Iterator

from tree_sitter import Node

from shipworthy.document import Block, Document
from shipworthy.rule import Site
from shipworthy.syntax import CLASSES, FUNCTIONS, bound_names, targets, text_of, walk

IMPORTS = frozenset({"import_statement", "import_from_statement", "future_import_statement"})
_BOUND = ("bound", 0)
_BINDING = {"assignment": "left", "named_expression": "name", "for_statement": "left", "as_pattern": "alias"}


def is_shadowed(block: Block, name: str) -> bool:
    """Whether a function of a block binds a name itself, so that in it the module's is not seen."""
    return any(name in bound_names(one) or name in _imported_in(one) for one in _functions(block))


def is_bound(site: Site, name: str) -> bool:
    """Whether the module, or a function where a fix is made, binds a name."""
    return is_shadowed(site.block, name) or bool(_binding(site.document, name))


def is_taken(site: Site, name: str, means: Callable[[Node], str]) -> bool:
    """Whether a name means something else already where a fix is made, be it to Python.

    `means`: the name by which an import of the module makes known what the fix is about.
    """
    if is_shadowed(site.block, name):
        return True
    binding = _binding(site.document, name)
    if any(node.type in IMPORTS and means(node) == name for node in binding):
        return False
    return bool(binding) or hasattr(builtins, name)


def uses(block: Block, name: str) -> bool:
    """Whether a block has a name for something that is not what a handler of it is told."""
    for node in walk(block.root):
        if node.type == "identifier" and text_of(node) == name and not _is_of_handler(node, name):
            return True
    return False


def imports_of(block: Block) -> Iterator[Node]:
    """The imports that a function of a block makes whenever it is run."""
    for node in walk(block.root, FUNCTIONS):
        body = node.child_by_field_name("body") if node.type in FUNCTIONS else None
        yield from (one for one in body.named_children if one.type in IMPORTS) if body is not None else ()


def imports_module(block: Block, name: str) -> bool:
    """Whether a function of a block itself imports a module under its own name."""
    return any(node.type == "import_statement" and name in names_of(node) for node in imports_of(block))


def names_of(statement: Node) -> Iterator[str]:
    """The names that an import binds."""
    for name in statement.children_by_field_name("name"):
        alias = name.child_by_field_name("alias")
        yield text_of(alias) if alias is not None else text_of(name).partition(".")[0]


def _is_of_handler(node: Node, name: str) -> bool:
    """Whether a name stands in a handler that binds it."""
    around: Node | None = node
    while around is not None:
        if around.type == "except_clause":
            bound = next((one for one in around.named_children if one.type == "as_pattern"), None)
            alias = bound.child_by_field_name("alias") if bound is not None else None
            if alias is not None and text_of(alias) == name:
                return True
        around = around.parent
    return node.parent is not None and _is_label(node, node.parent)


def _is_label(node: Node, parent: Node) -> bool:
    """Whether a name is that of an attribute or of an argument, and no variable."""
    field = {"attribute": "attribute", "keyword_argument": "name"}.get(parent.type)
    return field is not None and parent.child_by_field_name(field) == node


def _functions(block: Block) -> Iterator[Node]:
    return (node for node in walk(block.root) if node.type in FUNCTIONS)


def _imported_in(function: Node) -> set[str]:
    inside = (node for node in walk(function, FUNCTIONS | CLASSES) if node.type in IMPORTS)
    return {name for node in inside for name in names_of(node)}


def _binding(document: Document, name: str) -> list[Node]:
    """The nodes at the margin of a module that bind a name, in branches there too: those of functions and classes are
    not its own.
    """
    blocks = (block for block in document.blocks if not block.scopes and name in block.memo(_BOUND, _names, block))
    return [node for block in blocks for node in walk(block.root, FUNCTIONS | CLASSES) if name in _bound_by(node)]


def _names(block: Block) -> frozenset[str]:
    return frozenset(name for node in walk(block.root, FUNCTIONS | CLASSES) for name in _bound_by(node))


def _bound_by(node: Node) -> Iterator[str]:
    """The names that a node binds."""
    if node.type in IMPORTS:
        yield from names_of(node)
    elif node.type in FUNCTIONS | CLASSES:
        name = node.child_by_field_name("name")
        yield from [text_of(name)] if name is not None else ()
    elif (field := _BINDING.get(node.type)) and (target := node.child_by_field_name(field)) is not None:
        yield from map(text_of, targets(target))
