"""What a function has done before with what it is given: written a file, loaded it, had a program work on it.

What it then finds there is its own doing: that it is missing, or does not parse, is no failure of its user's.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator

from shipworthy.escape.ir import MADE, Call, Flow
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


class Earlier:
    """What has been done so far in one function, in the order of its text."""

    def __init__(self) -> None:
        self._written: set[Flow] = set()
        self._worked_on: set[str] = set()
        self._loaded: set[Flow] = set()

    def note(self, call: Call) -> None:
        """A call, whatever it calls."""
        if call.callee.endswith(_RUNS):
            self._worked_on |= _sources([*call.arguments, *(flow for _, flow in call.keywords)])

    def note_written(self, flows: Iterable[Flow]) -> None:
        """Paths that are opened to write what is there."""
        self._written |= {*filter(_is_whole, flows)}

    def note_inner(self, call: Call) -> None:
        """A call of a function of the project."""
        if _LOADS.fullmatch(call.callee.rpartition(".")[2]) is not None and not call.dropped:
            self._loaded |= {flow for _, flow in _given(call) if _is_whole(flow)}

    def has_made(self, name: str, flows: Iterable[Flow], *, is_within: bool) -> bool:
        """Whether what is read there has been made before. `is_within`: it is not what was named, but a part of it."""
        given = [flow for flow in flows if flow]
        if name not in READING or not given:
            return False
        return (is_within and not self._worked_on.isdisjoint(_sources(given))) or self._written.issuperset(given)

    def loaded(self, call: Call) -> frozenset[str]:
        """The places of arguments that were loaded before."""
        if not self._loaded:
            return frozenset()
        return frozenset(place for place, flow in _given(call) if flow in self._loaded)

    def forget(self, before: Container[Flow]) -> None:
        """Forget what was loaded since: a handler may have gone on without it."""
        self._loaded = {flow for flow in self._loaded if flow in before}

    def so_far(self) -> frozenset[Flow]:
        """What was loaded until now; see `forget`."""
        return frozenset(self._loaded)


def _given(call: Call) -> Iterator[tuple[str, Flow]]:
    yield from ((str(place), flow) for place, flow in enumerate(call.arguments))
    yield from call.keywords


def _is_whole(flow: Flow) -> bool:
    """Whether a path is the one that was named, and not put together, so that there may be several of its kind."""
    return bool(flow) and not any(f"|{MADE}" in atom for atom in flow)


def _sources(flows: Iterable[Flow]) -> set[str]:
    return {atom.partition("|")[0] for flow in flows for atom in flow}
