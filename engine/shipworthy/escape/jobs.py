"""Jobs that a loop runs when they are due, and of which an error ends that loop, though none is likely by itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from shipworthy.escape import catalogue
from shipworthy.escape.boundaries import Boundary, runners
from shipworthy.escape.catching import passes_on
from shipworthy.escape.escaping import Origin
from shipworthy.escape.ir import Branch, Call, Loop, Operation, Try, With
from shipworthy.escape.meanings import External, Instance, ProjectFunction, options_of
from shipworthy.escape.program import Name
from shipworthy.escape.registrations import Kind
from shipworthy.escape.report import WORKER, Reached, Stop
from shipworthy.escape.summaries import Summaries
from shipworthy.facts.model import RUNNING

_FARTHEST = 3
"""So many calls below a job its work is looked at."""


def unguarded(summaries: Summaries, boundary: Boundary) -> Reached | None:
    """What a job says of the endless loop that runs it: it works on files, with servers or with other programs, and
    handles no failure of that.
    """
    if boundary.runner is None:
        return None
    name, at = boundary.runner
    known = runners(summaries.program.units[name.path], (name.function,))
    if not any(one.endless for one in known if one.at == at):
        return None
    work = next(iter(sorted(_work(summaries, boundary.name, _FARTHEST))), None)
    if work is None:
        return None
    job = boundary.name.function.rpartition(".")[2]
    besides = ((work, f"this may fail in the job `{job}`"),)
    origin = Origin(name, at, RUNNING)
    return Reached(WORKER, Kind.THREAD, ("Exception",), origin, boundary.label, (), None, mild=True, besides=besides)


def callees(summaries: Summaries, name: Name, depth: int = _FARTHEST) -> set[Name]:
    """The functions that one calls, and they, as far as their work is looked at."""
    direct = {one for one in summaries.calls.of_file(name.path).get(name.function, ()) if one != name}
    return direct.union(*(callees(summaries, one, depth - 1) for one in direct)) if depth > 1 else direct


def _work(summaries: Summaries, name: Name, depth: int) -> Iterator[Stop]:
    """Where a function, or one that it calls, does what may fail outside of the program, and handles nothing of it."""
    unit = summaries.program.units[name.path]
    function = unit.functions.get(name.function)
    if function is None or function.decorators:
        return
    for call in _open(function.body):
        for meaning in options_of(summaries.names.resolve(unit, function, call.callee)):
            if isinstance(meaning, ProjectFunction) and depth > 1 and meaning.name != name:
                yield from _work(summaries, meaning.name, depth - 1)
            elif isinstance(meaning, External | Instance):
                called = meaning.name if isinstance(meaning, External) else meaning.type
                if _is_outside(called):
                    yield Stop(name, call.at)


def _open(operations: Iterable[Operation]) -> Iterator[Call]:
    """The calls that no handler of the function is around."""
    for one in operations:
        if isinstance(one, Call):
            yield one
        elif isinstance(one, Loop | With | Branch):
            yield from _open(one.body)
        elif isinstance(one, Try) and all(map(passes_on, one.handlers)):
            yield from _open((*one.body, *one.otherwise, *one.finally_))


def _is_outside(called: str) -> bool:
    """Whether a call works on files, with a server or with another program, by what the catalogue says of it."""
    known = catalogue.known(called)
    if known is None or called.startswith(("queue.", "json.", "time.")):
        return False
    found = {raised.exception for raised in known.raised}
    return catalogue.is_remote(called) or any("OSError" in catalogue.ancestors(one) for one in found)
