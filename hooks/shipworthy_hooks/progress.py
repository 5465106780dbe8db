"""A line on the terminal that says how far a long run is."""

from __future__ import annotations

import sys
import time

_PATIENCE = 1.0
"""Seconds before anything is shown."""
_PAUSE = 0.1
_WIDTH = 30


class Progress:
    """Counts files that were checked. Silent unless stderr is a terminal, the total is known and the run is long."""

    def __init__(self, total: int) -> None:
        self._total, self._done = total, 0
        self._next = time.monotonic() + _PATIENCE
        self._is_shown = False
        self._is_terminal = total > 0 and sys.stderr.isatty()

    def count(self, files: int) -> None:
        """So many more were checked."""
        self._done = min(self._done + files, self._total)
        if self._is_terminal and time.monotonic() >= self._next:
            self._show()

    def clear(self) -> None:
        """Take the line away, so that something else can be written."""
        if self._is_shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
            self._is_shown = False

    def _show(self) -> None:
        filled = _WIDTH * self._done // max(self._total, 1)
        bar = "#" * filled + "-" * (_WIDTH - filled)
        sys.stderr.write(f"\r\x1b[K[{bar}] {self._done:,} of {self._total:,} files")
        sys.stderr.flush()
        self._is_shown = True
        self._next = time.monotonic() + _PAUSE
