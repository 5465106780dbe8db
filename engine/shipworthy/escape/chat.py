"""Chat bots: their libraries, and commands whose arguments are taken out of a message: one left out is an error."""

from __future__ import annotations

import re
from collections.abc import Set

from shipworthy.escape.ir import Decorator, Function

ARGUMENTS = "arguments"
"""What an origin says for the arguments that a command was called with."""

REFUSED_BY = "discord.ext.commands.UserInputError"
"""What the library raises if they are not as the function declares them."""

CHATS = frozenset(
    {"aiogram", "discord", "disnake", "nextcord", "pyrogram", "slack_bolt", "telebot", "telegram", "telethon"}
)
"""Libraries of chat bots."""

_LIBRARIES = frozenset({"discord", "nextcord", "disnake"})
_COMMANDS = frozenset({"command", "hybrid_command"})
_CHECKED_BEFORE = re.compile(r"(?:^|\.)(?:tree|app_commands|slash)\.")
"""Commands whose arguments the chat itself checks before it sends them."""
_GIVEN = frozenset({"self", "cls", "ctx", "context", "interaction", "_"})
_OPTIONAL = re.compile(r"Optional|Greedy|None")


def asks_arguments(function: Function, decorator: Decorator, libraries: Set[str]) -> bool:
    """Whether a command cannot be called without arguments."""
    before, _, last = decorator.path.rpartition(".")
    if last not in _COMMANDS or not before or not libraries & _LIBRARIES or _CHECKED_BEFORE.search(decorator.path):
        return False
    return any(
        not (one.kind or one.default or one.name in _GIVEN or _OPTIONAL.search(one.annotation))
        for one in function.parameters[1:]
    )
