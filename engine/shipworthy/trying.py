"""Where a `try` goes: around some statements, or into a `try` that is there. Nodes and a site in, edits out."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from tree_sitter import Node

from shipworthy import fixes
from shipworthy.document import Document
from shipworthy.escape import catalogue
from shipworthy.model import Edit, Span
from shipworthy.rule import Pass, Site
from shipworthy.syntax import FUNCTIONS, ancestors, dotted, function_around, names_in, own, text_of, walk

_LOOPS = frozenset(
    {
        "for_statement",
        "while_statement",
        "list_comprehension",
        "set_comprehension",
        "dictionary_comprehension",
        "generator_expression",
    }
)
_PAUSES = re.compile(r"(?:^|[.])(?:a?sleep|pause|wait)$", re.IGNORECASE)
"""How a call ends that waits before the next round of a loop."""
_UNFIT = frozenset({"function_definition", "class_definition", "decorated_definition", "import_from_statement"})

_HEAD = re.compile(r"except\s+(?P<names>\(?[\w., ]+?\)?)(?:\s+as\s+(?P<bound>\w+))?\s*:")


def clause(names: list[str], error: str) -> str:
    """The head of a handler of some exceptions, bound to a name if there is one."""
    caught = names[0] if len(names) == 1 else f"({', '.join(names)})"
    return f"except {caught} as {error}:" if error else f"except {caught}:"


def try_around(statements: list[Node], tried: Node, types: list[str]) -> Node | None:
    """The `try` that tries these statements and nothing else, or that they are: it takes one more handler.

    None if a handler of it takes what is to be caught, only to raise it again.
    """
    first, block = statements[0], statements[0].parent
    found = first if len(statements) == 1 and first.type == "try_statement" else block.parent if block else None
    body = found.child_by_field_name("body") if found is not None and found.type == "try_statement" else None
    if found is None or body is None or not (body.start_byte <= tried.start_byte and tried.end_byte <= body.end_byte):
        return None
    if found is not first and [one for one in body.named_children if one.type != "comment"] != statements:
        return None
    taken = {name.rpartition(".")[2] for one in types for name in catalogue.ancestors(one)}
    heads = [_HEAD.match(text_of(handler)) for handler in _handlers(found)]
    is_free = all(head is not None and taken.isdisjoint(_last_names(head)) for head in heads)
    return found if heads and is_free else None


def taking(run: Pass, node: Node, types: list[str]) -> Node | None:
    """The nearest `try` around a node in its function that has a handler for some of what is to be caught."""
    inner = node
    for around in ancestors(node):
        if around.type in FUNCTIONS:
            break
        is_tried = around.type == "try_statement" and around.child_by_field_name("body") == inner
        if is_tried and any(not _taken(run, head).isdisjoint(types) for head in _heads(around)):
            return around
        inner = around
    return None


def takes_all(run: Pass, statement: Node | None, types: list[str]) -> bool:
    """Whether a handler of a `try` takes one of these types as a whole, so that a further one would come too late."""
    heads = _heads(statement) if statement is not None else ()
    taken = {_canonical(run, name) for head in heads for name in _names(head)}
    return any(not taken.isdisjoint(catalogue.ancestors(one)) for one in types)


def _taken(run: Pass, head: re.Match[str]) -> frozenset[str]:
    """What a handler names, and all that this is."""
    return frozenset[str]().union(*(catalogue.ancestors(_canonical(run, name)) for name in _names(head)))


def _canonical(run: Pass, name: str) -> str:
    first, dot, rest = name.partition(".")
    found = run.facts.imported(first)
    return catalogue.canonical(f"{found.target if found is not None else first}{dot}{rest}")


def _heads(statement: Node) -> list[re.Match[str]]:
    return [head for handler in _handlers(statement) if (head := _HEAD.match(text_of(handler))) is not None]


def _handlers(statement: Node) -> list[Node]:
    return [one for one in statement.named_children if one.type == "except_clause"]


def _names(head: re.Match[str]) -> list[str]:
    return [name.strip() for name in head["names"].strip("()").split(",") if name.strip()]


def _last_names(head: re.Match[str]) -> set[str]:
    return {name.rpartition(".")[2] for name in _names(head)}


def one_more(site: Site, statement: Node, names: list[str], error: str, body: list[str]) -> Edit:
    """Let a `try` handle further exceptions: in the handler that does the same, else in one of their own."""
    for handler in _handlers(statement):
        text, start = text_of(handler), site.block.span(handler).start
        head = _HEAD.match(text)
        assert head is not None
        if [line.strip() for line in text[head.end() :].splitlines()[1:]] == body and (head["bound"] or "") == error:
            caught = dict.fromkeys([*_names(head), *names])
            return site.replace(Span(start, start + head.end()), clause([*caught], error))
    indent = _line_indent(site.document, site.document.position(site.block.span(statement).start + site.start).line)
    lines = [f"{indent}{clause(names, error)}", *(f"{indent}{site.step(statement)}{line}" for line in body)]
    end = fixes.line_end(site.document)
    return site.insert(site.block.span(_handlers(statement)[-1]).end, "".join(f"{end}{line}" for line in lines))


def without_pause(statements: list[Node]) -> tuple[list[Node], str]:
    """The statements of a round that are to be tried, and the pause that a failed round has to make by itself.

    What waits at the beginning or at the end of a round stays outside of the `try`, so that a failure does not
    spin; what waits elsewhere is made again by whoever handles it.
    """
    waits = [statement for statement in statements if _is_pause(statement)]
    if len(statements) > 1 and statements[-1:] == waits[-1:]:
        return statements[:-1], ""
    if len(statements) > 1 and statements[:1] == waits[:1]:
        return statements[1:], ""
    return statements, text_of(waits[0]) if waits and "\n" not in text_of(waits[0]) else ""


def _is_pause(statement: Node) -> bool:
    call = statement.named_children[0] if statement.type == "expression_statement" else None
    if call is not None and call.type == "await" and call.named_children:
        call = call.named_children[0]
    return (
        call is not None and call.type == "call" and bool(_PAUSES.search(dotted(call.child_by_field_name("function"))))
    )


def wrapping(site: Site, statements: list[Node], clause: str, *handler: str) -> Iterator[Edit]:
    """Put statements into a `try`, one level deeper, with one handler. What is within a text stays as it is."""
    first, last = statements[0], statements[-1]
    document, indent, end = site.document, site.indent(first), fixes.line_end(site.document)
    step = site.step(first)
    span = Span(site.block.span(first).start, site.block.span(last).end).shifted(site.start)
    begin, top, bottom = span.start - len(indent), document.position(span.start).line, document.position(span.end).line
    if begin > document.line_start(top):  # `if ready: run()`
        deeper = _line_indent(document, top)
        indent = f"{deeper}{step}"
        before = document.text[document.line_start(top) : span.start]
        yield Edit(
            Span(span.start - len(before) + len(before.rstrip()), span.start), f"{end}{indent}try:{end}{indent}{step}"
        )
    else:
        yield Edit(Span(begin, begin), f"{indent}try:{end}{step}")
    texts = [
        site.block.span(node).shifted(site.start) for one in statements for node in walk(one) if node.type == "string"
    ]
    for line in range(top + 1, bottom + 1):
        start = document.line_start(line)
        if document.line_text(line).strip() and not any(text.start < start < text.end for text in texts):
            yield Edit(Span(start, start), step)
    behind = document.line_start(bottom + 1)
    lead = "" if document.text[:behind].endswith(("\n", "\r")) else end
    does = "".join(f"{indent}{step}{line}{end}" for line in handler)
    yield Edit(Span(behind, behind), f"{lead}{indent}{clause}{end}{does}")


def _line_indent(document: Document, line: int) -> str:
    text = document.line_text(line)
    return text[: len(text) - len(text.lstrip())]


def statement_around(node: Node) -> list[Node]:
    """The statement that a node stands in."""
    found: Node | None = node
    while found is not None and not (found.parent is not None and found.parent.type in {"block", "module"}):
        found = found.parent
    return [found] if found is not None and found.type not in _UNFIT and not shares_line(found) else []


def rest_of_function(node: Node) -> list[Node]:
    """The statements of a function from that which a node stands in to its end, so that a handler around them ends the
    function as the error does; none of a function that gives something back, for then somebody would be given nothing.
    """
    function = function_around(node)
    body = function.child_by_field_name("body") if function is not None else None
    if function is None or body is None or body.type != "block" or _gives_back(function):
        return []
    rest = [one for one in body.named_children if one.end_byte > node.start_byte]
    return [] if any(one.type in _UNFIT or shares_line(one) for one in rest) else rest


def _gives_back(function: Node) -> bool:
    """Whether a function returns something, or is a generator."""
    for node in own(function):
        if node.type == "yield":
            return True
        if node.type == "return_statement" and [text_of(one) for one in node.named_children] not in ([], ["None"]):
            return True
    return False


def shares_line(statement: Node) -> bool:
    """Whether another statement stands on a line of this one: `number = 1; run(number)`."""
    before, behind = statement.prev_named_sibling, statement.next_named_sibling
    begins = before is not None and before.end_point.row == statement.start_point.row
    ends = behind is not None and behind.type != "comment" and behind.start_point.row == statement.end_point.row
    return begins or ends


def round_of(node: Node, failing: list[Node]) -> list[Node]:
    """The statements of a round of the loop that a node stands at the beginning of: if all that fails is about one of
    several items that it has taken, those of the loop over these, so that the others are not lost.
    """
    around = [one for one in ancestors(failing[0]) if one.type in _LOOPS]
    for inner in itertools.takewhile(lambda one: one.start_byte > node.start_byte, around):
        body = inner.child_by_field_name("body")
        if body is not None and _is_over_items(inner) and all(_is_below(one, body) for one in failing):
            return body.named_children
    return loop_body(node)


def _is_over_items(loop: Node) -> bool:
    """Whether a loop uses what it goes over, and that is no mere number of times."""
    target, source, body = map(loop.child_by_field_name, ("left", "right", "body"))
    if loop.type != "for_statement" or target is None or source is None or body is None:
        return False
    return not names_in(target).isdisjoint(names_in(body)) and not dotted(source).startswith("range")


def _is_below(node: Node, body: Node) -> bool:
    return body.start_byte <= node.start_byte and node.end_byte <= body.end_byte


def loop_body(node: Node | None) -> list[Node]:
    """The statements of the loop that a node is or stands at the beginning of; none of a comprehension."""
    found = node
    while found is not None and found.type not in _LOOPS:
        found = found.parent
    body = found.child_by_field_name("body") if found is not None else None
    return body.named_children if body is not None else []
