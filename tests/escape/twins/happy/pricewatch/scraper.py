import re

import requests
from bs4 import BeautifulSoup

HEADERS = {"User-Agent": "pricewatch/0.1"}


def fetch_price(url):
    html = requests.get(url, headers=HEADERS).text
    soup = BeautifulSoup(html, "html.parser")
    text = soup.find("span", class_="price").text
    amount = re.search(r"(\d+)[.,](\d\d)", text).group(0)
    return float(amount.replace(",", "."))
