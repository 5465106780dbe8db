"""What is shown and when: by push or by pull, never both; the last word on a version is that of all lanes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from .client import Client, Json, capabilities, codes
from .conftest import Connect

pytestmark = pytest.mark.asyncio

HANDLER = "try:\n    work()\nexcept:\n    pass\n"
SLOW = "from Crypto.Cipher import ARC4\n\n\ndef load(key):\n    return ARC4.new(key)\n"
"""Only the backends behind the fast lane find something here."""


def lines(diagnostics: list[Json]) -> list[int]:
    return sorted({one["range"]["start"]["line"] for one in diagnostics})


async def test_the_fast_lane_comes_first_and_all_lanes_have_the_last_word(connect: Connect) -> None:
    client = await connect()
    uri = await client.open("a.py", SLOW + HANDLER)
    found = await client.verdict(uri)
    pushed = client.told("textDocument/publishDiagnostics")
    assert [(one["uri"], one["version"]) for one in pushed] == [(uri, 1)] * 2
    assert [lines(one["diagnostics"]) for one in pushed] == [[7], [4, 7]]
    assert pushed[-1]["diagnostics"] == found


async def test_a_version_with_nothing_more_to_say_is_pushed_once(connect: Connect) -> None:
    client = await connect()
    uri = await client.open("a.py", HANDLER)
    await client.verdict(uri)
    await client.edit(uri, 0, 0, "\n")
    await client.verdict(uri)
    assert [one["version"] for one in client.told("textDocument/publishDiagnostics")] == [1, 2]


async def test_a_burst_of_typing_is_not_queued(connect: Connect) -> None:
    client = await connect()
    uri = await client.open("a.py", SLOW + HANDLER)
    for number in range(300):
        await client.edit(uri, 0, 0, f"x{number} = {number}\n")
    found = await client.verdict(uri)
    versions = [one["version"] for one in client.told("textDocument/publishDiagnostics")]
    wholes = [one["version"] for one in client.told("$/shipworthy/checked") if one["whole"]]
    assert versions == sorted(versions)
    assert versions[-1] == 301 and len(set(versions)) < 301
    assert len(wholes) < 301
    assert lines(found) == [304, 307]


async def test_what_is_gone_is_cleared_at_once(connect: Connect) -> None:
    client = await connect()
    uri = await client.open("a.py", HANDLER)
    assert codes(await client.verdict(uri)) == ["swallowed-exception"]
    await client.edit(uri, HANDLER.index("pass"), len(HANDLER), "raise\n")
    await client.checked(uri, whole=False)
    assert client.published(uri) == []


async def test_a_closed_document_shows_nothing(connect: Connect) -> None:
    client = await connect()
    uri = await client.open("a.py", HANDLER)
    await client.verdict(uri)
    await client.close(uri)
    await client.until(lambda: client.published(uri) == [])
    again = await client.open("a.py", HANDLER)
    assert codes(await client.verdict(again)) == ["swallowed-exception"]


async def test_a_diagnostic_says_what_the_client_understands(connect: Connect) -> None:
    text = HANDLER + "# shipworthy: allow swallowed-exception -- nothing to hide here\nx = 1\n"
    client, bare = await connect(), await connect(capabilities(bare=True))
    handler, unused = await client.verdict(await client.open("a.py", text))
    assert (handler["code"], handler["severity"], handler["source"]) == ("swallowed-exception", 2, "shipworthy")
    assert handler["codeDescription"]["href"].endswith("docs/rules/swallowed-exception.md")
    assert set(handler["data"]) == {"fingerprint", "fixes"}
    assert (unused["code"], unused["tags"]) == ("unused-suppression", [1])
    for plain in await bare.verdict(await bare.open("a.py", text)):
        assert set(plain) == {"range", "severity", "code", "source", "message"}


async def test_a_client_that_pulls_is_never_pushed_to(connect: Connect) -> None:
    client = await connect(capabilities(pull=True))
    assert client.offered["diagnosticProvider"]["interFileDependencies"] is True
    uri = await client.open("a.py", HANDLER)
    report = await client.pull(uri)
    assert (report["kind"], codes(report["items"])) == ("full", ["swallowed-exception"])
    assert await client.pull(uri, report["resultId"]) == {"kind": "unchanged", "resultId": report["resultId"]}
    await client.checked(uri, whole=True)
    await client.close(uri)
    await client.stop()
    assert not client.told("textDocument/publishDiagnostics")
    assert not [method for method, _ in client.requests if method == "workspace/diagnostic/refresh"]


async def test_a_pull_gets_the_fast_lane_and_one_refresh_for_the_rest(connect: Connect) -> None:
    client = await connect(capabilities(pull=True))
    uri = await client.open("a.py", SLOW + HANDLER)
    first = await client.pull(uri)
    await client.until(lambda: "workspace/diagnostic/refresh" in dict(client.requests))
    second = await client.pull(uri, first["resultId"])
    assert (lines(first["items"]), lines(second["items"])) == ([7], [4, 7])
    assert (await client.pull(uri, second["resultId"]))["kind"] == "unchanged"
    await client.stop()
    assert [method for method, _ in client.requests].count("workspace/diagnostic/refresh") == 1


async def test_a_pull_that_cannot_be_refreshed_gets_everything_at_once(connect: Connect) -> None:
    client = await connect(capabilities(pull=True, workspace={}))
    report = await client.pull(await client.open("a.py", SLOW + HANDLER))
    assert lines(report["items"]) == [4, 7]


async def test_a_pull_answers_for_the_text_as_it_is_now(connect: Connect) -> None:
    client = await connect(capabilities(pull=True))
    uri = await client.open("a.py", HANDLER)
    for number in range(20):
        await client.edit(uri, 0, 0, "\n")
        assert lines((await client.pull(uri))["items"]) == [3 + number]


async def test_what_the_command_does_not_check_the_server_does_not_either(connect: Connect, tmp_path: Path) -> None:
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    (tmp_path / ".gitignore").write_text("ignored.py\n")
    (tmp_path / "shipworthy.toml").write_text('exclude = ["vendor/"]\nmax-file-size = 300\n')
    (tmp_path / "binary.ts").write_bytes(b"\0" + HANDLER.encode())
    (tmp_path / "nul.py").write_bytes(b"\0" + HANDLER.encode())
    (tmp_path / "latin.py").write_bytes(b"# \xe9\n" + HANDLER.encode())
    client = await connect()
    for path in ("ignored.py", "vendor/a.py", "large.py", "binary.ts", ".git/a.py"):
        uri = await client.open(path, HANDLER + ("#" * 300 if path == "large.py" else ""))
        assert await client.verdict(uri) == [], path
    [problem] = await client.verdict(await client.open("latin.py", HANDLER))
    assert "is not UTF-8" in problem["message"]
    [problem] = await client.verdict(await client.open("nul.py", "\0" + HANDLER))
    assert "holds NUL bytes" in problem["message"]
    assert codes(await client.verdict(await client.open("a.py", HANDLER))) == ["swallowed-exception"]


@pytest.mark.parametrize("uri", ["untitled:Untitled-1", "vscode-notebook-cell:/a/b.ipynb#X1", "untitled:C%3A%5Cnew"])
async def test_a_document_without_a_file_has_the_language_of_the_editor(connect: Connect, uri: str) -> None:
    client = await connect()
    await client.open("", HANDLER, "python", uri)
    assert codes(await client.verdict(uri)) == ["swallowed-exception"]
    await client.replace(uri, "x = 1\n")
    assert await client.verdict(uri) == []


async def test_the_uri_of_a_client_is_echoed_as_it_was_written(connect: Connect, tmp_path: Path) -> None:
    folder = tmp_path / "with space"
    folder.mkdir()
    client = await connect(folder=folder)
    written = (folder / "a+b.py").as_uri().replace("+", "%2B").replace("file:///", "file://localhost/")
    await client.open("", HANDLER, uri=written)
    assert codes(await client.verdict(written)) == ["swallowed-exception"]


@pytest.mark.parametrize(
    "fault",
    [
        "from shipworthy.rules.errors.swallowed_exception import swallowed_exception as rule\n"
        "object.__setattr__(rule, 'check', lambda run, node: [run.block.text[10**9]])\n",
        "from shipworthy_server import session\nintact = session.analyze\n"
        "session.analyze = lambda document, *more: "
        "{}[document.text] if 'work' in document.text else intact(document, *more)\n",
        "from shipworthy_server import session\nsession._SECONDS, intact = 0.2, session.analyze\n"
        "def forever(document, *more):\n    while 'work' in document.text: pass\n    return intact(document, *more)\n"
        "session.analyze = forever\n",
    ],
)
async def test_a_crash_or_a_hang_is_told_and_costs_nothing_else(tmp_path: Path, fault: str) -> None:
    code = f"{fault}\nfrom shipworthy_server.__main__ import main\nmain([])"
    async with Client(tmp_path, command=(sys.executable, "-c", code)) as client:
        uri = await client.open("a.py", HANDLER)
        (problem,) = await client.verdict(uri)
        assert (problem["code"], problem["severity"]) == ("could-not-check", 2)
        assert "Error at" in problem["message"] or "too long" in problem["message"]
        assert "work()" not in problem["message"]
        await client.replace(uri, "x = 1\n")
        assert await client.verdict(uri) == []
    assert b"work()" not in client.complaints
