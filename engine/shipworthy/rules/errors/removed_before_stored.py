from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from shipworthy import borrowed, handlers, losses, origins, outside
from shipworthy.model import Severity
from shipworthy.rule import Found, Pass, node_rule, py
from shipworthy.syntax import (
    ancestors,
    dotted,
    enclosing,
    function_around,
    keyword_arguments,
    last_word,
    own,
    positional_arguments,
    spoken,
    targets,
    text_of,
    walk,
)

_REMOVES = frozenset({"unlink", "remove"})
_READS = frozenset({"read_text", "read_bytes", "open"})
_OF_NO_VALUE = re.compile(r"(?i)te?mp|lock|pid|flag|cache|cookie|marker|stamp|signal|sock")


@node_rule(
    "removed-before-stored",
    severity=Severity.HINT,
    python="call",
    cwe=(460,),
    extract=origins.bindings,
    bad=(
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
    ),
    good=(
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
def removed_before_stored(run: Pass, call: Node) -> Iterator[Found]:
    """A file is removed while what was in it is only in memory, and still has to be stored or sent.

    If that fails, or the program ends in between, what was in the file is nowhere any more.

    Instead, remove the file, or move it aside, when all that was in it is where it belongs.
    """
    if last_word(call) not in _REMOVES:
        return
    scope = function_around(call)
    owner = dotted(call.child_by_field_name("function")).rpartition(".")[0]
    if scope is None or (last_word(call) == "remove" and owner != "os"):
        return
    if borrowed.taken(call) is not None:
        return
    if enclosing(call, {"finally_clause", "except_clause", "if_statement"}) is not None:
        return
    path = borrowed.subject(call)
    if not path or _OF_NO_VALUE.search(path) is not None:
        return
    held = _read_from(scope, path, call)
    used = next((node for node in own(scope) if held and _stores(run, node, call, held)), None)
    if used is not None and not any(map(_is_guard, ancestors(used))):
        said = spoken(used.child_by_field_name("function"))
        message = f"If `{said}` fails, what was in this file is lost: remove it afterwards."
        yield run.finding(call, message, related=(run.place(used, "may fail here"),))


def _is_guard(around: Node) -> bool:
    return around.type == "try_statement" and any(child.type == "except_clause" for child in around.children)


def _read_from(scope: Node, path: str, removed: Node) -> set[str]:
    """The variables that hold what was read from a file, or was made of it, before or after it is removed."""
    found: set[str] = set()
    for node in own(scope):
        target = node.child_by_field_name("left") or node.child_by_field_name("alias")
        value = node.child_by_field_name("right") or (node.named_children[0] if node.type == "as_pattern" else None)
        if target is None or value is None:
            continue
        reads = node.end_byte < removed.start_byte and any(_reads(one, path) for one in walk(value))
        if reads or _names(value) & found:
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
    if node.type != "call" or node.start_byte < removed.end_byte or handlers.is_log_call(node):
        return False
    given = [*positional_arguments(node), *keyword_arguments(node).values()]
    if not any(_names(one) & held for one in given):
        return False
    return bool(outside.outages(run, node)) or (losses.writes(node) and losses.is_dropped(node))


def _names(node: Node) -> set[str]:
    return {text_of(one) for one in walk(node) if one.type == "identifier"}
