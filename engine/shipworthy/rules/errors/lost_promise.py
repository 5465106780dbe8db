from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator

from tree_sitter import Node

from shipworthy import origins
from shipworthy.document import Block
from shipworthy.language import BRACES
from shipworthy.model import Severity
from shipworthy.rule import Found, Offer, Pass, js, node_rule, py
from shipworthy.syntax import (
    ancestors,
    dotted,
    function_around,
    is_async,
    is_for_people,
    last_word,
    name_of,
    own,
    positional_arguments,
    spoken,
    text_of,
)

_HARMLESS_DECORATORS = frozenset({"staticmethod", "classmethod", "abstractmethod", "abc.abstractmethod", "override"})
_PROMISES = re.compile(
    r"^(?:fetch|(?:globalThis|window)\.fetch|node-fetch(?:\.default)?|(?:node:)?(?:fs|timers)/promises(?:\.default)?\.\w+"
    r"|(?:node:)?fs(?:\.default)?\.promises\.\w+|axios(?:\.default)?(?:\.(?:get|post|put|delete|patch|head|request))?)$"
)
_FUNCTIONS = (
    "function_declaration",
    "arrow_function",
    "function_expression",
    "method_definition",
)


def _words(block: Block) -> Iterable[str]:
    """`rejects NAME` for each async JavaScript function with an `await` or `throw` that it does not guard itself.

    `handled` in a file that listens for rejections.
    """
    if block.language.id not in BRACES:
        return
    if "unhandledRejection" in block.text or "unhandledrejection" in block.text:
        yield "handled"
    if "async" not in block.text:
        return
    for nodes in block.nodes(_FUNCTIONS).values():
        for function in nodes:
            name = name_of(function)
            if name is not None and function_around(function) is None and _may_reject(function):
                owner = "".join(f"{scope.name}." for scope in block.scopes)
                yield f"rejects {owner if function.type == 'method_definition' else ''}{text_of(name)}"


def _may_reject(function: Node) -> bool:
    """Whether an async function awaits or throws anything outside its own `try` with a `catch`."""
    return is_async(function) and any(
        (node.type == "throw_statement" or (node.type == "await_expression" and not _is_caught(node)))
        and not any(_guards(around, node) for around in _within(node, function))
        for node in own(function)
    )


def _is_caught(node: Node) -> bool:
    """Whether what is awaited has a `.catch` of its own, or only waits for time to pass."""
    value = node.named_children[0] if node.named_children else node
    function = value.child_by_field_name("function")
    return dotted(function).rpartition(".")[2] in {"catch", "allSettled", "sleep", "delay", "nextTick"}


def _within(node: Node, function: Node) -> Iterator[Node]:
    for around in ancestors(node):
        if around == function:
            return
        yield around


def _guards(attempt: Node, node: Node) -> bool:
    """Whether a `try` with a `catch` holds a node in its body."""
    body = attempt.child_by_field_name("body")
    if attempt.type != "try_statement" or attempt.child_by_field_name("handler") is None or body is None:
        return False
    return body.start_byte <= node.start_byte and node.end_byte <= body.end_byte


@node_rule(
    "lost-promise",
    severity=Severity.WARNING,
    python="expression_statement",
    javascript="expression_statement",
    in_tests=True,
    extract=_words,
    bad=(
        py("""
            async def save(user):
                await write(user)

            async def register(user):
                «save(user)»
        """),
        py(
            """
            from store import save

            def register(user):
                «save(user)»
            """,
            files={"store.py": "async def save(user):\n    await write(user)\n"},
        ),
        py("""
            class Store:
                async def save(self, user):
                    await write(user)

                async def register(self, user):
                    «self.save(user)»
        """),
        js(
            """
            async function save(user) {
              await write(user);
            }

            async function register(user) {
              «save(user)»;
            }
            """,
            fixed="""
            async function save(user) {
              await write(user);
            }

            async function register(user) {
              await save(user);
            }
            """,
        ),
        js("""
            import { writeFile } from "node:fs/promises";

            function save(path, text) {
              «writeFile(path, text)»;
            }
        """),
        js('function ping() { «fetch("/alive").then(show)»; }'),
        js("""
            function Users() {
              useEffect(() => {
                async function load() {
                  setUsers(await fetchUsers());
                }
                «load()»;
              }, []);
            }
        """),
    ),
    good=(
        py("""
            @both_ways
            class Client:
                async def connect(self):
                    await self.open()

                def start(self):
                    self.connect()
        """),
        py("""
            import asyncio

            async def save(user):
                await write(user)

            async def register(user):
                await save(user)
                task = asyncio.create_task(save(user))
                await task
        """),
        py("""
            @run_in_background
            async def save(user):
                await write(user)

            def register(user):
                save(user)
        """),
        py("""
            async def save(user):
                await write(user)

            def register(user, save):
                save(user)
        """),
        js("""
            async function save(user) {
              try {
                await write(user);
              } catch (error) {
                report(error);
              }
            }

            function register(user) {
              save(user);
            }
        """),
        js("""
            async function save(user) {
              await write(user);
            }

            function register(user) {
              void save(user);
              save(user).catch(report);
              return save(user);
            }

            save(root);
        """),
        js('function ping() { fetch("/alive").then(show, report); }'),
        js('async function ping() { fetch("/alive"); // fire and forget\n}'),
    ),
)
def lost_promise(run: Pass, statement: Node) -> Iterator[Found]:
    """An asynchronous function is called, and nobody waits for what it does.

    In Python it never runs: the call only makes a coroutine. In JavaScript it runs, but what comes
    next does not wait for it, and its failure is an unhandled rejection, which ends a Node process.

    Instead, `await` it, return it, or give it a handler of its own: `.catch(...)`, a task that is kept.
    """
    call = statement.named_children[0] if statement.named_children else statement
    if call.type == "call":
        yield from _python(run, call)
    elif call.type == "call_expression":
        yield from _javascript(run, call)


