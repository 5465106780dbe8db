"""What is None if nothing was found is followed from the look-up to whoever uses it unseen."""

from __future__ import annotations

import textwrap

import pytest

from shipworthy.document import Document
from shipworthy.escape.analysis import Analysis
from shipworthy.escape.program import unit_of
from shipworthy.facts.model import ABSENT

STORE = """
import sqlite3

class Store:
    def __init__(self, path):
        self.connection = sqlite3.connect(path)

    def order(self, number):
        found = self.connection.execute("select * from orders where number = ?", (number,))
        row = found.fetchone()
        self.connection.close()
        return row

    def sure(self, number):
        row = self.order(number)
        if row is None:
            raise LookupError(number)
        return row

    def through(self, number):
        try:
            return self.order(number)
        except sqlite3.Error:
            return None

    def owner(self, number):
        row = self.sure(number)
        return self.order(row["owner"])
"""
APP = """
from flask import Flask, request

from store import Store

app = Flask(__name__)
store = Store("orders.db")

@app.get("/")
def show():
{}
"""


def told(body: str) -> list[tuple[str, str, str]]:
    """The rule, the exception and the function with the look-up of each result that a view uses unseen."""
    app = APP.format(textwrap.indent(textwrap.dedent(body).strip(), "    "))
    analysis = Analysis([unit_of(Document("store.py", STORE)), unit_of(Document("app.py", app))])
    return [
        (escape.rule, *escape.exceptions, escape.source.function if escape.source is not None else "")
        for escapes in analysis.of("app.py").values()
        for escape in escapes
        if escape.call == ABSENT
    ]


FOUND = [("unhandled-upstream-failure", "TypeError", "Store.order")]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("order = store.order(request.args['number'])\nreturn order['total']", FOUND),
        ("return dict(store.order(request.args['number']))", FOUND),
        ("number, total = store.order(request.args['number'])\nreturn total", FOUND),
        ("number = request.args['number']\nreturn store.through(number)['total']", FOUND),
        ("order = store.order(request.args['number'])\nif not order:\n    abort(404)\nreturn order['total']", []),
        ("return shown(store.order(request.args['number']))", []),
        ("return store.sure(request.args['number'])['total']", []),
        ("return store.owner(request.args['number'])['name']", []),
        ("return store.order('the first')['total']", []),
        (
            "order = store.order(request.args['number'])\n"
            "try:\n    return order['total']\nexcept TypeError:\n    abort(404)",
            [],
        ),
        (
            "try:\n    order = store.order(request.args['number'])\nexcept TypeError:\n    abort(400)\n"
            "return order['total']",
            FOUND,
        ),
    ],
)
def test_a_view_uses_what_was_not_found(body: str, expected: list[tuple[str, str, str]]) -> None:
    assert told(body) == expected


def test_what_a_handler_of_everything_hides_is_told_of_the_look_up() -> None:
    store = STORE + "\n    def total(self, number):\n        row = self.connection.execute(\n"
    store += "            'select total from orders where number = ?', (number,)).fetchone()\n        return row[0]\n"
    script = """
import sys
from store import Store

store = Store("orders.db")
for number in sys.argv[1:]:
    try:
        print(store.total(number))
    except Exception as error:
        print(error)
"""
    analysis = Analysis([unit_of(Document("store.py", store)), unit_of(Document("main.py", script))])
    found = [escape for escapes in analysis.of("store.py").values() for escape in escapes if escape.call == ABSENT]
    assert [(escape.rule, escape.function) for escape in found] == [("unchecked-optional", "Store.total")]
