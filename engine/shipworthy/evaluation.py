"""What the rules and the backends say of one document, before anything is hidden.

An evaluation begins with what the last one of the same file left behind: its cost follows the edit.
"""

from __future__ import annotations

import functools
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace

from shipworthy import facts, hits, registry, sources
from shipworthy.backends import Answer
from shipworthy.cache import Judged, Last, Memory, Surroundings
from shipworthy.document import Block, Document
from shipworthy.evaluate import BlockResult, Crash, RuleSet, evaluate, evaluate_hits, join, result_of
from shipworthy.facts import Extractor, Facts
from shipworthy.facts.model import Escapes, FileFacts
from shipworthy.language import UNDECODED
from shipworthy.model import Family, Lane, Problem, Span
from shipworthy.project import Project
from shipworthy.rule import Found

_SYNTAX_ERROR = "syntax-error"
_REFUSED = "Python refuses it, and it was checked for secrets alone; save it as UTF-8, or exclude it"


class Evaluation:
    """One document under the rules of its project, with the backends of some lanes asked afresh."""

    def __init__(
        self, document: Document, project: Project, cache: Memory, lanes: Lane, run: hits.Run = hits.here
    ) -> None:
        self._document, self._project, self._cache, self._lanes = document, project, cache, lanes
        self.rules: RuleSet = project.rules(document.path, document.language.id)
        if self.rules.of_escapes and project.index is not None and lanes == Lane.ALL:
            project.index.prepare()
        self._last = cache.last.get(document.path)
        self._front, self._back = document.shared_with(self._last.blocks) if self._last is not None else (0, 0)
        self._words: dict[str, frozenset[str]] = {}
        self._run = run
        self._crashes: list[tuple[int, Crash]] = []
        self._broken: set[int] = set()

    @functools.cached_property
    def _around(self) -> Surroundings:
        return self._surroundings()

    @functools.cached_property
    def _gathered(self) -> hits.Gathered:
        return hits.gather(self._document, self.rules, self._cache, self._lanes, self._last, self._run)

    def placed(self) -> list[Found]:
        """Every finding, one for each defect, its spans those of the document."""
        found: list[Found] = []
        for index, judged in enumerate(self._all_judged()):
            if judged.found or judged.crashes:
                start = self._document.starts[index]
                self._crashes.extend((start, crash) for crash in judged.crashes)
                found.extend(one.shifted(start) for one in judged.found)
                if any(one.rule == _SYNTAX_ERROR for one in judged.found):
                    self._broken.add(index)
        return found

    def anew(self, index: int, rule: str) -> list[Found]:
        """What one rule says of one block, with the means to make edits; spans are the block's."""
        block, path = self._document.blocks[index], self._document.path
        results = [
            *evaluate(block, self.rules, self._notebook(), path, rule),
            *evaluate_hits(block, self._gathered.hits(index), self.rules, self._notebook(), path, rule),
        ]
        return [result for result in results if isinstance(result, Found)]

    def is_settled(self, lines: Collection[int]) -> bool:
        """Whether all backends have spoken of the blocks that hold some lines; of all blocks if none are named."""
        document, found = self._document, range(len(self._document.blocks))
        if lines:
            first, last = (document.block_at(document.line_start(line)) for line in (min(lines), max(lines)))
            found = range(max(first, 0), last + 1)
        return all(
            column.answers[index] is not None or (name in self._gathered.idle and document.blocks[index].is_broken)
            for name, column in self._gathered.columns.items()
            for index in found
        )

    def problems(self) -> Iterator[Problem]:
        """What failed. Of a block with a syntax error, the error says enough."""
        if failure := undecoded(self._document, self.rules):
            yield Problem(failure)
        for index, message in self._gathered.problems():
            if index not in self._broken:
                block, start = self._document.blocks[index], self._document.starts[index]
                yield Problem(message, self._document.range(Span(start, start + len(block.text.rstrip()))))
        if self.rules.of_escapes and self._project.index is not None:
            failure = self._project.index.failure(self._document.path)
            if failure:
                yield Problem(failure)
        for start, crash in self._crashes:
            yield Problem(crash.message, self._document.range(crash.span.shifted(start)))

    def _all_judged(self) -> list[Judged]:
        touched = self._touched()
        if touched is not None and not touched and not self._cache.follows:
            return []
        size, columns = len(self._document.blocks), self._gathered.columns
        rows: Iterable[tuple[Answer | None, ...]] = zip(*(column.answers for column in columns.values()), strict=True)
        before: list[Judged | None] = [None] * size
        if self._last is not None:
            before[: self._front] = self._last.judged[: self._front]
            before[size - self._back :] = self._last.judged[len(self._last.judged) - self._back :]
        found = [
            old
            if old is not None and old.around is self._around and old.answers == answers
            else self._judged(index, answers, old)
            if touched is None or index in touched
            else Judged(self._around, BlockResult(), answers, (), (), ())
            for index, (answers, old) in enumerate(zip(rows if columns else [()] * size, before, strict=True))
        ]
        if self._cache.follows:
            self._cache.last.put(self._document.path, Last(self._document.blocks, self._around, columns, found))
        return found

    def _touched(self) -> set[int] | None:
        """The blocks of a document that is new of which there can be anything to say; None if that is all."""
        places = self.rules.places(self._document.whole, self._document.path) if self._last is None else None
        if places is None:
            return None
        hit = {
            index
            for column in self._gathered.columns.values()
            for index, answer in enumerate(column.answers)
            if answer is None or answer.hits
        }
        return hit | self._document.blocks_at(places)

    def _judged(self, index: int, answers: tuple[Answer | None, ...], old: Judged | None) -> Judged:
        """What is said of a block: what was said before, if all that it rests on is the same."""
        if old is not None and old.answers == answers and old.around.rules is self.rules and self._holds(old.asked):
            return replace(old, around=self._around)
        block, given, notebook = self._document.blocks[index], self._gathered.hits(index), self._notebook()
        own = self._own(block, old)
        of_hits = list(evaluate_hits(block, given, self.rules, notebook, self._document.path))
        made = [result.without_edits() for result in of_hits if isinstance(result, Found)]
        found = _absorbed(join([*own.found, *made], given, block, self.rules))
        crashes = (*own.crashes, *(result for result in of_hits if isinstance(result, Crash)))
        asked = own.asked + tuple(notebook.asked.items())
        return Judged(self._around, own, answers, asked, tuple(found), crashes)

    def _own(self, block: Block, old: Judged | None) -> BlockResult:
        key = (self._project.fingerprint, self._document.path, block.key)
        kept = old.own if old is not None and old.around.rules is self.rules else None
        known = kept or self._cache.results.get(key)
        if known is None or not self._holds(known.asked):
            notebook = self._notebook()
            known = result_of(evaluate(block, self.rules, notebook, self._document.path), notebook)
            self._cache.results.put(key, known)
        return known

    def _holds(self, asked: Iterable[tuple[tuple[str, str], object]]) -> bool:
        """Whether all questions still have the answers that they had."""
        notebook = self._notebook()
        return all(notebook.answer(question) == answer for question, answer in asked)

    def _notebook(self) -> Facts:
        around = self._around
        return Facts(self._document.path, around.file, self._project.index, self._answer_words, around.escapes)

    def _surroundings(self) -> Surroundings:
        """What surrounds the blocks now; the very value of the last time if nothing has changed since."""
        index = self._project.index
        revision = index.revision if index is not None else 0
        before = self._last.around if self._last is not None else None
        file = self._file_facts(before)
        escapes = self._escapes(before)
        if (
            before is not None
            and (before.rules, before.index, before.revision) == (self.rules, index, revision)
            and before.file is file
            and before.escapes == escapes
            and all(self._has_same_words(rule, words) for rule, words in [*before.words.items()])
        ):
            return before
        return Surroundings(self.rules, file, index, revision, escapes)

    def _escapes(self, before: Surroundings | None) -> Escapes:
        """The escapes of the file; those of the last time unless all lanes are wanted, for they take a while."""
        if self._project.index is None or not self.rules.of_escapes:
            return {}
        if self._lanes == Lane.ALL:
            return self._project.index.escapes(self._document.path)
        return before.escapes if before is not None else {}

    def _file_facts(self, before: Surroundings | None) -> FileFacts:
        if before is None:
            return facts.later(self._document)
        old, new = self._changed()
        if [*map(facts.of_block, old)] == [*map(facts.of_block, new)]:
            return before.file
        found = facts.later(self._document)
        return before.file if before.file == found else found

    def _has_same_words(self, rule: str, words: frozenset[str]) -> bool:
        old, new = self._changed()
        return _words(old, rule) == _words(new, rule) or self._words_of(rule) == words

    def _changed(self) -> tuple[Sequence[Block], Sequence[Block]]:
        """The blocks that are no more, and those that came in their place."""
        before, now = self._last.blocks if self._last is not None else (), self._document.blocks
        return before[self._front : len(before) - self._back], now[self._front : len(now) - self._back]

    def _answer_words(self, rule: str) -> frozenset[str]:
        """What the extractor of a rule gives for the file, noted as part of what surrounds the blocks.

        Another thread may have noted something else for an older text: then the ways part here.
        """
        found = self._words_of(rule)
        if self._around.words.setdefault(rule, found) != found:
            self._around = replace(self._around, words={**self._around.words, rule: found})
        return found

    def _words_of(self, rule: str) -> frozenset[str]:
        if rule not in self._words:
            self._words[rule] = _words(self._document.blocks, rule)
        return self._words[rule]


