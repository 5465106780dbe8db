from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from shipworthy import fixes
from shipworthy.model import Edit, Severity
from shipworthy.rule import Found, Offer, Pass, Site, node_rule, py
from shipworthy.syntax import (
    bound_names,
    dotted,
    enclosing,
    function_around,
    last_word,
    own,
    positional_arguments,
    text_of,
)

_WRITE = re.compile(r"(?is)^[rfbu]*['\"]+\s*(?:insert|update|delete|replace|merge)\b")
_GUARD = re.compile(r"rollback|\bbegin\(|atomic|transaction|savepoint|isolation_level|autocommit", re.IGNORECASE)


@node_rule(
    "missing-rollback",
    severity=Severity.HINT,
    python="call",
    cwe=(460,),
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
    ),
    good=(
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
            def move(path, source, target):
                db = connect(path)
                db.execute("delete from accounts where id = ?", (source,))
                db.execute("delete from accounts where id = ?", (target,))
                db.commit()
        """),
    ),
)
def missing_rollback(run: Pass, call: Node) -> Iterator[Found]:
    """Several writes are committed together on a connection that lives on, and nothing takes them back.

    If the second write fails, the first stays pending: it locks the table, and the next commit of
    anybody who shares the connection makes half the work final.

    Instead, write within `with connection:`, or call `rollback()` when anything fails.
    """
    function, scope = call.child_by_field_name("function"), function_around(call)
    if function is None or scope is None or positional_arguments(call):
        return
    receiver, _, method = dotted(function).rpartition(".")
    if method != "commit" or not receiver or receiver.endswith("session") or _GUARD.search(text_of(scope)):
        return
    first = receiver.partition(".")[0]
    if first != "self" and (first in bound_names(scope) or "." in receiver):
        return
    if any(receiver in text_of(node) for node in own(scope) if node.type == "with_clause"):
        return
    writes = [node for node in own(scope) if _is_write(node)]
    if len(writes) > 1 or any(enclosing(node, ("for_statement", "while_statement")) is not None for node in writes):
        message = f"If a later write fails, the earlier ones stay pending on `{receiver}`: roll back, or use `with`."
        related = [run.place(write, "written here") for write in writes]
        yield run.finding(call, message, related=related, offers=_offers(run, call, writes[0], receiver))


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
        yield from fixes.put_under(site, "try:", moved[0], end)
        yield fixes.line_behind(site, end, "except BaseException:", f"    {receiver}.rollback()", "    raise")

    return (run.offer("Roll back if anything fails", edits),)


def _is_write(node: Node) -> bool:
    if node.type != "call":
        return False
    given = positional_arguments(node)
    method = last_word(node)
    return method in {"execute", "executemany"} and bool(given) and _WRITE.match(text_of(given[0])) is not None
