from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from shipworthy import fixes, handlers, order, origins
from shipworthy.model import Severity
from shipworthy.rule import Found, Pass, node_rule, py
from shipworthy.syntax import FUNCTIONS, ancestors, dotted, enclosing, function_around, is_async, own, text_of, walk

_CANCELLED = frozenset(
    {"asyncio.CancelledError", "asyncio.exceptions.CancelledError", "CancelledError", "anyio.get_cancelled_exc_class"}
)
_SHIELDED = re.compile(r"await\s+(?:asyncio\.)?shield\(")


@node_rule(
    "swallowed-cancellation",
    severity=Severity.HINT,
    python="except_clause",
    extract=origins.bindings,
    absorbs=("swallowed-exception", "broad-except", "log-without-error", "failure-hidden-by-default"),
    bad=(
        py("""
            async def work(queue):
                while True:
                    try:
                        await queue.next()
                    «except BaseException as error:
                        log.error("not done: %s", error)»
        """),
        py(
            """
            import asyncio

            async def serve(queue):
                while True:
                    try:
                        await handle(await queue.get())
                    «except asyncio.CancelledError:
                        print("cancelled")»
            """,
            fixed="""
            import asyncio

            async def serve(queue):
                while True:
                    try:
                        await handle(await queue.get())
                    except asyncio.CancelledError:
                        print("cancelled")
                        raise
            """,
        ),
        py(
            """
            async def serve(queue):
                while True:
                    try:
                        await handle(await queue.get())
                    «except BaseException:
                        queue.failed += 1»
            """,
            fixed="""
            async def serve(queue):
                while True:
                    try:
                        await handle(await queue.get())
                    except Exception:
                        queue.failed += 1
            """,
        ),
        py(
            """
            import logging

            log = logging.getLogger(__name__)

            async def work(queue):
                while True:
                    try:
                        await queue.next()
                    «except:
                        log.exception("boo")»
            """,
            fixed="""
            import logging

            log = logging.getLogger(__name__)

            async def work(queue):
                while True:
                    try:
                        await queue.next()
                    except Exception:
                        log.exception("boo")
            """,
        ),
        py(
            """
            import asyncio
            import logging

            log = logging.getLogger(__name__)

            async def work(queue):
                while True:
                    try:
                        await queue.next()
                    «except (OSError, ValueError, asyncio.CancelledError):
                        log.exception("boo")»
            """,
            fixed="""
            import asyncio
            import logging

            log = logging.getLogger(__name__)

            async def work(queue):
                while True:
                    try:
                        await queue.next()
                    except (OSError, ValueError):
                        log.exception("boo")
            """,
        ),
        py("""
            async def serve(queue):
                try:
                    await handle(await queue.get())
                «except:
                    pass»
                await serve(queue)
        """),
        py("""
            async def follow(feed):
                while feed.is_open:
                    try:
                        await feed.next()
                    «except:
                        break»
                await feed.store_rest()
        """),
    ),
    good=(
        py("""
            import asyncio

            async def serve(queue, peer):
                while queue.is_open:
                    try:
                        await handle(await queue.get())
                    except asyncio.CancelledError:
                        try:
                            await asyncio.shield(peer.send("interrupted"))
                        except (Exception, asyncio.CancelledError):
                            pass
                        break
        """),
        py("""
            import asyncio

            async def poll(client):
                while client.is_open:
                    try:
                        await client.fetch()
                    except asyncio.CancelledError:
                        await asyncio.shield(client.say("interrupted"))
                        break
                    await asyncio.sleep(5)
        """),
        py("""
            import asyncio

            async def follow(feed):
                while feed.is_open:
                    try:
                        await feed.next()
                    except asyncio.CancelledError:
                        break
                await feed.store_rest()
        """),
        py("""
            async def leave(page):
                try:
                    await page.collect_garbage()
                except BaseException:
                    return
        """),
        py("""
            async def connect(client):
                try:
                    await client.start()
                except BaseException:
                    try:
                        await client.disconnect()
                    except BaseException:
                        client.drop()
                    raise
        """),
        py("""
            import asyncio

            async def serve(queue):
                try:
                    await handle(await queue.get())
                except asyncio.CancelledError:
                    queue.close()
                    raise
        """),
        py("""
            import asyncio

            async def stop(task):
                task.cancel()
                try:
                    await task
                except asyncio.CancelledError:
                    pass
        """),
        py("""
            async def serve(queue):
                while True:
                    try:
                        await handle(await queue.get())
                    except Exception:
                        print("failed")
        """),
        py("""
            async def run(future, work):
                try:
                    await work()
                except BaseException as error:
                    future.set_exception(error)
        """),
        py("""
            import asyncio

            async def main(radio):
                try:
                    await radio.play()
                except asyncio.CancelledError:
                    print("stopped")
                finally:
                    await radio.close()
        """),
        py("""
            class Shelf:
                async def drop(self, name):
                    self.names.discard(name)

                async def clear(self, names):
                    for name in names:
                        try:
                            await self.drop(name)
                        except:
                            print("not dropped", name)
        """),
        py("""
            async def read(path):
                try:
                    data = path.read_text()
                except:
                    data = ""
                await send(data)
        """),
    ),
)
def swallowed_cancellation(run: Pass, clause: Node) -> Iterator[Found]:
    """A coroutine catches its own cancellation and goes on.

    A task that does not let `CancelledError` pass cannot be stopped: `asyncio.timeout`, task
    groups, Ctrl-C and a server's shutdown wait for it, or take it for finished.

    Instead, clean up and `raise`, use `finally`, or catch `Exception`, which leaves cancellation alone.
    The fix raises again what is a cancellation in any case, and makes a handler that takes ordinary errors too leave
    cancellations out, so that it goes on to handle the others.
    """
    function = function_around(clause)
    if function is None or function.type == "lambda" or not is_async(function):
        return
    types = handlers.caught(run, clause)
    named = not _CANCELLED.isdisjoint(types)
    if not named and not handlers.takes_all(types):
        return
    if handlers.raises(clause) or _hands_on(clause) or handlers.says_why(run, clause):
        return
    if not handlers.awaits(clause) or _is_caught_before(run, clause) or _has_cancelled_itself(clause, function):
        return
    if _is_never_interrupted(run, clause):
        return
    if _is_over(clause, function) or _is_farewell(run, clause, function) or (named and _ends_loop(clause, function)):
        return
    is_alone = named and _CANCELLED.issuperset(types)
    advice = "clean up and `raise`, or use `finally`" if is_alone else "catch ordinary errors alone"
    message = f"{handlers.spoken(types)} keeps this task from being cancelled: {advice}."
    yield run.finding(clause, message, offers=(fixes.let_pass(run, clause, _CANCELLED),))


