"""What git knows, asked in a way that never runs a program that the repository names.

For the front doors alone: nothing else in the engine may import this module. A hostile
`.git/config` can name programs to run (monitors, filters, drivers, transports); each call switches
them off or asks a question that needs none. Submodules and nested repositories are not entered.
"""

from __future__ import annotations

import functools
import itertools
import os
import re
import stat
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shipworthy.sources import LARGEST, read_regular
from shipworthy.workspace import repository_top

_SWITCHES = (
    "--no-pager",
    "--no-optional-locks",
    "-c",
    "core.fsmonitor=false",
    "-c",
    f"core.hooksPath={os.devnull}",
)
_DIFF = ("--raw", "-z", "--no-abbrev", "--no-ext-diff", "--no-textconv", "--ignore-submodules=all")
_ENVIRONMENT: Mapping[str, str] = {
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}
_OF_A_HOOK = (
    "GIT_DIR",
    "GIT_COMMON_DIR",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_QUARANTINE_PATH",
)
"""Variables with which git tells a hook what to look at: a commit of some files has an index of its own."""
_MISLEADING = ("GIT_WORK_TREE", "GIT_PREFIX", "GIT_NAMESPACE", "GIT_EXTERNAL_DIFF", "GIT_DIFF_OPTS")
_UNREADABLE = re.compile(rb"^warning: could not open directory '(.*)': (.*)$", re.MULTILINE)
_REGULAR = frozenset({"100644", "100755"})
_COMMITS_AT_ONCE = 200
_RENAMES = 10
_PATIENCE = 120
"""Seconds after which git counts as hung."""


class GitError(Exception):
    """Git could not answer. The message says why, and what to do about it."""


@dataclass(frozen=True, slots=True)
class Repository:
    """A work tree. `top`: its absolute folder. `variables`: what git told the hook that we run in."""

    top: str
    variables: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the index: the file mode, the name of its content, and the stage (not 0 in a conflict)."""

    path: str
    mode: str
    blob: str
    stage: int = 0

    @property
    def is_file(self) -> bool:
        """Whether it is a file, and neither a symbolic link nor a submodule."""
        return self.mode in _REGULAR

    @property
    def is_submodule(self) -> bool:
        """Whether it is another repository, of which git keeps the commit alone."""
        return self.mode == "160000"


def repository(folder: Path) -> Repository | None:
    """The repository that a folder lies in."""
    top = repository_top(folder)
    return Repository(str(top)) if top is not None else None


def repository_of_hook(folder: Path) -> Repository | None:
    """The repository of the hook that git runs in `folder`, with the index that git names."""
    variables = tuple((name, os.environ[name]) for name in _OF_A_HOOK if os.environ.get(name))
    top = repository_top(folder)
    if top is None and "GIT_DIR" in dict(variables):
        top = Path(os.environ.get("GIT_WORK_TREE") or folder).absolute()
    return Repository(str(top), variables) if top is not None else None


def visible(
    inside: Repository, below: str = "", on_unreadable: Callable[[str, str], None] = lambda folder, why: None
) -> list[str]:
    """The tracked files and the untracked ones that git does not ignore, sorted; `below` a folder.

    `on_unreadable` hears of every folder that git could not open, relative to the top, and why.
    """
    done = _done(inside, "ls-files", "-z", "-c", "-o", "--exclude-standard", "--", f":(literal){below}")
    for folder, why in _UNREADABLE.findall(done.stderr):
        on_unreadable(os.fsdecode(folder), why.decode("utf-8", "replace"))
    return sorted({path for path in _split(done.stdout) if not path.endswith("/")})


def entries(inside: Repository) -> list[Entry]:
    """The index, in the order of its paths."""
    found: list[Entry] = []
    for line in _split(_run(inside, "ls-files", "-z", "-s")):
        about, _, path = line.partition("\t")
        mode, blob, stage = about.split(" ")
        found.append(Entry(path, mode, blob, int(stage)))
    return found


def ignored(inside: Repository, paths: Iterable[str]) -> frozenset[str]:
    """Those of `paths` (relative to the top) that git ignores. A tracked file is never ignored."""
    # `./` keeps git from taking a name such as `:(x)` for a pattern.
    asked = "".join(f"./{path}\0" for path in paths)
    if not asked:
        return frozenset()
    found = _run(inside, "check-ignore", "-z", "--stdin", given=os.fsencode(asked), fine=(0, 1))
    return frozenset(path.removeprefix("./") for path in _split(found))


def is_tracked(inside: Repository, path: str) -> bool:
    """Whether a file (relative to the top) is in git's index: no rule of `.gitignore` keeps it out any more."""
    return _run(inside, "ls-files", "-z", "--", f":(top,literal){path}") != b""


