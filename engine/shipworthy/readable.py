"""Whether a program can still be read once its text has been changed: by its own language, or else by the grammar."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import TypeVar

from shipworthy.document import Document

T = TypeVar("T")


def judge(document: Document) -> Callable[[Document], bool]:
    """How to tell whether a document that has become of this one can be read as well as it."""
    if document.language.id == "python" and _compiles(document):
        return _compiles
    before = _errors(document)
    return lambda after: _errors(after) <= before


def culprits(changes: Sequence[T], is_sound: Callable[[Sequence[T]], bool]) -> list[T]:
    """The changes, of some that cannot all be made, without which the others can be made together."""
    kept, refused = list[T](), list[T]()
    todo = [list(changes)]
    while todo:
        some = todo.pop()
        if is_sound([*kept, *some]):
            kept += some
        elif len(some) == 1:
            refused += some
        else:
            todo += [some[len(some) // 2 :], some[: len(some) // 2]]
    return refused


def _compiles(document: Document) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(document.text, document.path, "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _errors(document: Document) -> int:
    return sum(block.is_broken for block in document.blocks)
