from __future__ import annotations

from collections.abc import Iterator

from shipworthy import guarding, ways
from shipworthy.facts.model import Escape
from shipworthy.model import Severity
from shipworthy.rule import Found, Pass, escape_rule, py


@escape_rule(
    "unhandled-in-command",
    severity=Severity.HINT,
    extract=guarding.command_libraries,
    cwe=(755,),
    bad=(
        py("""
            import json
            import sys

            def load(first, second):
                opened = «json.loads(first)»
                return opened, json.loads(second)

            if __name__ == "__main__":
                print(load(sys.argv[1], sys.argv[2]))
        """),
        py("""
            import tomllib
            from pathlib import Path

            import typer

            app = typer.Typer()
            PLACES = Path.home() / ".places.toml"

            def places():
                with PLACES.open("rb") as file:
                    return «tomllib.load(file)»

            @app.command()
            def show(name: str):
                typer.echo(«places()[name]»)
        """),
        py("""
            import os

            import yaml

            SITES = os.environ.get("SITES", "sites.yml")

            def load(path):
                with «open(path)» as file:
                    return «yaml.safe_load(file)»

            if __name__ == "__main__":
                for site in load(SITES):
                    print(site)
        """),
        py("""
            import json
            import subprocess
            import sys

            def width(name):
                shown = subprocess.check_output(["ffprobe", "-of", "json", "-show_streams", name])
                streams = json.loads(shown)["streams"]
                return «[one for one in streams if one["codec_type"] == "video"][0]»["width"]

            if __name__ == "__main__":
                try:
                    print(width("intro.mov"))
                except subprocess.CalledProcessError:
                    sys.exit("no such film")
        """),
        py("""
            import sys

            from croniter import croniter

            def add(name, rule):
                print(name, «croniter(rule)».get_next())

            if __name__ == "__main__":
                if len(sys.argv) != 3:
                    sys.exit("usage: NAME RULE")
                add(*sys.argv[1:])
        """),
        py(
            """
            import json

            from django.core.management.base import BaseCommand

            class Command(BaseCommand):
                def handle(self, *args, **options):
                    self.load(«json.loads(options["rates"])»)

                def load(self, rates):
                    self.rates = rates
            """,
            fixed="""
            import json

            from django.core.management.base import BaseCommand, CommandError

            class Command(BaseCommand):
                def handle(self, *args, **options):
                    try:
                        self.load(json.loads(options["rates"]))
                    except json.JSONDecodeError as error:
                        raise CommandError(f"{type(error).__name__}: {error}") from error

                def load(self, rates):
                    self.rates = rates
            """,
        ),
        py("""
            import os
            import sys

            def copy(source, target):
                with «open(source)» as file, open(target, "w") as other:
                    other.write(file.read())

            if __name__ == "__main__":
                «os.mkdir(sys.argv[2])»
                copy(sys.argv[1], sys.argv[2] + "/copy")
        """),
        py("""
            import subprocess

            import click

            @click.command()
            @click.argument("path")
            def describe(path):
                try:
                    subprocess.run(["git", "fetch", "--all"], check=True)
                except (OSError, subprocess.CalledProcessError) as error:
                    raise click.ClickException(str(error)) from error
                with «open(f"{path}/Cargo.toml")» as file:
                    click.echo(file.read())
        """),
        py(
            """
            import json

            import click

            @click.command()
            @click.argument("path")
            def show(path):
                with «open(path)» as file:
                    click.echo(file.read())
            """,
            fixed="""
            import json

            import click

            @click.command()
            @click.argument("path")
            def show(path):
                try:
                    with open(path) as file:
                        click.echo(file.read())
                except OSError as error:
                    raise click.ClickException(str(error)) from error
            """,
        ),
        py(
            """
            import argparse
            import json

            import click

            def read(name):
                with «open(name)» as file:
                    return «json.load(file)»

            def main():
                parser = argparse.ArgumentParser()
                parser.add_argument("settings")
                options = parser.parse_args()
                click.secho(read(options.settings), fg="green")

            if __name__ == "__main__":
                main()
            """,
            fixed="""
            import argparse
            import json
            import sys

            import click

            def read(name):
                with open(name) as file:
                    return json.load(file)

            def main():
                parser = argparse.ArgumentParser()
                parser.add_argument("settings")
                options = parser.parse_args()
                click.secho(read(options.settings), fg="green")

            if __name__ == "__main__":
                try:
                    main()
                except OSError as error:
                    sys.exit(str(error))
            """,
        ),
        py("""
            import os

            import click
            import yaml

            PLACES = os.path.expanduser("~/.places.yaml")

            def places():
                with open(PLACES) as file:
                    return «yaml.safe_load(file)»

            @click.command()
            @click.option("--fresh", is_flag=True)
            def show(fresh):
                if fresh:
                    os.remove(PLACES)
                    show(False)
                click.echo(places())
        """),
        py("""
            import subprocess

            import click

            @click.command()
            @click.argument("tag")
            def release(tag):
                «subprocess.check_call(["git", "commit", "-m", tag])»
                «subprocess.run(["git", "tag", tag], check=True, capture_output=True)»
                subprocess.check_call(["git", "push", "--tags"])
        """),
        py("""
            import requests
            from django.core.management.base import BaseCommand

            from staff.models import Team

            class Command(BaseCommand):
                def handle(self, *args, **options):
                    try:
                        people = requests.get(PEOPLE, timeout=5).json()
                    except requests.RequestException as error:
                        raise CommandError("no list of people") from error
                    for person in people:
                        team = «Team.objects.get(code=person["team"])»
                        team.join(person)
        """),
    ),
    good=(
        py("""
            import os
            import subprocess
            import sys

            def install(name):
                command = [sys.executable, "-m", "pip", "install", name]
                subprocess.run(command, check=True)

            if __name__ == "__main__":
                install(sys.argv[1])
                print(os.stat(sys.argv[1]).st_size, os.path.getsize(sys.argv[2]))
        """),
        py("""
            import typer

            app = typer.Typer()

            @app.command()
            def show(path: str):
                typer.echo(open(path).read())

            def main():
                try:
                    app()
                except Exception as error:
                    raise SystemExit(f"cannot do that: {error}")
        """),
        py("""
            import argparse

            PREFIXES = {"api": ("v1", "v2"), "docs": ("guide",)}

            def prefixes(name):
                return PREFIXES[name]

            def main():
                parser = argparse.ArgumentParser()
                parser.add_argument("name", choices=sorted(PREFIXES))
                print(prefixes(parser.parse_args().name))

            if __name__ == "__main__":
                main()
        """),
        py("""
            from jira import JIRA

            class Tickets:
                def __init__(self, server):
                    self.client = JIRA(server=server, get_server_info=False)

            if __name__ == "__main__":
                Tickets("https://tickets.example.org")
        """),
        py("""
            import json
            import tomllib
            from pathlib import Path

            import typer

            app = typer.Typer()
            PLACES = Path.home() / ".places.toml"
            TOWNS = Path(__file__).parent / "towns.json"

            def places():
                try:
                    with PLACES.open("rb") as file:
                        return tomllib.load(file)
                except (OSError, tomllib.TOMLDecodeError) as error:
                    raise typer.Exit(1) from error

            @app.command()
            def show(name: str):
                known = places()
                if name not in known:
                    raise typer.Exit(1)
                typer.echo(known[name], json.loads(TOWNS.read_text()))
        """),
        py("""
            import click

            @click.command()
            @click.argument("path")
            def show(path):
                try:
                    with open(path) as file:
                        click.echo(file.read())
                except OSError as error:
                    raise click.ClickException(str(error)) from error
        """),
        py("""
            import os
            from pathlib import Path

            if __name__ == "__main__":
                notes = Path(os.environ["HOME"]) / "notes.txt"
                print(next((line for line in notes.read_text().splitlines() if line), "no notes"))
        """),
        py("""
            import gzip
            import os
            import sys

            def save(text, folder):
                os.makedirs(folder, exist_ok=True)
                with open(os.path.join(folder, "all.txt"), "w") as file:
                    file.write(text)
                with gzip.open(sys.argv[2], "wt") as file:
                    file.write(text)

            if __name__ == "__main__":
                save(input("What? "), sys.argv[1])
        """),
        py("""
            import subprocess

            import click

            @click.command()
            @click.argument("path")
            def new(path):
                try:
                    subprocess.run(["cargo", "new", path], check=True)
                except (OSError, subprocess.CalledProcessError) as error:
                    raise click.ClickException(str(error)) from error
                with open(f"{path}/Cargo.toml") as file:
                    click.echo(file.read())
        """),
        py("""
            import click
            import yaml

            def load_shops(path):
                try:
                    with open(path) as file:
                        return yaml.safe_load(file)
                except (OSError, yaml.YAMLError) as error:
                    raise SystemExit(f"no shops: {error}")

            def add_shop(path, name):
                with open(path) as file:
                    shops = yaml.safe_load(file)
                with open(path, "w") as file:
                    yaml.safe_dump([*shops, name], file)

            @click.command()
            @click.argument("path")
            @click.argument("name")
            def add(path, name):
                shops = load_shops(path)
                if name not in shops:
                    add_shop(path, name)
        """),
        py("""
            import subprocess
            import sys

            if __name__ == "__main__":
                subprocess.check_call(["git", "pull"])
                subprocess.run(["lsof", "-t", sys.argv[1]], capture_output=True, timeout=10)
        """),
        py("""
            import json
            import socket

            import click

            @click.command()
            @click.argument("source", type=click.File())
            def send(source):
                with socket.socket() as listener:
                    listener.bind(("", 8000))
                    for line in source.readlines():
                        click.echo(json.loads(line)["name"])
        """),
        py("""
            from pathlib import Path

            import click

            def settings_file(named):
                path = Path(named)
                if not path.exists():
                    raise click.UsageError(f"there is no {path}")
                return path

            def load(path):
                return path.read_text()

            @click.command()
            @click.option("--settings")
            def show(settings):
                path = settings_file(settings)
                click.echo(load(path) if path else "")
        """),
        py("""
            import glob
            import os

            import click

            @click.command()
            @click.argument("folder")
            def count(folder):
                for name in glob.glob(os.path.join(folder, "*.tif")):
                    plane = int(os.path.basename(name).split("_")[1])
                    click.echo(plane)
        """),
        py("""
            import click

            @click.command()
            @click.argument("file", type=click.File())
            def show(file):
                click.echo(file.read())
        """),
        py("""
            import requests
            from django.core.management.base import BaseCommand

            from staff.models import Team

            class Command(BaseCommand):
                def handle(self, *args, **options):
                    try:
                        leader = requests.get(LEADER, timeout=5).json()
                    except requests.RequestException as error:
                        raise CommandError("no leader") from error
                    self.stdout.write(Team.objects.get(code=leader["team"]).name)
        """),
    ),
)
def unhandled_in_command(run: Pass, escape: Escape) -> Iterator[Found]:
    """A failure that users cause every day ends a command with a traceback.

    A file that is missing, text that does not parse, a server that does not answer: the person at
    the keyboard gets twenty lines of Python instead of a sentence that says what to mend.
    Where a command reads what is missing and writes where it cannot, the one finding names both places;
    a destination by itself is none. What a program that it runs has said on the same screen is said.

    Instead, catch it where the command begins, say on standard error what went wrong, and exit with 1.
    """
    offers = guarding.exit_with_message(run, escape)
    yield ways.told(run, escape, "the user gets a traceback instead of a message", offers=offers)
