"""Numbers of complexity: Python's are radon's on real code, JavaScript's are those that eslint gave."""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from radon.complexity import cc_visit
from radon.visitors import Function
from tree_sitter import Node

from shipworthy.complexity import JAVASCRIPT_FUNCTIONS, PYTHON_FUNCTIONS, cognitive, cyclomatic, heaviest, nesting
from shipworthy.document import Document

PACKAGES = (
    "asyncio",
    "bandit",
    "cattrs",
    "detect_secrets",
    "email",
    "hypothesis",
    "pathspec",
    "pygls",
    "radon",
    "rich",
)


def functions(document: Document) -> Iterator[tuple[str, int, Node]]:
    """Every function of a document: its name, its line and its node."""
    kinds = (PYTHON_FUNCTIONS,) if document.language.id == "python" else tuple(JAVASCRIPT_FUNCTIONS.split("|"))
    for start, block in document.items():
        for nodes in block.nodes(kinds).values():
            for node in nodes:
                name = node.child_by_field_name("name")
                line = document.position(start + block.span(node).start).line
                yield block.source(name) if name is not None else "", line, node


def of_radon(blocks: list[object]) -> Iterator[tuple[tuple[str, int], int]]:
    for block in blocks:
        if isinstance(block, Function):
            yield (block.name, block.lineno), block.complexity
            yield from of_radon(block.closures)


def compare(text: str) -> tuple[dict[tuple[str, int], int], dict[tuple[str, int], int]]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = dict(of_radon(cc_visit(text)))
    found = {
        (name, line): 1 + sum(point.amount for point in cyclomatic(node))
        for name, line, node in functions(Document("a.py", text))
    }
    return expected, {key: found.get(key, 0) for key in expected}


@pytest.mark.parametrize("package", PACKAGES)
def test_cyclomatic_numbers_of_real_python_are_those_of_radon(package: str) -> None:
    folder = Path(str(importlib.import_module(package).__file__)).parent
    compared = 0
    for path in sorted(folder.rglob("*.py")):
        try:
            expected, found = compare(path.read_text(encoding="utf-8"))
        except (SyntaxError, UnicodeDecodeError):
            continue
        assert found == expected, path.name
        compared += len(expected)
    assert compared > 50


@pytest.mark.parametrize(
    "body",
    [
        "match x:\n case 1 | 2 if a and b: pass\n case (y): pass\n case _: pass",
        "match x:\n case None: pass\n case [_, *rest]: pass\n case A.B: pass",
        "match x:\n case _ if a: pass\n case y if b or c: pass",
        "match x:\n case 1, 2: pass\n case _, _: pass",
        "try: pass\nexcept A: pass\nexcept (B, C) as e: pass\nelse: pass\nfinally: pass",
        "try: pass\nexcept* A: pass\nexcept* B: pass\nelse: pass",
        "for a in b: pass\nelse: pass\nwhile a and b or c: pass\nelse: pass",
        "assert a and b, (c if d else e)",
        "with a if b else c as d, e: pass",
        "return [a for b in c if d if e and f for g in h], {a: b async for a in b}",
        "f = lambda a=b and c: a if b else c\nreturn f'{a and b:>{c or d}}'",
        "@a(b and c)\ndef g(d=e or h, *, i: (j if k else l) = m and n):\n return o or p",
        "class G(a or b):\n c = d and e\n def h(self):\n  return i or j",
        "async for a in b: pass\nasync with a: pass\nif a: pass\nelif b: pass\nelse: pass",
        "x: int = a and b\ndel a[b or c]\nraise A(b and c) from (d or e)\nprint(*a or b, **c and d)",
    ],
)
def test_cyclomatic_numbers_of_every_construct_are_those_of_radon(body: str) -> None:
    expected, found = compare("async def f():\n" + "\n".join(f"  {line}" for line in body.split("\n")) + "\n")
    assert found == expected


