"""What may escape from each function: one summary a function, joined over the project to a fixpoint."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Collection, Iterable

from shipworthy.escape.arguments import Arguments
from shipworthy.escape.catching import Catching
from shipworthy.escape.escaping import Summary
from shipworthy.escape.flows import Flows
from shipworthy.escape.names import (
    Names,
)
from shipworthy.escape.program import ByFunction, Name, Program, Unit
from shipworthy.escape.walk import summary_of

_ROUNDS = 12
"""How often a function is looked at again before a circle of calls is taken as settled."""

_EMPTY: Summary = {}


class Summaries:
    """The summaries of a program. `update` after units were replaced; what depends on them follows."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.names = Names(program)
        self.flows = Flows(program, self.names)
        self.arguments = Arguments(program, self.names)
        self.catching = Catching(program, self.names)
        self.found: ByFunction[Summary] = ByFunction()
        self.calls: ByFunction[frozenset[Name]] = ByFunction()
        self.callers: ByFunction[set[Name]] = ByFunction()

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
        self._work(Name(unit.path, function) for unit in self.program.units.values() for function in unit.functions)

    def follow(self, old: Unit, unit: Unit, functions: Iterable[str]) -> set[Name] | None:
        """Some functions of a file have changed, and all else is equal. The functions that this bears on, by what the
        changed ones give back; None if parameters hold something else now, or it cannot be told.
        """
        both = [name for name in functions if name in old.functions and name in unit.functions]
        giving = [name for name in both if old.functions[name].returned != unit.functions[name].returned]
        return self.flows.follow(unit.path, giving) if self.arguments.follow(unit.path, functions) else None

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
            fresh, calls = summary_of(self, unit, name)
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
