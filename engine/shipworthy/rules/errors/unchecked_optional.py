from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from tree_sitter import Node

from shipworthy import absence, fixes, handlers, matched, queries, unseen, ways
from shipworthy.facts.model import ABSENT, Escape
from shipworthy.model import Edit, Severity
from shipworthy.rule import Found, Offer, Pass, Site, escape_rule, py
from shipworthy.syntax import (
    FUNCTIONS,
    ancestors,
    function_around,
    last_word,
    own,
    positional_arguments,
    spoken,
    statements,
    text_of,
    walk,
)
from shipworthy.upkeep import is_occasional, is_upkeep

_LEAVES = frozenset({"raise_statement", "return_statement"})
_OF_USER = re.compile(r"\binput\(|\bargv\b|\bargs\.|\brequest\.")
"""What a person has written, and no page."""


@escape_rule(
    "unchecked-optional",
    severity=Severity.HINT,
    default=False,
    python="call|attribute",
    extract=absence.words,
    cwe=(476,),
    bad=(
        py("""
            def get_dough(flour, water, toppings=[]):
                try:
                    for topping in toppings:
                        flour += topping.split(":")[1]
                except IndexError:
                    print("a topping is mistyped")
                    return None
                return flour + water

            def rich(flour, water, toppings):
                dough = «get_dough(flour, water, toppings)»
                return dough.lower()
        """),
        py("""
            from typing import Optional

            def find_text(page, name) -> Optional[str]:
                return page.texts.get(name)

            def title(page):
                return «find_text(page, "title")».strip()
        """),
        py("""
            from openai import OpenAI

            def title(client, text):
                answer = client.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": text}])
                return «answer.choices[0].message.content».strip()
        """),
        py("""
            import os

            def save_attachments(message, folder):
                for part in message.walk():
                    name = «part.get_filename()»
                    if part.get_content_disposition() == "attachment":
                        save(os.path.join(folder, name), part.get_payload(decode=True))
        """),
        py("""
            import re

            def year(text):
                return «re.search(r"[0-9]{4}", text)».group()
        """),
        py(
            """
            import re

            YEAR = re.compile("[0-9]{4}")

            def year(text):
                found = «YEAR.search(text)»
                return int(found[0])
            """,
            fixed="""
            import re

            YEAR = re.compile("[0-9]{4}")

            def year(text):
                found = YEAR.search(text)
                if found is None:
                    raise LookupError("YEAR.search found nothing")
                return int(found[0])
            """,
        ),
        py(
            """
            import sys

            def name(cursor, key):
                row = «cursor.execute("select name from users where id = ?", (key,)).fetchone()»
                return row[0]

            print(name(connect().cursor(), sys.argv[1]))
            """,
            fixed="""
            import sys

            def name(cursor, key):
                row = cursor.execute("select name from users where id = ?", (key,)).fetchone()
                if row is None:
                    raise LookupError("fetchone found nothing")
                return row[0]

            print(name(connect().cursor(), sys.argv[1]))
            """,
        ),
        py("""
            import re

            LINE = re.compile("([a-z]+): (.*)")

            def value(line):
                found = LINE.match(line)
                return found[2] if found else ""

            def name(line):
                return «LINE.match(line)».group(1)
        """),
        py("""
            from bs4 import BeautifulSoup

            def title(text):
                return «BeautifulSoup(text, "html.parser").find("h1")».text
        """),
        py("""
            import json

            from kafka import KafkaConsumer
            from sqlalchemy.orm import Session

            class Orders:
                def __init__(self, session: Session):
                    self.session = session

                def of(self, key):
                    return self.session.get(Order, key)

            def main():
                orders = Orders(Session(engine))
                for message in KafkaConsumer("paid"):
                    try:
                        sent = json.loads(message.value)
                        order = «orders.of(sent["order"])»
                        order.pay()
                    except (ValueError, KeyError):
                        log.exception("unreadable: %r", message)

            if __name__ == "__main__":
                main()
        """),
        py("""
            ROOMS = {}

            def find_room(number):
                if number not in ROOMS:
                    return None
                return ROOMS[number]

            class Desk:
                async def load(self, key) -> str | None:
                    return await self.store.load(key)

                async def title(self, key):
                    return (await «self.load(key)»).title()

            def size(number):
                return «find_room(number)».size
        """),
        py("""
            import click
            from sqlalchemy import select
            from sqlalchemy.orm import Session

            def rename(db: Session, key: int, name: str):
                order = «db.get(Order, key)»
                order.name = name
                return order

            def newest(db: Session, shop: int):
                return «db.scalars(select(Order).where(Order.shop == shop)).first()».name

            @click.command()
            @click.argument("key")
            @click.argument("shop")
            def main(key, shop):
                rename(SESSION, key, newest(SESSION, shop))
        """),
        py("""
            import os

            from flask import Flask, request

            app = Flask(__name__)
            HOSTS = os.environ.get("HOSTS", "")

            @app.get("/search")
            def search():
                words = «request.args.get("words")».split()
                mail = «request.args.get("mail")»
                return find(words, mail.lower(), «os.environ.get("PLACES")».split(","))
        """),
        py("""
            from bs4 import BeautifulSoup

            def heading(text):
                page = BeautifulSoup(text, "html.parser")
                return «page.title».string.strip()
        """),
        py("""
            import xml.etree.ElementTree as ET

            def order(path):
                root = ET.parse(path).getroot()
                return «root.find("number")».text, [«line.find("price")».attrib["net"] for line in root.iter("line")]
        """),
        py("""
            import sys

            def newest(cursor, shop):
                cursor.execute("select name from orders where shop = ?", (shop,))
                return «cursor.fetchall()»[0]

            def total(orders, user):
                found = list(«orders.aggregate([{"$match": {"user": user}}, {"$group": {"sum": {"$sum": "$net"}}}])»)
                return found[0]["sum"]

            print(newest(connect().cursor(), sys.argv[1]), total(DATABASE.orders, sys.argv[2]))
        """),
        py("""
            def last_price(cursor, name):
                cursor.execute("select price from prices where name = ? order by day desc limit 1", (name,))
                return «cursor.fetchone()»[0]
        """),
        py("""
            from jira import JIRA

            def owner(client, key):
                person = «client.issue(key).fields.assignee»
                return person.displayName
        """),
        py("""
            class Stock:
                def count(self, name):
                    try:
                        return self.shelf.ask(name)
                    except OSError:
                        return None

            class Shop:
                def __init__(self):
                    self.stock = Stock()

                def order(self, name, wanted):
                    there = «self.stock.count(name)»
                    if there < wanted:
                        self.ask_for(name, wanted - there)

            def report(name):
                stock = Stock()
                return «stock.count(name)» * 2, «Stock().count(name)» + 1
        """),
        py("""
            def note_of(db, key):
                row = db.execute("select * from notes where id = ?", (key,)).fetchone()
                db.close()
                return row

            async def last(db):
                cursor = await db.execute("select id, name from runs order by id desc limit 1")
                return await cursor.fetchone()

            async def show(db):
                number, name = await «last(db)»
                return f"{number} {name}"

            def title(db, key):
                note = «note_of(db, key)»
                return note["title"]
        """),
        py("""
            def share(db, name):
                row = «db.execute("select avg(passed) from runs where name = ?", (name,)).fetchone()»
                return row[0] * 100

            def newest(db):
                return db.execute("select max(day) from runs").scalar()

            def following(db, step):
                return «newest(db)» + step
        """),
        py("""
            import sys

            async def weather(connection, key):
                row = await «connection.fetchrow("select lat from stations where id = $1", key)»
                return row["lat"]

            async def station(connection, key):
                found = await «connection.fetchrow("select * from stations where id = $1", key)»
                return dict(found)

            def book(engine, key):
                with engine.begin() as connection:
                    guest = «connection.execute(text("select name from guests where id = :k"), {"k": key}).first()»
                    connection.execute(text("insert into stays values (:n) returning id"), {"n": guest.name})

            async def main():
                print(await weather(POOL, sys.argv[1]), await station(POOL, sys.argv[1]))
                book(ENGINE, sys.argv[2])

            asyncio.run(main())
        """),
        py("""
            from pypdf import PdfReader

            def title(path):
                reader = PdfReader(path)
                return «reader.metadata».title
        """),
        py("""
            class Tree:
                def get_parts(self, name=None, kind=None):
                    if name and kind:
                        return self.ask(name)
                    for part in self.parts:
                        if part.name == name:
                            return part.parts
                    return None

                def find_names(self, known=None):
                    if not known:
                        return None
                    return known.names

                def sizes(self, name):
                    found = «self.get_parts(name=name)»
                    for part in found:
                        print(part.size)

                def first(self):
                    found = «self.find_names()»
                    return found[0]
        """),
        py("""
            import sys

            def lend(db, number):
                copies = «db.execute("select copies from books where number = ?", (number,)).fetchone()»[0]
                lent = db.execute("select count(*) from loans where number = ?", (number,)).fetchone()[0]
                return copies - lent

            print(lend(connect(), sys.argv[1]))
        """),
    ),
    good=(
        py("""
            from typing import Optional

            BREADS = {}

            def find_bread(name) -> Optional[Bread]:
                return BREADS.get(name)

            def morning():
                return find_bread("rye").bake()

            def query_one(text) -> Optional[int]:
                row = CONNECTION.execute(text).fetchone()
                return row[0] if row else None

            def eaten(days):
                eaten = query_one("select count(*) from eaten where kept")
                return eaten / days
        """),
        py("""
            def get_dough(flour, water, toppings=[]):
                try:
                    for topping in toppings:
                        flour += topping.split(":")[1]
                except IndexError:
                    print("a topping is mistyped")
                    return None
                return flour + water

            def plain(flour, water):
                dough = get_dough(flour, water)
                return dough.lower()
        """),
        py("""
            import re

            def yeast(label):
                if not re.fullmatch("[A-Z]+[a-z]+[A-Z]+", label):
                    raise ValueError(label)
                return re.search("[a-z]+", label).group()

            def get_shelf(bakery, number):
                for shelf in bakery.shelves:
                    if shelf.id == number:
                        return shelf
                return None

            def loaves(bakery, shelf):
                return get_shelf(bakery, shelf.id).loaves

            def find_oven(bakery, name):
                try:
                    return bakery.oven(name)
                except LookupError:
                    return None

            def check_swap(bakery, one, other):
                missing = [name for name in (one, other) if find_oven(bakery, name) is None]
                return [f"there is no {name}" for name in missing]

            def swap(bakery, one, other):
                wrong = check_swap(bakery, one, other)
                if wrong:
                    return wrong
                left = find_oven(bakery, one)
                left.move(other)
                return []
        """),
        py("""
            import os
            from pathlib import Path

            def home():
                return Path(os.environ.get("HOME"))

            def table(store, name):
                return store.find(name, on_missing="raise").rows

            class Store:
                def find(self, name, on_missing=None):
                    return self.tables.get(name)
        """),
        py("""
            import paramiko

            def opened(client: paramiko.SSHClient):
                files = client.open_sftp()
                files.get_channel().settimeout(60)
                return files
        """),
        py("""
            class Tree:
                def find_names(self, seen):
                    if self.name in seen:
                        return
                    yield self.name
                    for part in self.parts:
                        for name in part.find_names(seen):
                            yield name

                def get_parts(self, name=None, number=None):
                    if number:
                        return self.ask(number)
                    elif name:
                        for part in self.parts:
                            if part.name == name:
                                return part
                    else:
                        return self.parts
                    return None

                def sizes(self):
                    found = self.get_parts()
                    for part in found:
                        print(part.size)
        """),
        py("""
            from bs4 import BeautifulSoup

            def heading(text):
                page = BeautifulSoup(text, "html.parser")
                return page.title.string if page.title else ""

            def names(book):
                return book.title.strip()
        """),
        py("""
            class Stock:
                def count(self, name):
                    try:
                        return self.shelf.ask(name)
                    except OSError:
                        return None

            class Shop:
                def __init__(self):
                    self.stock = Stock()

                def order(self, name, wanted):
                    there = self.stock.count(name)
                    if there is None:
                        raise LookupError(name)
                    if there < wanted:
                        self.ask_for(name, wanted - there)

                def label(self, name):
                    return "%s" % self.stock.count(name)

            def merged(parts):
                if not parts:
                    return None
                return parts[0]

            def size(parts):
                return merged(parts).size
        """),
        py("""
            def note_of(db, key):
                row = db.execute("select * from notes where id = ?", (key,)).fetchone()
                if row is None:
                    raise LookupError(key)
                return row

            def size(db):
                return db.execute("select count(*) from notes where kept").fetchone()

            def title(db, key):
                note = note_of(db, key)
                return note["title"], size(db)[0]
        """),
        py("""
            def share(db, name):
                row = db.execute("select avg(passed) from runs where name = ?", (name,)).fetchone()
                return row[0] * 100 if row[0] is not None else 0

            def total(db):
                return db.execute("select coalesce(sum(size), 0) from runs").fetchone()[0] / 1024
        """),
        py("""
            ROOMS = {}

            def find_room(number):
                if number not in ROOMS:
                    return None
                return ROOMS[number]

            def size(number):
                room = find_room(number)
                return room.size if room else 0

            def default_room():
                def nothing():
                    return None
                return ROOMS["default"]

            def find_default():
                return default_room().size
        """),
        py("""
            import os

            from flask import Flask, request

            app = Flask(__name__)

            @app.get("/search")
            def search():
                mail = request.args.get("mail")
                if not mail:
                    return "no mail", 400
                if "words" in request.args:
                    words = request.args.get("words").split()
                return find(words, mail.lower(), request.args.get("town", "").lower(), os.getenv("PLACE"))
        """),
        py("""
            def summary(session, key):
                order = session.get(Order, key)
                if order is None:
                    raise NotFound(key)
                return order.summary()

            print(summary(SESSION, sys.argv[1]))
        """),
        py("""
            import sys

            def all_of(cursor, key):
                cursor.execute("select name from orders where shop = ?", (key,))
                rows = cursor.fetchall()
                return rows[0] if rows else None

            def owner(session, key):
                order = session.get(Order, key)
                if order is not None:
                    return session.get(Customer, order.customer).name

            def newest(session):
                return session.query(Order).filter_by(shop="main").first().name

            print(owner(SESSION, sys.argv[1]), newest(SESSION), all_of(connect().cursor(), sys.argv[1]))
        """),
        py("""
            import json

            def has_profile():
                return load_profile() is not None

            def load_profile():
                if not PROFILE.exists():
                    return None
                return json.loads(PROFILE.read_text())

            class Desk:
                def __init__(self):
                    if not has_profile():
                        raise RuntimeError("no profile")
                    self.name = load_profile()["name"]
        """),
        py("""
            import re

            def year(text):
                found = re.search(r"[0-9]{4}", text)
                return found.group() if found else None
        """),
        py("""
            import re

            def year(text):
                found = re.search(r"[0-9]{4}", text)
                if found is None:
                    raise ValueError(text)
                return found.group()
        """),
        py("""
            import re

            def year(text):
                try:
                    return re.search(r"[0-9]{4}", text).group()
                except AttributeError:
                    return None
        """),
        py("""
            import re

            DATED = re.compile("([0-9]{4}-[0-9]{2}) .*")
            PLACE = re.compile("([a-z]+)://(.*)")

            def dated(lines):
                return [index for index, line in enumerate(lines) if DATED.match(line)]

            def months(lines):
                found = dated(lines)
                return [DATED.match(lines[index]).group(1) for index in found]

            class Store:
                def __init__(self, place):
                    self.rest = PLACE.match(place).group(2)

            def open_store(place):
                match = PLACE.match(place)
                if match is None:
                    raise ValueError(place)
                return Store(place)

            def tidy(text):
                for _ in range(len(re.findall(r"[0-9]+D", text))):
                    found = re.search(r"[0-9]+D", text)
                    text = text[: found.start()] + text[found.end() :]
                return text

            def own_token(response):
                return response.request.headers.get("Authorization").split()[1]
        """),
        py("""
            import re

            import bs4

            def years(soup):
                for link in soup.select(".years a"):
                    yield re.search("[0-9]{4}", link["href"]).group()
        """),
        py("""
            class Shelf:
                def find_book(self, title):
                    if title not in self.books:
                        return None
                    return self.books[title]

                def has_book(self, title):
                    return title in self.books

                def lend(self, title):
                    if not self.has_book(title):
                        return False
                    book = self.find_book(title)
                    return book.lend()
        """),
        py("""
            import re

            def parts(text):
                found = re.match(
                    r"([0-9]+h)?"
                    r"([0-9]+m)?", text)
                return found[1], found[2]
        """),
        py("""
            import re

            def lead(text):
                return re.match(r"\\s*", text).group()

            def origin(text):
                return try_call(lambda: re.search(r"[0-9]{4}", text).group())
        """),
        py("""
            def touched(connection, key):
                connection.execute("insert into visits values (?, 1) on conflict do nothing", (key,))
                return connection.execute("select count from visits where name = ?", (key,)).fetchone()[0]
        """),
        py("""
            def users(cursor):
                return cursor.execute("select count(*) from users").fetchone()[0]
        """),
    ),
)
def unchecked_optional(run: Pass, subject: Node | Escape) -> Iterator[Found]:
    """The result of a search that may find nothing is used as if it had found something.

    Where there is no match, no row or no such program, the result is `None`, and the next step ends
    in `AttributeError` or `TypeError`: 'NoneType' object ...

    Instead, look at the result first, and decide what it means that nothing was found.
    """
    if isinstance(subject, Escape):
        call = run.block.smallest(subject.span)
        offers = _offers(run, call) if call is not None else ()
        yield ways.told(run, subject, "then its use fails", offers=offers)
    elif subject.type == "attribute":
        yield from _attribute(run, subject)
    else:
        yield from _call(run, subject)


