"""`shipworthy rule` and `shipworthy explain`: what a rule is about, and what decides for a file."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any, cast

from shipworthy import explain, registry, sources, store, versions
from shipworthy.config import suggestion
from shipworthy.explain import RuleDoc
from shipworthy.model import Family
from shipworthy_hooks import selection
from shipworthy_hooks.checked import shown
from shipworthy_hooks.options import UsageError
from shipworthy_hooks.output.plain import visible
from shipworthy_hooks.selection import Adjustments


def show_rules(asked: argparse.Namespace) -> int:
    """Print the documentation of one rule, of all, or the list of them. Raises UsageError."""
    known = registry.entries()
    if asked.rule is not None and asked.rule not in known:
        raise UsageError(f"unknown rule {asked.rule!r}{suggestion(asked.rule, known)}")
    if asked.rule is None and not asked.all and asked.output_format == "text":
        _list()
        return 0
    docs = [explain.rule(name) for name in ([asked.rule] if asked.rule is not None else sorted(known))]
    if asked.output_format == "json":
        found = [_record(doc) for doc in docs]
        print(json.dumps(found[0] if asked.rule is not None else found, indent=2))
    elif asked.output_format == "text" and sys.stdout.isatty():
        _show_on_terminal(docs)
    else:
        print("\n".join(explain.markdown(doc) for doc in docs), end="")
    return 0


def show_file(asked: argparse.Namespace) -> int:
    """Print what decides for a file. Raises UsageError."""
    place = Path(asked.file)
    if place.is_dir():
        raise UsageError(f"{asked.file} is a folder; name a file")
    data = b""
    if place.exists():
        chosen = selection.of_paths([asked.file], Adjustments())
        data = place.read_bytes() if chosen.groups else b""
    else:
        print(f"{visible(asked.file)} does not exist; this is what would decide for it:", file=sys.stderr)
        chosen = selection.of_text(asked.file, b"", Adjustments())
    problems = [f"{one.shown}: {problem.message}" for one in chosen.settled for problem in one.report.problems]
    if problems:
        raise UsageError("\n".join(["nothing decides for this file until this is mended:", *problems]))
    record = _about_file(asked.file, data, chosen)
    if asked.output_format == "json":
        print(json.dumps(record, indent=2))
    else:
        _print_file(record)
    return 0


def _about_file(name: str, data: bytes, chosen: selection.Selection) -> dict[str, Any]:
    skipped = next((one.report.skipped for one in chosen.settled), "")
    if not chosen.groups:
        return {"path": name, "checked": False, "why": skipped}
    group = chosen.groups[0]
    document = sources.read(group.paths[0], data, group.project.config.max_file_size)
    if isinstance(document, sources.Skip):
        return {"path": name, "checked": False, "why": document.reason}
    found = explain.file(document, group.project)
    return {
        "path": name,
        "checked": not found.is_excluded,
        "why": "excluded by the settings" if found.is_excluded else "",
        "problem": found.problem,
        "root": shown(Path(found.root)),
        "settings": shown(Path(found.root) / group.settings) if group.settings else "",
        "language": found.language,
        "test code": found.is_test,
        "baseline": f"{shown(Path(found.root) / group.baseline)}" if group.project.baseline.entries else "",
        "known findings": found.known,
        "cache": str(store.folder() or ""),
        "versions": versions.engine().splitlines()[:1] + versions.engine().splitlines()[2:],
        "fingerprint": found.fingerprint,
        "rules": {rule: severity.label for rule, severity in found.rules.items()},
        "rules that do not apply": dict(found.off),
    }


def _print_file(record: dict[str, Any]) -> None:
    for name, value in record.items():
        if isinstance(value, dict):
            about = cast("dict[str, str]", value)
            print(f"{name}: {len(about)}")
            print("".join(f"  {rule}: {text}\n" for rule, text in about.items()), end="")
        elif isinstance(value, list):
            print(f"{name}: {', '.join(cast('list[str]', value))}")
        else:
            word = ("yes" if value else "no") if isinstance(value, bool) else str(value) or "none"
            print(f"{name}: {visible(word)}")


def _list() -> None:
    for family in Family:
        members = sorted((entry for entry in registry.entries().values() if entry.family is family), key=lambda e: e.id)
        size = max((len(entry.id) for entry in members), default=0)
        print(f"{family}:")
        for entry in members:
            severity = entry.severity.label if entry.default else f"{entry.severity.label}, off"
            print(f"  {entry.id:{size}}  {severity:<12}  {entry.load().summary}")
        print()
    print("One of them in full: `shipworthy rule RULE`. All of them: `shipworthy rule --all`.")


def _show_on_terminal(docs: list[RuleDoc]) -> None:
    from rich.console import Console
    from rich.markdown import Markdown

    console = Console()
    for doc in docs:
        console.print(Markdown(explain.markdown(doc)))
        console.print()


def _record(doc: RuleDoc) -> dict[str, Any]:
    return asdict(doc) | {"severity": doc.severity.label, "family": str(doc.family)}
