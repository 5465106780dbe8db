"""Of which web framework a view is: what its decorators, its class, or what it takes and gives back say."""

from __future__ import annotations

from collections.abc import Iterable

from shipworthy.escape.ir import Function
from shipworthy.escape.meanings import IMPORTS, External, Instance, Meaning
from shipworthy.escape.names import Names
from shipworthy.escape.program import Unit

FRAMEWORKS = (
    "rest_framework",
    "fastapi",
    "quart",
    "flask",
    "django",
    "aiohttp",
    "tornado",
    "starlette",
    "bottle",
    "falcon",
    "litestar",
    "sanic",
)
"""Packages of web frameworks; those that build on another one stand before it."""
BUILT_ON = {"fastapi": "starlette", "rest_framework": "django"}
"""Whoever imports the one may well need parts of the other for it."""
_EXTENSIONS = {"ninja": "django"}
"""Packages whose views are answered as those of a framework are, beside those called after it: `flask_restful`."""


def framework_of(names: Names, unit: Unit, function: Function) -> str:
    """The package of the framework whose view a function is; "" if that cannot be told."""
    decorated = (names.resolve(unit, None, one.path) for one in function.decorators)
    bases = names.bases(unit, function.owner) if function.owner else ()
    taken = (names.resolve(unit, function, one.annotation) for one in function.parameters)
    given = (names.resolve(unit, function, path.removesuffix("()")) for path in function.returns)
    names.note_name(unit.path, IMPORTS)
    imported = {_family(package) for package in unit.libraries} & set(FRAMEWORKS)
    found = _one_of(decorated) or _one_of(bases) or _one_of((*taken, *given))
    if found:
        return "fastapi" if found == "starlette" and "fastapi" in imported else found  # which hands over parts of it
    imported -= {below for above, below in BUILT_ON.items() if above in imported}
    if len(imported) != 1:
        return ""
    [framework] = imported
    # A function is a view of this one by a decorator alone, and any other of the one below.
    return "django" if framework == "rest_framework" and not function.owner else framework


def _one_of(meanings: Iterable[Meaning]) -> str:
    full = (
        one.name if isinstance(one, External) else one.type for one in meanings if isinstance(one, External | Instance)
    )
    found = {_family(name.partition(".")[0]) for name in full}
    return next((framework for framework in FRAMEWORKS if framework in found), "")


def _family(package: str) -> str:
    if package in _EXTENSIONS:
        return _EXTENSIONS[package]
    return next((one for one in FRAMEWORKS if package.startswith(f"{one}_")), package)
