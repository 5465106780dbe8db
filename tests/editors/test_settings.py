"""The settings for editors that are not run here: their files are at least what they claim to be."""

from __future__ import annotations

import json
import re
import subprocess
import tomllib
from typing import cast

from shipworthy_server import settings

from . import components

EDITORS = components.REPOSITORY / "editors"
SERVER = "shipworthy-server"


def test_every_editor_says_what_was_tried() -> None:
    for folder in EDITORS.iterdir():
        text = (folder / "README.md").read_text()
        assert re.search(r"\btests/editors/test_\w+\.py\b", text), f"{folder.name} does not say how it was tried"


def test_the_settings_start_the_server() -> None:
    kate = json.loads((EDITORS / "kate" / "settings.json").read_text())
    assert {tuple(one["command"]) for one in kate["servers"].values()} == {(SERVER,)}
    template = json.loads((EDITORS / "jetbrains" / "shipworthy" / "template.json").read_text())
    assert template["programArgs"] == {"default": SERVER}
    commented = (EDITORS / "sublime" / "LSP.sublime-settings").read_text()
    sublime = json.loads(re.sub(r"^\s*//.*$", "", commented, flags=re.MULTILINE))
    assert sublime["clients"]["shipworthy"]["command"] == [SERVER]


def test_what_the_server_reads_is_what_editors_declare_and_pages_explain() -> None:
    manifest = json.loads((EDITORS / "vscode" / "package.json").read_text())
    declared = {
        name.removeprefix(f"{settings.SECTION}."): one
        for name, one in manifest["contributes"]["configuration"]["properties"].items()
        if not re.fullmatch(r"shipworthy\.(server|trace)\.\w+", name)
    }
    assert sorted(declared) == sorted(settings.READERS)
    assert all(one["markdownDescription"] for one in declared.values())
    nested: dict[str, object] = {}
    for name, one in declared.items():
        *folders, last = name.split(".")
        place = nested
        for folder in folders:
            place = cast(dict[str, object], place.setdefault(folder, {}))
        place[last] = one["default"]
    assert settings.read(nested) == (settings.Settings(), [])
    pages = (components.REPOSITORY / "docs" / "configuration.md", EDITORS / "nvim" / "doc" / "shipworthy.txt")
    for page in pages:
        assert [name for name in settings.READERS if f"shipworthy.{name}" not in page.read_text()] == []


def test_the_extension_for_zed_is_whole() -> None:
    folder = EDITORS / "zed"
    manifest = tomllib.loads((folder / "extension.toml").read_text())
    crate = tomllib.loads((folder / "Cargo.toml").read_text())
    assert manifest["version"] == crate["package"]["version"]
    assert list(manifest["language_servers"]) == ["shipworthy"]
    assert SERVER in (folder / "src" / "lib.rs").read_text()


def test_nothing_that_is_fetched_or_built_is_committed() -> None:
    """Nor does the lock file name the host that packages came from."""
    lock = json.loads((EDITORS / "vscode" / "package-lock.json").read_text())
    assert not [name for name, entry in lock["packages"].items() if "resolved" in entry]
    listed = subprocess.run(
        ["git", "ls-files", "editors"], cwd=components.REPOSITORY, capture_output=True, text=True, check=True
    )
    assert not [path for path in listed.stdout.split() if "node_modules" in path or path.endswith((".vsix", ".whl"))]
