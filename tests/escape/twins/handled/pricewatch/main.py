"""Watch product pages and send a message when a price drops."""
import functools
import logging
import time

import schedule

import notify
import storage
from scraper import PageError, fetch_price

log = logging.getLogger("pricewatch")
PRODUCTS = {
    "lamp": "https://shop.example.com/p/lamp",
    "desk": "https://shop.example.com/p/desk",
    "chair": "https://other.example.org/items/chair",
}


def keeps_running(job):
    """A failing run is logged; the next one comes on schedule."""

    @functools.wraps(job)
    def wrapper(*args, **kwargs):
        try:
            return job(*args, **kwargs)
        except Exception:
            log.exception("job %s failed", job.__name__)

    return wrapper


def check(name, url):
    price = fetch_price(url)
    last = storage.last_price(name)
    if last is not None and price < last:
        notify.send(f"{name}: {last} -> {price}\n{url}")
    storage.save_price(name, price)  # after the message: a failed one is sent next time
    log.info("%s: %.2f", name, price)


@keeps_running
def check_all():
    for name, url in PRODUCTS.items():
        try:
            check(name, url)
        except (PageError, notify.NotifyError):
            log.exception("%s not checked", name)


def main():
    logging.basicConfig(level=logging.INFO)
    storage.init()
    schedule.every(30).minutes.do(check_all)
    while True:
        schedule.run_pending()
        time.sleep(1)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        log.info("bye")
