"""The boundaries that the files of a program declare, kept so that each is found by the function that it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set

from shipworthy.escape.boundaries import Boundary
from shipworthy.escape.program import Name

_NONE: Mapping[str, tuple[Boundary, ...]] = {}


class Declared:
    """Boundaries, by the file that declares them and by their function, which may stand in another one."""

    def __init__(self, by_path: Mapping[str, tuple[Boundary, ...]] = _NONE) -> None:
        self.by_path: dict[str, tuple[Boundary, ...]] = {}
        self._declaring: dict[Name, set[str]] = {}
        self._asking: set[str] = set()
        for path, boundaries in by_path.items():
            self.put(path, boundaries)

    def __contains__(self, name: object) -> bool:
        """Whether a function is a boundary."""
        return isinstance(name, Name) and bool(self._declaring.get(name))

    def put(self, path: str, boundaries: tuple[Boundary, ...]) -> None:
        """A file declares these boundaries now."""
        for one in self.by_path.pop(path, ()):
            self._declaring[one.name].discard(path)
        self._asking.discard(path)
        if boundaries:
            self.by_path[path] = boundaries
        for one in boundaries:
            self._declaring.setdefault(one.name, set()).add(path)
            if one.asks:
                self._asking.add(path)

    def of(self, path: str) -> tuple[Boundary, ...]:
        """Those that a file declares."""
        return self.by_path.get(path, ())

    def declaring(self, names: Iterable[Name]) -> Set[str]:
        """The files that declare boundaries of some functions."""
        return {path for name in names for path in self._declaring.get(name, ())}

    def at(self, name: Name) -> list[Boundary]:
        """Those that a function is, each once, in the order of the files that declare them."""
        paths = sorted(self._declaring.get(name, ()))
        return [*dict.fromkeys(one for path in paths for one in self.by_path[path] if one.name == name)]

    def asking(self) -> list[Boundary]:
        """The commands of chat bots that ask for arguments, in the order of the files."""
        return [one for path in sorted(self._asking) for one in self.by_path[path] if one.asks]
