import re

import requests
from bs4 import BeautifulSoup

HEADERS = {"User-Agent": "pricewatch/0.1"}


class PageError(Exception):
    """The page could not be had, or has no price on it."""


def fetch_price(url):
    try:
        resp = requests.get(url, headers=HEADERS, timeout=20)
        resp.raise_for_status()
    except requests.RequestException as exc:
        raise PageError(f"{url}: {exc}") from exc
    tag = BeautifulSoup(resp.text, "html.parser").find("span", class_="price")
    if tag is None:
        raise PageError(f"{url}: no price element")
    if (match := re.search(r"(\d+)[.,](\d\d)", tag.text)) is None:
        raise PageError(f"{url}: no price in {tag.text!r}")
    return float(f"{match[1]}.{match[2]}")
