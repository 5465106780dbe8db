"""Many files: the same verdicts in any number of processes, in order, and one bad file costs itself alone."""

from __future__ import annotations

import multiprocessing
import random
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from shipworthy import batch
from shipworthy.analyze import analyze
from shipworthy.config import Config
from shipworthy.document import Document
from shipworthy.index import Index
from shipworthy.model import Report
from shipworthy.project import Project
from shipworthy.store import Store
from shipworthy.testing import MemoryFiles
from shipworthy.workers import Inline, Pool

SWALLOWED = "try:\n    work()\nexcept:\n    pass\n"
CONTENTS = {
    f"pkg/m{number:03}.py": f"import pkg.m{(number + 1) % 120:03} as other\n" + SWALLOWED * (number % 4)
    for number in range(120)
}


def project(**contents: str) -> Project:
    return Project("/nowhere", index=Index(MemoryFiles({**CONTENTS, **contents})))


def check(executor: Executor, paths: list[str], store: Store | None = None, **contents: str) -> list[Report]:
    files = MemoryFiles({**CONTENTS, **contents})
    opened = replace(project(**contents), index=Index(files, store=store))
    return list(batch.check_files(paths, opened, files, executor, store, ahead=4))


@pytest.fixture(scope="module")
def alone() -> dict[str, Report]:
    """Each file on its own, in the order of its path."""
    opened = project()
    return {path: analyze(Document(path, text), opened) for path, text in CONTENTS.items()}


def test_any_executor_gives_the_same_in_the_order_that_was_asked(alone: dict[str, Report]) -> None:
    assert sum(len(report.findings) for report in alone.values()) > 100
    paths = list(CONTENTS)
    random.Random(7).shuffle(paths)
    expected = [alone[path] for path in paths]
    with Inline() as inline, ThreadPoolExecutor(2) as threads, Pool(2) as pool:
        for executor in (inline, threads, pool):
            assert check(executor, paths) == expected


def test_a_subset_gets_what_it_gets_among_all(alone: dict[str, Report]) -> None:
    some = random.Random(8)
    for size in (1, 7, 60):
        paths = some.sample(list(CONTENTS), size)
        assert check(Inline(), paths) == [alone[path] for path in paths]


def test_reports_stream_and_only_so_much_is_read_ahead() -> None:
    read: list[str] = []

    @dataclass(frozen=True)
    class Noted(MemoryFiles):
        def read(self, path: str) -> bytes:
            read.append(path)
            return super().read(path)

    reports = batch.check_files(CONTENTS, Project("/nowhere"), Noted(CONTENTS), Inline())
    assert next(reports).path == "pkg/m000.py"
    assert len(read) < len(CONTENTS)
    assert len(list(reports)) == len(CONTENTS) - 1


def test_what_is_not_looked_at_says_why() -> None:
    @dataclass(frozen=True)
    class Bytes(MemoryFiles):
        raw: dict[str, bytes] = field(default_factory=dict[str, bytes])

        def read(self, path: str) -> bytes:
            if path == "locked.py":
                raise PermissionError(13, "Permission denied")
            return self.raw[path]

    files = Bytes({}, {"b.bin": b"x\0y", "large.py": b"#" * 101, "latin.py": b"# caf\xe9", "a/x.py": b""})
    opened = Project("/nowhere", Config(exclude=("a/",), max_file_size=100))
    paths = ["b.bin", "large.py", "latin.py", "a/x.py", "locked.py", "gone.py"]
    with pytest.raises(KeyError):
        list(batch.check_files(paths, opened, files, Inline()))
    reports = list(batch.check_files(paths[:-1], opened, files, Inline()))
    assert [(report.path, report.skipped) for report in reports] == [
        ("b.bin", "binary"),
        ("large.py", "larger than 100 bytes (max-file-size)"),
        ("latin.py", ""),
        ("a/x.py", batch.EXCLUDED),
        ("locked.py", ""),
    ]
    assert [problem.message for report in reports for problem in report.problems] == [
        "is not UTF-8, and no line `# -*- coding: ... -*-` says what it is: Python refuses it, and it was checked for"
        " secrets alone; save it as UTF-8, or exclude it",
        "cannot be read: Permission denied; mend that, or exclude the file",
    ]


