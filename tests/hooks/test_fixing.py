"""`--fix`, `--diff`, and what they never do."""

from __future__ import annotations

import stat
import sys
import threading
from pathlib import Path

import pytest

from .shell import SWALLOWED, Shell

FIXED = SWALLOWED.replace("    pass", '    logging.exception("unexpected error")')


def test_fixes_that_may_change_meaning_are_made_only_when_asked_for(repository: Shell) -> None:
    place = repository.write("a.py")
    done = repository.ship("check", "--fix")
    assert done.code == 1 and place.read_text() == SWALLOWED
    assert "fix available: " in done.out and "--unsafe-fixes" in done.out
    done = repository.ship("check", "--fix", "--unsafe-fixes")
    assert place.read_text() != SWALLOWED and "1 fix made" in done.out
    assert [finding["rule"] for finding in repository.findings() if finding["rule"] == "swallowed-exception"] == []
    repository.write("a.py", SWALLOWED * 2)
    assert "2 fixes made" in repository.ship("check", "--fix", "--unsafe-fixes").out


@pytest.mark.parametrize(
    ("encoding", "end"),
    [("utf-8", "\n"), ("utf-8-sig", "\n"), ("utf-8", "\r\n"), ("utf-8", "\r"), ("utf-16", "\n"), ("latin-1", "\r\n")],
)
def test_encoding_mark_line_ends_and_mode_are_kept(repository: Shell, encoding: str, end: str) -> None:
    declared = "# -*- coding: latin-1 -*-\n" if encoding == "latin-1" else ""
    text = declared + '"""caf\xe9"""\n' + SWALLOWED
    place = repository.write("a.py", text.replace("\n", end).encode(encoding))
    place.chmod(0o751)
    before = place.read_bytes()
    assert "1 fix made" in repository.ship("check", "--fix", "--unsafe-fixes").out
    after = place.read_bytes()
    assert after != before and after[:3] == before[:3]
    shown = after.decode(encoding).removeprefix("\ufeff")
    assert shown.startswith(declared.replace("\n", end) + '"""caf\xe9"""' + end)
    assert not {"\r", "\n"} & {*shown.replace(end, "")}
    assert stat.S_IMODE(place.stat().st_mode) == 0o751 or sys.platform == "win32"
    assert [path.name for path in repository.folder.iterdir() if path.name != ".git"] == ["a.py"]


def test_a_difference_is_shown_and_nothing_written(repository: Shell) -> None:
    place = repository.write("sub/a.py", "y = 0\n" * 9 + SWALLOWED)
    repository.write("clean.py", "x = 1\n")
    done = repository.ship("check", "--diff", "--unsafe-fixes")
    assert done.code == 1 and place.read_text().endswith(SWALLOWED)
    lines = done.out.splitlines()
    assert lines[:2] == ["--- a/sub/a.py", "+++ b/sub/a.py"]
    assert "-    pass" in lines and any(line.startswith("+    ") for line in lines)
    assert "1 file would be changed by --fix" in done.out
    assert repository.ship("check", "--diff", "clean.py").code == 0


def test_text_on_stdin_comes_back_fixed(repository: Shell) -> None:
    for text in (SWALLOWED, "x = 1\r\n", ""):
        done = repository.ship("check", "--fix", "--unsafe-fixes", "--stdin-filename", "a.py", "-", given=text.encode())
        assert ("    pass" in done.out) is False
        assert (done.out == text) == (text != SWALLOWED)
    assert not (repository.folder / "a.py").exists()


def test_hooks_fix_files_that_are_named(repository: Shell) -> None:
    place = repository.write("a.py")
    assert "1 fix made" in repository.ship("hook", "--fix", "--unsafe-fixes", "a.py").out
    assert place.read_text() != SWALLOWED


def test_a_fix_that_cannot_be_written_is_a_problem(repository: Shell) -> None:
    repository.give_up_rights()
    repository.write("sub/a.py")
    (repository.folder / "sub").chmod(0o500)
    done = repository.ship("check", "--fix", "--unsafe-fixes")
    (repository.folder / "sub").chmod(0o700)
    assert done.code == 2 and "could not be fixed: Permission denied" in done.out


def test_a_file_that_changes_meanwhile_is_left_alone(repository: Shell, tmp_path: Path) -> None:
    """The file is written again and again while it is being fixed: whoever wins, nothing is mixed."""
    place = repository.write("a.py", SWALLOWED * 200)
    stop = threading.Event()
    written: set[bytes] = set()

    def rewrite() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            data = f"# {number}\n".encode() + SWALLOWED.encode() * 200
            written.add(data)
            other = tmp_path / "other"
            other.write_bytes(data)
            other.replace(place)

    writer = threading.Thread(target=rewrite)
    writer.start()
    done = repository.ship("check", "--fix", "--unsafe-fixes", "--no-cache")
    stop.set()
    writer.join()
    assert place.read_bytes() in written
    assert done.code == 2 and "was changed while it was being checked" in done.out
