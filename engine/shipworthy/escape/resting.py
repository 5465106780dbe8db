"""Which answers rest on which names of a program: an edit is followed to those that it bears on, and no further."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Set
from typing import Generic, TypeAlias, TypeVar

K = TypeVar("K", bound=Hashable)

Symbol: TypeAlias = Hashable
"""What answers rest on: a `Name`, for whatever the file holds under it; a `Parameter`, for what the calls hand over;
a `Body`; or, where paths lead in a circle, another answer."""

_NOTHING: frozenset[Symbol] = frozenset()


class Resting(Generic[K]):
    """The symbols that each answer rests on, by the key of the answer, and the other way round."""

    def __init__(self) -> None:
        self._of: dict[K, frozenset[Symbol]] = {}
        self._on: dict[Symbol, set[K]] = {}

    def of(self, key: K) -> frozenset[Symbol]:
        """What an answer rests on."""
        return self._of.get(key, _NOTHING)

    def on(self, symbols: Iterable[Symbol]) -> set[K]:
        """The answers that rest on one of some symbols."""
        return {key for symbol in symbols for key in self._on.get(symbol, ())}

    def closed(self, symbols: Iterable[Symbol]) -> tuple[set[K], frozenset[Symbol]]:
        """The answers that rest on some symbols or, in a circle, on each other; these symbols, and such answers."""
        found: set[K] = set()
        every: set[Symbol] = set()
        todo: set[Symbol] = {*symbols}
        while todo:
            every |= todo
            resting = self.on(todo) - found
            found |= resting
            todo = {key for key in resting if key in self._on}
        return found, frozenset(every)

    def add(self, key: K, symbols: Set[Symbol]) -> None:
        """An answer rests on these symbols too."""
        before = self._of.get(key, _NOTHING)
        if not symbols <= before:
            for symbol in symbols - before:
                self._on.setdefault(symbol, set()).add(key)
            self._of[key] = before | symbols

    def note(self, key: K, symbols: frozenset[Symbol]) -> None:
        """An answer rests on these symbols now."""
        before = self.of(key)
        if symbols == before:
            return
        for symbol in before - symbols:
            self._on[symbol].discard(key)
        for symbol in symbols - before:
            self._on.setdefault(symbol, set()).add(key)
        if symbols:
            self._of[key] = symbols
        else:
            self._of.pop(key, None)
