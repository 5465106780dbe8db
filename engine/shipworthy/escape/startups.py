"""Functions that a server or a bot calls once, as it starts: what they raise keeps it from starting."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set

from shipworthy.escape.ir import Call, Decorator, Path

_ADDING = (".on_startup.append", ".cleanup_ctx.append", ".startup.register")
"""How calls end that add such a function to a list of an application."""
_OPTIONS = frozenset({"lifespan", "on_startup"})
"""Options of an application that name one, or several."""
_ADDED = {
    "add_event_handler": ("1", frozenset({"fastapi", "starlette"})),
    "post_init": ("0", frozenset({"telegram"})),
}
"""Calls that are handed one, by their last names: at which place, with which libraries."""
_DECORATORS = {
    "startup": frozenset({"aiogram"}),
    "before_serving": frozenset({"quart"}),
    "while_serving": frozenset({"quart"}),
    "main_process_start": frozenset({"sanic"}),
    "before_server_start": frozenset({"sanic"}),
    "after_server_start": frozenset({"sanic"}),
}
"""The last names of decorators that make one, with their libraries."""
EVENTS = frozenset({"startup", "main_process_start", "before_server_start", "after_server_start"})
"""What events of a server are called at which it calls such functions."""
_HEARING = {"on_event": frozenset({"fastapi", "starlette"}), "listener": frozenset({"sanic"})}
"""The last names of decorators that make one if they are given such an event, with their libraries."""
_METHODS = {"setup_hook": ("Client", "Bot"), "cog_load": ("Cog",)}
"""Methods that are called so, with how the names of their classes' bases end."""


def handed(call: Call, libraries: Set[str]) -> Iterator[Path]:
    """What an application is handed by a call to be called when it starts."""
    paths = dict(call.paths)
    if call.callee.endswith(_ADDING):
        yield paths.get("0", "")
    yield from (path for place, path in call.paths if place in _OPTIONS)
    place, of = _ADDED.get(call.callee.rpartition(".")[2], ("", frozenset[str]()))
    if not libraries.isdisjoint(of):
        yield paths.get(place, "")


def is_decorator(decorator: Decorator, libraries: Set[str]) -> bool:
    """Whether a decorator makes such a function."""
    holder, _, last = decorator.path.rpartition(".")
    if not holder:
        return False
    found = (_HEARING if decorator.argument in EVENTS else _DECORATORS).get(last, frozenset[str]())
    return not libraries.isdisjoint(found)


def is_method(name: str, bases: Iterable[str]) -> bool:
    """Whether a method is called when the program starts, of a class with these bases."""
    return name in _METHODS and any(base.endswith(_METHODS[name]) for base in bases)
