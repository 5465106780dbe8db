"""An exception in one line that quotes nothing of what was being read: it may hold a secret."""

from __future__ import annotations

import traceback
from pathlib import PurePath


class RefusedError(Exception):
    """A request that cannot be granted. The message is ours from end to end and is shown to the user."""


def described(error: BaseException) -> str:
    """The kind of an exception and where in our source it came up, e.g. `KeyError at session.py:120`."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "shipworthy" in PurePath(frame.filename).parent.as_posix()]
    for frame in reversed(ours or frames):
        return f"{type(error).__name__} at {PurePath(frame.filename).name}:{frame.lineno}"
    return type(error).__name__
