"""What a person who has started a command shrugs at: it has been said on the screen already, or is nobody's input.

Each of it ends a command with a traceback; reviewers of applications that nobody had tuned on called it debatable.
"""

from __future__ import annotations

import re

from shipworthy.escape import catalogue
from shipworthy.escape.catching import passes_on
from shipworthy.escape.escaping import HEADER, Escaping
from shipworthy.escape.ir import Call, Handler, Loop, within
from shipworthy.escape.stored import DECODERS, HANDWRITTEN
from shipworthy.escape.words import LOOKING, MEASURING
from shipworthy.facts.model import NUMBERS

_FAILED = frozenset({"subprocess.CalledProcessError", "subprocess.TimeoutExpired"})
"""What is raised of a program that has begun, and says itself what it cannot do, or is seen to take its time."""
_OF_PROGRAMS = ("pickle.",)
"""How exceptions begin that are raised for what another run of a program has written."""
_MISSING = "FileNotFoundError"
_CAPTURING = frozenset({"capture_output", "stderr"})
"""The arguments by which what a program says of its failure is on no screen."""
_SAYING = frozenset({"critical", "echo", "error", "exception", "fatal", "print", "secho"})
"""Calls that print something, or log an error."""
_AT_LENGTH = ("socket.socket.bind", ".from_pretrained")
"""How calls end whose errors say all that there is to say: which address is taken, which model nobody has."""
_ADDING = frozenset({"tarfile.TarFile.add", "zipfile.ZipFile.write"})
"""Calls that put a file into an archive."""
_PARSING = ("lxml.etree.parse", "xml.etree.ElementTree.parse")
"""Calls that open a file to parse it."""
_OF_CONNECTION = ("socket.socket.send",)
"""How calls begin that fail for a connection, whatever the item is."""
_TABLES = ("numpy.", "pandas.")
"""How calls begin that read numbers which are put together with those of all other items."""
_OF_CONTENT = frozenset({"ValueError", "LookupError", "struct.error"})
"""What is raised for what a line says; these and their children."""
_OF_DOCUMENT = _OF_CONTENT | {"yaml.YAMLError"}
_GATHERING = frozenset({"add", "append", "debug", "echo", "extend", "info", "insert", "print", "setdefault", "update"})
"""Calls that put an item to others, or say that they do."""
_LINES = re.compile(
    r"(?i)(?:^parameter:(?:f[hp]?|\w*(?:file|handle|lines))|(?:open|file|handle|lines|reader|stdin)(?:\(\))?)"
    r"(?:\.__a?enter__\(\))?$"
)
"""What a loop goes over that takes the lines of one file, by its path."""


def are_lines(loop: Loop) -> bool:
    """Whether a loop goes over the lines of a file."""
    return _LINES.search(loop.source) is not None


def only_gathers(loop: Loop) -> bool:
    """Whether a loop does nothing with an item but to read it and to put it to the others."""
    calls = (one for one in within(loop.body) if isinstance(one, Call) and one.dropped)
    return all(one.callee.rpartition(".")[2] in _GATHERING for one in calls)


def says_first(handler: Handler) -> bool:
    """Whether a handler that raises again says before on the screen what has failed."""
    said = (one.callee.rpartition(".")[2] for one in handler.body if isinstance(one, Call))
    return passes_on(handler) and not _SAYING.isdisjoint(said)


def has_said(call: Call, exception: str) -> bool:
    """Whether a program that a call runs has said what this exception says, or keeps whoever waits for it waiting."""
    if exception not in _FAILED:
        return False
    return exception.endswith("Expired") or _CAPTURING.isdisjoint(name for name, _ in call.keywords)


def is_shrugged_at(one: Escaping) -> bool:
    """Whether whoever has started a command knows already what an error would say, or could do nothing about it."""
    if one.said or one.origin.what.endswith(_AT_LENGTH) or one.exception.startswith(_OF_PROGRAMS):
        return True
    if one.origin.what in MEASURING:
        return True  # what is measured has just been found, or made
    is_line = one.round is not None and one.round.of_lines
    return is_line and not _OF_CONTENT.isdisjoint(catalogue.ancestors(one.exception))


def is_missing_program(exceptions: tuple[str, ...], what: str) -> bool:
    """Whether nothing but that a program is not there can fail."""
    return exceptions == (_MISSING,) and what.startswith(("subprocess.", "asyncio."))


def is_plain(one: Escaping) -> bool:
    """Whether a text that programs write is none, or a file cannot be worked on: who starts a command sees which one of
    a folder that is. Pictures and documents come from others.
    """
    return one.exception == "OSError" or one.origin.what in DECODERS | HANDWRITTEN | NUMBERS


def is_of_collection(one: Escaping) -> bool:
    """Whether one of several documents does not parse that are read before anything is done with them: whoever needs
    all of them is better served by none than by some.
    """
    is_gathered = one.round is not None and one.round.gathers and one.origin.what != HEADER
    return is_gathered and not catalogue.ancestors(one.exception).isdisjoint(_OF_DOCUMENT)


def is_of_one_item(one: Escaping) -> bool:
    """Whether an error in a loop over items comes of what one of them says, of whom it asks, or of what is made of it:
    a file that is there opens, one left out of an archive is missed there, a sum without one table is wrong, and so is
    a collection that is read before anything is done with it.
    """
    if one.origin.what.startswith((*_TABLES, *_OF_CONNECTION)):
        return False
    types = catalogue.ancestors(one.exception)
    if is_of_collection(one):
        return False
    is_of_file = one.origin.what in LOOKING or one.origin.what in _ADDING or one.origin.what in _PARSING
    return not (is_of_file and "OSError" in types)
