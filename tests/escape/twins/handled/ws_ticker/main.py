import asyncio
import logging
import signal
import sys

from feed import listen
from store import Store

log = logging.getLogger("ticker")

SYMBOLS = ["BTC-EUR", "ETH-EUR"]


async def flush_loop(store):
    while True:
        await asyncio.sleep(5)
        store.flush()


async def run(store):
    async with asyncio.TaskGroup() as group:  # one unexpected failure ends all
        group.create_task(flush_loop(store))
        for symbol in SYMBOLS:
            group.create_task(listen(symbol, store))


async def main():
    with Store("ticks.db") as store:
        work = asyncio.create_task(run(store))
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, work.cancel)
        try:
            await work
        except asyncio.CancelledError:
            log.info("asked to stop")
            raise
        finally:
            store.flush()


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    try:
        asyncio.run(main())
    except (KeyboardInterrupt, asyncio.CancelledError):
        sys.exit(0)
    except Exception:
        log.critical("ticker stopped", exc_info=True)
        sys.exit(1)
