"""The facts of a block of JavaScript or TypeScript."""

from __future__ import annotations

from collections.abc import Iterable

from tree_sitter import Node

from shipworthy.document import Block
from shipworthy.facts.model import BlockFacts, Definition, Import
from shipworthy.syntax import enclosing, is_within

_KINDS = ("import_statement", "variable_declarator", "function_declaration", "class_declaration", "method_definition")


def of_block(block: Block) -> BlockFacts:
    """Imports, `require` calls, and named functions, classes and methods."""
    imports: list[Import] = []
    definitions: list[Definition] = []
    nodes = block.nodes(_KINDS)
    for node in nodes.get("import_statement", ()):
        imports.extend(_import(block, node))
    for node in nodes.get("variable_declarator", ()):
        name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
        if name is None or value is None:
            continue
        nested = is_within(node, "statement_block")
        if value.type == "call_expression":
            imports.extend(_require(block, name, value, nested))
        elif value.type in {"arrow_function", "function_expression"} and not nested and name.type == "identifier":
            definitions.append(Definition(block.source(name), "function", _is_async(value)))
    for kind in ("function_declaration", "class_declaration", "method_definition"):
        for node in nodes.get(kind, ()):
            name = node.child_by_field_name("name")
            if name is None or is_within(node, "statement_block"):
                continue
            if kind == "class_declaration":
                definitions.append(Definition(block.source(name), "class"))
            elif kind == "function_declaration":
                definitions.append(Definition(block.source(name), "function", _is_async(node)))
            elif owner := _class_around(block, node):
                definitions.append(Definition(f"{owner}.{block.source(name)}", "function", _is_async(node)))
    return BlockFacts(tuple(imports), tuple(definitions))


def _import(block: Block, node: Node) -> Iterable[Import]:
    source = node.child_by_field_name("source")
    clause = next((child for child in node.named_children if child.type == "import_clause"), None)
    if source is None or clause is None:
        return
    module = block.source(source).strip("'\"")
    for child in clause.named_children:
        if child.type == "identifier":
            yield Import(block.source(child), module, "default")
        elif child.type == "namespace_import" and child.named_children:
            yield Import(block.source(child.named_children[-1]), module)
        elif child.type == "named_imports":
            for specifier in child.named_children:
                member, alias = specifier.child_by_field_name("name"), specifier.child_by_field_name("alias")
                if member is not None:
                    yield Import(block.source(alias or member), module, block.source(member))


def _require(block: Block, name: Node, call: Node, nested: bool) -> Iterable[Import]:
    function, arguments = call.child_by_field_name("function"), call.child_by_field_name("arguments")
    if function is None or arguments is None or block.source(function) != "require":
        return
    if len(arguments.named_children) != 1 or arguments.named_children[0].type != "string":
        return
    module = block.source(arguments.named_children[0]).strip("'\"")
    if name.type == "identifier":
        yield Import(block.source(name), module, nested=nested)
    elif name.type == "object_pattern":
        for child in name.named_children:
            if child.type == "shorthand_property_identifier_pattern":
                yield Import(block.source(child), module, block.source(child), nested)


def _class_around(block: Block, method: Node) -> str:
    """The name of the class that a method belongs to; "" for a method of an object literal."""
    around = enclosing(method, ("class_declaration", "object"))
    if around is None or around.type == "object":
        return ""
    if not block.owns(around):
        return ".".join(scope.name for scope in block.scopes)
    name = around.child_by_field_name("name")
    return block.source(name) if name is not None else ""


def _is_async(node: Node) -> bool:
    return any(child.type == "async" for child in node.children)
