from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from tree_sitter import Node

from shipworthy import fixes, handlers, origins
from shipworthy.document import Block
from shipworthy.model import Edit, Severity
from shipworthy.rule import Found, Offer, Pass, Site, node_rule, py
from shipworthy.syntax import (
    does_nothing,
    dotted,
    function_around,
    is_async,
    is_within,
    keyword_arguments,
    last_word,
    name_of,
    own,
    positional_arguments,
    statements,
    targets,
    text_of,
    walk,
)

_ENDING = re.compile(
    r"(?i)broadcast|to_all|prefetch|warm|close|stop|shut|cancel|clean|dispose|teardown|terminat|disconnect|exit|del__|drain|finish"
)
_LOOKS = re.compile(r"\bisinstance\(|Exception\b|Error\b|\bassert\b|\braise\b|\bmatch\b|\bexc_info\b|\btype\(")


_TAKES_ANYTHING = frozenset({"add", "append", "dumps", "extend", "info", "isinstance", "len", "print", "put", "str"})


def _words(block: Block) -> Iterable[str]:
    """What variables hold, and `handles x` for a coroutine `x` out of which no exception comes."""
    yield from origins.bindings(block)
    if "async def" not in block.text:
        return
    for function in block.nodes(("function_definition",)).get("function_definition", ()):
        name = name_of(function)
        if name is not None and is_async(function) and _handles_all(function):
            yield f"handles {text_of(name)}"


def _handles_all(function: Node) -> bool:
    """Whether the body is one `try` that catches whatever fails in it, and raises nothing itself; or a loop of such. Or
    whatever it awaits stands in such a `try`: what goes on behind that looks at values.
    """
    waits = [node for node in own(function, "await") if node.is_named]
    if waits and function.type == "function_definition" and all(map(_is_handled, waits)):
        return True
    done = [one for one in statements(function.child_by_field_name("body")) if not does_nothing(one)]
    if len(done) == 1 and done[0].type == "while_statement":
        return _handles_all(done[0])
    if len(done) != 1 or done[0].type != "try_statement":
        return False
    clauses = [child for child in done[0].children if child.type == "except_clause"]
    return any(map(handlers.is_broad_in_words, clauses)) and not any(map(handlers.raises, clauses))


def _is_handled(node: Node) -> bool:
    """Whether a handler of everything that raises nothing stands around a node."""
    return any(handlers.is_broad_in_words(one) and not handlers.raises(one) for one in handlers.guards(node))


