"""Which calls ask something of the world outside, by the catalogue of what library calls raise.

What a variable holds is followed as far as `origins` and the catalogue's `returns` tell: a light form of
what the escape analysis does for the whole program, for rules that look at one function.
A rule that asks declares `extract=origins.bindings`.
"""

from __future__ import annotations

from collections.abc import Iterable

from tree_sitter import Node

from shipworthy import handlers, origins
from shipworthy.escape import catalogue
from shipworthy.escape.catalogue import Known
from shipworthy.rule import Pass
from shipworthy.syntax import text_of

_PASSED_THROUGH = frozenset({"await", "parenthesized_expression"})
_SAYS_ALL = frozenset(
    {
        *("ValueError", "LookupError", "TypeError"),
        *("TimeoutError", "socket.gaierror", "asyncio.QueueFull", "asyncio.QueueEmpty", "queue.Full", "queue.Empty"),
    }
)
"""Exceptions that speak of what has come, or whose name says all of why the peer is out of reach."""


def called(run: Pass, call: Node) -> str:
    """What a call calls, by its name in the catalogue: `requests.Session.get` for `self.session.get(url)`."""
    function = call.child_by_field_name("function")
    if function is None:
        return ""
    owner = function.child_by_field_name("object") if function.type == "attribute" else None
    made = type_of(run, owner) if owner is not None else ""
    method = function.child_by_field_name("attribute")
    name = f"{made}.{text_of(method)}" if made and method is not None else run.name(function)
    return catalogue.canonical(name)


def known(run: Pass, call: Node) -> Known | None:
    """What the catalogue knows of a call."""
    name = called(run, call)
    return catalogue.known(name) if name else None


def type_of(run: Pass, node: Node | None) -> str:
    """The type of a value, by the name that its methods have in the catalogue; "" if nobody knows."""
    while node is not None and node.type in _PASSED_THROUGH and node.named_children:
        node = node.named_children[0]
    if node is None:
        return ""
    if node.type == "call":
        found = known(run, node)
        return found.returns if found is not None else ""
    made = origins.origin(run, node)
    if made:
        return _type_along(run, node, made)
    owner = node.child_by_field_name("object") if node.type == "attribute" else None
    held = type_of(run, owner) if owner is not None else ""
    attribute = node.child_by_field_name("attribute")
    return _returned(f"{held}.{text_of(attribute)}") if held and attribute is not None else ""


def _type_along(run: Pass, node: Node, path: str) -> str:
    """The type at the end of a chain of calls and attributes: `boto3.resource.Table`, `self.client.open_sftp`."""
    first, *rest = path.split(".")
    held = ""
    if first == "self" and rest:
        made = origins.attribute(run, node, rest.pop(0))
        held = _type_along(run, node, made) if made and not made.startswith("self.") else ""
    else:
        while not (held := _returned(first)) and rest:
            first = f"{first}.{rest.pop(0)}"
    for part in rest:
        held = _returned(f"{held}.{part}") if held else ""
    return held


def _returned(name: str) -> str:
    found = catalogue.known(catalogue.canonical(name))
    return found.returns if found is not None else ""


def peers(run: Pass, nodes: Iterable[Node]) -> list[Node]:
    """The calls among statements that ask another machine: a service, a database, a mail server."""
    return [call for call in handlers.calls(list(nodes)) if outages(run, call)]


def outages(run: Pass, call: Node) -> frozenset[str]:
    """What a call raises if the other machine is out of reach or refuses; nothing for a call that asks none."""
    name, found = called(run, call), known(run, call)
    if found is None or not catalogue.is_remote(name):
        return frozenset()
    return frozenset(one.exception for one in found.raised if _SAYS_ALL.isdisjoint(catalogue.ancestors(one.exception)))


def covers(run: Pass, clause: Node, calls: Iterable[Node]) -> bool:
    """Whether a handler catches an outage of one of some calls: as `Exception`, or by the name for all its kinds."""
    types = handlers.caught(run, clause)
    if handlers.is_broad(types):
        return True
    named = {catalogue.canonical(one) for one in types}
    return any(named & catalogue.ancestors(raised) for call in calls for raised in _most_general(outages(run, call)))


def _most_general(exceptions: frozenset[str]) -> list[str]:
    return [one for one in exceptions if len(catalogue.ancestors(one) & exceptions) == 1]
