"""The fix for an error that nobody handles: a `try` where it can be handled, with what was inferred.

Where that is: around the body of the loop that the error ends, else around the statement in the
boundary that leads to it. Never `except Exception`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias

from tree_sitter import Node

from shipworthy import bound, fixes, partial, trying
from shipworthy.document import Block
from shipworthy.escape import catalogue
from shipworthy.escape.catalogue import Likelihood
from shipworthy.facts.model import NUMBERS, Escape, Step
from shipworthy.model import Edit, Span
from shipworthy.rule import Offer, Pass, Site

_MOST_TYPES = 3
"""So many exceptions are caught by their own names; of more, what they have in common."""
_MOST_CALLS = 2
"""So many calls are named in a log message."""
_CALLEE = re.compile(r"[\w.]+(?=\()")
_ANYTHING = frozenset({"Exception", "BaseException", "object"})
_ACKNOWLEDGES = re.compile(r"\.(?:basic_)?ack\(")
"""How a queue is told that a message is done."""
_COMMAND = re.compile(r"(?m)^\s*@[\w.]*\b(?:command|group|callback)\b")
"""The decorator of a command of click or typer, which alone make a message of a ClickException."""
_SPEAKING = frozenset({"OSError", "subprocess.CalledProcessError", "yaml.YAMLError", "tomllib.TOMLDecodeError"})
"""Exceptions whose text names the file or the program; others may have none at all."""
_OF_BYTES = re.compile(r"\bload\(|\bread(?:_bytes)?\(|\brecv\(|\bget_data\(|(?:\.|\b)(?:body|data|payload|value)\)\Z")
"""What JSON is made of that is mostly no text yet, or a file whose text may be broken too."""
_SAYING_LITTLE = frozenset({"error", "exception", "failure", "timeout", "warning"})
"""What an exception is called that is written with its module: alone, it says nothing of what has failed."""
_SIMPLE = frozenset({"assert_statement", "expression_statement", "return_statement"})


def command_libraries(block: Block) -> Iterable[str]:
    """The words of a rule's `extract`: which libraries a block imports that make a message of an exception."""
    for name in ("click", "typer"):
        if name in block.text and re.search(rf"^\s*(?:from|import)\s+{name}\b", block.text, re.MULTILINE):
            yield name


def exit_with_message(run: Pass, escape: Escape) -> Iterator[Offer]:
    """A message on standard error and exit code 1; an exception of the command's framework that it makes those of."""
    known = run.facts[run.rule.id]
    types = types_to_catch(run.block, [escape, *escape.along])
    speaks = all(not _SPEAKING.isdisjoint(catalogue.ancestors(name)) for name in types)

    def handler(site: Site, error: str) -> Does:
        said = f"str({error})" if speaks else f'f"{{type({error}).__name__}}: {{{error}}}"'
        told = "django.core.management.base.CommandError" if escape.framework == "django" else ""
        if _COMMAND.search(site.block.text) is not None and ("click" in known or "typer" in known):
            told = "click.ClickException"
        if told:
            name, edits = written(run, site, told)
            return (f"raise {name}({said}) from {error}",), edits
        name, edits = fixes.add_import(site, "sys")
        return (f"{name}.exit({said})",), edits

    yield from offer(run, escape, "Exit with a message if it fails", handler, asks=True)


def log_and_go_on(run: Pass, escape: Escape) -> Iterator[Offer]:
    """Log the error with its traceback and go on with the next round of the loop, or end the function.

    Not in a function that others call too, nor where whoever calls it acts on its failure: what is swallowed looks to
    them as if the work was done, and a message that is to be acknowledged or refused never is. Where records are told
    of that have failed, this one is.
    """
    if escape.loop is None and (escape.others or escape.awaited or escape.kind == "connection"):
        return
    if escape.loop is not None and _ACKNOWLEDGES.search(run.block.text) is not None:
        return  # what is neither acknowledged nor refused is held back for good
    if escape.kind == "records" and not partial.tells(run.block) and _is_outage(escape):
        return  # else nobody would deliver the record again

    def handler(site: Site, _: str) -> Does | None:
        logs, edits = fixes.log_exception(run, site, _what_failed(run, escape))
        if escape.kind != "records" or escape.loop is None or not partial.tells(site.block):
            return (logs,), edits
        telling = partial.telling(site.block, escape.loop.span)
        return ((logs, telling), edits) if telling else None

    title = "Log it and go on with the next one if it fails" if escape.loop is not None else "Log it if it fails"
    yield from offer(run, escape, title, handler, lasts=True)


