import asyncio
import json
import logging
from datetime import datetime

import websockets

URL = "wss://stream.example.com/v2"
log = logging.getLogger(__name__)


def parse(text):
    """(time, price) of a trade, None for other messages; ValueError for garbage."""
    try:
        message = json.loads(text)
        if message["type"] != "trade":
            return None
        return datetime.fromisoformat(message["at"]), float(message["price"])
    except (KeyError, TypeError) as exc:
        raise ValueError(f"unexpected message: {exc!r}") from exc


async def receive(symbol, store):
    async with websockets.connect(URL, open_timeout=10, ping_interval=20, ping_timeout=20) as ws:
        await ws.send(json.dumps({"op": "subscribe", "symbol": symbol}))
        async for text in ws:
            try:
                trade = parse(text)
            except ValueError:
                log.warning("%s: message skipped: %.200s", symbol, text, exc_info=True)
                continue
            if trade is not None:
                store.add(symbol, *trade)


async def listen(symbol, store):
    """Feed the store for ever, reconnecting with growing pauses."""
    loop = asyncio.get_running_loop()
    delay = 1
    while True:
        started = loop.time()
        try:
            await receive(symbol, store)
            log.info("%s: server closed the connection", symbol)
        except (websockets.WebSocketException, OSError, asyncio.TimeoutError):
            log.warning("%s: connection lost", symbol, exc_info=True)
        delay = 1 if loop.time() - started > 60 else min(delay * 2, 60)
        await asyncio.sleep(delay)
