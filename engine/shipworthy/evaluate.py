"""One block under a set of rules: what the rules find, and which facts they asked for.

A result follows from the block, the rules and the answers in `asked`, and from nothing else.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ahocorasick_rs import AhoCorasick
from tree_sitter import Node

from shipworthy.document import Block
from shipworthy.facts import Facts
from shipworthy.facts.model import Escape
from shipworthy.language import BRACES
from shipworthy.model import Span
from shipworthy.registry import Entry
from shipworthy.rule import Found, Hit, Pass


@dataclass(frozen=True, slots=True)
class Crash:
    """A rule or backend that failed on a block; `message` never quotes the text that it looked at."""

    message: str
    span: Span


@dataclass(frozen=True, slots=True)
class BlockResult:
    """What the rules found in a block. `asked`: the facts they asked for, with the answers."""

    found: tuple[Found, ...] = ()
    crashes: tuple[Crash, ...] = ()
    asked: tuple[tuple[tuple[str, str], object], ...] = ()


class RuleSet:
    """The rules that apply to a file of one language, arranged by what they are called for."""

    def __init__(
        self, entries: Sequence[Entry], language: str, options: Mapping[str, Any], in_test: bool = False
    ) -> None:
        self.ids = frozenset(entry.id for entry in entries)
        self.options = options
        self.in_test = in_test
        syntax = "javascript" if language in BRACES else language
        self.by_kind: dict[str, list[Entry]] = {}
        for entry in entries:
            for kind in entry.nodes.get(syntax, ()):
                self.by_kind.setdefault(kind, []).append(entry)
        self.kinds = tuple(sorted(self.by_kind))
        self.broken = [entry for entry in entries if entry.broken]
        self.of_escapes = {entry.id: entry for entry in entries if entry.escapes and language == "python"}
        self.extractors = [entry for entry in entries if entry.extracts]
        self.by_hit = {code: entry for entry in entries for code in entry.hits}
        self.joined_by: dict[str, list[Entry]] = {}
        for entry in entries:
            for code in entry.agrees_with:
                self.joined_by.setdefault(code, []).append(entry)
        self.codes = frozenset(code for entry in entries for code in entry.codes)
        self._keywords = [(keyword, entry) for entry in entries for keyword in entry.keywords]
        self._automaton = AhoCorasick([keyword for keyword, _ in self._keywords]) if self._keywords else None

    def with_keyword(self, text: str) -> Iterable[Entry]:
        """The text rules of which a keyword occurs in `text`."""
        if self._automaton is None:
            return ()
        found = self._automaton.find_matches_as_indexes(text, overlapping=True)
        return {entry.id: entry for entry in (self._keywords[index][1] for index, _, _ in found)}.values()

    def places(self, whole: Block) -> list[Span] | None:
        """Where alone in a document the text rules can find anything; None if rules of other kinds look at it too."""
        if self.kinds or self.of_escapes:
            return None
        found: list[Span] = []
        try:
            for entry in self.with_keyword(whole.text):
                on = entry.load().on
                assert on.pattern is not None
                matches = (Span(*match.span()) for match in on.pattern.finditer(whole.text))
                found.extend(on.places(whole) if on.places is not None else matches)
        except Exception:  # noqa: BLE001  # the rule fails again on a block, and is named there
            return None
        return found


def evaluate(block: Block, rules: RuleSet, facts: Facts, path: str, only: str = "") -> Iterator[Found | Crash]:
    """Run the rules' own checks over a block; `only` one of them, if named."""
    runs: dict[str, Pass] = {}
    for entry, subject, anchor in _calls(block, rules, facts):
        if only and entry.id != only:
            continue

        def check(run: Pass, subject: object = subject) -> Iterable[Found]:
            return run.rule.check(run, subject)

        yield from _guarded(entry, block, rules, facts, path, anchor, check, runs)


def evaluate_hits(
    block: Block, hits: Iterable[Hit], rules: RuleSet, facts: Facts, path: str, only: str = ""
) -> Iterator[Found | Crash]:
    """Make findings of the hits that a rule subscribes to."""
    runs: dict[str, Pass] = {}
    for hit in hits:
        entry = rules.by_hit.get(hit.code)
        if entry is None or (only and entry.id != only):
            continue
        node, anchor = _snap(block, hit, entry)

        def check(run: Pass, hit: Hit = hit, node: Node | None = node) -> Iterable[Found]:
            return run.rule.check_hit(run, hit, node)

        for result in _guarded(entry, block, rules, facts, path, anchor, check, runs):
            yield replace(result, sources=(hit.code,)) if isinstance(result, Found) else result


