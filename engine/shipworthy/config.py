"""The configuration: frozen values, checked completely when they are read.

Every mistake of a file is reported at once, each with its line and what to write instead.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from pathlib import Path
from typing import Any, cast, get_args, get_origin, get_type_hints

from shipworthy import registry
from shipworthy.model import FAIL_ON, Family, Severity
from shipworthy.sources import LARGEST

FILE_NAMES = ("shipworthy.toml", "pyproject.toml")
"""Where configuration may stand; of two in the same folder the first counts."""

_PART = r"(?:[\w-]+|\"[^\"]*\"|'[^']*')"
_KEY = re.compile(rf"\s*({_PART}(?:\s*\.\s*{_PART})*)\s*=")
_HEADER = re.compile(rf"\s*\[\[?\s*({_PART}(?:\s*\.\s*{_PART})*)\s*\]")
_ITEM = re.compile(r"\"([^\"]*)\"|'([^']*)'|([\w-]+)\s*=")


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing wrong in a configuration file, with its line (from 1) and the remedy."""

    path: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"


class ConfigError(Exception):
    """A configuration file is invalid. Holds every mistake in it."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__("\n".join(map(str, self.mistakes)))

    def __reduce__(self) -> tuple[Any, ...]:
        return (ConfigError, (self.mistakes,))


@dataclass(frozen=True)
class PathSettings:
    """What differs for the files that match a pattern: rules to ignore, other severities."""

    ignore: tuple[str, ...] = ()
    severity: Mapping[str, Severity] = field(default_factory=dict[str, Severity])


@dataclass(frozen=True)
class Config:
    """All settings, named as in the file but for `_` in place of `-`.

    Patterns are those of .gitignore, relative to the folder of the file. `rules` holds the options
    of single rules by id. `select` and `ignore` name rules and families; `all` selects every rule.
    `tests`: what counts as test code, in place of the usual names (see language.TEST_FILE).
    """

    select: tuple[str, ...] = tuple(Family)
    ignore: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()
    severity: Mapping[str, Severity] = field(default_factory=dict[str, Severity])
    fail_on: Mapping[Family, Severity] = field(default_factory=dict[Family, Severity])
    paths: Mapping[str, PathSettings] = field(default_factory=dict[str, PathSettings])
    rules: Mapping[str, Any] = field(default_factory=dict[str, Any])
    baseline: str = ""
    max_file_size: int = 2_000_000

    def blocks(self, family: Family, severity: Severity) -> bool:
        """Whether a finding of this family and severity blocks a commit."""
        return severity >= self.fail_on.get(family, FAIL_ON[family])


def find(folder: Path, top: Path | None = None) -> Path | None:
    """The nearest configuration file at or above `folder`, not above `top`."""
    for place in (folder, *folder.parents):
        if (found := is_in(str(place))) is not None:
            return Path(found)
        if place == top:
            break
    return None


def is_in(folder: str) -> str | None:
    """The configuration file in a folder."""
    paths = ((name, f"{folder}/{name}") for name in FILE_NAMES)
    return next((path for name, path in paths if is_file(path) and counts(name, _content(path))), None)


def counts(name: str, data: bytes) -> bool:
    """Whether a file is configuration of ours: a pyproject.toml is if it has a `[tool.shipworthy]` table.

    One that is no TOML is too if it mentions us: nobody can tell whether the table is there.
    """
    # Without its zeros, UTF-16 can be searched like ASCII.
    if name != "pyproject.toml" or b"shipworthy" not in data.replace(b"\0", b""):
        return name != "pyproject.toml"
    try:
        table: Any = tomllib.loads(data.decode("utf-8-sig"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError):
        return True
    return isinstance(table.get("tool"), dict) and "shipworthy" in table["tool"]


def is_file(path: str) -> bool:
    """Whether a regular file is known to be there; not if its folder may not be looked into."""
    return os.path.isfile(path)  # noqa: PTH113  # to make a Path takes longer than to look


def load(path: Path) -> Config:
    """Read a configuration file. Raises ConfigError with all its mistakes."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ConfigError([Mistake(str(path), 1, f"cannot be read: {error.strerror}; make it readable")]) from error
    return parse(data, path)


