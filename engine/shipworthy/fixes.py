"""Edits that more than one rule makes: imports, statements, arguments. Nodes and a site in, edits out."""

from __future__ import annotations

import re
import sys
from collections.abc import Collection, Iterator

from tree_sitter import Node

from shipworthy import bound, handlers, origins
from shipworthy.document import Document
from shipworthy.model import Edit, Span
from shipworthy.rule import Offer, Pass, Site
from shipworthy.syntax import ancestors, dotted, last_word, name_of, text_of, walk

_HEAD, _IMPORTS = ("head", -1), ("imports", -1)
_BLOCKS = frozenset({"block", "module", "statement_block", "program"})


def line_end(document: Document) -> str:
    """How the lines of a document end."""
    return "\r\n" if "\r\n" in document.text else "\r" if "\r" in document.text and "\n" not in document.text else "\n"


def add_import(site: Site, module: str, member: str = "") -> tuple[str, tuple[Edit, ...]]:
    """The name by which a module, or a member of one, is known where a fix is made, and the edits that make it so.

    No edits where the file imports it already, under whatever name, be it in a `try`, or the function there does. A
    new member joins an import of others from the same module. A new import stands where isort puts it, and takes no
    name that means something else: that has a line of its own.
    """
    for node in bound.imports_of(site.block):
        if known := _bound_name(node, module, member):
            return known, ()
    joining: list[Span] = []
    for node, at in _imports(site.document):
        known = _bound_name(node, module, member)
        if known and not bound.is_shadowed(site.block, known):
            return known, ()
        if member and node.type == "import_from_statement":
            joining.append(at)
    name = member or module
    if bound.is_taken(site, name, lambda node: _bound_name(node, module, member)):
        other = _other_name(module, member)
        return other, (_new_import(site, *_renamed(module, member, other)),)
    joined = (_joining(site.document, at, module, member) for at in joining)
    return name, (next(filter(None, joined), None) or _new_import(site, module, member),)


def _renamed(module: str, member: str, name: str) -> tuple[str, str]:
    return (module, f"{member} as {name}") if member else (f"{module} as {name}", "")


def _other_name(module: str, member: str) -> str:
    """A name for a module, or for a member of one, whose own means something else already: `flask_abort`."""
    package = module.partition(".")[0]
    if not member:
        return f"_{module}"
    return f"{package.title().replace('_', '')}{member}" if member[:1].isupper() else f"{package}_{member}"


def _imports(document: Document) -> tuple[tuple[Node, Span], ...]:
    """The imports at the head of a file, those in a `try` too: what came after them was there."""
    return document.whole.memo(_IMPORTS, lambda: tuple(_read_imports(document)))


def _read_imports(document: Document) -> Iterator[tuple[Node, Span]]:
    for node, at in _head(document):
        if node.type in bound.IMPORTS:
            yield node, at
        elif node.type == "try_statement":
            for inner in walk(node):
                if inner.type in bound.IMPORTS:
                    yield inner, at


def _new_import(site: Site, module: str, member: str) -> Edit:
    """The edit that puts an import into its section, behind those that isort puts before it."""
    document, ending = site.document, line_end(site.document)
    statement = f"from {module} import {member}" if member else f"import {module}"
    new = _rank(module, bool(member))
    ranked = [(_rank_of(node), at) for node, at in _head(document) if node.type in bound.IMPORTS]
    lower = [at for rank, at in ranked if rank < new]
    section = [(rank, at) for rank, at in ranked if rank[0] == new[0]]
    if not ranked:
        return add_below_imports(site, statement)
    if not section and lower:
        return _below(document, lower[-1], ending + statement)
    if before := [at for rank, at in section if rank <= new]:
        return _below(document, before[-1], statement)
    place = section[0][1] if section else ranked[0][1]
    start = document.line_start(document.position(place.start).line)
    return Edit(Span(start, start), statement + ending * (1 if section else 2))


