"""Whether a loop is meant to run for ever: a worker that waits for work and does it."""

from __future__ import annotations

import re

from tree_sitter import Node

from shipworthy.syntax import CLASSES, FUNCTIONS, positional_arguments, text_of, walk

_WAITS = frozenset(
    [
        "accept",
        "blpop",
        "brpop",
        "get",
        "get_message",
        "listen",
        "poll",
        "receive",
        "receive_message",
        "receive_messages",
        "recv",
        "recvfrom",
        "run_pending",
        "select",
        "sleep",
        "wait",
        "wait_for",
        "xread",
        "xreadgroup",
    ]
)
"""Calls that wait for something: an endless loop that holds one is a worker."""

_ASKS_A_PERSON = re.compile(r"(?i)^(?:raw_|a)?input$|prompt")

_OF_GAME = re.compile(r"(?:pygame|pg)\.(?:event|display|time)\b")
"""A call in the loop of a game, at whose screen somebody sits too."""

_ENDING_WORDS = ("stop", "exit", "shutdown", "quit", "done", "running", "closed", "alive", "is_set", "active")


def is_worker(condition: Node | None, body: Node) -> bool:
    """Whether a `while` loop with this condition and body waits for something, and never ends by itself."""
    return _is_endless(condition) and _waits(body) and not _is_left(body)


def _is_endless(condition: Node | None) -> bool:
    """`while True`, `while 1`, and `while not stopping` in its many spellings."""
    if condition is None:
        return False
    text = text_of(condition).lower()
    return condition.type in {"true", "integer"} or any(word in text for word in _ENDING_WORDS)


def _waits(body: Node) -> bool:
    """Whether something is waited for or awaited, and nobody who sits at the screen."""
    found = [node for node in walk(body, FUNCTIONS | CLASSES) if node.type in {"await", "call"}]
    calls = [node for node in found if node.type == "call"]
    called = [_last_word(node) for node in calls]
    handed = (text_of(one) for node in calls for one in positional_arguments(node) if one.type == "identifier")
    if any(_ASKS_A_PERSON.search(word) is not None for word in (*called, *handed)):
        return False
    if any(_OF_GAME.match(text_of(node)) is not None for node in calls):
        return False
    return len(called) < len(found) or not _WAITS.isdisjoint(called)


def gives_back(body: Node) -> bool:
    """Whether a loop with this body is over when it has found something, which the function gives back."""
    left = (node for node in walk(body, FUNCTIONS | CLASSES) if node.type == "return_statement")
    return any(node.named_children and node.named_children[0].type != "none" for node in left)


def _last_word(call: Node) -> str:
    return text_of(call.child_by_field_name("function") or call).rpartition(".")[2]


def _is_left(body: Node) -> bool:
    """Whether the loop is left by itself: a `return`, or a `break` that is not one of a loop inside."""
    for found in walk(body, FUNCTIONS | CLASSES):
        if found.type == "return_statement":
            return True
        if found.type == "break_statement":
            around = found.parent
            while around is not None and around != body and around.type not in {"while_statement", "for_statement"}:
                around = around.parent
            if around == body:
                return True
    return False
