"""Which handlers of errors throw away what they are handed: without a word to anybody, or all but some types."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from shipworthy import handlers
from shipworthy.document import Block
from shipworthy.syntax import (
    ancestors,
    does_nothing,
    dotted,
    function_around,
    last_word,
    own,
    positional_arguments,
    statements,
    text_of,
    walk,
)

_FOR_ERRORS = re.compile(r"(?i)err|exce|fail|hook")
"""How the names of functions and decorators tell that the function is handed errors."""
_UNDECORATED = frozenset({"module", "block"})
"""What functions without a decorator stand in."""
OF_ALL: frozenset[str] = frozenset({"on_command_error", "on_app_command_error"})
OF_SOME: frozenset[str] = frozenset({"cog_command_error", "cog_app_command_error"})
"""Methods and events that frameworks hand errors to: of all commands, and of those of one class."""
_DECORATORS = re.compile(r"@([\w.]+)\.errors?(?:\(\))?\s*")
_OF_TREE = re.compile(r"\btree\.error\b")
_MAKES_BOT = re.compile(r"\b(?:Bot|Client|CommandTree)\(\w")
_ADDS = "add_error_handler"
_HOOK = "sys.excepthook"
_PLAIN = re.compile(r"isinstance|issubclass|getattr|hasattr|type|str|repr|len|bool")
"""Functions that only look at a value."""
_ASKS = frozenset({"isinstance", "issubclass"})
_EMPTY = frozenset({"0", "0.0", "None", '""', "''", "[]", "{}", "()"})
_CONSTANTS = frozenset({"none", "true", "false", "string", "integer"})


_WIDE = re.compile(
    r"(?:.*\.)?(?:Exception|BaseException|DiscordException|TelegramError|\w*(?:Command|AppCommand)(?:Invoke)?Error)"
)
"""Types that stand for whatever a program raises, or that frameworks put it into."""


def is_for_errors(function: Node) -> bool:
    """Whether a function is there for errors, as its name or a decorator of it tells."""
    name, around = function.child_by_field_name("name"), function.parent
    if name is not None and _FOR_ERRORS.search(text_of(name)) is not None:
        return True
    if around is None or around.type in _UNDECORATED:
        return False
    return any(one.type == "decorator" and _FOR_ERRORS.search(text_of(one)) is not None for one in around.children)


def decorated(function: Node) -> str | None:
    """What a function handles the errors of, as a decorator says: `app` for `@app.error`."""
    siblings = function.parent.children if function.parent is not None else ()
    found = (_DECORATORS.fullmatch(text_of(one)) for one in siblings if one.type == "decorator")
    return next((one[1] for one in found if one is not None), None)


def registered(block: Block) -> Iterator[str]:
    """The functions that a block hands the errors of the whole program to; `*` if it has such by its name, `+` if it
    makes the bot that would have.
    """
    if block.language.id != "python":
        return
    text = block.text
    if any(name in text for name in OF_ALL) or ("tree.error" in text and _OF_TREE.search(text) is not None):
        yield "*"
    if any(made in text for made in ("Bot(", "Client(", "Tree(")) and _MAKES_BOT.search(text) is not None:
        yield "+"
    for call in block.nodes(("call",)).get("call", ()) if _ADDS in block.text else ():
        if last_word(call) == _ADDS and (given := positional_arguments(call)):
            yield dotted(given[0]).rpartition(".")[2]
    for node in block.nodes(("assignment",)).get("assignment", ()) if _HOOK in block.text else ():
        if text_of(node.child_by_field_name("left") or node) == _HOOK:
            yield dotted(node.child_by_field_name("right")).rpartition(".")[2]


def dealt_with(function: Node) -> tuple[Node, ...] | None:
    """The types of errors that a handler deals with if it drops all others, none if it drops all of them.

    None if it does anything with whatever it is handed: tells of it, answers, raises, hands it on or keeps it.
    """
    types: list[Node] = []
    for statement in statements(function.child_by_field_name("body")):
        if statement.type == "if_statement":
            chosen = _chosen(statement)
            if chosen is None:
                return None
            types += chosen
            if any(_WIDE.fullmatch(text_of(one)) for one in chosen):
                return None
        elif not _is_idle(statement):
            return None
    return tuple(types)


def kept(leaving: Node) -> tuple[Node, ...] | None:
    """The types of errors that the `__exit__` of a context manager keeps to itself, as far as it asks what they are.

    None if it keeps whatever there is, or does not ask.
    """
    types: list[Node] = []
    for node in own(leaving):
        value = next((one for one in node.named_children if one.type != "comment"), None)
        if node.type != "return_statement" or value is None:
            continue
        asked = _types(value) or _compared(value)
        if value.type == "true":
            conditions = list(_conditions(node))
            asked = [one for condition in conditions for one in _types(condition) or _compared(condition)]
            if not asked and not any(map(_is_for_none, conditions)):
                return None
        types += asked
    return tuple(types)


def _conditions(statement: Node) -> Iterator[Node]:
    """The conditions on which a statement is run."""
    inner = statement
    for around in ancestors(statement):
        condition = around.child_by_field_name("condition")
        if condition is not None and around.child_by_field_name("consequence") == inner:
            yield condition
        inner = around


def _compared(condition: Node) -> list[Node]:
    """The types that a condition compares with: `kind is Missing`, `kind in (Missing, Late)`."""
    found: list[Node] = []
    for node in walk(condition):
        if node.type == "comparison_operator" and [one.type for one in node.children[1:2]] in (["is"], ["=="], ["in"]):
            other = node.named_children[-1]
            named = other.named_children if other.type == "tuple" else [other]
            found += [one for one in named if one.type in {"identifier", "attribute"}]
    return found


def _is_for_none(condition: Node) -> bool:
    """Whether a condition holds only if nothing was raised."""
    is_compared = condition.type == "comparison_operator" and condition.named_children[-1].type == "none"
    return is_compared and [one.type for one in condition.children[1:2]] == ["is"]


def _chosen(branches: Node) -> list[Node] | None:
    """The types that the branches of an `if` deal with; None if one of them deals with whatever there is."""
    found: list[Node] = []
    for branch in (branches, *branches.children_by_field_name("alternative")):
        condition = branch.child_by_field_name("condition")
        suite = branch.child_by_field_name("consequence") or branch.child_by_field_name("body")
        types = _types(condition) if condition is not None else []
        if not types and not all(map(_is_idle, statements(suite))):
            return None
        found += types
    return found


def _types(condition: Node) -> list[Node]:
    """The types that a condition asks for: `isinstance(error, (Missing, Late))`."""
    if any(node.type == "not_operator" for node in walk(condition)):
        return []
    asked = [node for node in walk(condition) if node.type == "call" and last_word(node) in _ASKS]
    named = [given[1] for call in asked if len(given := positional_arguments(call)) > 1]
    return [one for node in named for one in (node.named_children if node.type == "tuple" else [node])]


def _is_idle(statement: Node) -> bool:
    """Whether a statement does nothing that anybody learns of; a fixed text on the standard output names no error."""
    if does_nothing(statement) or statement.type == "comment":
        return True
    if statement.type == "return_statement":
        return all(child.type in {"none", "true", "false", "comment"} for child in statement.named_children)
    inner = statement.named_children[0] if statement.type == "expression_statement" else None
    if inner is not None and inner.type == "call":
        return dotted(inner.child_by_field_name("function")) == "print" and _is_fixed(inner)
    return inner is not None and inner.type == "assignment" and _only_looks(inner)


def _is_fixed(call: Node) -> bool:
    given = call.child_by_field_name("arguments")
    listed = given.named_children if given is not None else []
    is_made = any(node.type == "interpolation" for one in listed for node in walk(one))
    return not is_made and all(one.type in _CONSTANTS for one in listed)


def _only_looks(assignment: Node) -> bool:
    """Whether an assignment names what it looks up, and keeps nothing: `cause = getattr(error, "original", error)`."""
    target, value = assignment.child_by_field_name("left"), assignment.child_by_field_name("right")
    if target is None or value is None or target.type != "identifier":
        return False
    calls = [node for node in walk(value) if node.type in {"call", "await"}]
    return all(
        one.type == "call" and _PLAIN.fullmatch(text_of(one.child_by_field_name("function") or one)) for one in calls
    )


def drops(clause: Node) -> bool:
    """Whether an `except` clause takes every failure away: nobody learns of it but who reads the standard output, and
    the program goes on, or ends, as if it had worked.
    """
    if not handlers.is_broad_in_words(clause) or any(node.type == "comment" for node in walk(clause)):
        return False
    return all(_goes_on(one, clause) for one in handlers.statements_of(clause))


def _goes_on(statement: Node, clause: Node) -> bool:
    """Whether a statement of a handler tells nobody: it prints, ends nothing but a function, or makes a value empty of
    which nobody asks later whether it is.
    """
    if does_nothing(statement) or statement.type == "break_statement":
        return True
    if statement.type == "return_statement":
        return all(child.type == "none" for child in statement.named_children)
    inner = statement.named_children[0] if statement.type == "expression_statement" else None
    if inner is None or inner.type == "call":
        return inner is not None and handlers.only_prints(inner)
    target, value = inner.child_by_field_name("left"), inner.child_by_field_name("right")
    is_empty = inner.type == "assignment" and value is not None and text_of(value) in _EMPTY
    return is_empty and target is not None and not _is_asked_for(text_of(target), clause)


def _is_asked_for(name: str, clause: Node) -> bool:
    """Whether a condition behind a handler's `try` asks for a variable."""
    function = function_around(clause)
    conditions = (node.child_by_field_name("condition") for node in own(function)) if function is not None else ()
    return any(
        node.type == "identifier" and text_of(node) == name
        for condition in conditions
        if condition is not None and condition.start_byte > clause.start_byte
        for node in walk(condition)
    )