def _rank_of(node: Node) -> tuple[int, bool, str]:
    """What isort sorts a statement by."""
    if node.type == "future_import_statement":
        return _rank("__future__", True)
    module = node.child_by_field_name("module_name") or node.child_by_field_name("name")
    return _rank(text_of(module) if module is not None else "", node.type == "import_from_statement")


def _rank(module: str, is_member: bool) -> tuple[int, bool, str]:
    root = module.partition(" ")[0].partition(".")[0]
    section = 0 if root == "__future__" else 1 if root in sys.stdlib_module_names else 3 if not root else 2
    return section, is_member, module.partition(" ")[0]


def _joining(document: Document, at: Span, module: str, member: str) -> Edit | None:
    """The edit that puts a member into an import of one line from the same module, in the order of isort."""
    text, head = document.text[at.start : at.end], f"from {module} import "
    listed = text.removeprefix(head)
    if listed == text or any(mark in listed for mark in "\n(*#;\\"):
        return None
    offset = at.start + len(head)
    for name in listed.split(","):
        if _import_order(name.strip()) > _import_order(member):
            start = offset + len(name) - len(name.lstrip())
            return Edit(Span(start, start), f"{member}, ")
        offset += len(name) + 1
    return Edit(Span(at.end, at.end), f", {member}")


def _import_order(name: str) -> tuple[int, str]:
    """Constants, then classes, then everything else."""
    return (0 if name.isupper() else 1 if name[:1].isupper() else 2), name


def add_below_imports(site: Site, statement: str) -> Edit:
    """Insert a statement of one line behind the imports at the head of a Python file."""
    place = Span(0, 0)
    for node, at in _head(site.document):
        if node.type in bound.IMPORTS or (
            not _is_import_at(site.document, place) and (_is_docstring(node) or _is_shebang(node, at))
        ):
            place = at
    return _below(site.document, place, statement)


def _head(document: Document) -> tuple[tuple[Node, Span], ...]:
    """What stands at the margin of a file before its first function or class."""
    return document.whole.memo(_HEAD, lambda: tuple(_read_head(document)))


def _read_head(document: Document) -> Iterator[tuple[Node, Span]]:
    for node, at in _top(document):
        if node.type in {"function_definition", "class_definition", "decorated_definition"}:
            return
        yield node, at


def _top(document: Document) -> Iterator[tuple[Node, Span]]:
    """The statements and comments at the margin of a file, with their spans in it."""
    for start, block in document.items():
        for node in block.root.named_children:
            if block.owns(node):
                yield node, block.span(node).shifted(start)


def _below(document: Document, place: Span, statement: str) -> Edit:
    """Insert a statement on the line below a place; at the top of the file if the place is empty."""
    ending = line_end(document)
    if place.end == 0:
        return Edit(place, statement + ending + (ending if document.text[:1].strip() else ""))
    end = document.line_start(document.position(place.end).line + 1)
    lead = "" if document.text[:end].endswith(("\n", "\r")) else ending
    gap = "" if _is_import_at(document, place) or document.text[place.start] == "#" else ending
    return Edit(Span(end, end), f"{lead}{gap}{statement}{ending}")


def _is_import_at(document: Document, place: Span) -> bool:
    return document.text[place.start : place.end].startswith(("import", "from"))


def _is_shebang(node: Node, at: Span) -> bool:
    return node.type == "comment" and at.start == 0 and text_of(node).startswith("#!")


def _bound_name(node: Node, module: str, member: str) -> str:
    """The name that an import statement binds to what is wanted, "" if it binds none."""
    source = node.child_by_field_name("module_name")
    if bool(member) != (source is not None) or (source is not None and text_of(source) != module):
        return ""
    for name in node.children_by_field_name("name"):
        imported, bound = name, name
        if name.type == "aliased_import":
            imported = name.child_by_field_name("name") or name
            bound = name.child_by_field_name("alias") or name
        if text_of(imported) == (member or module):
            return text_of(bound)
    return ""


