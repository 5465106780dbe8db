from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator

from tree_sitter import Node

from shipworthy import fixes, order, origins
from shipworthy.document import Block
from shipworthy.model import Edit, Severity
from shipworthy.rule import Found, Offer, Pass, Site, node_rule, py
from shipworthy.syntax import (
    FUNCTIONS,
    ancestors,
    bound_names,
    dotted,
    enclosing,
    function_around,
    is_within,
    last_word,
    own,
    positional_arguments,
    text_of,
)

_WRITE = re.compile(r"(?is)^[rfbu]*['\"]+\s*(?:insert|update|delete|replace|merge)\b")
_ASKS = {"execute": 0, "executemany": 0, "execute_values": 1, "execute_batch": 1}
"""Who takes a statement, and at which place."""

_GUARD = re.compile(r"rollback|\bbegin\(|atomic|transaction|savepoint|isolation_level|autocommit", re.IGNORECASE)
_REFUSING = frozenset(
    {
        *(
            "psycopg2.connect",
            "psycopg.connect",
            "psycopg.Connection.connect",
            "pg8000.connect",
            "pg8000.dbapi.connect",
        ),
        *("psycopg.AsyncConnection.connect", "aiopg.connect", "redshift_connector.connect"),
    }
)
"""What makes connections that refuse everything after a statement that fails, until somebody rolls back."""


def _commits(block: Block) -> Iterable[str]:
    """Which functions of a class commit a write on a connection that the class holds, and who takes writes back."""
    yield from origins.bindings(block)
    for call in block.nodes(("call",)).get("call", ()):
        receiver, _, method = dotted(call.child_by_field_name("function")).rpartition(".")
        scope = function_around(call)
        if scope is None or not receiver.startswith("self.") or receiver.count(".") > 1:
            continue
        held = f"{origins.class_around(block, call)}.{receiver[5:]}"
        if method == "rollback":
            yield f"guarded {held}"
        elif method == "commit" and not _is_guarded(scope, receiver) and any(map(_is_write, own(scope))):
            name = scope.child_by_field_name("name")
            yield f"commits {held} {text_of(name) if name is not None else ''}"


@node_rule(
    "missing-rollback",
    severity=Severity.HINT,
    python="call",
    cwe=(460,),
    extract=_commits,
    bad=(
        py(
            """
            class Accounts:
                def move(self, source, target, amount):
                    self.db.execute("update accounts set value = value - ? where id = ?", (amount, source))
                    self.db.execute("update accounts set value = value + ? where id = ?", (amount, target))
                    «self.db.commit()»
            """,
            fixed="""
            class Accounts:
                def move(self, source, target, amount):
                    try:
                        self.db.execute("update accounts set value = value - ? where id = ?", (amount, source))
                        self.db.execute("update accounts set value = value + ? where id = ?", (amount, target))
                        self.db.commit()
                    except BaseException:
                        self.db.rollback()
                        raise
            """,
        ),
        py("""
            import psycopg2
            from psycopg2.extras import execute_values

            class Stock:
                def __init__(self, dsn):
                    self.db = psycopg2.connect(dsn)

                def add(self, names):
                    with self.db.cursor() as cursor:
                        execute_values(cursor, "insert into stock values %s", names)
                    «self.db.commit()»
        """),
        py("""
            import psycopg2

            class Stock:
                def __init__(self, dsn):
                    self.db = psycopg2.connect(dsn)

                def add(self, name):
                    self.db.cursor().execute("insert into stock values (%s)", (name,))
                    «self.db.commit()»

                def drop(self, name):
                    self.db.cursor().execute("delete from stock where name = %s", (name,))
                    self.db.commit()
        """),
        py("""
            class Accounts:
                def close(self, account):
                    if account.is_shared:
                        self.db.execute("delete from shares where account = ?", (account.id,))
                    self.db.execute("delete from accounts where id = ?", (account.id,))
                    «self.db.commit()»

                def drop(self, names):
                    for count, name in enumerate(names):
                        self.db.execute("delete from accounts where name = ?", (name,))
                        if count % 100 == 99:
                            «self.db.commit()»
        """),
    ),
    good=(
        py("""
            class Accounts:
                def read(self, names):
                    with self.db.cursor() as cursor:
                        cursor.execute("select 1")
                        execute_values(cursor, "insert into accounts values %s", names)
                    self.db.commit()
        """),
        py("""
            import psycopg2

            class Stock:
                def __init__(self, dsn):
                    self.db = psycopg2.connect(dsn)

                def add(self, name):
                    with self.db, self.db.cursor() as cursor:
                        cursor.execute("insert into stock values (%s)", (name,))
                        self.db.commit()
        """),
        py("""
            import psycopg2

            class Stock:
                def __init__(self, dsn):
                    self.db = psycopg2.connect(dsn)

                def run(self, change):
                    try:
                        change(self)
                    except psycopg2.Error:
                        self.db.rollback()
                        raise

                def add(self, name):
                    self.db.cursor().execute("insert into stock values (%s)", (name,))
                    self.db.commit()
        """),
        py("""
            class Accounts:
                def move(self, source, target, amount):
                    with self.db:
                        self.db.execute("update accounts set value = value - ? where id = ?", (amount, source))
                        self.db.execute("update accounts set value = value + ? where id = ?", (amount, target))
                        self.db.commit()
        """),
        py("""
            class Accounts:
                def add(self, name):
                    self.db.execute("insert into accounts values (?)", (name,))
                    self.db.commit()
        """),
        py("""
            class Accounts:
                def put(self, account):
                    if account.id:
                        self.db.execute("update accounts set name = ? where id = ?", (account.name, account.id))
                        self.db.commit()
                    else:
                        self.db.execute("insert into accounts values (?)", (account.name,))
                        self.db.commit()

                def keep(self, account):
                    if account.id is None:
                        self.db.execute("insert into accounts values (?)", (account.name,))
                    else:
                        self.db.execute("update accounts set name = ?", (account.name,))
                    self.db.commit()

                def drop(self, names):
                    for name in names:
                        self.db.execute("delete from accounts where name = ?", (name,))
                        self.db.commit()
        """),
        py("""
            def move(path, source, target):
                db = connect(path)
                db.execute("delete from accounts where id = ?", (source,))
                db.execute("delete from accounts where id = ?", (target,))
                db.commit()
        """),
    ),
)
def missing_rollback(run: Pass, call: Node) -> Iterator[Found]:
    """Writes are committed on a connection that lives on, and nothing takes them back if one fails.

    If the second write fails, the first stays pending: it locks the table, and the next commit of
    anybody who shares the connection makes half the work final. A connection to PostgreSQL refuses everything
    after the first write that fails, until it is rolled back.

    Instead, write within `with connection:`, or call `rollback()` when anything fails.
    """
    function, scope = call.child_by_field_name("function"), function_around(call)
    if function is None or scope is None or positional_arguments(call):
        return
    receiver, _, method = dotted(function).rpartition(".")
    if method != "commit" or not receiver or receiver.endswith("session") or _is_guarded(scope, receiver):
        return
    first = receiver.partition(".")[0]
    if first != "self" and (first in bound_names(scope) or "." in receiver):
        return
    writes = list(_pending(scope, call, receiver))
    if _are_several(call, writes):
        message = f"If a later write fails, the earlier ones stay pending on `{receiver}`: roll back, or use `with`."
        related = [run.place(write, "written here") for write in writes]
        yield run.finding(call, message, related=related, offers=_offers(run, call, writes[0], receiver))
    elif writes and origins.origin(run, function.child_by_field_name("object")) in _REFUSING:
        yield from _refused(run, call, writes[0], receiver)


