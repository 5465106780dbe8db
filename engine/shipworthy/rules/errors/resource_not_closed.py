from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from tree_sitter import Node

from shipworthy import fixes, openers, origins, reach, resources, services, whole_files
from shipworthy.document import Block
from shipworthy.model import Edit, Severity
from shipworthy.rule import Found, Offer, Pass, Site, node_rule, py
from shipworthy.syntax import (
    FUNCTIONS,
    enclosing,
    function_around,
    identifiers,
    is_main,
    keyword_arguments,
    last_word,
    own,
    text_of,
)
from shipworthy.upkeep import is_upkeep

_SENDS = re.compile(
    r"(?:reply|send|answer|edit)_(?:photo|document|video|audio|voice|animation|file|media)|(?:files_)?upload\w*"
)
"""Methods that send a file which they are handed open."""

_HANDED_IN = frozenset({"argument_list", "keyword_argument", "pair", "tuple", "list"})

_POOLS = ("concurrent.futures.", "multiprocessing.")
"""How the names of pools begin whose workers are of this machine."""

_READS = frozenset({"read", "readlines", "readline", "write", "writelines"})


def _words(block: Block) -> Iterable[str]:
    """What variables hold, what is closed, and whether the file is a service, or a `script` that somebody starts."""
    yield from resources.ends(block)
    yield from services.words(block) if block.language.id == "python" else ()
    if "__main__" in block.text:
        yield "script"


