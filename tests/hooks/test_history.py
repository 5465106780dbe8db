"""`check --history`: every secret of every commit, once, with the commit that brought it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from shipworthy.secrets.checksums import check_digits
from shipworthy.testing import expand

from .shell import Shell


def token(seed: int) -> str:
    body = expand("<alnum*30>", seed)
    return f"ghp_{body}{check_digits(body)}"


def commit(shell: Shell, **files: str) -> str:
    """Write files, commit all that is there, and give the commit's short name."""
    for name, text in files.items():
        shell.write(name.replace("__", "."), text)
    shell.git("add", "-A")
    shell.git("commit", "-q", "--allow-empty", "-m", "x")
    return shell.git("rev-parse", "HEAD").strip()[:12]


def found(shell: Shell, *arguments: str) -> list[tuple[str, str]]:
    """Where a walk finds secrets, and the commit that it names."""
    done = shell.ship("check", "--output-format", "jsonl", *arguments)
    assert "ghp_" not in done.out + done.err
    findings: list[dict[str, Any]] = [json.loads(line) for line in done.out.splitlines()]
    return [(one["path"].partition(":")[2], one["message"].split()[-3]) for one in findings]


def test_a_secret_that_is_gone_is_found_where_it_came_from(repository: Shell) -> None:
    first = commit(repository, a__py="x = 1\n", b__py=f'T = "{token(1)}"\n')
    commit(repository, b__py="T = 1\n")
    last = commit(repository, sub__yml=f"token: {token(2)}\n")
    assert repository.ship("check", "b.py").code == 0
    assert found(repository, "--history") == [("b.py", first), ("sub.yml", last)]
    assert repository.ship("check", "--history").code == 1


def test_a_secret_is_reported_once_however_often_it_is_moved_and_brought_back(repository: Shell) -> None:
    first = commit(repository, a__py=f'T = "{token(1)}"\n')
    commit(repository, a__py="T = 1\n", b__py=f'import os\nU = "{token(1)}"\n')
    commit(repository, a__py=f'T = "{token(1)}"\n\n\nx = 1\n')
    assert found(repository, "--history") == [("a.py", first)]


def test_several_processes_find_the_same_in_the_same_order(repository: Shell) -> None:
    for number in range(12):
        files = {f"f{number}_{at}__py": f'T = "{token(number // 2 * 10 + at)}"\n' for at in range(9)}
        commit(repository, **files, big__txt="x = 1\n" * 20_000 + str(number), image__bin=f"\0{number}")
    one, two = (
        repository.ship("check", "--history", "--output-format", "jsonl", "--jobs", jobs, "--no-cache")
        for jobs in ("1", "2")
    )
    assert one.out == two.out and one.out.count("brought it") == 54


def test_a_range_says_which_commits_and_all_branches_count_without_one(repository: Shell) -> None:
    base = commit(repository, a__py=f'T = "{token(1)}"\n')
    repository.git("checkout", "-q", "-b", "side")
    side = commit(repository, b__py=f'T = "{token(2)}"\n')
    repository.git("checkout", "-q", "main")
    assert found(repository, "--history") == [("a.py", base), ("b.py", side)]
    assert found(repository, "--history", "main..side") == [("b.py", side)]
    assert found(repository, "--history", "main") == [("a.py", base)]


def test_tags_stashes_and_what_was_fetched_count_too(repository: Shell) -> None:
    commit(repository, a__py="x = 1\n")
    repository.git("checkout", "-q", "--detach")
    tagged = commit(repository, b__py=f'T = "{token(1)}"\n')
    repository.git("tag", "-a", "-m", "x", "v1")
    repository.git("checkout", "-q", "main")
    repository.write("a.py", f'T = "{token(2)}"\n')
    repository.git("stash")
    stashed = repository.git("rev-parse", "stash").strip()[:12]
    repository.git("checkout", "-q", "-b", "side")
    fetched = commit(repository, c__py=f'T = "{token(3)}"\n')
    repository.git("update-ref", "refs/remotes/origin/side", "HEAD")
    repository.git("checkout", "-q", "main")
    repository.git("branch", "-q", "-D", "side")
    places = found(repository, "--history")
    assert set(places) == {("b.py", tagged), ("c.py", fetched), ("a.py", stashed)} and len(places) == 3


