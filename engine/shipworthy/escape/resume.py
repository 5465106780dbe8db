"""What an analysis found as JSON and back, so that the next run begins where the last one ended.

What is found of the functions of one file is a text of its own: an edit asks for few of them.
"""

from __future__ import annotations

import dataclasses
import enum
import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, cast

from shipworthy.escape.arguments import Handed
from shipworthy.escape.boundaries import Boundary, Checked, Entries
from shipworthy.escape.catalogue import Likelihood
from shipworthy.escape.escaping import Escaping, Origin, Round, Summary
from shipworthy.escape.guards import Guard
from shipworthy.escape.meanings import (
    External,
    Instance,
    Meaning,
    Parameter,
    ProjectClass,
    ProjectFunction,
    ProjectObject,
)
from shipworthy.escape.program import Name
from shipworthy.escape.registrations import Kind
from shipworthy.escape.report import Reached, Stop
from shipworthy.model import Span


class Part(NamedTuple):
    """What was found of the functions of one file, by their names in it: see `Summaries`, `Flows`, `Arguments`."""

    summaries: dict[str, Summary]
    calls: dict[str, frozenset[Name]]
    callers: dict[str, set[Name]]
    results: dict[str, frozenset[str] | None]
    handed: dict[str, frozenset[Handed]]


class Whole(NamedTuple):
    """What was found of the program: see `Analysis`, `Arguments` for `open`, `Program` for the last two."""

    imports: dict[str, frozenset[str]]
    entries: Entries
    declared: dict[str, tuple[Boundary, ...]]
    guards: dict[str, Guard]
    reached: dict[Name, tuple[Reached, ...]]
    watched: dict[Name, set[Name]]
    open: frozenset[str]
    held: Mapping[Parameter, Meaning]
    put_into_requests: frozenset[str]
    hung_on_applications: frozenset[str]


def dump_part(part: Part) -> str:
    """The JSON text of a part; equal parts give equal texts."""
    summaries = {name: [*summary.values()] for name, summary in part.summaries.items() if summary}
    return _dump([summaries, part.calls, part.callers, part.results, part.handed])


def load_part(text: str) -> Part:
    """The part that `dump_part` wrote. Whatever is raised: it did not write this."""
    summaries, calls, callers, results, handed = json.loads(text)
    return Part(
        {name: _summary(rows) for name, rows in summaries.items()},
        {name: frozenset(Name(*one) for one in found) for name, found in calls.items()},
        {name: {Name(*one) for one in found} for name, found in callers.items()},
        {name: None if found is None else frozenset(found) for name, found in results.items()},
        {name: frozenset(_handed(*one) for one in found) for name, found in handed.items()},
    )


def dump_whole(whole: Whole) -> str:
    """The JSON text of what was found of the program."""
    return _dump(
        [
            whole.imports,
            whole.entries,
            {path: declared for path, declared in whole.declared.items() if declared},
            {path: guard for path, guard in whole.guards.items() if guard},
            [*whole.reached.items()],
            [*whole.watched.items()],
            whole.open,
            [(parameter, type(held).__name__, held) for parameter, held in whole.held.items()],
            whole.put_into_requests,
            whole.hung_on_applications,
        ]
    )


def load_whole(text: str) -> Whole:
    """What `dump_whole` wrote. Whatever is raised: it did not write this."""
    imports, entries, declared, guards, reached, watched, open_names, held, put, hung = json.loads(text)
    return Whole(
        {path: frozenset(found) for path, found in imports.items()},
        Entries(frozenset(Name(*one) for one in entries[0]), frozenset(entries[1])),
        {path: tuple(map(_boundary, found)) for path, found in declared.items()},
        {path: _guard(*guard) for path, guard in guards.items()},
        {Name(*start): tuple(_reached(*one) for one in found) for start, found in reached},
        {Name(*caller): {Name(*one) for one in found} for caller, found in watched},
        frozenset(open_names),
        {one.parameter: one.held for one in (_handed(*row) for row in held)},
        frozenset(put),
        frozenset(hung),
    )


