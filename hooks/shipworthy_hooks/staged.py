"""The files that a commit is about to change, with the content that it would have.

What is checked is the index, not the disk: of a file that is staged in part, the staged part. The
settings, the baseline and what files know of each other come from the index too.
"""

from __future__ import annotations

from pathlib import Path

from shipworthy import git, workspace
from shipworthy.foreign import Read
from shipworthy.git import Entry, GitError, StagedFiles
from shipworthy.model import Problem, Report
from shipworthy_hooks.checked import Checked, shown, trouble
from shipworthy_hooks.selection import LINK, SUBMODULE, Adjustments, Selection, group

_CONFLICT = "has a merge conflict: resolve it and `git add` the file"


def of_index(folder: Path, adjustments: Adjustments) -> Selection:
    """What would be committed now, in the repository that `folder` lies in."""
    selection = Selection()
    inside = git.repository_of_hook(folder)
    if inside is None:
        message = "is in no git repository; name the files to check, or run this in a repository"
        selection.settled.append(trouble(shown(folder), message))
        return selection
    root = Path(inside.top)
    try:
        changed = git.staged(inside)
    except GitError as error:
        selection.settled.append(trouble(shown(root), f"{error}; nothing was checked"))
        return selection
    files = StagedFiles(inside)
    chosen: list[str] = []
    for entry in changed:
        settled = _settled(entry)
        if settled is None:
            chosen.append(entry.path)
        else:
            selection.settled.append(Checked(settled, shown(root / entry.path)))
    group(selection, adjustments.workspace(root, files, _settings(root, files)), files, root, sorted(chosen))
    return selection


def _settled(entry: Entry) -> Report | None:
    if entry.stage:
        return Report(entry.path, problems=(Problem(_CONFLICT),))
    if entry.is_file:
        return None
    return Report(entry.path, skipped=SUBMODULE if entry.is_submodule else LINK)


def _settings(root: Path, files: StagedFiles) -> Read:
    """Reads settings from the index; behind a symbolic link, from the disk."""
    from_disk = workspace.disk(root)

    def read(path: str) -> bytes | None:
        try:
            return files.read(path)
        except OSError:
            return from_disk(path) if (root / path).is_symlink() else None

    return read
