"""The escape analysis of a project, kept up to date file by file.

The answer after any sequence of updates is that of an analysis from scratch; the cost of an update
follows what changes, from the edited functions to the callers whose summaries change with them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from shipworthy.escape.boundaries import Boundary, boundaries_of, imported_by
from shipworthy.escape.guards import Guard, guard_of
from shipworthy.escape.program import Name, Program, Unit
from shipworthy.escape.report import Escape, merged, of_boundary, of_loops
from shipworthy.escape.summaries import Summaries


class Analysis:
    """All escapes of a program. `scripts`: entry points of the distribution, as `module:function`."""

    def __init__(self, units: Iterable[Unit], scripts: Iterable[str] = ()) -> None:
        self._scripts = frozenset(scripts)
        self._program = Program(units)
        self._summaries = Summaries(self._program)
        self._declared: dict[str, tuple[Boundary, ...]] = {}
        self._guards: dict[str, Guard] = {}
        self._imports: dict[str, frozenset[str]] = {}
        self._from: dict[Name, tuple[Escape, ...]] = {}
        self._through: dict[Name, set[Name]] = {}
        self._settle()

    def of(self, path: str) -> Mapping[str, tuple[Escape, ...]]:
        """The escapes whose errors arise in a file, by the key of the block they arise in."""
        unit = self._program.units.get(path)
        found: dict[str, list[Escape]] = {}
        if unit is not None:
            here = (one for escapes in self._from.values() for one in escapes if one.origin.name.path == path)
            for escape in merged(here):
                found.setdefault(unit.blocks[escape.origin.name.function], []).append(escape)
        return {key: tuple(escapes) for key, escapes in found.items()}

    def unit(self, path: str) -> Unit | None:
        """A file's unit."""
        return self._program.units.get(path)

    def update(self, path: str, unit: Unit | None) -> None:
        """A file has changed; None if it is gone."""
        old = self._program.units.get(path)
        if unit is None:
            self._program.remove(path)
        else:
            self._program.replace(unit)
        changed = self._summaries.update([path])
        if _shape(old) != _shape(unit):
            self._settle_boundaries()
            return
        before = self._declared.get(path, ())
        self._declared[path] = self._boundaries(unit) if unit is not None else ()
        guard = guard_of(self._summaries, unit) if unit is not None else None
        if guard != self._guards.get(path):
            self._settle_boundaries()
            return
        affected = {one.name for one in (*before, *self._declared[path])} | changed
        for name in changed:
            affected |= self._through.get(name, set())
        self._report(affected)

    def _settle(self) -> None:
        self._summaries.settle()
        self._settle_boundaries()

    def _settle_boundaries(self) -> None:
        self._imports = {path: imported_by(self._program, unit) for path, unit in self._program.units.items()}
        self._declared = {path: self._boundaries(unit) for path, unit in self._program.units.items()}
        self._guards = {path: guard_of(self._summaries, unit) for path, unit in self._program.units.items()}
        self._from.clear()
        self._through.clear()
        self._report(
            {Name(path, function) for path, unit in self._program.units.items() for function in unit.functions}
        )

    def _boundaries(self, unit: Unit) -> tuple[Boundary, ...]:
        is_imported = any(unit.path in paths for path, paths in self._imports.items() if path != unit.path)
        return tuple(boundaries_of(self._program, self._summaries.names, unit, self._scripts, is_imported))

    def _report(self, names: Iterable[Name]) -> None:
        """Find anew what reaches each of these functions, if they are boundaries, or ends their loops."""
        wanted = set(names)
        by_name: dict[Name, dict[Boundary, None]] = {}
        for declared in self._declared.values():
            for boundary in declared:
                if boundary.name in wanted:
                    by_name.setdefault(boundary.name, {})[boundary] = None
        guards = [guard for guard in self._guards.values() if guard]
        for name in wanted:
            reaching = [
                escape
                for boundary in by_name.get(name, ())
                for escape in of_boundary(self._summaries, boundary)
                if not any(guard.handles(self._summaries, boundary, escape) for guard in guards)
            ]
            found = (*reaching, *of_loops(self._summaries, name))
            if found:
                self._from[name] = found
                for escape in found:
                    for step in escape.way:
                        self._through.setdefault(step.name, set()).add(name)
                    self._through.setdefault(escape.origin.name, set()).add(name)
            else:
                self._from.pop(name, None)


def _shape(unit: Unit | None) -> object:
    """What of a file bears on other files besides its functions' summaries: names, imports, bases."""
    if unit is None:
        return None
    return (unit.imports, tuple(unit.functions), unit.bases, unit.variables, unit.attributes)
