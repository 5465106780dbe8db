"""The one way from a text to its verdict: rules, then backends, then suppressions, then a Report."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from shipworthy import hits, registry, suppress
from shipworthy.baseline import Baseline, Entry, fingerprint
from shipworthy.cache import Memory
from shipworthy.document import Document
from shipworthy.evaluate import RuleSet
from shipworthy.evaluation import Evaluation
from shipworthy.model import Family, Finding, Lane, Place, Related, Report, Span
from shipworthy.project import Project
from shipworthy.redact import redacted
from shipworthy.rule import Found
from shipworthy.suppress import Suppression

_MALFORMED, _EXPIRED, _UNUSED = "malformed-suppression", "expired-suppression", "unused-suppression"
_OF_SUPPRESSIONS = (_MALFORMED, _EXPIRED, _UNUSED)
_SAME = "The same value stands here."
_MOST_PLACES = 10
"""How many other places of a value a finding names."""

_FINGERPRINT_LINES = 5
"""How many lines of a long finding identify it; what follows in the same function may change."""


def analyze(
    document: Document,
    project: Project,
    cache: Memory | None = None,
    lanes: Lane = Lane.ALL,
    run: hits.Run = hits.here,
) -> Report:
    """The verdict on a document.

    With some `lanes` only, what the others said of the blocks that have not changed is taken from
    `cache`; a suppression counts as unused only where all lanes have spoken. `run`: how backends are asked.
    """
    evaluation = Evaluation(document, project, cache if cache is not None else Memory(), lanes, run)
    placed = evaluation.placed()
    if not placed and evaluation.rules.ids.isdisjoint(_OF_SUPPRESSIONS):
        return Report(document.path, problems=tuple(evaluation.problems()))
    today = datetime.date.today()
    suppressions = suppress.find(document)
    verdict = suppress.apply((_finding(document, project, one) for one in placed), suppressions, today)
    silenced: list[Finding] = []
    kept: list[Finding] = []
    for finding in verdict.kept:
        (silenced if _is_silenced(finding, project, document.path) else kept).append(finding)
    kept = _naming_each_other(document, kept)
    unused = [one for one in verdict.unused if evaluation.is_settled(one.lines)]
    about = _about_suppressions(suppressions, unused, evaluation.rules, today)
    kept.extend(_finding(document, project, one) for one in about)
    secrets = _secrets(document, placed)
    marked = tuple(_fingerprinted(document, kept, secrets))
    known = _known(document, project, marked)
    return Report(
        document.path,
        findings=tuple(finding for finding in marked if finding not in known) if known else marked,
        suppressed=tuple(_fingerprinted(document, [*verdict.hidden, *silenced], secrets)),
        baselined=tuple(finding for finding in marked if finding in known) if known else (),
        problems=tuple(evaluation.problems()),
    )


def _naming_each_other(document: Document, findings: list[Finding]) -> list[Finding]:
    """The findings, those of one secret with the other places of the file where it stands."""
    places: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.family is Family.SECRETS:
            places.setdefault(document.text[finding.span.start : finding.span.end], []).append(finding)
    others = {id(one): [it for it in same if it.span != one.span] for same in places.values() for one in same}
    return [
        replace(one, related=(*one.related, *(Related(document.path, it.range, _SAME) for it in rest[:_MOST_PLACES])))
        if (rest := others.get(id(one)))
        else one
        for one in findings
    ]


def _known(document: Document, project: Project, findings: Iterable[Finding]) -> frozenset[Finding]:
    """Those of the findings that the baseline holds."""
    if not project.baseline.entries:
        return frozenset()
    return frozenset(
        finding
        for finding, text, occurrence in _with_occurrence(document, findings)
        if project.baseline.holds(finding.rule, document.path, text, occurrence)
    )


def _finding(document: Document, project: Project, found: Found) -> Finding:
    entry = registry.entries()[found.rule]
    return Finding(
        span=found.span,
        range=document.range(found.span),
        rule=found.rule,
        family=entry.family,
        severity=project.severity(found.rule, document.path) or found.severity or entry.severity,
        message=found.message,
        sources=found.sources,
        cwe=entry.cwe,
        related=tuple(one for place in found.related if (one := _related(document, project, place)) is not None),
        fixes=found.fixes,
    )


def _related(document: Document, project: Project, place: Place) -> Related | None:
    """A further place with its range; None if its file has changed so that it is no more."""
    path = place.path or document.path
    if not place.block:
        return Related(path, document.range(place.span), place.message)
    if path == document.path:
        found = document.range_in(place.block, place.span)
    else:
        found = project.index.range(path, place.block, place.span) if project.index is not None else None
    return Related(path, found, place.message) if found is not None else None


def _is_silenced(finding: Finding, project: Project, path: str) -> bool:
    """Whether the project tells a tool to ignore a code for this defect, or one that found it to skip the file."""
    named = any(project.leaves_alone(code, path) for code in registry.entries()[finding.rule].codes)
    return named or any(project.leaves_out(source.partition(":")[0], path) for source in finding.sources)


def _about_suppressions(
    suppressions: Iterable[Suppression], unused: Iterable[Suppression], rules: RuleSet, today: datetime.date
) -> Iterator[Found]:
    known = registry.entries()
    for one in suppressions:
        if one.tool:
            continue
        unknown = sorted(name for name in one.names if name not in known)
        if one.mistake or unknown:
            message = one.mistake or f"names no rule of ours: {', '.join(unknown)}"
            yield from _about(_MALFORMED, one, f"This suppression {message}.", rules)
        elif one.until is not None and one.until < today:
            yield from _about(_EXPIRED, one, f"This suppression ended on {one.until}: mend what it hides.", rules)
        elif one in unused and one.names <= rules.ids:
            yield from _about(_UNUSED, one, f"Nothing to hide here for {', '.join(sorted(one.names))}.", rules)


def _about(rule: str, suppression: Suppression, message: str, rules: RuleSet) -> Iterator[Found]:
    if rule in rules.ids:
        yield Found(rule, suppression.span, suppression.span, message)


def baseline_entries(document: Document, findings: Iterable[Finding], key: str) -> set[Entry]:
    """What a baseline with this key has to hold for these findings of the document to be known."""
    keyed = Baseline(key)
    return {
        Entry(document.path, finding.rule, keyed.digest_of(finding.rule, document.path, text, occurrence))
        for finding, text, occurrence in _with_occurrence(document, findings)
    }


def _with_occurrence(document: Document, findings: Iterable[Finding]) -> Iterator[tuple[Finding, str, int]]:
    """Each finding with the text of its lines, and how many of its rule with the same text came before."""
    seen: Counter[tuple[str, str]] = Counter()
    for finding in _sorted(findings):
        lines = _lines(document, finding)
        text = document.text[lines.start : lines.end]
        yield finding, text, seen[finding.rule, text]
        seen[finding.rule, text] += 1


def _fingerprinted(
    document: Document, findings: Iterable[Finding], secrets: Mapping[int, Sequence[Span]]
) -> Iterator[Finding]:
    """The findings with fingerprints, which anybody may see: secrets are masked in what they are made of."""
    seen: Counter[tuple[str, str]] = Counter()
    for finding in _sorted(findings):
        text = _masked(document, _lines(document, finding), secrets)
        mark = fingerprint(finding.rule, document.path, text, seen[finding.rule, text])
        yield replace(finding, fingerprint=mark)
        seen[finding.rule, text] += 1


def _secrets(document: Document, placed: Iterable[Found]) -> Mapping[int, Sequence[Span]]:
    """The spans of all secrets, by the index of their block."""
    found: dict[int, list[Span]] = {}
    for one in placed:
        if registry.entries()[one.rule].family is Family.SECRETS:
            found.setdefault(document.block_at(one.span.start), []).append(one.span)
    return found


def _masked(document: Document, lines: Span, secrets: Mapping[int, Sequence[Span]]) -> str:
    """The text of some lines, its secrets masked; remembered with the block that holds the lines."""
    first, last = document.block_at(lines.start), document.block_at(max(lines.end - 1, lines.start))
    spans = (span for index in range(first, last + 1) for span in secrets.get(index, ()))
    inside = tuple(span.shifted(-lines.start) for span in spans if span.overlaps(lines))
    text = document.text[lines.start : lines.end]
    if first < 0 or first != last:
        return redacted(text, inside)
    place = lines.shifted(-document.starts[first])
    key = (f"masked {place.start} {place.end} {inside}", 0)
    return document.blocks[first].memo(key, lambda: redacted(text, inside))


def _lines(document: Document, finding: Finding) -> Span:
    """The span of the lines that identify a finding."""
    first = finding.range.start.line
    last = min(finding.range.end.line, first + _FINGERPRINT_LINES - 1)
    return Span(document.line_start(first), document.line_start(last + 1))


def _sorted(findings: Iterable[Finding]) -> Iterable[Finding]:
    return sorted(findings, key=lambda finding: (finding.span, finding.rule))
