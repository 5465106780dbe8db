"""What radon counts in a text, statement by statement: what was counted once is kept for the next keystroke.

Volume, branches and lines of a text follow from those of its statements, and a text that changed has
most of its statements still. Its count of lines is done anew in one pass: radon's takes time by the
square of a statement's length.
"""

from __future__ import annotations

import ast
import functools
import importlib
import io
import math
import tokenize
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from shipworthy.split import python, split

_SPACING = frozenset({tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER})
_LINE_ENDS = frozenset({tokenize.NEWLINE, tokenize.NL})
_KEPT = 4096
"""Of so many statements the counts are kept."""


@dataclass(frozen=True, slots=True)
class Lines:
    """Counts of lines as radon has them: logical ones, those with code, and those with a comment."""

    logical: int = 0
    code: int = 0
    comment: int = 0


@dataclass(frozen=True, slots=True)
class _Counts:
    """What radon counts in a statement. `operands`: those that may be equal to another statement's, each with the
    function that it stands in; `others`: how many more there are that are equal to none.
    """

    branches: int
    length: int
    operators: frozenset[str]
    operands: frozenset[tuple[str | None, object]]
    others: int


def measured(text: str) -> tuple[Sequence[str], int, float]:
    """A text's statements, its branches and its volume. Raises what `ast.parse` raises.

    A statement that is nested too deeply for radon, such as a sum of 400 terms, counts for nothing: the
    index of the rest says enough for a hint.
    """
    parts = _statements(text)
    try:
        counts = [found for part in parts if (found := _counts_if_shallow(part)) is not None]
    except SyntaxError:
        parts = (text,)
        counts = [_counts(text)]
    operators: set[str] = set()
    operands: set[tuple[str | None, object]] = set()
    for one in counts:
        operators |= one.operators
        operands |= one.operands
    vocabulary = len(operators) + len(operands) + sum(one.others for one in counts)
    length = sum(one.length for one in counts)
    volume = length * math.log(vocabulary, 2) if vocabulary else 0.0
    return parts, 1 + sum(one.branches for one in counts), volume


def lines(parts: Sequence[str]) -> Lines:
    """What radon's `analyze` counts in statements that were measured. Raises tokenize.TokenError."""
    found = [_lines(part) for part in parts]
    return Lines(sum(one.logical for one in found), sum(one.code for one in found), sum(one.comment for one in found))


def _statements(text: str) -> Sequence[str]:
    """The text in parts, each of them some statements at the left margin with all that belongs to them."""
    starts = [piece.start for piece in split(text, python.scan)[0] if not piece.scopes]
    starts[:1] = [0]
    return [text[start:end] for start, end in zip(starts, [*starts[1:], len(text)], strict=True)]


def _counts_if_shallow(text: str) -> _Counts | None:
    try:
        return _counts(text)
    except (RecursionError, MemoryError):
        return None


@functools.lru_cache(_KEPT)
def _counts(text: str) -> _Counts:
    visitors = importlib.import_module("radon.visitors")
    tree = ast.parse(text)
    found = visitors.HalsteadVisitor.from_ast(tree)
    operands = frozenset(one for one in found.operands_seen if not isinstance(one[1], ast.AST))
    return _Counts(
        branches=visitors.ComplexityVisitor.from_ast(tree).total_complexity - 1,
        length=found.operators + found.operands,
        operators=frozenset(found.operators_seen),
        operands=operands,
        others=len(found.operands_seen) - len(operands),
    )


@functools.lru_cache(_KEPT)
def _lines(text: str) -> Lines:
    logical_lines = importlib.import_module("radon.raw")._logical
    rows = [bool(row.strip()) for row in text.split("\n")]
    logical = code = comment = 0
    for tokens in _logical_lines(text):
        logical += logical_lines([*tokens, (tokenize.ENDMARKER, "")])
        comment += sum(token.type == tokenize.COMMENT for token in tokens)
        said = [token for token in tokens if token.type not in _LINE_ENDS]
        start, end = tokens[0].start[0], tokens[-1].start[0]
        filled = sum(rows[start - 1 : end])
        if len(said) == 1 and said[0].type == tokenize.STRING:
            comment += filled if said[0].start[0] != said[0].end[0] else 0
        elif any(token.type != tokenize.COMMENT for token in said):
            code += filled
    return Lines(logical, code, comment)


def _logical_lines(text: str) -> Iterator[list[tokenize.TokenInfo]]:
    """The tokens of each logical line, and of each line that holds a comment alone or nothing."""
    tokens: list[tokenize.TokenInfo] = []
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type in _SPACING:
            continue
        tokens.append(token)
        is_comment = all(one.type in (tokenize.COMMENT, tokenize.NL) for one in tokens)
        if token.type == tokenize.NEWLINE or (token.type == tokenize.NL and is_comment):
            yield tokens
            tokens = []