def _attribute(run: Pass, node: Node) -> Iterator[Found]:
    """What an attribute of a library's object holds, where it holds None at times."""
    scope = function_around(node) if absence.may_hold_none(run, node) else None
    use = unseen.use(node, run.block) if scope is not None and not is_upkeep(run.path) else None
    if scope is None or use is None or next(handlers.guards(node), None) is not None:
        return
    alike = [one for one in own(scope, "attribute") if text_of(one) == text_of(node)]
    if alike[:1] == [node] and not any(map(unseen.is_test, alike[1:])) and not unseen.is_test(node):
        message = f"`{spoken(node)}` may be None, and is used unseen: look at it first."
        yield run.finding(node, message, related=(run.place(use, "used here"),))


def _call(run: Pass, call: Node) -> Iterator[Found]:
    function = call.child_by_field_name("function")
    if function is None or not unseen.may_matter(call) or not absence.may_be_none(run, call, function):
        return
    scope = function_around(call)
    if scope is None or scope.type == "lambda" or is_upkeep(run.path) or is_occasional(run.path):
        return
    is_column = queries.is_nullable_column(call, scope)
    use = unseen.column_use(call, run.block) if is_column else unseen.use(call, run.block)
    if any(next(handlers.guards(one), None) is not None for one in (call, use) if one is not None):
        return
    if use is not None and last_word(call) == "get_item" and not re.search(r"\[['\"]Item['\"]\]$", text_of(use)):
        return
    if _is_told(run, call) or matched.is_counted(call) or matched.is_of_form(call) or matched.is_asked_before(call):
        return
    known = run.facts[run.rule.id]
    if matched.is_known(call, known) or ("bs4" in known and _is_of_page(call)):
        return
    if use is None or _is_tested_before(call) or _always_matches(call):
        return
    alike = _of_its_kind(run, scope, call)
    if call != alike[0]:
        return
    message = f"`{spoken(function)}` may find nothing, and its result is used unseen: look at it first."
    related = (run.place(use, "used here"), *(run.place(one, "and here") for one in alike[1:]))
    yield run.finding(call, message, related=related, offers=_offers(run, call))


