"""What can be done about a finding: offered from the server's own state, applied, and gone at the next check."""

from __future__ import annotations

import datetime
import random
import string
import textwrap
from pathlib import Path

import pytest

from .client import Client, Json, ServerError, Text, capabilities, codes
from .conftest import Connect

pytestmark = pytest.mark.asyncio

HANDLER = "try:\n    work()\nexcept:\n    pass\n"
REQUEST_FAILED = -32803

CLIENTS = [
    capabilities(),
    capabilities(pull=True, encodings=["utf-16"]),
    capabilities(bare=True),
]


async def suppression(client: Client, uri: str, at: int) -> Json:
    """The offer to suppress what is found at an offset."""
    offered = [one for one in await client.actions(uri, at, at) if one["title"].endswith("here, with a reason")]
    assert len(offered) == 1
    return offered[0]


@pytest.mark.parametrize("known", CLIENTS)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
async def test_a_suppression_is_written_above_the_finding(connect: Connect, known: Json, newline: str) -> None:
    text = ("# é🦀\ndef f():\n" + textwrap.indent(HANDLER, "    ")).replace("\n", newline)
    client = await connect(known)
    uri = await client.open("a.py", text)
    (finding,) = await client.verdict(uri)
    action = await suppression(client, uri, client.texts[uri].offset(finding["range"]["start"], client.encoding))
    assert (action["kind"], codes(action["diagnostics"])) == ("quickfix", ["swallowed-exception"])
    assert ("edit" in action) == (known == CLIENTS[2])
    await client.perform(action)
    indent = " " * finding["range"]["start"]["character"]
    assert f"{newline}{indent}# shipworthy: allow swallowed-exception -- reason{newline}" in client.texts[uri].text
    assert await client.verdict(uri) == []


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("a.js", "try { work() } catch (e) { }\n", "// shipworthy: allow swallowed-exception -- reason\n"),
        ("a.tsx", "try { work() } catch (e) { }", "// shipworthy: allow swallowed-exception -- reason\n"),
        (
            "a.py",
            HANDLER.replace("Exception:", "Exception: # why"),
            "# shipworthy: allow swallowed-exception -- reason\n",
        ),
    ],
)
async def test_a_suppression_is_a_comment_of_the_language(
    connect: Connect, path: str, text: str, expected: str
) -> None:
    client = await connect()
    uri = await client.open(path, text)
    assert codes(await client.verdict(uri)) == ["swallowed-exception"]
    await client.perform(await suppression(client, uri, max(text.find("except"), text.find("catch"))))
    assert expected in client.texts[uri].text
    assert await client.verdict(uri) == []


async def test_a_client_without_document_changes_gets_changes(connect: Connect) -> None:
    client, bare = await connect(), await connect(capabilities(bare=True))
    edits: list[Json] = []
    for one in (client, bare):
        uri = await one.open("a.py", HANDLER)
        action = await suppression(one, uri, HANDLER.index("except"))
        edits.append((await one.resolved(action))["edit"])
    (document,) = edits[0]["documentChanges"]
    assert document["textDocument"] == {"uri": bare.uri("a.py"), "version": 1}
    assert edits[1] == {"changes": {bare.uri("a.py"): document["edits"]}}


async def test_an_action_for_an_older_text_is_refused(connect: Connect) -> None:
    client = await connect()
    uri = await client.open("a.py", HANDLER)
    action = await suppression(client, uri, HANDLER.index("except"))
    await client.edit(uri, 0, 0, "\n")
    with pytest.raises(ServerError) as refused:
        await client.request("codeAction/resolve", action)
    assert refused.value.code == REQUEST_FAILED
    assert "changed" in refused.value.message


@pytest.mark.parametrize("data", [None, 7, {}, {"uri": 1}, {"rule": "swallowed-exception"}])
async def test_an_action_that_was_never_offered_is_refused(connect: Connect, data: object) -> None:
    client = await connect()
    uri = await client.open("a.py", HANDLER)
    if isinstance(data, dict) and "rule" in data:
        data = {"uri": uri, "version": 1, "rule": "swallowed-exception", "start": 0, "end": 1}
    with pytest.raises(ServerError) as refused:
        await client.request("codeAction/resolve", {"title": "Delete everything", "data": data})
    assert refused.value.code == REQUEST_FAILED


async def test_only_the_wanted_kinds_are_offered_and_only_where_the_cursor_is(connect: Connect) -> None:
    client = await connect()
    uri = await client.open("a.py", f"{HANDLER}x = 1\n")
    at = HANDLER.index("except")
    assert await client.actions(uri, at, at, ["quickfix"])
    assert await client.actions(uri, at, at, ["refactor"]) == []
    assert await client.actions(uri, at, at, ["source.fixAll.other"]) == []
    assert await client.actions(uri, 0, 0) == []
    assert await client.actions(uri, 0, len(HANDLER))


