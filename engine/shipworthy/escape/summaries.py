"""What may escape from each function: one summary a function, joined over the project to a fixpoint."""

from __future__ import annotations

import functools
from collections import Counter, deque
from collections.abc import Collection, Iterable, Set

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
        return changed | self._work(names)

    def _work(self, names: Iterable[Name]) -> set[Name]:
        todo = deque(dict.fromkeys(names))
        queued = set(todo)
        seen: Counter[Name] = Counter()
        changed: set[Name] = set()
        while todo:
            name = todo.popleft()
            queued.discard(name)
            unit = self.program.units.get(name.path)
            if unit is None or name.function not in unit.functions or seen[name] >= _ROUNDS:
                continue
            seen[name] += 1
            (fresh, calls), rests = self.names.during(functools.partial(summary_of, self, unit, name))
            self._rests.note(name, rests)
            changed |= self._note_calls(name, calls)
            if fresh != self.of(name):
                changed.add(name)
                self.found.of_file(name.path)[name.function] = fresh
                for caller in self.callers_of(name):
                    if caller not in queued:
                        queued.add(caller)
                        todo.append(caller)
        return changed

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


def _gives_otherwise(old: Unit, unit: Unit, name: str) -> bool:
    """Whether what flows into what a function gives back is not what it was; so it is if the function is gone."""
    before, now = old.functions.get(name), unit.functions.get(name)
    return before is not None and (now is None or before.returned != now.returned)
