"""What the patterns of a `match` statement bind."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

_PARTS = frozenset({"case_pattern", "dict_pattern", "list_pattern", "splat_pattern", "tuple_pattern"})
"""Patterns that say nothing of what a part of the value is, but that it is there."""


def captured(pattern: Node, *, is_whole: bool = True) -> Iterator[tuple[Node, bool]]:
    """The names that a pattern gives to what it is matched with, each with whether that is the whole of it.

    Of what a pattern asks for its type, or compares with what is written there, it has been seen to.
    """
    if pattern.type == "dotted_name":
        yield from ((one, is_whole) for one in pattern.named_children if pattern.named_child_count == 1)
    elif pattern.type == "identifier":
        yield pattern, is_whole
    elif pattern.type in _PARTS:
        for part in pattern.named_children:
            yield from captured(part, is_whole=is_whole and pattern.type == "case_pattern")
