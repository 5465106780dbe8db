"""The facts of a block of Python: its imports and its definitions, each found without the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tree_sitter import Node

from shipworthy.document import Block
from shipworthy.facts.model import Definition, Import
from shipworthy.syntax import is_within

_IMPORTS = ("import_statement", "import_from_statement")
_DEFINITIONS = ("function_definition", "class_definition")


def imports(block: Block) -> Iterator[Import]:
    """The imports, those within functions too."""
    nodes = block.nodes(_IMPORTS) if "import" in block.text else {}
    for node in nodes.get("import_statement", ()):
        nested = is_within(node, "function_definition")
        for name in node.children_by_field_name("name"):
            if name.type == "aliased_import":
                module, alias = name.child_by_field_name("name"), name.child_by_field_name("alias")
                if module is not None and alias is not None:
                    yield Import(block.source(alias), block.source(module), nested=nested)
            else:
                first = block.source(name).partition(".")[0].strip()
                yield Import(first, first, nested=nested)
    for node in nodes.get("import_from_statement", ()):
        yield from _from(block, node)


def definitions(block: Block) -> Iterator[Definition]:
    """Functions, classes and methods."""
    nodes = block.nodes(_DEFINITIONS) if "def" in block.text or "class" in block.text else {}
    owner = "".join(f"{scope.name}." for scope in block.scopes)
    for kind in _DEFINITIONS:
        for node in nodes.get(kind, ()):
            definition = _definition(block, node, owner)
            if definition is not None:
                yield definition


def _from(block: Block, node: Node) -> Iterable[Import]:
    module = node.child_by_field_name("module_name")
    if module is None:
        return
    source = "".join(block.source(module).split())
    nested = is_within(node, "function_definition")
    for name in node.children_by_field_name("name"):
        member, alias = name, name
        if name.type == "aliased_import":
            member = name.child_by_field_name("name") or name
            alias = name.child_by_field_name("alias") or name
        yield Import(block.source(alias), source, block.source(member), nested)


def _definition(block: Block, node: Node, owner: str) -> Definition | None:
    """The definition, named from the classes around it; None within a function."""
    name = node.child_by_field_name("name")
    if name is None:
        return None
    path = [block.source(name)]
    around = node.parent
    while around is not None:
        if around.type == "function_definition":
            return None
        if (
            around.type == "class_definition"
            and block.owns(around)
            and (outer := around.child_by_field_name("name")) is not None
        ):
            path.append(block.source(outer))
        around = around.parent
    decorators: tuple[str, ...] = ()
    if node.parent is not None and node.parent.type == "decorated_definition":
        found = (child.named_children for child in node.parent.children if child.type == "decorator")
        decorators = tuple(block.source(children[0]).partition("(")[0] for children in found if children)
    dotted = owner + ".".join(reversed(path))
    if node.type == "class_definition":
        arguments = node.child_by_field_name("superclasses")
        bases = [block.source(base) for base in arguments.named_children] if arguments is not None else []
        return Definition(dotted, "class", bases=tuple(bases), decorators=decorators)
    is_async = bool(node.children) and node.children[0].type == "async"
    return Definition(dotted, "function", is_async, decorators=decorators)
