import sys
from concurrent.futures import ThreadPoolExecutor

from download import download
from feeds import episodes, read_opml


def main():
    opml = sys.argv[1]
    target = sys.argv[2] if len(sys.argv) > 2 else "."
    pool = ThreadPoolExecutor(max_workers=6)
    for feed in read_opml(opml):
        for episode in episodes(feed):
            pool.submit(download, episode, target)
    pool.shutdown(wait=True)
    print("all done")


if __name__ == "__main__":
    main()
