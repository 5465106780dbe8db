from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator

from tree_sitter import Node

from shipworthy import fixes, guarding, handlers, origins, ways
from shipworthy.document import Block
from shipworthy.facts.model import Escape
from shipworthy.model import Edit, Severity
from shipworthy.rule import Found, Offer, Pass, Site, escape_rule, py
from shipworthy.syntax import (
    FUNCTIONS,
    ancestors,
    assigned,
    dotted,
    function_around,
    is_async,
    keyword_arguments,
    last_word,
    own,
    positional_arguments,
    spoken,
    statements,
    text_of,
    walk,
)

_MODULE = "concurrent.futures"
_ASKS = re.compile(r"\.(?:result|exception|add_done_callback)\b")
"""How a function asks a future how its work ended, or wants to be told."""
_ASIDE = re.compile(r"(?i)(?:^|[_.])(?:heartbeat|logs?|metrics?|progress|telemetry|warm\w*|prefetch)(?:_|$)")
"""Names of work that is done by the way."""
_EXECUTORS = frozenset(
    {
        "concurrent.futures.ThreadPoolExecutor",
        "concurrent.futures.ProcessPoolExecutor",
        "concurrent.futures.thread.ThreadPoolExecutor",
        "concurrent.futures.process.ProcessPoolExecutor",
    }
)


def _words(block: Block) -> Iterable[str]:
    """What variables hold, and `guarded name` for each function that handles all its failures itself, or logs those
    that it thinks of.
    """
    yield from origins.bindings(block)
    for function in block.nodes(("function_definition",)).get("function_definition", ()):
        name = function.child_by_field_name("name")
        done = [one for one in statements(function.child_by_field_name("body")) if one.type != "expression_statement"]
        clauses = [child for one in done for child in one.children if child.type == "except_clause"]
        if name is not None and len(done) <= 2 and any(_is_broad(clause) or _logs(clause) for clause in clauses):
            yield f"guarded {text_of(name)}"


def _is_broad(clause: Node) -> bool:
    value = clause.child_by_field_name("value")
    return value is None or re.match(r"(?:Base)?Exception\b", text_of(value)) is not None


def _logs(clause: Node) -> bool:
    return any(map(handlers.is_log_call, handlers.calls(handlers.statements_of(clause))))


