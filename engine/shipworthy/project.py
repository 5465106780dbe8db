"""Project: the immutable snapshot that a verdict depends on, besides the text itself."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from shipworthy import registry, upkeep, versions
from shipworthy.baseline import Baseline
from shipworthy.config import Config
from shipworthy.evaluate import RuleSet
from shipworthy.index import Index
from shipworthy.language import TEST_FILE, VENDORED
from shipworthy.model import Severity
from shipworthy.registry import Entry
from shipworthy.secrets.context import is_documentation, is_machine_made


@dataclass(frozen=True)
class Foreign:
    """What the project tells other tools to leave alone, read from their own settings (foreign.py).

    Codes are ours, e.g. `ruff:S101`, or the beginning of one up to a digit or the last letter.
    `per_file` maps patterns to codes, `excluded` tools to patterns; all patterns start at the root.
    """

    ignore: tuple[str, ...] = ()
    per_file: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    excluded: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])


class _Kind(NamedTuple):
    """What kind of file it is that rules are looked for."""

    is_test: bool
    is_copy: bool
    is_generated: bool
    is_documentation: bool
    is_example: bool


@dataclass(frozen=True)
class Project:
    """`root`: the absolute folder that all paths are relative to. `folder`: where the configuration
    stands, relative to it; patterns start there. Everything is picklable.
    """

    root: str
    config: Config = field(default_factory=Config)
    folder: str = ""
    foreign: Foreign = field(default_factory=Foreign)
    baseline: Baseline = field(default_factory=Baseline)
    index: Index | None = None

    @functools.cached_property
    def fingerprint(self) -> str:
        """A digest of all that decides besides the text and the index: rules, settings, versions."""
        parts = (versions.engine(), repr(self.config), repr(self.foreign), self.baseline.digest, self.folder)
        return hashlib.blake2b("\0".join(parts).encode(), digest_size=16).hexdigest()

    def is_excluded(self, path: str) -> bool:
        """Whether the configuration excludes a file from every check."""
        return self._matches(self.config.exclude, path)

    def is_test(self, path: str) -> bool:
        """Whether a file is test code."""
        if self.config.tests:
            return self._matches(self.config.tests, path)
        return TEST_FILE.search(self._relative(path)) is not None

    def is_example(self, path: str) -> bool:
        """Whether a file shows or tries something."""
        return upkeep.is_example(self._relative(path))

    def rules(self, path: str, language: str) -> RuleSet:
        """The rules that apply to a file; to a copy of somebody else's code those about secrets alone."""
        return self._rules(path, language)

    @functools.cached_property
    def _rules(self) -> Callable[[str, str], RuleSet]:
        def find(path: str, language: str) -> RuleSet:
            kind = _Kind(
                self.is_test(path),
                VENDORED.search(self._relative(path)) is not None,
                is_machine_made(path),
                is_documentation(path),
                self.is_example(path),
            )
            return self._rule_set(self._settings(path), kind, language)

        return functools.lru_cache(maxsize=64)(find)  # asked several times for each file of a chunk

    def severity(self, rule: str, path: str) -> Severity | None:
        """The severity that the configuration gives a rule in a file, if it gives one."""
        family = registry.entries()[rule].family
        found = self.config.severity.get(rule, self.config.severity.get(family))
        for settings in (self.config.paths[pattern] for pattern in self._settings(path)):
            found = settings.severity.get(rule, settings.severity.get(family, found))
        return found

    def leaves_alone(self, code: str, path: str) -> bool:
        """Whether the project tells the tool behind a code to ignore it, everywhere or in this file."""
        return any(_covers(one, code) for one in self.foreign.ignore) or any(
            any(_covers(one, code) for one in codes) and _is_named(pattern, path)
            for pattern, codes in self.foreign.per_file.items()
        )

    def leaves_out(self, tool: str, path: str) -> bool:
        """Whether the project tells a tool not to look at a file at all."""
        patterns = self.foreign.excluded.get(tool, ())
        return bool(patterns) and _spec(patterns)(path)

    def _settings(self, path: str) -> tuple[str, ...]:
        return tuple(pattern for pattern in self.config.paths if self._matches((pattern,), path))

    @functools.cached_property
    def _rule_set(self) -> Callable[[tuple[str, ...], _Kind, str], RuleSet]:
        def build(patterns: tuple[str, ...], kind: _Kind, language: str) -> RuleSet:
            ignored = [self.config.ignore, *(self.config.paths[pattern].ignore for pattern in patterns)]
            names = frozenset(name for names in ignored for name in names)
            chosen = (entry for entry in registry.entries().values() if _is_selected(entry, self.config.select))
            return RuleSet(
                [
                    entry
                    for entry in chosen
                    if entry.id not in names
                    and entry.family not in names
                    and (entry.in_tests or not kind.is_test)
                    and (entry.family == "secrets" or not kind.is_copy)
                    and (entry.in_generated or not kind.is_generated)
                    and (entry.in_documentation or not kind.is_documentation)
                    and (entry.in_examples or not kind.is_example)
                ],
                language,
                self.config.rules,
                kind.is_test,
            )

        return functools.cache(build)

    def _matches(self, patterns: tuple[str, ...], path: str) -> bool:
        return bool(patterns) and _spec(patterns)(self._relative(path))

    def _relative(self, path: str) -> str:
        return path.removeprefix(f"{self.folder}/") if self.folder else path

    def __getstate__(self) -> dict[str, object]:
        return {key: value for key, value in self.__dict__.items() if not key.startswith("_")}


def _is_selected(entry: Entry, select: Iterable[str]) -> bool:
    """A rule is chosen by its id, by its family if it is on by default, and by `all`."""
    return any(name in (entry.id, "all") or (name == entry.family and entry.default) for name in select)


def _covers(start: str, code: str) -> bool:
    """Whether `ruff:S` or `ruff:S1` covers `ruff:S101`; `ruff:S` does not cover `ruff:SIM105`."""
    return code.startswith(start) and not (start[-1:].isalpha() and code[len(start) : len(start) + 1].isalpha())


def _is_named(pattern: str, path: str) -> bool:
    """Whether a pattern means a file; `!pattern` means every other one."""
    return _spec((pattern.removeprefix("!"),))(path) != pattern.startswith("!")


@functools.cache
def _spec(patterns: tuple[str, ...]) -> Callable[[str], bool]:
    from pathspec import GitIgnoreSpec

    return GitIgnoreSpec.from_lines(patterns).match_file
