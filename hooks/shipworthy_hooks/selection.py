"""Which files a run is about, and the project of each: from the paths that were named.

Named, walked and piped files obey the same rules: what git ignores and what the settings exclude is
not checked. Symbolic links, submodules and nested repositories are not followed.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from shipworthy import batch, git, workspace
from shipworthy.baseline import Baseline
from shipworthy.config import Config, ConfigError, Mistake
from shipworthy.git import GitError
from shipworthy.model import Position, Problem, Range, Report
from shipworthy.sources import Files
from shipworthy.store import Store
from shipworthy.walk import Roots, files_of, walk
from shipworthy.workspace import Workspace
from shipworthy_hooks.checked import Checked, shown, trouble

LINK, SUBMODULE, _SPECIAL = "symbolic link", "submodule", "not a regular file"
_IGNORED, _GITS_OWN, _NOT_OURS = "ignored by git", "part of git's own files", "not source of the project"


@dataclass(frozen=True)
class Group(batch.Group):
    """Files of one project, by their paths relative to its root, in order.

    `settings`: the file that its settings come from, "" for none; `baseline`: where its baseline is
    or would be.
    """

    settings: str
    baseline: str


@dataclass
class Selection:
    """What is to be checked, and the verdicts that need no check: what is skipped, and what is wrong."""

    groups: list[Group] = field(default_factory=list[Group])
    settled: list[Checked] = field(default_factory=list[Checked])

    @property
    def size(self) -> int:
        """How many files there are to check."""
        return sum(len(group.paths) for group in self.groups)


@dataclass(frozen=True)
class Adjustments:
    """What the options of a command change in every project."""

    adjust: Callable[[Config], Config] = lambda settings: settings
    known: Baseline | None = None
    store: Store | None = None

    def workspace(self, root: Path, files: Files, read: Callable[[str], bytes | None]) -> Workspace:
        """The projects below a root, adjusted."""
        return Workspace(root, files, read, self.adjust, self.known, self.store)


@dataclass(frozen=True)
class Overlay:
    """Files of which one has another content: the text on stdin. See `sources.Files`."""

    under: Files
    path: str
    data: bytes

    def paths(self) -> Iterable[str]:
        """All paths."""
        return dict.fromkeys([*self.under.paths(), self.path])

    def read(self, path: str) -> bytes:
        """The content of a file. Raises OSError."""
        return self.data if path == self.path else self.under.read(path)


def of_paths(named: Iterable[str], adjustments: Adjustments) -> Selection:
    """The files that are named, and those below the folders that are named."""
    selection = Selection()
    alone: Roots = {}
    walked: Roots = {}
    root_of = workspace.roots()

    def unread(place: Path, why: str | None) -> None:
        selection.settled.append(_unread(shown(place), why))

    for name in named:
        try:
            place, is_folder = _resolved(name)
            if is_folder:
                walk(place, walked, unread, root_of)
            else:
                root = Path(root_of(str(place.parent)))
                alone.setdefault(root, {})[place.relative_to(root).as_posix()] = None
        except OSError as error:
            selection.settled.append(_unread(name, error.strerror))
        except GitError as error:
            selection.settled.append(trouble(name, f"{error}; nothing was checked here"))
    for root in sorted({*alone, *walked}):
        try:
            _collect(root, alone.get(root, {}), walked.get(root, {}), selection, adjustments)
        except GitError as error:
            selection.settled.append(trouble(shown(root), f"{error}; nothing was checked here"))
    return selection


def of_text(name: str, data: bytes, adjustments: Adjustments) -> Selection:
    """One file whose text is not on the disk (yet), as if it stood at `name`."""
    selection = Selection()
    place = Path(name).absolute()
    place = place.parent.resolve() / place.name
    root = workspace.root_of(place.parent)
    path = place.relative_to(root).as_posix()
    try:
        skip = _skips(root, [path]).get(path, "")
    except GitError as error:
        selection.settled.append(trouble(shown(place), str(error)))
        return selection
    if skip:
        selection.settled.append(Checked(Report(path, skipped=skip), shown(place)))
        return selection
    files = Overlay(files_of(root), path, data)
    group(selection, adjustments.workspace(root, files, workspace.disk(root)), files, root, [path])
    return selection


def group(selection: Selection, opened: Workspace, files: Files, root: Path, paths: Iterable[str]) -> None:
    """Sort files into the projects that decide over them; say what is wrong with a project's settings."""
    groups: dict[str, list[str]] = {}
    broken: dict[str, int] = {}
    for path in paths:
        settings = opened.settings_file(path)
        try:
            opened.project_of(path)
            groups.setdefault(settings, []).append(path)
        except ConfigError as error:
            if settings not in broken:
                selection.settled.extend(_mistaken(mistake) for mistake in error.mistakes)
            broken[settings] = broken.get(settings, 0) + 1
    for settings, count in broken.items():
        message = f"{count} file{'s' if count > 1 else ''} not checked because of the mistakes above"
        selection.settled.append(trouble(shown(root / settings), message))
    for settings, found in groups.items():
        project = opened.project_of(found[0])
        selection.groups.append(Group(project, files, tuple(found), settings, opened.baseline_file(project)))


