"""What concerns the workspace as a whole: files that are not open, settings of the user, notebooks, versions."""

from __future__ import annotations

import asyncio
import subprocess
from pathlib import Path
from typing import Any

import pytest

import shipworthy

from .client import Client, Json, Text, capabilities, codes
from .conftest import Connect

pytestmark = pytest.mark.asyncio

HANDLER = "try:\n    work()\nexcept:\n    pass\n"
SHELL = "import subprocess\nsubprocess.run(command, shell=True)\n"


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


async def survey(client: Client, known: list[Json]) -> dict[str, Json]:
    """Ask for the diagnostics of all files: what came in parts, by file name."""
    client.notifications.clear()
    params = {"previousResultIds": known, "partialResultToken": "parts", "workDoneToken": "work"}
    await client.request("workspace/diagnostic", params)
    parts = [one["value"] for one in client.told("$/progress") if one["token"] == "parts"]
    work = [one["value"]["kind"] for one in client.told("$/progress") if one["token"] == "work"]
    assert work[0] == "begin" and work[-1] == "end" and "report" in work
    return {item["uri"].rpartition("/")[2]: item for part in parts for item in part["items"]}


async def test_all_files_are_told_in_parts_and_again_when_one_has_changed(connect: Connect, tmp_path: Path) -> None:
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    write(tmp_path, {"a.py": HANDLER, "b.py": SHELL, "c.py": "", ".gitignore": "d.py\n", "d.py": HANDLER})
    client = await connect(capabilities(pull=True))
    uri = await client.open("open.py", HANDLER)
    found = await survey(client, [])
    assert {name: codes(one["items"]) for name, one in found.items()} == {
        "a.py": ["swallowed-exception"],
        "b.py": codes(await client.verdict(await client.open("b.py"))),
    }
    assert uri not in found
    known = [{"uri": one["uri"], "value": one["resultId"]} for one in found.values()]
    waiting = asyncio.create_task(survey(client, known))
    await asyncio.sleep(0.3)
    assert not waiting.done()
    write(tmp_path, {"c.py": HANDLER})
    await client.notify("workspace/didDeleteFiles", {"files": [{"uri": client.uri("gone.py")}]})
    again = await waiting
    assert {name: one["kind"] for name, one in again.items()} == {"a.py": "unchanged", "c.py": "full"}


async def test_a_client_that_is_pushed_to_has_its_workspace_checked_by_a_command(
    connect: Connect, tmp_path: Path
) -> None:
    write(tmp_path, {"a.py": HANDLER, "inner/b.py": HANDLER})
    client = await connect(capabilities() | {"window": {"workDoneProgress": True}})
    check = {"command": "shipworthy.server.checkWorkspace"}
    assert await client.request("workspace/executeCommand", check) == {"files": 2, "findings": 2}
    assert "window/workDoneProgress/create" in dict(client.requests)
    assert codes(client.published(client.uri("inner/b.py"))) == ["swallowed-exception"]
    (tmp_path / "a.py").rename(tmp_path / "c.py")
    names = {"oldUri": client.uri("a.py"), "newUri": client.uri("c.py")}
    await client.notify("workspace/didRenameFiles", {"files": [names]})
    await client.until(lambda: client.published(client.uri("a.py")) == [])
    assert await client.request("workspace/executeCommand", check) == {"files": 2, "findings": 2}
    assert codes(client.published(client.uri("c.py"))) == ["swallowed-exception"]


@pytest.mark.parametrize("pull", [True, False])
async def test_what_was_shown_of_a_closed_file_goes_when_it_is_opened(
    connect: Connect, tmp_path: Path, pull: bool
) -> None:
    write(tmp_path, {"a.py": HANDLER, "inner/b.py": HANDLER, "inner/c.py": HANDLER})
    client = await connect(capabilities(pull=pull))
    check = {"command": "shipworthy.server.checkWorkspace"}
    assert await client.request("workspace/executeCommand", check) == {"files": 3, "findings": 3}
    uri = await client.open("a.py", "\n" + HANDLER)
    found = await client.verdict(uri)
    assert [one["range"]["start"]["line"] for one in found] == [3]
    assert client.published(uri) == ([] if pull else found)
    await client.notify("workspace/didDeleteFiles", {"files": [{"uri": client.uri("inner")}]})
    await client.until(lambda: not any(client.published(client.uri(f"inner/{name}.py")) for name in "bc"))


async def test_a_folder_named_by_a_link_is_shown_by_the_name_of_the_link(connect: Connect, tmp_path: Path) -> None:
    write(tmp_path, {"real/a.py": HANDLER, "real/b.py": HANDLER})
    (tmp_path / "link").symlink_to("real")
    client = await connect(folder=tmp_path / "link")
    uri = await client.open("a.py")
    await client.verdict(uri)
    check = {"command": "shipworthy.server.checkWorkspace"}
    assert await client.request("workspace/executeCommand", check) == {"files": 1, "findings": 1}
    assert set(client.shown) == {uri, client.uri("b.py")}


