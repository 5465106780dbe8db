import asyncio
import logging

from feed import listen
from store import Store

logging.basicConfig(level=logging.INFO)
log = logging.getLogger("ticker")

SYMBOLS = ["BTC-EUR", "ETH-EUR"]


async def flush_loop(store):
    while True:
        await asyncio.sleep(5)
        try:
            store.flush()
        except Exception as e:
            log.info("flush problem %s", e)


async def main():
    store = Store("ticks.db")
    asyncio.create_task(flush_loop(store))
    await asyncio.gather(
        *(listen(symbol, store) for symbol in SYMBOLS), return_exceptions=True
    )
    store.close()


if __name__ == "__main__":
    asyncio.run(main())