def parse(data: bytes, path: Path) -> Config:
    """The configuration that the bytes of a file hold. Raises ConfigError with all its mistakes."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigError([Mistake(str(path), line, "is not UTF-8; save the file as UTF-8")]) from error
    try:
        table: Any = tomllib.loads(text)
    except RecursionError as error:
        raise ConfigError([Mistake(str(path), 1, "is nested too deeply to be read")]) from error
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"at line (\d+)", str(error))
        at = int(found[1]) if found is not None else text.count("\n") + 1
        raise ConfigError([Mistake(str(path), at, f"is not valid TOML: {error}")]) from error
    keys: tuple[str, ...] = ("tool", "shipworthy") if path.name == "pyproject.toml" else ()
    for key in keys:
        table = table.get(key, {})
    reader = _Reader(str(path), text, keys)
    config = reader.config(table)
    if reader.mistakes:
        raise ConfigError(sorted(reader.mistakes, key=lambda mistake: mistake.line))
    return config


def _content(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError:
        return b""


class _Reader:
    """Turns the parsed table into a Config, collecting mistakes on the way."""

    def __init__(self, path: str, text: str, table: tuple[str, ...]) -> None:
        self.mistakes: list[Mistake] = []
        self._path, self._table = path, table
        self._lines = dict(reversed([*_key_lines(text)]))

    def config(self, data: object) -> Config:
        """The configuration, with defaults in place of what is wrong."""
        config = self._read(data, Config, ()) or Config()
        self._check_names(config)
        if not 1 <= config.max_file_size <= LARGEST:
            self._add(("max-file-size",), f"max-file-size must be between 1 and {LARGEST:,} bytes")
        classes = {rule: self._options_class(rule) for rule in config.rules if rule in registry.entries()}
        options = {
            rule: self._read(config.rules[rule], cls, ("rules", rule))
            for rule, cls in classes.items()
            if cls is not None
        }
        return replace(config, rules={rule: read for rule, read in options.items() if read is not None})

    def _read(self, value: object, kind: Any, at: tuple[str, ...]) -> Any:
        """A value as the type that a setting declares; None if it is another one, which is then noted."""
        if kind is Any:
            return value
        if is_dataclass(kind) or get_origin(kind) is Mapping:
            if not isinstance(value, dict):
                self._add(at, f"{_dotted(at)} must be a table, not {_kind_of(value)}")
                return None
            table = cast("dict[str, object]", value)
            return self._mapping(table, kind, at) if get_origin(kind) is Mapping else self._dataclass(table, kind, at)
        fits, wanted = _LEAVES[kind]
        if not fits(value):
            is_word = kind is Severity and isinstance(value, str)
            given = f"another text{_close(value, _LABELS)}" if is_word else _kind_of(value)
            self._add(at, f"{_dotted(at)} must be {wanted}, not {given}")
            return None
        if kind is Severity:
            return Severity[str(value).upper()]
        return tuple(cast("list[str]", value)) if kind == tuple[str, ...] else value

    def _dataclass(self, table: Mapping[str, object], kind: Any, at: tuple[str, ...]) -> Any:
        types = get_type_hints(kind)
        names = {item.name.replace("_", "-"): item.name for item in fields(kind)}
        read: dict[str, Any] = {}
        for key, value in table.items():
            if key not in names:
                known = ", ".join(sorted(names))
                self._add((*at, key), f"unknown setting {key!r}{_close(key, names) or f'; there are {known}'}")
            elif (found := self._read(value, types[names[key]], (*at, key))) is not None:
                read[names[key]] = found
        return kind(**read)

    def _mapping(self, table: Mapping[str, object], kind: Any, at: tuple[str, ...]) -> Mapping[Any, Any]:
        key_kind, value_kind = get_args(kind)
        read: dict[Any, Any] = {}
        for key, value in table.items():
            if key_kind is Family and key not in tuple(Family):
                self._add((*at, key), f"unknown family {key!r}{_close(key, map(str, Family)) or _AMONG_FAMILIES}")
                continue
            found = self._read(value, value_kind, (*at, key))
            if found is not None:
                read[key_kind(key)] = found
        return read

    def _check_names(self, config: Config) -> None:
        known = registry.entries()
        selectors = [*known, *Family, "all"]
        places: list[tuple[tuple[str, ...], Iterable[str], Collection[str]]] = [
            (("select",), config.select, selectors),
            (("ignore",), config.ignore, selectors),
            (("severity",), config.severity, [*known, *Family]),
            (("rules",), config.rules, known),
        ]
        for pattern, settings in config.paths.items():
            places.append((("paths", pattern, "ignore"), settings.ignore, selectors))
            places.append((("paths", pattern, "severity"), settings.severity, [*known, *Family]))
        for at, names, allowed in places:
            for name in names:
                if name not in allowed:
                    self._add((*at, name), f"unknown rule {name!r}{suggestion(name, allowed)}")

    def _options_class(self, rule: str) -> type[Any] | None:
        options = registry.load(rule).options
        if options is None:
            self._add(("rules", rule), f"rule {rule!r} has no options; its severity is set in [severity]")
        return options

    def _add(self, keys: tuple[str, ...], message: str) -> None:
        path = (*self._table, *keys)
        line = next((self._lines[path[:size]] for size in range(len(path), 0, -1) if path[:size] in self._lines), 1)
        self.mistakes.append(Mistake(self._path, line, message))


_AMONG_FAMILIES = f"; there are {', '.join(Family)}"


def _is_list_of_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in cast("list[object]", value))


_LABELS = tuple(severity.label for severity in Severity)
_LEAVES: Mapping[Any, tuple[Callable[[object], bool], str]] = {
    str: (lambda value: type(value) is str, "a text"),
    int: (lambda value: type(value) is int, "a whole number"),
    bool: (lambda value: type(value) is bool, "true or false"),
    tuple[str, ...]: (_is_list_of_texts, 'a list of texts such as ["a", "b"]'),
    Severity: (lambda value: value in _LABELS, f"one of {', '.join(_LABELS)}"),
}
"""For each type that a setting may have: whether a value is one, and how people call it."""

_KINDS: tuple[tuple[type, str], ...] = (
    (str, "a text"),
    (bool, "true or false"),
    (int, "a number"),
    (float, "a number"),
    (dict, "a table"),
    (list, "another list"),
)


def _kind_of(value: object) -> str:
    """What a value is, without quoting it: nobody knows what was put there by mistake."""
    return next((name for kind, name in _KINDS if isinstance(value, kind)), "a date or a time")


def _dotted(keys: tuple[str, ...]) -> str:
    return ".".join(key if re.fullmatch(r"[\w-]+", key) else f'"{key}"' for key in keys) or "tool.shipworthy"


def _close(name: object, known: Iterable[str]) -> str:
    from difflib import get_close_matches

    close = get_close_matches(name, list(known), 1) if isinstance(name, str) else []
    return f"; did you mean {str(close[0])!r}?" if close else ""


def suggestion(name: str, known: Iterable[str]) -> str:
    """What to write instead of an unknown name of a rule."""
    return _close(name, known) or "; `shipworthy rule` lists all rules"


def _key_lines(text: str) -> Iterator[tuple[tuple[str, ...], int]]:
    """The line of every table header, key and text in a list of a TOML file, by its path of keys."""
    table: tuple[str, ...] = ()
    here: tuple[str, ...] = ()
    for number, line in enumerate(text.splitlines(), 1):
        header, key = _HEADER.match(line), _KEY.match(line)
        if header is not None:
            here = table = _keys(header[1])
        elif key is not None:
            here = (*table, *_keys(key[1]))
        if header is not None or key is not None:
            yield from ((here[:size], number) for size in range(1, len(here) + 1))
        if header is None:
            for item in _ITEM.finditer(line, key.end() if key is not None else 0):
                yield (*here, item[1] or item[2] or item[3] or ""), number


def _keys(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip("\"' ") for part in re.findall(r"[\w-]+|\"[^\"]*\"|'[^']*'", dotted))