def _is_of_page(call: Node) -> bool:
    """Whether a pattern is matched where a page is scraped, and its groups are used at once: what they hold was seen in
    that page, and an error of one's own would say little more.
    """
    around = call.parent
    if last_word(call) not in {"match", "search"} or around is None or around.type not in {"attribute", "subscript"}:
        return False
    return _OF_USER.search(text_of(call)) is None


def _is_told(run: Pass, call: Node) -> bool:
    """Whether it is told on the way that it takes, be it by another rule."""
    span = run.block.span(call)
    escapes = (one for escape in run.facts.escapes(run.block.key) for one in (escape, *escape.along))
    return any(one.call == ABSENT and one.span == span for one in escapes)


def _of_its_kind(run: Pass, scope: Node, call: Node) -> list[Node]:
    """All `find` on the same thing in a function whose results are used unseen: one finding says it for the others."""
    function = call.child_by_field_name("function")
    if last_word(call) != "find" or function is None:
        return [call]
    others = (node for node in own(scope, "call") if last_word(node) == "find")
    alike = (node for node in others if text_of(node.child_by_field_name("function") or node) == text_of(function))
    alike = (node for node in alike if unseen.use(node, run.block) is not None)
    return [node for node in alike if next(handlers.guards(node), None) is None] or [call]


