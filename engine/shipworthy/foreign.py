"""What a project tells ruff and bandit to leave alone, read from their settings and nothing more.

Only ignores, per-file ignores, skips and excludes count. The tools themselves never see the files:
they run isolated. A settings file that cannot be read is theirs to complain about, not ours.
"""

from __future__ import annotations

import configparser
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from typing import Any, cast

from shipworthy.project import Foreign

Read = Callable[[str], "bytes | None"]
"""Gives the content of a file by its path relative to the root; None if there is none."""

_RUFF_FILES = (".ruff.toml", "ruff.toml", "pyproject.toml")
_GROUPS: Mapping[str, tuple[str, ...]] = {
    "ALL": ("",),
    "PL": ("PLC", "PLE", "PLR", "PLW"),
    "C": ("C", "C4", "C90"),
    "T": ("T", "T10", "T20"),
}
"""Prefixes of ruff's that stand for more than the letters say."""


def read(source: Read, folder: str) -> Foreign:
    """The settings that hold in `folder`: for each tool the nearest file there or above it."""
    ruff, bandit = _ruff(source, folder), _bandit(source, folder)
    return Foreign((*ruff.ignore, *bandit.ignore), ruff.per_file, {**ruff.excluded, **bandit.excluded})


def _ruff(source: Read, folder: str) -> Foreign:
    for place in _upwards(folder):
        table = _ruff_table(source, place)
        if table is not None:
            both = (table, _table(table.get("lint")))
            ignore = [code for settings in both for code in _listed(settings, "ignore", "extend-ignore")]
            patterns = [pattern for settings in both for pattern in _listed(settings, "exclude", "extend-exclude")]
            per_file: dict[str, tuple[str, ...]] = {}
            for pattern, codes in _per_file(both):
                for one in _anchored(place, [pattern]):
                    per_file[one] = (*per_file.get(one, ()), *_prefixes(_texts(codes)))
            return Foreign(_prefixes(ignore), per_file, {"ruff": _anchored(place, patterns)})
    return Foreign()


def _per_file(tables: Iterable[Mapping[str, Any]]) -> Iterable[tuple[str, Any]]:
    for table in tables:
        for name in ("per-file-ignores", "extend-per-file-ignores"):
            yield from _table(table.get(name)).items()


def _bandit(source: Read, folder: str) -> Foreign:
    for place in _upwards(folder):
        table = _bandit_table(source, place)
        if table is not None:
            patterns = [pattern.removeprefix("./") for pattern in _listed(table, "exclude_dirs", "exclude")]
            skips = tuple(f"bandit:{code}" for code in _listed(table, "skips"))
            return Foreign(skips, excluded={"bandit": _anchored(place, patterns)})
    return Foreign()


def _ruff_table(source: Read, place: str) -> Mapping[str, Any] | None:
    for name in _RUFF_FILES:
        data = _toml(source, place, name)
        if data is not None and name != "pyproject.toml":
            return data
        if data is not None and "ruff" in (tool := _table(data.get("tool"))):
            return _table(tool["ruff"])
    return None


def _bandit_table(source: Read, place: str) -> Mapping[str, Any] | None:
    text = source(f"{place}.bandit")
    if text is not None:
        parser = configparser.ConfigParser(interpolation=None)
        try:
            parser.read_string(text.decode("utf-8", "replace"))
        except configparser.Error:
            return None
        return dict(parser["bandit"]) if parser.has_section("bandit") else None
    tool = _table((_toml(source, place, "pyproject.toml") or {}).get("tool"))
    return _table(tool["bandit"]) if "bandit" in tool else None


def _toml(source: Read, place: str, name: str) -> dict[str, Any] | None:
    data = source(f"{place}{name}")
    if data is None:
        return None
    try:
        return tomllib.loads(data.decode("utf-8-sig", "replace"))
    except tomllib.TOMLDecodeError:
        return None


def _prefixes(codes: Iterable[str]) -> tuple[str, ...]:
    return tuple(f"ruff:{prefix}" for code in codes for prefix in _GROUPS.get(code, (code,)))


def _listed(settings: Mapping[str, Any], *names: str) -> list[str]:
    return [text for name in names for text in _texts(settings.get(name))]


def _texts(value: Any) -> list[str]:
    """The texts of a TOML list, or of an INI value that separates them by commas."""
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    items = cast("list[object]", value) if isinstance(value, list) else []
    return [item for item in items if isinstance(item, str) and item]


def _table(value: Any) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value) if isinstance(value, dict) else {}


def _upwards(folder: str) -> Iterable[str]:
    """The folder and those above it, each with a slash behind it; the root is the empty text."""
    parts = folder.split("/") if folder else []
    for size in range(len(parts), -1, -1):
        yield "".join(f"{part}/" for part in parts[:size])


def _anchored(place: str, patterns: Iterable[str]) -> tuple[str, ...]:
    """Patterns that hold below `place`, written as patterns that start at the root."""
    found: list[str] = []
    for pattern in (one for written in patterns for one in _alternatives(written)):
        negated, inner = ("!", pattern[1:]) if pattern.startswith("!") else ("", pattern)
        if place:
            inner = place + inner.lstrip("/") if "/" in inner.rstrip("/") else f"{place}**/{inner}"
        found.append(negated + inner)
    return tuple(found)


def _alternatives(pattern: str) -> list[str]:
    """`a/{b,c}` as `a/b` and `a/c`: the patterns of .gitignore have no braces."""
    braces = re.search(r"\{([^{}]*)\}", pattern)
    if braces is None:
        return [pattern]
    before, after = pattern[: braces.start()], pattern[braces.end() :]
    return [one for choice in braces[1].split(",") for one in _alternatives(f"{before}{choice}{after}")]
