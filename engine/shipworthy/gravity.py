"""How loud a failure is told that a handler says nothing about: what blocks a commit, and what is but a remark."""

from __future__ import annotations

import re

from tree_sitter import Node

from shipworthy import handlers, losses, outside, overwritten
from shipworthy.escape import catalogue
from shipworthy.rule import Pass
from shipworthy.syntax import FUNCTIONS, ancestors, enclosing, function_around, last_word, name_of, text_of

_WORKS = re.compile(
    r"(?:^|_)(?:clear|delete|download|export|fetch|import|insert|load|parse|process|publish|read|remove|save|send|store"
    r"|sync|upload|write)(?:_|$)"
)
"""Words in the names of functions that work on something outside of the program."""
_HALF_EXPECTED = re.compile(
    r"(?i)_*(?:(?:is|has|can|should|needs|check|test|try|probe|detect|wait|poll|ping)_\w*|connected|available)"
    r"|\w*(?:_|\b)(?:close|stop|shutdown|disconnect|exit|teardown|clean\w*|orphans?|stale|last_\w+|version|quiet\w*)(?:_\w*)?"
)
"""How functions are called that ask whether something is so, that end or tidy up, or that note what is nice to know."""
_IS_MINOR = re.compile(
    r"(?i)(?:^|[._])(?:last_\w+|touch)(?:_\w*)?\(|(?:^|[._])(?:window|widget|canvas|screen|dialog|figure|cursor|label|button)\."
    r"|^eel\.|\brun\([\w.]*\.a?close\(\)\)|\.(?:create_(?:image|line|oval|polygon|rectangle|text|window)|focus_\w+|item_?config(?:ure)?|lift|winfo_\w+)\("
    r"|(?:^|[._])(?:sock(?:et)?|chan(?:nel)?|src|dst|peer)\.(?:recv|send(?:all)?)\(|\\(?:x1b|033|e)|\bisatty\("
)
"""Calls that note when something was used, change what is seen, or pass on bytes between two who may be gone."""
_NAMES_OF = re.compile(r"(?:sorted\()?(?:dir|vars|inspect\.getmembers(?:_static)?)\(")
_OF_TIME = re.compile(r"(?i)time\(|monotonic|deadline|timeout|attempt|elapsed|until")
"""Conditions of loops that try again for some time."""


def is_loud(run: Pass, clause: Node, loss: losses.Loss) -> bool:
    """Whether nobody lets it go in silence: a write is lost, and Ctrl-C with it. Not where something is removed, which
    may be gone already, nor where a failure is half expected.
    """
    if is_half_expected(run, clause):
        return False
    if losses.removes_on_purpose(clause) or _is_removed_if_there(clause):
        return False
    is_whole = clause.type == "except_clause" and handlers.takes_all(handlers.caught(run, clause))
    return is_whole and loss > losses.Loss.ITEM and _is_grave(run, clause)


def is_half_expected(run: Pass, clause: Node) -> bool:
    """Whether a failure is an answer too, or does no harm: the function around looks, ends or tidies up, as its name
    says, or it is tried until the time is over; or it changes but what is seen, or is said to one who may be gone.
    """
    function = function_around(clause)
    found = name_of(function) if function is not None else None
    name = text_of(found) if found is not None else ""
    if _HALF_EXPECTED.fullmatch(name) is not None or handlers.cleans_up(name) or _is_tried_until(clause):
        return True
    if _goes_over_names(clause) or (name == "write" and _is_copied(clause)):
        return True
    calls = losses.failing(run, clause)
    return bool(calls) and all(_IS_MINOR.search(run.text(call)) is not None for call in calls)


def _is_copied(clause: Node) -> bool:
    """Whether a stream's own `write` writes to one more stream: what is shown matters more than its copy."""
    tried = handlers.calls(handlers.tried(clause))
    return bool(tried) and all(last_word(call) in {"write", "flush"} for call in tried)


def _goes_over_names(clause: Node) -> bool:
    """Whether a `try` is about each of the names that an object has, whatever they stand for."""
    loop = enclosing(clause, FUNCTIONS | {"for_statement"})
    source = loop.child_by_field_name("right") if loop is not None and loop.type == "for_statement" else None
    return source is not None and _NAMES_OF.match(text_of(source)) is not None


def _is_removed_if_there(clause: Node) -> bool:
    """Whether something is removed behind the question whether it is there: `if does_item_exist(item)`."""
    tests = (one.child_by_field_name("condition") for one in ancestors(clause) if one.type == "if_statement")
    is_there = any(test is not None and re.search(r"(?i)exist", text_of(test)) is not None for test in tests)
    return is_there and any(
        last_word(call).startswith(("delete", "remove")) for call in handlers.calls(handlers.tried(clause))
    )


def _is_tried_until(clause: Node) -> bool:
    """Whether a `try` is made again and again until it works or the time is over: `while time.time() < deadline`."""
    loop = enclosing(clause, FUNCTIONS | {"for_statement", "while_statement"})
    condition = loop.child_by_field_name("condition") if loop is not None else None
    return condition is not None and _OF_TIME.search(text_of(condition)) is not None


def _is_grave(run: Pass, clause: Node) -> bool:
    """Whether a `try` works on files, a database or another machine, or does what was to be done, as far as names tell.

    What only looks at widgets, pages or objects of the program is mostly passed over on purpose.
    """
    return any(_is_of_system(run, call) for call in losses.failing(run, clause))


def _is_of_system(run: Pass, call: Node) -> bool:
    word, name = last_word(call), outside.called(run, call)
    if word in overwritten.ON_PATHS or (catalogue.known(name) is not None and not is_of_values(name)):
        return True
    return _WORKS.search(word) is not None or (losses.is_dropped(call) and losses.writes(call))


def is_of_values(name: str) -> bool:
    """Whether a call, by its name in the catalogue, fails for its arguments alone."""
    found = catalogue.known(name)
    if found is None:
        return name.startswith("os.path.")
    is_of_system = any("OSError" in catalogue.ancestors(one.exception) for one in found.raised)
    return not (is_of_system or catalogue.is_remote(name))
