"""The plugin in real Neovim: the newest that can be had, and 0.10. What is looked at stands in nvim.lua."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from . import components
from .conftest import Project

HERE = Path(__file__).resolve().parent


@pytest.mark.parametrize("suite", [components.NEWEST_SUITE, components.OLDER_SUITE])
def test_the_plugin_shows_findings_and_applies_fixes(
    suite: str, project: Project, programs: Path, tmp_path: Path
) -> None:
    editor = components.neovim(suite)
    plugin = shutil.copytree(components.REPOSITORY / "editors" / "nvim", tmp_path / "plugin")
    environment = {
        **os.environ,
        **editor.environment,
        "PATH": os.pathsep.join([str(programs), os.environ["PATH"]]),
        "XDG_STATE_HOME": str(tmp_path / "state"),
        "PLUGIN": str(plugin),
        "PATIENCE": "120",
    }
    environment.pop("VIRTUAL_ENV", None)
    command = [*editor.command, "--headless", "--clean", "-l", str(HERE / "nvim.lua")]
    done = subprocess.run(
        command, cwd=project.folder, env=environment, text=True, capture_output=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "deprecated" not in done.stdout + done.stderr
    assert "logging.exception" in project.text("orders.py")
