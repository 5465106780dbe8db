from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from tree_sitter import Node

from shipworthy import fixes, handlers, origins
from shipworthy.document import Block
from shipworthy.model import Edit, Severity
from shipworthy.rule import Found, Offer, Pass, Site, node_rule, py
from shipworthy.syntax import (
    FUNCTIONS,
    ancestors,
    dotted,
    function_around,
    keyword_arguments,
    last_word,
    own,
    positional_arguments,
    spoken,
    text_of,
    walk,
)
from shipworthy.upkeep import is_upkeep

_MATCHERS = frozenset({"match", "search", "fullmatch"})
_FUNCTIONS = frozenset({"re.match", "re.search", "re.fullmatch", "shutil.which", "inspect.getmodule"})
_ROWS = frozenset({"fetchone", "fetchrow"})
_ONES = frozenset(
    {"find_one", "scalar_one_or_none", "one_or_none", "get_channel", "get_guild", "get_member", "get_item"}
)
"""Methods of databases and of chat libraries that give None, or an answer without an item, for what is not there."""

_ASKS = _ROWS | {"execute", "fetchval"}
"""Methods that take the text of a query, as far as they are handed one."""

_SENT = re.compile(
    r"(?:^|\.)(?:request|req)\.(?:args|form|values|headers|cookies|query_params|GET|POST|COOKIES|META)$|^os\.environ$"
)
"""What holds a value only if somebody has sent or set it."""

_SEARCHING = re.compile(
    r"_*(?:\w+_)?(?:by|current|download|fetch|find|first|get|latest|load|locate|lookup|match|newest|next|parse|pick|query|read"
    r"|resolve|search|select)(?:_|$)"
)
"""What the functions of a project are called that look for something."""

_METHODS = _MATCHERS | _ROWS | _ONES | {"find", "first", "get", "getenv", "which", "getmodule"}
_ALWAYS_A_ROW = re.compile(
    r"(?i)(?:\b|_)(?:count|sum|max|min|avg|coalesce|exists|changes|last_insert\w*|version)\s*\(|\breturning\b|pragma|select\s+1\b"
)
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
_CONDITIONS = frozenset({"if_statement", "elif_clause", "while_statement"})


def _words(block: Block) -> Iterable[str]:
    """What variables hold, and `soup` in a file that parses with Beautiful Soup."""
    yield from origins.bindings(block)
    if re.search(r"\bbs4\b", block.text) is not None:
        yield "soup"