def _always_matches(call: Node) -> bool:
    """Whether a pattern that is written out matches whatever text it meets."""
    given = positional_arguments(call)
    if (
        len(given) > 1
        and re.search(r"(?i)url|https\?:", text_of(given[0]))
        and re.search(r"(?i)url", text_of(given[1]))
    ):
        return True  # it takes an address apart that has been looked at before
    if (
        last_word(call) not in {"match", "search"}
        or not given
        or given[0].type not in {"string", "concatenated_string"}
    ):
        return False
    try:
        pattern = re.compile(ast.literal_eval(f"({text_of(given[0])})"))
        return all(pattern.match(text) is not None for text in ("a", "0", "-/ <"))
    except (re.error, SyntaxError, ValueError, TypeError, OverflowError):
        return False  # an f-string, or a mistake that others report


def _offers(run: Pass, call: Node) -> tuple[Offer, ...]:
    """A guard behind the assignment whose variable is used unseen."""
    assignment = call.parent
    if assignment is not None and assignment.type == "await":
        assignment = assignment.parent
    statement = assignment.parent if assignment is not None else None
    if assignment is None or statement is None or assignment.type != "assignment":
        return ()
    target = assignment.child_by_field_name("left")
    if target is None or statement.type != "expression_statement" or statement.parent is None:
        return ()
    name, function = text_of(target), call.child_by_field_name("function")

    def edits(site: Site) -> Iterator[Edit]:
        guard = f'{site.step(statement)}raise LookupError("{spoken(function)} found nothing")'
        yield fixes.line_behind(site, statement, f"if {name} is None:", guard)

    is_alone = fixes.is_alone_on_line(statement)
    return (run.offer("Raise an error if nothing was found", edits),) if is_alone else ()


