from __future__ import annotations

import re
from collections.abc import Iterator

from shipworthy import guarding, origins, ways
from shipworthy.document import Block
from shipworthy.escape import refusals
from shipworthy.escape.chat import ARGUMENTS, CHATS
from shipworthy.facts.model import MISSING, Escape
from shipworthy.model import Severity
from shipworthy.rule import Found, Pass, escape_rule, py
from shipworthy.syntax import assigned, function_around, text_of

_IS_BOT = "bot"
_IMPORTS_CHAT = re.compile(rf"(?m)^\s*(?:from|import)\s+(?:{'|'.join(sorted(CHATS))})\b")


def _words(block: Block) -> Iterator[str]:
    """What variables hold, and whether the file is of a chat bot."""
    yield from origins.bindings(block)
    if _IMPORTS_CHAT.search(block.text) is not None:
        yield _IS_BOT


@escape_rule(
    "callback-raises",
    severity=Severity.HINT,
    extract=_words,
    cwe=(755,),
    bad=(
        py("""
            from telegram import Update
            from telegram.ext import MessageHandler

            async def written(update: Update, context):
                number = «int(update.message.text)»
                await lamp(number).turn()

            app.add_handler(MessageHandler(None, written))
        """),
        py("""
            import atexit

            import requests

            def save_brightness():
                «requests.post("https://lamp.example/brightness", json=CURRENT, timeout=5)»

            atexit.register(save_brightness)
        """),
        py("""
            import json

            import pika

            def make_callback(thumbs):
                def on_message(channel, method, properties, body):
                    thumbs.append(«json.loads(body)»)
                return on_message

            def consume(channel):
                channel.basic_consume("thumbs", make_callback([]))
        """),
        py("""
            from discord.ext import commands

            bot = commands.Bot(command_prefix="!")

            @bot.command()
            async def «note»(ctx, *, text):
                bot.notes.append(text)

            @bot.command()
            async def forget(ctx, number: int):
                del bot.notes[number]
        """),
        py("""
            from fastapi import FastAPI, WebSocket

            app = FastAPI()

            @app.websocket("/echo")
            async def echo(ws: WebSocket):
                await ws.accept()
                while True:
                    await ws.send_text(await «ws.receive_text()»)
        """),
        py(
            """
            import discord
            import requests

            client = discord.Client()

            @client.event
            async def on_message(message):
                answer = «requests.get("https://jokes.example/random", timeout=5)»
                await message.channel.send(answer.text)
            """,
            fixed="""
            import logging

            import discord
            import requests

            client = discord.Client()

            @client.event
            async def on_message(message):
                try:
                    answer = requests.get("https://jokes.example/random", timeout=5)
                    await message.channel.send(answer.text)
                except requests.RequestException:
                    logging.exception("on_message failed")
            """,
        ),
        py(
            """
            import json
            from subprocess import Popen

            import paho.mqtt.client as mqtt

            def on_message(client, userdata, msg):
                wanted = «json.loads(msg.payload)»
                Popen(["aplay", wanted["file"]])

            client = mqtt.Client()
            client.on_message = on_message
            """,
            fixed="""
            import json
            import logging
            from subprocess import Popen

            import paho.mqtt.client as mqtt

            def on_message(client, userdata, msg):
                try:
                    wanted = json.loads(msg.payload)
                    Popen(["aplay", wanted["file"]])
                except (UnicodeDecodeError, json.JSONDecodeError):
                    logging.exception("on_message failed")

            client = mqtt.Client()
            client.on_message = on_message
            """,
        ),
        py(
            """
            import requests
            from telegram import Update
            from telegram.ext import Application, CommandHandler

            async def joke(update: Update, context):
                if update.message:
                    joke = «requests.get("https://jokes.example/random", timeout=5)».text
                    await update.message.reply_text(joke)
                context.user_data["joked"] = True

            app = Application.builder().build()
            app.add_handler(CommandHandler("joke", joke))
            """,
            fixed="""
            import logging

            import requests
            from telegram import Update
            from telegram.ext import Application, CommandHandler

            async def joke(update: Update, context):
                try:
                    if update.message:
                        joke = requests.get("https://jokes.example/random", timeout=5).text
                        await update.message.reply_text(joke)
                    context.user_data["joked"] = True
                except requests.RequestException:
                    logging.exception("joke failed")

            app = Application.builder().build()
            app.add_handler(CommandHandler("joke", joke))
            """,
        ),
        py(
            """
            import tkinter as tk
            from tkinter import filedialog

            class Viewer(tk.Tk):
                def __init__(self):
                    super().__init__()
                    menu = tk.Menu(self)
                    for label, action in [("Open", self.open_log), ("Quit", self.destroy)]:
                        menu.add_command(label=label, command=action)

                def open_log(self):
                    name = filedialog.askopenfilename()
                    if name:
                        with «open(name)» as log:
                            self.title(log.readline())
            """,
        ),
        py(
            """
            from PySide6.QtWidgets import QLineEdit, QPushButton, QWidget

            class Order(QWidget):
                def __init__(self):
                    super().__init__()
                    self.amount = QLineEdit(self)
                    self.button = QPushButton("Order", self)
                    self.button.clicked.connect(self.order)

                def order(self):
                    self.amount.setText(str(«int(self.amount.text())» + 1))
            """,
        ),
    ),
    good=(
        py("""
            from telegram import Update

            async def pressed(update: Update, context):
                query = update.callback_query
                parts = query.data.split(":")
                await lamp(int(parts[1])).turn(parts[2])

            app.add_handler(CallbackQueryHandler(pressed))
        """),
        py("""
            import atexit
            import signal
            import subprocess

            import requests

            def close_lamp():
                requests.post("https://lamp.example/off", timeout=5)

            def stop_fan(number, frame):
                subprocess.check_output(["fan", "off"])

            atexit.register(close_lamp)
            signal.signal(signal.SIGINT, stop_fan)
        """),
        py("""
            import asyncio

            async def echo(reader, writer):
                writer.write(b"hello")
                await writer.drain()

            async def run():
                await asyncio.start_server(echo, port=7)
        """),
        py("""
            import json
            import logging

            import pika

            def make_callback(thumbs):
                def on_message(channel, method, properties, body):
                    try:
                        thumbs.append(json.loads(body))
                    except ValueError:
                        logging.exception("this message is no JSON")
                        channel.basic_reject(method.delivery_tag, requeue=False)
                return on_message

            def consume(channel):
                channel.basic_consume("thumbs", make_callback([]))
        """),
        py("""
            from discord.ext import commands

            bot = commands.Bot(command_prefix="!")

            @bot.event
            async def on_command_error(ctx, error):
                await ctx.send(f"I did not get that: {error}")

            @bot.command()
            async def note(ctx, *, text):
                bot.notes.append(text)
        """),
        py("""
            from discord.ext import commands

            bot = commands.Bot(command_prefix="!")

            @bot.command()
            async def hello(ctx, name="you"):
                bot.greeted.append(name)
        """),
        py("""
            from fastapi import FastAPI, WebSocket, WebSocketDisconnect

            app = FastAPI()

            @app.websocket("/echo")
            async def echo(ws: WebSocket):
                await ws.accept()
                try:
                    while True:
                        await ws.send_text(await ws.receive_text())
                except WebSocketDisconnect:
                    app.state.left += 1

            @app.websocket("/shout")
            async def shout(ws: WebSocket):
                await ws.accept()
                async for text in ws.iter_text():
                    await ws.send_text(text.upper())
        """),
        py("""
            import sqlite3
            from contextlib import closing

            import discord

            client = discord.Client()

            @client.event
            async def on_message(message):
                with closing(sqlite3.connect("notes.db")) as connection:
                    connection.execute("insert into notes (text) values (?)", (message.content,))
                    connection.commit()
        """),
        py("""
            import logging

            import discord
            import requests

            client = discord.Client()

            @client.event
            async def on_message(message):
                try:
                    answer = requests.get("https://jokes.example/random", timeout=5)
                except requests.RequestException:
                    logging.exception("no joke today")
                    return
                try:
                    await message.channel.send(answer.text)
                except discord.HTTPException:
                    logging.exception("not sent")
        """),
        py("""
            import tkinter as tk
            from tkinter import filedialog, messagebox

            class Viewer(tk.Tk):
                def __init__(self):
                    super().__init__()
                    tk.Button(self, text="Open", command=self.open_log).pack()

                def report_callback_exception(self, kind, error, traceback):
                    messagebox.showerror("Viewer", str(error))

                def open_log(self):
                    name = filedialog.askopenfilename()
                    if name:
                        with open(name) as log:
                            self.title(log.readline())
        """),
    ),
)
def callback_raises(run: Pass, escape: Escape) -> Iterator[Found]:
    """A function that a framework calls back fails in an ordinary way, and nobody is there to notice.

    What happens then is up to the framework: the event is dropped, the message is delivered again,
    the program exits with half of its work done. Nobody who waits for an answer gets one. Of a timer or
    a signal, where nobody waits, it is a hint, and of a row that the program has made itself; likewise where a client
    leaves a web socket, as each of them does, or leaves out an argument of a command of a chat bot.

    Instead, handle the failure in the function: answer the user, log it, or leave it to a retry on purpose.
    No fix is offered where a queue waits to be told that the message is done, or where the function gives something
    back: what to tell is yours to say.
    """
    if refusals.is_refused(escape.all_exceptions):
        return  # whether what is stored here is there already, only the schema knows
    if _is_at_end(escape) or _is_left(escape) or _is_told_as_json(run, escape) or _is_of_button(run, escape):
        return
    if escape.call == ARGUMENTS:
        name = run.block.text[escape.span.start : escape.span.end]
        message = f"Who calls `{name}` without its arguments gets no answer: handle `on_command_error` in this program."
        yield ways.said(run, escape, message)
        return
    if escape.kind == "connection":
        yield ways.told(run, escape, "each client that leaves is a traceback in the log")
        return
    offers = guarding.log_and_go_on(run, escape)
    if escape.kind == "callback" or all(one.endswith(MISSING) for one in escape.all_exceptions):
        subject = "what it was to do is left undone"
        yield ways.told(run, escape, subject, offers=offers)
    else:
        yield ways.told(run, escape, _consequence(run, escape), offers=offers)


