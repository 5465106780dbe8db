"""Every rule is as good as its examples: each runs through the whole of `analyze`, spans, fixes and all."""

from __future__ import annotations

import ast
import importlib
import re
from collections import Counter
from dataclasses import replace

import pytest
from _pytest.mark.structures import ParameterSet

from shipworthy import registry
from shipworthy.analyze import analyze
from shipworthy.config import Config
from shipworthy.document import Document
from shipworthy.edits import apply, offers
from shipworthy.model import Report
from shipworthy.project import Project
from shipworthy.registry import Entry
from shipworthy.rule import Example, Rule
from shipworthy.rules import table
from shipworthy.testing import Prepared, prepare

ENTRIES = [entry for entry in registry.entries().values() if entry.module != table.__name__]
WRITTEN = [pytest.param(entry, id=entry.id) for entry in ENTRIES]


def repaired() -> list[ParameterSet]:
    return [
        pytest.param(entry.load(), example, id=f"{entry.id}-{number}")
        for entry in ENTRIES
        for number, example in enumerate(entry.load().bad)
        if example.fixed is not None
    ]


def examples(kind: str) -> list[ParameterSet]:
    return [
        pytest.param(entry.load(), example, id=f"{entry.id}-{number}")
        for entry in ENTRIES
        for number, example in enumerate(getattr(entry.load(), kind))
    ]


def verdict(prepared: Prepared, document: Document | None = None) -> Report:
    """What is said of an example with every rule switched on, in a project of its own."""
    return analyze(document or prepared.document, project_of(prepared, document))


def project_of(prepared: Prepared, document: Document | None = None) -> Project:
    index = prepared.index()
    if document is not None:
        index.follow(document)
    return Project("/nowhere", Config(select=("all",)), index=index)


def marked(report: Report, rule: Rule, text: str) -> list[tuple[int, int, str]]:
    spans = sorted(finding.span for finding in report.findings if finding.rule == rule.id)
    return [(span.start, span.end, text[span.start : span.end]) for span in spans]


@pytest.mark.parametrize(("rule", "example"), examples("bad"))
def test_a_rule_finds_in_a_bad_example_what_is_marked_and_nothing_else(rule: Rule, example: Example) -> None:
    prepared = prepare(example)
    text = prepared.document.text
    expected = [(span.start, span.end, text[span.start : span.end]) for span in prepared.expected]
    assert expected, "a bad example marks what is bad in it with «»"
    report = verdict(prepared)
    assert marked(report, rule, text) == expected
    assert report.problems == ()


@pytest.mark.parametrize(("rule", "example"), examples("good"))
def test_a_rule_finds_nothing_in_a_good_example(rule: Rule, example: Example) -> None:
    prepared = prepare(example)
    report = verdict(prepared)
    assert prepared.expected == ()
    assert marked(report, rule, prepared.document.text) == []
    assert report.problems == ()


@pytest.mark.parametrize(("rule", "example"), repaired())
def test_the_first_fix_of_a_rule_makes_the_text_that_its_example_says(rule: Rule, example: Example) -> None:
    prepared = prepare(example)
    project = project_of(prepared)
    text = prepared.document.text
    finding = next(finding for finding in analyze(prepared.document, project).findings if finding.rule == rule.id)
    site, offer = offers(prepared.document, project, finding)[0]
    assert offer.fix == finding.fixes[0]
    own = [edit for edit in offer.edits(site) if edit.path is None]
    fixed = Document(prepared.document.path, apply(text, own))
    assert fixed.text == prepared.fixed
    before, after = verdict(prepared), verdict(prepared, fixed)
    assert len(marked(after, rule, fixed.text)) == len(prepared.expected) - 1
    assert counted(after) <= counted(before), "a fix that mends one thing and breaks another"
    assert broken(fixed) <= broken(prepared.document)


@pytest.mark.parametrize(("rule", "example"), repaired())
def test_a_fix_indents_as_the_file_does(rule: Rule, example: Example) -> None:
    prepared = prepare(example)
    document = Document(prepared.document.path, tabbed(prepared.document))
    project = project_of(replace(prepared, document=document))
    finding = next(one for one in analyze(document, project).findings if one.rule == rule.id)
    site, offer = offers(document, project, finding)[0]
    fixed = apply(document.text, [edit for edit in offer.edits(site) if edit.path is None])
    has_tabs = "\t" in document.text  # of what is indented nowhere, nobody knows how it would be
    assert fixed == (tabbed(Document(document.path, prepared.fixed or "")) if has_tabs else prepared.fixed)


