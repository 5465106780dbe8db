"""How far errors are followed: through arguments, applications, callers and handlers, and where it ends."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping

import pytest

from shipworthy.document import Document
from shipworthy.escape.analysis import Analysis
from shipworthy.escape.program import unit_of

GET = "requests.get"


def told(files: Mapping[str, str], scripts: Mapping[str, frozenset[str]] | None = None) -> set[tuple[str, str, str]]:
    """The rule, the call and the exception of each escape; the files are dedented."""
    units = [unit_of(Document(path, textwrap.dedent(text))) for path, text in files.items()]
    analysis = Analysis(units, scripts or {})
    return {
        (escape.rule, escape.call, exception)
        for path in files
        for escapes in analysis.of(path).values()
        for escape in escapes
        for exception in escape.exceptions
    }


def calls(files: Mapping[str, str]) -> set[str]:
    return {call for _, call, _ in told(files)}


def test_a_parameter_holds_what_all_calls_hand_over() -> None:
    helper = "def fetch(session, url):\n    return session.get(url)\n"
    main = """
        import requests
        from helper import fetch

        def middle(session):
            fetch(session, "http://a.b")

        if __name__ == "__main__":
            middle(requests.Session())
    """
    assert calls({"helper.py": helper, "main.py": main}) == {"requests.Session.get"}
    other = (
        "from helper import fetch\n\nclass Own:\n    def get(self, url): ...\n\ndef also():\n    fetch(Own(), 'x')\n"
    )
    assert calls({"helper.py": helper, "main.py": main, "other.py": other}) == set()


def test_what_init_is_given_is_known_in_methods() -> None:
    program = """
        import redis

        class Queue:
            def __init__(self, client=None):
                self.client = client or redis.Redis()

            def run(self):
                while True:
                    self.client.blpop("jobs")

        Queue(redis.Redis()).run()
    """
    assert told({"main.py": program}) == {("worker-dies-on-error", "redis.Redis.blpop", "redis.RedisError")}


@pytest.mark.parametrize(
    ("made", "used"),
    [
        ("app['http'] = aiohttp.ClientSession()", "request.app['http']"),
        ("app.state.http = aiohttp.ClientSession()", "request.app.state.http"),
        ("app[HTTP] = aiohttp.ClientSession()", "request.app[HTTP]"),
        ("app.http, app.name = aiohttp.ClientSession(), 'shop'", "request.app.http"),
        ("app.bot_data['http'] = aiohttp.ClientSession()", "context.bot_data['http']"),
    ],
)
def test_what_an_application_shares_is_known_in_its_views(made: str, used: str) -> None:
    start = f"import aiohttp\n\nasync def start(app):\n    {made}\n"
    view = f"""
        from aiohttp import web

        routes = web.RouteTableDef()

        @routes.get("/")
        async def index(request):
            async with {used}.get("http://a.b") as answer:
                return web.Response(text=answer.reason)
    """
    assert calls({"start.py": start, "view.py": view}) == {"aiohttp.ClientSession.get"}


def test_what_a_class_of_bots_holds_is_known_wherever_the_bot_is() -> None:
    bot = """
        import aiohttp
        from discord.ext import commands

        class Bot(commands.Bot):
            async def setup_hook(self):
                self.http_client = aiohttp.ClientSession()
                await self.load_extension("prices")
    """
    prices = """
        from discord.ext import commands

        class Prices(commands.Cog):
            @commands.command()
            async def price(self, ctx):
                await ctx.bot.http_client.get("http://a.b")
    """
    assert calls({"bot.py": bot, "prices.py": prices}) == {"aiohttp.ClientSession.get"}


def test_a_supplier_of_a_parameter_is_asked_by_the_framework() -> None:
    program = """
        from fastapi import Depends, FastAPI, Header

        app = FastAPI()

        async def user(authorization: str = Header()):
            return authorization.split(" ")[1]

        @app.get("/me")
        async def me(name=Depends(user)):
            return name
    """
    assert told({"main.py": program}) == {("unvalidated-request-input", "[]", "IndexError")}


def test_parts_that_may_be_missing() -> None:
    view = """
        from flask import Flask, request

        app = Flask(__name__)

        @app.get("/")
        def index():
            {}
            return "done"
    """

    def found(statement: str) -> set[str]:
        return {exception for _, _, exception in told({"main.py": view.format(statement)})}

    assert found("one, two = request.args.get('x', '').split('-')") == {"ValueError"}
    assert found("one, *two = request.args.get('x', '').split('-')") == set()
    assert found("one = request.args.get('x', '').split('-')[0]") == set()
    assert found("one = request.args.get('x', '').split('-')[2]") == {"IndexError"}
    assert found("p = request.args.get('x', '').split('-')\n            one = p[1] if len(p) > 1 else ''") == set()


LOOP = """
    import time
    import requests

    def work():
        while True:
            requests.get("http://a.b")
            time.sleep(1)
