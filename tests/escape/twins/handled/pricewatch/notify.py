import os

import requests

URL = os.environ["NTFY_URL"]


class NotifyError(Exception):
    pass


def send(text):
    try:
        requests.post(URL, data=text.encode(), timeout=10).raise_for_status()
    except requests.RequestException as exc:
        raise NotifyError("message not delivered") from exc
