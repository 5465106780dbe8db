from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from shipworthy import constants
from shipworthy.model import Severity
from shipworthy.rule import Found, Hit, Pass, hit_rule, py
from shipworthy.syntax import (
    ancestors,
    argument,
    dotted,
    is_within,
    keyword_arguments,
    text_of,
    walk,
)

_STATEMENT = re.compile(
    r"\s*(?:(?:--[^\n]*\n|/\*.*?\*/|\()\s*)*"
    r"(?:(?:SELECT|INSERT|UPDATE|DELETE|WITH|REPLACE|MERGE|EXPLAIN|CREATE|ALTER|DROP|TRUNCATE)\b"
    r"|(?:select|insert|update|delete|with|replace|merge|explain|create|alter|drop|truncate)\b)",
    re.DOTALL,
)
"""How a statement begins. English that begins with `Select` or `Update` does so with one capital letter."""

_HARMLESS = re.compile(r"(?i)quote|escape|identifier|placeholder|question_?mark|qmark|adapt|^(?:sql|literal)$")
_MESSAGES = re.compile(r"(?i)(?:^|[._])(?:log|logger|logging|print|warn|warning|info|debug|error|exception|s?echo)\b")
_FROM_OUTSIDE = re.compile(r"\b(?:request|req|argv|input|query_params|GET|POST|form|cookies|headers)\b")
_BUILDERS = frozenset({"format", "replace", "join", "strip", "rstrip", "lstrip", "format_map"})
_GROUPING = frozenset({"binary_operator", "parenthesized_expression", "concatenated_string"})
_NAMES = re.compile(
    r"(?i)(?:^|_)(?:tables?|columns?|cols?|fields?|schemas?|(?:table|column|field|db|pk)_?names?)(?:_|$)"
)
_HOLE = "\0"
_FORMATTED = re.compile(r"%(?:\(\w+\))?[-#0-9.]*[a-zA-Z]|\{[^{}]*\}")
_QUOTED_NAME = re.compile(rf"(?i)\b(from|into|join|update|table)\s+[\"`\[]{_HOLE}")
_VALUE = re.compile(
    rf"(?i)(?:[=<>'\"%]|\b(?:like|values|in|between|and|or|limit|offset|when|then|else)\b[\s(]*)\s*{_HOLE}"
)
"""A hole where a value stands. Elsewhere stand names and clauses, which no placeholder can take."""


@hit_rule(
    "sql-string-building",
    severity=Severity.WARNING,
    hits=("bandit:B608", "bandit:B610", "bandit:B611", "ruff:S608", "ruff:S610", "ruff:S611"),
    at="binary_operator|string|concatenated_string|call",
    extract=constants.bindings,
    cwe=(89,),
    good=(
        py("""
            def find(cursor, name):
                cursor.execute("SELECT id FROM users WHERE name = %s", (name,))
        """),
        py("""
            TABLE = "users"
            COLUMNS = ("id", "name")

            def find(cursor, ids):
                marks = ", ".join("?" * len(ids))
                cursor.execute(f"SELECT {', '.join(COLUMNS)} FROM {TABLE} WHERE id IN ({marks})", ids)
        """),
        py("""
            ORDERS = {"new": "created DESC", "old": "created"}

            def listed(cursor, order, newest):
                column = "created" if newest else "id"
                cursor.execute("SELECT id FROM posts ORDER BY " + ORDERS[order] + ", " + column)
        """),
        py("""
            def pages(cursor, page):
                cursor.execute(f"SELECT id FROM posts LIMIT 10 OFFSET {int(page) * 10}")
        """),
        py("""
            def start(options, extra):
                options.update(extra(where=options.text))
        """),
        py("""
            class Blob:
                def size(self, cursor):
                    cursor.execute("SELECT sum(length(data)) FROM blobs WHERE id = %d" % self.number)
        """),
        py("""
            def table(connection, cursor, name):
                cursor.execute("DELETE FROM %s WHERE 1 = 1" % connection.ops.quote_name(name))
        """),
        py("""
            def ordered(cursor, column):
                if column not in known_columns():
                    raise KeyError(column)
                cursor.execute(f"SELECT id FROM posts ORDER BY {column}")
        """),
        py("""
            class Model:
                def remove(self, database):
                    database.mutate(f"DELETE FROM {self._table} WHERE id = ?", (self.id,))
        """),
        py("""
            import logging

            def choose(name, place):
                logging.info(f"Select {name} from the list in {place}")
                raise ValueError("select %s from %s" % (name, place))
        """),
    ),
    bad=(
        py("""
            def find(cursor, name):
                cursor.execute(«f"SELECT id FROM users WHERE name = '{name}'"»)
        """),
        py("""
            def find(cursor, table, name):
                query = «"SELECT id FROM " + table + " WHERE name = '%s'" % name»
                return cursor.execute(query)
        """),
        py("""
            def newest(cursor, column):
                cursor.execute(«f"SELECT id FROM posts ORDER BY {column}"»)
        """),
        py("""
            class Users:
                def remove(self, name):
                    self.cursor.execute(«"DELETE FROM users WHERE name = '{}'".format(name)»)
        """),
        py("""
            from django.db.models.expressions import RawSQL

            def scored(posts, column):
                return posts.annotate(score=«RawSQL("SELECT max(" + column + ") FROM votes", [])»)
        """),
    ),
)
def sql_string_building(run: Pass, hit: Hit, node: Node | None) -> Iterator[Found]:
    """A value becomes part of the text of an SQL statement.

    Whoever chooses the value can end the statement's own text and write on: read other tables,
    log in as anybody, delete everything. Escaping by hand misses cases.

    Instead, write a placeholder and hand the value over beside the statement:
    `execute("... WHERE name = %s", (name,))`. Names of tables and columns cannot be handed over
    so: look them up in a fixed set.
    """
    if node is None:
        return
    is_method = hit.code[-3:] in {"610", "611"}
    if hit.code[-3:] == "610" and "." not in dotted(node):
        return  # any function may be called `extra`; Django's is a method
    statement = node if is_method else _whole(node)
    parts = [part for one in _sql_of(statement, is_method) for part in constants.unfixed(run, one, _is_harmless)]
    if not parts or (not is_method and (_is_message(statement) or not _STATEMENT.match(_literal(statement)))):
        return
    name = next((f"`{name}`" for part in parts if (name := dotted(part))), "A value")
    from_outside = any(_FROM_OUTSIDE.search(text_of(part)) for part in parts)
    skeleton = _QUOTED_NAME.sub(rf"\1 {_HOLE}", _skeleton(run, statement))
    if not is_method and _HOLE not in skeleton:
        return
    if from_outside or is_method or _VALUE.search(skeleton) is not None:
        message = f"{name} becomes part of the text of an SQL statement: hand it over as a parameter."
        yield run.finding(statement, message, severity=Severity.ERROR if from_outside else None)
        return
    message = f"{name} becomes a name or a clause of an SQL statement: see that it can only be one of a fixed set."
    yield run.finding(statement, message, severity=Severity.HINT)


