"""Further files that a fix writes, such as `.env`: put on the disk, or shown as a difference without their values."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Protocol

from shipworthy import git, sources
from shipworthy.git import GitError
from shipworthy.model import Report, Span
from shipworthy.secrets.companions import PLACEHOLDER, holds_values
from shipworthy.sources import Text
from shipworthy_hooks.checked import Checked
from shipworthy_hooks.differences import Change, Side
from shipworthy_hooks.output.frames import masked
from shipworthy_hooks.output.plain import visible

_PRIVATE = 0o600
_VALUE = re.compile(r"=(?P<value>[^\r\n]+)")


class Others(Protocol):
    """Where the further files of a run's fixes go."""

    def made(self, checked: Checked) -> Mapping[str, str]:
        """What fixes have made of further files of a project that are not so on its disk, by path."""
        ...

    def write(self, checked: Checked, texts: Mapping[str, str]) -> str:
        """Put all further files of a project, by path, where they belong, or none; why it could not, or ""."""
        ...


class OnDisk:
    """See `Others`."""

    def made(self, checked: Checked) -> Mapping[str, str]:
        """Nothing: all that was made is on the disk."""
        return {}

    def write(self, checked: Checked, texts: Mapping[str, str]) -> str:
        """Replace or create files, each at once, those with values last; a new one is for its owner alone."""
        root = _root(checked)
        problem = _refusal(checked, texts)
        before: dict[Path, bytes | None] = {}
        for path, text in sorted(texts.items(), key=lambda one: holds_values(one[0])):
            place = root / path
            if problem:
                break
            if holds_values(path) and _is_exposed(place):
                problem = _unmoved(checked.show(path), _IS_EXPOSED)
                break
            old = sources.read_regular(place) if place.is_file() and not place.is_symlink() else None
            failure = _write(place, text)
            if failure:
                problem = f"could not be fixed: {checked.show(path)} {failure}"
            else:
                before[place] = old
        if problem:
            _undo(before)
        return problem


class Shown:
    """Takes what would be written, and shows it. See `Others`."""

    def __init__(self) -> None:
        self._made: dict[str, tuple[Checked, Mapping[str, str]]] = {}

    def made(self, checked: Checked) -> Mapping[str, str]:
        """What would have been made by now."""
        kept = self._made.get(str(_root(checked)))
        return kept[1] if kept is not None else {}

    def write(self, checked: Checked, texts: Mapping[str, str]) -> str:
        """Keep what would be written, if it would."""
        problem = _refusal(checked, texts)
        if not problem:
            self._made[str(_root(checked))] = checked, texts
        return problem

    def differences(self) -> Iterator[Checked]:
        """What would become of each of the files."""
        for checked, texts in self._made.values():
            for path, text in texts.items():
                shown = checked.show(path)
                yield Checked(Report(path), shown, diff=_difference(shown, _text(checked, path), text))


def _root(checked: Checked) -> Path:
    assert checked.project is not None
    return Path(checked.project.root)


_IS_EXPOSED = "git does not ignore it; see that a `.gitignore` names it, and run this again"


def _refusal(checked: Checked, texts: Mapping[str, str]) -> str:
    """Why files cannot be written for what they are already; "" if nothing is known against it."""
    for path in texts:
        place, shown = _root(checked) / path, checked.show(path)
        if place.is_symlink():
            return _unmoved(shown, "it is a symbolic link; write to it yourself")
        if holds_values(path) and _is_tracked(place):
            return _unmoved(shown, f"git tracks it; take it out with `git rm --cached {shown}`, and run this again")
        if holds_values(path) and ".gitignore" not in texts and _is_exposed(place):
            return _unmoved(shown, _IS_EXPOSED)
    return ""


def _unmoved(path: str, why: str) -> str:
    return f"no secret was moved to {path}, for {why}"


def _is_tracked(path: Path) -> bool:
    inside = git.repository(path.parent)
    try:
        return inside is not None and git.is_tracked(inside, path.relative_to(inside.top).as_posix())
    except (GitError, ValueError):
        return False


def _is_exposed(path: Path) -> bool:
    """Whether git would commit a file. Where there is no git, nobody can."""
    inside = git.repository(path.parent)
    if inside is None:
        return False
    try:
        name = path.relative_to(inside.top).as_posix()
        return name not in git.ignored(inside, [name])
    except (GitError, ValueError):
        return False


def _difference(shown: str, old: str, new: str) -> bytes:
    """What would be added to a file: secrets are masked, and of what is new everything behind a `=`."""
    since = len(old) if new.startswith(old) else 0
    values = [Span(*match.span("value")) for match in _VALUE.finditer(new, since) if match["value"] != PLACEHOLDER]
    was = masked(Text(old), Report(shown), None)
    will = masked(Text(new), Report(shown), None, also=values)
    if was is None or will is None:
        return f"# {visible(shown)} would be changed, but its lines cannot be shown in time\n".encode()
    return Change(Side.of(old.encode(), was), Side.of(new.encode(), will)).unified(shown)


def _text(checked: Checked, path: str) -> str:
    index = checked.project.index if checked.project is not None else None
    return (index.text(path) if index is not None else None) or ""


def _undo(before: Mapping[Path, bytes | None]) -> None:
    """Leave files as they were."""
    for place, data in before.items():
        if data is None:
            place.unlink(missing_ok=True)
        else:
            place.write_bytes(data)


def _write(path: Path, text: str) -> str:
    temporary = ""
    try:
        mode = path.stat().st_mode & 0o7777 if path.exists() else _PRIVATE
        data = text.encode("utf-8")
        if path.exists():
            old = sources.decode(sources.read_regular(path), sources.LARGEST)
            if not isinstance(old, sources.Text) or not text.startswith(old.text):
                return "was changed meanwhile; run this again"
            data = old.encode(text)
        elif path.name != ".env":
            mode = 0o644
        descriptor, temporary = tempfile.mkstemp(prefix=".shipworthy-", dir=path.parent)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(mode)
        Path(temporary).replace(path)
        temporary = ""
    except (OSError, UnicodeEncodeError) as error:
        return f"could not be written: {getattr(error, 'strerror', None) or type(error).__name__}"
    finally:
        if temporary:
            Path(temporary).unlink(missing_ok=True)
    return ""
