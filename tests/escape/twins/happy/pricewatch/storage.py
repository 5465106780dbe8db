import sqlite3

DB = "prices.db"


def init():
    with sqlite3.connect(DB) as conn:
        conn.execute("CREATE TABLE IF NOT EXISTS prices (name TEXT, price REAL, at TEXT)")


def last_price(name):
    conn = sqlite3.connect(DB)
    cur = conn.execute("SELECT price FROM prices WHERE name = ? ORDER BY at DESC LIMIT 1", (name,))
    return cur.fetchone()[0]


def save_price(name, price):
    conn = sqlite3.connect(DB)
    conn.execute("INSERT INTO prices VALUES (?, ?, datetime('now'))", (name, price))
    conn.commit()
    conn.close()
