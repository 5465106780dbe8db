"""Finds the rules. What each subscribes to stands in a generated index, so that a rule's module is
imported only when there is something for it to look at.

`python -m shipworthy.registry` writes the index anew; a test says when that is due.
"""

from __future__ import annotations

import dataclasses
import functools
import importlib
import json
import pkgutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from shipworthy.model import Family, Severity
from shipworthy.rule import On, Rule

_INDEX = Path(__file__).parent / "rules" / "index.json"


@dataclass(frozen=True, slots=True)
class Entry:
    """What is known of a rule before its module is imported. The fields are those of Rule and On."""

    id: str
    family: Family
    severity: Severity
    module: str
    default: bool = True
    in_tests: bool = False
    in_generated: bool = True
    in_documentation: bool = True
    has_options: bool = False
    extracts: bool = False
    nodes: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    keywords: tuple[str, ...] = ()
    hits: tuple[str, ...] = ()
    agrees_with: tuple[str, ...] = ()
    snap: tuple[str, ...] = ()
    broken: bool = False
    escapes: bool = False
    absorbs: tuple[str, ...] = ()
    cwe: tuple[int, ...] = ()

    def load(self) -> Rule:
        """The rule itself."""
        return load(self.id)

    @property
    def in_examples(self) -> bool:
        """Whether the rule applies to what shows or tries something: who runs that sees each failure, and is not helped
        by advice to handle it.
        """
        is_of_code = bool(self.nodes or self.keywords or self.hits or self.escapes)  # and not of suppressions
        return self.family != "errors" or self.severity is Severity.ERROR or not is_of_code

    @property
    def codes(self) -> frozenset[str]:
        """Every backend code that names this defect."""
        return frozenset((*self.hits, *self.agrees_with))


@functools.cache
def entries() -> Mapping[str, Entry]:
    """Every rule by id: those with a file of their own, then the rows of the table."""
    from shipworthy.rules import table

    written = map(_entry, json.loads(_INDEX.read_text(encoding="utf-8")))
    rows = (entry_of(table.rule(row), table.__name__) for row in table.ROWS)
    return {entry.id: entry for entry in (*written, *rows)}


@functools.cache
def load(rule_id: str) -> Rule:
    """A rule by id. Raises KeyError if there is none."""
    entry = entries()[rule_id]
    module = importlib.import_module(entry.module)
    if entry.module.endswith(".table"):
        rows: Iterable[Rule] = map(module.rule, module.ROWS)
        return next(rule for rule in rows if rule.id == rule_id)
    rules = (value for value in vars(module).values() if isinstance(value, Rule))
    return next(rule for rule in rules if rule.id == rule_id)


def by_code() -> Mapping[str, frozenset[str]]:
    """The rules that a backend code leads to."""
    found: dict[str, set[str]] = {}
    for entry in entries().values():
        for code in entry.codes:
            found.setdefault(code, set()).add(entry.id)
    return {code: frozenset(rules) for code, rules in found.items()}


def entry_of(rule: Rule, module: str) -> Entry:
    """The index entry of a rule."""
    on: On = rule.on
    return Entry(
        rule.id,
        rule.family,
        rule.severity,
        module,
        default=rule.default,
        in_tests=rule.in_tests,
        in_generated=rule.in_generated,
        in_documentation=rule.in_documentation,
        has_options=rule.options is not None,
        extracts=rule.extract is not None,
        nodes=dict(on.nodes),
        keywords=on.keywords,
        hits=on.hits,
        agrees_with=rule.agrees_with,
        snap=tuple(sorted(on.snap)),
        broken=on.broken,
        escapes=on.escapes,
        absorbs=rule.absorbs,
        cwe=rule.cwe,
    )


def discover() -> list[Entry]:
    """The entries of all rules that have a file of their own, by importing every one of them."""
    import shipworthy.rules as package

    found: list[Entry] = []
    for family in Family:
        folder = importlib.import_module(f"{package.__name__}.{family}")
        for info in pkgutil.iter_modules(folder.__path__):
            module = importlib.import_module(f"{folder.__name__}.{info.name}")
            rules = [value for value in vars(module).values() if isinstance(value, Rule)]
            found.extend(entry_of(rule, module.__name__) for rule in rules)
    return sorted(found, key=lambda entry: entry.id)


def render(found: Iterable[Entry]) -> str:
    """The text of the index: JSON, a line for each rule with what is not as it is by default."""
    rows = [json.dumps(_row(entry), default=str) for entry in found]
    return "[\n" + ",\n".join(rows) + "\n]\n"


def _row(entry: Entry) -> dict[str, object]:
    values = {item.name: getattr(entry, item.name) for item in dataclasses.fields(Entry)}
    usual = Entry("", Family.ERRORS, Severity.HINT, "")
    kept = {name: value for name, value in values.items() if value != getattr(usual, name)}
    return {**kept, "family": entry.family.value, "severity": entry.severity.value}


def _entry(row: Mapping[str, Any]) -> Entry:
    given: dict[str, Any] = dict(row)
    for name, value in row.items():
        if isinstance(value, list):
            given[name] = tuple(cast("list[str]", value))
    nodes = {language: tuple(kinds) for language, kinds in row.get("nodes", {}).items()}
    given |= {"family": Family(row["family"]), "severity": Severity(row["severity"]), "nodes": nodes}
    return Entry(**given)


if __name__ == "__main__":
    _INDEX.write_text(render(discover()), encoding="utf-8")
