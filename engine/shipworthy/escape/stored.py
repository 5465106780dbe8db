"""Files of the program's own: by what names it reads and writes them, whether safely, and what reads them."""

from __future__ import annotations

import re
import zlib
from collections.abc import Container, Mapping
from typing import NamedTuple

from shipworthy.escape.ir import MADE, Atom, Flow, Path

FILE = "file:"
"""Begins an atom that stands for what is in a file of the program's own, before its kind, `:` and its name."""

WRITTEN = "written:"
"""Begins a mark of a file of Python that writes such a file in place, before that name."""

STORED = "<stored>"
"""Stands among the parameters of a condition for what the program itself writes, and may have left half written."""

OWN = "<own>"
"""Stands there for what is in any file of its own, which a person may have written."""

SETTINGS = "<settings>"
"""Stands there for what is in a file with settings, whatever its form."""

ENVIRONMENT = "<environment>"
"""Stands there for what the environment holds: a path that it names a person has written."""

MARKS = frozenset({STORED, OWN, SETTINGS, ENVIRONMENT})

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
OPENING = frozenset({"open", *_WHOLE})
"""The last names of calls that open files."""
_NAMED = re.compile(
    r"(?:self\.\w+|[A-Z][A-Z0-9_]{2,}|(?:\w+\.)+[A-Z][A-Z0-9_]{2,}|\w*(?:path|file)\w*\(\)|os\.getenv\(\)|os\.environ\.get\(\))$"
)
"""What names the same file wherever it stands: an attribute, a constant, a function that tells where something is."""
_LITERAL = re.compile(r"""(?:pathlib\.)?(?:Path\()?(?:[A-Z_]+\s*/\s*)?(['"])[\w./ -]+\1\)?$""")
_SHIPPED, _SETTINGS = "shipped", "settings"
_OF_PACKAGE = re.compile(
    r"(?i)__file__|resource|template|package|schema|fixture|asset|static|(?:base|here|module|root)(?:_|\b)"
)
_OF_SETTINGS = re.compile(r"(?i)conf(?:ig)?(?:\b|_|[A-Z])|settings|pref(?:erence)?s")
_SAFELY = re.compile(r"\.replace\(\s*\w+(?:\.\w+)*\s*\)|\.rename\(|os\.replace\(|shutil\.move\(|(?i:atomic)")
"""What a block does that writes a file beside the other one, and puts it in its place when it is whole."""


class Opened(NamedTuple):
    """A file that a call opens, by an atom for what is in it; `written`: it is opened to be written."""

    atom: Atom
    written: bool


def opened(callee: Path, first: Path, said: str, constants: Mapping[str, str]) -> Opened | None:
    """The file of the program's own that a call opens. `first`: the path of its first argument; `said`: how the text
    says which file it is.
    """
    owner, _, method = callee.rpartition(".")
    places = _OPENERS.get("open()" if method == "open" and callee not in _OPENERS else callee)
    if places is None and method not in _WHOLE:
        return None
    name = _name(owner if method in _WHOLE or callee not in _OPENERS else first, said)
    kind = _SHIPPED if _OF_PACKAGE.search(said) else _SETTINGS if _OF_SETTINGS.search(said) else ""
    if not name and kind != _SETTINGS:
        return None
    mode = next((constants[place] for place in places or () if place in constants), "r")
    return Opened(f"{FILE}{kind}:{name}", _WHOLE.get(method, mode[:1] in {"w", "a", "x"}))


def is_function(callee: Path) -> bool:
    """Whether a file is opened by a function of this name, and not by a method of its path."""
    return callee in _OPENERS


def _name(path: Path, said: str) -> str:
    """By what name the program knows a file in several places; a text that is written out stands there as a number."""
    if _NAMED.match(path):
        return path
    return f"#{zlib.crc32(said.encode()):x}" if _LITERAL.match(said) else ""


def is_safe(text: str) -> bool:
    """Whether a block that writes files takes care that none is ever left half written."""
    return _SAFELY.search(text) is not None


def is_of_own(atom: Atom) -> bool:
    """Whether an atom stands for what is in a file of the program's own."""
    return atom.startswith(FILE)


def marks_of(atom: Atom, written: Container[str]) -> frozenset[str]:
    """What a condition says of what is in such a file, read where these marks tell which ones are written."""
    kind = atom.removeprefix(FILE).partition(":")[0]
    found = {STORED} if is_written(atom, written) else set[str]()
    return frozenset(found | ({OWN, SETTINGS} if kind == _SETTINGS else {OWN} if not kind else set[str]()))


def unasked(what: str) -> frozenset[str]:
    """What a condition does not say of a call that does not read such files."""
    asked = {STORED, SETTINGS} if what in DECODERS else {OWN} if what in HANDWRITTEN else set[str]()
    names_file = asked or what.rpartition(".")[2] in OPENING
    return MARKS - (asked | {ENVIRONMENT} if names_file else asked)


def mark_of(atom: Atom) -> str:
    """How a file of Python is marked that writes such a file in place."""
    return f"{WRITTEN}{atom.partition('|')[0].removeprefix(FILE).partition(':')[2]}"


def is_written(atom: Atom, marks: Container[str]) -> bool:
    """Whether a file of Python with these marks writes what such an atom stands for, in place."""
    return mark_of(atom) in marks and mark_of(atom) != WRITTEN


def content(flow: Flow, marks: Container[str]) -> Flow:
    """Where what is read comes from: of a file that the program writes, it does not matter what its path is made of."""
    if not any(is_of_own(atom) and is_written(atom, marks) for atom in flow):
        return flow
    return frozenset(atom for atom in flow if f"|{MADE}" not in atom and not atom.endswith("|open"))