def undecoded(document: Document, rules: RuleSet) -> str:
    """Why rules that were asked for cannot be, although the document is a Python file; "" if they can."""
    if document.language is not UNDECODED:
        return ""
    families = {registry.entries()[one].family for one in rules.ids}
    return f"{sources.why_refused(document.text)}: {_REFUSED}" if families - {Family.SECRETS} else ""


def _words(blocks: Iterable[Block], rule: str) -> frozenset[str]:
    """The union of what the extractor of a rule gives for some blocks."""
    extract = registry.load(rule).extract
    assert extract is not None, rule
    found = (block.memo((rule, 0), functools.partial(_extracted, extract, block)) for block in blocks)
    return frozenset[str]().union(*found)


def _extracted(extract: Extractor, block: Block) -> frozenset[str]:
    return frozenset(extract(block))


def _absorbed(found: list[Found]) -> list[Found]:
    """Drop what lies within a finding of a rule that says it all; its sources go there."""
    absorbing = [one for one in found if registry.entries()[one.rule].absorbs]
    kept = [one for one in found if not any(_absorbs(other, one) for other in absorbing)]
    if len(kept) == len(found):
        return found
    for at, one in enumerate(kept):
        sources = {source for other in found if _absorbs(one, other) for source in other.sources}
        kept[at] = replace(one, sources=tuple(sorted({*one.sources, *sources})))
    return kept


def _absorbs(one: Found, other: Found) -> bool:
    return other.rule in registry.entries()[one.rule].absorbs and one.span.overlaps(other.span)
