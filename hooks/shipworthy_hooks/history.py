"""`shipworthy check --history`: the secrets of all commits, each reported once with the commit that brought it.

Contents are read once each, from one `git cat-file`, and judged as files are: same rules, same settings.
They are judged in chunks, by several processes, and told in the order of the commits. What is remembered
is bounded, and so is what waits. How far a run came is kept in the cache folder when it is interrupted:
names of commits and contents, never a value.
"""

from __future__ import annotations

import argparse
import functools
import hashlib
import itertools
import json
import pickle
import secrets
import sys
import time
from collections import OrderedDict, deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future
from dataclasses import dataclass, field, replace
from pathlib import Path

from shipworthy import batch, git, sources, store, workers, workspace
from shipworthy.analyze import analyze
from shipworthy.cache import Memory
from shipworthy.config import Config
from shipworthy.git import Addition, Blobs, GitError, Repository
from shipworthy.model import Family, Finding, Lane, Problem, Report
from shipworthy.project import Project
from shipworthy.sources import Skip
from shipworthy.walk import files_of
from shipworthy_hooks.checked import Checked, shown, trouble
from shipworthy_hooks.options import UsageError
from shipworthy_hooks.selection import Adjustments

ALL = "all"
"""What `--history` without a range stands for: every commit of every branch and tag."""

_REMEMBERED = 200_000
"""Contents that are known to have been read; of an older one that comes again, nothing is reported twice."""
_MOST_CONTENTS = 40
_MOST_BYTES = 200_000
"""A chunk is full at either."""
_PAUSE = 0.2
_SAVE_EVERY = 10.0
"""Seconds."""


@dataclass
class _State:
    """How far a run came. `done`: commits that are finished; `found`: where there were secrets, in order."""

    file: Path | None
    done: int = 0
    found: list[Addition] = field(default_factory=list[Addition])

    def load(self) -> None:
        """Take up what an interrupted run left."""
        if self.file is None:
            return
        try:
            kept = json.loads(self.file.read_text(encoding="utf-8"))
            self.done, self.found = int(kept["done"]), [Addition(*one) for one in kept["found"]]
        except (OSError, ValueError, KeyError, TypeError):
            self.done, self.found = 0, []

    def save(self) -> None:
        """Keep it for the next run. A cache that cannot be written costs time, no more."""
        if self.file is None:
            return
        data = {"done": self.done, "found": [[one.commit, one.path, one.blob] for one in self.found]}
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            temporary = self.file.with_suffix(".new")
            temporary.write_text(json.dumps(data), encoding="utf-8")
            temporary.replace(self.file)
        except OSError:
            self.file = None

    def forget(self) -> None:
        """There is nothing left to take up."""
        if self.file is not None:
            self.file.unlink(missing_ok=True)


@dataclass(frozen=True)
class _OneFile:
    """One content at one path. See `sources.Files`."""

    path: str
    data: bytes

    def paths(self) -> Iterable[str]:
        """The path."""
        return (self.path,)

    def read(self, path: str) -> bytes:
        """The content. Raises OSError for any other path."""
        if path != self.path:
            raise FileNotFoundError(path)
        return self.data


@dataclass
class _Chunk:
    """Some contents of one project, in order, each with what is settled of it; `future`: reports on the others."""

    project: Project
    contents: list[tuple[Addition, bytes, Checked | None]] = field(
        default_factory=list["tuple[Addition, bytes, Checked | None]"]
    )
    size: int = 0
    future: Future[list[Report]] | None = None

    def tasks(self) -> list[tuple[str, bytes]]:
        """What there is to judge: path and content."""
        return [(addition.path, data) for addition, data, settled in self.contents if settled is None]


def _judge(opened: bytes, tasks: Sequence[tuple[str, bytes]]) -> list[Report]:
    """The verdicts on some contents. For the process that does the work."""
    project, memory = _opened(opened), Memory()
    return [
        batch.guarded(path, batch.SECONDS, functools.partial(_judged, path, data, project, memory))
        for path, data in tasks
    ]


