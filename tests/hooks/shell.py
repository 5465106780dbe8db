"""A folder to work in, with the real command and real git, and nothing of this machine's settings."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SWALLOWED = "try:\n    work()\nexcept:\n    pass\n"
"""One finding that blocks: a warning of the rule `swallowed-exception`, without a safe fix."""


@dataclass
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str


@dataclass
class Shell:
    """Runs commands in `folder`. Its environment is its own: home, cache, git's settings.

    `prefix`: the program that `shipworthy` is started by, with its arguments.
    """

    folder: Path
    variables: dict[str, str] = field(default_factory=dict[str, str])
    prefix: tuple[str, ...] = ()

    @property
    def environment(self) -> dict[str, str]:
        """Few variables are inherited; none that git, colours or caches listen to."""
        kept = ("PATH", "SYSTEMROOT", "TEMP", "TMP", "LANG", "PATHEXT", "COMSPEC")
        network = [
            name
            for name in os.environ
            if name.startswith(("PIP_", "UV_", "SSL_", "REQUESTS_")) or "_proxy" in name.lower()
        ]
        home = self.folder.parent / "home"
        home.mkdir(exist_ok=True)
        return {
            **{name: os.environ[name] for name in (*kept, *network) if name in os.environ},
            "HOME": str(home),
            "USERPROFILE": str(home),
            "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
            "SHIPWORTHY_CACHE_DIR": str(self.folder.parent / "cache"),
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_AUTHOR_NAME": "a",
            "GIT_AUTHOR_EMAIL": "a@example.org",
            "GIT_COMMITTER_NAME": "a",
            "GIT_COMMITTER_EMAIL": "a@example.org",
            **self.variables,
        }

    def give_up_rights(self) -> None:
        """From now on the modes of files hold for `shipworthy` even if root runs the tests."""
        if os.geteuid() == 0:
            self.prefix = ("setpriv", "--bounding-set=-dac_override,-dac_read_search")

    def run(self, *command: str, given: bytes | None = None, folder: Path | None = None, seconds: float = 120) -> Done:
        """Run any command; it must end in time."""
        done = subprocess.run(
            command,
            cwd=folder or self.folder,
            env=self.environment,
            input=given,
            stdin=subprocess.DEVNULL if given is None else None,
            capture_output=True,
            timeout=seconds,
            check=False,
        )
        return Done(done.returncode, done.stdout.decode(), done.stderr.decode())

    def run_bytes(self, *arguments: str) -> bytes:
        """What `shipworthy` writes to stdout, to the byte."""
        command = (*self.prefix, sys.executable, "-m", "shipworthy_hooks", *arguments)
        done = subprocess.run(
            command, cwd=self.folder, env=self.environment, capture_output=True, timeout=120, check=False
        )
        return done.stdout

    def ship(self, *arguments: str, given: bytes | None = None, folder: Path | None = None) -> Done:
        """Run `shipworthy`. It must never show a traceback."""
        done = self.run(*self.prefix, sys.executable, "-m", "shipworthy_hooks", *arguments, given=given, folder=folder)
        assert "Traceback" not in done.err, done.err
        return done

    def findings(self, *arguments: str) -> list[dict[str, Any]]:
        """What `shipworthy check` finds."""
        done = self.ship("check", "--output-format", "jsonl", *arguments)
        return [json.loads(line) for line in done.out.splitlines()]

    def report(self, *arguments: str) -> dict[str, Any]:
        """The whole report of `shipworthy check`."""
        found: dict[str, Any] = json.loads(self.ship("check", "--output-format", "json", *arguments).out)
        return found

    def git(self, *arguments: str) -> str:
        """Run git; it must succeed."""
        done = self.run("git", *arguments)
        assert done.code == 0, done.err
        return done.out.strip()

    def write(self, path: str, content: str | bytes = SWALLOWED) -> Path:
        """Write a file below the folder."""
        place = self.folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content if isinstance(content, bytes) else content.encode())
        return place

    def commit(self, message: str = "change") -> None:
        """Commit everything."""
        self.git("add", "-A")
        self.git("commit", "-q", "--no-verify", "-m", message)