async def test_folders_within_folders_are_checked_once(connect: Connect, tmp_path: Path) -> None:
    subprocess.run(["git", "init", "--quiet", tmp_path / "inner" / "own"], check=True)
    write(tmp_path, {"a.py": HANDLER, "inner/b.py": HANDLER, "inner/own/c.py": HANDLER})
    client = await connect(initialize=False)
    folders = [{"uri": client.uri(name), "name": name} for name in ("inner", "", "inner/own")]
    await client.initialize(workspaceFolders=folders)
    check = {"command": "shipworthy.server.checkWorkspace"}
    assert await client.request("workspace/executeCommand", check) == {"files": 3, "findings": 3}
    uri = await client.open("inner/b.py")
    assert codes(await client.verdict(uri)) == ["swallowed-exception"]
    assert await client.request("workspace/executeCommand", check) == {"files": 2, "findings": 2}


async def test_what_the_survey_cannot_read_is_told(connect: Connect, tmp_path: Path) -> None:
    write(tmp_path, {"good/a.py": HANDLER, "bad/.git": "gitdir: nowhere\n", "bad/b.py": HANDLER})
    client = await connect(initialize=False)
    folders = [{"uri": client.uri(name), "name": name} for name in ("good", "bad", "gone")]
    await client.initialize(workspaceFolders=folders)
    check = {"command": "shipworthy.server.checkWorkspace"}
    for _ in range(2):
        assert await client.request("workspace/executeCommand", check) == {"files": 1, "findings": 1}
    told = [one["message"] for one in client.told("window/showMessage")]
    assert [sum(f"{tmp_path / name}: " in one for one in told) for name in ("good", "bad", "gone")] == [0, 1, 1]
    assert len(told) == 2


async def test_the_client_hears_that_a_project_is_read(connect: Connect, tmp_path: Path) -> None:
    loading = "def load{0}(path):\n    return open(path)\n"
    write(tmp_path, {f"loading{number}.py": loading.format(number) for number in range(100)})
    main = "import sys\nfrom loading7 import load7\n\nif __name__ == '__main__':\n    load7(sys.argv[1])\n"
    client = await connect(capabilities() | {"window": {"workDoneProgress": True}})
    uri = await client.open("main.py", main)
    await client.verdict(uri)
    await client.until(lambda: "end" in [one["value"]["kind"] for one in client.told("$/progress")])
    [asked] = [params for method, params in client.requests if method == "window/workDoneProgress/create"]
    told = client.told("$/progress")
    assert {one["token"] for one in told} == {asked["token"]}
    assert (told[0]["value"]["kind"], told[0]["value"]["title"]) == ("begin", "Shipworthy: reading the project")
    assert [one["value"]["kind"] for one in told[1:-1]] == ["report"] * (len(told) - 2)
    loading7 = await client.open("loading7.py")
    assert codes(await client.verdict(loading7)) == ["unhandled-in-command"]
    await client.edit(uri, 0, 0, "\n")
    await client.verdict(uri)
    assert len([1 for method, _ in client.requests if method == "window/workDoneProgress/create"]) == 1


async def test_work_does_not_wait_for_a_client_that_never_answers(connect: Connect, tmp_path: Path) -> None:
    write(tmp_path, {"b.py": HANDLER})
    client = await connect(capabilities() | {"window": {"workDoneProgress": True}})
    client.is_mute = True
    assert codes(await client.verdict(await client.open("a.py", HANDLER))) == ["swallowed-exception"]
    check = {"command": "shipworthy.server.checkWorkspace"}
    assert await client.request("workspace/executeCommand", check) == {"files": 1, "findings": 1}


@pytest.mark.parametrize("empty", [{}, []])
async def test_settings_that_are_empty_are_no_mistake(connect: Connect, empty: Json | list[Json]) -> None:
    client = await connect(initialize=False)
    await client.initialize(initializationOptions={"shipworthy": {"severity": empty, "lanes": empty}})
    uri = await client.open("a.py", HANDLER)
    assert [one["severity"] for one in await client.verdict(uri)] == [2]
    assert not client.told("window/showMessage")


