"""What was computed before. `Memory` serves one process; the store on disk serves all runs.

Both are keyed by content, so a wrong answer cannot come of a stale file, only of a wrong key.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Generic, TypeVar

from shipworthy.backends import Answer
from shipworthy.evaluate import BlockResult

K = TypeVar("K")
V = TypeVar("V")


class Recent(Generic[K, V]):
    """A mapping that forgets what was not used for longest."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._items: OrderedDict[K, V] = OrderedDict()

    def get(self, key: K) -> V | None:
        """The value, or None."""
        value = self._items.get(key)
        if value is not None:
            self._items.move_to_end(key)
        return value

    def put(self, key: K, value: V) -> None:
        """Remember a value."""
        self._items[key] = value
        self._items.move_to_end(key)
        if len(self._items) > self._size:
            self._items.popitem(last=False)

    def __len__(self) -> int:
        return len(self._items)


class Memory:
    """Results of blocks. Keys of `results`: (project fingerprint, path, block key); of `answers`:
    (backend, path, block key, what else the answer depends on).
    """

    def __init__(self, blocks: int = 50_000) -> None:
        self.results: Recent[tuple[str, str, str], BlockResult] = Recent(blocks)
        self.answers: Recent[tuple[str, str, str, str], Answer] = Recent(blocks)
