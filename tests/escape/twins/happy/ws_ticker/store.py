import sqlite3


class Store:
    def __init__(self, path):
        self.conn = sqlite3.connect(path)
        self.conn.execute("CREATE TABLE IF NOT EXISTS ticks (symbol TEXT, at TEXT, price REAL)")
        self.buffer = []

    def add(self, symbol, at, price):
        self.buffer.append((symbol, at.isoformat(), price))

    def flush(self):
        rows, self.buffer = self.buffer, []
        self.conn.executemany("INSERT INTO ticks VALUES (?, ?, ?)", rows)
        self.conn.commit()

    def close(self):
        self.conn.close()
