"""What a function has done before with what it is given: loaded it, or had a program work on it.

What it then finds there is its own doing: that it is missing, or does not parse, is no failure of its user's. What it
has opened before opens once more. Also what a call writes, and reads nothing of.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from shipworthy.escape.ir import MADE, PARAMETER, Atom, Call, Flow
from shipworthy.escape.words import MAKING, READING

_MODES = {
    **dict.fromkeys(("open", "aiofiles.open", "codecs.open", "gzip.open", "bz2.open", "lzma.open"), ("1", "mode")),
    **dict.fromkeys(("zipfile.ZipFile", "tarfile.open"), ("1", "mode")),
    "pathlib.Path.open": ("0", "mode"),
}
"""Where calls that open files say what for."""
_LOADS = re.compile(r"_*(?:load|parse)(?:_\w+)?|\w+_(?:load|parse)")
"""How functions of the project are called that read a file and take it apart."""
_RUNS = (
    *(f"subprocess.{name}" for name in ("run", "call", "check_call", "check_output", "Popen")),
    *(f"{verb}_{what}" for verb in ("run", "execute") for what in ("cmd", "command", "commands", "process", "program")),
    *("os.system", "run_script", "run_shell", "run_subprocess"),
)
"""How calls end that have another program work on what they are given."""


def opens_to_write(name: str, call: Call) -> bool:
    """Whether a call opens a file to write it."""
    constants = dict(call.constants)
    return any(constants.get(place, "")[:1] in {"w", "a", "x"} for place in _MODES.get(name, ()) if place in constants)


def writes(name: str, call: Call) -> bool:
    """Whether a call fails only if its destination cannot be written; one that must not be there yet may well be."""
    if name.endswith(("mkdir", "makedirs")):
        return ("exist_ok", "True") in call.constants
    return name in MAKING or opens_to_write(name, call)


_OPENING_WORDS = frozenset(word for name in READING for word in name.split("."))
_ONE = re.compile(rf"^(?:{PARAMETER}|self\.)|parse_(?:known_)?args\(\)\.")
"""What a value comes from of which a function has one: a parameter, an attribute, an option of a command."""


class SoFar(NamedTuple):
    """What was loaded, and opened, at some place of a function."""

    loaded: frozenset[Flow]
    opened: frozenset[tuple[Flow, str]]


class Earlier:
    """What has been done so far in one function, in the order of its text."""

    def __init__(self) -> None:
        self._worked_on: set[Atom] = set()
        self._loaded: set[Flow] = set()
        self._opened: set[tuple[Flow, str]] = set()

    def note(self, call: Call) -> None:
        """A call, whatever it calls."""
        if call.callee.endswith(_RUNS):
            self._worked_on.update(*(_sources(flow) for _, flow in _given(call)))

    def note_inner(self, call: Call) -> None:
        """A call of a function of the project."""
        if _LOADS.fullmatch(call.callee.rpartition(".")[2]) is not None and not call.dropped:
            self._loaded |= {*filter(None, (_named(flow) for _, flow in _given(call)))}

    def note_opened(self, flow: Flow, names: Iterable[str]) -> None:
        """A call that reads these names has opened a file; where that failed, nothing is run that comes behind."""
        if not _is_made(flow):
            self._opened.update((flow, name) for name in names)

    def has_opened(self, flow: Flow, names: frozenset[str]) -> bool:
        """Whether a file has been opened before that a call opens by the variable that it reads."""
        named = names - _OPENING_WORDS
        return len(named) == 1 and (flow, *named) in self._opened

    def has_made(self, name: str, flows: Iterable[Flow]) -> bool:
        """Whether a program has been run that made what is read now, of what it was given. What was merely written
        before is not asked: that may be in another branch.
        """
        is_asked = name in READING and self._worked_on
        return bool(is_asked) and any(not self._worked_on.isdisjoint(_sources(flow)) for flow in flows)

    def loaded(self, call: Call) -> frozenset[str]:
        """The places of arguments that were loaded before."""
        if not self._loaded:
            return frozenset()
        return frozenset(place for place, flow in _given(call) if _named(flow) in self._loaded)

    def forget(self, before: SoFar) -> None:
        """Forget what was read since: a handler may have gone on without it."""
        self._loaded &= before.loaded
        self._opened &= before.opened

    def so_far(self) -> SoFar:
        """What was read until now; see `forget`."""
        return SoFar(frozenset(self._loaded), frozenset(self._opened))


def _given(call: Call) -> Iterator[tuple[str, Flow]]:
    yield from ((str(place), flow) for place, flow in enumerate(call.arguments))
    yield from call.keywords


def _named(flow: Flow) -> Flow:
    """What a path is that was handed over as it is; nothing where it was put together: there may be several such."""
    return _sources(flow) if not _is_made(flow) else frozenset()


def _is_made(flow: Flow) -> bool:
    return any(f"|{MADE}" in atom for atom in flow)


def _sources(flow: Flow) -> Flow:
    """Where a value comes from, as far as there is but one by that name: of several arguments it is not said which."""
    sources = {atom.partition("|")[0] for atom in flow}
    one = {source for source in sources if _ONE.search(source) is not None and not source.endswith(("()", "[]"))}
    return frozenset(one - {source.rpartition(".")[0] for source in sources})
