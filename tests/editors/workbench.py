"""Real VS Code in a real browser, with the extension as it is released."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Error, Locator, Page, sync_playwright

from . import components

EXTENSION = components.REPOSITORY / "editors" / "vscode"
PATIENCE = 120.0
"""Seconds after which something that does not happen is taken for something that will not."""

_SETTINGS: Mapping[str, Any] = {
    "chat.disableAIFeatures": True,
    "extensions.autoUpdate": False,
    "extensions.ignoreRecommendations": True,
    "git.openRepositoryInParentFolders": "never",
    "security.workspace.trust.enabled": False,
    "telemetry.telemetryLevel": "off",
    "update.mode": "none",
    "editor.fontFamily": "DejaVu Sans Mono",
    "workbench.secondarySideBar.defaultVisibility": "hidden",
    "workbench.colorTheme": "Default Light Modern",
    "workbench.startupEditor": "none",
    "workbench.tips.enabled": False,
    "workbench.welcomePage.walkthroughs.openOnInstall": False,
}
_BROWSER = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
_QUIET = ["--disable-telemetry", "--disable-update-check", "--disable-getting-started-override"]


@dataclass
class Workbench:
    """A window of VS Code, with a folder open."""

    page: Page
    folder: Path
    port: int

    def open(self, *files: str) -> None:
        """Show the folder and some of its files, the last of them in front."""
        authority = f"127.0.0.1:{self.port}"
        opened = [["openFile", f"vscode-remote://{authority}{self.folder / file}"] for file in files]
        query = urllib.parse.urlencode({"folder": str(self.folder), "payload": json.dumps(opened)})
        self.page.goto(f"http://{authority}/?{query}")
        self.page.wait_for_selector(".monaco-workbench .statusbar", timeout=PATIENCE * 1000)

    def command(self, title: str) -> None:
        """Run a command from the palette."""
        self.page.keyboard.press("F1")
        box = self.page.locator(".quick-input-widget input")
        box.wait_for(timeout=PATIENCE * 1000)
        box.fill(f">{title}")
        self.page.locator(".quick-input-list .monaco-list-row", has_text=title).first.click()

    def problems(self) -> Locator:
        """The rows of the view Problems, which is opened if it is not there."""
        if not self.page.locator(".markers-panel").is_visible():
            self.page.keyboard.press("Control+Shift+KeyM")
            self.page.locator(".markers-panel").wait_for(timeout=PATIENCE * 1000)
        return self.page.locator(".markers-panel .monaco-list-row")

    def go_to_problem(self, text: str) -> None:
        """Put the cursor where a problem is, and wait until the editor has the focus."""
        self.eventually(f"the problem {text!r}", self.problems().filter(has_text=text).count)
        self.eventually(f"the editor at {text!r}", lambda: self._chooses(text) and self._has_focus())

    def quick_fixes(self) -> list[str]:
        """The titles offered at the cursor. A key that follows a change of focus may be lost: it is pressed again."""
        self.eventually("the menu of fixes", self._offers_fixes)
        return self.page.locator(".action-widget .monaco-list-row.action").all_inner_texts()

    def choose_fix(self, title: str) -> None:
        """Choose from the menu that `quick_fixes` opened."""
        self.page.locator(".action-widget .monaco-list-row.action", has_text=title).first.click()

    def eventually(self, what: str, holds: Callable[[], object]) -> None:
        """Wait until something holds; say what did not, and what the window shows instead."""
        end = time.monotonic() + PATIENCE
        while not holds():
            if time.monotonic() > end:
                raise AssertionError(f"{what} did not come; the window shows:\n{self.page.inner_text('body')[:3000]}")
            self.page.wait_for_timeout(200)

    def _chooses(self, text: str) -> bool:
        """Whether a double click hit the row: rows move while more findings come in."""
        try:
            self.problems().filter(has_text=text).first.dblclick(timeout=3000)
        except Error:
            return False
        return self.page.locator(".markers-panel .monaco-list-row.selected", has_text=text).count() > 0

    def _has_focus(self) -> bool:
        """Whether the editor has the focus: a row that moves under a double click is chosen, and opens nothing."""
        try:
            self.page.wait_for_selector(".monaco-editor.focused", timeout=5000)
        except Error:
            return False
        return True

    def _offers_fixes(self) -> bool:
        rows = self.page.locator(".action-widget .monaco-list-row.action")
        if not rows.count():
            self.page.keyboard.press("Escape")
            self.page.keyboard.press("Control+Period")
            try:
                rows.first.wait_for(timeout=3000)
            except Error:
                return False
        return True


def vsix() -> Path:
    """The extension, built by its own command, once per state of what goes into it."""
    inside = [*(components.REPOSITORY / part for part in ("engine", "server", "hooks", "editors/vscode"))]
    with components.locked("vsix"):
        built = EXTENSION / "shipworthy.vsix"
        if not built.exists() or built.stat().st_mtime < max(map(_newest, inside)):
            npm = components.npm()
            path = os.pathsep.join([str(Path(sys.executable).parent), npm.environment["PATH"]])
            components.run(
                "the extension", [*npm.command, "run", "package"], {**npm.environment, "PATH": path}, EXTENSION
            )
    return built


@contextmanager
def workbench(
    place: Path, folder: Path, *, path: str, user: Mapping[str, Any], machine: Mapping[str, Any]
) -> Iterator[Workbench]:
    """Start VS Code with the extension. `place` keeps what it writes; `path` is where programs are looked for."""
    server = components.code_server()
    data, port = place / "data", _free_port()
    for part, settings in (("User", {**_SETTINGS, **user}), ("Machine", machine)):
        (data / part).mkdir(parents=True)
        (data / part / "settings.json").write_text(json.dumps(settings))
    (place / "config.yaml").write_text("auth: none\n")
    command = [*server.command, "--config", str(place / "config.yaml"), "--user-data-dir", str(data)]
    command += ["--extensions-dir", str(place / "extensions")]
    (place / "home").mkdir()
    # VS Code takes the PATH of a login shell.
    (place / "home" / ".profile").write_text(f"PATH='{path}'\n")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV", "npm_"))}
    environment = {**kept, "PATH": path, "HOME": str(place / "home"), "SHELL": "/bin/sh"}
    components.run("the extension in VS Code", [*command, "--install-extension", str(vsix())], environment)
    command += [*_QUIET, "--auth", "none", "--bind-addr", f"127.0.0.1:{port}", "--reconnection-grace-time", "5"]
    with (place / "code-server.log").open("wb") as log, _running(command, environment, log):
        _wait_for(f"http://127.0.0.1:{port}/healthz", place / "code-server.log")
        with sync_playwright() as playwright:
            program = components.chromium()
            browser = playwright.chromium.launch(
                executable_path=program.command[0], args=_BROWSER, env={**os.environ, **program.environment}
            )
            page = browser.new_page(viewport={"width": 1280, "height": 760})
            try:
                yield Workbench(page, folder, port)
            except BaseException:
                page.screenshot(path=place / "failed.png")
                raise
            finally:
                browser.close()


@contextmanager
def _running(command: list[str], environment: Mapping[str, str], log: Any) -> Iterator[None]:
    process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        yield
    finally:
        process.terminate()
        process.wait(30)


def _wait_for(address: str, log: Path) -> None:
    end = time.monotonic() + PATIENCE
    while True:
        try:
            with urllib.request.urlopen(address):
                return
        except (urllib.error.URLError, ConnectionError):
            if time.monotonic() > end:
                raise AssertionError(f"code-server does not answer:\n{log.read_text()[-3000:]}") from None
            time.sleep(0.1)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


_MADE = re.compile(r"/(node_modules|dist|wheel|__pycache__)(/|$)|\.(vsix|pyc)$|/vscode/(LICENSE|NOTICES.txt)$")


def _newest(folder: Path) -> float:
    files = (path for path in folder.rglob("*") if path.is_file() and not _MADE.search(path.as_posix()))
    return max(path.stat().st_mtime for path in files)
