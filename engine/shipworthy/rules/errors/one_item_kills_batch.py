from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from shipworthy import guarding, origins, receivers, ways
from shipworthy.facts.model import Escape
from shipworthy.model import Severity
from shipworthy.rule import Found, Pass, escape_rule, py
from shipworthy.syntax import spoken


@escape_rule(
    "one-item-kills-batch",
    severity=Severity.HINT,
    python="for_statement",
    extract=origins.bindings,
    cwe=(755,),
    bad=(
        py(
            """
            import logging
            import sys

            import requests

            logger = logging.getLogger(__name__)

            def main():
                for url in sys.argv[1:]:
                    page = «requests.get(url, timeout=5)»
                    print(url, len(page.text))

            if __name__ == "__main__":
                main()
            """,
            fixed="""
            import logging
            import sys

            import requests

            logger = logging.getLogger(__name__)

            def main():
                for url in sys.argv[1:]:
                    try:
                        page = requests.get(url, timeout=5)
                        print(url, len(page.text))
                    except requests.RequestException:
                        logger.exception("requests.get failed")

            if __name__ == "__main__":
                main()
            """,
        ),
        py("""
            import os
            from celery import shared_task

            @shared_task
            def tidy():
                for name in os.listdir("inbox"):
                    «os.remove(os.path.join("inbox", name))»
        """),
        py("""
            from pathlib import Path

            import click
            from PIL import Image

            @click.command()
            @click.argument("album", type=click.Path(exists=True))
            def sizes(album):
                for path in Path(album).rglob("*.png"):
                    click.echo(«Image.open(path)».size)
        """),
        py("""
            import sys
            from concurrent.futures import ProcessPoolExecutor
            from pathlib import Path

            from pypdf import PdfReader

            def length(path):
                return len(«PdfReader(path)».pages)

            def main():
                with ProcessPoolExecutor() as pool:
                    print(sum(pool.map(length, Path("inbox").glob("*.pdf"))))

            if __name__ == "__main__":
                main()
        """),
        py("""
            class Room:
                async def tell(self, text):
                    for member in list(self.members):
                        await «member.send(text)»
        """),
        py("""
            import asyncio

            class Room:
                async def tell(self, text):
                    for member in list(self.members):
                        await asyncio.wait_for(«member.send(text)», 5)
        """),
        py("""
            async def remind(bot, readers):
                for reader in readers:
                    await «bot.send_message(chat_id=reader.chat, text="Overdue")»
        """),
        py("""
            from django.core.mail import send_mail

            def remind(loans):
                for loan in loans:
                    reader = loan.reader
                    «send_mail("Overdue", text_of(loan), SENDER, [reader.email])»
        """),
        py("""
            import json
            import sqlite3

            import requests

            def store(connection, products):
                for product in products:
                    connection.execute(INSERT, [«product["price"]»])
                connection.commit()

            def sync(path):
                count = 0
                try:
                    store(sqlite3.connect(path), requests.get(PRODUCTS, timeout=5).json())
                except Exception:
                    print("not synced")
        """),
        py("""
            import sys
            from concurrent.futures import ThreadPoolExecutor, as_completed
            from pathlib import Path

            from pypdf import PdfReader

            def length(path):
                return len(«PdfReader(path)».pages)

            def main():
                with ThreadPoolExecutor() as pool:
                    counting = {pool.submit(length, path): path for path in Path(sys.argv[1]).glob("*.pdf")}
                    for one in as_completed(counting):
                        print(counting[one].name, one.result())

            if __name__ == "__main__":
                main()
        """),
        py("""
            import sys

            import httpx

            def main():
                for url in sys.argv[1:]:
                    try:
                        answer = httpx.head(url)
                    except httpx.HTTPError as error:
                        print(url, error)
                        continue
                    print(url, «answer.headers["Last-Modified"]»)

            if __name__ == "__main__":
                main()
        """),
    ),
    good=(
        py("""
            import json
            from pathlib import Path

            import click

            @click.command()
            @click.argument("folder", type=click.Path(exists=True))
            def titles(folder):
                for path in Path(folder).glob("*.json"):
                    print(json.loads(path.read_text()))
        """),
        py("""
            import json
            import socket

            def replay(path, address):
                try:
                    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
                        for line in json.loads(path.read_text()):
                            sender.sendto(line["text"].encode(), address)
                except Exception as error:
                    print("not sent:", error)
        """),
        py("""
            import os
            import sys
            import zipfile

            if __name__ == "__main__":
                with zipfile.ZipFile(sys.argv[2], "w") as archive:
                    for name in os.listdir(sys.argv[1]):
                        archive.write(os.path.join(sys.argv[1], name))
        """),
        py("""
            import logging
            import sqlite3

            import requests

            def store(connection, products):
                for product in products:
                    connection.execute(INSERT, [product["price"]])
                connection.commit()

            def sync(path):
                try:
                    store(sqlite3.connect(path), requests.get(PRODUCTS, timeout=5).json())
                except Exception:
                    logging.exception("not synced")

            def try_to_sync(path):
                products = None
                try:
                    products = requests.get(PRODUCTS, timeout=5).json()
                    store(sqlite3.connect(path), products)
                except Exception:
                    products = None
                if products is None:
                    raise SystemExit("not synced")
        """),
        py("""
            import sys

            def sizes(text):
                try:
                    return [int(part) for part in text.split(",")]
                except ValueError:
                    print("no sizes:", text)

            if __name__ == "__main__":
                print(sizes(sys.argv[1]))
        """),
        py("""
            import json
            from pathlib import Path

            import click

            def reply_of(folder):
                found = sorted(Path(folder).glob("reply-*.json"))
                return json.loads(found[-1].read_text()) if found else None

            @click.command()
            @click.argument("variants", nargs=-1)
            def build(variants):
                for variant in variants:
                    click.echo(reply_of(f"build/{variant}"))
        """),
        py("""
            class Room:
                async def tell(self, text):
                    for member in list(self.members):
                        try:
                            await member.send(text)
                        except ConnectionClosed:
                            self.members.discard(member)
        """),
        py("""
            import asyncio

            class Room:
                async def tell(self, text):
                    sent = []
                    for member in self.members:
                        sent.append(member.send(text))
                    await asyncio.gather(*sent, return_exceptions=True)
        """),
        py("""
            import requests

            def seed(host, rows):
                for row in rows:
                    requests.post(f"{host}/rows/{row.key}", json=row.fields, timeout=5)
        """),
        py("""
            def choices(text):
                chosen = []
                try:
                    for part in text.split(","):
                        chosen.append(int(part))
                except ValueError:
                    pass
                return chosen
        """),
        py("""
            async def answer(bot, chat, text):
                for part in parts(text):
                    await bot.send_message(chat_id=chat, text=part)
        """),
        py("""
            from contextlib import contextmanager
            from pathlib import Path

            import click
            from PIL import Image

            class Broken:
                @contextmanager
                def noted(self, path):
                    try:
                        yield
                    except OSError as error:
                        self.paths.append(path)

            @click.command()
            @click.argument("album", type=click.Path(exists=True))
            def sizes(album):
                broken = Broken()
                for path in Path(album).rglob("*.png"):
                    with broken.noted(path), Image.open(path) as picture:
                        click.echo(picture.size)
        """),
        py("""
            def run(steps):
                for step in steps:
                    step.send(None)
        """),
        py("""
            import logging
            import sys

            import requests

            def main():
                for url in sys.argv[1:]:
                    try:
                        print(url, len(requests.get(url, timeout=5).text))
                    except requests.RequestException:
                        logging.exception("%s does not answer", url)

            if __name__ == "__main__":
                main()
        """),
        py("""
            import sys
            from concurrent.futures import ThreadPoolExecutor, as_completed
            from pathlib import Path

            from pypdf import PdfReader

            def length(path):
                return len(PdfReader(path).pages)

            def main():
                with ThreadPoolExecutor() as pool:
                    counting = {pool.submit(length, path): path for path in Path(sys.argv[1]).glob("*.pdf")}
                    for one in as_completed(counting):
                        if error := one.exception():
                            print(counting[one].name, error)
                            continue
                        print(counting[one].name, one.result())

            if __name__ == "__main__":
                main()
        """),
        py("""
            import sys

            import httpx

            def main():
                for url in sys.argv[1:]:
                    try:
                        answer = httpx.head(url)
                    except httpx.HTTPError as error:
                        print(url, error)
                        continue
                    if "ETag" in answer.headers:
                        print(url, answer.headers["ETag"], answer.headers["X-Checked-By"])

            if __name__ == "__main__":
                main()
        """),
    ),
)
def one_item_kills_batch(run: Pass, subject: Escape | Node) -> Iterator[Found]:
    """One bad item ends the work on all items that come after it.

    The night's run stops at item 17 of 4,000, and whoever starts it again does not know what is done.
    Where something is sent to many receivers, those behind one who is gone or refuses get nothing.

    Instead, handle the failure for each item, note which ones failed, and say so at the end.
    """
    if isinstance(subject, Escape):
        offers = guarding.log_and_go_on(run, subject)
        yield ways.told(run, subject, "one bad item ends the work on all that come after it", offers=offers)
    elif (sent := receivers.sent(run, subject)) is not None and not _is_told(run, sent):
        said = spoken(sent.child_by_field_name("function"))
        message = f"If `{said}` fails for one receiver, all who come after it get nothing: handle it for each."
        yield run.finding(sent, message, related=(run.place(subject, "the loop that it ends"),))


def _is_told(run: Pass, call: Node) -> bool:
    """Whether a failure of a call is told already, with the way that it takes."""
    span = run.block.span(call)
    return any(one.rule == run.rule.id and one.span == span for one in run.facts.escapes(run.block.key))
