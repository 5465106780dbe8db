from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from shipworthy.model import Severity
from shipworthy.rule import Found, Pass, node_rule, py
from shipworthy.syntax import (
    dotted,
    enclosing,
    function_around,
    is_statement,
    keyword_arguments,
    last_word,
    own,
    positional_arguments,
    text_of,
    walk,
)
from shipworthy.upkeep import is_upkeep

_AS_ONE = re.compile(r"(?i)atomic|transaction|savepoint|\bbegin\b|rollback|on_commit")
_ROWS = re.compile(r"(?s)^(?P<owner>.*)\.(?P<set>objects|\w+)\.(?:all\(\)|(?:filter|exclude)\(.*\))\.delete$")
_REMOVAL = re.compile(r"(?is)^[^'\"]*['\"]+\s*(?:delete\s+from|truncate(?:\s+table)?)\s+[\"`]?(\w+)")
_OF_NO_VALUE = re.compile(r"(?i)te?mp|cache|session|token|lock|log|test")
_MAKES = frozenset({"create", "bulk_create", "get_or_create", "update_or_create"})
_ASKS = frozenset({"execute", "executemany", "executescript", "copy_from", "copy_expert", "execute_values"})
_BEGINS = _ASKS | {"delete"}


@node_rule(
    "deleted-before-replaced",
    severity=Severity.HINT,
    python="call",
    cwe=(460,),
    bad=(
        py("""
            def renew(album):
                «album.pictures.all().delete()»
                for name in names_of(album):
                    Picture.objects.create(album=album, name=name)
        """),
        py("""
            from shop.models import Price

            def load(rows):
                «Price.objects.all().delete()»
                Price.objects.bulk_create(Price(name=row["name"], value=row["value"]) for row in rows)
        """),
        py("""
            def replace(connection, day, rows):
                «connection.execute("DELETE FROM visits WHERE day = ?", (day,))»
                connection.commit()
                connection.executemany("INSERT INTO visits VALUES (?, ?)", rows)
                connection.commit()
        """),
        py("""
            from sqlalchemy import text

            def refill(connection, frame):
                «connection.execute(text("delete from visits"))»
                connection.commit()
                frame.to_sql("visits", connection, if_exists="append")
        """),
    ),
    good=(
        py("""
            def refresh(connection, gone, changed):
                for path in gone:
                    connection.execute("DELETE FROM pages WHERE path = ?", (path,))
                connection.commit()
                for path in changed:
                    connection.execute("DELETE FROM pages WHERE path = ?", (path,))
                    connection.execute("INSERT INTO pages VALUES (?)", (path,))
                connection.commit()
        """),
        py("""
            from django.db import transaction

            def renew(album):
                with transaction.atomic():
                    album.pictures.all().delete()
                    for name in names_of(album):
                        Picture.objects.create(album=album, name=name)

            @transaction.atomic
            def load(rows):
                Price.objects.all().delete()
                Price.objects.bulk_create(Price(name=row["name"]) for row in rows)
        """),
        py("""
            def renew(album):
                album.pictures.all().delete()
                Visit.objects.create(album=album)
                Shelf.objects.filter(album=album).delete()
                Picture.objects.create(name="cover")
        """),
        py("""
            def replace(connection, day, rows):
                connection.execute("DELETE FROM visits WHERE day = ?", (day,))
                connection.executemany("INSERT INTO visits VALUES (?, ?)", rows)
                connection.commit()

            def tidy(connection, day):
                connection.execute("DELETE FROM visits WHERE day < ?", (day,))
                connection.commit()
                connection.execute("INSERT INTO runs VALUES (?)", (day,))
                connection.commit()
        """),
    ),
)
def deleted_before_replaced(run: Pass, call: Node) -> Iterator[Found]:
    """Rows are deleted for good before those that replace them are written.

    If writing them fails, or the program ends in between, the old rows are gone and the new ones are not
    there: whoever reads meets an empty table, or half of one.

    Instead, delete and write in one transaction: `with transaction.atomic():`, or one commit behind both.
    """
    if last_word(call) not in _BEGINS:
        return
    scope = function_around(call)
    if scope is None or is_upkeep(run.path):
        return
    if enclosing(call, {"except_clause", "finally_clause"}) is not None or _is_one_piece(scope):
        return
    replaced = _rows_again(scope, call) if last_word(call) == "delete" else _table_again(scope, call)
    if replaced is not None:
        message = f"If `{_said(replaced)}` fails, what was deleted here is not replaced: do both in one transaction."
        yield run.finding(call, message, related=(run.place(replaced, "written here"),))


def _is_one_piece(scope: Node) -> bool:
    """Whether a function, or a decorator of it, says that what it writes is written as a whole."""
    around = scope.parent if scope.parent is not None and scope.parent.type == "decorated_definition" else scope
    return _AS_ONE.search(text_of(around)) is not None


def _rows_again(scope: Node, call: Node) -> Node | None:
    """Where rows of the same model, or of the same owner, are made behind a deletion of all of them."""
    function = call.child_by_field_name("function")
    found = _ROWS.match(text_of(function)) if function is not None else None
    if found is None or positional_arguments(call) or _OF_NO_VALUE.search(text_of(call)) or not is_statement(call):
        return None
    later = (node for node in own(scope, "call") if node.start_byte > call.end_byte)
    picked = {text_of(node) for node in walk(call) if node.type == "keyword_argument"}
    later = (node for node in later if not _are_others(node, picked))
    return next(
        (node for node in later if last_word(node) in _MAKES and _is_of(node, found["owner"], found["set"])), None
    )


def _are_others(made: Node, picked: set[str]) -> bool:
    """Whether the rows that are made differ in what said which ones are deleted."""
    names = {one.partition("=")[0].partition("__")[0]: one.partition("=")[2] for one in picked}
    given = keyword_arguments(made)
    return any(name in given and text_of(given[name]) != value for name, value in names.items())


def _is_of(made: Node, owner: str, rows: str) -> bool:
    """Whether a call makes a row of a model, or one that belongs to the owner of a set of rows."""
    holder = dotted(made.child_by_field_name("function")).rpartition(".")[0]
    if rows == "objects":
        return holder == f"{owner}.objects"
    words = re.sub(r"(?:_set|s)$", "", rows).replace("_", "")
    is_its_own = owner in map(text_of, keyword_arguments(made).values())
    return holder == f"{owner}.{rows}" or (is_its_own and holder.lower() == f"{words}.objects")


def _table_again(scope: Node, call: Node) -> Node | None:
    """Where the same table is written to behind a deletion and its commit."""
    found = _REMOVAL.match(_query(call))
    if found is None or _OF_NO_VALUE.search(found[1]):
        return None
    later = [node for node in own(scope, "call") if node.start_byte > call.end_byte]
    written = re.compile(rf"(?is)\b(?:insert|replace|copy)\b[^;]*?(?:\binto\b)?\s+[\"`]?{re.escape(found[1])}\b")
    for at, node in enumerate(later):
        again = _REMOVAL.match(_query(node))
        if again is not None and again[1] == found[1]:
            return None  # it is this one that is replaced behind
        is_filled = last_word(node) == "to_sql" and found[1] in _query(node)
        if is_filled or (last_word(node) in _ASKS and written.search(text_of(node)) is not None):
            return node if any(last_word(one) == "commit" for one in later[:at]) else None
    return None


def _query(call: Node) -> str:
    given = positional_arguments(call)
    return text_of(given[0]) if given else ""


def _said(call: Node) -> str:
    return dotted(call.child_by_field_name("function")) or last_word(call)
