"""Many files: read, looked up, checked in chunks by any executor, and answered in the order asked.

Every file is guarded. One that cannot be read, that crashes a rule or a process, or that takes too
long costs its own verdict, which then says so, and nobody else's.

Which errors nobody handles is known when all files have been read, and of most files nothing is told
then. So a file is read and checked in one go, as if no error escaped from it, and checked once more if
one does.
"""

from __future__ import annotations

import functools
import heapq
import itertools
import pickle
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeVar, cast

from shipworthy import backends, hits, results, sources
from shipworthy.analyze import analyze
from shipworthy.backends import Backend
from shipworthy.cache import Memory
from shipworthy.document import Document
from shipworthy.evaluate import where
from shipworthy.index import Index
from shipworthy.limits import TimeUp, time_limit
from shipworthy.model import Problem, Report
from shipworthy.project import Project
from shipworthy.results import Recorder, Result
from shipworthy.sources import Files, Skip
from shipworthy.store import Store

if TYPE_CHECKING:
    from shipworthy.escape.project import Read, Told

T = TypeVar("T")

SECONDS = 30.0
"""How long one file may take."""

EXCLUDED = "excluded by the settings"
"""Why a file is skipped that the configuration excludes."""

_MOST_FILES = 50
_MOST_BYTES = 500_000
"""A chunk is full at either; a tool that is asked once for a chunk starts once."""
_FEWEST_FILES = 20
"""The last chunks of a group shrink to this, so that no process waits long for the last of another."""


@dataclass(frozen=True)
class Group:
    """Files of one project, by their paths relative to its root, in order."""

    project: Project
    files: Files
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Task:
    """A file to be checked. `at`: its number among all files; `key`: where its result is kept."""

    at: int
    path: str
    data: bytes
    key: str


_Check = Callable[[Sequence[tuple[str, bytes]], "Told", bool], "list[tuple[Result, Read]]"]
_UNREAD: Read = ("", "")


@dataclass
class _Chunk:
    """Some files of a group, from the one with the number `first` on: reports that are known, by number, and
    tasks for the others. `guessed`: nobody knows yet what escapes from them.
    """

    first: int
    group: Group
    check: _Check
    guessed: bool = False
    reports: dict[int, Report] = field(default_factory=dict[int, Report])
    tasks: list[_Task] = field(default_factory=list[_Task])
    size: int = 0
    is_finished: bool = False
    future: Future[list[tuple[Result, Read]]] | None = None

    def submit(self, executor: Executor) -> None:
        """Have the tasks done."""
        if self.tasks:
            self.future = self._submitted(executor, self.tasks)

    def finished(self, executor: Executor) -> Iterator[tuple[_Task, tuple[Result, Read]]]:
        """What the tasks came to."""
        if self.future is None:
            return
        try:
            found = self.future.result()
        except BrokenExecutor:
            # A process died: one of these files may be why, or one that was checked beside them.
            found = [self._alone(executor, task) for task in self.tasks]
        yield from zip(self.tasks, found, strict=True)

    def _alone(self, executor: Executor, task: _Task) -> tuple[Result, Read]:
        try:
            return self._submitted(executor, [task]).result()[0]
        except BrokenExecutor:
            message = "the process that checked it died: out of memory, or a crash of a library; exclude the file"
            return Result(_failed(task.path, message)), _UNREAD

    def _submitted(self, executor: Executor, tasks: Sequence[_Task]) -> Future[list[tuple[Result, Read]]]:
        index = self.group.project.index
        told: Told = index.told(task.path for task in tasks) if index is not None else {}
        return executor.submit(self.check, [(task.path, task.data) for task in tasks], told, self.guessed)


def check_files(
    paths: Iterable[str],
    project: Project,
    files: Files,
    executor: Executor,
    store: Store | None = None,
    *,
    ahead: int = 0,
    seconds: float = SECONDS,
) -> Iterator[Report]:
    """One report for each of `paths` (relative to the project's root), in their order; see `check_groups`."""
    group = Group(project, files, tuple(paths))
    for _, report in check_groups([group], executor, store, ahead=ahead, seconds=seconds):
        yield report


def check_groups(
    groups: Iterable[Group],
    executor: Executor,
    store: Store | None = None,
    *,
    ahead: int = 0,
    seconds: float = SECONDS,
    tell: Callable[[int], object] = lambda files: None,
) -> Iterator[tuple[Group, Report]]:
    """One report for each file, in the order of the groups and of their paths.

    At most `ahead` chunks are in work before a report is asked for; take twice the number of
    processes. Results of earlier runs come from `store`. Never raises for what is wrong with a file. `tell` hears how
    many more files were checked: their reports may come later.
    """
    return _Run(executor, store, ahead, seconds, tell).reports(groups)


