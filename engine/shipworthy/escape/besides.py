"""Which other calls in a function lead to the same error: a handler is missing around each of them."""

from __future__ import annotations

import functools
import operator
from collections.abc import Iterator

from shipworthy.escape.boundaries import calls_in
from shipworthy.escape.catching import handlers_around
from shipworthy.escape.escaping import Key
from shipworthy.escape.ir import Call
from shipworthy.escape.meanings import ProjectClass, ProjectFunction, options_of
from shipworthy.escape.program import Name
from shipworthy.escape.summaries import Summaries
from shipworthy.model import Span


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


def _called(summaries: Summaries, name: Name, call: Call) -> Iterator[Name]:
    """The functions of the program that a call runs."""
    unit = summaries.program.units[name.path]
    for meaning in options_of(summaries.names.resolve(unit, unit.functions[name.function], call.callee)):
        target = summaries.names.method(meaning, "__init__") if isinstance(meaning, ProjectClass) else meaning
        if isinstance(target, ProjectFunction):
            callee = summaries.program.units[target.name.path].functions.get(target.name.function)
            if callee is not None and (call.awaited or not callee.is_async):
                yield target.name
