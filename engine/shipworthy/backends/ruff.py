"""ruff on whole files: one process for many texts, isolated from every configuration.

A single text goes in by standard input, many by a folder that only this user can read and that is
removed in every case. ruff never sees a path of the workspace, so what it says of a text does not
depend on where the text comes from. The binary is the one of the `ruff` distribution.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import Any

from shipworthy.backends import Answer, Source, line_starts
from shipworthy.backends.bandit_clues import password_names
from shipworthy.model import Lane, Span
from shipworthy.rule import Hit

_SECONDS = 30.0
_SECONDS_PER_SOURCE = 0.5
_BYTE_ORDER_MARK = "\ufeff"
_CODE = re.compile(r"[A-Z]+[0-9]+|invalid-syntax")
_LINTER = re.compile(r"[A-Z]+")
_NO_WINDOW: int = getattr(subprocess, "CREATE_NO_WINDOW", 0)
_ARGUMENTS = (
    *("--isolated", "--no-cache", "--ignore-noqa", "--no-respect-gitignore", "--no-preview", "--no-fix", "--quiet"),
    *("--exit-zero", "--output-format", "json", "--color", "never", "--config", "exclude=[]"),
)
_SHELL_REMOVER = 'while read -r line; do :; done; /bin/rm -rf -- "$1"'
_PYTHON_REMOVER = "import shutil, sys; sys.stdin.read(); shutil.rmtree(sys.argv[1], ignore_errors=True)"


_PASSWORDS = frozenset({"ruff:S105", "ruff:S106", "ruff:S107"})


class _NoAnswerError(Exception):
    """ruff gave no answer; the message says why and what to do. `crashed`: over one of the texts."""

    def __init__(self, message: str, *, crashed: bool = False) -> None:
        super().__init__(message)
        self.crashed = crashed


class Ruff:
    """The adapter; see `Backend`. Besides the codes that are asked for, it tells of every syntax error."""

    name = "ruff"
    lane = Lane.RUFF
    languages = frozenset({"python"})
    per_block = False
    needs_syntax = False
    needs_imports = False

    def places(self, source: Source) -> Sequence[Hit] | None:
        """What the names of passwords stand before, where passwords alone are asked for; else unknown."""
        if not _asks_for_passwords_alone(source.codes):
            return None
        asked = sorted(_PASSWORDS & source.codes)
        return [Hit(code, span) for span in password_names(source.text) for code in asked]

    def run(self, sources: Sequence[Source]) -> Sequence[Answer]:
        """One answer per source. A text that makes ruff crash costs its own answer alone."""
        try:
            return _answers(sources, _checked(sources))
        except _NoAnswerError as failure:
            if not failure.crashed or len(sources) == 1:
                return [Answer(problem=str(failure))] * len(sources)
        middle = len(sources) // 2
        return [*self.run(sources[:middle]), *self.run(sources[middle:])]


@functools.lru_cache(maxsize=64)  # asked for every file
def _asks_for_passwords_alone(codes: frozenset[str]) -> bool:
    return {code for code in codes if code.startswith("ruff:")} <= _PASSWORDS


BACKEND = Ruff()


def _answers(sources: Sequence[Source], found: Sequence[list[Any]]) -> list[Answer]:
    try:
        return [_answer(source.text, one) for source, one in zip(sources, found, strict=True)]
    except (LookupError, TypeError, ValueError):
        raise _unreadable() from None


def _answer(text: str, found: list[Any]) -> Answer:
    starts = line_starts(text)
    marked = text.startswith(_BYTE_ORDER_MARK)

    def offset(position: dict[str, int]) -> int:
        row, column = position["row"], position["column"]
        start = starts[min(row, len(starts)) - 1]
        return min(start + column - 1 + (marked and row == 1), len(text))

    hits: list[Hit] = []
    for one in found:
        code = one["code"] or "invalid-syntax"
        if _CODE.fullmatch(code) is None:
            return Answer(problem=f"could not check this file ({code}); report this to Shipworthy")
        start, end = offset(one["location"]), offset(one["end_location"])
        hits.append(Hit(f"ruff:{code}", Span(start, max(start, end))))
    return Answer(tuple(hits))


def _checked(sources: Sequence[Source]) -> list[list[Any]]:
    """What ruff finds in each source, as its JSON has it. Raises _NoAnswerError."""
    codes = sorted({code.partition(":")[2] for source in sources for code in source.codes} - {"invalid-syntax"})
    seconds = _SECONDS + _SECONDS_PER_SOURCE * (len(sources) - 1)
    texts = [source.text.removeprefix(_BYTE_ORDER_MARK).encode("utf-8", "replace") for source in sources]
    names = [f"module_{at}{'.pyi' if source.path.endswith('.pyi') else '.py'}" for at, source in enumerate(sources)]
    try:
        if len(sources) == 1:
            arguments = ("--stdin-filename", names[0], "-")
            output = _run(codes, arguments, seconds, folder=Path(_binary()).parent, text=texts[0])
        else:
            with _private_folder() as folder:
                for name, text in zip(names, texts, strict=True):
                    (folder / name).write_bytes(text)
                output = _run(codes, (".",), seconds, folder=folder)
    except (OSError, subprocess.SubprocessError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        remedy = "see that there is room in the folder for temporary files, or reinstall Shipworthy"
        raise _NoAnswerError(f"could not be run ({reason}); {remedy}") from None
    by_name: dict[str, list[Any]] = {name: [] for name in names}
    try:
        for one in json.loads(output):
            by_name[re.split(r"[\\/]", one["filename"])[-1]].append(one)
    except (LookupError, TypeError, ValueError):
        raise _unreadable() from None
    return [by_name[name] for name in names]


def _run(codes: Sequence[str], arguments: Sequence[str], seconds: float, folder: Path, text: bytes = b"") -> bytes:
    """ruff's output. Where it does not know a code any more, whole linters are selected instead."""
    linters = sorted({match[0] for code in codes if (match := _LINTER.match(code)) is not None})
    command = (_binary(), "check", *_ARGUMENTS, *_target_version(_binary()))
    environment = {name: value for name, value in os.environ.items() if not name.startswith("RUFF_")}
    for selected in (codes, linters):
        select = ("--config", f"lint.select={json.dumps(list(selected))}")
        try:
            result = subprocess.run(
                [*command, *select, *arguments],
                input=text,
                capture_output=True,
                timeout=seconds,
                cwd=folder,
                env=environment,
                creationflags=_NO_WINDOW,
            )
        except subprocess.TimeoutExpired:
            # The exception holds what ruff has put out so far, so it is not passed on.
            raise _NoAnswerError(
                f"did not answer within {seconds:g} seconds; exclude what is too large for it"
            ) from None
        if result.returncode == 0:
            return result.stdout
        if result.returncode != 2:
            break
    message = f"failed with exit code {result.returncode}; exclude the file, or reinstall Shipworthy if it is every one"
    raise _NoAnswerError(message, crashed=result.returncode != 2)


