"""What a verdict owes to the engine itself: its source, the tools behind it, and Python's version."""

from __future__ import annotations

import functools
import hashlib
import os
import sys
from pathlib import Path

import shipworthy

DISTRIBUTIONS = (
    "bandit",
    "detect-secrets",
    "radon",
    "ruff",
    "tree-sitter",
    "tree-sitter-javascript",
    "tree-sitter-python",
    "tree-sitter-typescript",
)
"""The distributions whose versions are part of every verdict."""


@functools.cache
def engine() -> str:
    """A text that differs whenever another engine, or other tools, could come to another verdict."""
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    installed = _installed()
    tools = (f"{name} {installed.get(name, 'missing')}" for name in DISTRIBUTIONS)
    return "\n".join([shipworthy.__version__, _source_stamp(), python, *tools])


def _installed() -> dict[str, str]:
    """The versions of what is installed, by the names of its folders: importlib.metadata takes 40 ms to import."""
    found: dict[str, str] = {}
    for place in reversed(sys.path):
        try:
            names = os.listdir(place or ".")  # noqa: PTH208  # a path object for each name is slow
        except OSError:
            continue
        for name in names:
            stem, dot, kind = name.rpartition(".")
            if dot and kind in ("dist-info", "egg-info"):
                distribution, _, version = stem.partition("-")
                found[distribution.replace("_", "-").lower()] = version
    return found


def _source_stamp() -> str:
    """Changes whenever the engine's own source does, released or not."""
    digest = hashlib.blake2b(digest_size=8)
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        stat = path.stat()
        digest.update(f"{path.name} {stat.st_size} {stat.st_mtime_ns}\n".encode())
    return digest.hexdigest()
