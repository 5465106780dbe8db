"""Fixes made: on the disk, as text, or shown as a difference.

A file is replaced as a whole or not at all, keeps its encoding, mark, line ends and mode, and is
left alone if it is no longer what was checked.
"""

from __future__ import annotations

import contextlib
import difflib
import functools
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from shipworthy import batch, edits, sources
from shipworthy.analyze import analyze
from shipworthy.document import Document
from shipworthy.model import Finding, Fix, Problem, Report
from shipworthy.project import Project
from shipworthy.sources import Skip, Text
from shipworthy_hooks import companions
from shipworthy_hooks.checked import Checked, Write
from shipworthy_hooks.companions import WriteOthers
from shipworthy_hooks.output.frames import Masked, masked
from shipworthy_hooks.output.plain import visible

_CONTEXT = 3


def fixed(results: Iterable[Checked], write: Write, *, unsafe: bool) -> Iterator[Checked]:
    """The results after all fixes that may be made have been made; the reports are those of the new texts.

    Other files that a fix needs, such as `.env`, are written before the file itself: no value is lost. Fixes
    that need some are not made where only a text is wanted.
    """
    return _fixed(results, write, companions.write_to_disk if write is write_to_disk else None, unsafe=unsafe)


def _fixed(
    results: Iterable[Checked], write: Write, write_others: WriteOthers | None, *, unsafe: bool
) -> Iterator[Checked]:
    for checked in results:
        if any(fix.safe or unsafe for finding in checked.report.findings for fix in finding.fixes):
            yield _fix(checked, write, write_others, unsafe=unsafe)
        else:
            yield checked


def with_diffs(results: Iterable[Checked], *, unsafe: bool) -> Iterator[Checked]:
    """The results with the difference that all fixes would make. Nothing is written."""
    changed: dict[str, bytes] = {}
    others: dict[str, str] = {}

    def remember(checked: Checked, before: bytes, after: bytes) -> str:
        changed["before"], changed["after"] = before, after
        return ""

    def remember_others(checked: Checked, texts: Mapping[str, str]) -> str:
        others.update(texts)
        return ""

    for checked in results:
        others.clear()
        after = next(_fixed([checked], remember, remember_others, unsafe=unsafe))
        if after.applied:
            after = replace(after, diff=_diff(checked, after, changed) + companions.differences(checked, others))
        yield after


def write_to_disk(checked: Checked, before: bytes, after: bytes) -> str:
    """Replace a file at once, unless it is no longer as it was."""
    assert checked.project is not None
    path = Path(checked.project.root) / checked.report.path
    temporary = ""
    try:
        descriptor, temporary = tempfile.mkstemp(prefix=".shipworthy-", dir=path.parent)
        with os.fdopen(descriptor, "wb") as file:
            file.write(after)
            file.flush()
            os.fsync(file.fileno())
        status = path.stat()
        if sys.platform != "win32":
            with contextlib.suppress(OSError):
                os.chown(temporary, status.st_uid, status.st_gid)
        Path(temporary).chmod(status.st_mode & 0o7777)
        if sources.read_regular(path) != before:
            return "was changed while it was being checked, and not fixed; run this again"
        Path(temporary).replace(path)
        temporary = ""
    except OSError as error:
        return f"could not be fixed: {error.strerror}"
    finally:
        if temporary:
            Path(temporary).unlink(missing_ok=True)
    return ""


def _fix(checked: Checked, write: Write, write_others: WriteOthers | None, *, unsafe: bool) -> Checked:
    project, files = checked.project, checked.files
    assert project is not None and files is not None
    try:
        before = files.read(checked.report.path)
    except OSError as error:
        return _failed(checked, f"could not be fixed: {error.strerror}")
    decoded = sources.decode(before, project.config.max_file_size)
    if isinstance(decoded, Skip):
        return checked
    others: dict[str, str] = {}
    made = batch.guarded(
        checked.report.path,
        batch.SECONDS,
        functools.partial(
            _made, checked.report.path, decoded, project, unsafe, others if write_others is not None else None
        ),
    )
    if isinstance(made, Report):
        return _failed(checked, *(problem.message for problem in made.problems))
    document, applied, report = made
    if not applied:
        return checked
    try:
        after = decoded.encode(document.text)
    except UnicodeEncodeError:
        return _failed(checked, f"could not be fixed: a fix needs characters that {decoded.encoding} lacks; use UTF-8")
    if sources.decode(after, len(after)) != replace(decoded, text=document.text):
        return _failed(checked, "could not be fixed: the file would no longer be read in its encoding; use UTF-8")
    problem = (write_others(checked, others) if write_others is not None and others else "") or write(
        checked, before, after
    )
    return _failed(checked, problem) if problem else replace(checked, report=report, applied=tuple(applied))


def _made(
    path: str, decoded: Text, project: Project, unsafe: bool, others: dict[str, str] | None
) -> tuple[Document, list[tuple[Finding, Fix]], Report]:
    document, applied = edits.fix_all(sources.document(path, decoded), project, unsafe=unsafe, others=others)
    if applied and project.index is not None:
        project.index.follow(document)
    return document, applied, analyze(document, project)


def _failed(checked: Checked, *messages: str) -> Checked:
    problems = (*checked.report.problems, *map(Problem, messages))
    return replace(checked, report=replace(checked.report, problems=problems))


def _diff(before: Checked, after: Checked, changed: dict[str, bytes]) -> str:
    """A unified difference. Lines are compared as they are, and shown with their secrets masked."""
    path = visible(before.shown)
    was = _masked(before, changed["before"])
    # What the fix takes away where its name tells of it may stand elsewhere still.
    will = _masked(after, changed["after"], was.values()) if was is not None else None
    if was is None or will is None:
        return f"{path}: would be changed, but its lines cannot be shown\n"
    old, new = _lines(was), _lines(will)
    matcher = difflib.SequenceMatcher(None, [line for line, _ in old], [line for line, _ in new], autojunk=False)
    parts = [f"--- {path}\n+++ {path}\n"]
    for group in matcher.get_grouped_opcodes(_CONTEXT):
        first, last = group[0], group[-1]
        parts.append(f"@@ -{_extent(first[1], last[2])} +{_extent(first[3], last[4])} @@\n")
        for kind, old_start, old_end, new_start, new_end in group:
            if kind == "equal":
                parts.extend(f" {shown}\n" for _, shown in old[old_start:old_end])
                continue
            parts.extend(f"-{shown}\n" for _, shown in old[old_start:old_end])
            parts.extend(f"+{shown}\n" for _, shown in new[new_start:new_end])
    return "".join(parts)


def _masked(checked: Checked, data: bytes, known: Iterable[str] = ()) -> Masked | None:
    decoded = sources.decode(data, len(data))
    return masked(decoded, checked.report, checked.project, known) if isinstance(decoded, Text) else None


def _lines(text: Masked) -> list[tuple[str, str]]:
    """Each line as it is, and as it may be shown."""
    shown = [visible(text.line(number)) for number in range(1, len(text) + 1)]
    return [pair for pair in zip(text.raw_lines(), shown, strict=True) if pair[0]]


def _extent(start: int, end: int) -> str:
    return str(start + 1) if end - start == 1 else f"{start + 1 if end > start else start},{end - start}"
