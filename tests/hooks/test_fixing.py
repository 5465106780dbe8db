"""`--fix`, `--diff`, and what they never do."""

from __future__ import annotations

import stat
import sys
import threading
from pathlib import Path

import pytest

from shipworthy import edits
from shipworthy.model import Edit, Span
from shipworthy_hooks import cli

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


COMMAND = """
import click


def slurp(name):
    with open(name) as file:
        return file.read()


def prices(path):
    with open(path) as file:
        return file.readlines()


@click.command()
@click.argument("name")
@click.argument("path")
@click.argument("place")
def settings(name, path, place):
    text = slurp(name)
    lines = prices(path)
    with open(place) as file:
        click.echo(text + file.read() + str(lines))
"""
"""Three errors that one command has to handle."""


def test_one_run_makes_all_fixes_that_it_makes_room_for(repository: Shell) -> None:
    place = repository.write("app.py", COMMAND)
    shown = repository.run_bytes("check", "--diff", "--unsafe-fixes")
    repository.ship("check", "--fix", "--unsafe-fixes")
    fixed = place.read_text()
    assert fixed.count("except OSError") == 3
    assert repository.ship("check", "--fix", "--unsafe-fixes").out.count("fix made") == 0
    assert place.read_text() == fixed
    place.write_text(COMMAND)
    assert repository.run("git", "apply", "-", given=shown).err == ""
    assert place.read_text() == fixed


@pytest.mark.parametrize(
    ("head", "fixed"),
    [
        ("import time\n", "import logging\nimport time\n"),
        ("import json\nimport time\n\nimport yaml\n", "import json\nimport logging\nimport time\n\nimport yaml\n"),
        ("import yaml\n", "import logging\n\nimport yaml\n"),
        ('"""Text."""\n\nfrom . import a\n', '"""Text."""\n\nimport logging\n\nfrom . import a\n'),
        ("from __future__ import annotations\n", "from __future__ import annotations\n\nimport logging\n"),
        ("try:\n    import logging\nexcept ImportError:\n    pass\n", ""),
        ("from app.log import logger\n\nlogger.info('up')\n", ""),
        ("import structlog\n\nLOG = structlog.get_logger()\nLOG.info('up')\n", ""),
    ],
)
def test_an_import_stands_where_it_belongs_and_the_logger_that_is_there_is_used(
    repository: Shell, head: str, fixed: str
) -> None:
    place = repository.write("a.py", f"{head}\n{SWALLOWED}")
    repository.ship("check", "--select", "swallowed-exception", "--fix", "--unsafe-fixes")
    text = place.read_text()
    assert text.startswith((fixed or head) + "\ntry:\n")
    assert '.exception("work failed")' in text and "pass" not in text.removeprefix(head)


def test_an_argument_stands_on_a_line_of_its_own_where_the_others_do(repository: Shell) -> None:
    place = repository.write("a.py", 'import requests\n\nrequests.get(\n    "http://a.b",\n    headers={},\n)\n')
    repository.ship("check", "--select", "missing-timeout", "--fix", "--unsafe-fixes")
    assert place.read_text().endswith("    headers={},\n    timeout=10,\n)\n")


def test_a_fix_that_makes_a_line_and_one_that_moves_it_are_made_one_after_the_other(repository: Shell) -> None:
    text = (
        'import requests\n\nfor name in open("names"):\n    requests.get(\n        name,\n        headers={},\n    )\n'
    )
    place = repository.write("a.py", f'{text}\nif __name__ == "__main__":\n    main()\n')
    repository.ship("check", "--fix", "--unsafe-fixes")
    lines = place.read_text().splitlines()
    indents = {line.strip(): len(line) - len(line.lstrip()) for line in lines}
    assert indents["headers={},"] == indents["timeout=10,"] > 8


SPAWNED = """
import asyncio

import aiohttp


async def refresh(url):
    async with aiohttp.ClientSession() as session:
        reply = await session.get(url)
        print(reply.status)


async def start(url):
    asyncio.create_task(refresh(url))
"""
AWAITED = """

async def now(url):
    try:
        await refresh(url)
    except aiohttp.ClientError:
        return False
"""


def test_no_fix_swallows_what_others_wait_for(repository: Shell) -> None:
    """A coroutine that is only spawned may log its failure; where it is awaited too, that would look like success."""
    for text, is_offered in ((SPAWNED, True), (SPAWNED + AWAITED, False)):
        repository.write("a.py", text)
        [found] = [one for one in repository.findings() if one["rule"] == "worker-dies-on-error"]
        assert bool(found["fixes"]) == is_offered


def test_a_file_that_cannot_be_parsed_is_left_as_it_is(repository: Shell) -> None:
    whole = SWALLOWED.replace("\n", "\n    ").rstrip()
    broken = f"def total(prices:\n    return sum(prices)\n\n\ndef do():\n    {whole}\n"
    place = repository.write("a.py", broken)
    for option in ("--fix", "--diff"):
        done = repository.ship("check", option, "--unsafe-fixes", "--select", "swallowed-exception")
        assert done.code == 2 and "a.py: problem: was not fixed, for it has a syntax error" in done.out
        assert place.read_text() == broken and "+import" not in done.out


@pytest.mark.parametrize("option", ["--fix", "--diff"])
def test_a_fix_that_would_break_a_file_is_refused_and_told(
    repository: Shell, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], option: str
) -> None:
    place = repository.write("a.py")
    monkeypatch.chdir(repository.folder)

    def breaking(*_: object) -> tuple[Edit, ...]:
        return (Edit(Span(0, 0), "("),)

    monkeypatch.setattr(edits, "edits_of", breaking)
    code = cli.main(["check", option, "--unsafe-fixes", "--no-cache", "a.py"])
    out = capsys.readouterr().out
    assert code == 2 and place.read_text() == SWALLOWED and "+(" not in out
    assert "a.py: problem: the fix of swallowed-exception in line 3, 'Log it with its traceback', was not" in out


def test_what_fails_in_one_statement_or_round_is_tried_once(repository: Shell) -> None:
    """And the client is not told what the exception says."""
    place = repository.write(
        "app.py",
        """\
import requests
from flask import Flask, request

app = Flask(__name__)


@app.post("/totals")
def totals():
    return {"total": int(request.args["n"]) + len(requests.get(request.args["url"], timeout=3).text)}


@app.post("/again")
def again():
    try:
        return {"n": int(request.args.get("n"))}
    except Exception:
        print("again failed")
        raise
""",
    )
    loop = repository.write(
        "loop.py",
        """\
import time

import requests


def main():
    while True:
        answer = requests.get("https://example.org", timeout=3)
        answer.raise_for_status()
        print(int(answer.text), answer.json()["a"])
        time.sleep(3)


if __name__ == "__main__":
    main()
""",
    )
    assert repository.ship("check", "--fix", "--unsafe-fixes").code == 0
    first, second = place.read_text().split('@app.post("/again")')
    assert first.count("try:") == 1 and first.count("except ") > 1 and "error)" not in first
    assert 'abort(400, "the request is not valid")' in first and "detail" not in first
    # The handler that is there would take it first.
    assert second.count("try:") == 2 and second.index("except (TypeError, ValueError)") < second.index(
        "except Exception"
    )
    assert loop.read_text().count("try:") == 1 and "except (requests.RequestException, ValueError):" in loop.read_text()