def _unreadable() -> _NoAnswerError:
    return _NoAnswerError("gave an answer that cannot be read; install a version of ruff that Shipworthy knows")


@functools.cache
def _binary() -> str:
    """The binary that belongs to the installed distribution; never one that PATH or the workspace names."""
    try:
        found: str = importlib.import_module("ruff").find_ruff_bin()
    except (ImportError, AttributeError, FileNotFoundError):
        raise _NoAnswerError("is not installed beside Shipworthy; reinstall Shipworthy") from None
    return found


@functools.cache
def _target_version(binary: str) -> tuple[str, ...]:
    """The newest Python that ruff knows: syntax is no error because it is new."""
    shown = subprocess.run(
        [binary, "check", "--help"], capture_output=True, timeout=_SECONDS, check=False, creationflags=_NO_WINDOW
    )
    versions = [int(found) for found in re.findall(rb"\bpy3([0-9]+)\b", shown.stdout)]
    return ("--target-version", f"py3{max(versions)}") if versions else ()


@contextlib.contextmanager
def _private_folder() -> Generator[Path]:
    """A folder of this user alone, whose files may hold secrets.

    It is removed in the end, and by a process of its own if this one is killed before.
    """
    folder = tempfile.mkdtemp(prefix="shipworthy-")
    try:
        with _removed_if_killed(folder):
            try:
                yield Path(folder)
            finally:
                shutil.rmtree(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _removed_if_killed(folder: str) -> Generator[None]:
    """Have a process wait for the end of its standard input, which comes with the end of this process."""
    if Path("/bin/sh").exists() and Path("/bin/rm").exists():
        command = ["/bin/sh", "-c", _SHELL_REMOVER, "sh", folder]
    else:
        command = [sys.executable, "-I", "-S", "-c", _PYTHON_REMOVER, folder]
    quiet = subprocess.DEVNULL
    remover = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=quiet, stderr=quiet, start_new_session=True, creationflags=_NO_WINDOW
    )
    try:
        yield
    finally:
        remover.kill()
        remover.communicate()
