"""The facts themselves: plain values that follow from a text and can be kept with its digest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Import:
    """A name bound by an import: `from a.b import c as d` is `Import("d", "a.b", "c")`.

    Python modules keep their leading dots, JavaScript modules are written as in the source.
    `nested`: the import stands within a function, so it binds the name there alone.
    """

    name: str
    module: str
    member: str = ""
    nested: bool = False

    @property
    def target(self) -> str:
        """What the name stands for, dotted."""
        return f"{self.module}.{self.member}" if self.member else self.module


@dataclass(frozen=True, slots=True)
class Definition:
    """A function, method or class of a file; methods are named `Class.method`."""

    name: str
    kind: str
    is_async: bool = False
    bases: tuple[str, ...] = ()
    decorators: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BlockFacts:
    """The facts of one block."""

    imports: tuple[Import, ...] = ()
    definitions: tuple[Definition, ...] = ()


@dataclass(frozen=True)
class FileFacts:
    """The union of the facts of a file's blocks."""

    imports: Mapping[str, Import] = field(default_factory=dict[str, Import])
    definitions: Mapping[str, Definition] = field(default_factory=dict[str, Definition])
    language: str = "text"
