"""Where calls go that are to fail: ports of this machine, and files in a folder of their own."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, TypeAlias

from ..real import answering, closed_port

Action: TypeAlias = Callable[[], object]
Cases: TypeAlias = Iterator[tuple[str, Action]]
"""Rows of the catalogue, each with a call that fails as it says."""


def load(name: str) -> Any:
    """A module, of which nothing is known to type checkers."""
    return importlib.import_module(name)


def answer(status: str, body: bytes = b"{}", kind: str = "application/json") -> bytes:
    """The bytes of an HTTP answer."""
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    return head.encode() + body


class Place:
    """A closed port, servers that answer with errors or junk, a missing file and files that hold junk."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder = folder
        self.host, self.port = "127.0.0.1", closed_port()
        self.web = f"http://{self.host}:{self.port}"
        self.missing, self.junk, self.notes = folder / "missing", folder / "junk.bin", folder / "notes.txt"
        self.junk.write_bytes(b"\xff\x00 this is nothing of the kind [ < {" * 40)
        self.notes.write_text("This is nothing of the kind.")
        self.noise = stack.enter_context(answering(b"nothing that you know\r\n"))
        self.broken, self.denied, self.forbidden, self.page = (
            f"http://{self.host}:{stack.enter_context(answering(given))}"
            for given in (answer("500 No"), answer("401 No"), answer("403 No"), answer("200 OK", b"<p>", "text/html"))
        )
