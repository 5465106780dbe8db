"""Calls that hand functions to somebody who will call them: frameworks, threads, queues, windows."""

from __future__ import annotations

import enum
from collections.abc import Set


class Kind(enum.Enum):
    """What calls the function, and so what a lost error means."""

    COMMAND = "command"
    SCRIPT = "script"
    VIEW = "view"
    CONNECTION = "connection"
    """A view that cannot answer 500 any more, or never could: of a WebSocket, of a bare connection."""
    THREAD = "thread"
    FUTURE = "future"
    """What a pool runs, and nobody asks how it ended."""
    QUEUE_TASK = "queue task"
    EVENT = "event handler"
    RECORDS = "records"
    """What is called with records of a queue or a stream, and with all of them again if it fails."""
    CALLBACK = "callback"
    STARTUP = "startup"
    """What a server or a bot calls once, as it starts: nobody sits there who sees why it does not."""
    LOOP = "loop"
    """No function: a loop that should not end, whoever handles its end."""


REGISTRATIONS: dict[str, tuple[Kind, tuple[str, ...]]] = {
    "Thread": (Kind.THREAD, ("target", "1")),
    "Process": (Kind.THREAD, ("target", "1")),
    "start_new_thread": (Kind.THREAD, ("0",)),
    "submit": (Kind.FUTURE, ("0",)),
    "start_background_task": (Kind.THREAD, ("0",)),
    "Timer": (Kind.CALLBACK, ("1", "function")),
    "signal": (Kind.CALLBACK, ("1",)),
    "add_signal_handler": (Kind.CALLBACK, ("1",)),
    "register": (Kind.CALLBACK, ("0",)),
    "call_later": (Kind.CALLBACK, ("1",)),
    "call_at": (Kind.CALLBACK, ("1",)),
    "call_soon": (Kind.CALLBACK, ("0",)),
    "call_soon_threadsafe": (Kind.CALLBACK, ("0",)),
    "add_done_callback": (Kind.CALLBACK, ("0",)),
    "after": (Kind.CALLBACK, ("1", "func")),
    "after_idle": (Kind.CALLBACK, ("0", "func")),
    "bind": (Kind.CALLBACK, ("1", "func")),
    "bind_all": (Kind.CALLBACK, ("1", "func")),
    "tag_bind": (Kind.CALLBACK, ("2", "func")),
    "protocol": (Kind.CALLBACK, ("1", "func")),
    "trace": (Kind.CALLBACK, ("1", "callback")),
    "trace_add": (Kind.CALLBACK, ("1", "callback")),
    "connect": (Kind.CALLBACK, ("0", "1", "slot")),
    "singleShot": (Kind.CALLBACK, ("1", "2")),
    "Bind": (Kind.CALLBACK, ("1", "handler")),
    "CallAfter": (Kind.CALLBACK, ("0",)),
    "add_job": (Kind.EVENT, ("0", "func")),
    "do": (Kind.THREAD, ("0",)),
    "CommandHandler": (Kind.EVENT, ("1", "callback")),
    "MessageHandler": (Kind.EVENT, ("1", "callback")),
    "CallbackQueryHandler": (Kind.EVENT, ("0", "callback")),
    "ConversationHandler": (Kind.EVENT, ()),
    "run_once": (Kind.EVENT, ("0", "callback")),
    "run_repeating": (Kind.EVENT, ("0", "callback")),
    "run_daily": (Kind.EVENT, ("0", "callback")),
    "run_monthly": (Kind.EVENT, ("0", "callback")),
    "serve": (Kind.CONNECTION, ("0", "handler", "ws_handler")),
    "basic_consume": (Kind.EVENT, ("1", "0", "on_message_callback")),
    "consume": (Kind.EVENT, ("0", "callback")),
    "add_url_rule": (Kind.VIEW, ("2", "view_func")),
    "add_api_route": (Kind.VIEW, ("1", "endpoint")),
    "add_get": (Kind.VIEW, ("1", "handler")),
    "add_post": (Kind.VIEW, ("1", "handler")),
    "add_put": (Kind.VIEW, ("1", "handler")),
    "add_delete": (Kind.VIEW, ("1", "handler")),
    "add_route": (Kind.VIEW, ("2", "1", "handler")),
    "path": (Kind.VIEW, ("1", "view")),
    "re_path": (Kind.VIEW, ("1", "view")),
    "url": (Kind.VIEW, ("1", "view")),
    "Route": (Kind.VIEW, ("1", "endpoint")),
    "WebSocketRoute": (Kind.VIEW, ("1", "endpoint")),
    "start_server": (Kind.EVENT, ("0",)),
    "create_task": (Kind.THREAD, ("0",)),
    "ensure_future": (Kind.THREAD, ("0",)),
    "add_task": (Kind.QUEUE_TASK, ("0",)),
    "spawn_callback": (Kind.CALLBACK, ("0",)),
    "add_callback": (Kind.CALLBACK, ("0",)),
    "PeriodicCallback": (Kind.CALLBACK, ("0", "callback")),
    "message_callback_add": (Kind.EVENT, ("1", "callback")),
    "BackgroundTask": (Kind.QUEUE_TASK, ("0", "func")),
    "enqueue": (Kind.QUEUE_TASK, ("0", "f")),
    "enqueue_in": (Kind.QUEUE_TASK, ("1",)),
    "enqueue_at": (Kind.QUEUE_TASK, ("1",)),
    "enqueue_call": (Kind.QUEUE_TASK, ("0", "func")),
    "set_defaults": (Kind.COMMAND, ("func", "handler", "fn")),
}
"""Calls that hand a function to somebody who will call it, by their last name: what, and at which places."""


