"""The configuration: frozen values, checked completely when they are read.

Every mistake of a file is reported at once, each with its line and what to write instead.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any, cast

from shipworthy import registry
from shipworthy.model import FAIL_ON, Family, Severity

FILE_NAMES = ("shipworthy.toml", "pyproject.toml")
"""Where configuration may stand; of two in the same folder the first counts."""

TEST_FILE = re.compile(
    r"(?:^|/)(?:(?:tests?|testing|__tests__|e2e|fixtures|spec)/|test_[^/]*\.pyi?$|[^/]*_test\.py$|conftest\.py$"
    r"|[^/]*\.(?:test|spec)\.[cm]?[jt]sx?$)"
)
"""What counts as test code unless the configuration says otherwise."""


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
    `tests`: what counts as test code, in place of the usual names (see TEST_FILE).
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
    """The nearest configuration file at or above `folder`, not above `top`.

    A pyproject.toml counts if it has a `[tool.shipworthy]` table.
    """
    for place in (folder, *folder.parents):
        for name in FILE_NAMES:
            path = place / name
            if path.is_file() and (name != "pyproject.toml" or _has_table(path)):
                return path
        if place == top:
            break
    return None


def load(path: Path) -> Config:
    """Read a configuration file. Raises ConfigError with all its mistakes."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError([Mistake(str(path), 1, f"cannot be read: {error}")]) from error
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        at = int(line[1]) if line is not None else text.count("\n") + 1
        raise ConfigError([Mistake(str(path), at, f"is not valid TOML: {error}")]) from error
    table: tuple[str, ...] = ("tool", "shipworthy") if path.name == "pyproject.toml" else ()
    for key in table:
        data = data.get(key, {})
    reader = _Reader(str(path), text, table)
    config = reader.config(data)
    if reader.mistakes:
        raise ConfigError(sorted(reader.mistakes, key=lambda mistake: mistake.line))
    return config


def _has_table(path: Path) -> bool:
    try:
        text = path.read_text(encoding="utf-8-sig", errors="replace")
    except OSError:
        return False
    return re.search(r"^\s*\[\s*tool\s*\.\s*[\"']?shipworthy[\"']?\s*[.\]]", text, re.MULTILINE) is not None


class _Reader:
    """Turns the parsed table into a Config, collecting mistakes on the way."""

    def __init__(self, path: str, text: str, table: tuple[str, ...]) -> None:
        self.mistakes: list[Mistake] = []
        self._path, self._table = path, table
        self._lines = dict(reversed([*_key_lines(text)]))

    def config(self, data: Any) -> Config:
        """The configuration, with defaults in place of what is wrong."""
        import cattrs
        from cattrs.gen import make_dict_structure_fn, override

        converter = cattrs.Converter(forbid_extra_keys=True)
        for kind in (str, int, bool):
            converter.register_structure_hook(kind, _strict(kind))
        converter.register_structure_hook(Severity, _severity)
        converter.register_structure_hook(Family, _family)
        converter.register_structure_hook(tuple[str, ...], _strings)
        for table in (Config, PathSettings):
            names: Any = {item.name: override(rename=item.name.replace("_", "-")) for item in fields(table)}
            converter.register_structure_hook(table, make_dict_structure_fn(table, converter, **names))
        config = self._structure(converter, data, Config, ()) or Config()
        self._check_names(config)
        options = {
            rule: self._structure(converter, given, cls, ("rules", rule))
            for rule, given in config.rules.items()
            if (cls := self._options_class(rule)) is not None
        }
        return replace(config, rules=options)

    def _structure(self, converter: Any, data: Any, cls: type[Any], at: tuple[str, ...]) -> Any:
        import cattrs

        try:
            return converter.structure(data, cls)
        except cattrs.BaseValidationError as error:
            for line in cattrs.transform_error(error, path="", format_exception=_explain):
                message, _, path = line.rpartition(" @ ")
                keys = tuple(re.findall(r"[\w-]+", path.replace("_", "-") if "'" not in path else path))
                for unknown in re.findall(r"^unknown setting (.*)$", message):
                    for name in unknown.split(", "):
                        known = [item.name.replace("_", "-") for item in fields(cls)]
                        self._add((*at, *keys, name), f"unknown setting {name!r}{_suggest(name, known)}")
                    break
                else:
                    self._add((*at, *keys), message)
            return None

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
                    self._add((*at, name), f"unknown rule {name!r}{_suggest(name, allowed)}")

    def _options_class(self, rule: str) -> type[Any] | None:
        entry = registry.entries().get(rule)
        if entry is None:
            return None
        options = entry.load().options
        if options is None:
            self._add(("rules", rule), f"rule {rule!r} has no options; its severity is set in [severity]")
        return options

    def _add(self, keys: tuple[str, ...], message: str) -> None:
        path = (*self._table, *keys)
        line = next((self._lines[path[:size]] for size in range(len(path), 0, -1) if path[:size] in self._lines), 1)
        self.mistakes.append(Mistake(self._path, line, message))


def _strict(kind: type[Any]) -> Callable[[Any, Any], Any]:
    names = {str: "a text", int: "a whole number", bool: "true or false"}

    def structure(value: Any, _: Any) -> Any:
        if type(value) is not kind:
            raise ValueError(f"must be {names[kind]}, not {value!r}")
        return value

    return structure


def _strings(value: Any, _: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in cast("list[object]", value)):
        raise ValueError(f'must be a list of texts such as ["a", "b"], not {value!r}')
    return tuple(cast("list[str]", value))


def _severity(value: Any, _: Any) -> Severity:
    known = {severity.label: severity for severity in Severity}
    if not isinstance(value, str) or value not in known:
        raise ValueError(f"must be one of {', '.join(known)}, not {value!r}")
    return known[value]


def _family(value: Any, _: Any) -> Family:
    if value not in tuple(Family):
        raise ValueError(f"must be one of {', '.join(Family)}, not {value!r}")
    return Family(value)


def _explain(error: BaseException, _: type[Any] | None) -> str:
    extra: Collection[str] | None = getattr(error, "extra_fields", None)
    if extra is not None:
        return f"unknown setting {', '.join(sorted(extra))}"
    return str(error) if isinstance(error, ValueError) else f"must be a table, not {type(error).__name__}"


def _suggest(name: str, known: Iterable[str]) -> str:
    close = get_close_matches(name, list(known), 1)
    return f"; did you mean {close[0]!r}?" if close else "; `shipworthy rule` lists all rules"


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
