"""Files that one function takes for empty if it cannot read them, and that another one writes over."""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from typing import NamedTuple

from tree_sitter import Node

from shipworthy import aside, handlers, rewritten
from shipworthy.document import Block
from shipworthy.escape import stored
from shipworthy.model import Span
from shipworthy.syntax import dotted, function_around, last_word, own, positional_arguments, text_of

_OVER, _PAIR = "over ", "pair "
_LOADS = re.compile(r"_*(?:load|read|get|restore|fetch)(?:_\w+)?")
_SAVES = re.compile(r"_*(?:save|write|store|dump|put|persist)(?:_\w+)?")
_MOVES = frozenset({"replace", "rename", "move"})
_EMPTY = frozenset({"dictionary", "list", "tuple"})


class Saver(NamedTuple):
    """A file as the text names it, and where it is written over: the function, the block's key, and the span."""

    file: str
    function: str
    key: str
    span: Span


def words(block: Block) -> Iterator[str]:
    """What tells which files are written over.

    `over <file> <function> <block> <start> <end> <attributes>` where a function writes a file anew, or moves another
    one to its place, with the attributes that it uses; `pair <reader> <writer>` where one calls two others, that load
    and save something by their names.
    """
    if block.language.id != "python":
        return
    yield from rewritten.in_place(block)
    for call in block.nodes(("call",)).get("call", ()):
        file = rewritten.written_anew(block, call) or _moved_to(block, call)
        function = function_around(call) if file else None
        name = function.child_by_field_name("name") if function is not None else None
        if function is not None and name is not None:
            held = {text_of(one) for one in own(function, "attribute")}
            kept = ",".join(sorted(one for one in held if re.fullmatch(r"self\.\w+", one)))
            at = block.span(call)
            yield f"{_OVER}{file} {text_of(name)} {block.key} {at.start} {at.end} {kept}"
    if all(verbs.search(block.text) is not None for verbs in (_LOADS, _SAVES)):
        yield from _pairs(block)


def _pairs(block: Block) -> Iterator[str]:
    for function in block.nodes(("function_definition",)).get("function_definition", ()):
        called = {last_word(one) for one in own(function, "call")}
        readers, writers = (sorted(filter(verbs.fullmatch, called)) for verbs in (_LOADS, _SAVES))
        yield from (f"{_PAIR}{reader} {writer}" for reader in readers for writer in writers)


def _moved_to(block: Block, call: Node) -> str:
    """The file in whose place a call puts another one: `os.replace(beside, PATH)`, `beside.replace(PATH)`."""
    if last_word(call) not in _MOVES:
        return ""
    given = positional_arguments(call)
    of_module = dotted(call.child_by_field_name("function")).rpartition(".")[0] in {"os", "shutil"}
    is_file = len(given) == (2 if of_module else 1) and given[-1].type != "string"
    return rewritten.known_as(block, given[-1]) if is_file else ""


def saver_of(block: Block, clause: Node, known: Set[str]) -> Saver | None:
    """Who writes over a file that a handler takes for empty, with what was made of that, by the file's words.

    Not where a document is written in place: there the writer is told of.
    """
    function, emptied = function_around(clause), _emptied(clause)
    name = function.child_by_field_name("name") if function is not None else None
    files = rewritten.read_in(block, clause)
    if name is None or emptied is None or len(files) != 1:
        return None
    [file] = files
    decodes = any(dotted(one.child_by_field_name("function")) in stored.DECODERS for one in _tried(clause))
    is_told = decodes and rewritten.is_written_in_place(file, known)
    if is_told or rewritten.OF_NO_VALUE.search(file) is not None or aside.is_of_cache(file):
        return None
    reader, begin = text_of(name), f"{_OVER}{file} "
    for word in sorted(one.removeprefix(begin) for one in known if one.startswith(begin)):
        writer, key, start, end, kept = word.split(" ")
        calls = {f"{_PAIR}{reader} {writer}"}
        if emptied in kept.split(",") or (emptied == "return" and not calls.isdisjoint(known)):
            return Saver(file.rpartition(".")[2] if "'" not in file else file, writer, key, Span(int(start), int(end)))
    return None


def _tried(clause: Node) -> list[Node]:
    return handlers.calls(handlers.tried(clause))


def _emptied(clause: Node) -> str | None:
    """What a handler makes empty, if it does nothing else: `self.notes`, or "return" for what it gives back."""
    listed = handlers.statements_of(clause)
    given = listed[0].named_children[0] if len(listed) == 1 and listed[0].named_children else None
    if given is None:
        return None
    target, value = given.child_by_field_name("left"), given.child_by_field_name("right")
    if listed[0].type == "return_statement":
        target, value = None, given
    if value is None or value.type not in _EMPTY or value.named_children:
        return None
    return text_of(target) if target is not None else "return" if listed[0].type == "return_statement" else None
