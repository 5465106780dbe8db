"""What a Python file says of itself: that it answers requests, jobs or messages, or runs once for each command.

What is left open, unlimited or lying about counts up in a program that stays; one that ends takes most of it along.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from shipworthy.document import Block

_SERVICE = re.compile(
    r"(?m)^\s*(?:from|import)\s+(?:flask|fastapi|django|starlette|aiohttp\.web|sanic|tornado|quart|bottle|falcon|celery|rq"
    r"|dramatiq|grpc|litestar|telegram|discord|aiogram)\b|^\s*from aiohttp import .*\bweb\b"
)
_ONE_SHOT = re.compile(r"(?m)^\s*(?:from|import)\s+(?:click|typer|argparse|fire|django\.core\.management)\b")
_SERVES = re.compile(
    r"(?m)^\s*@[\w.]+\.(?:get|post|put|patch|delete|route|websocket|api_route|event|task|shared_task|middleware"
    r"|message_handler|on_event)\b|\.add_(?:handler|url_rule|routes?|api_route)\("
)


def words(block: Block) -> Iterable[str]:
    """The words of a rule's `extract`: `service`, `command`: what it imports is for the one or the other;
    `serves`: it has a view, a task or a handler."""
    if _SERVICE.search(block.text) is not None:
        yield "service"
    if _ONE_SHOT.search(block.text) is not None:
        yield "command"
    if _SERVES.search(block.text) is not None:
        yield "serves"


def is_one_shot(words: Collection[str]) -> bool:
    """Whether a file is started for one piece of work."""
    return "command" in words and "serves" not in words


def is_service(words: Collection[str]) -> bool:
    """Whether a file belongs to a program that stays, and answers whoever asks."""
    return "service" in words and not is_one_shot(words)