async def test_settings_of_the_user_change_what_is_shown_and_no_verdict(connect: Connect, tmp_path: Path) -> None:
    client = await connect(initialize=False)
    given = {"severity": {"warning": "information"}, "lanes": {"onType": "fast"}, "codeLens": "always"}
    await client.initialize(initializationOptions=given)
    uri = await client.open("a.py", HANDLER)
    assert [one["severity"] for one in await client.verdict(uri)] == [3]
    assert [one["message"] for one in client.told("window/showMessage")] == [
        "shipworthy.codeLens cannot be 'always'; the default holds"
    ]
    await client.edit(uri, 0, 0, SHELL)
    await client.checked(uri, whole=False)
    await asyncio.sleep(0.5)
    version = client.texts[uri].version
    assert not [one for one in client.told("$/shipworthy/checked") if one["version"] == version and one["whole"]]
    await client.save(uri)
    assert len(await client.verdict(uri)) > 1
    settings = {"shipworthy": {"severity": {"warning": "hint"}}}
    await client.notify("workspace/didChangeConfiguration", {"settings": settings})
    await client.until(lambda: 3 not in [one["severity"] for one in client.published(uri)])
    await client.edit(uri, 0, 0, "\n")
    assert len(await client.verdict(uri)) > 1


async def test_the_cells_of_a_notebook_are_checked_with_its_settings(connect: Connect, tmp_path: Path) -> None:
    write(tmp_path, {"inner/shipworthy.toml": "[severity]\nswallowed-exception = 'error'\n"})
    client = await connect()
    notebook = {"uri": client.uri("inner/b.ipynb"), "version": 1, "notebookType": "jupyter-notebook", "cells": []}
    uris = [f"vscode-notebook-cell:{tmp_path.as_posix()}/inner/b.ipynb#{name}" for name in ("one", "two")]
    cells = [{"uri": uri, "languageId": "python", "version": 1, "text": f"%cd x\n{HANDLER}"} for uri in uris]
    await client.notify("notebookDocument/didOpen", {"notebookDocument": notebook, "cellTextDocuments": cells[:1]})
    client.texts[uris[0]] = Text(cells[0]["text"])
    assert [(one["code"], one["severity"]) for one in await client.verdict(uris[0])] == [("swallowed-exception", 1)]

    change: dict[str, Any] = {
        "structure": {"array": {"start": 1, "deleteCount": 0}, "didOpen": cells[1:]},
        "textContent": [{"document": {"uri": uris[0], "version": 2}, "changes": [{"text": "x = 1\n"}]}],
    }
    await client.notify("notebookDocument/didChange", {"notebookDocument": notebook, "change": {"cells": change}})
    client.texts[uris[0]], client.texts[uris[1]] = Text("x = 1\n", 2), Text(cells[1]["text"])
    assert await client.verdict(uris[0]) == []
    assert codes(await client.verdict(uris[1])) == ["swallowed-exception"]
    closed = [{"uri": uri} for uri in uris]
    await client.notify("notebookDocument/didClose", {"notebookDocument": notebook, "cellTextDocuments": closed})
    await client.until(lambda: client.published(uris[1]) == [])


CELL = "vscode-notebook-cell:/nb.ipynb#"


class Notebook:
    """A notebook in the editor: cells by name, in their order."""

    def __init__(self, client: Client, cells: dict[str, str]) -> None:
        self.client, self.uri, self.version = client, client.uri("nb.ipynb"), 1
        self.order = [*cells]
        for name, text in cells.items():
            client.texts[CELL + name] = Text(text)

    async def open(self) -> None:
        """Open the notebook."""
        known = {"uri": self.uri, "version": 1, "notebookType": "jupyter-notebook"}
        cells = [{"kind": 2, "document": CELL + name} for name in self.order]
        texts = [self.item(name) for name in self.order]
        await self.client.notify(
            "notebookDocument/didOpen", {"notebookDocument": {**known, "cells": cells}, "cellTextDocuments": texts}
        )

    def item(self, name: str) -> Json:
        """A cell as it is opened."""
        known = self.client.texts[CELL + name]
        return {"uri": CELL + name, "languageId": "python", "version": known.version, "text": known.text}

    async def change(self, **cells: Any) -> None:
        """Tell of a change; what was said before counts no more."""
        self.client.notifications.clear()
        self.version += 1
        document = {"uri": self.uri, "version": self.version}
        await self.client.notify(
            "notebookDocument/didChange", {"notebookDocument": document, "change": {"cells": cells}}
        )

    async def edit(self, name: str, start: int, end: int, new: str) -> None:
        """Type into a cell."""
        known = self.client.texts[CELL + name]
        place = {"start": known.position(start, "utf-32"), "end": known.position(end, "utf-32")}
        known.text, known.version = known.text[:start] + new + known.text[end:], known.version + 1
        document = {"uri": CELL + name, "version": known.version}
        await self.change(textContent=[{"document": document, "changes": [{"range": place, "text": new}]}])

    async def found(self, name: str) -> list[tuple[str, str]]:
        """What is found in a cell: rules with the text that they mark."""
        known = self.client.texts[CELL + name]
        return [(one["code"], known.marked(one["range"], "utf-32")) for one in await self.client.verdict(CELL + name)]


