"""The hooks under the real pre-commit and the real prek, installed from this repository as users do."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock

from shipworthy_hooks import selection

from .shell import SWALLOWED, Shell

ROOT = Path(__file__).resolve().parents[2]
CLEAN = "x = 1\n"
RUNNERS = ["pre-commit", "prek"]


@pytest.fixture(scope="session")
def runners(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all test processes share: this project as a git repository, and the runners' environments."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if base.name.startswith("popen-") else base) / "runners"
    folder.mkdir(exist_ok=True)
    with FileLock(folder / "lock"):
        if not (folder / "done").exists():
            source = Shell(folder / "source")
            for path in selection.files_of(ROOT).paths():
                if (ROOT / path).is_file():
                    source.write(path, (ROOT / path).read_bytes())
            source.git("init", "-q", "-b", "main")
            source.commit("as it is")
            source.git("tag", "v0")
            (folder / "done").touch()
    return folder


Run = Callable[..., tuple[int, str]]


@pytest.fixture
def project(repository: Shell, runners: Path) -> Shell:
    """A repository that is set up to use all of the hook `shipworthy`."""
    programs = Path(sys.executable).parent
    repository.variables |= {
        "PATH": f"{programs}:{repository.environment['PATH']}",
        "PYTHONPATH": "",
        "PRE_COMMIT_HOME": str(runners / "pre-commit"),
        "PREK_HOME": str(runners / "prek"),
        "NO_COLOR": "1",
    }
    use(repository, runners, "shipworthy")
    return repository


def use(repository: Shell, runners: Path, *hooks: str, arguments: str = "[]") -> None:
    """Write the configuration that both runners read."""
    listed = "".join(f"      - id: {hook}\n        args: {arguments}\n" for hook in hooks)
    source = runners / "source"
    repository.write(".pre-commit-config.yaml", f"repos:\n  - repo: {source}\n    rev: v0\n    hooks:\n{listed}")


def start(repository: Shell, runner: str, *arguments: str) -> tuple[int, str]:
    """Run a runner. The first run installs, which may take a while on a busy machine."""
    program = shutil.which(runner, path=repository.environment["PATH"])
    assert program is not None, f"{runner} is not installed"
    done = repository.run(program, *arguments, seconds=600)
    return done.code, done.out + done.err


def places(text: str) -> list[str]:
    """`path:line` of every finding of text reports."""
    return re.findall(r"^ *(\S+:\d+):\d+: (?:error|warning|hint): ", text, re.MULTILINE)


@pytest.mark.parametrize("runner", RUNNERS)
def test_what_is_staged_is_checked_and_the_rest_comes_back(project: Shell, runner: str) -> None:
    project.write("bad_staged.py", SWALLOWED)
    project.write("bad_on_disk.py", CLEAN)
    project.git("add", ".")
    project.write("bad_staged.py", CLEAN)
    project.write("bad_on_disk.py", SWALLOWED)
    code, said = start(project, runner, "run")
    assert (code, places(said)) == (1, ["bad_staged.py:3"]), said
    assert "The commit is stopped by 1 finding" in said
    assert (project.folder / "bad_staged.py").read_text() == CLEAN
    project.git("add", ".")
    project.write("bad_on_disk.py", CLEAN)
    assert places(start(project, runner, "run")[1]) == ["bad_on_disk.py:3"]
    project.git("add", ".")
    code, said = start(project, runner, "run")
    assert (code, places(said)) == (0, []), said


@pytest.mark.parametrize("runner", RUNNERS)
def test_all_files_are_all_files_however_they_are_passed(project: Shell, runner: str) -> None:
    """So many names do not fit on one command line: several processes see a part each."""
    folder = "/".join(["a_folder_with_a_long_name_" * 9] * 13)
    for number in range(800):
        project.write(f"{folder}/module_{number:04}.py", SWALLOWED if number % 100 == 0 else CLEAN)
    project.write(".gitignore", "ignored.py\n")
    project.write("ignored.py")
    project.write("shipworthy.toml", 'exclude = ["excluded.py"]\n')
    project.write("excluded.py")
    project.write("no_suffix", "#!/usr/bin/env python3\n" + SWALLOWED)
    project.write("latin.txt", b"caf\xe9\n")
    project.write("picture.png", b"\x89PNG\r\n\x1a\n\0\0")
    project.git("add", ".")
    code, said = start(project, runner, "run", "--all-files")
    assert code == 1, said
    assert said.count("The commit is stopped by") > 1, "one process was enough: nothing was tested"
    project.variables["PYTHONPATH"] = ":".join(sys.path)
    expected = [f"{one['path']}:{one['start']['line']}" for one in project.findings()]
    assert sorted(places(said)) == sorted(expected) and len(expected) == 9


@pytest.mark.parametrize("runner", RUNNERS)
def test_each_family_has_a_hook(project: Shell, runners: Path, runner: str) -> None:
    use(project, runners, *(f"shipworthy-{family}" for family in ("secrets", "errors", "security", "complexity")))
    project.write("a.py")
    project.git("add", ".")
    code, said = start(project, runner, "run")
    assert code == 1, said
    verdicts = re.findall(r"shipworthy \((\w+)\)\.+(Passed|Failed)", said, re.MULTILINE)
    assert dict(verdicts) == {"secrets": "Passed", "errors": "Failed", "security": "Passed", "complexity": "Passed"}


@pytest.mark.parametrize("runner", RUNNERS)
def test_a_commit_is_stopped_until_it_is_mended_or_allowed(project: Shell, runner: str) -> None:
    assert start(project, runner, "install")[0] == 0
    project.write("a.py")
    project.git("add", ".")
    done = project.run("git", "commit", "-m", "1", seconds=600)
    assert (done.code, places(done.out + done.err)) == (1, ["a.py:3"]), done
    allowed = SWALLOWED.replace("except:", "except:  # shipworthy: allow swallowed-exception -- a test")
    project.write("a.py", allowed)
    project.git("add", ".")
    assert project.run("git", "commit", "-m", "1").code == 0


@pytest.mark.parametrize("runner", RUNNERS)
def test_a_fix_that_is_asked_for_stops_the_commit_and_is_there_to_be_looked_at(
    project: Shell, runners: Path, runner: str
) -> None:
    use(project, runners, "shipworthy", arguments='["--fix", "--unsafe-fixes"]')
    project.write("a.py")
    project.git("add", ".")
    code, said = start(project, runner, "run")
    assert code == 1 and "files were modified by this hook" in said.lower(), said
    assert "pass" not in (project.folder / "a.py").read_text()


@pytest.mark.parametrize("runner", RUNNERS)
def test_what_cannot_be_checked_stops_the_commit(project: Shell, runner: str) -> None:
    project.write("shipworthy.toml", "selct = []\n")
    project.write("a.py", CLEAN)
    project.git("add", ".")
    code, said = start(project, runner, "run")
    assert code == 1 and "shipworthy.toml:1:1: problem: unknown setting 'selct'" in said, said
    assert "exit code: 2" in said


def test_the_hooks_can_be_tried(project: Shell, runners: Path) -> None:
    project.write("a.py")
    project.git("add", ".")
    code, said = start(project, "pre-commit", "try-repo", str(runners / "source"), "shipworthy-errors", "--all-files")
    assert (code, places(said)) == (1, ["a.py:3"]), said