@node_rule(
    "resource-not-closed",
    severity=Severity.HINT,
    python="call",
    agrees_with=("ruff:SIM115",),
    cwe=(404, 772),
    extract=_words,
    bad=(
        py(
            """
            def load(folder):
                return «open(f"{folder}/names.txt", encoding="utf-8")».read()
            """,
            fixed="""
            from pathlib import Path

            def load(folder):
                return Path(f"{folder}/names.txt").read_text(encoding="utf-8")
            """,
        ),
        py(
            """
            import json

            settings = json.load(«open("settings.json", "rb")»)
            """,
        ),
        py(
            """
            def save(path, rows):
                file = «open(path, "w")»
                for row in rows:
                    file.write(row)
                print("saved")
            """,
            fixed="""
            def save(path, rows):
                with open(path, "w") as file:
                    for row in rows:
                        file.write(row)
                print("saved")
            """,
        ),
        py("""
            def count(path):
                return sum(1 for line in open(path)) + len([line for line in open(path)])

            def show(path):
                for line in «open(path)»:
                    print(line)
        """),
        py(
            """
            import sqlite3

            def count(path):
                connection = «sqlite3.connect(path)»
                number = connection.execute("select count(*) from users").fetchone()[0]
                connection.close()
                return number
            """,
            fixed="""
            import sqlite3
            from contextlib import closing

            def count(path):
                with closing(sqlite3.connect(path)) as connection:
                    number = connection.execute("select count(*) from users").fetchone()[0]
                return number
            """,
        ),
        py(
            """
            import sqlite3

            def names(path):
                db = «sqlite3.connect(path)»
                cursor = db.cursor()
                cursor.execute("select name from users")
                return cursor.fetchall()
            """,
            fixed="""
            import sqlite3
            from contextlib import closing

            def names(path):
                with closing(sqlite3.connect(path)) as db:
                    cursor = db.cursor()
                    cursor.execute("select name from users")
                    return cursor.fetchall()
            """,
        ),
        py(
            """
            import aiohttp

            async def page(url):
                session = «aiohttp.ClientSession()»
                reply = await session.get(url)
                text = await reply.text()
                await session.close()
                return text
            """,
            fixed="""
            import aiohttp

            async def page(url):
                async with aiohttp.ClientSession() as session:
                    reply = await session.get(url)
                    text = await reply.text()
                return text
            """,
        ),
        py("""
            import pandas as pd

            def export(sales, months, path):
                writer = «pd.ExcelWriter(path)»
                sales.to_excel(writer, sheet_name="Sales")
                months.to_excel(writer, sheet_name="Months")
                writer.close()
        """),
        py("""
            import sqlite3

            class Orders:
                def _conn(self):
                    conn = sqlite3.connect(self.path)
                    conn.row_factory = sqlite3.Row
                    return conn

                def pay(self, order):
                    conn = «self._conn()»
                    conn.execute("update orders set paid = 1 where id = ?", (order,))
                    conn.commit()
                    conn.close()
        """),
        py(
            """
            import db

            def users():
                connection = «db.connect()»
                return connection.cursor().execute(USERS)
            """,
            files={
                "db.py": """
                    import psycopg2

                    def connect():
                        return psycopg2.connect(DSN)
                """
            },
        ),
        py("""
            import paramiko
            from concurrent.futures import ThreadPoolExecutor

            def uptime(host):
                client = «paramiko.SSHClient()»
                client.connect(host)
                transport = client.get_transport()
                transport.set_keepalive(30)
                return client.exec_command("uptime")[1].read()

            def convert_all(names):
                pool = «ThreadPoolExecutor(8)»
                for name in pool.map(convert, names):
                    print(name)
                pool.shutdown()
        """),
        py("""
            from fastapi import FastAPI

            app = FastAPI()

            class Log:
                def __init__(self, path):
                    self.file = «open(path, "a")»

                def add(self, line):
                    self.file.write(line)
        """),
        py("""
            import aiohttp

            async def on_startup(app):
                app["http"] = «aiohttp.ClientSession()»
        """),
        py("""
            async def send(update, context):
                await update.message.reply_photo(«open(PATH, "rb")»)
        """),
        py("""
            import requests

            def publish(path):
                requests.post(URL, files={"file": «open(path, "rb")»}, timeout=30)
        """),
        py("""
            from celery import Celery
            from sqlalchemy import create_engine, text
            from sqlalchemy.orm import sessionmaker

            app = Celery("shop")
            engine = create_engine(URL)
            make_session = sessionmaker(bind=engine)

            @app.task
            def remind():
                session = «make_session()»
                for order in session.execute(text("select * from orders where due < now()")):
                    remind_of(order)
                session.close()

            @app.task
            def count():
                connection = «engine.connect()»
                found = connection.execute(text("select count(*) from orders")).scalar()
                connection.close()
                return found
        """),
    ),
    good=(
        py("""
            import aiohttp
            import psycopg2
            from aiohttp import web

            async def start(app):
                app["http"] = aiohttp.ClientSession()

            async def stop(app):
                client = app.get("http")
                if client:
                    await client.close()

            def add(row):
                connection = None
                try:
                    connection = psycopg2.connect("dbname=rows")
                    connection.cursor().execute("INSERT INTO rows VALUES (%s)", row)
                    connection.commit()
                    connection.close()
                except Exception:
                    if connection:
                        connection.close()
                    raise
        """),
        py("""
            import smtplib

            def sender():
                mail = smtplib.SMTP()
                mail.set_debuglevel(1)
                return 1
        """),
        py("""
            import sqlite3
            from celery import Celery
            from sqlalchemy.orm import Session

            app = Celery("shop")

            @app.task
            def bill(number):
                session = Session(ENGINE)
                return session.get(Order, number).bill()

            @app.task
            def remind(number):
                with Session(ENGINE) as session:
                    session.get(Order, number).remind()

            def keep(samples):
                connection = sqlite3.connect(PATH)
                while True:
                    with connection:
                        connection.execute("insert into samples values (?)", samples.get())
        """),
        py("""
            import argparse
            from sqlalchemy.orm import Session

            def bill(number):
                session = Session(ENGINE)
                session.get(Order, number).bill()
                session.close()
        """),
        py("""
            import aiohttp

            async def on_startup(app):
                app["http"] = aiohttp.ClientSession()

            async def on_cleanup(app):
                await app["http"].close()
        """),
        py("""
            def load(path):
                with open(path) as file:
                    return file.read()
        """),
        py("""
            def load(path):
                file = open(path)
                try:
                    return file.read()
                finally:
                    file.close()
        """),
        py("""
            def opened(path):
                file = open(path)
                return file
        """),
        py("""
            class Log:
                def __init__(self, path):
                    self.file = open(path, "a")

                def close(self):
                    self.file.close()
        """),
        py("""
            from contextlib import closing
            import sqlite3

            def count(path):
                connection = sqlite3.connect(path)
                with closing(connection):
                    return connection.execute("select 1")
        """),
        py("""
            def start(command, path):
                log = open(path, "w")
                return Process(command, stdout=log)
        """),
        py("""
            def load(stack, path):
                return stack.enter_context(open(path))
        """),
        py("""
            import socket, sqlite3, tempfile

            def free_port():
                probe = socket.socket()
                probe.bind(("", 0))
                port = probe.getsockname()[1]
                probe.close()
                return port

            def note(text):
                file = tempfile.NamedTemporaryFile(delete=False)
                file.write(text.encode())
                file.close()
                return file.name

            def own_address():
                probe = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                probe.connect((PEER, 1))
                address = probe.getsockname()[0]
                probe.close()
                return address

            def interfaces(request):
                asked = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                return ioctl(asked.fileno(), request)

            def save(path, text, summary):
                file = open(path, "w")
                file.write(text)
                file.close()
                file = open(summary, "w")
                file.write(text[:80])
                file.close()

            def split(lines):
                part = None
                for line in lines:
                    if line.startswith("# "):
                        if part is not None:
                            part.close()
                        part = open(line[2:].strip(), "w")
                    part.write(line)

            def list_all(path, lines):
                file = open(path, "a")
                for line in lines:
                    if line:
                        file.write(line)
                file.close()

            def can_search():
                database = sqlite3.connect(":memory:")
                database.execute("create virtual table words using fts5(word)")
                database.close()
        """),
        py("""
            import sqlite3
            from flask import g

            def shared():
                global CACHE
                if CACHE is None:
                    CACHE = sqlite3.connect(PATH)
                return CACHE

            def of_request():
                connection = sqlite3.connect(PATH)
                g.connection = connection
                return connection

            def count():
                connection = shared()
                return connection.execute("select count(*) from users").fetchone()

            def names():
                connection = of_request()
                return connection.execute("select name from users").fetchall()
        """),
        py("""
            import io, tarfile, zipfile
            from concurrent.futures import ThreadPoolExecutor, wait

            def unpack(data, path):
                buffer = io.BytesIO(data)
                archive = zipfile.ZipFile(buffer)
                archive.extractall(path)

            def untar(path, folder):
                archive = tarfile.open(path)
                archive.extractall(folder)
                archive.close()

            def upload(paths):
                pool = ThreadPoolExecutor(8)
                wait([pool.submit(send, path) for path in paths])

            def ask_all(sources, seconds):
                pool = ThreadPoolExecutor(8)
                done, _ = wait([pool.submit(ask, source) for source in sources], timeout=seconds)
                pool.shutdown(wait=False)
                return done

            def main():
                pool = ThreadPoolExecutor(8)
                for name in pool.map(convert, NAMES):
                    print(name)
                pool.shutdown()
        """),
        py("""
            class Log:
                def __init__(self, path):
                    self.file = open(path, "a")

            if __name__ == "__main__":
                measure(Log("times.csv"))
        """),
        py("""
            import pymysql

            class Shop:
                def __init__(self):
                    self.connection = pymysql.connect(database="shop")
        """),
        py("""
            import socket

            def tell(text):
                sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                sender.sendto(text, COLLECTOR)
                sender.close()
        """),
        py("""
            import aiosqlite

            class Store:
                async def begin(self, path):
                    database = aiosqlite.connect(path)
                    self.database = await database

                async def close(self):
                    await self.database.close()
        """),
        py("""
            import httpx
            import sqlite3

            class Shelf:
                def open(self, path):
                    self.connection = connection = sqlite3.connect(path)
                    connection.execute("create table if not exists books (title text)")

                def start(self):
                    client = httpx.Client(base_url=self.url)
                    self.client = client.__enter__()
        """),
        py("""
            import sqlite3

            def reader(path):
                connection = sqlite3.connect(path)
                cursor = connection.cursor()
                cursor.execute("select name from users")
                return cursor
        """),
        py("""
            import paramiko

            def channel_to(gateway, host):
                client = paramiko.SSHClient()
                client.connect(gateway)
                transport = client.get_transport()
                channel = transport.open_channel("direct-tcpip", host, HERE)
                return paramiko.Transport(channel)
        """),
        py("""
            import os, socket, sys

            def to_file(path):
                log = open(path, "a")
                os.dup2(log.fileno(), sys.stdout.fileno())

            def serve(port):
                listener = socket.socket()
                listener.bind(("", port))
                listener.listen()
                while True:
                    answer(listener.accept())
                listener.close()
        """),
    ),
)
def resource_not_closed(run: Pass, call: Node) -> Iterator[Found]:
    """A file, connection or socket is opened, and nothing makes sure that it is closed.

    It stays open until the garbage collector comes by: what was written may not be on the disk yet,
    and under load the process runs out of file descriptors or the database out of connections.
    Of a connection or a socket, the other side waits too.

    Instead, open it in a `with` statement. For a whole file, `Path(...).read_text()` does it all.
    """
    opener, parent = openers.opener(run, call), call.parent
    kind = openers.OPENERS.get(opener)
    if parent is not None and parent.type == "await":
        parent = parent.parent
    if kind == "workbook" and "read_only" not in keyword_arguments(call):
        return
    if kind is None or parent is None or is_upkeep(run.path) or openers.is_in_memory(run, call):
        return
    if parent.type == "attribute" and (method := parent.child_by_field_name("attribute")) is not None:
        if text_of(method) in _READS and kind == "file":
            message = f"Nothing closes this {kind}: {openers.remedy(opener, 'open it in')}."
            yield run.finding(call, message, offers=whole_files.offers(run, call, parent))
    elif parent.type in _HANDED_IN:
        around = enclosing(call, {"call"})
        is_lent = around is not None and run.name(around.child_by_field_name("function")) in resources.BORROWERS
        if (is_lent and parent.type == "argument_list") or _is_sent(run, call, around, kind):
            yield run.finding(call, f"Nothing closes this {kind}: {openers.remedy(opener, 'open it in')}.")
    elif parent.type == "for_statement" and parent.child_by_field_name("right") == call and kind in {"file", "reply"}:
        yield run.finding(call, f"Nothing closes this {kind}: {openers.remedy(opener, 'open it in')}.")
    elif parent.type == "assignment" and (target := parent.child_by_field_name("left")) is not None:
        is_local = target.type == "identifier"
        yield from _variable(run, call, parent, opener) if is_local else _held(run, call, target, opener)


