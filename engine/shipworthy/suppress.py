"""Comments that hide findings: ours, `# noqa`, `# nosec` and `# pragma: allowlist secret`.

A suppression hides what it names on its own line, or, standing alone, on the next line of code.
Naming any code of a finding is enough. A blanket `# noqa` or `# nosec` hides what that tool found,
never what only our own rules found.
"""

from __future__ import annotations

import datetime
import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field

from shipworthy import registry
from shipworthy.document import Document
from shipworthy.language import Language
from shipworthy.model import Family, Finding, Span

_MARKS = ("shipworthy:", "noqa", "nosec", "allowlist")
_OURS = re.compile(r"shipworthy:\s*(?P<verb>\w+)\b(?P<body>[^\r\n]*)")
_BODY = re.compile(
    r"\s+(?P<rules>[\w-]+(?:\s*,\s*[\w-]+)*)"
    r"(?:\s+--\s+(?P<reason>.+?))?"
    r"(?:\s+until\s+(?P<until>\S+))?\s*\Z"
)
_FOREIGN = re.compile(
    r"(?P<file>(?:ruff|flake8):\s*noqa\b)(?::\s*(?P<file_codes>[A-Z]+\d+(?:[,\s]+[A-Z]+\d+)*))?"
    r"|(?P<noqa>\b[nN][oO][qQ][aA]\b)(?::\s*(?P<noqa_codes>[A-Z]+\d+(?:[,\s]+[A-Z]+\d+)*))?"
    r"|(?P<nosec>\bnosec\b)(?::?[ \t]*(?P<nosec_codes>B\d+(?:[,\s]+B\d+)*))?"
    r"|(?P<allow>pragma:\s*(?:allow|white)list[ -](?P<next>nextline[ -])?secret)"
)


@dataclass(frozen=True, slots=True)
class Suppression:
    """One comment. `lines`: the lines it speaks for, empty for the whole file.

    `names`: rule ids or backend codes; empty is a blanket. `tool`: whose comment it is, "" for ours.
    `mistake`: why it cannot be used, if it cannot.
    """

    span: Span
    tool: str
    names: frozenset[str] = frozenset()
    lines: frozenset[int] = frozenset()
    until: datetime.date | None = None
    mistake: str = ""

    def hides(self, finding: Finding) -> bool:
        """Whether it hides a finding, by its rule, by a code of its rule, or as a blanket."""
        if self.lines and self.lines.isdisjoint(_lines_of(finding, self.tool)):
            return False
        if not self.tool:
            return finding.rule in self.names
        if self.tool == "detect-secrets":
            return finding.family is Family.SECRETS
        if self.names:
            return bool(self.names & registry.entries()[finding.rule].codes)
        return any(source.startswith(self.tool + ":") for source in finding.sources)


@dataclass
class Verdict:
    """Which findings stay, which are hidden, and which of our suppressions hid nothing."""

    kept: list[Finding] = field(default_factory=list[Finding])
    hidden: list[Finding] = field(default_factory=list[Finding])
    unused: list[Suppression] = field(default_factory=list[Suppression])


def find(document: Document) -> list[Suppression]:
    """All suppressions of a document; those with a mistake or an expired date included."""
    text = document.text
    if not any(mark in text or mark.upper() in text for mark in _MARKS):
        return []
    return [
        read(document, match, start)
        for pattern, read in ((_OURS, _ours), (_FOREIGN, _foreign))
        for match in pattern.finditer(text)
        if (start := _comment_start(document, match.start())) is not None
    ]


def apply(findings: Iterable[Finding], suppressions: Iterable[Suppression], today: datetime.date) -> Verdict:
    """Hide what the suppressions name, unless they have ended before `today`."""
    verdict = Verdict()
    used: set[Suppression] = set()
    active = [one for one in suppressions if not one.mistake and (one.until is None or one.until >= today)]
    for finding in findings:
        hiding = [one for one in active if one.hides(finding)]
        used.update(hiding)
        (verdict.hidden if hiding else verdict.kept).append(finding)
    verdict.unused = [one for one in active if not one.tool and one not in used]
    return verdict


def _ours(document: Document, match: re.Match[str], start: int) -> Suppression:
    body, end = _without_close(match["body"], document.language), match.end()
    span = Span(start, end)
    if match["verb"] != "allow":
        return Suppression(
            span, "", mistake=f"unknown word {match['verb']!r}; write `shipworthy: allow RULE -- reason`"
        )
    parts = _BODY.match(body)
    if parts is None:
        return Suppression(span, "", mistake="names no rule; write `shipworthy: allow RULE -- reason`")
    names = frozenset(name.strip() for name in parts["rules"].split(","))
    lines = _lines_spoken_for(document, start)
    if not parts["reason"]:
        return Suppression(
            span, "", names, lines, mistake="gives no reason; write `-- ` and the reason behind the rule"
        )
    until = None
    if parts["until"]:
        try:
            until = datetime.date.fromisoformat(parts["until"])
        except ValueError:
            return Suppression(span, "", names, lines, mistake=f"{parts['until']!r} is no date; write YYYY-MM-DD")
    return Suppression(span, "", names, lines, until)


def _foreign(document: Document, match: re.Match[str], start: int) -> Suppression:
    span, line = Span(start, match.end()), document.position(match.start()).line
    if match["file"]:
        return Suppression(span, "ruff", _codes("ruff", match["file_codes"]))
    if match["allow"]:
        return Suppression(span, "detect-secrets", lines=frozenset({line + bool(match["next"])}))
    tool = "ruff" if match["noqa"] else "bandit"
    return Suppression(
        span, tool, _codes(tool, match[f"no{'qa' if tool == 'ruff' else 'sec'}_codes"]), frozenset({line})
    )


def _codes(tool: str, listed: str | None) -> frozenset[str]:
    return frozenset(f"{tool}:{code}" for code in re.split(r"[,\s]+", listed or "") if code)


def _lines_of(finding: Finding, tool: str) -> Iterable[int]:
    """The lines on which a comment speaks for a finding: bandit reads all, the others the first and last."""
    first, last = finding.range.start.line, finding.range.end.line
    return range(first, last + 1) if tool == "bandit" else {first, last}


def _lines_spoken_for(document: Document, comment: int) -> frozenset[int]:
    """The comment's own line, or the next line of code if the comment stands alone."""
    line = document.position(comment).line
    if document.text[document.line_start(line) : comment].strip():
        return frozenset({line})
    following = line + 1
    while following < document.line_count and _is_blank_or_comment(document, following):
        following += 1
    return frozenset({line, following})


def _is_blank_or_comment(document: Document, line: int) -> bool:
    text = document.line_text(line).strip()
    return not text or text.startswith(tuple(comment.start for comment in document.language.comments))


def _comment_start(document: Document, offset: int) -> int | None:
    """The offset of the comment that holds `offset`; None if it is not in a comment."""
    index = bisect_right(document.starts, offset) - 1
    block, start = document.blocks[index], document.starts[index]
    if block.has_syntax:
        at = Span(offset - start, offset - start)
        comment = block.smallest(at, frozenset({"comment", "html_comment"}))
        return block.span(comment).start + start if comment is not None else None
    line = document.line_start(document.position(offset).line)
    before = document.text[line:offset]
    found = [before.rfind(comment.start) for comment in document.language.comments]
    return line + max(found) if max(found, default=-1) >= 0 else None


def _without_close(body: str, language: Language) -> str:
    """The body of a comment without what closes the comment."""
    for comment in language.comments:
        if comment.end and comment.end in body:
            body = body[: body.index(comment.end)]
    return body.rstrip()
