"""Folders that a program which goes on for ever looks into again and again, and which others may take away."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator

from shipworthy.escape.ir import Call, Function, within

_PLACES = {"os.listdir": "0", "os.scandir": "0", "pathlib.Path.iterdir": ""}
"""Calls that list a folder, and which argument that is; "" for what they are called on."""
_NAMED = re.compile(
    r"self\.\w+|[A-Z][A-Z0-9_]{2,}|(?:\w+\.)+[A-Z][A-Z0-9_]{2,}|(?:self\.)?\w*(?:conf(?:ig)?|settings)\.\w+"
)
"""What names a folder for the whole program: an attribute, a constant, a setting."""
_IN_PACKAGE = re.compile(r"(?i)__file__|resource|template|package|plugin|static|cache|te?mp|module|here|root|proc|sys")
MADE = "made:"
"""Begins a mark of a file of Python that makes a folder, before what it calls that."""
_MAKES = frozenset({"mkdir", "makedirs"})


def made(functions: Iterable[Function]) -> Iterator[str]:
    """A mark for each folder that functions make and that is known by its name all over their file."""
    for function in functions:
        for call in within(function.body):
            owner, _, last = call.callee.rpartition(".") if isinstance(call, Call) else ("", "", "")
            if isinstance(call, Call) and last in _MAKES:
                folders = (owner, dict(call.paths).get("0", ""))
                yield from (f"{MADE}{folder}" for folder in folders if _NAMED.fullmatch(folder) is not None)


def is_watched(name: str, call: Call, marks: Container[str]) -> bool:
    """Whether a call lists a folder that the settings name, and nobody has looked for; nor made, by a file's marks."""
    place = _PLACES.get(name)
    if place is None or call.guarded:
        return False
    folder = dict(call.paths).get(place, "") if place else call.callee.rpartition(".")[0]
    is_named = _NAMED.fullmatch(folder) is not None and _IN_PACKAGE.search(folder) is None
    return is_named and f"{MADE}{folder}" not in marks