def _is_sent(run: Pass, call: Node, around: Node | None, kind: str) -> bool:
    """Whether a file is opened only to be sent: nobody but that call holds it, and a program that stays sends many."""
    scope = function_around(call)
    if around is None or kind != "file" or scope is None or is_main(scope):
        return False
    if services.is_one_shot(run.facts[run.rule.id]):
        return False  # it ends with the program
    files = keyword_arguments(around).get("files")
    is_in_files = files is not None and files.start_byte <= call.start_byte < files.end_byte
    return is_in_files or _SENDS.fullmatch(last_word(around)) is not None


def _held(run: Pass, call: Node, target: Node, opener: str) -> Iterator[Found]:
    """A resource that an object or the state of an application holds, where nothing in the file closes it."""
    if target.type not in {"attribute", "subscript"} or _is_of_a_subclass(run, target):
        return
    if f"ends {resources.named(run.block, target)}" in run.facts[run.rule.id]:
        return
    words = run.facts[run.rule.id]
    if openers.is_pooled(opener) or (target.type == "attribute" and not services.is_service(words)):
        return  # such an object lives as long as the program
    if opener.startswith("concurrent.futures."):
        return  # idle threads cost little, and end with the program
    message = f"Nothing closes this {openers.OPENERS[opener]}: close `{text_of(target)}` where its holder ends."
    yield run.finding(call, message)


