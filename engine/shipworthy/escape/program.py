"""The functions of a project, file by file: what the escape analysis works on."""

from __future__ import annotations

import functools
import posixpath
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Generic, NamedTuple, TypeVar

from shipworthy import facts
from shipworthy.document import Document
from shipworthy.escape.extract import MODULE, extract
from shipworthy.escape.ir import Function, Path
from shipworthy.facts.model import Import

V = TypeVar("V")

_SOURCE_FOLDERS = frozenset({"src", "lib", "python", "app", "backend"})


@functools.lru_cache(20_000)
def _folder_of(path: str) -> str:
    return posixpath.dirname(path)


class Name(NamedTuple):
    """A function of the project: the file and the dotted name within it."""

    path: str
    function: str


@dataclass(frozen=True)
class Unit:
    """One file. `blocks`: the key of the block that each function stands in; `marks`: see Extract."""

    path: str
    functions: Mapping[str, Function] = field(default_factory=dict[str, Function])
    blocks: Mapping[str, str] = field(default_factory=dict[str, str])
    imports: Mapping[str, Import] = field(default_factory=dict[str, Import])
    variables: Mapping[str, Path] = field(default_factory=dict[str, Path])
    attributes: Mapping[str, Path] = field(default_factory=dict[str, Path])
    bases: Mapping[str, tuple[Path, ...]] = field(default_factory=dict[str, tuple[Path, ...]])
    marks: frozenset[str] = frozenset()

    @functools.cached_property
    def methods(self) -> Mapping[str, Function]:
        """The first method of each class; under "" the first function of none."""
        found: dict[str, Function] = {}
        for one in self.functions.values():
            found.setdefault(one.owner, one)
        return found

    @functools.cached_property
    def libraries(self) -> frozenset[str]:
        """The packages that the file imports from, its own project's among them."""
        return frozenset(one.module.partition(".")[0] for one in self.imports.values())


def unit_of(document: Document) -> Unit:
    """The unit of a document: it follows from the text alone."""
    functions: dict[str, Function] = {}
    blocks: dict[str, str] = {}
    imports: dict[str, Import] = {}
    variables: dict[str, Path] = {}
    attributes: dict[str, Path] = {}
    bases: dict[str, tuple[Path, ...]] = {}
    marks: frozenset[str] = frozenset()
    for number, block in enumerate(document.blocks):
        found = extract(block)
        for function in found.functions:
            name = f"{MODULE}{number}" if function.name == MODULE else function.name
            functions[name] = function
            blocks[name] = block.key
        for one in facts.imports_of_block(block):
            if not one.nested or one.name not in imports:
                imports[one.name] = one
        variables.update(found.variables)
        bases.update(found.bases)
        marks |= found.marks
        for attribute, path in found.attributes:
            attributes.setdefault(attribute, path)
    return Unit(document.path, functions, blocks, imports, variables, attributes, bases, marks)


class LazyUnits(MutableMapping[str, Unit]):
    """Units by path, each read when somebody asks for it."""

    def __init__(self, paths: Iterable[str], read: Callable[[str], Unit]) -> None:
        self._known: dict[str, Unit | None] = dict.fromkeys(paths)
        self._read = read

    def __getitem__(self, path: str) -> Unit:
        unit = self._known[path]
        if unit is None:
            unit = self._known[path] = self._read(path)
        return unit

    def __setitem__(self, path: str, unit: Unit) -> None:
        self._known[path] = unit

    def __delitem__(self, path: str) -> None:
        del self._known[path]

    def __contains__(self, path: object) -> bool:
        return path in self._known

    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)


class ByFunction(Generic[V]):
    """A value for each function of a program; those of a file are read when somebody asks for one of them."""

    def __init__(self, read: Callable[[str], dict[str, V]] | None = None) -> None:
        self._read = read
        self._files: dict[str, dict[str, V]] = {}

    def of_file(self, path: str) -> dict[str, V]:
        """The values of a file's functions, by dotted name."""
        found = self._files.get(path)
        if found is None:
            found = self._files[path] = self._read(path) if self._read is not None else {}
        return found

    def is_read(self, path: str) -> bool:
        """Whether somebody has asked for a value of a file."""
        return path in self._files

    def clear(self) -> None:
        """Forget all values, those as well that were not read."""
        self._read = None
        self._files.clear()


class Program:
    """All units, and which module each is. `put_into_requests`: the attributes that the program itself gives to
    requests; `hung_on_applications`: those that it gives to applications and bots.
    """

    def __init__(self, units: MutableMapping[str, Unit]) -> None:
        self.units = units
        self.put_into_requests: frozenset[str] = frozenset()
        self.hung_on_applications: frozenset[str] = frozenset()
        self._modules: dict[str, list[str]] | None = None
        self._found: dict[tuple[str, str], str | None] = {}

    def replace(self, unit: Unit) -> None:
        """Put a unit in the place of an older one."""
        if unit.path not in self.units:
            self._modules = None
            self._found.clear()
        self.units[unit.path] = unit

    def remove(self, path: str) -> None:
        """A file is gone."""
        if self.units.pop(path, None) is not None:
            self._modules = None
            self._found.clear()

    def module(self, importer: str, dotted: str) -> str | None:
        """The file of a module as an importing file names it; None for modules from elsewhere."""
        key = (_folder_of(importer), dotted)
        if key not in self._found:
            self._found[key] = self._find(*key)
        return self._found[key]

    def _find(self, folder: str, dotted: str) -> str | None:
        name = dotted.lstrip(".")
        parts = name.split(".") if name else []
        if level := len(dotted) - len(name):
            for _ in range(level - 1):
                folder = posixpath.dirname(folder)
            return self._file(posixpath.join(folder, *parts) if parts or folder else "__init__")
        if not parts or parts[0] in sys.stdlib_module_names:
            return None
        tail = "/".join(parts)
        around = {folder, ""}
        while folder.strip("/"):
            folder = posixpath.dirname(folder)
            around.add(folder)
        best: str | None = None
        for stem in self._stems().get(parts[-1], ()):
            base = stem[: -len(tail)].rstrip("/") if stem == tail or stem.endswith(f"/{tail}") else None
            if base is None or not (base in around or posixpath.basename(base) in _SOURCE_FOLDERS):
                continue
            if best is None or (base in around, len(base), base) > (best in around, len(best), best):
                best = base
        return self._file(posixpath.join(best, tail)) if best is not None else None

    def _file(self, stem: str) -> str | None:
        for candidate in (f"{stem}.py", f"{stem}/__init__.py"):
            if candidate in self.units:
                return candidate
        return None

    def _stems(self) -> Mapping[str, list[str]]:
        if self._modules is None:
            self._modules = {}
            for path in sorted(self.units):
                stem = re.sub(r"(?:/__init__)?\.pyi?$", "", path)
                self._modules.setdefault(posixpath.basename(stem), []).append(stem)
        return self._modules
