"""How far long work has come, told to a client that wants to hear it."""

from __future__ import annotations

import contextlib
import time
import uuid
from collections.abc import AsyncGenerator

from lsprotocol import types

from shipworthy_server.loose import Json
from shipworthy_server.server import Server

_EVERY = 0.1
"""Seconds between two reports at the least."""


class Progress:
    """Work under way. Without a token nobody hears of it."""

    def __init__(self, server: Server, token: int | str | None) -> None:
        self._server, self._token, self._next = server, token, 0.0

    def report(self, done: int, total: int) -> None:
        """So many of the files are done."""
        now = time.monotonic()
        if now >= self._next:
            self._next = now + _EVERY
            share = done * 100 // max(total, 1)
            self.tell({"kind": "report", "message": f"{done} of {total} files", "percentage": share})

    def tell(self, value: Json) -> None:
        """Tell the client anything of the work."""
        if self._token is not None:
            self._server.protocol.notify(types.PROGRESS, {"token": self._token, "value": value})


@contextlib.asynccontextmanager
async def began(server: Server, token: int | str | None) -> AsyncGenerator[Progress]:
    """Work that takes a while. Without a token of the client, one is made where the client shows progress."""
    if token is None and server.client.shows_progress:
        token = str(uuid.uuid4())
        made = types.WorkDoneProgressCreateParams(token=token)
        await server.protocol.send_request_async(types.WINDOW_WORK_DONE_PROGRESS_CREATE, made)
    progress = Progress(server, token)
    progress.tell({"kind": "begin", "title": "Shipworthy: checking the workspace", "percentage": 0})
    try:
        yield progress
    finally:
        progress.tell({"kind": "end"})