def _is_of_a_subclass(run: Pass, target: Node) -> bool:
    """Whether `self` is of a class with bases, which may close what it holds."""
    around = origins.class_around(run.block, target)
    found = run.facts.defined(around) if around else None
    return found is not None and any(base not in {"object", "ABC", "Protocol"} for base in found.bases)


def _variable(run: Pass, call: Node, assignment: Node, opener: str) -> Iterator[Found]:
    """A resource held in a local variable that is neither handed on nor closed for certain."""
    function, target = function_around(assignment), assignment.child_by_field_name("left")
    if assignment.parent is not None and assignment.parent.type == "assignment":
        return  # `self.connection = connection = ...`: it is kept
    if function is None or target is None or target.type != "identifier" or _is_shared(function, text_of(target)):
        return
    name = text_of(target)
    uses = [node for node in identifiers(function, target) if node != target and resources.is_variable(node)]
    if any(resources.hands_on(run, use) for use in uses) or any(function_around(use) != function for use in uses):
        return
    closed = [use for use in uses if resources.is_closed_by(use)]
    if any(resources.is_certain(use) for use in closed) or resources.is_closed_either_way(closed):
        return
    if any(map(resources.is_made_standard, uses)):
        return
    if resources.is_kept_by_part(function, uses) or resources.is_kept_by_cursor(function, uses):
        return
    kind, is_whole = openers.OPENERS[opener], openers.is_read_from_disk(opener, call)
    if closed and resources.is_for_datagrams(assignment):
        return  # nobody waits at its other end
    if openers.is_pooled(opener) and not (closed and services.is_unwatched(run.facts[run.rule.id])):
        return
    if closed:
        if is_whole and kind != "reply":
            return  # what was read is not lost, and the file is closed with the frame that fails
        next_closed = next((use for use in closed if use.start_byte > assignment.start_byte), closed[0])
        if resources.is_closed_soon(assignment, next_closed) or any(map(resources.lasts, uses)):
            return
        if any(map(resources.is_left_to_end, closed)) or resources.is_turned_over(assignment, closed):
            return
        if is_main(function) and opener.startswith(_POOLS):
            return  # its workers end with the program
        missed = f"{name}.{resources.closing(next_closed)}"
        message = f"If anything fails before `{missed}`, this {kind} stays open: {openers.remedy(opener, 'use')}."
        yield run.finding(call, message, offers=_with(run, assignment, opener))
    else:
        if any(map(resources.lasts, uses)):
            return  # it is open as long as the process lives
        if resources.only_names(uses) or (kind == "socket" and resources.is_only_numbered(uses)):
            return
        if kind == "pool" and resources.is_waited_for(function):
            return
        if is_whole and is_main(function) and not _is_repeated(assignment):
            return  # what was read is not lost, and the file is closed where the program ends
        message = f"Nothing closes this {kind}: {openers.remedy(opener, 'open it in')}."
        yield run.finding(call, message, offers=_with(run, assignment, opener))


def _with(run: Pass, assignment: Node, opener: str) -> tuple[Offer, ...]:
    """Open it in a `with` statement; a database connection needs `closing`, since its own `with` is a transaction."""
    edits = reach.into_with(run, assignment, opener)
    if edits is None:
        return ()

    def with_import(site: Site) -> Iterator[Edit]:
        if not openers.needs_closing(opener):
            yield from edits(site, str)
            return
        closing, imports = fixes.add_import(site, "contextlib", "closing")
        yield from imports
        yield from edits(site, lambda opened: f"{closing}({opened})")

    keyword = openers.with_keyword(opener)
    return (run.offer(f"Open it in {'an' if keyword.startswith('a') else 'a'} `{keyword}` statement", with_import),)


def _is_repeated(assignment: Node) -> bool:
    """Whether a loop of the function opens one after the other."""
    around = enclosing(assignment, FUNCTIONS | {"for_statement", "while_statement"})
    return around is not None and around.type not in FUNCTIONS


def _is_shared(function: Node, name: str) -> bool:
    """Whether the function declares the name `global` or `nonlocal`, or binds it more than once."""
    for node in own(function):
        if node.type in {"global_statement", "nonlocal_statement"} and name in map(text_of, node.named_children):
            return True
    return False
