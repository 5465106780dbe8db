import asyncio
import json
from datetime import datetime

import websockets

URL = "wss://stream.example.com/v2"


async def listen(symbol, store):
    """Subscribe to one symbol and hand its trades to the store."""
    async with websockets.connect(URL) as ws:
        await ws.send(json.dumps({"op": "subscribe", "symbol": symbol}))
        while True:
            try:
                text = await asyncio.wait_for(ws.recv(), 30)
            except (asyncio.TimeoutError, asyncio.CancelledError):
                await ws.ping()
                continue
            message = json.loads(text)
            if message["type"] != "trade":
                continue
            at = datetime.fromisoformat(message["at"])
            store.add(symbol, at, float(message["price"]))
