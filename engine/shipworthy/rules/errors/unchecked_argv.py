from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from tree_sitter import Node

from shipworthy import fixes, handlers
from shipworthy.document import Block
from shipworthy.model import Edit, Severity
from shipworthy.rule import Found, Offer, Pass, Site, node_rule, py
from shipworthy.syntax import dotted, text_of

_CHECKS = re.compile(
    r"\blen\(\s*(?:sys\.)?argv\b|\bargparse\b|\boptparse\b|\bgetopt\b|\bclick\b|\btyper\b|\bdocopt\b|\bfire\.Fire\b|\bIndexError\b"
    r"|\bargv\[\d*:\d*\](?!\s*\[)|\bin\s+(?:sys\.)?argv\b|(?:sys\.)?argv\s*(?:==|!=|\.append|\.extend|=\s*\[)|match\s+(?:sys\.)?argv\b"
)


def _checks(block: Block) -> Iterable[str]:
    """The word `checked` if the block looks at how many arguments there are."""
    return ("checked",) if _CHECKS.search(block.text) is not None else ()


@node_rule(
    "unchecked-argv",
    severity=Severity.HINT,
    python="subscript",
    extract=_checks,
    bad=(
        py(
            """
            import sys

            def main():
                print(open(«sys.argv[1]»).read(), sys.argv[2])
            """,
            fixed="""
            import sys

            def main():
                if len(sys.argv) <= 2:
                    raise SystemExit(f"usage: {sys.argv[0]} ARGUMENT1 ARGUMENT2")
                print(open(sys.argv[1]).read(), sys.argv[2])
            """,
        ),
        py("""
            from sys import argv

            path = «argv[1]»
        """),
    ),
    good=(
        py("""
            import sys

            if len(sys.argv) < 2:
                sys.exit("usage: show FILE")
            print(sys.argv[1])
        """),
        py("""
            import argparse
            import sys

            print(sys.argv[1])
        """),
        py("""
            import sys

            try:
                path = sys.argv[1]
            except IndexError:
                path = "-"
        """),
        py("""
            import sys

            print(sys.argv[0], sys.argv[1:])
        """),
    ),
)
def unchecked_argv(run: Pass, subscript: Node) -> Iterator[Found]:
    """A command-line argument is taken without a look at how many there are.

    Called without it, the program answers with `IndexError: list index out of range` and a
    traceback, which tells nobody what to type.

    Instead, use `argparse`, or test `len(sys.argv)` and say how the program is called.
    """
    index = subscript.child_by_field_name("subscript")
    if index is None or index.type != "integer" or text_of(index) == "0":
        return
    value = subscript.child_by_field_name("value")
    if value is None or run.name(value) != "sys.argv" or "checked" in run.facts[run.rule.id]:
        return
    if any(handlers.is_broad(handlers.caught(run, clause)) for clause in handlers.guards(subscript)):
        return
    if _first(run) != subscript:
        return
    message = (
        f"Without this argument `{run.text(subscript)}` ends in an IndexError: use argparse, or test `len(sys.argv)`."
    )
    yield run.finding(subscript, message, offers=_offers(subscript, run, value))


def _offers(subscript: Node, run: Pass, arguments: Node) -> tuple[Offer, ...]:
    """Say how the program is called, and end, if an argument is missing."""
    statement, name = fixes.statement_of(subscript), text_of(arguments)
    if statement is None or not fixes.is_alone_on_line(statement) or _is_conditional(statement):
        return ()

    def edits(site: Site) -> Iterator[Edit]:
        most = max(int(found) for found in re.findall(r"\bargv\[([0-9]+)\]", site.document.text))
        usage = " ".join(f"ARGUMENT{number}" for number in range(1, most + 1)) if most > 1 else "ARGUMENT"
        yield fixes.line_before(site, statement, f"if len({name}) <= {most}:")
        yield fixes.line_before(site, statement, f'    raise SystemExit(f"usage: {{{name}[0]}} {usage}")')

    return (run.offer("Say how the program is called", edits),)


def _is_conditional(statement: Node) -> bool:
    """Whether a statement is not reached in every run: there it is too late to say how the program is called."""
    block = statement.parent
    owner = block.parent if block is not None and block.type == "block" else None
    if owner is None or owner.type == "function_definition":
        return False
    condition = owner.child_by_field_name("condition")
    return condition is None or "__main__" not in text_of(condition)


def _first(run: Pass) -> Node | None:
    """The first argument that the block takes: one finding says it for all."""
    nodes = run.block.nodes(("subscript",)).get("subscript", ())
    taken = (node for node in nodes if dotted(node.child_by_field_name("value")).rpartition(".")[2] == "argv")
    return next(
        (node for node in taken if text_of(node.child_by_field_name("subscript") or node).strip("123456789") == ""),
        None,
    )
