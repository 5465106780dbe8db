from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator

from tree_sitter import Node

from shipworthy import borrowed, fixes, handlers
from shipworthy.document import Block
from shipworthy.model import Edit, Severity
from shipworthy.rule import Found, Offer, Pass, Site, node_rule, py
from shipworthy.syntax import FUNCTIONS, ancestors, does_nothing, dotted, enclosing, last_word, text_of, walk
from shipworthy.upkeep import is_occasional, is_of_container, is_upkeep

_CHECKS = re.compile(
    r"\bargparse\b|\boptparse\b|\bgetopt\b|\bclick\b|\btyper\b|\bdocopt\b|\bfire\.Fire\b|\bIndexError\b"
    r"|\bargv\[\d*:\d*\](?!\s*\[)|\bin\s+(?:sys\.)?argv\b|(?:sys\.)?argv\s*(?:==|!=|\.append|\.extend|=\s*\[)|match\s+(?:sys\.)?argv\b"
)
_FROM = re.compile(r"(?m)^(?:from|import)\s+(?:\.|(\w+))")
_COUNTS = re.compile(r"\blen\(\s*(?:sys\.)?argv\b")
_USAGE = re.compile(
    r"(?im)(?:\busage:\s*|^\s*(?=\$?\s*python))(?:\$\s*)?(?:python[\d.]*\s+)?(?:-m\s+)?[\w./-]+((?:[ \t]+[^\s\"']+)+)"
)
"""The line of a docstring that says how the program is called, with what stands behind its name."""
_ASIDE = (is_occasional, is_of_container, is_upkeep)
"""Whoever starts such a file has written it, or has its command line written down."""
_CONDITIONS = frozenset({"boolean_operator", "parenthesized_expression", "if_statement", "conditional_expression"})
_DEFINES = frozenset({"function_definition", "class_definition", "decorated_definition", "import_from_statement"})
_AT_TIMES = frozenset(
    {
        *("block", "boolean_operator", "conditional_expression", "elif_clause", "else_clause", "list_comprehension"),
        *("set_comprehension", "dictionary_comprehension", "generator_expression", *FUNCTIONS),
    }
)
"""Nodes within which not all is run each time."""
_ENDS = re.compile(r"(?i)\w*(?:exit|usage|help|abort|die|fail|error)\w*")
"""How functions are called that end the program."""


def _looks(block: Block) -> Iterable[str]:
    """What a block does about how many arguments there are: `checked` in ways of all kinds, `counted <function>` where
    it counts them, `ended <function>` if it ends where there are too few; `usage <number>` if it says how many to give;
    `from <package>` for what it imports, `from ` for what stands beside it; `taken <number>` for the arguments that the
    module itself takes, whatever happens.
    """
    yield from _module_takes(block)
    yield from (f"from {found[1] or ''}" for found in _FROM.finditer(block.text))
    if _CHECKS.search(block.text) is not None:
        yield "checked"
    for call in _counts(block):
        yield f"{'ended' if _is_ending(call) else 'counted'} {_around(call)}"
    texts = [node for node in block.root.named_children if does_nothing(node)]
    for usage in (found for text in texts for found in _USAGE.finditer(text_of(text))):
        yield f"usage {len(usage[1].split())}"


def _module_takes(block: Block) -> Iterator[str]:
    """The arguments that the code of the module itself takes in a block, as `_looks` words them."""
    if not block.scopes and "argv" in block.text:
        own = (node for node in block.root.named_children if block.owns(node))
        yield from (f"taken {_number(node)}" for node in _taken(own))


def _counts(block: Block) -> list[Node]:
    """The calls of `len` for the arguments of the program, in the order of the text."""
    if _COUNTS.search(block.text) is None:
        return []
    return [call for call in block.nodes(("call",)).get("call", ()) if _COUNTS.match(text_of(call)) is not None]


def _around(node: Node) -> str:
    """The name of the function around a node, "" for the code of the module."""
    function = enclosing(node, {"function_definition"})
    return text_of(function.child_by_field_name("name") or function) if function is not None else ""


def _is_ending(count: Node) -> bool:
    """Whether what is counted may end the function or the program, or is kept, so that all that follows may know it."""
    test = enclosing(count, {"if_statement", *FUNCTIONS})
    condition = test.child_by_field_name("condition") if test is not None else None
    if test is None or condition is None or not condition.start_byte <= count.start_byte < condition.end_byte:
        return True
    return any(map(_leaves, walk(test)))


