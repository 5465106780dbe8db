"""The formats of a run's results: one module for each, all behind one function.

A format turns the results, one by one as they come, into pieces of text. It never shows a secret:
every excerpt of a source goes through frames.py.
"""

from __future__ import annotations

import importlib
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from shipworthy_hooks.checked import Checked, Tally


@dataclass(frozen=True)
class Run:
    """What a format may know of the run. The tally is complete when the results are exhausted.

    `apart`: so many folders were checked each for itself, for nothing says which project they belong to. `fixing`: the
    options that make the fixes that are shown.
    """

    tally: Tally
    command: str = "check"
    colour: bool = False
    since: str = ""
    exit_zero: bool = False
    apart: int = 0
    fixing: str = "--fix"
    started: float = field(default_factory=time.monotonic)

    @property
    def exit_code(self) -> int:
        """The exit code, once the results are exhausted."""
        return self.tally.exit_code(exit_zero=self.exit_zero)


Piece = str | bytes
"""A part of an output. Bytes are of a file, and are written as they are, unless a terminal would read them."""

Render = Callable[[Iterable[Checked], Run], Iterator[Piece]]
"""`render(results, run)`: consumes the results and gives the output in pieces."""


def renderer(name: str) -> Render:
    """The format of a name: `text`, `json`, `jsonl`, `sarif`, `gitlab`, `github` or `junit`."""
    module = importlib.import_module(f"{__name__}.{'records' if name in ('json', 'jsonl') else name}")
    render: Render = getattr(module, name if name == "jsonl" else "render")
    return render
