"""The files below a folder, by the root that each is checked under. Asks git, so it is for the front doors alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from shipworthy import git, workspace
from shipworthy.sources import Files
from shipworthy.workspace import FolderFiles

Roots = dict[Path, dict[str, None]]
"""Paths by the root that they are relative to, each once."""


def files_of(root: Path) -> Files:
    """The files of a root, as they are on the disk."""
    inside = git.repository(root)
    return git.WorkTreeFiles(inside) if inside is not None else FolderFiles(str(root))


def walk(
    folder: Path,
    roots: Roots,
    on_unread: Callable[[Path, str | None], None],
    root_of: Callable[[str], str] | None = None,
) -> None:
    """Put the files below a folder into `roots`; those that git ignores are left out. Raises GitError.

    Nested repositories are entered from a folder that is in none. `on_unread` hears of every folder that
    cannot be read, a nested repository that git refuses among them, and why. `root_of`: of `workspace.roots`.
    """
    root_of = root_of or workspace.roots()
    top = workspace.repository_top(folder)
    inside = git.repository(folder)
    if top is not None and inside is not None:
        below = folder.relative_to(top).as_posix()
        found = git.visible(inside, "" if below == "." else below, lambda place, why: on_unread(top / place, why))
        roots.setdefault(top, {}).update(dict.fromkeys(found))
        return
    failed: list[OSError] = []
    places: dict[str, tuple[dict[str, None], str]] = {}
    for path in workspace.below(folder, failed.append):
        if path.endswith("/"):
            try:
                walk(folder / path, roots, on_unread, root_of)
            except git.GitError as error:
                on_unread(folder / path, str(error))
            continue
        inner, _, name = path.rpartition("/")
        if inner not in places:
            place = folder / inner
            root = Path(root_of(str(place)))
            prefix = "" if place == root else f"{place.relative_to(root).as_posix()}/"
            places[inner] = roots.setdefault(root, {}), prefix
        known, prefix = places[inner]
        known[f"{prefix}{name}"] = None
    for failure in failed:
        on_unread(Path(failure.filename), failure.strerror)
