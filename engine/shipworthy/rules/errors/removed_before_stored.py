from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from tree_sitter import Node

from shipworthy import borrowed, detached, handlers, losses, origins, outside
from shipworthy.document import Block
from shipworthy.model import Severity
from shipworthy.rule import Found, Pass, node_rule, py
from shipworthy.syntax import (
    ancestors,
    dotted,
    enclosing,
    function_around,
    is_statement,
    keyword_arguments,
    last_word,
    names_in,
    own,
    positional_arguments,
    spoken,
    targets,
    text_of,
    walk,
)

_REMOVES = frozenset({"unlink", "remove"})
_READS = frozenset({"read_text", "read_bytes", "open"})
_RUNS = frozenset({"subprocess.run", "subprocess.call", "os.system"})
_LOOKS = frozenset({"exists", "is_file", "isfile", "stat", "getsize"})
_OF_NO_VALUE = re.compile(r"(?i)te?mp|lock|pid|flag|cache|cookie|marker|stamp|signal|sock")


def _words(block: Block) -> Iterable[str]:
    """What variables hold, what becomes of messages, and `blind x` for each function that runs a program blindly."""
    yield from origins.bindings(block)
    yield from detached.words(block)
    for call in block.nodes(("call",)).get("call", ()):
        scope = function_around(call) if dotted(call.child_by_field_name("function")) in _RUNS else None
        name = scope.child_by_field_name("name") if scope is not None else None
        if name is not None and _is_blind(call):
            yield f"blind {text_of(name)}"


@node_rule(
    "removed-before-stored",
    severity=Severity.HINT,
    python="call|assignment|keyword_argument|pair",
    cwe=(460,),
    extract=_words,
    bad=(
        py("""
            import pika

            def listen(channel):
                channel.basic_consume(queue="bills", on_message_callback=on_bill, «auto_ack=True»)
                channel.start_consuming()
        """),
        py("""
            import requests

            def send_kept(kept):
                lines = kept.read_text().splitlines()
                «kept.unlink()»
                for line in lines:
                    requests.post(URL, data=line, timeout=5).raise_for_status()
        """),
        py("""
            import json
            import os

            def load(path, store):
                with open(path) as file:
                    orders = json.load(file)
                «os.remove(path)»
                store.insert_many(orders)
        """),
        py("""
            from confluent_kafka import Consumer

            def main(store):
                consumer = Consumer({"group.id": "clicks", «"enable.auto.commit": True»})
                clicks = []
                while True:
                    message = consumer.poll(1.0)
                    clicks.append(message.value())
                    if len(clicks) > 100:
                        store.save(clicks)
                        clicks = []
        """),
        py("""
            class Feed:
                async def flush(self):
                    «rows, self.rows = self.rows, []»
                    for row in rows:
                        await self.redis.rpush("rows", row)

                async def close(self):
                    rows = list(self.rows)
                    «self.rows.clear()»
                    await self.redis.rpush("rows", *rows)
        """),
        py("""
            import os
            import subprocess

            def convert(source, target):
                subprocess.call(["ffmpeg", "-i", source, target])

            def shrink(videos):
                for video in videos:
                    convert(video, video.replace(".avi", ".mp4"))
                    «os.remove(video)»
        """),
    ),
    good=(
        py("""
            import pika

            def listen(channel):
                channel.basic_consume(queue="bills", on_message_callback=on_bill, auto_ack=False)
                channel.basic_consume(queue=self.callback_queue, on_message_callback=on_reply, auto_ack=True)
        """),
        py("""
            import os
            import subprocess
            from confluent_kafka import Consumer

            def convert(source, target):
                subprocess.run(["ffmpeg", "-i", source, target], check=True)

            def shrink(video, target):
                convert(video, target)
                os.remove(video)
                subprocess.run(["launchctl", "unload", JOB])
                os.remove(JOB)
                subprocess.run(["ffmpeg", "-i", target, COPY])
                if os.path.exists(COPY):
                    os.remove(target)

            def main(store):
                consumer = Consumer({"group.id": "clicks", "enable.auto.commit": True})
                clicks = []
                while True:
                    store.save(consumer.poll(1.0).value())

            class Feed:
                async def flush(self):
                    rows, self.rows = self.rows, []
                    try:
                        await self.redis.rpush("rows", *rows)
                    except ConnectionError:
                        self.rows = rows + self.rows

                async def close(self):
                    for row in self.rows:
                        await self.redis.rpush("rows", row)
                    self.rows = []
        """),
        py("""
            import requests

            def send_kept(kept):
                for line in kept.read_text().splitlines():
                    requests.post(URL, data=line, timeout=5).raise_for_status()
                kept.unlink()
        """),
        py("""
            import os

            def edited(text):
                path = draft_of(text)
                edit(path)
                with open(path) as file:
                    found = file.read()
                os.remove(path)
                return found
        """),
        py("""
            import requests

            def answer(tmp_path):
                text = tmp_path.read_text()
                tmp_path.unlink()
                requests.post(URL, data=text, timeout=5)
        """),
        py("""
            import requests

            def send_kept(kept):
                text = kept.read_text()
                kept.unlink()
                try:
                    requests.post(URL, data=text, timeout=5)
                except requests.RequestException:
                    kept.write_text(text)
        """),
    ),
)
def removed_before_stored(run: Pass, node: Node) -> Iterator[Found]:
    """A file is removed, a buffer emptied or a message ticked off while what was in it still has to be stored or sent.

    If that fails, or the program ends in between, it is nowhere any more: it was only in memory.

    Instead, remove the file, empty the buffer, or commit the offset when all that was in it is where it belongs.
    """
    if node.type == "call":
        yield from _removed(run, node)
    elif node.type == "assignment":
        yield from _emptied(run, node)
    elif detached.is_forgotten(node):
        message = (
            "RabbitMQ forgets each message as it sends it, and one whose handling fails is lost: acknowledge it then."
        )
        yield run.finding(node, message)
    elif (buffer := detached.waiting(run, node)) != "":
        message = (
            f"Kafka ticks messages off while they wait in `{buffer}`: a crash loses them; commit when they are stored."
        )
        yield run.finding(node, message)


