"""From a file to the project that decides over it: the root, the settings, the baseline, the index.

All front doors open projects here, so that they cannot disagree about which settings hold. Nothing
is run: a repository is recognised by its `.git`.
"""

from __future__ import annotations

import functools
import itertools
import os
import posixpath
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from shipworthy import baseline, config, foreign
from shipworthy.baseline import Baseline, BaselineError
from shipworthy.config import Config, ConfigError, Mistake
from shipworthy.foreign import Read
from shipworthy.index import Index
from shipworthy.project import Project
from shipworthy.sources import Files, read_regular
from shipworthy.store import Store

MARKERS = (
    *("shipworthy.toml", "pyproject.toml", "setup.py", "setup.cfg", "requirements.txt", "Pipfile", "manage.py"),
    "package.json",
)
"""Files at the root of a project, for files that are in no repository."""

NOT_OURS = frozenset(
    {
        ".bzr",
        ".eggs",
        ".git",
        ".hg",
        ".mypy_cache",
        ".nox",
        ".pytest_cache",
        ".ruff_cache",
        ".svn",
        ".tox",
        ".venv",
        "__pycache__",
        "__pypackages__",
        "bower_components",
        "node_modules",
        "site-packages",
        "venv",
    }
)
"""Folders that hold no source of a project. In a repository its ignore rules say so, elsewhere these names do."""

BASELINE = ".shipworthy-baseline"
"""The baseline that counts if the settings name none, next to the settings or at the root."""

_MOST_FILES = 50_000
"""So many files of a project are known to each other."""
_MOST_AROUND = 500
"""So many where nothing marks a project: a lone script may lie in somebody's home."""


_NAMES = frozenset({".git", *config.FILE_NAMES, *MARKERS})


def repository_top(folder: Path) -> Path | None:
    """The nearest folder at or above `folder` that holds a repository's `.git`."""
    return next((place for place in (folder, *folder.parents) if _is_top(str(place))), None)


def _is_top(folder: str) -> bool:
    mark = f"{folder}/.git"
    return config.is_file(f"{mark}/HEAD") or config.is_file(mark)


def root_of(folder: Path) -> Path:
    """The folder that the paths of files in `folder` are relative to.

    The top of the repository; else where the settings stand; else the nearest folder with a mark of
    a project; else where Python would look for the package that `folder` is part of; else `folder` itself.
    It follows from the folder alone, whatever else was asked for, so that all front doors agree.
    """
    return Path(roots()(str(folder)))


def is_unmarked(root: Path) -> bool:
    """Whether nothing says that this folder is the root of a project: files in others may belong to it."""
    return repository_top(root) is None and config.find(root) is None and not _is_marked(str(root))


def roots() -> Callable[[str], str]:
    """`root_of` for many folders, by their absolute paths: it looks into each folder once."""

    @functools.cache
    def may_have_marks(folder: str) -> bool:
        # To list a folder is quicker than to look for each of many names that it does not hold.
        try:
            return not _NAMES.isdisjoint(os.listdir(folder))  # noqa: PTH208  # of every folder with files
        except OSError:
            return True

    def nearest(has_mark: Callable[[str], object], may_have: Callable[[str], bool]) -> Callable[[str], str | None]:
        found: dict[str, str | None] = {}

        def look(folder: str) -> str | None:
            if folder not in found:
                above = os.path.dirname(folder)  # noqa: PTH120  # of every folder with files
                is_marked = may_have(folder) and has_mark(folder)
                found[folder] = folder if is_marked else look(above) if above != folder else None
            return found[folder]

        return look

    marks = [*(nearest(has_mark, may_have_marks) for has_mark in (_is_top, config.is_in, _is_marked))]
    marks.append(nearest(_is_no_package, lambda folder: True))
    return lambda folder: next((root for mark in marks if (root := mark(folder)) is not None), folder)


def _is_marked(folder: str) -> bool:
    return any(config.is_file(f"{folder}/{name}") for name in MARKERS)


def _is_no_package(folder: str) -> bool:
    return not config.is_file(f"{folder}/__init__.py")


def disk(root: Path) -> Read:
    """Reads settings from the disk. The reader raises OSError if a file is there but unreadable."""

    def read(path: str) -> bytes | None:
        try:
            with open(f"{root}/{path}", "rb") as file:  # noqa: PTH123  # asked of every folder
                return file.read()
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return None

    return read


