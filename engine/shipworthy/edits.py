"""The edits behind a fix, made when somebody asks; and edits applied to text.

A finding promises a fix by its title alone. To get the edits, the rule is run again on the block
where the finding stands, so that no value outlives the moment in which a person wants it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from shipworthy import readable
from shipworthy.analyze import analyze
from shipworthy.cache import Memory
from shipworthy.config import Config
from shipworthy.document import Document
from shipworthy.evaluation import Evaluation
from shipworthy.model import Edit, Finding, Fix, Lane, Span
from shipworthy.project import Project
from shipworthy.rule import Offer, Site

_SYNTAX_ERROR = "syntax-error"
_ROUNDS = 20
"""How often fixes are applied and looked for again; a fix may make room for another one."""


class StaleFixError(Exception):
    """The finding is no longer there, or no longer offers this fix: the text has changed since."""


class BrokenFixError(Exception):
    """With the edits of a fix, the program could not be read any more: they are not to be made."""


Read = Callable[[str], str | None]
"""The text of a file of the project by its path; None if there is no such file."""


def edits_of(
    document: Document,
    project: Project,
    finding: Finding,
    fix: Fix,
    cache: Memory | None = None,
    read: Read | None = None,
    evaluation: Evaluation | None = None,
) -> tuple[Edit, ...]:
    """The edits of a fix, in offsets of `document` or of the files they name. Raises StaleFixError.

    `read`: how the other files are now, if not as the project's index has them. `evaluation`: that of the document,
    for whoever asks for the edits of many fixes.
    """
    for site, offer in offers(document, project, finding, cache, read, evaluation):
        if offer.fix == fix:
            return tuple(offer.edits(site))
    raise StaleFixError(f"{document.path}: {finding.rule} offers no fix {fix.title!r} here any more")


def checked_edits_of(
    document: Document, project: Project, finding: Finding, fix: Fix, cache: Memory | None = None
) -> tuple[Edit, ...]:
    """The edits of one fix that is made alone. Raises StaleFixError, and BrokenFixError as `fix_all` refuses fixes."""
    edits = edits_of(document, project, finding, fix, cache)
    own = by_path(document.path, edits).get(document.path, [])
    if own and not readable.judge(document)(_changed(document, [(finding, fix, own)])):
        raise BrokenFixError(f"{document.path}: {fix.title!r} would break the program here, and is not made")
    return edits


def offers(
    document: Document,
    project: Project,
    finding: Finding,
    cache: Memory | None = None,
    read: Read | None = None,
    evaluation: Evaluation | None = None,
) -> list[tuple[Site, Offer]]:
    """What the rule of a finding offers for it, with the site that the offers are to be applied at."""
    index = document.block_at(finding.span.start)
    if index < 0:
        return []
    block, start = document.blocks[index], document.starts[index]
    evaluation = evaluation or _evaluation(document, project, cache if cache is not None else Memory())
    site = Site(document, start, block, read or _reader(project))
    return [
        (site, offer)
        for found in evaluation.anew(index, finding.rule)
        if found.span.shifted(start) == finding.span
        for offer in found.offers
    ]


def _evaluation(document: Document, project: Project, cache: Memory) -> Evaluation:
    """What is asked again for the edits of fixes."""
    return Evaluation(document, project, cache, Lane.ALL)


def _reader(project: Project) -> Read:
    return project.index.text if project.index is not None else lambda path: None


def apply(text: str, edits: Iterable[Edit]) -> str:
    """The text with the edits made. They must not overlap; ValueError if they do."""
    parts: list[str] = []
    at = 0
    for edit in sorted(edits, key=lambda edit: edit.span):
        if edit.span.start < at:
            raise ValueError("edits overlap")
        parts += [text[at : edit.span.start], edit.text]
        at = edit.span.end
    return "".join([*parts, text[at:]])


Change = tuple[Finding, Fix, list[Edit]]
"""A fix of a finding, and its edits within the file."""


def fix_all(
    document: Document,
    project: Project,
    cache: Memory | None = None,
    *,
    unsafe: bool = False,
    rules: Sequence[str] = (),
    others: dict[str, str] | None = None,
    follow: Callable[[Document], object] = lambda document: None,
    refused: list[tuple[Finding, Fix]] | None = None,
) -> tuple[Document, list[tuple[Finding, Fix]]]:
    """Apply the first fix of every finding that has one in this file, until none is left.

    Only safe fixes unless `unsafe`; only those of `rules`, if any are named. Gives the new document
    and what was applied, in order. What fixes make of other files is put into `others`, by path;
    without it, fixes that reach into other files are left to people. `follow` hears of the document after each
    round, so that what the project knows of it is true in the next one. `refused` is told of fixes that were not made,
    for the program could not be read with them.

    A document with a syntax error stays as it is: where its statements end is a guess.
    """
    if is_broken(document, project):
        return document, []
    memory = cache if cache is not None else Memory()
    is_readable = readable.judge(document)
    never: set[tuple[str, str]] = set()

    def is_sound(changes: Sequence[Change]) -> bool:
        return is_readable(_changed(document, changes))

    applied: list[tuple[Finding, Fix]] = []
    for _ in range(_ROUNDS):
        wanted = [
            (finding, fix)
            for finding in analyze(document, project, memory).findings
            if (not rules or finding.rule in rules)
            and (fix := next((fix for fix in finding.fixes if fix.safe or unsafe), None)) is not None
            and (finding.fingerprint, fix.title) not in never
        ]
        made = dict(others) if others is not None else None
        changes = _changes(document, project, wanted, memory, made)
        if not changes:
            break
        after = _changed(document, changes)
        if not is_readable(after):
            culprits = readable.culprits(changes, is_sound)
            never.update((finding.fingerprint, fix.title) for finding, fix, _ in culprits)
            if refused is not None:
                refused.extend((finding, fix) for finding, fix, _ in culprits)
            continue
        if others is not None and made is not None:
            others.update(made)
        applied.extend((finding, fix) for finding, fix, _ in changes)
        document = after
        follow(document)
    return document, applied


def _changed(document: Document, changes: Iterable[Change]) -> Document:
    """The document with some changes made."""
    edits = (edit for _, _, edits in changes for edit in edits)
    return Document(document.path, apply(document.text, edits), document.language)


def _changes(
    document: Document,
    project: Project,
    wanted: Iterable[tuple[Finding, Fix]],
    memory: Memory,
    others: dict[str, str] | None,
) -> list[Change]:
    """As many of some fixes as can be made side by side; `others` holds the further files, and takes them changed."""
    known = _reader(project)

    def read(path: str) -> str | None:
        return others[path] if others is not None and path in others else known(path)

    evaluation = _evaluation(document, project, memory)
    changes: list[Change] = []
    taken: list[Span] = []
    for finding, fix in wanted:
        made = by_path(document.path, edits_of(document, project, finding, fix, memory, read, evaluation))
        edits = made.pop(document.path, [])
        extents = [_extent(document.text, edit) for edit in edits]
        # The same insertion twice, such as an import, is one too many.
        if not edits or (made and others is None) or any(one.overlaps(it) for one in taken for it in extents):
            continue
        changes.append((finding, fix, edits))
        taken += extents
        if others is not None:
            others.update((path, apply(read(path) or "", elsewhere)) for path, elsewhere in made.items())
    return changes


def is_broken(document: Document, project: Project) -> bool:
    """Whether a document has a syntax error, be that rule asked for or not."""
    if not any(block.is_broken for block in document.blocks):
        return False
    report = analyze(document, Project(project.root, Config(select=(_SYNTAX_ERROR,))), lanes=Lane.FAST)
    return bool(report.findings or report.suppressed)


def by_path(path: str, edits: Iterable[Edit]) -> dict[str, list[Edit]]:
    """Edits by the file they belong to; those that name none belong to `path`."""
    found: dict[str, list[Edit]] = {}
    for edit in edits:
        found.setdefault(edit.path or path, []).append(edit)
    return found


def _extent(text: str, edit: Edit) -> Span:
    """What an edit has for itself, so that no other fix touches it. One that makes lines has the line that it does so
    in: another one may move that line to the right.
    """
    span = edit.span
    if "\n" not in edit.text and "\r" not in edit.text:
        return span
    start = max(text.rfind("\n", 0, span.start), text.rfind("\r", 0, span.start)) + 1
    ends = [at for at in (text.find("\n", span.end), text.find("\r", span.end)) if at >= 0]
    return Span(start, min(ends, default=len(text)))
