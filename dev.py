#!/usr/bin/env python3
"""Two commands for a fresh clone; each makes its own environment in `.venv` under the clone.

python3 dev.py demo [PACKAGE]   check a package from PyPI (httpie, if none is named)
python3 dev.py test [ARGS]      lint, types, layers and all tests; ARGS go to pytest
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import venv
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent
ENVIRONMENT = ROOT / ".venv"
PROGRAMS = ENVIRONMENT / ("Scripts" if os.name == "nt" else "bin")
STAMP = ENVIRONMENT / "installed"


def main() -> int:
    """Run the command that was asked for; the exit code is that of what it ran."""
    command, *rest = sys.argv[1:] or [""]
    if sys.version_info < (3, 11):  # noqa: UP036  # this file is run before anything is installed
        return _usage(f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}")
    if command == "demo":
        return demo(rest[0] if rest else "httpie")
    if command == "test":
        return test(rest)
    return _usage(f"unknown command {command!r}" if command else "which command?")


def demo(package: str) -> int:
    """Download a package and show what Shipworthy finds in it. Nothing of the package is run."""
    install()
    with tempfile.TemporaryDirectory() as folder:
        pip = [PROGRAMS / "python", "-m", "pip", "download", "-q", "--no-deps", "--only-binary", ":all:"]
        run(*pip, "--disable-pip-version-check", "-d", folder, package)
        wheel = next(Path(folder).glob("*.whl"))
        project = Path(folder) / "-".join(wheel.name.split("-")[:2])
        with zipfile.ZipFile(wheel) as opened:
            opened.extractall(project)
        (project / "pyproject.toml").touch()  # what marks a project, so that its files know each other
        return run(PROGRAMS / "shipworthy", "check", project.name, "--exit-zero", folder=Path(folder))


def test(arguments: list[str]) -> int:
    """Everything that must pass before a change lands. Stops at the first step that fails."""
    install()
    run(PROGRAMS / "ruff", "check", ".")
    run(PROGRAMS / "ruff", "format", "--check", ".")
    run(PROGRAMS / "mypy")
    run(PROGRAMS / "pyright")
    run(PROGRAMS / "lint-imports")
    return run(PROGRAMS / "python", "-m", "pytest", "-n", "auto", *arguments)


def install() -> None:
    """Make the environment, unless it is there and made from the present pyproject.toml."""
    wanted = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    if STAMP.exists() and STAMP.read_text(encoding="utf-8") == wanted:
        return
    print("Setting up .venv (once) ...", flush=True)
    venv.create(ENVIRONMENT, with_pip=True, clear=True)
    pip = [PROGRAMS / "python", "-m", "pip", "install", "-q", "--disable-pip-version-check"]
    run(*pip, "--upgrade", "pip>=25.1")
    run(*pip, "--editable", ".", "--group", "dev")
    STAMP.write_text(wanted, encoding="utf-8")


def run(*command: str | Path, folder: Path = ROOT) -> int:
    """Run a program; exit with its code if it fails."""
    search = os.pathsep.join([str(PROGRAMS), os.environ.get("PATH", "")])
    done = subprocess.run([str(part) for part in command], cwd=folder, env={**os.environ, "PATH": search}, check=False)
    if done.returncode:
        sys.exit(done.returncode)
    return 0


def _usage(problem: str) -> int:
    print(f"dev.py: {problem}\n\n{__doc__}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
