"""A language client over standard input and output, for tests: it sends, collects and waits.

    async with Client(folder) as client:
        uri = await client.open("app.py", "text")
        await client.edit(uri, 0, 0, "more ")
        found = await client.verdict(uri)        # all lanes, for the text as it is now

It keeps its own copy of each text and finds positions by itself, so that it checks the server's.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

Json = dict[str, Any]

PATIENCE = float(os.environ.get("PATIENCE", "60"))
"""Seconds after which a test gives up waiting."""

_LINE_END = re.compile(r"\r\n|\r|\n")


class ServerError(Exception):
    """The server answered a request with an error."""

    def __init__(self, error: Json) -> None:
        super().__init__(f"{error['code']}: {error['message']}")
        self.code: int = error["code"]
        self.message: str = error["message"]


def capabilities(
    *, encodings: Iterable[str] = ("utf-32",), pull: bool = False, bare: bool = False, **more: Any
) -> Json:
    """The capabilities of a modern editor, of one that pulls diagnostics, or of a `bare` one without extras."""
    if bare:
        return {"experimental": {"shipworthyStatus": True}, **more}
    document: Json = {
        "publishDiagnostics": {
            "relatedInformation": True,
            "tagSupport": {"valueSet": [1, 2]},
            "codeDescriptionSupport": True,
            "dataSupport": True,
            "versionSupport": True,
        },
        "codeAction": {"dataSupport": True, "isPreferredSupport": True, "resolveSupport": {"properties": ["edit"]}},
        "hover": {"contentFormat": ["markdown", "plaintext"]},
    }
    if pull:
        document["diagnostic"] = {"dynamicRegistration": True}
    return {
        "general": {"positionEncodings": list(encodings)},
        "textDocument": document,
        "workspace": {
            "workspaceEdit": {"documentChanges": True, "resourceOperations": ["create"]},
            "didChangeWatchedFiles": {"dynamicRegistration": True},
            "diagnostics": {"refreshSupport": True},
        },
        "experimental": {"shipworthyStatus": True},
        **more,
    }


class Text:
    """The client's own copy of an open document."""

    def __init__(self, text: str, version: int = 1) -> None:
        self.text, self.version = text, version

    def starts(self) -> list[int]:
        """The offset of each line."""
        return [0, *(match.end() for match in _LINE_END.finditer(self.text))]

    def position(self, offset: int, encoding: str) -> Json:
        """An offset as the protocol writes it."""
        starts = self.starts()
        line = max(index for index, start in enumerate(starts) if start <= offset)
        return {"line": line, "character": _units(self.text[starts[line] : offset], encoding)}

    def offset(self, position: Json, encoding: str) -> int:
        """The offset of a position, which must exist exactly."""
        start = self.starts()[position["line"]]
        for end in range(start, len(self.text) + 1):
            if _units(self.text[start:end], encoding) == position["character"]:
                return end
        raise AssertionError(f"no such position: {position}")

    def marked(self, place: Json, encoding: str) -> str:
        """The text within a range."""
        return self.text[self.offset(place["start"], encoding) : self.offset(place["end"], encoding)]

    def apply(self, edits: Iterable[Json], encoding: str) -> None:
        """Make a list of text edits, as an editor does: from the end of the text to its start."""
        spans = [
            (
                self.offset(edit["range"]["start"], encoding),
                self.offset(edit["range"]["end"], encoding),
                edit["newText"],
            )
            for edit in edits
        ]
        for start, end, text in sorted(spans, reverse=True):
            self.text = self.text[:start] + text + self.text[end:]


