"""What reviewers of applications waved away, each beside its near-miss, which is told."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping

import pytest

from shipworthy.analyze import analyze
from shipworthy.config import Config
from shipworthy.document import Document
from shipworthy.escape.analysis import Analysis
from shipworthy.escape.program import unit_of
from shipworthy.facts.model import Escape
from shipworthy.index import Index
from shipworthy.model import Finding, Severity
from shipworthy.project import Project
from shipworthy.testing import MemoryFiles

from .test_reach import calls


def escapes(files: Mapping[str, str]) -> Iterator[Escape]:
    """All escapes of a program; the files are dedented."""
    analysis = Analysis([unit_of(Document(path, textwrap.dedent(text))) for path, text in files.items()])
    for path in files:
        for some in analysis.of(path).values():
            yield from some


def failing(files: Mapping[str, str]) -> set[str]:
    """What the escapes of a program are."""
    return {exception for escape in escapes(files) for exception in escape.exceptions}


def said(text: str) -> list[Finding]:
    """The findings about escapes in one file."""
    text = textwrap.dedent(text)
    select = (
        "consumer-dies-on-error",
        "half-written-state",
        "unhandled-upstream-failure",
        "unvalidated-request-input",
        "worker-dies-on-error",
    )
    project = Project("/p", Config(select=select), index=Index(MemoryFiles({"main.py": text})))
    return [*analyze(Document("main.py", text), project).findings]


VIEW = """
from flask import Flask, abort, request
import json, re

app = Flask(__name__)

def number(text):
    return int(text)

def a_number(text) -> int:
    return text

def a_text(text) -> str:
    return text

@app.get("/")
def index():
    x = request.args.get("x", "")
{}
    return "done"
"""

TWICE = "d = request.get_json()\ntry:\n    print(d['a'])\n{}\nprint(d['a'])"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("d = {'a': x}\nprint(d['a'])", set()),
        ("d = {'a': x}\nint(d['a'])", {"ValueError"}),
        ("d = {**request.get_json(), 'a': x}\nprint(d['b'])", {"KeyError"}),
        ("if '?' in x:\n    parts = x.split('?', 1)\n    a, b = parts", set()),
        ("parts = x.split('?', 1)\na, b = parts", {"ValueError"}),
        ("if not x.lower().startswith('bearer ') or x.split(' ', 1)[1] != 'a':\n    abort(401)", set()),
        ("if x.startswith('/add'):\n    print(x.split(' ')[1])", {"IndexError"}),
        ("if x.count('-') == 1:\n    parts = x.split('-')\n    print(parts[1])", set()),
        ("if x.count('-') == 1:\n    parts = x.split(':')\n    print(parts[1])", {"IndexError"}),
        ("if x.isdigit():\n    number(x)", set()),
        ("if re.fullmatch('[0-9]+', x):\n    number(x)", set()),
        ("if x.startswith('0'):\n    number(x)", {"ValueError"}),
        ("number(a_number(x))", set()),
        ("number(a_text(x))", {"ValueError"}),
        (TWICE.format("except KeyError:\n    return 'no'"), set()),
        (TWICE.format("except KeyError:\n    abort(400)"), {"KeyError"}),
        (TWICE.format("except KeyError:\n    raise\nd = request.get_json()"), {"KeyError"}),
        (TWICE.format("finally:\n    if x:\n        print(d['b'])").replace("d['a'])", "d.get('a'))"), {"KeyError"}),
    ],
)
def test_what_was_looked_at_before(body: str, expected: set[str]) -> None:
    assert failing({"main.py": VIEW.format(textwrap.indent(body, "    "))}) == expected


@pytest.mark.parametrize(
    ("asked", "handed", "expected"),
    [
        ("text", "x", {"ValueError"}),
        ("text", "x, None", {"ValueError"}),
        ("unit", "x", set()),
        ("unit", "x, None", set()),
        ("unit", "x, unit=None", set()),
        ("unit", "x, False", set()),
        ("unit", "x, 'cm'", {"ValueError"}),
        ("unit", "x, *units", {"ValueError"}),
        ("unit and text", "x", set()),
        ("unit or text", "x", {"ValueError"}),
        ("not unit", "x", {"ValueError"}),
        ("unit is not None", "x", set()),
        ("unit is not None", "x, False", {"ValueError"}),
        ("unit is None", "x", {"ValueError"}),
        ("exact", "x", set()),
        ("exact", "x, exact=True", {"ValueError"}),
        ("exact is not None", "x", {"ValueError"}),
    ],
)
def test_a_branch_is_not_taken_of_which_a_call_hands_nothing_over(asked: str, handed: str, expected: set[str]) -> None:
    length = f"""
