"""The open documents and the work on them: what is checked when, and what is stale.

Documents are changed on the event loop alone; they are checked in two threads, one for the fast
lane and one for the lanes behind it. A document waits for a thread once, however often it changes,
and the one touched last goes first. A verdict on a text that is no longer current is dropped.

Knows nothing of LSP: positions, clients and messages are features.py's.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import TypeVar

from shipworthy import facts, hits
from shipworthy.analyze import analyze
from shipworthy.document import Document
from shipworthy.escape.project import Tell
from shipworthy.language import detect
from shipworthy.limits import TimeUp, time_limit
from shipworthy.model import Lane, Problem, Report
from shipworthy_server.apart import Apart
from shipworthy_server.faults import described
from shipworthy_server.parts import Part
from shipworthy_server.workspace import Home, Place, Workspace

T = TypeVar("T")

_QUIET = 0.08
"""Seconds without a change before the slow lanes begin. A document just opened or saved does not wait."""

_SECONDS = 10.0
"""How long a check may compute; see limits.py."""


@dataclass(eq=False)
class Snapshot:
    """A text at a version, under the settings of its time. Another text or other settings: another snapshot.

    `parts`: the documents of the client that it is made of.
    """

    version: int
    document: Document
    parts: tuple[Part, ...]


@dataclass(frozen=True, eq=False)
class Verdict:
    """What is known of a snapshot; `whole` when all lanes have spoken."""

    snapshot: Snapshot
    home: Home
    report: Report
    whole: bool


@dataclass(eq=False)
class Buffer:
    """An open document. `uri` is as the client wrote it; `dirty`: changed since it was opened or saved.

    `redefines`: what it defines for other files has changed, and they are to be checked again.
    `users`: how many threads are at work on it. `notebook`: the URI of the notebook whose cells it holds; `uri` is
    then a name that no client uses.
    """

    uri: str
    place: Place
    snapshot: Snapshot
    verdict: Verdict | None = None
    dirty: bool = False
    redefines: bool = False
    users: int = 0
    notebook: str = ""
    quiet_until: float = 0.0
    news: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def current(self) -> Verdict | None:
        """The verdict on the text as it is now, if there is one."""
        return self.verdict if self.verdict is not None and self.verdict.snapshot is self.snapshot else None


class Waiting:
    """Buffers that wait for a thread. Each waits once; the one that came last goes first.

    `patient`: a buffer is left alone until it has been quiet for a while.
    """

    def __init__(self, *, patient: bool = False) -> None:
        self._buffers: dict[str, Buffer] = {}
        self._came = asyncio.Event()
        self._patient = patient

    def __bool__(self) -> bool:
        return bool(self._buffers)

    def put(self, buffer: Buffer) -> None:
        """Let a buffer wait, in front of all others."""
        self._buffers.pop(buffer.uri, None)
        self._buffers[buffer.uri] = buffer
        self._came.set()

    def drop(self, buffer: Buffer) -> None:
        """Let a buffer wait no more."""
        self._buffers.pop(buffer.uri, None)

    async def take(self) -> Buffer:
        """The next buffer, as soon as there is one."""
        while True:
            now = time.monotonic() if self._patient else math.inf
            ready = [buffer for buffer in self._buffers.values() if buffer.quiet_until <= now]
            if ready:
                return self._buffers.pop(ready[-1].uri)
            self._came.clear()
            soonest = min((buffer.quiet_until - now for buffer in self._buffers.values()), default=None)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._came.wait(), soonest)


class Session:
    """All open documents of one client. `on_verdict` is called, on the loop, for each verdict that stands.

    `reading`: entered, in a thread, while all files of a project are read, to hear how many of so many are done.
    `slow_on_type`: whether the slow lanes look at a document that is not saved.
    """

    def __init__(
        self,
        workspace: Workspace,
        on_verdict: Callable[[Buffer, Verdict], None],
        on_fault: Callable[[str], None],
        reading: Callable[[], contextlib.AbstractContextManager[Tell]],
    ) -> None:
        self.workspace = workspace
        self.slow_on_type = True
        self._on_verdict, self._on_fault, self._reading = on_verdict, on_fault, reading
        self._buffers: dict[str, Buffer] = {}
        self._loop = asyncio.get_running_loop()
        self._fast, self._slow = Waiting(), Waiting(patient=True)
        self._fast_thread = ThreadPoolExecutor(1, "fast-lane")
        self._slow_thread = ThreadPoolExecutor(1, "slow-lanes")
        self._ruff_thread = ThreadPoolExecutor(1, "ruff")
        self._apart = Apart()
        self._tasks = [
            asyncio.create_task(self._serve(self._fast, self._fast_thread, Lane.FAST)),
            asyncio.create_task(self._serve(self._slow, self._slow_thread, Lane.ALL)),
        ]

    @property
    def is_busy(self) -> bool:
        """Whether a document waits for its whole verdict, the one being looked at left out."""
        return bool(self._slow)

    def buffers(self) -> list[Buffer]:
        """All open documents."""
        return list(self._buffers.values())

    def buffer(self, uri: str) -> Buffer | None:
        """The open document of a URI, if it is open."""
        return self._buffers.get(uri)

    def open(
        self,
        uri: str,
        editor_language: str,
        version: int,
        text: str,
        notebook: str = "",
        parts: tuple[Part, ...] = (),
    ) -> Buffer:
        """A document was opened, or opened once more; `parts`: the cells that it is made of if it is of a notebook."""
        place = self.workspace.place(uri, notebook)
        language = self.workspace.language(place, text, editor_language)
        snapshot = Snapshot(version, Document(place.path, text, language), parts or (Part(uri, version),))
        buffer = Buffer(uri, place, snapshot, notebook=notebook)
        self._buffers[uri] = buffer
        self.workspace.opened(place, lambda: buffer.snapshot.document.text)
        self._fast.put(buffer)
        return buffer

    def change(self, buffer: Buffer, version: int, document: Document, parts: tuple[Part, ...] = ()) -> None:
        """A document has a new text. Nothing is queued for the old one."""
        path = buffer.place.path
        if (
            not parts
            and "." not in path.rpartition("/")[2]
            and (language := detect(path, document.text)) != detect(path, buffer.snapshot.document.text)
        ):
            document = Document(path, document.text, language)
        buffer.snapshot, buffer.dirty = Snapshot(version, document, parts or (Part(buffer.uri, version),)), True
        buffer.quiet_until = time.monotonic() + _QUIET
        self._slow.drop(buffer)
        self._fast.put(buffer)

    def save(self, buffer: Buffer) -> None:
        """A document was saved: its whole verdict is wanted now."""
        buffer.dirty, buffer.quiet_until = False, 0.0
        verdict = buffer.current
        if verdict is None:
            self._fast.put(buffer)
        elif not verdict.whole:
            self._slow.put(buffer)

    def close(self, buffer: Buffer) -> None:
        """A document was closed: the disk speaks for it again."""
        del self._buffers[buffer.uri]
        self._fast.drop(buffer)
        self._slow.drop(buffer)
        buffer.snapshot = replace(buffer.snapshot)
        buffer.news.set()
        self.workspace.closed(buffer.place)
        if buffer.dirty:
            self.recheck(self._neighbours(buffer))

    def recheck(self, buffers: Iterable[Buffer]) -> None:
        """What these verdicts rest on has changed, such as the configuration."""
        for buffer in buffers:
            buffer.snapshot = replace(buffer.snapshot)
            self._slow.drop(buffer)
            self._fast.put(buffer)

    async def verdict(self, buffer: Buffer, *, whole: bool = False) -> Verdict | None:
        """The verdict on the current text, waiting for it; None if the document is closed meanwhile."""
        while self._buffers.get(buffer.uri) is buffer:
            current = buffer.current
            if current is not None and (current.whole or not whole):
                return current
            if whole:
                buffer.quiet_until = 0.0
                if current is not None:
                    self._slow.put(buffer)
            await buffer.news.wait()
        return None

    async def aside(self, buffer: Buffer, work: Callable[[], T]) -> T:
        """Do something that takes a while, such as making the edits of a fix, in the thread of the slow lanes."""
        return await self._in_thread(self._slow_thread, buffer, work)

    async def _in_thread(self, thread: ThreadPoolExecutor, buffer: Buffer, work: Callable[[], T]) -> T:
        """Work on a buffer in a thread. The last to leave it gives the memory of its syntax trees back."""
        buffer.users += 1
        try:
            return await self._loop.run_in_executor(thread, work)
        finally:
            buffer.users -= 1
            if not buffer.users:
                buffer.snapshot.document.forget_trees()

    async def _serve(self, waiting: Waiting, thread: ThreadPoolExecutor, lanes: Lane) -> None:
        while True:
            buffer = await waiting.take()
            try:
                await self._check(buffer, thread, lanes)
            except Exception as error:  # noqa: BLE001  # a lane outlives whatever happens to one document
                self._on_fault(f"a check failed: {described(error)}")

    async def _check(self, buffer: Buffer, thread: ThreadPoolExecutor, lanes: Lane) -> None:
        """Check a buffer in a thread. The verdict counts if its text is still the current one."""
        snapshot = buffer.snapshot
        verdict = await self._in_thread(thread, buffer, lambda: self._judge(buffer, snapshot, lanes))
        if verdict is not None and buffer.snapshot is snapshot:
            buffer.verdict = verdict
            buffer.news.set()
            buffer.news = asyncio.Event()
            if not verdict.whole and (self.slow_on_type or not buffer.dirty):
                self._slow.put(buffer)
            self._on_verdict(buffer, verdict)
        if not self._slow and not self._fast:
            self._recheck_the_redefined()

    def _judge(self, buffer: Buffer, snapshot: Snapshot, lanes: Lane) -> Verdict | None:
        """The verdict on a snapshot; None if it became stale. Runs in a thread; a crash costs this verdict."""
        path, home = buffer.place.path, Home.unknown(buffer.place)
        try:
            with time_limit(_SECONDS):
                home = self.workspace.home(buffer.place)
            if lanes == Lane.ALL:
                self._prepare(home, snapshot.document)
            with time_limit(_SECONDS):
                report = self._report(buffer, snapshot, home, lanes)
        except TimeUp:
            self._loop.call_soon_threadsafe(self._on_fault, "a check took too long")
            report = Report(path, problems=(Problem("the check took too long; exclude the file or split it"),))
        except Exception as error:  # noqa: BLE001  # the one place that keeps a crash of the engine to one document
            fault = described(error)
            self._loop.call_soon_threadsafe(self._on_fault, f"a check failed: {fault}")
            report = Report(path, problems=(Problem(f"the check failed with {fault}"),))
        if report is None:
            return None
        return Verdict(snapshot, home, report, whole=lanes == Lane.ALL or bool(report.skipped))

    def _prepare(self, home: Home, document: Document) -> None:
        """Find the escapes of a project before its first whole verdict: that takes as long as the project is large."""
        index = home.project.index
        if index is None or index.is_prepared or home.problem or home.reason_to_skip(document):
            return
        if home.project.rules(document.path, document.language.id).of_escapes:
            with self._reading() as tell:
                index.prepare(tell=tell)

    def _report(self, buffer: Buffer, snapshot: Snapshot, home: Home, lanes: Lane) -> Report | None:
        document = snapshot.document
        if home.problem:
            return Report(document.path, problems=(Problem(home.problem),))
        reason = home.reason_to_skip(document)
        if reason:
            return Report(document.path, skipped=reason)
        if lanes == Lane.ALL and not self._ask_backends(buffer, snapshot, document, home):
            return None
        run = self._apart.run if lanes == Lane.ALL else hits.here
        return analyze(document, home.project, home.memory, lanes, run)

    def _ask_backends(self, buffer: Buffer, snapshot: Snapshot, document: Document, home: Home) -> bool:
        """Fill the cache with what the slow backends say; false if the text changed meanwhile."""
        index = home.project.index if buffer.place.is_file else None
        rules, last = home.project.rules(document.path, document.language.id), home.memory.last.get(document.path)
        # ruff is a process of its own: it works while the others do.
        ruff = self._ruff_thread.submit(hits.gather, document, rules, home.memory, Lane.RUFF, last)
        if index is not None:
            before = index.revision
            index.follow(document)
            index.learn(document.path, facts.of_document(document))
            buffer.redefines |= index.revision != before
        for lane in (Lane.BANDIT, Lane.RADON):
            if buffer.snapshot is not snapshot:
                return False
            hits.gather(document, rules, home.memory, lane, last, self._apart.run)
        ruff.result()
        return buffer.snapshot is snapshot

    def _recheck_the_redefined(self) -> None:
        """Check again what rests on documents that define other things now: once, when all have been looked at."""
        sources = [buffer for buffer in self.buffers() if buffer.redefines]
        for buffer in sources:
            buffer.redefines = False
        stale = {other for buffer in sources for other in self._neighbours(buffer)}
        # One that is alone with its news has been checked with them.
        self.recheck(stale.difference(sources) if len(sources) == 1 else stale)

    def _neighbours(self, buffer: Buffer) -> list[Buffer]:
        return [other for other in self.buffers() if other.place.root == buffer.place.root]