@node_rule(
    "unchecked-optional",
    severity=Severity.HINT,
    python="call",
    extract=_words,
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
    if function is None or not (_is_search(run, call, function) or _is_own_search(run, call, function)):
        return
    scope = function_around(call)
    if scope is None or scope.type == "lambda" or next(handlers.guards(call), None) is not None or is_upkeep(run.path):
        return
    use = _use(call)
    if use is not None and last_word(call) == "get_item" and not re.search(r"\[['\"]Item['\"]\]$", text_of(use)):
        return
    if use is None or _is_tested_before(call) or _always_matches(call) or call != _first_of_its_kind(scope, call):
        return
    message = f"`{spoken(function)}` may find nothing, and its result is used unseen: look at it first."
    yield run.finding(call, message, related=(run.place(use, "used here"),), offers=_offers(run, call))


def _is_search(run: Pass, call: Node, function: Node) -> bool:
    """Whether a library is called for what may not be there."""
    return dotted(function).rpartition(".")[2] in _METHODS and _may_be_none(run, call, function)


def _is_own_search(run: Pass, call: Node, function: Node) -> bool:
    """Whether a function of the project is called that looks for something, and says that it may give None."""
    path = dotted(function)
    first, _, rest = path.partition(".")
    if not _SEARCHING.match(path.rpartition(".")[2]) or function_around(call) is None or _use(call) is None:
        return False
    if first == "self":
        owner = origins.class_around(run.block, call)
        found = run.facts.defined(f"{owner}.{rest}") if owner and "." not in rest else None
    else:
        is_known = run.name(function) and (run.facts.imported(first) or run.facts.defined(first))
        found = run.facts.find(path) if is_known else None
    if found is None or found.kind != "function" or not found.may_give_none or found.decorators:
        return False
    return found.is_async == (call.parent is not None and call.parent.type == "await")


def _may_be_none(run: Pass, call: Node, function: Node) -> bool:
    name = run.name(function)
    if name == "os.getenv":
        return len(positional_arguments(call)) == 1 and not keyword_arguments(call)
    if name in _FUNCTIONS:
        return True
    if function.type != "attribute":
        return False
    method, scope = dotted(function).rpartition(".")[2], function_around(call)
    made = function.child_by_field_name("object")
    if method in _MATCHERS:
        return origins.origin(run, made) == "re.compile" or (made is not None and run.name(made) == "re.compile")
    if method == "get":
        return _may_get_nothing(run, call, made)
    if method == "get_item":
        return "Key" in keyword_arguments(call)
    if method in _ONES:
        return True
    if method in _ROWS:
        return scope is not None and _may_have_no_row(text_of(scope)) and not _is_written_before(scope, call)
    if method == "find" and "soup" in run.facts[run.rule.id]:
        given = positional_arguments(call)
        is_tag = bool(given) and re.fullmatch(r"['\"][a-z][a-z0-9]*['\"]", text_of(given[0])) is not None
        return is_tag or bool({"class_", "id", "attrs"} & keyword_arguments(call).keys())
    if method == "first":
        return (
            not positional_arguments(call) and re.search(r"\.(?:filter(?:_by)?|where)\(", text_of(function)) is not None
        )
    return False


def _may_get_nothing(run: Pass, call: Node, holder: Node | None) -> bool:
    """Whether `get` asks for a row by its key, for a setting, or for what a request may have left out."""
    given = positional_arguments(call)
    if len(given) == 2 and not keyword_arguments(call):
        is_session = re.search(r"(?i)session$", dotted(holder)) or origins.origin(run, holder).endswith("Session")
        return bool(is_session) and text_of(given[0])[:1].isupper()
    return (
        len(given) == 1
        and given[0].type == "string"
        and not keyword_arguments(call)
        and _SENT.search(dotted(holder)) is not None
    )


def _may_have_no_row(text: str) -> bool:
    """Whether a function's queries may find no row: those of a function or of no table always find one."""
    return _ALWAYS_A_ROW.search(text) is None and re.search(r"(?i)\bfrom\b[^#]*\bwhere\b", text) is not None


def _is_written_before(scope: Node, call: Node) -> bool:
    """Whether the function has put a row with the same key into the table that it asks."""
    asked = [node for node in own(scope) if node.type == "call" and last_word(node) in _ASKS]
    before = [node for node in asked if node.start_byte < call.end_byte]
    table = re.search(r"(?i)\bfrom\s+(\w+)", text_of(before[-1])) if before else None
    keys = _keys(before[-1]) if before else frozenset[str]()
    if table is None or not keys:
        return False
    written = re.compile(rf"(?i)\b(?:insert|replace)\b[^;]*?\binto\s+{table[1]}\b")
    return any(written.search(text_of(node)) is not None and keys <= _keys(node) for node in before[:-1])


def _keys(call: Node) -> frozenset[str]:
    """The names of the values that a query is given."""
    given = (node for one in positional_arguments(call)[1:] for node in walk(one))
    return frozenset(text_of(node) for node in given if node.type == "identifier")


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
    value = call.parent if call.parent is not None and call.parent.type == "await" else call
    parent = value.parent
    if parent is not None and parent.type == "parenthesized_expression":
        value, parent = parent, parent.parent
    if parent is None:
        return None
    if parent.type == "attribute" or (parent.type == "subscript" and parent.child_by_field_name("value") == value):
        return parent
    scope, target = function_around(call), parent.child_by_field_name("left")
    if parent.type != "assignment" or scope is None or target is None or target.type != "identifier":
        return None
    uses = [node for node in walk(scope) if node.type == "identifier" and node.text == target.text and node != target]
    used = (use.parent for use in uses if use.parent is not None and use.start_byte > call.end_byte)
    first = next((one for one in used if one.type == "attribute" or one.type == "subscript"), None)
    looked_at = any(_is_test(use) for use in uses if not _is_given_back_behind(use, first))
    return None if looked_at or any(_is_binding(use) for use in uses) else first


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
