from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from shipworthy.fixes import line_end
from shipworthy.handlers import body, calls, is_broad_in_words, raises, types
from shipworthy.language import BRACES
from shipworthy.model import Edit, Severity, Span
from shipworthy.rule import Found, Offer, Pass, Site, js, node_rule, py
from shipworthy.syntax import CLASSES, FUNCTIONS, ancestors, enclosing, statements, text_of, walk

_LOOPS = frozenset({"for_statement", "while_statement", "for_in_statement", "do_statement"})
_LEAVES = frozenset({"return_statement", "break_statement", "continue_statement"})


@node_rule(
    "finally-swallows-exception",
    severity=Severity.ERROR,
    python="finally_clause",
    javascript="finally_clause",
    agrees_with=("ruff:B012",),
    cwe=(584,),
    bad=(
        py(
            """
            def load():
                try:
                    rows = fetch()
                finally:
                    disconnect()
                    «return rows»
            """,
            fixed="""
            def load():
                try:
                    rows = fetch()
                finally:
                    disconnect()
                return rows
            """,
        ),
        py("""
            while True:
                try:
                    work()
                finally:
                    if done():
                        «break»
        """),
        py("""
            def load():
                try:
                    rows = fetch()
                except Exception:
                    log.exception("no rows")
                    rows = []
                finally:
                    «return rows»
        """),
        js("function load() { try { return fetchRows() } finally { «return []» } }"),
        js("for (const job of jobs) { try { run(job) } finally { if (job.last) { «break;» } } }"),
    ),
    good=(
        py("""
            def push(remote, lock):
                try:
                    return remote.push()
                finally:
                    try:
                        lock.release()
                    except OSError as error:
                        log.exception("the lock is still held")
                        return f"error: {error}"
        """),
        py("""
            def size(path):
                found = 0
                try:
                    found = measure(path)
                except:
                    found = -1
                finally:
                    return found
        """),
        py("""
            def load():
                try:
                    return fetch()
                finally:
                    for connection in connections:
                        if connection.closed:
                            continue
                        connection.close()
        """),
        py("""
            try:
                work()
            finally:
                def done():
                    return True
                tell(done)
        """),
        js("function f() { try { work() } finally { items.forEach((item) => { return item.close() }) } }"),
        js("try { work() } finally { switch (state) { case 1: close(); break; } }"),
        js("""
            function f() {
              try { work() } finally { next: for (const a of b) { for (const c of a) { continue next } } }
            }
        """),
    ),
)
def finally_swallows_exception(run: Pass, clause: Node) -> Iterator[Found]:
    """A `finally` block is left by `return`, `break` or `continue`, which drops the exception on its way.

    Whatever was raised in the `try` or in a handler is gone without a trace, Ctrl-C included, and
    the caller gets a result as if all had gone well.

    Instead, let `finally` do nothing but clean up, and return behind the `try` statement.
    """
    block = clause.child_by_field_name("body") or body(clause)
    if _is_behind_everything(clause):
        return
    is_behind_all = _is_behind_all(clause)
    dropped = "Ctrl-C, `sys.exit` or an error of a handler that is" if is_behind_all else "the exception that is"
    for node in walk(block, FUNCTIONS | CLASSES) if block is not None else ():
        if node.type in _LEAVES and _leaves(node, clause):
            word = node.type.partition("_")[0]
            message = f"This `{word}` drops {dropped} on its way through `finally`: move it behind the `try`."
            severity = Severity.HINT if is_behind_all else Severity.ERROR
            yield run.finding(node, message, severity=severity, offers=_offers(run, clause, node))


def _is_behind_all(clause: Node) -> bool:
    """Whether an `except Exception` takes nearly all that there would be to drop."""
    siblings = clause.parent.children if clause.parent is not None else []
    return any(one.type == "except_clause" and is_broad_in_words(one) and not raises(one) for one in siblings)


def _is_behind_everything(clause: Node) -> bool:
    """Whether a bare `except:` takes all that there would be to drop, and calls nothing itself."""
    siblings = clause.parent.children if clause.parent is not None else []
    bare = [one for one in siblings if one.type == "except_clause" and not types(one)]
    return any(not raises(one) and not calls(statements(body(one))) for one in bare)


def _leaves(node: Node, clause: Node) -> bool:
    """Whether a jump goes to somewhere outside the clause, whatever comes of what the clause itself tries."""
    inner = enclosing(node, FUNCTIONS | {"except_clause", "catch_clause", "finally_clause"})
    if inner is not None and inner.type in {"except_clause", "catch_clause"} and inner.start_byte > clause.start_byte:
        return False  # what has failed in `finally` itself is answered here
    if node.type == "return_statement":
        return True
    label = node.child_by_field_name("label")
    for around in ancestors(node):
        if around == clause:
            return True
        if label is not None:
            target = around.child_by_field_name("label") if around.type == "labeled_statement" else None
            if target is not None and text_of(target) == text_of(label):
                return False
        elif around.type in _LOOPS or (around.type == "switch_statement" and node.type == "break_statement"):
            return False
    return True


def _offers(run: Pass, clause: Node, node: Node) -> tuple[Offer, ...]:
    """Moving it is plain where it is the last of several statements of a Python `finally`."""
    listed = statements(body(clause))
    if run.block.language.id in BRACES or len(listed) < 2 or listed[-1] != node or clause.parent is None:
        return ()
    before, attempt = listed[-2], clause.parent

    def edits(site: Site) -> Iterator[Edit]:
        start, end = run.block.span(before).end, run.block.span(node).end
        between = run.block.text[start : run.block.span(node).start]
        moved = f"{line_end(site.document)}{site.indent(attempt)}{run.text(node)}"
        if "#" not in between:
            yield site.replace(Span(start, end), moved)

    return (run.offer("Move it behind the `try`", edits),) if "#" not in run.text(clause) else ()
