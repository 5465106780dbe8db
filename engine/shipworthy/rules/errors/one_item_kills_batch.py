from __future__ import annotations

from collections.abc import Iterator

from shipworthy import guarding, origins, ways
from shipworthy.facts.model import Escape
from shipworthy.model import Severity
from shipworthy.rule import Found, Pass, escape_rule, py


@escape_rule(
    "one-item-kills-batch",
    severity=Severity.HINT,
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
        py(
            """
            from fastapi import WebSocket

            class Room:
                def __init__(self):
                    self.connections: list[WebSocket] = []

                async def tell(self, text):
                    for connection in self.connections:
                        await «connection.send_text(text)»
            """,
        ),
    ),
    good=(
        py("""
            from fastapi import WebSocket, WebSocketDisconnect

            class Room:
                def __init__(self):
                    self.connections: list[WebSocket] = []

                async def tell(self, text):
                    for connection in list(self.connections):
                        try:
                            await connection.send_text(text)
                        except WebSocketDisconnect:
                            self.connections.remove(connection)
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
    ),
)
def one_item_kills_batch(run: Pass, escape: Escape) -> Iterator[Found]:
    """One bad item ends the work on all items that come after it.

    The night's run stops at item 17 of 4,000, and whoever starts it again does not know what is done. One member
    of a chat has left, and those behind them do not get the message.

    Instead, handle the failure for each item, note which ones failed, and say so at the end.
    """
    offers = guarding.log_and_go_on(run, escape)
    yield ways.told(run, escape, "one bad item ends the work on all that come after it", offers=offers)
