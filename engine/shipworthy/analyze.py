"""The one way from a text to its verdict: rules, then backends, then suppressions, then a Report."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace

from shipworthy import facts, hits, registry, suppress
from shipworthy.baseline import Baseline, Entry, fingerprint
from shipworthy.cache import Memory
from shipworthy.document import Block, Document
from shipworthy.evaluate import BlockResult, Crash, RuleSet, evaluate, evaluate_hits, join, result_of
from shipworthy.facts import Extractor, Facts
from shipworthy.model import Family, Finding, Lane, Place, Problem, Related, Report, Span
from shipworthy.project import Project
from shipworthy.redact import redacted
from shipworthy.rule import Found
from shipworthy.suppress import Suppression

_SYNTAX_ERROR = "syntax-error"
_MALFORMED, _EXPIRED, _UNUSED = "malformed-suppression", "expired-suppression", "unused-suppression"
_FINGERPRINT_LINES = 5
"""How many lines of a long finding identify it; what follows in the same function may change."""


def analyze(document: Document, project: Project, cache: Memory | None = None, lanes: Lane = Lane.ALL) -> Report:
    """The verdict on a document.

    With some `lanes` only, what the others said of the blocks that have not changed is taken from
    `cache`; findings about suppressions wait for all lanes.
    """
    evaluation = Evaluation(document, project, cache if cache is not None else Memory(), lanes)
    placed = evaluation.placed()
    today = datetime.date.today()
    suppressions = suppress.find(document)
    verdict = suppress.apply((_finding(document, project, one) for one in placed), suppressions, today)
    silenced = [finding for finding in verdict.kept if _is_silenced(finding, project, document.path)]
    kept = [finding for finding in verdict.kept if finding not in silenced]
    if Lane.ALL in lanes:
        about = _about_suppressions(suppressions, verdict.unused, evaluation.rules, today)
        kept.extend(_finding(document, project, one) for one in about)
    secrets = [one.span for one in placed if registry.entries()[one.rule].family is Family.SECRETS]
    marked = tuple(_fingerprinted(document, kept, secrets))
    known = {
        finding
        for finding, text, occurrence in _with_occurrence(document, marked)
        if project.baseline.holds(finding.rule, document.path, text, occurrence)
    }
    return Report(
        document.path,
        findings=tuple(finding for finding in marked if finding not in known),
        suppressed=tuple(_fingerprinted(document, [*verdict.hidden, *silenced], secrets)),
        baselined=tuple(finding for finding in marked if finding in known),
        problems=tuple(evaluation.problems()),
    )


class Evaluation:
    """What the rules and the backends say of one document, before anything is hidden."""

    def __init__(self, document: Document, project: Project, cache: Memory, lanes: Lane) -> None:
        self._document, self._project, self._cache = document, project, cache
        self.rules: RuleSet = project.rules(document.path, document.language.id)
        self._file = facts.of_document(document)
        self._gathered = hits.gather(document, self.rules.codes, cache, lanes)
        self._crashes: list[tuple[int, Crash]] = []
        self._broken: set[int] = set()

    def placed(self) -> list[Found]:
        """Every finding, one for each defect, its spans those of the document."""
        found: list[Found] = []
        for index, start in enumerate(self._document.starts):
            for one in self._block(index):
                found.append(one.shifted(start))
                if one.rule == _SYNTAX_ERROR:
                    self._broken.add(index)
        return _absorbed(found)

    def anew(self, index: int, rule: str) -> list[Found]:
        """What one rule says of one block, with the means to make edits; spans are the block's."""
        block, path = self._document.blocks[index], self._document.path
        results = [
            *evaluate(block, self.rules, self._notebook(), path, rule),
            *evaluate_hits(block, self._gathered.hits[index], self.rules, self._notebook(), path, rule),
        ]
        return [result for result in results if isinstance(result, Found)]

    def problems(self) -> Iterator[Problem]:
        """What failed. Of a block with a syntax error, the error says enough."""
        for index, message in self._gathered.problems:
            if index not in self._broken:
                block, start = self._document.blocks[index], self._document.starts[index]
                yield Problem(message, self._document.range(Span(start, start + len(block.text.rstrip()))))
        for start, crash in self._crashes:
            yield Problem(crash.message, self._document.range(crash.span.shifted(start)))

    def _block(self, index: int) -> list[Found]:
        block, given = self._document.blocks[index], self._gathered.hits[index]
        own = self._own(index)
        of_hits = list(evaluate_hits(block, given, self.rules, self._notebook(), self._document.path))
        crashes = [*own.crashes, *(result for result in of_hits if isinstance(result, Crash))]
        self._crashes.extend((self._document.starts[index], crash) for crash in crashes)
        made = [result.without_edits() for result in of_hits if isinstance(result, Found)]
        return join([*own.found, *made], given, block, self.rules)

    def _own(self, index: int) -> BlockResult:
        block, notebook = self._document.blocks[index], self._notebook()
        key = (self._project.fingerprint, self._document.path, block.key)
        known = self._cache.results.get(key)
        if known is None or any(notebook.answer(question) != answer for question, answer in known.asked):
            notebook = self._notebook()
            known = result_of(evaluate(block, self.rules, notebook, self._document.path), notebook)
            self._cache.results.put(key, known)
        return known

    def _notebook(self) -> Facts:
        return Facts(self._document.path, self._file, self._project.index, self._words)

    def _words(self, rule: str) -> frozenset[str]:
        extract = registry.load(rule).extract
        assert extract is not None, rule
        words = (_extracted(block, rule, extract) for block in self._document.blocks)
        return frozenset[str]().union(*words)


