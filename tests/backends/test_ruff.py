"""The real ruff through its adapter: places, isolation, and files that are gone whatever happens."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from shipworthy.backends import Source
from shipworthy.backends.ruff import BACKEND

CODES = frozenset({"ruff:S307", "ruff:S101", "ruff:F821"})
TOO_DEEP = "x = " + "[" * 200_000 + "]" * 200_000

MARKED = [
    ("é = «eval(ü)»\n", "S307"),
    ("if x:\r\n\té = [«eval(\r\n  ü)»]\r\n", "S307"),
    ("x = 1\ry = '🎉a\u0301', «eval(x)»\r", "S307"),
    ("\fx = 'a\u2028\x0b'; «eval(x)»\n", "S307"),
    ("x = f'é{«eval(y)»}ü'\n", "S307"),
    ("\ufeff«eval(é)»; «eval(é)»\n«eval(é)»", "S307"),
    ("x = '\ud800'; «eval(x)»\n", "S307"),
    ("«eval(x)»  # noqa\n# ruff: noqa\n", "S307"),
    ("type A[B] = B\ntry: x\nexcept A, B: «eval(x)»\n", "S307"),
    ("x = y «z»\n", "invalid-syntax"),
]


def text_of(program: str) -> str:
    return program.replace("«", "").replace("»", "")


def source(text: str, path: str = "a.py") -> Source:
    return Source(path, text, "python", codes=CODES)


def answers(programs: list[str]) -> list[list[str]]:
    """For each program what the hits of its code hold, all asked for at once."""
    given = BACKEND.run([source(text_of(program)) for program in programs])
    assert not [answer.problem for answer in given if answer.problem]
    codes = {text_of(program): f"ruff:{code}" for program, code in MARKED}
    return [
        [text[hit.span.start : hit.span.end] for hit in answer.hits if hit.code == codes[text]]
        for text, answer in zip(map(text_of, programs), given, strict=True)
    ]


def marks(program: str) -> list[str]:
    return [part.partition("»")[0] for part in program.split("«")[1:]]


@pytest.mark.parametrize("program", [program for program, _ in MARKED])
def test_span(program: str) -> None:
    assert answers([program]) == [marks(program)]


def test_many_texts_are_answered_like_each() -> None:
    programs = [program for program, _ in MARKED]
    assert answers(programs) == [marks(program) for program in programs]
    assert BACKEND.run([]) == []


def test_stubs_are_read_as_stubs() -> None:
    stub = "class A(Later): ...\nclass Later: ...\n"
    for others in ([], [source("")]):
        plain, typed = (BACKEND.run([source(stub, path), *others])[0].hits for path in ("a.py", "a.pyi"))
        assert [hit.code for hit in plain] == ["ruff:F821"]
        assert not typed


def test_codes_that_ruff_does_not_know_any_more_cost_nothing() -> None:
    codes = frozenset({"ruff:S307", "ruff:S320", "ruff:S998"})
    answer = BACKEND.run([Source("a.py", "eval(x)\n", "python", codes=codes)])[0]
    assert ([hit.code for hit in answer.hits], answer.problem) == (["ruff:S307"], "")


def test_the_workspace_and_the_environment_decide_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "ruff.toml").write_text('exclude = ["*"]\nlint.ignore = ["ALL"]\n')
    (tmp_path / ".gitignore").write_text("*\n")
    (tmp_path / "a.py").write_text("pass\n")
    for name in ("ruff", "ruff.exe"):
        (tmp_path / name).write_text("#!/bin/sh\necho '[]'\n")
        (tmp_path / name).chmod(0o755)
    build = tmp_path / "build" / ".venv"
    build.mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("RUFF_OUTPUT_FILE", str(tmp_path / "out"))
    monkeypatch.setattr(tempfile, "tempdir", str(build))
    for others in ([], [source("")]):
        assert [hit.code for hit in BACKEND.run([source("eval(x)\n"), *others])[0].hits] == ["ruff:S307", "ruff:F821"]
    assert not (tmp_path / "out").exists()
    assert not list(build.iterdir())


def test_a_text_that_makes_ruff_crash_costs_its_own_answer() -> None:
    given = BACKEND.run([source("eval(1)\n"), source(TOO_DEEP), source("eval(2)\n"), source("eval(3)\n")])
    assert [bool(answer.problem) for answer in given] == [False, True, False, False]
    assert [len(answer.hits) for answer in given] == [1, 0, 1, 1]
    assert "exclude the file" in given[1].problem


def test_without_ruff_there_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "ruff.py").write_text("")
    program = "from shipworthy.backends import ruff, Source; print(ruff.BACKEND.run([Source('a.py', 'x', 'python')]))"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])}
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=environment)
    assert "reinstall Shipworthy" in result.stdout, result.stderr


@pytest.mark.skipif(os.name != "posix", reason="kills a process the POSIX way")
def test_no_text_is_left_when_the_process_is_killed(tmp_path: Path) -> None:
    value = secrets.token_hex(20)
    program = f"""if True:
        from shipworthy.backends import ruff, Source
        text = "x = '{value}'\\n" + "assert x == [1, 2, 3]\\n" * 5_000
        ruff.BACKEND.run([Source("a.py", text, "python", codes=frozenset({{"ruff:S101"}}))] * 400)
    """
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "TMPDIR": str(tmp_path)}
    with subprocess.Popen([sys.executable, "-c", program], env=environment) as process:
        wait_until(lambda: any(tmp_path.glob("*/*.py")))
        (folder,) = tmp_path.iterdir()
        assert folder.stat().st_mode & 0o777 == 0o700
        process.send_signal(signal.SIGKILL)
    wait_until(lambda: not list(tmp_path.iterdir()))


def wait_until(done: Callable[[], bool]) -> None:
    for _ in range(3000):
        if done():
            return
        time.sleep(0.01)
    raise AssertionError("it did not happen within 30 seconds")
