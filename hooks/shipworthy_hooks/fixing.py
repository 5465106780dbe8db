"""Fixes made: on the disk, as text, or shown as a difference.

A file is replaced as a whole or not at all, keeps its encoding, mark, line ends and mode, and is
left alone if it is no longer what was checked.
"""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from shipworthy import batch, edits, sources
from shipworthy.analyze import analyze
from shipworthy.document import Document
from shipworthy.model import Finding, Fix, Problem, Report
from shipworthy.project import Project
from shipworthy.sources import Skip, Text
from shipworthy_hooks import companions
from shipworthy_hooks.checked import Checked, Write
from shipworthy_hooks.companions import Others
from shipworthy_hooks.differences import Change, Side
from shipworthy_hooks.output.frames import Masked, masked
from shipworthy_hooks.output.plain import visible


def fixed(results: Iterable[Checked], write: Write, *, unsafe: bool) -> Iterator[Checked]:
    """The results after all fixes that may be made have been made; the reports are those of the new texts.

    Other files that a fix needs, such as `.env`, are written before the file itself: no value is lost. Fixes
    that need some are not made where only a text is wanted.
    """
    others = companions.OnDisk() if write is write_to_disk else None
    for checked in results:
        yield _fixed(checked, write, others, unsafe=unsafe)


def with_diffs(results: Iterable[Checked], *, unsafe: bool) -> Iterator[Checked]:
    """The results with the difference that all fixes would make, and the findings that it leaves.

    Nothing is written, so these stand where they stand on the disk. Last comes what becomes of further files, such
    as `.env`: one difference of each for all fixes together.
    """
    others = companions.Shown()
    for checked in results:
        seen = _Preview()
        after = _fixed(checked, seen.write, others, unsafe=unsafe)
        yield seen.of(checked, after) if after.applied else after
    yield from others.differences()


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


def _fixed(checked: Checked, write: Write, others: Others | None, *, unsafe: bool) -> Checked:
    if not any(fix.safe or unsafe for finding in checked.report.findings for fix in finding.fixes):
        return checked
    project, files = checked.project, checked.files
    assert project is not None and files is not None
    try:
        before = files.read(checked.report.path)
    except OSError as error:
        return _failed(checked, f"could not be fixed: {error.strerror}")
    decoded = sources.decode(before, project.config.max_file_size)
    if isinstance(decoded, Skip):
        return checked
    known: Mapping[str, str] = others.made(checked) if others is not None else {}
    texts = dict(known) if others is not None else None
    made = _made(checked, decoded, project, unsafe, texts)
    if others is not None and texts != known and not isinstance(made, Report):
        assert texts is not None
        problem = others.write(checked, texts)
        if problem:
            # What stays within this file is fixed all the same.
            checked = _failed(checked, problem)
            made = _made(checked, decoded, project, unsafe, None)
    if isinstance(made, Report):
        return _failed(checked, *(problem.message for problem in made.problems))
    document, applied, report, refused = made
    checked = _failed(checked, *dict.fromkeys(map(_refusal, refused)))
    if not applied and not refused and edits.is_broken(document, project):
        return _failed(checked, "was not fixed, for it has a syntax error: mend that, and run this again")
    if not applied:
        return checked
    try:
        after = decoded.encode(document.text)
    except UnicodeEncodeError:
        return _failed(checked, f"could not be fixed: a fix needs characters that {decoded.encoding} lacks; use UTF-8")
    if sources.decode(after, len(after)) != replace(decoded, text=document.text):
        return _failed(checked, "could not be fixed: the file would no longer be read in its encoding; use UTF-8")
    problem = write(checked, before, after)
    if problem:
        return _failed(checked, problem)
    unfixed = checked.report.problems[len(checked.report.problems) - checked.unfixed :]
    report = replace(report, problems=(*report.problems, *unfixed))
    return replace(checked, report=report, applied=tuple(applied))


Made = tuple[Document, list[tuple[Finding, Fix]], Report, list[tuple[Finding, Fix]]]
"""A fixed file, which fixes were made, the verdict on it, and which were refused."""


def _made(
    checked: Checked, decoded: Text, project: Project, unsafe: bool, others: dict[str, str] | None
) -> Made | Report:
    """A file with its fixes made; a report that says why not if that went wrong."""

    def make() -> Made:
        whole = sources.document(checked.report.path, decoded)
        follow = project.index.follow if project.index is not None else _nobody
        follow(whole)
        refused: list[tuple[Finding, Fix]] = []
        document, applied = edits.fix_all(whole, project, unsafe=unsafe, others=others, follow=follow, refused=refused)
        return document, applied, analyze(document, project), refused

    return batch.guarded(checked.report.path, batch.SECONDS, make)


def _refusal(refused: tuple[Finding, Fix]) -> str:
    """What is said of a fix that was not made."""
    finding, fix = refused
    return (
        f"the fix of {finding.rule} in line {finding.range.start.line}, {fix.title!r}, was not made, for the file could"
        " not be parsed with it; mend that by hand, and report the fix as a defect of Shipworthy"
    )


def _nobody(document: Document) -> None:
    """Nobody wants to hear of a document."""


def _failed(checked: Checked, *messages: str) -> Checked:
    problems = (*checked.report.problems, *map(Problem, messages))
    unfixed = checked.unfixed + len(messages)
    return replace(checked, report=replace(checked.report, problems=problems), unfixed=unfixed)


@dataclass
class _Preview:
    """Takes what would be written, and shows it."""

    old: bytes = b""
    new: bytes = b""

    def write(self, checked: Checked, before: bytes, after: bytes) -> str:
        """See `Write`."""
        self.old, self.new = before, after
        return ""

    def of(self, before: Checked, after: Checked) -> Checked:
        """The file as it was checked, with the difference to how it would be."""
        was = _masked(before, self.old)
        # What the fix takes away where its name tells of it may stand elsewhere still.
        will = _masked(after, self.new, was.values()) if was is not None else None
        if was is None or will is None:
            made = {finding for finding, _ in after.applied}
            left = tuple(finding for finding in before.report.findings if finding not in made)
            diff = f"# {visible(before.shown)} would be changed, but its lines cannot be shown in time\n".encode()
        else:
            change = Change(Side.of(self.old, was), Side.of(self.new, will))
            left = _left(before, after, change, was.text, will.text)
            diff = change.unified(before.shown)
        return replace(after, report=replace(after.report, findings=left), diff=diff)


def _left(before: Checked, after: Checked, change: Change, old: str, new: str) -> tuple[Finding, ...]:
    """The findings of a file that are still there when its fixes have been made."""
    made = {finding for finding, _ in after.applied}
    stay = {(finding.rule, new.count("\n", 0, finding.span.start)) for finding in after.report.findings}
    return tuple(
        finding
        for finding in before.report.findings
        if finding not in made
        and any((finding.rule, line) in stay for line in change.new_lines(old.count("\n", 0, finding.span.start)))
    )


def _masked(checked: Checked, data: bytes, known: Iterable[str] = ()) -> Masked | None:
    decoded = sources.decode(data, len(data))
    return masked(decoded, checked.report, checked.project, known) if isinstance(decoded, Text) else None
