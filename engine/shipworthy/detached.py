"""Buffers that are emptied before what was in them is stored, and messages that are ticked off while they wait."""

from __future__ import annotations

import re
from collections.abc import Iterable

from tree_sitter import Node

from shipworthy import handlers, losses, outside
from shipworthy.document import Block
from shipworthy.rule import Pass
from shipworthy.syntax import (
    FUNCTIONS,
    ancestors,
    dotted,
    enclosing,
    function_around,
    is_statement,
    last_word,
    names_in,
    own,
    positional_arguments,
    text_of,
)

_EMPTY = re.compile(
    r"\[\]|\{\}|(?:list|dict|set|(?:collections\.)?(?:deque|Counter|OrderedDict))\(\)|(?:\w+\.)?defaultdict\(.*\)"
)
_COPIES = frozenset({"list", "dict", "set", "tuple", "copy", "deepcopy"})
_OF_NO_VALUE = re.compile(r"(?i)cache|seen|stat|metric|waiter|listener|handler|callback|task|future|client|connection")
_READS_MESSAGES = re.compile(r"\.(?:poll|consume|getone|getmany)\(")
_CONSUMER = re.compile(r"(?i)\bfor\b[^:]*\bin\b[^:]*(?:consumer|messages)")
_AUTO_COMMIT = re.compile(
    r"""^(?:enable_auto_commit\s*=\s*True|['"]enable\.auto\.commit['"]\s*:\s*(?:True|['"]true['"]))$"""
)

_ACKNOWLEDGED = re.compile(r"(?:auto_ack|no_ack)\s*=\s*True")
_CONSUMES = frozenset({"basic_consume", "consume"})
_OF_ANSWERS = re.compile(r"(?i)repl(?:y|ies)|respon[ds]|answer|callback_queue|rpc|exclusive|broadcast|fanout|log")


def words(block: Block) -> Iterable[str]:
    """The words of a rule's `extract`: `gathers x` where a loop over messages of Kafka puts them into `x`, `empties x`
    where that is emptied again."""
    for call in block.nodes(("call",)).get("call", ()):
        held = dotted(call.child_by_field_name("function")).rpartition(".")[0]
        if held and last_word(call) in {"append", "extend"} and _is_in_loop_over_messages(call):
            yield f"gathers {held}"
        if held and last_word(call) == "clear":
            yield f"empties {held}"
    for assignment in block.nodes(("assignment",)).get("assignment", ()):
        target, value = assignment.child_by_field_name("left"), assignment.child_by_field_name("right")
        if target is not None and value is not None and text_of(value) == "[]" and not _is_beginning(assignment):
            yield f"empties {dotted(target)}"


def _is_in_loop_over_messages(node: Node) -> bool:
    for around in ancestors(node):
        if around.type in FUNCTIONS:
            return False
        if around.type == "for_statement" and _CONSUMER.search(text_of(around)) is not None:
            return True
        if around.type == "while_statement" and _READS_MESSAGES.search(text_of(around)) is not None:
            return True
    return False


def _is_beginning(assignment: Node) -> bool:
    """Whether an assignment makes a collection for the first time: in `__init__`, or in front of any loop."""
    function = function_around(assignment)
    name = function.child_by_field_name("name") if function is not None else None
    target = assignment.child_by_field_name("left")
    if name is None or target is None:
        return True
    if target.type == "attribute":
        return text_of(name) == "__init__"
    return enclosing(assignment, {"for_statement", "while_statement", *FUNCTIONS}) == function


def is_forgotten(setting: Node) -> bool:
    """Whether `setting` has RabbitMQ forget messages before anybody has dealt with them. Answers to what the program
    itself has asked are nobody else's.
    """
    call = enclosing(setting, {"call", *FUNCTIONS})
    if call is None or _ACKNOWLEDGED.fullmatch(text_of(setting)) is None or last_word(call) not in _CONSUMES:
        return False
    return _OF_ANSWERS.search(text_of(call)) is None


def waiting(run: Pass, setting: Node) -> str:
    """The buffer in which messages wait that `setting` has Kafka tick off by the clock; "" if there is none."""
    if _AUTO_COMMIT.match(text_of(setting)) is None:
        return ""
    known = run.facts[run.rule.id]
    gathered = {word.partition(" ")[2] for word in known if word.startswith("gathers ")}
    emptied = {word.partition(" ")[2] for word in known if word.startswith("empties ")}
    return min(gathered & emptied, default="")


