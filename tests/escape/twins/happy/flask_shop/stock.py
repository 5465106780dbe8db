import sqlite3

DB = "shop.db"


def reserve(sku, qty):
    """Take qty pieces out of the stock and return their price."""
    conn = sqlite3.connect(DB)
    price = conn.execute("SELECT price FROM stock WHERE sku = ?", (sku,)).fetchone()[0]
    conn.execute("UPDATE stock SET level = level - ? WHERE sku = ?", (qty, sku))
    conn.commit()
    conn.close()
    return price * qty


def stock_level(sku):
    conn = sqlite3.connect(DB)
    row = conn.execute("SELECT level FROM stock WHERE sku = ?", (sku,)).fetchone()
    conn.close()
    return row[0] if row else 0
