"""Which tables refuse no row, as far as the statements in a file that make them tell."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from shipworthy.document import Block
from shipworthy.rule import Pass

_NAME = r"(?:\w+\.)?[\"'`\[]?(\w+)"
_MAKES = re.compile(
    rf"(?is)\bcreate\s+table\s+(?:if\s+not\s+exists\s+)?{_NAME}[\"'`\]]?\s*\((.*?)(?=\bcreate\s+\w|\"\"\"|'''|\Z)"
)
"""A table's name, and its columns up to the next statement or the end of the text."""
_FILLS = re.compile(rf"(?i)\binsert\s+into\s+{_NAME}")
_REFUSES = re.compile(
    r"(?i)\bunique\b|\breferences\b|\bcheck\s*\("
    r"|(?<!integer )(?<!serial )(?<!identity )\bprimary\s+key\b(?![^,]*(?:auto_?increment|identity|serial))"
)
"""What makes a table refuse a row that it has already, or that belongs to none; a number that counts up does not."""
_ANY_ROW = "takes any row: "


def words(block: Block) -> Iterator[str]:
    """`takes any row: name` for the tables that a block makes without a condition."""
    if "able" in block.text or "ABLE" in block.text:
        for made in _MAKES.finditer(block.text):
            if _REFUSES.search(made[2]) is None:
                yield f"{_ANY_ROW}{made[1].lower()}"


def takes_any_row(run: Pass, call: Node) -> bool:
    """Whether a call puts a row into a table that refuses none, by the words of its file."""
    filled = _FILLS.search(run.text(call))
    return filled is not None and f"{_ANY_ROW}{filled[1].lower()}" in run.facts[run.rule.id]
