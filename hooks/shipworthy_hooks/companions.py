"""Further files that a fix writes, such as `.env`: put on the disk, or shown as a difference without their values."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from shipworthy import git, sources
from shipworthy.git import GitError
from shipworthy.model import Span
from shipworthy.secrets.companions import PLACEHOLDER, holds_values
from shipworthy_hooks.checked import Checked
from shipworthy_hooks.differences import Change, Side
from shipworthy_hooks.output.frames import Masked

WriteOthers = Callable[[Checked, Mapping[str, str]], str]
"""`write(checked, texts)`: puts further files, by path, where they belong; why it could not, or ""."""

_PRIVATE = 0o600
_VALUE = re.compile(r"=(?P<value>[^\r\n]+)")


def write_to_disk(checked: Checked, texts: Mapping[str, str]) -> str:
    """Replace or create files, each at once, those with values last; a new one is for its owner alone."""
    assert checked.project is not None
    root = Path(checked.project.root)
    for path, text in sorted(texts.items(), key=lambda one: holds_values(one[0])):
        exposed = "is in git, or will be: take it out with `git rm --cached`, and see that git ignores it"
        problem = exposed if holds_values(path) and _is_exposed(root / path) else _write(root / path, text)
        if problem:
            return f"could not be fixed: {path} {problem}"
    return ""


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


def differences(checked: Checked, texts: Mapping[str, str]) -> bytes:
    """What would be added to each file: what is behind a `=` is masked."""
    return b"".join(
        Change(_side(_text(checked, path)), _side(text)).unified(checked.show(path)) for path, text in texts.items()
    )


def _side(text: str) -> Side:
    values = (match.span("value") for match in _VALUE.finditer(text) if match["value"] != PLACEHOLDER)
    return Side.of(text.encode(), Masked(text, (Span(*value) for value in values)))


def _text(checked: Checked, path: str) -> str:
    index = checked.project.index if checked.project is not None else None
    return (index.text(path) if index is not None else None) or ""


def _write(path: Path, text: str) -> str:
    temporary = ""
    try:
        mode = path.stat().st_mode & 0o7777 if path.exists() else _PRIVATE
        if path.is_symlink():
            return "is a symbolic link; write to it yourself"
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
