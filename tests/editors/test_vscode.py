"""Real VS Code with the built extension, used as a person would use it.

The variable SHIPWORTHY_PICTURES names a folder for the pictures; the README has those of editors/vscode/images.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from .conftest import Project
from .workbench import workbench

FROM_ENVIRONMENT = "Read it from the environment: TOKEN"
PICTURES = os.environ.get("SHIPWORTHY_PICTURES")


def test_findings_are_shown_and_their_fixes_applied(project: Project, programs: Path, tmp_path: Path) -> None:
    path = os.pathsep.join([str(programs), os.environ["PATH"]])
    pictures = Path(PICTURES) if PICTURES else tmp_path
    with workbench(tmp_path, project.folder, path=path, user={}, machine={}) as window:
        window.open("orders.py")
        window.go_to_problem("hides every failure")
        window.page.screenshot(path=tmp_path / "problems.png")
        titles = window.quick_fixes()
        assert "Log it with its traceback" in titles
        window.page.screenshot(path=pictures / "quick-fix.png")
        window.choose_fix("Log it with its traceback")
        window.command("File: Save All Files")
        window.eventually("the fix in the saved file", lambda: "logging.exception" in project.text("orders.py"))
        window.eventually(
            "the end of the problem", lambda: not window.problems().filter(has_text="hides every").count()
        )

        window.command("Shipworthy: Check Workspace")
        window.eventually("the secret of a file that is not open", window.problems().filter(has_text="GitHub").count)
        window.page.screenshot(path=pictures / "workspace.png")
        window.go_to_problem("GitHub")
        assert any(title.startswith(FROM_ENVIRONMENT) for title in window.quick_fixes())
        window.page.screenshot(path=tmp_path / "secret.png")
        window.choose_fix(FROM_ENVIRONMENT)
        window.eventually("the fix in the editor", window.page.locator(".view-lines", has_text="os.environ").count)
        window.command("File: Save All Files")
        window.eventually("the secret's end", lambda: project.token not in project.text("client.py"))
        window.eventually("the secret in its new place", lambda: project.token in project.text(".env"))
        window.eventually("the example", lambda: "TOKEN=" in project.text(".env.example"))
        assert project.token not in project.text(".env.example")
        assert ".env" in project.text(".gitignore").splitlines()
        window.page.screenshot(path=pictures / "secret-fixed.png")

        window.go_to_problem("has no timeout")
        lens = window.page.locator(".codelens-decoration", has_text="complexity 7")
        window.eventually("the code lens", lens.count)
        window.page.screenshot(path=pictures / "code-lens.png")

        window.command("Shipworthy: Explain What Decides for This File")
        window.eventually("the explanation", window.page.locator(".view-lines", has_text="fingerprint:").count)
        window.command("Shipworthy: Restart Server")
        window.go_to_problem("has no timeout")
        assert not window.page.locator(".notification-toast").all_inner_texts()


def test_nothing_of_an_untrusted_workspace_is_run(project: Project, tmp_path: Path) -> None:
    trap = project.folder / ".venv" / "bin" / "shipworthy-server"
    trap.parent.mkdir(parents=True)
    trap.write_text(f"#!/bin/sh\ntouch '{tmp_path}/trapped'\n")
    trap.chmod(0o755)
    (project.folder / ".vscode").mkdir()
    (project.folder / ".vscode" / "settings.json").write_text(json.dumps({"shipworthy.server.command": [str(trap)]}))
    user = {"security.workspace.trust.enabled": True, "security.workspace.trust.startupPrompt": "never"}
    machine = {"shipworthy.server.install": "always", "shipworthy.server.python": sys._base_executable}
    with workbench(tmp_path, project.folder, path="/usr/bin:/bin", user=user, machine=machine) as window:
        window.open("orders.py")
        window.go_to_problem("hides every failure")
        assert window.page.locator(".statusbar", has_text="Restricted Mode").count()
        window.page.screenshot(path=tmp_path / "untrusted.png")
    assert list((tmp_path / "data").glob("User/globalStorage/shipworthy.shipworthy/server-*/bin/shipworthy-server"))
    assert not (tmp_path / "trapped").exists()


def test_all_files_are_checked_where_that_is_wanted(project: Project, programs: Path, tmp_path: Path) -> None:
    path = os.pathsep.join([str(programs), os.environ["PATH"]])
    user = {"shipworthy.checkWorkspace": True}
    with workbench(tmp_path, project.folder, path=path, user=user, machine={}) as window:
        window.open("orders.py")
        secret = window.problems().filter(has_text="GitHub")
        window.eventually("the secret of a file that is not open", secret.count)
        window.go_to_problem("GitHub")
        window.eventually("a finding of the open file", window.page.locator(".monaco-editor .squiggly-error").count)
        assert secret.count() == 1
        (project.folder / "client.py").write_text("TOKEN = input()\n")
        window.eventually("the end of the secret", lambda: not secret.count())