@escape_rule(
    "lost-future",
    severity=Severity.WARNING,
    python="expression_statement|for_statement",
    extract=_words,
    bad=(
        py(
            """
            from concurrent.futures import ThreadPoolExecutor

            def resize(path):
                save(shrink(load(path)))

            def main(paths):
                with ThreadPoolExecutor() as pool:
                    for path in paths:
                        «pool.submit(resize, path)»
            """,
            fixed="""
            from concurrent.futures import ThreadPoolExecutor

            def resize(path):
                save(shrink(load(path)))

            def main(paths):
                with ThreadPoolExecutor() as pool:
                    futures = []
                    for path in paths:
                        futures.append(pool.submit(resize, path))
                    for future in futures:
                        future.result()
            """,
        ),
        py("""
            import time
            from concurrent.futures import ThreadPoolExecutor

            import psutil
            import requests

            def of_page(target):
                return «requests.get(target, timeout=5)».ok

            def of_program(target):
                return any(«process.name()» == target for process in psutil.process_iter())

            PROBES = {"page": of_page, "program": of_program}

            def probe(kind, target):
                print(target, PROBES[kind](target))

            def main(targets):
                pool = ThreadPoolExecutor(4)
                while True:
                    for kind, target in targets:
                        «pool.submit(probe, kind, target)»
                    time.sleep(60)
        """),
        py(
            """
            from concurrent.futures import ThreadPoolExecutor

            def shrink(paths):
                with ThreadPoolExecutor() as pool:
                    «pool.map(resize, paths)»
            """,
            fixed="""
            from concurrent.futures import ThreadPoolExecutor

            def shrink(paths):
                with ThreadPoolExecutor() as pool:
                    list(pool.map(resize, paths))
            """,
        ),
        py("""
            from concurrent.futures import ThreadPoolExecutor, as_completed, wait

            def shrink(paths, bar):
                with ThreadPoolExecutor() as pool:
                    futures = [pool.submit(resize, path) for path in paths]
                    for _ in «as_completed(futures)»:
                        bar.advance()

            def crop(paths):
                pool = ThreadPoolExecutor()
                «wait([pool.submit(cut, path) for path in paths])»
        """),
        py("""
            from concurrent.futures import ThreadPoolExecutor

            class Worker:
                def __init__(self):
                    self.executor = ThreadPoolExecutor(4)

                def take(self, job):
                    «self.executor.submit(job.run)»
        """),
        py(
            """
            from concurrent.futures import ThreadPoolExecutor

            def pack(parcels, late):
                with ThreadPoolExecutor() as pool:
                    for parcel in parcels:
                        «pool.submit(wrap, parcel)»
                    if late:
                        pool.submit(wrap, late)
                    return len(parcels)
            """,
            fixed="""
            from concurrent.futures import ThreadPoolExecutor

            def pack(parcels, late):
                with ThreadPoolExecutor() as pool:
                    futures = []
                    for parcel in parcels:
                        futures.append(pool.submit(wrap, parcel))
                    if late:
                        futures.append(pool.submit(wrap, late))
                    for future in futures:
                        future.result()
                    return len(parcels)
            """,
        ),
        py("""
            from concurrent.futures import ThreadPoolExecutor

            pool = ThreadPoolExecutor(4)

            def take(message):
                if message.kind == "line":
                    «pool.submit(show, message.line)»
                elif message.kind == "color":
                    pool.submit(show, message.color)
        """),
    ),
    good=(
        py("""
            import logging
            from concurrent.futures import ThreadPoolExecutor

            import requests

            def fetch(url):
                try:
                    store(requests.get(url, timeout=9).content)
                except requests.RequestException:
                    logging.exception("cannot fetch %s", url)

            def fetch_all(urls):
                with ThreadPoolExecutor() as pool:
                    for url in urls:
                        pool.submit(fetch, url)
        """),
        py("""
            from concurrent.futures import ThreadPoolExecutor

            class Progress:
                def __init__(self):
                    self.pool = ThreadPoolExecutor(1)

                def step(self, number):
                    self.pool.submit(self._write_log, number)
        """),
        py("""
            from concurrent.futures import ThreadPoolExecutor, as_completed, wait

            def pack(parcels):
                with ThreadPoolExecutor() as pool:
                    futures = [pool.submit(wrap, parcel) for parcel in parcels]
                    for number, future in enumerate(as_completed(futures)):
                        print(number, future.result())
                    sizes = pool.map(weigh, parcels)
                    print(sum(sizes))

            def weigh_all(parcels, pool):
                futures = [pool.submit(weigh, parcel) for parcel in parcels]
                wait(futures)
                return [future.result() for future in futures]
        """),
        py("""
            from concurrent.futures import ThreadPoolExecutor

            def main(paths):
                with ThreadPoolExecutor() as pool:
                    futures = [pool.submit(resize, path) for path in paths]
                for future in futures:
                    future.result()
        """),
        py("""
            from concurrent.futures import ThreadPoolExecutor

            def resize(path):
                try:
                    save(shrink(load(path)))
                except Exception:
                    logger.exception("cannot resize %s", path)

            def main(paths):
                with ThreadPoolExecutor() as pool:
                    for path in paths:
                        pool.submit(resize, path)
        """),
        py("""
            from concurrent.futures import ThreadPoolExecutor

            class Parcels:
                def __init__(self, inbox):
                    self.inbox = inbox
                    self.pool = ThreadPoolExecutor(2)

                def start(self):
                    self.pool.submit(self.pack)

                def pack(self):
                    log.debug("packing")
                    while True:
                        parcel = self.inbox.get()
                        self.inbox.task_done()
                        try:
                            parcel.pack()
                        except Exception:
                            log.exception("not packed: %s", parcel)
        """),
        py("""
            def main(form):
                form.submit(1)
        """),
    ),
)
def lost_future(run: Pass, subject: Escape | Node) -> Iterator[Found]:
    """Work is handed to an executor and nobody looks at how it ended.

    An exception in the other thread or process is kept in the future for whoever asks. If nobody
    does, the work has failed and there is no trace of it.

    Instead, keep the futures and call `.result()` on each, add a done callback that logs the exception,
    or let the function log its own failures.
    """
    if isinstance(subject, Escape):
        offers = guarding.log_and_go_on(run, subject)
        yield ways.told(run, subject, "it ends in a future that nobody asks", offers=offers)
        return
    if subject.type == "for_statement":
        yield from _counted(run, subject)
        return
    call = subject.named_children[0] if subject.named_children else subject
    if call.type == "call" and last_word(call) == "map":
        yield from _mapped(run, call)
    elif call.type == "call" and last_word(call) == "wait":
        yield from _waited(run, call)
    else:
        yield from _dropped(run, subject)