def _what_failed(run: Pass, escape: Escape) -> str:
    """What a log says of a handler's errors: which calls in a round may have raised them, if they are few and say what
    it was, or which function has ended.
    """
    if escape.loop is None:
        function = escape.way[0].function if escape.way else escape.function
        return f"{function.rpartition('.')[2]} failed"
    handled = _handled_with(run.block, escape, escape.loop)
    texts = [run.block.text[one.span.start : one.span.end] for one in (escape, *handled)]
    found = [_CALLEE.match(text) for text in texts]
    names = [*dict.fromkeys(one[0] for one in found if one is not None)]
    is_all = all(found) and not any(one.call in NUMBERS for one in (escape, *handled))
    return f"{' or '.join(names)} failed" if is_all and len(names) <= _MOST_CALLS else "Unexpected failure"


def _handled_with(block: Block, escape: Escape, loop: Step | None) -> list[Escape]:
    """What a handler of an escape handles too, around a round of a loop or around the statements that fail alike."""
    if loop is not None:
        return [*escape.along]
    tried = [block.span(one) for one in _failing_together(block, escape)] if not escape.way else []
    return [one for one in escape.along if any(one.span.overlaps(span) for span in (escape.span, *tried))]


def tried(run: Pass, escape: Escape) -> list[Node]:
    """What a handler of an escape in a block tries that leaves the function: the statements, or the `try` around."""
    statements = _failing_together(run.block, escape)
    failing, types = run.block.smallest(escape.span), types_to_catch(run.block, [escape, *escape.along])
    if not statements or failing is None:
        return []
    around = trying.taking(run, statements[0], types) or trying.try_around(statements, failing, types)
    body = around.child_by_field_name("body") if around is not None else None
    return [body] if body is not None else statements


def _failing_together(block: Block, escape: Escape) -> list[Node]:
    """The statement that an escape arises in, and those next to it that fail with it: of a request and its answer."""
    failing = block.smallest(escape.span)
    tried = trying.statement_around(failing) if failing is not None else []
    here = tried[0].next_named_sibling if tried else None
    while here is not None and _is_simple(here) and _fails_with(block.span(here), escape):
        tried.append(here)
        here = here.next_named_sibling
    return tried


def _is_simple(statement: Node) -> bool:
    return statement.type in _SIMPLE and not trying.shares_line(statement)


def _fails_with(span: Span, escape: Escape) -> bool:
    return any(span.start <= one.span.start and one.span.end <= span.end and not one.way for one in escape.along)


def _is_outage(escape: Escape) -> bool:
    return any(catalogue.is_remote(one.call) for one in (escape, *escape.along))


Does: TypeAlias = "tuple[tuple[str, ...], tuple[Edit, ...]]"
"""The statements of a handler, and the edits that they need besides."""
Handler = Callable[[Site, str], "Does | None"]
"""What a handler does at a place, given the name of the exception there; None if that cannot be told."""


