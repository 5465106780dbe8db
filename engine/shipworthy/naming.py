"""By what names a Python expression is known where it stands: a hint at what its value is for."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from shipworthy.syntax import FUNCTIONS, ancestors, text_of, walk

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def snake(name: str) -> str:
    """A name in lower case with `_` between its words: `resetToken` is `reset_token`."""
    return re.sub(r"[^a-z0-9]+", "_", _HUMP.sub("_", name).lower()).strip("_")


def given(node: Node) -> Iterator[str]:
    """The names that the value of an expression is given: variables, attributes, arguments, keys, functions."""
    for around in ancestors(node):
        field = {"assignment": "left", "augmented_assignment": "left", "named_expression": "name"}.get(around.type)
        field = field or {"keyword_argument": "name", "pair": "key", "default_parameter": "name"}.get(around.type, "")
        named = around.child_by_field_name(field) if field else None
        if named is not None:
            yield snake(text_of(named))
        if around.type in FUNCTIONS:
            name = around.child_by_field_name("name")
            if name is not None:
                yield snake(text_of(name))
            return


def around(node: Node) -> Iterator[str]:
    """The names that an expression is given, and those that it is made of, in the words of `snake`."""
    yield from given(node)
    yield from (snake(text_of(one)) for one in walk(node) if one.type == "identifier")