def _mistaken(mistake: Mistake) -> Checked:
    at = Range(Position(mistake.line, 1), Position(mistake.line, 1))
    path = shown(Path(mistake.path))
    return Checked(Report(path, problems=(Problem(mistake.message, at),)), path)


def _resolved(name: str) -> tuple[Path, bool]:
    """Where a named file or folder really stands, and whether it is a folder. Raises OSError.

    Folders on the way to a file may be links; the file itself is looked at as what it is.
    """
    place = Path(name).absolute()
    mode = place.lstat().st_mode
    if stat.S_ISDIR(mode) or (stat.S_ISLNK(mode) and place.is_dir()):
        return place.resolve(), True
    return place.parent.resolve() / place.name, False


def _unread(place: str, why: str | None) -> Checked:
    reason = why or "cannot be read"
    return trouble(place, f"{reason[:1].lower()}{reason[1:]}; nothing was checked here")


def _collect(
    root: Path,
    alone: Iterable[str],
    walked: Iterable[str],
    selection: Selection,
    adjustments: Adjustments,
) -> None:
    """Sort out the files of one root: those that are skipped, and those to be checked."""
    skips = _skips(root, alone)
    chosen: list[str] = []
    for path in sorted({*alone, *walked}):
        try:
            kind = _kind(f"{root}/{path}")
        except OSError as error:
            selection.settled.append(_unread(shown(root / path), error.strerror))
            continue
        if kind is None:
            continue
        skip = kind or skips.get(path, "")
        if skip:
            selection.settled.append(Checked(Report(path, skipped=skip), shown(root / path)))
        else:
            chosen.append(path)
    files = files_of(root)
    group(selection, adjustments.workspace(root, files, workspace.disk(root)), files, root, chosen)


def _kind(place: str) -> str | None:
    """Why a file is skipped for what it is, "" if it is not; None if there is none. Raises OSError."""
    try:
        mode = os.lstat(place).st_mode
    except (FileNotFoundError, NotADirectoryError):
        return None
    if stat.S_ISREG(mode):
        return ""
    return SUBMODULE if stat.S_ISDIR(mode) else LINK if stat.S_ISLNK(mode) else _SPECIAL


def _skips(root: Path, paths: Iterable[str]) -> Mapping[str, str]:
    """Why git, or the lack of git, has files of a root skipped. Raises GitError."""
    found: dict[str, str] = {}
    asked: list[str] = []
    inside = git.repository(root)
    for path in paths:
        folders = path.split("/")[:-1]
        if ".git" in folders:
            found[path] = _GITS_OWN
        elif inside is None and not workspace.NOT_OURS.isdisjoint(folders):
            found[path] = _NOT_OURS
        else:
            asked.append(path)
    if inside is not None:
        found.update(dict.fromkeys(git.ignored(inside, asked), _IGNORED))
    return found
