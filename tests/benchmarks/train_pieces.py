"""Makes engine/shipworthy/secrets/pieces.txt: the pieces that the names and words of code are made of.

Byte-pair encoding, trained on the identifiers, words and comments of Python's standard library, which
is on every machine that can run this:

    python tests/benchmarks/train_pieces.py engine/shipworthy/secrets/pieces.txt
"""

from __future__ import annotations

import re
import sys
import sysconfig
from collections import Counter, defaultdict
from itertools import pairwise
from pathlib import Path

COUNT = 8000
"""Pieces that are made, besides the single characters."""
_RARE = 3
"""Words that occur less often teach nothing."""
_WORD = re.compile(r"[A-Za-z]+|[0-9]+|[_-]+")
_TESTS = frozenset({"test", "tests", "idle_test", "site-packages", "encodings"})


def words() -> Counter[str]:
    """The words of the standard library without its tests, with how often they occur."""
    folder = Path(sysconfig.get_path("stdlib"))
    found: Counter[str] = Counter()
    for path in sorted(folder.rglob("*.py")):
        if _TESTS.isdisjoint(path.relative_to(folder).parts):
            found.update(_WORD.findall(path.read_text(encoding="utf-8", errors="replace")))
    return Counter({word: count for word, count in found.items() if count >= _RARE and len(word) > 1})


def pieces(counted: Counter[str], count: int) -> list[str]:
    """The `count` pieces that byte-pair encoding makes of the words, in the order in which it makes them."""
    split = {word: list(word) for word in counted}
    pairs: Counter[tuple[str, str]] = Counter()
    places: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for word, parts in split.items():
        _add(pairs, places, word, parts, counted[word])
    made: list[str] = []
    while len(made) < count and pairs:
        best = max(pairs, key=lambda pair: (pairs[pair], pair))
        made.append("".join(best))
        for word in [*places[best]]:
            _add(pairs, places, word, split[word], -counted[word])
            split[word] = _merged(split[word], best)
            _add(pairs, places, word, split[word], counted[word])
        pairs.pop(best, None)
    return list(dict.fromkeys(made))


def _add(
    pairs: Counter[tuple[str, str]],
    places: defaultdict[tuple[str, str], set[str]],
    word: str,
    parts: list[str],
    count: int,
) -> None:
    for pair in pairwise(parts):
        pairs[pair] += count
        if pairs[pair] <= 0:
            del pairs[pair]
        (places[pair].add if count > 0 else places[pair].discard)(word)


def _merged(parts: list[str], pair: tuple[str, str]) -> list[str]:
    found: list[str] = []
    for part in parts:
        if found and (found[-1], part) == pair:
            found[-1] += part
        else:
            found.append(part)
    return found


if __name__ == "__main__":
    Path(sys.argv[1]).write_text("\n".join(pieces(words(), COUNT)) + "\n", encoding="ascii")
