"""What an analysis found as JSON and back, so that the next run begins where the last one ended.

What is found of the functions of one file is a text of its own: an edit asks for few of them.
"""

from __future__ import annotations

import enum
import json
from typing import Any, NamedTuple, cast

from shipworthy.escape.boundaries import Boundary, Kind
from shipworthy.escape.catalogue import Likelihood
from shipworthy.escape.guards import Guard
from shipworthy.escape.program import Name
from shipworthy.escape.report import Reached, Stop
from shipworthy.escape.summaries import Escaping, Origin, Round, Summary
from shipworthy.model import Span


class Part(NamedTuple):
    """What was found of the functions of one file, by their names in it: see `Summaries` and `Flows`."""

    summaries: dict[str, Summary]
    callers: dict[str, set[Name]]
    results: dict[str, frozenset[str] | None]


class Whole(NamedTuple):
    """What was found of the program: see `Analysis`. By path, but for `reached`."""

    imports: dict[str, frozenset[str]]
    declared: dict[str, tuple[Boundary, ...]]
    guards: dict[str, Guard]
    reached: dict[Name, tuple[Reached, ...]]


def dump_part(part: Part) -> str:
    """The JSON text of a part; equal parts give equal texts."""
    summaries = {name: [*summary.values()] for name, summary in part.summaries.items() if summary}
    return _dump([summaries, part.callers, part.results])


def load_part(text: str) -> Part:
    """The part that `dump_part` wrote. Whatever is raised: it did not write this."""
    summaries, callers, results = json.loads(text)
    return Part(
        {name: _summary(rows) for name, rows in summaries.items()},
        {name: {Name(*one) for one in found} for name, found in callers.items()},
        {name: None if found is None else frozenset(found) for name, found in results.items()},
    )


def dump_whole(whole: Whole) -> str:
    """The JSON text of what was found of the program."""
    return _dump(
        [
            whole.imports,
            {path: declared for path, declared in whole.declared.items() if declared},
            {path: guard for path, guard in whole.guards.items() if guard},
            [*whole.reached.items()],
        ]
    )


def load_whole(text: str) -> Whole:
    """What `dump_whole` wrote. Whatever is raised: it did not write this."""
    imports, declared, guards, reached = json.loads(text)
    return Whole(
        {path: frozenset(found) for path, found in imports.items()},
        {path: tuple(map(_boundary, found)) for path, found in declared.items()},
        {path: _guard(*guard) for path, guard in guards.items()},
        {Name(*start): tuple(_reached(*one) for one in found) for start, found in reached},
    )


def _dump(value: object) -> str:
    return json.dumps(value, default=_plain, separators=(",", ":"))


def _plain(value: object) -> object:
    if isinstance(value, Span):
        return value.start, value.end
    if isinstance(value, frozenset | set):
        return sorted(cast("frozenset[Any]", value))
    if isinstance(value, Boundary):
        return value.kind, value.name, value.label, value.outside, value.matched
    if isinstance(value, Guard):
        return sorted(kind.value for kind in value.kinds), value.types
    if isinstance(value, enum.Enum):
        return value.value
    raise TypeError(type(value).__name__)


def _summary(rows: list[list[Any]]) -> Summary:
    found = [_escaping(*row) for row in rows]
    return {(one.exception, one.origin): one for one in found}


def _escaping(
    exception: str, bases: Any, likelihood: int, origin: Any, condition: Any, around: Any, hop: Any
) -> Escaping:
    return Escaping(
        exception,
        tuple(bases),
        Likelihood(likelihood),
        _origin(*origin),
        None if condition is None else frozenset(condition),
        None if around is None else Round(Name(*around[0]), Span(*around[1]), around[2]),
        None if hop is None else (Span(*hop[0]), Name(*hop[1])),
    )


def _origin(name: Any, at: Any, what: str) -> Origin:
    return Origin(Name(*name), Span(*at), what)


def _boundary(data: Any) -> Boundary:
    kind, name, label, outside, matched = data
    return Boundary(Kind(kind), Name(*name), label, frozenset(outside), frozenset(matched))


def _guard(kinds: Any, types: Any) -> Guard:
    return Guard(frozenset(map(Kind, kinds)), frozenset((name, tuple(bases)) for name, bases in types))


def _reached(
    rule: str, kind: Any, exceptions: Any, origin: Any, boundary: str, way: Any, loop: Any, others: bool
) -> Reached:
    return Reached(
        rule,
        Kind(kind),
        tuple(exceptions),
        _origin(*origin),
        boundary,
        tuple(map(_stop, way)),
        None if loop is None else _stop(loop),
        others,
    )


def _stop(data: Any) -> Stop:
    name, at = data
    return Stop(Name(*name), Span(*at))
