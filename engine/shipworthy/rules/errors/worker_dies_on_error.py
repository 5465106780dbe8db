from __future__ import annotations

from collections.abc import Iterator

from shipworthy import guarding, origins, ways
from shipworthy.escape import catalogue
from shipworthy.facts.model import MISSING, Escape
from shipworthy.model import Severity
from shipworthy.rule import Found, Pass, escape_rule, py

_UNLIKELY = frozenset(
    {"ValueError", "TimeoutError", "subprocess.TimeoutExpired", "aiohttp.ContentTypeError", "ConnectionResetError"}
)
"""What the peers of a program that runs for ever hardly ever give cause to; these and their children."""


@escape_rule(
    "worker-dies-on-error",
    severity=Severity.WARNING,
    extract=origins.bindings,
    cwe=(755,),
    bad=(
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

    The process may live on, so nobody is told: the work is simply not done any more, until somebody
    asks why. Where an answer would have to be broken, or late, for that to happen, it is a hint; likewise
    where a thread does one piece of work, which is lost.

    Instead, handle the failure within one round: log it, wait, go on.
    """
    rare = all(map(_is_unlikely, escape.all_exceptions))
    if escape.kind == "thread" and escape.mild:
        if rare:  # one piece of work of many, and hardly ever
            return
        subject = "its work is lost, and nobody is told"
    elif escape.kind == "thread":
        subject = "one failure ends it, and nobody is told"
    else:
        subject = f"one failure ends {'the connection' if escape.kind == 'connection' else 'it for good'}"
    severity = Severity.HINT if rare else None
    yield ways.told(run, escape, subject, severity=severity, offers=guarding.log_and_go_on(run, escape))


def _is_unlikely(exception: str) -> bool:
    return exception.endswith(("IntegrityError", *MISSING)) or not _UNLIKELY.isdisjoint(catalogue.ancestors(exception))