def _judged(path: str, data: bytes, project: Project, memory: Memory) -> Report:
    decoded = sources.decode(data, project.config.max_file_size)
    if isinstance(decoded, Skip):
        return Report(path, skipped=decoded.reason)
    return analyze(sources.document(path, decoded), project, memory, Lane.FAST)


@functools.lru_cache(maxsize=4)
def _opened(opened: bytes) -> Project:
    project: Project = pickle.loads(opened)
    return project


def results(asked: argparse.Namespace, adjustments: Adjustments) -> Iterator[Checked]:
    """The verdicts on all contents that the commits brought. Raises UsageError."""
    inside = git.repository(Path.cwd())
    if inside is None:
        raise UsageError("--history: this is no git repository")
    try:
        names = git.commits(inside, "" if asked.history == ALL else asked.history)
        cut_off = git.cut_off(inside)
    except GitError as error:
        raise UsageError(f"--history: {error}") from error
    if not cut_off.isdisjoint(names):
        yield trouble(
            shown(Path(inside.top)),
            "this clone is shallow, and older commits were not checked; run `git fetch --unshallow` first",
        )
    number = int(asked.jobs) if asked.jobs is not None else min(workers.available(), 1 + len(names) // _MOST_CONTENTS)
    with Blobs(inside) as blobs, workers.executor(number) as executor:
        walk = _Walk(inside, blobs, adjustments, names, keep=not asked.no_cache)
        yield from walk.run(executor, 2 * number if number > 1 else 0)


class _Walk:
    """One walk over the commits of a repository."""

    def __init__(
        self, inside: Repository, blobs: Blobs, adjustments: Adjustments, names: list[str], *, keep: bool
    ) -> None:
        self._inside, self._blobs, self._names = inside, blobs, names
        root = Path(inside.top)

        def adjust(settings: Config) -> Config:
            return _secrets_alone(adjustments.adjust(settings))

        adjusted = replace(adjustments, adjust=adjust)
        self._workspace = adjusted.workspace(root, files_of(root), workspace.disk(root))
        self._projects: dict[int, tuple[Project, bytes]] = {}
        self._order = {name: number for number, name in enumerate(names)}
        self._read: OrderedDict[str, None] = OrderedDict()
        self._seen: set[bytes] = set()
        self._key = secrets.token_bytes(16)
        self._state = _State(_state_file(inside, names) if keep else None)
        self._next = time.monotonic() + 1.0
        self._saved = time.monotonic()

    def run(self, executor: Executor, ahead: int) -> Iterator[Checked]:
        """Every content that is new, judged; the state is kept if the walk does not come to its end.

        At most `ahead` chunks wait to be judged.
        """
        self._state.load()
        if self._state.done or self._state.found:
            print(f"Goes on at commit {self._state.done + 1:,} of {len(self._names):,}.", file=sys.stderr)
        finished = False
        waiting: deque[_Chunk] = deque()
        try:
            for chunk in self._chunks():
                if chunk.tasks():
                    chunk.future = executor.submit(_judge, self._projects[id(chunk.project)][1], chunk.tasks())
                waiting.append(chunk)
                while len(waiting) > ahead:
                    yield from self._finished(waiting.popleft(), executor)
            while waiting:
                yield from self._finished(waiting.popleft(), executor)
            finished = True
        except GitError as error:
            yield trouble(self._inside.top, str(error))
        finally:
            self._clear()
            if finished:
                self._state.forget()
            else:
                self._state.save()

    def _chunks(self) -> Iterator[_Chunk]:
        """What an interrupted run found, which is judged again, and then what it did not come to."""
        chunk: _Chunk | None = None
        for addition in itertools.chain([*self._state.found], self._new()):
            project = self._project(addition.path)
            if project.is_excluded(addition.path):
                continue
            if chunk is None or chunk.project is not project or chunk.size >= _MOST_BYTES:
                if chunk is not None:
                    yield chunk
                chunk = _Chunk(project)
            data, settled = self._content(addition)
            chunk.contents.append((addition, data, settled))
            chunk.size += len(data) + _MOST_BYTES // _MOST_CONTENTS
        if chunk is not None:
            yield chunk

    def _new(self) -> Iterator[Addition]:
        """Contents that were not read before."""
        for addition in git.additions(self._inside, self._names[self._state.done :]):
            if addition.blob in self._read:
                continue
            self._read[addition.blob] = None
            if len(self._read) > _REMEMBERED:
                self._read.popitem(last=False)
            yield addition

    def _content(self, addition: Addition) -> tuple[bytes, Checked | None]:
        try:
            return self._blobs.read(addition.blob), None
        except OSError as error:
            problem = f"{error}; the history of a partial clone cannot be checked"
            return b"", trouble(_place(addition), problem)

    def _finished(self, chunk: _Chunk, executor: Executor) -> Iterator[Checked]:
        """What is said of a chunk: it counts as done when all of it is told."""
        try:
            reports = iter(chunk.future.result() if chunk.future is not None else ())
        except BrokenExecutor:
            opened = self._projects[id(chunk.project)][1]
            reports = iter([_alone(executor, opened, task) for task in chunk.tasks()])
        for addition, data, settled in chunk.contents:
            checked = settled if settled is not None else self._told(next(reports), addition, data, chunk.project)
            self._state.done = max(self._state.done, self._order.get(addition.commit, 0))
            if checked.report.findings and addition not in self._state.found:
                self._state.found.append(addition)
            self._show()
            yield checked
        if time.monotonic() > self._saved + _SAVE_EVERY:
            self._state.save()
            self._saved = time.monotonic()

    def _told(self, report: Report, addition: Addition, data: bytes, project: Project) -> Checked:
        decoded = sources.decode(data, project.config.max_file_size)
        if isinstance(decoded, Skip):
            return Checked(report, _place(addition), project)
        told = self._anew(report, decoded.text, addition) if report.findings else report
        return Checked(told, _place(addition), project, _OneFile(addition.path, data))

    def _project(self, path: str) -> Project:
        project = self._workspace.project_of(path)
        if id(project) not in self._projects:
            alone = replace(project, index=None)
            self._projects[id(project)] = self._projects[id(alone)] = alone, pickle.dumps(alone)
        return self._projects[id(project)][0]

    def _anew(self, report: Report, text: str, addition: Addition) -> Report:
        """The report with those secrets alone that no earlier commit had, and without fixes: a commit stays."""
        kept: list[Finding] = []
        for finding in report.findings:
            value = text[finding.span.start : finding.span.end].encode("utf-8", "replace")
            digest = hashlib.blake2b(finding.rule.encode() + b"\0" + value, key=self._key, digest_size=16).digest()
            if finding.family is Family.SECRETS and digest not in self._seen:
                self._seen.add(digest)
                message = f"{finding.message} Commit {addition.commit[:12]} brought it."
                kept.append(replace(finding, message=message, fixes=()))
        return replace(report, findings=tuple(kept))

    def _show(self) -> None:
        if sys.stderr.isatty() and time.monotonic() >= self._next:
            self._next = time.monotonic() + _PAUSE
            sys.stderr.write(f"\r\x1b[Kcommit {self._state.done + 1:,} of {len(self._names):,}")
            sys.stderr.flush()

    def _clear(self) -> None:
        if sys.stderr.isatty():
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


def _place(addition: Addition) -> str:
    return f"{addition.commit[:12]}:{addition.path}"


def _alone(executor: Executor, opened: bytes, task: tuple[str, bytes]) -> Report:
    """The verdict on a content that was judged when a process died."""
    try:
        return executor.submit(_judge, opened, [task]).result()[0]
    except BrokenExecutor:
        return Report(task[0], problems=(Problem("the process that checked it died; exclude the file"),))


def _secrets_alone(settings: Config) -> Config:
    """The settings with the other families switched off."""
    return replace(settings, ignore=(*settings.ignore, *(one for one in Family if one is not Family.SECRETS)))


def _state_file(inside: Repository, names: list[str]) -> Path | None:
    """Where the state of this very walk is kept: the same commits of the same repository."""
    folder = store.folder()
    key = store.key(inside.top, *names) if names else ""
    return folder / f"history-{key}.json" if folder is not None and key else None
