"""What a name may stand for: something of the project, or something of a library."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, TypeAlias

from shipworthy.escape.program import Name


class External(NamedTuple):
    """A function, type or module of a library, by its canonical name; also a method, `type.method`."""

    name: str


class Instance(NamedTuple):
    """An object of a library's type."""

    type: str


class ProjectFunction(NamedTuple):
    """A function or method of the project."""

    name: Name


class ProjectClass(NamedTuple):
    """A class of the project: the file and the dotted name."""

    path: str
    name: str


class ProjectObject(NamedTuple):
    """An object of a class of the project."""

    path: str
    name: str


class Module(NamedTuple):
    """A file of the project as a module."""

    path: str


class Parameter(NamedTuple):
    """A parameter of a function of the project."""

    function: Name
    name: str


class Body(NamedTuple):
    """What a function of the project does, for those who look at more than what it gives and raises."""

    function: Name


IMPORTS = "import"
"""Under this name of a file stand the libraries that it imports, in a `Name` that answers rest on."""


class Container(NamedTuple):
    """A mapping, or a list, that is written out: what it holds. `by_key`: a mapping."""

    items: tuple[Meaning, ...]
    by_key: bool


class Choice(NamedTuple):
    """One of several functions or objects: an item of a container."""

    options: tuple[Meaning, ...]


Meaning: TypeAlias = (
    "External | Instance | ProjectFunction | ProjectClass | ProjectObject | Module | Container | Choice | None"
)


def options_of(meaning: Meaning) -> tuple[Meaning, ...]:
    """All that a path may stand for."""
    return meaning.options if isinstance(meaning, Choice) else (meaning,)


def name_of(meaning: Meaning) -> str:
    """The name of what stands among the bases of a class."""
    if isinstance(meaning, External):
        return meaning.name
    if isinstance(meaning, Instance):
        return meaning.type
    return meaning.name if isinstance(meaning, ProjectClass) else ""


def one_of(meanings: Iterable[Meaning]) -> Meaning:
    """One of several meanings, as far as they are known."""
    options = tuple(dict.fromkeys(one for one in meanings if one is not None))
    return Choice(options) if len(options) > 1 else options[0] if options else None


_TAKING = frozenset({"get", "pop", "setdefault"})
"""Methods of a container that give an item; `values` and `copy` give all of them."""


def step_of_container(container: Container, token: str) -> Meaning:
    """An item of a container, or the container as one of its methods gives it once more."""
    if token == "[]" or token in _TAKING:
        return one_of(container.items)
    return container if token in {"values", "copy"} else None
