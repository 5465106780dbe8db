from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from tree_sitter import Node

from shipworthy import fixes, origins, services
from shipworthy.document import Block
from shipworthy.language import BRACES
from shipworthy.model import Severity
from shipworthy.rule import Found, Offer, Pass, js, node_rule, py
from shipworthy.syntax import ancestors, dotted, keyword_arguments, positional_arguments, spoken, text_of
from shipworthy.upkeep import is_of_ci

_METHODS = frozenset({"get", "post", "put", "delete", "patch", "head", "options", "request"})
_POSITION: Mapping[str, int] = {
    "urllib.request.urlopen": 2,
    "smtplib.SMTP": 3,
    "smtplib.SMTP_SSL": 5,
    "ftplib.FTP": 4,
    "ftplib.FTP_TLS": 6,
    "poplib.POP3": 2,
    "poplib.POP3_SSL": 4,
    "imaplib.IMAP4": 2,
    "imaplib.IMAP4_SSL": 5,
    "telnetlib.Telnet": 2,
    "http.client.HTTPConnection": 2,
    "http.client.HTTPSConnection": 4,
    "socket.create_connection": 1,
}
"""Where a call that waits for the network takes its timeout, if it takes it by position."""

_IN_SERVICES: Mapping[str, tuple[str, str]] = {
    **{f"subprocess.{name}": ("timeout", "program") for name in ("run", "call", "check_call", "check_output")},
    **{f"psycopg{version}.connect": ("connect_timeout", "database") for version in ("", "2")},
    **{
        f"redis.{path}{name}": ("socket_timeout", "server")
        for path in ("", "asyncio.")
        for name in ("Redis", "StrictRedis", "from_url", "Redis.from_url", "ConnectionPool", "BlockingConnectionPool")
    },
}
"""Calls that have a place in a script, but may not keep a server waiting: the argument, and who is silent."""

_LASTING = re.compile(
    r"(?i)\b(?:ansible\S*|apt(?:-get)?|aws|az|brew|cargo|composer|conda|convert|curl|dig|docker|dnf|ffmpeg|ffprobe|ftp|gcloud|go"
    r"|gradle|gs|helm|host|kubectl|libreoffice|magick|make|mvn|mysqldump|nmap|npm|nslookup|npx|ollama|pandoc|pdf\w+|pg_\w+|ping|pip3?"
    r"|pnpm|podman|rclone|rsync|scp|sftp|soffice|ssh|terraform|traceroute|uv|wget|whois|wkhtml\w+|yarn|youtube-dl|yt-dlp|yum)\b"
    r"|\bgit\b.{1,40}\b(?:clone|fetch|ls-remote|pull|push|submodule)\b"
)
"""Programs that ask other machines, or that work as long as what they are given is large."""

_PROGRAM = re.compile(r"""\(\s*\[\s*f?(?:"(?!git")[^"]*"|'(?!git')[^']*')""")
"""The program of a list of arguments, if it is written out; of git, what it is to do counts too."""
_ASKS_A_PERSON = re.compile(r"""\(\s*\[?\s*f?["'](?:sudo|su|doas|pkexec|passwd|ssh-add|ssh-keygen)\b""")
_LOCAL = re.compile(r"""[bf]?["'](?:\w+://)?(?:localhost|127\.0\.0\.1|\[::1\])\b""")
_MODEL = re.compile(r"(?i)ollama|llama_?cpp|lm_?studio")
"""Files that ask a language model on the same machine, which takes its time."""

_LAST_WORDS = frozenset(name.rpartition(".")[2] for name in _POSITION) | _METHODS | {"Client", "AsyncClient", "stream"}
_UNLIMITED = "aiohttp.ClientTimeout"
_ASKED = "wait_for"
_OF_EVENT = re.compile(
    r"""["'](?:message|raw_message\w*|(?:raw_)?reaction_\w+|interaction|button_click|voice_state_update)["']"""
)
"""What a bot for Discord waits for that a person does, or does not."""
_BOTS = re.compile(r"^\s*(?:import|from)\s+(?:discord|nextcord|disnake)\b", re.MULTILINE)
_LAST_WORDS_IN_SERVICES = frozenset(name.rpartition(".")[2] for name in _IN_SERVICES)
_SERVER = re.compile(
    r"""(?:from|require\(|import)\s*['"](?:express|fastify|koa|@hapi/hapi|@nestjs/\w+|hono|restify|(?:node:)?https?|next/server"""
    r"""|@remix-run/node|aws-lambda|bullmq|amqplib)['"]"""
)


