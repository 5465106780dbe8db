"""`shipworthy hook`: what will be committed is what is checked, to the character."""

from __future__ import annotations

import re

from .shell import SWALLOWED, Shell

CLEAN = "x = 1\n"


def places(text: str) -> list[str]:
    """`path:line` of every finding of a text report."""
    return re.findall(r"^(\S+:\d+):\d+: (?:error|warning|hint): ", text, re.MULTILINE)


def test_a_file_that_is_staged_in_part_is_checked_as_it_is_staged(repository: Shell) -> None:
    repository.write("bad_staged.py", SWALLOWED)
    repository.write("bad_on_disk.py", CLEAN)
    repository.git("add", ".")
    repository.write("bad_staged.py", CLEAN)
    repository.write("bad_on_disk.py", SWALLOWED)
    repository.write("not_staged.py", SWALLOWED)
    done = repository.ship("hook")
    assert (done.code, places(done.out)) == (1, ["bad_staged.py:3"])
    assert "> 3 | except:" in done.out, "the lines shown are the staged ones"
    done = repository.ship("hook", "bad_staged.py", "bad_on_disk.py")
    assert (done.code, places(done.out)) == (1, ["bad_on_disk.py:3"])


def test_only_what_the_commit_changes_is_checked(repository: Shell) -> None:
    for name in ("old.py", "gone.py", "mode.py", "renamed.py"):
        repository.write(name)
    repository.commit()
    assert repository.ship("hook").out == "No files to check.\n"
    repository.git("rm", "-q", "gone.py")
    repository.git("mv", "renamed.py", "to.py")
    repository.git("update-index", "--chmod=+x", "mode.py")
    repository.write("new.py", "y = 2\n" + SWALLOWED)
    repository.git("add", "new.py")
    repository.write("later.py")
    repository.git("add", "-N", "later.py")
    done = repository.ship("hook")
    assert (done.code, places(done.out)) == (1, ["mode.py:3", "new.py:4", "to.py:3"])
    repository.git("commit", "-q", "--no-verify", "-m", "2")
    assert repository.ship("hook").code == 0


def test_it_ends_with_what_to_do_next(repository: Shell) -> None:
    repository.write("a.py")
    repository.git("add", ".")
    last = repository.ship("hook").out.splitlines()[-3:]
    assert last[0].startswith("The commit is stopped by 1 finding: ")
    assert "shipworthy: allow RULE -- why" in last[1] and "shipworthy rule RULE" in last[2]


def test_links_submodules_and_conflicts_have_no_verdict_by_accident(repository: Shell) -> None:
    repository.write("a.py", CLEAN)
    repository.commit()
    repository.git("checkout", "-qb", "other")
    repository.write("a.py", "x = 2\n")
    repository.commit()
    repository.git("checkout", "-q", "main")
    repository.write("a.py", "x = 3\n")
    repository.commit()
    repository.git("-c", "protocol.file.allow=always", "submodule", "-q", "add", str(repository.folder), "module")
    (repository.folder / "link.py").symlink_to("a.py")
    repository.git("add", ".")
    done = repository.ship("hook")
    assert done.code == 0 and "1 symbolic link" in done.out
    repository.git("commit", "-qm", "4", "--no-verify")
    assert repository.run("git", "merge", "other").code == 1
    done = repository.ship("hook")
    assert done.code == 2 and "a.py: problem: has a merge conflict: resolve it and `git add` the file" in done.out
    repository.write("a.py")
    repository.git("add", "a.py")
    done = repository.ship("hook")
    assert (done.code, places(done.out)) == (1, ["a.py:3"])