def length(text, unit=None, exact=False):
    if {asked}:
        return int(text)
    return text

"""
    view = VIEW.format(f"    length({handed})")
    assert failing({"main.py": view.replace("@app", f"{length}@app")}) == expected
    settled = length.replace("    if ", "    unit = unit or UNIT\n    if ", 1)
    always = expected or ({"ValueError"} if "unit" in asked else set[str]())
    assert failing({"main.py": view.replace("@app", f"{settled}@app")}) == always


def test_a_queue_may_take_back_what_came_out_of_it() -> None:
    program = """
        import json
        import queue
        import threading

        JOBS = queue.Queue()
        LATER = queue.Queue()

        def work():
            while True:
                job = JOBS.get()
                LATER.put(job)
                JOBS.put(LATER.get())
                json.loads(job)

        threading.Thread(target=work).start()
    """
    assert failing({"main.py": program}) == set()
    told = program.replace("JOBS.put(LATER.get())", "JOBS.put(input())")
    assert failing({"main.py": told}) == {"json.JSONDecodeError"}


def test_an_error_comes_by_the_call_that_asks_for_the_branch() -> None:
    length = """
def length(text, unit=None):
    return int(text) if unit is None else measured(text, unit)

def measured(text, unit):
    if unit:
        return float(text)

def twice(text, unit=None):
    if unit:
        measured(text, unit)
    measured(text, None)

"""
    for handed, expected in (("x", set[str]()), ("x, 'cm'", {"ValueError"})):
        view = VIEW.format(f"    twice({handed})")
        assert failing({"main.py": view.replace("@app", f"{length}@app")}) == expected


def test_what_the_program_puts_into_a_request_was_not_sent() -> None:
    wrapper = """
        def with_account(view):
            def wrapped(request, name):
                request.account = find(name)
                return view(request)
            return wrapped
    """
    view = """
        from django.http import HttpResponse

        def show(request):
            return HttpResponse(request.{}["name"])
    """
    assert failing({"wrapper.py": wrapper, "views.py": view.format("account.cached")}) == set()
    assert failing({"wrapper.py": wrapper, "views.py": view.format("GET")}) == {"KeyError"}


@pytest.mark.parametrize(
    ("decorator", "before", "expected"),
    [
        ("", "", [False]),
        ("@validate(schema)\n", "", []),
        ("@route('/', validators=(schema,))\n", "", []),
        ("@route('/', include_in_schema=False)\n", "", [False]),
        ("@login_required\n", "", [True]),
        ("", "    arguments = parser.parse_args()\n", []),
    ],
)
def test_a_view_that_validates_hands_on_what_is_valid(decorator: str, before: str, expected: list[bool]) -> None:
    program = f"""
from flask import Flask, request
from flask_login import login_required
from own import parser, route, schema, validate

app = Flask(__name__)

def load():
    return int(request.args["page"])

@app.get("/")
{decorator}def index():
{before}    return load()
"""
    assert [one.mild for one in escapes({"main.py": program}) if one.call == "int"] == expected


def test_a_conversion_far_below_its_view_is_mild() -> None:
    program = """
        from flask import Flask, request

        app = Flask(__name__)

        def page():
            return int(request.args.get("page"))

        def load():
            return page()

        @app.get("/")
        def index():
            return load()
    """
    assert [one.mild for one in escapes({"main.py": program})] == [True]


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        ("autoretry_for = (requests.RequestException,)", set()),
        ("def on_failure(self, *args):\n        print(args)", set()),
        ("queue = 'slow'", {"requests.RequestException"}),
    ],
)
def test_a_task_of_a_class_that_retries(declared: str, expected: set[str]) -> None:
    program = f"""
import requests
from celery import Celery, Task

app = Celery("main")

class Own(Task):
    {declared}

@app.task(base=Own)
def fetch(url):
    return requests.get(url).text
