import sqlite3
from contextlib import contextmanager

DB = "prices.db"


@contextmanager
def database():
    conn = sqlite3.connect(DB, timeout=10)
    try:
        with conn:
            yield conn
    finally:
        conn.close()


def init():
    with database() as conn:
        conn.execute("CREATE TABLE IF NOT EXISTS prices (name TEXT, price REAL, at TEXT)")


def last_price(name):
    with database() as conn:
        row = conn.execute(
            "SELECT price FROM prices WHERE name = ? ORDER BY at DESC LIMIT 1", (name,)
        ).fetchone()
    return None if row is None else row[0]


def save_price(name, price):
    with database() as conn:
        conn.execute("INSERT INTO prices VALUES (?, ?, datetime('now'))", (name, price))
