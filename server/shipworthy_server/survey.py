"""All files of a workspace, checked or fixed in a process of its own, so that typing is not slowed by it.

The process reads what is on the disk and tells of each file, and of what it could not read; it writes nothing.
It ends with the server, since then its input does, and when nobody wants its answers any more.
"""

from __future__ import annotations

import asyncio
import functools
import json
import os
import pickle
import sys
import threading
from collections.abc import AsyncGenerator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from shipworthy import sources
from shipworthy.batch import SECONDS, check_files, guarded
from shipworthy.cache import Memory
from shipworthy.config import ConfigError
from shipworthy.git import GitError
from shipworthy.index import Index
from shipworthy.model import Report
from shipworthy.project import Project
from shipworthy.sources import Files
from shipworthy.walk import Roots, files_of, walk
from shipworthy.workers import Inline
from shipworthy.workspace import Workspace, disk
from shipworthy_server import actions
from shipworthy_server.capabilities import Client
from shipworthy_server.convert import diagnostics, text_edits
from shipworthy_server.loose import Json

_LENGTH = 8
"""Bytes of the number that says how long a message of the process is."""


@dataclass(frozen=True)
class Checked:
    """A file that was checked: `items` its diagnostics, or the edits of its fixes. `done` of `total` files are.

    `unread`: why a file or a folder could not be looked at, "" if it was.
    """

    path: Path
    items: list[Json]
    done: int
    total: int
    unread: str = ""


async def survey(folders: Sequence[Path], client: Client, rule: str = "") -> AsyncGenerator[Checked]:
    """Check all files below some folders; with a `rule`, make the edits of its safe fixes. To stop, close the iterator.

    Paths are those of the disk, without links among the folders.
    """
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "shipworthy_server.survey"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    assert process.stdin is not None and process.stdout is not None
    try:
        process.stdin.write(pickle.dumps((tuple(folders), client, rule)))
        while True:
            try:
                length = int.from_bytes(await process.stdout.readexactly(_LENGTH), "big")
                path, *rest = json.loads(await process.stdout.readexactly(length))
            except asyncio.IncompleteReadError:
                break
            yield Checked(Path(path), *rest)
        if await process.wait():
            yield Checked(folders[0], [], 0, 0, "the check ended before all files were looked at")
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


def _serve(questions: BinaryIO, answers: BinaryIO) -> None:
    """In the other process: answer one question, and end at once when the other side does."""
    folders, client, rule = pickle.load(questions)
    threading.Thread(target=lambda: (questions.read(), os._exit(1)), daemon=True).start()
    if hasattr(os, "nice"):
        os.nice(10)
    for checked in _checked(folders, client, rule):
        told = (str(checked.path), checked.items, checked.done, checked.total, checked.unread)
        body = json.dumps(told).encode()
        answers.write(len(body).to_bytes(_LENGTH, "big") + body)
        answers.flush()
    # Python would wait for the lock of the input that the thread reads from, and fail.
    os._exit(0)


def _checked(folders: Sequence[Path], client: Client, rule: str) -> Iterator[Checked]:
    roots: Roots = {}
    unread: list[tuple[Path, str | None]] = []
    for folder in folders:
        try:
            walk(folder.resolve(), roots, lambda place, why: unread.append((place, why)))
        except GitError as error:
            unread.append((folder, str(error)))
    done, total = 0, sum(map(len, roots.values()))
    yield from (Checked(place, [], done, total, why or "cannot be read") for place, why in unread)
    for root, paths in roots.items():
        files = files_of(root)
        for project, group in _by_project(root, files, [*paths]):
            for report in check_files(group, project, files, Inline()):
                done += 1
                yield Checked(root / report.path, _items(root, files, project, report, client, rule), done, total)


def _items(root: Path, files: Files, project: Project, report: Report, client: Client, rule: str) -> list[Json]:
    """What is to be told of a file: diagnostics, or the edits of a rule's safe fixes."""
    fixes = bool(rule) and actions.is_fixed_safely(report, rule)
    decoded = _text(files, report.path) if fixes or (not rule and (report.findings or report.problems)) else None
    if decoded is None:
        return []
    document = sources.document(report.path, decoded)
    if not rule:
        return diagnostics(document, report, (), client, functools.partial(_uri, root))
    fixed = functools.partial(actions.all_fixed, document, project, Memory(), (rule,))
    made = guarded(report.path, SECONDS, fixed)
    return text_edits(document, made, client.encoding) if not isinstance(made, Report) else []


def _by_project(root: Path, files: Files, paths: Sequence[str]) -> Iterator[tuple[Project, list[str]]]:
    """The files by what decides over them; defaults where settings are broken, which the server tells elsewhere."""
    workspace = Workspace(root, files, disk(root))
    groups: dict[str, list[str]] = {}
    for path in paths:
        groups.setdefault(workspace.settings_file(path), []).append(path)
    for group in groups.values():
        try:
            project = workspace.project_of(group[0])
        except ConfigError:
            project = Project(str(root), index=Index(files))
        yield project, group


def _uri(root: Path, path: str) -> str:
    return (root / path).as_uri()


def _text(files: Files, path: str) -> sources.Text | None:
    try:
        decoded = sources.decode(files.read(path), sources.LARGEST)
    except OSError:
        return None
    return decoded if isinstance(decoded, sources.Text) else None


if __name__ == "__main__":
    _serve(sys.stdin.buffer, sys.stdout.buffer)
