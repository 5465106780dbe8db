"""A text and what is known of it: pieces, syntax, lines. Immutable; an edit makes a new Document.

A `Block` never knows where it stands, so that it keeps its tree and every result computed from it
while the text above it grows and shrinks.
"""

from __future__ import annotations

import functools
import hashlib
import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import ParamSpec, TypeVar, cast

from tree_sitter import Node, Tree

from shipworthy import language as languages
from shipworthy.language import Language
from shipworthy.model import Position, Range, Span
from shipworthy.split import Piece, Scope, split

P = ParamSpec("P")
T = TypeVar("T")

_LINE_END = re.compile(r"\r\n|\r|\n")
_HALF_CHARACTER = re.compile(r"[\ud800-\udfff]")
_LONG_LINE = 500
_JOINTS = re.compile(r"[;{}]|,\w+=")
_MANY_JOINTS = 10
_TREE = ("tree", -1)
_NODES = ("nodes", -1)
_WIDE = re.compile(r"[^\x00-\x7f]+")
_LONE_CR = re.compile(r"\r(?!\n)")


def _order(node: Node) -> tuple[int, int]:
    return node.start_byte, -node.end_byte


def _whole_characters(text: str) -> str:
    """The text with U+FFFD for each half of a surrogate pair, which has no bytes; no offset changes."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return _HALF_CHARACTER.sub("\ufffd", text)
    return text


class Block:
    """A top-level construct or a method: the unit of parsing, of evaluation and of caching.

    Offsets are code points from the start of `text`. Two blocks with the same `key` have the same
    tree, facts and findings wherever they stand.
    """

    def __init__(self, text: str, language: Language, piece: Piece) -> None:
        self.text = text
        self.language = language
        self.scopes: tuple[Scope, ...] = piece.scopes
        self.prefix, self._suffix = piece.prefix, piece.suffix
        self._prefixed = len(piece.prefix.encode())
        self._memo: dict[tuple[str, int], object] = {}

    @functools.cached_property
    def key(self) -> str:
        """A digest of all that the block is: its language, the classes around it and its text."""
        owner = ".".join(scope.name for scope in self.scopes)
        head = f"{self.language.id}\0{owner}\0{self.prefix}\0{self._suffix}\0"
        return hashlib.blake2b((head + self.text).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()

    @functools.cached_property
    def line_starts(self) -> tuple[int, ...]:
        """Offsets behind each line end within the block."""
        return tuple(match.end() for match in _LINE_END.finditer(self.text))

    @property
    def has_syntax(self) -> bool:
        """Whether the block's language is parsed at all."""
        return self.language.has_syntax

    @property
    def program(self) -> str:
        """The text between what makes a whole program of it, such as a class header before a method.

        Offsets in it are `len(prefix)` greater than those in the block.
        """
        return self.prefix + self.text + self._suffix

    @property
    def tree(self) -> Tree:
        """The syntax tree of `program`, the same for all threads: nodes of two trees are never equal."""
        return cast(Tree, self._memo.get(_TREE) or self._memo.setdefault(_TREE, self._parsed()))

    def _parsed(self) -> Tree:
        # The grammars do not know that a CR alone ends a line, so they read a LF.
        text = _LONE_CR.sub("\n", self.program) if "\r" in self.program else self.program
        return languages.parser(self.language).parse(text.encode("utf-8", "replace"))

    @property
    def root(self) -> Node:
        """The root of `tree`."""
        return self.tree.root_node

    @functools.cached_property
    def is_broken(self) -> bool:
        """Whether the grammar found an error in the block."""
        return self.has_syntax and self.root.has_error

    @functools.cached_property
    def is_minified(self) -> bool:
        """Whether a tool has pressed the block's program into few lines, for machines to read."""
        if self.language.id not in languages.BRACES or len(self.text) < _LONG_LINE:
            return False
        return any(
            len(line) >= _LONG_LINE and len(_JOINTS.findall(line)) > len(line) / _LONG_LINE * _MANY_JOINTS
            for line in self.text.splitlines()
        )

    def nodes(self, kinds: tuple[str, ...]) -> dict[str, list[Node]]:
        """All nodes of the given kinds, by kind, in the order of the text; the prefix has none."""
        if not self.has_syntax:
            return {}
        known = self.memo(_NODES, dict[str, list[Node]])
        if not all(map(known.__contains__, kinds)):
            missing = tuple(kind for kind in dict.fromkeys((*self.language.landmarks, *kinds)) if kind not in known)
            found: dict[str, list[Node]] = {kind: [] for kind in missing}
            begin = self._prefixed
            for kind, nodes in languages.cursor(self.language, missing).captures(self.root).items():
                nodes.sort(key=_order)  # the binding collects them in a set
                found[kind] = [node for node in nodes if node.start_byte >= begin] if begin else nodes
            known.update(found)  # all at once: another thread may look
        return {kind: nodes for kind in kinds if (nodes := known[kind])}

    def owns(self, node: Node) -> bool:
        """Whether a node begins in the block's own text, not in its prefix."""
        return node.start_byte >= self._prefixed

    def span(self, node: Node) -> Span:
        """Where a node stands in the block's text."""
        return Span(self.offset(node.start_byte), self.offset(node.end_byte))

    def offset(self, byte: int) -> int:
        """The code point offset of a byte offset of the tree."""
        table = self._offsets
        at = (table[byte] if table is not None else byte) - len(self.prefix)
        return min(max(at, 0), len(self.text))

    def source(self, node: Node) -> str:
        """The text of a node."""
        start, end, table = node.start_byte, node.end_byte, self._offsets
        if table is not None:
            start, end = table[start], table[end]
        shift = len(self.prefix)
        return self.text[max(start - shift, 0) : max(end - shift, 0)]

    def memo(self, key: tuple[str, int], compute: Callable[P, T], *of: P.args, **more: P.kwargs) -> T:
        """Remember a value that follows from the block alone, such as the names a function binds.

        The number is the id of the node that the value is about; 0 if it is about none, and holds none.
        """
        if key not in self._memo:
            self._memo[key] = compute(*of, **more)
        return cast(T, self._memo[key])

    def forget_tree(self) -> None:
        """Give back the memory of `tree`, a multiple of the text's, and of what is remembered of its nodes.

        Nobody may be at work with nodes of the block. The tree is made again when somebody asks.
        """
        if _TREE in self._memo:
            self._memo = {key: value for key, value in self._memo.items() if not key[1]}

    def smallest(self, span: Span, kinds: frozenset[str] | None = None) -> Node | None:
        """The smallest node that holds `span`, of one of `kinds` if they are given."""
        start, end = self._byte(span.start), self._byte(span.end)
        node = self.root.descendant_for_byte_range(start, max(start, end))
        while node is not None and kinds is not None and node.type not in kinds:
            node = node.parent
        return node

    def _byte(self, offset: int) -> int:
        if self._offsets is None:
            return offset + len(self.prefix)
        return len((self.prefix + self.text[:offset]).encode("utf-8", "replace"))

    @functools.cached_property
    def _offsets(self) -> list[int] | None:
        """Byte offset to code point offset in `program`, or None where they are the same."""
        if self.program.isascii():
            return None
        table: list[int] = []
        at = 0
        for wide in _WIDE.finditer(self.program):
            table.extend(range(at, wide.start()))
            for index, character in enumerate(wide.group(), wide.start()):
                table.extend([index] * len(character.encode("utf-8", "replace")))
            at = wide.end()
        table.extend(range(at, len(self.program) + 1))
        return table