@node_rule(
    "unchecked-gather-results",
    severity=Severity.HINT,
    python="call",
    extract=_words,
    bad=(
        py(
            """
            import asyncio
            import logging

            async def refresh(feeds):
                await «asyncio.gather(*(feed.load() for feed in feeds), return_exceptions=True)»
            """,
            fixed="""
            import asyncio
            import logging

            async def refresh(feeds):
                results = await asyncio.gather(*(feed.load() for feed in feeds), return_exceptions=True)
                for result in results:
                    if isinstance(result, BaseException):
                        logging.error("A task failed", exc_info=result)
            """,
        ),
        py("""
            import asyncio

            async def total(feeds):
                sizes = await «asyncio.gather(*[feed.size() for feed in feeds], return_exceptions=True)»
                return sum(sizes)
        """),
        py("""
            import asyncio

            async def serve(feed, shop):
                parts = [asyncio.create_task(feed.follow()), asyncio.create_task(shop.open())]
                await «asyncio.wait(parts)»
                shop.close()
        """),
        py("""
            import asyncio

            async def load(feeds):
                parts = [asyncio.create_task(feed.load()) for feed in feeds]
                done, _ = await «asyncio.wait(parts)»
                print(len(done), "loaded")
        """),
        py("""
            import asyncio

            async def prices(shops):
                found = await «asyncio.gather(*(shop.price() for shop in shops), return_exceptions=True)»
                return [one for one in found if not isinstance(one, Exception)]
        """),
        py("""
            import asyncio

            async def packages(managers):
                listed = []
                results = await «asyncio.gather(*(one.packages() for one in managers), return_exceptions=True)»
                for manager, result in zip(managers, results):
                    if isinstance(result, BaseException):
                        continue
                    listed.extend(result)
                return listed
        """),
        py("""
            import asyncio

            class Feed:
                async def load(self):
                    text = await self.source.read()
                    try:
                        self.show(text)
                    except Exception as error:
                        self.show(error)

            async def load_both(source):
                first, second = Feed(source), Feed(source)
                await «asyncio.gather(first.load(), second.load(), return_exceptions=True)»
        """),
    ),
    good=(
        py("""
            import asyncio

            async def broadcast(sockets, text):
                await asyncio.gather(*(socket.send(text) for socket in sockets), return_exceptions=True)
        """),
        py("""
            import asyncio

            async def tell(first, second):
                results = await asyncio.gather(first(), second(), return_exceptions=True)
                if results[0] is not True and results[1] is not True:
                    warn("nobody was told")
        """),
        py("""
            import asyncio

            async def serve(feed, shop):
                parts = [asyncio.create_task(feed.follow()), asyncio.create_task(shop.open())]
                await asyncio.wait(parts)
                for part in parts:
                    part.result()

            async def first(feed, shop):
                parts = [asyncio.create_task(feed.follow()), asyncio.create_task(shop.open())]
                await asyncio.wait(parts, return_when=asyncio.FIRST_COMPLETED)

            async def halt(parts):
                await asyncio.wait(parts)
        """),
        py("""
            import asyncio

            async def refresh(feeds):
                await asyncio.gather(*(feed.load() for feed in feeds))
        """),
        py("""
            import asyncio

            async def refresh(feeds):
                results = await asyncio.gather(*(feed.load() for feed in feeds), return_exceptions=True)
                loaded = [result for result in results if not isinstance(result, BaseException)]
                if len(loaded) < len(feeds):
                    raise SomeAreMissing(loaded)
                return loaded

            async def refresh_all(feeds):
                results = await asyncio.gather(*(feed.load() for feed in feeds), return_exceptions=True)
                for result in results:
                    if isinstance(result, BaseException):
                        log.error("not loaded", exc_info=result)
                return [result for result in results if not isinstance(result, BaseException)]
        """),
        py("""
            import asyncio

            async def refresh(feeds):
                return await asyncio.gather(*(feed.load() for feed in feeds), return_exceptions=True)
        """),
        py("""
            import asyncio
            import logging

            async def start(feed):
                try:
                    await feed.load()
                except Exception:
                    logging.exception("not started")

            async def follow(feed):
                while True:
                    try:
                        await feed.next()
                    except Exception:
                        logging.exception("not read")

            async def follow_all(feeds):
                await asyncio.wait([asyncio.create_task(follow(feed)) for feed in feeds])

            async def start_all(feeds):
                tasks = []
                for feed in feeds:
                    tasks.append(asyncio.create_task(start(feed)))
                await asyncio.gather(*tasks, return_exceptions=True)
        """),
        py("""
            import asyncio

            class Feed:
                async def load(self):
                    self.state = "loading"
                    self.clear()
                    try:
                        self.show(await self.source.read())
                    except Exception as error:
                        self.show(error)

            class Page:
                def feed(self, name) -> Feed | None:
                    return self.feeds.get(name)

                async def load(self, names):
                    tasks = []
                    for name in names:
                        feed = self.feed(name)
                        if feed:
                            tasks.append(feed.load())
                    await asyncio.gather(*tasks, return_exceptions=True)
        """),
        py("""
            import asyncio

            async def warm_up(feeds):
                # a feed that fails is loaded when it is asked for
                await asyncio.gather(*(feed.load() for feed in feeds), return_exceptions=True)
        """),
        py("""
            import asyncio
            import logging

            async def ask(shop):
                if not shop.is_open:
                    return
                try:
                    price = await shop.price()
                except Exception:
                    logging.exception("no price of %s", shop)
                    return
                shop.last = price

            async def ask_all(shops):
                await asyncio.gather(*(ask(shop) for shop in shops), return_exceptions=True)
        """),
        py("""
            import asyncio

            async def priced(shops):
                results = await asyncio.gather(*(shop.price() for shop in shops), return_exceptions=True)
                board = []
                for shop, result in zip(shops, results):
                    board.append((shop.name, shown(shop, result)))
                return board
        """),
        py("""
            import asyncio

            async def asked(shops):
                results = await asyncio.gather(*map(ask, shops), return_exceptions=True)
                return list(zip(shops, results))
        """),
        py("""
            import asyncio

            async def end(tasks):
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

            async def shutdown(self):
                await asyncio.gather(self.store.save(), self.bus.leave(), return_exceptions=True)
        """),
    ),
)
def unchecked_gather_results(run: Pass, call: Node) -> Iterator[Found]:
    """Exceptions are asked for as results of `gather`, or tasks waited for, and nobody looks at the results.

    With `return_exceptions=True` a task that fails looks like one that is done: nothing is raised
    and nothing is logged, or the exception is taken for a value further on. `asyncio.wait` raises nothing either.

    Instead, go through the results with `isinstance(result, BaseException)`, or leave the argument out.
    """
    if last_word(call) not in {"gather", "wait"}:
        return
    if run.name(call.child_by_field_name("function")) == "asyncio.wait":
        yield from _waited(run, call)
        return
    wish = keyword_arguments(call).get("return_exceptions")
    if wish is None or wish.type != "true" or run.name(call.child_by_field_name("function")) != "asyncio.gather":
        return
    scope, waiting = function_around(call), call.parent
    if scope is None or waiting is None or waiting.type != "await" or _ends_something(scope, call):
        return
    if handlers.is_foreseen(run, call):
        return
    if _handle_themselves(run, _gathered(scope, call)):
        return
    holder = waiting.parent
    message = "With `return_exceptions=True` a failure is but a value, and nobody looks: go through the results."
    if holder is not None and holder.type == "expression_statement":
        yield run.finding(call, message, offers=_offers(run, waiting, holder))
    elif holder is not None and holder.type == "assignment":
        dropped = _dropped(scope, holder)
        if dropped is not None:
            message = "Of the tasks that fail here nobody hears: their exceptions are left out, so log them first."
            yield run.finding(call, message, related=(run.place(dropped, "left out here"),))
        elif not _is_looked_at(scope, holder):
            yield run.finding(call, message)


