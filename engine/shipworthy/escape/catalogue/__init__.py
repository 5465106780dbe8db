"""What calls raise in normal operation, for the standard library and the libraries people use most."""

from __future__ import annotations

import builtins
import functools
import re
from collections.abc import Mapping
from importlib import import_module

from shipworthy.escape.catalogue.model import OUTSIDE, Condition, Known, Library, Likelihood, Raised

__all__ = [
    "OUTSIDE",
    "Condition",
    "Known",
    "Library",
    "Likelihood",
    "Raised",
    "ancestors",
    "beginning",
    "canonical",
    "is_outside",
    "is_remote",
    "is_type",
    "known",
    "libraries",
]

_MODULES = (
    "files",
    "text",
    "network",
    "processes",
    "http",
    "messaging",
    "sql",
    "orm",
    "stores",
    "cloud",
    "language_models",
    "chat",
    "tables",
    "security",
    "web",
    "pages",
    "windows",
    "services",
    "devices",
)

_REMOTE = ("network", "http", "messaging", "sql", "stores", "cloud", "language_models", "chat", "services")
"""The modules whose libraries speak with other machines or with databases."""

_REMOTE_ROOTS = frozenset({"paramiko", "sqlalchemy"})
"""Libraries that do so as well, of modules of which it does not hold."""

_MOST_ALIASES = 5
"""How often a name is replaced by another one, so that a circle of aliases ends."""


@functools.cache
def libraries() -> tuple[Library, ...]:
    """Every library of the catalogue."""
    return tuple(library for module in _MODULES for library in _libraries(module))


def _libraries(module: str) -> tuple[Library, ...]:
    found: tuple[Library, ...] = import_module(f"{__name__}.{module}").LIBRARIES
    return found


@functools.lru_cache(maxsize=50_000)
def known(name: str) -> Known | None:
    """What is known of a call by its canonical name.

    `boto3.client.*` stands for any method, `*.objects.get` and `*.model_validate` for any beginning outside the
    catalogue's own libraries.
    """
    calls = _calls()
    found = calls.get(name)
    owner, _, method = name.rpartition(".")
    if found is not None or not owner or method.startswith("__"):
        return found
    if name.partition(".")[0] in _roots():
        return calls.get(f"{owner}.*")
    return calls.get(f"*.{owner.rpartition('.')[2]}.{method}") or calls.get(f"*.{method}")


def is_remote(name: str) -> bool:
    """Whether a call, by its canonical name, is of a library that speaks with other machines or with a database."""
    return name.partition(".")[0] in _remote_roots()


@functools.cache
def _remote_roots() -> frozenset[str]:
    listed = (row for module in _REMOTE for library in _libraries(module) for row in library.calls)
    return _REMOTE_ROOTS | {row.partition(".")[0] for row in listed} - {"*"}


def beginning(literal: str) -> str:
    """As much of a literal argument as any condition asks about, "" for the others: it may be a secret."""
    text = literal.lstrip()
    if text == "None":
        return text
    found = _beginnings().match(text)
    return found.group() if found is not None else ""


def is_outside(type_name: str) -> bool:
    """Whether values of a type, or the items that they give, are data that another program or a person made."""
    item = known(f"{type_name}[]")
    held = (item.returns if item is not None else type_name).strip("[]")
    return held == OUTSIDE or held.startswith(f"{OUTSIDE}.")


def is_type(name: str) -> bool:
    """Whether the catalogue knows methods of a type, or calls that give one."""
    return name in _types()


@functools.lru_cache(maxsize=50_000)
def canonical(name: str) -> str:
    """The one name that the catalogue uses for a function, type or exception."""
    name = name.removeprefix("builtins.")
    for _ in range(_MOST_ALIASES):
        found = _replaced(name)
        if found == name:
            break
        name = found
    return name


def ancestors(exception: str, local: Mapping[str, tuple[str, ...]] | None = None) -> frozenset[str]:
    """An exception and all its bases. `local`: classes of the project with their bases.

    What nobody knows is taken for a direct child of Exception.
    """
    local = local or {}
    found: set[str] = set()
    todo = [canonical(exception)]
    while todo:
        name = todo.pop()
        if name not in local:
            found |= _listed_ancestors(name)
        elif name not in found:
            found.add(name)
            todo.extend(canonical(base) for base in local[name])
    return frozenset(found)


@functools.lru_cache(maxsize=10_000)
def _listed_ancestors(name: str) -> frozenset[str]:
    """An exception that is no class of the project, and all its bases."""
    builtin = getattr(builtins, name, None)
    bases = _exceptions().get(name, ("Exception",))
    if isinstance(builtin, type):
        return frozenset(base.__name__ for base in builtin.__mro__) - {"object"}
    return frozenset({name}).union(*(_listed_ancestors(canonical(base)) for base in bases))


def _replaced(name: str) -> str:
    """The name after the alias of the longest beginning of it that has one."""
    aliases = _aliases()
    end = len(name)
    while end > 0:
        target = aliases.get(name[:end])
        if target is not None:
            return target + name[end:]
        end = name.rfind(".", 0, end)
    any_beginning = aliases.get(f"*{name[name.rfind('.') :]}") if "." in name else None
    return any_beginning or name


@functools.cache
def _calls() -> Mapping[str, Known]:
    return {name: row for library in libraries() for name, row in library.calls.items()}


@functools.cache
def _beginnings() -> re.Pattern[str]:
    """What literals begin with that a condition asks about, the longest first."""
    raised = (one for row in _calls().values() for one in row.raised)
    conditions = (one for either in raised for one in (either.given, either.unless) if one is not None)
    values = {value for one in conditions for value in one.values} | {"None", "True", "False"}
    return re.compile("|".join(map(re.escape, sorted(values, key=len, reverse=True))))


@functools.cache
def _roots() -> frozenset[str]:
    return frozenset(name.partition(".")[0] for name in _calls())


@functools.cache
def _types() -> frozenset[str]:
    holders = (name.rpartition(".")[0] for name in _calls())
    named = {one for one in holders if one[one.rfind(".") + 1 :][:1].isupper()}
    return frozenset(named | {row.returns.strip("[]") for row in _calls().values() if row.returns})


@functools.cache
def _exceptions() -> Mapping[str, tuple[str, ...]]:
    return {name: bases for library in libraries() for name, bases in library.exceptions.items()}


@functools.cache
def _aliases() -> Mapping[str, str]:
    return {name: target for library in libraries() for name, target in library.aliases.items()}
