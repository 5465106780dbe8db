"""How one state of a file differs from the one before: which functions, and which names stand for something else."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping

from shipworthy.escape.catching import around_others
from shipworthy.escape.extract import MAIN, MODULE
from shipworthy.escape.ir import QUEUED, REQUEST, SHARED, Function, Yield, within
from shipworthy.escape.meanings import IMPORTS, Body, ProjectClass
from shipworthy.escape.names import Names, hung_in
from shipworthy.escape.program import Name, Unit
from shipworthy.escape.refusals import UNIQUE
from shipworthy.escape.resting import Symbol
from shipworthy.model import Span


def edited(old: Unit, unit: Unit) -> list[str]:
    """The functions that have changed, come or gone."""
    names = dict.fromkeys([*unit.functions, *old.functions])
    return [name for name in names if old.functions.get(name) != unit.functions.get(name)]


def are_moved(old: Unit, unit: Unit) -> bool:
    """Whether functions have come or gone, or stand in another order: of several the first may count."""
    return [*old.functions] != [*unit.functions]


def of_program(unit: Unit) -> object:
    """What of a file bears on functions anywhere in the program, whatever they ask for."""
    shared = {name: path for name, path in unit.attributes.items() if name.startswith((QUEUED, REQUEST, SHARED))}
    return unit.marks, shared, [*hung_in(unit)]


def symbols(old: Unit, unit: Unit, functions: Iterable[str]) -> frozenset[Symbol]:
    """What stands for something else now, if these functions have changed; none if only what they do has."""
    names = {name for name in functions if _header(old.functions.get(name)) != _header(unit.functions.get(name))}
    for before, now in (
        (old.attributes, unit.attributes),
        (old.variables, unit.variables),
        (old.imports, unit.imports),
        (old.bases, unit.bases),
    ):
        names |= _different(before, now)
    if names or are_moved(old, unit):
        names |= _different(_classes(old), _classes(unit))
    if old.libraries != unit.libraries:
        names.add(IMPORTS)
    found: set[Symbol] = {Name(unit.path, name) for name in names}
    guarding = (name for name in functions if _guards(old, name) != _guards(unit, name))
    found |= {Body(Name(unit.path, around)) for name in guarding for around in _with_those_around(name)}
    return frozenset(found)


def _with_those_around(name: str) -> Iterator[str]:
    """A function's dotted name, and those of the functions that it may stand in."""
    while name:
        yield name
        name = name.rpartition(".")[0]


def _different(before: Mapping[str, object], now: Mapping[str, object]) -> set[str]:
    """The keys of what is not the same in two mappings."""
    return {key for key in before.keys() | now.keys() if before.get(key) != now.get(key)} if before != now else set()


def _header(function: Function | None) -> Hashable:
    """What of a function bears on those that name it; of the code outside functions, nothing."""
    if function is None or function.name in {MAIN, MODULE}:
        return None
    makes = any(isinstance(one, Yield) for one in within(function.body))
    return function._replace(at=Span(0, 0), body=(), returned=frozenset(), may_give_none=False), makes


def _guards(unit: Unit, name: str) -> object:
    """What a function handles around what it calls for others."""
    function = unit.functions.get(name)
    return function and around_others(function)


def _classes(unit: Unit) -> dict[str, tuple[list[str], list[str]]]:
    """What each class is made of: its methods, and the columns in which its rows differ."""
    found: dict[str, tuple[list[str], list[str]]] = {name: ([], []) for name in unit.bases}
    for name, function in unit.functions.items():
        if function.owner in found:
            validates = any("validator" in one.path for one in function.decorators)
            found[function.owner][0].append(f"{name} validates" if validates else name)
    for attribute in unit.attributes:
        owner, _, column = attribute.partition(f".{UNIQUE}")
        if column and owner in found:
            found[owner][1].append(column)
    return found


def same_names(old: Unit, unit: Unit, functions: Iterable[str]) -> bool:
    """Whether the same names stand for something as before, at most written otherwise: what attributes and variables
    hold, and what functions give back. Of such, `meanings` tells whether they mean the same still.
    """
    kept = (name for name in functions if name in old.functions and name in unit.functions)
    written = all(_header(_plain(old, name)) == _header(_plain(unit, name)) for name in kept)
    here = {name for name in old.functions.keys() ^ unit.functions.keys() if not name.startswith((MAIN, MODULE))}
    return (
        written
        and not here
        and not are_moved(old, unit)
        and old.variables.keys() == unit.variables.keys()
        and (old.imports, old.bases) == (unit.imports, unit.bases)
    )


def _plain(unit: Unit, name: str) -> Function:
    return unit.functions[name]._replace(returns=())


def meanings(names: Names, unit: Unit, changed: Iterable[Symbol]) -> list[tuple[type, object, bool]]:
    """What names of a file stand for; tuples of two classes may be equal, and whether a function returns True counts
    too.
    """
    found: list[tuple[type, object, bool]] = []
    for symbol in sorted(symbol.function for symbol in changed if isinstance(symbol, Name)):
        owner, _, last = symbol.rpartition(".")
        function = unit.functions.get(symbol)
        held = [names.result(Name(unit.path, symbol))] if function is not None else []
        held += [names.method(ProjectClass(unit.path, owner), last)] if owner and function is None else []
        held += [names.resolve(unit, None, symbol)] if symbol in unit.variables else []
        gives = function is not None and "True" in function.returns
        found += [(type(one), one, gives) for one in held]
    return found
