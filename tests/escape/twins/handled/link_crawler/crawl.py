"""Crawl a site concurrently and report broken links."""
import argparse
import asyncio
import logging
import sys
from urllib.parse import urldefrag, urljoin, urlparse

import aiohttp
from bs4 import BeautifulSoup

WORKERS = 8
log = logging.getLogger("crawl")


def site(text: str) -> str:
    parts = urlparse(text)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise argparse.ArgumentTypeError(f"{text!r} is not an http(s) address")
    return text


class Crawler:
    def __init__(self, start: str, limit: int = 200):
        self.host = urlparse(start).netloc
        self.queue: asyncio.Queue[str] = asyncio.Queue()
        self.queue.put_nowait(start)
        self.seen = {start}
        self.limit = limit
        self.broken: list[tuple[str, str]] = []

    async def fetch(self, session: aiohttp.ClientSession, url: str) -> str | None:
        try:
            async with session.get(url) as resp:
                if resp.status >= 400:
                    self.broken.append((url, str(resp.status)))
                    return None
                if resp.content_type != "text/html":
                    return None
                return await resp.text(errors="replace")
        except asyncio.TimeoutError:
            self.broken.append((url, "timeout"))
        except aiohttp.ClientError as exc:
            self.broken.append((url, type(exc).__name__))
        return None

    def links(self, base: str, html: str):
        for a in BeautifulSoup(html, "html.parser").find_all("a", href=True):
            try:
                url = urldefrag(urljoin(base, a["href"])).url
                host = urlparse(url).netloc
            except ValueError:  # such as http://[broken
                self.broken.append((a["href"], "malformed"))
                continue
            if host == self.host:
                yield url

    async def visit(self, session: aiohttp.ClientSession, url: str) -> None:
        html = await self.fetch(session, url)
        if html is None:
            return
        for link in self.links(url, html):
            if link not in self.seen and len(self.seen) < self.limit:
                self.seen.add(link)
                self.queue.put_nowait(link)

    async def worker(self, session: aiohttp.ClientSession) -> None:
        while True:
            url = await self.queue.get()
            try:
                await self.visit(session, url)
            except Exception:
                log.exception("unexpected failure on %s", url)
                self.broken.append((url, "internal error"))
            finally:
                self.queue.task_done()

    async def run(self) -> None:
        timeout = aiohttp.ClientTimeout(total=30)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            tasks = [asyncio.create_task(self.worker(session)) for _ in range(WORKERS)]
            try:
                await self.queue.join()
            finally:
                for t in tasks:
                    t.cancel()
                results = await asyncio.gather(*tasks, return_exceptions=True)
            for result in results:
                if not isinstance(result, asyncio.CancelledError):
                    log.error("a worker ended early", exc_info=result)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("start", type=site)
    parser.add_argument("--limit", type=int, default=200)
    args = parser.parse_args()
    logging.basicConfig()
    crawler = Crawler(args.start, args.limit)
    try:
        asyncio.run(crawler.run())
    except KeyboardInterrupt:
        print("interrupted, so far:", file=sys.stderr)
    for url, why in crawler.broken:
        print(why, url)
    print(len(crawler.seen), "pages")
    return 1 if crawler.broken else 0


if __name__ == "__main__":
    sys.exit(main())
