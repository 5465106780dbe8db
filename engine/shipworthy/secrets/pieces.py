"""How well a text is made of the pieces of words and names: some 3 characters a piece, or 1.5 if it is random.

The pieces are in pieces.txt, in the order in which byte-pair encoding made them of permissively
licensed code; tests/benchmarks/train_pieces.py makes that file.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

_WORD = re.compile(r"[A-Za-z]+|[0-9]+|[^A-Za-z0-9]+")
_LONGEST = 200
"""Characters that are looked at: of a longer text, its beginning says enough."""


def efficiency(text: str) -> float:
    """Characters for each piece, on average; 0 for an empty text."""
    text = text[:_LONGEST]
    count = sum(_count(word) for word in _WORD.findall(text))
    return len(text) / count if count else 0.0


def _count(word: str) -> int:
    """Into how many pieces byte-pair encoding cuts a word."""
    ranks, parts = _ranks(), list(word)
    while len(parts) > 1:
        pairs = [(ranks.get(first + second, len(ranks)), at) for at, (first, second) in enumerate(pairwise(parts))]
        rank, at = min(pairs)
        if rank == len(ranks):
            break
        parts[at : at + 2] = ["".join(parts[at : at + 2])]
    return len(parts)


@functools.cache
def _ranks() -> Mapping[str, int]:
    text = Path(__file__).with_name("pieces.txt").read_text(encoding="ascii")
    return {piece: rank for rank, piece in enumerate(text.split())}
