"""The catalogue beside the real libraries: what a name stands for, and what a call really raises."""

from __future__ import annotations

import asyncio
import builtins
import importlib
import inspect
import socket
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from types import ModuleType

from shipworthy.escape.catalogue import Library, ancestors, canonical, known, libraries

MISSING = object()

TUPLES_OF_CLASSES = {"ftplib.all_errors"}
"""Names that `except` takes but that are no class: in the catalogue they stand below all that they hold."""

WITHOUT_SIMPLEJSON = {("requests.JSONDecodeError", "json.JSONDecodeError")}
"""Where simplejson is installed, requests builds its exception on that of simplejson instead."""


def module(name: str) -> ModuleType | None:
    """The module of that name, if it can be imported here."""
    try:
        return importlib.import_module(name)
    except Exception:  # noqa: BLE001 -- what a library raises while it is imported is its own affair
        return None


def find(name: str) -> object:
    """What a dotted name stands for, or MISSING."""
    first, *rest = name.split(".")
    found = getattr(builtins, first, None) or module(first)
    if found is None:
        return MISSING
    path = first
    for part in rest:
        path = f"{path}.{part}"
        below = getattr(found, part, MISSING)
        if below is MISSING and inspect.ismodule(found):
            below = module(path) or MISSING
        if below is MISSING:
            return MISSING
        found = below
    return found


def spellings(name: str) -> Iterator[str]:
    """A canonical name, and the other names that lead to it."""
    yield name
    for library in libraries():
        for alias, target in library.aliases.items():
            if name == target or name.startswith(f"{target}."):
                yield alias + name[len(target) :]


def find_canonical(name: str) -> object:
    """What a canonical name stands for, by any of its spellings."""
    return next((found for spelling in spellings(name) if (found := find(spelling)) is not MISSING), MISSING)


def is_installed(name: str) -> bool:
    """Whether the library of a dotted name is there to be compared with."""
    first = name.partition(".")[0]
    return hasattr(builtins, first) or module(first) is not None


def hierarchy_faults(library: Library) -> tuple[int, list[str]]:
    """How many exceptions were compared with the real classes, and what differs.

    Bases must be those of the real class; of its real bases, the built-in ones and those of the library must be listed.
    """
    faults, classes = list[str](), dict[str, type]()
    for name in library.exceptions:
        if name in TUPLES_OF_CLASSES or not is_installed(name):
            continue
        real = find_canonical(name)
        if isinstance(real, type) and issubclass(real, BaseException):
            classes[name] = real
        else:
            faults.append(f"{name}: no such exception")
    for name, real in classes.items():
        bases = library.exceptions[name]
        for base in bases:
            above = find_canonical(base)
            if (name, base) in WITHOUT_SIMPLEJSON and module("simplejson") is not None:
                continue
            if isinstance(above, type) and not issubclass(real, above):
                faults.append(f"{name}: is no {base}")
        listed = ancestors(name)
        builtin = {one.__name__ for one in real.__mro__ if one.__module__ == "builtins"} - {"object"}
        siblings = {base for base, above in classes.items() if issubclass(real, above)}
        faults.extend(f"{name}: is a {base} too" for base in sorted((builtin | siblings) - listed))
    return len(classes), faults


def raised_by(action: Callable[[], object]) -> BaseException | None:
    """What a call raises; a coroutine is run to its end."""
    try:
        result = action()
        if inspect.isawaitable(result):
            asyncio.run(_finished(result))
    except Exception as error:  # noqa: BLE001 -- the caller compares it with the catalogue
        return error
    return None


def fault_of_row(row: str, action: Callable[[], object]) -> str:
    """How the exception that `action` raises differs from those of a row; "" if it is one of them."""
    name = canonical(row)
    entry = known(name)
    if entry is None:
        return f"{row}: not in the catalogue"
    error = raised_by(action)
    classes = [find_canonical(one.exception) for one in entry.raised]
    if error is None:
        return f"{row}: raised nothing"
    if not any(isinstance(one, type) and isinstance(error, one) for one in classes):
        kinds = " < ".join(f"{one.__module__}.{one.__qualname__}" for one in type(error).__mro__[:-2])
        return f"{row}: raised {kinds}: {str(error)[:100]}, not {', '.join(one.exception for one in entry.raised)}"
    return ""


def closed_port() -> int:
    """A port of this machine where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def answering(answer: bytes) -> Iterator[int]:
    """The port of a server that sends `answer` to whoever connects, and hangs up."""
    import threading

    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    connection.settimeout(1)
                    try:
                        connection.recv(65536)
                        connection.sendall(answer)
                    except OSError:
                        continue

        threading.Thread(target=serve, daemon=True).start()
        yield int(server.getsockname()[1])
        server.shutdown(socket.SHUT_RDWR)


async def _finished(awaitable: Awaitable[object]) -> object:
    return await awaitable
