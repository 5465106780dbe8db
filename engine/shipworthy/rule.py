"""How a rule is written: a value that holds its documentation, its examples and one generator.

    @node_rule("swallowed-exception", severity=Severity.WARNING, python="except_clause", bad=..., good=...)
    def swallowed_exception(run: Pass, clause: Node) -> Iterator[Found]:
        \"\"\"An exception is caught and nothing is done about it. ...\"\"\"

A rule sees its `Pass` and nothing else: no file, no editor, no other rule.
"""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tree_sitter import Node

from shipworthy import syntax
from shipworthy.document import Block, Document
from shipworthy.facts import Extractor, Facts, imports_of_block
from shipworthy.facts.model import Import
from shipworthy.model import Edit, Family, Fix, Place, Severity, Span

_TABBED = re.compile(r"(?:^|[\r\n])\t")
"""A line that is indented by tabs."""


@dataclass(frozen=True, slots=True)
class Example:
    """A snippet in which a rule must find exactly what `«»` marks, or nothing.

    `fixed` is the text after the rule's first fix; `files` are further files of the project. In a
    source, `<alnum*36>` and the like stand for random text (see testing.py).
    """

    path: str
    source: str
    fixed: str | None = None
    files: Mapping[str, str] = field(default_factory=dict[str, str])


def py(
    source: str, fixed: str | None = None, path: str = "example.py", files: Mapping[str, str] | None = None
) -> Example:
    """A Python example; indentation common to all lines is taken away."""
    return Example(path, _dedent(source), _dedent(fixed), {name: _dedent(text) for name, text in (files or {}).items()})


def js(
    source: str, fixed: str | None = None, path: str = "example.js", files: Mapping[str, str] | None = None
) -> Example:
    """A JavaScript example; name its path `.ts` or `.tsx` for TypeScript."""
    return py(source, fixed, path, files)


def plain(path: str, source: str, fixed: str | None = None, files: Mapping[str, str] | None = None) -> Example:
    """An example in any other file."""
    return py(source, fixed, path, files)


def _dedent(text: str | None) -> Any:
    return None if text is None else textwrap.dedent(text).removeprefix("\n").rstrip(" ")


@dataclass(frozen=True, slots=True)
class Hit:
    """What a backend reports: its own code, e.g. `bandit:B608`, at a span of the text it was given.

    Its native message is never kept: some quote the password that they found.
    """

    code: str
    span: Span


@dataclass(frozen=True, slots=True)
class Site:
    """Where a fix is applied: the document as it is now. All edits are in the document's offsets.

    `read` gives the text of another file of the project by its path, None if there is no such file.
    """

    document: Document
    start: int
    block: Block
    read: Callable[[str], str | None] = lambda path: None

    def replace(self, at: Node | Span, text: str) -> Edit:
        """Replace a node, or a span of the block, by `text`."""
        span = self.block.span(at) if isinstance(at, Node) else at
        return Edit(span.shifted(self.start), text)

    def insert(self, before: Node | int, text: str) -> Edit:
        """Insert `text` before a node or an offset of the block."""
        offset = self.block.span(before).start if isinstance(before, Node) else before
        return self.replace(Span(offset, offset), text)

    def indent(self, node: Node) -> str:
        """The white space that the line of a node begins with."""
        start = self.block.span(node).start
        line = max(self.block.text.rfind(end, 0, start) for end in "\r\n")
        text = self.block.text[line + 1 : start]
        return text[: len(text) - len(text.lstrip())]

    def step(self, node: Node) -> str:
        """One step of indentation, as the lines around a node have it."""
        around = self.indent(node) or ("\t" if _TABBED.search(self.document.text) else "")
        return "\t" if "\t" in around else "    " if self.block.language.id == "python" else "  "


@dataclass(frozen=True, slots=True)
class Offer:
    """A fix as its rule states it: the edits are made only when somebody asks for them."""

    fix: Fix
    edits: Callable[[Site], Iterable[Edit]]


@dataclass(frozen=True, slots=True)
class Found:
    """What a rule yields: a finding before it has a place in the file. Spans are the block's.

    `anchor` is the span of the node that the rule was asked about: (rule, anchor) identifies the
    finding, so that a backend's hit on the same node joins it.
    """

    rule: str
    span: Span
    anchor: Span
    message: str
    severity: Severity | None = None
    related: tuple[Place, ...] = ()
    offers: tuple[Offer, ...] = ()
    fixes: tuple[Fix, ...] = ()
    sources: tuple[str, ...] = ()

    def shifted(self, by: int) -> Found:
        """The same finding where its block stands `by` code points further on."""
        related = tuple(place if place.block else replace(place, span=place.span.shifted(by)) for place in self.related)
        return replace(self, span=self.span.shifted(by), anchor=self.anchor.shifted(by), related=related)

    def without_edits(self) -> Found:
        """The same finding with the titles of its fixes alone: edits hold on to syntax trees."""
        return replace(self, offers=(), fixes=tuple(offer.fix for offer in self.offers) or self.fixes)


