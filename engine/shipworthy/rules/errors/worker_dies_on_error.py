from __future__ import annotations

from collections.abc import Iterator

from shipworthy import guarding, origins, ways
from shipworthy.escape import catalogue
from shipworthy.escape.registrations import TASKS
from shipworthy.facts.model import MISSING, RUNNING, Escape
from shipworthy.model import Severity
from shipworthy.rule import Found, Pass, escape_rule, py

_UNLIKELY = frozenset(
    {"ValueError", "TimeoutError", "subprocess.TimeoutExpired", "aiohttp.ContentTypeError", "ConnectionResetError"}
)
"""What the peers of a program that runs for ever hardly ever give cause to; these and their children."""


@escape_rule(
    "worker-dies-on-error",
    severity=Severity.HINT,
    extract=origins.bindings,
    cwe=(755,),
    bad=(
        py("""
            import shutil
            import time

            import schedule

            def keep(copies=0):
                if copies:
                    shutil.copy("ledger.db", "ledger.old")

            def main():
                schedule.every().day.do(keep, copies=1)
                while True:
                    «schedule.run_pending()»
                    time.sleep(1)
        """),
        py("""
            import shutil
            import time

            import schedule

            def keep():
                shutil.copy("ledger.db", "ledger.old")

            def show():
                print("open")

            def main():
                schedule.every().day.do(keep)
                schedule.every().hour.do(show)
                while True:
                    «schedule.run_pending()»
                    time.sleep(60)
        """),
        py("""
            import os
            import time

            POST = os.environ["POST_FOLDER"]

            def collect(letters):
                while True:
                    for name in «os.listdir(POST)»:
                        letters.add(name)
                    time.sleep(10)
        """),
        py(
            """
            import logging
            import time

            import requests

            logger = logging.getLogger(__name__)

            def watch(url):
                while True:
                    status = «requests.get(url, timeout=5)».status_code
                    logger.info("%s", status)
                    time.sleep(60)
            """,
            fixed="""
            import logging
            import time

            import requests

            logger = logging.getLogger(__name__)

            def watch(url):
                while True:
                    try:
                        status = requests.get(url, timeout=5).status_code
                        logger.info("%s", status)
                    except requests.RequestException:
                        logger.exception("requests.get failed")
                    time.sleep(60)
            """,
        ),
        py(
            """
            import logging
            import time

            import requests

            def watch(url, seconds):
                while True:
                    status = «requests.get(url, timeout=5)».status_code
                    time.sleep(seconds)
                    logging.info("%s", status)
            """,
            fixed="""
            import logging
            import time

            import requests

            def watch(url, seconds):
                while True:
                    try:
                        status = requests.get(url, timeout=5).status_code
                        time.sleep(seconds)
                        logging.info("%s", status)
                    except requests.RequestException:
                        logging.exception("requests.get failed")
                        time.sleep(seconds)
            """,
        ),
        py("""
            import asyncpg

            class Archive:
                def __init__(self, pool: asyncpg.Pool):
                    self.pool = pool

                async def keep(self):
                    while True:
                        rows = await self.gathered()
                        await «self.pool.executemany(INSERT, rows)»
        """),
        py(
            """
            import logging
            import time

            import requests

            def copy(source, target):
                while True:
                    «requests.post(target, requests.get(source, timeout=5), timeout=5)».raise_for_status()
                    time.sleep(60)
            """,
            fixed="""
            import logging
            import time

            import requests

            def copy(source, target):
                while True:
                    try:
                        requests.post(target, requests.get(source, timeout=5), timeout=5).raise_for_status()
                    except requests.RequestException:
                        logging.exception("requests.post or requests.get failed")
                    time.sleep(60)
            """,
        ),
        py(
            """
            import logging
            import time

            import requests

            logger = logging.getLogger(__name__)

            def deliver(box):
                while True:
                    letters = box.taken()
                    for letter in letters:
                        answer = «requests.post(letter.address, letter.text, timeout=5)»
                        letter.mark(answer.status_code)
                    time.sleep(60)
            """,
            fixed="""
            import logging
            import time

            import requests

            logger = logging.getLogger(__name__)

            def deliver(box):
                while True:
                    letters = box.taken()
                    for letter in letters:
                        try:
                            answer = requests.post(letter.address, letter.text, timeout=5)
                            letter.mark(answer.status_code)
                        except requests.RequestException:
                            logger.exception("requests.post failed")
                    time.sleep(60)
            """,
        ),
        py("""
            import websockets

            async def follow(address):
                async with websockets.connect(address) as feed:
                    while True:
                        show(await «feed.recv()»)

            async def main():
                try:
                    await follow("wss://feed.example.org")
                except Exception as error:
                    print("stopped:", error)
        """),
    ),
    good=(
        py("""
            import logging
            import os
            import shutil
            import sys
            import time
            from pathlib import Path

            import schedule

            DRAFTS, POST = Path("drafts"), Path(sys.argv[1])

            def keep():
                shutil.copy("ledger.db", "ledger.old")

            def count():
                try:
                    print(len(list(POST.iterdir())))
                except OSError:
                    logging.exception("post is gone")

            def main():
                schedule.every().day.do(keep)
                schedule.every().hour.do(count)
                while True:
                    try:
                        schedule.run_pending()
                    except Exception:
                        logging.exception("a job failed")
                    time.sleep(60)

            def watch(letters):
                DRAFTS.mkdir(exist_ok=True)
                while True:
                    letters.extend(DRAFTS.iterdir())
                    time.sleep(60)

            def names():
                return os.listdir(POST)
        """),
        py("""
            import time

            import schedule

            def show():
                print("open")

            def main():
                schedule.every().hour.do(show)
                while True:
                    schedule.run_pending()
                    time.sleep(60)
        """),
        py("""
            import logging
            import time

            import requests

            def watch(url):
                while True:
                    logging.info("%s", requests.get(url, timeout=5).status_code)
                    time.sleep(60)

            def watch_again(url):
                try:
                    watch(url)
                except Exception as error:
                    print("once more:", error)

            def main(url):
                while True:
                    watch_again(url)
                    time.sleep(5)

            def watch_one(url):
                try:
                    watch(url)
                except Exception:
                    logging.exception("no more watched")
        """),
        py("""
            import logging
            import time

            import requests

            def watch(url):
                while True:
                    try:
                        logging.info("%s", requests.get(url, timeout=5).status_code)
                    except requests.RequestException:
                        logging.exception("no answer")
                    time.sleep(60)
        """),
    ),
)
def worker_dies_on_error(run: Pass, escape: Escape) -> Iterator[Found]:
    """One ordinary failure ends a loop, or a thread, that is meant to run for ever.

    The process may live on: the work is simply not done any more, until somebody
    asks why. Where an answer would have to be broken, or late, for that to happen, it is a hint; likewise
    where a thread does one piece of work, which is lost.

    Instead, handle the failure within one round: log it, wait, go on.
    """
    if escape.call == RUNNING:
        message = "An error in any job ends this loop: log it and go on, around this call or in each job."
        yield ways.said(run, escape, message)
        return
    rare = all(map(_is_unlikely, escape.all_exceptions))
    if escape.kind == "thread" and escape.mild and rare:
        return  # one piece of work of many, and hardly ever
    if escape.boundary.startswith(TASKS["do"]):
        subject = "one failure ends the loop that runs all jobs"
    elif escape.kind == "thread":
        subject = f"{'its work is lost' if escape.mild else 'one failure ends it'}, and the program goes on without it"
    else:
        subject = f"one failure ends {'the connection' if escape.kind == 'connection' else 'it for good'}"
    yield ways.told(run, escape, subject, offers=guarding.log_and_go_on(run, escape))


def _is_unlikely(exception: str) -> bool:
    return exception.endswith(("IntegrityError", *MISSING)) or not _UNLIKELY.isdisjoint(catalogue.ancestors(exception))
