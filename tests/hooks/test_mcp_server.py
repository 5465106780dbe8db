"""The MCP server over stdio, with the client of the official SDK."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import anyio
from mcp import Client, StdioServerParameters

from .shell import SWALLOWED, Shell


def test_check_explain_and_fix(repository: Shell) -> None:
    file = repository.folder / "a.py"
    file.write_text(SWALLOWED)

    async def talk() -> None:
        words = ["-P", "-m", "shipworthy_hooks.mcp_server"]
        parameters = StdioServerParameters(
            command=sys.executable, args=words, env=repository.environment, cwd=repository.folder
        )
        async with Client(parameters) as client:
            names = {tool.name for tool in (await client.list_tools()).tools}
            assert names == {"check", "explain_rule", "apply_fixes"}

            found = await ask(client, "check", {"paths": ["a.py"]})
            assert [(one["path"], one["rule"]) for one in found["findings"]] == [("a.py", "swallowed-exception")]
            assert found["summary"]["exit_code"] == 1

            told = await client.call_tool("explain_rule", {"rule": "swallowed-exception"})
            assert "nothing is done about it" in text(told)

            kept = await ask(client, "apply_fixes", {"path": "a.py", "rule": "swallowed-exception"})
            assert (kept["summary"]["fixed"], file.read_text()) == (0, SWALLOWED)
            given = {"path": "a.py", "rule": "swallowed-exception", "unsafe": True}
            made = await ask(client, "apply_fixes", given)
            assert (made["summary"]["fixed"], made["findings"]) == (1, [])
            assert "logging.exception" in file.read_text()

            missing = await ask(client, "check", {"paths": ["nowhere.py"]})
            assert missing["problems"] and missing["summary"]["exit_code"] == 2
            wrong = await client.call_tool("explain_rule", {"rule": "no-such-rule"})
            assert wrong.is_error and "unknown rule" in text(wrong)

    anyio.run(talk)


async def ask(client: Client, tool: str, arguments: dict[str, Any]) -> dict[str, Any]:
    answer = await client.call_tool(tool, arguments)
    assert not answer.is_error, text(answer)
    return dict(json.loads(text(answer)))


def text(answer: Any) -> str:
    return "".join(part.text for part in answer.content)


def test_without_the_extra_it_says_what_to_install(shell: Shell, tmp_path: Path) -> None:
    hidden = tmp_path / "hidden" / "mcp"
    hidden.mkdir(parents=True)
    (hidden / "__init__.py").write_text("")
    shell.variables["PYTHONPATH"] = f"{hidden.parent}:{shell.environment['PYTHONPATH']}"
    done = shell.run(sys.executable, "-P", "-m", "shipworthy_hooks.mcp_server")
    assert done.code == 1
    assert "pip install 'shipworthy[mcp]'" in done.err
