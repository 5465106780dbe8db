from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tree_sitter import Node

from shipworthy.complexity import BRANCHING, generated, keyword, nesting
from shipworthy.model import Severity
from shipworthy.rule import Found, Pass, js, node_rule, py
from shipworthy.syntax import function_around, own


@dataclass(frozen=True)
class Options:
    """How many branching statements may stand within each other."""

    limit: int = 5


@node_rule(
    "too-deeply-nested",
    severity=Severity.HINT,
    python="if_statement|for_statement|while_statement|try_statement|match_statement",
    javascript="if_statement|for_statement|for_in_statement|while_statement|do_statement|try_statement|switch_statement",
    options=Options,
    extract=generated,
    bad=(
        py("""
            def send(groups):
                for group in groups:
                    if group.open:
                        for user in group:
                            if user.active:
                                for mail in user.mails:
                                    «if» mail.valid:
                                        mail.send()
        """),
        js("""
            function send(groups) {
              for (const group of groups) {
                if (group.open) {
                  for (const user of group) {
                    if (user.active) {
                      try {
                        «if» (user.mail) user.mail.send();
                      } catch (error) {
                        report(error);
                      }
                    }
                  }
                }
              }
            }
        """),
    ),
    good=(
        py("""
            def kind(a, b, c, d, e, f):
                if a:
                    return 1
                elif b:
                    return 2
                elif c:
                    return 3
                elif d:
                    return 4
                elif e:
                    return 5
                elif f:
                    return 6
        """),
        js("""
            const visit = (a) => {
              if (a) { for (const b of a) { if (b) run(() => { if (b.c) { if (b.d) b.e(); } }); } }
            };
        """),
    ),
)
def too_deeply_nested(run: Pass, statement: Node) -> Iterator[Found]:
    """A statement stands within so many others that its conditions are out of sight.

    Whoever changes the innermost lines has to know everything that holds there, and has usually
    scrolled past it.

    Instead, return or `continue` early, or move the inner part into a function that is named for
    what it does. `limit` sets how many levels are allowed.
    """
    limit: int = run.options.limit
    if nesting(statement) != limit + 1 or "generated" in run.facts[run.rule.id] or statement != _first(run, statement):
        return
    first = next(child for child in statement.children if child.type != "async")
    message = f"This {keyword(statement)} is {limit + 1} levels deep, {limit} are allowed: return early or move it out."
    yield run.finding(first, message)


def _first(run: Pass, statement: Node) -> Node | None:
    """The first statement of its function that is as deep: one finding says it for all."""
    function = function_around(statement) or run.block.root
    depth = nesting(statement)

    def find() -> Node | None:
        return next((node for node in own(function) if node.type in BRANCHING and nesting(node) == depth), None)

    return run.block.memo(("too deeply nested", function.id), find)
