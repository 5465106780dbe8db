"""Files of the program's own: by what names it reads and writes them, whether it does so safely, and what reads them."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping

from shipworthy.escape.ir import MADE, Atom, Flow, Path

FILE = "file:"
"""Begins an atom that stands for what is in a file of the program's own, before the name that the program has for it."""

WRITTEN = "written:"
"""Begins a mark of a file of Python that writes such a file in place, before that name."""

STORED = "<stored>"
"""Stands among the parameters of a condition for what the program has written itself, and may have left half written."""

OWN = "<own>"
"""Stands there for what is in any file of its own, which a person may have written."""

MARKS = frozenset({STORED, OWN})

HANDWRITTEN = frozenset(
    """
    yaml.load yaml.safe_load ruamel.yaml.YAML.load toml.load toml.loads tomllib.load tomllib.loads tomli.load
    tomli.loads tomlkit.load tomlkit.loads tomlkit.parse
    """.split()  # noqa: SIM905
)
"""Calls that read what people write rather than programs."""

DECODERS = frozenset(
    """
    json.load json.loads simplejson.load simplejson.loads ujson.load ujson.loads orjson.loads json5.load json5.loads
    pickle.load pickle.loads
    """.split()  # noqa: SIM905
)
"""Calls that read a whole document, and fail for one that ends in the middle."""

_OPENERS = {"open": ("1", "mode"), "io.open": ("1", "mode"), "aiofiles.open": ("1", "mode"), "open()": ("0", "mode")}
"""How files are opened, and where it says what for; `open()` is that of a path."""
_WHOLE = {"read_text": False, "read_bytes": False, "write_text": True, "write_bytes": True}
"""Methods of a path, and whether they write."""
_NAMED = re.compile(
    r"(?:self\.\w+|[A-Z][A-Z0-9_]{2,}|(?:\w+\.)+[A-Z][A-Z0-9_]{2,}|\w*(?:path|file)\w*\(\)|os\.getenv\(\)|os\.environ\.get\(\))$"
)
"""What names the same file wherever it stands: an attribute, a constant, a function that tells where something is."""
_SAFELY = re.compile(r"\.replace\(\s*\w+(?:\.\w+)*\s*\)|\.rename\(|os\.replace\(|shutil\.move\(|(?i:atomic)")
"""What a block does that writes a file beside the other one, and puts it in its place when it is whole."""


def opened(callee: Path, first: Path, constants: Mapping[str, str]) -> tuple[str, bool] | None:
    """The program's own name for the file that a call opens, and whether it is opened to be written."""
    owner, _, method = callee.rpartition(".")
    if method in _WHOLE:
        return (owner, _WHOLE[method]) if _NAMED.match(owner) else None
    places = _OPENERS.get(callee)
    name = first
    if places is None and method == "open":
        places, name = _OPENERS["open()"], owner
    if places is None or not _NAMED.match(name):
        return None
    mode = next((constants[place] for place in places if place in constants), "r")
    return name, mode[:1] in {"w", "a", "x"}


def is_safe(text: str) -> bool:
    """Whether a block that writes files takes care that none is ever left half written."""
    return _SAFELY.search(text) is not None


def is_of_own(atom: Atom) -> bool:
    """Whether an atom stands for what is in a file of the program's own."""
    return atom.startswith(FILE)


def unasked(what: str) -> frozenset[str]:
    """What a condition does not say of a call that does not read such files."""
    return MARKS - ({STORED} if what in DECODERS else {OWN} if what in HANDWRITTEN else set())


def is_written(atom: Atom, marks: Container[str]) -> bool:
    """Whether a file of Python with these marks writes what such an atom stands for, in place."""
    return f"{WRITTEN}{atom.partition('|')[0].removeprefix(FILE)}" in marks


def content(flow: Flow, marks: Container[str]) -> Flow:
    """Where what is read comes from: of a file that the program writes, it does not matter what its path is made of."""
    if not any(is_of_own(atom) and is_written(atom, marks) for atom in flow):
        return flow
    return frozenset(atom for atom in flow if f"|{MADE}" not in atom)
