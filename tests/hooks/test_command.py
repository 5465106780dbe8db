"""The command line: what is checked, what it exits with, and what its options change."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from .shell import SWALLOWED, Shell

CLEAN = "x = 1\n"


def test_exit_codes_tell_clean_from_found_from_not_checked(repository: Shell) -> None:
    repository.write("clean.py", CLEAN)
    assert repository.ship("check").code == 0
    repository.write("bad.py")
    assert repository.ship("check").code == 1
    assert repository.ship("check", "--exit-zero").code == 0
    assert repository.ship("check", "clean.py").code == 0
    assert repository.ship("check", "gone.py", "bad.py").code == 2
    assert repository.ship("check", "gone.py", "clean.py", "--exit-zero").code == 2
    assert repository.ship("check", "--no-such-option").code == 2
    assert repository.ship("--version").out.startswith("shipworthy ")


def test_a_missing_path_is_told_and_the_rest_is_checked(repository: Shell) -> None:
    repository.write("bad.py")
    done = repository.ship("check", "gone.py", "bad.py")
    assert "gone.py: problem: no such file or directory" in done.out
    assert "bad.py:3:1: warning: " in done.out


def test_nothing_to_check_is_clean(shell: Shell, repository: Shell) -> None:
    for arguments in (["check"], ["check", "."], ["hook"], ["baseline"]):
        done = repository.ship(*arguments)
        assert (done.code, done.err) == (0, "") and "No files to check" in done.out


def test_outside_a_repository_a_hook_without_paths_says_so(shell: Shell) -> None:
    done = shell.ship("hook")
    assert done.code == 2 and "the current folder: problem: is in no git repository" in done.out


def test_named_walked_and_piped_files_obey_the_same_rules(repository: Shell) -> None:
    repository.write("shipworthy.toml", 'exclude = ["vendored/"]\n')
    repository.write(".gitignore", ".env\nbuild/\n")
    for path in ("a.py", "vendored/b.py", "build/c.py", ".env", ".git/d.py"):
        repository.write(path)
    found = repository.report(".")
    assert {finding["path"] for finding in found["findings"]} == {"a.py"}
    named = repository.report("a.py", "vendored/b.py", "build/c.py", ".env", ".git/d.py")
    assert {finding["path"] for finding in named["findings"]} == {"a.py"}
    assert {skip["path"]: skip["reason"] for skip in named["skipped"]} == {
        "vendored/b.py": "excluded by the settings",
        "build/c.py": "ignored by git",
        ".env": "ignored by git",
        ".git/d.py": "part of git's own files",
    }
    for path in ("vendored/b.py", "build/c.py", ".env"):
        done = repository.ship("check", "--stdin-filename", path, "-", given=SWALLOWED.encode())
        assert done.code == 0 and "No files to check (1 file: 1 " in done.out
    repository.git("add", "-f", "build/c.py")
    assert {finding["path"] for finding in repository.findings("build/c.py")} == {"build/c.py"}


def test_outside_a_repository_folders_of_others_are_not_ours(shell: Shell) -> None:
    for path in ("a.py", "node_modules/b.js", ".venv/c.py", "sub/d.py"):
        shell.write(path, SWALLOWED)
    shell.write("package.json", "{}")
    assert {finding["path"] for finding in shell.findings()} == {"a.py", "sub/d.py"}
    assert shell.report("node_modules/b.js")["skipped"] == [
        {"path": "node_modules/b.js", "reason": "not source of the project"}
    ]


def test_paths_are_relative_to_the_working_directory(repository: Shell) -> None:
    repository.write("sub/deep/a.py")
    repository.write("b.py")
    inner = repository.folder / "sub"
    done = repository.ship("check", "deep", "../b.py", folder=inner)
    assert re.findall(r"^(\S+):3:1", done.out, re.MULTILINE) == ["../b.py", "deep/a.py"]


def test_each_file_obeys_the_nearest_settings(repository: Shell) -> None:
    repository.write("a.py")
    repository.write("inner/b.py")
    repository.write("inner/pyproject.toml", '[tool.shipworthy]\nignore = ["swallowed-exception"]\n')
    repository.write("other/c.py")
    repository.write("other/shipworthy.toml", 'severity.swallowed-exception = "error"\n')
    assert [(finding["path"], finding["severity"]) for finding in repository.findings()] == [
        ("a.py", "warning"),
        ("other/c.py", "error"),
    ]


def test_broken_settings_are_told_in_full_and_others_are_checked(repository: Shell) -> None:
    repository.write("a.py")
    repository.write("inner/b.py")
    repository.write("inner/c.py")
    repository.write("inner/shipworthy.toml", 'selct = []\n\n[severity]\nerrors = "bad"\n')
    done = repository.ship("check")
    assert done.code == 2
    assert "inner/shipworthy.toml:1:1: problem: unknown setting 'selct'; did you mean 'select'?" in done.out
    assert "inner/shipworthy.toml:4:1: problem: severity.errors must be one of" in done.out
    assert "3 files not checked because of the mistakes above" in done.out
    assert "a.py:3:1: warning" in done.out and "b.py:" not in done.out


def test_rules_can_be_chosen_by_name(repository: Shell) -> None:
    repository.write("a.py")
    repository.write("shipworthy.toml", 'ignore = ["swallowed-exception"]\n')
    assert repository.findings() == []
    assert len(repository.findings("--select", "swallowed-exception")) == 1
    assert repository.findings("--select", "secrets, complexity") == []
    repository.write("shipworthy.toml", "")
    assert repository.findings("--ignore", "errors") == []
    done = repository.ship("check", "--select", "swalowed-exception")
    assert (done.code, done.out) == (2, "") and "did you mean 'swallowed-exception'?" in done.err


def test_what_blocks_can_be_chosen(repository: Shell) -> None:
    repository.write("a.py")
    assert repository.ship("check", "--fail-on", "error").code == 0
    repository.write("shipworthy.toml", 'fail-on.errors = "error"\n')
    assert repository.ship("check").code == 0
    assert repository.ship("check", "--fail-on", "hint").code == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ["check", "-"],
        ["check", "-", "a.py", "--stdin-filename", "b.py"],
        ["check", "a.py", "--stdin-filename", "b.py"],
        ["check", "--unsafe-fixes"],
        ["check", "--diff", "--output-format", "json"],
        ["check", "--jobs", "0"],
        ["check", "--baseline", "gone"],
        ["check", "--output-file", "no/such/folder/file"],
        ["hook", "--fix"],
        ["hook", "--family", "everything"],
        ["rule", "swalowed-exception"],
        ["explain", "."],
        [],
    ],
)
def test_what_cannot_be_done_is_told_on_stderr(repository: Shell, arguments: list[str]) -> None:
    repository.write("a.py", CLEAN)
    done = repository.ship(*arguments)
    assert done.code == 2 and done.err.startswith(("shipworthy", "usage: ")) and done.out == ""


def test_one_job_is_n_jobs_cold_and_warm(repository: Shell) -> None:
    for number in range(120):
        repository.write(f"m{number:03}.py", SWALLOWED * (number % 3))
    expected = repository.ship("check", "--jobs", "1", "--no-cache", "--output-format", "jsonl")
    assert expected.code == 1 and expected.out.count("\n") == 120
    assert not (repository.folder.parent / "cache").exists()
    for arguments in (["--jobs", "2", "--no-cache"], ["--jobs", "3"], ["--jobs", "1"], []):
        done = repository.ship("check", "--output-format", "jsonl", *arguments)
        assert (done.code, done.out) == (expected.code, expected.out)
    assert (repository.folder.parent / "cache").exists()


def test_text_on_stdin_is_checked_as_if_it_stood_there(repository: Shell) -> None:
    repository.write("a.py", CLEAN)
    done = repository.ship("check", "--stdin-filename", "sub/new.py", "-", given=SWALLOWED.encode())
    assert done.code == 1 and "sub/new.py:3:1: warning" in done.out and "> 3 | except:" in done.out
    done = repository.ship("check", "--stdin-filename", "a.py", "-", given=SWALLOWED.encode())
    assert done.code == 1
    done = repository.ship("check", "--stdin-filename", "a.txt", "-", given=SWALLOWED.encode())
    assert done.code == 0


def test_an_interrupt_ends_the_run(repository: Shell) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "shipworthy_hooks", "check", "--stdin-filename", "a.py", "-"],
        cwd=repository.folder,
        env=repository.environment | {"PYTHONUNBUFFERED": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdin is not None
    # No pipe holds so much: once all is written, the command is at work on reading it.
    process.stdin.write(b"#" * 4_000_000)
    process.stdin.flush()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (130, b"", b"shipworthy: interrupted\n")


def test_output_goes_to_a_file_as_a_whole(repository: Shell) -> None:
    repository.write("a.py")
    report = repository.folder.parent / "report.json"
    report.write_text("old")
    done = repository.ship("check", "--output-format", "jsonl", "--output-file", str(report))
    assert (done.code, done.out, done.err) == (1, "", "")
    assert report.read_text().startswith('{"path": "a.py"')
    assert not list(report.parent.glob(".report*"))
    assert repository.ship("check", "--output-file", os.devnull).code == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize("arguments", [["check"], ["rule"], ["rule", "--all"], ["baseline"]])
def test_output_that_cannot_be_written_is_no_bug(repository: Shell, arguments: list[str]) -> None:
    repository.write("a.py")
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "shipworthy_hooks", *arguments],
            cwd=repository.folder,
            env=repository.environment,
            stdout=full,
            stderr=subprocess.PIPE,
            timeout=60,
            check=False,
        )
    expected = b"shipworthy: cannot write the output: No space left on device\n"
    assert (done.returncode, done.stderr) == (2, expected)


def test_a_reader_that_leaves_ends_the_run_quietly(repository: Shell) -> None:
    for number in range(40):
        repository.write(f"m{number}.py", SWALLOWED * 100)
    process = subprocess.Popen(
        [sys.executable, "-m", "shipworthy_hooks", "check", "--jobs", "1"],
        cwd=repository.folder,
        env=repository.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None and process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    assert process.wait(timeout=60) == 2
    assert process.stderr.read() == b""


def test_options_are_written_out(repository: Shell) -> None:
    """What changes files must not be done for a slip, nor for a prefix that means something else tomorrow."""
    place = repository.write("a.py")
    done = repository.ship("check", "--fix", "--unsafe")
    assert done.code == 2 and "unrecognized arguments: --unsafe" in done.err
    assert place.read_text() == SWALLOWED


def test_folders_without_a_mark_are_one_project_if_they_are_one_package(shell: Shell) -> None:
    """Errors that cross folders are found where Python's own rule says that they belong together, for any subset."""
    shell.write("shop/main.py", "from store import load\n\nif __name__ == '__main__':\n    load(input())\n")
    shell.write("shop/store/__init__.py", "from .files import load\n")
    shell.write("shop/store/files.py", "def load(name):\n    with open(name) as file:\n        return file.read()\n")
    shell.write("notes/a.py", "x = 1\n")
    whole = shell.findings()
    assert {finding["path"] for finding in whole if finding["rule"] == "unhandled-in-command"} == {
        "shop/store/files.py"
    }
    assert shell.findings("shop/store/files.py") == [one for one in whole if one["path"] == "shop/store/files.py"]
    said = "2 folders were checked each for itself"
    assert said in shell.ship("check").out and said not in shell.ship("check", "shop").out
    shell.write("shipworthy.toml", "")
    assert said not in shell.ship("check").out
