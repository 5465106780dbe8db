"""The escape analysis of a project, kept up to date file by file.

The answer after any sequence of updates is that of an analysis from scratch; the cost of an update
follows what changes, from the edited functions to the callers whose summaries change with them.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping, Set
from typing import TypeAlias, TypeVar

from shipworthy.escape import changes, resume
from shipworthy.escape.boundaries import Boundary, Entries, boundaries_of, entries_of, imported_by, runners
from shipworthy.escape.chat import ARGUMENTS, REFUSED_BY
from shipworthy.escape.declared import Declared
from shipworthy.escape.escaping import Origin
from shipworthy.escape.guards import Guard, guard_of
from shipworthy.escape.ir import Yield, within
from shipworthy.escape.jobs import callees, unguarded
from shipworthy.escape.meanings import Body
from shipworthy.escape.names import Names
from shipworthy.escape.program import ByFunction, Name, Program, Unit
from shipworthy.escape.registrations import Kind
from shipworthy.escape.report import CALLBACK, WORKER, Reached, Stop, has_loop, merged, of_boundary, of_loops
from shipworthy.escape.resting import Resting, Symbol
from shipworthy.escape.resume import Part, Whole
from shipworthy.escape.summaries import Summaries
from shipworthy.escape.weighing import weighed
from shipworthy.facts.model import RUNNING, Escape, Escapes, Step

T = TypeVar("T")

Kept: TypeAlias = "tuple[str, Mapping[str, str]]"
"""A text about the program, and for each file the key of one about its functions; see resume.py."""

Scripts: TypeAlias = Mapping[str, frozenset[str]]
"""By folders of distributions, their entry points as `module:function`."""

_NO_SCRIPTS: Scripts = {}
_MOST_COMMANDS = 9
_MOST_QUICK = 100
"""So many functions besides the edited ones, and answers that rest on names, are looked at while somebody types."""

_Answer: TypeAlias = "tuple[str, str]"
"""An answer of the analysis: what reaches a function, by its name, or one of these kinds with the file it is of."""
_ENTRIES, _DECLARED, _GUARDS = ("entries", ""), "declared", "guards"


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
        self._declared = Declared()
        self._guards: dict[str, Guard] = {}
        self._imports: dict[str, frozenset[str]] = {}
        self._from: dict[Name, tuple[Reached, ...]] = {}
        self._into: dict[str, set[Name]] = {}
        self._through: dict[Name, set[Name]] = {}
        self._watched: dict[Name, set[Name]] = {}
        self._parts: dict[str, str] = {}
        self._rests: Resting[_Answer] = Resting()

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
        self._imports, self._entries, self._declared = found.imports, found.entries, Declared(found.declared)
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
        summaries.arguments.open, summaries.names.held = found.open, {**found.held}
        self._program.put_into_requests = found.put_into_requests
        self._program.hung_on_applications = found.hung_on_applications
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
            self._declared.by_path,
            self._guards,
            self._from,
            self._watched,
            arguments.open,
            summaries.names.held,
            self._program.put_into_requests,
            self._program.hung_on_applications,
        )
        return resume.dump_whole(whole), parts

    def of(self, path: str) -> Escapes:
        """The escapes whose errors arise in a file."""
        unit = self._program.units.get(path)
        found: dict[str, list[Escape]] = {}
        if unit is not None:
            starts = sorted(self._into.get(path, ()))
            here = (one for start in starts for one in self._from.get(start, ()) if one.origin.name.path == path)
            for one in (*_once_told(merged(here)), *self._unanswered(path)):
                found.setdefault(unit.blocks[one.origin.name.function], []).append(self._told(one))
        return {key: tuple(escapes) for key, escapes in found.items()}

    def units(self) -> list[Unit]:
        """All units of the program."""
        return [*self._program.units.values()]

    def update(self, path: str, unit: Unit | None, *, quick: bool = False) -> bool | None:
        """A file has changed; `unit` is None if it is gone. Whether other files may have other escapes now.

        A change that leaves all names their meaning costs what it touches, any other one an analysis of the whole
        program.
        With `quick` that is not done: the answer is None, and the program stays as it was.
        """
        old = self._program.units.get(path)
        moved = old is not None and unit is not None and changes.are_moved(old, unit)
        if old == unit and not moved:
            return False
        commands = tuple(map(self._step, self._commands()))
        found = self._followed(old, unit, quick=quick) if old is not None and unit is not None else None
        if found is None or old is None or unit is None:
            return None if quick else self._renewed(path, unit)
        edited, asking, symbols = found
        touched = {one.origin.name.path for one in self._passing(old)}
        changed = self._summaries.update(dict.fromkeys([*(Name(path, name) for name in edited), *sorted(asking)]))
        resting = self._rests.on(symbols)
        declares, guards = self._says_otherwise(old, unit, edited) if not symbols and not moved else (True, True)
        here = {unit.path}
        declared = self._declared_anew(old, unit, edited, resting, here if declares else set())
        if declared is None or self._guard_otherwise(resting, here if guards else set()):
            touched |= self._settle_boundaries()
        else:
            affected = {one.name for one in declared} | changed | {Name(path, name) for name in edited}
            affected |= {
                start for name in affected for some in (self._through, self._watched) for start in some.get(name, ())
            }
            touched |= self._report(affected | {one for one in resting if isinstance(one, Name)})
        touched |= {one.origin.name.path for one in self._passing(unit)}
        if commands != (now := tuple(map(self._step, self._commands()))):
            touched |= {one.path for one in (*commands[:1], *now[:1])}
        return bool(touched - {path})

    def _followed(self, old: Unit, unit: Unit, *, quick: bool) -> tuple[list[str], set[Name], frozenset[Symbol]] | None:
        """Put a unit in the place of an older one: the edited functions, those that have to be looked at besides, and
        the symbols that stand for something else now. None if that takes an analysis of the whole program, and with
        `quick` if it takes long; then the program stays as it was.
        """
        edited, summaries = changes.edited(old, unit), self._summaries
        symbols = changes.symbols(old, unit, edited)
        if changes.of_program(old) != changes.of_program(unit):
            return None
        if symbols and not summaries.names.notes:
            if not self._mean_the_same(old, unit, edited, symbols):
                return None
            symbols = frozenset[Symbol]()
        self._program.replace(unit)
        found = summaries.follow(old, unit, edited, symbols)
        if found is None or (quick and len(found[0]) + len(self._rests.on(found[1])) > _MOST_QUICK):
            self._program.replace(old)
            summaries.follow(unit, old, edited, symbols)
            return None
        return edited, *found

    def _mean_the_same(self, old: Unit, unit: Unit, edited: Iterable[str], symbols: frozenset[Symbol]) -> bool:
        """Whether symbols that are written otherwise stand for what they did."""
        if not changes.same_names(old, unit, edited) or any(isinstance(one, Body) for one in symbols):
            return False
        every = self._summaries.arguments.every_names()
        before = [changes.meanings(names, old, symbols) for names in every]
        self._program.replace(unit)
        now = [changes.meanings(Names(self._program, names.held), unit, symbols) for names in every]
        self._program.replace(old)
        return before == now

    def _says_otherwise(self, old: Unit, unit: Unit, edited: Iterable[str]) -> tuple[bool, bool]:
        """Whether the edited functions of a file declare other boundaries, and guard against other errors, if all names
        stand for what they did.
        """
        kept = [[name for name in edited if name in one.functions] for one in (old, unit)]
        of_both = [*zip((old, unit), kept, strict=True)]
        declared = [[*self._found(one, names), *runners(one, names)] for one, names in of_both]
        guards = [guard_of(self._summaries, one, names) for one, names in of_both]
        return declared[0] != declared[1], guards[0] != guards[1]

    def _declared_anew(
        self, old: Unit, unit: Unit, edited: Iterable[str], resting: Set[_Answer], paths: Set[str]
    ) -> set[Boundary] | None:
        """Find anew the boundaries that files declare: those of `paths`, and others that may declare others now, as
        those that make boundaries of edited functions, for these say of themselves how much a failure harms. The
        boundaries that were and that are; None if any file may declare others.
        """
        if _ENTRIES in resting and self._find_entries() != self._entries:
            return None
        names = {Name(unit.path, name) for name in edited}
        about = self._declared.declaring(names) | paths | {path for kind, path in resting if kind == _DECLARED}
        if old.imports != unit.imports:
            imported = imported_by(self._program, unit)
            about |= imported ^ self._imports[unit.path]
            self._imports[unit.path] = imported
        found: set[Boundary] = set()
        for path in about & self._program.units.keys():
            found.update(self._declared.of(path))
            self._declared.put(path, self._boundaries(self._program.units[path]))
            found.update(self._declared.of(path))
        return found

    def _guard_otherwise(self, resting: Set[_Answer], paths: Set[str]) -> bool:
        """Whether one of some files guards the whole program in another way than before, or one that may do so now."""
        about = paths | {path for kind, path in resting if kind == _GUARDS}
        return any(self._guard(self._program.units[path]) != self._guards.get(path, Guard()) for path in about)

    def _renewed(self, path: str, unit: Unit | None) -> bool:
        if unit is None:
            self._program.remove(path)
        else:
            self._program.replace(unit)
        self._parts.clear()
        self._summaries.names.notes = True  # who has edited one file will edit more
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
            source=self._step(Stop(*origin.source)) if origin.source is not None else None,
            dropped=self._step(one.dropped) if one.dropped is not None else None,
            besides=tuple((self._step(stop), says) for stop, says in one.besides),
            framework=one.framework,
            awaited=one.awaited,
            others=one.others or any(map(self._is_generator, (*(stop.name for stop in one.way[1:]), origin.name))),
        )

    def _unanswered(self, path: str) -> Iterator[Reached]:
        """The first command of a chat bot that is refused if somebody leaves an argument out, and nobody is told.

        One for a program, in the file that it stands in: one handler is missing.
        """
        asking = [one for one in self._declared.of(path) if one.asks]
        commands = self._commands() if asking else ()
        if commands and commands[0].name.path == path:
            first, *others = commands
            besides = tuple((other, "as here") for other in others[:_MOST_COMMANDS])
            origin = Origin(first.name, first.at, ARGUMENTS)
            label = asking[0].label
            yield Reached(CALLBACK, Kind.EVENT, (REFUSED_BY,), origin, label, (), None, mild=True, besides=besides)

    def _commands(self) -> tuple[Stop, ...]:
        """The commands of chat bots that ask for arguments, in the order of the files; none if errors are handled."""
        names = [one.name for one in self._declared.asking()]
        if not names or any(guard.knows(Kind.EVENT) for guard in self._guards.values()):
            return ()
        units = self._program.units
        return tuple(Stop(name, units[name.path].functions[name.function].at) for name in names)

    def _is_generator(self, name: Name) -> bool:
        return any(
            isinstance(one, Yield) for one in within(self._program.units[name.path].functions[name.function].body)
        )

    def _step(self, stop: Stop) -> Step:
        path, function = stop.name
        return Step(path, function, self._program.units[path].blocks[function], stop.at)

    def _settle_boundaries(self) -> set[str]:
        """Find all boundaries anew, and what reaches them; the files whose escapes are others now."""
        self._rests = Resting()
        self._imports = {path: imported_by(self._program, unit) for path, unit in self._program.units.items()}
        self._entries = self._find_entries()
        self._declared = Declared({path: self._boundaries(unit) for path, unit in self._program.units.items()})
        guards = ((path, self._guard(unit)) for path, unit in self._program.units.items())
        self._guards = {path: guard for path, guard in guards if guard}
        before, self._from = self._from, {}
        self._into.clear()
        self._through.clear()
        self._watched.clear()
        self._report(Name(path, function) for path, unit in self._program.units.items() for function in unit.functions)
        different = (name for name in before.keys() | self._from.keys() if before.get(name) != self._from.get(name))
        return {
            one.origin.name.path for name in different for one in (*before.get(name, ()), *self._from.get(name, ()))
        }

    def _noting(self, key: _Answer, find: Callable[[], T]) -> T:
        """What is found, with a note on what that rests on."""
        found, rests = self._summaries.names.during(find)
        self._rests.note(key, rests)
        return found

    def _find_entries(self) -> Entries:
        names = self._summaries.names
        return self._noting(_ENTRIES, lambda: entries_of(self._program, names, self._scripts))

    def _guard(self, unit: Unit) -> Guard:
        return self._noting((_GUARDS, unit.path), lambda: guard_of(self._summaries, unit))

    def _boundaries(self, unit: Unit) -> tuple[Boundary, ...]:
        return self._noting((_DECLARED, unit.path), lambda: self._weighed(unit))

    def _weighed(self, unit: Unit) -> tuple[Boundary, ...]:
        return tuple(weighed(self._program, self._summaries.names, one) for one in self._found(unit))

    def _found(self, unit: Unit, functions: Iterable[str] | None = None) -> Iterator[Boundary]:
        """The boundaries that a unit, or some functions of it, declares, before they are weighed."""

        def is_imported() -> bool:
            return any(unit.path in paths for path, paths in self._imports.items() if path != unit.path)

        return boundaries_of(self._program, self._summaries.names, unit, self._entries, is_imported, functions)

    def _report(self, names: Iterable[Name]) -> set[str]:
        """Find anew what reaches each of these functions, if they are boundaries, or ends their loops.

        Gives the files in which other errors arise than before.
        """
        wanted = set(names)
        different: set[str] = set()
        for name in wanted:
            is_there = name.function in self._program.units[name.path].functions
            self._summaries.passed.clear()
            found = self._noting(name, functools.partial(self._reached, name)) if is_there else ()
            for passed in self._summaries.passed:
                self._through.setdefault(passed, set()).add(name)
            before = self._from.get(name, ())
            if found != before:
                different |= {one.origin.name.path for one in (*found, *before)}
            if found:
                self._from[name] = found
                self._note(name, found)
            else:
                self._from.pop(name, None)
        return different

    def _reached(self, name: Name) -> tuple[Reached, ...]:
        """What reaches a function, if it is a boundary, or ends its loops."""
        reaching = [
            self._shared(one, name)
            for boundary in self._declared.at(name)
            for one in of_boundary(self._summaries, boundary)
            if not self._is_guarded(boundary, one)
        ]
        jobs = [one for one in self._declared.at(name) if one.runner is not None]
        if jobs and not any(one.rule == WORKER for one in reaching):
            found = [found for one in jobs if (found := unguarded(self._summaries, one)) is not None]
            reaching += [one for one in found if not self._is_guarded(jobs[0], one)]
            for callee in callees(self._summaries, name):
                self._watched.setdefault(callee, set()).add(name)  # which may do what may fail later on
        looping = has_loop(self._summaries, name) and not self._entries.is_aside(name.path)
        if looping:
            self._watch_callers(name)
        if any(one.way for one in reaching):
            for callee in self._summaries.calls.of_file(name.path).get(name.function, ()):
                self._watched.setdefault(callee, set()).add(name)  # by which others of them an error comes too
        return (*reaching, *(of_loops(self._summaries, name, self._declared) if looping else ()))

    def _is_guarded(self, boundary: Boundary, one: Reached) -> bool:
        """Whether an error that reaches a boundary is handled for the whole program."""
        return any(guard.handles(self._summaries, boundary, one) for guard in self._guards.values())

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
            besides = (*(stop for stop, _ in one.besides), *filter(None, (one.dropped, one.loop)))
            stops = [stop.name for stop in (*one.way, *besides)]
            for name in (start, one.origin.name, *(one.origin.source or ())[:1], *stops):
                self._through.setdefault(name, set()).add(start)


def _once_told(found: Iterable[Reached]) -> Iterator[Reached]:
    """What is found, without a word on a loop that runs jobs where an error of one is told of that ends it."""
    listed = [*found]
    told = {stop for one in listed if one.origin.what != RUNNING for stop, _ in one.besides}
    return (one for one in listed if one.origin.what != RUNNING or Stop(one.origin.name, one.origin.at) not in told)
