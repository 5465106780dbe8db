"""Which escapes of a block are told together: where one handler is missing, one finding names all that it handles."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from shipworthy.facts.model import ABSENT, DATABASES, NUMBERS, Escape

_COMMAND = "unhandled-in-command"
_INPUT = "unvalidated-request-input"
_LOOPS = frozenset({"worker-dies-on-error", "consumer-dies-on-error"})
_OF_CONTENT = re.compile(
    r"(?:Key|Index|Value|Type|Lookup|JSONDecode|UnicodeDecode|Validation|binascii\.)Error\Z|InvalidOperation\Z"
)
"""How exceptions end that are raised for what a message holds."""
_READING_AN_ANSWER = frozenset({"json", "raise_for_status"})
"""The last names of calls that fail for the same service as the request whose answer they look at."""
_OF_NOTHING = re.compile(r"(?:\.get|\bgetenv)\([^,()]*\)\s*\)\Z")
"""How the text of a call ends that is handed what a mapping gives for a key, or None."""
_JSON = re.compile(r"\bget_json\(|\brequest\.(?:json|data)\b|\bawait \w+\.json\(|\bjson\.loads?\(")
"""How a view reads a body whose values may be of any type."""
_ITEM = re.compile(r"\[|\.get\(")
_OF_FORM = re.compile(
    r"\b(?:args|form|GET|POST|headers|cookies|query_params|path_params|values|get_argument|match_info)\b"
)
"""What holds texts alone."""
_DECODING = frozenset({"outside.bytes.decode"})
"""Calls that do so of bytes that were read before."""


def together(text: str, escapes: Iterable[Escape]) -> Iterator[Escape]:
    """The escapes of a block with this text; each holds those along with it that it is told for."""
    groups: dict[object, list[list[Escape]]] = {}
    found = (_as_read(text, escape) for escape in escapes)
    for escape in sorted(found, key=lambda one: (one.span.start, one.span.end)):
        some = groups.setdefault((escape.rule, escape.function, escape.mild, escape.is_missing), [])
        group = next((group for group in some if any(_is_one(text, known, escape) for known in group)), None)
        if group is None:
            some.append([escape])
        else:
            group.append(escape)
    for some in groups.values():
        yield from (replace(first, along=tuple(others)) for first, *others in some)


def _as_read(text: str, escape: Escape) -> Escape:
    """An escape; of a number that is made of what may be no text, or not given at all, with what that raises."""
    if escape.call not in NUMBERS:
        return escape
    source = text[escape.span.start : escape.span.end]
    is_item = escape.rule == _INPUT and _ITEM.search(source) is not None and _OF_FORM.search(source) is None
    if not (is_item and _JSON.search(text) is not None) and _OF_NOTHING.search(source) is None:
        return escape
    return replace(escape, exceptions=tuple(sorted({*escape.exceptions, "TypeError"})))


def _is_one(text: str, known: Escape, escape: Escape) -> bool:
    """Whether one handler is missing for both.

    That is so within one expression, for all that is read out of what one loop goes over, for two calls that read
    alike, for the keys of one mapping, for numbers that are made of texts, for a request and its answer, for all that
    a command asks of one library, and for all that is asked of a database whose outages are told at all, or that nobody
    looks whether it is there.
    """
    if known.span.overlaps(escape.span):
        return True
    if escape.rule in _LOOPS and escape.loop == known.loop is not None and _reads(known) and _reads(escape):
        return True
    if escape.call == known.call == ABSENT:
        return True
    if _subject(text, known) == _subject(text, escape):
        return True
    if known.call == "[]" or known.call in NUMBERS:
        return False
    if known.mild and known.loop == escape.loop and _asks_database(known) and _asks_database(escape):
        return True
    called, _, last = escape.call.rpartition(".")
    same_library = called.partition(".")[0] == known.call.partition(".")[0]
    if escape.rule == _COMMAND and same_library and known.exceptions == escape.exceptions:
        return True
    if called == known.call and (known.way, known.loop) == (escape.way, escape.loop):
        return True  # what is asked of what has just been made: a connection, mostly
    return escape.call in _DECODING or (same_library and last in _READING_AN_ANSWER)


def _reads(escape: Escape) -> bool:
    return all(_OF_CONTENT.search(name) for name in escape.exceptions)


def _asks_database(escape: Escape) -> bool:
    return all(name.startswith(DATABASES) for name in escape.exceptions)


def _subject(text: str, escape: Escape) -> str:
    source = text[escape.span.start : escape.span.end]
    if escape.call.startswith("[") and escape.exceptions == ("KeyError",):
        return source.rpartition("[")[0]
    return "a number" if escape.call in NUMBERS else source