EVIL = '''
import os, signal, time
from shipworthy.project import Project

class Evil(Project):
    """Stands for whatever can go wrong within a check."""

    def rules(self, path, language):
        if "crash" in path:
            raise ValueError("never to be quoted")
        if "spin" in path:
            while True:
                pass
        if "hang" in path:
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})
            time.sleep(60)
        if "die" in path:
            os._exit(1)
        return super().rules(path, language)
'''


@pytest.fixture
def evil(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    (tmp_path / "evil_project.py").write_text(EVIL)
    monkeypatch.syspath_prepend(str(tmp_path))
    import evil_project  # pyright: ignore[reportMissingImports]

    made: Project = evil_project.Evil("/nowhere")
    return made


def problems(reports: Iterator[Report]) -> dict[str, str]:
    found = list(reports)
    assert [report.path for report in found] == sorted(report.path for report in found)
    return {report.path: problem.message for report in found for problem in report.problems}


def test_a_crash_or_a_timeout_costs_one_file(evil: Project) -> None:
    files = MemoryFiles(dict.fromkeys(("a.py", "crash.py", "m.py", "spin.py", "z.py"), SWALLOWED))
    with Inline() as inline, Pool(2) as pool, ThreadPoolExecutor(1) as thread:
        for executor in (inline, pool, thread):
            found = problems(batch.check_files(files.paths(), evil, files, executor, seconds=0.5))
            assert set(found) == {"crash.py", "spin.py"}
            assert "ValueError at " in found["crash.py"] and "quoted" not in found["crash.py"]
            assert found["spin.py"].startswith("took longer than 0.5 seconds")


def test_a_process_that_dies_or_cannot_be_interrupted_costs_one_file(evil: Project) -> None:
    names = ["a.py", "die.py", *(f"f{number:03}.py" for number in range(80)), "hang.py", "z.py"]
    files = MemoryFiles(dict.fromkeys(names, SWALLOWED))
    with Pool(2) as pool:
        found = problems(batch.check_files(names, evil, files, pool, ahead=4, seconds=0.5))
    assert set(found) == {"die.py", "hang.py"}
    assert all("died" in message for message in found.values())


def test_an_executor_that_stays_broken_costs_what_it_was_given(evil: Project) -> None:
    files = MemoryFiles(dict.fromkeys(["a.py", "die.py"], SWALLOWED))
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as broken:
        found = problems(batch.check_files(files.paths(), evil, files, broken))
    assert set(found) == {"a.py", "die.py"}


def test_an_interrupt_ends_processes_that_are_still_at_work(evil: Project) -> None:
    files = MemoryFiles({"hang.py": SWALLOWED})
    timer = threading.Timer(1.0, signal.pthread_kill, [threading.main_thread().ident, signal.SIGINT])
    timer.start()
    with pytest.raises(KeyboardInterrupt), Pool(2) as pool:
        list(batch.check_files(files.paths(), evil, files, pool))
    timer.join()
    deadline = time.monotonic() + 20
    while multiprocessing.active_children() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not multiprocessing.active_children()


LIBRARY = "import requests\n\n\ndef load(url):\n    return requests.get(url, timeout=3).json()\n"
VIEW = '@app.get("/x")\ndef show():\n    return load("https://one.example/")\n'
HANDLING = (
    "import requests\n"
    + VIEW.replace("return", "try:\n        return")
    + ("    except requests.RequestException:\n        log.exception('no answer')\n        raise SystemExit(1)\n")
)


def test_what_is_kept_follows_the_errors_that_other_files_handle(tmp_path: Path) -> None:
    above = "from flask import Flask\n\nfrom library import load\n\napp = Flask(__name__)\n\n\n"
    texts = [{"library.py": LIBRARY, "app.py": above + end} for end in (HANDLING, VIEW, HANDLING, VIEW + "# x\n")]
    for number, contents in enumerate(texts):
        files = MemoryFiles(contents)
        expected = list(batch.check_files(contents, Project("/", index=Index(files)), files, Inline()))
        assert any(one.rule == "unhandled-upstream-failure" for one in expected[0].findings) == bool(number % 2)
        with Store(tmp_path) as kept:
            opened = Project("/", index=Index(files, store=kept))
            assert list(batch.check_files(contents, opened, files, Inline(), kept)) == expected
        opened = Project("/", index=Index(files))
        with Pool(2) as pool:
            assert list(batch.check_files(contents, opened, files, pool, ahead=4)) == expected
