"""The facts of a block of Python: its imports and its definitions, each found without the other."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from tree_sitter import Node

from shipworthy import promised
from shipworthy.document import Block
from shipworthy.facts.given import demands_of, gives_none_on_demand, may_give_none, returns, value_of
from shipworthy.facts.model import Definition, Import, Told
from shipworthy.syntax import BRANCHING, identifiers, is_within, name_of, statements, text_of, walk

_IMPORTS = ("import_statement", "import_from_statement")
_DEFINITIONS = ("function_definition", "class_definition")
_STARTS = (re.compile(r"def[\s\\]+(\w+)"), re.compile(r"class[\s\\]+(\w+)"))
"""How definitions begin; one expression for both takes ten times as long."""
_HOLDING = BRANCHING | {"class_definition", "decorated_definition"}
"""What definitions may stand in."""


def imports(block: Block) -> Iterator[Import]:
    """The imports, those within functions too."""
    found = [*_importing(block)] if "import" in block.text else []
    for kind, read in (("import_statement", _plain), ("import_from_statement", _from)):
        for node, nested in found:
            if node.type == kind:
                yield from read(block, node, nested)


def _importing(block: Block) -> Iterator[tuple[Node, bool]]:
    """The import statements of a block, and whether they stand within a function.

    They stand among statements, so that no expression is looked into, unless an error may have hidden one there.
    """
    if block.is_broken:
        for nodes in block.nodes(_IMPORTS).values():
            yield from ((node, is_within(node, "function_definition")) for node in nodes)
        return
    todo = [(child, False) for child in reversed(block.root.named_children)]
    while todo:
        node, nested = todo.pop()
        kind = node.type
        if kind in _IMPORTS:
            yield node, nested
        elif kind in _HOLDING or kind == "function_definition":
            nested = nested or kind == "function_definition"
            todo.extend((child, nested) for child in reversed(node.named_children))


def starts(text: str) -> Mapping[str, Sequence[int]]:
    """By name the offsets of all that may be its definition, comments and texts not told apart."""
    found: dict[str, list[int]] = {}
    for start in _STARTS:
        for match in start.finditer(text):
            found.setdefault(match[1], []).append(match.start())
    return found


def definitions(block: Block) -> Iterator[Definition]:
    """Functions, classes and methods."""
    if "def" not in block.text and "class" not in block.text:
        return
    found = [*_defining(block)]
    for kind in _DEFINITIONS:
        yield from (_definition(block, node, name) for node, name in found if node.type == kind)


def _defining(block: Block) -> Iterator[tuple[Node, str]]:
    """The definitions of a block with their dotted names, those within functions left out.

    They stand among statements, so that no expression is looked into, unless an error may have hidden one there.
    """
    owner = "".join(f"{scope.name}." for scope in block.scopes)
    todo = [(child, owner) for child in reversed(block.root.named_children)]
    while todo:
        node, outer = todo.pop()
        kind, inner = node.type, outer
        if kind in _DEFINITIONS and (name := node.child_by_field_name("name")) is not None and block.owns(node):
            yield node, f"{outer}{block.source(name)}"
            inner = f"{outer}{block.source(name)}."
        if kind in _HOLDING or (block.is_broken and kind != "function_definition"):
            todo.extend((child, inner) for child in reversed(node.named_children))


def _plain(block: Block, node: Node, nested: bool) -> Iterable[Import]:
    for name in node.children_by_field_name("name"):
        if name.type == "aliased_import":
            module, alias = name.child_by_field_name("name"), name.child_by_field_name("alias")
            if module is not None and alias is not None:
                yield Import(block.source(alias), block.source(module), nested=nested)
        else:
            first = block.source(name).partition(".")[0].strip()
            yield Import(first, first, nested=nested)


def _from(block: Block, node: Node, nested: bool) -> Iterable[Import]:
    module = node.child_by_field_name("module_name")
    if module is None:
        return
    source = "".join(block.source(module).split())
    for name in node.children_by_field_name("name"):
        member, alias = name, name
        if name.type == "aliased_import":
            member = name.child_by_field_name("name") or name
            alias = name.child_by_field_name("alias") or name
        yield Import(block.source(alias), source, block.source(member), nested)


def _definition(block: Block, node: Node, name: str) -> Definition:
    decorators: tuple[str, ...] = ()
    if node.parent is not None and node.parent.type == "decorated_definition":
        found = (child.named_children for child in node.parent.children if child.type == "decorator")
        decorators = tuple(block.source(children[0]).partition("(")[0] for children in found if children)
    if node.type == "class_definition":
        arguments = node.child_by_field_name("superclasses")
        bases = [block.source(base) for base in arguments.named_children] if arguments is not None else []
        return Definition(name, "class", bases=tuple(bases), decorators=decorators)
    is_async = bool(node.children) and node.children[0].type == "async"
    may_be_none = may_give_none(block, node, name.rpartition(".")[2])
    return Definition(
        name,
        "function",
        is_async,
        decorators=decorators,
        may_give_none=may_be_none,
        none_on_demand=may_be_none and gives_none_on_demand(node),
        demands=demands_of(node) if may_be_none else (),
        told=_told(block, node),
        opens="" if decorators and not _BARE.issuperset(decorators) else _opens(block, node),
        guarded=_is_guarded(block, node),
        gives=_declared_class(block, node),
        waits=is_async and _WAITS.search(block.source(node)) is not None,
    )


_WAITS = re.compile(r"\bawait\b|\basync[ \t]+(?:for|with)\b")
_OUTAGE = re.compile(
    r"except(?:[ \t(]+(?:\w+\.)*(?:(?:Base)?Exception|OSError|IOError|(?:Request|SMTP|Api|API)Exception"
    r"|\w*(?:API|Api|Client|Connect|Connection|Database|Http|HTTP|Interface|Mongo|Network|Operational|Redis|Telegram|Upload|URL)Error|Error)\b.*)?:"
)
"""Handlers of whatever may fail, or of what fails when another machine or a database is away."""
_PRINTED = re.compile(r"(?:print|(?:click|typer)\.s?echo|(?:\w+\.)?console\.print)\((?!.*\bfile=|.*\berr=True)", re.S)


_FALSE_SAYS = re.compile(r"\bFalse`*,? (?:if|when|where|unless)\b")
_OF_FAILURE = re.compile(r"(?i)\b(?:fail\w*|errors?|could|cannot|can't|unable|otherwise|exceptions?)\b")


def _says_when_false(block: Block, function: Node) -> bool:
    """Whether the docstring says when the answer is False, and speaks of no failure."""
    first = next(iter(statements(function.child_by_field_name("body"))), None)
    said = block.source(first) if first is not None and first.type == "expression_statement" else ""
    is_docstring = said.lstrip("rR").startswith(("'", '"'))
    return is_docstring and _FALSE_SAYS.search(said) is not None and _OF_FAILURE.search(said) is None


def _told(block: Block, function: Node) -> Told | None:
    """How a function tells that something failed, if it does so by what it gives back alone."""
    text = block.source(function)
    if "return" not in text or "except" not in text or promised.is_best_effort(function) or _tells_others(function):
        return None
    given = [(one, value_of(one)) for one in returns(function)]
    values = [value for _, value in given if value is not None]
    is_told = any(value.type == "true" for value in values)
    is_made = any(value.type not in {"none", "true", "false"} for value in values)
    for one, value in given:
        answer = "None" if value is None else block.source(value)
        if (answer == "False" and is_told and not _says_when_false(block, function)) or (answer == "None" and is_made):
            clause = one.parent.parent if one.parent is not None else None
            handled = [child for child in one.parent.named_children if child != one] if one.parent is not None else []
            if clause is None or clause.type != "except_clause" or _OUTAGE.match(block.source(clause)) is None:
                continue
            if promised.has_reason(clause):
                continue
            if all(_PRINTED.match(block.source(child)) is not None for child in handled):
                return Told(answer, block.key, block.span(clause), bool(handled))
    if (clause := _fallen_through(block, function, is_told, is_made)) is not None:
        answer = "False" if given and given[-1][1] is not None and given[-1][1].type == "false" else "None"
        return Told(answer, block.key, block.span(clause), printed=True)
    return None


_TELLING = re.compile(
    r"(?i)_*(?:\w+_)?(?:warn(?:ing)?|log|notify|notification|alert|telemetry|metrics?|toast|beep)(?:_\w+)?"
)


def _tells_others(function: Node) -> bool:
    """Whether a function is there to tell somebody something, by its name."""
    name = name_of(function)
    return name is not None and _TELLING.fullmatch(text_of(name)) is not None


def _fallen_through(block: Block, function: Node, is_told: bool, is_made: bool) -> Node | None:
    """The handler of a function that prints a failure, behind which all that is left to do is to give False or None."""
    body = function.child_by_field_name("body")
    listed = [one for one in body.named_children if one.type != "comment"] if body is not None else []
    attempt, last = listed[-2:] if len(listed) > 1 else (None, None)
    if attempt is None or last is None or attempt.type != "try_statement" or last.type != "return_statement":
        return None
    value = value_of(last)
    if not (
        is_told if value is not None and value.type == "false" else is_made and (value is None or value.type == "none")
    ):
        return None
    for clause in (child for child in attempt.children if child.type == "except_clause"):
        suite = next((child for child in clause.children if child.type == "block"), None)
        handled = suite.named_children if suite is not None else []
        is_printed = bool(handled) and all(_PRINTED.match(block.source(one)) is not None for one in handled)
        if is_printed and not promised.has_reason(clause) and _OUTAGE.match(block.source(clause)) is not None:
            return clause
    return None


_BARE = frozenset({"staticmethod", "classmethod"})
"""Decorators that leave a function what it is."""
_OPENING = re.compile(
    r"\b(?:connect|open|fdopen|urlopen|socket|create_connection|create_pool|\w*(?:Client|ClientSession|File|SMTP|SMTP_SSL|FTP"
    r"|FTP_TLS|IMAP4|IMAP4_SSL|POP3|POP3_SSL))\("
)


def _opens(block: Block, function: Node) -> str:
    """What a function calls to open what it gives back each time; "" if it gives back other things, or keeps it."""
    if _OPENING.search(block.source(function)) is None:
        return ""
    values = [value for one in returns(function) if (value := value_of(one)) is not None and value.type != "none"]
    found = {_opened(block, function, value) for value in values}
    return found.pop() if len(found) == 1 else ""


def _opened(block: Block, function: Node, value: Node) -> str:
    """The call that a value comes from, directly or by way of a variable that nothing else is done with but use it."""
    if value.type == "identifier":
        uses = identifiers(function, value)
        around = [(use, use.parent) for use in uses if use.parent is not None]
        made = [parent for use, parent in around if parent.child_by_field_name("left") == use]
        others = [parent for use, parent in around if parent not in made and not _is_plain_use(use, parent)]
        held = made[0].child_by_field_name("right") if len(made) == 1 and not others else None
        if held is None or made[0].type != "assignment":
            return ""
        value = held
    while value.type in {"await", "parenthesized_expression"} and value.named_children:
        value = value.named_children[0]
    called = value.child_by_field_name("function") if value.type == "call" else None
    name = "".join(block.source(called).split()) if called is not None else ""
    return name if re.fullmatch(r"[\w.]+", name) else ""  # what is called on may hold a secret, and is kept on disk


def _is_plain_use(use: Node, parent: Node) -> bool:
    """Whether a variable is given back, or is asked for an attribute."""
    is_owner = parent.type == "attribute" and parent.child_by_field_name("object") == use
    return is_owner or parent.type == "return_statement"


_BROAD = re.compile(r"except(?:[ \t(]+(?:\w+\.)*(?:Base)?Exception\b.*)?:")
_TAKES = re.compile(
    r"(?:\w+ = )?(?:await )?[\w.]+\.(?:get|task_done|get_nowait)\(\)|(?:\w+\.)*log(?:ger|ging)?\.\w+\(.*\)", re.S
)
"""Statements that take a message out of a queue, or log that it came."""
_LASTING = frozenset({"for_statement", "while_statement", "with_statement", "try_statement"})


def _is_guarded(block: Block, function: Node) -> bool:
    """Whether a function deals with its failures itself: its last statement, but for what it gives back, is a `try`
    that catches everything and raises nothing; before it, nothing is waited for and nothing repeated. Or it is a loop
    of which each round is such a `try`, but for taking what it is about out of a queue.
    """
    if "except" not in block.source(function):
        return False
    listed = statements(function.child_by_field_name("body"))
    if listed and listed[-1].type == "while_statement":
        rounds = statements(listed[-1].child_by_field_name("body"))
        if not all(_TAKES.fullmatch(block.source(one)) is not None for one in rounds[:-1]):
            return False
        listed = [*listed[:-1], *rounds[-1:]]
    if listed and listed[-1].type == "return_statement" and not any(one.type == "call" for one in walk(listed[-1])):
        listed.pop()
    if not listed or listed[-1].type != "try_statement" or any(one.type in _LASTING for one in listed[:-1]):
        return False
    if any(node.type == "await" for one in listed[:-1] for node in walk(one)):
        return False
    clauses = [one for one in listed[-1].children if one.type == "except_clause"]
    is_broad = any(_BROAD.match(block.source(one)) is not None for one in clauses)
    return is_broad and not any(node.type == "raise_statement" for one in clauses for node in walk(one))


_CLASS = re.compile(r"(?:(?:typing\.)?Optional\[)?['\"]?((?:\w+\.)*_*[A-Z]\w*)\]?(?:\s*\|\s*None)?['\"]?\]?")


def _declared_class(block: Block, function: Node) -> str:
    """The class of what a function says that it gives, or None; "" if it says nothing of the kind."""
    declared = function.child_by_field_name("return_type")
    found = _CLASS.fullmatch(block.source(declared).strip()) if declared is not None else None
    return found[1] if found is not None else ""
