"""Whether a literal is one of many of its kind, as in a table of digests or identifiers."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from shipworthy import syntax
from shipworthy.document import Block
from shipworthy.secrets import values
from shipworthy.secrets.context import LITERALS, content_of

_COLLECTIONS = frozenset({"list", "set", "tuple", "array", "dictionary", "object"})
_BORDERS = frozenset({"argument_list", "arguments", "expression_statement", "block", "statement_block"})


def is_in_table(block: Block, literal: Node, enough: int) -> bool:
    """Whether at least `enough` other items of the collection around a literal look random as well."""
    for other in _others(literal):
        span = content_of(block, other)
        enough -= values.is_random(block.text[span.start : span.end])
        if enough <= 0:
            return True
    return False


def _others(literal: Node) -> Iterator[Node]:
    for around in syntax.ancestors(literal):
        if around.type in _BORDERS:
            return
        if around.type in _COLLECTIONS:
            yield from (node for node in syntax.walk(around) if node.type in LITERALS and node != literal)
            return
