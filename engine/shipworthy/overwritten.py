"""What a `try` fails to read, takes for empty, and what is written over all the same: a file, an object in a bucket, or
the entry of a store under a key.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from tree_sitter import Node

from shipworthy import commands, handlers, rewritten
from shipworthy.syntax import (
    FUNCTIONS,
    assigned,
    dotted,
    function_around,
    keyword_arguments,
    last_word,
    names_in,
    own,
    positional_arguments,
    targets,
    text_of,
    walk,
)

ON_PATHS = frozenset({"read_text", "read_bytes", "write_text", "write_bytes", "open"})
"""Calls that open, read or write a file."""
_DOWNLOADS = frozenset({"download_as_text", "download_as_string", "download_as_bytes", "download_blob"})
_UPLOADS = frozenset({"upload_from_string", "upload_from_file", "upload_from_filename", "upload_blob"})
"""What objects in a bucket are read and written by that know their own name."""
_BY_KEY = {"get": 1, "hget": 2, "set": 1, "put": 1, "hset": 2}
"""What reads and writes the entries of a store, and by how many names it knows one."""
_EXPIRES = frozenset({"ex", "px", "exat", "pxat", "ttl", "timeout", "expire", "expires", "expiration"})
"""Options by which an entry is kept for a while only."""
_OF_CACHE = re.compile(r"(?i)cache|memo(?:ize|ry)?\b|session|lock|rate")
"""What stores and keys are called whose entries can be made again, or are soon gone."""
_OPENS_STORE = re.compile(r"(?:shelve\.open|dbm(?:\.\w+)?\.open|(?:sqlitedict\.)?SqliteDict)\b")
"""Calls that open a file which is used like a dictionary."""
_CONSTANTS = frozenset({"integer", "float", "none", "true", "false", "string"})
_COLLECTIONS = frozenset({"dictionary", "list", "tuple", "set"})
_LONG = 40


class Entry(NamedTuple):
    """What a store holds under a key: the store and the key as they are written, and what a message calls it."""

    store: str
    key: str
    spoken: str


def written_over(clause: Node) -> str:
    """What a `try` fails to read and what is written anew behind it all the same, "" if there is none."""
    return file(clause) or entry(clause)


def file(clause: Node) -> str:
    """The file that a `try` fails to read and that is written anew behind it."""
    attempt, function = clause.parent, function_around(clause)
    if attempt is None or function is None:
        return ""
    read = {_file(call) for call in handlers.calls(handlers.tried(clause)) if not rewritten.is_anew(call)} - {""}
    if not read:
        return ""
    behind = (call for call in own(function, "call") if call.start_byte >= attempt.end_byte)
    written = [_file(call) for call in behind if rewritten.is_anew(call)]
    return next((one for one in written if one in read), "")


def _file(call: Node) -> str:
    """The file that a call opens, reads or writes, as the text names it."""
    place = rewritten.place_of(call) if last_word(call) in ON_PATHS else None
    return text_of(place) if place is not None else ""


def entry(clause: Node) -> str:
    """The entry of a store that a `try` fails to read, and that is written back behind it, made of what stands for it.

    A cache is no such store, nor is an entry lost of which somebody asks behind the `try` whether it was there.
    """
    attempt, function = clause.parent, function_around(clause)
    if attempt is None or function is None:
        return ""
    tried = [*handlers.own(handlers.tried(clause))]
    read = {one[:2] for node in tried if (one := _read(node, function)) is not None}
    names = {text_of(name) for node in tried for name in _bound_by(node)}
    if not read or not names:
        return ""
    behind = [node for node in own(function) if node.start_byte >= attempt.end_byte]
    if any(node.type == "identifier" and text_of(node) in names and _is_asked(node) for node in behind):
        return ""
    made = _made_of(behind, names)
    for node in behind:
        written = _written(node)
        if written is not None and written[0][:2] in read and any(names_in(value) & made for value in written[1]):
            return written[0].spoken
    return ""


def is_of_bucket(clause: Node) -> bool:
    """Whether a `try` reads an object in a bucket."""
    calls = handlers.calls(handlers.tried(clause))
    return any(last_word(call) in _DOWNLOADS or last_word(call) == "get_object" for call in calls)


def is_start(assignment: Node) -> bool:
    """Whether a variable is given what one begins with where there is nothing yet: `{}`, `{"sent": 0}`, `0`."""
    value = assignment.child_by_field_name("right")
    return value is not None and (value.type == "integer" or (value.type in _COLLECTIONS and _is_constant(value)))


def _is_constant(value: Node) -> bool:
    if value.type == "pair":
        held = value.child_by_field_name("value")
        return held is not None and _is_constant(held)
    return value.type in _CONSTANTS or (value.type in _COLLECTIONS and all(map(_is_constant, value.named_children)))


def _read(node: Node, function: Node) -> Entry | None:
    """The entry that a node reads."""
    if node.type == "subscript":
        return _item(node, function)
    return _of_call(node, reads=True) if node.type == "call" else None


def _written(node: Node) -> tuple[Entry, list[Node]] | None:
    """The entry that a node writes, and what it puts there."""
    if node.type == "call":
        found = _of_call(node, reads=False)
        return (found, [*positional_arguments(node), *keyword_arguments(node).values()]) if found is not None else None
    target, value = node.child_by_field_name("left"), node.child_by_field_name("right")
    function = function_around(node)
    if node.type not in {"assignment", "augmented_assignment"} or target is None or value is None or function is None:
        return None
    found = _item(target, function) if target.type == "subscript" else None
    return (found, [value]) if found is not None else None


def _of_call(call: Node, *, reads: bool) -> Entry | None:
    """The entry that a call reads or writes."""
    word, function = last_word(call), call.child_by_field_name("function")
    owner = function.child_by_field_name("object") if function is not None else None
    if owner is None:
        return None
    store, given, named = text_of(owner), positional_arguments(call), keyword_arguments(call)
    if word == ("get_object" if reads else "put_object"):
        return (
            _entry(f"{store} {text_of(named['Bucket'])}", [named["Key"]]) if {"Bucket", "Key"} <= named.keys() else None
        )
    if word in (_DOWNLOADS if reads else _UPLOADS):
        return _entry(store, [owner])
    if word not in ({"get", "hget"} if reads else {"set", "put", "hset"}):
        return None
    if not given:  # an object of a bucket that knows its own name
        return _entry(store, [owner]) if reads or "Body" in named else None
    count = _BY_KEY[word]
    is_kept = reads or (len(given) <= count + 1 and not _EXPIRES & named.keys())
    is_known = len(given) == count if reads else len(given) >= count
    return _entry(store, given[:count]) if is_known and is_kept else None


def _item(subscript: Node, function: Node) -> Entry | None:
    """The item of a file that is used like a dictionary."""
    held, key = subscript.child_by_field_name("value"), subscript.child_by_field_name("subscript")
    if held is None or key is None or held.type != "identifier" or _OPENS_STORE.search(text_of(function)) is None:
        return None
    made = (value for target, value in assigned(function) if text_of(target) == text_of(held))
    is_store = any(_OPENS_STORE.match(dotted(value)) is not None for value in made)
    return _entry(text_of(held), [key]) if is_store else None


def _entry(store: str, keys: list[Node]) -> Entry | None:
    key = ", ".join(map(text_of, keys))
    if _OF_CACHE.search(f"{store} {key}") is not None:
        return None
    is_short = len(key) <= _LONG and "\n" not in key
    return Entry(store, key, key if is_short else "it")


def _bound_by(node: Node) -> Iterator[Node]:
    """The variables that an assignment binds."""
    target = node.child_by_field_name("left") if node.type == "assignment" else None
    if target is not None:
        yield from targets(target)


def _is_asked(name: Node) -> bool:
    """Whether somebody asks if a variable holds anything: `if not found`, `found is None`, `found or {}`."""
    around = name.parent
    is_left = around is not None and around.type == "comparison_operator" and around.named_children[0] == name
    return commands.is_condition(name) or (is_left and around is not None and len(around.named_children) == 2)


def _made_of(nodes: list[Node], names: set[str]) -> set[str]:
    """Variables, and those that are made of them."""
    found = set(names)
    for node in nodes:
        value = node.child_by_field_name("right") if node.type in {"assignment", "augmented_assignment"} else None
        if value is not None and any(
            one.type == "identifier" and text_of(one) in found for one in walk(value, FUNCTIONS)
        ):
            found |= {text_of(one) for one in _bound_by(node)}
    return found