def _waited(run: Pass, call: Node) -> Iterator[Found]:
    """Tasks of the function's own are waited for until all are done, and it never asks how one of them ended."""
    scope, statement = function_around(call), call.parent.parent if call.parent is not None else None
    if scope is None or statement is None or _ends_something(scope, call):
        return
    if statement.type != "expression_statement" and not _are_only_counted(scope, statement):
        return
    is_of_all = not {"return_when", "timeout"} & keyword_arguments(call).keys()
    is_asked = re.search(r"\.(?:result|exception|add_done_callback)\b|\bgather\(", text_of(scope)) is not None
    tasks = positional_arguments(call)[:1]
    if not is_of_all or is_asked or not tasks or "_task(" not in text_of(scope) or handlers.is_foreseen(run, call):
        return
    if _handle_themselves(run, _gathered(scope, call)):
        return
    message = "`asyncio.wait` raises nothing when a task fails, and nobody looks: ask the tasks, or use `gather`."
    yield run.finding(call, message)


def _are_only_counted(scope: Node, assignment: Node) -> bool:
    """Whether a function does nothing with what it is given back but to count it: `done, pending = ...`."""
    left = assignment.child_by_field_name("left") if assignment.type == "assignment" else None
    names = {text_of(one) for one in targets(left)} if left is not None else set[str]()
    uses = [node for node in walk(scope) if node.type == "identifier" and text_of(node) in names]
    calls = [use.parent.parent for use in uses if use.parent is not None and use.start_byte >= assignment.end_byte]
    return bool(names) and all(one is not None and one.type == "call" and last_word(one) == "len" for one in calls)