"""
    assert failing({"main.py": program}) == expected


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        ('argument("number", type=int)', set()),
        ('option("-n", "--number", type=int)', set()),
        ('option("-n", "--many", "number", default=1)', set()),
        ('argument("number")', {"ValueError"}),
        ('option("-n", "--number", default="1")', {"ValueError"}),
    ],
)
def test_an_argument_of_a_command_that_is_a_number(declared: str, expected: set[str]) -> None:
    program = f"""
        import click

        @click.command()
        @click.{declared}
        @click.pass_context
        def show(context, number):
            print(int(number), int(context))
    """
    assert failing({"main.py": program}) == expected


def test_a_group_that_is_run_within_a_handler() -> None:
    program = """
        import click
        import requests

        @click.group()
        def cli(): ...

        @cli.command()
        def show():
            print(requests.get("http://a.b").text)

        def run():
            {}
    """
    main = "cli.main(standalone_mode=False)"
    handled = f"try:\n                {main}\n            except Exception as error:\n                print(error)"
    assert failing({"main.py": program.format(handled)}) == set()
    assert failing({"main.py": program.format(main)}) == {"requests.RequestException"}


def test_a_file_that_the_caller_has_looked_for() -> None:
    program = """
        import os
        import sys

        def load(path):
            with open(path) as file:
                return file.read()

        if __name__ == "__main__":
            path = sys.argv[1]
            {}
    """
    assert failing({"main.py": program.format("if os.path.isfile(path): print(load(path))")}) == set()
    assert failing({"main.py": program.format("print(load(path))")}) == {"OSError"}


def test_that_one_argument_was_tested_says_nothing_of_the_others() -> None:
    program = """
        import sys

        def show(row, path):
            with open(path) as file:
                print(row, file.read())

        if __name__ == "__main__":
            rows, path = [{"kind": "a"}], sys.argv[1]
            for row in rows:
                if {} in {"a"}:
                    show(row, path)
    """
    assert failing({"main.py": program.replace("{} in", "row['kind'] in")}) == {"OSError"}
    assert failing({"main.py": program.replace("{} in", "path in")}) == set()


def test_a_view_that_gives_up_on_purpose() -> None:
    program = """
        import requests
        from django.http import HttpResponse, {name}
        from django.views import View

        class Show(View):
            def get(self, request):
                answer = requests.get("http://a.b", timeout=5)
                if not answer.ok:
                    return {name}()
                return HttpResponse(answer.text)
    """
    assert failing({"main.py": program.format(name="HttpResponseServerError")}) == set()
    assert failing({"main.py": program.format(name="HttpResponseNotFound")}) == {"requests.RequestException"}


def test_one_report_for_one_missing_handler() -> None:
    found = said("""
        import base64
        import json
        from kafka import KafkaConsumer

        def consume(store):
            for message in KafkaConsumer("orders"):
                order = json.loads(message.value)
                store(order, base64.b64decode(message.key), int(message.value))
    """)
    assert [one.message for one in found] == [
        "`json.loads()` may raise JSONDecodeError, 2 other places here may raise ValueError or binascii.Error, and"
        " nothing handles these in the loop over messages; one bad message ends it for all others."
    ]
    assert {place.range.start.line for place in found[0].related} == {7, 9}


def test_state_that_is_read_half_written_names_where_it_is_written() -> None:
    found = said("""
        import json
        from flask import Flask

        app = Flask(__name__)

        def keep(counts):
            with open("counts.json", "w") as file:
                json.dump(counts, file)

        def note(counts):
            with open("notes.json", "w") as file:
                json.dump(counts, file)

        @app.get("/")
        def counts():
            with open("counts.json") as file:
                return json.load(file)
    """)
    assert [(one.rule, [place.range.start.line for place in one.related]) for one in found] == [
        ("half-written-state", [8])
    ]


def test_an_expression_that_fails_in_two_ways() -> None:
    found = said("""
        from django.http import HttpResponse
        from django.views import View

        class Vote(View):
            def post(self, request):
                return HttpResponse(int(request.POST["vote"]))
    """)
    assert [one.message for one in found] == [
        '`int()` may raise ValueError, reading `request.POST["vote"]` raises KeyError if the key is missing, and'
        " nothing handles these in the view `Vote.post`; bad input is answered with 500 instead of 400."
    ]


def test_a_request_tells_of_its_answer() -> None:
    program = """
        import requests
        from flask import Flask

        app = Flask(__name__)

        @app.get("/")
        def index():
            {request}
            answer.raise_for_status()
            return answer.json()
    """
    both = said(program.format(request="answer = requests.get('http://a.b', timeout=5)"))
    assert [(one.severity, len(one.related)) for one in both] == [(Severity.HINT, 2)]


@pytest.mark.parametrize("body", ["await request.json()", "json.loads(await request.body())"])
def test_a_body_that_is_no_json_is_a_hint(body: str) -> None:
    found = said(f"""
        import json
        from fastapi import FastAPI, Request

        app = FastAPI()

        @app.post("/")
        async def index(request: Request):
            return {body}
    """)
    assert [one.severity for one in found] == [Severity.HINT]


@pytest.mark.parametrize(
    ("given", "expected"), [("{'page': 1, 'text': request.args['text']}", set()), ("request.args", {"ValueError"})]
)
def test_what_is_taken_out_of_a_mapping_that_a_function_made(given: str, expected: set[str]) -> None:
    program = f"""
        from flask import Flask, request

        app = Flask(__name__)

        def options():
            return {given}

        @app.get("/")
        def index():
            return int(options()["page"])
    """
    assert failing({"main.py": program}) - {"KeyError"} == expected


@pytest.mark.parametrize("source", ["answer.aiter_lines()", "socket.iter_text()"])
def test_what_comes_bit_by_bit_may_not_parse(source: str) -> None:
    found = said(f"""
        import json
        import httpx
        from fastapi import WebSocket

        async def follow(client: httpx.AsyncClient, socket: WebSocket):
            async with client.stream("GET", "http://a.b") as answer:
                async for part in {source}:
                    print(json.loads(part))
    """)
    assert [(one.rule, one.severity) for one in found] == [("consumer-dies-on-error", Severity.HINT)]


def test_a_loop_that_looks_for_one_message_is_no_consumer() -> None:
    program = """
        from telethon import TelegramClient

        async def newest(client: TelegramClient, channel, path):
            async for message in client.iter_messages(channel):
                if message.file:
                    await client.download_media(message, file=path)
                    {end}
    """
    assert [one.rule for one in said(program.format(end="path = None"))] == ["consumer-dies-on-error"]
    assert not said(program.format(end="return path"))


CONNECTION = """
import json
import threading
import time
import requests
from fastapi import FastAPI, WebSocket

