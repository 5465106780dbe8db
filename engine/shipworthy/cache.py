"""What was computed before. `Memory` serves one process; the store on disk serves all runs.

Both are keyed by content, so a wrong answer cannot come of a stale file, only of a wrong key.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from shipworthy.backends import Answer
from shipworthy.document import Block
from shipworthy.evaluate import BlockResult, Crash, RuleSet
from shipworthy.facts.model import Escapes, FileFacts
from shipworthy.rule import Found

K = TypeVar("K")
V = TypeVar("V")


class Recent(Generic[K, V]):
    """A mapping that forgets what was not used for longest. Threads may share it."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._items: OrderedDict[K, V] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: K) -> V | None:
        """The value, or None."""
        with self._lock:
            value = self._items.get(key)
            if value is not None:
                self._items.move_to_end(key)
            return value

    def put(self, key: K, value: V) -> None:
        """Remember a value."""
        with self._lock:
            self._items[key] = value
            self._items.move_to_end(key)
            if len(self._items) > self._size:
                self._items.popitem(last=False)

    def drop(self, key: K) -> None:
        """Forget a value."""
        with self._lock:
            self._items.pop(key, None)

    def __len__(self) -> int:
        return len(self._items)


@dataclass(frozen=True, slots=True, eq=False)
class Surroundings:
    """All that the rules may learn of a block's file and project at one moment.

    `revision`: that of the index; `words`: what the extractors gave, as far as somebody asked.
    """

    rules: RuleSet
    file: FileFacts
    index: object
    revision: int
    escapes: Escapes
    words: dict[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])


@dataclass(frozen=True, slots=True)
class Judged:
    """What was said of a block in the end, and what that rests on: `answers` has one item for each backend.

    `own`: what the rules found by themselves, which stays when the answers become others.
    """

    around: Surroundings
    own: BlockResult
    answers: tuple[Answer | None, ...]
    asked: tuple[tuple[tuple[str, str], object], ...]
    found: tuple[Found, ...]
    crashes: tuple[Crash, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """What a backend answered for each block of a document, None where nothing is known.

    `contexts`: for each block what its answer depends on besides the block; `problems`: why there is none.
    """

    contexts: list[str]
    answers: list[Answer | None]
    problems: list[str]


@dataclass(frozen=True, slots=True)
class Last:
    """What the last evaluation of a file came to: the next one begins with what the edit did not touch."""

    blocks: tuple[Block, ...]
    around: Surroundings
    columns: Mapping[str, Column]
    judged: list[Judged]


class Memory:
    """Results of blocks. Keys of `results`: (project fingerprint, path, block key); of `answers`:
    (backend, path, block key, what else the answer depends on); of `last`: path.

    `documents`: of how many files the last evaluation is kept, with all their blocks; an editor needs that.
    A file that has more `answers` than are kept is asked about twice.
    """

    def __init__(self, results: int = 50_000, answers: int = 50_000, documents: int = 0) -> None:
        self.follows = documents > 0
        self.results: Recent[tuple[str, str, str], BlockResult] = Recent(results)
        self.answers: Recent[tuple[str, str, str, str], Answer] = Recent(answers)
        self.last: Recent[str, Last] = Recent(documents)
