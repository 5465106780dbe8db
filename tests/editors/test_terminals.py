"""Real editors in a terminal, with the configurations of editors/: a finding seen, its fix chosen, the file saved."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from . import components
from .conftest import Project
from .terminal import Terminal, terminal

EDITORS = components.REPOSITORY / "editors"
MESSAGE = "hides every failure"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


@pytest.fixture
def path(programs: Path) -> str:
    return os.pathsep.join([str(programs), os.environ["PATH"]])


def test_helix(project: Project, home: Path, path: str) -> None:
    settings = home / ".config" / "helix"
    settings.mkdir(parents=True)
    shutil.copy(EDITORS / "helix" / "languages.toml", settings)
    with terminal(components.helix(), ["orders.py"], project.folder, home, path) as editor:
        editor.shows("def refund")
        editor.shows("●")
        editor.type("]d")
        editor.shows(MESSAGE)
        editor.type(" a")
        editor.shows("Log it with its traceback")
        editor.press("Enter")
        editor.shows("logging.exception")
        editor.type(":w\r")
        saved(editor, project)


def test_vim_with_ale(project: Project, home: Path, path: str) -> None:
    (home / ".vimrc").write_text(
        f"set nocompatible runtimepath+={components.ale()},{EDITORS / 'vim-ale'}\n"
        "filetype plugin on\n"
        "let g:ale_linters = {'python': ['shipworthy']}\n"
        "let g:ale_virtualtext_cursor = 'disabled'\n"
    )
    with terminal(components.vim(), ["orders.py"], project.folder, home, path) as editor:
        editor.shows("def refund")
        editor.type(":9\r")
        editor.eventually("the finding", lambda: _nudged(editor))
        editor.type(":ALECodeAction\r")
        editor.shows("1) Log it with its traceback")
        editor.type("1\r")
        editor.shows("logging.exception")
        editor.type(":w\r")
        saved(editor, project)


def test_emacs_with_eglot(project: Project, home: Path, path: str) -> None:
    (home / ".emacs").write_text(
        f'(load "{EDITORS / "emacs" / "shipworthy"}")\n'
        "(add-hook 'python-mode-hook #'eglot-ensure)\n"
        "(setq inhibit-startup-screen t make-backup-files nil)\n"
    )
    with terminal(components.emacs(), ["-nw", "orders.py"], project.folder, home, path) as editor:
        editor.shows("def refund")
        editor.shows("!     except:")
        editor.type("\x1bxflymake-goto-next-error\r")
        editor.shows(MESSAGE)
        editor.type("\x1bxeglot-code-action-quickfix\r")
        editor.shows("action")
        editor.type("Log\t\r")
        editor.shows("logging.exception")
        editor.press("C-x", "C-s")
        saved(editor, project)


def saved(editor: Terminal, project: Project) -> None:
    """Wait until the fix is in the file on the disk."""
    editor.eventually("the fix in the saved file", lambda: "logging.exception" in project.text("orders.py"))


def _nudged(editor: Terminal) -> bool:
    """Move there and back: ALE tells of a finding when the cursor comes to it."""
    if MESSAGE not in editor.screen():
        editor.type("lh")
    return MESSAGE in editor.screen()
