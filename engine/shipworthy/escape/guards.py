"""Handlers that apply to a whole program: what a framework or the interpreter does with lost errors."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from shipworthy.escape import catalogue, ir
from shipworthy.escape.boundaries import COMMANDS, Boundary
from shipworthy.escape.catching import Types, handlers_around
from shipworthy.escape.ir import Call, Function, Operation
from shipworthy.escape.meanings import Instance, ProjectFunction
from shipworthy.escape.program import Unit
from shipworthy.escape.registrations import Kind
from shipworthy.escape.report import Reached
from shipworthy.escape.summaries import Summaries

_HANDLERS = frozenset({"errorhandler", "app_errorhandler", "exception_handler", "exception"})
_REGISTRATIONS = frozenset({"add_exception_handler", "register_error_handler"})
_EVENT_HANDLERS = frozenset(
    {"on_error", "on_command_error", "on_app_command_error", "cog_command_error", "error_handler"}
)
_EVENT_DECORATORS = frozenset({"error", "errors"})
_ADDS = "add_error_handler"
_MARKS: dict[str, frozenset[Kind]] = {
    "sys.excepthook": frozenset({Kind.COMMAND, Kind.SCRIPT, Kind.CALLBACK}),
    "report_callback_exception": frozenset({Kind.CALLBACK}),
    "threading.excepthook": frozenset({Kind.THREAD}),
    "EXCEPTION_HANDLER": frozenset({Kind.VIEW}),
}


@dataclass(frozen=True)
class Guard:
    """What one file contributes: kinds of boundaries that it guards against everything, and kinds with
    types of exceptions by canonical name with their bases ("" for what cannot be named).
    """

    kinds: frozenset[Kind] = frozenset()
    types: frozenset[tuple[Kind, str, tuple[str, ...]]] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.kinds or self.types)

    def knows(self, kind: Kind) -> bool:
        """Whether some error at boundaries of a kind is handled."""
        return kind in self.kinds or any(kind is one for one, _, _ in self.types)

    def handles(self, summaries: Summaries, boundary: Boundary, escape: Reached) -> bool:
        """Whether an error that reaches this boundary is handled behind it."""
        return boundary.kind in self.kinds or any(
            kind is boundary.kind and summaries.catching.is_named(escape.exceptions[0], (), name, bases)
            for kind, name, bases in self.types
        )


def guard_of(summaries: Summaries, unit: Unit, functions: Iterable[str] | None = None) -> Guard:
    """The global handlers that a unit sets up, or those of some of its functions."""
    kinds = {kind for mark, guarded in _MARKS.items() if mark in unit.marks for kind in guarded}
    types: set[tuple[Kind, str, tuple[str, ...]]] = set()

    def guard(kind: Kind, function: Function, paths: Iterable[str], within: Unit = unit) -> None:
        types.update((kind, *summaries.names.exception(within, function, path)) for path in paths)

    def guard_events(handler: Function | None, within: Unit = unit) -> None:
        if handler is None or handler.spares is None:
            kinds.add(Kind.EVENT)
        else:
            guard(Kind.EVENT, handler, handler.spares, within)

    for within, handler in _added(summaries, unit):
        guard_events(handler, within)
    for full_name in functions if functions is not None else unit.functions:
        function = unit.functions[full_name]
        name = full_name.rpartition(".")[2]
        for decorator in function.decorators:
            last = decorator.path.rpartition(".")[2]
            if last in _HANDLERS and "." in decorator.path and function.spares != ():
                guard(Kind.VIEW, function, decorator.names or ("Exception",))
            if last in _EVENT_DECORATORS and "." in decorator.path:
                guard_events(function)
            if last in {"middleware", "route_middleware"} and _guards_its_call(function):
                kinds.add(Kind.VIEW)
        if (name == "process_exception" and function.spares is None) or (
            name in {"dispatch", "__call__"} and function.owner and _guards_its_call(function)
        ):
            kinds.add(Kind.VIEW)
        for caught in _around_commands(summaries, unit, function):
            guard(Kind.COMMAND, function, caught if caught is not None else ("Exception",))
        if name in _EVENT_HANDLERS:
            guard_events(function)
        for call in _registrations(function.body):
            guard(
                Kind.VIEW,
                function,
                (path for place, path in call.paths if place in {"0", "exc_class_or_status_code"}),
            )
    return Guard(frozenset(kinds), frozenset(types))


def _added(summaries: Summaries, unit: Unit) -> Iterator[tuple[Unit, Function | None]]:
    """The handlers that a unit adds by a call, each with its unit, None for one that cannot be told."""
    if _ADDS not in unit.marks:
        return
    calls = [(one, call) for one in unit.functions.values() for call in ir.within(one.body) if isinstance(call, Call)]
    adding = [(one, dict(call.paths)) for one, call in calls if call.callee.rpartition(".")[2] == _ADDS]
    for function, paths in adding:
        path = paths.get("0") or paths.get("callback", "")
        meaning = summaries.names.resolve(unit, function, path) if path else None
        if isinstance(meaning, ProjectFunction):
            within = summaries.program.units[meaning.name.path]
            yield within, within.functions[meaning.name.function]
        else:
            yield unit, None
    if not adding:
        yield unit, None


def _around_commands(summaries: Summaries, unit: Unit, function: Function) -> Collection[Types]:
    """The types that a function handles around whatever command was asked for; None stands for everything."""
    return handlers_around(function.body, lambda one: _runs_commands(summaries, unit, function, one))


def _runs_commands(summaries: Summaries, unit: Unit, function: Function, one: Operation) -> bool:
    """Whether an operation runs whichever command was asked for: what `set_defaults(func=...)` chose, or a group of
    click or typer, be it in what a class of groups does for them all.
    """
    if not isinstance(one, Call):
        return False
    if one.callee in _OF_ALL and any(_OF_CLICK.search(base) for base in unit.bases.get(function.owner, ())):
        return True
    if one.callee.rpartition(".")[2] in _CHOSEN:
        return True
    meaning = summaries.names.resolve(unit, function, one.callee.removesuffix(".main").removesuffix(".invoke"))
    if isinstance(meaning, Instance):
        return meaning.type in GROUPS
    if not isinstance(meaning, ProjectFunction):
        return False
    called = summaries.program.units[meaning.name.path].functions[meaning.name.function]
    return any(decorator.path.rpartition(".")[2] in COMMANDS for decorator in called.decorators)


def _guards_its_call(function: Function) -> bool:
    """Whether a middleware catches whatever the call of the next handler raises."""
    around = handlers_around(function.body, _calls_next)
    return any(types is None or not _EVERYTHING.isdisjoint(map(catalogue.canonical, types)) for types in around)


def _calls_next(operation: Operation) -> bool:
    return isinstance(operation, Call) and (
        operation.callee.startswith("parameter:") or operation.callee.endswith("get_response")
    )


GROUPS = frozenset({"click.Group", "typer.Typer"})
"""Types of what runs the commands of a program when it is called."""

_OF_ALL = frozenset({"super().invoke", "super().main", "super().__call__"})
_OF_CLICK = re.compile(r"(?:Group|MultiCommand|Command)\Z")
"""What classes are called that make groups of commands their own way."""

_CHOSEN = frozenset({"cmd", "command_func", "fn", "func", "handler", "run_command"})
"""What the function is called that a command has chosen, or what runs it."""

_EVERYTHING = frozenset({"Exception", "BaseException"})


def _registrations(operations: tuple[Operation, ...]) -> Iterator[Call]:
    calls = (one for one in ir.within(operations) if isinstance(one, Call))
    return (call for call in calls if call.callee.rpartition(".")[2] in _REGISTRATIONS)