def _words(block: Block) -> Iterable[str]:
    """What variables hold, and a word for what the file does.

    `http`: it knows requests or httpx. `server`: it serves. `timeout`, `mount`: it limits all calls. Those of Python's
    services are told in services.py.
    """
    if block.language.id == "python":
        yield from origins.bindings(block)
        yield from origins.clients(block)
        if "requests" in block.text or "httpx" in block.text:
            yield "http"
        if "setdefaulttimeout" in block.text:
            yield "timeout"
        if ".mount(" in block.text:
            yield "mount"
        if _BOTS.search(block.text) is not None:
            yield "bot"
        yield from services.words(block)
    else:
        if _SERVER.search(block.text) is not None:
            yield "server"
        if (
            re.search(r"defaults\.timeout|axios\.create\(|setGlobalDispatcher|interceptors\.request", block.text)
            is not None
        ):
            yield "timeout"


@node_rule(
    "missing-timeout",
    severity=Severity.WARNING,
    python="call",
    javascript="call_expression",
    agrees_with=("bandit:B113", "ruff:S113"),
    cwe=(400,),
    extract=_words,
    bad=(
        py(
            """
            import aiohttp
            from discord.ext import commands

            class Library(commands.Bot):
                async def setup_hook(self):
                    self.session = aiohttp.ClientSession(timeout=«aiohttp.ClientTimeout(total=None)»)

                async def ask(self, context):
                    answer = await «self.wait_for("message", check=lambda one: one.author == context.author)»
                    await context.send(answer.content)
            """,
            fixed="""
            import aiohttp
            from discord.ext import commands

            class Library(commands.Bot):
                async def setup_hook(self):
                    self.session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10))

                async def ask(self, context):
                    answer = await self.wait_for("message", check=lambda one: one.author == context.author)
                    await context.send(answer.content)
            """,
        ),
        py(
            """
            import requests

            reply = «requests.get("https://example.org")»
            """,
            fixed="""
            import requests

            reply = requests.get("https://example.org", timeout=10)
            """,
        ),
        py(
            """
            import httpx

            def fetch(url):
                return «httpx.get(url, timeout=None)»
            """,
            fixed="""
            import httpx

            def fetch(url):
                return httpx.get(url, timeout=10)
            """,
        ),
        py("""
            import httpx

            async def fetch(url):
                async with «httpx.AsyncClient(timeout=None)» as client:
                    return await client.get(url)
        """),
        py("""
            from urllib.request import urlopen

            text = «urlopen(url)».read()
        """),
        py("""
            import requests

            session = requests.Session()

            def fetch(url):
                return «session.post(url, json={})»
        """),
        py(
            """
            import subprocess

            from flask import Flask

            app = Flask(__name__)

            @app.get("/thumbnail/<name>")
            def thumbnail(name):
                «subprocess.run(["convert", name, "-resize", "64x64", "out.png"], check=True)»
            """,
        ),
        py("""
            import redis
            from fastapi import FastAPI

            app = FastAPI()
            store = «redis.Redis(host="store")»
        """),
        js("""
            import express from "express";

            app.get("/rate", async (request, response) => {
              const reply = await «fetch("https://example.org/rate")»;
              response.json(await reply.json());
            });
        """),
        py("""
            import os

            import requests

            def make_session():
                session = requests.Session()
                session.headers["X-Key"] = os.environ["STATION_KEY"]
                return session

            def stations(session, town):
                return [station(session, number) for number in NUMBERS[town]]

            def station(session, number):
                answer = «session.get(f"https://stations.example.org/{number}")»
                answer.raise_for_status()
                return answer.json()

            def show(town):
                client = make_session()
                return stations(client, town)
        """),
    ),
    good=(
        py("""
            import aiohttp
            from discord.ext import commands

            bot = commands.Bot("!")
            LIMITS = aiohttp.ClientTimeout(total=None, sock_read=30)

            @bot.command()
            async def ask(context):
                answer = await bot.wait_for("message", timeout=30)
                await context.send(answer.content)
        """),
        py(
            """
            import requests

            def artifacts(build):
                return requests.get(f"https://ci.example.org/{build}")
            """,
            path="ci/artifacts.py",
        ),
        py("""
            import requests

            class Store(dict):
                pass

            def make_store():
                store = Store()
                return store

            def price(store, name):
                return store.get(name)

            def show(name):
                store = make_store()
                return price(store, name), requests.get(PRICES, timeout=5)
        """),
        py("""
            import requests

            reply = requests.get("https://example.org", timeout=5)
        """),
        py("""
            import requests

            def fetch(url, **options):
                return requests.get(url, **options)
        """),
        py("""
            import httpx

            reply = httpx.get("https://example.org")
        """),
        py("""
            import smtplib

            server = smtplib.SMTP()
        """),
        py("""
            import subprocess

            def build():
                subprocess.run(["make"], check=True)
        """),
        py("""
            from urllib.request import urlopen

            tunnels = urlopen("http://localhost:4040/api/tunnels").read()
        """),
        py("""
            import subprocess

            from flask import Flask

            app = Flask(__name__)

            def install(unit):
                subprocess.run(["sudo", "systemctl", "enable", "docker"], check=True)
                subprocess.run(["chmod", "+x", "/opt/ffmpeg"], check=True)
        """),
        py("""
            import subprocess

            import click
            from fastapi import FastAPI

            @click.command()
            def describe(module):
                write(routes(FastAPI, module))
                subprocess.run(["prettier", "routes.ts"], check=True)
        """),
        py("""
            import psycopg2
            from flask import Flask

            connection = psycopg2.connect(URL, connect_timeout=3)
            other = psycopg2.connect("host=store connect_timeout=3")
        """),
        py("""
            import requests

            def fetch(session, url):
                return session.get(url)
        """),
        py("""
            from urllib.request import urlopen

            text = urlopen(url, None, 10).read()
        """),
        js('const reply = await fetch("/api/rate");'),
        js("""
            import express from "express";

            const reply = await fetch(url, { signal: AbortSignal.timeout(5000) });
        """),
    ),
)
def missing_timeout(run: Pass, call: Node) -> Iterator[Found]:
    """A call to another machine has no time limit.

    If the other side accepts the connection and then says nothing, the call never comes back, and
    with it the thread, the request or the whole program that waits for it.

    Instead, pass a `timeout`, in JavaScript a `signal`, and handle what happens when it strikes.
    """
    yield from _javascript(run, call) if run.block.language.id in BRACES else _python(run, call)


