"""Settings are those of the nearest file, take effect while documents are open, and break nothing when broken."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from .client import Client, Json, capabilities, codes
from .conftest import Connect

pytestmark = pytest.mark.asyncio

HANDLER = "try:\n    work()\nexcept:\n    pass\n"
IGNORE = 'ignore = ["swallowed-exception"]\n'


async def tell(client: Client, path: Path, kind: int = 2) -> None:
    """Say that a file has changed, as an editor's watcher does."""
    client.notifications.clear()
    await client.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": path.as_uri(), "type": kind}]})


async def test_settings_are_watched(connect: Connect, tmp_path: Path) -> None:
    client = await connect()
    await client.until(lambda: bool(client.requests))
    (method, params) = client.requests[0]
    assert method == "client/registerCapability"
    patterns = [one["globPattern"] for one in params["registrations"][0]["registerOptions"]["watchers"]]
    for name in ("shipworthy.toml", "pyproject.toml", "ruff.toml", ".ruff.toml", ".bandit", ".gitignore"):
        assert any(name in pattern for pattern in patterns)
    uri = await client.open("a.py", HANDLER)
    assert codes(await client.verdict(uri)) == ["swallowed-exception"]
    settings = tmp_path / "shipworthy.toml"
    settings.write_text(IGNORE)
    await tell(client, settings, 1)
    assert await client.verdict(uri) == []
    settings.unlink()
    await tell(client, settings, 3)
    assert codes(await client.verdict(uri)) == ["swallowed-exception"]


async def test_a_pulling_client_is_told_to_ask_again(connect: Connect, tmp_path: Path) -> None:
    client = await connect(capabilities(pull=True))
    uri = await client.open("a.py", HANDLER)
    assert codes((await client.pull(uri))["items"]) == ["swallowed-exception"]
    (tmp_path / "shipworthy.toml").write_text(IGNORE)
    await tell(client, tmp_path / "shipworthy.toml", 1)
    await client.until(lambda: "workspace/diagnostic/refresh" in dict(client.requests))
    assert (await client.pull(uri))["items"] == []


async def test_a_client_that_cannot_watch_is_served_on_save(connect: Connect, tmp_path: Path) -> None:
    client = await connect(capabilities(bare=True))
    uri = await client.open("a.py", HANDLER)
    assert codes(await client.verdict(uri)) == ["swallowed-exception"]
    settings = await client.open("shipworthy.toml", IGNORE)
    client.notifications.clear()
    await client.save(settings)
    await client.until(lambda: bool(client.told("textDocument/publishDiagnostics")) and client.published(uri) == [])
    assert not client.requests


async def test_broken_settings_are_shown_where_they_are_and_the_last_good_ones_stay(
    connect: Connect, tmp_path: Path
) -> None:
    settings = tmp_path / "shipworthy.toml"
    settings.write_text(IGNORE)
    client = await connect()
    uri = await client.open("a.py", HANDLER)
    assert await client.verdict(uri) == []
    settings.write_text(f'{IGNORE}\ncolour = "red"\nexclude = 7\n')
    await tell(client, settings)
    assert await client.verdict(uri) == []
    shown = client.published(settings.as_uri())
    assert [(one["code"], one["severity"], one["range"]["start"]["line"]) for one in shown] == [
        ("configuration", 1, 2),
        ("configuration", 1, 3),
    ]
    (message,) = client.told("window/showMessage")
    assert "shipworthy.toml:3" in message["message"]

    await client.edit(uri, 0, 0, "\n")
    assert await client.verdict(uri) == []
    assert len(client.told("window/showMessage")) == 1

    opened = await client.open("shipworthy.toml")
    assert codes(await client.verdict(opened)) == ["configuration", "configuration"]
    await client.replace(opened, "")
    client.notifications.clear()
    await client.save(opened)
    await client.until(lambda: codes(client.published(uri)) == ["swallowed-exception"])
    assert await client.verdict(opened) == []


async def test_broken_settings_without_better_ones_before_mean_the_defaults(connect: Connect, tmp_path: Path) -> None:
    (tmp_path / "shipworthy.toml").write_text("select = [\n")
    client = await connect(capabilities(pull=True))
    uri = await client.open("a.py", HANDLER)
    assert codes(await client.verdict(uri)) == ["swallowed-exception"]
    assert len(client.told("window/showMessage")) == 1
    assert codes(await client.verdict(await client.open("shipworthy.toml"))) == ["configuration"]


