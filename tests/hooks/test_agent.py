"""Events as the agents' documentation gives them, through the real command."""

from __future__ import annotations

import json
import random
import re
import shlex
import string
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .shell import SWALLOWED, Done, Shell

ROOT = Path(__file__).resolve().parents[2]
PATCH = "*** Begin Patch\n*** Update File: a.py\n@@\n-x\n+y\n*** Update File: b.py\n*** Move to: c.py\n*** End Patch\n"


def tell(shell: Shell, event: dict[str, Any]) -> Done:
    return shell.ship("hook", "--agent", given=json.dumps(event).encode())


def claude(path: Path | str, **more: Any) -> dict[str, Any]:
    tool = {"tool_name": "Edit", "tool_input": {"file_path": str(path), "old_string": "a", "new_string": "b"}}
    return {"session_id": "1", "hook_event_name": "PostToolUse", **tool, **more}


def test_what_blocks_is_told_with_its_fix(repository: Shell) -> None:
    (repository.folder / "a.py").write_text(SWALLOWED)
    done = tell(repository, claude(repository.folder / "a.py"))
    assert (done.code, done.out) == (2, "")
    assert "a.py:3:1:" in done.err and "[swallowed-exception]" in done.err
    assert "+    logging.exception(" in done.err


def test_nothing_is_said_when_nothing_blocks(repository: Shell) -> None:
    (repository.folder / "a.py").write_text("print(1)\n")
    assert tell(repository, claude("a.py")) == Done(0, "", "")
    assert tell(repository, {"hook_event_name": "PostToolUse", "tool_name": "Bash"}) == Done(0, "", "")
    (repository.folder / "b.py").write_text(SWALLOWED)
    assert tell(repository, claude("b.py", tool_name="Read")) == Done(0, "", "")


@pytest.mark.parametrize(
    "event",
    [
        {"hook_event_name": "AfterTool", "tool_name": "write_file", "tool_input": {"file_path": "a.py"}},
        {"tool_name": "replace_string_in_file", "tool_input": {"filePath": "a.py"}},
        {"tool_name": "apply_patch", "tool_input": {"command": PATCH}},
        {"tool_name": "shell", "tool_input": {"command": ["apply_patch", PATCH]}},
        {"agent_action_name": "post_write_code", "tool_info": {"file_path": "a.py", "edits": []}},
        {"tool_name": "edit", "tool_input": {"edits": [{"file_path": "c.py"}, {"file_path": "a.py"}]}},
    ],
)
def test_each_agent_names_its_files_in_its_own_way(event: dict[str, Any], repository: Shell) -> None:
    inside = repository.folder / "inside"
    inside.mkdir()
    (inside / "a.py").write_text(SWALLOWED)
    (inside / "c.py").write_text("print(1)\n")
    done = tell(repository, {"cwd": str(inside), **event})
    assert done.code == 2, done
    assert "inside/a.py:3:1" in done.err


def test_cursor_is_answered_in_json(repository: Shell) -> None:
    (repository.folder / "a.py").write_text(SWALLOWED)
    event = {
        "hook_event_name": "postToolUse",
        "cursor_version": "2.4",
        "workspace_roots": [str(repository.folder)],
        "tool_name": "Write",
        "tool_input": {"file_path": "a.py"},
    }
    done = tell(repository, event)
    assert done.code == 0
    assert "[swallowed-exception]" in json.loads(done.out)["additional_context"]
    (repository.folder / "a.py").write_text("print(1)\n")
    assert json.loads(tell(repository, event).out) == {}


def test_what_could_not_be_checked_blocks_and_is_said(repository: Shell) -> None:
    for given in (b"", b"[]", b"not json"):
        done = repository.ship("hook", "--agent", given=given)
        assert done.code == 2
        assert "could not check" in done.err
    (repository.folder / "shipworthy.toml").write_text("nonsense = 1\n")
    (repository.folder / "a.py").write_text("print(1)\n")
    done = tell(repository, claude("a.py"))
    assert done.code == 2
    assert "nonsense" in done.err and "could not check everything" in done.err


def test_a_secret_is_not_repeated(repository: Shell) -> None:
    token = "ghp_" + "".join(random.choices(string.ascii_letters + string.digits, k=36))
    (repository.folder / "a.py").write_text(f'TOKEN = "{token}"\n')
    event = json.dumps(claude("a.py")).encode()
    done = repository.ship("hook", "--agent", "--fail-on", "warning", given=event)
    assert done.code == 2
    assert "[hardcoded-token]" in done.err and "os.environ" in done.err
    assert token[4:] not in done.err


EVENTS: dict[str, dict[str, Any]] = {
    "PostToolUse": claude("a.py"),
    "AfterTool": {"hook_event_name": "AfterTool", "tool_name": "write_file", "tool_input": {"file_path": "a.py"}},
    "postToolUse": {"hook_event_name": "postToolUse", "tool_name": "Write", "tool_input": {"file_path": "a.py"}},
}


def test_the_documented_settings_work(repository: Shell) -> None:
    (repository.folder / "a.py").write_text(SWALLOWED)
    blocks = re.findall(r"```json\n(.*?)```", (ROOT / "docs" / "agents.md").read_text(), re.DOTALL)
    documented = {event: command for block in blocks for event, command in hooks_in(json.loads(block))}
    assert set(documented) == set(EVENTS)
    for event, command in documented.items():
        words = shlex.split(command)
        assert words[0] == "shipworthy"
        done = repository.ship(*words[1:], given=json.dumps(EVENTS[event]).encode())
        assert "[swallowed-exception]" in done.out + done.err


def hooks_in(settings: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for event, groups in settings.get("hooks", {}).items():
        for group in groups:
            yield from ((event, hook["command"]) for hook in group.get("hooks", [group]))


def test_older_findings_can_be_left_out(repository: Shell) -> None:
    (repository.folder / "a.py").write_text(SWALLOWED)
    repository.git("add", ".")
    repository.git("commit", "-qm", "old")
    event = json.dumps(claude("a.py")).encode()
    assert repository.ship("hook", "--agent", "--new-since", "HEAD", given=event).code == 0
    (repository.folder / "a.py").write_text(SWALLOWED + "\n" + SWALLOWED)
    done = repository.ship("hook", "--agent", "--new-since", "HEAD", given=event)
    assert done.code == 2
    assert "a.py:8:1" in done.err and "a.py:3:1" not in done.err
