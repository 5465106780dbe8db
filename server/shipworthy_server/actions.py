"""What can be done about a finding: fix it, suppress it with a reason, take it for known, read about it.

Everything is computed from a verdict of the server's own; what the client believes to be there is
not asked. Edits are made only when they are wanted, and only for the text that they were offered for.
"""

from __future__ import annotations

import datetime
import difflib
import functools
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from shipworthy import baseline, suppress
from shipworthy import edits as engine
from shipworthy.analyze import baseline_entries
from shipworthy.baseline import Baseline
from shipworthy.cache import Memory
from shipworthy.document import Document
from shipworthy.edits import BrokenFixError, StaleFixError
from shipworthy.language import Comment
from shipworthy.model import Edit, Finding, Report, Span
from shipworthy.project import Project
from shipworthy_server.convert import difference, documentation_url
from shipworthy_server.faults import RefusedError
from shipworthy_server.session import Verdict

_REASON = "reason"
"""Stands in a new suppression until the user writes a better one."""

_ABOUT_SUPPRESSIONS = frozenset({"expired-suppression", "malformed-suppression", "unused-suppression"})
"""Rules about suppressions cannot be suppressed."""

_HASH, _SLASHES, _MARKUP, _STARS = Comment("#"), Comment("//"), Comment("<!--", "-->"), Comment("/*", "*/")
_COMMENTS: Mapping[str, Comment | None] = {
    **dict.fromkeys((".html", ".htm", ".xml", ".svg", ".md", ".markdown", ".vue", ".svelte"), _MARKUP),
    **dict.fromkeys((".css",), _STARS),
    **dict.fromkeys((".sql", ".lua", ".hs", ".elm"), Comment("--")),
    **dict.fromkeys((".ini", ".cfg", ".reg", ".el", ".clj", ".asm"), Comment(";")),
    **dict.fromkeys(
        (".go", ".java", ".kt", ".kts", ".c", ".h", ".cc", ".cpp", ".hpp", ".cs", ".rs", ".swift", ".scala", ".dart"),
        _SLASHES,
    ),
    **dict.fromkeys((".php", ".scss", ".less", ".jsonc", ".json5", ".groovy", ".gradle", ".proto", ".zig"), _SLASHES),
    **dict.fromkeys((".json", ".lock", ".csv", ".tsv", ".txt", ".pem", ".key"), None),
}
"""How a comment is written in files that are only text to the engine; None where there are no comments."""


_FEW = 20
"""Of more findings at once, such as those of a whole file, only the fixes are offered."""

_EXPIRY = datetime.timedelta(days=90)
"""For how long a suppression is offered that ends by itself."""


@dataclass(frozen=True)
class Action:
    """Something that can be done. `edits` makes its edits when they are wanted; without it, `url` is to be opened.

    `finding`: what it is about; None for all fixes of the file. Within a verdict the title and the finding name it.
    `slow`: its edits take long to make, and so are not made before they are wanted. `everywhere`: it fixes the
    rule of its finding in all files of the workspace; `edits` are those of this one.
    """

    title: str
    edits: Callable[[], Iterable[Edit]] | None
    finding: Finding | None = None
    preferred: bool = False
    url: str = ""
    slow: bool = False
    everywhere: bool = False


def about(verdict: Verdict, span: Span) -> list[Action]:
    """What can be done about the findings that touch a span, the fixes first."""
    touched = [one for one in verdict.report.findings if one.span.start <= span.end and span.start <= one.span.end]
    offers = _OFFERS if len(touched) <= _FEW else _OFFERS[:1]
    found = (action for offer in offers for finding in touched for action in offer(verdict, finding))
    # One page is enough for all findings of a rule.
    return [*{action.url or number: action for number, action in enumerate(found)}.values()]


def fix_all(verdict: Verdict) -> Action | None:
    """The action that applies all safe fixes, if there are any."""
    if any(fix.safe for finding in verdict.report.findings for fix in finding.fixes):
        return Action("Apply all safe fixes of Shipworthy", functools.partial(_all_fixed, verdict, ()))
    return None


def is_fixed_safely(report: Report, rule: str) -> bool:
    """Whether a rule has found something that it can mend without a change of meaning."""
    return any(fix.safe for finding in report.findings if finding.rule == rule for fix in finding.fixes)


def all_fixed(document: Document, project: Project, memory: Memory, rules: tuple[str, ...]) -> list[Edit]:
    """The edits of all safe fixes of some rules, or of all rules if none are named."""
    fixed, _ = engine.fix_all(document, project, memory, rules=rules)
    return line_edits(document.text, fixed.text)


def edits_of(action: Action) -> list[Edit]:
    """The edits of an action. Raises RefusedError if its finding or fix is not there, or would break the program."""
    try:
        return list(action.edits()) if action.edits is not None else []
    except (StaleFixError, BrokenFixError) as error:
        raise RefusedError(str(error)) from error


def find(verdict: Verdict, rule: str, span: Span, title: str) -> Action:
    """The action that was offered under a title. Raises RefusedError if it is not offered any more."""
    named = (one for one in verdict.report.findings if (one.rule, one.span) == (rule, span))
    offered: Iterable[Action | None] = (action for one in named for offer in _OFFERS for action in offer(verdict, one))
    for action in offered if rule else [fix_all(verdict)]:
        if action is not None and action.title == title:
            return action
    raise RefusedError(f"{title!r} is no longer possible here: the finding is gone")


def _fixes(verdict: Verdict, finding: Finding) -> Iterator[Action]:
    document, home = verdict.snapshot.document, verdict.home
    for fix in finding.fixes:
        edits = functools.partial(engine.checked_edits_of, document, home.project, finding, fix, home.memory)
        yield Action(fix.title, edits, finding, preferred=fix.safe and fix == finding.fixes[0])


