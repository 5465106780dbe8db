"""Connections that are on a list while they are open, and are taken off it behind the loop over their messages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from tree_sitter import Node

from shipworthy import handlers
from shipworthy.syntax import (
    ancestors,
    dotted,
    enclosing,
    function_around,
    last_word,
    own,
    positional_arguments,
    text_of,
)

_PUTS = re.compile(
    r"a?(?:add|append|join|connect|register|subscribe|enter|attach|put|track|insert|setdefault|login|on_?connect)(?:_\w+)?"
)
_TAKES_OFF = re.compile(
    r"a?(?:remove|discard|pop|leave|unregister|deregister|disconnect|unsubscribe|detach|drop|forget|logout|on_?disconnect)(?:_\w+)?"
)
_RECEIVES = re.compile(r"receive(?:_(?:text|json|bytes|str))?|recv(?:_\w+)?|iter_(?:text|json|bytes)|read_message")
_CONNECTION = re.compile(r"(?i)(?:\w*_)?(?:ws|(?:web_?)?sock(?:et)?|conn(?:ection)?|client|peer)")


class Missed(NamedTuple):
    """Where a connection was put on a list, and the loop whose failure leaves it there."""

    registration: Node
    loop: Node


def missed(removal: Node) -> Missed | None:
    """What a call or a `del` takes back behind a loop over messages that may well fail, where nothing handles that."""
    if removal.type == "call" and _TAKES_OFF.fullmatch(last_word(removal)) is None:
        return None
    scope = function_around(removal)
    if scope is None or enclosing(removal, {"finally_clause", "except_clause"}) is not None:
        return None
    for loop in reversed([node for node in own(scope) if node.type in {"for_statement", "while_statement"}]):
        if loop.end_byte <= removal.start_byte and (connection := _listened_to(loop)):
            found = list(_registrations(scope, loop, connection))
            registration = next((one for one in reversed(found) if _takes_back(removal, one, connection)), None)
            return None if registration is None or _is_handled(loop) else Missed(registration, loop)
    return None


def _listened_to(loop: Node) -> str:
    """The connection whose messages a loop takes one by one, where nothing handles that there are no more."""
    if loop.type == "for_statement":
        source = loop.child_by_field_name("right")
        name = dotted(source).partition(".")[0]
        receives = source is not None and source.type == "call" and _RECEIVES.fullmatch(last_word(source)) is not None
        waits = source is not None and source.type == "identifier" and loop.children[0].type == "async"
        return name if receives or waits or _CONNECTION.fullmatch(text_of(source or loop)) is not None else ""
    for node in own(loop):
        owner, _, word = (
            dotted(node.child_by_field_name("function")).rpartition(".") if node.type == "call" else ("", "", "")
        )
        if owner.isidentifier() and _RECEIVES.fullmatch(word) is not None:
            return "" if any(handlers.guards(node)) else owner
    return ""


def _registrations(scope: Node, loop: Node, connection: str) -> Iterator[Node]:
    """The calls and assignments before a loop that put a connection on a list."""
    for node in own(scope):
        if node.end_byte > loop.start_byte:
            continue
        if node.type == "call" and _PUTS.fullmatch(last_word(node)) is not None:
            if connection in map(text_of, positional_arguments(node)):
                yield node
        elif node.type == "assignment":
            target, value = node.child_by_field_name("left"), node.child_by_field_name("right")
            if target is not None and target.type == "subscript" and value is not None and text_of(value) == connection:
                yield node


def _takes_back(removal: Node, registration: Node, connection: str) -> bool:
    """Whether the connection itself is taken off a list, or its key from where the registration has put it."""
    if removal.type == "call" and connection in map(text_of, positional_arguments(removal)):
        return True
    return _holder(removal) == _holder(registration) != ""


def _holder(node: Node) -> str:
    """What holds the list: `self.rooms` of `self.rooms[room].add(ws)` and of `del self.rooms[room]`."""
    if node.type == "call":
        function = node.child_by_field_name("function")
        inner = function.child_by_field_name("object") if function is not None else None
    else:
        inner = node.child_by_field_name("left") or next(iter(node.named_children), None)
    while inner is not None and inner.type in {"subscript", "call"}:
        function = inner.child_by_field_name("function")
        inner = inner.child_by_field_name("value") or (function and function.child_by_field_name("object"))
    return dotted(inner)


def _is_handled(loop: Node) -> bool:
    """Whether a handler around a loop sees that it has failed, or its rounds handle their own failures."""
    for around in ancestors(loop):
        if around.type == "function_definition":
            break
        if around.type == "try_statement" and any(child.type == "except_clause" for child in around.children):
            return True
    body = loop.child_by_field_name("body")
    return body is not None and [child.type for child in body.named_children] == ["try_statement"]