@pytest.mark.parametrize("end", ["\r\n", "\r"])
@pytest.mark.parametrize(("rule", "example"), repaired())
def test_a_fix_ends_its_lines_as_the_file_does(rule: Rule, example: Example, end: str) -> None:
    prepared = prepare(example)
    document = Document(prepared.document.path, prepared.document.text.replace("\n", end))
    project = project_of(replace(prepared, document=document))
    finding = next(one for one in analyze(document, project).findings if one.rule == rule.id)
    site, offer = offers(document, project, finding)[0]
    fixed = apply(document.text, [edit for edit in offer.edits(site) if edit.path is None])
    ends = end if end in document.text else "\n"  # of a single line, nobody knows how it would end
    assert fixed == (prepared.fixed or "").replace("\n", ends)


@pytest.mark.parametrize("before", ["", "number = 1; "])
def test_a_statement_that_shares_its_line_is_not_put_into_a_try(before: str) -> None:
    text = (
        "import json\nfrom flask import Flask, request\napp = Flask(__name__)\n\n"
        f'@app.post("/")\ndef add():\n    {before}row = json.loads(request.data)\n    return row\n'
    )
    prepared = prepare(Example("shop/app.py", text))
    findings = [one for one in verdict(prepared).findings if one.rule == "unvalidated-request-input"]
    assert [bool(one.fixes) for one in findings] == [not before]


def tabbed(document: Document) -> str:
    """The text of a document with its lines indented by tabs."""
    step = 4 if document.language.id == "python" else 2
    lines = document.text.split("\n")
    widths = [len(line) - len(line.lstrip(" ")) for line in lines]
    return "\n".join(
        "\t" * (width // step) + line[width // step * step :] for width, line in zip(widths, lines, strict=True)
    )


def counted(report: Report) -> Counter[str]:
    return Counter(finding.rule for finding in report.findings)


def broken(document: Document) -> int:
    """How many blocks of a document have a syntax error; Python has the last word on its own."""
    if document.language.id == "python":
        try:
            ast.parse(document.text)
        except SyntaxError:
            return len(document.blocks)
    return sum(block.is_broken for block in document.blocks)


@pytest.mark.parametrize("entry", WRITTEN)
def test_a_rule_is_documented_in_three_paragraphs_and_shown_by_examples(entry: Entry) -> None:
    rule = entry.load()
    paragraphs = rule.doc.split("\n\n")
    assert len(paragraphs) == 3, "what is found, why it matters, what to do"
    assert all(paragraph.rstrip().endswith(".") for paragraph in paragraphs)
    assert is_one_sentence(rule.summary), rule.summary
    assert rule.bad
    assert rule.good


@pytest.mark.parametrize("entry", WRITTEN)
def test_a_rule_has_one_name_for_its_id_its_file_and_its_function(entry: Entry) -> None:
    rule = entry.load()
    word = entry.id.replace("-", "_")
    assert entry.module == f"shipworthy.rules.{entry.family}.{word}"
    assert getattr(importlib.import_module(entry.module), word) is rule
    assert rule.id == entry.id


@pytest.mark.parametrize("row", [pytest.param(row, id=row.id) for row in table.ROWS])
def test_a_row_of_the_table_says_why_in_one_sentence(row: table.Row) -> None:
    assert is_one_sentence(row.reason), row.reason


def test_no_two_rules_share_an_id() -> None:
    assert len(registry.entries()) == len(ENTRIES) + len(table.ROWS)


def test_the_index_of_rules_is_current() -> None:
    assert registry.discover() == ENTRIES, "run `python -m shipworthy.registry` in engine/"


def is_one_sentence(text: str) -> bool:
    """One sentence of under 120 characters, with a full stop at its end and at its end alone."""
    return len(text) < 120 and text.endswith(".") and re.search(r"[.!?]\s+[A-Z]", text) is None