def _python(run: Pass, call: Node) -> Iterator[Found]:
    function = call.child_by_field_name("function")
    word = dotted(function).rpartition(".")[2]
    if word == _ASKED and "bot" in run.facts[run.rule.id]:
        yield from _asked(run, call)
    if word == _UNLIMITED.rpartition(".")[2]:
        yield from _unlimited(run, call)
    if function is None or word not in _LAST_WORDS | _LAST_WORDS_IN_SERVICES:
        return
    given = keyword_arguments(call)
    if "**" in given or any(argument.type == "list_splat" for argument in positional_arguments(call)):
        return
    if word in _LAST_WORDS_IN_SERVICES and services.is_service(run.facts[run.rule.id]):
        yield from _in_service(run, call, function)
    name = origins.callee(run, function) if "http" in run.facts[run.rule.id] else run.name(function)
    limit = given.get("timeout")
    is_none = limit is not None and limit.type == "none"
    if not _waits_forever(run, call, name, limit is None, is_none) or _is_limited_from_outside(call):
        return
    if _is_near(run, call) or is_of_ci(run.path):
        return
    message = f"`{spoken(function)}` has no timeout: a silent server blocks this {_who(name)} forever."
    is_watched = services.is_one_shot(run.facts[run.rule.id])
    severity = Severity.HINT if is_watched or is_none else None  # who waits may press Ctrl-C; or it was asked for
    yield run.finding(call, message, severity=severity, offers=(_offer(run, call, limit),))


def _asked(run: Pass, call: Node) -> Iterator[Found]:
    """A bot that waits for what a person does, `bot.wait_for("message", check=...)`, and may wait for ever."""
    given, event = keyword_arguments(call), next(iter(positional_arguments(call)), None)
    if event is None or _OF_EVENT.fullmatch(text_of(event)) is None or {"timeout", "**"} & given.keys():
        return
    if _is_limited_from_outside(call):
        return
    message = f"`{spoken(call.child_by_field_name('function'))}` has no timeout: who never answers keeps it waiting."
    offer = run.offer("Wait 60 seconds at most", lambda site: (fixes.add_argument(site, call, "timeout=60"),))
    yield run.finding(call, message, severity=Severity.HINT, offers=(offer,))


def _unlimited(run: Pass, call: Node) -> Iterator[Found]:
    """`ClientTimeout(total=None)` with no other limit, which takes away the one that aiohttp has of its own."""
    given = keyword_arguments(call)
    limit = given.get("total")
    is_alone = limit is not None and len(given) == 1 and not positional_arguments(call)
    if (
        not is_alone
        or limit is None
        or limit.type != "none"
        or run.name(call.child_by_field_name("function")) != _UNLIMITED
    ):
        return
    message = "This takes away every time limit: a silent server blocks this task forever."
    yield run.finding(call, message, severity=Severity.HINT, offers=(_offer(run, call, limit),))


