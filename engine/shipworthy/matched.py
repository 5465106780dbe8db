"""Where a file has made sure before that a pattern matches what is searched.

Patterns are known by the names of constants, `DATED.match(line)`: only those are the same all over a file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from tree_sitter import Node

from shipworthy import unseen
from shipworthy.document import Block
from shipworthy.syntax import function_around, is_statement, last_word, name_of, own, positional_arguments, text_of

_PATTERN = re.compile(r"[A-Z][A-Z0-9_]*\.(?:match|search|fullmatch)")
_ASKS = re.compile(rf"\b{_PATTERN.pattern}\(")
_ALL = frozenset({"findall", "finditer"})
_IS_KNOWN = re.compile(r"_*(?:is|has|can|contains|exists|knows|supports)(?:_|$)")
"""Names of functions that tell whether something is there."""


def words(block: Block) -> Iterable[str]:
    """`matches: <pattern> <name> <function> <callee>` where a function looks at whether a pattern matches a variable,
    for each function that it hands the variable to behind that; `-` for none.
    """
    if block.language.id != "python" or _ASKS.search(block.text) is None:
        return
    for call in block.nodes(("call",)).get("call", ()):
        asked, scope = text_of(call.child_by_field_name("function") or call), function_around(call)
        name, given = name_of(scope) if scope is not None else None, positional_arguments(call)
        if name is None or _PATTERN.fullmatch(asked) is None or len(given) != 1 or given[0].type != "identifier":
            continue
        if unseen.is_test(call) or (_is_held(call) and unseen.use(call, block) is None):
            begin = f"matches: {asked} {text_of(given[0])} {text_of(name)}"
            yield from (f"{begin} {callee}" for callee in ("-", *_handed_to(scope, call, given[0])))


def _handed_to(scope: Node | None, call: Node, name: Node) -> Iterator[str]:
    """The functions that a variable is handed to behind a call; `*` for one that is chosen while the program runs."""
    for node in own(scope) if scope is not None else ():
        if node.type == "call" and node.start_byte > call.end_byte:
            callee = node.child_by_field_name("function")
            if name.text in {one.text for one in positional_arguments(node)}:
                yield last_word(node) if callee is not None and callee.type in {"identifier", "attribute"} else "*"


def is_known(call: Node, known: Iterable[str]) -> bool:
    """Whether what a constant's pattern is asked about has been matched before.

    By a function that this one has called for it, or, where it is a parameter, by another one of the file that knows
    it by the same name and hands it over.
    """
    asked, scope = text_of(call.child_by_field_name("function") or call), function_around(call)
    given = positional_arguments(call)
    if scope is None or _PATTERN.fullmatch(asked) is None or len(given) != 1:
        return False
    before = {last_word(node) for node in _before(scope, call)}
    parameters = scope.child_by_field_name("parameters")
    handed = {text_of(one) for one in parameters.named_children} if parameters is not None else set[str]()
    name = name_of(scope)
    own_name = text_of(name) if name is not None else ""
    for word in known:
        kind, _, rest = word.partition(" ")
        if kind != "matches:" or not rest.startswith(f"{asked} "):
            continue
        _, about, function, callee = rest.split(" ")
        is_meant = callee == own_name or (own_name == "__init__" and (callee == "*" or callee[:1].isupper()))
        if (is_meant and about in handed and about == text_of(given[0])) or (
            function in before and given[0].type == "subscript"
        ):
            return True
    return False


def is_counted(call: Node) -> bool:
    """Whether the same pattern has found all its matches in the same text before: as many can be found again."""
    scope, given = function_around(call), [text_of(one) for one in positional_arguments(call)]
    return scope is not None and any(
        last_word(node) in _ALL and [text_of(one) for one in positional_arguments(node)] == given
        for node in _before(scope, call)
        if len(given) > 1
    )


def is_asked_before(call: Node) -> bool:
    """Whether the same object is asked before whether it knows the same thing: `models.is_known(name)`."""
    scope, owner, given = function_around(call), _owner(call), positional_arguments(call)
    if not owner or not given or scope is None:
        return False
    return any(
        _owner(node) == owner
        and _IS_KNOWN.match(last_word(node)) is not None
        and [text_of(one) for one in positional_arguments(node)[:1]] == [text_of(given[0])]
        and unseen.is_test(node)
        for node in _before(scope, call)
    )


def is_of_form(call: Node) -> bool:
    """Whether the function has left before if the whole of the same text is not of some form: what is searched in it
    next is a part of that form.
    """
    scope, given = function_around(call), positional_arguments(call)
    if scope is None or len(given) != 2 or last_word(call) not in {"match", "search"}:
        return False
    return any(
        last_word(node) == "fullmatch"
        and [text_of(one) for one in positional_arguments(node)[1:]] == [text_of(given[1])]
        and unseen.is_test(node)
        for node in _before(scope, call)
    )


_CHECKS = re.compile(r"_*(?:assert|check|ensure|require|validate|verify)(?:_|$)")
"""Names of functions that tell what is wrong with what they are given, or raise."""


def is_checked_before(call: Node) -> bool:
    """Whether all that a function of the project is asked about was checked before, and the function left if something
    was wrong: `errors = validate_order(shop, number)`, `if errors: return`.
    """
    scope, given = function_around(call), {text_of(one) for one in positional_arguments(call)}
    if scope is None or not given:
        return False
    return any(
        _CHECKS.match(last_word(node)) is not None
        and given <= {text_of(one) for one in positional_arguments(node)}
        and (unseen.is_test(node) or _is_held(node) or is_statement(node))
        for node in _before(scope, call)
    )


def _before(scope: Node, call: Node) -> Iterator[Node]:
    return (node for node in own(scope, "call") if node.end_byte < call.start_byte)


def _owner(call: Node) -> str:
    return text_of(call.child_by_field_name("function") or call).rpartition(".")[0]


def _is_held(call: Node) -> bool:
    return call.parent is not None and call.parent.type == "assignment"