def _hands_on(clause: Node) -> bool:
    """Whether a handler does more with the exception than to tell of it: somebody else may raise it again."""
    name, told = handlers.alias(clause), handlers.calls(handlers.statements_of(clause))
    said = {node.id for call in told if handlers.is_log_call(call) or handlers.only_prints(call) for node in walk(call)}
    return name is not None and any(
        node.type == "identifier" and node.text == name.text and node.id not in said
        for node in handlers.own(handlers.statements_of(clause))
    )


def _is_over(clause: Node, function: Node) -> bool:
    """Whether the task ends all the same: nothing is awaited any more but what it shields from cancellation, or a
    handler around raises what it caught.
    """
    outer = (around for around in ancestors(clause) if around.type == "except_clause")
    if any(handlers.raises_again(around) for around in outer):
        return True
    if not handlers.leaves_loop(clause):
        return False
    leaves = any(node.type == "return_statement" for node in handlers.own(handlers.statements_of(clause)))
    left = enclosing(clause, {"for_statement", "while_statement", *FUNCTIONS})
    end = (left if left is not None and left != function else clause.parent or clause).end_byte
    statements = handlers.statements_of(clause)
    waits = (node for node in handlers.own(statements) if node.type == "await" and node.is_named)
    inside = any(_SHIELDED.match(text_of(node)) is None for node in waits)
    after = any(
        node.type == "await" and node.start_byte >= end and not _is_in_finally(node) and order.may_follow(node, clause)
        for node in own(function)
    )
    return not inside and (leaves or not after)


def _is_in_finally(node: Node) -> bool:
    """Whether a node is reached whether or not an exception passes."""
    around = enclosing(node, {"finally_clause", *FUNCTIONS})
    return around is not None and around.type == "finally_clause"


def _is_never_interrupted(run: Pass, clause: Node) -> bool:
    """Whether a `try` awaits nothing but coroutines of the project that wait for nothing: no cancellation comes in."""
    waits = (node for node in handlers.own(handlers.tried(clause)) if node.type == "await" and node.is_named)
    awaited = [node.named_children[0] for node in waits]
    found = [origins.own_function(run, one) if one.type == "call" else None for one in awaited]
    return bool(found) and all(one is not None and one.is_async and not one.waits for one in found)


def _is_farewell(run: Pass, clause: Node, function: Node) -> bool:
    """Whether a handler of a cancellation, which ends the task, tries one more thing before it does so."""
    outer = enclosing(clause, FUNCTIONS | {"except_clause"})
    if outer is None or outer.type != "except_clause" or _CANCELLED.isdisjoint(handlers.caught(run, outer)):
        return False
    last = handlers.statements_of(outer)[-1]
    is_left = last.type == "return_statement" or _ends_loop(outer, function)
    return is_left and clause.parent is not None and clause.parent.next_named_sibling == last


def _ends_loop(clause: Node, function: Node) -> bool:
    """Whether a coroutine ends its loop because it is cancelled: what it waits for behind that is how it ends."""
    loop, handled = enclosing(clause, {"for_statement", "while_statement", *FUNCTIONS}), handlers.statements_of(clause)
    return loop != function and bool(handled) and handled[-1].type == "break_statement"


def _is_caught_before(run: Pass, clause: Node) -> bool:
    """Whether an earlier clause of the same `try` takes cancellations."""
    siblings = clause.parent.children if clause.parent is not None else []
    earlier = [one for one in siblings if one.type == "except_clause" and one.start_byte < clause.start_byte]
    return any(not _CANCELLED.isdisjoint(handlers.caught(run, one)) for one in earlier)


def _has_cancelled_itself(clause: Node, function: Node) -> bool:
    """Whether the function cancels what the `try` waits for: then the cancellation is an answer."""
    cancelled = {
        dotted(call.child_by_field_name("function")).rpartition(".")[0]
        for call in own(function)
        if call.type == "call" and dotted(call.child_by_field_name("function")).endswith(".cancel")
    }
    awaited = [text_of(node) for node in handlers.own(handlers.tried(clause)) if node.type == "await"]
    names = {name.rpartition(".")[2] for name in cancelled if name}
    return bool(cancelled) and (
        len(handlers.tried(clause)) == 1
        or any(re.search(rf"\b{re.escape(name)}", text) for name in names for text in awaited)
    )
