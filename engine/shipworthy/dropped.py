"""Which functions that a framework hands the errors of a program to drop them, so that nobody is told.

A rule that asks declares `extract=dropped.words`.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator

from tree_sitter import Node

from shipworthy import hollow, origins
from shipworthy.document import Block
from shipworthy.model import Severity
from shipworthy.rule import Found, Pass
from shipworthy.syntax import statements, text_of, walk


def words(block: Block) -> Iterable[str]:
    """What variables hold, and `handles name` for each function that a program hands all its errors to."""
    return (*origins.bindings(block), *(f"handles {name}" for name in hollow.registered(block)))


class _Errors(enum.Enum):
    """Which errors a framework hands to a function in place of telling of them itself."""

    NONE = 0
    SOME = 1
    ALL = 2


def told(run: Pass, function: Node) -> Iterator[Found]:
    """A handler for the errors of a program, or of some commands, that throws them away.

    Those of some commands are told to the handler of all commands as well, if the program has one: another file may.
    """
    name = function.child_by_field_name("name")
    types = hollow.dealt_with(function) if hollow.is_for_errors(function) else None
    if types is None or name is None:
        return
    words = run.facts[run.rule.id]
    whose = _handled_by(run, function, words)
    if whose is _Errors.NONE or any(node.type == "comment" for node in walk(function)):
        return
    is_certain = whose is _Errors.ALL or "handles +" in words
    spared = f"`{text_of(types[0])}`" if len(types) == 1 else "some types"
    what = f"deals with {spared} alone, and throws away every other error" if types else "throws away every error"
    unless = "nobody else" if is_certain else "unless there is a handler for all commands, nobody else"
    message = f"`{text_of(name)}` {what} that it is handed: {unless} is told of it, so log it with its traceback."
    last = statements(function.child_by_field_name("body"))[-1]
    related = (run.place(last, "others end here"),) if types else ()
    yield run.finding(name, message, severity=None if is_certain else Severity.HINT, related=related)


def _handled_by(run: Pass, function: Node, words: frozenset[str]) -> _Errors:
    name, receiver = text_of(function.child_by_field_name("name") or function), hollow.decorated(function)
    if f"handles {name}" in words or name in hollow.OF_ALL:
        return _Errors.ALL
    if name in hollow.OF_SOME or (receiver is not None and run.facts.defined(_beside(run, function, receiver))):
        return _Errors.NONE if "handles *" in words else _Errors.SOME
    return _Errors.ALL if receiver is not None else _Errors.NONE


def _beside(run: Pass, function: Node, name: str) -> str:
    """The full name of what stands beside a method in its class, or beside a function."""
    owner = origins.class_around(run.block, function)
    return f"{owner}.{name}" if owner else name
