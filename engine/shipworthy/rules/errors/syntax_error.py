from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterable, Iterator

from tree_sitter import Node

from shipworthy.document import Block
from shipworthy.model import Severity, Span
from shipworthy.rule import Found, Hit, Pass, broken_rule, js, py
from shipworthy.syntax import walk

_PLACE = re.compile(r" \(detected at line \d+\)| on line \d+")
"""Line numbers in Python's messages: they count from the start of the block."""

_TEMPLATE = re.compile(r"\{%|<%|<\?php|\{\{\s*\w+(?:\.\w+)*\s*\}\}")
_CLOSES = {")": "(", "]": "[", "}": "{"}
_LINE_END = re.compile(r"\r\n|\r|\n")


def _words(block: Block) -> Iterable[str]:
    """The word `flow` in a file that is written in Flow."""
    return ("flow",) if re.search(r"@flow\b", block.text) is not None else ()


def _hit(run: Pass, hit: Hit, node: Node | None) -> Iterator[Found]:
    """What ruff cannot read and our own syntax can, such as a `print` statement."""
    own = list(_python(run))
    yield from own or [run.finding(hit.span, "Python cannot run this: it is no valid syntax here.")]


@broken_rule(
    "syntax-error",
    severity=Severity.ERROR,
    hits=("ruff:invalid-syntax",),
    check_hit=_hit,
    in_tests=True,
    extract=_words,
    bad=(
        py("""
            def total(prices):
                return sum«(»prices

            def count(prices):
                return len(prices)
        """),
        py("""
            if tota«l»
                print(total)
        """),
        js("function total(prices) { return sum«(»prices; }"),
        js("const total = (1 + «)»2;"),
        js("function total(prices: number[]) { return sum«(»prices; }", path="example.ts"),
    ),
    good=(
        py("""
            match command.split():
                case ["go", place] if place:
                    print(f"{place!r:>{width}}")
        """),
        js("const { a = 1, ...rest } = await import('./a.js');\nfor await (const b of rest?.c ?? []) b.d?.();"),
        js("interface Box<in out T> { value: T }\nimport type { A } from './a';", path="example.ts"),
        js("// @flow\nfunction total(prices: ?Array<number>): number { return 0 }\nopaque type A = string;"),
    ),
)
def syntax_error(run: Pass, root: Node) -> Iterator[Found]:
    """This is not valid syntax: the program cannot even start.

    Nothing else can be said of the function or statement around it, and the file cannot be imported.

    Instead, close what is open and complete what is begun. The rest of the file is checked all the same.
    """
    if _TEMPLATE.search(run.block.text) is not None:
        return
    if run.block.language.id == "python":
        yield from _python(run)
    elif "flow" not in run.facts[run.rule.id] and not run.path.endswith((".d.ts", ".d.mts", ".d.cts")):
        yield from _script(run, root)


def _python(run: Pass) -> Iterator[Found]:
    """What Python itself says of the block; nothing if it can read it."""
    program = run.block.program
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(program)
    except SyntaxError as error:
        start = _offset(program, error.lineno, error.offset)
        end = _offset(program, error.end_lineno, error.end_offset) if error.end_offset else start + 1
        span = _small(run.block.text, start - len(run.block.prefix), end - len(run.block.prefix))
        reason = _PLACE.sub("", error.msg).rstrip(".")
        point = "" if reason.endswith("?") else "."
        yield run.finding(span, f"Python cannot read this: {reason}{point}")
    except (ValueError, RecursionError, MemoryError):
        return


def _offset(program: str, line: int | None, column: int | None) -> int:
    starts = [0, *(match.end() for match in _LINE_END.finditer(program))]
    return starts[min((line or 1) - 1, len(starts) - 1)] + max((column or 1) - 1, 0)


def _small(text: str, start: int, end: int) -> Span:
    """A span of at least one visible character on one line: at a line's end, the last before it."""
    start = min(max(start, 0), len(text))
    line = _LINE_END.search(text, start)
    end = min(max(end, start + 1), line.start() if line is not None else len(text))
    if not text[start:end].strip():
        before = len(text[:start].rstrip())
        return Span(max(before - 1, 0), max(before, min(1, len(text))))
    return Span(start, end)


def _script(run: Pass, root: Node) -> Iterator[Found]:
    bracket = _unbalanced(root)
    if bracket is not None and run.block.owns(bracket):
        shown = bracket.type.removeprefix("$")
        reason = "is never closed" if shown in _CLOSES.values() else "closes nothing that is open"
        yield run.finding(bracket, f"`{shown}` {reason}.")
    elif run.block.language.id == "javascript":
        yield from _error_node(run, root)


def _unbalanced(root: Node) -> Node | None:
    """The first bracket that has no counterpart."""
    opened: list[Node] = []
    for node in walk(root):
        if node.child_count or node.is_missing:
            continue
        if node.type in {"(", "[", "{", "${"}:
            opened.append(node)
        elif node.type in _CLOSES:
            if not opened or opened[-1].type.removeprefix("$") != _CLOSES[node.type]:
                return opened[-1] if opened and _has_counterpart(opened, node) else node
            opened.pop()
    return opened[-1] if opened else None


def _has_counterpart(opened: list[Node], closing: Node) -> bool:
    """Whether something further out is what this bracket closes, so that the inner one is the open one."""
    return any(node.type.removeprefix("$") == _CLOSES[closing.type] for node in opened)


def _error_node(run: Pass, root: Node) -> Iterator[Found]:
    """Where the grammar gave up first: a missing token, or the first token that does not fit."""
    for node in walk(root):
        if node.is_missing:
            at = run.block.offset(node.start_byte)
            yield run.finding(_small(run.block.text, at, at), f"`{node.type}` is missing behind this.")
            return
        if node.is_error:
            leaf = next((inner for inner in walk(node) if not inner.child_count), node)
            span = run.block.span(leaf)
            yield run.finding(
                _small(run.block.text, span.start, span.end),
                "JavaScript cannot read on from here: see what is open or missing before it.",
            )
            return
