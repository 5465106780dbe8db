"""The fix for an error that nobody handles: a `try` where it can be handled, with what was inferred.

Where that is: around the body of the loop that the error ends, else around the statement in the
boundary that leads to it. Never `except Exception`.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TypeAlias

from tree_sitter import Node

from shipworthy import bound, fixes, partial
from shipworthy.document import Block, Document
from shipworthy.escape import catalogue
from shipworthy.facts.model import Escape, Step
from shipworthy.model import Edit, Span
from shipworthy.rule import Offer, Pass, Site
from shipworthy.syntax import FUNCTIONS, ancestors, dotted, names_in, text_of, walk

_MOST_TYPES = 3
"""So many exceptions are caught by their own names; of more, what they have in common."""
_MOST_CALLS = 2
"""So many calls are named in a log message."""
_CALLEE = re.compile(r"[\w.]+(?=\()")
_ANYTHING = frozenset({"Exception", "BaseException", "object"})
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
_COMMAND = re.compile(r"(?m)^\s*@[\w.]*\b(?:command|group|callback)\b")
"""The decorator of a command of click or typer, which alone make a message of a ClickException."""
_SIMPLE = frozenset({"assert_statement", "expression_statement", "return_statement"})
_UNFIT = frozenset({"function_definition", "class_definition", "decorated_definition", "import_from_statement"})

_BAD_REQUEST: Mapping[str, tuple[str, str, str]] = {
    "rest_framework": ("rest_framework.exceptions", "ValidationError", 'raise {}("{what}") from {error}'),
    "fastapi": ("fastapi", "HTTPException", 'raise {}(status_code=400, detail="{what}") from {error}'),
    "flask": ("flask", "abort", '{}(400, "{what}")'),
    "django": ("django.http", "HttpResponseBadRequest", 'return {}("{what}")'),
    "aiohttp": ("aiohttp.web", "HTTPBadRequest", 'raise {}(text="{what}") from {error}'),
    "tornado": ("tornado.web", "HTTPError", 'raise {}(400, "{what}") from {error}'),
    "starlette": ("starlette.exceptions", "HTTPException", 'raise {}(status_code=400, detail="{what}") from {error}'),
}
_UNFIT_REQUEST = "the request is not valid"
_OUTAGE = "an upstream service failed"
_WRONG = {
    "KeyError": "a field is missing",
    "JSONDecodeError": "this is no valid JSON",
    "UnicodeDecodeError": "this is no text in UTF-8",
}
"""What is said to a client. Neither the text of an exception is nor what was called: they tell of the program."""

_BAD_GATEWAY: Mapping[str, tuple[str, str, str]] = {
    "fastapi": ("fastapi", "HTTPException", 'raise {}(status_code=502, detail="{what}") from {error}'),
    "flask": ("flask", "abort", '{}(502, "{what}")'),
    "django": ("django.http", "HttpResponse", 'return {}("{what}", status=502)'),
    "aiohttp": ("aiohttp.web", "HTTPBadGateway", 'raise {}(text="{what}") from {error}'),
    "tornado": ("tornado.web", "HTTPError", 'raise {}(502, "{what}") from {error}'),
    "starlette": ("starlette.exceptions", "HTTPException", 'raise {}(status_code=502, detail="{what}") from {error}'),
}
_NOT_FOUND: Mapping[str, tuple[str, str, str]] = {
    "fastapi": ("fastapi", "HTTPException", "raise {}(status_code=404) from {error}"),
    "flask": ("flask", "abort", "{}(404)"),
    "django": ("django.http", "Http404", "raise {} from {error}"),
    "aiohttp": ("aiohttp.web", "HTTPNotFound", "raise {}() from {error}"),
    "tornado": ("tornado.web", "HTTPError", "raise {}(404) from {error}"),
}
"""For each framework the module and the name of what answers, and the statement that does."""


def command_libraries(block: Block) -> Iterable[str]:
    """The words of a rule's `extract`: which libraries a block imports that make a message of an exception."""
    for name in ("click", "typer"):
        if name in block.text and re.search(rf"^\s*(?:from|import)\s+{name}\b", block.text, re.MULTILINE):
            yield name


def bad_request(run: Pass, escape: Escape) -> Iterator[Offer]:
    """A 400 answer in the framework's own way."""
    kinds = {one.rpartition(".")[2] for one in escape.all_exceptions}
    what = _WRONG.get(next(iter(kinds)), _UNFIT_REQUEST) if len(kinds) == 1 else _UNFIT_REQUEST
    yield from _answer(run, escape, _BAD_REQUEST, "Answer 400 if it fails", what)


