"""The server as a value: one client, one session, and what has been said to the client so far.

Decides what is shown and when: pushed or pulled, never both, and nothing twice.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import hashlib
import json
import sys
from collections.abc import Callable, Coroutine, Generator, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.lsp.server import LanguageServer

import shipworthy
from shipworthy.config import Mistake
from shipworthy_server import capabilities, convert, parts, settings, streams
from shipworthy_server.capabilities import Client
from shipworthy_server.faults import described
from shipworthy_server.loose import Json, members
from shipworthy_server.parts import Part
from shipworthy_server.past import Past
from shipworthy_server.progress import Progress
from shipworthy_server.protocol import Protocol, converter
from shipworthy_server.session import Buffer, Session, Snapshot, Verdict
from shipworthy_server.settings import Settings
from shipworthy_server.workspace import SETTINGS_FILES, Workspace

if TYPE_CHECKING:
    from shipworthy_server.notebooks import Notebook

CHECKED = "$/shipworthy/checked"
"""Sent to clients that announce `experimental.shipworthyStatus`: `{uri, version, whole}` after each check."""

_SETTLED = 0.1
"""Seconds in which reports of changed files are collected: a commit hook changes many at once, and back."""


class Server(LanguageServer):
    """One server speaks with one client. `session` exists from `initialize` on."""

    protocol: Protocol  # pyright: ignore[reportIncompatibleVariableOverride]  # pygls makes the class it is told to
    session: Session

    def __init__(self, notebooks: types.NotebookDocumentSyncOptions) -> None:
        super().__init__(  # pyright: ignore[reportUnknownMemberType]
            "shipworthy", shipworthy.__version__, protocol_cls=Protocol, converter_factory=converter, max_workers=1
        )
        self.client, self.settings, self._notebooks = Client(), Settings(), notebooks
        self.past = Past()
        self.survey_due = asyncio.Event()
        self.survey_due.set()
        self.surveyed: dict[Path, str] = {}
        self.notebooks: dict[str, Notebook] = {}
        self._cells: dict[str, str] = {}
        self._answered: dict[str, str] = {}
        self._pushed: dict[str, tuple[int, list[Json]]] = {}
        self._mistakes: dict[Path, tuple[Mistake, ...]] = {}
        self._told: set[object] = set()
        self._watched = {*SETTINGS_FILES}
        self._refresh_due = False
        self._changed_files: set[Path] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(self, params: object) -> types.InitializeResult:
        """A client introduces itself, with the parameters of `initialize`."""
        found, mistakes = settings.read(members(params).get("initializationOptions"))
        self.client = client = capabilities.client(params)
        if client.process_id is not None:
            streams.exit_with(client.process_id)
        reading = functools.partial(self._reading, asyncio.get_running_loop())
        self.session = Session(Workspace(client.folders), self._show, self.report_fault, reading)
        self.protocol.trace = members(params).get("trace") or types.TraceValue.Off
        self.configure(found, mistakes)
        return types.InitializeResult(
            capabilities=capabilities.offered_to(client, found, self._notebooks),
            server_info=types.ServerInfo(name=self.name, version=self.version),
        )

    def report_fault(self, message: str) -> None:
        """Say that something went wrong in the server. Messages never quote what was read."""
        print(f"shipworthy-server: {message}", file=sys.stderr, flush=True)
        self.protocol.notify(types.WINDOW_LOG_MESSAGE, {"type": types.MessageType.Error.value, "message": message})

    def report_server_error(self, error: Exception, source: Any) -> None:
        """What pygls could not do."""
        self.report_fault(f"the protocol failed: {described(error)}")

    def say(self, message: str) -> None:
        """Show a warning to the user."""
        params = {"type": types.MessageType.Warning.value, "message": message}
        self.protocol.notify(types.WINDOW_SHOW_MESSAGE, params)

    def say_once(self, message: str) -> None:
        """Show a warning to the user, unless it is empty or was shown before."""
        if message and message not in self._told:
            self._told.add(message)
            self.say(message)

    def configure(self, found: Settings, mistakes: Iterable[str]) -> None:
        """Show things as the user wants them shown from now on."""
        for mistake in mistakes:
            self.say_once(mistake)
        self.settings, self.client = found, replace(self.client, severities=found.severities)
        self.session.slow_on_type = found.slow_on_type
        for buffer in self.session.buffers():
            if (verdict := buffer.current) is not None:
                self._show(buffer, verdict)
        if self.client.refreshes_lenses and self.session.buffers():
            self.run(self._refresh_lenses())

    def run(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something behind the message that is being handled."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def open(self, uri: str, editor_language: str, version: int, text: str) -> None:
        """A document was opened; what was shown of its file while that was closed is shown no more."""
        buffer = self.session.open(uri, editor_language, version, text)
        shown = self.surveyed.pop(buffer.place.root / buffer.place.path, None)
        if shown is not None and (self.client.pulls or shown != uri):
            self._publish(shown, None, [])

    def close(self, buffer: Buffer) -> None:
        """A document was closed: nothing of it is shown any more."""
        self.session.close(buffer)
        for part in buffer.snapshot.parts:
            self._hide(part.uri, self._mistakes_of_closed(buffer))

    def show_parts(self, uri: str, cells: Iterable[Part]) -> None:
        """A text of a notebook has these cells from now on; of others that it had nothing is shown any more."""
        now = {part.uri for part in cells}
        for cell in [cell for cell, text in self._cells.items() if text == uri and cell not in now]:
            del self._cells[cell]
            self._hide(cell, [])
        self._cells.update(dict.fromkeys(now, uri))

    def buffer(self, uri: str) -> Buffer | None:
        """The open document of a URI of the client; for a cell that of its notebook."""
        return self.session.buffer(self._cells.get(uri, uri))

    async def pull(self, buffer: Buffer, uri: str, known: str | None) -> Json:
        """The diagnostics that a client asks for: the fast lane's at once, if it can be told of the others later."""
        verdict = await self.session.verdict(buffer, whole=not self.client.refreshes)
        every = self.diagnostics(buffer, verdict) if verdict is not None else []
        items = {part.uri: items for part, items in every}.get(uri, [])
        mark = mark_of(items)
        if verdict is not None:
            self._answered[uri] = mark
        if mark == known:
            return {"kind": "unchanged", "resultId": mark}
        return {"kind": "full", "resultId": mark, "items": items}

    def show_closed(self, path: Path, items: list[Json]) -> None:
        """Show what was found in a file that is not open, or that nothing is any more."""
        uri = self.surveyed.pop(path, None) or self.uri_at(path)
        if items:
            self.surveyed[path] = uri
        self._publish(uri, None, items)

    def clear_closed(self, paths: Iterable[Path]) -> None:
        """These files are no more, or those below these folders: nothing of them is shown."""
        gone = {path.parent.resolve() / path.name for path in paths}
        for path in [path for path in self.surveyed if not gone.isdisjoint((path, *path.parents))]:
            self.show_closed(path, [])

    def buffer_at(self, path: Path) -> Buffer | None:
        """The open document of a path."""
        every = (one for one in self.session.buffers() if one.place.is_file)
        return next((one for one in every if one.place.root / one.place.path == path), None)

    def diagnostics(self, buffer: Buffer, verdict: Verdict) -> list[tuple[Part, list[Json]]]:
        """All that a verdict says, for this client, by the documents that the text is made of."""
        snapshot, place = verdict.snapshot, buffer.place
        mistakes = self._mistakes.get(place.root / place.path, ()) if place.is_file else ()
        items = convert.diagnostics(
            snapshot.document, verdict.report, mistakes, self.client, lambda path: self.uri(place.root, path)
        )
        return [(part, self.within(buffer, snapshot, part, items)) for part in snapshot.parts]

    def within(self, buffer: Buffer, snapshot: Snapshot, part: Part, items: Iterable[Json]) -> list[Json]:
        """Those diagnostics of a text that are a part's, as the client counts lines there."""
        found = parts.within(part, items, self.client.encoding)
        if buffer.notebook:
            whole = self.uri(buffer.place.root, buffer.place.path)
            for related in (related for one in found for related in one.get("relatedInformation", ())):
                location = related["location"]
                related["location"] = parts.located(location, whole, snapshot.parts, self.client.encoding)
        return found

    def uri(self, root: Path, path: str) -> str:
        """The URI of a file, by its path in a root."""
        return self.uri_at(root / path)

    def uri_at(self, path: Path) -> str:
        """The URI of a file as the client wrote it if the file is open, else below a folder as the client named it."""
        buffer = self.buffer_at(path)
        if buffer is not None:
            return buffer.uri
        named = ((folder, folder.resolve()) for folder in self.session.workspace.folders)
        below = (folder / path.relative_to(real) for folder, real in named if path.is_relative_to(real))
        return next(below, path).as_uri()

    def files_changed(self, paths: Iterable[Path]) -> None:
        """Files have changed on the disk; what follows from that is done when the last of them is reported."""
        if not self._changed_files:
            self.run(self._take_changes())
        self._changed_files.update(paths)
        self.survey_due.set()

    async def watch(self, patterns: Sequence[str]) -> None:
        """Ask the client to tell of changed files."""
        watchers = [types.FileSystemWatcher(glob_pattern=pattern) for pattern in patterns]
        options = types.DidChangeWatchedFilesRegistrationOptions(watchers=watchers)
        await self.register(types.WORKSPACE_DID_CHANGE_WATCHED_FILES, options, f"watch {' '.join(patterns)}")

    async def register(self, method: str, options: object, name: str) -> None:
        """Ask the client for notifications of a method; `name` tells this registration from others."""
        registration = types.Registration(id=name, method=method, register_options=options)
        params = types.RegistrationParams(registrations=[registration])
        await self.protocol.send_request_async(types.CLIENT_REGISTER_CAPABILITY, params)

    async def settings_may_have_changed(self) -> None:
        """Look whether the settings are as they were, and check again what they decide."""
        roots = await asyncio.to_thread(self.session.workspace.renewed)
        self.session.recheck(buffer for buffer in self.session.buffers() if buffer.place.root in roots)

    async def _take_changes(self) -> None:
        await asyncio.sleep(_SETTLED)
        paths, self._changed_files = self._changed_files, set()
        roots = await asyncio.to_thread(self.session.workspace.changed_on_disk, paths)
        self.session.recheck(buffer for buffer in self.session.buffers() if buffer.place.root in roots)
        if self.client.refreshes_lenses and self.session.buffers():
            await self._refresh_lenses()

    async def _refresh_lenses(self) -> None:
        await self.protocol.send_request_async(types.WORKSPACE_CODE_LENS_REFRESH)

    @contextlib.contextmanager
    def _reading(self, loop: asyncio.AbstractEventLoop) -> Generator[Callable[[int, int], object]]:
        """All files of a project are read, in a thread; the client hears how far that is."""
        progress, soon = Progress(self, "reading the project"), loop.call_soon_threadsafe
        soon(progress.begin)
        try:
            yield lambda done, total: soon(progress.report, done, total)
        finally:
            soon(progress.end)

    def _show(self, buffer: Buffer, verdict: Verdict) -> None:
        self._announce_mistakes()
        self._watch_baselines()
        shown = self.diagnostics(buffer, verdict)
        if self.client.pulls and verdict.whole:
            marks = ((self._answered.get(part.uri), mark_of(items)) for part, items in shown)
            self._offer_refresh(any(answered not in (None, mark) for answered, mark in marks))
        for part, items in shown:
            if not self.client.pulls and self._pushed.get(part.uri) != (part.version, items):
                self._pushed[part.uri] = (part.version, items)
                self._publish(part.uri, part.version, items)
            if self.protocol.trace != types.TraceValue.Off:
                lanes = "all lanes" if verdict.whole else "fast lane"
                message = f"{lanes}: {len(items)} diagnostics for version {part.version} of {part.uri}"
                self.protocol.notify(types.LOG_TRACE, {"message": message})
            if self.client.wants_status:
                told = {"uri": part.uri, "version": part.version, "whole": verdict.whole}
                self.protocol.notify(CHECKED, told)

    def _offer_refresh(self, differs: bool) -> None:
        """Tell a client that pulls to ask again, once for all documents that wait for their whole verdict."""
        self._refresh_due = self._refresh_due or differs
        if self._refresh_due and self.client.refreshes and not self.session.is_busy:
            self._refresh_due = False
            self.run(self._refresh())

    async def _refresh(self) -> None:
        await self.protocol.send_request_async(types.WORKSPACE_DIAGNOSTIC_REFRESH)

    def _watch_baselines(self) -> None:
        """A baseline has the name that the settings give it, so it can be watched only once they are read."""
        names = self.session.workspace.baselines() - self._watched
        if names and self.client.watches:
            self._watched |= names
            self.run(self.watch([f"**/{name}" for name in sorted(names)]))

    def _announce_mistakes(self) -> None:
        """Say once what is wrong with the settings, and show it in their files."""
        found = dict(self.session.workspace.mistakes())
        if found == self._mistakes:
            return
        differing = [path for path in {*found, *self._mistakes} if found.get(path) != self._mistakes.get(path)]
        self._mistakes = found
        for path in differing:
            mistakes = found.get(path)
            if mistakes and mistakes not in self._told:
                self._told.add(mistakes)
                self.say(f"The last good settings stay in force: {_first(mistakes)}")
            buffer = self.buffer_at(path)
            if buffer is not None and (verdict := buffer.current) is not None:
                self._show(buffer, verdict)
            elif buffer is None and not self.client.pulls:
                self._publish(path.as_uri(), None, convert.diagnostics_of_settings(mistakes or ()))

    def _mistakes_of_closed(self, buffer: Buffer) -> list[Json]:
        mistakes = self._mistakes.get(buffer.place.root / buffer.place.path, ()) if buffer.place.is_file else ()
        return convert.diagnostics_of_settings(mistakes)

    def _hide(self, uri: str, items: list[Json]) -> None:
        """A document is open no more: what remains to be said of it is `items`."""
        self._answered.pop(uri, None)
        self._pushed.pop(uri, None)
        if not self.client.pulls:
            self._publish(uri, None, items)

    def _publish(self, uri: str, version: int | None, items: list[Json]) -> None:
        params: Json = {"uri": uri, "diagnostics": items}
        if version is not None:
            params["version"] = version
        self.protocol.notify(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS, params)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self.report_fault(f"work in the background failed: {described(error)}")


def _first(mistakes: Sequence[Mistake]) -> str:
    more = f" (and {len(mistakes) - 1} more)" if len(mistakes) > 1 else ""
    return f"{mistakes[0]}{more}"


def mark_of(items: list[Json]) -> str:
    """The same for the same diagnostics."""
    return hashlib.blake2b(json.dumps(items).encode("ascii"), digest_size=12).hexdigest()
