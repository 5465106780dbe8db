"""Crawl a site concurrently and report broken links."""
import asyncio
import sys
from urllib.parse import urldefrag, urljoin, urlparse

import aiohttp
from bs4 import BeautifulSoup

WORKERS = 8


class Crawler:
    def __init__(self, start: str, limit: int = 200):
        self.host = urlparse(start).netloc
        self.queue: asyncio.Queue = asyncio.Queue()
        self.queue.put_nowait(start)
        self.seen = {start}
        self.limit = limit
        self.broken: list = []

    async def fetch(self, url):
        async with self.session.get(url) as resp:
            if resp.status >= 400:
                self.broken.append((url, resp.status))
                return None
            return await resp.text()

    def links(self, base, html):
        for a in BeautifulSoup(html, "html.parser").find_all("a"):
            url = urldefrag(urljoin(base, a["href"])).url
            if urlparse(url).netloc == self.host:
                yield url

    async def worker(self):
        while True:
            try:
                url = await self.queue.get()
            except asyncio.CancelledError:
                continue
            html = await self.fetch(url)
            for link in self.links(url, html or ""):
                if link not in self.seen and len(self.seen) < self.limit:
                    self.seen.add(link)
                    self.queue.put_nowait(link)
            self.queue.task_done()

    async def run(self):
        self.session = aiohttp.ClientSession()
        tasks = [asyncio.create_task(self.worker()) for _ in range(WORKERS)]
        await self.queue.join()
        for t in tasks:
            t.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.session.close()


async def main():
    crawler = Crawler(sys.argv[1])
    await crawler.run()
    for url, status in crawler.broken:
        print(status, url)
    print(len(crawler.seen), "pages")


asyncio.run(main())
