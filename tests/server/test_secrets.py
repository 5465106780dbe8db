"""What the server knows of a secret besides its text: what the project shows in its place, and git's history."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from shipworthy.testing import expand

from .client import codes
from .conftest import Connect
from .test_workspace import write

pytestmark = pytest.mark.asyncio


async def test_a_value_that_the_project_shows_is_none_as_soon_as_it_does(connect: Connect) -> None:
    client = await connect()
    value = expand("q7<alnum*10>")
    uri = await client.open("app.py", f'password = "{value}"\n')
    assert codes(await client.verdict(uri)) == ["hardcoded-password"]
    write(client.folder, {".env.example": f"PASSWORD={value}\n"})
    await client.notify(
        "workspace/didChangeWatchedFiles", {"changes": [{"uri": client.uri(".env.example"), "type": 1}]}
    )
    await client.until(lambda: client.published(uri) == [])
    example = await client.open(".env.example")
    await client.replace(example, "PASSWORD=change-me\n")
    await client.until(lambda: codes(client.published(uri)) == ["hardcoded-password"])
    await client.replace(example, f"PASSWORD={value}\n")
    await client.until(lambda: client.published(uri) == [])


def git(folder: Path, *arguments: str) -> str:
    """Run git as somebody, and hand back what it says."""
    command = ["git", "-c", "user.name=a", "-c", "user.email=a@b", *arguments]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout.strip()


async def test_hover_tells_since_when_the_history_holds_a_secret(
    connect: Connect, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, log = tmp_path / "work", tmp_path / "commands"
    program = tmp_path / "bin" / "git"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\necho "$@" >> "{log}"\nexec "{shutil.which("git")}" "$@"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent), prepend=":")
    value, other = expand("q7<alnum*12>"), expand("dop_v1_<hex*64>")
    first = f'import os\n\npassword = "{value}"\n'
    write(folder, {"app.py": first})
    git(folder, "init", "--quiet")
    client = await connect(folder=folder)
    uri = await client.open("app.py")

    async def told(line: int) -> str:
        await client.verdict(uri)
        place = {"textDocument": {"uri": uri}, "position": {"line": line, "character": 15}}
        text: str = (await client.request("textDocument/hover", place))["contents"]["value"]
        assert value not in text and other not in text
        return text

    assert "does not hold it yet" in await told(2)
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "-m", "one")
    commit = git(folder, "rev-parse", "HEAD")
    date = git(folder, "log", "--format=%cs")
    since = f"history holds it since commit {commit[:10]} of {date}: revoke it."
    assert since in await told(2)
    await client.close(uri)
    git(folder, "mv", "app.py", "login.py")
    git(folder, "commit", "--quiet", "-m", "two")
    write(folder, {"login.py": first.replace(value, "")})
    git(folder, "commit", "--quiet", "-a", "-m", "three")
    uri = await client.open("login.py", f'{first}token = "{other}"\n')
    assert since in await told(2)
    assert "does not hold it yet" in await told(3)
    commands = log.read_text()
    assert " log " in commands and value not in commands and other not in commands


async def test_hover_tells_nothing_of_a_file_in_no_repository(connect: Connect) -> None:
    client = await connect()
    uri = await client.open("app.py", f'password = "{expand("q7<alnum*12>")}"\n')
    await client.verdict(uri)
    place = {"textDocument": {"uri": uri}, "position": {"line": 0, "character": 15}}
    assert "istory" not in (await client.request("textDocument/hover", place))["contents"]["value"].partition("[Doc")[0]
