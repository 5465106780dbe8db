"""From a file to its project: the root, the nearest settings, the baseline."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
from pathlib import Path

import pytest

from shipworthy import baseline, workspace
from shipworthy.baseline import Baseline, Entry
from shipworthy.config import ConfigError
from shipworthy.workspace import FolderFiles, Workspace


def write(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")


def opened(root: Path) -> Workspace:
    return Workspace(root, FolderFiles(str(root)), workspace.disk(root))


def test_the_root_is_the_repository_or_else_where_the_settings_or_a_mark_of_a_project_are(tmp_path: Path) -> None:
    write(tmp_path, "alone/a.py", "marked/package.json", "marked/deep/a.js", "set/shipworthy.toml", "set/in/setup.py")
    assert workspace.root_of(tmp_path / "alone") == tmp_path / "alone"
    assert workspace.root_of(tmp_path / "marked" / "deep") == tmp_path / "marked"
    assert workspace.root_of(tmp_path / "set" / "in") == tmp_path / "set"
    assert workspace.root_of(tmp_path / "set" / "gone" / "deeper") == tmp_path / "set"
    write(tmp_path, "main.py", "package/__init__.py", "package/inner/__init__.py", "package/data/x.py")
    assert workspace.root_of(tmp_path / "package" / "inner") == workspace.root_of(tmp_path) == tmp_path
    assert workspace.root_of(tmp_path / "package" / "data") == tmp_path / "package" / "data"
    unmarked = {
        name: workspace.is_unmarked(tmp_path / name) for name in ("alone", "marked", "set", "set/in", "package")
    }
    assert [name for name, answer in unmarked.items() if answer] == ["alone", "package"]
    subprocess.run(["git", "init", "-q", tmp_path / "set"], check=True)
    (tmp_path / "set" / "worktree").mkdir()
    (tmp_path / "set" / "worktree" / ".git").write_text("gitdir: ../.git/worktrees/x\n")
    (tmp_path / "set" / "in" / ".git").mkdir()
    assert workspace.root_of(tmp_path / "set" / "in") == tmp_path / "set"
    assert workspace.root_of(tmp_path / "set" / "worktree") == tmp_path / "set" / "worktree"


def test_a_repository_that_may_not_be_looked_into_is_none(tmp_path: Path) -> None:
    """Root may look anywhere, so a helper process without that right asks."""
    write(tmp_path, "setup.py", "locked/a.py")
    (tmp_path / "locked").chmod(0)
    asked = "import sys, pathlib\nfrom shipworthy import workspace\nprint(workspace.root_of(pathlib.Path(sys.argv[1])))"
    rights = ("setpriv", "--bounding-set=-dac_override,-dac_read_search") if os.geteuid() == 0 else ()
    command = [*rights, sys.executable, "-c", asked, str(tmp_path / "locked")]
    try:
        done = subprocess.run(
            command, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}, capture_output=True, text=True
        )
    finally:
        (tmp_path / "locked").chmod(0o700)
    assert (done.stdout.strip(), done.stderr) == (str(tmp_path), "")


def test_one_project_for_every_settings_file(tmp_path: Path) -> None:
    write(tmp_path, "shipworthy.toml", "a/b/x.py", "c/pyproject.toml")
    (tmp_path / "a" / "pyproject.toml").write_text('[tool.shipworthy]\nexclude = ["b/x.py"]\n')
    found = opened(tmp_path)
    inner, outer = found.project_of("a/b/x.py"), found.project_of("c/y.py")
    assert (inner.folder, outer.folder) == ("a", "")
    assert inner.is_excluded("a/b/x.py") and not outer.is_excluded("a/b/x.py")
    assert found.project_of("a/z.py") is inner and found.project_of("top.py") is outer
    assert [found.settings_file(path) for path in ("a/b/x.py", "c/y.py")] == ["a/pyproject.toml", "shipworthy.toml"]
    assert inner.fingerprint != outer.fingerprint
    (tmp_path / "shipworthy.toml").unlink()
    assert opened(tmp_path).settings_file("c/y.py") == ""


def test_broken_settings_are_told_every_time_and_leave_others_alone(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "shipworthy.toml").write_text("x = 1\ny = 2\n")
    found = opened(tmp_path)
    for _ in range(2):
        with pytest.raises(ConfigError) as raised:
            found.project_of("a/x.py")
        assert [mistake.line for mistake in raised.value.mistakes] == [1, 2]
        assert raised.value.mistakes[0].path == str(tmp_path / "a" / "shipworthy.toml")
    assert found.project_of("b/x.py").folder == ""


def test_the_baseline_is_next_to_the_settings_unless_they_say_otherwise(tmp_path: Path) -> None:
    known = Baseline("key", frozenset({Entry("a.py", "r", "00")}))
    (tmp_path / workspace.BASELINE).write_text(baseline.render(known))
    assert opened(tmp_path).project_of("a.py").baseline == known
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "shipworthy.toml").write_text('baseline = "../other"\n')
    with pytest.raises(ConfigError, match="'other' does not exist; write it with `shipworthy baseline`"):
        opened(tmp_path).project_of("sub/a.py")
    (tmp_path / "other").write_text("nonsense\n")
    with pytest.raises(ConfigError, match="other:1: is not a baseline"):
        opened(tmp_path).project_of("sub/a.py")
    (tmp_path / "other").write_text(baseline.render(known))
    found = opened(tmp_path)
    project = found.project_of("sub/a.py")
    assert project.baseline == known and found.baseline_file(project) == "other"


def test_options_of_a_command_change_every_project(tmp_path: Path) -> None:
    (tmp_path / "shipworthy.toml").write_text('exclude = ["a"]\n')
    files, read = FolderFiles(str(tmp_path)), workspace.disk(tmp_path)
    found = Workspace(tmp_path, files, read, lambda settings: dataclasses.replace(settings, select=("errors",)))
    assert found.project_of("a.py").config.select == ("errors",)
    assert found.project_of("a.py").config.exclude == ("a",)


def test_a_folder_that_is_no_repository_knows_its_files(tmp_path: Path) -> None:
    write(tmp_path, "b.py", "a/c.py", "node_modules/d.js", "a/.venv/e.py", "other/f.py")
    (tmp_path / "a" / "loop").symlink_to(tmp_path)
    subprocess.run(["git", "init", "-q", tmp_path / "other"], check=True)
    assert list(workspace.below(tmp_path)) == ["b.py", "other/", "a/c.py", "a/loop"]
    files = FolderFiles(str(tmp_path))
    assert list(files.paths()) == ["b.py", "a/c.py", "a/loop"]
    assert files.read("a/c.py") == b""
    with pytest.raises(OSError):
        files.read("a/loop")
    failed: list[OSError] = []
    assert list(workspace.below(tmp_path / "gone", failed.append)) == [] and len(failed) == 1