class _Run:
    """What is in work, in order, and the reports that nobody was given yet, by number."""

    def __init__(
        self,
        executor: Executor,
        store: Store | None,
        ahead: int,
        seconds: float,
        tell: Callable[[int], object],
    ) -> None:
        self._executor, self._store, self._ahead = executor, store, ahead
        self._seconds, self._tell = seconds, tell
        self._waiting: deque[_Chunk] = deque()
        self._done: dict[int, tuple[Group, Report]] = {}
        self._at = 0

    def reports(self, groups: Iterable[Group]) -> Iterator[tuple[Group, Report]]:
        """The reports, in order. The chunks of a group are submitted while the last ones of another are in work."""
        try:
            for chunk in self._all_chunks(groups):
                chunk.submit(self._executor)
                self._waiting.append(chunk)
                while len(self._waiting) > self._ahead:
                    self._finish(self._waiting.popleft())
                yield from self._ready()
            while self._waiting:
                self._finish(self._waiting.popleft())
                yield from self._ready()
            yield from self._ready()
        finally:
            for chunk in self._waiting:
                if chunk.future is not None:
                    chunk.future.cancel()

    def _ready(self) -> Iterator[tuple[Group, Report]]:
        while self._at in self._done:
            yield self._done.pop(self._at)
            self._at += 1

    def _finish(self, chunk: _Chunk) -> None:
        """Wait for what a chunk comes to, if nobody did. What was guessed is not done yet."""
        if chunk.is_finished:
            return
        chunk.is_finished = True
        for task, (result, read) in chunk.finished(self._executor):
            chunk.reports[task.at] = result.report
            if self._store is not None:
                results.remember(self._store, task.key, result)
            if chunk.guessed and chunk.group.project.index is not None:
                chunk.group.project.index.receive(task.path, task.data, read)
        if self._store is not None:
            self._store.flush()
        self._tell(len(chunk.reports))
        if not chunk.guessed:
            self._done.update((number, (chunk.group, report)) for number, report in chunk.reports.items())

    def _all_chunks(self, groups: Iterable[Group]) -> Iterator[_Chunk]:
        first = 0
        for group in groups:
            yield from self._chunks_of(group, first)
            first += len(group.paths)

    def _chunks_of(self, group: Group, first: int) -> Iterator[_Chunk]:
        """The chunks of a group. What needs no escapes is in work while those are found."""
        index = group.project.index
        check = functools.partial(check_chunk, pickle.dumps((group.project, self._store)), self._seconds)
        numbered = [*enumerate(group.paths, first)]
        asking = [one for one in numbered if index is not None and _has_escapes(one[1], group.project)]
        if index is None or not asking:
            yield from self._chunks(numbered, group, check)
            return
        unread = index.begin(self._executor, [path for _, path in asking])
        others = self._chunks(sorted({*numbered} - {*asking}), group, check)
        guessed: list[_Chunk] = []
        for chunk in self._chunks([one for one in asking if one[1] in unread], group, check, guessed=True):
            guessed.append(chunk)
            yield chunk
        yield from itertools.islice(others, self._ahead)
        for chunk in guessed:
            self._finish(chunk)
        index.prepare(self._executor)
        again = [one for one in asking if one[1] not in unread]
        for chunk in guessed:
            for number, report in chunk.reports.items():
                if index.escapes(report.path) or index.failure(report.path):
                    again.append((number, report.path))
                else:
                    self._done[number] = group, report
        rest = self._chunks(sorted(again), group, check)
        yield from heapq.merge(others, rest, key=lambda chunk: chunk.first)

    def _chunks(
        self, numbered: Sequence[tuple[int, str]], group: Group, check: _Check, *, guessed: bool = False
    ) -> Iterator[_Chunk]:
        chunk, count, share = None, 0, 1.0
        for at, (number, path) in enumerate(numbered):
            if chunk is None:
                chunk, count = _Chunk(number, group, check, guessed), 0
                files = max((len(numbered) - at) // self._ahead, _FEWEST_FILES) if self._ahead else _MOST_FILES
                share = min(files / _MOST_FILES, 1.0)
            found = _looked_up(path, group.project, group.files, self._store, number)
            if isinstance(found, _Task):
                chunk.tasks.append(found)
                chunk.size += len(found.data)
            else:
                chunk.reports[number] = found
            count += 1
            if count >= _MOST_FILES * share or chunk.size >= _MOST_BYTES * share:
                yield chunk
                chunk = None
        if chunk is not None:
            yield chunk


def check_chunk(
    opened: bytes, seconds: float, tasks: Sequence[tuple[str, bytes]], told: Told, units: bool = False
) -> list[tuple[Result, Read]]:
    """The verdicts on some files, by path and content. For the process that does the work.

    With `units`, what the escape analysis wants to know of each comes with it.
    """
    project, store, recorder = _open(opened)
    if project.index is not None:
        project.index.take(told)
    memory = Memory()
    made = _all_guarded([(path, functools.partial(_document, path, data, project)) for path, data in tasks], seconds)
    documents = [one for one in made if isinstance(one, Document)]
    if project.index is not None:
        project.index.open(documents)
    if len(documents) > 1:
        guarded("", seconds + len(documents), functools.partial(_prime, documents, project, memory))
    analyzing = [(one.path, functools.partial(_analyzed, one, project, memory, recorder)) for one in documents]
    reads = _read(documents, seconds) if units else [_UNREAD] * len(documents)
    analyzed = zip(_all_guarded(analyzing, seconds), reads, strict=True)
    checked = [next(analyzed) if isinstance(one, Document) else (one, _UNREAD) for one in made]
    if store is not None:
        store.flush()
    return [(result if isinstance(result, Result) else Result(result), read) for result, read in checked]


def _read(documents: Sequence[Document], seconds: float) -> list[Read]:
    """What the escape analysis wants to know of each document, or why it does not."""
    from shipworthy.escape.project import read_unit

    found = _all_guarded([(one.path, functools.partial(read_unit, one)) for one in documents], seconds)
    return [read if isinstance(read, tuple) else ("", read.problems[0].message) for read in found]


def _analyzed(document: Document, project: Project, memory: Memory, recorder: Recorder | None) -> Result:
    if recorder is None:
        return Result(analyze(document, project, memory))
    recorder.taken()  # what an analysis has asked that failed
    return Result(analyze(document, project, memory), recorder.taken())


def _has_escapes(path: str, project: Project) -> bool:
    return path.endswith(".py") and not project.is_excluded(path) and bool(project.rules(path, "python").of_escapes)


def _looked_up(path: str, project: Project, files: Files, store: Store | None, at: int) -> Report | _Task:
    if project.is_excluded(path):
        return Report(path, skipped=EXCLUDED)
    try:
        data = files.read(path)
    except OSError as error:
        return _failed(path, f"cannot be read: {error.strerror or error}; mend that, or exclude the file")
    if len(data) > project.config.max_file_size:
        decoded = sources.decode(data, project.config.max_file_size)
        assert isinstance(decoded, Skip)
        return Report(path, skipped=decoded.reason)
    key = results.key(data, path, project.fingerprint) if store is not None else ""
    known = results.recall(store, key, project.index) if store is not None else None
    return known if known is not None else _Task(at, path, data, key)


def _document(path: str, data: bytes, project: Project) -> Document | Report:
    document = sources.read(path, data, project.config.max_file_size)
    return Report(path, skipped=document.reason) if isinstance(document, Skip) else document


def _prime(documents: list[Document], project: Project, memory: Memory) -> None:
    """Ask each backend that reads whole files about all of them at once."""
    for language in sorted({document.language.id for document in documents}):
        for backend in backends.for_language(language):
            if backend.per_block:
                continue
            wanted = [one for one in documents if one.language.id == language and _is_asked(backend, one, project)]
            if wanted:
                hits.prime(backend, wanted, memory)


def _is_asked(backend: Backend, document: Document, project: Project) -> bool:
    rules = project.rules(document.path, document.language.id)
    return backend.name in rules.tools and hits.places(document, backend, rules) != []


def guarded(path: str, seconds: float, work: Callable[[], T]) -> T | Report:
    """What the work gives, or a report that says why it gave nothing. Never quotes the file."""
    try:
        with time_limit(seconds):
            return work()
    except TimeUp:
        return _failed(path, f"took longer than {seconds:g} seconds; exclude the file, or report a bug if it is small")
    except Exception as error:  # noqa: BLE001  # the one place that keeps a crash to the file it happened on
        return _failed(path, f"could not be checked: {type(error).__name__} at {where(error)}; please report this bug")


def _all_guarded(work: Sequence[tuple[str, Callable[[], T]]], seconds: float) -> list[T | Report]:
    """`guarded` for many pieces of work, each with its path.

    One limit serves them all until something goes wrong: to set one takes longer than to find nothing in a text.
    """
    done: list[T | Report] = []
    try:
        with time_limit(seconds):
            for _, do in work:
                done.append(do())
    except (TimeUp, Exception):  # noqa: BLE001  # what failed does so again, by itself
        pass
    return done + [guarded(path, seconds, do) for path, do in work[len(done) :]]


def _failed(path: str, message: str) -> Report:
    return Report(path, problems=(Problem(message),))


@functools.lru_cache(maxsize=4)
def _open(opened: bytes) -> tuple[Project, Store | None, Recorder | None]:
    """The project of a run, unpickled once in every process, with an index that notes what is asked."""
    project: Project
    project, store = pickle.loads(opened)
    if project.index is None or store is None:
        return project, store, None
    recorder = Recorder(project.index)
    return replace(project, index=cast(Index, recorder)), store, recorder
