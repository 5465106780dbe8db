from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from shipworthy import fixes, handlers, origins
from shipworthy.model import Edit, Severity
from shipworthy.rule import Found, Offer, Pass, Site, node_rule, py
from shipworthy.syntax import dotted, function_around, last_word, name_of, positional_arguments, spoken, text_of

_MAKERS = frozenset({"asyncio.create_task", "asyncio.ensure_future"})
_LASTS = re.compile(
    r"(?i)loop|run|listen|watch|poll|consum|serve|heartbeat|monitor|produc|work|forever|stream|subscri|schedul|sync|periodic"
)
"""How coroutines are called that go on and on: such a one must not vanish, however well it deals with failures."""
_ENDS = re.compile(r"(?i)close|stop|shut|exit|quit|terminat|disconnect|teardown|__del__|signal")
_LOOP = re.compile(r"(?:^|[._])(?:event_)?loop$|^asyncio\.get_(?:running_|event_)?loop$")


@node_rule(
    "lost-task",
    severity=Severity.HINT,
    python="expression_statement",
    agrees_with=("ruff:RUF006",),
    extract=origins.bindings,
    bad=(
        py(
            """
            import asyncio

            async def start():
                «asyncio.create_task(work())»
            """,
            fixed="""
            import asyncio

            background_tasks: set[asyncio.Task[object]] = set()

            async def start():
                task = asyncio.create_task(work())
                background_tasks.add(task)
                task.add_done_callback(background_tasks.discard)
            """,
        ),
        py("""
            class Server:
                def start(self):
                    «self.loop.create_task(self.work())»
        """),
    ),
    good=(
        py("""
            import asyncio

            class Desk:
                def __init__(self):
                    self.failures = asyncio.Queue()

                def report(self, text):
                    asyncio.create_task(self.failures.put(text))
        """),
        py("""
            import asyncio

            def report(loop, numbers):
                asyncio.ensure_future(loop.run_in_executor(None, send, numbers))
        """),
        py("""
            import asyncio

            class Board:
                async def draw(self):
                    self.screen.show(self.rows)

                def changed(self):
                    asyncio.ensure_future(self.draw())
        """),
        py("""
            import asyncio
            import logging

            class Panel:
                async def answer(self, text):
                    try:
                        await self.channel.send(text)
                    except Exception:
                        logging.exception("not answered")

                def pressed(self, text):
                    asyncio.ensure_future(self.answer(text))

                def stop(self):
                    asyncio.ensure_future(self.channel.close())
        """),
        py("""
            import asyncio

            async def start():
                async with asyncio.TaskGroup() as group:
                    group.create_task(work())
        """),
        py("""
            import asyncio

            async def start():
                task = asyncio.create_task(work())
                await task
        """),
        py("""
            import asyncio

            async def start(tasks):
                tasks.add(asyncio.create_task(work()))
                await asyncio.create_task(work())
                asyncio.create_task(work()).add_done_callback(print)
        """),
    ),
)
def lost_task(run: Pass, statement: Node) -> Iterator[Found]:
    """A task is started and nobody keeps it.

    The event loop holds tasks weakly: one that nobody keeps may vanish in the middle of its work,
    and if it fails, nobody asks for its exception.

    Instead, keep it until it is done, await it, or start it in an `asyncio.TaskGroup`.
    """
    call = statement.named_children[0] if statement.named_children else statement
    function = call.child_by_field_name("function")
    if call.type != "call" or function is None or not text_of(function).endswith(("create_task", "ensure_future")):
        return
    given = next(iter(positional_arguments(call)), None)
    if given is not None and given.type == "call" and last_word(given) == "run_in_executor":
        return  # no task: a thread does the work, whoever keeps its future
    if given is not None and given.type == "call" and (last_word(given) == "put" or _needs_no_keeping(run, given)):
        return
    receiver, _, method = dotted(function).rpartition(".")
    if run.name(function) in _MAKERS or (_LOOP.search(receiver) and method == "create_task"):
        message = f"Nobody keeps the task that `{spoken(function)}` starts: it may vanish, and nobody sees it fail."
        yield run.finding(call, message, offers=_offers(run, call))


def _needs_no_keeping(run: Pass, made: Node) -> bool:
    """Whether a coroutine of the project waits for nothing: the loop holds it until it runs, and that is to its end. Or
    it is soon over and deals with its failures itself; or something is closed on the way out.
    """
    found = origins.own_function(run, made)
    if found is not None and found.is_async and not found.waits:
        return True
    around = function_around(made)
    name = name_of(around) if around is not None else None
    if handlers.cleans_up(last_word(made)) and name is not None and _ENDS.search(text_of(name)) is not None:
        return True
    return found is not None and found.guarded and _LASTS.search(found.name) is None


def _offers(run: Pass, call: Node) -> tuple[Offer, ...]:
    def edits(site: Site) -> Iterator[Edit]:
        tasks = "background_tasks"
        separator = fixes.between(site, call.parent or call)
        if tasks not in site.document.text:
            yield fixes.add_below_imports(
                site, f"{fixes.line_end(site.document)}{tasks}: set[asyncio.Task[object]] = set()"
            )
        yield site.insert(call, "task = ")
        keep = f"{separator}{tasks}.add(task){separator}task.add_done_callback({tasks}.discard)"
        yield site.insert(run.block.span(call).end, keep)

    imported = run.facts.imported("asyncio")
    is_free = re.search(r"\btask\b", run.block.text) is None
    return (run.offer("Keep the task until it is done", edits),) if imported is not None and is_free else ()
