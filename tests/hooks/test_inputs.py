"""Files that nobody wants to meet: each gets a verdict or a reason, and the others get theirs."""

from __future__ import annotations

import json
import os
import random
import sys

import pytest

from .shell import SWALLOWED, Shell

LATIN = b"# -*- coding: latin-1 -*-\nname = 'caf\xe9'\n" + SWALLOWED.encode()


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"\xef\xbb\xbf" + SWALLOWED.encode(), 3),
        (SWALLOWED.replace("\n", "\r\n").encode(), 3),
        (SWALLOWED.replace("\n", "\r").encode(), 3),
        (b"\x0c\n" + SWALLOWED.encode(), 4),
        (SWALLOWED.encode("utf-16"), 3),
        (LATIN, 5),
        (SWALLOWED.rstrip().encode(), 3),
        ("x = '\u2028\x85'\n".encode() + SWALLOWED.encode(), 4),
    ],
    ids=["mark", "crlf", "cr", "form feed", "utf-16", "declared latin-1", "no last line end", "odd line ends"],
)
def test_encodings_and_line_ends_do_not_matter(repository: Shell, content: bytes, line: int) -> None:
    repository.write("a.py", content)
    [finding] = repository.findings()
    assert (finding["rule"], finding["start"]) == ("swallowed-exception", {"line": line, "column": 1})
    assert f"> {line} | except:" in repository.ship("check").out


def test_what_is_no_text_is_skipped_and_counted(repository: Shell) -> None:
    repository.write("a.ts", b"x = 1\0\n")
    repository.write("b.txt", b"\xff\xfe\x00\xd8\x00")
    repository.write("large.py", b"x = 1\n" * 400_000)
    repository.write("line.py", b"x = '" + b"a" * 5_000_000 + b"'\n")
    done = repository.ship("check")
    assert done.code == 0
    assert "No files to check (4 files: 2 binary, 2 larger than 2,000,000 bytes (max-file-size))" in done.out


def test_a_python_file_in_no_known_encoding_is_checked_for_secrets_and_that_is_said(repository: Shell) -> None:
    """It may be anything: of its syntax nothing is said, and Python refuses it."""
    password = "".join(random.Random(5).choices("abcdefghkmnpqrstuvwxyz23456789#!", k=16))
    repository.write("a.py", b"# caf\xe9\n" + f'password = "{password}"\n{SWALLOWED}'.encode())
    [finding] = repository.findings()
    assert (finding["family"], finding["start"]["line"]) == ("secrets", 2)
    done = repository.ship("check", "--fail-on", "error")
    assert done.code == 2 and "a.py: problem: is not UTF-8" in done.out and "save it as UTF-8" in done.out
    about = json.loads(repository.ship("explain", "a.py", "--output-format", "json").out)
    assert about["problem"].startswith("is not UTF-8") and "swallowed-exception" not in about["rules"]
    assert repository.ship("check", "--select", "secrets", "--fail-on", "error").code == 0


@pytest.mark.parametrize(
    ("before", "encoding", "why"),
    [
        ("x = '\0'\n", "utf-8", "holds NUL bytes"),
        ("", "utf-16-le", "is not UTF-8, and no line"),
        ("", "utf-16-be", "is not UTF-8, and no line"),
        ("# coding: foobar\n", "utf-8", "its line `# -*- coding: ... -*-` names an encoding that nobody knows"),
        ("#!/usr/bin/python\n# vim: set fileencoding=hex :\n", "utf-8", "its line `# -*- coding: ... -*-` names"),
    ],
)
def test_a_python_file_that_python_refuses_does_not_pass(
    repository: Shell, before: str, encoding: str, why: str
) -> None:
    password = "".join(random.Random(5).choices("abcdefghkmnpqrstuvwxyz23456789#!", k=16))
    repository.write("a.py", f'{before}password = "{password}"\n{SWALLOWED}'.encode(encoding))
    [finding] = repository.findings()
    assert (finding["family"], finding["start"]["line"]) == ("secrets", before.count("\n") + 1)
    done = repository.ship("check", "--fail-on", "error")
    assert done.code == 2 and f"a.py: problem: {why}" in done.out and "checked for secrets alone" in done.out


@pytest.mark.parametrize(
    "line", ["# -*- coding: utf-8-unix -*-", "# coding: latin_1", "# encoding=UTF8", "x = 1 # coding: foobar"]
)
def test_a_coding_line_that_python_takes_changes_nothing(repository: Shell, line: str) -> None:
    repository.write("a.py", f"{line}\n{SWALLOWED}")
    assert [finding["rule"] for finding in repository.findings()] == ["swallowed-exception"]
    assert repository.ship("check", "--fail-on", "error").code == 0