_TK: Set[str] = frozenset({"tkinter", "customtkinter", "ttkbootstrap", "Tkinter"})
LIBRARIES_OF: dict[str, Set[str]] = {
    "do": {"schedule"},
    "path": {"django"},
    "re_path": {"django"},
    "url": {"django"},
    "register": {"atexit"},
    "submit": {"concurrent"},
    **dict.fromkeys(("after", "after_idle", "bind", "bind_all", "tag_bind", "protocol", "trace", "trace_add"), _TK),
    **{name: {"telegram"} for name in ("run_once", "run_repeating", "run_daily", "run_monthly")},
    "serve": {"websockets"},
    "connect": {"PyQt5", "PyQt6", "PySide2", "PySide6", "qtpy", "gi"},
    "singleShot": {"PyQt5", "PyQt6", "PySide2", "PySide6", "qtpy"},
    "Bind": {"wx"},
    "CallAfter": {"wx"},
    "enqueue": {"rq"},
    "enqueue_in": {"rq"},
    "enqueue_at": {"rq"},
    "enqueue_call": {"rq"},
    "message_callback_add": {"paho"},
}
"""The libraries without one of which a call of such a common name means something else."""

COMMANDED = _TK
"""Libraries whose windows call what their parts are given as `command`, whatever these are called."""

CALLING_HANDLERS = frozenset({"paho", "websocket", "socketio", "aiortc", "pynput"})
"""Libraries whose objects call what their attributes `on_...` hold."""

RETRIED = {
    "loop": frozenset(
        ["OSError", "aiohttp.ClientError", "discord.GatewayNotFound", "discord.ConnectionClosed", "TimeoutError"]
    )
}
"""What does not end what a decorator of this name repeats: it is tried again."""

TASKS = {
    "loop": "the repeated task",
    "register": "the exit handler",
    "signal": "the signal handler",
    "do": "the scheduled job",
    "create_task": "the task",
    "ensure_future": "the task",
    "Process": "the process",
    "submit": "the pooled call",
}

AWAITED = frozenset({"Process", "basic_consume", "consume", "start_server"})
"""Calls of whose functions somebody learns whether they fail: by an exit code, by a message that is delivered again
since its connection is over, by a connection that is closed.
"""

DELIVERING = frozenset({"azure", "faust", "faststream", "functions_framework", "nats"})
"""Libraries that deliver what a function could not work off once more."""