def bad_gateway(run: Pass, escape: Escape) -> Iterator[Offer]:
    """A 502 answer in the framework's own way."""
    yield from _answer(run, escape, _BAD_GATEWAY, "Answer 502 if it fails", _OUTAGE)


def not_found(run: Pass, escape: Escape) -> Iterator[Offer]:
    """A 404 answer in the framework's own way."""
    yield from _answer(run, escape, _NOT_FOUND, "Answer 404 if there is none", "")


def exit_with_message(run: Pass, escape: Escape) -> Iterator[Offer]:
    """A message on standard error and exit code 1."""
    known = run.facts[run.rule.id]

    def handler(site: Site, error: str) -> Does:
        if _COMMAND.search(site.block.text) is not None and ("click" in known or "typer" in known):
            name, edits = _written(run, site, "click.ClickException")
            return (f"raise {name}(str({error})) from {error}",), edits
        name, edits = fixes.add_import(site, "sys")
        return (f"{name}.exit(str({error}))",), edits

    yield from _offer(run, escape, "Exit with a message if it fails", handler, asks=True)


def log_and_go_on(run: Pass, escape: Escape) -> Iterator[Offer]:
    """Log the error with its traceback and go on with the next round of the loop, or end the function.

    Not in a function that others call too: what is swallowed looks to them as if the work was done. Where records are
    told of that have failed, this one is.
    """
    if escape.loop is None and escape.others:
        return
    if escape.kind == "records" and not partial.tells(run.block) and _is_outage(escape):
        return  # else nobody would deliver the record again

    def handler(site: Site, _: str) -> Does | None:
        logs, edits = fixes.log_exception(run, site, _what_failed(run, escape))
        if escape.kind != "records" or escape.loop is None or not partial.tells(site.block):
            return (logs,), edits
        telling = partial.telling(site.block, escape.loop.span)
        return ((logs, telling), edits) if telling else None

    title = "Log it and go on with the next one if it fails" if escape.loop is not None else "Log it if it fails"
    yield from _offer(run, escape, title, handler, handles_rounds=True)


def _what_failed(run: Pass, escape: Escape) -> str:
    """What a log says of a handler's errors: which calls may have raised them, if they are few."""
    handled = _handled_with(run.block, escape, escape.loop)
    texts = (run.block.text[one.span.start : one.span.end] for one in (escape, *handled))
    names = [*dict.fromkeys(found[0] for found in map(_CALLEE.match, texts) if found is not None)]
    return f"{' or '.join(names)} failed" if 0 < len(names) <= _MOST_CALLS else "Unexpected failure"


def _handled_with(block: Block, escape: Escape, loop: Step | None) -> list[Escape]:
    """What a handler of an escape handles too, around a round of a loop or around the statements that fail alike."""
    if loop is not None:
        return [*escape.along]
    tried = [block.span(one) for one in _failing_together(block, escape)] if not escape.way else []
    return [one for one in escape.along if any(one.span.overlaps(span) for span in (escape.span, *tried))]


def _failing_together(block: Block, escape: Escape) -> list[Node]:
    """The statement that an escape arises in, and those next to it that fail with it: of a request and its answer."""
    failing = block.smallest(escape.span)
    tried = _statement(failing) if failing is not None else []
    here = tried[0].next_named_sibling if tried else None
    while (
        here is not None and here.type in _SIMPLE and not _shares_line(here) and _fails_with(block.span(here), escape)
    ):
        tried.append(here)
        here = here.next_named_sibling
    return tried


def _fails_with(span: Span, escape: Escape) -> bool:
    return any(span.start <= one.span.start and one.span.end <= span.end and not one.way for one in escape.along)


def _is_outage(escape: Escape) -> bool:
    return any(catalogue.is_remote(one.call) for one in (escape, *escape.along))


Does: TypeAlias = "tuple[tuple[str, ...], tuple[Edit, ...]]"
"""The statements of a handler, and the edits that they need besides."""
Handler = Callable[[Site, str], "Does | None"]
"""What a handler does at a place, given the name of the exception there; None if that cannot be told."""


def _answer(
    run: Pass, escape: Escape, answers: Mapping[str, tuple[str, str, str]], title: str, what: str
) -> Iterator[Offer]:
    known = answers.get(escape.framework)
    if known is None or escape.kind != "view":
        return
    module, member, statement = known

    def handler(site: Site, error: str) -> Does:
        name, edits = _written(run, site, f"{module}.{member}")
        return (statement.format(name, what=what, error=error),), edits

    yield from _offer(run, escape, title, handler, asks="{error}" in statement)


