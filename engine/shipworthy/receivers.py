"""Calls that send something to one receiver of many: whoever is out of reach must not keep the others from theirs.

Which argument names the receiver is data. A loop over the parts of one message is no such thing: there the
receiver is always the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from shipworthy import outside
from shipworthy.rule import Pass
from shipworthy.syntax import (
    CLASSES,
    FUNCTIONS,
    ancestors,
    argument,
    dotted,
    keyword_arguments,
    last_word,
    names_in,
    targets,
    text_of,
    walk,
)

_SENDS = frozenset({"send_text", "send_json", "send_bytes", "send_str", "write_message", "sendall"})
"""Methods that only connections have."""

_MAY_SEND = frozenset({"send", "drain"})
"""Methods that connections have too."""

_CONNECTION = re.compile(
    r"(?i)(?:^|_)(?:ws|websocket|web_socket|socket|sock|conn|connection|client|peer|member|subscriber|writer|viewer|player)s?$"
)
_LISTS = frozenset({"list", "tuple", "set", "dictionary", "string"})
_RECEIVER = {
    "django.core.mail.send_mail": (3, "recipient_list"),
    "django.core.mail.EmailMessage.send": (-1, ""),
    "django.core.mail.EmailMultiAlternatives.send": (-1, ""),
    "smtplib.SMTP.sendmail": (1, "to_addrs"),
    "smtplib.SMTP.send_message": (0, "msg"),
    "aiosmtplib.send": (0, "message"),
    "aiosmtplib.SMTP.send_message": (0, "message"),
    "aiosmtplib.SMTP.sendmail": (1, "recipients"),
    "yagmail.SMTP.send": (0, "to"),
    "flask_mail.Mail.send": (0, "message"),
    "sendgrid.SendGridAPIClient.send": (0, "message"),
    "discord.User.send": (-1, ""),
    "requests.post": (0, "url"),
    "httpx.post": (0, "url"),
}
"""Where the receiver stands, by the name in the catalogue: a position and a keyword, -1 for what has the method."""

_ON_ONE_SERVER = frozenset({"string", "binary_operator"})
"""Addresses that are put together: what differs is mostly the path, and one server answers all."""

_COLLECTS = frozenset({"add", "append", "create_task", "ensure_future", "gather", "start_soon"})
"""Calls that take a coroutine to be awaited beside others."""

_RECEIVER_OF = {
    "telegram.Bot": (0, "chat_id"),
    "aiogram.Bot": (0, "chat_id"),
    "telebot.TeleBot": (0, "chat_id"),
    "pyrogram.Client": (0, "chat_id"),
    "telethon.TelegramClient": (0, "entity"),
}
"""Where it stands in whatever else an object of some type sends."""

_RECEIVER_WORDS = frozenset(
    {"chat_id", "recipient_list", "to_addrs", "Destination", "to", "channel", "user_id", "to_emails"}
)
"""Keywords that name the receiver wherever a call sends something."""

_SENDING = re.compile(r"a?send(?:_\w+)?|sendmail|chat_postMessage|post(?:_message)?|create|notify(?:_\w+)?")


def sent(run: Pass, loop: Node) -> Node | None:
    """The first call in a `for` that sends something to its item, where nothing in the loop handles a failure."""
    body, iterated, left = (loop.child_by_field_name(name) for name in ("body", "right", "left"))
    if body is None or iterated is None or left is None or iterated.type in _LISTS:
        return None
    if any(node.type in {"break_statement", "return_statement"} for node in walk(body, FUNCTIONS | CLASSES)):
        return None
    items = {text_of(one) for one in targets(left)}
    made = items | _made_of(body, items)
    calls = (node for node in walk(body, FUNCTIONS | CLASSES) if node.type == "call")
    return next(
        (one for one in calls if _is_sent(run, one, iterated, items, made) and not _is_handled(one, loop)), None
    )


def _made_of(body: Node, items: set[str]) -> set[str]:
    """The names that a pass of a loop gives to what it makes of the item, or fills with it."""
    found: set[str] = set()
    for node in walk(body, FUNCTIONS | CLASSES):
        target = node.child_by_field_name("left") if node.type == "assignment" else None
        value = node.child_by_field_name("right")
        if target is not None and value is not None and names_in(value) & (items | found):
            found.add(dotted(target.child_by_field_name("value") or target).partition(".")[0])
    return found


def _is_sent(run: Pass, call: Node, iterated: Node, items: set[str], made: set[str]) -> bool:
    function, word = call.child_by_field_name("function"), last_word(call)
    taker = call.parent.parent if call.parent is not None and call.parent.type == "argument_list" else None
    if taker is not None and last_word(taker) in _COLLECTS:
        return False
    owner = function.child_by_field_name("object") if function is not None else None
    base = dotted(owner).partition(".")[0]
    if owner is not None and base in items and (word in _SENDS or word in _MAY_SEND):
        return word in _SENDS or any(map(_CONNECTION.search, (dotted(owner), *_spoken(iterated))))
    if _SENDING.fullmatch(word) is None:
        return False
    if text_of(keyword_arguments(call).get("fail_silently", call)) == "True":
        return False
    name = outside.called(run, call)
    place = _RECEIVER.get(name) or _RECEIVER_OF.get(name.rpartition(".")[0])
    if place is not None:
        receiver = owner if place[0] < 0 else argument(call, *place)
        if receiver is not None and receiver.type in _ON_ONE_SERVER and name.endswith(".post"):
            return False
        return receiver is not None and bool(names_in(receiver) & made)
    named = {key: value for key, value in keyword_arguments(call).items() if key in _RECEIVER_WORDS}
    is_asked = "chat_id" in named or bool(outside.outages(run, call))
    return is_asked and any(names_in(value) & made for value in named.values())


def _is_handled(call: Node, loop: Node) -> bool:
    """Whether something within the loop deals with a failure of a call."""
    for around in ancestors(call):
        if around == loop:
            return False
        if around.type == "try_statement" and any(child.type == "except_clause" for child in around.children):
            return True
        if around.type == "with_statement" and re.search(
            r"suppress|assertRaises|raises\(", text_of(around.children[1])
        ):
            return True
    return False


def _spoken(iterated: Node) -> Iterator[str]:
    """The names of what a loop goes over: `self.rooms` of `list(self.rooms[name])`."""
    for node in walk(iterated):
        if node.type == "attribute" and (last := node.child_by_field_name("attribute")) is not None:
            yield text_of(last)
        elif node.type == "identifier":
            yield text_of(node)
