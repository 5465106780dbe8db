"""How far a resource reaches: which statements use it or what came from it, and how they go into a `with` statement.

What came from a resource may need it open: cursors, responses, iterators. Where something of that kind may outlive
the statements behind the opening, nothing is moved.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from tree_sitter import Node

from shipworthy import fixes, openers
from shipworthy.model import Edit, Span
from shipworthy.resources import BORROWERS, is_variable
from shipworthy.rule import Pass, Site
from shipworthy.syntax import function_around, is_async, last_word, names_in, targets, text_of, walk

_PLAIN = frozenset(
    {
        *("read", "readline", "readlines", "readinto", "tell", "fileno", "namelist", "getnames", "geturl"),
        *("write", "writelines", "send", "sendall", "recv", "getsockname", "getpeername", "commit"),
        *("fetchone", "fetchall", "fetchmany", "fetchval", "scalar", "json", "text"),
    }
)
"""Methods whose results need nothing of what they were asked of."""
_PLAIN_ATTRIBUTES = frozenset(
    {
        *("name", "status", "status_code", "reason", "ok", "url", "headers", "text", "content"),
        *("lastrowid", "rowcount", "title", "page_source", "current_url"),
    }
)
_OF_POOLS = frozenset({"map", "starmap", "apply"})
_COUNTS = frozenset({"len", "sum", "str", "int", "float", "bool", "any", "all", "repr", "bytes", "print", "isinstance"})
"""Functions whose results hold nothing of what they are handed."""
_COLLECTS = frozenset({"list", "tuple", "set", "frozenset", "sorted", "dict", "next", "max", "min"})
"""Functions whose results hold the elements of what they are handed."""
_LOADS = frozenset(name for name in BORROWERS if name.endswith("load"))
_KEEPS = frozenset(
    {
        *("append", "appendleft", "extend", "add", "insert", "update", "setdefault", "put", "put_nowait", "push"),
        *("submit", "run_in_executor", "create_task", "ensure_future", "start_soon", "Thread", "Process", "Timer"),
        *("setattr", "callback", "add_done_callback", "enter_context", "register"),
    }
)
"""Calls that keep what they are handed, or use it later."""
_WHOLE_ELEMENTS = frozenset({"file", "reply", "archive", "reader"})
"""Kinds of resources whose elements need nothing of them."""
_NO_VALUE = frozenset({"comparison_operator", "not_operator", "string", "concatenated_string", "integer"})
_BINDS = frozenset({"assignment", "augmented_assignment", "named_expression", "for_statement", "for_in_clause"})
_LEAVES = frozenset({"return_statement", "yield", "raise_statement"})
_TASKS = "multiprocessing.Pool"
"""The pool whose `with` statement ends what still runs."""


def into_with(
    run: Pass, assignment: Node, opener: str
) -> Callable[[Site, Callable[[str], str]], Iterator[Edit]] | None:
    """How to open a resource in a `with` statement around all that needs it open, given the site and how to wrap the
    text of the call; None where that is not known to be right.
    """
    statement, target, value = assignment.parent, *map(assignment.child_by_field_name, ("left", "right"))
    function = function_around(assignment)
    if statement is None or target is None or value is None or function is None:
        return None
    word, opened = openers.with_keyword(opener), _opened(run, value, opener)
    if not word or opened is None or (word != "with" and not is_async(function)):
        return None
    name = text_of(target)
    behind = _until_opened_again(statement, name)
    endings = _endings(behind, name, opener)
    used = behind[: behind.index(endings[0])] if endings else behind
    held = _Held(name, opener, used)
    if not endings:
        using = [at for at, child in enumerate(used) if held.is_mentioned(child)]
        used = used[: using[-1] + 1] if using else []
    kept = [child for child in used if child.type != "comment"]
    moved = [statement, *kept, *endings]
    if not kept or not fixes.can_indent(moved) or _leaves_tasks(opener, kept):
        return None
    if held.may_outlive(function, moved, is_ended=bool(endings)):
        return None

    def edits(site: Site, wrapped: Callable[[str], str]) -> Iterator[Edit]:
        yield site.replace(statement, f"{word} {wrapped(run.text(opened))} as {name}:")
        document, indented = site.document, set[int]()
        for child in used:
            indented.update(_lines(run, site, child))
        for line in sorted(indented - {_lines(run, site, statement)[-1]}):
            if document.line_text(line).strip():
                yield Edit(Span(document.line_start(line), document.line_start(line)), site.step(statement))
        for ending in endings:
            lines = _lines(run, site, ending)
            yield Edit(Span(document.line_start(lines[0]), document.line_start(lines[-1] + 1)), "")

    return edits


def _lines(run: Pass, site: Site, node: Node) -> range:
    """The lines of the document that a node stands in."""
    span = run.block.span(node).shifted(site.start)
    return range(site.document.position(span.start).line, site.document.position(span.end).line + 1)


def _opened(run: Pass, value: Node, opener: str) -> Node | None:
    """What stands behind `with`, of the value that a variable is given."""
    if value.type != "await" or not openers.is_asynchronous(opener):
        return value
    call = value.named_children[0]
    is_its_own = openers.may_be_awaited(opener) and run.name(call.child_by_field_name("function")) == opener
    return call if is_its_own else None


def _until_opened_again(statement: Node, name: str) -> list[Node]:
    """The statements behind one in its suite, up to one that gives the variable another value."""
    found: list[Node] = []
    following = statement.next_named_sibling
    while following is not None and not _is_given_anew(following, name):
        found.append(following)
        following = following.next_named_sibling
    return found


def _is_given_anew(statement: Node, name: str) -> bool:
    """Whether a statement gives a variable a value that does not follow from the one it has."""
    inner = statement.named_children[0] if statement.type == "expression_statement" else None
    if inner is None or inner.type != "assignment":
        return False
    target, value = inner.child_by_field_name("left"), inner.child_by_field_name("right")
    return target is not None and value is not None and text_of(target) == name and name not in names_in(value)


def _endings(behind: list[Node], name: str, opener: str) -> list[Node]:
    """The statements of the suite, one behind the other, that close the resource as `with` does."""
    words = "|".join(openers.endings(opener))
    found: list[Node] = []
    for child in behind if words else ():
        if re.fullmatch(rf"(?:await\s+)?{name}\.(?:{words})\(\)", text_of(child)) is not None:
            found.append(child)
        elif found:
            break
    return found


def _leaves_tasks(opener: str, statements: list[Node]) -> bool:
    """Whether tasks are handed to a pool, without waiting for it, that its `with` statement would end."""
    text = "\n".join(map(text_of, statements)) if opener == _TASKS else ""
    return "_async(" in text and ".join()" not in text


class _Held:
    """The names in some statements of what needs a resource open, as far as the text tells."""

    def __init__(self, name: str, opener: str, statements: list[Node]) -> None:
        self._name, self._opener = name, opener
        self._has_whole_elements = openers.OPENERS[opener] in _WHOLE_ELEMENTS or opener.endswith(".connect")
        self.names = {name}
        known = 0
        while known < len(self.names):
            known = len(self.names)
            for statement in statements:
                for node in walk(statement):
                    self.names.update(self._bound(node))

    def _bound(self, node: Node) -> Iterator[str]:
        """The names that a node binds to something held."""
        target, value = node.child_by_field_name("left"), node.child_by_field_name("right")
        if node.type == "named_expression":
            target, value = node.child_by_field_name("name"), node.child_by_field_name("value")
        elif node.type == "as_pattern":
            target, value = node.child_by_field_name("alias"), node.named_children[0]
        elif node.type not in _BINDS:
            return
        if target is None or value is None or not self.holds(value):
            return
        if node.type not in {"for_statement", "for_in_clause"} or not self._has_whole_elements:
            yield from map(text_of, targets(target))

    def is_mentioned(self, node: Node) -> bool:
        """Whether any of the names stands in a node as a variable."""
        return any(map(self._is_one, walk(node)))

    def _is_one(self, node: Node) -> bool:
        return node.type == "identifier" and text_of(node) in self.names and is_variable(node)

    def holds(self, value: Node) -> bool:
        """Whether a value may need the resource open."""
        match value.type:
            case "identifier":
                return self._is_one(value)
            case "generator_expression" | "lambda":
                return self.is_mentioned(value)
            case "attribute":
                return text_of(value.named_children[-1]) not in self._plain_attributes and self.holds(
                    value.named_children[0]
                )
            case "subscript" | "list_comprehension" | "set_comprehension" | "dictionary_comprehension":
                return self.holds(value.named_children[0])
            case "keyword_argument":
                return self.holds(value.named_children[-1])
            case "call":
                return self._is_held_call(value)
            case _:
                return value.type not in _NO_VALUE and any(map(self.holds, value.named_children))

    @property
    def _plain_attributes(self) -> frozenset[str]:
        return frozenset() if openers.is_of_objects(self._opener) else _PLAIN_ATTRIBUTES

    def _is_held_call(self, call: Node) -> bool:
        function, arguments = call.child_by_field_name("function"), call.child_by_field_name("arguments")
        if function is None or arguments is None:
            return True
        word = last_word(call)
        if function.type == "attribute":
            methods = frozenset({"count"}) if openers.is_of_objects(self._opener) else _PLAIN
            if word in methods or (word in _OF_POOLS and self._opener == _TASKS):
                return False
            if text_of(function) in _LOADS or function.named_children[0].type == "string":
                return False
        elif word in _COUNTS or (word in _COLLECTS and self._has_whole_elements):
            return False
        return self.holds(function) or self.holds(arguments)

    def may_outlive(self, function: Node, moved: list[Node], *, is_ended: bool) -> bool:
        """Whether anything held may be used outside of the statements that are moved; the first one opens it."""
        start, end = moved[0].start_byte, moved[-1].end_byte
        for node in walk(function):
            is_inside = start <= node.start_byte < end
            if self._is_one(node):
                if function_around(node) != function:
                    return True
                if not (is_inside or self._is_target(node) or self._is_over(node, moved, is_ended=is_ended)):
                    return True
                if is_inside and node.start_byte >= moved[0].end_byte and self._is_changed(node):
                    return True
            elif (is_inside and self._is_given_away(node)) or (
                node.type in {"global_statement", "nonlocal_statement"} and not self.names.isdisjoint(names_in(node))
            ):
                return True
        return False

    def _is_target(self, node: Node) -> bool:
        """Whether an identifier is only given a value."""
        parent = node.parent
        return parent is not None and parent.type == "assignment" and parent.child_by_field_name("left") == node

    def _is_over(self, node: Node, moved: list[Node], *, is_ended: bool) -> bool:
        """Whether a name outside of the moved statements is of another value, or of one that was closed before."""
        first, last, name = moved[0], moved[-1], text_of(node)
        parent = node.parent
        if is_ended and node.start_byte >= last.end_byte:
            is_asked = parent is not None and parent.type == "attribute" and parent.parent is not None
            if name != self._name or (is_asked and parent is not None and not _is_called(parent)):
                return True
        suite = first.parent
        if suite is None or not suite.start_byte <= node.start_byte < suite.end_byte:
            return False
        before, behind = node.start_byte < first.start_byte, node.start_byte >= last.end_byte
        return any(
            _is_given_anew(child, name)
            and child.end_byte <= node.start_byte
            and (before or (behind and child.start_byte >= last.end_byte))
            for child in suite.named_children
        )

    def _is_changed(self, node: Node) -> bool:
        """Whether the variable of the resource itself gets another value, or is waited for to open it."""
        if text_of(node) != self._name or node.parent is None:
            return False
        around = node.parent
        if around.type in {"pattern_list", "tuple_pattern", "as_pattern_target", "augmented_assignment"}:
            return True
        if around.type == "await":
            return openers.is_asynchronous(self._opener)
        return node in (around.child_by_field_name("left"), around.child_by_field_name("name"))

    def _is_given_away(self, node: Node) -> bool:
        """Whether a node hands something held to somebody who may use it later."""
        if node.type in _LEAVES:
            return any(map(self.holds, node.named_children))
        if node.type == "match_statement":
            return any(map(self.holds, node.children_by_field_name("subject")))
        target, value = node.child_by_field_name("left"), node.child_by_field_name("right")
        if node.type in _BINDS and target is not None and value is not None:
            is_place = any(one.type in {"attribute", "subscript"} for one in walk(target))
            return is_place and not self.is_mentioned(target) and self.holds(value)
        function, arguments = node.child_by_field_name("function"), node.child_by_field_name("arguments")
        if node.type != "call" or function is None or arguments is None or last_word(node) not in _KEEPS:
            return False
        return not self.holds(function) and self.holds(arguments)


def _is_called(attribute: Node) -> bool:
    call = attribute.parent
    return call is not None and call.type == "call" and call.child_by_field_name("function") == attribute
