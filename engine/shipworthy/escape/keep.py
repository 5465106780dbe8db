"""Units as JSON and back, for the store on disk: a file that has not changed is not read again.

Written by hand for speed: a project has hundreds of thousands of operations.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from shipworthy.escape.ir import (
    Branch,
    Call,
    Decorator,
    Function,
    Handler,
    Item,
    Loop,
    Operation,
    Parameter,
    Raise,
    Try,
    Use,
    With,
    Yield,
)
from shipworthy.escape.program import Unit
from shipworthy.facts.model import Import
from shipworthy.model import Span


def dump(unit: Unit) -> str:
    """The JSON text of a unit."""
    functions = [[name, *_function(function)] for name, function in unit.functions.items()]
    imports = [[one.name, one.module, one.member, one.nested] for one in unit.imports.values()]
    parts = [
        unit.path,
        functions,
        dict(unit.blocks),
        imports,
        dict(unit.variables),
        dict(unit.attributes),
        {name: list(bases) for name, bases in unit.bases.items()},
        sorted(unit.marks),
    ]
    return json.dumps(parts, separators=(",", ":"))


def load(text: str) -> Unit:
    """The unit that `dump` wrote. Raises ValueError for anything else."""
    try:
        path, functions, blocks, imports, variables, attributes, bases, marks = json.loads(text)
        return Unit(
            path,
            {name: _load_function(rest) for name, *rest in functions},
            blocks,
            {name: Import(name, module, member, nested) for name, module, member, nested in imports},
            variables,
            attributes,
            {name: tuple(found) for name, found in bases.items()},
            frozenset(marks),
        )
    except (TypeError, KeyError, IndexError, AttributeError) as error:
        raise ValueError("not a unit") from error


def _function(function: Function) -> list[Any]:
    return [
        function.name,
        _span(function.at),
        function.owner,
        [list(parameter) for parameter in function.parameters],
        [list(decorator) for decorator in function.decorators],
        function.is_async,
        _body(function.body),
        list(function.returns),
        function.declared,
        _flow(function.returned),
        function.spares,
        function.refuses,
        function.may_give_none,
        function.finds,
        function.demands,
    ]


def _load_function(data: list[Any]) -> Function:
    name, at, owner, parameters, decorators, is_async, body, returns, declared, returned, *rest = data
    spares, refuses, may_give_none, finds, demands = rest
    return Function(
        name,
        Span(*at),
        owner,
        tuple(Parameter(*parameter) for parameter in parameters),
        tuple(
            Decorator(path, argument, tuple((key, text) for key, text in options), tuple(names))
            for path, argument, options, names in decorators
        ),
        is_async,
        _load_body(body),
        tuple(returns),
        declared,
        frozenset(returned),
        None if spares is None else tuple(spares),
        refuses,
        may_give_none,
        finds,
        tuple(demands),
    )


def _span(span: Span) -> list[int]:
    return [span.start, span.end]


def _body(operations: tuple[Operation, ...]) -> list[Any]:
    return [_DUMP[type(one)](one) for one in operations]


def _load_body(data: list[Any]) -> tuple[Operation, ...]:
    return tuple([_LOAD[kind](rest) for kind, *rest in data])


def _flow(flow: frozenset[str]) -> list[str]:
    return sorted(flow)


def _dump_call(one: Call) -> list[Any]:
    return [
        "c",
        *_span(one.at),
        one.callee,
        [*map(_flow, one.arguments)],
        [[name, _flow(flow)] for name, flow in one.keywords],
        _flow(one.receiver),
        sorted(one.names),
        one.constants,
        one.paths,
        _flow(one.guarded),
        one.awaited,
        one.dropped,
    ]


def _load_call(data: list[Any]) -> Call:
    start, end, callee, arguments, keywords, receiver, names, constants, paths, guarded, awaited, dropped = data
    return Call(
        Span(start, end),
        callee,
        tuple(map(frozenset, arguments)),
        tuple([(name, frozenset(flow)) for name, flow in keywords]),
        frozenset(receiver),
        frozenset(names),
        tuple([(place, text) for place, text in constants]),
        tuple([(place, path) for place, path in paths]),
        frozenset(guarded),
        awaited,
        dropped,
    )


def _dump_item(one: Item) -> list[Any]:
    flow, names = _flow(one.container), sorted(one.names)
    return ["i", *_span(one.at), flow, one.source, names, one.guarded, one.exception, one.chosen]


def _load_item(data: list[Any]) -> Item:
    start, end, container, source, names, guarded, exception, chosen = data
    return Item(Span(start, end), frozenset(container), source, frozenset(names), guarded, exception, chosen)


def _dump_use(one: Use) -> list[Any]:
    return ["u", _dump_call(one.call)[1:], _flow(one.keys), one.exception, one.asks]


def _load_use(data: list[Any]) -> Use:
    call, keys, exception, asks = data
    return Use(_load_call(call), frozenset(keys), exception, asks)


def _dump_try(one: Try) -> list[Any]:
    handlers = [[it.types, it.name, _body(it.body), _place(it), it.tells] for it in one.handlers]
    return ["t", _body(one.body), handlers, _body(one.otherwise), _body(one.finally_)]


def _place(handler: Handler) -> list[int] | None:
    return None if handler.hollow is None else _span(handler.hollow)


def _load_try(data: list[Any]) -> Try:
    body, handlers, otherwise, finally_ = data
    loaded = tuple(
        Handler(
            tuple(types) if types is not None else None,
            name,
            _load_body(inner),
            None if place is None else Span(*place),
            tells,
        )
        for types, name, inner, place, tells in handlers
    )
    return Try(_load_body(body), loaded, _load_body(otherwise), _load_body(finally_))


def _dump_loop(one: Loop) -> list[Any]:
    return ["l", *_span(one.at), one.source, sorted(one.targets), one.is_async, one.forever, _body(one.body), one.seeks]


def _load_loop(data: list[Any]) -> Loop:
    start, end, source, targets, is_async, forever, body, seeks = data
    return Loop(Span(start, end), source, frozenset(targets), is_async, forever, _load_body(body), seeks)


_DUMP: dict[type, Callable[[Any], list[Any]]] = {
    Call: _dump_call,
    Item: _dump_item,
    Use: _dump_use,
    Try: _dump_try,
    Loop: _dump_loop,
    Branch: lambda one: ["g", one.needs, _body(one.body)],
    With: lambda one: ["w", one.managers, one.types, _body(one.body)],
    Raise: lambda one: ["r", *_span(one.at), one.exception, one.conditional],
    Yield: lambda one: ["y", *_span(one.at)],
}
_LOAD: dict[str, Callable[[list[Any]], Operation]] = {
    "c": _load_call,
    "i": _load_item,
    "u": _load_use,
    "t": _load_try,
    "l": _load_loop,
    "g": lambda data: Branch(data[0], _load_body(data[1])),
    "w": lambda data: With(tuple(data[0]), tuple(data[1]), _load_body(data[2])),
    "r": lambda data: Raise(Span(data[0], data[1]), data[2], data[3]),
    "y": lambda data: Yield(Span(data[0], data[1])),
}
