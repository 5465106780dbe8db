from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from tree_sitter import Node

from shipworthy import absence, fixes, handlers
from shipworthy.model import Edit, Severity
from shipworthy.rule import Found, Offer, Pass, Site, node_rule, py
from shipworthy.syntax import (
    FUNCTIONS,
    ancestors,
    function_around,
    last_word,
    own,
    positional_arguments,
    spoken,
    text_of,
    walk,
)
from shipworthy.upkeep import is_upkeep

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
_ORDERS = frozenset({"<", "<=", ">", ">="})
_CONDITIONS = frozenset({"if_statement", "elif_clause", "while_statement"})


@node_rule(
    "unchecked-optional",
    severity=Severity.HINT,
    python="call",
    extract=absence.words,
    cwe=(476,),
    bad=(
        py("""
            import re

            def year(text):
                return «re.search(r"[0-9]{4}", text)».group()
        """),
        py(
            """
            import re

            YEAR = re.compile("[0-9]{4}")

            def year(text):
                found = «YEAR.search(text)»
                return int(found[0])
            """,
            fixed="""
            import re

            YEAR = re.compile("[0-9]{4}")

            def year(text):
                found = YEAR.search(text)
                if found is None:
                    raise LookupError("YEAR.search found nothing")
                return int(found[0])
            """,
        ),
        py("""
            def name(cursor, key):
                row = «cursor.execute("select name from users where id = ?", (key,)).fetchone()»
                return row[0]
        """),
        py("""
            from bs4 import BeautifulSoup

            def title(text):
                return «BeautifulSoup(text, "html.parser").find("h1")».text
        """),
        py("""
            def summary(session, key):
                order = «session.get(Order, key)»
                return order.summary()
        """),
        py("""
            ROOMS = {}

            def find_room(number):
                if number not in ROOMS:
                    return None
                return ROOMS[number]

            class Desk:
                async def load(self, key) -> str | None:
                    return await self.store.load(key)

                async def title(self, key):
                    return (await «self.load(key)»).title()

            def size(number):
                return «find_room(number)».size
        """),
        py("""
            from sqlalchemy import select
            from sqlalchemy.orm import Session

            def rename(db: Session, key: int, name: str):
                order = «db.get(Order, key)»
                order.name = name
                return order

            def newest(db: Session, shop: int):
                return «db.scalars(select(Order).where(Order.shop == shop)).first()».name
        """),
        py("""
            import os

            from flask import Flask, request

            app = Flask(__name__)
            HOSTS = os.environ.get("HOSTS", "")

            @app.get("/search")
            def search():
                words = «request.args.get("words")».split()
                mail = «request.args.get("mail")»
                return find(words, mail.lower(), «os.environ.get("PLACES")».split(","))
        """),
        py("""
            async def weather(connection, key):
                row = await «connection.fetchrow("select lat from stations where id = $1", key)»
                return row["lat"]
        """),
    ),
    good=(
        py("""
            ROOMS = {}

            def find_room(number):
                if number not in ROOMS:
                    return None
                return ROOMS[number]

            def size(number):
                room = find_room(number)
                return room.size if room else 0

            def default_room():
                def nothing():
                    return None
                return ROOMS["default"]

            def find_default():
                return default_room().size
        """),
        py("""
            import os

            from flask import Flask, request

            app = Flask(__name__)

            @app.get("/search")
            def search():
                mail = request.args.get("mail")
                if not mail:
                    return "no mail", 400
                if "words" in request.args:
                    words = request.args.get("words").split()
                return find(words, mail.lower(), request.args.get("town", "").lower(), os.getenv("PLACE"))
        """),
        py("""
            def summary(session, key):
                order = session.get(Order, key)
                if order is None:
                    raise NotFound(key)
                return order.summary()
        """),
        py("""
            import re

            def year(text):
                found = re.search(r"[0-9]{4}", text)
                return found.group() if found else None
        """),
        py("""
            import re

            def year(text):
                found = re.search(r"[0-9]{4}", text)
                if found is None:
                    raise ValueError(text)
                return found.group()
        """),
        py("""
            import re

            def year(text):
                try:
                    return re.search(r"[0-9]{4}", text).group()
                except AttributeError:
                    return None
        """),
        py("""
            import re

            def lead(text):
                return re.match(r"\\s*", text).group()

            def origin(text):
                return try_call(lambda: re.search(r"[0-9]{4}", text).group())
        """),
        py("""
            def touched(connection, key):
                connection.execute("insert into visits values (?, 1) on conflict do nothing", (key,))
                return connection.execute("select count from visits where name = ?", (key,)).fetchone()[0]
        """),
        py("""
            def users(cursor):
                return cursor.execute("select count(*) from users").fetchone()[0]
        """),
    ),
)
def unchecked_optional(run: Pass, call: Node) -> Iterator[Found]:
    """The result of a search that may find nothing is used as if it had found something.

    Where there is no match, no row or no such program, the result is `None`, and the next step ends
    in `AttributeError` or `TypeError`: 'NoneType' object ...

    Instead, look at the result first, and decide what it means that nothing was found.
    """
    function = call.child_by_field_name("function")
    if function is None or not (
        absence.is_column(call, function_around(call))
        or absence.is_search(run, call, function)
        or absence.is_own_search(run, call, function)
    ):
        return
    scope = function_around(call)
    if scope is None or scope.type == "lambda" or next(handlers.guards(call), None) is not None or is_upkeep(run.path):
        return
    use = _unseen_column(call) if absence.is_column(call, scope) else _use(call)
    if use is not None and last_word(call) == "get_item" and not re.search(r"\[['\"]Item['\"]\]$", text_of(use)):
        return
    if use is None or _is_tested_before(call) or _always_matches(call) or call != _first_of_its_kind(scope, call):
        return
    message = f"`{spoken(function)}` may find nothing, and its result is used unseen: look at it first."
    yield run.finding(call, message, related=(run.place(use, "used here"),), offers=_offers(run, call))


