from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from tree_sitter import Node

from shipworthy import handlers
from shipworthy.document import Block
from shipworthy.model import Severity
from shipworthy.rule import Found, Pass, node_rule, py
from shipworthy.syntax import FUNCTIONS, ancestors, last_word, text_of

_CANCELLED = re.compile(r"(?:^|\.)(?:Cancelled|CancelledError|get_cancelled_exc_class|BaseException)$")
_DOES_NOT_WAIT = frozenset({"aclose", "aclose_forcefully", "cancel_shielded_checkpoint"})
_CLOSES = re.compile(
    r"_*(?:a?close|clean_?up|terminate|kill|tear_?down|dispose|release|discard)(?:_\w+)?|_*clean_up_\w+"
)
"""Names of functions that close what is at hand: they have done so before they wait for anything."""


def _libraries(block: Block) -> Iterable[str]:
    """The word `scopes` if the block imports a library whose scopes stay cancelled."""
    return ("scopes",) if re.search(r"(?m)^\s*(?:import|from)\s+(?:trio|anyio)\b", block.text) else ()


@node_rule(
    "await-in-cancelled-scope",
    severity=Severity.HINT,
    python="finally_clause|except_clause",
    extract=_libraries,
    bad=(
        py("""
            import anyio

            async def serve(connection):
                try:
                    await connection.run()
                finally:
                    «await connection.send(b"bye")»
        """),
        py("""
            import trio

            async def serve(job):
                try:
                    await job.run()
                except trio.Cancelled:
                    «await job.save()»
                    raise
        """),
    ),
    good=(
        py("""
            import anyio

            async def shut(desk):
                with anyio.CancelScope(shield=True):
                    try:
                        desk.lamp.off()
                    finally:
                        await desk.save()
        """),
        py("""
            import anyio

            async def serve(connection):
                try:
                    await connection.run()
                finally:
                    with anyio.CancelScope(shield=True):
                        await connection.send(b"bye")
        """),
        py("""
            import trio

            async def serve(stream):
                try:
                    await stream.run()
                finally:
                    await stream.aclose()
        """),
        py("""
            import anyio

            async def serve(program):
                try:
                    await program.run()
                finally:
                    await terminate_program(program)
        """),
        py("""
            import asyncio

            async def serve(connection):
                try:
                    await connection.run()
                finally:
                    await connection.send(b"bye")
        """),
    ),
)
def await_in_cancelled_scope(run: Pass, clause: Node) -> Iterator[Found]:
    """Code that runs after a cancellation awaits something, in a library where the scope stays cancelled.

    In Trio and AnyIO every further `await` of a cancelled scope is cancelled at once: the message is
    not sent and the state is not saved, though the code stands in `finally`.

    Instead, shield it and limit its time: `with move_on_after(5, shield=True): await ...`.
    """
    if "scopes" not in run.facts[run.rule.id]:
        return
    if clause.type == "except_clause":
        types = handlers.caught(run, clause)
        if types and not any(map(_CANCELLED.search, types)):
            return
    for node in handlers.own(handlers.statements_of(clause)):
        if node.type == "await" and node.is_named and not _is_safe(node):
            yield run.finding(node, "After a cancellation this is cancelled at once: shield it, with a time limit.")
            return


def _is_safe(node: Node) -> bool:
    """Whether an `await` is shielded, or closes something, which goes through even when cancelled."""
    call = node.named_children[0] if node.named_children else node
    if call.type == "call" and (last_word(call) in _DOES_NOT_WAIT or _CLOSES.fullmatch(last_word(call)) is not None):
        return True
    for around in ancestors(node):
        if around.type in FUNCTIONS:
            return False
        if around.type == "with_statement" and re.search(r"shield\s*=\s*True", text_of(around)) is not None:
            return True
    return False
