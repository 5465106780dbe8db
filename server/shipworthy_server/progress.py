"""How far long work has come, told to a client that wants to hear it."""

from __future__ import annotations

import contextlib
import time
import uuid
from collections.abc import Generator
from typing import TYPE_CHECKING

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from shipworthy_server.loose import Json

if TYPE_CHECKING:
    from shipworthy_server.server import Server

_EVERY = 0.1
"""Seconds between two reports at the least."""


class Progress:
    """Work under way, with a title. Nobody hears of it without a token: the client's, or one that it has agreed to."""

    def __init__(self, server: Server, title: str) -> None:
        self._server, self._title = server, title
        self._token: int | str | None = None
        self._is_over = False
        self._next = 0.0

    def begin(self, token: int | str | None = None) -> None:
        """The work begins. Without a token, the client is asked to agree to one; the work does not wait for that."""
        if token is not None:
            self._begin(token)
        elif self._server.client.shows_progress:
            self._server.run(self._agree())

    def report(self, done: int, total: int) -> None:
        """So many of the files are done."""
        now = time.monotonic()
        if now >= self._next:
            self._next = now + _EVERY
            share = done * 100 // max(total, 1)
            self._tell({"kind": "report", "message": f"{done} of {total} files", "percentage": share})

    def end(self) -> None:
        """The work is over, in whatever way."""
        self._is_over = True
        self._tell({"kind": "end"})

    async def _agree(self) -> None:
        token = str(uuid.uuid4())
        made = types.WorkDoneProgressCreateParams(token=token)
        with contextlib.suppress(JsonRpcException):
            await self._server.protocol.send_request_async(types.WINDOW_WORK_DONE_PROGRESS_CREATE, made)
            self._begin(token)
            if self._is_over:  # the client keeps what it has agreed to until it hears of the end
                self.end()

    def _begin(self, token: int | str) -> None:
        self._token = token
        self._tell({"kind": "begin", "title": f"Shipworthy: {self._title}", "percentage": 0})

    def _tell(self, value: Json) -> None:
        if self._token is not None:
            self._server.protocol.notify(types.PROGRESS, {"token": self._token, "value": value})


@contextlib.contextmanager
def under_way(server: Server, title: str, token: int | str | None = None) -> Generator[Progress]:
    """Work with a title; `token`: that of the client, if it sent one."""
    progress = Progress(server, title)
    progress.begin(token)
    try:
        yield progress
    finally:
        progress.end()
