import sqlite3
from contextlib import closing

DB = "shop.db"


class UnknownSku(LookupError):
    pass


class OutOfStock(Exception):
    pass


def reserve(wanted):
    """Take all wanted pieces out of the stock, or none; return their price."""
    total = 0
    with closing(sqlite3.connect(DB, timeout=5)) as conn, conn:
        for sku, qty in wanted:
            row = conn.execute("SELECT price FROM stock WHERE sku = ?", (sku,)).fetchone()
            if row is None:
                raise UnknownSku(sku)
            taken = conn.execute(
                "UPDATE stock SET level = level - ? WHERE sku = ? AND level >= ?", (qty, sku, qty)
            )
            if taken.rowcount == 0:
                raise OutOfStock(sku)
            total += row[0] * qty
    return total


def release(wanted):
    with closing(sqlite3.connect(DB, timeout=5)) as conn, conn:
        conn.executemany(
            "UPDATE stock SET level = level + ? WHERE sku = ?", [(qty, sku) for sku, qty in wanted]
        )


def stock_level(sku):
    with closing(sqlite3.connect(DB, timeout=5)) as conn:
        row = conn.execute("SELECT level FROM stock WHERE sku = ?", (sku,)).fetchone()
    return row[0] if row else 0
