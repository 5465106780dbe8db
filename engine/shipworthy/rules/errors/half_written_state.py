from __future__ import annotations

from collections.abc import Iterator

from shipworthy import guarding, ways
from shipworthy.facts.model import Escape
from shipworthy.model import Severity
from shipworthy.rule import Found, Pass, escape_rule, py


@escape_rule(
    "half-written-state",
    severity=Severity.HINT,
    extract=guarding.frameworks,
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
    ),
    good=(
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
    ),
)
def half_written_state(run: Pass, escape: Escape) -> Iterator[Found]:
    """A file that the program itself writes in place is read as if it were always whole.

    A crash, a full disk or a second process in the middle of writing leaves half of it. From then on
    everything that reads it fails, until somebody finds the file and removes it by hand.

    Instead, write to a file beside it and put that in its place with `os.replace`; where it is read, go
    on without it if it does not parse, and log that.
    """
    yield ways.told(run, escape, "the program writes this file in place, and one that is left half written stays so")