def _dump(value: object) -> str:
    return json.dumps(value, default=_plain, separators=(",", ":"))


def _plain(value: object) -> object:
    if isinstance(value, Span):
        return value.start, value.end
    if isinstance(value, frozenset | set):
        return sorted(cast("frozenset[Any]", value))
    if isinstance(value, Boundary):
        return tuple(getattr(value, field.name) for field in dataclasses.fields(value))
    if isinstance(value, Guard):
        types = sorted((kind.value, name, bases) for kind, name, bases in value.types)
        return sorted(kind.value for kind in value.kinds), types
    if isinstance(value, enum.Enum):
        return value.value
    raise TypeError(type(value).__name__)


_PLAIN: Mapping[str, Callable[..., Meaning]] = {
    "External": External,
    "Instance": Instance,
    "ProjectClass": ProjectClass,
    "ProjectObject": ProjectObject,
}


def _handed(parameter: Any, kind: str, held: Any) -> Handed:
    function, name = parameter
    meaning = ProjectFunction(Name(*held[0])) if kind == "ProjectFunction" else _PLAIN[kind](*held)
    return Handed(Parameter(Name(*function), name), kind, meaning)


def _summary(rows: list[list[Any]]) -> Summary:
    found = [_escaping(*row) for row in rows]
    return {(one.exception, one.origin): one for one in found}


def _escaping(
    exception: str,
    bases: Any,
    likelihood: int,
    origin: Any,
    condition: Any,
    around: Any,
    hop: Any,
    dropped: Any,
    written: bool,
    said: bool,
    needs: Any,
) -> Escaping:
    return Escaping(
        exception,
        tuple(bases),
        Likelihood(likelihood),
        _origin(*origin),
        None if condition is None else frozenset(condition),
        None if around is None else Round(Name(*around[0]), Span(*around[1]), *around[2:]),
        None if hop is None else (Span(*hop[0]), Name(*hop[1])),
        None if dropped is None else (Name(*dropped[0]), Span(*dropped[1])),
        written,
        said,
        frozenset(needs),
    )


def _origin(name: Any, at: Any, what: str, source: Any) -> Origin:
    return Origin(Name(*name), Span(*at), what, None if source is None else (Name(*source[0]), Span(*source[1])))


def _boundary(data: Any) -> Boundary:
    kind, name, label, outside, matched, mild, checked, *rest = data
    gives_up, repeats, retried, runner, asks, framework, awaited = rest
    return Boundary(
        Kind(kind),
        Name(*name),
        label,
        frozenset(outside),
        frozenset(matched),
        mild,
        Checked(checked),
        gives_up,
        repeats,
        frozenset(retried),
        None if runner is None else (Name(*runner[0]), Span(*runner[1])),
        asks,
        framework,
        awaited,
    )


def _guard(kinds: Any, types: Any) -> Guard:
    named = frozenset((Kind(kind), name, tuple(bases)) for kind, name, bases in types)
    return Guard(frozenset(map(Kind, kinds)), named)


def _reached(
    rule: str,
    kind: Any,
    exceptions: Any,
    origin: Any,
    boundary: str,
    way: Any,
    loop: Any,
    mild: bool,
    others: bool,
    dropped: Any,
    besides: Any,
    framework: str,
    awaited: bool,
) -> Reached:
    return Reached(
        rule,
        Kind(kind),
        tuple(exceptions),
        _origin(*origin),
        boundary,
        tuple(map(_stop, way)),
        None if loop is None else _stop(loop),
        mild,
        others,
        None if dropped is None else _stop(dropped),
        tuple((_stop(stop), says) for stop, says in besides),
        framework,
        awaited,
    )


def _stop(data: Any) -> Stop:
    name, at = data
    return Stop(Name(*name), Span(*at))
