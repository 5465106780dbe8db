"""What a function declares of its failures, by its name, its docstring and its comments: that it does what it can and
lets nothing out, or what it gives back then. Whoever reads that is not misled.

Texts and nodes alone: the facts of a file are made with it, and every rule that asks has the same answer.
"""

from __future__ import annotations

import re

from tree_sitter import Node

from shipworthy.syntax import does_nothing, name_of, statements, text_of, walk

_WHOLE = r"todo\b|fixme\b|xxx\b|shipworthy"
_MARKS = re.compile(
    rf"(?i)#[:!\s]*(?:(?:{_WHOLE})[^#]*"
    r"|(?:noqa|nosec|pragma|pylint|type:|pyright|mypy|ruff|flake8|fmt|isort)(?:(?!\s[-\u2013\u2014]+\s)[^#])*)"
)
"""What comments hold for tools, up to the dash behind which a reason may stand; notes of what is left to be done."""
_BEST_EFFORT = re.compile(
    r"(?i)\b(?:never|not|n't|without)\s+(?:ever\s+|be\s+)?(?:raises?|raising|throws?|fails?|failing|fatal)\b"
    r"|\b(?:ignor|swallow|suppress)\w*\s+(?:\w+\s+)?(?:errors?|exceptions?|failures?)\b"
    r"|best[- ]effort|\b(?:tries|attempts) to\b|\bfail(?:s|ing|ed)?[- ](?:open|soft|silent(?:ly)?)\b"
    r"|\b(?:must|should|may|can|will|do|does)(?:n't|(?:\s+not|\s+never))\s+(?:ever\s+)?(?:break|stop|block|crash|abort|interrupt|kill)\b"
    r"|\bnon[- ]?fatal\b|\A\W*[^\n]*\(optional\)"
)
"""How docstrings say that nothing gets out of a function."""
_BY_NAME = re.compile(
    r"_*(?:try|maybe|safe|safely|best_effort)_\w+|\w+_(?:quiet(?:ly)?|silent(?:ly)?|safe(?:ly)?|best_effort)_*"
)
"""Names of functions that say so."""
_FAILED = (
    r"(?:fail\w*|(?<!no )errors?|unavailable|unreachable|unreadable|unparse?able|corrupt\w*|malformed|cannot|can't"
    r"|can not|could not|couldn't|unable|exceptions?|offline|time(?:s|d)? ?out|timeouts?|doesn't work|does not work)"
)
_ON = r"(?:on|upon|if|when|where|for|after|should)"
_EMPTY = r"(?:empty|blank|\[\]|\{\}|\(\)|\"\"|'')"
_COLLECTIONS = frozenset({"list", "dictionary", "tuple", "set"})


def docstring(function: Node | None) -> str:
    """The docstring of a function, with its quotes; "" if it has none."""
    first = next(iter(statements(function.child_by_field_name("body"))), None) if function is not None else None
    is_text = first is not None and does_nothing(first) and any(node.type == "string" for node in walk(first))
    return text_of(first) if first is not None and is_text else ""


def lets_nothing_out(function: Node | None) -> bool:
    """Whether the docstring of a function says that it does what it can, and that no failure gets out of it."""
    return _BEST_EFFORT.search(docstring(function)) is not None


def is_best_effort(function: Node | None) -> bool:
    """Whether a function says so by its docstring or its name: `maybe_resize`, `close_quietly`."""
    name = name_of(function) if function is not None else None
    return (name is not None and _BY_NAME.fullmatch(text_of(name)) is not None) or lets_nothing_out(function)


def is_given_on_failure(function: Node | None, value: Node | None) -> bool:
    """Whether the docstring of a function says that a value stands for a failure: `None if the site is unreachable`."""
    said, word = docstring(function), _spoken(value)
    if not said or not word:
        return False
    behind = rf"{word}\W{{1,4}}(?:\w+\s+){{0,3}}?{_ON}\b[^.;]{{0,80}}?\b{_FAILED}\b"
    before = rf"\b{_ON}\b[^.;]{{0,60}}?\b{_FAILED}\b[^.;]{{0,40}}?(?:\b(?:returns?|gives?)|->|:)[^.;]{{0,15}}?{word}"
    return re.search(rf"(?i){behind}|{before}", said) is not None


def is_reason(comment: str) -> bool:
    """Whether a comment gives a reason; marks for tools give none, but what stands behind a dash there may."""
    return len(re.findall(r"[^\W\d_]{2,}", _MARKS.sub("", comment))) >= 2


def has_reason(clause: Node) -> bool:
    """Whether a comment in a handler gives a reason."""
    return any(node.type == "comment" and is_reason(text_of(node)) for node in walk(clause))


def _spoken(value: Node | None) -> str:
    """How docstrings speak of a value; "" for one that they cannot name in a word."""
    if value is None or value.type == "none":
        return r"\bNone\b"
    if value.type in {"true", "false"}:
        return rf"\b{text_of(value)}\b"
    if value.type == "tuple" and value.named_children and all(one.type == "none" for one in value.named_children):
        return r"\bNone\b"
    is_empty = value.type in _COLLECTIONS and not value.named_children
    if is_empty or text_of(value) in {'""', "''"}:
        return _EMPTY
    return (
        rf"(?<![\w.]){re.escape(text_of(value))}(?![\w.])"
        if value.type in {"integer", "float", "unary_operator"}
        else ""
    )