Places = Callable[[Block, str], Iterable[Span]]
"""`places(text, path)`: spans of a whole text, with no regard to syntax: at most in the blocks that they touch is
there anything to find."""

Takes = Callable[[Block, str, Hit], bool]
"""`takes(text, path, hit)`: whether a hit in a whole text may come to anything, with no regard to syntax."""


@dataclass(frozen=True, slots=True)
class On:
    """What a rule is called for; it may combine several of these.

    `nodes`: kinds of syntax nodes, by language, `javascript` standing for TypeScript too.
    `pattern`: matches of a regular expression in blocks that hold one of `keywords`, in any file.
    `places`: the spans outside of which the check of a `pattern` finds nothing; its matches if absent.
    `hits`: backend codes, each snapped to the smallest node of one of the kinds in `snap`.
    `takes`: of which hits anything may come; of all if absent.
    `broken`: blocks with a syntax error.
    `escapes`: errors that arise in a block and reach a boundary unhandled, found by the escape analysis.
    """

    nodes: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    pattern: re.Pattern[str] | None = None
    keywords: tuple[str, ...] = ()
    places: Places | None = None
    hits: tuple[str, ...] = ()
    takes: Takes | None = None
    snap: frozenset[str] = frozenset()
    broken: bool = False
    escapes: bool = False


Check = Callable[["Pass", Any], Iterable[Found]]
"""`check(run, subject)`: the subject is a Node, a match, or a broken block's root, as `On` says."""


CheckHit = Callable[["Pass", Hit, "Node | None"], Iterable[Found]]
"""`check_hit(run, hit, node)`: the node is the one that the hit was snapped to, if there is one."""


def no_check(run: Pass, subject: object) -> Iterable[Found]:
    """The check of a rule that lives on hits alone."""
    return ()


def report_hit(run: Pass, hit: Hit, node: Node | None) -> Iterable[Found]:
    """What a rule makes of a hit if it says nothing else: a finding on the node."""
    yield run.finding(node if node is not None else hit.span)


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule as data. `doc` has three paragraphs: what is found, why it matters, what to do.

    `default`: part of the rules that run unless the configuration selects others.
    `in_tests`, `in_generated`, `in_documentation`: also applies to test code, to what machines write (lock files,
    tables of data), to what explains or shows.
    `agrees_with`: backend codes for the same defect; a hit joins a finding but makes none.
    `absorbs`: rules whose findings within a finding of this rule say nothing more.
    `extract`: facts of a block that this rule alone needs; their union is `run.facts[rule id]`.
    """

    id: str
    family: Family
    severity: Severity
    doc: str
    on: On
    check: Check = no_check
    check_hit: CheckHit = report_hit
    bad: tuple[Example, ...] = ()
    good: tuple[Example, ...] = ()
    default: bool = True
    in_tests: bool = False
    in_generated: bool = True
    in_documentation: bool = True
    agrees_with: tuple[str, ...] = ()
    absorbs: tuple[str, ...] = ()
    cwe: tuple[int, ...] = ()
    options: type[Any] | None = None
    extract: Extractor | None = None

    @property
    def summary(self) -> str:
        """The first paragraph of the documentation: one sentence."""
        return " ".join(self.doc.partition("\n\n")[0].split())

    @property
    def codes(self) -> frozenset[str]:
        """Every backend code that names this defect."""
        return frozenset((*self.on.hits, *self.agrees_with))


class Pass:
    """One rule at work on one block: all that a rule may see, and how it answers. `in_test`: in test code."""

    def __init__(
        self, rule: Rule, block: Block, facts: Facts, path: str, options: Any = None, *, in_test: bool = False
    ) -> None:
        self.rule = rule
        self.block = block
        self.facts = facts
        self.path = path
        self.options: Any = options if options is not None or rule.options is None else rule.options()
        self.in_test = in_test
        self.at: Node | Span = Span(0, 0)

    @property
    def anchor(self) -> Span:
        """The span of what the rule is asked about."""
        return self.block.span(self.at) if isinstance(self.at, Node) else self.at

    def text(self, node: Node) -> str:
        """A node's source text."""
        return self.block.source(node)

    def name(self, node: Node | None) -> str:
        """What a name or a chain of attributes stands for, imports resolved: `requests.get`.

        Names that the file itself defines begin with a dot; "" is a local variable or no name.
        """
        path = syntax.dotted(node)
        first, dot, rest = path.partition(".")
        if not first or node is None or first in self._local_names(node):
            return ""
        found = next((bound for bound in self._nested_imports() if bound.name == first), None)
        found = found or self.facts.imported(first)
        if found is not None:
            return f"{found.target}{dot}{rest}"
        return f".{path}" if self.facts.defined(first) is not None else path

    def finding(
        self,
        at: Node | Span,
        message: str = "",
        *,
        severity: Severity | None = None,
        related: Iterable[Place] = (),
        offers: Iterable[Offer] = (),
    ) -> Found:
        """A finding at a node or a span of the block; the message is the rule's summary if not given."""
        span = self.block.span(at) if isinstance(at, Node) else at
        text = message or self.rule.summary
        return Found(self.rule.id, span, self.anchor, text, severity, tuple(related), tuple(offers))

    def offer(self, title: str, edits: Callable[[Site], Iterable[Edit]], *, safe: bool = False) -> Offer:
        """A fix whose edits are made from the document when somebody asks for them."""
        return Offer(Fix(title, safe), edits)

    def replace(self, title: str, at: Node | Span, text: str, *, safe: bool = False) -> Offer:
        """A fix that replaces one node or span of the block."""
        return self.offer(title, lambda site: (site.replace(at, text),), safe=safe)

    def place(self, at: Node, message: str) -> Place:
        """A related place in the same block."""
        return Place(self.block.span(at), message)

    def _nested_imports(self) -> Iterator[Import]:
        return (found for found in imports_of_block(self.block) if found.nested)

    def _local_names(self, node: Node) -> frozenset[str]:
        functions = (around for around in syntax.ancestors(node) if around.type in syntax.FUNCTIONS)
        return frozenset[str]().union(*map(self._bound_names, functions))

    def _bound_names(self, function: Node) -> frozenset[str]:
        return self.block.memo(("bound", function.id), lambda: syntax.bound_names(function))