async def test_a_hover_is_the_documentation_of_the_rule(connect: Connect) -> None:
    client, bare = await connect(), await connect(capabilities(bare=True))
    place = {"line": 2, "character": 3}
    for one, kind in ((client, "markdown"), (bare, "plaintext")):
        uri = await one.open("a.py", HANDLER)
        found = await one.request("textDocument/hover", {"textDocument": {"uri": uri}, "position": place})
        assert found["contents"]["kind"] == kind
        assert "swallowed-exception" in found["contents"]["value"]
        assert "Instead" in found["contents"]["value"]
        assert one.texts[uri].marked(found["range"], one.encoding).startswith("except")
        elsewhere = {"textDocument": {"uri": uri}, "position": {"line": 0, "character": 0}}
        assert await one.request("textDocument/hover", elsewhere) is None


LOGGED = "# é🦀\ntry:\n    work()\nexcept Exception:\n    logger.error('work failed')\n\n\n"


@pytest.mark.parametrize("known", CLIENTS)
async def test_a_fix_is_applied_and_its_finding_is_gone(connect: Connect, known: Json) -> None:
    client = await connect(known)
    uri = await client.open("a.py", LOGGED)
    (finding,) = await client.verdict(uri)
    at = client.texts[uri].offset(finding["range"]["start"], client.encoding)
    fix = next(one for one in await client.actions(uri, at, at) if one.get("isPreferred"))
    await client.perform(fix)
    assert client.texts[uri].text == LOGGED.replace("error(", "exception(")
    assert await client.verdict(uri) == []


@pytest.mark.parametrize("known", CLIENTS)
async def test_all_safe_fixes_are_one_action(connect: Connect, known: Json) -> None:
    client = await connect(known)
    text = (LOGGED * 3).replace("\n", "\r\n") + f"{HANDLER}"
    uri = await client.open("a.py", text)
    before = await client.verdict(uri)
    (action,) = await client.actions(uri, 0, 0, ["source.fixAll"])
    assert action["kind"] == "source.fixAll.shipworthy"
    await client.perform(action)
    assert client.texts[uri].text == text.replace("error(", "exception(")
    assert codes(await client.verdict(uri)) == [code for code in codes(before) if code != "log-without-error"]
    assert await client.actions(uri, 0, 0, ["source.fixAll.shipworthy"]) == []


@pytest.mark.parametrize(
    ("path", "written"),
    [
        ("a.yaml", "  # shipworthy: allow {} -- reason\n"),
        ("a.html", "  <!-- shipworthy: allow {} -- reason -->\n"),
        ("a.css", "  /* shipworthy: allow {} -- reason */\n"),
        ("a.sql", "  -- shipworthy: allow {} -- reason\n"),
        ("a.go", "  // shipworthy: allow {} -- reason\n"),
        ("Dockerfile", "  # shipworthy: allow {} -- reason\n"),
        ("a.json", ""),
    ],
)
async def test_a_suppression_is_a_comment_of_the_format(connect: Connect, path: str, written: str) -> None:
    client = await connect()
    token = "ghp_" + "".join(random.Random(1).choices(string.ascii_letters + string.digits, k=36))
    text = f'first\n  "token": "{token}"\n'
    uri = await client.open(path, text)
    (finding,) = await client.verdict(uri)
    offered = [one for one in await client.actions(uri, text.index(token), len(text)) if "here, with" in one["title"]]
    assert len(offered) == bool(written)
    for action in offered:
        await client.perform(action)
        assert written.format(finding["code"]) in client.texts[uri].text
        assert await client.verdict(uri) == []


async def test_no_comment_is_offered_within_a_string(connect: Connect) -> None:
    client = await connect()
    token = "ghp_" + "".join(random.Random(2).choices(string.ascii_letters + string.digits, k=36))
    text = f'TEXT = """\nfirst\n{token}\n"""\n'
    uri = await client.open("a.py", text)
    assert await client.verdict(uri)
    assert not [one for one in await client.actions(uri, 0, len(text)) if "Allow" in one["title"]]


async def test_a_suppression_may_end_by_itself(connect: Connect) -> None:
    client = await connect()
    uri = await client.open("a.py", HANDLER)
    at = HANDLER.index("except")
    (action,) = [one for one in await client.actions(uri, at, at) if " until " in one["title"]]
    await client.perform(action)
    end = (datetime.date.today() + datetime.timedelta(days=90)).isoformat()
    assert f"# shipworthy: allow swallowed-exception -- reason until {end}\n" in client.texts[uri].text
    assert await client.verdict(uri) == []


