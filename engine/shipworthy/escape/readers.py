"""How each kind of expression is read: what it names, and where its value comes from."""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Mapping, Sequence

from tree_sitter import Node

from shipworthy.escape.applied import is_split
from shipworthy.escape.calls import is_filtered, read_call
from shipworthy.escape.containers import container, joined
from shipworthy.escape.expressions import CONSTANTS, OTHERS, PARTED, Expressions, Reader, literal
from shipworthy.escape.futures import are_futures
from shipworthy.escape.ir import (
    GETTER,
    KEYED,
    PARAMETER,
    RECEIVER,
    SHARED,
    SPLIT,
    Call,
    Flow,
    Loop,
    Path,
    Yield,
)
from shipworthy.escape.scope import NOTHING, TEXT, UNKNOWN, Value, limited, made_of, through, union
from shipworthy.escape.words import (
    APPLICATION,
    APPLICATION_STATE,
    CHECKED_ATTRIBUTES,
    ENVELOPE,
    MEASURES,
    OPTIONAL_HEADERS,
    OWN_ATTRIBUTES,
    REQUEST_NAME,
    SUBSCRIBED,
    VALIDATED,
)

_OPAQUE = frozenset(
    {"lambda", "function_definition", "class_definition", "comment", "type", "ellipsis", "format_specifier"}
)
_OBJECT = re.compile(r"@(?:\w+\.)*[A-Z]\w*|(?:\w+\.)*[A-Z]\w*\(\)")
"""What a path looks like of an object whose class is named where it is made or handed over: it may have properties."""
_LOADED = re.compile(r"\w+\(\)(?:\[\])*$")
"""What a path looks like of what a function gives, or of what is taken out of that."""
_POSITION = re.compile(r"-?\d+$")
_FORMATTED = re.compile(r"[bBrR]?[fFtT]")
_CHECKED_OR_OWN = CHECKED_ATTRIBUTES | OWN_ATTRIBUTES
_COLUMNS = "fieldnames"
"""The attribute of a reader of CSV that holds what keys all of its rows have."""
_SIZES = frozenset({"len", "columns"})
"""Names that tell of a comparison that it asks how much there is."""
_FLASK = frozenset({"g", "flask.g"})
"""What Flask calls the object that holds what a request shares."""
_OF_REQUEST = re.compile(r"(?i)(?:^|[.:@])(?:request|req)\.")
"""How the path of a part of a request looks: what stands below any of its keys was sent."""
_ARITHMETIC = frozenset({"-", "*", "**", "//", "<<", ">>"})


def _identifier(here: Expressions, node: Node) -> Value:
    name = here.text(node)
    here.read.append(name)
    scope = here.scope
    nested = scope.functions.get(name)
    if nested is not None:
        return Value(nested, NOTHING)
    path = scope.types.get(name)
    if path is None:
        return _unbound(name)
    return Value(path, scope.flows.get(name, NOTHING))


@functools.lru_cache(10_000)
def _unbound(name: str) -> Value:
    """What a name is that the function has not bound; programs use the same ones over and over."""
    return Value(name, frozenset({name}))


def _attribute(here: Expressions, node: Node) -> Value:
    children = node.named_children
    inner = here.value(children[0])
    name = here.text(children[-1])
    here.read.append(name)
    if not inner.path:
        return Value("", inner.flow)
    path = f"{inner.path}.{name}"
    if _OBJECT.fullmatch(inner.path) is not None:
        names = frozenset({here.text(children[0]), name})
        here.made.append(Call(here.span(node), f"{path}.{GETTER}", receiver=inner.flow, names=names))
    is_state = inner.path.endswith("state") and APPLICATION_STATE.search(here.text(children[0])) is not None
    if is_state or inner.path in _FLASK:
        return Value(f"{SHARED}{name}", NOTHING)
    own = name in OWN_ATTRIBUTES and REQUEST_NAME.search(inner.path)
    in_own = not inner.flow and inner.path.rpartition(".")[2] in _CHECKED_OR_OWN
    if name in VALIDATED:
        return Value(path, frozenset({path}))
    if name in CHECKED_ATTRIBUTES or name in MEASURES or own or in_own:
        return Value(path, NOTHING)  # what the program itself put there, and all that is in it
    return Value(path, limited(inner.flow | {path}))


def _digest(key: str | None) -> str:
    """What stands for a key that is written out: no text of a program is kept."""
    return hashlib.blake2b(key.encode("utf-8", "replace"), digest_size=6).hexdigest() if key else ""


def _subscript(here: Expressions, node: Node) -> Value:
    children = node.named_children
    mark = len(here.read)
    if here.text(children[0]).rpartition(".")[2] in {"Annotated", "Optional"} and len(children) > 1:
        return here.value(children[1])  # a type by another name
    inner = here.value(children[0])
    keys = [here.value(child) for child in children[1:]]
    key = literal(here, children[1]) if len(children) == 2 and children[1].type == "string" else None
    if APPLICATION.search(here.text(children[0])) and (shared := _digest(key) or _constant_name(here, children[1:])):
        return Value(f"{SHARED}{shared}", NOTHING)
    if len(children) == 2 and inner.flow and inner.path and _names_columns(here, children[1]):
        is_tested = not (here.scope.guarded | here.scope.keyed).isdisjoint(here.names_since(mark))
        guarded = frozenset({RECEIVER}) if is_tested else NOTHING
        called = f"{inner.path}.__getitem__"
        here.made.append(
            Call(here.span(node), called, receiver=inner.flow, names=here.names_since(mark), guarded=guarded)
        )
    if len(children) == 2 and _POSITION.match(here.text(children[1])) and is_filtered(here, children[0]):
        here.take_match(node, inner, mark, "IndexError")
    if key and inner.path.endswith(".headers") and key.lower() in OPTIONAL_HEADERS:
        here.take_header(node, inner, mark)
    outermost = children[0].type != "subscript"  # a["b"]["c"]: who has not checked the first has not checked the second
    if outermost and inner.flow and key and key not in ENVELOPE:
        if (_COLUMNS, key) not in here.scope.holding:
            here.take(node, inner, mark)
    elif len(children) == 2 and _may_be_short(inner.path, here.text(children[1])):
        here.take(node, inner, mark, "IndexError")
    elif len(keys) == 1 and keys[0].flow and _is_table(inner.path):
        here.choose(node, inner, keys[0], mark)
    if key in SUBSCRIBED and not _OF_REQUEST.search(inner.path):
        return UNKNOWN
    return Value(f"{inner.path}[]" if inner.path else "", inner.flow)