_ENDING = re.compile(
    r"`_*(?:(?:at|on)_)?(?:clean|close|disconnect|dispose|end|exit|kill|quit|release|shut|stop|teardown|terminate)(?:_?\w*)`"
)


def _is_at_end(escape: Escape) -> bool:
    """Whether a program is about to end, and fails to end something else, which is gone or ends with it."""
    is_last = escape.boundary.startswith(("the exit handler", "the signal handler"))
    return is_last and _ENDING.search(escape.boundary) is not None


def _is_left(escape: Escape) -> bool:
    """Whether whoever is connected is gone before all was sent: the connection is over, and nothing else is lost."""
    return escape.awaited and escape.call.endswith(".drain") and escape.exceptions == ("ConnectionError",)


def _is_told_as_json(run: Pass, escape: Escape) -> bool:
    """Whether bytes are decoded to be read as JSON at once, which is told of: it takes the same handler."""
    call = run.block.smallest(escape.span) if escape.exceptions == ("UnicodeDecodeError",) else None
    around = call.parent if call is not None else None
    held = around.child_by_field_name("left") if around is not None and around.type == "assignment" else None
    scope = function_around(call) if call is not None else None
    if held is None or scope is None:
        return False
    is_read = re.search(rf"\bloads\(\s*{re.escape(text_of(held))}\b", text_of(scope)) is not None
    others = run.facts.escapes(run.block.key)
    return is_read and any(
        one.boundary == escape.boundary and one.function == escape.function and "json.JSONDecodeError" in one.exceptions
        for one in others
    )


