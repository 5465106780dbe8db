"""One verdict everywhere: the command (1 and n jobs, cold and warm), any subset of files, the hook, the server.

The project under test holds every example of every rule and real programs, in one real repository.
"""

from __future__ import annotations

import json
import random
import subprocess
from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from shipworthy import registry
from shipworthy.testing import prepare

from ..hooks.shell import Shell
from ..server.client import Client, capabilities

Found = tuple[str, str, str, tuple[int, int, int, int]]
"""A finding as every front door tells it: path, rule, message, range (lines and columns from 1)."""

PROGRAMS = ("bandit", "pygls", "detect_secrets", "radon")
BROKEN = {
    "broken/open.py": "def f(:\n    pass\n\n\ntry:\n    g()\nexcept Exception:\n    pass\n",
    "broken/half.js": "function f( {\n\nfunction g() {\n  try { h() } catch (e) { }\n}\n",
    "broken/lines.py": "try:\r\n    é()\rexcept Exception:\n    pass\x0c\n",
    "empty.py": "",
}


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository, made once for all workers of the test run."""
    shared = tmp_path_factory.getbasetemp().parent / "parity"
    with FileLock(f"{shared}.lock"):
        if not (shared / "made").exists():
            folder = shared / "project"
            for path, text in texts():
                place = folder / path
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(text.encode())
            for command in (["init", "-q"], ["add", "-A"]):
                subprocess.run(["git", *command], cwd=folder, check=True, env=Shell(folder).environment)
            (shared / "made").touch()
    return shared / "project"


def texts() -> Iterator[tuple[str, str]]:
    """Every file of the project: examples, each in a folder of its own, real programs, broken files."""
    yield from BROKEN.items()
    for entry in registry.entries().values():
        rule = entry.load()
        for number, example in enumerate((*rule.bad, *rule.good)):
            prepared = prepare(example)
            for path, text in {**prepared.files, prepared.document.path: prepared.document.text}.items():
                yield f"cases/{entry.id}/{number}/{path}", text
    for name in PROGRAMS:
        spec = find_spec(name)
        assert spec is not None and spec.origin is not None
        for path in sorted(Path(spec.origin).parent.rglob("*.py"))[:25]:
            yield f"programs/{name}/{path.relative_to(Path(spec.origin).parent).as_posix()}", path.read_text("utf-8")


def of_command(shell: Shell, *arguments: str) -> set[Found]:
    """What the command says; it must have been able to check everything."""
    done = shell.ship(*arguments, "--output-format", "jsonl")
    assert done.code in {0, 1}, done.err
    return {of_line(json.loads(line)) for line in done.out.splitlines()}


def of_line(line: dict[str, Any]) -> Found:
    start, end = line["start"], line["end"]
    return line["path"], line["rule"], line["message"], (start["line"], start["column"], end["line"], end["column"])


def shell_in(project: Path, tmp_path: Path) -> Shell:
    return Shell(project, {"SHIPWORTHY_CACHE_DIR": str(tmp_path / "cache")})


def paths_of(found: Iterable[Found], chosen: Iterable[str]) -> set[Found]:
    wanted = set(chosen)
    return {one for one in found if one[0] in wanted}


def test_jobs_caches_and_hooks_do_not_change_the_verdict(project: Path, tmp_path: Path) -> None:
    shell = shell_in(project, tmp_path)
    cold = of_command(shell, "check", "--jobs", "1")
    assert {rule for _, rule, _, _ in cold} >= {
        entry.id for entry in registry.entries().values() if entry.load().bad and entry.default and entry.in_tests
    }
    assert of_command(shell, "check", "--jobs", "1") == cold
    assert of_command(shell, "check", "--jobs", "3", "--no-cache") == cold
    assert of_command(shell, "hook") == cold


@pytest.mark.parametrize("seed", range(3))
def test_a_file_has_one_verdict_whatever_else_is_asked_for(project: Path, tmp_path: Path, seed: int) -> None:
    shell = shell_in(project, tmp_path)
    everything = of_command(shell, "check")
    files = sorted(path for path, _ in texts())
    chosen = random.Random(seed).sample(files, 40)
    assert of_command(shell, "check", "--no-cache", *chosen) == paths_of(everything, chosen)
    assert of_command(shell, "hook", *chosen) == paths_of(everything, chosen)


@pytest.mark.asyncio
@pytest.mark.parametrize("pull", [False, True], ids=["push", "pull"])
async def test_the_server_says_what_the_command_says(project: Path, tmp_path: Path, pull: bool) -> None:
    known = capabilities(pull=pull)
    async with Client(project, known) as client:
        found: set[Found] = set()
        for path, text in texts():
            if pull and path.startswith("cases/"):
                continue
            uri = await client.open(path, text)
            found |= {of_diagnostic(path, one) for one in await client.verdict(uri)}
            await client.close(uri)
    everything = of_command(shell_in(project, tmp_path), "check")
    expected = {one for one in everything if not (pull and one[0].startswith("cases/"))}
    assert found == expected


def of_diagnostic(path: str, diagnostic: dict[str, Any]) -> Found:
    """A diagnostic as the command would put it; the client asked for columns in code points."""
    start, end = diagnostic["range"]["start"], diagnostic["range"]["end"]
    place = (start["line"] + 1, start["character"] + 1, end["line"] + 1, end["character"] + 1)
    return path, str(diagnostic["code"]), diagnostic["message"], place
