"""What moving a value out of the code takes in other files: `.env`, its example, and `.gitignore`.

A look at the project's files through `read`, edits out. The value is in the edit for `.env` alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath

from shipworthy.model import Edit, Span
from shipworthy.secrets.placeholders import EXAMPLES

Read = Callable[[str], str | None]

PLACEHOLDER = "change-me"
_COMPOSE = tuple(f"{name}.{ending}" for name in ("docker-compose", "compose") for ending in ("yml", "yaml"))
_MARKS = (".env", *EXAMPLES, "manage.py", "package.json", "pyproject.toml", *_COMPOSE)
"""Files of which one lies in the folder that `.env` belongs to."""

_IGNORES = re.compile(r"^(?P<not>!?)(?:\*\*/|/)?(?:\.env|\.env\*|\*\.env)[ \t]*\r?$", re.MULTILINE)
_EXPANDING = re.compile(r"\"(?:next|nuxt|vite|astro|react-scripts|dotenv-expand|@nestjs/config)\"\s*:")
"""Packages that put variables into the values of an `.env`, those in single quotes too."""

_PLAIN = re.compile(r"[\w.:/+@%,=~^-]+")


def holds_values(path: str) -> bool:
    """Whether a file is one that values move to: it must never come into git."""
    return path.rpartition("/")[2] == ".env"


def companions(path: str, name: str, value: str, read: Read) -> Iterator[Edit]:
    """The edits that make `name` known to whoever runs the project of the file at `path`.

    Nothing is done to an `.env` that has the name already, or to a `.gitignore` that covers it. The value comes
    last: it is written where git ignores it.
    """
    folder = _folder(path, read)
    if not any(_ignores(read(place) or "") for place in {".gitignore", f"{folder}.gitignore"}):
        yield _appended(".gitignore", read(".gitignore"), ".env")
    example = next(
        (f"{folder}{one}" for one in EXAMPLES if read(f"{folder}{one}") is not None), f"{folder}.env.example"
    )
    text = read(example)
    if not _sets(text, name):
        yield _appended(example, text, f"{name}={PLACEHOLDER}")
    env = f"{folder}.env"
    text = read(env)
    if not _sets(text, name):
        yield _appended(env, text, f"{name}={_written(folder, value, read)}")


def free_name(path: str, name: str, value: str, read: Read) -> str:
    """The name itself, or with a number behind it if `.env` gives it another value already."""
    folder = _folder(path, read)
    text = read(f"{folder}.env") or ""
    line, count, free = f"={_written(folder, value, read)}", 1, name
    while _sets(text, free) and not re.search(
        rf"^[ \t]*(?:export[ \t]+)?{free}{re.escape(line)}\s*$", text, re.MULTILINE
    ):
        count += 1
        free = f"{name}_{count}"
    return free


def _folder(path: str, read: Read) -> str:
    """The nearest folder around a file from which the program seems to be run, with a `/`; "" is the root."""
    for folder in PurePosixPath(path).parents:
        start = "" if str(folder) == "." else f"{folder}/"
        if not start or any(read(start + mark) is not None for mark in _MARKS):
            return start
    return ""


def _sets(text: str | None, name: str, to: str = "") -> bool:
    """Whether an `.env` sets a name, to a value that a pattern describes if one is given."""
    line = rf"^[ \t]*(?:export[ \t]+)?{re.escape(name)}[ \t]*={to}"
    return text is not None and re.search(line, text, re.MULTILINE) is not None


def _appended(path: str, text: str | None, line: str) -> Edit:
    text = text or ""
    ending = "\r\n" if "\r\n" in text else "\n"
    lead = ending if text and not text.endswith(("\n", "\r")) else ""
    return Edit(Span(len(text), len(text)), f"{lead}{line}{ending}", path)


def _ignores(text: str) -> bool:
    """Whether a `.gitignore` covers `.env`: the last word about it counts."""
    found = [match["not"] for match in _IGNORES.finditer(text)]
    return bool(found) and not found[-1]


def _written(folder: str, value: str, read: Read) -> str:
    """A value as an `.env` of the project in a folder has it."""
    if "$" in value and _EXPANDING.search(read(f"{folder}package.json") or "") is not None:
        value = value.replace("$", "\\$")
    return _quoted(value)


def _quoted(value: str) -> str:
    """A value so that the usual readers give it back: few of them know escapes, and each its own."""
    if _PLAIN.fullmatch(value):
        return value
    if not re.search(r"['\n\r]|\\\\|\\$", value):
        return f"'{value}'"
    if not re.search(r"[\"\\$`\n\r]", value):
        return f'"{value}"'
    if not re.search(r"\A[\"'`$]|[\s#]", value):
        return value
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\r", "\\r").replace("\n", "\\n")
    return f'"{escaped}"'
