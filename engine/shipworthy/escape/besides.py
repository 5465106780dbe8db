"""What a handler is missing for too, besides what is told: other calls that lead to the same error, keys of what was
read.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Iterator

from shipworthy.escape.boundaries import calls_in
from shipworthy.escape.catching import handlers_around
from shipworthy.escape.escaping import ITEM, Key
from shipworthy.escape.ir import Call, Item, Loop, Operation, Path, within
from shipworthy.escape.meanings import ProjectClass, ProjectFunction, options_of
from shipworthy.escape.program import Name
from shipworthy.escape.summaries import Summaries
from shipworthy.model import Span

_MISSING = "KeyError"


def other_calls(summaries: Summaries, name: Name, key: Key, told: Span) -> Iterator[Span]:
    """The calls in a function, besides the one that is `told` of, that let an error through whatever they are given."""
    leading = {
        callee
        for callee in summaries.calls.of_file(name.path).get(name.function, ())
        if (inner := summaries.of(callee).get(key)) is not None and inner.condition is None
    }
    if not leading:
        return
    unit = summaries.program.units[name.path]
    function = unit.functions[name.function]
    words = {callee.function.removesuffix(".__init__").rpartition(".")[2] for callee in leading}
    for call in calls_in(function.body):
        if call.at == told or call.callee.rpartition(".")[2] not in words:
            continue
        if leading.isdisjoint(_called(summaries, name, call)):
            continue
        around = handlers_around(function.body, functools.partial(operator.is_, call))
        exception, bases = key[0], summaries.of(name)[key].bases
        if not any(summaries.catching.is_caught(unit, function, exception, bases, types) for types in around):
            yield call.at


def keys_of_items(summaries: Summaries, name: Name, reader: Name) -> Iterator[tuple[Name, Span]]:
    """Where a function that goes over what a reader gives takes something out of one item, itself or in what it calls,
    and handles nothing.
    """
    unit = summaries.program.units[name.path]
    function = unit.functions[name.function]
    for loop in within(function.body):
        source = loop.source if isinstance(loop, Loop) else ""
        if not isinstance(loop, Loop) or not source.endswith("()"):
            continue
        if ProjectFunction(reader) not in options_of(summaries.names.resolve(unit, function, source[:-2])):
            continue
        for part in within(loop.body):
            around = handlers_around(function.body, functools.partial(operator.is_, part))
            if not any(summaries.catching.is_caught(unit, function, _MISSING, (), types) for types in around):
                yield from _keys(summaries, name, part, source)


def _keys(summaries: Summaries, name: Name, part: Operation, source: Path) -> Iterator[tuple[Name, Span]]:
    """Where an operation takes something out of an item of this source, or a function that it calls with one does."""
    if isinstance(part, Item):
        if part.source == f"{source}[]" and part.exception == _MISSING and not (part.guarded or part.chosen):
            yield name, part.at
    elif isinstance(part, Call):
        for target in _called(summaries, name, part):
            callee = summaries.program.units[target.path].functions[target.function]
            given = {**dict(zip(callee.bound(), part.arguments, strict=False)), **dict(part.keywords)}
            handed = {f"{parameter}!" for parameter, flow in given.items() if source in flow}
            summaries.passed.add(target)
            for one in summaries.of(target).values():
                if one.exception == _MISSING and one.origin.what == ITEM and one.condition and one.condition <= handed:
                    yield one.origin.name, one.origin.at


def _called(summaries: Summaries, name: Name, call: Call) -> Iterator[Name]:
    """The functions of the program that a call runs."""
    unit = summaries.program.units[name.path]
    for meaning in options_of(summaries.names.resolve(unit, unit.functions[name.function], call.callee)):
        target = summaries.names.method(meaning, "__init__") if isinstance(meaning, ProjectClass) else meaning
        if isinstance(target, ProjectFunction):
            callee = summaries.program.units[target.name.path].functions.get(target.name.function)
            if callee is not None and (call.awaited or not callee.is_async):
                yield target.name
