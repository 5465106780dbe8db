from __future__ import annotations

from collections.abc import Iterator

from shipworthy import guarding, ways
from shipworthy.facts.model import Escape
from shipworthy.model import Severity
from shipworthy.rule import Found, Pass, escape_rule, py


@escape_rule(
    "unhandled-in-command",
    severity=Severity.HINT,
    extract=guarding.frameworks,
    cwe=(755,),
    bad=(
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

            def read(name):
                with «open(name)» as file:
                    return «json.load(file)»

            def main():
                parser = argparse.ArgumentParser()
                parser.add_argument("settings")
                options = parser.parse_args()
                print(read(options.settings))

            if __name__ == "__main__":
                main()
            """,
            fixed="""
            import argparse
            import json
            import sys

            def read(name):
                with open(name) as file:
                    return json.load(file)

            def main():
                parser = argparse.ArgumentParser()
                parser.add_argument("settings")
                options = parser.parse_args()
                print(read(options.settings))

            if __name__ == "__main__":
                try:
                    main()
                except OSError as error:
                    sys.exit(str(error))
            """,
        ),
    ),
    good=(
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
            import click

            @click.command()
            @click.argument("file", type=click.File())
            def show(file):
                click.echo(file.read())
        """),
    ),
)
def unhandled_in_command(run: Pass, escape: Escape) -> Iterator[Found]:
    """A failure that users cause every day ends a command with a traceback.

    A file that is missing, text that does not parse, a server that does not answer: the person at
    the keyboard gets twenty lines of Python instead of a sentence that says what to mend.

    Instead, catch it where the command begins, say on standard error what went wrong, and exit with 1.
    """
    offers = guarding.exit_with_message(run, escape)
    yield ways.told(run, escape, "the user gets a traceback instead of a message", offers=offers)
