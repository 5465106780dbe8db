"""The baseline: findings that are known and shall not block. One line each, sorted, without dates.

A line holds a rule, a path and a keyed hash of the text at the finding, so that it survives moves
of lines and merges of branches. The key is random for each baseline: a password that is easy to
guess cannot be tried against the hashes of many projects at once.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass

_HEADER = "# shipworthy baseline, key: "


class BaselineError(Exception):
    """A baseline that cannot be read; the message names the remedy."""

    def __init__(self, name: str, line: int, message: str) -> None:
        super().__init__(f"{name}:{line}: {message}")
        self.line, self.message = line, message


@dataclass(frozen=True, slots=True)
class Entry:
    """A finding as the baseline knows it. `digest`: see `Baseline.digest_of`."""

    path: str
    rule: str
    digest: str


@dataclass(frozen=True)
class Baseline:
    """The known findings of a project and the key of their hashes."""

    key: str = ""
    entries: frozenset[Entry] = frozenset()

    @property
    def digest(self) -> str:
        """Changes when the baseline does."""
        return hashlib.blake2b(render(self).encode(), digest_size=16).hexdigest() if self.entries else ""

    def digest_of(self, rule: str, path: str, text: str, occurrence: int) -> str:
        """The hash of a finding: its rule, its file, the text of its lines, and which of equal ones it is."""
        data = "\0".join((rule, path, " ".join(text.split()), str(occurrence)))
        return hashlib.blake2b(data.encode("utf-8", "replace"), key=self.key.encode(), digest_size=16).hexdigest()

    def holds(self, rule: str, path: str, text: str, occurrence: int) -> bool:
        """Whether a finding is known."""
        return bool(self.entries) and Entry(path, rule, self.digest_of(rule, path, text, occurrence)) in self.entries


def fingerprint(rule: str, path: str, text: str, occurrence: int) -> str:
    """A public name of a finding that survives line moves. `text` must not hold a secret."""
    data = "\0".join((rule, path, " ".join(text.split()), str(occurrence)))
    return hashlib.blake2b(data.encode("utf-8", "replace"), digest_size=16).hexdigest()


def new_key() -> str:
    """A key for a new baseline."""
    return secrets.token_hex(16)


def parse(text: str, name: str) -> Baseline:
    """Read a baseline. Raises BaselineError."""
    lines = text.splitlines()
    if not lines or not lines[0].startswith(_HEADER):
        raise BaselineError(name, 1, "is not a baseline of ours; write one with `shipworthy baseline`")
    entries: set[Entry] = set()
    for number, line in enumerate(lines[1:], 2):
        if not line.strip() or line.startswith("#"):
            continue
        parts = line.rsplit(" ", 2)
        if len(parts) != 3:
            raise BaselineError(name, number, "expected `path rule hash`; remove the line or write the baseline anew")
        entries.add(Entry(*parts))
    return Baseline(lines[0].removeprefix(_HEADER).strip(), frozenset(entries))


def render(baseline: Baseline) -> str:
    """The text of a baseline file."""
    lines = sorted(f"{entry.path} {entry.rule} {entry.digest}" for entry in baseline.entries)
    return "\n".join([_HEADER + baseline.key, *lines, ""])


def merged(baseline: Baseline, found: Iterable[Entry], checked: Iterable[str]) -> Baseline:
    """The baseline with the entries of the files that were checked replaced by what was found there."""
    paths = frozenset(checked)
    kept = {entry for entry in baseline.entries if entry.path not in paths}
    return Baseline(baseline.key or new_key(), frozenset(kept | set(found)))