class Client:
    """One server process with a client in front of it. `is_mute`: it answers no request from now on."""

    def __init__(self, folder: Path, known: Json | None = None, command: Iterable[str] = ()) -> None:
        self.folder = folder
        self.known = known if known is not None else capabilities()
        self.command = tuple(command) or (sys.executable, "-m", "shipworthy_server")
        self.encoding = "utf-16"
        self.offered: Json = {}
        self.texts: dict[str, Text] = {}
        self.notifications: list[tuple[str, Json]] = []
        self.shown: dict[str, list[Json]] = {}
        self.requests: list[tuple[str, Json]] = []
        self.answers: list[Json] = []
        self.is_mute = False
        self.arrived = 0.0
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._news = asyncio.Event()
        self._last_id = 0

    async def __aenter__(self) -> Client:
        await self.start()
        await self.initialize()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        """Start the process."""
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
        self.process = await asyncio.create_subprocess_exec(
            *self.command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            cwd=self.folder,
            env=environment,
        )
        self.complaints = b""
        self._readers = [asyncio.create_task(self._read()), asyncio.create_task(self._read_complaints())]

    async def initialize(self, **more: Any) -> Json:
        """Get to know each other."""
        params: Json = {
            "processId": os.getpid(),
            "rootUri": self.folder.as_uri(),
            "workspaceFolders": [{"uri": self.folder.as_uri(), "name": "project"}],
            "capabilities": self.known,
            **more,
        }
        result: Json = await self.request("initialize", params)
        self.offered = result["capabilities"]
        self.encoding = self.offered.get("positionEncoding", "utf-16")
        await self.notify("initialized", {})
        return result

    async def stop(self) -> int:
        """Shut the server down; its exit code."""
        if self.process.returncode is None:
            await self.request("shutdown", None)
            await self.notify("exit", None)
        code = await asyncio.wait_for(self.process.wait(), PATIENCE)
        await asyncio.gather(*self._readers)
        return code

    async def request(self, method: str, params: Any) -> Any:
        """Ask, and wait for the answer. Raises ServerError."""
        return await asyncio.wait_for(self.ask(method, params)[1], PATIENCE)

    def ask(self, method: str, params: Any) -> tuple[int, asyncio.Future[Any]]:
        """Ask without waiting: the id, and the answer to come."""
        self._last_id += 1
        future = self._waiting[self._last_id] = asyncio.get_running_loop().create_future()
        self.write({"jsonrpc": "2.0", "id": self._last_id, "method": method, "params": params})
        return self._last_id, future

    async def notify(self, method: str, params: Any) -> None:
        """Tell."""
        self.write({"jsonrpc": "2.0", "method": method, "params": params})

    def write(self, message: Json) -> None:
        """Send a message."""
        self.write_bytes(json.dumps(message).encode())

    def write_bytes(self, body: bytes) -> None:
        """Send anything as the body of a message."""
        assert self.process.stdin is not None
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)

    def uri(self, path: str) -> str:
        """The URI of a file of the folder."""
        return (self.folder / path).as_uri()

    async def open(self, path: str, text: str | None = None, language: str = "", uri: str = "") -> str:
        """Open a document; its text is that of the file if none is given. Gives its URI."""
        uri = uri or self.uri(path)
        content = (self.folder / path).read_bytes().decode() if text is None else text
        self.texts[uri] = Text(content)
        document = {"uri": uri, "languageId": language, "version": 1, "text": content}
        await self.notify("textDocument/didOpen", {"textDocument": document})
        return uri

    async def edit(self, uri: str, start: int, end: int, new: str) -> None:
        """Replace the text between two offsets, as typing does."""
        await self.edits(uri, [(start, end, new)])

    async def edits(self, uri: str, edits: Iterable[tuple[int, int, str]]) -> None:
        """Make edits that build on one another, in one notification."""
        known, changes = self.texts[uri], []
        for start, end, new in edits:
            place = {"start": known.position(start, self.encoding), "end": known.position(end, self.encoding)}
            changes.append({"range": place, "text": new})
            known.text = known.text[:start] + new + known.text[end:]
        await self._change(uri, changes)

    async def replace(self, uri: str, text: str) -> None:
        """Send a whole new text."""
        self.texts[uri].text = text
        await self._change(uri, [{"text": text}])

    async def save(self, uri: str) -> None:
        """Write the text to the disk and say so."""
        path = self.folder / Path(uri.removeprefix(self.folder.as_uri() + "/"))
        path.write_bytes(self.texts[uri].text.encode())
        await self.notify("textDocument/didSave", {"textDocument": {"uri": uri}})

    async def close(self, uri: str) -> None:
        """Close a document, and forget what was said of it."""
        del self.texts[uri]
        self.notifications = [one for one in self.notifications if one[1].get("uri") != uri]
        await self.notify("textDocument/didClose", {"textDocument": {"uri": uri}})

    async def verdict(self, uri: str) -> list[Json]:
        """All diagnostics of the current text, of all lanes."""
        await self.checked(uri, whole=True)
        if "diagnosticProvider" in self.offered:
            return (await self.pull(uri))["items"]
        return self.published(uri)

    async def checked(self, uri: str, *, whole: bool) -> None:
        """Wait until the current text was checked, by all lanes or by the fast one."""
        version = self.texts[uri].version

        def found() -> bool:
            return any(
                method == "$/shipworthy/checked"
                and (params["uri"], params["version"]) == (uri, version)
                and (params["whole"] or not whole)
                for method, params in self.notifications
            )

        await self.until(found)

    def published(self, uri: str) -> list[Json]:
        """The diagnostics last pushed for a document."""
        return self.shown.get(uri, [])

    async def pull(self, uri: str, known: str | None = None) -> Json:
        """Ask for the diagnostics of a document."""
        params: Json = {"textDocument": {"uri": uri}}
        if known is not None:
            params["previousResultId"] = known
        return await self.request("textDocument/diagnostic", params)

    async def actions(self, uri: str, start: int, end: int, only: Iterable[str] | None = None) -> list[Json]:
        """The code actions between two offsets."""
        known = self.texts[uri]
        place = {"start": known.position(start, self.encoding), "end": known.position(end, self.encoding)}
        context: Json = {"diagnostics": [], "triggerKind": 2}
        if only is not None:
            context["only"] = list(only)
        params = {"textDocument": {"uri": uri}, "range": place, "context": context}
        return await self.request("textDocument/codeAction", params)

    async def resolved(self, action: Json) -> Json:
        """An action with its edit."""
        if "edit" in action:
            return action
        return await self.request("codeAction/resolve", action)

    async def perform(self, action: Json) -> None:
        """Apply an action to the open documents and tell the server of the new texts."""
        edit = (await self.resolved(action))["edit"]
        changes: list[tuple[str, list[Json]]] = list(edit.get("changes", {}).items())
        changes += [(one["textDocument"]["uri"], one["edits"]) for one in edit.get("documentChanges", ())]
        for uri, edits in changes:
            self.texts[uri].apply(edits, self.encoding)
            await self.replace(uri, self.texts[uri].text)

    def told(self, method: str) -> list[Json]:
        """The parameters of all notifications of a method."""
        return [params for name, params in self.notifications if name == method]

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until something that the server sent makes a condition true."""

        async def wait() -> None:
            while not condition():
                if self._readers[0].done():
                    raise AssertionError(f"the server ended: {self.complaints.decode()}")
                self._news.clear()
                await self._news.wait()

        await asyncio.wait_for(wait(), PATIENCE)

    async def _change(self, uri: str, changes: list[Json]) -> None:
        known = self.texts[uri]
        known.version += 1
        document = {"uri": uri, "version": known.version}
        await self.notify("textDocument/didChange", {"textDocument": document, "contentChanges": changes})

    async def _read(self) -> None:
        assert self.process.stdout is not None
        while line := await self.process.stdout.readline():
            length = int(line.split(b":")[1])
            await self.process.stdout.readline()
            body = await self.process.stdout.readexactly(length)
            self.arrived = time.perf_counter()
            self._take(json.loads(body))
            self._news.set()
        for future in self._waiting.values():
            if not future.done():
                future.set_exception(AssertionError("the server ended without an answer"))
        self._news.set()

    async def _read_complaints(self) -> None:
        assert self.process.stderr is not None
        while part := await self.process.stderr.read(1 << 16):
            self.complaints += part

    def _take(self, message: Json) -> None:
        if "method" in message and "id" in message:
            self.requests.append((message["method"], message.get("params") or {}))
            if self.is_mute:
                return
            self.write({"jsonrpc": "2.0", "id": message["id"], "result": None})
        elif "method" in message:
            params = message.get("params") or {}
            self.notifications.append((message["method"], params))
            if message["method"] == "textDocument/publishDiagnostics":
                self.shown[params["uri"]] = params["diagnostics"]
        else:
            self.answers.append(message)
            future = self._waiting.pop(message["id"], None) if message["id"] is not None else None
            if future is not None and not future.done():
                if "error" in message:
                    future.set_exception(ServerError(message["error"]))
                else:
                    future.set_result(message["result"])


def codes(diagnostics: Iterable[Mapping[str, Any]]) -> list[str]:
    """The rules of diagnostics, in their order."""
    return [one["code"] for one in diagnostics]


def _units(text: str, encoding: str) -> int:
    if encoding == "utf-32":
        return len(text)
    return len(text.encode("utf-8")) if encoding == "utf-8" else len(text.encode("utf-16-le")) // 2