_OF_BUTTON = re.compile(r"\b(?:callback_query|query|q|cq|call|callback|cb)\.data\b")
_NAMES_BUTTONS = re.compile(r"(?i)callback_?query")
_STEPS = 3


def _is_of_button(run: Pass, escape: Escape) -> bool:
    """Whether what is taken apart is what the program itself has written on a button of a chat."""
    node = run.block.smallest(escape.span)
    scope = function_around(node) if node is not None and not escape.way else None
    if node is None or scope is None or _NAMES_BUTTONS.search(text_of(scope.parent or scope)) is None:
        return False
    known, said = [(text_of(target), text_of(value)) for target, value in assigned(scope)], [text_of(node)]
    for _ in range(_STEPS):
        if any(_OF_BUTTON.search(text) is not None for text in said):
            return True
        names = {word for text in said for word in re.findall(r"\w+", text)}
        said = [value for target, value in known if not names.isdisjoint(re.findall(r"\w+", target))]
    return False


def _consequence(run: Pass, escape: Escape) -> str:
    """What comes of a failure: a person who wrote to a bot waits for an answer, and nobody else does."""
    if escape.boundary.startswith("the Lambda handler"):
        return "the event fails, and may come again"
    is_bot = _IS_BOT in run.facts[run.rule.id]
    return "whoever waits for this gets no answer" if is_bot else "what it was to do is left undone"