@dataclass(frozen=True, slots=True)
class _Parts:
    """The blocks of a text, where they stand, and whether it took the `cut` mode to find them."""

    blocks: tuple[Block, ...]
    starts: tuple[int, ...]
    cut: bool


def _parts(blocks: Iterable[Block], cut: bool) -> _Parts:
    found = tuple(blocks)
    return _Parts(found, tuple(accumulate((len(block.text) for block in found), initial=0))[:-1], cut)


class Document:
    """A file's text as pieces of one language. `path` is relative to the project, with `/`."""

    def __init__(self, path: str, text: str, language: Language | None = None) -> None:
        self.path = path
        self.text = _whole_characters(text)
        self.language = language if language is not None else languages.detect(path, self.text)
        self._parts: list[_Parts] = []

    def _block(self, piece: Piece) -> Block:
        return Block(self.text[piece.start : piece.end], self.language, piece)

    @functools.cached_property
    def _split(self) -> _Parts:
        """The blocks, cut when somebody asks: most texts hold nothing that anybody has to look at."""
        if not self._parts:
            pieces, cut = split(self.text, self.language.scan)
            self._parts.append(_parts(map(self._block, pieces), cut))
        return self._parts[0]  # for all threads that ask at once those of the first

    @property
    def blocks(self) -> tuple[Block, ...]:
        """The blocks, which tile the text."""
        return self._split.blocks

    @property
    def starts(self) -> tuple[int, ...]:
        """The offset at which each block stands."""
        return self._split.starts

    @functools.cached_property
    def whole(self) -> Block:
        """The text as one block, for what asks about no syntax."""
        return self._block(Piece(0, len(self.text)))

    def items(self) -> Iterator[tuple[int, Block]]:
        """Each block with the offset at which it stands."""
        return zip(self.starts, self.blocks, strict=True)

    def forget_trees(self) -> None:
        """Give back the memory of all trees; see `Block.forget_tree`."""
        for block in self.blocks:
            block.forget_tree()

    def shared_with(self, before: Sequence[Block]) -> tuple[int, int]:
        """How many of these blocks this document begins with, and how many of the others it ends with."""
        here, most = self.blocks, min(len(self.blocks), len(before))
        front = next((at for at in range(most) if here[at] is not before[at]), most)
        back = next((at for at in range(most - front) if here[-1 - at] is not before[-1 - at]), most - front)
        return front, back

    def blocks_at(self, spans: Iterable[Span]) -> set[int]:
        """The indexes of the blocks that some spans touch."""
        return {at for span in spans for at in range(self.block_at(span.start), self.block_at(span.end) + 1)}

    def block_at(self, offset: int) -> int:
        """The index of the block that holds the character at `offset`; -1 in an empty document."""
        return bisect_right(self.starts, offset) - 1

    @functools.cached_property
    def _line_counts(self) -> tuple[int, ...]:
        return tuple(accumulate((len(block.line_starts) for block in self.blocks), initial=0))

    @property
    def line_count(self) -> int:
        """How many lines the text has; one more than its line ends."""
        return self._line_counts[-1] + 1

    def position(self, offset: int) -> Position:
        """Line and column of an offset. Lines end at CR LF, CR and LF, and nowhere else."""
        offset = min(max(offset, 0), len(self.text))
        index = self.block_at(offset)
        if index < 0:
            return Position(1, 1)
        block, inside = self.blocks[index], offset - self.starts[index]
        row = bisect_right(block.line_starts, inside)
        start = block.line_starts[row - 1] if row else 0
        return Position(self._line_counts[index] + row + 1, inside - start + 1)

    def range(self, span: Span) -> Range:
        """The range of a span."""
        return Range(self.position(span.start), self.position(span.end))

    def range_in(self, key: str, span: Span) -> Range | None:
        """The range of a span of the first block with a key; None if there is no such block."""
        index = next((index for index, block in enumerate(self.blocks) if block.key == key), None)
        return self.range(span.shifted(self.starts[index])) if index is not None else None

    def line_start(self, line: int) -> int:
        """The offset of the first character of a line (from 1); the text's end behind the last line."""
        if line <= 1:
            return 0
        index = bisect_right(self._line_counts, line - 2) - 1
        if index >= len(self.blocks):
            return len(self.text)
        return self.starts[index] + self.blocks[index].line_starts[line - 2 - self._line_counts[index]]

    def line_text(self, line: int) -> str:
        """A line (from 1) without its line end."""
        return self.text[self.line_start(line) : self.line_start(line + 1)].rstrip("\r\n")

    def offset(self, position: Position) -> int:
        """The offset of a position, moved to the nearest one that exists."""
        start = self.line_start(position.line)
        end = start + len(self.line_text(position.line))
        return min(start + max(position.column - 1, 0), end)

    def edited(self, span: Span, text: str) -> Document:
        """This document with the text at `span` replaced, keeping every block the edit did not touch.

        Equal in every respect to `Document(path, new_text)`: a property that tests prove.
        """
        text = _whole_characters(text)
        new = object.__new__(Document)
        new.path, new.language = self.path, self.language
        new.text = self.text[: span.start] + text + self.text[span.end :]
        kept, cut = None if self._split.cut else self._blocks_after_edit(new, span, len(text)), False
        if kept is None:
            pieces, cut = split(new.text, new.language.scan)
            old = {block.key: block for block in self.blocks}
            fresh = [new._block(piece) for piece in pieces]
            kept = [old.get(block.key, block) for block in fresh]
        new._parts = [_parts(kept, cut)]
        return new

    def _blocks_after_edit(self, new: Document, span: Span, length: int) -> list[Block] | None:
        """The blocks of `new`, scanned from the block before the edit until the old borders fit."""
        first = max(self.block_at(span.start) - 1, 0)
        start = self.starts[first] if self.blocks else 0
        scopes = self.blocks[first].scopes if self.blocks else ()
        moved = length - (span.end - span.start)
        fresh: list[Block] = []
        for piece in self.language.scan(new.text, start, scopes, False):
            if piece.unclosed:
                return None
            before = piece.start - moved
            index = self.block_at(before)
            if before > span.end and self.starts[index] == before and self.blocks[index].scopes == piece.scopes:
                return [*self.blocks[:first], *fresh, *self.blocks[index:]]
            fresh.append(new._block(piece))
        return [*self.blocks[:first], *fresh]
