"""What may escape from each function: one summary a function, joined over the project to a fixpoint."""

from __future__ import annotations

import functools
from collections import Counter, deque
from collections.abc import Callable, Collection, Iterable, Set

from shipworthy.escape.arguments import Arguments
from shipworthy.escape.catching import Catching
from shipworthy.escape.escaping import Summary
from shipworthy.escape.flows import Flows
from shipworthy.escape.names import Names
from shipworthy.escape.program import ByFunction, Name, Program, Unit
from shipworthy.escape.resting import Resting, Symbol
from shipworthy.escape.walk import summary_of

_ROUNDS = 12
"""How often a function is looked at again before a circle of calls is taken as settled."""

_EMPTY: Summary = {}


class Summaries:
    """The summaries of a program. `update` after units were replaced; what depends on them follows.

    `passed`: the functions that ways led through since somebody has emptied it, told or not.
    """

    def __init__(self, program: Program) -> None:
        self.program = program
        self.names = Names(program)
        self.flows = Flows(program, self.names)
        self.arguments = Arguments(program, self.names)
        self.catching = Catching(program, self.names)
        self.found: ByFunction[Summary] = ByFunction()
        self.calls: ByFunction[frozenset[Name]] = ByFunction()
        self.callers: ByFunction[set[Name]] = ByFunction()
        self._rests: Resting[Name] = Resting()
        self.passed: set[Name] = set()

    def of(self, name: Name) -> Summary:
        """What may escape from a function."""
        return self.found.of_file(name.path).get(name.function, _EMPTY)

    def callers_of(self, name: Name) -> Collection[Name]:
        """The functions that call a function."""
        return self.callers.of_file(name.path).get(name.function, ())

    def settle(self) -> None:
        """Compute all summaries anew."""
        self.names.settle()
        self.arguments.settle()
        self.flows.settle()
        self.found.clear()
        self.calls.clear()
        self.callers.clear()
        self._rests = Resting()
        self._work(Name(unit.path, function) for unit in self.program.units.values() for function in unit.functions)

    def follow(
        self, old: Unit, unit: Unit, functions: Iterable[str], symbols: Set[Symbol]
    ) -> tuple[set[Name], frozenset[Symbol]] | None:
        """Some functions of a file have changed, and symbols stand for something else, of which there are none unless
        `names` note what their answers rest on. The functions that have to be looked at besides those that have
        changed, and all symbols that stand for something else with these; None if only `settle` tells.
        """
        held = self.arguments.follow(unit.path, functions, symbols)
        if held is None:
            return None
        every = self.names.forget(symbols | held)
        giving = {Name(unit.path, name) for name in functions if _gives_otherwise(old, unit, name)}
        asking = self.flows.follow(giving, every)
        return None if asking is None else (asking | self._rests.on(every), every)

    def update(self, functions: Iterable[Name]) -> set[Name]:
        """Compute the summaries of some functions that have changed, come or gone, and of whoever depends on them.

        Gives the functions whose summaries or callers have changed. Only for changes that `follow` can follow; after
        others, `settle`.
        """
        names = [*functions]
        changed: set[Name] = set()
        for name in names:
            if name.function not in self.program.units[name.path].functions:
                changed |= {name, *self._note_calls(name, frozenset())}
                self.found.of_file(name.path).pop(name.function, None)
        begun = self._begin_circles(names)
        return changed | begun | self._work(dict.fromkeys([*names, *sorted(begun)]))

    def _work(self, names: Iterable[Name]) -> set[Name]:
        todo = deque(dict.fromkeys(names))
        queued = set(todo)
        seen: Counter[Name] = Counter()
        changed: set[Name] = set()
        while todo:
            name = todo.popleft()
            queued.discard(name)
            unit = self.program.units.get(name.path)
            if unit is None or name.function not in unit.functions or (seen[name] >= _ROUNDS and self._circle(name)):
                continue
            seen[name] += 1
            (fresh, calls), rests = self.names.during(functools.partial(summary_of, self, unit, name))
            self._rests.note(name, rests)
            changed |= self._note_calls(name, calls)
            before = self.of(name)
            if fresh == before:
                continue
            changed.add(name)
            self.found.of_file(name.path)[name.function] = fresh
            again = {*self.callers_of(name)}
            if not before.keys() <= fresh.keys():
                begun = self._begin_circles(again)
                changed |= begun
                again |= begun
            for one in sorted(again - queued):
                queued.add(one)
                todo.append(one)
        return changed

    def _begin_circles(self, functions: Iterable[Name]) -> set[Name]:
        """Forget the summaries of those that call each other in circles with one of these functions: what they have of
        each other alone would never go. Gives all that have to be looked at for that.
        """
        begun = {one for function in functions for one in self._circle(function)}
        for one in begun:
            self.found.of_file(one.path).pop(one.function, None)
        return begun | {caller for one in begun for caller in self.callers_of(one)}

    def _circle(self, name: Name) -> set[Name]:
        """The functions that call each other in circles with this one; it is one of them if there are any."""
        below = _reached(name, lambda one: self.calls.of_file(one.path).get(one.function, ()))
        return below & _reached(name, self.callers_of) if name in below else set()

    def _note_calls(self, caller: Name, calls: frozenset[Name]) -> frozenset[Name]:
        """Remember who has to be looked at again when a function changes. Gives those with other callers now."""
        known = self.calls.of_file(caller.path)
        before = known.get(caller.function, frozenset())
        known[caller.function] = calls
        for callee in before - calls:
            self.callers.of_file(callee.path)[callee.function].discard(caller)
        for callee in calls - before:
            self.callers.of_file(callee.path).setdefault(callee.function, set()).add(caller)
        return before ^ calls


def _reached(name: Name, step: Callable[[Name], Iterable[Name]]) -> set[Name]:
    """All that one comes to from a function, step by step."""
    found: set[Name] = set()
    todo = [name]
    while todo:
        new = {*step(todo.pop())} - found
        found |= new
        todo.extend(new)
    return found


def _gives_otherwise(old: Unit, unit: Unit, name: str) -> bool:
    """Whether what flows into what a function gives back is not what it was; so it is if the function is gone."""
    before, now = old.functions.get(name), unit.functions.get(name)
    return before is not None and (now is None or before.returned != now.returned)
