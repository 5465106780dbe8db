"""Backends in a process of their own: however long one takes, typing is not slowed by it.

In a thread they would hold the interpreter's lock half of the time. A process that dies or hangs
costs the answers that it was asked for; the next question starts another one. It ends with the
server, in whatever way that ends, since then its input does.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Sequence

from shipworthy import backends
from shipworthy.backends import Answer, Backend, Source
from shipworthy.model import Lane

_PATIENCE = 60.0
"""Seconds after which a backend counts as hung."""

_IN_PYTHON = Lane.BANDIT | Lane.RADON
"""Lanes whose tools run in Python; ruff is a program of its own already."""


class Apart:
    """Asks backends. To be used from one thread."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def run(self, backend: Backend, sources: Sequence[Source]) -> Sequence[Answer]:
        """The answers of a backend, as its own `run` gives them."""
        if backend.lane not in _IN_PYTHON:
            return backend.run(sources)
        process = self._process = self._process or _started()
        assert process.stdin is not None and process.stdout is not None
        limit = threading.Timer(_PATIENCE, process.kill)
        limit.start()
        try:
            pickle.dump((backend.name, sources), process.stdin)
            process.stdin.flush()
            answers: Sequence[Answer] = pickle.load(process.stdout)
        except (OSError, EOFError, pickle.UnpicklingError):
            process.kill()
            self._process = None
            problem = f"crashed, or gave no answer within {_PATIENCE:.0f} seconds; the next change tries again"
            return [Answer(problem=problem) for _ in sources]
        finally:
            limit.cancel()
        return answers


def _started() -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        # -P: a module in the folder that the editor runs us in is not ours to import.
        [sys.executable, "-P", "-m", "shipworthy_server.apart"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )


def _serve() -> None:
    """In the other process: answer until the questions end."""
    questions, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    while True:
        try:
            name, sources = pickle.load(questions)
        except EOFError:
            return
        pickle.dump(backends.load(name).run(sources), answers)
        answers.flush()


if __name__ == "__main__":
    _serve()
