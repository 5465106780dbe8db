"""How complex functions are, and how that has changed since the last commit: values for code lenses.

Knows nothing of LSP. Numbers follow from a block's text, so those of blocks that did not change are kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from shipworthy import complexity, git, sources
from shipworthy.document import Block, Document
from shipworthy.git import GitError
from shipworthy.language import BRACES
from shipworthy.model import Span
from shipworthy.syntax import FUNCTIONS, ancestors, name_of

_WORTH_SHOWING = 6
"""The cyclomatic number from which a function has a lens even if it has not changed."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """A function by its name and the names of what it stands in, the place of its name, and how complex it is."""

    name: str
    span: Span
    cyclomatic: int
    cognitive: int


@dataclass(frozen=True, slots=True)
class Lens:
    """What is shown above the line of `span`."""

    span: Span
    text: str


def lenses(document: Document, before: Mapping[str, Numbers] | None) -> list[Lens]:
    """The lenses of a document. `before`: the numbers in the last commit; None if it has no such file."""
    found: list[Lens] = []
    for one in numbers(document):
        old = before.get(one.name) if before is not None else None
        changed = old is not None and (old.cyclomatic, old.cognitive) != (one.cyclomatic, one.cognitive)
        if one.cyclomatic < _WORTH_SHOWING and not changed:
            continue
        since = ""
        if old is not None and changed:
            less = _signed(one.cyclomatic - old.cyclomatic), _signed(one.cognitive - old.cognitive)
            since = f" ({less[0]} and {less[1]} since HEAD)"
        elif before is not None and old is None:
            since = " (new since HEAD)"
        found.append(Lens(one.span, f"complexity {one.cyclomatic}, cognitive {one.cognitive}{since}"))
    return found


def numbers(document: Document) -> Iterator[Numbers]:
    """The numbers of all functions of a document, in the order of the text."""
    for start, block in document.items():
        for one in block.memo(("numbers", 0), _of_block, block):
            yield Numbers(one.name, one.span.shifted(start), one.cyclomatic, one.cognitive)


def in_last_commit(root: Path, path: str, document: Document) -> Mapping[str, Numbers] | None:
    """The numbers of a file's functions in the last commit, by name; None if they cannot be had. Asks git."""
    inside = git.repository(root)
    try:
        data = git.blob_at_head(inside, path) if inside is not None else None
    except GitError:
        return None
    decoded = sources.decode(data, sources.LARGEST) if data is not None else None
    if not isinstance(decoded, sources.Text):
        return None
    return {one.name: one for one in numbers(Document(path, decoded.text, document.language))}


def _of_block(block: Block) -> tuple[Numbers, ...]:
    kinds = complexity.JAVASCRIPT_FUNCTIONS if block.language.id in BRACES else complexity.PYTHON_FUNCTIONS
    if not block.has_syntax or block.is_broken:
        return ()
    found: list[Numbers] = []
    functions = (node for nodes in block.nodes(tuple(kinds.split("|"))).values() for node in nodes)
    for function in sorted(functions, key=lambda node: node.start_byte):
        if name_of(function) is None:
            continue
        around = [one for one in ancestors(function) if one.type in FUNCTIONS]
        names = [complexity.title(one)[0].strip("`") for one in (*reversed(around), function)]
        owner = [scope.name for scope in block.scopes]
        cyclomatic = 1 + sum(point.amount for point in complexity.cyclomatic(function))
        cognitive = sum(point.amount for point in complexity.cognitive(function))
        span = block.span(complexity.title(function)[1])
        found.append(Numbers(".".join((*owner, *names)), span, cyclomatic, cognitive))
    return tuple(found)


def _signed(number: int) -> str:
    return f"{number:+d}" if number else "±0"
