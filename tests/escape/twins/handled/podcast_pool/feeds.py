import xml.etree.ElementTree as ET
from dataclasses import dataclass

import requests


class OpmlError(Exception):
    pass


class FeedError(Exception):
    pass


@dataclass
class Episode:
    title: str
    url: str


def read_opml(path):
    try:
        tree = ET.parse(path)
    except (OSError, ET.ParseError) as exc:
        raise OpmlError(f"{path} cannot be read: {exc}") from exc
    return [o.attrib["xmlUrl"] for o in tree.iter("outline") if "xmlUrl" in o.attrib]


def episodes(feed, limit=5):
    try:
        resp = requests.get(feed, timeout=30)
        resp.raise_for_status()
        root = ET.fromstring(resp.content)
    except (requests.RequestException, ET.ParseError) as exc:
        raise FeedError(f"{feed}: {exc}") from exc
    result = []
    for item in root.iter("item"):
        enclosure = item.find("enclosure")
        url = enclosure.get("url") if enclosure is not None else None
        if url:
            result.append(Episode(item.findtext("title") or url, url))
        if len(result) == limit:
            break
    return result
