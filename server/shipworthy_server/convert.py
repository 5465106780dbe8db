"""Engine values to LSP values and back, and nothing else.

What is sent often (diagnostics) is made as plain JSON: writing it takes a third of the time that
lsprotocol's classes take. Lines and characters are LSP's: from 0, in units of the encoding.
"""

from __future__ import annotations

import enum
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from lsprotocol import types

from shipworthy.document import Document
from shipworthy.model import Edit, Finding, Position, Problem, Range, Related, Report, Span
from shipworthy_server.loose import Json

if TYPE_CHECKING:
    from shipworthy.config import Mistake
    from shipworthy_server.capabilities import Client

SOURCE = "shipworthy"
RULE_DOCUMENTATION = "https://github.com/shipworthy/shipworthy/blob/main/docs/rules/{rule}.md"
COULD_NOT_CHECK, CONFIGURATION = "could-not-check", "configuration"

_UNNECESSARY = frozenset({"unused-suppression", "expired-suppression"})
"""Rules that find text which has no effect: editors fade it."""


class Encoding(enum.Enum):
    """What a character counts in a position: code points, bytes or UTF-16 units."""

    UTF32 = "utf-32"
    UTF8 = "utf-8"
    UTF16 = "utf-16"

    def units(self, text: str) -> int:
        """How far a position moves over `text`."""
        if self is Encoding.UTF32 or text.isascii():
            return len(text)
        if self is Encoding.UTF8:
            return len(text.encode("utf-8", "surrogatepass"))
        return len(text.encode("utf-16-le", "surrogatepass")) // 2

    def column(self, line: str, units: int) -> int:
        """The code point of a line at `units`, or the last one before it; the line's end at the most."""
        if self is Encoding.UTF32 or line.isascii():
            return max(min(units, len(line)), 0)
        return max(bisect_right(range(len(line) + 1), units, key=lambda end: self.units(line[:end])) - 1, 0)


def position(document: Document, place: Position, encoding: Encoding) -> Json:
    """A place of the document as an LSP position."""
    column = place.column - 1
    if encoding is not Encoding.UTF32:
        start = document.line_start(place.line)
        column = encoding.units(document.text[start : start + column])
    return {"line": place.line - 1, "character": column}


def offset(document: Document, place: types.Position, encoding: Encoding) -> int:
    """The offset of an LSP position, moved to the nearest one that exists."""
    line = place.line + 1
    if encoding is Encoding.UTF32:
        return document.offset(Position(line, place.character + 1))
    return document.line_start(line) + encoding.column(document.line_text(line), place.character)


def lsp_range(document: Document, place: Range, encoding: Encoding) -> Json:
    """A range of the document as an LSP range."""
    return {
        "start": position(document, place.start, encoding),
        "end": position(document, place.end, encoding),
    }


def span(document: Document, place: types.Range, encoding: Encoding) -> Span:
    """The span of an LSP range; a range that runs backwards is turned round."""
    start, end = offset(document, place.start, encoding), offset(document, place.end, encoding)
    return Span(min(start, end), max(start, end))


def changed(
    document: Document, changes: Iterable[types.TextDocumentContentChangeEvent], encoding: Encoding
) -> Document:
    """The document after a client's changes, which build on one another."""
    for change in changes:
        if isinstance(change, types.TextDocumentContentChangePartial):
            document = document.edited(span(document, change.range, encoding), change.text)
        else:
            document = replaced(document, change.text)
    return document


def replaced(document: Document, text: str) -> Document:
    """The document with another text, keeping what both begin and end with."""
    place, new = difference(document.text, text)
    return document if not new and place.start == place.end else document.edited(place, new)


def difference(old: str, new: str) -> tuple[Span, str]:
    """The one place in which two texts differ: its span in `old`, and what `new` has there."""
    shorter = min(len(old), len(new))
    start = bisect_right(range(1, shorter + 1), False, key=lambda size: old[:size] != new[:size])
    rest = range(1, shorter - start + 1)
    tail = bisect_right(rest, False, key=lambda size: old[len(old) - size :] != new[len(new) - size :])
    return Span(start, len(old) - tail), new[start : len(new) - tail]


def diagnostics(
    document: Document, report: Report, mistakes: Iterable[Mistake], client: Client, uri_of: Callable[[str], str]
) -> list[Json]:
    """All that is to be shown for a file. `uri_of` gives the URI of a path of the project."""
    return [
        *(_of_mistake(document, mistake, client.encoding) for mistake in mistakes),
        *(_of_problem(document, problem, client.encoding) for problem in report.problems),
        *(diagnostic(document, finding, client, uri_of) for finding in report.findings),
    ]


def diagnostic(document: Document, finding: Finding, client: Client, uri_of: Callable[[str], str]) -> Json:
    """A finding as a diagnostic, with no more than the client understands."""
    made: Json = {
        "range": lsp_range(document, finding.range, client.encoding),
        "severity": client.severities[finding.severity],
        "code": finding.rule,
        "source": SOURCE,
        "message": finding.message,
    }
    if client.code_description:
        made["codeDescription"] = {"href": documentation_url(finding.rule)}
    if finding.rule in _UNNECESSARY and types.DiagnosticTag.Unnecessary.value in client.tags:
        made["tags"] = [types.DiagnosticTag.Unnecessary.value]
    if finding.related and client.related_information:
        made["relatedInformation"] = [_related(document, one, client.encoding, uri_of) for one in finding.related]
    if client.diagnostic_data:
        made["data"] = {"fingerprint": finding.fingerprint, "fixes": [fix.title for fix in finding.fixes]}
    return made


