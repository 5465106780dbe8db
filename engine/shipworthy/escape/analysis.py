"""The escape analysis of a project, kept up to date file by file.

The answer after any sequence of updates is that of an analysis from scratch; the cost of an update
follows what changes, from the edited functions to the callers whose summaries change with them.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping, MutableMapping
from typing import TypeAlias

from shipworthy.escape import resume
from shipworthy.escape.boundaries import Boundary, Entries, Kind, boundaries_of, entries_of, imported_by
from shipworthy.escape.guards import Guard, guard_of
from shipworthy.escape.ir import Yield, within
from shipworthy.escape.program import ByFunction, Name, Program, Unit
from shipworthy.escape.report import Reached, Stop, has_loop, merged, of_boundary, of_loops
from shipworthy.escape.resume import Part, Whole
from shipworthy.escape.summaries import Summaries
from shipworthy.escape.weighing import weighed
from shipworthy.facts.model import Escape, Escapes, Step

Kept: TypeAlias = "tuple[str, Mapping[str, str]]"
"""A text about the program, and for each file the key of one about its functions; see resume.py."""

Scripts: TypeAlias = Mapping[str, frozenset[str]]
"""By folders of distributions, their entry points as `module:function`."""

_NO_SCRIPTS: Scripts = {}


class Analysis:
    """All escapes of a program."""

    def __init__(self, units: Iterable[Unit], scripts: Scripts = _NO_SCRIPTS) -> None:
        self._begin({unit.path: unit for unit in units}, scripts)
        self._summaries.settle()
        self._settle_boundaries()

    def _begin(self, units: MutableMapping[str, Unit], scripts: Scripts) -> None:
        self._scripts = scripts
        self._program = Program(units)
        self._summaries = Summaries(self._program)
        self._entries = Entries()
        self._declared: dict[str, tuple[Boundary, ...]] = {}
        self._guards: dict[str, Guard] = {}
        self._imports: dict[str, frozenset[str]] = {}
        self._from: dict[Name, tuple[Reached, ...]] = {}
        self._into: dict[str, set[Name]] = {}
        self._through: dict[Name, set[Name]] = {}
        self._watched: dict[Name, set[Name]] = {}
        self._parts: dict[str, str] = {}

    @classmethod
    def resumed(
        cls, kept: Kept, units: MutableMapping[str, Unit], scripts: Scripts, read: Callable[[str], str]
    ) -> Analysis:
        """The analysis that was kept, of the units that it was made of. `read`: the text of a key.

        Whatever is raised, now or by an update: the texts are not those that were kept.
        """
        self = object.__new__(cls)
        self._begin(units, scripts)
        whole, parts = kept
        found = resume.load_whole(whole)
        self._imports, self._entries, self._declared = found.imports, found.entries, found.declared
        self._guards, self._from, self._watched = found.guards, found.reached, found.watched
        for start, reached in self._from.items():
            self._note(start, reached)
        self._parts = {**parts}

        @functools.cache
        def part(path: str) -> Part:
            return resume.load_part(read(parts[path])) if path in parts else Part({}, {}, {}, {}, {})

        summaries = self._summaries
        summaries.found = ByFunction(lambda path: part(path).summaries)
        summaries.calls = ByFunction(lambda path: part(path).calls)
        summaries.callers = ByFunction(lambda path: part(path).callers)
        summaries.flows.results = ByFunction(lambda path: part(path).results)
        summaries.arguments.open, summaries.names.held = found.open, found.held
        summaries.names.put_into_requests = found.put_into_requests
        summaries.arguments.handed = ByFunction(lambda path: part(path).handed)
        return self

    def kept(self, put: Callable[[str], str]) -> Kept:
        """What `resumed` begins with. `put`: keeps a text and gives its key."""
        summaries, arguments = self._summaries, self._summaries.arguments
        found, calls, callers = summaries.found, summaries.calls, summaries.callers
        results, handed = summaries.flows.results, arguments.handed
        for path in self._program.units:
            if path not in self._parts or any(one.is_read(path) for one in (found, calls, callers, results, handed)):
                part = Part(
                    found.of_file(path),
                    calls.of_file(path),
                    callers.of_file(path),
                    results.of_file(path),
                    handed.of_file(path),
                )
                self._parts[path] = put(resume.dump_part(part))
        parts = {path: self._parts[path] for path in self._program.units}
        whole = Whole(
            self._imports,
            self._entries,
            self._declared,
            self._guards,
            self._from,
            self._watched,
            arguments.open,
            summaries.names.held,
            summaries.names.put_into_requests,
        )
        return resume.dump_whole(whole), parts

    def of(self, path: str) -> Escapes:
        """The escapes whose errors arise in a file."""
        unit = self._program.units.get(path)
        found: dict[str, list[Escape]] = {}
        if unit is not None:
            starts = sorted(self._into.get(path, ()))
            here = (one for start in starts for one in self._from.get(start, ()) if one.origin.name.path == path)
            for one in merged(here):
                found.setdefault(unit.blocks[one.origin.name.function], []).append(self._told(one))
        return {key: tuple(escapes) for key, escapes in found.items()}

    def units(self) -> list[Unit]:
        """All units of the program."""
        return [*self._program.units.values()]

    def update(self, path: str, unit: Unit | None, *, quick: bool = False) -> bool | None:
        """A file has changed; `unit` is None if it is gone. Whether other files may have other escapes now.

        A change within functions costs what it touches, any other one an analysis of the whole program.
        With `quick` that is not done: the answer is None, and the program stays as it was.
        """
        old = self._program.units.get(path)
        if old == unit:
            return False
        if unit is None or old is None or _interface(old) != _interface(unit):
            return None if quick else self._renewed(path, unit)
        self._program.replace(unit)
        if not self._summaries.keeps_results(path):
            if quick:
                self._program.replace(old)
                self._summaries.keeps_results(path)
                return None
            return self._renewed(path, unit)
        touched = {one.origin.name.path for one in self._passing(old)}
        edited = [name for name, function in unit.functions.items() if function != old.functions[name]]
        changed = self._summaries.update(path, edited)
        before = self._declared.get(path, ())
        self._declared[path] = self._boundaries(unit)
        guard = guard_of(self._summaries, unit)
        if guard != self._guards.get(path, Guard()):
            touched |= self._settle_boundaries()
        else:
            affected = {one.name for one in (*before, *self._declared[path])} | changed
            affected |= {
                start for name in affected for some in (self._through, self._watched) for start in some.get(name, ())
            }
            touched |= self._report(affected)
        touched |= {one.origin.name.path for one in self._passing(unit)}
        return bool(touched - {path})

    def _renewed(self, path: str, unit: Unit | None) -> bool:
        if unit is None:
            self._program.remove(path)
        else:
            self._program.replace(unit)
        self._parts.clear()
        self._summaries.settle()
        self._settle_boundaries()
        return True

    def _passing(self, unit: Unit | None) -> Iterable[Reached]:
        """The escapes whose ways lead through a unit."""
        names = (Name(unit.path, function) for function in unit.functions) if unit is not None else ()
        starts = {start for name in names for start in self._through.get(name, ())}
        return [one for start in starts for one in self._from.get(start, ())]

    def _told(self, one: Reached) -> Escape:
        loop = self._step(one.loop) if one.loop is not None else None
        way = tuple(self._step(stop) for stop in one.way)
        origin = one.origin
        return Escape(
            one.rule,
            one.kind.value,
            one.exceptions,
            origin.what,
            origin.name.function,
            origin.at,
            one.boundary,
            way,
            loop,
            mild=one.mild,
            others=one.others or any(map(self._is_generator, (*(stop.name for stop in one.way[1:]), origin.name))),
        )

    def _is_generator(self, name: Name) -> bool:
        return any(
            isinstance(one, Yield) for one in within(self._program.units[name.path].functions[name.function].body)
        )

    def _step(self, stop: Stop) -> Step:
        path, function = stop.name
        return Step(path, function, self._program.units[path].blocks[function], stop.at)

    def _settle_boundaries(self) -> set[str]:
        """Find all boundaries anew, and what reaches them; the files whose escapes are others now."""
        self._imports = {path: imported_by(self._program, unit) for path, unit in self._program.units.items()}
        self._entries = entries_of(self._program, self._summaries.names, self._scripts)
        self._declared = {path: self._boundaries(unit) for path, unit in self._program.units.items()}
        self._guards = {path: guard_of(self._summaries, unit) for path, unit in self._program.units.items()}
        before, self._from = self._from, {}
        self._into.clear()
        self._through.clear()
        self._watched.clear()
        self._report(Name(path, function) for path, unit in self._program.units.items() for function in unit.functions)
        different = (name for name in before.keys() | self._from.keys() if before.get(name) != self._from.get(name))
        return {
            one.origin.name.path for name in different for one in (*before.get(name, ()), *self._from.get(name, ()))
        }

    def _boundaries(self, unit: Unit) -> tuple[Boundary, ...]:
        is_imported = any(unit.path in paths for path, paths in self._imports.items() if path != unit.path)
        names = self._summaries.names
        found = boundaries_of(self._program, names, unit, self._entries, is_imported)
        return tuple(weighed(self._program, names, one) for one in found)

    def _report(self, names: Iterable[Name]) -> set[str]:
        """Find anew what reaches each of these functions, if they are boundaries, or ends their loops.

        Gives the files in which other errors arise than before.
        """
        wanted = set(names)
        by_name: dict[Name, dict[Boundary, None]] = {}
        for declared in self._declared.values():
            for boundary in declared:
                by_name.setdefault(boundary.name, {})[boundary] = None
        guards = [guard for guard in self._guards.values() if guard]
        different: set[str] = set()
        for name in wanted:
            reaching = [
                self._shared(one, name)
                for boundary in by_name.get(name, ())
                for one in of_boundary(self._summaries, boundary)
                if not any(guard.handles(self._summaries, boundary, one) for guard in guards)
            ]
            looping = has_loop(self._summaries, name) and not self._entries.is_aside(name.path)
            if looping:
                self._watch_callers(name)
            found = (*reaching, *(of_loops(self._summaries, name, by_name) if looping else ()))
            before = self._from.get(name, ())
            if found != before:
                different |= {one.origin.name.path for one in (*found, *before)}
            if found:
                self._from[name] = found
                self._note(name, found)
            else:
                self._from.pop(name, None)
        return different

    def _shared(self, one: Reached, start: Name) -> Reached:
        """What ends a thread or an event, with a note if others call the function too and wait for what it gives."""
        is_alone = one.kind in {Kind.THREAD, Kind.EVENT} and one.loop is None
        return one._replace(others=True) if is_alone and self._summaries.callers_of(start) else one

    def _watch_callers(self, name: Name) -> None:
        """What ends a loop depends on what all those handle that call it, directly or not."""
        seen = {name}
        todo = [name]
        while todo:
            for caller in self._summaries.callers_of(todo.pop()):
                if caller not in seen:
                    seen.add(caller)
                    todo.append(caller)
                    self._watched.setdefault(caller, set()).add(name)

    def _note(self, start: Name, found: Iterable[Reached]) -> None:
        """Note which files and functions concern what was found from a function on."""
        for one in found:
            self._into.setdefault(one.origin.name.path, set()).add(start)
            for name in (start, one.origin.name, *(stop.name for stop in one.way)):
                self._through.setdefault(name, set()).add(start)


def _interface(unit: Unit) -> object:
    """What of a file bears on the meaning of names, in itself and in others: all but the bodies of functions."""
    functions = [
        (name, one.owner, one.parameters, one.decorators, one.is_async, one.returns, one.declared)
        for name, one in unit.functions.items()
    ]
    return functions, unit.imports, unit.variables, unit.attributes, unit.bases, unit.marks
