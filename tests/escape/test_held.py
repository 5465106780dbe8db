"""What is held somewhere is known where it is used: in tables, by statements, by requests, in databases."""

from __future__ import annotations

import pytest

from .test_reach import calls, told

LOADERS = """
    import json
    import click

    def load_json(path):
        return json.loads(path.read_text())

    def load_text(path):
        return path.read_text()

    LOADERS = {".json": load_json, ".txt": load_text}
"""
COMMAND = """
    from pathlib import Path
    import click
    from loaders import LOADERS

    @click.command()
    @click.argument("source", type=click.Path(path_type=Path))
    def show(source):
"""


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("LOADERS[source.suffix](source)", {"[key]", "json.loads", "pathlib.Path.read_text"}),
        ("LOADERS.get(source.suffix)(source)", {"json.loads", "pathlib.Path.read_text"}),
        ("for load in LOADERS.values():\n    load(source)", {"json.loads", "pathlib.Path.read_text"}),
        ("for name, load in LOADERS.items():\n    load(source)", {"json.loads", "pathlib.Path.read_text"}),
        ("LOADERS.get(source.suffix)", set[str]()),
        ("if source.suffix in LOADERS:\n    print(LOADERS[source.suffix])", set[str]()),
        ("print(LOADERS['.json'])", set[str]()),
        ("try:\n    LOADERS[source.suffix](source)\nexcept (KeyError, OSError, ValueError):\n    pass", set[str]()),
    ],
)
def test_functions_in_a_table_are_called_by_its_items(body: str, expected: set[str]) -> None:
    indented = "".join(f"        {line}\n" for line in body.splitlines())
    assert calls({"loaders.py": LOADERS, "main.py": f"{COMMAND}{indented}"}) == expected


@pytest.mark.parametrize(
    "sinks",
    ["[Sink()]", "(Sink(),)", "[Sink() for _ in range(3)]", "list([Sink()])"],
)
def test_objects_in_a_list_are_known_one_by_one(sinks: str) -> None:
    program = f"""
        import requests

        class Sink:
            def write(self, text):
                requests.post("http://a.b", data=text)

        sinks = {sinks}
        for number, sink in enumerate(sinks):
            sink.write(number)
    """
    assert calls({"main.py": program}) == {"requests.post"}


def test_a_with_statement_and_a_loop_call_methods_of_their_objects() -> None:
    program = """
        import boto3
        import psycopg2
        from contextlib import contextmanager

        class Database:
            def __enter__(self):
                self.connection = psycopg2.connect("")
                return self

            def __exit__(self, *error): ...

            def keep(self, name): ...

        @contextmanager
        def client():
            yield boto3.client("s3")

        def work():
            while True:
                with Database() as database, client() as s3:
                    for page in s3.get_paginator("list_objects_v2").paginate(Bucket="b"):
                        database.keep(page)
                    wait()

        def wait():
            import time
            time.sleep(1)

        import threading
        threading.Thread(target=work).start()
    """
    assert calls({"main.py": program}) == {"psycopg2.connect", "boto3.pages.__iter__"}


def test_an_inner_loop_ends_the_worker_around_it() -> None:
    program = """
        import time
        import requests

        def work(urls):
            while True:
                for url in urls:
                    requests.get(url)
                time.sleep(1)

        work(["http://a.b"])
    """
    assert {rule for rule, _, _ in told({"main.py": program})} == {"worker-dies-on-error"}


VIEW = """
    from fastapi import Depends, FastAPI
    from sqlalchemy import select
    from sqlalchemy.ext.asyncio import AsyncSession
    from models import Author, Report, session

    app = FastAPI()

    @app.post("/reports")
    async def create(body: dict, db: AsyncSession = Depends(session)):
        {}
        db.add(Report(reference=body))
        await db.commit()
"""
MODELS = """
    from sqlalchemy.orm import Mapped, mapped_column
    from base import Base

    class Report(Base):
        reference: Mapped[str] = mapped_column({})

    class Author(Base):
        name: Mapped[str] = mapped_column(unique=True)
"""
UNIQUE_ROW = {("unvalidated-request-input", "sqlalchemy.orm.Session.commit")}


