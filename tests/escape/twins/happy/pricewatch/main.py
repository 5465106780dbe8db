"""Watch product pages and send a message when a price drops."""
import time

import schedule

import notify
import storage
from scraper import fetch_price

PRODUCTS = {
    "lamp": "https://shop.example.com/p/lamp",
    "desk": "https://shop.example.com/p/desk",
    "chair": "https://other.example.org/items/chair",
}


def check_all():
    for name, url in PRODUCTS.items():
        price = fetch_price(url)
        last = storage.last_price(name)
        if price < last:
            notify.send(f"{name}: {last} -> {price}\n{url}")
        storage.save_price(name, price)
        print(name, price)


def main():
    storage.init()
    schedule.every(30).minutes.do(check_all)
    while True:
        schedule.run_pending()
        time.sleep(1)


if __name__ == "__main__":
    main()