def _names_columns(here: Expressions, key: Node) -> bool:
    """Whether a key may be several columns of a table: a list of texts, or a constant."""
    if key.type == "list":
        return bool(key.named_children) and all(one.type == "string" for one in key.named_children)
    return bool(_constant_name(here, [key]))


def _constant_name(here: Expressions, keys: Sequence[Node]) -> str:
    """The name of a constant, if it is the only key; "" for others."""
    name = here.text(keys[0]) if len(keys) == 1 and keys[0].type == "identifier" else ""
    return name if name.isupper() else ""


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
    text = here.text(node)
    if text.startswith(('"', "'")) or not _FORMATTED.match(text):
        return TEXT
    if node.named_child_count <= 3 and all(child.type != "interpolation" for child in node.named_children):
        return TEXT
    flows = [
        here.value(child.named_children[0]).flow
        for child in node.named_children
        if child.type == "interpolation" and child.named_children
    ]
    return Value("@str", made_of(flows))


def _joined(here: Expressions, node: Node) -> Value:
    return Value("", union([here.value(child).flow for child in node.named_children]))


def _pair(here: Expressions, node: Node) -> Value:
    """A key of a mapping with its value: where one of them is a future, that is what the mapping is made for."""
    values = [here.value(child) for child in node.named_children]
    path = next((value.path for value in values if are_futures(value.path)), "")
    return Value(path, union([value.flow for value in values]))


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
            key = here.value(child.child_by_field_name("key"))
            value = here.value(child.child_by_field_name("value"))
            paired += [key.flow, value.flow]
            paths.append(value.path)
        elif child.type != "comment":
            value = here.value(child)
            others.append(value.flow)
            paths.append(value.path)
            is_whole = is_whole and child.type not in {"dictionary_splat", "list_splat"}
    path = container(paths, by_key=by_key) if is_whole or not by_key else ""
    return Value(path, union([through(KEYED, union(paired)), *others]))


def _constant(here: Expressions, node: Node) -> Value:
    return UNKNOWN


def _compared(here: Expressions, node: Node) -> Value:
    """A comparison: who asks for a length, or whether something is in something else, has looked at it.

    Of an attribute that says nothing of the whole object, and of a key nothing of what stands under it.
    """
    mark = len(here.read)
    names: set[str] = set()
    children = node.named_children
    for number, child in enumerate(children):
        before = len(here.read)
        here.value(child)
        of_part = child.type == "attribute" and number == 0
        names |= {here.text(child.named_children[-1])} if of_part else here.names_since(before)
    contains = any(child.type in {"in", "not in"} for child in node.children)
    text = literal(here, children[0]) if contains and children[0].type == "string" else None
    here.note_holding(here.names_since(mark), text)
    is_key = text is not None and text.isidentifier() and children[-1].type in {"identifier", "attribute"}
    if is_key or (contains and "columns" in names):
        here.scope.keyed |= names - {"self"}
    elif contains:
        here.scope.guarded |= names - {"self"}
    elif not _SIZES.isdisjoint(here.names_since(mark)):
        here.scope.there |= names - {"self"}
    return UNKNOWN


def _binary(here: Expressions, node: Node) -> Value:
    children = node.named_children
    values = [here.value(child) for child in children]
    if len(values) == 2 and node.children[1].type == "/":
        left = here.text(children[0]) if children[0].type == "identifier" else ""
        below_constant = left.strip("_").isupper()  # BASE_DIR / "name": a path within the program's own folders
        return Value(values[0].path, NOTHING if below_constant else made_of(value.flow for value in values))
    is_rest = node.children[1].type == "%" and children[-1].type == "integer" and children[0].type != "string"
    if is_rest or node.children[1].type in _ARITHMETIC:
        return UNKNOWN  # a number, whatever was computed with
    return Value(joined(value.path for value in values), union(value.flow for value in values))


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
            source = source or (SPLIT if right is not None and is_split(here, right) else value.path)
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
    is_list = node.type != "dictionary_comprehension" or are_futures(first)
    path = container([first], by_key=False) if is_list else ""
    return Value(path, union(value.flow for value in found))


READERS: Mapping[str, Reader] = {
    OTHERS: _joined,
    "identifier": _identifier,
    "attribute": _attribute,
    "subscript": _subscript,
    "call": read_call,
    "await": _await,
    "parenthesized_expression": _inner,
    "list_splat": _inner,
    "dictionary_splat": _inner,
    "keyword_argument": _inner,
    "pair": _pair,
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
    **dict.fromkeys(CONSTANTS | _OPAQUE, _constant),
}
