"""Git answers what it is asked, and runs nothing that a hostile repository names."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from shipworthy import git
from shipworthy.git import Blobs, GitError, Repository, StagedFiles, WorkTreeFiles

Git = Callable[..., str]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Git:
    """Runs git in a fresh repository at `tmp_path / "r"`, with nobody's settings."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    for name, value in {
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_NAME": "a",
        "GIT_AUTHOR_EMAIL": "a@example.org",
        "GIT_COMMITTER_NAME": "a",
        "GIT_COMMITTER_EMAIL": "a@example.org",
    }.items():
        monkeypatch.setenv(name, value)
    top = tmp_path / "r"
    top.mkdir()

    def call(*arguments: str, folder: Path = top) -> str:
        done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    call("init", "-q", "-b", "main")
    return call


def opened(tmp_path: Path) -> Repository:
    found = git.repository(tmp_path / "r")
    assert found is not None
    return found


def write(tmp_path: Path, **files: str) -> None:
    for name, text in files.items():
        (tmp_path / "r" / f"{name}.py").write_text(text)


def test_visible_are_tracked_and_untracked_files_that_are_not_ignored(tmp_path: Path, run: Git) -> None:
    write(tmp_path, tracked="1", forced="2", hidden="3", new="4")
    top = tmp_path / "r"
    (top / ".gitignore").write_text("forced.py\nhidden.py\nbuild/\n")
    (top / "build").mkdir()
    (top / "build" / "a.py").write_text("")
    (top / "sub").mkdir()
    (top / "sub" / "ä \n:(x)*.py").write_text("")
    run("add", "tracked.py")
    run("add", "-f", "forced.py")
    inside = opened(tmp_path)
    assert git.visible(inside) == [".gitignore", "forced.py", "new.py", "sub/ä \n:(x)*.py", "tracked.py"]
    assert git.visible(inside, "sub") == ["sub/ä \n:(x)*.py"]
    asked = ["hidden.py", "build/a.py", "forced.py", "new.py", "gone.py", ":(x)*.py"]
    assert git.ignored(inside, asked) == {"hidden.py", "build/a.py"}
    assert git.ignored(inside, []) == frozenset()


def test_submodules_and_nested_repositories_are_not_entered(tmp_path: Path, run: Git) -> None:
    write(tmp_path, a="1")
    run("add", ".")
    run("commit", "-qm", "1")
    run("clone", "-q", ".", "nested")
    run("-c", "protocol.file.allow=always", "submodule", "-q", "add", str(tmp_path / "r"), "module")
    inside = opened(tmp_path)
    assert {path.split("/")[0] for path in git.visible(inside)} == {".gitmodules", "a.py", "module"}
    assert not [path for path in git.visible(inside) if "/" in path]
    assert [entry.path for entry in git.entries(inside) if entry.is_submodule] == ["module"]
    assert "module" not in StagedFiles(inside).paths()
    assert git.repository(tmp_path / "r" / "module") == Repository(str(tmp_path / "r" / "module"))


def test_staged_is_what_a_commit_would_change(tmp_path: Path, run: Git) -> None:
    write(tmp_path, same="same", changed="old", gone="gone", moved="moved\n" * 9, mode="mode")
    inside = opened(tmp_path)
    run("add", ".")
    assert [entry.path for entry in git.staged(inside)] == ["changed.py", "gone.py", "mode.py", "moved.py", "same.py"]
    run("commit", "-qm", "1")
    assert git.staged(inside) == []
    write(tmp_path, changed="staged", fresh="new", later="not yet")
    run("add", "changed.py", "fresh.py")
    run("add", "-N", "later.py")
    run("rm", "-q", "gone.py")
    run("mv", "moved.py", "there.py")
    run("update-index", "--chmod=+x", "mode.py")
    write(tmp_path, changed="only on the disk")
    (tmp_path / "r" / "link.py").symlink_to("same.py")
    run("add", "link.py")
    staged = git.staged(inside)
    assert [entry.path for entry in staged] == ["changed.py", "fresh.py", "link.py", "mode.py", "there.py"]
    assert [entry.path for entry in staged if not entry.is_file] == ["link.py"]
    files = pickle.loads(pickle.dumps(StagedFiles(inside)))
    assert files.read("changed.py") == b"staged"
    assert WorkTreeFiles(inside).read("changed.py") == b"only on the disk"
    with pytest.raises(FileNotFoundError):
        files.read("link.py")


