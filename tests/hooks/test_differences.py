"""`--diff`: what it shows is what `--fix` does, byte for byte, and what it does not show is told."""

from __future__ import annotations

import random
import string

import pytest

from shipworthy_hooks.differences import Change, Line, Side

from .shell import SWALLOWED, Shell


@pytest.mark.parametrize(
    ("encoding", "end"),
    [("utf-8", "\n"), ("utf-8-sig", "\n"), ("utf-8", "\r\n"), ("utf-8", "\r"), ("latin-1", "\n"), ("latin-1", "\r\n")],
)
@pytest.mark.parametrize("tail", ["", "x = 1", "\tx = '\x0c\u200b'\n"])
def test_what_is_shown_can_be_applied_and_is_what_fix_does(
    repository: Shell, encoding: str, end: str, tail: str
) -> None:
    if encoding == "latin-1":
        tail = tail.replace("\u200b", "\xe9")
    declared = "# -*- coding: latin-1 -*-\n" if encoding == "latin-1" else ""
    text = f'{declared}"""caf\xe9 \x0c"""\n{SWALLOWED}y = 1\n' + "z = '\xe9'\n" * 9 + SWALLOWED + tail
    data = text.replace("\n", end).encode(encoding)
    place, other = repository.write("sub/it's b.py", data), repository.write("a.py", SWALLOWED + "# no end")
    shown = repository.run_bytes("check", "--diff", "--unsafe-fixes")
    assert place.read_bytes() == data
    assert repository.ship("check", "--fix", "--unsafe-fixes").code in (0, 1)
    fixed = place.read_bytes(), other.read_bytes()
    assert fixed[0] != data
    place.write_bytes(data)
    repository.write("a.py", SWALLOWED + "# no end")
    assert repository.run("git", "apply", "-", given=shown).err == ""
    assert (place.read_bytes(), other.read_bytes()) == fixed


@pytest.mark.parametrize("name", ['a"b.py', "a\\b.py", "a\tb.py", "a\nb.py", "caf\xe9.py", "-a.py", "a b.py"])
def test_odd_names_of_files_can_be_applied_too(repository: Shell, name: str) -> None:
    place = repository.write(name)
    shown = repository.run_bytes("check", "--diff", "--unsafe-fixes")
    assert repository.run("git", "apply", "-", given=shown).err == ""
    assert "logging" in place.read_text()


def test_a_hunk_with_a_mask_says_so_and_is_not_applied(repository: Shell) -> None:
    secret = "".join(random.Random(7).choices(string.ascii_letters + string.digits, k=20))
    leaky = f'DB_PASSWORD = "{secret}"\n\n\ndef f():\n' + "    x = 1\n" * 9 + f"    {SWALLOWED}".replace("\n", "\n    ")
    place, other = repository.write("leaky.py", leaky), repository.write("plain.py")
    shown = repository.run_bytes("check", "--diff", "--unsafe-fixes")
    assert secret.encode() not in shown
    heads = [line for line in shown.split(b"\n") if line.startswith(b"@@")]
    masked = [line for line in heads if b"cannot be applied" in line]
    assert masked and len(masked) < len(heads)
    assert repository.run("git", "apply", "-", given=shown).code != 0
    assert place.read_text() == leaky and other.read_text() == SWALLOWED
    apart = repository.run("git", "apply", "--exclude=leaky.py", "--exclude=.env*", "--exclude=.gitignore", given=shown)
    assert apart.code == 0 and other.read_text() != SWALLOWED
    assert not (repository.folder / ".env").exists()


def test_what_no_fix_mends_is_reported_and_decides(repository: Shell) -> None:
    repository.write(
        "a.py", f"import subprocess\n\n\ndef run(name):\n    subprocess.run(name, shell=True)\n\n\n{SWALLOWED}"
    )
    done = repository.ship("check", "--diff", "--unsafe-fixes")
    assert done.code == 1
    assert "a.py:5:" in done.out and "[shell-injection]" in done.out and "[swallowed-exception]" not in done.out
    assert "1 file would be changed by --fix --unsafe-fixes" in done.out


def test_a_difference_hides_nothing_on_a_line_that_moves(repository: Shell) -> None:
    """The finding stands below lines that a fix adds, and is named where it stands on the disk."""
    body = f"import subprocess\n\n{SWALLOWED}\n\ndef run(name):\n    subprocess.run(name, shell=True)\n"
    repository.write("a.py", body)
    line = body[: body.index("subprocess.run")].count("\n") + 1
    found = {finding["rule"]: finding["start"]["line"] for finding in repository.findings()}
    assert found["shell-injection"] == line
    done = repository.ship("check", "--diff", "--unsafe-fixes")
    assert f"a.py:{line}:" in done.out and "subprocess.run(name, shell=True)" in done.out
    repository.write("a.py", f"{SWALLOWED}")
    done = repository.ship("check", "--diff", "--unsafe-fixes", "--exit-zero")
    assert done.code == 0 and "nothing found" in done.out


def test_where_there_is_nothing_to_apply_it_is_said_why(repository: Shell) -> None:
    """Git says no more than that there is no patch."""
    repository.write("a.py")
    done = repository.ship("check", "--diff")
    assert "1 finding can be fixed with --unsafe-fixes" in done.err and "check --diff --unsafe-fixes`" in done.err
    assert repository.ship("check", "--diff", "--unsafe-fixes").err == ""
    repository.write("a.py", "x = 1\n")
    assert "nothing to change" in repository.ship("check", "--diff").err


@pytest.mark.parametrize("is_alike", [True, False])
def test_a_long_file_is_compared_in_time_and_to_the_line(is_alike: bool) -> None:
    lines = [f"a{0 if is_alike else at // 4}\n" if at % 4 == 0 else f"{at % 4}\n" for at in range(4000)]
    after = ["new\n", *("changed\n" if line == "3\n" else line for line in lines)]
    sides = [Side([Line(line.encode()) for line in side]) for side in (lines, after)]
    rows = Change(*sides).unified("a.py").splitlines()[2:]
    assert sum(row.startswith(b"-") for row in rows) == 1000
    assert sum(row.startswith(b"+") for row in rows) == 1001
