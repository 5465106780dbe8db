"""What all runs remember, on the disk: a bounded table of texts in the user's cache directory.

A key is a digest of all that a value follows from; a value is JSON. No source text, no secret and
no path outside a project is ever in it. A cache that is corrupt, locked or cannot be written costs
time and nothing else: the run goes on without it.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import sqlite3
import sys
import threading
import time
from collections.abc import Generator
from pathlib import Path

_log = logging.getLogger(__name__)

_NAME = "results-1.sqlite3"
_LARGEST = 200 * 1024 * 1024
"""Bytes beyond which the oldest entries are dropped."""
_PATIENCE = 1.0
"""Seconds to wait for another process that writes."""
_DAY = 86_400


def folder() -> Path | None:
    """Where the cache lies: SHIPWORTHY_CACHE_DIR, else in the user's cache directory; None if there is none."""
    chosen, xdg, local = map(os.environ.get, ("SHIPWORTHY_CACHE_DIR", "XDG_CACHE_HOME", "LOCALAPPDATA"))
    if chosen:
        return Path(chosen).absolute()
    if xdg and Path(xdg).is_absolute():
        return Path(xdg) / "shipworthy"
    if sys.platform == "win32" and local:
        return Path(local) / "shipworthy" / "cache"
    try:
        home = Path.home()
    except RuntimeError:
        return None
    return home / ("Library/Caches" if sys.platform == "darwin" else ".cache") / "shipworthy"


def key(*parts: str | bytes) -> str:
    """A key made of all that a value follows from."""
    digest = hashlib.blake2b(digest_size=20)
    for part in parts:
        data = part if isinstance(part, bytes) else part.encode("utf-8", "surrogatepass")
        digest.update(b"%d:" % len(data) + data)
    return digest.hexdigest()


class Store:
    """A table from keys to texts. Opened at its first use, in every process anew; threads may share it.

    What is put is written by `flush`, which `with` does at its end.
    """

    def __init__(self, folder: Path, largest: int = _LARGEST) -> None:
        self._folder, self._largest = folder, largest
        self._lock = threading.RLock()
        self._forget()

    def __reduce__(self) -> tuple[object, ...]:
        return (Store, (self._folder, self._largest))

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def get(self, key: str) -> str | None:
        """The text of a key, or None."""
        with self._lock, self._guarded():
            if key in self._waiting:
                return self._waiting[key]
            connection = self._connection()
            if connection is None:
                return None
            row = connection.execute("SELECT value, day FROM kept WHERE key = ?", (key,)).fetchone()
            if row is None:
                return None
            if row[1] != _today():
                self._used.add(key)
            return str(row[0])
        return None

    def put(self, key: str, text: str) -> None:
        """Remember a text."""
        with self._lock:
            self._waiting[key] = text

    def flush(self) -> None:
        """Write what was put."""
        with self._lock, self._guarded():
            connection = self._connection() if self._waiting or self._used else None
            if connection is None:
                return
            with connection:
                rows = [(name, text, _today()) for name, text in self._waiting.items()]
                connection.executemany("INSERT OR REPLACE INTO kept VALUES (?, ?, ?)", rows)
                used = [(_today(), name) for name in self._used]
                connection.executemany("UPDATE kept SET day = ? WHERE key = ?", used)
            self._drop_oldest(connection)
            self._waiting.clear()
            self._used.clear()

    def close(self) -> None:
        """Write what was put, and let go of the file."""
        self.flush()
        with self._lock:
            if self._open is not None and self._process == os.getpid():
                self._open.close()
            self._forget()

    def _forget(self) -> None:
        self._open: sqlite3.Connection | None = None
        self._process = os.getpid()
        self._is_broken = False
        self._waiting: dict[str, str] = {}
        self._used: set[str] = set()

    def _connection(self) -> sqlite3.Connection | None:
        if self._process != os.getpid():
            self._forget()
        if self._open is None and not self._is_broken:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._open = sqlite3.connect(self._folder / _NAME, timeout=_PATIENCE, check_same_thread=False)
            self._open.execute("PRAGMA journal_mode = WAL")
            self._open.execute("PRAGMA synchronous = NORMAL")
            self._open.execute(
                "CREATE TABLE IF NOT EXISTS kept (key TEXT PRIMARY KEY, value TEXT NOT NULL, day INTEGER NOT NULL)"
            )
        return self._open

    @contextlib.contextmanager
    def _guarded(self) -> Generator[None]:
        """Whatever fails, fails once: after that, this run has no cache."""
        try:
            yield
        except (OSError, sqlite3.Error) as error:
            _log.debug("running without the cache: %s", error)
            if self._open is not None:
                self._open.close()
            self._forget()
            self._is_broken = True
            if type(error) is sqlite3.DatabaseError:
                for suffix in ("", "-wal", "-shm"):
                    with contextlib.suppress(OSError):
                        (self._folder / (_NAME + suffix)).unlink()

    def _drop_oldest(self, connection: sqlite3.Connection) -> None:
        """Keep the file below its bound: freed pages are used again."""
        pages, free, size = (
            int(connection.execute(f"PRAGMA {name}").fetchone()[0])
            for name in ("page_count", "freelist_count", "page_size")
        )
        if (pages - free) * size > self._largest:
            with connection:
                connection.execute(
                    "DELETE FROM kept WHERE key IN (SELECT key FROM kept ORDER BY day, rowid"
                    " LIMIT (SELECT count(*) / 2 FROM kept))"
                )


def _today() -> int:
    return int(time.time()) // _DAY