def _first_of_its_kind(scope: Node, call: Node) -> Node:
    """The first `find` on the same thing in a function: one finding says it for the others."""
    function = call.child_by_field_name("function")
    if last_word(call) != "find" or function is None:
        return call
    others = (node for node in own(scope) if node.type == "call" and last_word(node) == "find")
    alike = (
        node
        for node in others
        if text_of(node.child_by_field_name("function") or node) == text_of(function) and _use(node) is not None
    )
    return next((node for node in alike if next(handlers.guards(node), None) is None), call)


def _always_matches(call: Node) -> bool:
    """Whether a pattern that is written out matches whatever text it meets."""
    given = positional_arguments(call)
    if (
        len(given) > 1
        and re.search(r"(?i)url|https\?:", text_of(given[0]))
        and re.search(r"(?i)url", text_of(given[1]))
    ):
        return True  # it takes an address apart that has been looked at before
    if last_word(call) not in {"match", "search"} or not given or given[0].type != "string":
        return False
    try:
        pattern = re.compile(ast.literal_eval(text_of(given[0])))
        return all(pattern.match(text) is not None for text in ("a", "0", "-/ <"))
    except (re.error, SyntaxError, ValueError, TypeError, OverflowError):
        return False  # an f-string, or a mistake that others report


def _offers(run: Pass, call: Node) -> tuple[Offer, ...]:
    """A guard behind the assignment whose variable is used unseen."""
    assignment = call.parent
    if assignment is not None and assignment.type == "await":
        assignment = assignment.parent
    statement = assignment.parent if assignment is not None else None
    if assignment is None or statement is None or assignment.type != "assignment":
        return ()
    target = assignment.child_by_field_name("left")
    if target is None or statement.type != "expression_statement" or statement.parent is None:
        return ()
    name, function = text_of(target), call.child_by_field_name("function")

    def edits(site: Site) -> Iterator[Edit]:
        guard = f'    raise LookupError("{spoken(function)} found nothing")'
        yield fixes.line_behind(site, statement, f"if {name} is None:", guard)

    is_alone = fixes.is_alone_on_line(statement)
    return (run.offer("Raise an error if nothing was found", edits),) if is_alone else ()


def _use(call: Node) -> Node | None:
    """Where the result is used at once or, held in a variable, without any test in the function."""
    value = _whole(call)
    if (use := _needed_by(value)) is not None:
        return use
    held = _held(call, value)
    if held is None:
        return None
    target, uses = held
    used = (_needed_by(use) for use in uses if use.start_byte > call.end_byte)
    first = next((one for one in used if one is not None), None)
    looked_at = any(_is_test(use) for use in uses if not _is_given_back_behind(use, first))
    return None if looked_at or any(_is_binding(use) for use in uses) else first


def _whole(call: Node) -> Node:
    """A call with the `await` and the parentheses around it."""
    value = call
    while value.parent is not None and value.parent.type in {"await", "parenthesized_expression"}:
        value = value.parent
    return value


