"""The cache on the disk: right answers or none, whatever state it is in; and nothing in it that may not be."""

from __future__ import annotations

import datetime
import logging
import pickle
import sqlite3
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from shipworthy import codec, results, store
from shipworthy.codec import CodecError
from shipworthy.document import Document
from shipworthy.facts import of_document
from shipworthy.facts.model import FileFacts, Import
from shipworthy.index import Index
from shipworthy.model import Family, Finding, Fix, Position, Problem, Range, Related, Report, Severity, Span
from shipworthy.results import Recorder, Result
from shipworthy.store import Store
from shipworthy.testing import MemoryFiles

AT = Range(Position(1, 2), Position(3, 4))
REPORT = Report(
    "ä.py",
    findings=(
        Finding(Span(1, 9), AT, "some-rule", Family.ERRORS, Severity.WARNING, "What, why, “do”.", ("a:B1",), (7, 8)),
        Finding(Span(2, 3), AT, "r", Family.SECRETS, Severity.HINT, "m", related=(Related("b.py", AT, "here"),)),
    ),
    suppressed=(Finding(Span(0, 0), AT, "r", Family.SECURITY, Severity.ERROR, "m", fixes=(Fix("t", True),)),),
)


def test_what_is_put_is_there_for_the_next_run_and_for_other_processes(tmp_path: Path) -> None:
    with Store(tmp_path) as kept:
        assert kept.get("a") is None
        kept.put("a", "ä" * 1000)
        assert kept.get("a") == "ä" * 1000
    assert Store(tmp_path).get("a") == "ä" * 1000
    code = "import pickle, sys; print(pickle.loads(sys.stdin.buffer.read()).get('a'))"
    copy = pickle.dumps(Store(tmp_path))
    done = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", code],
        input=copy,
        capture_output=True,
        check=True,
        env={"PYTHONPATH": ":".join(sys.path)},
    )
    assert done.stdout.decode().strip() == "ä" * 1000


def damage(folder: Path) -> sqlite3.Connection | None:
    (folder / "results-1.sqlite3").write_bytes(b"no database at all" * 1000)
    return None


def cut(folder: Path) -> sqlite3.Connection | None:
    with Store(folder) as kept:
        for number in range(2000):
            kept.put(str(number), "x" * 500)
    path = folder / "results-1.sqlite3"
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    return None


def lock(folder: Path) -> sqlite3.Connection | None:
    with Store(folder) as kept:
        kept.put("b", "c")
    other = sqlite3.connect(folder / "results-1.sqlite3", isolation_level=None)
    other.execute("PRAGMA locking_mode = EXCLUSIVE")
    other.execute("BEGIN IMMEDIATE")
    return other


def replace_by_file(folder: Path) -> sqlite3.Connection | None:
    folder.rmdir()
    folder.write_text("in the way")
    return None


def replace_by_folder(folder: Path) -> sqlite3.Connection | None:
    (folder / "results-1.sqlite3").mkdir()
    return None


@pytest.mark.parametrize("spoil", [damage, cut, lock, replace_by_file, replace_by_folder])
def test_a_cache_that_does_not_work_is_done_without(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, spoil: Any
) -> None:
    folder = tmp_path / "cache"
    folder.mkdir()
    other = spoil(folder)
    caplog.set_level(logging.DEBUG)
    with Store(folder) as kept:
        for number in range(3000):
            kept.get(str(number))
        kept.put("a", "1")
        kept.flush()
        assert kept.get("a") in (None, "1")
    assert all(record.levelno == logging.DEBUG for record in caplog.records)
    assert len(caplog.records) == 1
    if other is not None:
        other.close()
    if spoil in (damage, cut):
        with Store(folder) as kept:
            kept.put("a", "2")
        assert Store(folder).get("a") == "2", "what is damaged is thrown away"


