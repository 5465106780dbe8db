"""Every request is answered, however odd; the server ends when it shall; nothing that was read is logged."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from .client import PATIENCE, Client, Json, ServerError, capabilities, codes
from .conftest import Connect

pytestmark = pytest.mark.asyncio

BAD = "try:\n    work()\nexcept:\n    pass\n"

PARSE_ERROR, INVALID_REQUEST, NOT_FOUND, INVALID_PARAMS, NOT_INITIALIZED = -32700, -32600, -32601, -32602, -32002
CANCELLED = -32800


@pytest.mark.parametrize(
    "odd",
    [
        {"general": {"positionEncodings": ["utf-7", "utf-32"]}, "textDocument": {"hover": {"contentFormat": ["html"]}}},
        {"workspace": {"workspaceEdit": {"failureHandling": "teleport", "resourceOperations": ["sing"]}}},
        {"textDocument": {"publishDiagnostics": {"tagSupport": {"valueSet": [1, 99, "x", None]}}}},
        {"general": None, "textDocument": [], "workspace": 7, "window": "yes"},
        None,
        "everything",
    ],
)
async def test_no_client_is_too_new_to_be_greeted(connect: Connect, odd: Any) -> None:
    client = await connect(initialize=False)
    result = await client.request(
        "initialize", {"processId": None, "rootUri": None, "capabilities": odd, "trace": "shouting"}
    )
    assert result["serverInfo"]["name"] == "shipworthy"
    assert result["capabilities"]["positionEncoding"] in {"utf-16", "utf-32"}


@pytest.mark.parametrize(
    ("body", "code", "answered"),
    [
        (b"{", PARSE_ERROR, None),
        (b"\xff\xfe", PARSE_ERROR, None),
        (b"[" * 100_000, PARSE_ERROR, None),
        (b"[]", INVALID_REQUEST, None),
        (b'{"jsonrpc": "1.0", "id": 5, "method": "shutdown"}', INVALID_REQUEST, 5),
        (b'{"jsonrpc": "2.0", "id": 6}', None, 6),
        (b'{"jsonrpc": "2.0", "id": 7, "method": 8}', INVALID_REQUEST, 7),
        (b'{"jsonrpc": "2.0", "id": null, "method": "shutdown"}', INVALID_REQUEST, None),
        (b'{"jsonrpc": "2.0", "id": "a", "method": "no/such"}', NOT_FOUND, "a"),
        (b'{"jsonrpc": "2.0", "id": 9, "method": "initialize", "params": {}}', INVALID_REQUEST, 9),
    ],
)
async def test_a_malformed_message_is_answered_and_the_next_one_is_read(
    connect: Connect, body: bytes, code: int | None, answered: object
) -> None:
    client = await connect()
    client.answers.clear()
    client.write_bytes(body)
    assert await client.request("textDocument/diagnostic", {"textDocument": {"uri": "file:///nowhere.py"}})
    errors = [(answer["id"], answer["error"]["code"]) for answer in client.answers if "error" in answer]
    assert errors == ([(answered, code)] if code is not None else [])


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("textDocument/hover", {"textDocument": {"uri": "file:///a.py"}, "position": None}),
        ("textDocument/hover", {"textDocument": {"uri": "file:///a.py"}, "position": {"line": None, "character": 0}}),
        ("textDocument/hover", None),
        ("textDocument/hover", []),
        ("textDocument/codeAction", {"textDocument": {"uri": "file:///a.py"}, "range": None, "context": None}),
        ("textDocument/diagnostic", {"textDocument": None}),
        ("codeAction/resolve", {}),
    ],
)
async def test_parameters_of_the_wrong_shape_are_refused(connect: Connect, method: str, params: Any) -> None:
    client = await connect()
    with pytest.raises(ServerError) as refused:
        await client.request(method, params)
    assert refused.value.code == INVALID_PARAMS
    assert method in refused.value.message


async def test_a_notification_of_the_wrong_shape_is_reported_and_costs_nothing_else(connect: Connect) -> None:
    client = await connect()
    uri = await client.open("a.py", BAD)
    client.write({"jsonrpc": "2.0", "method": "textDocument/didChange", "params": {"textDocument": {"uri": uri}}})
    await client.until(lambda: bool(client.told("window/logMessage")))
    assert "didChange" in client.told("window/logMessage")[0]["message"]
    assert [one["code"] for one in await client.verdict(uri)] == ["swallowed-exception"]


async def test_headers_may_be_odd(connect: Connect) -> None:
    client = await connect()
    body = json.dumps({"jsonrpc": "2.0", "id": 70, "method": "no/such"}).encode()
    assert client.process.stdin is not None
    client.process.stdin.write(b"Nonsense\r\n\r\ncontent-length:%d\r\nContent-Type: x\r\n\r\n%b" % (len(body), body))
    await client.until(lambda: any(answer["id"] == 70 for answer in client.answers))


async def test_before_initialize_and_after_shutdown_requests_are_refused(connect: Connect) -> None:
    client = await connect(initialize=False)
    with pytest.raises(ServerError) as early:
        await client.request("textDocument/hover", {})
    assert early.value.code == NOT_INITIALIZED
    await client.initialize()
    await client.request("shutdown", None)
    with pytest.raises(ServerError) as late:
        await client.request("textDocument/hover", {})
    assert late.value.code == INVALID_REQUEST
    await client.notify("exit", None)
    assert await asyncio.wait_for(client.process.wait(), PATIENCE) == 0


async def test_exit_without_shutdown_is_an_error(connect: Connect) -> None:
    client = await connect()
    await client.notify("exit", None)
    assert await asyncio.wait_for(client.process.wait(), PATIENCE) == 1


async def test_a_request_can_be_cancelled(connect: Connect) -> None:
    client = await connect(capabilities(pull=True, workspace={}))
    uri = await client.open("large.py", "".join(f"def f{n}():\n    return {n}\n\n\n" for n in range(4000)))
    number, answer = client.ask("textDocument/diagnostic", {"textDocument": {"uri": uri}})
    await client.notify("$/cancelRequest", {"id": number})
    with pytest.raises(ServerError) as cancelled:
        await asyncio.wait_for(answer, PATIENCE)
    assert cancelled.value.code == CANCELLED


async def test_exit_does_not_wait_for_work(connect: Connect) -> None:
    client = await connect()
    for number in range(20):
        await client.open(f"large{number}.py", "".join(f"def f{n}():\n    return {n}\n\n\n" for n in range(3000)))
    await client.request("shutdown", None)
    await client.notify("exit", None)
    assert await asyncio.wait_for(client.process.wait(), PATIENCE) == 0
    assert not any(params.get("whole") for params in client.told("$/shipworthy/checked"))


async def test_the_server_ends_with_the_stream(connect: Connect) -> None:
    client = await connect()
    assert client.process.stdin is not None
    client.process.stdin.close()
    assert await asyncio.wait_for(client.process.wait(), PATIENCE) == 1


async def test_the_server_ends_with_the_process_of_the_client_even_if_the_stream_stays_open(connect: Connect) -> None:
    editor = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    client = await connect(initialize=False)
    await client.initialize(processId=editor.pid)
    editor.kill()
    editor.wait()
    assert await asyncio.wait_for(client.process.wait(), PATIENCE) == 1


async def test_what_users_type_is_never_logged(connect: Connect) -> None:
    client = await connect()
    word = "hunter" + "2" * 9
    uri = await client.open("a.py", f"password = '{word}'\n{BAD}")
    await client.verdict(uri)
    client.write({"jsonrpc": "2.0", "method": "textDocument/didOpen", "params": {"textDocument": {"text": word}}})
    client.write({"jsonrpc": "2.0", "id": 60, "method": "textDocument/hover", "params": {"position": word}})
    client.write_bytes(f'{{"jsonrpc": "2.0", "{word}'.encode())
    with pytest.raises(ServerError):
        await client.request("codeAction/resolve", {"title": word, "data": {"uri": word}})
    await client.stop()
    sent = json.dumps([client.notifications, [one for one in client.answers if "error" in one]])
    assert word not in client.complaints.decode()
    assert word not in sent


async def test_a_trace_tells_of_checks_and_quotes_nothing(connect: Connect) -> None:
    client = await connect()
    uri = await client.open("a.py", BAD)
    await client.verdict(uri)
    assert not client.told("$/logTrace")
    await client.notify("$/setTrace", {"value": "verbose"})
    await client.edit(uri, 0, 0, "\n")
    await client.verdict(uri)
    assert {one["message"].partition(":")[0] for one in client.told("$/logTrace")} == {"fast lane", "all lanes"}
    assert "except" not in str(client.told("$/logTrace"))


async def test_one_client_over_a_socket(tmp_path: Path) -> None:
    server = Client(tmp_path, command=(sys.executable, "-m", "shipworthy_server", "--tcp", "127.0.0.1:0"))
    await server.start()
    while b"\n" not in server.complaints:
        await asyncio.sleep(0.05)
    port = int(server.complaints.decode().rpartition(":")[2])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for number, (method, params) in enumerate([("initialize", {"capabilities": {}}), ("shutdown", None)]):
        body = json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params}).encode()
        writer.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        answer: Json = json.loads(await reader.readexactly(int((await reader.readline()).split(b":")[1]) + 2))
        assert answer["id"] == number
    writer.close()
    assert await asyncio.wait_for(server.process.wait(), PATIENCE) == 1


HANDLER = "try:\n    work()\nexcept:\n    pass\n"


@pytest.mark.parametrize("uri", ["file:///\ud800.py", f"file:///{'a' * 5000}.py", "file:", "x", "file:///%00.py"])
async def test_a_document_of_any_name_is_checked(connect: Connect, uri: str) -> None:
    client = await connect()
    await client.open("", HANDLER, "python", uri)
    assert codes(await client.verdict(uri)) == ["swallowed-exception"]
    assert not client.complaints


async def test_what_makes_no_sense_leaves_no_trace(connect: Connect) -> None:
    client = await connect()
    for params in (None, {}, {"id": []}, {"id": 99}):
        await client.notify("$/cancelRequest", params)
    uri = await client.open("a.py", "x")
    position = {"line": None, "character": 0}
    for place in ({}, {"start": position, "end": position}, "x"):
        document = {"uri": uri, "version": 2}
        changes = [{"range": place, "text": "x"}]
        await client.notify("textDocument/didChange", {"textDocument": document, "contentChanges": changes})
    await client.replace(uri, HANDLER)
    assert codes(await client.verdict(uri)) == ["swallowed-exception"]
    assert b"Traceback" not in client.complaints


async def test_many_edits_do_not_delay_the_end(connect: Connect) -> None:
    client = await connect()
    uri = await client.open("a.py", HANDLER * 50)
    for number in range(200):
        await client.edit(uri, 0, 0, "(" if number % 2 else "x = 1\n")
    assert await client.stop() == 0
    assert not client.complaints
