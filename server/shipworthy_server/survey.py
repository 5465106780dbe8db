"""All files of a workspace, checked in a process of its own, so that typing is not slowed by it.

The process reads what is on the disk and tells of each file with something to show. It ends with the
server, since then its input does, and when nobody wants its answers any more.
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

from shipworthy import git, sources
from shipworthy.batch import check_files
from shipworthy.config import ConfigError
from shipworthy.index import Index
from shipworthy.project import Project
from shipworthy.sources import Files
from shipworthy.workers import Inline
from shipworthy.workspace import FolderFiles, Workspace, disk, root_of
from shipworthy_server.capabilities import Client
from shipworthy_server.convert import diagnostics
from shipworthy_server.loose import Json

_LENGTH = 8
"""Bytes of the number that says how long a message of the process is."""


@dataclass(frozen=True)
class Checked:
    """A file that was checked: `items` its diagnostics. `done` of `total` files are."""

    path: Path
    items: list[Json]
    done: int
    total: int


async def survey(folders: Sequence[Path], client: Client) -> AsyncGenerator[Checked]:
    """Check all files below some folders. To stop, close the iterator."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "shipworthy_server.survey"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    assert process.stdin is not None and process.stdout is not None
    try:
        process.stdin.write(pickle.dumps((tuple(folders), client)))
        while True:
            try:
                length = int.from_bytes(await process.stdout.readexactly(_LENGTH), "big")
                path, items, done, total = json.loads(await process.stdout.readexactly(length))
                yield Checked(Path(path), items, done, total)
            except asyncio.IncompleteReadError:
                return
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


def _serve(questions: BinaryIO, answers: BinaryIO) -> None:
    """In the other process: answer one question, and end at once when the other side does."""
    folders, client = pickle.load(questions)
    threading.Thread(target=lambda: (questions.read(), os._exit(1)), daemon=True).start()
    if hasattr(os, "nice"):
        os.nice(10)
    for checked in _checked(folders, client):
        body = json.dumps((str(checked.path), checked.items, checked.done, checked.total)).encode()
        answers.write(len(body).to_bytes(_LENGTH, "big") + body)
        answers.flush()


def _checked(folders: Sequence[Path], client: Client) -> Iterator[Checked]:
    work = [(root, *_files_below(root, folder)) for folder in folders for root in (root_of(folder),)]
    total, done = sum(len(paths) for _, _, paths in work), 0
    for root, files, paths in work:
        for project, group in _by_project(root, files, paths):
            for report in check_files(group, project, files, Inline()):
                done += 1
                items: list[Json] = []
                decoded = _text(files, report.path) if report.findings or report.problems else None
                if decoded is not None:
                    document = sources.document(report.path, decoded)
                    items = diagnostics(document, report, (), client, functools.partial(_uri, root))
                yield Checked(root / report.path, items, done, total)


def _files_below(root: Path, folder: Path) -> tuple[Files, list[str]]:
    inside = git.repository(root)
    files: Files = git.WorkTreeFiles(inside) if inside is not None else FolderFiles(str(root))
    return files, [path for path in files.paths() if (root / path).is_relative_to(folder)]


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