app = FastAPI()

@app.websocket("/feed")
async def feed(socket: WebSocket):
    await socket.accept()
    requests.get("http://a.b", timeout=5)
    async for message in socket.iter_text():
        json.loads(message)
"""


def test_a_connection_is_ended_and_not_answered() -> None:
    ends = {one.rule: one.message.partition("; ")[2] for one in said(CONNECTION)}
    assert ends == {
        "consumer-dies-on-error": "one bad message ends the connection.",
        "unhandled-upstream-failure": "an outage there ends the connection.",
    }


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("    requests.get('http://a.b', timeout=5)", ["its work is lost, and the program goes on without it."]),
        (
            "    requests.get('http://a.b', timeout=5).json()",
            ["its work is lost, and the program goes on without it."],
        ),
        ("    int(input())", []),
        (
            "    requests.get('http://a.b', timeout=5)\n    while True:\n        time.sleep(1)",
            ["one failure ends it, and the program goes on without it."],
        ),
    ],
)
def test_a_thread_that_does_one_piece_of_work(body: str, expected: list[str]) -> None:
    start = "threading.Thread(target=work).start()"
    program = f"import threading\nimport time\nimport requests\n\ndef work():\n{body}\n\n{start}\n"
    assert [one.message.partition("; ")[2] for one in said(program)] == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("print(context.args[0])", {"[]"}),
        ("if context.args:\n    print(context.args[0])", set[str]()),
        ("if not context.args:\n    return\nprint(context.args[0])", set[str]()),
        ("if context.args and context.args[0] == 'on':\n    print(1)", set[str]()),
        ("print(context.args[0] if context.args else '')", set[str]()),
        ("if context.bot:\n    print(context.args[0])", {"[]"}),
        ("if context.args:\n    print(context.args[1])", {"[]"}),
    ],
)
def test_what_was_tested_to_be_something_has_a_first_part(body: str, expected: set[str]) -> None:
    program = """
        from telegram.ext import Application, CommandHandler

        async def show(update, context):
    """
    indented = "".join(f"            {line}\n" for line in body.splitlines())
    register = "\n        Application.builder().build().add_handler(CommandHandler('show', show))\n"
    assert calls({"bot.py": program.rstrip() + "\n" + indented + register}) == expected


@pytest.mark.parametrize(
    ("types", "expected"),
    [("ClientError", set[str]()), ("Exception", {"botocore.exceptions.ClientError"})],
)
def test_a_function_that_is_called_again_and_knows_of_outages(types: str, expected: set[str]) -> None:
    program = f"""
        import boto3
        from botocore.exceptions import ClientError

        s3 = boto3.client("s3")

        def handler(event, context):
            failed = []
            for name in event["names"]:
                try:
                    s3.get_object(Bucket="in", Key=name)
                except {types}:
                    failed.append(name)
            s3.put_object(Bucket="out", Key="failed", Body=repr(failed))
    """
    assert failing({"main.py": program}) == expected


@pytest.mark.parametrize(
    ("base", "expected"), [("flask_restful.Resource", {"requests.RequestException"}), ("Resource", set())]
)
def test_a_class_of_a_client_is_no_view_whatever_it_is_called(base: str, expected: set[str]) -> None:
    body = f"""
        import flask_restful
        import requests

        class Resource:
            def __init__(self, address):
                self.address = address

        class Shops({base}):
            def get(self):
                return requests.get(ADDRESS, timeout=5)
    """
    assert failing({"shops.py": body}) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("if text.isdigit():\n    return str(int(text))", set[str]()),
        ("if not text.isdecimal():\n    return ''\nreturn str(int(text))", set[str]()),
        ("return str(int(text) if text.isdigit() else 0)", set[str]()),
        ("is_number = text.isdigit()\nreturn str(int(text)) if is_number else ''", set[str]()),
        ("text.isdigit()\nreturn str(int(text))", {"int"}),
        ("re.fullmatch('[0-9]+', text)\nreturn str(int(text))", {"int"}),
    ],
)
def test_a_test_whose_result_nobody_looks_at_is_none(body: str, expected: set[str]) -> None:
    program = """
        import re
        from flask import Flask, request

        app = Flask(__name__)

        @app.get("/")
        def show():
            text = request.args.get("text", "")
    """
    indented = "".join(f"            {line}\n" for line in body.splitlines())
    assert calls({"app.py": program.rstrip() + "\n" + indented}) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("list(map(int, text.split(',')))", {"int"}),
        ("max(map(int, text.split(',')))", {"int"}),
        ("list(map(parsed, text.split(',')))", {"json.loads"}),
        ("list(map(lambda one: int(one), text.split(',')))", {"int"}),
        ("list(map(lambda one: int(one) if one.isdigit() else 0, text.split(',')))", set[str]()),
        ("sorted(text.split(','), key=lambda one: int(one))", {"int"}),
        ("sorted(text.split(','), key=len)", set[str]()),
        ("sorted(text.split(','), key=str.lower)", set[str]()),
        ("list(map(str.strip, text.split(',')))", set[str]()),
        ("list(map(int, ['1', '2']))", set[str]()),
        ("later(lambda: int(text))", set[str]()),
    ],
)
def test_what_is_applied_to_each_item_is_called(given: str, expected: set[str]) -> None:
    program = f"""
        import json
        from flask import Flask, request

        app = Flask(__name__)

        def parsed(text):
            return json.loads(text)

        @app.get("/")
        def show():
            text = request.args.get("text", "")
            return {{"all": {given}}}
    """
    assert calls({"app.py": program}) == expected


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ("case number: return int(number)", {"int"}),
        ("case number if number.isdigit(): return int(number)", set[str]()),
        ("case 'one' | 'two' as number: return int(number)", set[str]()),
        ("case str(number): return int(number)", set[str]()),
        ("case [first, *others]: return int(first)", {"int"}),
        ("case {'number': number}: return int(number)", {"int"}),
        ("case {'number': int() as number}: return int(number)", set[str]()),
        ("case _: return 0", set[str]()),
    ],
)
def test_what_a_pattern_binds_comes_from_what_it_is_matched_with(case: str, expected: set[str]) -> None:
    program = f"""
        from flask import Flask, request

        app = Flask(__name__)

        @app.get("/")
        def show():
            match request.args.get("text", ""):
                {case}
    """
    assert calls({"app.py": program}) == expected


COMMANDS = """
import json
import click