def test_settings_baseline_and_names_of_other_files_come_from_the_index(repository: Shell) -> None:
    repository.write("a.py")
    repository.write("shipworthy.toml", 'ignore = ["errors"]\n')
    repository.git("add", ".")
    repository.write("shipworthy.toml", "broken = [\n")
    assert repository.ship("hook").code == 0
    repository.git("add", ".")
    done = repository.ship("hook")
    assert done.code == 2 and "shipworthy.toml:2:1: problem: is not valid TOML" in done.out
    repository.write("shipworthy.toml", "")
    repository.git("add", ".")
    assert repository.ship("baseline").code == 0
    assert repository.ship("hook").code == 1
    assert repository.ship("check").code == 0
    repository.git("add", ".")
    assert repository.ship("hook").code == 0


def test_families_can_be_checked_alone(repository: Shell) -> None:
    repository.write("a.py")
    repository.git("add", ".")
    assert repository.ship("hook", "--family", "errors").code == 1
    assert repository.ship("hook", "--family", "secrets", "--family", "complexity").code == 0
    repository.write("shipworthy.toml", 'select = ["swallowed-exception"]\n')
    repository.git("add", ".")
    assert repository.ship("hook", "--family", "secrets").code == 0
    assert repository.ship("hook", "--family", "errors").code == 1


def test_git_itself_runs_it(repository: Shell) -> None:
    """As a plain hook, with the index that git names for `commit -a` and for a commit of some files."""
    import sys

    hook = repository.write(".git/hooks/pre-commit", f'#!/bin/sh\nexec "{sys.executable}" -m shipworthy_hooks hook\n')
    hook.chmod(0o755)
    repository.write("a.py", CLEAN)
    repository.write("b.py", CLEAN)
    repository.git("add", ".")
    repository.git("commit", "-qm", "1")
    repository.write("a.py")
    assert repository.run("git", "commit", "-qam", "2").code == 1
    repository.write("b.py", "x = 2\n")
    done = repository.run("git", "commit", "-qm", "2", "b.py")
    assert done.code == 0, done.out + done.err
    done = repository.run("git", "commit", "-qm", "3", "a.py")
    assert done.code == 1 and places(done.out + done.err) == ["a.py:3"]
    repository.git("worktree", "add", "-q", "../tree")
    tree = repository.folder.parent / "tree"
    (tree / "b.py").write_text(SWALLOWED)
    done = repository.run("git", "commit", "-qam", "4", folder=tree)
    assert done.code == 1 and places(done.out + done.err) == ["b.py:3"]


def test_a_hostile_repository_runs_nothing(repository: Shell) -> None:
    """Every command, on a repository whose settings name programs wherever git takes one."""
    for name in ("a.py", "b.py"):
        repository.write(name)
    repository.write(".gitattributes", "* filter=evil diff=evil\n")
    repository.commit()
    repository.write("a.py", CLEAN + SWALLOWED)
    repository.git("add", ".")
    ran = repository.folder.parent / "ran"
    trap = repository.write("../trap", f'#!/bin/sh\necho "$0 $*" >> {ran}\ncat\n')
    trap.chmod(0o755)
    for name in (
        "core.fsmonitor",
        "core.sshCommand",
        "core.pager",
        "core.editor",
        "diff.external",
        "diff.evil.command",
        "diff.evil.textconv",
        "filter.evil.clean",
        "filter.evil.smudge",
        "filter.evil.process",
        "gpg.program",
    ):
        repository.git("config", name, str(trap))
    for alias in ("ls-files", "diff-index", "cat-file", "check-ignore", "merge-base"):
        repository.git("config", f"alias.{alias}", f"!{trap}")
    ran.unlink(missing_ok=True)
    for arguments in (
        ["check"],
        ["check", "a.py", "--diff", "--unsafe-fixes"],
        ["check", "--new-since", "HEAD"],
        ["hook"],
        ["hook", "a.py"],
        ["explain", "a.py"],
        ["baseline"],
    ):
        assert repository.ship(*arguments).code in (0, 1)
    assert not ran.exists(), ran.read_text()
    repository.run("git", "status")
    assert ran.exists(), "the trap does not work: nothing was tested"
