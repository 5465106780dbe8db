"""One block under a set of rules: what the rules find, and which facts they asked for.

A result follows from the block, the rules and the answers in `asked`, and from nothing else.
"""

from __future__ import annotations

import functools
import traceback
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ahocorasick_rs import AhoCorasick, Implementation
from tree_sitter import Node

from shipworthy import registry
from shipworthy.document import Block
from shipworthy.facts import Facts
from shipworthy.language import BRACES, by_id
from shipworthy.model import Span
from shipworthy.registry import Entry
from shipworthy.rule import Found, Hit, Pass, Places
from shipworthy.together import together


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
        self.broken = [entry for entry in entries if entry.broken and by_id(language).has_syntax]
        self.of_escapes = {entry.id: entry for entry in entries if entry.escapes and language == "python"}
        self.extractors = [entry for entry in entries if entry.extracts]
        self.by_hit = {code: entry for entry in entries for code in entry.hits}
        self.joined_by: dict[str, list[Entry]] = {}
        for entry in entries:
            for code in entry.agrees_with:
                self.joined_by.setdefault(code, []).append(entry)
        self.codes = frozenset(code for entry in entries for code in entry.codes)
        self.tools = frozenset(code.partition(":")[0] for code in self.codes)
        self.by_keyword = {entry.id: entry for entry in entries if entry.keywords}

    @functools.cached_property
    def _places(self) -> list[Places]:
        """What the text rules know of their places, as far as they know more than their keywords."""
        return [places for entry in self.by_keyword.values() if (places := entry.load().on.places) is not None]

    def with_keyword(self, text: str) -> Iterable[Entry]:
        """The text rules of which a keyword occurs in `text`."""
        if not self.by_keyword:
            return ()
        rules, automaton = _keywords()
        found = {rules[index] for index, _, _ in automaton.find_matches_as_indexes(text, overlapping=True)}
        return [entry for name, entry in self.by_keyword.items() if name in found]

    def takes(self, whole: Block, path: str, hit: Hit) -> bool:
        """Whether a hit in a document may come to anything."""
        entry = self.by_hit.get(hit.code)
        if entry is None or hit.code in self.joined_by:
            return hit.code in self.joined_by
        takes = entry.load().on.takes
        try:
            return takes is None or takes(whole, path, hit)
        except Exception:  # noqa: BLE001  # the rule fails again on a block, and is named there
            return True

    def places(self, whole: Block, path: str) -> list[Span] | None:
        """Where alone in a document the text rules can find anything; None if rules of other kinds look at it too."""
        if self.kinds or self.broken or self.of_escapes:
            return None
        found: list[Span] = []
        try:
            for places in self._places:
                found.extend(places(whole, path))
            for entry in self.with_keyword(whole.text) if len(self._places) < len(self.by_keyword) else ():
                on = entry.load().on
                assert on.pattern is not None
                if on.places is None:
                    found.extend(Span(*match.span()) for match in on.pattern.finditer(whole.text))
        except Exception:  # noqa: BLE001  # the rule fails again on a block, and is named there
            return None
        return found


@functools.cache
def _keywords() -> tuple[tuple[str, ...], AhoCorasick]:
    """The rules that each keyword calls for, and what finds them all at once."""
    pairs = [(entry.id, keyword) for entry in registry.entries().values() for keyword in entry.keywords]
    return tuple(rule for rule, _ in pairs), AhoCorasick(
        [keyword for _, keyword in pairs], implementation=Implementation.DFA
    )


def evaluate(block: Block, rules: RuleSet, facts: Facts, path: str, only: str = "") -> Iterator[Found | Crash]:
    """Run the rules' own checks over a block; `only` one of them, if named."""
    passes = _Passes(block, rules, facts, path)
    for entry, subject, at in _calls(block, rules, facts):
        if only and entry.id != only:
            continue
        try:
            run = passes.of(entry, at)
            yield from run.rule.check(run, subject)
        except Exception as error:  # noqa: BLE001  # keeps a rule's crash to itself
            yield passes.crash(entry, at, error)


def evaluate_hits(
    block: Block, hits: Iterable[Hit], rules: RuleSet, facts: Facts, path: str, only: str = ""
) -> Iterator[Found | Crash]:
    """Make findings of the hits that a rule subscribes to."""
    passes = _Passes(block, rules, facts, path)
    for hit in hits:
        entry = rules.by_hit.get(hit.code)
        if entry is None or (only and entry.id != only):
            continue
        node, anchor = _snap(block, hit, entry)
        try:
            run = passes.of(entry, anchor)
            yield from (replace(found, sources=(hit.code,)) for found in run.rule.check_hit(run, hit, node))
        except Exception as error:  # noqa: BLE001  # keeps a rule's crash to itself
            yield passes.crash(entry, anchor, error)


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


def _calls(block: Block, rules: RuleSet, facts: Facts) -> Iterator[tuple[Entry, object, Node | Span]]:
    """Every (rule, subject, where that stands) that the block gives rise to.

    In a block with a syntax error only the nodes that are whole are looked at, in a minified one none: whoever
    mends it mends its source.
    """
    if block.has_syntax and (rules.kinds or rules.broken) and not block.is_minified:
        broken = block.is_broken
        for kind, nodes in block.nodes(rules.kinds).items():
            entries = rules.by_kind[kind]
            for node in nodes:
                if broken and node.has_error:
                    continue
                for entry in entries:
                    yield entry, node, node
        if broken:
            for entry in rules.broken:
                yield entry, block.root, Span(0, len(block.text))
    if rules.of_escapes:
        for escape in together(block.text, facts.escapes(block.key)):
            if escape.rule in rules.of_escapes:
                yield rules.of_escapes[escape.rule], escape, escape.span
    for entry in rules.with_keyword(block.text):
        pattern = entry.load().on.pattern
        assert pattern is not None
        for match in pattern.finditer(block.text):
            yield entry, match, Span(*match.span())


class _Passes:
    """One pass over a block for each rule that is called."""

    def __init__(self, block: Block, rules: RuleSet, facts: Facts, path: str) -> None:
        self._block, self._rules, self._facts, self._path = block, rules, facts, path
        self._made: dict[str, Pass] = {}

    def of(self, entry: Entry, at: Node | Span) -> Pass:
        """The pass of a rule, about to be asked about `at`."""
        run = self._made.get(entry.id)
        if run is None:
            options, in_test = self._rules.options.get(entry.id), self._rules.in_test
            run = Pass(entry.load(), self._block, self._facts, self._path, options, in_test=in_test)
            self._made[entry.id] = run
        run.at = at
        return run

    def crash(self, entry: Entry, at: Node | Span, error: Exception) -> Crash:
        """What is told of a rule that failed on one subject: it costs this rule its answer there."""
        anchor = self._block.span(at) if isinstance(at, Node) else at
        return Crash(f"rule {entry.id} failed: {type(error).__name__} at {where(error)}", anchor)


def where(error: BaseException) -> str:
    """Where in our source an error came up: a file and a line, never what was being looked at."""
    frames = traceback.extract_tb(error.__traceback__)
    if not frames:
        return "an unknown place"
    last = frames[-1]
    name = last.filename.replace("\\", "/")
    at = name.rfind("/shipworthy/")
    return f"{name[at + 1 :] if at >= 0 else '/'.join(name.split('/')[-2:])}:{last.lineno}"