async def test_all_of_one_rule_are_fixed_at_once(connect: Connect) -> None:
    client = await connect()
    uri = await client.open("a.py", LOGGED * 3)
    at = LOGGED.index("logger")
    (action,) = [one for one in await client.actions(uri, at, at) if "Fix all 3 of" in one["title"]]
    await client.perform(action)
    assert client.texts[uri].text == LOGGED.replace("error(", "exception(") * 3


@pytest.mark.parametrize("documents", [True, False])
async def test_all_of_one_rule_are_fixed_in_the_workspace(connect: Connect, tmp_path: Path, documents: bool) -> None:
    mended = LOGGED.replace("error(", "exception(")
    texts = {"a.py": LOGGED, "é/b.py": "x = '🦀'; " + HANDLER.replace("try", "\ntry") + LOGGED * 2, "c.py": mended}
    for name, text in texts.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    known = capabilities(encodings=["utf-16"])
    if not documents:
        del known["workspace"]["workspaceEdit"]
    client = await connect(known)
    uri = await client.open("a.py", f"# not saved\n{LOGGED}")
    other = await client.open("open.py", LOGGED)
    at = client.texts[uri].text.index("logger")
    (action,) = [one for one in await client.actions(uri, at, at) if one["title"].endswith("in the workspace")]
    assert "edit" not in action
    edit = (await client.resolved(action))["edit"]
    assert set(edit) == {"documentChanges" if documents else "changes"}
    changes = edit.get("changes") or {one["textDocument"]["uri"]: one["edits"] for one in edit["documentChanges"]}
    if documents:
        versions = {one["textDocument"]["uri"]: one["textDocument"]["version"] for one in edit["documentChanges"]}
        assert versions == {uri: 1, other: 1, client.uri("é/b.py"): None}
    assert set(changes) == {uri, other, client.uri("é/b.py")}
    closed = Text(texts["é/b.py"])
    closed.apply(changes[client.uri("é/b.py")], client.encoding)
    assert closed.text == texts["é/b.py"].replace("error(", "exception(")
    client.texts[uri].apply(changes[uri], client.encoding)
    client.texts[other].apply(changes[other], client.encoding)
    assert (client.texts[uri].text, client.texts[other].text) == (f"# not saved\n{mended}", mended)


async def test_a_client_that_cannot_wait_is_not_offered_the_workspace(connect: Connect) -> None:
    client = await connect(capabilities(bare=True))
    uri = await client.open("a.py", LOGGED)
    at = LOGGED.index("logger")
    assert not [one for one in await client.actions(uri, at, at) if "workspace" in one["title"]]


async def test_a_finding_is_added_to_the_baseline_and_its_equal_stays(connect: Connect, tmp_path: Path) -> None:
    client = await connect()
    (tmp_path / "a.py").write_text(HANDLER * 2)
    uri = await client.open("a.py")
    assert len(await client.verdict(uri)) == 2
    at = HANDLER.index("except")
    for start in (at, at + len(HANDLER)):
        (action,) = [one for one in await client.actions(uri, start, start) if "baseline" in one["title"]]
        *created, change = (await client.resolved(action))["edit"]["documentChanges"]
        baseline = tmp_path / ".shipworthy-baseline"
        assert [one["kind"] for one in created] == ([] if baseline.exists() else ["create"])
        known = Text(baseline.read_text() if baseline.exists() else "")
        known.apply(change["edits"], client.encoding)
        baseline.write_text(known.text)
        client.notifications.clear()
        await client.notify(
            "workspace/didChangeWatchedFiles", {"changes": [{"uri": baseline.as_uri(), "type": 1 if created else 2}]}
        )
        left = [one["range"]["start"]["line"] for one in await client.verdict(uri)]
        assert left == ([6] if start == at else [])


async def test_documentation_is_opened_by_the_editor(connect: Connect) -> None:
    known = capabilities() | {"window": {"showDocument": {"support": True}}}
    client = await connect(known)
    uri = await client.open("a.py", HANDLER)
    at = HANDLER.index("except")
    (action,) = [one for one in await client.actions(uri, at, at) if "documentation" in one["title"]]
    await client.request("workspace/executeCommand", action["command"])
    shown = dict(client.requests)["window/showDocument"]
    assert shown["external"] and shown["uri"].endswith("swallowed-exception.md")
    with pytest.raises(ServerError):
        await client.request(
            "workspace/executeCommand", {"command": "shipworthy.server.open", "arguments": ["file:///"]}
        )
