"""What a rule is about, and what decides for a file: plain values for whoever shows them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from shipworthy import backends, registry, testing
from shipworthy.analyze import analyze
from shipworthy.document import Document
from shipworthy.evaluation import undecoded
from shipworthy.language import BRACES, PYTHON, UNDECODED, Language
from shipworthy.model import Family, Severity
from shipworthy.project import Project
from shipworthy.registry import Entry
from shipworthy.rule import Example, Rule
from shipworthy.secrets.context import is_documentation, is_machine_made


@dataclass(frozen=True)
class RuleDoc:
    """The documentation of a rule. `fix`: `safe`, `suggested`, or "" if it offers none.

    `example`: a snippet that it finds fault with, without the marks; "" for a rule that has none.
    """

    id: str
    family: Family
    severity: Severity
    is_default: bool
    fix: str
    summary: str
    doc: str
    sources: tuple[str, ...]
    cwe: tuple[int, ...]
    example: str
    language: str


def rule(rule_id: str) -> RuleDoc:
    """The documentation of a rule. Raises KeyError if there is none of that id."""
    found = registry.load(rule_id)
    example = found.bad[0] if found.bad else None
    document = testing.prepare(example).document if example is not None else None
    return RuleDoc(
        found.id,
        found.family,
        found.severity,
        found.default,
        _fix(found),
        found.summary,
        found.doc,
        tuple(sorted(found.codes)),
        found.cwe,
        document.text if document is not None else "",
        document.language.id if document is not None else "",
    )


def markdown(doc: RuleDoc) -> str:
    """The documentation of a rule as a page of Markdown."""
    facts = [
        f"Family: {doc.family}",
        f"Severity: {doc.severity.label}{'' if doc.is_default else ', off unless it is selected'}",
        f"Fix: {doc.fix or 'none'}",
        *([f"Also known as: {', '.join(doc.sources)}"] if doc.sources else []),
        *([f"Weakness: {', '.join(f'CWE-{number}' for number in doc.cwe)}"] if doc.cwe else []),
    ]
    parts = [f"# {doc.id}", doc.doc.strip(), "\n".join(f"- {fact}" for fact in facts)]
    if doc.example:
        parts.append(f"## Example\n\n```{doc.language}\n{doc.example.strip(chr(10))}\n```")
    parts.append(f"## To let one pass\n\n```\n# shipworthy: allow {doc.id} -- why it is right here\n```")
    return "\n\n".join(parts) + "\n"


@dataclass(frozen=True)
class FileDoc:
    """What decides for a file. `rules`: those that apply, with the severity they have there.

    `off`: those that do not, with the reason. `known`: entries of the baseline for this file. `problem`: why not all
    of them can be asked.
    """

    path: str
    root: str
    language: str
    is_test: bool
    is_excluded: bool
    rules: Mapping[str, Severity]
    off: Mapping[str, str]
    known: int
    fingerprint: str
    problem: str = ""


def file(document: Document, project: Project) -> FileDoc:
    """What decides for a document, its path being relative to the project's root."""
    path, language = document.path, document.language
    rules = project.rules(path, language.id)
    entries = registry.entries()
    applied = {one for one in rules.ids if _reads(entries[one], language)}
    said = "a text in no known encoding" if language is UNDECODED else language.id
    nothing_to_say = f"has nothing to say of {said}"
    return FileDoc(
        path,
        project.root,
        language.id,
        project.is_test(path),
        project.is_excluded(path),
        {one: project.severity(one, path) or entries[one].severity for one in sorted(applied)},
        {
            one: _reason(one, path, project) if one not in rules.ids else nothing_to_say
            for one in sorted(entries)
            if one not in applied
        },
        sum(1 for entry in project.baseline.entries if entry.path == path),
        project.fingerprint,
        undecoded(document, rules),
    )


def _reads(entry: Entry, language: Language) -> bool:
    """Whether a rule can find anything in a language."""
    tools = {backend.name for backend in backends.for_language(language.id)}
    syntax = "javascript" if language.id in BRACES else language.id
    calls = (entry.nodes, entry.keywords, entry.hits, entry.broken, entry.escapes)
    return (
        not any(calls)  # it is about suppressions, which any file may have
        or bool(entry.nodes.get(syntax) or entry.keywords)
        or any(code.partition(":")[0] in tools for code in entry.hits)
        or (entry.broken and language.has_syntax)
        or (entry.escapes and language is PYTHON)
    )


def _reason(rule_id: str, path: str, project: Project) -> str:
    entry, config = registry.entries()[rule_id], project.config
    if not {entry.id, "all", *([entry.family] if entry.default else [])} & {*config.select}:
        return "not selected"
    if project.is_test(path) and not entry.in_tests:
        return "does not apply to test code"
    if is_machine_made(path) and not entry.in_generated:
        return "does not apply to what machines write"
    if is_documentation(path) and not entry.in_documentation:
        return "does not apply to documentation"
    if project.is_example(path) and not entry.in_examples:
        return "does not apply to examples and experiments"
    return "ignored by the settings"


def _fix(found: Rule) -> str:
    """What kind of fix the rule offers, told by what it offers for its own examples."""
    kinds = {fix for example in found.bad for fix in _fixes(found, example)}
    return "safe" if True in kinds else "suggested" if False in kinds else ""


def _fixes(found: Rule, example: Example) -> set[bool]:
    if example.fixed is None:
        return set()
    prepared = testing.prepare(example)
    document: Document = prepared.document
    report = analyze(document, Project("", index=prepared.index()))
    return {fix.safe for finding in report.findings if finding.rule == found.id for fix in finding.fixes}
