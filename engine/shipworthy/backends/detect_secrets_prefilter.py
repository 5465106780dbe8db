"""Where detect-secrets' plugins have to look: the lines that hold a plugin's words, or a run that its shape needs.

Every stretch that is left out is one on which the plugin finds nothing; a test compares with plugins
that see every line.
"""

from __future__ import annotations

import functools
import re
import string
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from shipworthy.backends.detect_secrets_plugins import Characters, Plugin, Run
from shipworthy.model import Span
from shipworthy.secrets import cues

LONGEST = 2000
"""Characters: of a longer line, a plugin is given windows instead of the whole."""

_STEP, _REACH = 1000, 400
"""A window begins at every step and reaches this far beyond it on both sides."""

_LINE_END = re.compile(r"\r\n|\r|\n")
_compiled = functools.cache(re.compile)


class _Shape(NamedTuple):
    """A shape and the plugins that share it. `is_quoted`: it begins where one of its runs does."""

    pattern: re.Pattern[str]
    runs: tuple[Run, ...]
    is_quoted: bool
    plugins: list[Plugin]


class Prefilter:
    """Finds where some plugins have to look: their words all at once, and their shapes."""

    def __init__(self, plugins: Sequence[Plugin]) -> None:
        self._by_word: dict[str, list[Plugin]] = {}
        shapes: dict[str, _Shape] = {}
        for plugin in plugins:
            for word in plugin.words:
                self._by_word.setdefault(word, []).append(plugin)
            if plugin.shape:
                made = _Shape(_compiled(plugin.shape), plugin.runs, all(run.quoted for run in plugin.runs), [])
                shapes.setdefault(plugin.shape, made).plugins.append(plugin)
        self._shapes = [*shapes.values()]

    def candidates(self, text: str) -> Iterator[tuple[Plugin, Span]]:
        """The stretches of text, whole lines unless they are very long, that each plugin has to see."""
        seen: set[tuple[str, int]] = set()
        has_returns = "\r" in text
        line = 0, 0
        for plugin, at, end_of_word in self._places(text):
            if not line[0] <= at < line[1]:
                line = _line_around(text, at, has_returns)
            start, end = line
            if end - start > LONGEST:
                window = start + (at - start) // _STEP * _STEP
                start, end = max(start, window - _REACH), min(end, window + _STEP + _REACH)
            if plugin.behind and not (
                _compiled(plugin.behind).match(text, end_of_word, end)
                or (plugin.aside and _compiled(plugin.aside).search(text, start, end))
            ):
                continue
            if (plugin.name, start) not in seen:
                seen.add((plugin.name, start))
                yield plugin, Span(start, end)

    def _places(self, text: str) -> Iterator[tuple[Plugin, int, int]]:
        """Where a word of a plugin stands, or its shape begins."""
        for word, start, end in cues.find(text).get(cues.Kind.PLUGIN, ()):
            for plugin in self._by_word.get(word, ()):
                yield plugin, start, end
        runs = _Runs(text)
        for shape in self._shapes:
            if shape.is_quoted:
                # A quote tells where the shape begins, so that it need not be searched for.
                starts = (start for run in shape.runs for start in runs.starts(run))
                found = [start for start in starts if shape.pattern.match(text, start)]
            elif any(map(runs.has, shape.runs)):
                found = [match.start() for match in shape.pattern.finditer(text)]
            else:
                continue
            yield from ((plugin, start, start) for start in found for plugin in shape.plugins)


class _Runs:
    """Finds runs of characters in a text: that is quicker than to search for a shape."""

    def __init__(self, text: str) -> None:
        self._data = text.encode("utf-8", "surrogatepass")
        self._is_wide = len(self._data) > len(text)
        self._marked: dict[Characters, bytes] = {}
        self._known: dict[Run, bool] = {}

    def has(self, run: Run) -> bool:
        """Whether the text has a run."""
        if run not in self._known:
            self._known[run] = self._may_have(run) and self._find(run, 0) >= 0
        return self._known[run]

    def starts(self, run: Run) -> Iterator[int]:
        """Where a run begins, or its quote."""
        at, before, characters = self._find(run, 0), 0, 0
        while at >= 0:
            if self._is_wide:
                characters += len(self._data[before:at].decode("utf-8", "replace"))
                before = at
            yield characters if self._is_wide else at
            at = self._find(run, at + 1)

    def _may_have(self, run: Run) -> bool:
        """Whether there is a run of the characters that those of a run are among: one look tells that of most texts."""
        is_among = run.of is Characters.LOWER or (run.of is Characters.IBM and not self._is_wide)
        return not is_among or self.has(Run(Characters.WORD, _LEAST))

    def _find(self, run: Run, start: int) -> int:
        if run.of not in self._marked:
            self._marked[run.of] = self._data.translate(_marks(run.of))
        return self._marked[run.of].find((b"'" if run.quoted else b"") + b"x" * run.length, start)


_LEAST = 27
"""Characters that all runs of letters and digits have."""


_LETTERS = (string.ascii_letters + string.digits).encode()
_COUNTED: Mapping[Characters, bytes] = {
    Characters.WORD: _LETTERS + b"_-",
    Characters.LOWER: (string.ascii_lowercase + string.digits).encode(),
    Characters.BASE64: _LETTERS + b"+/\\-_=",
    Characters.HEX: string.hexdigits.encode(),
    Characters.IBM: _LETTERS + b"_-" + bytes(range(0x80, 0x100)),
}


@functools.cache
def _marks(characters: Characters) -> bytes:
    """What each byte counts as: `x` in a run, `'` for a quote."""
    counted = _COUNTED[characters]
    return bytes(ord("x") if byte in counted else ord("'" if byte in b"\"'" else " ") for byte in range(0x100))


def _line_around(text: str, at: int, has_returns: bool) -> tuple[int, int]:
    """Start and end of the line that holds the character at an offset, its line end included."""
    start, end = text.rfind("\n", 0, at) + 1, text.find("\n", at) + 1 or len(text)
    if has_returns:
        for match in _LINE_END.finditer(text, start, end):
            if match.end() > at:
                return start, match.end()
            start = match.end()
    return start, end