"""


@pytest.mark.parametrize(
    ("caller", "expected"),
    [
        ("def main():\n    work()\n", {GET}),
        (
            "def main():\n    try:\n        work()\n    except requests.RequestException:\n        print('gone')\n",
            set(),
        ),
        ("def main():\n    try:\n        work()\n    except ValueError:\n        print('gone')\n", {GET}),
    ],
)
def test_a_loop_whose_callers_handle_its_end_is_left_alone(caller: str, expected: set[str]) -> None:
    program = f"{textwrap.dedent(LOOP)}\n{caller}\nmain()\n"
    assert {call for rule, call, _ in told({"main.py": program}) if rule == "worker-dies-on-error"} == expected


def test_of_an_endless_generator_whoever_reads_it_decides() -> None:
    program = """
        import time
        import requests

        def prices():
            while True:
                yield requests.get("http://a.b").text
                time.sleep(1)

        def main():
            try:
                for price in prices():
                    print(price)
            except requests.RequestException as error:
                raise SystemExit(str(error))

        main()
    """
    assert calls({"main.py": program}) == set()


@pytest.mark.parametrize(
    ("handler", "expected"), [("raise", {GET}), ("if strict:\n            raise", set()), ("return None", set())]
)
def test_a_handler_that_raises_again_only_sometimes_handles(handler: str, expected: set[str]) -> None:
    program = f"""
import requests

def load(strict):
    try:
        return requests.get("http://a.b")
    except requests.RequestException:
        {handler}

