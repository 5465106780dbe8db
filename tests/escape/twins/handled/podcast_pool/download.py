import os
import re
from contextlib import suppress

import requests


class DownloadError(Exception):
    pass


def file_name(episode):
    return re.sub(r"[^\w.-]+", "_", episode.title)[:150] + ".mp3"


def download(episode, target):
    path = os.path.join(target, file_name(episode))
    if os.path.exists(path):
        return path
    partial = path + ".part"
    try:
        with requests.get(episode.url, stream=True, timeout=(5, 60)) as r:
            r.raise_for_status()
            with open(partial, "wb") as f:
                for chunk in r.iter_content(65536):
                    f.write(chunk)
        os.replace(partial, path)
    except (requests.RequestException, OSError) as exc:
        with suppress(OSError):
            os.remove(partial)
        raise DownloadError(str(exc)) from exc
    return path