def _handle_themselves(run: Pass, coroutines: list[Node]) -> bool:
    """Whether no exception comes out of any of the coroutines that are made, as far as their functions are known."""
    handled = {word.partition(" ")[2] for word in run.facts[run.rule.id] if word.startswith("handles ")}
    return bool(coroutines) and all(
        one.type == "call" and (last_word(one) in handled or _is_guarded(run, one)) for one in coroutines
    )


def _is_guarded(run: Pass, call: Node) -> bool:
    found = origins.own_function(run, call) or origins.declared_function(run, call)
    return found is not None and found.guarded and not found.decorators


def _gathered(scope: Node, call: Node) -> list[Node]:
    """What makes the coroutines that are gathered, directly or by a list of them or of their tasks: calls, if known."""
    arguments = positional_arguments(call)
    lists = {text_of(node) for one in arguments for node in walk(one) if node.type == "identifier"}
    appends = {f"{name}.append" for name in lists}
    made = [one if one.type != "list_splat" else one.named_children[0] for one in arguments]
    for node in own(scope):
        target = node.child_by_field_name("left") if node.type == "assignment" else None
        value = node.child_by_field_name("right")
        if target is not None and value is not None and text_of(target) in lists:
            made.append(value)
        elif node.type == "call" and dotted(node.child_by_field_name("function")) in appends:
            made.extend(positional_arguments(node))
    return [inner for one in made for inner in _coroutines(one)]


def _coroutines(value: Node) -> Iterator[Node]:
    """What an expression makes coroutines by: of a comprehension what each item is, of a task what is within it."""
    if value.type in {"list_comprehension", "generator_expression", "list", "tuple", "parenthesized_expression"}:
        made = value.child_by_field_name("body")
        for one in [made] if made is not None else value.named_children:
            yield from _coroutines(one)
    elif value.type == "call" and last_word(value) in {"create_task", "ensure_future"}:
        for one in positional_arguments(value)[:1]:
            yield from _coroutines(one)
    elif value.type != "identifier":
        yield value


def _ends_something(scope: Node, call: Node) -> bool:
    """Whether the tasks are only waited for because they were cancelled, or because something ends; or tell something
    to many, some of whom are always gone.
    """
    name = name_of(scope)
    if (name is not None and _ENDING.search(text_of(name)) is not None) or is_within(call, "finally_clause"):
        return True
    return re.search(r"\.cancel\(", text_of(scope)) is not None


def _dropped(scope: Node, assignment: Node) -> Node | None:
    """Where the exceptions among the results are left out, if that is all that becomes of them."""
    target = assignment.child_by_field_name("left")
    after = [node for node in own(scope) if node.start_byte >= assignment.end_byte]
    uses = [node for node in after if target is not None and node.type == "identifier" and node.text == target.text]
    rounds = [_round_over(use) for use in uses]
    is_counted = any(node.type == "call" and last_word(node) == "len" for node in after)
    if not rounds or is_counted or not all(one is not None and _leaves_out(one) for one in rounds):
        return None
    return rounds[0]


def _round_over(use: Node) -> Node | None:
    """The loop or comprehension that goes over a variable, also side by side with another: `zip(names, results)`."""
    holder = use.parent
    if holder is not None and holder.type == "argument_list" and holder.parent is not None:
        is_aside = holder.parent.type == "call" and last_word(holder.parent) in {"zip", "enumerate"}
        use, holder = (holder.parent, holder.parent.parent) if is_aside else (use, None)
    if holder is None or holder.child_by_field_name("right") != use:
        return None
    if holder.type == "for_in_clause":
        return holder.parent
    return holder if holder.type == "for_statement" else None