def _python(run: Pass, call: Node) -> Iterator[Found]:
    function = call.child_by_field_name("function")
    path = dotted(function)
    if function is None or not path or "(" in text_of(function):
        return
    if path.startswith(("self.", "cls.")) and path.count(".") == 1:
        owner = origins.class_around(run.block, call)
        holder = run.facts.defined(owner) if owner else None
        if holder is not None and holder.decorators:
            return  # what its decorator makes of its methods is not known
        definition = run.facts.defined(f"{owner}.{path.partition('.')[2]}") if owner else None
    else:
        first = path.partition(".")[0]
        is_known = run.facts.imported(first) is not None or run.facts.defined(first) is not None
        definition = run.facts.find(path) if is_known else None
    if definition is None or definition.kind != "function" or not definition.is_async:
        return
    if not path.startswith(("self.", "cls.")) and not run.name(function):
        return  # a local variable of this name
    if all(decorator in _HARMLESS_DECORATORS for decorator in definition.decorators):
        around = function_around(call)
        offers = (_await(run, call),) if around is not None and is_async(around) else ()
        message = f"`{path}` is a coroutine that is never awaited: the call does nothing at all."
        yield run.finding(call, message, offers=offers)


def _javascript(run: Pass, call: Node) -> Iterator[Found]:
    if run.in_test or "handled" in run.facts[run.rule.id] or function_around(call) is None or _is_meant(run, call):
        return
    root = call
    while (inner := _link(root)) is not None:
        root = inner
    function = root.child_by_field_name("function")
    if function is None or root.type != "call_expression" or _has_handler(call):
        return
    if _rejects(run, root, function):
        around = function_around(call)
        waits = around is not None and is_async(around)
        advice = "`await` it or give it a `.catch`" if waits else "give it a `.catch`"
        message = f"Nobody waits for `{spoken(function)}` or hears of its failure: {advice}."
        yield run.finding(call, message, offers=(_await(run, call),) if waits else ())


def _rejects(run: Pass, call: Node, function: Node) -> bool:
    """Whether the called function is known to give a promise that may be rejected."""
    path = dotted(function)
    name = run.name(function) if run.facts.imported(path.partition(".")[0]) or path.endswith(("fetch", "axios")) else ""
    if _PROMISES.match(name) is not None:
        return bool(positional_arguments(call))
    if path.startswith("this.") and path.count(".") == 1:
        names = [f"{scope.name}.{path[5:]}" for scope in run.block.scopes]
        return any(f"rejects {one}" in run.facts[run.rule.id] for one in names)
    if "." in path:
        return False
    nested = _nested_function(run, call, path)
    if nested is not None:
        return _may_reject(nested)
    return f"rejects {path}" in run.facts[run.rule.id] and run.name(function) == f".{path}"


def _nested_function(run: Pass, call: Node, name: str) -> Node | None:
    """The function of this name that a function around the call defines."""
    around = function_around(call)
    while around is not None:
        found = run.block.memo(("nested functions", around.id), functools.partial(_defined_in, around)).get(name)
        if found is not None:
            return found
        around = function_around(around)
    return None


def _defined_in(function: Node) -> dict[str, Node]:
    inner = (node for node in own(function) if node.type in _FUNCTIONS)
    return {text_of(name): node for node in inner if (name := name_of(node)) is not None}


def _link(call: Node) -> Node | None:
    """The call before `.then(...)` or `.finally(...)` in a chain."""
    function = call.child_by_field_name("function")
    if function is None or function.type != "member_expression":
        return None
    method, before = function.child_by_field_name("property"), function.child_by_field_name("object")
    is_link = method is not None and text_of(method) in {"then", "finally", "catch"}
    return before if is_link and before is not None and before.type == "call_expression" else None


def _has_handler(call: Node) -> bool:
    """Whether a chain ends in `.catch(...)`, or a `.then` in it has a second function."""
    here: Node | None = call
    while here is not None:
        method = last_word(here)
        if _link(here) is not None and (
            method == "catch" or (method == "then" and len(positional_arguments(here)) > 1)
        ):
            return True
        here = _link(here)
    return False


def _is_meant(run: Pass, call: Node) -> bool:
    """Whether a comment on the line, or on the one above, speaks of the call."""
    span, text = run.block.span(call), run.block.text
    end = text.find("\n", span.end)
    beside = text[span.end : end if end >= 0 else len(text)]
    above = call.parent.prev_sibling if call.parent is not None else None
    comments = re.findall(r"//.*|/\*.*", beside)
    if above is not None and above.type == "comment" and above.end_point.row + 1 == call.start_point.row:
        comments.append(text_of(above))
    return any(map(is_for_people, comments))


def _await(run: Pass, call: Node) -> Offer:
    return run.offer("Await it", lambda site: (site.insert(call, "await "),))
