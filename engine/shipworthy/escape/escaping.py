"""An error that may leave a function, where it arises, and on which condition: values that others reckon with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from shipworthy.escape.catalogue import Likelihood
from shipworthy.escape.program import Name
from shipworthy.model import Span

LASTING = frozenset({"worker", "consumer", "connection", "answer", "records"})
"""The kinds of loops that should not end: that wait for ever, that go over messages, over those of one connection,
over the parts of one answer, over the records that come again if one fails.
"""

ITEM, CHOICE = "[]", "[key]"
"""What an origin says for something that is taken out of a value, and out of a table of the program's own."""

HEADER = "[header]"
"""What an origin says for a header of an answer that not every server sends."""

GETTING = ".__getitem__"
"""The last name of what takes several columns out of a table, or a header out of an answer."""
_OF_ANSWER = f".headers{GETTING}"

GIVEN = ""
"""Stands for an exception in a summary where the function gives back None: no handler keeps that from its caller."""

HIDDEN = "-"
"""Stands for an exception that a handler of everything has caught further up, though nobody looked at a result."""


class Origin(NamedTuple):
    """The call or raise where an error arises. `source`: where nothing was found, if that is elsewhere."""

    name: Name
    at: Span
    what: str
    source: tuple[Name, Span] | None = None


class Round(NamedTuple):
    """The innermost loop that an error ends: where it stands, its kind. `of_lines`: it goes over what is in one file,
    line by line. `gathers`: it does nothing with an item but to read it and to put it to the others.
    """

    name: Name
    at: Span
    kind: str
    of_lines: bool = False
    gathers: bool = False


class Escaping(NamedTuple):
    """An exception that may leave a function.

    `condition`: None if it always may, else the parameters of which one must hold a value from
    outside. `hop`: the call in this function that it comes through, None if it arises here. `dropped`: the handler
    outside of the loop that catches it without a word, once the loop is over. `written`: it says that something cannot
    be written where it was to be. `said`: a program that was run has said what it says, on the same screen.
    `needs`: what the branches around it need, see ir.Branch: each of that.
    """

    exception: str
    bases: tuple[str, ...]
    likelihood: Likelihood
    origin: Origin
    condition: frozenset[str] | None
    round: Round | None = None
    hop: tuple[Span, Name] | None = None
    dropped: tuple[Name, Span] | None = None
    written: bool = False
    said: bool = False
    needs: frozenset[str] = frozenset()


Key = tuple[str, Origin]
Summary = Mapping[Key, Escaping]


def taken_by(name: str) -> str:
    """What an origin says for a call by its name, which may stand for what takes something out of a value."""
    if name.endswith(_OF_ANSWER):
        return HEADER
    return CHOICE if name.endswith(GETTING) else name