def test_a_script_in_no_known_encoding_is_checked_like_any_other(repository: Shell) -> None:
    """Whatever runs JavaScript reads it all the same."""
    repository.write("a.js", b"try { work() } catch (e) { }\n// caf\xe9\n")
    repository.write("notes.txt", b"caf\xe9\n")
    assert [finding["rule"] for finding in repository.findings()] == ["swallowed-exception"]
    assert repository.ship("check").code == 1


def test_of_a_file_only_the_rules_are_named_that_can_find_anything_in_it(repository: Shell) -> None:
    repository.write(".env", "A=1\n")
    repository.write("a.js", "work();\n")
    repository.write("binary.ts", b"\0")
    rules = {
        name: json.loads(repository.ship("explain", name, "--output-format", "json").out) for name in (".env", "a.js")
    }
    assert "hardcoded-password" in rules[".env"]["rules"] and "missing-timeout" not in rules[".env"]["rules"]
    assert "missing-timeout" in rules["a.js"]["rules"] and "weak-hash" not in rules["a.js"]["rules"]
    assert rules[".env"]["rules that do not apply"]["missing-timeout"] == "has nothing to say of text"
    assert "checked: no\nwhy: binary\n" in repository.ship("explain", "binary.ts").out


def test_a_long_line_is_shown_in_part(repository: Shell) -> None:
    repository.write("a.py", "try: work(" + "1, " * 30_000 + "2)\nexcept: pass\n" + "y = 1;" * 9_000)
    done = repository.ship("check")
    assert done.code == 1 and len(done.out) < 3_000


@pytest.mark.parametrize("pair", ["()", "[]", "{}"])
@pytest.mark.parametrize("suffix", ["py", "js", "ts"])
def test_deep_nesting_costs_no_other_file_and_no_other_function(repository: Shell, pair: str, suffix: str) -> None:
    catching = SWALLOWED if suffix == "py" else "try { work() } catch (e) { }\n"
    repository.write(f"a.{suffix}", catching + "\nx = " + pair[0] * 3000 + pair[1] * 3000 + "\n\n\n" + catching)
    repository.write("b.py")
    found = repository.report("--jobs", "1")
    assert [one["path"] for one in found["findings"] if one["rule"] == "swallowed-exception"] == [
        f"a.{suffix}",
        f"a.{suffix}",
        "b.py",
    ]
    assert all("RecursionError" not in problem["message"] for problem in found["problems"])


def test_a_syntax_error_in_every_other_function_costs_these_alone(repository: Shell) -> None:
    good = "def good{0}():\n    try:\n        work()\n    except Exception:\n        pass\n\n\n"
    broken = "def broken{0}(:\n    return (\n\n\n"
    repository.write("a.py", "".join((good if number % 2 else broken).format(number) for number in range(40)))
    found = [one["start"]["line"] for one in repository.findings() if one["rule"] == "swallowed-exception"]
    assert len(found) == 20


def test_special_files_are_skipped_and_never_waited_for(repository: Shell) -> None:
    repository.write("a.py")
    repository.write("was_file.py")
    repository.write("was_pipe.py")
    repository.commit()
    for name in ("was_file.py", "was_pipe.py"):
        (repository.folder / name).unlink()
    repository.write("was_file.py/inner.py", "x = 1\n")
    if sys.platform != "win32":
        os.mkfifo(repository.folder / "was_pipe.py")
        os.mkfifo(repository.folder / "pipe.py")
    (repository.folder / "loop.py").symlink_to("loop.py")
    (repository.folder / "broken.py").symlink_to("nowhere.py")
    (repository.folder / "folder").symlink_to(".")
    (repository.folder / "link.py").symlink_to("a.py")
    named = ["a.py", "pipe.py", "loop.py", "broken.py", "link.py", "was_pipe.py"]
    for arguments in ([], named):
        found = repository.report(*arguments)
        assert [finding["path"] for finding in found["findings"]] == ["a.py"]
        assert found["problems"] == []
        assert {skip["path"] for skip in found["skipped"]} >= {"loop.py", "broken.py", "link.py", "was_pipe.py"}
    assert [finding["path"] for finding in repository.findings("folder")] == ["a.py"]


def test_loops_of_links_are_harmless_outside_a_repository(shell: Shell) -> None:
    shell.write("a/b/c.py")
    (shell.folder / "a" / "b" / "up").symlink_to("../..")
    (shell.folder / "a" / "self").symlink_to("self")
    assert [finding["path"] for finding in shell.findings()] == ["a/b/c.py"]


def test_what_cannot_be_read_is_a_problem(repository: Shell) -> None:
    repository.give_up_rights()
    repository.write("a.py")
    repository.write("locked.py").chmod(0)
    repository.write("sealed/b.py")
    (repository.folder / "sealed").chmod(0)
    done = repository.ship("check")
    (repository.folder / "sealed").chmod(0o700)
    assert done.code == 2 and "locked.py: problem: cannot be read: Permission denied" in done.out
    assert "sealed: problem: permission denied; nothing was checked here" in done.out
    assert "a.py:3:1" in done.out