def _skeleton(run: Pass, node: Node) -> str:
    """The text of a statement with a hole where something stands that is not fixed, `?` for what is."""
    if node.type in _GROUPING | {"string"}:
        is_formatted = node.type == "binary_operator" and any(child.type == "%" for child in node.children)
        if is_formatted and node.named_children:
            return _percent(run, node)
        return "".join(_skeleton(run, child) for child in node.named_children)
    if node.type in {"string_start", "string_end", "comment"}:
        return ""
    if node.type == "string_content":
        return text_of(node)
    function = node.child_by_field_name("function")
    if node.type == "call" and function is not None and function.type == "attribute" and _literal(function):
        return _FORMATTED.sub(_HOLE, _skeleton(run, function.named_children[0]))
    return _HOLE if any(constants.unfixed(run, node, _is_harmless)) else "?"


def _percent(run: Pass, node: Node) -> str:
    """The skeleton of `"..." % values`: a number, or a value that is fixed, leaves no hole."""
    template, values = _skeleton(run, node.named_children[0]), node.named_children[-1]
    given = values.named_children if values.type == "tuple" else [values]
    marks = _FORMATTED.findall(template)
    if len(marks) != len(given):
        return _FORMATTED.sub(_HOLE, template)
    holes = iter(zip(marks, given, strict=True))

    def fill(match: re.Match[str]) -> str:
        mark, value = next(holes)
        is_open = mark[-1] not in "dixXofeg" and any(constants.unfixed(run, value, _is_harmless))
        return _HOLE if is_open else "?"

    return _FORMATTED.sub(fill, template)


def _whole(node: Node) -> Node:
    """The expression that a literal is put together in."""
    while (around := node.parent) is not None:
        if around.type == "attribute" and text_of(around.named_children[-1]) in _BUILDERS:
            around = around.parent
            if around is None or around.type != "call":
                return node
        elif around.type not in _GROUPING:
            return node
        node = around
    return node


def _sql_of(statement: Node, is_method: bool) -> list[Node]:
    """The expressions that end up in the text; of Django's `extra` and `RawSQL`, some arguments."""
    if not is_method:
        return [statement]
    named = keyword_arguments(statement)
    given = [named.get(name) for name in ("select", "where", "tables", "order_by", "sql")]
    given += [argument(statement, position) for position in (0, 1, 3, 4)]
    is_raw = dotted(statement).endswith("RawSQL")
    return [one for one in ([argument(statement, 0, "sql")] if is_raw else given) if one is not None]


def _literal(statement: Node) -> str:
    """The text of the literals in an expression, in order."""
    return "".join(text_of(node) for node in walk(statement, ("interpolation",)) if node.type == "string_content")


def _is_harmless(node: Node) -> bool:
    owner, _, name = dotted(node).rpartition(".")
    if node.type == "attribute" and _NAMES.search(name) is not None and _FROM_OUTSIDE.search(owner) is None:
        return True
    if constants.is_checked(node):
        return True
    return node.type in {"call", "identifier", "attribute"} and _HARMLESS.search(name) is not None


def _is_message(statement: Node) -> bool:
    """Whether the text is for people: logged, printed or raised."""
    if is_within(statement, "raise_statement") or is_within(statement, "assert_statement"):
        return True
    around = next((node for node in ancestors(statement) if node.type in {"call", "block"}), None)
    return around is not None and around.type == "call" and _MESSAGES.search(dotted(around)) is not None