def documentation_url(rule: str) -> str:
    """Where the documentation of a rule is found on the web."""
    return RULE_DOCUMENTATION.format(rule=rule)


def diagnostics_of_settings(mistakes: Iterable[Mistake]) -> list[Json]:
    """Mistakes in a settings file that is not open: of its text no more is known than the lines."""
    return [_at_line(mistake.line - 1, 0, mistake.message) for mistake in mistakes]


def text_edits(document: Document, edits: Iterable[Edit], encoding: Encoding) -> list[Json]:
    """Edits of one document as LSP text edits."""
    return [
        {"range": lsp_range(document, document.range(edit.span), encoding), "newText": edit.text}
        for edit in sorted(edits, key=lambda edit: edit.span)
    ]


def _of_problem(document: Document, problem: Problem, encoding: Encoding) -> Json:
    place = problem.range or Range(Position(1, 1), Position(1, len(document.line_text(1)) + 1))
    return {
        "range": lsp_range(document, place, encoding),
        "severity": types.DiagnosticSeverity.Warning.value,
        "code": COULD_NOT_CHECK,
        "source": SOURCE,
        "message": f"Could not check everything here: {problem.message}",
    }


def _of_mistake(document: Document, mistake: Mistake, encoding: Encoding) -> Json:
    line = min(mistake.line, document.line_count)
    return _at_line(line - 1, encoding.units(document.line_text(line)), mistake.message)


def _at_line(line: int, end: int, message: str) -> Json:
    return {
        "range": {"start": {"line": line, "character": 0}, "end": {"line": line, "character": end}},
        "severity": types.DiagnosticSeverity.Error.value,
        "code": CONFIGURATION,
        "source": SOURCE,
        "message": message,
    }


def _related(document: Document, related: Related, encoding: Encoding, uri_of: Callable[[str], str]) -> Json:
    if related.path == document.path:
        place = lsp_range(document, related.range, encoding)
    else:
        start, end = related.range.start, related.range.end
        place = {
            "start": {"line": start.line - 1, "character": start.column - 1},
            "end": {"line": end.line - 1, "character": end.column - 1},
        }
    return {"location": {"uri": uri_of(related.path), "range": place}, "message": related.message}


def workspace_edit(
    changes: Iterable[tuple[str, int | None, list[Json]]], created: Iterable[str], *, versioned: bool
) -> Json:
    """Text edits by URI and version as one workspace edit; `created` files come into being first.

    `versioned`: the client takes versions, so that it can refuse edits of a text that has changed.
    """
    if not versioned:
        return {"changes": {uri: edits for uri, _, edits in changes}}
    made: list[Json] = [{"kind": "create", "uri": uri, "options": {"ignoreIfExists": True}} for uri in created]
    made += ({"textDocument": {"uri": uri, "version": version}, "edits": edits} for uri, version, edits in changes)
    return {"documentChanges": made}


def code_action(title: str, kind: str, *, shown: Json | None, preferred: bool, data: Json) -> Json:
    """A code action without its edit; `shown` is the diagnostic that it is about, `data` tells it again."""
    made: Json = {"title": title, "kind": kind, "data": data}
    if shown is not None:
        made["diagnostics"] = [shown]
    if preferred:
        made["isPreferred"] = True
    return made


def code_lens(document: Document, place: Span, text: str, encoding: Encoding) -> Json:
    """A code lens that tells something and does nothing."""
    return {"range": lsp_range(document, document.range(place), encoding), "command": {"title": text, "command": ""}}


def hover(document: Document, findings: Sequence[tuple[Finding, str, str]], client: Client) -> Json | None:
    """What is known of findings on one place, each with the documentation of its rule and a note that may be empty."""
    if not findings:
        return None
    parts = [
        f"**{finding.rule}** · {finding.severity.label}\n\n{finding.message}\n\n"
        f"{_note(note)}{_told_apart(finding, text)}[Documentation]({documentation_url(finding.rule)})"
        for finding, text, note in findings
    ]
    value = "\n\n---\n\n".join(parts)
    if not client.markdown:
        plain = (
            f"{finding.rule}: {finding.message}\n\n{_note(note)}{_told_apart(finding, text)}"
            for finding, text, note in findings
        )
        value = "\n\n".join(plain).rstrip()
    kind = types.MarkupKind.Markdown if client.markdown else types.MarkupKind.PlainText
    place = lsp_range(document, findings[0][0].range, client.encoding)
    return {"contents": {"kind": kind.value, "value": value}, "range": place}


def _note(text: str) -> str:
    return f"{text}\n\n" if text else ""


def _told_apart(finding: Finding, documentation: str) -> str:
    """The documentation, without its first sentence if that is the message already."""
    summary, _, rest = documentation.partition("\n\n")
    text = rest if " ".join(summary.split()) == finding.message else documentation
    return f"{text.strip()}\n\n" if text.strip() else ""