def staged(inside: Repository) -> list[Entry]:
    """What the index would change if it were committed now: new and changed content, conflicts too.

    Deletions are left out, and so are files whose content is yet to be added (`git add -N`).
    """
    tree = _head(inside) or _text(_run(inside, "hash-object", "-t", "tree", "--stdin"))
    changes = _changes(inside, "--no-renames", "--ita-invisible-in-index", tree)
    return [new for _, new in changes if new.stage or int(new.mode, 8)]


def merge_base(inside: Repository, revision: str) -> str:
    """The commit at which the work on HEAD parted from `revision`. Raises GitError."""
    try:
        name = _run(inside, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    except GitError as error:
        raise GitError(f"git knows no revision {revision!r}; name a branch, a tag or a commit that exists") from error
    try:
        return _text(_run(inside, "merge-base", "HEAD", _text(name)))
    except GitError as error:
        raise GitError(
            f"HEAD and {revision!r} have no commit in common; a shallow clone needs `git fetch --unshallow`"
        ) from error


def blobs_at(inside: Repository, revision: str) -> dict[str, str]:
    """For each path of the index, the name of the content that it had at `revision`, renames followed.

    A path that is not in the answer did not exist then.
    """
    found = {entry.path: entry.blob for entry in entries(inside) if entry.is_file}
    for old, new in _changes(inside, "-M", revision):
        found.pop(new.path, None)
        if old.is_file:
            found[new.path] = old.blob
    return found


def blob_at_head(inside: Repository, path: str) -> bytes | None:
    """The content of a file in the last commit; None if it is not part of it."""
    if _head(inside) is None:
        return None
    for line in _split(_run(inside, "ls-tree", "-z", "HEAD", "--", path)):
        mode, _, blob = line.partition("\t")[0].split(" ")
        if mode in _REGULAR:
            return _run(inside, "cat-file", "blob", blob)
    return None


@dataclass(frozen=True, slots=True)
class Addition:
    """A content that a commit brought, at a path."""

    commit: str
    path: str
    blob: str


def commits(inside: Repository, revisions: str = "") -> list[str]:
    """The names of the commits that `revisions` (such as `main..topic`) means, parents first; "" means all.

    Raises GitError.
    """
    chosen = ["--all", "HEAD"] if not revisions and _head(inside) else ["--all"]
    chosen = ["--end-of-options", revisions] if revisions else chosen
    try:
        return _text(_run(inside, "rev-list", "--reverse", "--topo-order", *chosen, "--")).split()
    except GitError as error:
        if not revisions:
            raise
        raise GitError(f"git knows no revisions {revisions!r}; name a range such as main..HEAD") from error


def cut_off(inside: Repository) -> frozenset[str]:
    """The commits of a shallow clone whose parents are not there; none if the history is complete. Raises GitError."""
    if _text(_run(inside, "rev-parse", "--is-shallow-repository")) != "true":
        return frozenset()
    place = Path(inside.top) / os.fsdecode(_run(inside, "rev-parse", "--git-path", "shallow").rstrip(b"\r\n"))
    try:
        return frozenset(_text(read_regular(place)).split())
    except (OSError, UnicodeDecodeError) as error:
        raise GitError("which commits this shallow clone lacks cannot be read; run `git fetch --unshallow`") from error


def additions(inside: Repository, names: Iterable[str]) -> Iterator[Addition]:
    """What each of some commits brought, in their order; of a merge, what neither parent had. Raises GitError."""
    options = ("--stdin", "--root", "--always", "-r", "-c", "--no-renames", *_DIFF)
    for chunk in _batched(names):
        found = _run(inside, "diff-tree", *options, given="".join(f"{name}\n" for name in chunk).encode("ascii"))
        commit, fields = "", iter(_split(found))
        for field in fields:
            if not field.startswith(":"):
                commit = field.strip()
                continue
            path, parents = next(fields), len(field) - len(field.lstrip(":"))
            about = field.lstrip(":").split(" ")
            mode, blob = about[parents], about[2 * parents + 1]
            if mode in _REGULAR:
                yield Addition(commit, path, blob)


@dataclass(frozen=True, slots=True)
class Version:
    """A content that a commit gave to a file; `date` as in 2024-12-31."""

    commit: str
    date: str
    blob: str


def versions(inside: Repository, path: str, seconds: float = _PATIENCE) -> list[Version]:
    """What a file has been on the way to HEAD, the first content first, renames followed. Raises GitError.

    git's own `--follow` loses the sight of a file that was renamed on another branch than it was changed on.
    """
    found: list[Version] = []
    start, end = _head(inside), time.monotonic() + seconds
    for _ in range(_RENAMES if start is not None else 0):
        under_this_name = _versions(inside, f"{start}", path, max(end - time.monotonic(), 0.1))
        found += under_this_name
        if not under_this_name:
            break
        start = under_this_name[-1].commit
        options = ("-r", "-M", "--diff-filter=R", "--no-commit-id", *_DIFF)
        renames = _changed(_run(inside, "diff-tree", *options, start, seconds=max(end - time.monotonic(), 0.1)))
        before = next((old.path for old, new in renames if new.path == path), None)
        if before is None:
            break
        start, path = f"{start}^", before
    return found[::-1]


def _versions(inside: Repository, start: str, path: str, seconds: float) -> list[Version]:
    """What a file has been under one name, the last content first; of merges, what no parent had."""
    options = ("-c", "--no-renames", "--no-show-signature", "--no-color", "--format=%H %cs", *_DIFF)
    found: list[Version] = []
    commit = date = ""
    fields = iter(_split(_run(inside, "log", *options, start, "--", f":(literal){path}", seconds=seconds)))
    for field in map(str.lstrip, fields):
        if not field.startswith(":"):
            commit, _, date = field.strip().partition(" ")
            continue
        about = field.lstrip(":").split(" ")
        parents = len(field) - len(field.lstrip(":"))
        next(fields)
        if about[parents] in _REGULAR:
            found.append(Version(commit, date, about[2 * parents + 1]))
    return found


def head(inside: Repository) -> str:
    """The name of the last commit; "" before the first one."""
    return _head(inside) or ""


class Blobs:
    """Contents by name, from one `git cat-file` that is kept running. Close it, or use `with`."""

    def __init__(self, inside: Repository) -> None:
        self._inside = inside
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = os.getpid()

    def __enter__(self) -> Blobs:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        self.close()

    def close(self) -> None:
        """End the process. A later read starts another one."""
        process, self._process = self._process, None
        if process is not None and self._owner == os.getpid():
            process.kill()
            process.communicate()

    def read(self, name: str) -> bytes:
        """A content, up to `sources.LARGEST` bytes and one. Raises OSError."""
        process = self._started()
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write(f"{name}\n".encode("ascii"))
        process.stdin.flush()
        head = process.stdout.readline().split()
        if len(head) != 3:
            raise OSError("git does not have the content of this file")
        size = int(head[2])
        data = process.stdout.read(min(size, LARGEST + 1))
        left = size - len(data) + 1
        while left > 0 and (passed := process.stdout.read(min(left, 1 << 20))):
            left -= len(passed)
        return data

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            try:
                self._process = subprocess.Popen(
                    _command("cat-file", "--batch"),
                    cwd=self._inside.top,
                    env=_environment(self._inside),
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                )
            except GitError as error:
                raise OSError(str(error)) from error
        return self._process


@dataclass(frozen=True)
class StagedFiles:
    """The files of the index, with the content that a commit would have. See `sources.Files`.

    Of a file with a conflict there is no such content.
    """

    inside: Repository

    @functools.cached_property
    def _names(self) -> Mapping[str, str]:
        return {one.path: one.blob for one in entries(self.inside) if one.is_file and not one.stage}

    @functools.cached_property
    def _blobs(self) -> Blobs:
        return Blobs(self.inside)

    def paths(self) -> Iterable[str]:
        """All paths of the index, relative to the top of the repository."""
        return self._names

    def read(self, path: str) -> bytes:
        """The staged content of a file. Raises OSError."""
        if path not in self._names:
            raise FileNotFoundError(path)
        return self._blobs.read(self._names[path])

    def __getstate__(self) -> dict[str, Any]:
        return {"inside": self.inside}


@dataclass(frozen=True)
class WorkTreeFiles:
    """The files of a work tree as they are on the disk, listed by git when somebody asks."""

    inside: Repository

    @functools.cached_property
    def _listed(self) -> tuple[str, ...]:
        return tuple(visible(self.inside))

    def paths(self) -> Iterable[str]:
        """The tracked files and the untracked ones that git does not ignore."""
        return self._listed

    def read(self, path: str) -> bytes:
        """The content of a file. Raises OSError."""
        return read_regular(f"{self.inside.top}/{path}")

    def __getstate__(self) -> dict[str, Any]:
        return {"inside": self.inside}


def _batched(names: Iterable[str]) -> Iterator[list[str]]:
    left = iter(names)
    while chunk := list(itertools.islice(left, _COMMITS_AT_ONCE)):
        yield chunk


def _changes(inside: Repository, *arguments: str) -> Iterator[tuple[Entry, Entry]]:
    """What differs between a tree and the index: the old and the new entry of each path."""
    return _changed(_run(inside, "diff-index", "--cached", *_DIFF, *arguments, "--"))


def _changed(told: bytes) -> Iterator[tuple[Entry, Entry]]:
    """What git tells of changes, with `_DIFF`."""
    fields = iter(_split(told))
    for about in fields:
        old_mode, new_mode, old_blob, new_blob, kind = about.lstrip(":").split(" ")
        old_path = next(fields)
        new_path = next(fields) if kind[0] in "RC" else old_path
        yield Entry(old_path, old_mode, old_blob), Entry(new_path, new_mode, new_blob, int(kind == "U"))


def _head(inside: Repository) -> str | None:
    """The last commit; None before the first one."""
    try:
        return _text(_run(inside, "rev-parse", "--verify", "--quiet", "HEAD^{commit}"))
    except GitError:
        return None


def _run(
    inside: Repository, *arguments: str, given: bytes = b"", fine: tuple[int, ...] = (0,), seconds: float = _PATIENCE
) -> bytes:
    return _done(inside, *arguments, given=given, fine=fine, seconds=seconds).stdout


def _done(
    inside: Repository, *arguments: str, given: bytes = b"", fine: tuple[int, ...] = (0,), seconds: float = _PATIENCE
) -> subprocess.CompletedProcess[bytes]:
    try:
        done = subprocess.run(
            _command(*arguments),
            cwd=inside.top,
            env=_environment(inside),
            input=given,
            capture_output=True,
            timeout=seconds,
            check=False,
        )
    except OSError as error:
        raise GitError(f"git could not be started: {error.strerror}") from error
    except subprocess.TimeoutExpired as error:
        raise GitError(f"`git {arguments[0]}` did not answer within {seconds:g} seconds") from error
    if done.returncode not in fine:
        said = done.stderr.decode("utf-8", "replace").strip().partition("\n")[0]
        remedy = ""
        if "dubious ownership" in said:
            remedy = f"; if you trust it, run `git config --global --add safe.directory {inside.top}`"
        raise GitError(f"`git {arguments[0]}` failed: {said or f'exit code {done.returncode}'}{remedy}")
    return done


def _command(*arguments: str) -> list[str]:
    return [_program(), *_SWITCHES, *arguments]


def _environment(inside: Repository) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if name not in (*_OF_A_HOOK, *_MISLEADING)}
    own = {"GIT_WORK_TREE": inside.top, "GIT_CEILING_DIRECTORIES": str(Path(inside.top).parent)}
    return {**inherited, **_ENVIRONMENT, **own, **dict(inside.variables)}


@functools.cache
def _program() -> str:
    """Git's own path, looked for in absolute folders alone: a program in a workspace is not ours to run."""
    for folder in filter(os.path.isabs, os.get_exec_path()):
        for name in ("git.exe", "git") if os.name == "nt" else ("git",):
            path = Path(folder) / name
            try:
                if stat.S_ISREG(path.stat().st_mode) and os.access(path, os.X_OK):
                    return str(path)
            except OSError:
                continue
    raise GitError("git was not found; install it, or put its folder on PATH")


def _split(data: bytes) -> list[str]:
    return [os.fsdecode(part) for part in data.split(b"\0") if part]


def _text(data: bytes) -> str:
    return data.decode("ascii").strip()
