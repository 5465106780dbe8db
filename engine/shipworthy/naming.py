"""By what names a Python expression is known where it stands: a hint at what its value is for."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from shipworthy.syntax import FUNCTIONS, ancestors, dotted, own, text_of, walk

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")

_FIELDS = {
    **{"assignment": "left", "augmented_assignment": "left", "named_expression": "name"},
    **{"keyword_argument": "name", "pair": "key", "default_parameter": "name"},
}
_FORMS = re.compile(
    r"join|str|repr|bytes|bytearray|encode|decode|format|hex|\w*digest|\w*b64encode|hexlify|md5|sha\d*|hmac|list|tuple"
    r"|sorted|int|chr|map|filter|choice|choices|sample|upper|lower|strip|replace|zfill|quote|to_bytes|format_map|append"
)
"""Functions whose result is another form of what they are given."""


def snake(name: str) -> str:
    """A name in lower case with `_` between its words: `resetToken` is `reset_token`."""
    return re.sub(r"[^a-z0-9]+", "_", _HUMP.sub("_", name).lower()).strip("_")


def given(node: Node) -> Iterator[str]:
    """The names that the value of an expression is given: variables, attributes, arguments, keys, functions.

    What is handed to a call is the call's, unless the call makes but another form of it.
    """
    last = ""
    for around in ancestors(node):
        if around.type in FUNCTIONS:
            name = around.child_by_field_name("name")
            if name is not None and (not last or _is_returned(around, last)):
                yield snake(text_of(name))
            return
        field = _FIELDS.get(around.type, "")
        named = around.child_by_field_name(field) if field else None
        if named is not None:
            last = text_of(named)
            yield snake(last)
        if around.type in {"keyword_argument", "pair"} or (around.type == "argument_list" and not _is_form(around)):
            return


def _is_form(arguments: Node) -> bool:
    """Whether a call gives its argument back in another form."""
    call = arguments.parent
    return call is not None and _FORMS.fullmatch(dotted(call).rpartition(".")[2]) is not None


def _is_returned(function: Node, name: str) -> bool:
    """Whether a function returns what a variable holds, in whatever form."""
    for node in own(function):
        if node.type == "identifier" and text_of(node) == name:
            for around in ancestors(node):
                if around.type in {"return_statement", "yield"}:
                    return True
                if around.type == "block" or (around.type == "argument_list" and not _is_form(around)):
                    break
    return False


def around(node: Node) -> Iterator[str]:
    """The names that an expression is given, and those that it is made of, in the words of `snake`."""
    yield from given(node)
    yield from (snake(text_of(one)) for one in walk(node) if one.type == "identifier")
