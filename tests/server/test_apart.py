"""Backends in another process answer as they do in this one, and one that dies costs its own answers."""

from __future__ import annotations

from dataclasses import dataclass

from shipworthy import backends
from shipworthy.backends import Source
from shipworthy.backends.bandit import Bandit
from shipworthy_server.apart import Apart

SOURCES = [
    Source("a.py", "from Crypto.Cipher import ARC4\nARC4.new(key)\n", "python"),
    Source("b.py", "def broken(:\n", "python"),
    Source("c.py", "x = 1\n", "python"),
]


@dataclass
class Missing(Bandit):
    """A backend that cannot even be loaded."""

    name = "missing"


def test_another_process_gives_the_same_answers() -> None:
    apart = Apart()
    for backend in backends.for_language("python"):
        assert list(apart.run(backend, SOURCES)) == list(backend.run(SOURCES))


def test_a_process_that_dies_is_told_and_replaced() -> None:
    apart, bandit = Apart(), backends.load("bandit")
    failed = apart.run(Missing(), SOURCES)
    assert ["crashed" in answer.problem for answer in failed] == [True] * len(SOURCES)
    assert list(apart.run(bandit, SOURCES)) == list(bandit.run(SOURCES))