def _leaves_out(around: Node) -> bool:
    """Whether a loop or comprehension passes over what is an exception, and does nothing else with it."""
    if around.type != "for_statement":
        return any(child.type == "if_clause" and _chooses(child) is False for child in around.children)
    done = statements(around.child_by_field_name("body"))
    first = done[0] if done and done[0].type == "if_statement" else None
    condition = first.child_by_field_name("condition") if first is not None else None
    if first is None or condition is None or first.child_by_field_name("alternative") is not None:
        return False
    chosen = _chooses(condition)
    if chosen:
        return all(map(does_nothing, statements(first.child_by_field_name("consequence"))))
    return chosen is False and len(done) == 1


def _chooses(condition: Node) -> bool | None:
    """Whether a condition holds for exceptions, or for all else; None if it does not ask for a type."""
    asked = [node for node in walk(condition) if node.type == "call" and last_word(node) == "isinstance"]
    if len(asked) != 1:
        return None
    is_for_errors = re.search(r"Exception\b|Error\b", text_of(asked[0])) is not None
    is_turned = any(node.type == "not_operator" for node in walk(condition))
    return is_for_errors is not is_turned


def _is_looked_at(scope: Node, assignment: Node) -> bool:
    """Whether the function tests anything for an exception, or hands the results on as they are."""
    after = [node for node in own(scope) if node.start_byte >= assignment.end_byte]
    if any(_LOOKS.search(text_of(node)) for node in after if node.type.endswith(("_statement", "_clause"))):
        return True
    target = assignment.child_by_field_name("left")
    if target is None or target.type != "identifier":
        return True
    uses = [node for node in after if node.type == "identifier" and node.text == target.text]
    if any(_is_compared(use) for use in uses):
        return True
    return any(map(_is_handed_on, uses)) or any(map(_is_taken_apart, uses))


def _is_taken_apart(use: Node) -> bool:
    """Whether a loop over the results hands each, beside what it belongs to, to a function that may look at it."""
    loop = _round_over(use)
    left = loop.child_by_field_name("left") if loop is not None else None
    if loop is None or left is None:
        return False
    names = {text_of(one) for one in targets(left)}
    calls = (node for node in walk(loop) if node.type == "call" and last_word(node) not in _TAKES_ANYTHING)
    return any(text_of(one) in names for call in calls for one in positional_arguments(call)[1:])


def _is_handed_on(use: Node) -> bool:
    """Whether results are given back or handed over as they are, side by side with what they belong to or not."""
    around = use.parent
    while around is not None and around.type in {"argument_list", "call"}:
        if around.type == "call" and last_word(around) not in {"dict", "enumerate", "list", "tuple", "zip"}:
            return False
        around = around.parent
    return around is not None and around.type in {"return_statement", "keyword_argument"}


def _is_compared(use: Node) -> bool:
    """Whether one of the results is compared by what it is: `results[0] is True`."""
    one = use.parent if use.parent is not None and use.parent.type == "subscript" else None
    around = one.parent if one is not None else None
    return around is not None and around.type == "comparison_operator" and " is " in text_of(around)


def _offers(run: Pass, waiting: Node, statement: Node) -> tuple[Offer, ...]:
    """Log what failed."""
    taken = {text_of(node) for node in walk(run.block.root) if node.type == "identifier"}
    if {"result", "results"} & taken or not fixes.is_alone_on_line(statement):
        return ()

    def edits(site: Site) -> Iterator[Edit]:
        logger, imports = fixes.logger(run, site)
        yield from imports
        yield site.insert(waiting, "results = ")
        step = site.step(statement)
        lines = (
            "for result in results:",
            f"{step}if isinstance(result, BaseException):",
            f'{step}{step}{logger}.error("A task failed", exc_info=result)',
        )
        yield fixes.line_behind(site, statement, *lines)

    return (run.offer("Log those that failed", edits),)
