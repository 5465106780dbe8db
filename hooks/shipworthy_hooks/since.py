"""Which lines are new since a revision, and which findings therefore are."""

from __future__ import annotations

import difflib
import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from shipworthy import git, sources
from shipworthy.git import Blobs, GitError, Repository
from shipworthy.model import Finding
from shipworthy_hooks.checked import Checked, shown, trouble


@dataclass(frozen=True)
class _Base:
    """What a repository held at the merge base: the content of each path, by its name."""

    blobs: Blobs
    names: dict[str, str]


def only_new(
    results: Iterable[Checked], revision: str, hook: Repository | None = None, folders: Iterable[str] = ()
) -> Iterator[Checked]:
    """The results with the findings on lines older than the merge base with `revision` set aside.

    Of a file in no repository everything is new. A repository that does not know the revision is
    reported once, and its findings all count. `hook`: the repository of the hook that we run in.
    `folders`: where there must be a repository that knows the revision, even if nothing is found there.
    """
    bases: dict[str, _Base | None] = {}
    for folder in folders:
        bases[folder] = None
        try:
            bases[folder] = _base(folder, revision, hook)
            if bases[folder] is None:
                yield trouble(shown(Path(folder)), "--new-since: this is no git repository; leave the option out")
        except GitError as error:
            yield trouble(shown(Path(folder)), f"--new-since: {error}")
    for checked in results:
        root = checked.project.root if checked.project is not None else ""
        if not root or checked.files is None or not checked.report.findings:
            yield checked
            continue
        if root not in bases:
            bases[root] = None
            try:
                bases[root] = _base(root, revision, hook)
            except GitError as error:
                yield trouble(shown(Path(root)), f"--new-since: {error}")
        yield _sorted_out(checked, bases[root])


def _base(root: str, revision: str, hook: Repository | None) -> _Base | None:
    inside = hook if hook is not None and hook.top == root else git.repository(Path(root))
    if inside is None:
        return None
    return _Base(Blobs(inside), git.blobs_at(inside, git.merge_base(inside, revision)))


def _sorted_out(checked: Checked, base: _Base | None) -> Checked:
    path = checked.report.path
    if base is None or path not in base.names or checked.files is None:
        return checked
    try:
        before, after = base.blobs.read(base.names[path]), checked.files.read(path)
    except OSError:
        return checked
    new = _new_lines(_lines(before), _lines(after))
    older = tuple(finding for finding in checked.report.findings if new.isdisjoint(_lines_of(finding)))
    kept = tuple(finding for finding in checked.report.findings if finding not in older)
    return replace(checked, report=replace(checked.report, findings=kept), older=older)


def _lines_of(finding: Finding) -> range:
    return range(finding.range.start.line, finding.range.end.line + 1)


def _new_lines(before: list[str], after: list[str]) -> frozenset[int]:
    """The numbers (from 1) of the lines of `after` that `before` did not have."""
    same = sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], zip(before, after, strict=False)))
    ends = zip(reversed(before[same:]), reversed(after[same:]), strict=False)
    same_end = sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], ends))
    old, new = before[same : len(before) - same_end], after[same : len(after) - same_end]
    changes = difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    return frozenset(
        same + line
        for kind, _, _, start, end in changes
        if kind in ("insert", "replace")
        for line in range(start + 1, end + 1)
    )


def _lines(data: bytes) -> list[str]:
    """The lines of a file without their ends, which git may have changed."""
    decoded = sources.decode(data, len(data))
    if not isinstance(decoded, sources.Text):
        return []
    return decoded.text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
