"""What parameters without an annotation hold, as far as the calls of their functions agree on it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from shipworthy.escape.ir import Call, Function, within
from shipworthy.escape.names import Meaning, Module, Names, Parameter, ProjectClass, ProjectFunction
from shipworthy.escape.program import ByFunction, Name, Program, Unit

_ROUNDS = 4
"""So many calls deep a value is followed from hand to hand."""


class Handed(NamedTuple):
    """One argument of one call. `kind`: the class of what it holds, for tuples of two classes may be equal."""

    parameter: Parameter
    kind: str
    held: Meaning


class Arguments:
    """Tells `names` what parameters hold.

    `open`: the last names of functions with parameters of which nothing is said; `handed`: what the calls
    in each function hand over.
    """

    def __init__(self, program: Program, names: Names) -> None:
        self._program, self._names = program, names
        self.open: frozenset[str] = frozenset()
        self.handed: ByFunction[frozenset[Handed]] = ByFunction()

    def settle(self) -> None:
        """Read all calls, until what the parameters hold says nothing new of what is handed on."""
        units = self._program.units
        self.open = frozenset(
            name.rpartition(".")[2] for unit in units.values() for name in _with_open_parameters(unit)
        )
        calls = [(unit, name, some) for unit in units.values() for name, some in self._calls(unit)]
        self._names.held = {}
        for _ in range(_ROUNDS):
            self._names.forget()
            self.handed.clear()
            for unit, name, some in calls:
                if handed := self._handed_by(unit, name, some):
                    self.handed.of_file(unit.path)[name] = handed
            agreed = self._agreed()
            if agreed == self._names.held:
                return
            self._names.held = agreed
        self._names.forget()

    def follow(self, path: str) -> bool:
        """The functions of a file have changed; whether their calls hand over what they did before."""
        handed = self.handed.of_file(path)
        before = {**handed}
        handed.clear()
        unit = self._program.units.get(path)
        if unit is not None:
            for name, some in self._calls(unit):
                if found := self._handed_by(unit, name, some):
                    handed[name] = found
        return before == handed

    def _agreed(self) -> dict[Parameter, Meaning]:
        found: dict[Parameter, set[tuple[str, Meaning]]] = {}
        for path in self._program.units:
            for handed in self.handed.of_file(path).values():
                for one in handed:
                    found.setdefault(one.parameter, set()).add((one.kind, one.held))
        return {parameter: next(iter(held))[1] for parameter, held in found.items() if len(held) == 1}

    def _calls(self, unit: Unit) -> Iterator[tuple[str, list[Call]]]:
        """The calls that may hand something to a parameter that is open, by the name of the function they are in."""
        for name, function in unit.functions.items():
            found = [
                call
                for call in within(function.body)
                if isinstance(call, Call) and call.paths and call.callee.rpartition(".")[2] in self.open
            ]
            if found:
                yield name, found

    def _handed_by(self, unit: Unit, name: str, calls: Iterable[Call]) -> frozenset[Handed]:
        return frozenset(one for call in calls for one in self._by(unit, unit.functions[name], call))

    def _by(self, unit: Unit, function: Function, call: Call) -> Iterator[Handed]:
        target = self._target(self._names.resolve(unit, function, call.callee))
        if target is not None:
            yield from self._of(unit, function, call, target)

    def _target(self, meaning: Meaning) -> Name | None:
        if isinstance(meaning, ProjectClass):
            meaning = self._names.method(meaning, "__init__")
        return meaning.name if isinstance(meaning, ProjectFunction) else None

    def _of(self, unit: Unit, function: Function, call: Call, target: Name) -> Iterator[Handed]:
        callee = self._program.units[target.path].functions[target.function]
        bound = callee.bound()
        for place, path in call.paths:
            name = place if not place.isdigit() else bound[int(place)] if int(place) < len(bound) else ""
            held = self._names.resolve(unit, function, path)
            if name and held is not None and not isinstance(held, Module):
                yield Handed(Parameter(target, name), type(held).__name__, held)


def _with_open_parameters(unit: Unit) -> Iterator[str]:
    """The functions with parameters of which nothing is said, by the name that they are called by."""
    for name, function in unit.functions.items():
        if any(not one.annotation for one in function.parameters[bool(function.owner) :]):
            yield function.owner if name.endswith(".__init__") else name