def offer(
    run: Pass, escape: Escape, title: str, handler: Handler, *, asks: bool = False, lasts: bool = False
) -> Iterator[Offer]:
    """Offer to wrap what leads to the error, if that is in this file.

    `asks`: the handler needs the exception by a name. `lasts`: it does not leave the function, so that nothing that
    builds on what has failed may come behind it: each round of the loop is wrapped, or the rest of the function.
    """
    loop = escape.loop if lasts else None
    ends = lasts and loop is None
    place = loop or (escape.way[0] if escape.way else None)
    types = types_to_catch(run.block, [escape, *_handled_with(run.block, escape, loop)])
    if not types or (place is not None and (place.path != run.path or escape.others)):
        return
    if loop is not None and loop.block == run.block.key and not trying.loop_body(run.block.smallest(loop.span)):
        return  # a comprehension
    if loop is None and (place is None or place.block == run.block.key):
        wrapped = run.block.smallest(place.span if place is not None else escape.span)
        if (
            wrapped is None
            or not trying.statement_around(wrapped)
            or trying.takes_all(run, trying.taking(run, wrapped, types), types)
            or (ends and not trying.rest_of_function(wrapped))
        ):
            return

    def edits(site: Site) -> Iterator[Edit]:
        where = _site_of(site, place.block) if place is not None else site
        at = place.span if place is not None else escape.span
        wrapped = where.block.smallest(at) if where is not None else None
        if where is None or wrapped is None:
            return
        failing = where.block.smallest(_failing(escape, where.block.key)) or wrapped
        if loop is not None:
            statements = trying.round_of(wrapped, [failing, *_along(escape, where)])
        elif ends:
            statements = trying.rest_of_function(failing)
        else:
            statements = (
                trying.statement_around(wrapped) if place is not None else _failing_together(where.block, escape)
            )
        taking = trying.taking(run, statements[0], types) if statements else None
        if not statements or (taking is not None and (loop is not None or trying.takes_all(run, taking, types))):
            return  # whatever a `try` in that one catches, it takes from it
        pause = ""
        if loop is not None:
            statements, pause = trying.without_pause(statements)
        error = _free_name(where.block) if asks else ""
        does = handler(where, error)
        if does is None:
            return
        names: list[str] = []
        for name in types:
            text, needed = written(run, where, name)
            names.append(text)
            yield from needed
        yield from does[1]
        body = [*does[0], *filter(None, (pause,))]
        known = taking or trying.try_around(statements[:1] if ends else statements, failing, types)
        if known is not None:
            body += ["return"] if ends and len(statements) > 1 else []
            yield trying.one_more(where, known, names, error, body)
        else:
            yield from trying.wrapping(where, statements, trying.clause(names, error), *body)

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


def _site_of(site: Site, block: str) -> Site | None:
    """Where another block of the same document stands."""
    document = site.document
    index = next((index for index, one in enumerate(document.blocks) if one.key == block), None)
    return Site(document, document.starts[index], document.blocks[index]) if index is not None else None


def types_to_catch(block: Block, escapes: Iterable[Escape]) -> list[str]:
    """What a handler of some escapes that arise in a block catches: besides what is told, whatever else the same calls
    fail with, though seldom.
    """
    told = list(escapes)
    return caught_types({name for one in told for name in (*one.exceptions, *_seldom(block, one))})


def _seldom(block: Block, escape: Escape) -> Iterator[str]:
    """What is not worth to be told by itself, and would pass by a handler of what is."""
    text, known = block.text[escape.span.start : escape.span.end], catalogue.known(escape.call)
    if escape.call.startswith("subprocess."):
        yield "FileNotFoundError"
        if "check=True" in text or escape.call.endswith(("check_call", "check_output")):
            yield "subprocess.CalledProcessError"
        if "timeout=" in text:
            yield "subprocess.TimeoutExpired"
    elif "json.JSONDecodeError" in escape.exceptions and _OF_BYTES.search(text) is not None:
        yield "UnicodeDecodeError"
    if known is not None and catalogue.is_remote(escape.call):
        seldom = (one for one in known.raised if (one.likelihood or known.likelihood) is Likelihood.RARE)
        yield from (one.exception for one in seldom if one.given is None and one.unless is None)


def caught_types(exceptions: Iterable[str]) -> list[str]:
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


def written(run: Pass, site: Site, name: str) -> tuple[str, tuple[Edit, ...]]:
    """How a member of a module, or of Python itself, is written in the file, and the import that it needs."""
    module, _, member = name.rpartition(".")
    if not module:
        if not bound.is_bound(site, name):
            return name, ()
        own, edits = fixes.add_import(site, "builtins")
        return f"{own}.{name}", edits
    root = module.partition(".")[0]
    found = run.facts.imported(root)
    is_known = found is not None and not found.member and found.module == root
    if bound.imports_module(site.block, root) or (is_known and not bound.is_shadowed(site.block, root)):
        return name, ()
    holder = run.facts.imported(module.rpartition(".")[2])
    if holder is not None and holder.target == module and not bound.is_shadowed(site.block, holder.name):
        return f"{holder.name}.{member}", ()
    known, edits = fixes.add_import(site, module, member)
    if not edits or member.lower() not in _SAYING_LITTLE:
        return known, edits
    parent, _, last = module.rpartition(".")
    own, edits = fixes.add_import(site, module)
    if edits and parent:  # whatever holds it may be a class
        own, edits = fixes.add_import(site, parent, last)
    return f"{own}.{member}", edits