@pytest.mark.parametrize("pull", [True, False])
async def test_the_cells_of_a_notebook_know_each_other(connect: Connect, pull: bool) -> None:
    client = await connect(capabilities(pull=pull))
    call = "x = '🦀'\n\nhttp.get(address)"
    notebook = Notebook(client, {"one": "%cd x\nimport requests as http\r", "two": call, "three": "def broken(:\n"})
    await notebook.open()
    expected = [("missing-timeout", "http.get(address)")]
    assert await notebook.found("one") == []
    assert await notebook.found("two") == expected
    assert [code for code, _ in await notebook.found("three")] == ["syntax-error"]
    await notebook.edit("one", 6, 12, "from elsewhere import")
    assert await notebook.found("two") == []
    await notebook.edit("one", 6, 27, "import")
    assert await notebook.found("two") == expected

    at = call.index("http")
    offered = await client.actions(CELL + "two", at, at)
    (action,) = [one for one in offered if one["title"].endswith("here, with a reason")]
    assert client.texts[CELL + "two"].marked(action["diagnostics"][0]["range"], "utf-32") == "http.get(address)"
    [change] = (await client.resolved(action))["edit"]["documentChanges"]
    assert change["textDocument"] == {"uri": CELL + "two", "version": 1}
    allowed = Text(call)
    allowed.apply(change["edits"], "utf-32")
    assert allowed.text == call.replace("http", "# shipworthy: allow missing-timeout -- reason\nhttp")
    hover = await client.request(
        "textDocument/hover", {"textDocument": {"uri": CELL + "two"}, "position": {"line": 2, "character": 3}}
    )
    assert hover["range"]["start"] == {"line": 2, "character": 0}

    cells = [{"kind": 2, "document": CELL + name} for name in ("two", "one")]
    await notebook.change(structure={"array": {"start": 0, "deleteCount": 2, "cells": cells}})
    assert await notebook.found("two") == expected
    client.texts[CELL + "four"] = Text("\n" + call)
    cells = [{"kind": 1, "document": CELL + "words"}, {"kind": 2, "document": CELL + "four"}]
    array = {"start": 2, "deleteCount": 1, "cells": cells}
    closed = [{"uri": CELL + "three"}]
    await notebook.change(structure={"array": array, "didOpen": [notebook.item("four")], "didClose": closed})
    assert await notebook.found("four") == expected
    assert client.published(CELL + "three") == []
    assert not client.complaints


async def test_another_version_for_the_hooks_is_said_aloud_once(connect: Connect, tmp_path: Path) -> None:
    config = "repos:\n- repo: https://github.com/shipworthy/shipworthy\n  rev: v{}\n  hooks: [{{id: shipworthy}}]\n"
    write(tmp_path, {".pre-commit-config.yaml": config.format("0.0.9")})
    client = await connect()
    await client.until(lambda: bool(client.told("window/showMessage")))
    (told,) = client.told("window/showMessage")
    assert "pins Shipworthy 0.0.9" in told["message"] and shipworthy.__version__ in told["message"]
    uri = await client.open("a.py", "")
    for version, count in ((shipworthy.__version__, 1), ("0.0.8", 2)):
        write(tmp_path, {".pre-commit-config.yaml": config.format(version)})
        changes = [{"uri": client.uri(".pre-commit-config.yaml"), "type": 2}]
        await client.notify("workspace/didChangeWatchedFiles", {"changes": changes})
        await client.actions(uri, 0, 0)
        assert len(client.told("window/showMessage")) == count


async def test_a_lens_tells_how_complex_a_function_is_and_was(connect: Connect, tmp_path: Path) -> None:
    branches = "".join(f"        if value == {number}:\n            return {number}\n" for number in range(6))
    text = f"class Shop:\n    def price(self, value):\n{branches}\n    def name(self):\n        return 'é'\n"
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    write(tmp_path, {"a.py": text})
    for command in (["add", "a.py"], ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "--quiet", "-m", "a"]):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)
    client = await connect()
    uri = await client.open("a.py")

    async def shown() -> list[tuple[str, str]]:
        found = await client.request("textDocument/codeLens", {"textDocument": {"uri": uri}})
        known = client.texts[uri]
        return [(known.marked(one["range"], client.encoding), one["command"]["title"]) for one in found]

    assert await shown() == [("price", "complexity 7, cognitive 6")]
    await client.edit(uri, text.index("        return 'é'"), text.index("        return 'é'"), "        if self:\n    ")
    assert await shown() == [
        ("price", "complexity 7, cognitive 6"),
        ("name", "complexity 2, cognitive 1 (+1 and +1 since HEAD)"),
    ]
