"""What a user may set in the editor: how and when findings are shown, never which there are.

Settings come as JSON from the editor. One that makes no sense is told to the user, and the default holds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from shipworthy.model import Severity
from shipworthy_server.loose import members

SECTION = "shipworthy"

_SHOWN_AS = {"error": 1, "warning": 2, "information": 3, "hint": 4}
"""The severities of the protocol by the words that settings use."""

DEFAULT_SEVERITIES: Mapping[Severity, int] = {Severity.ERROR: 1, Severity.WARNING: 2, Severity.HINT: 4}


@dataclass(frozen=True)
class Settings:
    """`slow_on_type`: whether bandit, ruff and radon run while typing, or only when a file is opened or saved.

    `severities`: how each of the engine's severities is shown, in the protocol's numbers.
    `checks_workspace`: whether an editor that pulls diagnostics is offered those of all files.
    """

    slow_on_type: bool = True
    severities: Mapping[Severity, int] = field(default_factory=lambda: DEFAULT_SEVERITIES)
    code_lens: bool = True
    checks_workspace: bool = False


def read(given: object) -> tuple[Settings, list[str]]:
    """The settings in what an editor sends, with or without the name of the section around them, and what is wrong."""
    values = members(given)
    values = members(values.get(SECTION)) if SECTION in values else values
    found: dict[str, Any] = {}
    mistakes: list[str] = []
    for name, (target, convert) in READERS.items():
        *folders, last = name.split(".")
        place = values
        for folder in folders:
            place = members(place.get(folder))
        value = place.get(last)
        try:
            if value is not None:
                found[target] = convert(value)
        except (KeyError, TypeError, ValueError):
            mistakes.append(f"{SECTION}.{name} cannot be {value!r:.40}; the default holds")
    return Settings(**found), mistakes


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError(value)
    return value


def _severities(value: object) -> Mapping[Severity, int]:
    chosen = {Severity[one.upper()]: _SHOWN_AS[word] for one, word in members(value).items()}
    # Nothing chosen is no mistake; Lua writes an empty table as a list.
    if not chosen and value not in ({}, []):
        raise TypeError(value)
    return {**DEFAULT_SEVERITIES, **chosen}


READERS: Mapping[str, tuple[str, Callable[[Any], object]]] = {
    "lanes.onType": ("slow_on_type", lambda value: {"all": True, "fast": False}[value]),
    "severity": ("severities", _severities),
    "codeLens": ("code_lens", _flag),
    "checkWorkspace": ("checks_workspace", _flag),
}
"""The settings by their names below `SECTION`: which field of `Settings` they are, and how they are read."""