def _pending(scope: Node, commit: Node, receiver: str) -> Iterator[Node]:
    """The writes that a commit may make final: no other commit comes before it each time that they are done."""
    commits = [node for node in own(scope, "call") if dotted(node) == f"{receiver}.commit"]
    for write in own(scope):
        if _is_write(write) and order.may_follow(commit, write):
            done = [one for one in commits if one != commit and order.always_follows(one, write)]
            if not any(one.end_byte <= commit.start_byte for one in done):
                yield write


def _are_several(commit: Node, writes: list[Node]) -> bool:
    """Whether several writes may be pending when a commit comes: one after another, or one in a loop."""
    if any(order.may_follow(later, earlier) for earlier, later in itertools.combinations(writes, 2)):
        return True
    loops = ((write, enclosing(write, {"for_statement", "while_statement", *FUNCTIONS})) for write in writes)
    return any(
        loop is not None
        and loop.type not in FUNCTIONS
        and not (loop in ancestors(commit) and order.always_follows(commit, write))
        for write, loop in loops
    )


def _refused(run: Pass, call: Node, write: Node, receiver: str) -> Iterator[Found]:
    """A connection that one failed write leaves useless: told once for a class, in the first function by name."""
    held, scope = f"{origins.class_around(run.block, call)}.{receiver[5:]}", function_around(call)
    words = run.facts[run.rule.id]
    others = sorted(word for word in words if word.startswith(f"commits {held} "))
    name = scope.child_by_field_name("name") if scope is not None else None
    if f"guarded {held}" in words or name is None or others[:1] != [f"commits {held} {text_of(name)}"]:
        return
    more = len(others) - 1
    where = f", here or in {more} other function{'s' * (more > 1)}" if more else ""
    message = f"If this write fails{where}, `{receiver}` refuses whatever follows: roll back, or use `with`."
    related = (run.place(write, "written here"),)
    yield run.finding(call, message, related=related, offers=_offers(run, call, write, receiver))


def _is_guarded(scope: Node, receiver: str) -> bool:
    """Whether a function takes writes back itself, or works within a transaction."""
    whole = re.compile(rf"{re.escape(receiver)}(?!\.cursor\()")
    withs = (text_of(node) for node in own(scope, "with_clause"))
    if _GUARD.search(text_of(scope)) is not None or any(whole.search(text) is not None for text in withs):
        return True
    dropped = (node for node in own(scope, "assignment") if text_of(node).replace(" ", "") == f"{receiver}=None")
    return any(is_within(node, "except_clause") for node in dropped)  # nothing stays pending on what nobody holds


def _offers(run: Pass, call: Node, first: Node, receiver: str) -> tuple[Offer, ...]:
    """Take the writes back if anything between the first one and the commit fails."""
    end = fixes.statement_of(call)
    around = end.parent if end is not None else None
    if end is None or around is None:
        return ()
    inner = [child for child in around.named_children if child.start_byte <= end.start_byte and child.type != "comment"]
    moved = [child for child in inner if child.end_byte >= first.end_byte]
    if not moved or moved[0].start_byte > first.start_byte or not fixes.can_indent(moved):
        return ()

    def edits(site: Site) -> Iterator[Edit]:
        step = site.step(end)
        yield from fixes.put_under(site, "try:", moved[0], end)
        yield fixes.line_behind(site, end, "except BaseException:", f"{step}{receiver}.rollback()", f"{step}raise")

    return (run.offer("Roll back if anything fails", edits),)


def _is_write(node: Node) -> bool:
    if node.type != "call":
        return False
    place = _ASKS.get(last_word(node))
    given = positional_arguments(node)[place:] if place is not None else []
    return bool(given) and _WRITE.match(text_of(given[0])) is not None
