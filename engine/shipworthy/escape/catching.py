"""Who deals with an error: handlers, context managers, decorators."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeAlias

from shipworthy.escape import catalogue
from shipworthy.escape.ir import (
    PARAMETER,
    Branch,
    Call,
    Decorator,
    Function,
    Handler,
    Loop,
    Operation,
    Path,
    Raise,
    Try,
    With,
    Yield,
)
from shipworthy.escape.meanings import External, ProjectClass, ProjectFunction, ProjectObject
from shipworthy.escape.names import Names
from shipworthy.escape.program import Name, Program, Unit
from shipworthy.escape.words import HANDLING_MEMBERS, HANDLING_NAME, LEAVING

Types: TypeAlias = "tuple[Path, ...] | None"
"""The types that a handler names; None stands for everything."""


class Catching:
    """Answers what is caught, given what names stand for."""

    def __init__(self, program: Program, names: Names) -> None:
        self._program, self._names = program, names

    def decorated(self, unit: Unit, function: Function) -> list[Types]:
        """What the decorators of a function catch: types each, or None for everything."""
        caught: list[Types] = []
        for decorator in function.decorators:
            meaning = self._names.resolve(unit, function, decorator.path)
            if isinstance(meaning, ProjectFunction):
                caught.extend(self._caught_around_parameter(meaning.name))
            elif meaning is not None and not isinstance(meaning, External):
                continue
            elif _handles(decorator) or self._is_of_handling_class(unit, function, decorator):
                caught.append(None)
        return caught

    def _is_of_handling_class(self, unit: Unit, function: Function, decorator: Decorator) -> bool:
        """Whether a task is made of a class that says what becomes of failures: `@app.task(base=Retrying)`."""
        base = self._names.resolve(unit, function, dict(decorator.options).get("base", ""))
        if not isinstance(base, ProjectClass):
            return False
        above = self._names.bases(self._program.units[base.path], base.name)
        classes = [one for one in (base, *above) if isinstance(one, ProjectClass)]
        return any(self._names.holds(one, member) for one in classes for member in HANDLING_MEMBERS)

    def managed(self, unit: Unit, function: Function, manager: Path) -> list[tuple[Name, Types]]:
        """What a context manager catches, each with the function whose words these are."""
        here = Name(unit.path, function.name)
        meaning = self._names.resolve(unit, function, manager.removesuffix("()"))
        if isinstance(meaning, ProjectFunction):
            around = handlers_around(self._names.body(meaning.name), lambda one: isinstance(one, Yield))
            return [(meaning.name, types) for types in around]
        if isinstance(meaning, ProjectClass | ProjectObject):
            leave = next(filter(None, (self._names.method(meaning, name) for name in LEAVING)), None)
            if not isinstance(leave, ProjectFunction):
                return []
            leaving = self._program.units[leave.name.path].functions[leave.name.function]
            return [(leave.name, leaving.spares)] if leaving.spares is not None or "True" in leaving.returns else []
        if meaning is None or isinstance(meaning, External):
            return [(here, None)] if HANDLING_NAME.search(manager.removesuffix("()").rpartition(".")[2]) else []
        return []

    def _caught_around_parameter(self, decorator: Name) -> list[Types]:
        functions = self._program.units[decorator.path].functions
        inner = [Name(decorator.path, name) for name in functions if name.startswith(f"{decorator.function}.")]
        return [
            types for name in (decorator, *inner) for types in handlers_around(self._names.body(name), _calls_parameter)
        ]

    def is_caught(self, unit: Unit, function: Function, exception: str, bases: tuple[str, ...], types: Types) -> bool:
        """Whether a handler of these types deals with an exception.

        Naming a parent, a child or a sibling of the same library counts: somebody thought about it.
        """
        if types is None:
            return True
        named = (self._names.exception(unit, function, path) for path in types)
        return any(self.is_named(exception, bases, name, its_bases) for name, its_bases in named)

    def is_named(self, exception: str, own_bases: tuple[str, ...], name: str, bases: tuple[str, ...]) -> bool:
        """Whether a handler for `name` is there for an exception: itself, a relative or a sibling."""
        if not name or _is_generic(name):
            return True
        if name in catalogue.ancestors(exception, {exception: own_bases} if own_bases else None):
            return True
        if exception in catalogue.ancestors(name, {name: bases} if bases else None):
            return exception not in _OF_ALL_KINDS or name not in _OF_ONE_KIND
        return "." in name and ":" not in name and name.split(".")[0] == exception.split(".")[0]


_OF_ALL_KINDS = frozenset({"ValueError"})
"""What is raised for values of all kinds: whoever thinks of one kind has not thought of the others."""
_OF_ONE_KIND = frozenset(
    {"json.JSONDecodeError", "UnicodeDecodeError", "UnicodeEncodeError", "UnicodeError", "binascii.Error"}
)
"""Its children that tell of one thing."""


def around_others(function: Function) -> list[Types]:
    """What a function handles around what it calls for others: as a context manager, or as a decorator."""
    return handlers_around(function.body, lambda one: isinstance(one, Yield) or _calls_parameter(one))


def _calls_parameter(one: Operation) -> bool:
    return isinstance(one, Call) and one.callee.startswith(PARAMETER)


def _handles(decorator: Decorator) -> bool:
    """Whether a decorator that nobody knows says by its name or its options that it handles failures."""
    options = (option for option, _ in decorator.options)
    named = HANDLING_NAME.search(decorator.path.rpartition(".")[2])
    return bool(named) or any(option in {"autoretry_for", "retry_on", "**"} for option in options)


def passes_on(handler: Handler) -> bool:
    """Whether a handler ends by raising what it caught once more, whatever the case."""
    raised = (one for one in handler.body if isinstance(one, Raise) and not one.conditional)
    return any(not one.exception or one.exception.startswith("error:") for one in raised)


def _is_generic(name: str) -> bool:
    """Names that cannot be told from a base class of everything: drivers' `Error` held in variables."""
    last = name.rpartition(".")[2].rpartition(":")[2]
    return not last[:1].isupper() and last not in {"error", "herror", "gaierror", "timeout"}


def handlers_around(
    operations: Iterable[Operation],
    wanted: Callable[[Operation], bool],
    around: tuple[Types, ...] = (),
) -> list[Types]:
    """The types of all handlers around the operations that `wanted` picks; None stands for everything."""
    found: list[Types] = []
    for one in operations:
        if around and wanted(one):
            found.extend(around)
        elif isinstance(one, Try):
            inner = tuple(handler.types for handler in one.handlers if not passes_on(handler))
            found.extend(handlers_around(one.body, wanted, (*around, *inner)))
        elif isinstance(one, Loop | With | Branch):
            found.extend(handlers_around(one.body, wanted, around))
    return found