def _mapped(run: Pass, call: Node) -> Iterator[Found]:
    """`pool.map(work, items)` of which nobody takes what it gives: there, an error comes out of that."""
    function, given = call.child_by_field_name("function"), positional_arguments(call)
    owner = function.child_by_field_name("object") if function is not None else None
    if owner is None or origins.origin(run, owner) not in _EXECUTORS or len(given) < 2:
        return
    if _deals_with_failures(run, call, dotted(given[0])):
        return
    message = f"If `{spoken(given[0])}` fails, nobody hears of it: go through what `map` gives."

    def edits(site: Site) -> Iterator[Edit]:
        yield site.insert(call, "list(")
        yield site.insert(run.block.span(call).end, ")")

    offers = (run.offer("Go through the results", edits),) if _may_wait(call, owner) else ()
    yield run.finding(call, message, offers=offers)


def _counted(run: Pass, loop: Node) -> Iterator[Found]:
    """A loop over futures as they are done, in a function that asks none of them how it ended."""
    source = loop.child_by_field_name("right")
    calls = [node for node in walk(source) if node.type == "call"] if source is not None else []
    asked = next((one for one in calls if last_word(one) == "as_completed"), None)
    if asked is not None and run.name(asked.child_by_field_name("function")) == f"{_MODULE}.as_completed":
        yield from _unasked(run, asked)


def _waited(run: Pass, call: Node) -> Iterator[Found]:
    """Futures that are waited for, in a function that asks none of them how it ended."""
    if run.name(call.child_by_field_name("function")) == f"{_MODULE}.wait" and not keyword_arguments(call):
        yield from _unasked(run, call)


def _unasked(run: Pass, call: Node) -> Iterator[Found]:
    scope = function_around(call)
    if scope is None or _ASKS.search(text_of(scope)) is not None:
        return
    submits = [node for node in walk(scope) if node.type == "call" and last_word(node) == "submit"]
    work = [dotted(given[0]) for one in submits if (given := positional_arguments(one))]
    if not work or all(_deals_with_failures(run, call, one) for one in work):
        return
    message = f"If `{work[0]}` fails, nobody hears of it: ask each future for its `.result()`."
    yield run.finding(call, message)


def _dropped(run: Pass, statement: Node) -> Iterator[Found]:
    """A statement that hands work to an executor."""
    call = statement.named_children[0] if statement.named_children else statement
    function = call.child_by_field_name("function")
    if call.type != "call" or function is None or not dotted(function).endswith(".submit"):
        return
    made = origins.origin(run, function.child_by_field_name("object"))
    if made not in _EXECUTORS:
        return
    given = positional_arguments(call)
    target = dotted(given[0]) if given else ""
    if not target or _deals_with_failures(run, call, target) or _ASIDE.search(target) is not None:
        return
    first, *others = _alike(statement, function, target)
    if first != statement:
        return  # one handler is missing for all
    is_ours = target.startswith("self.") or run.facts.find(target) is not None
    advice = "ask the future for its `.result()`, or add a done callback that logs"
    message = f"If `{target}` fails, nobody hears of it: {advice}."
    severity, related = None if is_ours else Severity.HINT, [run.place(one, "and here") for one in others]
    yield run.finding(call, message, severity=severity, related=related, offers=_offers(run, [first, *others]))