def _offer(
    run: Pass, escape: Escape, title: str, handler: Handler, *, asks: bool = False, handles_rounds: bool = False
) -> Iterator[Offer]:
    """Offer to wrap what leads to the error, if that is in this file: each round of its loop, or the whole.

    `asks`: the handler needs the exception by a name.
    """
    loop = escape.loop if handles_rounds else None
    place = loop or (escape.way[0] if escape.way else None)
    types = _types(replace(escape, along=tuple(_handled_with(run.block, escape, loop))).all_exceptions)
    if not types or (place is not None and (place.path != run.path or escape.others)):
        return
    if loop is not None and loop.block == run.block.key and not _loop_body(run.block.smallest(loop.span)):
        return  # a comprehension
    if loop is None and (place is None or place.block == run.block.key):
        wrapped = run.block.smallest(place.span if place is not None else escape.span)
        if wrapped is None or not _statement(wrapped) or _takes_all(run, _taking(run, wrapped, types), types):
            return

    def edits(site: Site) -> Iterator[Edit]:
        where = _site_of(site, place.block) if place is not None else site
        at = place.span if place is not None else escape.span
        wrapped = where.block.smallest(at) if where is not None else None
        if where is None or wrapped is None:
            return
        failing = where.block.smallest(_failing(escape, where.block.key)) or wrapped
        if loop is not None:
            statements = _round(wrapped, [failing, *_along(escape, where)])
        else:
            statements = _statement(wrapped) if place is not None else _failing_together(where.block, escape)
        taking = _taking(run, statements[0], types) if statements else None
        if not statements or (taking is not None and (loop is not None or _takes_all(run, taking, types))):
            return  # whatever a `try` in that one catches, it takes from it
        pause = ""
        if loop is not None:
            statements, pause = _without_pause(statements)
        error = _free_name(where.block) if asks else ""
        does = handler(where, error)
        if does is None:
            return
        names: list[str] = []
        for name in types:
            written, needed = _written(run, where, name)
            names.append(written)
            yield from needed
        yield from does[1]
        body = [*does[0], *filter(None, (pause,))]
        known = taking or _try_around(statements, failing, types)
        if known is not None:
            yield _one_more(where, known, names, error, body)
        else:
            yield from _wrapping(where, statements, _clause(names, error), *body)

    yield run.offer(title, edits)


def _along(escape: Escape, site: Site) -> Iterator[Node]:
    """What else fails in a block, of all that is told with an escape."""
    for one in escape.along:
        if not one.way and (node := site.block.smallest(one.span)) is not None:
            yield node


def _free_name(block: Block) -> str:
    """What a handler calls its exception: Python forgets the name behind it, whatever it was before."""
    return next(name for name in ("error", "failure", "caught") if name == "caught" or not bound.uses(block, name))


def _failing(escape: Escape, block: str) -> Span:
    """What in a block fails: a call on the way, or where the error arises."""
    return next((step.span for step in escape.way if step.block == block), escape.span)


def _clause(names: list[str], error: str) -> str:
    caught = names[0] if len(names) == 1 else f"({', '.join(names)})"
    return f"except {caught} as {error}:" if error else f"except {caught}:"


def _try_around(statements: list[Node], tried: Node, types: list[str]) -> Node | None:
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


def _taking(run: Pass, node: Node, types: list[str]) -> Node | None:
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


def _takes_all(run: Pass, statement: Node | None, types: list[str]) -> bool:
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


_HEAD = re.compile(r"except\s+(?P<names>\(?[\w., ]+?\)?)(?:\s+as\s+(?P<bound>\w+))?\s*:")


def _names(head: re.Match[str]) -> list[str]:
    return [name.strip() for name in head["names"].strip("()").split(",") if name.strip()]


def _last_names(head: re.Match[str]) -> set[str]:
    return {name.rpartition(".")[2] for name in _names(head)}