def _is_docstring(node: Node) -> bool:
    return node.type == "expression_statement" and [child.type for child in node.children] == ["string"]


def add_argument(site: Site, call: Node, argument: str) -> Edit:
    """The edit that gives a call one more argument, behind those it has; on a line of its own if they are."""
    arguments = call.child_by_field_name("arguments")
    assert arguments is not None
    given = [child for child in arguments.named_children if child.type != "comment"]
    if not given:
        return site.replace(arguments, f"({argument})")
    last = given[-1]
    before = last.prev_sibling
    while before is not None and before.type == ",":
        before = before.prev_sibling
    is_apart = before is not None and before.end_point.row < last.start_point.row
    end = site.block.span(last).end + site.start
    gap = line_end(site.document) + site.indent(last) if is_apart else " "
    return Edit(Span(end, end), f",{gap}{argument}")


def is_alone_on_line(statement: Node) -> bool:
    """Whether a Python statement shares its lines with no other statement, nor with the header of its block."""
    block = statement.parent
    header = block.prev_sibling if block is not None and block.type == "block" else None
    beside = (statement.prev_named_sibling, statement.next_named_sibling)
    rows = {one.end_point.row for one in (header, beside[0]) if one is not None and one.type != "comment"}
    if beside[1] is not None and beside[1].type != "comment":
        rows.add(beside[1].start_point.row)
    return not rows & {statement.start_point.row, statement.end_point.row}


def between(site: Site, statement: Node) -> str:
    """What separates a Python statement from one that is put before or behind it: `; ` in `except: pass`."""
    block = statement.parent
    header = block.prev_sibling if block is not None and block.type == "block" else None
    if header is not None and header.end_point.row == statement.start_point.row:
        return "; "
    return line_end(site.document) + site.indent(statement)


def log_exception(run: Pass, site: Site, message: str) -> tuple[str, tuple[Edit, ...]]:
    """A Python call that logs the exception at hand with its traceback, and the edits that it needs.

    By the file's own logger, if the module has one; the rule declares `extract=origins.bindings`.
    """
    name, edits = logger(run, site)
    return f'{name}.exception("{message}")', edits


def logger(run: Pass, site: Site) -> tuple[str, tuple[Edit, ...]]:
    """What a Python file logs by, its own logger or the module logging, and the edits that it needs."""
    known = (*origins.made_by(run, "getLogger"), _logger_at_head(site.document))
    name = next((one for one in known if one and not bound.is_shadowed(site.block, one)), "")
    return (name, ()) if name else add_import(site, "logging")


_LOGGER = re.compile(r"_?(?:logger|log)", re.IGNORECASE)
_LEVELS = "exception|error|warning|info|debug"
_LOGS = re.compile(rf"\b{_LOGGER.pattern}\.(?:{_LEVELS})\(", re.IGNORECASE)


def _logger_at_head(document: Document) -> str:
    """The logger that a file imports or makes in a way of its own, told by its name and by how it is used."""
    if _LOGS.search(document.text) is None:
        return ""
    words = (text_of(word) for node, _ in _head(document) for word in walk(node) if word.type == "identifier")
    loggers = (word for word in words if _LOGGER.fullmatch(word))
    return next((one for one in loggers if re.search(rf"\b{one}\.(?:{_LEVELS})\(", document.text)), "")


