from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from shipworthy.model import Severity
from shipworthy.rule import Found, Pass, js, node_rule, py


@node_rule(
    "swallowed-exception",
    severity=Severity.WARNING,
    python="except_clause",
    javascript="catch_clause",
    bad=(
        py("""
            try:
                work()
            «except Exception:
                pass»
        """),
        js("try { work() } «catch (e) { }»"),
    ),
    good=(js("try { work() } catch (e) { /* best effort */ }"),),
)
def swallowed_exception(run: Pass, clause: Node) -> Iterator[Found]:
    """An exception is caught and nothing is done about it.

    The failure is invisible afterwards: callers go on as if the work was done.

    Instead, handle it, log it with its traceback, or let it pass on.
    """
    yield run.finding(clause)