def _fixes_of_rule(verdict: Verdict, finding: Finding) -> Iterator[Action]:
    rule = finding.rule
    fixable = [one for one in verdict.report.findings if one.rule == rule and any(fix.safe for fix in one.fixes)]
    if finding not in fixable:
        return
    edits = functools.partial(_all_fixed, verdict, (rule,))
    if len(fixable) > 1:
        yield Action(f"Fix all {len(fixable)} of {rule} in this file", edits, finding, slow=True)
    yield Action(f"Fix all of {rule} in the workspace", edits, finding, slow=True, everywhere=True)


def _all_fixed(verdict: Verdict, rules: tuple[str, ...]) -> Iterable[Edit]:
    return all_fixed(verdict.snapshot.document, verdict.home.project, verdict.home.memory, rules)


def _suppressions(verdict: Verdict, finding: Finding) -> Iterator[Action]:
    if finding.rule in _ABOUT_SUPPRESSIONS:
        return
    edit = _suppression(verdict.snapshot.document, finding)
    if edit is None:
        return
    until = datetime.date.today() + _EXPIRY
    ending = replace(edit, text=edit.text.replace(f"-- {_REASON}", f"-- {_REASON} until {until}"))
    yield Action(f"Allow {finding.rule} here, with a reason", functools.partial(_only, edit), finding)
    yield Action(f"Allow {finding.rule} until {until}, with a reason", functools.partial(_only, ending), finding)


def _only(edit: Edit) -> Iterable[Edit]:
    return [edit]


def _baseline(verdict: Verdict, finding: Finding) -> Iterator[Action]:
    if verdict.home.baseline:
        edits = functools.partial(_with_known, verdict, finding)
        yield Action(f"Add this {finding.rule} to the baseline", edits, finding)


def _with_known(verdict: Verdict, finding: Finding) -> Iterable[Edit]:
    """The edit of the baseline after which it holds a finding."""
    home, document = verdict.home, verdict.snapshot.document
    known = home.project.baseline
    key = known.key or baseline.new_key()
    every = sorted({*verdict.report.findings, *verdict.report.baselined}, key=lambda one: (one.span, one.rule))
    before = every[: every.index(finding)]
    entries = baseline_entries(document, [*before, finding], key) - baseline_entries(document, before, key)
    text = baseline.render(Baseline(key, known.entries | entries))
    old = home.project.index.text(home.baseline) or "" if home.project.index is not None else ""
    return [Edit(edit.span, edit.text, home.baseline) for edit in line_edits(old, text)]


def _page(_: Verdict, finding: Finding) -> Iterator[Action]:
    rule = finding.rule
    yield Action(f"Open the documentation of {rule}", None, finding, url=documentation_url(rule))


_OFFERS: tuple[Callable[[Verdict, Finding], Iterable[Action]], ...] = (
    _fixes,
    _fixes_of_rule,
    _suppressions,
    _baseline,
    _page,
)
"""What may be offered for a finding, in the order in which it is shown."""


def line_edits(old: str, new: str) -> list[Edit]:
    """Edits that turn one text into another and leave alone the lines that both have."""
    place, text = difference(old, new)
    start = old.rfind("\n", 0, place.start) + 1
    end = old.find("\n", place.end) + 1 or len(old)
    before = old[start:end].splitlines(keepends=True)
    after = (old[start : place.start] + text + old[place.end : end]).splitlines(keepends=True)
    offsets = [start]
    for line in before:
        offsets.append(offsets[-1] + len(line))
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    return [
        Edit(Span(offsets[i], offsets[j]), "".join(after[k:m]))
        for tag, i, j, k, m in matcher.get_opcodes()
        if tag != "equal"
    ]


def _suppression(document: Document, finding: Finding) -> Edit | None:
    """The insertion of a comment that hides a finding: above its line, or at the line's end if not.

    Whether a comment can stand there is not guessed: it is tried, and the engine reads it.
    """
    comment = _comment(document)
    if comment is None:
        return None
    line = finding.range.start.line
    text, start = document.line_text(line), document.line_start(line)
    indent = text[: len(text) - len(text.lstrip())]
    written = f"{comment.start} shipworthy: allow {finding.rule} -- {_REASON}"
    written = f"{written} {comment.end}".rstrip()
    above = Edit(Span(start, start), f"{indent}{written}{_line_end(document, line)}")
    behind = Edit(Span(start + len(text), start + len(text)), f"  {written}")
    return next((edit for edit in (above, behind) if _hides(document, finding, edit)), None)


def _comment(document: Document) -> Comment | None:
    if document.language.has_syntax:
        return document.language.comments[0]
    return _COMMENTS.get(PurePosixPath(document.path).suffix.lower(), _HASH)


def _line_end(document: Document, line: int) -> str:
    """How the document ends its lines, as seen nearby."""
    for number in (line, line - 1, 1):
        start = document.line_start(number) + len(document.line_text(number))
        end = document.text[start : document.line_start(number + 1)]
        if end:
            return end
    return "\n"


def _hides(document: Document, finding: Finding, edit: Edit) -> bool:
    """Whether the engine reads the comment of an edit as one that speaks for the finding."""
    edited = document.edited(edit.span, edit.text)
    inserted = Span(edit.span.start, edit.span.start + len(edit.text))
    moved = edited.position(finding.span.start + (len(edit.text) if edit.span.end <= finding.span.start else 0)).line
    return any(
        finding.rule in one.names and not one.mistake and moved in one.lines
        for one in suppress.find(edited)
        if inserted.holds(one.span)
    )
