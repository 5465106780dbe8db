"""JSON-RPC under the server: every request gets an answer, and no payload is ever logged.

pygls dispatches and keeps the futures. What is read from the client, what is done with an exception
and how the process ends is decided here.
"""

from __future__ import annotations

import asyncio
import enum
import json
import logging
from concurrent.futures import Future
from typing import Any, BinaryIO

import cattrs
from lsprotocol import types
from pygls.exceptions import JsonRpcException, JsonRpcInvalidParams, JsonRpcMethodNotFound
from pygls.protocol import JsonRPCRequestMessage, LanguageServerProtocol, default_converter

from shipworthy_server.faults import RefusedError, described
from shipworthy_server.loose import Json, members


def converter() -> cattrs.Converter:
    """pygls' converter, but a value that an enumeration does not have yet stays as the client sent it."""
    found: cattrs.Converter = default_converter()  # type: ignore[no-untyped-call]
    for kind in vars(types).values():
        if isinstance(kind, type) and issubclass(kind, enum.Enum):
            found.register_structure_hook(kind, _known_or_raw)
    return found


def silence_pygls() -> None:
    """Switch off the logging of pygls: it writes whole payloads, and with them what users typed."""
    logger = logging.getLogger("pygls")
    logger.setLevel(logging.CRITICAL + 1)
    logger.propagate = False
    logger.addHandler(logging.NullHandler())


class Protocol(LanguageServerProtocol):
    """The protocol's endpoint. `receive` takes a message, `stopped` is done when the server shall end."""

    _server: Any

    def __init__(self, server: Any, structure: cattrs.Converter) -> None:
        super().__init__(server, structure)
        self.stopped: asyncio.Future[int] | None = None
        self._initialized = False

    def start(self, output: BinaryIO) -> asyncio.Future[int]:
        """Write to `output` from now on. The result is done with an exit code when the server shall end."""
        self.stopped = asyncio.get_running_loop().create_future()
        self._output = output
        return self.stopped

    def stop(self, code: int) -> None:
        """End the server."""
        if self.stopped is not None and not self.stopped.done():
            self.stopped.set_result(code)

    def receive(self, body: bytes) -> None:
        """Take one message. Whatever it is, a request is answered and the next message is read."""
        try:
            message: object = json.loads(body)
        except (ValueError, RecursionError):
            self._refuse(None, types.ErrorCodes.ParseError, "this message is not JSON")
            return
        data = members(message)
        method = data.get("method")
        if data.get("jsonrpc") != self.VERSION:
            self._refuse(_id_of(data), types.ErrorCodes.InvalidRequest, "this message is not JSON-RPC 2.0")
        elif isinstance(method, str):
            self._take(data, method)
        elif "method" not in data and "id" in data:
            self._take_answer(data)
        else:
            self._refuse(_id_of(data), types.ErrorCodes.InvalidRequest, "this message names no method")

    def structure_message(self, data: Json) -> Any:
        """A message as pygls wants it. Raises JsonRpcInvalidParams."""
        method = data["method"]
        if method == types.INITIALIZE:
            return JsonRPCRequestMessage(data["id"], method, self.VERSION, data.get("params"))
        if method == types.TEXT_DOCUMENT_CODE_ACTION:
            _drop_echo(data)
        if method == types.CANCEL_REQUEST and _id_of(members(data.get("params"))) is None:
            raise JsonRpcInvalidParams("the id of a request is a text or a number")
        try:
            if method == types.TEXT_DOCUMENT_DID_CHANGE:
                return _change(data["params"])
            kind = self.get_message_type(method)
            return super().structure_message(data) if kind is None else self._converter.structure(data, kind)
        except Exception as error:
            raise JsonRpcInvalidParams("these parameters are not those of the method") from error

    def notify(self, method: str, params: Any = None) -> None:
        """Send a notification. `params` may be plain JSON, which is written fastest."""
        self._send_data({"jsonrpc": self.VERSION, "method": method, "params": params})

    def lsp_initialize(self, params: Any) -> Any:
        """Hand the parameters to the server as the client sent them: no client is too new for us."""
        self._initialized = True
        return self._server.begin(params)

    def lsp_exit(self, *_: object) -> Any:
        """End the server; without a `shutdown` before, that is an error."""
        self.stop(0 if self._shutdown else 1)

    def _register_builtin_features(self) -> None:
        """Those of pygls that keep a second copy of the documents, or read `initialize` strictly, are left out."""
        builtin: dict[str, Any] = {
            types.INITIALIZE: self.lsp_initialize,
            types.SHUTDOWN: self.lsp_shutdown,  # pyright: ignore[reportUnknownMemberType]
            types.EXIT: self.lsp_exit,
            types.SET_TRACE: self.lsp_set_trace,
        }
        self.fm.builtin_features.update(builtin)  # pyright: ignore[reportUnknownMemberType]

    def _take(self, data: Json, method: str) -> None:
        expects_answer = "id" in data
        if expects_answer and _id_of(data) is None:
            self._refuse(None, types.ErrorCodes.InvalidRequest, "the id of a request is a text or a number")
        elif not self._initialized and method not in (types.INITIALIZE, types.EXIT):
            if expects_answer:
                self._refuse(data["id"], types.ErrorCodes.ServerNotInitialized, "`initialize` comes first")
        elif self._initialized and method == types.INITIALIZE:
            self._refuse(_id_of(data), types.ErrorCodes.InvalidRequest, "`initialize` comes once")
        elif self._shutdown and method != types.EXIT:
            if expects_answer:
                self._refuse(data["id"], types.ErrorCodes.InvalidRequest, "the server has been shut down")
        else:
            self._dispatch(data, method, expects_answer)

    def _dispatch(self, data: Json, method: str, expects_answer: bool) -> None:
        if method != types.CANCEL_REQUEST and not self._offers(method):
            if expects_answer:
                self._refuse(data["id"], types.ErrorCodes.MethodNotFound, f"{method} is not offered")
            return
        try:
            self.handle_message(self.structure_message(data))
        except JsonRpcException as error:
            if expects_answer:
                self._refuse(data["id"], error.code, f"{method}: {error.message}")
            else:
                self._server.report_fault(f"{method} was not understood: {error.message}")

    def _offers(self, method: str) -> bool:
        try:
            self._get_handler(method)
        except JsonRpcMethodNotFound:
            return False
        return True

    def _take_answer(self, data: Json) -> None:
        future = self._request_futures.pop(data["id"], None) if _id_of(data) is not None else None
        if future is None or future.done():
            return
        error = data.get("error")
        if error is None:
            future.set_result(data.get("result"))
        else:
            code = members(error).get("code")
            future.set_exception(JsonRpcException("the client refused", code if isinstance(code, int) else None))

    def _send_handler_result(self, future: Future[Any], *, msg_id: Any) -> None:
        self._request_futures.pop(msg_id, None)
        if future.cancelled():
            self._refuse(msg_id, types.LSPErrorCodes.RequestCancelled, "cancelled")
            return
        try:
            self._send_data({"jsonrpc": self.VERSION, "id": msg_id, "result": future.result()})
        except RefusedError as error:
            self._refuse(msg_id, types.LSPErrorCodes.RequestFailed, str(error))
        except Exception as error:  # noqa: BLE001  # whatever a handler or its answer suffers from, the client hears of it
            self._refuse(msg_id, types.ErrorCodes.InternalError, f"shipworthy failed: {described(error)}")
            self._server.report_fault(f"a request failed: {described(error)}")

    def _check_handler_result(self, future: Future[Any]) -> None:
        if not future.cancelled() and (error := future.exception()) is not None:
            self._server.report_fault(f"a notification failed: {described(error)}")

    def _refuse(self, msg_id: Any, code: int, message: str) -> None:
        self._send_data({"jsonrpc": self.VERSION, "id": msg_id, "error": {"code": int(code), "message": message}})

    def _send_data(self, data: Any) -> None:
        body = json.dumps(data, default=self._serialize_message, separators=(",", ":")).encode("ascii")
        try:
            self._output.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
            self._output.flush()
        except (OSError, ValueError):
            self.stop(1)


