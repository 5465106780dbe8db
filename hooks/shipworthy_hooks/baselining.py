"""`shipworthy baseline`: what is found now becomes what is known. What is gone is forgotten."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path

from shipworthy import baseline, language, registry, sources, workers
from shipworthy.analyze import baseline_entries
from shipworthy.baseline import Baseline, BaselineError, Entry
from shipworthy.model import Severity
from shipworthy_hooks import checking, selection
from shipworthy_hooks.checked import Checked, shown
from shipworthy_hooks.options import UsageError
from shipworthy_hooks.output.plain import count, visible
from shipworthy_hooks.selection import Adjustments, Selection


def run(asked: argparse.Namespace) -> int:
    """Check, and write the baselines; 2 if something could not be checked. Raises UsageError."""
    checking.check_names(asked)
    with checking.opened_store(asked) as kept:
        adjustments = Adjustments(checking.adjustment(asked), Baseline(), kept)
        chosen = selection.of_paths(asked.paths or ["."], adjustments)
        number = checking.jobs(asked, chosen)
        with workers.executor(number) as executor:
            found = list(checking.results(chosen, executor, kept, number))
    problems = [(one.shown, problem.message) for one in found for problem in one.report.problems]
    for path, message in problems:
        print(visible(f"{path}: {message}"), file=sys.stderr)
    if asked.imported is not None:
        found = _imported(asked.imported, found)
    for place, results in _by_baseline(chosen, found, asked.baseline).items():
        _write(place, results, keeps=asked.imported is not None)
    if not chosen.groups:
        print("No files to check.")
    return 2 if problems else 0


def _by_baseline(chosen: Selection, found: Iterable[Checked], named: str | None) -> dict[Path, list[Checked]]:
    """The results by the baseline that they belong to."""
    files = {
        id(group.project): Path(named) if named else Path(group.project.root) / group.baseline
        for group in chosen.groups
    }
    places: dict[Path, list[Checked]] = {}
    for one in found:
        if one.project is not None:
            places.setdefault(files[id(one.project)], []).append(one)
    return places


def _imported(name: str, found: Iterable[Checked]) -> list[Checked]:
    """The results reduced to what a baseline of detect-secrets knows; what it only seems to know is said."""
    from shipworthy_hooks import importing

    known = importing.read(name)
    for line in importing.prefix_warnings(known):
        print(visible(line), file=sys.stderr)
    return importing.only_known(found, known)


def _write(place: Path, results: list[Checked], *, keeps: bool = False) -> None:
    """Write a baseline anew; `keeps`: what it knows already stays."""
    try:
        old = baseline.parse(place.read_text(encoding="utf-8"), str(place)) if place.exists() else Baseline()
    except (OSError, UnicodeDecodeError, BaselineError) as error:
        raise UsageError(f"{place}: {error}") from error
    key = old.key or baseline.new_key()
    entries: set[Entry] = set()
    for one in results:
        entries |= _entries(one, key)
    root = Path(results[0].project.root) if results[0].project is not None else place.parent
    gone = {entry.path for entry in old.entries if not (root / entry.path).exists()}
    checked = gone if keeps else {one.report.path for one in results if not one.report.problems} | gone
    entries |= {entry for entry in _not_asked(old, results) if entry.path not in gone}
    new = baseline.merged(Baseline(key, old.entries), entries, checked)
    temporary = place.with_name(f"{place.name}.new")
    try:
        temporary.write_text(baseline.render(new), encoding="utf-8", newline="\n")
        temporary.replace(place)
    except OSError as error:
        raise UsageError(f"{place}: {error.strerror}") from error
    added, dropped = len(new.entries - old.entries), len(old.entries - new.entries)
    print(f"{shown(place)}: {count(len(new.entries), 'known finding')}, {added} new, {dropped} dropped.")


def _not_asked(old: Baseline, results: Iterable[Checked]) -> set[Entry]:
    """The entries of rules that there are, but that were not asked about the entry's file in this run."""
    asked = {
        one.report.path: one.project.rules(one.report.path, language.detect(one.report.path).id).ids
        for one in results
        if one.project is not None
    }
    existing = registry.entries()
    return {
        entry
        for entry in old.entries
        if entry.path in asked and entry.rule in existing and entry.rule not in asked[entry.path]
    }


def _entries(one: Checked, key: str) -> set[Entry]:
    """What the baseline has to hold for a file. Hints are left out: they block nobody."""
    report, project, files = one.report, one.project, one.files
    if project is None or files is None or not report.findings or report.problems:
        return set()
    decoded = sources.decode(files.read(report.path), project.config.max_file_size)
    if not isinstance(decoded, sources.Text):
        return set()
    document = sources.document(report.path, decoded)
    rules = {finding.rule for finding in report.findings if finding.severity > Severity.HINT}
    return {entry for entry in baseline_entries(document, report.findings, key) if entry.rule in rules}
