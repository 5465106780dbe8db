"""What the server knows of a secret besides its text: what the project shows in its place, and git's history."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from shipworthy.testing import expand

from .client import Client, ServerError, codes
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


async def test_a_value_does_not_move_into_a_file_that_is_in_git(connect: Connect, tmp_path: Path) -> None:
    text = f'import os\n\npassword = "{expand("q7<alnum*12>")}"\n'
    write(tmp_path, {"app.py": text, ".env": "A=1\n"})
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", ".env")
    client = await connect(folder=tmp_path)
    uri = await client.open("app.py")
    await client.verdict(uri)
    at = text.index("q7")
    (action,) = [one for one in await client.actions(uri, at, at) if "environment" in one["title"]]
    with pytest.raises(ServerError, match=r"\.env, which is in git"):
        await client.request("codeAction/resolve", action)
    git(tmp_path, "rm", "--quiet", "--cached", ".env")
    assert (await client.resolved(action))["edit"]["documentChanges"]


async def test_hover_tells_nothing_of_a_file_in_no_repository(connect: Connect) -> None:
    client = await connect()
    uri = await client.open("app.py", f'password = "{expand("q7<alnum*12>")}"\n')
    await client.verdict(uri)
    place = {"textDocument": {"uri": uri}, "position": {"line": 0, "character": 15}}
    assert "istory" not in (await client.request("textDocument/hover", place))["contents"]["value"].partition("[Doc")[0]


DEBUG = "import logging; logging.basicConfig(level=0); from shipworthy_server.__main__ import main; main()"


async def test_nothing_that_the_server_writes_holds_a_value_that_nobody_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONASYNCIODEBUG", "1")
    values = [expand(one) for one in ("q7<alnum*12>", "dop_v1_<hex*64>", "<alnum*40>", "z8<alnum*18>")]
    text = (
        f'try:\n    password = "{values[0]}"\nexcept Exception:\n    pass\n\ntoken = "{values[1]}"\n'
        f'api_key = "{values[2]}"\nurl = "postgres://app:{values[3]}@db.acme.io/app"\n'
    )
    client = Client(tmp_path, None, (sys.executable, "-X", "dev", "-c", DEBUG))
    await client.start()
    await client.initialize(trace="verbose", workDoneToken="work")
    said: list[object] = []
    for path, whole in {"a.py": text, "broken.py": f"def f(:\n{text}", "a.js": text, "a.ini": text}.items():
        uri = await client.open(path, whole)
        await client.verdict(uri)
        document = {"uri": uri}
        for line in range(len(whole.splitlines())):
            place = {"textDocument": document, "position": {"line": line, "character": 20}}
            said.append(await client.request("textDocument/hover", place))
        actions = await client.actions(uri, 0, len(whole))
        said += [actions, await client.request("textDocument/codeLens", {"textDocument": document})]
    asked = {
        "no/such": values,
        "codeAction/resolve": {"title": values[0], "data": values},
        "textDocument/hover": {"textDocument": {"uri": values[2]}},
        "workspace/executeCommand": {"command": "x", "arguments": values},
    }
    told = {
        "textDocument/didChange": {"contentChanges": [{"text": values}]},
        "textDocument/didOpen": {"textDocument": {"text": values[0]}},
        "workspace/didChangeConfiguration": {"settings": {"shipworthy": {"severities": values, "x": values[0]}}},
        "$/setTrace": {"value": values[0]},
    }
    for method, params in asked.items():
        client.write({"jsonrpc": "2.0", "id": f"{method} {values[0]}", "method": method, "params": params})
    for method, params in told.items():
        client.write({"jsonrpc": "2.0", "method": method, "params": params})
    client.write_bytes(f'{{"jsonrpc": "2.0", "params": "{values[0]}'.encode())
    await client.request("textDocument/hover", {"textDocument": {"uri": uri}, "position": {"line": 0, "character": 0}})
    assert await client.stop() == 0
    answers = [{name: part for name, part in one.items() if name != "id"} for one in client.answers]
    written = json.dumps([said, answers, client.notifications, client.requests]) + client.complaints.decode()
    for value in values:
        for part in (value, value[:10], value[-10:]):
            assert part not in written, written[max(written.index(part) - 200, 0) :][:300]