def let_pass(run: Pass, clause: Node, cancelled: Collection[str]) -> Offer:
    """How an `except` clause of Python lets a cancellation out: if it takes ordinary errors too, it goes on to handle
    those as before, and takes nothing else; if it takes nothing else, it raises it again.

    `cancelled`: by which names cancellations are known.
    """
    named = [*zip(handlers.types(clause), handlers.caught(run, clause), strict=True)]
    kept = ["Exception" if name == "BaseException" else text_of(node) for node, name in named if name not in cancelled]
    if named and not kept:
        return raise_again(run, clause)
    types = [*dict.fromkeys(kept or ["Exception"])]
    written = types[0] if len(types) == 1 else f"({', '.join(types)})"
    title = f"Catch `{written}` instead"
    if not named:
        return run.offer(title, lambda site: [site.insert(run.block.span(clause.children[0]).end, f" {written}")])
    values = clause.children_by_field_name("value")
    values = values[:1] if handlers.alias(clause) is not None else values
    first = values[0].named_children[0] if values[0].type == "as_pattern" else values[0]
    last = values[-1] if len(values) > 1 else first
    return run.replace(title, Span(run.block.span(first).start, run.block.span(last).end), written)


def raise_again(run: Pass, clause: Node) -> Offer:
    """A `raise` at the end of an `except` clause, in place of a statement that only leaves it."""
    last = handlers.statements_of(clause)[-1]

    def edits(site: Site) -> Iterator[Edit]:
        if last.type in {"pass_statement", "continue_statement", "return_statement", "break_statement"}:
            yield site.replace(last, "raise")
        else:
            yield site.insert(run.block.span(last).end, f"{between(site, last)}raise")

    return run.offer("Raise it again", edits)


_HARDLY_FAILING = frozenset({"append", "dict", "isinstance", "len", "list", "print", "range", "repr", "str"})
"""The last names of calls that hardly ever fail."""


def what_failed(calls: list[Node]) -> str:
    """The text of a log message about some calls of a function: if any of several may have failed, about the function.

    Of a chain of calls it is about the first.
    """
    likely = [call for call in calls if last_word(call) not in _HARDLY_FAILING and not handlers.is_log_call(call)]
    names = {dotted(_first_of_chain(call).child_by_field_name("function")) for call in likely or calls}
    if len(names) == 1 and "" not in names:
        return f"{names.pop()} failed"
    function = next((one for one in ancestors(calls[0]) if one.type == "function_definition"), None) if calls else None
    name = name_of(function) if function is not None else None
    return f"Unexpected error in {text_of(name)}" if name is not None else "Unexpected error"


def _first_of_chain(call: Node) -> Node:
    function = call.child_by_field_name("function")
    inner = next((node for node in walk(function) if node.type == "call"), None) if function is not None else None
    return _first_of_chain(inner) if inner is not None else call


def can_indent(statements: list[Node]) -> bool:
    """Whether statements can be moved to the right: each has its lines to itself, and no text spans several."""
    return all(map(is_alone_on_line, statements)) and not any(
        _spans_lines(node) for statement in statements for node in walk(statement)
    )


def put_under(site: Site, header: str, first: Node, last: Node) -> Iterator[Edit]:
    """Put the statements from one to another, in lines of their own, under a header such as `try:`."""
    document, step = site.document, site.step(first)
    start, end = (site.block.span(node).shifted(site.start) for node in (first, last))
    yield line_before(site, first, header)
    yield site.insert(first, step)
    for line in range(document.position(start.start).line + 1, document.position(end.end).line + 1):
        if document.line_text(line).strip():
            yield Edit(Span(document.line_start(line), document.line_start(line)), step)


def statement_of(node: Node) -> Node | None:
    """The statement that a node stands in, as a child of its block."""
    here: Node | None = node
    while here is not None and (here.parent is None or here.parent.type not in _BLOCKS):
        here = here.parent
    return here


def line_before(site: Site, statement: Node, line: str) -> Edit:
    """Put a line before a statement, indented like it."""
    return site.insert(statement, line + line_end(site.document) + site.indent(statement))


def line_behind(site: Site, statement: Node, *lines: str) -> Edit:
    """Put lines behind a statement, indented like it."""
    separator = line_end(site.document) + site.indent(statement)
    return site.insert(site.block.span(statement).end, "".join(f"{separator}{line}" for line in lines))


def _spans_lines(node: Node) -> bool:
    return node.type == "string" and node.start_point.row != node.end_point.row