async def test_each_folder_has_the_settings_nearest_to_it(connect: Connect, tmp_path: Path) -> None:
    subprocess.run(["git", "init", "--quiet", tmp_path / "one"], check=True)
    for path, text in {
        "one/pyproject.toml": "[tool.shipworthy]\n" + IGNORE,
        "one/inner/shipworthy.toml": "",
        "one/other/pyproject.toml": "[tool.black]\n",
        "two/shipworthy.toml": "[severity]\nswallowed-exception = 'error'\n",
    }.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    client = await connect(initialize=False)
    folders = [{"uri": (tmp_path / name).as_uri(), "name": name} for name in ("one", "two")]
    await client.initialize(workspaceFolders=folders, rootUri=None)
    severities: dict[str, list[Json]] = {}
    for path in ("one/a.py", "one/inner/a.py", "one/other/a.py", "two/a.py"):
        severities[path] = [one["severity"] for one in await client.verdict(await client.open(path, HANDLER))]
    assert severities == {"one/a.py": [], "one/inner/a.py": [2], "one/other/a.py": [], "two/a.py": [1]}


async def test_git_and_the_baseline_are_heeded_live(connect: Connect, tmp_path: Path) -> None:
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    client = await connect()
    uri = await client.open("a.py", HANDLER)
    assert codes(await client.verdict(uri)) == ["swallowed-exception"]
    ignore = tmp_path / ".gitignore"
    ignore.write_text("a.py\n")
    await tell(client, ignore, 1)
    assert await client.verdict(uri) == []
    ignore.write_text("")
    await tell(client, ignore)
    assert codes(await client.verdict(uri)) == ["swallowed-exception"]
    (tmp_path / "shipworthy.toml").write_text('baseline = "known.txt"\n')
    await client.save(uri)
    path = os.pathsep.join(filter(None, sys.path))
    command = [sys.executable, "-m", "shipworthy_hooks", "baseline"]
    subprocess.run(command, cwd=tmp_path, check=True, env={**os.environ, "PYTHONPATH": path})
    await tell(client, tmp_path / "known.txt", 1)
    await client.until(lambda: client.published(uri) == [])
    await client.until(lambda: any("known.txt" in str(params) for _, params in client.requests))


async def test_a_change_of_another_file_reaches_the_files_that_rest_on_it(connect: Connect, tmp_path: Path) -> None:
    client = await connect()
    uri = await client.open("a.py", HANDLER)
    await client.verdict(uri)
    (tmp_path / "other.py").write_text("def work(): ...\n")
    await tell(client, tmp_path / "other.py", 1)
    assert codes(await client.verdict(uri)) == ["swallowed-exception"]


async def test_a_folder_that_comes_and_goes_takes_its_files_along(connect: Connect, tmp_path: Path) -> None:
    client = await connect()
    loading = tmp_path / "lib" / "loading.py"
    loading.parent.mkdir()
    loading.write_text("async def load(): ...\n")
    text = "from lib.loading import load\n\n\ndef main():\n    load()\n"
    uri = await client.open("main.py", text)
    before = codes(await client.verdict(uri))
    assert before
    away = tmp_path / "away"
    for old, new, content, expected in (
        (loading.parent, away, "def load(): ...\n", []),
        (away, loading.parent, "def load(): ...\n", []),
        (loading.parent, away, "async def load(): ...\n", []),
        (away, loading.parent, "async def load(): ...\n", before),
    ):
        client.notifications.clear()
        old.rename(new)
        (new / "loading.py").write_text(content)
        files = [{"oldUri": old.as_uri(), "newUri": new.as_uri()}]
        await client.notify("workspace/didRenameFiles", {"files": files})
        assert codes(await client.verdict(uri)) == expected


async def test_many_changes_at_once_are_one_check(connect: Connect, tmp_path: Path) -> None:
    client = await connect()
    uri = await client.open("a.py", HANDLER)
    await client.verdict(uri)
    client.notifications.clear()
    for number in range(50):
        path = tmp_path / f"other{number}.py"
        path.write_text("x = 1\n")
        await client.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": path.as_uri(), "type": 1}]})
    await client.verdict(uri)
    await asyncio.sleep(0.5)
    assert len(client.told("$/shipworthy/checked")) <= 4