def _is_tested_before(call: Node) -> bool:
    """Whether the same call, or one with the same arguments, stands in a condition of the function."""
    scope = function_around(call)
    said = _said(call)
    for node in own(scope, "call") if scope is not None else ():
        if node != call and _said(node) == said and unseen.is_test(node):
            return True
    if _is_known_to_match(call) or (scope is not None and _is_asked_for(scope, call)):
        return True
    return _is_tested_around(call) is not None


def _is_asked_for(scope: Node, call: Node) -> bool:
    """Whether a function leaves before, unless another one finds something: `if not has_config(): raise`."""
    subject = last_word(call).rpartition("_")[2]
    for branch in (node for node in own(scope, "if_statement") if node.end_byte <= call.start_byte):
        condition = branch.child_by_field_name("condition")
        asked = [last_word(node) for node in walk(condition) if node.type == "call"] if condition is not None else []
        is_left = any(node.type in _LEAVES for node in statements(branch.child_by_field_name("consequence"))[-1:])
        if (
            is_left
            and subject
            and any(re.fullmatch(rf"_*(?:has|is)_(?:\w+_)?{subject}|{subject}_exists", one) for one in asked)
        ):
            return True
    return False


def _is_tested_around(node: Node) -> Node | None:
    """The expression around a node that may decide whether it is asked at all."""
    tests = {"boolean_operator", "conditional_expression", "if_clause"}
    return next((around for around in ancestors(node) if around.type in tests), None)


def _is_known_to_match(call: Node) -> bool:
    """Whether an `if` around looks at what is searched, or the same search decides elsewhere in the class."""
    searched = _words_of(positional_arguments(call))
    for around in ancestors(call):
        if around.type in FUNCTIONS:
            break
        condition = around.child_by_field_name("condition") if around.type in unseen.CONDITIONS else None
        if condition is not None and searched & _words_of([condition]):
            return True
    top = list(ancestors(call))[-1]
    return text_of(top).count(text_of(call)) > 1


def _words_of(nodes: Iterable[Node]) -> set[str]:
    """The names in some expressions, and the texts that are keys."""
    return {text_of(node) for one in nodes for node in walk(one) if node.type in {"identifier", "string"}}


def _said(call: Node) -> list[str]:
    """What is called and with what, whatever else is said about how: `re.search`, a pattern, a text."""
    parts = [call.child_by_field_name("function"), *positional_arguments(call)[:2]]
    return [text_of(part) for part in parts if part is not None]