@dataclass(frozen=True)
class FolderFiles:
    """The files below a folder that is no repository, listed when somebody asks. See `sources.Files`."""

    root: str

    @functools.cached_property
    def _listed(self) -> tuple[str, ...]:
        files = (path for path in below(Path(self.root)) if not path.endswith("/"))
        return tuple(itertools.islice(files, _MOST_FILES if _is_marked(self.root) else _MOST_AROUND))

    def paths(self) -> Iterable[str]:
        """The files below the folder, those near to it first; not those of repositories there."""
        return self._listed

    def read(self, path: str) -> bytes:
        """The content of a file. Raises OSError."""
        return read_regular(f"{self.root}/{path}")

    def __getstate__(self) -> dict[str, str]:
        return {"root": self.root}


def below(folder: Path, on_error: Callable[[OSError], None] = lambda error: None) -> Iterator[str]:
    """The paths of all files and links below a folder, relative to it; what is in `NOT_OURS` left out.

    A repository is not entered: its folder is among the paths, with a `/` behind it. `on_error` hears
    of every folder that cannot be read.
    """
    waiting = deque([""])
    while waiting:
        place = waiting.popleft()
        try:
            found = sorted(os.scandir(folder / place), key=lambda entry: entry.name)
        except OSError as error:
            on_error(error)
            continue
        for entry in found:
            path = f"{place}{entry.name}"
            if not entry.is_dir(follow_symlinks=False):
                yield path
            elif _is_top(entry.path):
                yield f"{path}/"
            elif entry.name not in NOT_OURS:
                waiting.append(f"{path}/")


class Workspace:
    """The projects below one root, each opened once: one for every settings file.

    `adjust` changes the settings that were read, as options of a command do. `known` takes the
    place of the baselines that the settings name. `store`: where facts are kept between runs.
    """

    def __init__(
        self,
        root: Path,
        files: Files,
        read: Read,
        adjust: Callable[[Config], Config] = lambda settings: settings,
        known: Baseline | None = None,
        store: Store | None = None,
    ) -> None:
        self._root, self._files, self._read, self._store = root, files, read, store
        self._adjust, self._known = adjust, known
        self._folders: dict[str, str] = {}
        self._projects: dict[str, Project | ConfigError] = {}
        self._indexes: dict[int, Index] = {}

    def project_of(self, path: str) -> Project:
        """The project of a file, by its path relative to the root. Raises ConfigError."""
        name = self.settings_file(path)
        if name not in self._projects:
            try:
                self._projects[name] = self._open(name)
            except ConfigError as error:
                self._projects[name] = error
        found = self._projects[name]
        if isinstance(found, ConfigError):
            raise found
        return found

    def settings_file(self, path: str) -> str:
        """The nearest settings file at or above a file; "" if there is none, and defaults hold."""
        return self._settings_in(posixpath.dirname(path))

    def baseline_file(self, project: Project) -> str:
        """Where the baseline of a project is, or would be, relative to the root."""
        return posixpath.normpath(posixpath.join(project.folder, project.config.baseline or BASELINE))

    def _settings_in(self, folder: str) -> str:
        if folder not in self._folders:
            self._folders[folder] = self._look_in(folder)
        return self._folders[folder]

    def _look_in(self, folder: str) -> str:
        for name in config.FILE_NAMES:
            path = posixpath.join(folder, name)
            data = self._settings(path)
            if data is not None and config.counts(name, data):
                return path
        return self._settings_in(posixpath.dirname(folder)) if folder else ""

    def _settings(self, path: str) -> bytes | None:
        try:
            return self._read(path)
        except OSError:
            return b""

    def _open(self, name: str) -> Project:
        folder = posixpath.dirname(name)
        settings = self._adjust(config.parse(self._content(name) or b"", self._root / name) if name else Config())
        project = Project(
            str(self._root),
            settings,
            folder,
            foreign.read(self._settings, folder),
            index=self._index(settings.max_file_size),
        )
        known = self._known if self._known is not None else self._baseline(project, name)
        return replace(project, baseline=known)

    def _index(self, limit: int) -> Index:
        """The index of all files below the root; projects share it, for all of them may know the same."""
        return self._indexes.setdefault(limit, Index(self._files, limit, self._store))

    def _baseline(self, project: Project, settings: str) -> Baseline:
        name = self.baseline_file(project)
        data = self._content(name)
        if data is None and project.config.baseline:
            raise self._mistake(settings, f"baseline {name!r} does not exist; write it with `shipworthy baseline`")
        try:
            return baseline.parse(data.decode("utf-8", "replace"), str(self._root / name)) if data else Baseline()
        except BaselineError as error:
            raise self._mistake(name, error.message, error.line) from error

    def _content(self, name: str) -> bytes | None:
        try:
            return self._read(name)
        except OSError as error:
            raise self._mistake(name, f"cannot be read: {error.strerror}; make it readable") from error

    def _mistake(self, name: str, message: str, line: int = 1) -> ConfigError:
        return ConfigError([Mistake(str(self._root / name), line, message)])
