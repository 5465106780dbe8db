"""URIs and paths. A client's URI is echoed as it was written, so nothing here makes one from one."""

from __future__ import annotations

import os
import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

_DRIVE = re.compile(r"/[A-Za-z]:(?:/|\Z)")


def path_of(uri: str) -> Path | None:
    """The absolute path that a `file:` URI stands for; None for any other URI, and for one that no file can have."""
    try:
        parts = urlsplit(uri)
    except ValueError:
        return None
    if parts.scheme != "file":
        return None
    path = unquote(parts.path, errors="surrogateescape")
    if parts.netloc not in ("", "localhost"):
        path = f"//{parts.netloc}{path}"
    elif os.name == "nt" and _DRIVE.match(path):
        path = path[1:]
    try:
        os.fsencode(path)
    except UnicodeEncodeError:
        return None
    if not path or "\0" in path:
        return None
    return Path(os.path.normpath(path))


def name_of(uri: str) -> str:
    """A path for a document that is no file, such as `untitled:Untitled-1`: the last part of its URI."""
    name = unquote(re.split(r"[/:]", uri.partition("?")[0].rstrip("/"))[-1])
    return name.encode("utf-8", "replace").decode() or "untitled"
