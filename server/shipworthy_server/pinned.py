"""Which version of Shipworthy a project pins for its hooks, and whether that is this one."""

from __future__ import annotations

import re
from pathlib import Path

import shipworthy
from shipworthy import sources

FILE = ".pre-commit-config.yaml"

_REPOSITORY = re.compile(r"^\s*-\s+repo:\s*['\"]?\S*?/shipworthy(?:\.git)?/?['\"]?\s*(?:#.*)?$", re.MULTILINE)
_REVISION = re.compile(r"^\s+rev:\s*['\"]?v?(?P<version>\d+\.\d[\w.+-]*)['\"]?\s*(?:#.*)?$", re.MULTILINE)
_NEXT = re.compile(r"^\s*-\s+repo:", re.MULTILINE)


def difference(folder: Path) -> str:
    """What to tell the user if a folder's hooks run another version than this server; "" if they do not."""
    try:
        decoded = sources.decode(sources.read_regular(folder / FILE), 1_000_000)
    except OSError:
        return ""
    version = pinned(decoded.text) if isinstance(decoded, sources.Text) else ""
    if not version or version == shipworthy.__version__:
        return ""
    return (
        f"{FILE} pins Shipworthy {version}, but this server is {shipworthy.__version__}: "
        "the editor and the commit may disagree. Install the same version for both."
    )


def pinned(text: str) -> str:
    """The version that the text of a `.pre-commit-config.yaml` pins; "" if it names none, or a branch or a commit."""
    found = _REPOSITORY.search(text)
    if found is None:
        return ""
    following = _NEXT.search(text, found.end())
    revision = _REVISION.search(text, found.end(), following.start() if following is not None else len(text))
    return revision["version"] if revision is not None else ""