def node_rule(
    rule_id: str,
    *,
    severity: Severity,
    python: str = "",
    javascript: str = "",
    **details: Any,
) -> Callable[[Check], Rule]:
    """A rule over syntax nodes. Kinds are separated by `|`; `details` are further fields of `Rule`.

    Hits named in `agrees_with` join a finding whose node is the smallest such node around them.
    """
    by_language = {"python": python, "javascript": javascript}
    nodes = {language: tuple(kinds.split("|")) for language, kinds in by_language.items() if kinds}
    on = On(nodes=nodes, snap=frozenset(kind for kinds in nodes.values() for kind in kinds))
    return lambda check: _rule(rule_id, severity, on, check, details, check=check)


def text_rule(
    rule_id: str,
    *,
    severity: Severity,
    pattern: str,
    keywords: tuple[str, ...],
    places: Places | None = None,
    hits: tuple[str, ...] = (),
    takes: Takes | None = None,
    **details: Any,
) -> Callable[[Check], Rule]:
    """A rule over the matches of a pattern, in any file, in blocks that hold one of `keywords`."""
    on = On(pattern=re.compile(pattern), keywords=keywords, places=places, hits=hits, takes=takes)
    return lambda check: _rule(rule_id, severity, on, check, details, check=check)


def hit_rule(
    rule_id: str,
    *,
    severity: Severity,
    hits: tuple[str, ...],
    takes: Takes | None = None,
    at: str = "",
    python: str = "",
    **details: Any,
) -> Callable[[CheckHit], Rule]:
    """A rule over backend hits, each snapped to the smallest node of the kinds `at` that holds it.

    What the backends miss it may look for itself: `check` is called for nodes of the kinds `python`.
    """
    nodes = {"python": tuple(python.split("|"))} if python else {}
    on = On(nodes=nodes, hits=hits, takes=takes, snap=frozenset(at.split("|")) if at else frozenset())
    return lambda check: _rule(rule_id, severity, on, check, details, check_hit=check)


def escape_rule(
    rule_id: str, *, severity: Severity, python: str = "", **details: Any
) -> Callable[[Callable[[Pass, Any], Iterable[Found]]], Rule]:
    """A rule over errors that arise in a block and reach a boundary unhandled; see escape/.

    What is wrong whoever handles them further up it may look for itself, at nodes of the kinds `python`.
    """
    nodes = {"python": tuple(python.split("|"))} if python else {}
    return lambda check: _rule(rule_id, severity, On(nodes=nodes, escapes=True), check, details, check=check)


def broken_rule(rule_id: str, *, severity: Severity, **details: Any) -> Callable[[Check], Rule]:
    """A rule over blocks with a syntax error; its subject is the root of the block's tree."""
    on = On(broken=True, hits=details.pop("hits", ()))
    return lambda check: _rule(rule_id, severity, on, check, details, check=check)


def engine_rule(rule_id: str, *, severity: Severity, **details: Any) -> Callable[[Callable[[], None]], Rule]:
    """A rule whose findings the engine makes itself, such as those about suppressions; it has no check."""
    return lambda documented: _rule(rule_id, severity, On(), documented, details)


def _rule(
    rule_id: str, severity: Severity, on: On, function: Callable[..., Any], details: Mapping[str, Any], **checks: Any
) -> Rule:
    family = Family(function.__module__.split(".")[-2])
    return Rule(rule_id, family, severity, inspect.getdoc(function) or "", on, **checks, **details)