def test_a_conflict_is_staged_without_content(tmp_path: Path, run: Git) -> None:
    write(tmp_path, a="base")
    run("add", ".")
    run("commit", "-qm", "1")
    run("checkout", "-qb", "other")
    write(tmp_path, a="theirs")
    run("commit", "-qam", "2")
    run("checkout", "-q", "main")
    write(tmp_path, a="ours")
    run("commit", "-qam", "3")
    with pytest.raises(subprocess.CalledProcessError):
        run("merge", "-q", "other")
    inside = opened(tmp_path)
    assert [entry.path for entry in git.staged(inside) if entry.stage] == ["a.py"]
    assert list(StagedFiles(inside).paths()) == []
    assert git.visible(inside) == ["a.py"]


def test_the_index_that_git_names_to_a_hook_is_the_one_that_counts(
    tmp_path: Path, run: Git, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`git commit FILE` commits from an index of its own."""
    write(tmp_path, a="1", b="2")
    run("add", ".")
    run("commit", "-qm", "1")
    write(tmp_path, a="changed", b="changed")
    run("add", "b.py")
    monkeypatch.setenv("GIT_INDEX_FILE", ".git/other")
    run("read-tree", "HEAD")
    run("add", "a.py")
    of_hook = git.repository_of_hook(tmp_path / "r")
    assert of_hook is not None
    assert [entry.path for entry in git.staged(of_hook)] == ["a.py"]
    assert [entry.path for entry in git.staged(opened(tmp_path))] == ["b.py"]


def test_contents_at_a_revision_follow_renames(tmp_path: Path, run: Git) -> None:
    write(tmp_path, kept="kept", old="a long enough text\n" * 20, changed="before")
    run("add", ".")
    run("commit", "-qm", "1")
    base = run("rev-parse", "HEAD")
    run("checkout", "-qb", "work")
    run("mv", "old.py", "new.py")
    write(tmp_path, changed="after", added="added")
    run("add", ".")
    run("commit", "-qm", "2")
    inside = opened(tmp_path)
    assert git.merge_base(inside, "main") == base
    names = git.blobs_at(inside, base)
    with Blobs(inside) as blobs:
        found = {path: blobs.read(name) for path, name in names.items()}
        with pytest.raises(OSError, match="content"):
            blobs.read("0" * 40)
        assert blobs.read(names["kept.py"]) == b"kept"
    assert found == {"kept.py": b"kept", "new.py": b"a long enough text\n" * 20, "changed.py": b"before"}
    assert git.blob_at_head(inside, "changed.py") == b"after"
    assert git.blob_at_head(inside, "nowhere.py") is None


def test_versions_are_told_from_the_first_and_over_renames_and_merges(tmp_path: Path, run: Git) -> None:
    inside, common = opened(tmp_path), "a long enough text\n" * 20
    assert git.versions(inside, "new.py") == []
    write(tmp_path, old=common, other="1")
    run("add", ".")
    run("commit", "-qm", "1")
    run("checkout", "-qb", "work")
    run("mv", "old.py", "new.py")
    run("commit", "-qm", "2")
    write(tmp_path, new=f"{common}3")
    run("commit", "-qam", "3")
    run("checkout", "-q", "main")
    write(tmp_path, other="2")
    run("commit", "-qam", "4")
    run("merge", "-q", "--no-commit", "work")
    write(tmp_path, new=f"{common}5")
    run("add", ".")
    run("commit", "-qm", "5")
    with Blobs(inside) as blobs:
        found = [blobs.read(one.blob).decode() for one in git.versions(inside, "new.py")]
    assert found == [common, common, f"{common}3", f"{common}5"]
    assert git.versions(inside, "new.py")[-1].commit == git.head(inside) == run("rev-parse", "HEAD")
    assert git.versions(inside, "nowhere.py") == []


def test_what_git_cannot_answer_says_what_to_do(tmp_path: Path, run: Git) -> None:
    inside = opened(tmp_path)
    assert git.blob_at_head(inside, "a.py") is None
    for revision in ("nowhere", "--output=x", "HEAD"):
        with pytest.raises(GitError, match="name a branch"):
            git.merge_base(inside, revision)
    write(tmp_path, a="1")
    run("add", ".")
    run("commit", "-qm", "1")
    run("checkout", "-q", "--orphan", "alone")
    run("commit", "-qm", "2")
    with pytest.raises(GitError, match="in common"):
        git.merge_base(inside, "main")
    (tmp_path / "r" / ".git" / "config").write_text("[core\n")
    with pytest.raises(GitError, match="config"):
        git.visible(inside)


def test_a_hostile_repository_runs_nothing(tmp_path: Path, run: Git) -> None:
    top, ran = tmp_path / "r", tmp_path / "ran"
    write(tmp_path, a="print(1)\n", b="print(2)\n")
    (top / ".gitattributes").write_text("*.py filter=evil diff=evil\n*.txt filter=lasting\n")
    (top / "n.txt").write_text("1")
    run("add", ".")
    run("commit", "-qm", "1")
    signed = (
        run("cat-file", "commit", "HEAD").replace("\n\n", "\ngpgsig -----BEGIN PGP SIGNATURE-----\n x\n\n", 1) + "\n"
    )
    (tmp_path / "commit").write_text(signed)
    run("reset", "-q", "--soft", run("hash-object", "-t", "commit", "-w", str(tmp_path / "commit")))
    write(tmp_path, a="print(3)\n", c="print(2)\n")
    run("rm", "-q", "--cached", "b.py")
    (top / "b.py").rename(top / "d.py")
    run("add", ".")
    write(tmp_path, a="print(4)\n")
    missing = run("rev-parse", ":n.txt")
    (top / ".git" / "objects" / missing[:2] / missing[2:]).unlink()

    def program(name: str) -> str:
        path = tmp_path / name
        path.write_text(f"#!/bin/sh\necho {name} >> {ran}\n")
        path.chmod(0o755)
        return str(path)

    settings = {
        "core.fsmonitor": program("monitor"),
        "core.sshCommand": program("ssh"),
        "core.pager": program("pager"),
        "pager.ls-files": program("pager"),
        "core.editor": program("editor"),
        "core.alternateRefsCommand": program("refs"),
        "core.gitProxy": program("proxy"),
        "credential.helper": program("credential"),
        "diff.external": program("difference"),
        "diff.evil.command": program("difference"),
        "diff.evil.textconv": program("textconv"),
        "filter.evil.clean": program("clean"),
        "filter.evil.smudge": program("smudge"),
        "filter.evil.required": "true",
        "filter.lasting.process": program("process"),
        "gpg.program": program("gpg"),
        "log.showSignature": "true",
        "interactive.diffFilter": program("interactive"),
        "uploadpack.packObjectsHook": program("pack"),
        "extensions.partialClone": "origin",
        "remote.origin.url": f"ext::{program('transport')}",
        "remote.origin.promisor": "true",
        "protocol.allow": "always",
        "protocol.ext.allow": "always",
        "core.hooksPath": str(tmp_path / "hooks"),
        **{f"alias.{name}": f"!{program('alias')}" for name in ("ls-files", "check-ignore", "diff-index", "cat-file")},
    }
    (tmp_path / "hooks").mkdir()
    for name in ("post-index-change", "reference-transaction", "post-checkout", "pre-commit"):
        Path(program("hook")).replace(tmp_path / "hooks" / name)
    for name, value in settings.items():
        run("config", name, value)
    ran.unlink(missing_ok=True)

    inside = opened(tmp_path)
    assert git.visible(inside) == [".gitattributes", "a.py", "c.py", "d.py", "n.txt"]
    assert git.ignored(inside, ["a.py"]) == frozenset()
    assert [entry.path for entry in git.staged(inside)] == ["a.py", "c.py", "d.py"]
    assert StagedFiles(inside).read("a.py") == b"print(3)\n"
    assert WorkTreeFiles(inside).read("a.py") == b"print(4)\n"
    with pytest.raises(OSError, match="content"):
        StagedFiles(inside).read("n.txt")
    assert "a.py" in git.blobs_at(inside, git.merge_base(inside, "HEAD"))
    assert git.blob_at_head(inside, "a.py") == b"print(1)\n"
    assert len(git.versions(inside, "a.py")) == 1
    assert not ran.exists(), ran.read_text()
    for question in (["status"], ["cat-file", "blob", missing], ["log"]):
        subprocess.run(["git", *question], cwd=top, capture_output=True, check=False, timeout=60)
    assert {"monitor", "transport", "gpg"} <= {*ran.read_text().split()}, "the traps do not work: nothing was tested"


def test_a_folder_that_looks_like_a_repository_is_none(tmp_path: Path) -> None:
    (tmp_path / "r" / ".git").mkdir(parents=True)
    assert git.repository(tmp_path / "r") is None


def test_git_is_looked_for_in_absolute_folders_alone(tmp_path: Path, run: Git) -> None:
    """A `git` in the workspace is not run, even where PATH holds the working directory."""
    trap = tmp_path / "r" / "git"
    trap.write_text(f"#!/bin/sh\necho trapped > {tmp_path / 'trapped'}\n")
    trap.chmod(0o755)
    code = f"from shipworthy import git; print(git.visible(git.Repository({str(tmp_path / 'r')!r})))"
    search = os.pathsep.join([".", "", os.environ["PATH"]])
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path / "r",
        env={**os.environ, "PATH": search, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == "['git']", done.stderr
    assert not (tmp_path / "trapped").exists()
