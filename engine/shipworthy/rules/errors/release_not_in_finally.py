from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from shipworthy.model import Severity
from shipworthy.rule import Found, Pass, node_rule, py
from shipworthy.syntax import ancestors, dotted, function_around, own, walk

_LOCK = re.compile(r"(?i)(?:lock|mutex|sem|semaphore|cond|condition)s?$")
_LEAVES = frozenset({"return_statement", "raise_statement", "continue_statement", "break_statement"})
_RELEASES = frozenset({"release", "task_done"})


@node_rule(
    "release-not-in-finally",
    severity=Severity.HINT,
    python="call",
    cwe=(667,),
    bad=(
        py("""
            def add(self, row):
                self.lock.acquire()
                self.rows.append(parse(row))
                «self.lock.release()»
        """),
        py("""
            def work(queue):
                while True:
                    job = queue.get()
                    job.run()
                    «queue.task_done()»
        """),
    ),
    good=(
        py("""
            def add(self, row):
                with self.lock:
                    self.rows.append(parse(row))
        """),
        py("""
            def add(self, row):
                self.lock.acquire()
                try:
                    self.rows.append(parse(row))
                finally:
                    self.lock.release()
        """),
        py("""
            def work(queue):
                while True:
                    job = queue.get()
                    try:
                        job.run()
                    except Exception:
                        log.exception("job failed")
                    queue.task_done()
        """),
        py("""
            def work(queue):
                while True:
                    try:
                        job = queue.get_nowait()
                    except Empty:
                        sleep(1)
                    else:
                        queue.task_done()
        """),
        py("""
            def stop(self):
                self.lock.release()
        """),
    ),
)
def release_not_in_finally(run: Pass, call: Node) -> Iterator[Found]:
    """What was taken is given back only if nothing fails in between.

    An exception on the way leaves the lock held or the queue waiting, and the next one who asks
    for it waits forever.

    Instead, use a `with` statement, or give it back in `finally`.
    """
    function = call.child_by_field_name("function")
    receiver, _, method = dotted(function).rpartition(".")
    scope = function_around(call)
    if method not in _RELEASES or not receiver or scope is None:
        return
    if method == "release" and _LOCK.search(receiver) is None:
        return
    if any(around.type in {"finally_clause", "except_clause"} for around in ancestors(call)):
        return
    taker = "acquire" if method == "release" else "get"
    taken = [
        node
        for node in own(scope)
        if node.type == "call"
        and node.end_byte < call.start_byte
        and dotted(node.child_by_field_name("function")) in {f"{receiver}.{taker}", f"{receiver}.{taker}_nowait"}
    ]
    if taken and _risky_between(scope, taken[-1], call):
        advice = f"use `with {receiver}:`" if method == "release" else "call it in `finally`"
        yield run.finding(call, f"If anything fails before it, `{receiver}.{method}` is never called: {advice}.")


def _risky_between(scope: Node, taken: Node, given: Node) -> bool:
    """Whether a call that no handler or `finally` protects stands between taking and giving back."""
    for node in own(scope):
        if node.type != "call" or not taken.end_byte < node.start_byte < given.start_byte:
            continue
        if _leaves_after(node, given) or _is_off_the_way(node, taken):
            continue
        attempts = (around for around in ancestors(node) if around.type == "try_statement")
        inner = [one for one in attempts if one.start_byte > taken.start_byte or _gives_back(one, given)]
        if not inner:
            return True
    return False


def _is_off_the_way(node: Node, taken: Node) -> bool:
    """Whether a call stands in a handler for the case that taking itself failed."""
    clauses = (around for around in ancestors(node) if around.type == "except_clause")
    return any(one.parent is not None and one.parent.start_byte < taken.start_byte for one in clauses)


def _leaves_after(node: Node, given: Node) -> bool:
    """Whether a call stands in a branch that leaves the function or the loop, so that nothing is given back there."""
    for around in ancestors(node):
        if around.type == "block" and not around.start_byte <= given.start_byte < around.end_byte:
            last = around.named_children[-1] if around.named_children else None
            if last is not None and last.type in _LEAVES:
                return True
    return False


def _gives_back(attempt: Node, given: Node) -> bool:
    """Whether a handler or the `finally` of a `try` gives back too."""
    clauses = [child for child in attempt.children if child.type in {"finally_clause", "except_clause"}]
    name = given.child_by_field_name("function")
    return any(node.text == name.text for clause in clauses for node in walk(clause) if name is not None)
