"""State that a program writes over, and takes for empty where it cannot be read: a crash while writing loses it all."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from tree_sitter import Node

from shipworthy import handlers, resources
from shipworthy.document import Block
from shipworthy.escape import stored
from shipworthy.model import Span
from shipworthy.syntax import (
    does_nothing,
    dotted,
    enclosing,
    function_around,
    keyword_arguments,
    last_word,
    own,
    positional_arguments,
    text_of,
    walk,
)

_LOSES = "loses "
_WRITES_AT = "writes "
_READS = frozenset({"read_text", "read_bytes", "open"})
_WRITES = frozenset({"write_text", "write_bytes", "open"})
_DUMPS = re.compile(r"\b(?:u?json|simplejson|orjson|pickle)\.dumps?\b")
_OF_EVERYTHING = re.compile(r"except\s*:|\b(?:Exception|BaseException|ValueError|\w*DecodeError|UnpicklingError)\b")
_KNOWN = re.compile(r"""[A-Z][A-Z0-9_]{2,}|\w+\.\w+|(['"])[\w./ -]+\1""")
"""What names the same file all over a file of Python: a constant, an attribute of a class, a text."""
OF_NO_VALUE = re.compile(
    r"(?i)te?mp|cache|lock|pid|log|last_?(?:run|seen)|stamp|conf|setting|pref|credential|token|session|geometry"
)
"""What files are called that can be made again, or that hold what a person can set anew."""


class Reader(NamedTuple):
    """The function that takes a document that does not parse for empty; its handler: the block's key, and the span."""

    function: str
    key: str
    span: Span


def words(block: Block) -> Iterable[str]:
    """`loses <file> <function> <block> <start> <end>` where a function reads a document, and has an empty one if it
    does not parse: its handler.

    `writes <file> <block> <start> <end>` where one is written in place.
    """
    if block.language.id != "python":
        return
    yield from in_place(block)
    if "except" not in block.text:
        return
    for clause in block.nodes(("except_clause",)).get("except_clause", ()):
        function = function_around(clause)
        name = function.child_by_field_name("name") if function is not None else None
        if function is None or name is None or not _gives_default(clause):
            continue
        tried = handlers.calls(handlers.tried(clause))
        if any(dotted(call.child_by_field_name("function")) in stored.DECODERS for call in tried):
            files = sorted(read_in(block, clause)) or _opened(block, function, _READS, "r")
            at = block.span(clause)
            yield from (f"{_LOSES}{file} {text_of(name)} {block.key} {at.start} {at.end}" for file in files)


def in_place(block: Block) -> Iterator[str]:
    """`writes <file> <block> <start> <end>` where a block of Python writes a document in place."""
    yield from (f"{_WRITES_AT}{file} {block.key} {span.start} {span.end}" for file, span in _written(block))


def is_written_in_place(file: str, known: Iterable[str]) -> bool:
    """Whether a document is written in place in this file, by the file's words."""
    return any(word.startswith(f"{_WRITES_AT}{file} ") for word in known)


_FIRST = re.compile(r"\bdumps?\(\s*(?:\{\}|\[\]|[A-Z][A-Z_]{3,}\b)")
"""How the empty or default state is written, which is there before there is any."""


def reader_of(block: Block, call: Node, known: Iterable[str]) -> Reader | None:
    """Who takes for empty what a call leaves half written, by what the file's words say."""
    file = _written_by(block, call)
    if not file or OF_NO_VALUE.search(file) is not None:
        return None
    statement = enclosing(call, {"with_statement", "expression_statement"})
    if statement is not None and _is_one_number(statement):
        return None
    if statement is not None and _FIRST.search(text_of(statement)) is not None:
        return None  # what is left of the first state is read as that state
    begin = f"{_LOSES}{file} "
    word = next((word.removeprefix(begin) for word in sorted(known) if word.startswith(begin)), None)
    if word is None:
        return None
    function, key, start, end = word.split(" ")
    return Reader(function, key, Span(int(start), int(end)))


def _is_one_number(statement: Node) -> bool:
    """Whether all that is written is one number under a key, which begins anew: `json.dumps({"next": number})`."""
    documents = [one for one in walk(statement) if one.type == "dictionary"]
    pairs = documents[0].named_children if len(documents) == 1 else []
    value = pairs[0].child_by_field_name("value") if len(pairs) == 1 else None
    scope = function_around(statement)
    parameters = scope.child_by_field_name("parameters") if scope is not None else None
    if value is None or value.type != "identifier" or parameters is None:
        return value is not None and value.type in {"integer", "float"}
    return re.search(rf"\b{re.escape(text_of(value))}\s*:\s*(?:int|float)\b", text_of(parameters)) is not None


def writers_of(block: Block, read: Node, known: Iterable[str]) -> Iterator[tuple[str, Span]]:
    """Where the document is written in place that a call reads, by the file's words: the block's key, and the span."""
    scope = function_around(read)
    files = {*_opened(block, scope, _READS, "r")} if scope is not None else set[str]()
    for word in sorted(known):
        if len(files) == 1 and word.startswith(f"{_WRITES_AT}{min(files)} "):
            key, start, end = word.rsplit(" ", 3)[1:]
            yield key, Span(int(start), int(end))


def _written(block: Block) -> Iterator[tuple[str, Span]]:
    """The files whose documents a block writes in place, and where."""
    for call in block.nodes(("call",)).get("call", ()) if _DUMPS.search(block.text) is not None else ():
        if file := _written_by(block, call):
            yield file, block.span(call)


def _written_by(block: Block, call: Node) -> str:
    """The file whose document a call writes in place; "" if none."""
    scope = function_around(call)
    if scope is None or not is_anew(call):
        return ""
    is_in_place = _DUMPS.search(text_of(scope)) is not None and not stored.is_safe(text_of(scope))
    return _file(block, call) if is_in_place else ""


def _gives_default(clause: Node) -> bool:
    """Whether a handler for a text that does not parse does nothing but make up for what was not read."""
    head, body = text_of(clause).partition("\n")[0], handlers.statements_of(clause)
    is_silent = all(one.type == "return_statement" or does_nothing(one) or _is_binding(one) for one in body)
    return is_silent and _OF_EVERYTHING.search(head) is not None


def _is_binding(statement: Node) -> bool:
    return statement.type == "expression_statement" and statement.named_children[0].type == "assignment"


def _opened(block: Block, scope: Node, words: frozenset[str], mode: str) -> Iterator[str]:
    for node in own(scope, "call"):
        if last_word(node) in words and _is_opened(node, mode) and (file := _file(block, node)):
            yield file


def _is_opened(call: Node, mode: str) -> bool:
    """Whether a call opens a file to read it, or to write it anew."""
    if last_word(call) != "open":
        return True
    given = [*positional_arguments(call), *keyword_arguments(call).values()]
    modes = [text_of(one).strip("'\"") for one in given if one.type == "string"]
    modes = [one for one in modes if re.fullmatch(r"[rwaxbt+]{1,3}", one)]
    return (modes[0] if modes else "r").startswith(mode)


def place_of(call: Node) -> Node | None:
    """What names the file that a call opens, reads or writes: `path` of `open(path)` and of `path.read_text()`."""
    function, given = call.child_by_field_name("function"), positional_arguments(call)
    owner = function.child_by_field_name("object") if function is not None else None
    return owner if owner is not None and text_of(owner) not in {"io", "codecs"} else next(iter(given), None)


def _file(block: Block, call: Node) -> str:
    """By what name a call knows the file that it opens, if it is known by that in other functions too."""
    place = place_of(call)
    return known_as(block, place) if place is not None else ""


def known_as(block: Block, place: Node) -> str:
    """By what name a path is known in other functions too; "" if by none."""
    name = resources.named(block, place)
    return name if _KNOWN.fullmatch(name) else ""


def read_in(block: Block, clause: Node) -> set[str]:
    """The files that the `try` of a handler reads, by what they are known as in other functions too."""
    return {file for one in handlers.tried(clause) for file in _opened(block, one, _READS, "r")}


def written_anew(block: Block, call: Node) -> str:
    """The file that a call writes from its beginning; "" if none, or if it is known in no other function."""
    return _file(block, call) if is_anew(call) else ""


def is_anew(call: Node) -> bool:
    """Whether a call writes a file from its beginning."""
    return last_word(call) in _WRITES and _is_opened(call, "w")
