"""Since when git's history holds a secret: looked up beside all other work, in bounded time.

Git is asked for what a file has been, and that is searched through here: the value is in no command and in no answer.
"""

from __future__ import annotations

import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from shipworthy import git, sources
from shipworthy.cache import Recent
from shipworthy.git import Blobs, GitError, Repository

_WAIT = 1.0
"""Seconds that somebody who asks waits. What takes longer is known to whoever asks again."""

_SECONDS = 5.0
"""Seconds after which nothing is known: the file has been too many things."""

_ANSWERS = 100


class Past:
    """Answers for the secrets of all files, kept until there is another commit."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "history")
        self._known: Recent[tuple[Path, str, str, str], str] = Recent(_ANSWERS)

    async def of(self, root: Path, path: str, value: str) -> str:
        """What is to be said of a value in a file; "" if that is not known soon enough."""
        stop = threading.Event()
        work = asyncio.get_running_loop().run_in_executor(self._thread, self._told, root, path, value, stop)
        try:
            return await asyncio.wait_for(asyncio.shield(work), _WAIT)
        except TimeoutError:
            return ""
        except asyncio.CancelledError:
            stop.set()
            raise

    def _told(self, root: Path, path: str, value: str, stop: threading.Event) -> str:
        inside = git.repository(root)
        if inside is None or stop.is_set():
            return ""
        try:
            key = (root, path, git.head(inside), value)
            known = self._known.get(key)
            if known is None:
                known = _told(inside, path, value, stop)
                if not stop.is_set():
                    self._known.put(key, known)
        except (GitError, OSError):
            return ""
        return known


def _told(inside: Repository, path: str, value: str, stop: threading.Event) -> str:
    """What git says of a value, asked afresh. Raises GitError and OSError."""
    end, value = time.monotonic() + _SECONDS, _lines(value)
    seen: set[str] = set()
    with Blobs(inside) as blobs:
        for version in git.versions(inside, path, _SECONDS):
            if stop.is_set() or time.monotonic() > end:
                return ""
            if version.blob in seen:
                continue
            seen.add(version.blob)
            decoded = sources.decode(blobs.read(version.blob), sources.LARGEST)
            if isinstance(decoded, sources.Text) and value in _lines(decoded.text):
                since = "at least since" if version.commit in git.cut_off(inside) else "since"
                return f"Git's history holds it {since} commit {version.commit[:10]} of {version.date}: revoke it."
    return "Git's history of this file does not hold it yet: take it out before it is committed."


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n")
