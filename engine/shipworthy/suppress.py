"""Comments that hide findings: ours, `# noqa`, `# ruff: ...`, `# nosec` and `# pragma: allowlist secret`.

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
from shipworthy.document import Block, Document
from shipworthy.language import Language
from shipworthy.model import Family, Finding, Span

_EVERY_LINE = 0
_MEMO = ("suppressions", 0)
_MARKS = ("shipworthy:", "noqa", "nosec", "allowlist", "ruff:")
_MARKS_IN_BLOCK = (*_MARKS, "whitelist")
_OURS = re.compile(r"shipworthy:\s*(?P<verb>\w+)\b(?P<body>[^\r\n]*)")
_BODY = re.compile(
    r"\s+(?P<rules>[\w-]+(?:\s*,\s*[\w-]+)*)"
    r"(?:\s+--\s+(?P<reason>(?!until\s+\S+\s*\Z).+?))?"  # a date alone is no reason
    r"(?:\s+until\s+(?P<until>\S+))?\s*\Z"
)
_NO_RULE = "names no rule; write `shipworthy: allow RULE -- reason`"
_NO_REASON = "gives no reason; write `-- ` and the reason behind the rule"
_FOREIGN = re.compile(
    r"\bruff:\s*(?P<ruff>ignore|file-ignore|disable)\[(?P<ruff_codes>[^\]\r\n]*)\]"
    r"|(?P<file>(?:ruff|flake8):\s*noqa\b)(?::\s*(?P<file_codes>[A-Z]+\d+(?:[,\s]+[A-Z]+\d+)*))?"
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
        (_ours if match.re is _OURS else _foreign)(document, match, start, start + comment)
        for start, block in document.items()
        for match, comment in block.memo(_MEMO, _in_block, block)
    ]


def apply(findings: Iterable[Finding], suppressions: Iterable[Suppression], today: datetime.date) -> Verdict:
    """Hide what the suppressions name, unless they have ended before `today`."""
    verdict = Verdict()
    used: set[Suppression] = set()
    active = [one for one in suppressions if not one.mistake and (one.until is None or one.until >= today)]
    by_line: dict[int, list[Suppression]] = {}
    for one in active:
        for line in one.lines or (_EVERY_LINE,):
            by_line.setdefault(line, []).append(one)
    for finding in findings:
        lines = (_EVERY_LINE, *range(finding.range.start.line, finding.range.end.line + 1)) if by_line else ()
        hiding = {one for line in lines for one in by_line.get(line, ()) if one.hides(finding)}
        used.update(hiding)
        (verdict.hidden if hiding else verdict.kept).append(finding)
    verdict.unused = [one for one in active if not one.tool and one not in used]
    return verdict


def _in_block(block: Block) -> tuple[tuple[re.Match[str], int], ...]:
    """What looks like a suppression in a block and stands in a comment, with the offset of the comment."""
    lowered = block.text.lower()
    if not any(mark in lowered for mark in _MARKS_IN_BLOCK):
        return ()
    found = (match for pattern in (_OURS, _FOREIGN) for match in pattern.finditer(block.text))
    starts = ((match, _comment_start(block, match.start())) for match in found)
    return tuple((match, start) for match, start in starts if start is not None)


def _ours(document: Document, match: re.Match[str], block: int, start: int) -> Suppression:
    """Our comment, which begins at `start`; the match counts from `block`."""
    body = _without_close(match["body"], document.language)
    span = Span(start, block + match.end())
    if match["verb"] != "allow":
        return Suppression(
            span, "", mistake=f"has the unknown word {match['verb']!r}; write `shipworthy: allow RULE -- reason`"
        )
    parts = _BODY.match(body)
    if parts is None:
        return Suppression(span, "", mistake=_NO_REASON if _names_a_rule(body) else _NO_RULE)
    names = frozenset(name.strip() for name in parts["rules"].split(","))
    lines = _lines_spoken_for(document, start)
    if not parts["reason"]:
        return Suppression(span, "", names, lines, mistake=_NO_REASON)
    until = None
    if parts["until"]:
        try:
            until = datetime.date.fromisoformat(parts["until"])
        except ValueError:
            return Suppression(span, "", names, lines, mistake=f"{parts['until']!r} is no date; write YYYY-MM-DD")
    return Suppression(span, "", names, lines, until)


def _names_a_rule(body: str) -> bool:
    """Whether what cannot be read otherwise begins with the name of a rule."""
    first = re.match(r"\s+([\w-]+)", body)
    return first is not None and first[1] in registry.entries()


def _foreign(document: Document, match: re.Match[str], block: int, start: int) -> Suppression:
    """Another tool's comment, which begins at `start`; the match counts from `block`."""
    span, line = Span(start, block + match.end()), document.position(block + match.start()).line
    if match["ruff"]:
        names = frozenset(f"ruff:{code.strip()}" for code in match["ruff_codes"].split(","))
        return Suppression(span, "ruff", names, _lines_of_ruff(document, match, start))
    if match["file"]:
        return Suppression(span, "ruff", _codes("ruff", match["file_codes"]))
    if match["allow"]:
        return Suppression(span, "detect-secrets", lines=frozenset({line + bool(match["next"])}))
    tool = "ruff" if match["noqa"] else "bandit"
    return Suppression(
        span, tool, _codes(tool, match[f"no{'qa' if tool == 'ruff' else 'sec'}_codes"]), frozenset({line})
    )


def _lines_of_ruff(document: Document, match: re.Match[str], start: int) -> frozenset[int]:
    """The lines that `ignore`, `file-ignore` or `disable` speaks for; `disable` ends at `enable` or with its block."""
    if match["ruff"] == "file-ignore":
        return frozenset()
    if match["ruff"] == "ignore":
        return _lines_spoken_for(document, start)
    line, column = document.position(start).line, document.position(start).column
    end = re.compile(rf"#\s*ruff:\s*enable\[\s*{re.escape(match['ruff_codes'].strip())}\s*\]")
    lines: set[int] = set()
    for following in range(line, document.line_count + 1):
        text = document.line_text(following)
        if end.search(text) or (text.strip() and len(text) - len(text.lstrip()) + 1 < column):
            break
        lines.add(following)
    return frozenset(lines)


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


def _comment_start(block: Block, offset: int) -> int | None:
    """The offset of the comment that holds `offset`, in the block; None if it is not in a comment."""
    if block.has_syntax:
        comment = block.smallest(Span(offset, offset), frozenset({"comment", "html_comment"}))
        return block.span(comment).start if comment is not None else None
    row = bisect_right(block.line_starts, offset)
    line = block.line_starts[row - 1] if row else 0
    before = block.text[line:offset]
    found = [before.rfind(comment.start) for comment in block.language.comments]
    return line + max(found) if max(found, default=-1) >= 0 else None


def _without_close(body: str, language: Language) -> str:
    """The body of a comment without what closes the comment."""
    for comment in language.comments:
        if comment.end and comment.end in body:
            body = body[: body.index(comment.end)]
    return body.rstrip()
