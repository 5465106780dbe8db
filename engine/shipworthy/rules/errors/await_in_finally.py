from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from shipworthy.handlers import body, own
from shipworthy.model import Severity
from shipworthy.rule import Found, Pass, node_rule, py
from shipworthy.syntax import dotted, statements

_SAFE = frozenset({"gather", "wait", "wait_for", "shield", "sleep", "aclosing"})


@node_rule(
    "await-in-finally",
    severity=Severity.HINT,
    python="finally_clause",
    default=False,
    bad=(
        py("""
            async def serve(connection, pool):
                try:
                    await connection.run()
                finally:
                    await connection.close()
                    «await pool.close()»
        """),
    ),
    good=(
        py("""
            async def serve(connection):
                try:
                    await connection.run()
                finally:
                    await connection.close()
        """),
        py("""
            async def serve(connection, pool):
                try:
                    await connection.run()
                finally:
                    try:
                        await connection.close()
                    finally:
                        await pool.close()
        """),
    ),
)
def await_in_finally(run: Pass, clause: Node) -> Iterator[Found]:
    """A `finally` block awaits several things in a row, and each can keep the next from being done.

    When the task is cancelled once more, or the first of them fails, the block ends there and what
    follows stays open.

    Instead, give each its own `try`, use an `AsyncExitStack`, or `asyncio.shield` what has to be done.
    """
    awaited = [node for statement in statements(body(clause)) for node in _awaited(statement)]
    if len(awaited) < 2:
        return
    first, second = awaited[:2]
    if dotted(second).rpartition(".")[2] not in _SAFE:
        message = f"If `{dotted(first)}` fails or is cancelled, this is never reached: give it a `try` of its own."
        yield run.finding(second, message)


def _awaited(statement: Node) -> Iterator[Node]:
    """The awaits of a statement that no inner `try` protects."""
    if statement.type in {"try_statement", "with_statement"}:
        return
    yield from (node for node in own([statement]) if node.type == "await" and node.is_named)
