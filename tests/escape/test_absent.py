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


@pytest.mark.parametrize(
    ("behind", "is_told"),
    [
        ("return summary(order)", True),
        ("ship(order, address=order.address)", True),
        ("if today:\n        order.day = today", True),
        ("check(order)\n    order.state = 'sent'", False),
        ("return order if order else None", False),
    ],
)
def test_what_is_handed_on_behind_its_use_is_looked_at_too_late(behind: str, is_told: bool) -> None:
    use = "" if behind.startswith("check") else "order.state = 'sent'\n    "
    program = f"""
from flask import Flask
from sqlalchemy.orm import Session

app = Flask(__name__)
session = Session(ENGINE)

@app.post("/orders/<number>/sent")
def sent(number):
    order = session.get(Order, number)
    {use}{behind}
"""
    found = Analysis([unit_of(Document("app.py", program))]).of("app.py")
    assert any(one.call == ABSENT for some in found.values() for one in some) is is_told


@pytest.mark.parametrize("key", ["channel", "name"])
def test_a_part_of_a_request_was_sent_whatever_its_key(key: str) -> None:
    program = f"""
import redis
from aiohttp import web

store = redis.Redis()
routes = web.RouteTableDef()

@routes.get("/digests/{{{key}}}")
async def digest(request):
    return web.Response(text=store.get(request.match_info["{key}"]).decode())
"""
    found = Analysis([unit_of(Document("app.py", program))]).of("app.py")
    assert [one.rule for some in found.values() for one in some] == ["unhandled-upstream-failure"]