def test_the_oldest_entries_go_first(tmp_path: Path) -> None:
    with Store(tmp_path, largest=200_000) as kept:
        for number in range(1000):
            kept.put(f"{number:04}", "x" * 1000)
            if number % 50 == 49:
                kept.flush()
        left = [number for number in range(1000) if kept.get(f"{number:04}") is not None]
    assert 999 in left and 0 not in left and len(left) < 300
    assert (tmp_path / "results-1.sqlite3").stat().st_size < 600_000


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"SHIPWORTHY_CACHE_DIR": "/a/b", "XDG_CACHE_HOME": "/c"}, Path("/a/b")),
        ({"XDG_CACHE_HOME": "/c"}, Path("/c/shipworthy")),
        ({"XDG_CACHE_HOME": "relative", "HOME": "/home/me"}, Path("/home/me/.cache/shipworthy")),
    ],
)
@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="these are the places that Linux has")
def test_the_folder_is_the_users_own(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], expected: Path
) -> None:
    for name in ("SHIPWORTHY_CACHE_DIR", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert store.folder() == expected


def test_values_come_back_as_they_were() -> None:
    assert codec.load(Report, codec.dump(REPORT)) == REPORT
    facts = of_document(Document("a.py", "import a.b as c\nclass D(E):\n    @f\n    async def g(self): ...\n"))
    assert facts.definitions and facts.imports
    assert codec.load(FileFacts, codec.dump(facts)) == facts
    for text in ("", "[]", "{}", '["a"]', '[1,[],[],[],[],""]', codec.dump(facts)):
        with pytest.raises(CodecError):
            codec.load(Report, text)
    assert codec.dump(frozenset("abc")) == codec.dump(frozenset("cba"))


FILES = {"pkg/a.py": "def f(): ...\n", "pkg/b.py": "from pkg.a import f\n"}
QUESTION = ("pkg/b.py", Import("f", "pkg.a", "f"), "")


def test_a_report_is_used_again_while_the_project_answers_the_same(tmp_path: Path) -> None:
    recorder = Recorder(Index(MemoryFiles(FILES)))
    assert recorder.find(*QUESTION) is not None
    name = results.key(b"text", "pkg/b.py", "fingerprint")
    with Store(tmp_path) as kept:
        results.remember(kept, name, Result(REPORT, recorder.taken()))
    kept = Store(tmp_path)
    moved = {**FILES, "pkg/a.py": "\n\n" + FILES["pkg/a.py"]}
    for files, expected in (
        (FILES, REPORT),
        (moved, REPORT),
        ({**FILES, "pkg/a.py": "async def f(): ...\n"}, None),
        ({"pkg/b.py": FILES["pkg/b.py"]}, None),
    ):
        assert results.recall(kept, name, Index(MemoryFiles(files))) == expected
    assert results.recall(kept, name, None) is None
    for other in (("b", "pkg/b.py", "fingerprint"), ("text", "c.py", "fingerprint"), ("text", "pkg/b.py", "g")):
        assert results.recall(kept, results.key(other[0].encode(), *other[1:]), None) is None


def test_a_report_that_may_differ_tomorrow_is_not_kept_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = Store(tmp_path)
    for report in (replace(REPORT, problems=(Problem("failed"),)), Report("a.py", skipped="binary")):
        results.remember(kept, "a", Result(report))
        assert kept.get("a") is None
    results.remember(kept, "a", Result(REPORT, None))
    assert kept.get("a") is None

    class Tomorrow(datetime.date):
        @classmethod
        def today(cls) -> datetime.date:
            return datetime.date(2999, 1, 1)

    dated, plain = b"# shipworthy: allow x -- y until 2998-01-01", b"x = 1"
    before = [results.key(data, "a.py", "") for data in (dated, plain)]
    monkeypatch.setattr(results.datetime, "date", Tomorrow)
    after = [results.key(data, "a.py", "") for data in (dated, plain)]
    assert [one == other for one, other in zip(before, after, strict=True)] == [False, True]


def test_facts_outlive_the_run_and_follow_the_content(tmp_path: Path) -> None:
    with Store(tmp_path) as kept:
        fresh = Index(MemoryFiles(FILES), store=kept).facts("pkg/a.py")
    with Store(tmp_path) as kept:
        again = Index(MemoryFiles(FILES), store=kept)
        assert again.facts("pkg/a.py") == fresh
        changed = Index(MemoryFiles({"pkg/a.py": "def g(): ...\n"}), store=kept)
        assert list(changed.facts("pkg/a.py").definitions) == ["g"]
    rows = sqlite3.connect(tmp_path / "results-1.sqlite3").execute("SELECT value FROM kept").fetchall()
    assert len(rows) == 2
