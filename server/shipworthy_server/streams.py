"""Bytes in and the end of the process: frames of the base protocol, and whether the client still lives."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import BinaryIO

_GRACE = 2.0
"""Seconds that the server has to end by itself once the client is gone."""

_EVERY = 1.0
"""Seconds between two looks at whether the client's process lives."""


def messages(stream: BinaryIO) -> Iterator[bytes]:
    """The bodies of all messages until the stream ends. A header without a length is read over."""
    length = -1
    while line := stream.readline():
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length" and value.strip().isdigit():
            length = int(value)
        elif not line.strip() and length >= 0:
            body = stream.read(length)
            if len(body) < length:
                return
            yield body
            length = -1


def read_in_background(stream: BinaryIO, deliver: Callable[[bytes], object], end: Callable[[], object]) -> None:
    """Read messages in a thread of their own. `end` is called once, when the stream is over.

    A server that does not end within the grace period then is ended.
    """

    def read() -> None:
        try:
            for body in messages(stream):
                deliver(body)
            end()
        except (OSError, ValueError, RuntimeError):
            # The stream or the event loop was closed under us: either way nobody listens any more.
            pass
        time.sleep(_GRACE)
        os._exit(1)

    threading.Thread(target=read, name="reader", daemon=True).start()


def exit_with(process_id: int) -> None:
    """End this process when the client's process is gone, even if its pipes are kept open by others."""

    def watch() -> None:
        while is_alive(process_id):
            time.sleep(_EVERY)
        os._exit(1)

    threading.Thread(target=watch, name="watch", daemon=True).start()


def is_alive(process_id: int) -> bool:
    """Whether a process exists."""
    if sys.platform == "win32":
        return _is_alive_on_windows(process_id)
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True


def _is_alive_on_windows(process_id: int) -> bool:
    """On Windows `os.kill` would end the process; a handle tells whether it runs."""
    import ctypes

    synchronize, timed_out = 0x00100000, 0x102
    kernel: object = getattr(ctypes, "windll").kernel32  # noqa: B009
    open_process, wait, close = (
        getattr(kernel, name) for name in ("OpenProcess", "WaitForSingleObject", "CloseHandle")
    )
    handle = open_process(synchronize, False, process_id)
    if not handle:
        return False
    try:
        return bool(wait(handle, 0) == timed_out)
    finally:
        close(handle)
