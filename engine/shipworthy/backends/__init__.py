"""One adapter per tool, all behind one interface: sources in, native hits out.

An adapter knows its tool and nothing of ours: no rules, no configuration, no files. It never passes
on a message of the tool (some quote the password that they found), nor reads the project's settings.
"""

from __future__ import annotations

import functools
import importlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Protocol

from shipworthy.model import Lane
from shipworthy.rule import Hit


@dataclass(frozen=True, slots=True)
class Source:
    """A text for a backend: a block's program or a whole file, as the backend wants it.

    `imports`: the import statements before a block, in the order of the file. `codes`: what somebody
    wants to know, for a backend that can leave the rest out.
    """

    path: str
    text: str
    language: str
    imports: tuple[str, ...] = ()
    codes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Answer:
    """The hits in one source, in offsets of its text; or why the backend could not tell."""

    hits: tuple[Hit, ...] = ()
    problem: str = ""


class Backend(Protocol):
    """A tool behind a lane. `languages`: whose documents it reads; empty for all.

    `per_block`: it is given blocks, and its answer follows from a block and, if it `needs_imports`,
    the imports before it. `needs_syntax`: it is not given blocks that have a syntax error.
    """

    @property
    def name(self) -> str:
        """What the codes of its hits begin with."""
        ...

    @property
    def lane(self) -> Lane:
        """With what other work it runs."""
        ...

    @property
    def languages(self) -> frozenset[str]:
        """Whose documents it reads; all if empty."""
        ...

    @property
    def per_block(self) -> bool:
        """Whether it is given blocks."""
        ...

    @property
    def needs_syntax(self) -> bool:
        """Whether it leaves out blocks with a syntax error."""
        ...

    @property
    def needs_imports(self) -> bool:
        """Whether its answer depends on the imports before a block."""
        ...

    def places(self, source: Source) -> Sequence[Hit] | None:
        """What it finds in a whole document at most, each hit touching a line of one of these; None if that takes a
        run to tell."""
        ...

    def run(self, sources: Sequence[Source]) -> Sequence[Answer]:
        """One answer per source, in order. Never raises: what fails is an answer's problem."""
        ...


_NAMES = ("detect_secrets", "bandit", "radon", "ruff")


@functools.cache
def load(name: str) -> Backend:
    """A backend by the name of its module. Its tool is imported at its first run, not here."""
    found: Backend = importlib.import_module(f"shipworthy.backends.{name}").BACKEND
    return found


@functools.cache
def for_language(language: str) -> tuple[Backend, ...]:
    """The backends that have something to say on a language, the cheap ones first."""
    everything = (load(name) for name in _NAMES)
    return tuple(one for one in everything if not one.languages or language in one.languages)


def line_starts(text: str) -> list[int]:
    """The offset of each line of a text, and its length last. Lines end at CR LF, CR and LF alone."""
    return [0, *accumulate(map(len, io.StringIO(text, newline="")))]