def test_what_a_merge_brings_of_its_own_is_found(repository: Shell) -> None:
    commit(repository, a__py="a = 1\n")
    repository.git("checkout", "-q", "-b", "side")
    commit(repository, a__py="a = 2\n")
    repository.git("checkout", "-q", "main")
    commit(repository, a__py="a = 3\n")
    repository.run("git", "merge", "-q", "side")
    merge = commit(repository, a__py=f'a = 4\nT = "{token(1)}"\n')
    assert found(repository, "--history") == [("a.py", merge)]


def test_a_shallow_clone_is_checked_and_told_to_be_one(repository: Shell) -> None:
    commit(repository, a__py=f'T = "{token(1)}"\n')
    base = commit(repository, a__py="T = 1\n")
    last = commit(repository, b__py=f'T = "{token(2)}"\n')
    origin = repository.folder.as_uri()
    repository.git("clone", "-q", "--depth", "2", origin, "../shallow")
    shallow = Shell(repository.folder.parent / "shallow")
    done = shallow.ship("check", "--history")
    assert done.code == 2 and "clone is shallow" in done.out and "git fetch --unshallow" in done.out
    assert "a.py" not in done.out and f"Commit {last} brought it." in done.out and "fix available" not in done.out
    # All of this range is there.
    assert found(shallow, "--history", f"{base}..HEAD") == [("b.py", last)]
    assert shallow.ship("check", "--history", f"{base}..HEAD").code == 1
    shallow.git("fetch", "-q", "--unshallow")
    done = shallow.ship("check", "--history")
    assert done.code == 1 and "a.py" in done.out and "shallow" not in done.out


def test_a_shallow_clone_without_findings_is_not_clean(repository: Shell) -> None:
    commit(repository, a__py="x = 1\n")
    commit(repository, a__py="x = 2\n")
    repository.git("clone", "-q", "--depth", "1", repository.folder.as_uri(), "../shallow")
    done = Shell(repository.folder.parent / "shallow").ship("check", "--history")
    assert done.code == 2 and "nothing found" not in done.out


def test_no_fix_is_offered_for_what_is_committed(repository: Shell) -> None:
    commit(repository, a__py=f'T = "{token(1)}"\n')
    assert "fix available" in repository.ship("check").out
    done = repository.ship("check", "--history")
    assert done.code == 1 and "fix" not in done.out


def test_settings_and_remarks_hold_for_the_history_too(repository: Shell) -> None:
    repository.write("shipworthy.toml", 'exclude = ["vendor/"]\n')
    repository.write("vendor/a.py", f'T = "{token(1)}"\n')
    commit(repository, b__py=f'T = "{token(2)}"  # pragma: allowlist secret\n', c__py=f'T = "{token(3)}"\n')
    assert [path for path, _ in found(repository, "--history")] == ["c.py"]


@pytest.mark.parametrize(
    "arguments", [["--history", "nowhere"], ["--history=--output=x"], ["--history", "main", "a.py"]]
)
def test_what_cannot_be_walked_is_said(repository: Shell, arguments: list[str]) -> None:
    commit(repository, a__py="x = 1\n")
    done = repository.ship("check", *arguments)
    assert done.code == 2 and "--history" in done.err
    assert not (repository.folder / "x").exists()


def test_an_empty_repository_has_no_history(repository: Shell) -> None:
    assert repository.ship("check", "--history").code == 0


@pytest.mark.skipif(sys.platform == "win32", reason="needs signals")
def test_an_interrupted_walk_goes_on_where_it_was(repository: Shell, tmp_path: Path) -> None:
    for number in range(60):
        many = "".join(f'T{at} = "{token(100 * number + at)}"\n' for at in range(10))
        commit(repository, **{f"f{number}__py": many})
    whole = found(repository, "--history", "--no-cache")
    assert len(whole) == 600
    command = (sys.executable, "-m", "shipworthy_hooks", "check", "--history")
    with subprocess.Popen(
        command, cwd=repository.folder, env=repository.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        # The rest of the findings does not fit into the pipe: the walk waits, and cannot have ended.
        os.kill(process.pid, signal.SIGINT)
        process.communicate(timeout=60)
    assert process.returncode == 130
    kept = list((tmp_path / "cache").glob("history-*.json"))
    assert len(kept) == 1 and "ghp_" not in kept[0].read_text()
    done = repository.ship("check", "--history", "--output-format", "jsonl")
    assert "Goes on at commit" in done.err
    assert sorted(json.loads(line)["message"].split()[-3] for line in done.out.splitlines()) == sorted(
        commit for _, commit in whole
    )
    assert not list((tmp_path / "cache").glob("history-*.json"))
