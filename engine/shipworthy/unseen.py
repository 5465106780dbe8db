"""Where a value is used that nobody has looked at, or given back: what fails if it is None, what is a look at it."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from shipworthy.document import Block
from shipworthy.syntax import ancestors, function_around, text_of

_TESTS = frozenset(
    {
        "boolean_operator",
        "not_operator",
        "comparison_operator",
        "conditional_expression",
        "assert_statement",
        "if_clause",
        "match_statement",
        "named_expression",
        "argument_list",
        "return_statement",
        "yield",
    }
)
_SHORT = frozenset(
    {"boolean_operator", "conditional_expression", "lambda", "list_comprehension", "generator_expression"}
)
"""Expressions of which some part may not be reached."""
_ORDERS = frozenset({"<", "<=", ">", ">="})
_OF_VALUES = frozenset(
    """
    dict enumerate float int iter len list set sorted sum tuple
    Decimal decimal.Decimal json.loads orjson.loads pickle.loads
    """.split()  # noqa: SIM905
)
"""Functions that fail if what they are handed first is None."""
_OF_PATHS = frozenset({"Path", "open", "os.path.basename", "os.path.join", "os.path.splitext", "pathlib.Path"})
"""Functions that fail if any part of the path that they are handed is None."""

CONDITIONS = frozenset({"if_statement", "elif_clause", "while_statement"})


_OF_WORDS = frozenset({*b"_", *(byte for byte in range(256) if byte > 127 or chr(byte).isalnum())})
"""Bytes that a word goes on with."""


def use(call: Node, block: Block) -> Node | None:
    """Where the result is used at once or, held in a variable, without any test in the function."""
    value = _whole(call)
    if (needed := _needed_by(value)) is not None:
        return needed
    uses = _held(call, value, block)
    if uses is None:
        return None
    used = (_needed_by(use) for use in uses if use.start_byte > call.end_byte)
    first = next((one for one in used if one is not None), None)
    looked_at = any(is_test(use) for use in uses if not _is_handed_on_behind(use, first))
    return None if looked_at or any(_is_binding(use) for use in uses) else first


def first_use(call: Node, block: Block) -> Node | None:
    """Where an item is taken out of all that a call gives, though nobody has asked whether there is one."""
    value = _whole(call)
    arguments = value.parent
    if arguments is not None and arguments.type == "argument_list" and arguments.parent is not None:
        function = arguments.parent.child_by_field_name("function")
        value = _whole(arguments.parent) if function is not None and text_of(function) == "list" else value
    if _is_indexed(value):
        return value.parent
    uses = _held(call, value, block) or []
    looked_at = any(is_test(use) or _is_binding(use) for use in uses)
    return None if looked_at else next((use.parent for use in uses if _is_indexed(use)), None)


def _is_indexed(value: Node) -> bool:
    """Whether the item at a place that is written out is taken out of a value."""
    around = value.parent
    index = around.child_by_field_name("subscript") if around is not None and around.type == "subscript" else None
    return index is not None and index != value and text_of(index).removeprefix("-").isdigit()


def is_given_back(call: Node, block: Block) -> bool:
    """Whether a function gives back the result as it is, and never looks at it."""
    value = _whole(call)
    if _is_returned(value):
        return True
    uses = _held(call, value, block) or []
    given = [use for use in uses if _is_returned(_whole(use))]
    others = [use for use in uses if use not in given]
    return bool(given) and not any(is_test(use) or _is_binding(use) for use in others)


def _is_returned(value: Node) -> bool:
    around = value.parent
    return around is not None and around.type == "return_statement"


def may_matter(call: Node) -> bool:
    """Whether the result is needed where it stands, given back or held in a variable: of most calls it is nothing."""
    value = _whole(call)
    around = value.parent
    is_held = around is not None and around.type in {"assignment", "return_statement"}
    return is_held or _needed_by(value) is not None


def _whole(call: Node) -> Node:
    """A call with the `await` and the parentheses around it."""
    value, around = call, call.parent
    while around is not None and around.type in {"await", "parenthesized_expression"}:
        value, around = around, around.parent
    return value


def _held(call: Node, value: Node, block: Block) -> list[Node] | None:
    """Where else the variable stands in the function that holds a result."""
    parent, scope = value.parent, function_around(call)
    target = parent.child_by_field_name("left") if parent is not None and parent.type == "assignment" else None
    if scope is None or target is None or target.type != "identifier":
        return None
    return block.memo(("uses", target.id), lambda: [*_uses(block, target, scope)])


def _uses(block: Block, target: Node, scope: Node) -> Iterator[Node]:
    """Where else a variable stands in a scope: to look its text up costs less than to ask for all identifiers."""
    name, text, root = target.text or b"", b" %b " % (scope.text or b""), block.root
    before = scope.start_byte - 1
    found = text.find(name)
    while found >= 0:
        end = found + len(name)
        if text[found - 1] not in _OF_WORDS and text[end] not in _OF_WORDS:
            at = before + found
            node = root.descendant_for_byte_range(at, at + len(name))
            if node is not None and node.type == "identifier" and node != target and not is_member(node):
                yield node
        found = text.find(name, end)


_MEMBERS = {"attribute": "attribute", "keyword_argument": "name"}


def is_member(name: Node) -> bool:
    """Whether a name is that of an attribute or of a keyword."""
    parent = name.parent
    field = _MEMBERS.get(parent.type) if parent is not None else None
    return parent is not None and field is not None and parent.child_by_field_name(field) == name


def _needed_by(value: Node) -> Node | None:
    """The expression or statement around a value that fails if it is None."""
    around = value.parent
    if around is None:
        return None
    kind = around.type
    if kind == "attribute" or (kind == "subscript" and around.child_by_field_name("value") == value):
        return around
    if kind == "binary_operator":
        sign = text_of(around.children[1])
        is_text = sign == "%" and around.children[0] != value
        return None if is_text or sign in {"|", "&"} else around
    if kind == "comparison_operator":
        return around if _is_order(around) else None
    if kind == "argument_list":
        called = around.parent.child_by_field_name("function") if around.parent is not None else None
        name = text_of(called) if called is not None else ""
        is_needed = name in _OF_PATHS or (name in _OF_VALUES and around.named_children[0] == value)
        return around.parent if is_needed else None
    if kind == "for_statement":
        return around.child_by_field_name("left") if around.child_by_field_name("right") == value else None
    left = around.child_by_field_name("left") if kind == "assignment" else None
    return left if left is not None and left.type in {"pattern_list", "tuple_pattern", "list_pattern"} else None


def _is_order(comparison: Node) -> bool:
    """Whether a comparison asks which of two values is greater."""
    return all(child.is_named or child.type in _ORDERS for child in comparison.children)


def column_use(call: Node, block: Block) -> Node | None:
    """Where the first column of a row is reckoned with that nobody looks at."""
    value = _whole(call)
    held = _held(call, value, block)
    rows = [value] if held is None else held
    firsts = [row.parent for row in rows if row.parent is not None and _is_first_column(row.parent, row)]
    looked_at = len(firsts) != len(rows) or any(map(is_test, firsts))
    return None if looked_at else next((one for one in firsts if _needed_by(one) is not None), None)


def _is_first_column(around: Node, row: Node) -> bool:
    index = around.child_by_field_name("subscript")
    return around.type == "subscript" and row != index and index is not None and text_of(index) == "0"


def _is_handed_on_behind(use: Node, first: Node | None) -> bool:
    """Whether a value is given back by the block in which it was used before, or is handed to somebody behind that use
    in any case: nobody can look at it in time.
    """
    given = use.parent
    if given is None or first is None or use.start_byte < first.start_byte:
        return False
    if given.type == "return_statement":
        return given.parent is not None and given.parent in ancestors(first)
    return given.type in {"argument_list", "keyword_argument"} and not _may_be_passed_over(first, use)


def _may_be_passed_over(first: Node, use: Node) -> bool:
    """Whether a way leads to `use` on which `first` is not reached."""
    around = list(ancestors(use))
    for outer in ancestors(first):
        if outer in around:
            return outer.type in _SHORT
        if outer.type in {"block", *_SHORT}:
            return True
    return True


def is_test(node: Node) -> bool:
    """Whether a use looks at the value, or hands it to somebody who may."""
    if _needed_by(node) is not None:
        return False
    inner = node
    for around in ancestors(node):
        if around.type in _TESTS:
            return True
        if around.type in CONDITIONS:
            return around.child_by_field_name("condition") == inner
        if around.type in {"attribute", "subscript", "call"} or around.type.endswith(("_statement", "block")):
            return False
        inner = around
    return False


def _is_binding(use: Node) -> bool:
    parent = use.parent
    return parent is not None and parent.type == "assignment" and parent.child_by_field_name("left") == use