load(True)
"""
    assert calls({"main.py": program}) == expected


def test_a_distribution_has_commands_and_no_scripts() -> None:
    files = {
        "tool/__init__.py": "from tool.cli import main\n",
        "tool/cli.py": """
            import requests

            def main():
                requests.get("http://a.b")
        """,
        "bench.py": "import requests\nrequests.post('http://a.b')\n",
        "vendor/got.py": "import requests\nrequests.put('http://a.b')\n",
    }
    assert {call for _, call, _ in told(files, {"": frozenset({"tool:main"})})} == {GET}
    assert {call for _, call, _ in told(files, {})} == {"requests.post"}


def test_a_handler_around_a_group_of_commands_is_that_of_each() -> None:
    program = """
        import click
        import requests

        @click.group()
        def cli(): ...

        @cli.command()
        def show():
            requests.get("http://a.b")

        def main():
            try:
                cli()
            except {}:
                raise SystemExit("no connection")
    """
    assert calls({"main.py": program.format("ValueError")}) == {GET}
    assert calls({"main.py": program.format("requests.ConnectionError")}) == set()


def test_what_is_mild_is_told_as_such() -> None:
    program = """
        import json
        from flask import Flask, request
        from flask_login import login_required

        app = Flask(__name__)

        @app.post("/a")
        def public():
            return json.loads(request.data)

        @app.post("/b")
        @login_required
        def inside():
            return json.loads(request.data)
    """
    analysis = Analysis([unit_of(Document("main.py", textwrap.dedent(program)))])
    found = {one.boundary: one.mild for escapes in analysis.of("main.py").values() for one in escapes}
    assert found == {"the view `public`": False, "the view `inside`": True}


@pytest.mark.parametrize("register", ["app.add_routes([web.get('/', index)])", "app.router.add_get('/', index)"])
def test_routes_of_aiohttp_are_views(register: str) -> None:
    program = f"""
        from aiohttp import web

        async def index(request):
            return web.json_response(int(request.query.get("n", "1")))

        app = web.Application()
        {register}
    """
    assert told({"main.py": program}) == {("unvalidated-request-input", "int", "ValueError")}


@pytest.mark.parametrize(
    ("function", "is_view"),
    [
        ("def show(request):\n    return HttpResponse(int(request.GET['year']))\n", True),
        (
            "def show(request):\n    page = HttpResponse()\n    page['n'] = int(request.GET['n'])\n    return page\n",
            True,
        ),
        ("def year_of(request):\n    return int(request.GET['year'])\n", False),
        ("def _show(request):\n    return HttpResponse(int(request.GET['year']))\n", False),
    ],
)
def test_what_answers_a_request_of_django_is_a_view(function: str, is_view: bool) -> None:
    found = told({"ledger.py": f"from django.http import HttpResponse\n\n{function}"})
    assert ("unvalidated-request-input", "int", "ValueError") in found or not is_view
    assert bool(found) is is_view


def test_what_a_key_says_is_not_looked_at_by_asking_whether_it_is_there() -> None:
    program = """
        from datetime import datetime

        from rest_framework.views import APIView

        class Person(APIView):
            def patch(self, request, key):
                {look}
                    return datetime.strptime(request.data["born"], "%Y-%m-%d")
    """
    there = told({"api.py": program.format(look='if "born" in request.data:')})
    assert there == {("unvalidated-request-input", "datetime.datetime.strptime", "ValueError")}
    assert told({"api.py": program.format(look="if is_date(request.data):")}) == set()


@pytest.mark.parametrize("driver", ["asyncpg.create_pool(URL)", "sqlite3.connect('counts.db')"])
def test_a_database_on_a_server_may_be_gone_whatever_it_is_asked(driver: str) -> None:
    program = f"""
        import asyncio
        import asyncpg
        import sqlite3

        async def count():
            held = {driver}
            while True:
                held.execute("update counts set rounds = rounds + 1 where name = $1", "round")
                await asyncio.sleep(60)

        asyncio.run(count())
    """
    ends = {exception for rule, _, exception in told({"count.py": program}) if rule == "worker-dies-on-error"}
    assert ends == ({"asyncpg.PostgresError"} if "asyncpg." in driver else set())


@pytest.mark.parametrize(
    ("read", "is_told"),
    [("tags = answer.get('tags', {})", True), ("tags = answer['tags']", False), ("tags = {'name': answer}", False)],
)
def test_what_is_asked_for_with_a_default_may_be_missing(read: str, is_told: bool) -> None:
    program = f"""
        import time
        import requests

        def watch():
            while True:
                answer = requests.get(PLAYER, timeout=5).json()
                {read}
                print(tags["name"])
                time.sleep(5)

        watch()
    """
    assert (("worker-dies-on-error", "[]", "KeyError") in told({"player.py": program})) is is_told


def test_what_a_window_calls_is_a_boundary_whoever_lists_it() -> None:
    program = """
        import tkinter as tk
        from tkinter import simpledialog

        class App(tk.Tk):
            def __init__(self):
                super().__init__()
                self.names = tk.Listbox(self)
                self.names.bind("<Double-1>", self.show)
                for text, command in [("Age", self.age), ("Quit", self.destroy)]:
                    tk.Button(self, text=text, command=command).pack()

            def age(self):
                print(int(simpledialog.askstring("Age", "How old?")))

            def show(self, event):
                print(self.names.get(self.names.curselection()[0]))
    """
    found = {("callback-raises", "int", "ValueError"), ("callback-raises", "[key]", "IndexError")}
    assert told({"main.py": program}) == found
    handled = program.replace("def age", "def report_callback_exception(self, *error): ...\n\n            def age")
    assert told({"main.py": handled}) == set()


@pytest.mark.parametrize(
    ("body", "exceptions"),
    [
        ("print(max(request.json['marks']))", {"ValueError"}),
        ("print(max(request.json['marks'], default=0), max(0, request.json['marks']))", set[str]()),
        ("marks = request.json['marks']\n    if marks:\n        print(max(marks))", set[str]()),
        ("text = request.args['n']\n    if len(text) < 5:\n        print(int(text))", {"ValueError"}),
        ("text = request.args['n']\n    if text.isdigit():\n        print(int(text))", set[str]()),
    ],
)
def test_what_is_there_may_be_empty_and_say_anything(body: str, exceptions: set[str]) -> None:
    view = f"from flask import Flask, request\n\napp = Flask('a')\n\n@app.post('/')\ndef view():\n    {body}\n"
    assert {exception for _, call, exception in told({"views.py": view}) if call != "[]"} == exceptions


def test_a_repeated_task_ends_for_what_its_library_does_not_try_again() -> None:
    program = """
        import discord
        import requests
        from discord.ext import commands, tasks

        bot = commands.Bot("!")

        @tasks.loop(hours=1)
        async def remind():
            requests.get("http://a.b")
            for guild in bot.guilds:
                channel = discord.utils.get(guild.text_channels, name="general")
                await channel.send("now")
    """
    assert told({"bot.py": program}) == {("worker-dies-on-error", "discord.TextChannel.send", "discord.HTTPException")}


def test_a_server_of_websockets_calls_its_handler_and_whoever_tests_types_has_looked() -> None:
    program = """
        import json
        from websockets.asyncio.server import serve

        async def greeting(ws):
            hello = json.loads(await ws.recv())
            if not isinstance(hello.get("name"), str):
                raise TypeError("no name")
            return hello

        async def handler(ws):
            try:
                hello = await greeting(ws)
            except (ValueError, TypeError):
                return
            print(hello["name"])

        async def main():
            async with serve(handler, "", 8765) as server:
                await server.serve_forever()
    """
    assert told({"server.py": program}) == set()
    trusting = program.replace('isinstance(hello.get("name"), str)', "hello")
    assert told({"server.py": trusting}) == {("unvalidated-request-input", "[]", "KeyError")}


def test_a_name_that_a_person_gives_may_not_be_among_the_settings() -> None:
    program = """
        import tomllib
        import typer

        app = typer.Typer()

        def settings():
            with open("settings.toml", "rb") as file:
                return tomllib.load(file)

        @app.command()
        def show(bank: str):
            known = settings()
            print(known["banks"][bank])
    """
    written_wrongly = ("unhandled-in-command", "tomllib.load", "tomllib.TOMLDecodeError")
    assert told({"main.py": program}) == {("unhandled-in-command", "[key]", "KeyError"), written_wrongly}
    asked = program.replace("    print", '    if bank in known["banks"]:\n                print')
    assert told({"main.py": asked}) == {written_wrongly}


BOTH = {GET, "json.loads"}


@pytest.mark.parametrize(
    ("register", "expected"),
    [
        ("channel.basic_consume('jobs', make(Shop()))", BOTH),
        ("channel.basic_consume('jobs', on_message_callback=make(Shop()))", BOTH),
        ("app.add_url_rule('/', view_func=make(Shop()))", BOTH),
        ("threading.Thread(target=make(Shop())).start()", {GET}),
        ("make(Shop())", set()),
    ],
)
def test_what_a_factory_gives_is_handed_over(register: str, expected: set[str]) -> None:
    program = f"""
        import json, threading, requests

        class Shop:
            def find(self, key):
                return requests.get(f"https://shop.example/{{key}}", timeout=3)

        def make(shop):
            def show(channel, method, properties, body):
                return shop.find(json.loads(body))
            return show

        {register}
    """
    assert calls({"main.py": program}) == expected


def test_routes_in_a_factory_are_views_of_what_it_is_given() -> None:
    program = """
        import requests
        from fastapi import APIRouter, FastAPI

        class Shop:
            def find(self, key):
                return requests.get(f"https://shop.example/{key}", timeout=3)

        def make_router(shop):
            router = APIRouter()

            @router.get("/{key}")
            def show(key: str):
                return shop.find(key).text

            return router

        app = FastAPI()
        app.include_router(make_router(Shop()))
    """
    assert calls({"main.py": program}) == {GET}


@pytest.mark.parametrize(
    ("read", "expected"),
    [
        ("page = Page(ADDRESS)\n    return page.text", {GET}),
        ("return Page(ADDRESS).text.strip()", {GET}),
        ("page: Page = found()\n    return shown(page)", {GET}),
        ("return Special(ADDRESS).text", {GET}),
        ("page = Page(ADDRESS)\n    return page.address", set[str]()),
        ("page = Page(ADDRESS)\n    page.text = ''", set[str]()),
        (
            "try:\n        return Page(ADDRESS).text\n    except requests.RequestException:\n        return ''",
            set[str](),
        ),
    ],
)
def test_a_property_is_called_where_it_is_read(read: str, expected: set[str]) -> None:
    pages = """
        import requests

        class Page:
            def __init__(self, address):
                self.address = address

            @property
            def text(self):
                return requests.get(self.address, timeout=5).text

        class Special(Page):
            pass
    """
    views = "import requests\nfrom flask import Flask\nfrom pages import Page, Special\n\napp = Flask(__name__)\n\n"
    views += f"@app.get('/')\ndef show():\n    {read}\n\ndef shown(page: Page):\n    return page.text\n"
    assert calls({"pages.py": pages, "views.py": views}) == expected


@pytest.mark.parametrize(
    ("body", "is_told"),
    [
        (
            "waiting = [pool.submit(load, url) for url in urls]\nfor one in as_completed(waiting):\n    one.result()",
            True,
        ),
        ("waiting = {pool.submit(load, url): url for url in urls}\nfor one in waiting:\n    one.result()", True),
        (
            "waiting = {url: pool.submit(load, url) for url in urls}\nfor one in waiting.values():\n    one.result()",
            True,
        ),
        ("waiting: list[Future] = []\nwaiting.append(pool.submit(load, urls[0]))\nwaiting[0].result(timeout=3)", True),
        ("waiting = {}\nwaiting[pool.submit(load, 'a')] = 'a'\nprint([one.result() for one in waiting])", True),
        ("one = pool.submit(load, 'a')\ntry:\n    one.result()\nexcept Exception:\n    log.exception('a')", False),
        ("one = pool.submit(load, 'a')\nif one.exception() is None:\n    one.result()", False),
        ("waiting = [pool.submit(load, url) for url in urls]\nwait(waiting)", False),
    ],
)
def test_what_a_submitted_function_raises_comes_out_with_its_result(body: str, *, is_told: bool) -> None:
    head = "import requests\nfrom concurrent.futures import *\n\ndef load(url):\n    requests.get(url, timeout=1)\n\n"
    main = f"def main(pool, urls):\n{textwrap.indent(body, '    ')}\n\nif __name__ == '__main__':\n    main(a, b)\n"
    assert calls({"main.py": head + main}) == ({GET} if is_told else set())


@pytest.mark.parametrize(
    ("body", "is_told"),
    [
        ("int(head.headers['content-length'])", True),
        ("if 'ETag' in head.headers:\n    print(head.headers['ETag'])", False),
        ("head.headers['Location']", False),
        ("head.headers['X-Total']", False),
        ("head.headers.get('ETag')", False),
    ],
)
def test_a_header_that_not_every_answer_has_may_be_missing(body: str, *, is_told: bool) -> None:
    program = f"import requests\n\nhead = requests.head('https://a.b', timeout=1)\n{body}\n"
    assert ("[header]" in calls({"main.py": program})) is is_told
    app = "from flask import Flask\nimport requests\napp = Flask(__name__)\n\n@app.get('/')\ndef show():\n"
    asked = f"head = requests.head('https://a.b', timeout=1)\n{body}"
    view = f"{app}{textwrap.indent(asked, '    ')}\n"
    assert "[header]" not in calls({"main.py": view})
