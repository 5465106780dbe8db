"""What parameters without an annotation hold, as far as the calls of their functions agree on it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from typing import NamedTuple

from shipworthy.escape.containers import parted
from shipworthy.escape.ir import Call, Function, Path, within
from shipworthy.escape.meanings import (
    Choice,
    Container,
    Meaning,
    Module,
    Parameter,
    ProjectClass,
    ProjectFunction,
    options_of,
)
from shipworthy.escape.names import Names
from shipworthy.escape.program import ByFunction, Name, Program, Unit
from shipworthy.escape.resting import Resting, Symbol

_ROUNDS = 4
"""So many calls deep a value is followed from hand to hand."""


_HANDING: Mapping[str, int] = {
    **dict.fromkeys(
        """
        submit do to_thread call_soon call_soon_threadsafe enqueue add_task add_callback start_background_task
        start_new_thread partial add_job BackgroundTask run_sync spawn
        """.split(),  # noqa: SIM905
        0,
    ),
    **dict.fromkeys(["run_in_executor", "call_later", "call_at", "enqueue_in", "Thread", "Process", "Timer"], 1),
}
"""Calls, by their last names, that hand a function to somebody who will call it, with the arguments that stand behind
it, or in `args`: at which place the function stands."""
_BY_ARGS = frozenset({"Thread", "Process", "Timer", "add_job"})
"""Those of them whose other arguments are for themselves."""
_NAMED = ("target", "func", "function")
"""The keywords for that function."""


class Handed(NamedTuple):
    """One argument of one call. `kind`: the class of what it holds, for tuples of two classes may be equal."""

    parameter: Parameter
    kind: str
    held: Meaning


@dataclass
class _Round:
    """What the calls hand over, by function, if parameters hold what `names` has of the round before.

    `counts`: how often each is handed over, by parameter; made when somebody asks.
    """

    names: Names
    handed: ByFunction[frozenset[Handed]]
    counts: dict[Parameter, Counter[Handed]] | None = None

    def count(self, paths: Iterable[str]) -> None:
        """Count what is handed over in these files, if that was not done yet."""
        if self.counts is not None:
            return
        self.counts = {}
        for path in paths:
            for handed in self.handed.of_file(path).values():
                for one in handed:
                    self.counts.setdefault(one.parameter, Counter())[one] += 1

    def recount(self, name: Name, now: frozenset[Handed]) -> set[Parameter]:
        """A function hands over this now. The parameters of which the calls agree on something else than before."""
        before = self.of(name)
        self.handed.of_file(name.path)[name.function] = now
        agreed = {one.parameter: self.agreed(one.parameter) for one in before ^ now}
        counts = self.counts if self.counts is not None else {}
        for one in now - before:
            counts.setdefault(one.parameter, Counter())[one] += 1
        for one in before - now:
            counts[one.parameter][one] -= 1
            if not counts[one.parameter][one]:
                del counts[one.parameter][one]
        return {parameter for parameter, held in agreed.items() if self.agreed(parameter) != held}

    def of(self, name: Name) -> frozenset[Handed]:
        """What a function hands over."""
        return self.handed.of_file(name.path).get(name.function, _NOTHING)

    def agreed(self, parameter: Parameter) -> Handed | None:
        """What all calls hand over to a parameter; None if they do not agree."""
        found = self.counts.get(parameter) if self.counts is not None else None
        return next(iter(found)) if found is not None and len(found) == 1 else None


class Arguments:
    """Tells `names` what parameters hold.

    `open`: the last names of functions with parameters of which nothing is said; `handed`: what the calls
    in each function hand over.
    """

    def __init__(self, program: Program, names: Names) -> None:
        self._program, self._names = program, names
        self.open: frozenset[str] = frozenset()
        self.handed: ByFunction[frozenset[Handed]] = ByFunction()
        self._rounds: list[_Round] = []
        self._rests: Resting[Name] = Resting()
        self._open_in: dict[str, frozenset[str]] = {}
        self._calling: Resting[Name] = Resting()

    def settle(self) -> None:
        """Read all calls, until what the parameters hold says nothing new of what is handed on.

        Most calls hand over the same in each round: they are read in the first one alone.
        """
        units = self._program.units
        self._open_in = {path: _open_in(unit) for path, unit in units.items()}
        self.open = frozenset[str]().union(*self._open_in.values())
        calls = [(unit, name, some) for unit in units.values() for name, some in self._calls(unit)]
        names, handed = Names(self._program, notes=self._names.notes), dict[Name, frozenset[Handed]]()
        self._rounds = []
        self._rests = Resting()
        for _ in range(_ROUNDS):
            resting: list[tuple[Unit, str, list[Call]]] = []
            for one in calls:
                names.asks_held = False
                handed[Name(one[0].path, one[1])] = self._handed(names, *one)
                if names.asks_held:
                    resting.append(one)
            calls = resting
            self._rounds.append(_Round(names, _by_file(handed)))
            agreed = _agreed(handed.values())
            if agreed == names.held:
                break
            names = names.holding(agreed)
        self.handed = self._rounds[-1].handed
        self._names.take(names)

    def follow(self, path: str, functions: Iterable[str], symbols: Set[Symbol]) -> frozenset[Parameter] | None:
        """Some functions of a file have changed, and symbols stand for something else. The parameters that hold
        something else now; None if only `settle` tells.
        """
        edited = {Name(path, name) for name in functions}
        if not self._rounds:
            found = _Round(self._names, self.handed)
            return None if any(self._read(self._names, one, {}) != found.of(one) for one in edited) else frozenset()
        edited |= self._opened(path)
        changed: frozenset[Parameter] = frozenset()
        plain: dict[Name, frozenset[Handed]] = {}
        for found, after in zip(self._rounds, [*(one.names for one in self._rounds[1:]), self._names], strict=True):
            found.count(self._program.units)
            again = edited | self._rests.on(found.names.forget(symbols | changed))
            others = {one for name in again for one in found.recount(name, self._read(found.names, name, plain))}
            if others and not self._names.notes:
                return None
            now = {parameter: found.agreed(parameter) for parameter in others | changed}
            held = {parameter: one.held if one is not None else None for parameter, one in now.items()}
            if after.held is found.names.held:  # the last round, that found what it began with
                return changed if all(after.held.get(one) == meaning for one, meaning in held.items()) else None
            after.hold(held)
            changed = frozenset(others)
        return changed

    def _read(self, names: Names, name: Name, plain: dict[Name, frozenset[Handed]]) -> frozenset[Handed]:
        """What a function hands over, if it is there. `plain`: what is known not to rest on what parameters hold."""
        if name not in plain:
            unit = self._program.units.get(name.path)
            calls = dict(self._calls(unit, [name.function])) if unit is not None else {}
            names.asks_held = False
            found = self._handed(names, unit, name.function, calls[name.function]) if unit and calls else _NOTHING
            if names.asks_held:
                return found
            plain[name] = found
        return plain[name]

    def _handed(self, names: Names, unit: Unit, name: str, calls: Iterable[Call]) -> frozenset[Handed]:
        """What some calls of a function hand over; what that rests on is noted for all rounds in one."""
        found, rests = names.during(lambda: _handed_by(self._program, names, unit, name, calls))
        if rests:
            here = Name(unit.path, name)
            self._rests.add(here, rests)
        return found

    def _opened(self, path: str) -> set[Name]:
        """The functions whose calls have to be read again, for a function of a file has come or gone that they may
        call, with parameters of which nothing is said.
        """
        unit = self._program.units[path]
        now = _open_in(unit)
        if now == self._open_in.get(path):
            return set()
        self._open_in[path] = now
        before, self.open = self.open, frozenset[str]().union(*self._open_in.values())
        return self._calling.on(before ^ self.open)

    def every_names(self) -> list[Names]:
        """What paths stood for in each round; as far as that is known, for an analysis may have been resumed."""
        return [one.names for one in self._rounds] or [self._names]

    def _calls(self, unit: Unit, functions: Iterable[str] | None = None) -> Iterator[tuple[str, list[Call]]]:
        """The calls that may hand something to a parameter that is open, by the name of the function they are in."""
        for name in unit.functions if functions is None else filter(unit.functions.__contains__, functions):
            calls = [one for one in within(unit.functions[name].body) if isinstance(one, Call) and one.paths]
            if self._names.notes:
                self._calling.note(Name(unit.path, name), frozenset(one.callee.rpartition(".")[2] for one in calls))
            found = [call for call in calls if self._may_hand(call.callee)]
            if found:
                yield name, found

    def _may_hand(self, callee: Path) -> bool:
        """Whether what is called may be a function with open parameters, by its name or out of a table, or may be
        handed one.
        """
        last = callee.rpartition(".")[2]
        return last in self.open or last in _HANDING or callee.endswith(("[]", ".get()"))


_NOTHING: frozenset[Handed] = frozenset()


def _agreed(found: Iterable[frozenset[Handed]]) -> dict[Parameter, Meaning]:
    """What parameters hold, where all calls agree."""
    by_parameter: dict[Parameter, set[Handed]] = {}
    for handed in found:
        for one in handed:
            by_parameter.setdefault(one.parameter, set()).add(one)
    return {parameter: next(iter(held)).held for parameter, held in by_parameter.items() if len(held) == 1}


def _by_file(handed: Mapping[Name, frozenset[Handed]]) -> ByFunction[frozenset[Handed]]:
    found: ByFunction[frozenset[Handed]] = ByFunction()
    for name, some in handed.items():
        if some:
            found.of_file(name.path)[name.function] = some
    return found


def _handed_by(program: Program, names: Names, unit: Unit, name: str, calls: Iterable[Call]) -> frozenset[Handed]:
    function = unit.functions[name]
    return frozenset(one for call in calls for one in _by(program, names, unit, function, call))


def _by(program: Program, names: Names, unit: Unit, function: Function, call: Call) -> Iterator[Handed]:
    for callee, given in ((call.callee, call.paths), *_handing_on(call)):
        for meaning in options_of(names.resolve(unit, function, callee)):
            target = names.method(meaning, "__init__") if isinstance(meaning, ProjectClass) else meaning
            if not isinstance(target, ProjectFunction):
                continue
            bound = program.units[target.name.path].functions[target.name.function].bound()
            for place, path in _written_out(given, len(bound)):
                name = place if not place.isdigit() else bound[int(place)] if int(place) < len(bound) else ""
                held = names.resolve(unit, function, path)
                if name and held is not None and not isinstance(held, Module | Container | Choice):
                    yield Handed(Parameter(target.name, name), type(held).__name__, held)


def _handing_on(call: Call) -> Iterator[tuple[Path, Iterable[tuple[str, Path]]]]:
    """The function that a call hands to somebody who will call it, and what with: `submit(load, session)`."""
    place = _HANDING.get(call.callee.rpartition(".")[2])
    paths = dict(call.paths)
    named = next((paths[one] for one in (str(place), *_NAMED) if one in paths), "") if place is not None else ""
    if named and place is not None:
        first, keywords = place + 1, [(at, path) for at, path in call.paths if not at.isdigit()]
        if call.callee.rpartition(".")[2] in _BY_ARGS:
            yield named, [(at, path) for at, path in keywords if at == "args"]
            return
        behind = [(str(int(at) - first), path) for at, path in call.paths if at.isdigit() and int(at) >= first]
        yield named, [*behind, *((at, path) for at, path in keywords if at not in _NAMED)]


def _written_out(given: Iterable[tuple[str, Path]], count: int) -> Iterator[tuple[str, Path]]:
    """Arguments with the items of `args=(first, second)` each at its place, if there is one for each parameter."""
    for place, path in given:
        items, by_key, rest = parted(path) if place == "args" and path.startswith("{") else ((), True, "")
        if not by_key and not rest and len(items) == count:
            yield from ((str(at), item) for at, item in enumerate(items))
        else:
            yield place, path


def _open_in(unit: Unit) -> frozenset[str]:
    """The last names by which the functions of a file are called that have parameters of which nothing is said."""
    return frozenset(
        (function.owner if name.endswith(".__init__") else name).rpartition(".")[2]
        for name, function in unit.functions.items()
        if any(not one.annotation for one in function.parameters[bool(function.owner) :])
    )
