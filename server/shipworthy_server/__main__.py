"""The command `shipworthy-server`: one client over standard input and output, or over a socket."""

from __future__ import annotations

import argparse
import faulthandler
import gc
import os
import socket
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

import shipworthy

_SWITCH = 0.0005
"""Seconds that a thread may go on when another one wants to run; Python's default is ten times that."""


_STUCK = 120.0
"""Seconds without a turn of the event loop after which the process ends: only code that cannot be interrupted, such as
a search without end in one long line, keeps it so long, and an editor starts a server that ended again."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve one client and exit with the protocol's exit code: 0 after `shutdown` and `exit`."""
    options = _parser().parse_args(arguments)
    _forget_working_folder()
    code = _serve_socket(*options.tcp) if options.tcp else _serve(*_own_streams())
    sys.stderr.flush()
    # The lanes' threads may be at work; nothing they do is worth waiting for once nobody listens.
    os._exit(code)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("shipworthy-server", description="The language server of Shipworthy.")
    parser.add_argument("--version", action="version", version=f"shipworthy-server {shipworthy.__version__}")
    parser.add_argument("--stdio", action="store_true", help="speak over standard input and output (the default)")
    parser.add_argument(
        "--tcp", type=_address, metavar="HOST:PORT", help="listen for one client instead, for debugging"
    )
    return parser


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit() or int(port) > 65535:
        raise argparse.ArgumentTypeError(f"expected HOST:PORT such as 127.0.0.1:7700, not {text!r}")
    return host, int(port)


def _serve_socket(host: str, port: int) -> int:
    with socket.create_server((host, port)) as listener:
        print("listening on {}:{}".format(*listener.getsockname()[:2]), file=sys.stderr, flush=True)
        connection, _ = listener.accept()
    with connection, connection.makefile("rb") as incoming, connection.makefile("wb") as outgoing:
        return _serve(incoming, outgoing)


def _forget_working_folder() -> None:
    """Nothing is imported from the workspace, though `python -m` looks for modules there first."""
    here = Path.cwd()
    sys.path[:] = [entry for entry in sys.path if entry and Path(entry).resolve() != here]


def _own_streams() -> tuple[BinaryIO, BinaryIO]:
    """Standard input and output for the protocol alone: no library and no other process can write into it."""
    incoming, outgoing = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    try:
        os.dup2(2, 1)
    except OSError:
        os.dup2(nothing, 1)
    return incoming, outgoing


def _serve(incoming: BinaryIO, outgoing: BinaryIO) -> int:
    import asyncio

    from shipworthy_server.protocol import silence_pygls
    from shipworthy_server.streams import read_in_background
    from shipworthy_server.workspace_features import make_server

    async def serve() -> int:
        protocol = make_server().protocol
        loop = asyncio.get_running_loop()

        def beat() -> None:
            faulthandler.dump_traceback_later(_STUCK, exit=True)
            loop.call_later(_STUCK / 10, beat)

        beat()
        stopped = protocol.start(outgoing)
        read_in_background(
            incoming,
            lambda body: loop.call_soon_threadsafe(protocol.receive, body),
            lambda: loop.call_soon_threadsafe(protocol.stop, 1),
        )
        return await stopped

    silence_pygls()
    sys.setswitchinterval(_SWITCH)
    # A full collection over the trees of many documents takes longer than a keystroke: it is made less often.
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    return asyncio.run(serve())


if __name__ == "__main__":
    main()
