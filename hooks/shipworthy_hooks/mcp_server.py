"""`shipworthy-mcp`: check, explain a rule and apply fixes, for agents that speak the Model Context Protocol.

Each tool runs the `shipworthy` command in a process of its own: the verdict is the command's, and a check that
crashes takes no server with it. Needs the extra `shipworthy[mcp]`.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any, cast

import shipworthy

_NO_SDK = "shipworthy-mcp needs the MCP SDK: pip install 'shipworthy[mcp]'"
_COULD_NOT_CHECK = 2

_INSTRUCTIONS = (
    "Shipworthy finds what is missing between code that runs and code that is ready for production. Call `check` on the"
    " files that you have written, before you say that you are done. What it could not check is listed under"
    " `problems`: that is no clean bill."
)


def main() -> None:
    """Serve one client over standard input and output."""
    try:
        from mcp.server.mcpserver import MCPServer
    except ModuleNotFoundError:
        sys.exit(_NO_SDK)
    server = MCPServer("shipworthy", version=shipworthy.__version__, instructions=_INSTRUCTIONS, log_level="ERROR")
    for tool in (check, explain_rule, apply_fixes):
        server.tool()(tool)
    server.run("stdio")


async def check(paths: list[str], new_since: str = "") -> dict[str, Any]:
    """Check files and folders. With `new_since` (a git revision) older findings are listed apart, under `older`.

    Gives `findings` with rule, place, message and fixes; `problems`, which could not be checked; and a `summary`.
    """
    newer = ["--new-since", new_since] if new_since else []
    return await _json("check", "--output-format", "json", *newer, "--", *paths)


async def explain_rule(rule: str) -> str:
    """The documentation of a rule: what it finds, why that matters, what to do instead, with examples."""
    return await _output("rule", "--output-format", "markdown", "--", rule)


async def apply_fixes(path: str, rule: str, unsafe: bool = False) -> dict[str, Any]:
    """Apply the fixes of one rule in one file; `unsafe` applies those that may change what the code does, too.

    Gives what is left of that rule in the file, and how many fixes were made, as `summary.fixed`.
    """
    more = ["--unsafe-fixes"] if unsafe else []
    return await _json("check", "--select", rule, "--fix", *more, "--output-format", "json", "--", path)


async def _json(*words: str) -> dict[str, Any]:
    return cast("dict[str, Any]", json.loads(await _output(*words)))


async def _output(*words: str) -> str:
    """What the command prints. Raises ToolError, which the client is shown, if it prints nothing but a complaint."""
    from anyio import run_process
    from mcp.server.mcpserver.exceptions import ToolError

    # The client's end of our standard input is not the command's to read; its search path has no working folder.
    command = [sys.executable, "-P", "-m", "shipworthy_hooks", *words]
    done = await run_process(command, check=False, input=b"", env={**os.environ, "PYTHONUTF8": "1"})
    output, complaint = done.stdout.decode(), done.stderr.decode(errors="replace").strip()
    if done.returncode not in (0, 1, _COULD_NOT_CHECK) or not output:
        raise ToolError(complaint or f"shipworthy ended with {done.returncode}")
    return output


if __name__ == "__main__":
    main()
