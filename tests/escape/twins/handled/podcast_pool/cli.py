import sys
from concurrent.futures import ThreadPoolExecutor, as_completed

from download import DownloadError, download
from feeds import FeedError, OpmlError, episodes, read_opml


def collect(urls):
    """All episodes of all feeds, and the number of feeds that failed."""
    found, failed = [], 0
    for url in urls:
        try:
            found += episodes(url)
        except FeedError as exc:
            print(exc, file=sys.stderr)
            failed += 1
    return found, failed


def fetch_all(found, target):
    failed = 0
    with ThreadPoolExecutor(max_workers=6) as pool:
        futures = {pool.submit(download, episode, target): episode for episode in found}
        for future in as_completed(futures):
            try:
                print("saved", future.result())
            except DownloadError as exc:
                print(f"{futures[future].title}: {exc}", file=sys.stderr)
                failed += 1
    return failed


def main(argv):
    match argv[1:]:
        case [opml]:
            target = "."
        case [opml, target]:
            pass
        case _:
            print(f"usage: {argv[0]} FEEDS.opml [DIRECTORY]", file=sys.stderr)
            return 2
    try:
        urls = read_opml(opml)
    except OpmlError as exc:
        print(exc, file=sys.stderr)
        return 1
    found, failed = collect(urls)
    failed += fetch_all(found, target)
    print(f"done, {failed} failures")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
