"""From a URI to the project that decides over it, kept in step with the disk and the open buffers.

The engine opens projects; this module says when what it read is stale, keeps the last good settings
in force while new ones are broken, and lets open buffers speak for their files.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from shipworthy import config, git, sources
from shipworthy import workspace as engine
from shipworthy.cache import Memory
from shipworthy.config import ConfigError, Mistake
from shipworthy.document import Document
from shipworthy.git import GitError
from shipworthy.index import Index
from shipworthy.language import Language, detect, of_file
from shipworthy.project import Project
from shipworthy.sources import Files
from shipworthy.walk import files_of
from shipworthy_server.uris import name_of, path_of

SETTINGS_FILES = (*config.FILE_NAMES, "ruff.toml", ".ruff.toml", ".bandit", ".gitignore", engine.BASELINE)
"""Names of the files that decide how others are checked."""

_OPEN_DOCUMENTS = 1000
"""Of how many documents the last evaluation is kept; one of more open documents is checked from the start."""

_BLOCKS = 1_000
"""Of how many blocks results are kept besides: what is typed is seldom typed again."""

_ANSWERS = 10_000
"""How many answers of backends are kept besides: at least those of one large document, while it is looked at."""

Stamp = tuple[int, int] | None


@dataclass(frozen=True)
class Place:
    """Where a document stands: `path` relative to `root`. `is_file`: it has a path of its own on the disk.

    `skip`: why a file is not looked at for what it is; `guessed`: its text is a guess, see sources.py.
    """

    root: Path
    path: str
    is_file: bool = True
    skip: str = ""
    guessed: bool = False


@dataclass(frozen=True)
class Home:
    """What decides over a document. `skip`: why it is not looked at; `problem`: why that could not be told.

    `baseline`: the path of the baseline that may hold its findings; "" for a document that is no file.
    """

    project: Project
    memory: Memory
    skip: str = ""
    problem: str = ""
    baseline: str = ""

    @classmethod
    def unknown(cls, place: Place) -> Home:
        """The home of a document of which nothing could be told."""
        return cls(Project(str(place.root)), Memory())

    def reason_to_skip(self, document: Document) -> str:
        """Why a document is not looked at; "" if it is."""
        most, size = self.project.config.max_file_size, len(document.text)
        if self.skip or size * 4 <= most:
            return self.skip
        is_larger = size > most or len(document.text.encode("utf-8", "surrogatepass")) > most
        return f"larger than {most:,} bytes (max-file-size)" if is_larger else ""


@dataclass
class BufferFiles:
    """The files of the disk, but what is open in the editor is read from there."""

    disk: Files
    open: dict[str, Callable[[], str]] = field(default_factory=dict[str, Callable[[], str]])

    def paths(self) -> Iterable[str]:
        """All paths that the disk has."""
        return self.disk.paths()

    def read(self, path: str) -> bytes:
        """The content of a file. Raises OSError."""
        text = self.open.get(path)
        return text().encode("utf-8", "replace") if text is not None else self.disk.read(path)


class Workspace:
    """All roots that documents were opened in.

    `home`, `changed_on_disk` and `renewed` may take a while and are made for threads; the others are not.
    """

    def __init__(self, folders: Iterable[Path] = ()) -> None:
        self.folders = list(folders)
        self._roots: dict[Path, _Root] = {}
        self._lock = threading.Lock()

    def place(self, uri: str, notebook: str = "") -> Place:
        """Where the document of a URI stands. Folders on the way to a file may be links, as for the command.

        The cells of a notebook stand where it does, though they are not what its file holds.
        """
        path = path_of(notebook or uri)
        if path is None:
            folder = self.folders[0] if self.folders else Path.cwd()
            return Place(engine.root_of(folder), name_of(notebook or uri), is_file=False)
        path = path.parent.resolve() / path.name
        root = engine.root_of(path.parent)
        if notebook:
            return Place(root, path.relative_to(root).as_posix(), is_file=False)
        skip, guessed = _as_on_disk(path)
        return Place(root, path.relative_to(root).as_posix(), skip=skip, guessed=guessed)

    def language(self, place: Place, text: str, editor_language: str) -> Language:
        """The language of a document. A file has the one that the command would see, whatever the editor calls it."""
        if place.is_file:
            return of_file(place.path, text, guessed=place.guessed)
        return detect("", text, editor_language)

    def home(self, place: Place) -> Home:
        """What decides over a document. Reads settings and asks git, if that was not done before."""
        with self._lock:
            return self._root(place.root).home(place)

    def opened(self, place: Place, text: Callable[[], str]) -> None:
        """From now on a buffer speaks for a file."""
        if place.is_file:
            self._root(place.root).files.open[place.path] = text

    def closed(self, place: Place) -> None:
        """The disk speaks for a file again."""
        root = self._root(place.root)
        root.files.open.pop(place.path, None)
        root.memory.last.drop(place.path)
        root.forget([place.path])

    def mistakes(self) -> Mapping[Path, tuple[Mistake, ...]]:
        """What is wrong in the settings files that are in use, by file."""
        found: dict[Path, tuple[Mistake, ...]] = {}
        for mistake in (one for root in list(self._roots.values()) for one in root.mistakes):
            path = Path(mistake.path)
            found[path] = (*found.get(path, ()), mistake)
        return found

    def baselines(self) -> set[str]:
        """The names of the baselines that the projects have, or would have."""
        return {name for root in list(self._roots.values()) for name in list(root.baselines)}

    def changed_on_disk(self, paths: Iterable[Path]) -> list[Path]:
        """Files have changed, come or gone; the roots of which the verdicts may have changed by that."""
        by_root: dict[Path, list[str]] = {}
        for path in paths:
            for folder in list(self._roots):
                if path.is_relative_to(folder):
                    by_root.setdefault(folder, []).append(path.relative_to(folder).as_posix())
        renewed = self.renewed()
        with self._lock:
            return renewed + [
                folder
                for folder, names in by_root.items()
                if folder not in renewed and self._roots[folder].forget(self._roots[folder].with_contents(names))
            ]

    def renewed(self) -> list[Path]:
        """Read the settings of those roots anew whose settings files are not as they were; these roots."""
        with self._lock:
            stale = [folder for folder, root in list(self._roots.items()) if root.is_stale()]
            for folder in stale:
                self._roots[folder].renew()
        return stale

    def _root(self, folder: Path) -> _Root:
        return self._roots.get(folder) or self._roots.setdefault(folder, _Root(folder))


class _Root:
    """One root: its projects, what git ignores there, and the state of the files that this was read from."""

    def __init__(self, folder: Path) -> None:
        self.files = BufferFiles(files_of(folder))
        self._folder = folder
        self.memory = Memory(_BLOCKS, _ANSWERS, _OPEN_DOCUMENTS)
        self.baselines: set[str] = set()
        self._good: dict[str, Project] = {}
        self.renew()

    @property
    def mistakes(self) -> list[Mistake]:
        """What is wrong in the settings files that were read."""
        return [mistake for mistakes in list(self._broken.values()) for mistake in mistakes]

    def renew(self) -> None:
        """Read everything anew when it is asked for."""
        self.files.disk = files_of(self._folder)
        self._stamps: dict[Path, Stamp] = {}
        self._homes: dict[Place, Home] = {}
        self._broken: dict[str, tuple[Mistake, ...]] = {}
        self._fallback: dict[str, Project] = {}
        self._projects = engine.Workspace(self._folder, self.files, self._read)

    def is_stale(self) -> bool:
        """Whether a file that was read, or looked for, is not as it was then."""
        return any(_stamp(path) != stamp for path, stamp in self._stamps.items())

    def forget(self, paths: Iterable[str]) -> bool:
        """Files have changed; whether that can matter to other files."""
        self.files.disk = files_of(self._folder)
        indexes = {project.index for project in list(self._good.values()) if project.index is not None}
        for index in indexes:
            for path in paths:
                index.forget(path)
        return bool(indexes)

    def with_contents(self, paths: Collection[str]) -> set[str]:
        """The paths, and those of all files that are or were below them: a folder that is moved is told as one."""
        folders = tuple(f"{path}/" for path in paths if not (self._folder / path).is_file())
        found = {*paths}
        with contextlib.suppress(GitError):
            for files in (self.files.disk, files_of(self._folder)) if folders else ():
                found.update(path for path in files.paths() if path.startswith(folders))
        return found

    def home(self, place: Place) -> Home:
        """What decides over a document of this root; looked up once, until something is read anew."""
        if place not in self._homes:
            project = self._project(place.path)
            try:
                skip = (place.skip or self._skip(project, place.path)) if place.is_file else ""
                baseline = self._projects.baseline_file(project) if place.is_file else ""
                self._homes[place] = Home(project, self.memory, skip, baseline=baseline)
            except GitError as error:
                return Home(project, self.memory, problem=str(error))
        return self._homes[place]

    def _project(self, path: str) -> Project:
        """The project of a file; while its settings are broken, as it was when they were last good."""
        name = self._projects.settings_file(path)
        try:
            project = self._good[name] = self._projects.project_of(path)
            self.baselines.add(PurePosixPath(self._projects.baseline_file(project)).name)
        except ConfigError as error:
            self._broken[name] = error.mistakes
        return self._good.get(name) or self._fallback.setdefault(name, self._with_defaults(name))

    def _with_defaults(self, name: str) -> Project:
        folder = PurePosixPath(name).parent.as_posix()
        return Project(str(self._folder), folder="" if folder == "." else folder, index=Index(self.files))

    def _skip(self, project: Project, path: str) -> str:
        folders, inside = path.split("/")[:-1], git.repository(self._folder)
        if ".git" in folders:
            return "part of git's own files"
        if inside is None and not engine.NOT_OURS.isdisjoint(folders):
            return "not source of the project"
        if project.is_excluded(path):
            return "excluded by the settings"
        if inside is None:
            return ""
        for folder in Path(path).parents:
            self._note(self._folder / folder / ".gitignore")
        self._note(self._folder / ".git" / "info" / "exclude")
        return "ignored by git" if path in git.ignored(inside, [path]) else ""

    def _read(self, path: str) -> bytes | None:
        self._note(self._folder / path)
        return engine.disk(self._folder)(path)

    def _note(self, path: Path) -> None:
        self._stamps.setdefault(path, _stamp(path))


def _stamp(path: Path) -> Stamp:
    """What changes whenever a file does; None if there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size


def _as_on_disk(path: Path) -> tuple[str, bool]:
    """Why a file is skipped for what it is, and whether its text is a guess. The editor's text does not tell."""
    try:
        if path.is_symlink():
            return "a symbolic link", False
        decoded = sources.decode_file(path.name, sources.read_regular(path), sources.LARGEST)
    except OSError:
        return "", False
    return ("", decoded.guessed) if isinstance(decoded, sources.Text) else (decoded.reason, False)
