"""What the text of a Python file tells of how its program runs: as a service, or for one piece of work and a person."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set

from tree_sitter import Node

from shipworthy.document import Block
from shipworthy.syntax import FUNCTIONS, function_around, walk

_SERVICE = re.compile(
    r"(?m)^\s*(?:from|import)\s+(?:flask|fastapi|django|starlette|aiohttp\.web|sanic|tornado|quart|bottle|falcon|celery|rq"
    r"|dramatiq|grpc|litestar|telegram|discord|aiogram)\b|^\s*from aiohttp import .*\bweb\b"
)
_ONE_SHOT = re.compile(
    r"(?m)^\s*(?:from|import)\s+(?:click|typer|argparse|fire|django\.core\.management|inquirer|InquirerPy|questionary|prompt_toolkit)\b"
)
_SERVES = re.compile(
    r"(?m)^\s*@[\w.]+\.(?:get|post|put|patch|delete|route|websocket|api_route|event|task|shared_task|middleware"
    r"|message_handler|on_event)\b|\.add_(?:handler|url_rule|routes?|api_route)\("
)
_CONSUMES = re.compile(
    r"\bstart_consuming\(|\bKafkaConsumer\(|\b(?:Blocking|Background|AsyncIO)Scheduler\(|\brun_pending\(|\.listen\(\)"
    r"|\bserve_forever\(|\brun_forever\("
)

_ASKS = re.compile(
    r"(?<![.\w])(?:raw_)?input\(|\bPrompt\.ask\(|\bConfirm\.ask\(|\b(?:click|typer)\.(?:confirm|prompt)\(|\bconsole\.input\("
    r"|(?m:^\s*(?:from|import)\s+(?:inquirer|InquirerPy|questionary|prompt_toolkit|textual|tkinter)\b)"
)
"""How a program asks whoever sits before it."""


def words(block: Block) -> Iterator[str]:
    """`service`: it serves. `command`: it is started for one piece of work; `serves`: it answers for all that. `lasts`:
    it is no server, but goes on for ever: it takes what comes out of a queue, or at its time. `asks`: it asks a person.
    """
    if _SERVICE.search(block.text) is not None:
        yield "service"
    if _ONE_SHOT.search(block.text) is not None:
        yield "command"
    if _SERVES.search(block.text) is not None:
        yield "serves"
    if _ASKS.search(block.text) is not None:
        yield "asks"
    if _CONSUMES.search(block.text) is not None or any(map(_is_coroutine_for_ever, _loops(block))):
        yield "lasts"


def is_one_shot(known: Set[str]) -> bool:
    """Whether a program is started for one piece of work, by the words of one of its files."""
    return "command" in known and "serves" not in known


def is_attended(known: Set[str]) -> bool:
    """Whether somebody sits before a program and answers what it asks, by the words of one of its files."""
    return "asks" in known and not is_service(known)


def is_service(known: Set[str]) -> bool:
    """Whether a program answers requests, jobs or messages, by the words of one of its files."""
    return "service" in known and not is_one_shot(known)


def is_unwatched(known: Set[str]) -> bool:
    """Whether nobody sits before a program as it runs, so that nobody reads what it prints."""
    return is_service(known) or ("lasts" in known and "command" not in known)


def _loops(block: Block) -> Sequence[Node]:
    is_likely = "while True" in block.text and "async" in block.text
    return block.nodes(("while_statement",)).get("while_statement", ()) if is_likely else ()


def _is_coroutine_for_ever(loop: Node) -> bool:
    condition, function = loop.child_by_field_name("condition"), function_around(loop)
    is_endless = condition is not None and condition.type == "true"
    return is_endless and function is not None and function.children[0].type == "async" and not _ends(loop)


def _ends(loop: Node) -> bool:
    leaving = {"break_statement", "return_statement"}
    return any(node.type in leaving for node in walk(loop, FUNCTIONS))
