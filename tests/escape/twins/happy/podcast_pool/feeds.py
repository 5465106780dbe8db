import xml.etree.ElementTree as ET
from dataclasses import dataclass

import requests


@dataclass
class Episode:
    title: str
    url: str


def read_opml(path):
    tree = ET.parse(path)
    return [o.attrib["xmlUrl"] for o in tree.iter("outline") if "xmlUrl" in o.attrib]


def episodes(feed, limit=5):
    resp = requests.get(feed)
    root = ET.fromstring(resp.content)
    result = []
    for item in list(root.iter("item"))[:limit]:
        title = item.find("title").text
        url = item.find("enclosure").attrib["url"]
        result.append(Episode(title, url))
    return result