def _in_service(run: Pass, call: Node, function: Node) -> Iterator[Found]:
    keyword, who = _IN_SERVICES.get(run.name(function), ("", ""))
    arguments = text_of(call.child_by_field_name("arguments") or call)
    if who == "program" and not _may_last(arguments):
        return
    if not keyword or keyword in arguments or "timeout" in arguments or _is_limited_from_outside(call):
        return
    message = f"`{spoken(function)}` has no `{keyword}`: a {who} that says nothing keeps this service waiting forever."
    offer = run.offer("Wait 10 seconds at most", lambda site: (fixes.add_argument(site, call, f"{keyword}=10"),))
    # How long a server may take to answer can be said without knowing it; how long a program may run cannot.
    offers = (offer,) if who != "program" else ()
    yield run.finding(call, message, severity=Severity.HINT, offers=offers)


def _may_last(arguments: str) -> bool:
    """Whether a program may run for long by itself; one behind `sudo` waits for a person, and may."""
    if _ASKS_A_PERSON.match(arguments) is not None:
        return False
    program = _PROGRAM.match(arguments)
    return _LASTING.search(arguments[: program.end()] if program is not None else arguments) is not None


def _is_near(run: Pass, call: Node) -> bool:
    """Whether it is a program on the same machine that is asked: it answers, or it is not there."""
    address = next(iter(positional_arguments(call)), None)
    return (address is not None and _LOCAL.match(text_of(address)) is not None) or _MODEL.search(run.path) is not None


def _waits_forever(run: Pass, call: Node, name: str, is_missing: bool, is_none: bool) -> bool:
    library, _, rest = name.partition(".")
    *classes, method = rest.split(".")
    if library == "requests":
        if method not in _METHODS or classes not in ([], ["Session"], ["session"], ["api"], ["sessions", "Session"]):
            return False
        return (is_missing or is_none) and not (classes and "mount" in run.facts[run.rule.id])
    if library == "httpx":
        return is_none and (method in _METHODS | {"stream"} or rest in {"Client", "AsyncClient"})
    position = _POSITION.get(name)
    if position is None or not (is_missing or is_none) or "timeout" in run.facts[run.rule.id]:
        return False
    positional = positional_arguments(call)
    if not positional and not keyword_arguments(call).keys() & {"host", "url", "address"}:
        return False
    return len(positional) <= position or positional[position].type == "none"


def _is_limited_from_outside(call: Node) -> bool:
    """Whether the call stands in a `with Timeout(...)` of whatever library."""
    clauses = (around.named_children[0] for around in ancestors(call) if around.type == "with_statement")
    items = (item for clause in clauses for item in clause.named_children if item not in ancestors(call))
    return any(re.search(r"(?i)timeout|fail_after|move_on", text_of(item)) for item in items)


def _who(name: str) -> str:
    return "task" if "Async" in name else "thread"


def _offer(run: Pass, call: Node, limit: Node | None) -> Offer:
    if limit is not None:
        return run.replace("Wait 10 seconds at most", limit, "10")
    return run.offer("Wait 10 seconds at most", lambda site: (fixes.add_argument(site, call, "timeout=10"),))


def _javascript(run: Pass, call: Node) -> Iterator[Found]:
    function = call.child_by_field_name("function")
    if dotted(function).rpartition(".")[2] not in _METHODS | {"fetch"}:
        return
    name = run.name(function)
    is_fetch = name in {"fetch", "node-fetch", "node-fetch.default", "globalThis.fetch"}
    method = name.rpartition(".")[2]
    if not is_fetch and not (name.startswith(("axios.", "axios.default.")) and method in _METHODS):
        return
    if "server" not in run.facts[run.rule.id] or "timeout" in run.facts[run.rule.id]:
        return
    arguments = positional_arguments(call)
    position = 2 if not is_fetch and method in {"post", "put", "patch"} else 1
    settings = arguments[position] if len(arguments) > position else None
    if not arguments or (settings is not None and not _is_without_limit(settings)):
        return
    yield run.finding(call, f"`{spoken(function)}` has no time limit: a silent server keeps this request waiting.")


def _is_without_limit(settings: Node) -> bool:
    """Whether an options object is written out and names neither a signal nor a timeout."""
    if settings.type != "object":
        return False
    names: set[str] = set()
    for member in settings.named_children:
        if member.type == "spread_element":
            return False
        key = member.child_by_field_name("key") or member
        names.add(text_of(key))
    return not names & {"signal", "timeout", "agent", "dispatcher"}
