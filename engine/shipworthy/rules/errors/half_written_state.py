from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tree_sitter import Node

from shipworthy import rewritten, ways
from shipworthy.facts.model import Escape
from shipworthy.model import Place, Severity
from shipworthy.rule import Found, Pass, escape_rule, py


@escape_rule(
    "half-written-state",
    severity=Severity.HINT,
    python="call",
    extract=rewritten.words,
    cwe=(755,),
    bad=(
        py("""
            import json
            from pathlib import Path

            from telegram.ext import Application, CommandHandler

            NOTES = Path("notes.json")

            def load():
                if not NOTES.exists():
                    return {}
                with NOTES.open() as file:
                    return «json.load(file)»

            def save(notes):
                with NOTES.open("w") as file:
                    json.dump(notes, file)

            async def add(update, context):
                notes = load()
                notes[update.message.text] = True
                save(notes)

            def main(token):
                application = Application.builder().token(token).build()
                application.add_handler(CommandHandler("add", add))
                application.run_polling()
        """),
        py("""
            import json
            import os

            from flask import Flask

            app = Flask(__name__)

            class Counter:
                def __init__(self, folder):
                    self.path = os.path.join(folder, "counts.json")

                def load(self):
                    with open(self.path) as file:
                        return «json.loads(file.read())»

                def save(self, counts):
                    with open(self.path, "w") as file:
                        json.dump(counts, file)

            counter = Counter("/var/lib/counter")

            @app.get("/counts")
            def counts():
                return counter.load()
        """),
        py("""
            import json
            import pathlib

            from aiohttp import web

            SEATS = pathlib.Path("seats.json")

            async def book(request):
                request.app["seats"].append(request.match_info["seat"])
                SEATS.write_text(json.dumps(request.app["seats"]))
                return web.Response()

            async def begin(app):
                app["seats"] = «json.loads(SEATS.read_text())» if SEATS.exists() else []

            def application():
                app = web.Application()
                app.on_startup.append(begin)
                app.router.add_post("/seats/{seat}", book)
                return app
        """),
        py("""
            import json
            from contextlib import asynccontextmanager
            from pathlib import Path

            from fastapi import FastAPI

            VOTES = Path("votes.json")

            def votes():
                return «json.loads(VOTES.read_text())» if VOTES.is_file() else {}

            @asynccontextmanager
            async def lifespan(app: FastAPI):
                app.state.votes = votes()
                yield
                VOTES.write_text(json.dumps(app.state.votes))

            app = FastAPI(lifespan=lifespan)
        """),
        py("""
            import json
            from pathlib import Path

            import discord

            BIRTHDAYS = Path("birthdays.json")

            class Herald(discord.Client):
                async def setup_hook(self):
                    self.birthdays = «json.loads(BIRTHDAYS.read_text())»

                def keep(self):
                    BIRTHDAYS.write_text(json.dumps(self.birthdays))
        """),
        py("""
            import json

            SCORES = "scores.json"

            def load():
                try:
                    with open(SCORES) as file:
                        return json.load(file)
                except Exception:
                    return {}

            def save(scores):
                with «open(SCORES, "w")» as file:
                    json.dump(scores, file)
        """),
        py("""
            import json

            class Notes:
                def load(self):
                    try:
                        return json.loads(self.path.read_text())
                    except ValueError:
                        return {}

                def add(self, note):
                    «self.path.write_text(json.dumps([*self.load(), note]))»
        """),
    ),
    good=(
        py("""
            import json
            from pathlib import Path

            SETTINGS_FILE = Path("desk.json")

            def load():
                try:
                    return json.loads(SETTINGS_FILE.read_text())
                except ValueError:
                    return {}

            def keep(size):
                SETTINGS_FILE.write_text(json.dumps({"size": size, "place": "left", "theme": None}))
        """),
        py("""
            import json
            import logging
            import os
            from pathlib import Path

            from quart import Quart

            app = Quart(__name__)
            GUESTS = Path("guests.json")

            @app.before_serving
            async def begin():
                try:
                    app.guests = json.loads(GUESTS.read_text())
                except ValueError:
                    logging.exception("guests lost")
                    app.guests = []

            @app.after_serving
            async def end():
                GUESTS.write_text(json.dumps(app.guests))
        """),
        py("""
            import json
            import os
            from pathlib import Path

            from starlette.applications import Starlette

            GUESTS, RULES = Path("guests.json"), Path("rules.json")

            async def begin():
                app.state.rules = json.loads(RULES.read_text())
                app.state.guests = json.loads(GUESTS.read_text())

            def keep(guests):
                beside = GUESTS.with_suffix(".new")
                beside.write_text(json.dumps(guests))
                os.replace(beside, GUESTS)

            app = Starlette(on_startup=[begin])
        """),
        py("""
            import json

            class Desk:
                def answer(self):
                    try:
                        prices = json.loads(self.prices.read_text())
                    except ValueError:
                        prices = {}
                    return prices, self.orders.read_bytes()

                def order(self, body):
                    self.orders.write_text(json.dumps(json.loads(body)))

            class Counter:
                def next(self):
                    try:
                        return json.loads(self.path.read_text())["next"]
                    except ValueError:
                        return 1

                def keep(self, number: int):
                    self.path.write_text(json.dumps({"next": number}))
        """),
        py("""
            import json
            import os
            from pathlib import Path

            from flask import Flask

            app = Flask(__name__)
            COUNTS = Path("counts.json")
            TOWNS = Path("towns.json")

            def save(counts):
                beside = COUNTS.with_suffix(".new")
                beside.write_text(json.dumps(counts))
                beside.replace(COUNTS)

            @app.get("/counts")
            def counts():
                return json.loads(COUNTS.read_text())

            @app.get("/towns")
            def towns():
                return json.loads(TOWNS.read_text())
        """),
        py("""
            import json
            from pathlib import Path

            from flask import Flask

            app = Flask(__name__)
            CACHE = Path("cache.json")

            def save(answers):
                CACHE.write_text(json.dumps(answers))

            @app.get("/answers")
            def answers():
                try:
                    return json.loads(CACHE.read_text())
                except (OSError, ValueError):
                    return {}
        """),
        py("""
            import json
            import os

            SCORES, NOTES = "scores.json", "notes.json"

            def scores():
                try:
                    with open(SCORES) as file:
                        return json.load(file)
                except ValueError:
                    return {}

            def save_scores(scores):
                with open(SCORES + ".new", "w") as file:
                    json.dump(scores, file)
                os.replace(SCORES + ".new", SCORES)

            def notes():
                try:
                    with open(NOTES) as file:
                        return json.load(file)
                except FileNotFoundError:
                    return []

            def save_notes(notes):
                with open(NOTES, "w") as file:
                    json.dump(notes, file)
        """),
    ),
)
def half_written_state(run: Pass, subject: Escape | Node) -> Iterator[Found]:
    """A file that the program itself writes in place is read as if it were always whole.

    A crash, a full disk or a second process in the middle of writing leaves half of it. From then on
    everything that reads it fails, until somebody finds the file and removes it by hand; or takes it for
    empty, and all that was in it is lost.

    Instead, write to a file beside it and put that in its place with `os.replace`; where it is read, go
    on without it if it does not parse, and log that.
    """
    if isinstance(subject, Escape):
        stays = "keeps it from starting" if subject.kind == "startup" else "stays so"
        told = f"the program writes this file itself, and one that is left half written {stays}"
        found = ways.told(run, subject, told)
        yield replace(found, related=(*found.related, *_writers(run, subject)))
    elif reader := rewritten.reader_of(run.block, subject, run.facts[run.rule.id]):
        message = (
            f"If this is cut short, `{reader.function}` takes what is left for empty:"
            " write beside it, then `os.replace`."
        )
        taken = Place(reader.span, "taken for empty here", run.path, reader.key)
        yield run.finding(subject, message, related=(taken,))


def _writers(run: Pass, escape: Escape) -> Iterator[Place]:
    """Where this file writes what is read half written."""
    read = run.block.smallest(escape.span)
    for key, span in rewritten.writers_of(run.block, read, run.facts[run.rule.id]) if read is not None else ():
        yield Place(span, "written in place here", run.path, key)