def _emptied(run: Pass, assignment: Node) -> Iterator[Found]:
    """A buffer that is emptied before what was in it is stored."""
    variable, buffer, emptied = detached.taken(assignment) or ("", "", assignment)
    used = detached.stored(run, variable, emptied) if variable else None
    if used is not None:
        said = spoken(used.child_by_field_name("function"))
        message = f"If `{said}` fails, what was in `{buffer}` is lost: empty it afterwards, or put it back."
        yield run.finding(emptied, message, related=(run.place(used, "may fail here"),))


def _removed(run: Pass, call: Node) -> Iterator[Found]:
    if last_word(call) not in _REMOVES:
        return
    scope = function_around(call)
    owner = dotted(call.child_by_field_name("function")).rpartition(".")[0]
    if scope is None or (last_word(call) == "remove" and owner != "os"):
        return
    if borrowed.taken(call) is not None:
        return
    path = borrowed.subject(call)
    if (
        not path
        or _OF_NO_VALUE.search(path) is not None
        or enclosing(call, {"finally_clause", "except_clause"}) is not None
    ):
        return
    made = _made_from(run, scope, path, call)
    if made is not None:
        said = spoken(made.child_by_field_name("function"))
        message = f"Nobody has looked at whether `{said}` succeeded: what this removes may be all that is left."
        yield run.finding(call, message, related=(run.place(made, "may fail unseen here"),))
    if enclosing(call, {"if_statement"}) is not None:
        return
    held = _read_from(scope, path, call)
    used = next((node for node in own(scope, "call") if held and _stores(run, node, call, held)), None)
    if used is not None and not any(map(_is_guard, ancestors(used))):
        said = spoken(used.child_by_field_name("function"))
        message = f"If `{said}` fails, what was in this file is lost: remove it afterwards."
        yield run.finding(call, message, related=(run.place(used, "may fail here"),))


def _made_from(run: Pass, scope: Node, path: str, removed: Node) -> Node | None:
    """The program, or the function that runs one, that was to make something of a file, and whose status nobody saw."""
    found: Node | None = None
    for node in own(scope, "call"):
        if node.start_byte >= removed.start_byte:
            return found
        if found is not None and last_word(node) in _LOOKS:
            return None
        if not is_statement(node) or path not in (given := _paths_given(node)) or len(given) < 2:
            continue
        name = run.name(node.child_by_field_name("function"))
        is_blind = _is_blind(node) if name in _RUNS else f"blind {name.lstrip('.')}" in run.facts[run.rule.id]
        if is_blind:
            found = node
    return None


def _paths_given(call: Node) -> set[str]:
    """The variables that a call is handed: where a program makes one file of another, that is both."""
    arguments = call.child_by_field_name("arguments")
    inner = walk(arguments, {"keyword_argument", "attribute"}) if arguments is not None else ()
    names = {dotted(one) for one in inner if one.type in {"identifier", "attribute"}}
    return names - {"str", "os.fspath"}


def _is_blind(call: Node) -> bool:
    """Whether nobody sees how a program ended that a call runs."""
    return is_statement(call) and "check" not in keyword_arguments(call)


def _is_guard(around: Node) -> bool:
    return around.type == "try_statement" and any(child.type == "except_clause" for child in around.children)


_BINDING = frozenset({"assignment", "augmented_assignment", "as_pattern", "for_statement", "for_in_clause"})
"""Kinds of nodes that give a variable a value."""


def _read_from(scope: Node, path: str, removed: Node) -> set[str]:
    """The variables that hold what was read from a file, or was made of it, before or after it is removed."""
    found: set[str] = set()
    if not any(_reads(node, path) for node in own(scope, "call") if node.end_byte < removed.start_byte):
        return found
    for node in (one for one in own(scope) if one.type in _BINDING):
        target = node.child_by_field_name("left") or node.child_by_field_name("alias")
        value = node.child_by_field_name("right") or (node.named_children[0] if node.type == "as_pattern" else None)
        if target is None or value is None:
            continue
        reads = node.end_byte < removed.start_byte and any(_reads(one, path) for one in walk(value))
        if reads or names_in(value) & found:
            found |= {text_of(one) for one in (target, *targets(target)) if one.type == "identifier"}
            found |= {text_of(one) for one in walk(target) if node.type == "as_pattern" and one.type == "identifier"}
    return found


def _reads(node: Node, path: str) -> bool:
    if node.type != "call" or last_word(node) not in _READS:
        return False
    modes = [*positional_arguments(node), *keyword_arguments(node).values()]
    writes = any(one.type == "string" and re.search(r"^['\"][rbt]*[wax+]", text_of(one)) for one in modes)
    given = positional_arguments(node)
    is_it = dotted(given[0]) == path if last_word(node) == "open" and given else False
    return not writes and (is_it or dotted(node.child_by_field_name("function")).rpartition(".")[0] == path)


def _stores(run: Pass, node: Node, removed: Node, held: set[str]) -> bool:
    """Whether a call behind the removal stores or sends what was read."""
    if node.start_byte < removed.end_byte or handlers.is_log_call(node):
        return False
    given = [*positional_arguments(node), *keyword_arguments(node).values()]
    if not any(names_in(one) & held for one in given):
        return False
    return bool(outside.outages(run, node)) or (losses.writes(node) and losses.is_dropped(node))