def _one_more(site: Site, statement: Node, names: list[str], error: str, body: list[str]) -> Edit:
    """Let a `try` handle further exceptions: in the handler that does the same, else in one of their own."""
    for handler in _handlers(statement):
        text, start = text_of(handler), site.block.span(handler).start
        head = _HEAD.match(text)
        assert head is not None
        if [line.strip() for line in text[head.end() :].splitlines()[1:]] == body and (head["bound"] or "") == error:
            caught = dict.fromkeys([*_names(head), *names])
            return site.replace(Span(start, start + head.end()), _clause([*caught], error))
    indent = _line_indent(site.document, site.document.position(site.block.span(statement).start + site.start).line)
    lines = [f"{indent}{_clause(names, error)}", *(f"{indent}{site.step(statement)}{line}" for line in body)]
    end = fixes.line_end(site.document)
    return site.insert(site.block.span(_handlers(statement)[-1]).end, "".join(f"{end}{line}" for line in lines))


def _site_of(site: Site, block: str) -> Site | None:
    """Where another block of the same document stands."""
    document = site.document
    index = next((index for index, one in enumerate(document.blocks) if one.key == block), None)
    return Site(document, document.starts[index], document.blocks[index]) if index is not None else None


def _without_pause(statements: list[Node]) -> tuple[list[Node], str]:
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


def _wrapping(site: Site, statements: list[Node], clause: str, *handler: str) -> Iterator[Edit]:
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


def _statement(node: Node) -> list[Node]:
    """The statement that a node stands in."""
    found: Node | None = node
    while found is not None and not (found.parent is not None and found.parent.type in {"block", "module"}):
        found = found.parent
    return [found] if found is not None and found.type not in _UNFIT and not _shares_line(found) else []


def _shares_line(statement: Node) -> bool:
    """Whether another statement stands on a line of this one: `number = 1; run(number)`."""
    before, behind = statement.prev_named_sibling, statement.next_named_sibling
    begins = before is not None and before.end_point.row == statement.start_point.row
    ends = behind is not None and behind.type != "comment" and behind.start_point.row == statement.end_point.row
    return begins or ends


def _round(node: Node, failing: list[Node]) -> list[Node]:
    """The statements of a round of the loop that a node stands at the beginning of: if all that fails is about one of
    several items that it has taken, those of the loop over these, so that the others are not lost.
    """
    around = [one for one in ancestors(failing[0]) if one.type in _LOOPS]
    for inner in itertools.takewhile(lambda one: one.start_byte > node.start_byte, around):
        body = inner.child_by_field_name("body")
        if body is not None and _is_over_items(inner) and all(_is_below(one, body) for one in failing):
            return body.named_children
    return _loop_body(node)


def _is_over_items(loop: Node) -> bool:
    """Whether a loop uses what it goes over, and that is no mere number of times."""
    target, source, body = map(loop.child_by_field_name, ("left", "right", "body"))
    if loop.type != "for_statement" or target is None or source is None or body is None:
        return False
    return not names_in(target).isdisjoint(names_in(body)) and not dotted(source).startswith("range")


def _is_below(node: Node, body: Node) -> bool:
    return body.start_byte <= node.start_byte and node.end_byte <= body.end_byte


def _loop_body(node: Node | None) -> list[Node]:
    """The statements of the loop that a node is or stands at the beginning of; none of a comprehension."""
    found = node
    while found is not None and found.type not in _LOOPS:
        found = found.parent
    body = found.child_by_field_name("body") if found is not None else None
    return body.named_children if body is not None else []


def _types(exceptions: Iterable[str]) -> list[str]:
    """What to catch: the exceptions themselves without those that others cover; of many, what they share."""
    wanted = sorted(set(exceptions))
    if any("/" in name or ":" in name or name in _ANYTHING for name in wanted):
        return []
    lines = {name: catalogue.ancestors(name) for name in wanted}
    kept = [name for name in wanted if not any(other != name and other in lines[name] for other in wanted)]
    if len(kept) > _MOST_TYPES:
        shared = lines[kept[0]].intersection(*(lines[name] for name in kept)) - _ANYTHING
        nearest = [name for name in shared if not any(name in catalogue.ancestors(other) - {other} for other in shared)]
        return sorted(nearest)[:1]
    return kept


def _written(run: Pass, site: Site, name: str) -> tuple[str, tuple[Edit, ...]]:
    """How a member of a module, or of Python itself, is written in the file, and the import that it needs."""
    module, _, member = name.rpartition(".")
    if not module:
        return (name, ()) if not bound.is_bound(site, name) else fixes.add_import(site, "builtins", name)
    root = module.partition(".")[0]
    found = run.facts.imported(root)
    is_known = found is not None and not found.member and found.module == root
    if bound.imports_module(site.block, root) or (is_known and not bound.is_shadowed(site.block, root)):
        return name, ()
    return fixes.add_import(site, module, member)
