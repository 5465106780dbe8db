"""Folders to work in: one that is a repository, and one that is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from .shell import Shell


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """An empty folder in no repository."""
    folder = tmp_path / "work"
    folder.mkdir()
    return Shell(folder)


@pytest.fixture
def repository(shell: Shell) -> Shell:
    """An empty repository."""
    shell.git("init", "-q", "-b", "main")
    return shell
