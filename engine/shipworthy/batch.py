"""Many files: read, looked up, checked in chunks by any executor, and answered in the order asked.

Every file is guarded. One that cannot be read, that crashes a rule or a process, or that takes too
long costs its own verdict, which then says so, and nobody else's.
"""

from __future__ import annotations

import functools
import pickle
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future
from dataclasses import dataclass, field, replace
from typing import TypeVar, cast

from shipworthy import backends, hits, results, sources
from shipworthy.analyze import analyze
from shipworthy.backends import Backend, Source
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

T = TypeVar("T")

SECONDS = 30.0
"""How long one file may take."""

EXCLUDED = "excluded by the settings"
"""Why a file is skipped that the configuration excludes."""

_MOST_FILES = 50
_MOST_BYTES = 500_000
"""A chunk is full at either; a tool that is asked once for a chunk starts once."""


@dataclass(frozen=True, slots=True)
class _Task:
    """A file to be checked. `key`: where its result is kept."""

    at: int
    path: str
    data: bytes
    key: str


@dataclass
class _Chunk:
    """Some of the files, in order: reports that are known, and tasks for those that are not."""

    reports: list[Report | None] = field(default_factory=list["Report | None"])
    tasks: list[_Task] = field(default_factory=list[_Task])
    size: int = 0
    future: Future[list[Result]] | None = None


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
    """One report for each of `paths` (relative to the project's root), in their order.

    At most `ahead` chunks are in work before a report is asked for; take twice the number of
    processes. Results of earlier runs come from `store`. Never raises for what is wrong with a file.
    """
    paths = list(paths)
    if project.index is not None and any(_has_escapes(path, project) for path in paths):
        project.index.prepare(executor)
    check = functools.partial(check_chunk, pickle.dumps((project, store)), seconds)
    waiting: deque[_Chunk] = deque()
    try:
        for chunk in _chunks(paths, project, files, store):
            if chunk.tasks:
                chunk.future = _submitted(executor, check, chunk.tasks)
            waiting.append(chunk)
            while len(waiting) > ahead:
                yield from _finished(waiting.popleft(), executor, check, store)
        while waiting:
            yield from _finished(waiting.popleft(), executor, check, store)
    finally:
        for chunk in waiting:
            if chunk.future is not None:
                chunk.future.cancel()


def check_chunk(opened: bytes, seconds: float, tasks: Sequence[tuple[str, bytes]]) -> list[Result]:
    """The verdicts on some files, by path and content. For the process that does the work."""
    project, store, recorder = _open(opened)
    memory = Memory()
    made = [guarded(path, seconds, functools.partial(_document, path, data, project)) for path, data in tasks]
    documents = [one for one in made if isinstance(one, Document)]
    if len(documents) > 1:
        guarded("", seconds + len(documents), functools.partial(_prime, documents, project, memory))
    checked: list[Result] = []
    for one in made:
        if isinstance(one, Document):
            report = guarded(one.path, seconds, functools.partial(analyze, one, project, memory))
            checked.append(Result(report, recorder.taken() if recorder is not None else ()))
        else:
            checked.append(Result(one))
    if store is not None:
        store.flush()
    return checked


def _has_escapes(path: str, project: Project) -> bool:
    return path.endswith(".py") and bool(project.rules(path, "python").of_escapes)


def _chunks(paths: Iterable[str], project: Project, files: Files, store: Store | None) -> Iterator[_Chunk]:
    chunk = _Chunk()
    for path in paths:
        found = _looked_up(path, project, files, store, len(chunk.reports))
        if isinstance(found, _Task):
            chunk.tasks.append(found)
            chunk.size += len(found.data)
        chunk.reports.append(found if isinstance(found, Report) else None)
        if len(chunk.reports) >= _MOST_FILES or chunk.size >= _MOST_BYTES:
            yield chunk
            chunk = _Chunk()
    if chunk.reports:
        yield chunk


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


def _submitted(
    executor: Executor, check: Callable[[Sequence[tuple[str, bytes]]], list[Result]], tasks: Iterable[_Task]
) -> Future[list[Result]]:
    return executor.submit(check, [(task.path, task.data) for task in tasks])


def _finished(
    chunk: _Chunk,
    executor: Executor,
    check: Callable[[Sequence[tuple[str, bytes]]], list[Result]],
    store: Store | None,
) -> Iterator[Report]:
    if chunk.future is not None:
        try:
            found = chunk.future.result()
        except BrokenExecutor:
            # A process died: one of these files may be why, or one that was checked beside them.
            found = [_alone(task, executor, check) for task in chunk.tasks]
        for task, result in zip(chunk.tasks, found, strict=True):
            chunk.reports[task.at] = result.report
            if store is not None:
                results.remember(store, task.key, result)
        if store is not None:
            store.flush()
    for report in chunk.reports:
        assert report is not None
        yield report


def _alone(task: _Task, executor: Executor, check: Callable[[Sequence[tuple[str, bytes]]], list[Result]]) -> Result:
    try:
        return _submitted(executor, check, [task]).result()[0]
    except BrokenExecutor:
        message = "the process that checked it died: out of memory, or a crash of a library; exclude the file"
        return Result(_failed(task.path, message))


def _document(path: str, data: bytes, project: Project) -> Document | Report:
    decoded = sources.decode(data, project.config.max_file_size)
    if isinstance(decoded, Skip):
        return Report(path, skipped=decoded.reason)
    return sources.document(path, decoded)


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
    codes = project.rules(document.path, document.language.id).codes
    source = Source(document.path, document.text, document.language.id, codes=codes)
    return any(code.startswith(f"{backend.name}:") for code in codes) and backend.places(source) != ()


def guarded(path: str, seconds: float, work: Callable[[], T]) -> T | Report:
    """What the work gives, or a report that says why it gave nothing. Never quotes the file."""
    try:
        with time_limit(seconds):
            return work()
    except TimeUp:
        return _failed(path, f"took longer than {seconds:g} seconds; exclude the file, or report a bug if it is small")
    except Exception as error:  # noqa: BLE001  # the one place that keeps a crash to the file it happened on
        return _failed(path, f"could not be checked: {type(error).__name__} at {where(error)}; please report this bug")


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
