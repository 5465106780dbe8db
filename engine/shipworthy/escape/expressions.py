"""Expressions of one function, each read once: what has been read and made by then, and what was asked of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TypeAlias

from tree_sitter import Node

from shipworthy.document import Block
from shipworthy.escape import absent
from shipworthy.escape.containers import container
from shipworthy.escape.futures import are_futures
from shipworthy.escape.ir import (
    Call,
    Flow,
    Item,
    Operation,
    Path,
    Use,
)
from shipworthy.escape.scope import NOTHING, UNKNOWN, Scope, Value, limited
from shipworthy.model import Span
from shipworthy.syntax import walk

_DEEPEST = 60
"""How deep expressions are followed; beyond, an expression names nothing and makes no calls."""
PARTED = (".split()", ".rsplit()")
"""How paths of lists end that have as many items as somebody else wrote."""
PATTERNS = frozenset({"pattern_list", "tuple_pattern", "list_pattern"})
"""Targets of several names."""
CONSTANTS = frozenset({"integer", "float", "true", "false", "none"})
_WORD = re.compile(r"\w+")
_SEARCHING = frozenset({"all", "any", "len"})
"""Functions that look through all that there is of something."""
_SIMPLE = ("@str", "{", "range()", "error:")
"""How paths begin of what nothing is raised by that goes over it or enters it."""

OTHERS = ""
"""The kind under which the reader stands of all nodes that have none of their own."""


class Expressions:
    """Reads the expressions of a block within a scope.

    The calls they make are appended to `made`, what flows out by `yield` and `return` to `given`; `yielded`: what
    `yield` hands over; `written`: marks of the files of the program's own that are opened to be written; `note`: takes
    what the file holds under a name, see `Extract.attributes`. `read`: the names and attributes that were read so far.
    `readers`: how each kind of node is read.
    `submitted`: the calls that submit a function to be called by others, by its path.
    `run`: the ids of calls whose coroutines are awaited, `dropped`: of those whose results nothing looks at.
    """

    def __init__(
        self, block: Block, scope: Scope, readers: Readers, written: set[str], note: Callable[[str, Path], None]
    ) -> None:
        self.block, self.scope = block, scope
        self._reader, self._reader_of_others = readers.get, readers[OTHERS]
        self.made: list[Operation] = []
        self.given: list[Flow] = []
        self.yielded: list[Path] = []
        self.written, self.note = written, note
        self._program = block.program
        self._bytes = None if self._program.isascii() else self._program.encode("utf-8", "replace")
        self._shift = len(block.prefix)
        self.run: set[int] = set()
        self.dropped: set[int] = set()
        self.read: list[str] = []
        self.submitted: dict[Path, Call] = {}
        self._depth = 0
        self._uses: dict[int, list[Use]] = {}

    def text(self, node: Node) -> str:
        """A node's source text."""
        if self._bytes is None:
            return self._program[node.start_byte : node.end_byte]
        return self._bytes[node.start_byte : node.end_byte].decode("utf-8", "replace")

    def span(self, node: Node) -> Span:
        """Where a node stands in the block."""
        if self._bytes is None:
            return Span(node.start_byte - self._shift, node.end_byte - self._shift)
        return self.block.span(node)

    def value(self, node: Node | None) -> Value:
        """Read an expression."""
        if node is None or self._depth > _DEEPEST:
            return UNKNOWN
        reader = self._reader(node.type, self._reader_of_others)
        self._depth += 1
        found = reader(self, node)
        self._depth -= 1
        if self._uses:
            self.reach(node)
        return found

    def reach(self, node: Node) -> None:
        """A node has been read, or is assigned to: what is used there unseen fails there."""
        if (uses := self._uses.get(node.id)) is not None:
            self.made.extend(uses)

    def note_uses(self, node: Node, call: Call, receiver: Path) -> None:
        """Note where the result of a call is used unseen: what has been read by then has to be known."""
        if (found := absent.use_of(self.block, self.scope, node, call, receiver)) is not None:
            at, use = found
            self._uses.setdefault(at.id, []).append(use)

    def path(self, node: Node | None) -> Path:
        """What an expression names, without taking the calls in it as made."""
        made, self.made = self.made, []
        path = self.value(node).path
        self.made = made
        return path

    def bind(self, target: Node | None, value: Value, item: bool = False) -> frozenset[str]:
        """Assign a value, or an `item` of it, to the names of `target`; gives those names."""
        if target is None:
            return frozenset()
        self.reach(target)
        if target.type == "identifier":
            name = self.text(target)
            self.scope.types[name] = f"{value.path}[]" if item and value.path else value.path if not item else ""
            self.scope.flows[name] = value.flow
            if self.scope.taken:
                self.scope.taken = frozenset(text for text in self.scope.taken if name not in _WORD.findall(text))
            return frozenset({name})
        if target.type in {"attribute", "subscript"}:
            return frozenset()
        names = [self.bind(child, Value("", value.flow)) for child in target.named_children]
        return NOTHING.union(*names)

    def bind_items(self, target: Node | None, source: Node | None) -> tuple[Value, frozenset[str]]:
        """Assign the items of `source`, one by one, to the names of `target`; gives the source, and those names."""
        value = self.value(source)
        parts = self._parts_of_items(source, value.path)
        if target is None or target.type not in PATTERNS or len(parts) != target.named_child_count:
            return value, self.bind(target, value, item=True)
        named = zip(target.named_children, parts, strict=True)
        return value, NOTHING.union(*(self.bind(child, Value(path, value.flow)) for child, path in named))

    def _parts_of_items(self, source: Node | None, path: Path) -> list[Path]:
        """What the parts of an item hold: of `enumerate(a)`, `zip(a, b)`, `mapping.items()` and written out tuples."""
        if path.endswith(".items()"):
            return ["", f"{path.removesuffix('.items()')}[]"]
        if source is not None and source.type in {"list", "tuple"}:
            return self._columns(source)
        if source is None or source.type != "call" or path not in {"enumerate()", "zip()"}:
            return []
        arguments = [one for one in source.named_children[-1].named_children if one.type != "keyword_argument"]
        paths = [inner and f"{inner}[]" for inner in map(self.path, arguments)]
        return ["", *paths[:1]] if path == "enumerate()" else paths

    def _columns(self, table: Node) -> list[Path]:
        """What the parts of an item of a list of tuples hold, each of which has as many."""
        rows = [[one for one in row.named_children if one.type != "comment"] for row in _rows(table)]
        if not rows or len({len(row) for row in rows}) > 1:
            return []
        columns = (container(map(self.path, column), by_key=False) for column in zip(*rows, strict=True))
        return [f"{column}[]" if column else "" for column in columns]

    def implied(self, node: Node, value: Value, method: str) -> None:
        """A statement calls a method of a value: a loop `__iter__`, a with statement `__enter__`."""
        if value.path and not value.path.startswith(_SIMPLE):
            self.made.append(Call(self.span(node), f"{value.path}.{method}", receiver=value.flow))

    def fill(self, name: str, value: Value) -> None:
        """A value is put into what a local name holds."""
        scope = self.scope
        if name in scope.flows:
            scope.flows[name] = limited(scope.flows[name] | value.flow)
            held = scope.types.get(name)
            if not held or (are_futures(value.path) and not are_futures(held)):
                scope.types[name] = container([value.path], by_key=False)

    def names_since(self, mark: int, until: int | None = None) -> frozenset[str]:
        """The names that were read since there were `mark` of them, and before there were `until`."""
        names = self.read[mark:until]
        return frozenset(names) if names else NOTHING

    def in_own_list(self, read: Callable[[], None]) -> tuple[Operation, ...]:
        """The operations that `read` makes, kept out of `made`."""
        made, self.made = self.made, []
        read()
        inner, self.made = self.made, made
        return tuple(inner)

    def take(self, node: Node, container: Value, mark: int, exception: str = "KeyError") -> None:
        """Something is taken out of a container, both of which were read since `mark`."""
        names = self.names_since(mark)
        text = self.text(node)
        is_there = self._is_first_of_tested(node) or text in self.scope.taken
        self.scope.taken |= {text}
        guarded = is_there or self.is_guarded(names) or not self.scope.keyed.isdisjoint(names)
        self.made.append(Item(self.span(node), container.flow, container.path, names, guarded, exception))

    def take_header(self, node: Node, headers: Value, mark: int) -> None:
        """A header is taken that an answer may lack; what it is taken out of was read since `mark`."""
        names = self.names_since(mark)
        is_there = self.text(node) in self.scope.taken or not self.scope.keyed.isdisjoint(names)
        if not is_there and not self.is_guarded(names):
            self.made.append(Call(self.span(node), f"{headers.path}.__getitem__", receiver=headers.flow, names=names))

    def _is_first_of_tested(self, node: Node) -> bool:
        """Whether the first or last part is taken of what was tested to be something."""
        parts = [self.text(child) for child in node.named_children]
        return node.type == "subscript" and parts[1:] in (["0"], ["-1"]) and parts[0] in self.scope.tested

    def note_tested(self, condition: Node) -> None:
        """Whoever asks whether a value is something at all has looked at it."""
        if condition.type in {"identifier", "attribute"} or condition.type == "call":
            self.scope.tested |= {self.text(condition)}
            if condition.type == "call" and self.text(condition.named_children[0]) in _SEARCHING:
                read = (part for part in walk(condition.named_children[-1]) if part.type == "identifier")
                self.scope.tested |= set(map(self.text, read))
        elif condition.type in {"boolean_operator", "not_operator", "parenthesized_expression"}:
            for child in condition.named_children:
                self.note_tested(child)

    def is_something(self, node: Node, value: Value) -> bool:
        """Whether there is something in what an argument gives: it is written out, or was tested, or what its items
        come from.
        """
        if node.type in {"list", "tuple"}:
            return any(not one.type.endswith("splat") for one in node.named_children)
        scope = self.scope
        sources = {atom.partition("|")[0] for atom in value.flow}
        return self.text(node) in scope.tested or any(
            atom.partition("|")[0] in sources
            for name in scope.tested | scope.there
            for atom in scope.flows.get(name, NOTHING)
        )

    def note_holding(self, names: frozenset[str], text: str | None) -> None:
        """What was read with these names was tested to hold a text."""
        if text:
            self.scope.holding |= {(name, text) for name in names}

    def is_parted(self, names: frozenset[str], separator: str | None) -> bool:
        """Whether what was read with these names was tested to hold a separator, None for white space."""

        def parts(text: str) -> bool:
            return separator in text if separator else any(map(str.isspace, text))

        return names <= {name for name, text in self.scope.holding if parts(text)}

    def take_match(self, node: Node, items: Value, mark: int, exception: str) -> None:
        """One of those items is taken that meet a condition, all of which was read since `mark`."""
        names = self.names_since(mark)
        guarded = self.is_guarded(names)
        self.made.append(Item(self.span(node), items.flow, items.path, names, guarded, exception, chosen=True))

    def choose(self, node: Node, container: Value, key: Value, mark: int) -> None:
        """A value chooses what is taken out of a container, both of which were read since `mark`."""
        names = self.names_since(mark)
        self.made.append(
            Item(self.span(node), key.flow, container.path, names, self.is_guarded(names), "KeyError", chosen=True)
        )

    def is_guarded(self, names: frozenset[str], *, parsed: bool = False) -> bool:
        """Whether one of some names was tested before; for what is `parsed`, whether somebody asked what it says."""
        scope = self.scope
        return not scope.guarded.isdisjoint(names) or not (parsed or scope.there.isdisjoint(names))


Reader: TypeAlias = Callable[[Expressions, Node], Value]
Readers: TypeAlias = Mapping[str, Reader]


def _rows(table: Node) -> list[Node]:
    """The tuples of a list that holds nothing else."""
    items = [one for one in table.named_children if one.type != "comment"]
    return items if all(one.type in {"tuple", "list"} for one in items) else []


def literal(here: Expressions, node: Node) -> str | None:
    """The text of a short literal: of a string its content, of other constants their source."""
    if node.type == "string":
        parts = node.named_children
        if len(parts) == 3 and parts[1].type == "string_content":
            return here.text(parts[1])[:80]
        return "" if len(parts) == 2 else None
    return here.text(node) if node.type in CONSTANTS else None