def _held(call: Node, value: Node) -> tuple[Node, list[Node]] | None:
    """The variable that holds a result, and where else its name stands in the function."""
    parent, scope = value.parent, function_around(call)
    target = parent.child_by_field_name("left") if parent is not None and parent.type == "assignment" else None
    if scope is None or target is None or target.type != "identifier":
        return None
    named = [node for node in walk(scope) if node.type == "identifier" and node.text == target.text and node != target]
    return target, [node for node in named if not _is_member(node)]


def _is_member(name: Node) -> bool:
    """Whether a name is that of an attribute or of a keyword."""
    parent = name.parent
    field = {"attribute": "attribute", "keyword_argument": "name"}.get(parent.type) if parent is not None else None
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
    if kind == "for_statement":
        return around.child_by_field_name("left") if around.child_by_field_name("right") == value else None
    left = around.child_by_field_name("left") if kind == "assignment" else None
    return left if left is not None and left.type in {"pattern_list", "tuple_pattern", "list_pattern"} else None


def _is_order(comparison: Node) -> bool:
    """Whether a comparison asks which of two values is greater."""
    return all(child.is_named or child.type in _ORDERS for child in comparison.children)


def _unseen_column(call: Node) -> Node | None:
    """Where the first column of a row is reckoned with that nobody looks at."""
    value = _whole(call)
    held = _held(call, value)
    rows = [value] if held is None else held[1]
    firsts = [row.parent for row in rows if row.parent is not None and _is_first_column(row.parent, row)]
    reckoned = (one for one in firsts if _needed_by(one) is not None and not _is_test(one))
    use = next(reckoned, None)
    return None if use is None or any(map(_is_test, firsts)) or len(firsts) != len(rows) else use


def _is_first_column(around: Node, row: Node) -> bool:
    index = around.child_by_field_name("subscript")
    return around.type == "subscript" and row != index and index is not None and text_of(index) == "0"


def _is_given_back_behind(use: Node, first: Node | None) -> bool:
    """Whether a value is given back by the block in which it was used before: nobody can look at it in time."""
    given = use.parent
    if given is None or first is None or given.type != "return_statement" or use.start_byte < first.start_byte:
        return False
    return given.parent is not None and given.parent in ancestors(first)


def _is_test(use: Node) -> bool:
    """Whether a use looks at the value, or hands it to somebody who may."""
    inner = use
    for around in ancestors(use):
        if around.type == "comparison_operator" and around == use.parent and _is_order(around):
            return False
        if around.type in _TESTS:
            return True
        if around.type in _CONDITIONS:
            return around.child_by_field_name("condition") == inner
        if around.type in {"attribute", "subscript", "call"} or around.type.endswith(("_statement", "block")):
            return False
        inner = around
    return False


def _is_binding(use: Node) -> bool:
    parent = use.parent
    return parent is not None and parent.type == "assignment" and parent.child_by_field_name("left") == use


def _is_tested_before(call: Node) -> bool:
    """Whether the same call, or one with the same arguments, stands in a condition of the function."""
    scope = function_around(call)
    said = _said(call)
    for node in own(scope) if scope is not None else ():
        if node.type == "call" and node != call and _said(node) == said and _is_test(node):
            return True
    if _is_known_to_match(call):
        return True
    statement = next(
        (around for around in ancestors(call) if around.type in {"conditional_expression", "if_clause"}), None
    )
    return statement is not None or any(around.type == "boolean_operator" for around in ancestors(call))


def _is_known_to_match(call: Node) -> bool:
    """Whether an `if` around looks at what is searched, or the same search decides elsewhere in the class."""
    searched = _words_of(positional_arguments(call))
    for around in ancestors(call):
        if around.type in FUNCTIONS:
            break
        condition = around.child_by_field_name("condition") if around.type in _CONDITIONS else None
        if condition is not None and searched & _words_of([condition]):
            return True
    top = list(ancestors(call))[-1]
    return text_of(top).count(text_of(call)) > 1


def _words_of(nodes: Iterable[Node]) -> set[str]:
    """The names in some expressions, and the texts that are keys."""
    return {text_of(node) for one in nodes for node in walk(one) if node.type in {"identifier", "string"}}


def _said(call: Node) -> list[str]:
    """What is called and with what, whatever else is said about how: `re.search`, a pattern, a text."""
    parts = [call.child_by_field_name("function"), *positional_arguments(call)[:2]]
    return [text_of(part) for part in parts if part is not None]
