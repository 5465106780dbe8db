"""Documents: pieces tile the text, lines are counted right, and an edit gives what a fresh text gives."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import shipworthy
from shipworthy.analyze import analyze
from shipworthy.document import Document
from shipworthy.model import Position, Span
from shipworthy.project import Project

SNIPPETS = [
    *(
        '"""',
        "'''",
        '"',
        "'",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        "`",
        "${",
        "/*",
        "*/",
        "//",
        "#",
        "\\",
        "\n",
        "\r",
        "\r\n",
        "\f",
    ),
    *("é", "𝛼", "\u2028", " ", "    ", "\t", "x = 1\n", "import os\n", "from a import b\n", "@decorated\n", "else:\n"),
    *(
        "def f(a, b):\n    return a\n",
        "class A:\n    def m(self):\n        pass\n\n    x = 1\n",
        "async def g():\n  pass\n",
    ),
    *(
        "function f() { return 1 }\n",
        "class B extends C {\n  m() { }\n  x = 1;\n}\n",
        "const a = () => {\n",
        "export default x;\n",
    ),
]
PATHS = ["a.py", "a.js", "a.ts", "a.tsx", "a.yaml"]


def shape(document: Document) -> list[tuple[int, str, str]]:
    """What must not depend on how the document came about."""
    return [(start, block.text, block.key) for start, block in document.items()]


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(PATHS), st.lists(st.sampled_from(SNIPPETS), max_size=30), st.data())
def test_an_edited_document_is_a_fresh_one(path: str, parts: list[str], data: st.DataObject) -> None:
    document = Document(path, "".join(parts))
    for _ in range(4):
        size = len(document.text)
        start = data.draw(st.integers(0, size))
        end = data.draw(st.integers(start, min(size, start + 40)))
        text = "".join(data.draw(st.lists(st.sampled_from(SNIPPETS), max_size=3)))
        document = document.edited(Span(start, end), text)
        fresh = Document(path, document.text)
        assert shape(document) == shape(fresh)
        assert "".join(block.text for block in document.blocks) == document.text


def sources() -> Iterator[Path]:
    yield from sorted(Path(shipworthy.__file__).parent.rglob("*.py"))


def test_no_piece_of_a_program_without_errors_has_one() -> None:
    for path in sources():
        document = Document(path.name, path.read_text(encoding="utf-8"))
        assert [block.text for block in document.blocks if block.is_broken] == [], path


def test_real_sources_survive_random_edits() -> None:
    chosen = random.Random(7)
    for path in list(sources())[::3]:
        document = Document(path.name, path.read_text(encoding="utf-8")[:8000])
        for _ in range(25):
            start = chosen.randrange(len(document.text) + 1)
            end = min(len(document.text), start + chosen.choice([0, 0, 1, 5, 60]))
            document = document.edited(Span(start, end), chosen.choice(["", *SNIPPETS]))
        assert shape(document) == shape(Document(path.name, document.text))


@given(st.text(alphabet="ab\r\n\f\u2028é𝛼", max_size=60))
def test_positions_count_lines_as_editors_do(text: str) -> None:
    document = Document("a.txt", text)
    line = column = 1
    for offset, character in enumerate(text):
        assert document.position(offset) == Position(line, column)
        assert document.offset(Position(line, column)) == offset or character in "\r\n"
        if character == "\n" or (character == "\r" and text[offset + 1 : offset + 2] != "\n"):
            line, column = line + 1, 1
        else:
            column += 1
    assert document.line_count == line


@pytest.mark.parametrize(
    "broken",
    ["def first(:\n    pass\n", 'TEXT = """never closed\n', "value = call(1,\n", "def first():\n    x = [1, 2\n"],
)
def test_a_broken_block_costs_itself_alone(broken: str) -> None:
    rest = "def second():\n    return 2\n\n\nclass Third:\n    def method(self):\n        return 3\n"
    document = Document("a.py", broken + "\n" + rest)
    whole = {block.text.split("(")[0].strip() for block in document.blocks if not block.is_broken}
    assert {"def second", "def method"} <= whole


def test_methods_are_blocks_of_their_own() -> None:
    document = Document(
        "a.py", "class A:\n    x = 1\n\n    @cached\n    def m(self):\n        pass\n\n    def n(self):\n        pass\n"
    )
    assert [block.text.split("\n")[0].strip() for block in document.blocks] == ["class A:", "@cached", "def n(self):"]
    assert [[scope.name for scope in block.scopes] for block in document.blocks] == [[], ["A"], ["A"]]


@pytest.mark.parametrize(
    ("path", "text", "rule"),
    [
        ("a.py", 'name = "\ud800"\ntry:\n    work()\nexcept Exception:\n    pass\n', "swallowed-exception"),
        ("a.js", 'try { work("\udfff") } catch (e) {}\n', "swallowed-exception"),
        (".env", "NAME=\ud800\n", ""),
    ],
)
def test_half_a_character_costs_no_finding(path: str, text: str, rule: str) -> None:
    document = Document(path, text)
    report = analyze(document, Project("/nowhere"))
    assert report.problems == ()
    assert {finding.rule for finding in report.findings} == ({rule} if rule else set())
    edited = Document(path, "").edited(Span(0, 0), text)
    assert edited.text == document.text
    assert len(edited.text) == len(text)


def test_a_tree_that_was_forgotten_is_made_again_without_memories_of_its_nodes() -> None:
    document = Document("a.py", "def first():\n    return 1\n\n\ndef second():\n    return 2\n")
    (block, _), tree = document.blocks, document.blocks[0].tree
    assert block.tree is tree
    function = block.root.children[0]
    assert block.memo(("name", function.id), lambda: "first") == "first"
    assert block.memo(("words", 0), lambda: 4) == 4
    document.forget_trees()
    assert block.tree is not tree
    assert str(block.root) == str(tree.root_node)
    assert block.memo(("name", function.id), lambda: "other") == "other"
    assert block.memo(("words", 0), lambda: 5) == 4


def test_a_minified_block_has_no_findings_of_syntax() -> None:
    written = "function save(job) {\n  try { job.run(); } catch (e) {}\n}\n"
    functions = "".join(f"function f{number}(a){{try{{a.run();a.go()}}catch(b){{}}}}" for number in range(40))
    report = analyze(Document("a.js", f"!function(){{{functions}}}();\n{written}"), Project("/nowhere"))
    assert [(finding.rule, finding.range.start.line) for finding in report.findings] == [("swallowed-exception", 3)]