@pytest.mark.parametrize("is_repository", [True, False])
def test_a_folder_that_cannot_be_read_is_a_problem_and_the_others_get_their_verdict(
    shell: Shell, *, is_repository: bool
) -> None:
    shell.give_up_rights()
    shell.write("a.py")
    shell.write("ö 'q'/b.py")
    shell.write("listed/c.py")
    shell.write("ignored/d.py")
    if is_repository:
        shell.git("init", "-q")
        shell.git("add", "listed")
        shell.write(".gitignore", "ignored/\n")
    modes = {"ö 'q'": 0, "listed": 0o600, **({"ignored": 0} if is_repository else {})}
    for name, mode in modes.items():
        (shell.folder / name).chmod(mode)
    try:
        everything = shell.ship("check")
        alone = shell.ship("check", "a.py")
        folder = shell.ship("check", "ö 'q'")
    finally:
        for name in modes:
            (shell.folder / name).chmod(0o700)
    assert everything.code == 2 and "a.py:3:1" in everything.out
    assert "ö 'q': problem: permission denied; nothing was checked here" in everything.out
    assert "listed/c.py: problem: permission denied; nothing was checked here" in everything.out
    assert ("ignored/d.py:3:1" in everything.out) != is_repository
    assert alone.code == 1 and "problem" not in alone.out
    assert folder.code == 2 and "ö 'q': problem: permission denied; nothing was checked here" in folder.out


@pytest.mark.parametrize(
    "text", [b"[tool.shipworthy\n", b"[tool]\nshipworthy.select = [\n", b"\xff\xfe[tool.shipworthy]"]
)
def test_settings_that_nobody_can_read_are_never_taken_for_none(repository: Shell, text: bytes) -> None:
    repository.write("a.py")
    repository.write("pyproject.toml", text)
    done = repository.ship("check")
    assert done.code == 2 and "pyproject.toml:" in done.out
    assert "2 files not checked because of the mistakes above" in done.out


def test_names_that_could_mislead_are_spelt_out(repository: Shell) -> None:
    if sys.platform == "win32":
        names = ["a\u202eyp.exe.py", "ä b.py"]
    else:
        names = ["a\x1b[2J\n.py", "a\u202eyp.exe.py", "ä b.py", "-x.py", os.fsdecode(b"\xff.py"), ":(x)*.py"]
    for name in names:
        repository.write(name)
    done = repository.ship("check")
    assert done.out.count(": warning: ") == len(names)
    assert "\x1b" not in done.out and "\u202e" not in done.out and "ä b.py:3:1" in done.out
    assert len(repository.findings("--", *names)) == len(names)
    for output_format in ("json", "sarif", "gitlab", "github", "junit"):
        assert repository.ship("check", "--output-format", output_format).code == 1


def test_submodules_and_nested_repositories_are_projects_of_their_own(repository: Shell) -> None:
    repository.write("a.py")
    repository.commit()
    repository.git("clone", "-q", ".", "nested")
    repository.git("-c", "protocol.file.allow=always", "submodule", "-q", "add", str(repository.folder), "module")
    found = repository.report()
    assert [finding["path"] for finding in found["findings"]] == ["a.py"]
    assert {skip["path"]: skip["reason"] for skip in found["skipped"]} == {"module": "submodule"}
    assert [finding["path"] for finding in repository.findings("module", "nested/a.py")] == [
        "module/a.py",
        "nested/a.py",
    ]


def test_a_folder_of_repositories_is_walked(shell: Shell) -> None:
    for name in ("one", "two"):
        shell.write(f"{name}/a.py")
        shell.write(f"{name}/ignored.py")
        shell.write(f"{name}/.gitignore", "ignored.py\n")
        shell.git("init", "-q", name)
    shell.write("loose.py")
    assert [finding["path"] for finding in shell.findings()] == ["loose.py", "one/a.py", "two/a.py"]


def test_a_repository_that_git_refuses_costs_itself_alone(shell: Shell) -> None:
    shell.write("vendor/part/.git", "gitdir: ../../.git/modules/Part\n")
    shell.write("vendor/part/a.py")
    shell.write("b.py")
    done = shell.ship("check")
    assert done.code == 2 and "b.py:3:1" in done.out
    assert "vendor/part: problem: `git ls-files` failed" in done.out
    assert "modules/Part; nothing was checked here" in done.out


def test_a_rule_about_syntax_may_be_asked_alone(repository: Shell) -> None:
    repository.write("a.py", "def total(prices:\n    return 1\n")
    assert [finding["rule"] for finding in repository.findings("--select", "syntax-error")] == ["syntax-error"]
