"""Expressions of one function, each read once: what it names, where its value comes from, which
calls it makes."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeAlias

from tree_sitter import Node

from shipworthy.document import Block
from shipworthy.escape import absent, stored
from shipworthy.escape.catalogue import beginning
from shipworthy.escape.containers import container
from shipworthy.escape.ir import (
    DIGITS,
    KEYED,
    MADE,
    PARAMETER,
    QUEUED,
    RECEIVER,
    SHARED,
    SPLAT,
    Call,
    Flow,
    Item,
    Loop,
    Operation,
    Path,
    Use,
    Yield,
)
from shipworthy.escape.refusals import as_insert
from shipworthy.escape.scope import NOTHING, TEXT, UNKNOWN, Scope, Value, limited, union
from shipworthy.escape.words import (
    APPLICATION,
    APPLICATION_STATE,
    AWAITING,
    CHECKED_ATTRIBUTES,
    DOWNLOADING,
    ENVELOPE,
    GUARDS,
    HOLDING,
    MEASURES,
    ONE_OF_ALL,
    OWN_ATTRIBUTES,
    PARSING,
    PASSING_METHODS,
    PICKING,
    REQUEST_NAME,
    SUBSCRIBED,
    THERE,
)
from shipworthy.model import Span
from shipworthy.syntax import walk

_DEEPEST = 60
"""How deep expressions are followed; beyond, an expression names nothing and makes no calls."""

_OPAQUE = frozenset(
    {"lambda", "function_definition", "class_definition", "comment", "type", "ellipsis", "format_specifier"}
)
PARTED = (".split()", ".rsplit()")
"""How paths of lists end that have as many items as somebody else wrote."""
_LOADED = re.compile(r"\w+\(\)(?:\[\])*$")
"""What a path looks like of what a function gives, or of what is taken out of that."""
_WORD = re.compile(r"\w+")
_POSITION = re.compile(r"-?\d+$")
_FORMATTED = re.compile(r"[bBrR]?[fFtT]")
_GUARDS = GUARDS | {"keys", "set", "isinstance"}
_GUARDING = ("is_", "valid", "check_", "has_")
"""Calls that test what they are given, and how the names of others begin."""
_CHECKED_OR_OWN = CHECKED_ATTRIBUTES | OWN_ATTRIBUTES
_POSITIONS = frozenset({"slice", "integer", "unary_operator"})
_CONSTANTS = frozenset({"integer", "float", "true", "false", "none"})


class Expressions:
    """Reads the expressions of a block within a scope.

    The calls they make are appended to `made`, what flows out by `yield` and `return` to `given`; `yielded`: what
    `yield` hands over; `written`: marks of the files of the program's own that are opened to be written; `note`: takes
    what the file holds under a name, see `Extract.attributes`.
    """

    def __init__(self, block: Block, scope: Scope, written: set[str], note: Callable[[str, Path], None]) -> None:
        self.block, self.scope = block, scope
        self.made: list[Operation] = []
        self.given: list[Flow] = []
        self.yielded: list[Path] = []
        self.written, self.note = written, note
        self._program = block.program
        self._bytes = None if self._program.isascii() else self._program.encode("utf-8", "replace")
        self._shift = len(block.prefix)
        self.run: set[int] = set()
        self.dropped: set[int] = set()
        self._read: list[str] = []
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
        reader = _READERS.get(node.type, _joined)
        self._depth += 1
        found = reader(self, node)
        self._depth -= 1
        self.reach(node)
        return found

    def reach(self, node: Node) -> None:
        """A node has been read, or is assigned to: what is used there unseen fails there."""
        if self._uses:
            self.made.extend(self._uses.get(node.id, ()))

    def note_uses(self, node: Node, call: Call, receiver: Path) -> None:
        """Note where the result of a call is used unseen: what has been read by then has to be known."""
        for at, use in absent.uses(self.block, self.scope, node, call, receiver):
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
                self.scope.taken = {text for text in self.scope.taken if name not in _WORD.findall(text)}
            return frozenset({name})
        if target.type in {"attribute", "subscript"}:
            return frozenset()
        names = [self.bind(child, Value("", value.flow)) for child in target.named_children]
        return frozenset[str]().union(*names)

    def bind_items(self, target: Node | None, source: Node | None) -> tuple[Value, frozenset[str]]:
        """Assign the items of `source`, one by one, to the names of `target`; gives the source, and those names."""
        value = self.value(source)
        parts = self._parts_of_items(source, value.path)
        if target is None or target.type not in PATTERNS or len(parts) != target.named_child_count:
            return value, self.bind(target, value, item=True)
        named = zip(target.named_children, parts, strict=True)
        return value, frozenset[str]().union(*(self.bind(child, Value(path, value.flow)) for child, path in named))

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
            scope.types[name] = scope.types.get(name) or container([value.path], by_key=False)

    def names_since(self, mark: int) -> frozenset[str]:
        """The names that were read since `mark`, a value that `mark()` gave before."""
        return frozenset(self._read[mark:])

    def mark(self) -> int:
        """Where the list of read names stands now."""
        return len(self._read)

    def in_own_list(self, read: Callable[[], None]) -> tuple[Operation, ...]:
        """The operations that `read` makes, kept out of `made`."""
        made, self.made = self.made, []
        read()
        inner, self.made = self.made, made
        return tuple(inner)

    def take(self, node: Node, container: Value, mark: int, exception: str = "KeyError") -> None:
        """Something is taken out of a container, both of which were read since `mark`."""
        names = self.names_since(mark)
        is_there = self._is_first_of_tested(node) or self.text(node) in self.scope.taken
        self.scope.taken.add(self.text(node))
        guarded = is_there or self.is_guarded(names) or not self.scope.keyed.isdisjoint(names)
        self.made.append(Item(self.span(node), container.flow, container.path, names, guarded, exception))

    def _is_first_of_tested(self, node: Node) -> bool:
        """Whether the first or last part is taken of what was tested to be something."""
        parts = [self.text(child) for child in node.named_children]
        return node.type == "subscript" and parts[1:] in (["0"], ["-1"]) and parts[0] in self.scope.tested

    def note_tested(self, condition: Node) -> None:
        """Whoever asks whether a value is something at all has looked at it."""
        if condition.type in {"identifier", "attribute"} or condition.type == "call":
            self.scope.tested.add(self.text(condition))
            if condition.type == "call" and self.text(condition.named_children[0]) in _SEARCHING:
                read = (part for part in walk(condition.named_children[-1]) if part.type == "identifier")
                self.scope.tested.update(map(self.text, read))
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
            self.scope.holding.update((name, text) for name in names)

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

    def note_read(self, name: str) -> None:
        """A name or attribute is read."""
        self._read.append(name)


def _rows(table: Node) -> list[Node]:
    """The tuples of a list that holds nothing else."""
    items = [one for one in table.named_children if one.type != "comment"]
    return items if all(one.type in {"tuple", "list"} for one in items) else []


Reader: TypeAlias = Callable[[Expressions, Node], Value]


def _identifier(here: Expressions, node: Node) -> Value:
    name = here.text(node)
    here.note_read(name)
    scope = here.scope
    nested = scope.functions.get(name)
    if nested is not None:
        return Value(nested, NOTHING)
    path = scope.types.get(name)
    if path is None:
        return Value(name, frozenset({name}))
    return Value(path, scope.flows.get(name, NOTHING))


def _attribute(here: Expressions, node: Node) -> Value:
    children = node.named_children
    inner = here.value(children[0])
    name = here.text(children[-1])
    here.note_read(name)
    if not inner.path:
        return Value("", inner.flow)
    path = f"{inner.path}.{name}"
    holder = here.text(children[0])
    if (holder.endswith("state") and APPLICATION_STATE.search(holder)) or inner.path in _FLASK:
        return Value(f"{SHARED}{name}", NOTHING)
    own = name in OWN_ATTRIBUTES and REQUEST_NAME.search(inner.path)
    in_own = not inner.flow and inner.path.rpartition(".")[2] in _CHECKED_OR_OWN
    if name in CHECKED_ATTRIBUTES or name in MEASURES or own or in_own:
        return Value(path, NOTHING)  # what the program itself put there, and all that is in it
    return Value(path, limited(inner.flow | {path}))


def _digest(key: str | None) -> str:
    """What stands for a key that is written out: no text of a program is kept."""
    return hashlib.blake2b(key.encode("utf-8", "replace"), digest_size=6).hexdigest() if key else ""


def _subscript(here: Expressions, node: Node) -> Value:
    children = node.named_children
    mark = here.mark()
    if here.text(children[0]).rpartition(".")[2] in {"Annotated", "Optional"} and len(children) > 1:
        return here.value(children[1])  # a type by another name
    inner = here.value(children[0])
    keys = [here.value(child) for child in children[1:]]
    key = literal(here, children[1]) if len(children) == 2 and children[1].type == "string" else None
    if APPLICATION.search(here.text(children[0])) and (shared := _digest(key) or _constant_name(here, children[1:])):
        return Value(f"{SHARED}{shared}", NOTHING)
    if len(children) == 2 and inner.flow and inner.path and _names_columns(here, children[1]):
        is_tested = not (here.scope.guarded | here.scope.keyed).isdisjoint(here.names_since(mark))
        guarded = frozenset({RECEIVER}) if is_tested else frozenset[str]()
        called = f"{inner.path}.__getitem__"
        here.made.append(
            Call(here.span(node), called, receiver=inner.flow, names=here.names_since(mark), guarded=guarded)
        )
    if len(children) == 2 and _POSITION.match(here.text(children[1])) and _is_filtered(here, children[0]):
        here.take_match(node, inner, mark, "IndexError")
    outermost = children[0].type != "subscript"  # a["b"]["c"]: who has not checked the first has not checked the second
    if outermost and inner.flow and key and key not in ENVELOPE:
        if (_COLUMNS, key) not in here.scope.holding:
            here.take(node, inner, mark)
    elif len(children) == 2 and _may_be_short(inner.path, here.text(children[1])):
        here.take(node, inner, mark, "IndexError")
    elif len(keys) == 1 and keys[0].flow and _is_table(inner.path):
        here.choose(node, inner, keys[0], mark)
    return UNKNOWN if key in SUBSCRIBED else Value(f"{inner.path}[]" if inner.path else "", inner.flow)


def _is_filtered(here: Expressions, node: Node) -> bool:
    """Whether an expression gives those items that meet a condition: there may be none."""
    if node.type in {"list_comprehension", "generator_expression"}:
        return any(one.type == "if_clause" for one in node.named_children)
    if node.type != "call":
        return False
    function, given = here.text(node.named_children[0]), node.named_children[-1]
    if function == "list":
        items = given.named_children if given.type == "argument_list" else [given]
        return len(items) == 1 and _is_filtered(here, items[0])
    return function == "filter"


def _names_columns(here: Expressions, key: Node) -> bool:
    """Whether a key may be several columns of a table: a list of texts, or a constant."""
    if key.type == "list":
        return bool(key.named_children) and all(one.type == "string" for one in key.named_children)
    return bool(_constant_name(here, [key]))


def _constant_name(here: Expressions, keys: Sequence[Node]) -> str:
    """The name of a constant, if it is the only key; "" for others."""
    name = here.text(keys[0]) if len(keys) == 1 and keys[0].type == "identifier" else ""
    return name if name.isupper() else ""


_COLUMNS = "fieldnames"
"""The attribute of a reader of CSV that holds what keys all of its rows have."""


def _may_be_short(source: Path, index: str) -> bool:
    """Whether a list is made of something so that an item at an index may be missing; the first of a split is there.

    Whether what a call gives may be empty is for those to say who know what it calls.
    """
    if source.endswith(PARTED):
        return index.isdigit() and index != "0"
    return index.removeprefix("-").isdigit() and source.endswith((".args", "()"))


def _is_table(source: Path) -> bool:
    """Whether a path may stand for a mapping that the program has written out once and for all, or has loaded."""
    return source.startswith("{") or source.rpartition(".")[2].strip("_").isupper() or bool(_LOADED.match(source))


def _inner(here: Expressions, node: Node) -> Value:
    children = node.named_children
    return here.value(children[-1]) if children else UNKNOWN


def _await(here: Expressions, node: Node) -> Value:
    inner = node.named_children[-1]
    here.run.add(inner.id)
    if node.id in here.dropped:
        here.dropped.add(inner.id)
    return here.value(inner)


def _string(here: Expressions, node: Node) -> Value:
    if not _FORMATTED.match(here.text(node)):
        return TEXT
    if node.named_child_count <= 3 and all(child.type != "interpolation" for child in node.named_children):
        return TEXT
    flows = [
        here.value(child.named_children[0]).flow
        for child in node.named_children
        if child.type == "interpolation" and child.named_children
    ]
    return Value("@str", _made_of(flows))


def _joined(here: Expressions, node: Node) -> Value:
    return Value("", union([here.value(child).flow for child in node.named_children]))


def _container(here: Expressions, node: Node) -> Value:
    """A mapping, list or tuple that is written out.

    The keys of a mapping are there, whatever its values hold; what is poured into it stays what it is.
    """
    by_key = node.type == "dictionary"
    paths: list[Path] = []
    paired: list[Flow] = []
    others: list[Flow] = []
    is_whole = bool(node.named_children)
    for child in node.named_children:
        if child.type == "pair":
            key, value = (here.value(child.child_by_field_name(part)) for part in ("key", "value"))
            paired += [key.flow, value.flow]
            paths.append(value.path)
        elif child.type != "comment":
            value = here.value(child)
            others.append(value.flow)
            paths.append(value.path)
            is_whole = is_whole and child.type not in {"dictionary_splat", "list_splat"}
    path = container(paths, by_key=by_key) if is_whole or not by_key else ""
    return Value(path, union([_through(KEYED, union(paired)), *others]))


def _constant(here: Expressions, node: Node) -> Value:
    return UNKNOWN


_TYPES = frozenset({"float", "int"})
"""Types of which conditions of the catalogue ask, as of literals."""
_SIZES = frozenset({"len", "columns"})
"""Names that tell of a comparison that it asks how much there is."""


def _compared(here: Expressions, node: Node) -> Value:
    """A comparison: who asks for a length, or whether something is in something else, has looked at it.

    Of an attribute that says nothing of the whole object, and of a key nothing of what stands under it.
    """
    mark = here.mark()
    names: set[str] = set()
    children = node.named_children
    for number, child in enumerate(children):
        before = here.mark()
        here.value(child)
        of_part = child.type == "attribute" and number == 0
        names |= {here.text(child.named_children[-1])} if of_part else here.names_since(before)
    contains = any(child.type in {"in", "not in"} for child in node.children)
    text = literal(here, children[0]) if contains and children[0].type == "string" else None
    here.note_holding(here.names_since(mark), text)
    if text is not None and text.isidentifier() and children[-1].type == "identifier":
        here.scope.keyed |= names
    elif contains and "columns" in names:
        here.scope.keyed |= names - {"self"}
    elif contains:
        here.scope.guarded |= names - {"self"}
    elif not _SIZES.isdisjoint(here.names_since(mark)):
        here.scope.there |= names - {"self"}
    return UNKNOWN


_FLASK = frozenset({"g", "flask.g"})
"""What Flask calls the object that holds what a request shares."""
_FILLING = frozenset({"add", "append", "appendleft", "extend", "insert", "update"})
"""Methods that put their last argument into their object."""
PATTERNS = frozenset({"pattern_list", "tuple_pattern", "list_pattern"})
"""Targets of several names."""
_SEARCHING = frozenset({"all", "any", "len"})
"""Functions that look through all that there is of something."""
_KEEPING = frozenset({"sorted", "list", "tuple", "set", "reversed", "iter", "tqdm", "tqdm.tqdm", "track"})
"""Functions that give the items of their first argument once more."""
_SIMPLE = ("@str", "{", "range()", "error:")
"""How paths begin of what nothing is raised by that goes over it or enters it."""
_ARITHMETIC = frozenset({"-", "*", "**", "//", "<<", ">>"})


def _made_of(flows: Iterable[Flow]) -> Flow:
    """What flows into a text or path that is put together: not the value itself."""
    return _through(MADE, union(flows))


def _through(callee: str, flow: Flow) -> Flow:
    """A flow that has gone through a call."""
    if not flow:
        return flow
    return frozenset(f"{atom}|{callee}" for atom in flow if atom.count("|") < 3)


def _binary(here: Expressions, node: Node) -> Value:
    children = node.named_children
    values = [here.value(child) for child in children]
    if len(values) == 2 and node.children[1].type == "/":
        left = here.text(children[0]) if children[0].type == "identifier" else ""
        below_constant = left.strip("_").isupper()  # BASE_DIR / "name": a path within the program's own folders
        return Value(values[0].path, NOTHING if below_constant else _made_of(value.flow for value in values))
    if node.children[1].type in _ARITHMETIC:
        return UNKNOWN  # a number, whatever was computed with
    return Value("", union(value.flow for value in values))


def _alternatives(here: Expressions, node: Node) -> Value:
    children = [child for child in node.named_children if child.type != "comment"]
    if node.type == "boolean_operator":
        here.note_tested(children[0])
    elif len(children) == 3:
        here.note_tested(children[1])
        here.value(children.pop(1))  # the condition is asked first: it may guard what follows
    values = [here.value(child) for child in children]
    paths = sorted((value.path for value in values if value.path), key=lambda path: path.startswith(PARAMETER))
    return Value(paths[0] if paths else "", union(value.flow for value in values))


def _named(here: Expressions, node: Node) -> Value:
    value = here.value(node.named_children[-1])
    here.bind(node.named_children[0], value)
    return value


def _yield(here: Expressions, node: Node) -> Value:
    value = _joined(here, node) if node.named_child_count != 1 else here.value(node.named_children[0])
    here.made.append(Yield(here.span(node)))
    here.yielded.append(value.path)
    here.given.append(value.flow)
    return Value("", value.flow)


def _comprehension(here: Expressions, node: Node) -> Value:
    outer = here.scope
    here.scope = outer.copy()
    targets: frozenset[str] = frozenset()
    source = ""
    body: list[Node] = []
    for clause in node.named_children:
        if clause.type == "for_in_clause":
            left, right = clause.child_by_field_name("left"), clause.child_by_field_name("right")
            value, names = here.bind_items(left, right)
            if right is not None:
                here.implied(right, value, "__aiter__" if clause.children[0].type == "async" else "__iter__")
            source = source or value.path
            targets |= names
        else:
            body.append(clause)
    body.sort(key=lambda clause: clause.type != "if_clause")  # what is tested there is guarded in the item
    found: list[Value] = []
    inner = here.in_own_list(lambda: found.extend([here.value(child) for child in body]))
    if inner:
        here.made.append(Loop(here.span(node), source, targets, False, False, inner))
    outer.take_tests(here.scope, targets)
    here.scope = outer
    first = next((one.path for one, clause in zip(found, body, strict=True) if clause.type != "if_clause"), "")
    path = container([first], by_key=False) if node.type != "dictionary_comprehension" else ""
    return Value(path, union(value.flow for value in found))


def _call(here: Expressions, node: Node) -> Value:
    mark = here.mark()
    children = node.named_children
    function = children[0]
    receiver = UNKNOWN
    method = ""
    of_receiver = frozenset[str]()
    if function.type == "attribute":
        parts = function.named_children
        receiver = here.value(parts[0])
        of_receiver = here.names_since(mark)
        method = here.text(parts[-1])
        here.note_read(method)
        here.reach(function)
        callee = f"{receiver.path}.{method}" if receiver.path else f"?.{method}"
    else:
        callee = here.value(function).path
    positional: list[Value] = []
    keywords: list[tuple[str, Flow]] = []
    constants: list[tuple[str, str]] = []
    paths: list[tuple[str, Path]] = []
    modes: list[tuple[str, str]] = []
    arguments = children[-1]
    given = arguments.named_children if arguments.type == "argument_list" else [arguments]
    if (method or callee.rpartition(".")[2]) in AWAITING and "return_exceptions" not in here.text(arguments):
        here.run.update([argument.id for argument in given])
    read: list[tuple[str, frozenset[str]]] = [(RECEIVER, of_receiver)]
    for argument in given:
        kind = argument.type
        before = here.mark()
        if kind == "comment":
            continue
        if kind == "keyword_argument":
            name, inner = here.text(argument.named_children[0]), argument.named_children[-1]
            value = here.value(inner)
            keywords.append((name, value.flow))
        elif kind == "dictionary_splat":
            name, inner = "**", argument
            value = here.value(argument.named_children[0] if argument.named_children else None)
            keywords.append((name, value.flow))
        else:
            name, inner = str(len(positional)), argument
            value = _handed_over(here, argument) if kind == "lambda" else here.value(argument)
            if kind == "list_splat":
                keywords.append((SPLAT, value.flow))
            positional.append(value)
        if inner.type == "lambda":
            value = _handed_over(here, inner)
        read.append((name, here.names_since(before)))
        begins = inner.named_children[0] if inner.type == "concatenated_string" else inner
        if (text := literal(here, begins)) is not None:
            constants.append((name, as_insert(beginning(text), here.text(inner))))
            modes.append((name, text))
        elif value.path and value.path != "@str":
            paths.append((name, value.path))
            if value.path in _TYPES:
                constants.append((name, beginning(value.path)))
    names = here.names_since(mark)
    last = method or callee.rpartition(".")[2]
    if last in THERE:
        here.scope.there |= names
    elif last in _GUARDS or last.startswith(_GUARDING):
        here.scope.guarded |= names
    first = literal(here, given[0]) if given and given[0].type == "string" else None
    if method in HOLDING:
        here.note_holding(of_receiver, first)
    for tested in _tested_for_form(here, function, method, given):
        here.scope.flows[tested] = _through(DIGITS, here.scope.flows[tested])
    is_tested = last in ONE_OF_ALL and any(map(here.is_something, given[:1], positional))
    guarded = frozenset({"0"}) if is_tested else frozenset[str]()
    if here.is_guarded(names, parsed=last in PARSING):
        guarded |= {place for place, some in read if here.is_guarded(some, parsed=last in PARSING)} or {RECEIVER}
    made = Call(
        here.span(node),
        callee,
        tuple([value.flow for value in positional]),
        tuple(keywords),
        receiver.flow,
        names,
        tuple(constants),
        tuple(paths),
        guarded,
        node.id in here.run,
        node.id in here.dropped,
    )
    here.made.append(made)
    if callee == "next" and len(positional) == 1 and _is_filtered(here, given[0]):
        here.take_match(node, positional[0], mark, "StopIteration")
    here.note_uses(node, made, receiver.path)
    known = "" if callee.startswith("?") else callee
    if method in {"split", "rsplit"} and of_receiver and here.is_parted(of_receiver, first):
        known = ""  # there are parts, so it is no list that may be too short
    if known in {"contextlib.closing", "closing", "cast", "typing.cast"} and positional:
        return positional[-1]
    if known in {"partial", "functools.partial"} and positional:
        return Value(positional[0].path, NOTHING)
    if method in _FILLING and positional and function.named_children[0].type == "identifier":
        here.fill(here.text(function.named_children[0]), positional[-1])
    if method in {"put", "put_nowait"} and positional and receiver.path:
        sources = (atom for atom in positional[0].flow if not atom.startswith(PARAMETER) and " " not in atom)
        here.note(f"{QUEUED}{receiver.path}", " ".join(sorted(sources)))
    if last in DOWNLOADING and known and positional and given[-1].type == "identifier":
        here.fill(here.text(given[-1]), Value("", frozenset({f"{known}()"})))
    if known in _KEEPING and positional and positional[0].path:
        return positional[0]
    if known.endswith(PICKING) and positional and positional[-1].path:
        return Value(f"{positional[-1].path}[]", positional[-1].flow)
    if any(name == "usecols" for name, _ in keywords) or _requires_keys(here, last, arguments):
        return Value(f"{known}()", NOTHING)  # the columns, or claims, are looked at while they are read
    result = f"{known}()" if known else ""
    flow = union([*[value.flow for value in positional], *[flow for _, flow in keywords]])
    if method and receiver.path:
        absent.note_asked(here.scope, node, receiver.path, flow, [value.path for value in positional])
    if method in {"get", "getlist", "getall", "getone"}:
        flow = receiver.flow
    elif method in {"joinpath", "with_suffix", "with_name", "format"}:
        flow = _made_of([flow, receiver.flow])
    elif method in PASSING_METHODS:
        flow = union([flow, receiver.flow])
    elif flow:
        flow = _through(known, flow) if known else NOTHING
    if last in stored.OPENING:
        of_path = method and not stored.is_function(callee)
        said = here.text(function.named_children[0] if of_path else (*given, node)[0])
        opened = stored.opened(callee, dict(paths).get("0", ""), said, dict(modes))
        if opened is not None and opened.written:
            here.written.add(stored.mark_of(opened.atom))
        elif opened is not None:
            flow = flow | {opened.atom}
    return Value(result, limited(flow | {result}) if result else flow)


def _requires_keys(here: Expressions, last: str, arguments: Node) -> bool:
    """Whether a token is decoded only if it has the claims that the call names."""
    return last == "decode" and any(
        one.type == "keyword_argument" and here.text(one.named_children[0]) == "options" and "require" in here.text(one)
        for one in arguments.named_children
    )


def _tested_for_form(here: Expressions, function: Node, method: str, given: Sequence[Node]) -> Iterator[str]:
    """The local names that a call tests: `text.isdigit()`, `re.fullmatch(pattern, text)`."""
    tested: list[Node] = []
    if method in {"isdecimal", "isdigit", "isnumeric"}:
        tested = [function.named_children[0]]
    elif method == "fullmatch":
        tested = list(given)
    for node in tested:
        if node.type == "identifier" and (name := here.text(node)) in here.scope.flows:
            yield name


def _handed_over(here: Expressions, node: Node) -> Value:
    """A lambda as an argument: what it calls is handed over."""
    body = node.named_children[-1] if node.named_children else None
    if body is None or body.type != "call":
        return UNKNOWN
    return Value(here.path(body.named_children[0]), NOTHING)


def literal(here: Expressions, node: Node) -> str | None:
    """The text of a short literal: of a string its content, of other constants their source."""
    if node.type == "string":
        parts = node.named_children
        if len(parts) == 3 and parts[1].type == "string_content":
            return here.text(parts[1])[:80]
        return "" if len(parts) == 2 else None
    return here.text(node) if node.type in _CONSTANTS else None


_READERS: dict[str, Reader] = {
    "identifier": _identifier,
    "attribute": _attribute,
    "subscript": _subscript,
    "call": _call,
    "await": _await,
    "parenthesized_expression": _inner,
    "list_splat": _inner,
    "dictionary_splat": _inner,
    "keyword_argument": _inner,
    "string": _string,
    "comparison_operator": _compared,
    "binary_operator": _binary,
    "boolean_operator": _alternatives,
    "conditional_expression": _alternatives,
    "named_expression": _named,
    "yield": _yield,
    **dict.fromkeys(("dictionary", "list", "tuple", "set"), _container),
    "list_comprehension": _comprehension,
    "set_comprehension": _comprehension,
    "generator_expression": _comprehension,
    "dictionary_comprehension": _comprehension,
    **dict.fromkeys(_CONSTANTS | _OPAQUE, _constant),
}
