"""Handlers of a whole program guard it as far as they do anything with what they are handed."""

from __future__ import annotations

import pytest

from .test_reach import told

BOT = """
    from telegram.ext import Application, CommandHandler

    async def divide(update, context):
        await update.message.reply_text(str(1 / int(context.args[0])))

    async def on_failure(update, context):
        {body}

    def main():
        app = Application.builder().token(TOKEN).build()
        app.add_handler(CommandHandler("divide", divide))
        app.add_error_handler(on_failure)
        app.run_polling()
"""


def found(body: str) -> set[str]:
    """The errors that nobody handles in a bot whose handler does this."""
    return {exception for _, _, exception in told({"main.py": BOT.format(body=body)})}


@pytest.mark.parametrize(
    "body",
    ["log.error('failed', exc_info=context.error)", "raise context.error", "await update.message.reply_text('sorry')"],
)
def test_a_handler_that_does_anything_guards(body: str) -> None:
    assert found(body) == set()


@pytest.mark.parametrize("body", ["pass", "return None", "print('it failed')", "error = context.error"])
def test_a_handler_that_drops_errors_guards_nothing(body: str) -> None:
    assert "ValueError" in found(body)


def test_a_handler_of_some_types_guards_against_those() -> None:
    body = "if isinstance(context.error, {}): await update.message.reply_text('a number, please')"
    assert "ValueError" not in found(body.format("ValueError"))
    assert "ValueError" in found(body.format("PermissionError"))
    assert found(body.format("Exception")) == set()


def test_a_handler_added_elsewhere_is_looked_at_there() -> None:
    start, rest = BOT.split("    async def on_failure")
    main = start.replace("import Application", "import Application", 1) + rest.partition("\n\n")[2]
    imported = "    from failures import on_failure\n" + main
    handler = "async def on_failure(update, context):\n    {}\n"
    errors = [
        {exception for _, _, exception in told({"main.py": imported, "failures.py": handler.format(body)})}
        for body in ("pass", "log.error('failed', exc_info=context.error)")
    ]
    assert "ValueError" in errors[0]
    assert errors[1] == set()


@pytest.mark.parametrize(
    ("leaving", "expected"),
    [
        ("return issubclass(kind, ValueError)", {"KeyError"}),
        ("return kind is not None and issubclass(kind, (KeyError, ValueError))", set[str]()),
        ("return isinstance(error, LookupError)", {"ValueError"}),
        ("return kind is KeyError", {"ValueError"}),
        ("if kind is not None and issubclass(kind, ValueError):\n    return True\nreturn False", {"KeyError"}),
        ("if kind in (KeyError, ValueError):\n    return True", set[str]()),
        ("if kind is None:\n    return True\nif issubclass(kind, KeyError):\n    return True", {"ValueError"}),
        ("if kind is None:\n    self.close()\nreturn True", set[str]()),
        ("if not issubclass(kind, OSError):\n    return True", set[str]()),
        ("return issubclass(kind, self.kinds)", set[str]()),
        ("if issubclass(kind, ValueError):\n    self.error = error", {"KeyError", "ValueError"}),
        ("return False", {"KeyError", "ValueError"}),
    ],
)
def test_a_context_manager_keeps_the_errors_that_it_asks_for(leaving: str, expected: set[str]) -> None:
    manager = (
        "class Keep:\n    def __enter__(self):\n        return self\n\n    def __exit__(self, kind, error, trace):\n"
    )
    view = """
        from flask import Flask, request
        from keep import Keep

        app = Flask(__name__)

        @app.get("/")
        def show():
            with Keep():
                return str(int(request.json["number"]))
    """
    indented = "".join(f"        {line}\n" for line in leaving.splitlines())
    raised = {exception for _, _, exception in told({"keep.py": manager + indented, "app.py": view})}
    assert raised == expected