@node_rule(
    "unchecked-argv",
    severity=Severity.HINT,
    default=False,
    python="subscript",
    extract=_looks,
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
        py(
            """
            import json
            import sys

            data = json.load(open(«sys.argv[1]»))
            with open(sys.argv[2], "w") as out:
                json.dump(data, out)
            """,
            fixed="""
            import json
            import sys

            if len(sys.argv) <= 2:
                raise SystemExit(f"usage: {sys.argv[0]} ARGUMENT1 ARGUMENT2")
            data = json.load(open(sys.argv[1]))
            with open(sys.argv[2], "w") as out:
                json.dump(data, out)
            """,
        ),
        py(
            """
            import json
            import sys

            try:
                data = json.load(open(sys.argv[1]))
            except Exception:
                raise SystemExit(1)
            open(«sys.argv[2]», "w").write(data)
            """,
            fixed="""
            import json
            import sys

            if len(sys.argv) <= 2:
                raise SystemExit(f"usage: {sys.argv[0]} ARGUMENT1 ARGUMENT2")
            try:
                data = json.load(open(sys.argv[1]))
            except Exception:
                raise SystemExit(1)
            open(sys.argv[2], "w").write(data)
            """,
        ),
        py("""
            from sys import argv

            target = «argv[2]»
            source = argv[1]
        """),
        py(
            """
            import sys

            def main():
                folder = «sys.argv[1]»
                if len(sys.argv) > 2 and sys.argv[2] == "--undo":
                    undo(folder)
            """,
            fixed="""
            import sys

            def main():
                if len(sys.argv) <= 1:
                    raise SystemExit(f"usage: {sys.argv[0]} ARGUMENT")
                folder = sys.argv[1]
                if len(sys.argv) > 2 and sys.argv[2] == "--undo":
                    undo(folder)
            """,
        ),
        py(
            """
            import sys

            def main():
                command = «sys.argv[1]»
                if command == "list":
                    return show()
                add(sys.argv[2])
            """,
            fixed="""
            import sys

            def main():
                if len(sys.argv) <= 1:
                    raise SystemExit(f"usage: {sys.argv[0]} ARGUMENT")
                command = sys.argv[1]
                if command == "list":
                    return show()
                add(sys.argv[2])
            """,
        ),
    ),
    good=(
        py("""
            import sys

            if len(sys.argv) < 2:
                sys.exit("usage: show FILE")
            print(sys.argv[1])
        """),
        py("""
            import sys

            def main():
                if len(sys.argv) > 2:
                    print(sys.argv[1], sys.argv[2])
                path = sys.argv[1] if len(sys.argv) > 1 else "-"
                print(path)
        """),
        py("""
            \"\"\"Takes an order back.

            Usage: python3 revoke.py <order> [reason]
            \"\"\"
            import sys

            def main():
                revoke(sys.argv[1], sys.argv[2:])
        """),
        py("""
            \"\"\"Narrows what another one may do.

                python3 narrow.py <key> <names>
            \"\"\"
            import sys

            def main():
                narrow(sys.argv[1], sys.argv[2])
        """),
        py("""
            import sys

            def usage():
                if len(sys.argv) < 2:
                    sys.exit("usage: show FILE")

            def main():
                usage()
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
        py(
            """
            import sys

            if __name__ == "__main__":
                write_index(sys.argv[1])
            """,
            path="etc/scripts/index.py",
        ),
        py(
            """
            import sys

            if __name__ == "__main__":
                wait_for(sys.argv[1])
            """,
            path="shop/wait_for_database.py",
        ),
        py(
            """
            import sys

            from shop.prices import read

            if __name__ == "__main__":
                print(read(sys.argv[1]))
            """,
            path="shop/prices_of_day.py",
        ),
    ),
)
def unchecked_argv(run: Pass, subscript: Node) -> Iterator[Found]:
    """A command-line argument is taken without a look at how many there are.

    Called without it, the program answers with `IndexError: list index out of range` and a
    traceback, which tells nobody what to type.

    Instead, use `argparse`, or test `len(sys.argv)` and say how the program is called. It is off by default: scripts
    that take their arguments so are mostly started by one other script.
    """
    index = subscript.child_by_field_name("subscript")
    if index is None or index.type != "integer" or text_of(index) == "0":
        return
    value = subscript.child_by_field_name("value")
    if value is None or run.name(value) != "sys.argv":
        return
    if any(handlers.is_broad(handlers.caught(run, clause)) for clause in handlers.guards(subscript)):
        return
    if (
        _first(run) != subscript
        or _is_told_before(run, subscript)
        or _is_of_package(run)
        or any(is_aside(run.path) for is_aside in _ASIDE)
    ):
        return
    message = (
        f"Without this argument `{run.text(subscript)}` ends in an IndexError: use argparse, or test `len(sys.argv)`."
    )
    yield run.finding(subscript, message, offers=_offers(subscript, run, value))


def _is_of_package(run: Pass) -> bool:
    """Whether the module is a part of a package, by what it imports: what it does as a program is for who wrote it."""
    *folders, name = run.path.split("/")
    imported = {word.removeprefix("from ") for word in run.facts[run.rule.id] if word.startswith("from ")}
    return name == "__init__.py" or not imported.isdisjoint({"", *folders})


def _is_checked(run: Pass, subscript: Node) -> bool:
    """Whether the program looks at how many arguments there are before it takes one, or says in its docstring how many
    to give it.
    """
    words, here = run.facts[run.rule.id], _around(subscript)
    index = _number(subscript)
    if "checked" in words or any(word.startswith("usage ") and int(word[6:]) >= index for word in words):
        return True
    if any(word.startswith(("counted ", "ended ")) and word.partition(" ")[2] != here for word in words):
        return True
    counts = [count for count in _counts(run.block) if _around(count) == here]
    if not counts and f"ended {here}" in words:
        return True  # in another part of the module
    return any(
        _holds(count, subscript) or (count.start_byte < subscript.start_byte and _is_ending(count)) for count in counts
    )


def _holds(count: Node, subscript: Node) -> bool:
    """Whether an argument is taken within the statement or the expression whose condition counts them."""
    around = enclosing(
        count, {"if_statement", "conditional_expression", "boolean_operator", "while_statement", *FUNCTIONS}
    )
    while around is not None and around.parent is not None and around.parent.type in _CONDITIONS:
        around = around.parent
    return around is not None and around.type not in FUNCTIONS and around in ancestors(subscript)


def _offers(subscript: Node, run: Pass, arguments: Node) -> tuple[Offer, ...]:
    """Say how the program is called, and end, if an argument is missing: before the arguments are used at all."""
    statement, name = fixes.statement_of(subscript), text_of(arguments)
    if statement is None or not fixes.is_alone_on_line(statement) or _is_conditional(statement):
        return ()

    def edits(site: Site) -> Iterator[Edit]:
        suite = list(itertools.dropwhile(lambda one: not _uses_arguments(one[1]), _suite(site, statement)))
        taken = list(_taken(node for _, node in suite))
        place, first = suite[0] if subscript in taken else (site, statement)
        if not fixes.is_alone_on_line(first):
            return
        most = max(map(_number, taken)) if subscript in taken else _number(subscript)
        usage = " ".join(f"ARGUMENT{number}" for number in range(1, most + 1)) if most > 1 else "ARGUMENT"
        yield fixes.line_before(place, first, f"if len({name}) <= {most}:")
        yield fixes.line_before(place, first, f'{place.step(first)}raise SystemExit(f"usage: {{{name}[0]}} {usage}")')

    return (run.offer("Say how the program is called", edits),)


def _suite(site: Site, statement: Node) -> Iterator[tuple[Site, Node]]:
    """The statements that are run one after the other with one, each with its place: those of a module stand in
    several blocks.
    """
    if statement.parent is not None and statement.parent.type == "block":
        yield from ((site, node) for node in statement.parent.named_children)
        return
    for start, block in site.document.items():
        nodes = block.root.named_children if not block.scopes else ()
        yield from ((Site(site.document, start, block, site.read), node) for node in nodes if block.owns(node))


def _uses_arguments(statement: Node) -> bool:
    """Whether a statement asks for the program's arguments when it is run."""
    if statement.type in _DEFINES:
        return False
    return any(node.type == "identifier" and text_of(node) == "argv" for node in walk(statement, FUNCTIONS))


def _taken(statements: Iterable[Node]) -> Iterator[Node]:
    """The arguments that statements take in every run, up to one behind which the program may be over."""
    for statement in statements:
        if statement.type in _DEFINES:
            continue
        nodes = list(walk(statement, _AT_TIMES))
        yield from (node for node in nodes if node.type == "subscript" and _is_argument(node))
        if any(_leaves(node) for node in walk(statement, {"except_clause", *FUNCTIONS})):
            return


def _leaves(node: Node) -> bool:
    is_ending = node.type == "call" and _ENDS.fullmatch(last_word(node)) is not None
    return node.type in borrowed.LEAVES or is_ending


def _number(subscript: Node) -> int:
    return int(text_of(subscript.child_by_field_name("subscript") or subscript))


def _is_conditional(statement: Node) -> bool:
    """Whether a statement is not reached in every run: there it is too late to say how the program is called."""
    block = statement.parent
    owner = block.parent if block is not None and block.type == "block" else None
    if owner is None or owner.type == "function_definition":
        return False
    condition = owner.child_by_field_name("condition")
    return condition is None or "__main__" not in text_of(condition)


def _first(run: Pass) -> Node | None:
    """The first argument that the block takes unseen: one finding says it for all."""
    nodes = run.block.nodes(("subscript",)).get("subscript", ())
    return next((node for node in nodes if _is_argument(node) and not _is_checked(run, node)), None)


def _is_told_before(run: Pass, subscript: Node) -> bool:
    """Whether the module itself takes an argument before this one in another of its blocks."""
    statement = fixes.statement_of(subscript)
    if statement is None or statement.parent is None or statement.parent.type != "module":
        return False
    here = set(_module_takes(run.block))
    lower = (f"taken {number}" for number in range(1, _number(subscript)))
    return any(word in run.facts[run.rule.id] and word not in here for word in lower)


def _is_argument(subscript: Node) -> bool:
    """Whether an item is one of the arguments that the program is given, by its number."""
    index = text_of(subscript.child_by_field_name("subscript") or subscript)
    return (
        dotted(subscript.child_by_field_name("value")).rpartition(".")[2] == "argv"
        and re.fullmatch(r"[1-9]\d*", index) is not None
    )
