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
_MARKS = (".env", *EXAMPLES, "manage.py", "package.json", "pyproject.toml", "docker-compose.yml", "compose.yaml")
"""Files of which one lies in the folder that `.env` belongs to."""

_IGNORES = re.compile(r"^(?:\*\*/|/)?(?:\.env|\.env\*|\*\.env|\.env\.\*)\s*$", re.MULTILINE)
_PLAIN = re.compile(r"[\w.:/+@%,=~^-]+")


def companions(path: str, name: str, value: str, read: Read) -> Iterator[Edit]:
    """The edits that make `name` known to whoever runs the project of the file at `path`.

    Nothing is done to an `.env` that has the name already, or to a `.gitignore` that covers it.
    """
    folder = _folder(path, read)
    env = f"{folder}.env"
    text = read(env)
    if not _sets(text, name):
        yield _appended(env, text, f"{name}={_quoted(value)}")
    example = next(
        (f"{folder}{one}" for one in EXAMPLES if read(f"{folder}{one}") is not None), f"{folder}.env.example"
    )
    text = read(example)
    if not _sets(text, name):
        yield _appended(example, text, f"{name}={PLACEHOLDER}")
    if not any(_IGNORES.search(read(place) or "") for place in {".gitignore", f"{folder}.gitignore"}):
        yield _appended(".gitignore", read(".gitignore"), ".env")


def free_name(path: str, name: str, value: str, read: Read) -> str:
    """The name itself, or with a number behind it if `.env` gives it another value already."""
    text = read(f"{_folder(path, read)}.env") or ""
    line, count, free = f"={_quoted(value)}", 1, name
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


def _quoted(value: str) -> str:
    if _PLAIN.fullmatch(value):
        return value
    if "'" not in value and "\n" not in value:
        return f"'{value}'"
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\r", "\\r").replace("\n", "\\n")
    return f'"{escaped}"'