@pytest.mark.parametrize(
    ("column", "before", "expected"),
    [
        ("unique=True", "pass", UNIQUE_ROW),
        ("unique=True", "await db.scalar(select(Author).where(Author.name == 'me'))", UNIQUE_ROW),
        ("unique=True", "await reports.find_by_reference(body)", set[tuple[str, str]]()),
        ("index=True", "pass", set[tuple[str, str]]()),
        ("unique=True", "await db.scalar(select(Report).where(Report.reference == body))", set[tuple[str, str]]()),
    ],
)
def test_a_row_that_is_there_already_is_refused(column: str, before: str, expected: set[tuple[str, str]]) -> None:
    found = told({"models.py": MODELS.format(column), "main.py": VIEW.format(before)})
    assert {(rule, call) for rule, call, _ in found} == expected


@pytest.mark.parametrize(("name", "expected"), [("RateCache", {"redis.Redis.get"}), ("Stock", set[str]())])
def test_a_view_can_do_without_its_cache_and_not_without_its_data(name: str, expected: set[str]) -> None:
    view = f"""
        from fastapi import FastAPI
        from held import {name}

        app = FastAPI()
        held = {name}()

        @app.get("/rates/{{day}}")
        async def rates(day: str):
            return await held.of(day) or [1, 2]
    """
    held = f"""
        import redis.asyncio as redis

        class {name}:
            def __init__(self):
                self.store = redis.from_url("redis://localhost")

            async def of(self, day):
                return await self.store.get(day)
    """
    assert calls({"main.py": view, "held.py": held}) == expected


def test_an_upload_is_text_only_if_it_can_be_decoded() -> None:
    program = """
        import csv, io
        from django.contrib.auth.decorators import login_required
        from django.http import JsonResponse
        from django.views.decorators.http import require_POST

        def rows_of(upload):
            rows = []
            for row in csv.DictReader(io.StringIO(upload.read().decode({}))):
                rows.append(row)
            return rows

        @require_POST
        def load(request):
            return JsonResponse({{"rows": len(rows_of(request.FILES["file"]))}})
    """
    assert calls({"views.py": program.format('"utf-8"')}) == {"decode", "[]"}
    assert calls({"views.py": program.format('"utf-8", errors="replace"')}) == {"[]"}


def test_handlers_that_are_set_are_called() -> None:
    program = """
        import json
        import paho.mqtt.client as mqtt

        def on_message(client, userdata, msg):
            {}

        client = mqtt.Client()
        client.on_message = on_message
    """
    assert calls({"main.py": program.format("json.loads(msg.payload)")}) == {"json.loads"}
    assert calls({"main.py": program.format("print(msg.topic)")}) == set()


def test_what_a_gateway_puts_into_an_event_is_there() -> None:
    program = """
        import json

        def create(event):
            body = json.loads(event["body"])
            return {"statusCode": 200, "body": body["title"] + event["requestContext"]["stage"]}

        ROUTES = {"POST": create}

        def handler(event, context):
            return ROUTES.get(event["httpMethod"])(event)
    """
    found = told({"main.py": program})
    assert {(call, exception) for _, call, exception in found} == {
        ("json.loads", "json.JSONDecodeError"),
        ("[]", "KeyError"),
    }


def test_a_class_of_tasks_says_what_is_done_about_failures() -> None:
    program = """
        import requests
        from celery import Celery, Task

        app = Celery()

        class Repeated(Task):
            {} = (requests.RequestException,)

        @app.task(base=Repeated)
        def fetch():
            requests.get("http://a.b")
    """
    assert calls({"main.py": program.format("autoretry_for")}) == set()
    assert calls({"main.py": program.format("expected")}) == {"requests.get"}


def test_what_routes_of_starlette_hand_over_is_a_request() -> None:
    program = """
        import json
        from starlette.applications import Starlette
        from starlette.routing import Route, WebSocketRoute

        async def rate(request):
            return await request.json()

        async def watch(websocket):
            while True:
                text = await websocket.receive_text()
                print(json.loads(text))

        async def helper(request):
            return await request.json()

        app = Starlette(routes=[Route("/rate", rate), WebSocketRoute("/live", watch)])
    """
    told_of = calls({"app.py": program})
    assert told_of == {"starlette.requests.Request.json", "fastapi.WebSocket.receive_text", "json.loads"}
    handled = program.replace("return await request.json()", "return await request.body()")
    assert "starlette.requests.Request.json" not in calls({"app.py": handled})


def test_a_loop_over_a_name_for_numbered_items_is_read() -> None:
    program = """
        import requests

        def fetch(urls):
            numbered = enumerate(urls)
            for number, url in numbered:
                requests.get(url, timeout=5)

        if __name__ == "__main__":
            fetch(["http://a.b"])
    """
    assert calls({"main.py": program}) == {"requests.get"}
