"""Folders that a program which goes on for ever looks into again and again, and which others may take away."""

from __future__ import annotations

import re

from shipworthy.escape.ir import Call, within
from shipworthy.escape.program import Unit

_PLACES = {"os.listdir": "0", "os.scandir": "0", "pathlib.Path.iterdir": ""}
"""Calls that list a folder, and which argument that is; "" for what they are called on."""
_NAMED = re.compile(
    r"self\.\w+|[A-Z][A-Z0-9_]{2,}|(?:\w+\.)+[A-Z][A-Z0-9_]{2,}|(?:self\.)?\w*(?:conf(?:ig)?|settings)\.\w+"
)
"""What names a folder for the whole program: an attribute, a constant, a setting."""
_IN_PACKAGE = re.compile(r"(?i)__file__|resource|template|package|plugin|static|cache|te?mp|module|here|root|proc|sys")
_MAKES = frozenset({"mkdir", "makedirs"})


def is_watched(name: str, call: Call, unit: Unit) -> bool:
    """Whether a call lists a folder that the settings name, and nobody has made or looked for."""
    place = _PLACES.get(name)
    if place is None or call.guarded:
        return False
    folder = dict(call.paths).get(place, "") if place else call.callee.rpartition(".")[0]
    if _NAMED.fullmatch(folder) is None or _IN_PACKAGE.search(folder) is not None:
        return False
    calls = (one for function in unit.functions.values() for one in within(function.body) if isinstance(one, Call))
    return not any(_makes(one, folder) for one in calls)


def _makes(call: Call, folder: str) -> bool:
    """Whether a call makes a folder."""
    owner, _, last = call.callee.rpartition(".")
    return last in _MAKES and (owner == folder or dict(call.paths).get("0") == folder)
