"""What a project is built to: the commands that it installs, if it is installed at all.

Read from what says so: pyproject.toml, setup.cfg, setup.py.
"""

from __future__ import annotations

import configparser
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

_ENTRY = re.compile(r"[\w.-]+\s*=\s*([\w.]+:[\w.]+)")
_CONSOLE = re.compile(r"(?:console|gui)_scripts['\"]?\s*[:=]\s*[\[(](.*?)[\])]", re.DOTALL)


def scripts(name: str, text: str) -> frozenset[str]:
    """The entry points of commands in a settings file called `name`, as `module:function`; none if it is broken."""
    read = _READERS.get(name)
    try:
        return frozenset(read(text)) if read is not None else frozenset()
    except (tomllib.TOMLDecodeError, configparser.Error, AttributeError):
        return frozenset()


def _pyproject(text: str) -> Iterator[str]:
    settings = tomllib.loads(text)
    project: Mapping[str, Any] = settings.get("project", {})
    poetry: Mapping[str, Any] = settings.get("tool", {}).get("poetry", {})
    tables = (project.get("scripts", {}), project.get("gui-scripts", {}), poetry.get("scripts", {}))
    yield from (entry for table in tables for entry in table.values() if isinstance(entry, str))


def _setup_cfg(text: str) -> Iterator[str]:
    settings = configparser.RawConfigParser()
    settings.read_string(text)
    for kind in ("console_scripts", "gui_scripts"):
        yield from _ENTRY.findall(settings.get("options.entry_points", kind, fallback=""))


def _setup_py(text: str) -> Iterator[str]:
    for found in _CONSOLE.findall(text):
        yield from _ENTRY.findall(found)


_READERS: Mapping[str, Callable[[str], Iterator[str]]] = {
    "pyproject.toml": _pyproject,
    "setup.cfg": _setup_cfg,
    "setup.py": _setup_py,
}


def is_distribution(name: str, text: str) -> bool:
    """Whether a settings file makes a distribution of its folder: who uses that has no need to run files of it."""
    if scripts(name, text):
        return True
    if name == "setup.py":
        return "setup(" in text
    if name == "setup.cfg":
        return "[metadata]" in text
    return name == "pyproject.toml" and "[build-system]" in text


NAMES = frozenset(_READERS)
"""The names of the files that say which commands a project installs."""