def _known_or_raw(value: Any, kind: Any) -> Any:
    try:
        return kind(value)
    except ValueError:
        return value


def _change(params: Json) -> types.DidChangeTextDocumentNotification:
    """What is typed, read by hand: with each keystroke, cattrs would take longer than the lint of a small file."""
    document = params["textDocument"]
    changed = types.VersionedTextDocumentIdentifier(_number(document["version"]), _text(document["uri"]))
    changes = [
        types.TextDocumentContentChangePartial(_range(change["range"]), _text(change["text"]))
        if change.get("range") is not None
        else types.TextDocumentContentChangeWholeDocument(_text(change["text"]))
        for change in params["contentChanges"]
    ]
    return types.DidChangeTextDocumentNotification(types.DidChangeTextDocumentParams(changed, changes))


def _range(found: Json) -> types.Range:
    ends = (types.Position(_number(end["line"]), _number(end["character"])) for end in (found["start"], found["end"]))
    return types.Range(*ends)


def _number(found: object) -> int:
    if not isinstance(found, int):
        raise TypeError("a number is missing")
    return found


def _text(found: object) -> str:
    if not isinstance(found, str):
        raise TypeError("a text is missing")
    return found


def _id_of(data: Json) -> str | int | None:
    """The id of a message, if it has one that is allowed."""
    found = data.get("id")
    return found if isinstance(found, str | int) and not isinstance(found, bool) else None


def _drop_echo(data: Json) -> None:
    """Forget the diagnostics that the client sends along: the server knows them, and reading them is slow."""
    context = members(members(data.get("params")).get("context"))
    if "diagnostics" in context:
        context["diagnostics"] = []
