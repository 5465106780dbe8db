from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from shipworthy import fixes, handlers
from shipworthy.model import Severity
from shipworthy.rule import Found, Pass, node_rule, py
from shipworthy.syntax import FUNCTIONS, ancestors, text_of

_CANCELLED = frozenset({"asyncio.CancelledError", "CancelledError", "asyncio.exceptions.CancelledError"})
_DEADLINE = re.compile(r"\b(?:asyncio\.)?timeout(?:_at)?\(|\basync_timeout\.timeout|\b(?:move_on|fail)_(?:after|at)\(")


@node_rule(
    "timeout-hides-cancellation",
    severity=Severity.HINT,
    python="except_clause",
    absorbs=("swallowed-cancellation", "swallowed-exception"),
    bad=(
        py(
            """
            import asyncio

            async def fetch(session, url):
                async with asyncio.timeout(5):
                    try:
                        return await session.get(url)
                    «except asyncio.CancelledError:
                        session.forget(url)»
            """,
            fixed="""
            import asyncio

            async def fetch(session, url):
                async with asyncio.timeout(5):
                    try:
                        return await session.get(url)
                    except asyncio.CancelledError:
                        session.forget(url)
                        raise
            """,
        ),
        py(
            """
            import asyncio

            async def poll(device):
                async with asyncio.timeout(5):
                    while True:
                        try:
                            await device.read()
                        «except BaseException:
                            device.failed += 1»
            """,
            fixed="""
            import asyncio

            async def poll(device):
                async with asyncio.timeout(5):
                    while True:
                        try:
                            await device.read()
                        except Exception:
                            device.failed += 1
            """,
        ),
    ),
    good=(
        py("""
            import asyncio

            async def fetch(session, url):
                try:
                    async with asyncio.timeout(5):
                        return await session.get(url)
                except TimeoutError:
                    return None
        """),
        py("""
            import asyncio

            async def fetch(session, url):
                async with asyncio.timeout(5):
                    try:
                        return await session.get(url)
                    except Exception:
                        return None
        """),
    ),
)
def timeout_hides_cancellation(run: Pass, clause: Node) -> Iterator[Found]:
    """Within a time limit, a handler takes the cancellation by which the limit works.

    `asyncio.timeout` cancels what runs in it and makes a `TimeoutError` of the cancellation. If a
    handler keeps that to itself, the code goes on as if nothing was, and the limit never ends it.

    Instead, `raise` at the end of the handler, catch `Exception`, or `TimeoutError` around the `async with`.
    """
    types = handlers.caught(run, clause)
    if types and _CANCELLED.isdisjoint(types) and "BaseException" not in types:
        return
    if handlers.raises(clause) or not handlers.awaits(clause) or not _is_within_deadline(clause):
        return
    advice = "`raise` at the end" if types and _CANCELLED.issuperset(types) else "catch ordinary errors alone"
    message = f"{handlers.spoken(types)} keeps the time limit around it from taking effect: {advice}."
    yield run.finding(clause, message, offers=(fixes.let_pass(run, clause, _CANCELLED),))


def _is_within_deadline(clause: Node) -> bool:
    """Whether a `with` of the same function limits the time of what the handler belongs to."""
    for around in ancestors(clause):
        if around.type in FUNCTIONS:
            return False
        items = next((child for child in around.children if child.type == "with_clause"), None)
        if around.type == "with_statement" and items is not None and _DEADLINE.search(text_of(items)) is not None:
            return True
    return False