def _deals_with_failures(run: Pass, call: Node, target: str) -> bool:
    """Whether the function or method that is handed over deals with all its failures itself, as far as is known."""
    owner, _, method = target.rpartition(".")
    if f"guarded {method}" in run.facts[run.rule.id]:
        return True
    path = f"{origins.class_around(run.block, call)}.{method}" if owner == "self" else target
    found = run.facts.find(path)
    return found is not None and found.guarded and not found.decorators


def _alike(statement: Node, function: Node, target: str) -> list[Node]:
    """The statements of a function, this one among them, that hand the same work to the same executor."""
    scope = function_around(statement)
    others = own(scope, "expression_statement") if scope is not None else ()
    found = [node for node in others if _hands_over(node, function, target)]
    return found or [statement]


def _hands_over(statement: Node, function: Node, target: str) -> bool:
    call = statement.named_children[0] if statement.named_children else statement
    callee = call.child_by_field_name("function") if call.type == "call" else None
    given = positional_arguments(call) if callee is not None and callee.text == function.text else []
    return bool(given) and dotted(given[0]) == target


def _offers(run: Pass, handing_over: list[Node]) -> tuple[Offer, ...]:
    """Collect the futures of a loop and of what is handed over beside it, and ask for all results behind the last.

    Not where the function may have returned by then, where it must not wait, nor without a loop: to ask for the result
    of one piece of work is to wait for it.
    """
    function = handing_over[0].named_children[0].child_by_field_name("function")
    owner = function.child_by_field_name("object") if function is not None else None
    if owner is None or not _may_wait(handing_over[0], owner):
        return ()
    outer = [_outermost_loop(one) or one for one in handing_over]
    together = _side_by_side(outer[0], outer[-1])
    names = {text_of(node) for node in walk(run.block.root) if node.type == "identifier"}
    if not together or {"future", "futures"} & names or all(one.type != "for_statement" for one in outer):
        return ()
    if any(node.type == "return_statement" for one in together for node in walk(one)):
        return ()
    first, last = together[0], together[-1]
    if not fixes.is_alone_on_line(first) or not fixes.is_alone_on_line(last):
        return ()

    def edits(site: Site) -> Iterator[Edit]:
        yield fixes.line_before(site, first, "futures = []")
        for call in (one.named_children[0] for one in handing_over):
            yield site.insert(call, "futures.append(")
            yield site.insert(run.block.span(call).end, ")")
        yield fixes.line_behind(site, last, "for future in futures:", f"{site.step(last)}future.result()")

    return (run.offer("Collect the futures and ask for their results", edits),)


def _may_wait(node: Node, owner: Node) -> bool:
    """Whether a function may wait for the work that it hands over: the executor is its own, and it is no coroutine."""
    function = function_around(node)
    if function is None or function.type == "lambda" or is_async(function) or owner.type != "identifier":
        return False
    return any(one.text == owner.text for one, _ in assigned(function))


def _outermost_loop(statement: Node) -> Node | None:
    around = itertools.takewhile(lambda one: one.type not in FUNCTIONS, ancestors(statement))
    return next((one for one in reversed([*around]) if one.type == "for_statement"), None)


def _side_by_side(first: Node, last: Node) -> list[Node]:
    """The statements of the innermost block that holds two nodes, from that with the first to that with the last."""
    holding = {one.id for one in ancestors(last)}
    block = next((one for one in ancestors(first) if one.type in {"block", "module"} and one.id in holding), None)
    inside = block.named_children if block is not None else []
    return [one for one in inside if first.start_byte < one.end_byte and one.start_byte < last.end_byte]
