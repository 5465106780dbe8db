import logging
import sqlite3

log = logging.getLogger(__name__)


class Store:
    LIMIT = 100_000

    def __init__(self, path):
        self.conn = sqlite3.connect(path, timeout=10)
        self.buffer = []

    def __enter__(self):
        try:
            self.conn.execute("CREATE TABLE IF NOT EXISTS ticks (symbol TEXT, at TEXT, price REAL)")
        except sqlite3.Error:
            self.conn.close()
            raise
        return self

    def __exit__(self, *exc_info):
        self.conn.close()

    def add(self, symbol, at, price):
        self.buffer.append((symbol, at.isoformat(), price))

    def flush(self):
        """Write the buffer; on failure keep it for the next attempt, up to LIMIT rows."""
        if not self.buffer:
            return
        try:
            with self.conn:
                self.conn.executemany("INSERT INTO ticks VALUES (?, ?, ?)", self.buffer)
        except sqlite3.OperationalError:
            if len(self.buffer) > self.LIMIT:
                raise
            log.exception("%d ticks not written yet", len(self.buffer))
        else:
            self.buffer.clear()