def taken(assignment: Node) -> tuple[str, str, Node] | None:
    """The variable that takes what a lasting buffer holds, the buffer, and the statement that empties the buffer."""
    target, value = assignment.child_by_field_name("left"), assignment.child_by_field_name("right")
    if target is None or value is None or function_around(assignment) is None:
        return None
    if target.type == "pattern_list" and value.type == "expression_list":
        (first, *others), given = target.named_children, value.named_children
        is_swap = len(others) == 1 and len(given) == 2 and _EMPTY.fullmatch(text_of(given[1])) is not None
        buffer = dotted(others[0]) if is_swap else ""
        return (text_of(first), buffer, assignment) if _lasts(buffer) and buffer == dotted(given[0]) else None
    buffer = _copied(value)
    emptied = _emptied_next(assignment, buffer) if target.type == "identifier" and _lasts(buffer) else None
    return (text_of(target), buffer, emptied) if emptied is not None else None


def _lasts(buffer: str) -> bool:
    return buffer.startswith("self.") and _OF_NO_VALUE.search(buffer) is None


def _copied(value: Node) -> str:
    """What an expression gives all of: `self.rows`, `self.rows[:]`, `list(self.rows)`, `self.rows.copy()`."""
    if value.type == "call" and last_word(value) in _COPIES:
        given = positional_arguments(value)
        return dotted(given[0]) if given else dotted(value.child_by_field_name("function")).rpartition(".")[0]
    if value.type == "subscript":
        return dotted(value.child_by_field_name("value")) if text_of(value).endswith("[:]") else ""
    return dotted(value) if value.type == "attribute" else ""


def _emptied_next(assignment: Node, buffer: str) -> Node | None:
    """The next statement, if it empties the buffer."""
    statement = assignment.parent.next_named_sibling if assignment.parent is not None else None
    inner = statement.named_children[0] if statement is not None and statement.named_children else None
    if inner is None:
        return None
    if inner.type == "call":
        return inner if dotted(inner.child_by_field_name("function")) == f"{buffer}.clear" else None
    value = inner.child_by_field_name("right") if inner.type == "assignment" else None
    is_it = value is not None and dotted(inner.child_by_field_name("left")) == buffer
    return inner if is_it and value is not None and _EMPTY.fullmatch(text_of(value)) is not None else None


def stored(run: Pass, variable: str, emptied: Node) -> Node | None:
    """The call behind that asks another machine to store what a variable holds, where nothing sees it fail."""
    scope = function_around(emptied)
    held = {variable}
    for node in own(scope) if scope is not None else ():
        if node.start_byte < emptied.end_byte:
            continue
        if node.type in {"assignment", "for_statement"}:
            held |= _made_of(node, held)
        elif node.type == "call" and _is_given(node, held) and _may_lose(run, node):
            return node
    return None


def _made_of(node: Node, held: set[str]) -> set[str]:
    target, value = node.child_by_field_name("left"), node.child_by_field_name("right")
    if target is None or value is None or not names_in(value) & held:
        return set()
    return names_in(target)


def _is_given(call: Node, held: set[str]) -> bool:
    arguments = call.child_by_field_name("arguments")
    return arguments is not None and bool(names_in(arguments) & held)


def _may_lose(run: Pass, call: Node) -> bool:
    """Whether a call asks another machine, or is awaited for what it does; one in a `try` is seen to fail."""
    if any(one.type == "try_statement" and _has_handler(one) for one in ancestors(call)):
        return False
    parent = call.parent
    is_awaited = parent is not None and parent.type == "await" and is_statement(parent)
    is_method = "." in dotted(call.child_by_field_name("function"))
    first = dotted(call.child_by_field_name("function")).partition(".")[0]
    is_done = losses.writes(call) and losses.is_dropped(call) and not handlers.is_log_call(call)
    return is_done or bool(outside.outages(run, call)) or (is_awaited and is_method and first != "asyncio")


def _has_handler(attempt: Node) -> bool:
    return any(child.type == "except_clause" for child in attempt.children)