def _extracted(block: Block, rule: str, extract: Extractor) -> frozenset[str]:
    return block.memo((rule, 0), lambda: frozenset(extract(block)))


def _absorbed(found: list[Found]) -> list[Found]:
    """Drop what lies within a finding of a rule that says it all; its sources go there."""
    kept = [one for one in found if not any(_absorbs(other, one) for other in found)]
    if len(kept) == len(found):
        return found
    for at, one in enumerate(kept):
        sources = {source for other in found if _absorbs(one, other) for source in other.sources}
        kept[at] = replace(one, sources=tuple(sorted({*one.sources, *sources})))
    return kept


def _absorbs(one: Found, other: Found) -> bool:
    return other.rule in registry.entries()[one.rule].absorbs and one.span.overlaps(other.span)


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
        related=tuple(_related(document, place) for place in found.related),
        fixes=found.fixes,
    )


def _related(document: Document, place: Place) -> Related:
    return Related(place.path or document.path, document.range(place.span), place.message)


def _is_silenced(finding: Finding, project: Project, path: str) -> bool:
    """Whether the project tells a tool that knows this defect by one of its codes to ignore it."""
    return any(project.leaves_alone(code, path) for code in registry.entries()[finding.rule].codes)


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


def _fingerprinted(document: Document, findings: Iterable[Finding], secrets: Iterable[Span]) -> Iterator[Finding]:
    """The findings with fingerprints, which anybody may see: secrets are masked in what they are made of."""
    seen: Counter[tuple[str, str]] = Counter()
    for finding in _sorted(findings):
        lines = _lines(document, finding)
        inside = [span.shifted(-lines.start) for span in secrets if span.overlaps(lines)]
        text = redacted(document.text[lines.start : lines.end], inside)
        mark = fingerprint(finding.rule, document.path, text, seen[finding.rule, text])
        yield replace(finding, fingerprint=mark)
        seen[finding.rule, text] += 1


def _lines(document: Document, finding: Finding) -> Span:
    """The span of the lines that identify a finding."""
    first = finding.range.start.line
    last = min(finding.range.end.line, first + _FINGERPRINT_LINES - 1)
    return Span(document.line_start(first), document.line_start(last + 1))


def _sorted(findings: Iterable[Finding]) -> Iterable[Finding]:
    return sorted(findings, key=lambda finding: (finding.span, finding.rule))