class Group(click.Group):
    def invoke(self, context):
        {invoke}

@click.group(cls=Group)
def main():
    pass

@main.command()
@click.argument("path", type=click.Path({exists}))
def show(path):
    with open(path) as file:
        click.echo(json.load(file))
"""
HANDLED = (
    "try:\n            return super().invoke(context)\n"
    "        except Exception as error:\n            raise SystemExit(str(error))"
)


@pytest.mark.parametrize(
    ("invoke", "exists", "expected"),
    [
        ("return super().invoke(context)", "", {"OSError", "json.JSONDecodeError"}),
        ("return super().invoke(context)", "exists=True", {"json.JSONDecodeError"}),
        (HANDLED, "", set()),
    ],
)
def test_a_group_of_commands_may_handle_what_they_all_raise(invoke: str, exists: str, expected: set[str]) -> None:
    assert failing({"main.py": COMMANDS.format(invoke=invoke, exists=exists)}) == expected


@pytest.mark.parametrize(
    ("said", "expected"), [("log.error('no queue')", set()), ("queue = None", {"botocore.exceptions.ClientError"})]
)
def test_whoever_starts_a_command_has_read_what_a_handler_says_that_raises_again(said: str, expected: set[str]) -> None:
    program = f"""
        import logging
        import sys
        import boto3
        from botocore.exceptions import ClientError

        log = logging.getLogger()

        def main():
            client = boto3.client("sqs")
            try:
                return client.get_queue_url(QueueName=sys.argv[1])
            except ClientError:
                {said}
                raise

        if __name__ == "__main__":
            main()
    """
    assert failing({"main.py": program}) == expected


@pytest.mark.parametrize(
    ("parameter", "number", "expected"),
    [
        ("amount", "int(amount)", {"ValueError"}),
        ("amount: float", "int(amount)", set()),
        ("amount", "int(amount % 60)", set()),
        ("amount", "int(amount // 60)", set()),
    ],
)
def test_what_is_a_number_already_can_be_made_one(parameter: str, number: str, expected: set[str]) -> None:
    program = f"""
        from flask import Flask, request

        app = Flask(__name__)

        def whole({parameter}):
            return {number}

        @app.get("/")
        def index():
            return str(whole(request.args["amount"]))
    """
    assert failing({"main.py": program}) == expected


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("time.sleep(1)", ["worker-dies-on-error"]),
        ("pool.submit(input, 'next? ')", []),
        ("pygame.event.get()", []),
    ],
)
def test_a_loop_in_front_of_which_somebody_sits_is_no_worker(asked: str, expected: list[str]) -> None:
    found = said(f"""
        import time
        import pygame
        import requests

        def run(pool, url):
            while True:
                {asked}
                requests.get(url, timeout=3)
                time.sleep(1)
    """)
    assert [one.rule for one in found] == expected


def test_a_result_is_not_run_once_more() -> None:
    program = """
        import asyncio
        import json
        import sys

        def settings():
            return json.load(open(sys.argv[1]))

        def show(known):
            print(known)

        async def main():
            known = settings()
            loop = asyncio.get_event_loop()
            while True:
                await asyncio.sleep(1)
                await loop.run_in_executor(None, show, known)

        asyncio.run(main())
    """
    assert not [one for one in escapes({"main.py": program}) if one.loop is not None]


def test_what_reaches_other_boundaries_too_is_told_once_and_they_are_named() -> None:
    program = """
        import httpx
        from fastapi import BackgroundTasks, FastAPI

        app = FastAPI()

        async def weather(city):
            async with httpx.AsyncClient() as client:
                return (await client.get(f"http://a.b/{city}")).text

        @app.get("/{city}")
        async def show(city: str):
            return await weather(city)

        @app.get("/warm/{city}")
        async def other(city: str):
            return await weather(city)
    """
    (found,) = escapes({"main.py": program})
    assert [said for _, said in found.besides] == ["it reaches the view `show` here"]