@pytest.mark.parametrize(
    ("source", "number"),
    [
        # Measured with the `complexity` rule of eslint 10.15, TypeScript with @typescript-eslint/parser 8.
        ("function f() { return a?.b?.(c)?.[d] ?? (e || f && g) }", 7),
        ("function f(a = 1, { b = 2, c: { d = 3 } } = {}, [e = 4] = []) {}", 7),
        ("function f() { if (a) {} else if (b) {} else {} }", 3),
        ("function f() { switch (a) { case 1: case 2: break; default: } }", 3),
        ("function f() { try {} catch {} finally {} }", 2),
        ("function f() { for (;;) {} for (a in b) {} for (a of b) {} while (a) {} do {} while (b) }", 6),
        ("function f() { a ||= b; a &&= c; a ??= d; a += e }", 4),
        ("async function f() { for await (const a of b) await (c ? d : e) }", 3),
        ("function f() { return () => (a ? b : c) }", 1),
        ("function f() { class A extends (a || b) { c = d && e; static { if (g) {} } [h ?? i]() { if (j) {} } } }", 3),
        ("function f() { label: for (const a of b) { if (a) continue label } }", 3),
        ("const f = async a => a ? b : c", 2),
        ("const o = { get f() { return a && b } }", 2),
        ("class A { f(a = b ? c : d) { return `${e || g}` } }", 4),
        ("function* f() { yield a && (b, c || d) }", 3),
    ],
)
def test_cyclomatic_numbers_of_javascript_are_those_of_eslint(source: str, number: int) -> None:
    for path in ("a.js", "a.ts"):
        _, _, node = next(functions(Document(path, source)))
        assert 1 + sum(point.amount for point in cyclomatic(node)) == number, path


@pytest.mark.parametrize(
    ("path", "source", "number"),
    [
        ("a.py", "def f():\n if a:\n  for b in c:\n   if d: pass\n   elif e: pass\n   else: pass\n", 1 + 2 + 3 + 1 + 1),
        ("a.py", "def f():\n return a and b and c or d or e and g\n", 3),
        ("a.py", "def f():\n return a and not (b and c)\n", 2),
        ("a.py", "def f():\n return a and (b and c)\n", 1),
        ("a.py", "def f():\n try: pass\n except A:\n  if b: pass\n finally: pass\n", 1 + 2),
        ("a.py", "def f():\n with a:\n  while b:\n   c = d if e else g\n", 1 + 2),
        ("a.py", "def f():\n match a:\n  case 1: pass\n  case 2:\n   if b: pass\n", 1 + 2),
        ("a.py", "def f():\n def g():\n  if a: pass\n g()\n if b: pass\n", 2 + 1),
        ("a.py", "def f(g):\n 'doc'\n def h():\n  if a: pass\n return h\n", 1),
        ("a.py", "def f(a):\n return f(a - 1) if a else 0\n", 1 + 1),
        ("a.py", "class A:\n def f(self):\n  return self.f()\n", 1),
        ("a.py", "class A:\n def f(self):\n  return f()\n", 0),
        ("a.py", "def f():\n return lambda: a if b else c\n", 2),
        ("a.js", "function f() { a: for (;;) { if (b) continue a; else break } }", 1 + 2 + 1 + 1),
        ("a.js", "function f() { switch (a) { case 1: if (b) {} } }", 1 + 2),
        ("a.js", "function f() { return a ? b : c ? d : e }", 1 + 2),
        ("a.js", "function f() { if (a) {} else if (b) {} else { if (c) {} } }", 1 + 1 + 1 + 2),
        ("a.js", "function f() { try {} catch { while (a) {} } }", 1 + 2),
        ("a.js", "function f() { g(() => { if (a) {} }) }", 0),
        ("a.jsx", "function f() { return <A>{a && <B />}{b && c}</A> }", 1),
        ("a.ts", "function f(a = b && c) { return a?.b ?? c }", 1),
    ],
)
def test_cognitive_numbers_follow_the_published_definition(path: str, source: str, number: int) -> None:
    _, _, node = next(functions(Document(path, source)))
    assert sum(point.amount for point in cognitive(node)) == number


def test_the_heaviest_part_is_found_within_what_holds_everything() -> None:
    text = "def f():\n try:\n  a()\n  for b in c:\n   if d: pass\n   if e: pass\n  if g: pass\n except A: pass\n"
    _, _, node = next(functions(Document("a.py", text)))
    parts = heaviest(node, cyclomatic(node))
    assert [(part.type, amount) for part, amount in parts] == [("for_statement", 3), ("if_statement", 1)]


def test_an_else_if_is_no_deeper_than_its_if() -> None:
    source = "function f() { if (a) {} else if (b) {} else { if (c) {} } }"
    block = Document("a.js", source).blocks[0]
    assert [nesting(node) for node in block.nodes(("if_statement",))["if_statement"]] == [1, 1, 2]