def result_of(results: Iterable[Found | Crash], facts: Facts) -> BlockResult:
    """Collect what an evaluation yielded, without the means to make edits: those hold on to trees."""
    found: list[Found] = []
    crashes: list[Crash] = []
    for result in results:
        if isinstance(result, Crash):
            crashes.append(result)
        else:
            found.append(result.without_edits())
    return BlockResult(tuple(found), tuple(crashes), tuple(facts.asked.items()))


def join(found: Iterable[Found], hits: Iterable[Hit], block: Block, rules: RuleSet) -> list[Found]:
    """One finding for one defect, with the codes of all hits that name it.

    A finding made of a hit joins an earlier one of its rule on the same node or on overlapping text;
    a hit that a rule merely agrees with joins the findings on the node it is snapped to.
    """
    joined: list[Found] = []
    for one in found:
        same = (at for at, old in enumerate(joined) if old.rule == one.rule and _is_same_place(old, one))
        at = next(same, None)
        if at is None:
            joined.append(one)
        else:
            joined[at] = _with_sources(joined[at], one.sources)
    for hit in hits:
        for entry in rules.joined_by.get(hit.code, ()):
            anchor = _snap(block, hit, entry)[1]
            for at, old in enumerate(joined):
                if old.rule == entry.id and old.anchor == anchor:
                    joined[at] = _with_sources(old, (hit.code,))
    return joined


def _is_same_place(old: Found, new: Found) -> bool:
    if not new.sources:
        return (old.anchor, old.span) == (new.anchor, new.span)
    return old.anchor == new.anchor or old.span.overlaps(new.span)


def _with_sources(found: Found, sources: Iterable[str]) -> Found:
    return replace(found, sources=tuple(sorted({*found.sources, *sources})))


def _snap(block: Block, hit: Hit, entry: Entry) -> tuple[Node | None, Span]:
    """The smallest node of the entry's kinds that holds the hit, and its span; else the hit's own."""
    node = block.smallest(hit.span, frozenset(entry.snap)) if entry.snap and block.has_syntax else None
    return node, block.span(node) if node is not None else hit.span


def _calls(block: Block, rules: RuleSet, facts: Facts) -> Iterator[tuple[Entry, object, Span]]:
    """Every (rule, subject, anchor) that the block gives rise to.

    In a block with a syntax error only the nodes that are whole are looked at, in a minified one none: whoever
    mends it mends its source.
    """
    if block.has_syntax and rules.kinds and not block.is_minified:
        broken = block.is_broken
        for kind, nodes in block.nodes(rules.kinds).items():
            for node in nodes:
                if broken and node.has_error:
                    continue
                anchor = block.span(node)
                for entry in rules.by_kind[kind]:
                    yield entry, node, anchor
        if broken:
            for entry in rules.broken:
                yield entry, block.root, Span(0, len(block.text))
    if rules.of_escapes:
        for escape in _distinct(block, facts.escapes(block.key)):
            if escape.rule in rules.of_escapes:
                yield rules.of_escapes[escape.rule], escape, escape.span
    for entry in rules.with_keyword(block.text):
        pattern = entry.load().on.pattern
        assert pattern is not None
        for match in pattern.finditer(block.text):
            yield entry, match, Span(*match.span())


def _distinct(block: Block, escapes: Iterable[Escape]) -> Iterable[Escape]:
    """One escape for each text in a function: who handles `answer.json()` once handles it again the same way."""
    found: dict[tuple[str, str, str], Escape] = {}
    for escape in escapes:
        found.setdefault((escape.rule, escape.function, block.text[escape.span.start : escape.span.end]), escape)
    return found.values()


def _guarded(
    entry: Entry,
    block: Block,
    rules: RuleSet,
    facts: Facts,
    path: str,
    anchor: Span,
    check: Any,
    runs: dict[str, Pass],
) -> Iterator[Found | Crash]:
    """Run one check; its crash costs this rule on this subject and is reported. `runs`: passes over the same block."""
    try:
        run = runs.get(entry.id)
        if run is None:
            options = rules.options.get(entry.id)
            run = runs[entry.id] = Pass(entry.load(), block, facts, path, options, in_test=rules.in_test)
        run.anchor = anchor
        yield from check(run)
    except Exception as error:  # noqa: BLE001  # the one place that keeps a rule's crash to itself
        yield Crash(f"rule {entry.id} failed: {type(error).__name__} at {where(error)}", anchor)


def where(error: BaseException) -> str:
    """Where in our source an error came up: a file and a line, never what was being looked at."""
    frames = traceback.extract_tb(error.__traceback__)
    if not frames:
        return "an unknown place"
    last = frames[-1]
    name = last.filename.replace("\\", "/")
    at = name.rfind("/shipworthy/")
    return f"{name[at + 1 :] if at >= 0 else '/'.join(name.split('/')[-2:])}:{last.lineno}"
