import os
import re

import requests


def file_name(episode):
    return re.sub(r"[^\w.-]+", "_", episode.title) + ".mp3"


def download(episode, target):
    path = os.path.join(target, file_name(episode))
    if os.path.exists(path):
        return path
    r = requests.get(episode.url, stream=True, timeout=60)
    with open(path, "wb") as f:
        for chunk in r.iter_content(65536):
            f.write(chunk)
    print("saved", path)
    return path
