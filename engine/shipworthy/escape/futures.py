"""Futures: what a submitted function raises comes out where somebody asks for its result."""

from __future__ import annotations

import re

from shipworthy.escape.containers import parted
from shipworthy.escape.ir import Call, Flow, Path
from shipworthy.model import Span

_FUTURE = ".~"
"""Ends the path of a future, behind that of the function whose result it gives."""
_OF_SEVERAL = re.compile(r"(\{[^{}]+\})(?:\.(?:copy|values)\(\))?\[\]")
"""The path of one of several things that are held together."""

SUBMITTING = "submit"
"""The method that hands a function over, to be called with the other arguments."""
ASKING = "result"
"""The method of a future that raises what its function has raised."""
LOOKING = "exception"
"""The method that gives it: who has called that has looked."""
OF_FUTURE = frozenset({ASKING, LOOKING})


def future_of(function: Path) -> Path:
    """The path of the future that a submitted function gives; "" if it cannot be told which one that is."""
    return f"{function}{_FUTURE}" if function and function[0] not in "?{" else ""


def are_futures(path: Path) -> bool:
    """Whether a path is that of a future, or of several of them."""
    return path.endswith(_FUTURE) or (path.startswith("{") and path.endswith((f"{_FUTURE}}}", f"{_FUTURE}}}[]")))


def functions_of(path: Path) -> tuple[Path, ...]:
    """The functions that a future may be of, by its path."""
    several = _OF_SEVERAL.fullmatch(path)
    paths = parted(several[1])[0] if several is not None else (path,)
    return tuple(one.removesuffix(_FUTURE) for one in paths if one.endswith(_FUTURE))


def asked(submit: Call, function: Path, at: Span, names: frozenset[str]) -> Call:
    """A submitted function as if it was called where its result is asked for, by these names."""
    return Call(
        at,
        function,
        submit.arguments[1:],
        submit.keywords,
        names=names,
        constants=_behind_first(submit.constants),
        paths=_behind_first(submit.paths),
        guarded=frozenset(place for place, _ in _behind_first(tuple((place, "") for place in submit.guarded))),
    )


def given_by(submit: Call) -> Flow:
    """Where what a submitted function is handed comes from."""
    return frozenset[str]().union(*submit.arguments[1:], *(flow for _, flow in submit.keywords))


def _behind_first(places: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """What is said of a call's arguments by their places, when its first one is left out."""
    return tuple((str(int(place) - 1) if place.isdigit() else place, said) for place, said in places if place != "0")
