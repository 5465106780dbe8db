"""Project: the immutable snapshot that a verdict depends on, besides the text itself."""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import shipworthy
from shipworthy import registry
from shipworthy.baseline import Baseline
from shipworthy.config import TEST_FILE, Config
from shipworthy.evaluate import RuleSet
from shipworthy.index import Index
from shipworthy.model import Severity
from shipworthy.registry import Entry

BACKENDS = ("bandit", "detect-secrets", "radon", "ruff")
"""The distributions whose versions are part of every verdict."""


@dataclass(frozen=True)
class Foreign:
    """What the project tells other tools to leave alone, read from their own settings.

    `per_file` maps a pattern to codes; codes are ours, e.g. `ruff:S101`, or a prefix of one.
    """

    ignore: tuple[str, ...] = ()
    per_file: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])


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
        versions = [f"{name} {importlib.metadata.version(name)}" for name in BACKENDS]
        parts = (
            shipworthy.__version__,
            _source_stamp(),
            f"{sys.version_info.major}.{sys.version_info.minor}",
            *versions,
            repr(self.config),
            repr(self.foreign),
            self.baseline.digest,
            self.folder,
        )
        return hashlib.blake2b("\0".join(parts).encode(), digest_size=16).hexdigest()

    def is_excluded(self, path: str) -> bool:
        """Whether the configuration excludes a file from every check."""
        return self._matches(self.config.exclude, path)

    def is_test(self, path: str) -> bool:
        """Whether a file is test code."""
        if self.config.tests:
            return self._matches(self.config.tests, path)
        return TEST_FILE.search(self._relative(path)) is not None

    def rules(self, path: str, language: str) -> RuleSet:
        """The rules that apply to a file."""
        return self._rule_set(self._settings(path), self.is_test(path), language)

    def severity(self, rule: str, path: str) -> Severity | None:
        """The severity that the configuration gives a rule in a file, if it gives one."""
        family = registry.entries()[rule].family
        found = self.config.severity.get(rule, self.config.severity.get(family))
        for settings in (self.config.paths[pattern] for pattern in self._settings(path)):
            found = settings.severity.get(rule, settings.severity.get(family, found))
        return found

    def leaves_alone(self, code: str, path: str) -> bool:
        """Whether the project tells the tool behind a code to ignore it, everywhere or in this file."""
        return any(map(code.startswith, self.foreign.ignore)) or any(
            any(map(code.startswith, codes)) and self._matches((pattern,), path)
            for pattern, codes in self.foreign.per_file.items()
        )

    def _settings(self, path: str) -> tuple[str, ...]:
        return tuple(pattern for pattern in self.config.paths if self._matches((pattern,), path))

    @functools.cached_property
    def _rule_set(self) -> Callable[[tuple[str, ...], bool, str], RuleSet]:
        def build(patterns: tuple[str, ...], is_test: bool, language: str) -> RuleSet:
            ignored = [self.config.ignore, *(self.config.paths[pattern].ignore for pattern in patterns)]
            names = frozenset(name for names in ignored for name in names)
            chosen = (entry for entry in registry.entries().values() if _is_selected(entry, self.config.select))
            return RuleSet(
                [
                    entry
                    for entry in chosen
                    if entry.id not in names and entry.family not in names and (entry.in_tests or not is_test)
                ],
                language,
                self.config.rules,
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


@functools.cache
def _spec(patterns: tuple[str, ...]) -> Callable[[str], bool]:
    from pathspec import GitIgnoreSpec

    return GitIgnoreSpec.from_lines(patterns).match_file


@functools.cache
def _source_stamp() -> str:
    """Changes whenever the engine's own source does, released or not."""
    digest = hashlib.blake2b(digest_size=8)
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        stat = path.stat()
        digest.update(f"{path.name} {stat.st_size} {stat.st_mtime_ns}\n".encode())
    return digest.hexdigest()
