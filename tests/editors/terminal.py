"""A terminal with a program in it: keys go in, and the screen is read."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from . import components

PATIENCE = 120.0
"""Seconds after which something that does not happen is taken for something that will not."""


@dataclass
class Terminal:
    """What runs in a terminal, as its user sees it."""

    tmux: list[str]
    environment: Mapping[str, str]

    def screen(self) -> str:
        """The text on the screen."""
        return self._run("capture-pane", "-p")

    def type(self, text: str) -> None:
        """Type a text."""
        self._run("send-keys", "-l", text)

    def press(self, *keys: str) -> None:
        """Press keys, in tmux's names: `Enter`, `Escape`, `C-c`."""
        self._run("send-keys", *keys)

    def shows(self, text: str) -> None:
        """Wait until a text is on the screen."""
        self.eventually(f"the text {text!r}", lambda: text in self.screen())

    def eventually(self, what: str, holds: Callable[[], object]) -> None:
        """Wait until something holds; say what did not, and what the screen shows instead."""
        end = time.monotonic() + PATIENCE
        while not holds():
            if time.monotonic() > end:
                raise AssertionError(f"{what} did not come; the screen shows:\n{self.screen()}")
            time.sleep(0.1)

    def _run(self, *words: str) -> str:
        command = [*self.tmux, *words]
        done = subprocess.run(command, env=self.environment, text=True, capture_output=True, check=False)
        if done.returncode:
            raise AssertionError(f"the terminal is gone: {done.stderr}")
        return done.stdout


@contextmanager
def terminal(
    program: components.Program, words: Sequence[str], folder: Path, home: Path, path: str
) -> Iterator[Terminal]:
    """Run a program in a terminal of its own, in `folder`, with a home that is empty but for what a test put there."""
    tmux = components.tmux()
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("TMUX", "XDG_", "VIRTUAL_"))}
    environment = {**inherited, "HOME": str(home), "PATH": path, "LC_ALL": "C.UTF-8", "SHELL": "/bin/sh"}
    environment |= {**tmux.environment, **program.environment, "TERM": "screen-256color"}
    # The path of a socket must be short, shorter than that of a test's folder.
    with tempfile.TemporaryDirectory() as place:
        command = [*tmux.command, "-u", "-f", os.devnull, "-S", f"{place}/tmux"]
        start = [*command, "new-session", "-d", "-x", "150", "-y", "45", "--", *program.command, *words]
        subprocess.run(start, cwd=folder, env=environment, check=True)
        running = Terminal(command, environment)
        try:
            yield running
        finally:
            subprocess.run([*command, "kill-server"], env=environment, capture_output=True, check=False)
