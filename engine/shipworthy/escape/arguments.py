"""What parameters without an annotation hold, as far as the calls of their functions agree on it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from shipworthy.escape.ir import Call, Function, within
from shipworthy.escape.names import Meaning, Module, Names, Parameter, ProjectClass, ProjectFunction
from shipworthy.escape.program import Name, Program, Unit

_ROUNDS = 4
"""So many calls deep a value is followed from hand to hand."""


class _Handed(NamedTuple):
    """One argument of one call."""

    parameter: Parameter
    held: Meaning


class Arguments:
    """Tells `names` what parameters hold."""

    def __init__(self, program: Program, names: Names) -> None:
        self._program, self._names = program, names
        self._handed: dict[str, frozenset[_Handed]] = {}
        self._open: frozenset[str] = frozenset()

    def settle(self) -> None:
        """Read all calls, until what the parameters hold says nothing new of what is handed on."""
        units = self._program.units
        self._open = frozenset(
            name.rpartition(".")[2] for unit in units.values() for name in _with_open_parameters(unit)
        )
        calls = {path: self._calls(unit) for path, unit in units.items()}
        self._names.held = {}
        for _ in range(_ROUNDS):
            self._names.forget()
            self._handed = {path: self._handed_by(units[path], some) for path, some in calls.items()}
            agreed = self._agreed()
            if agreed == self._names.held:
                return
            self._names.held = agreed
        self._names.forget()

    def follow(self, path: str) -> bool:
        """The functions of a file have changed; whether their calls hand over what they did before."""
        unit = self._program.units.get(path)
        before = self._handed.get(path, frozenset())
        self._handed[path] = self._handed_by(unit, self._calls(unit)) if unit is not None else frozenset()
        return before == self._handed[path]

    def _agreed(self) -> dict[Parameter, Meaning]:
        found: dict[Parameter, set[Meaning]] = {}
        for handed in self._handed.values():
            for one in handed:
                found.setdefault(one.parameter, set()).add(one.held)
        return {parameter: next(iter(held)) for parameter, held in found.items() if len(held) == 1}

    def _calls(self, unit: Unit) -> list[tuple[Function, Call]]:
        """The calls that may hand something to a parameter that is open."""
        return [
            (function, call)
            for function in unit.functions.values()
            for call in within(function.body)
            if isinstance(call, Call) and call.paths and call.callee.rpartition(".")[2] in self._open
        ]

    def _handed_by(self, unit: Unit, calls: Iterable[tuple[Function, Call]]) -> frozenset[_Handed]:
        return frozenset(one for function, call in calls for one in self._by(unit, function, call))

    def _by(self, unit: Unit, function: Function, call: Call) -> Iterator[_Handed]:
        target = self._target(self._names.resolve(unit, function, call.callee))
        if target is not None:
            yield from self._of(unit, function, call, target)

    def _target(self, meaning: Meaning) -> Name | None:
        if isinstance(meaning, ProjectClass):
            meaning = self._names.method(meaning, "__init__")
        return meaning.name if isinstance(meaning, ProjectFunction) else None

    def _of(self, unit: Unit, function: Function, call: Call, target: Name) -> Iterator[_Handed]:
        callee = self._program.units[target.path].functions[target.function]
        bound = callee.bound()
        for place, path in call.paths:
            name = place if not place.isdigit() else bound[int(place)] if int(place) < len(bound) else ""
            held = self._names.resolve(unit, function, path)
            if name and held is not None and not isinstance(held, Module):
                yield _Handed(Parameter(target, name), held)


def _with_open_parameters(unit: Unit) -> Iterator[str]:
    """The functions with parameters of which nothing is said, by the name that they are called by."""
    for name, function in unit.functions.items():
        if any(not one.annotation for one in function.parameters[bool(function.owner) :]):
            yield function.owner if name.endswith(".__init__") else name
