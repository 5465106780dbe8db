"""Map tile proxy with a disk cache, on Tornado."""
import json
import logging
import os

import tornado.ioloop
import tornado.web
from tornado.httpclient import AsyncHTTPClient

CACHE = os.environ.get("TILE_CACHE", "cache")
UPSTREAM = "https://tiles.example.org"
logging.basicConfig(level=logging.INFO)


class TileHandler(tornado.web.RequestHandler):
    async def get(self, z, x, y):
        zoom = int(z)
        if zoom > 18:
            raise tornado.web.HTTPError(404)
        path = os.path.join(CACHE, f"{z}-{x}-{y}.png")
        if not os.path.exists(path):
            client = AsyncHTTPClient()
            response = await client.fetch(f"{UPSTREAM}/{z}/{x}/{y}.png")
            try:
                with open(path, "wb") as f:
                    f.write(response.body)
            except Exception:
                pass
        with open(path, "rb") as f:
            self.set_header("Content-Type", "image/png")
            self.write(f.read())


class MarkerHandler(tornado.web.RequestHandler):
    def initialize(self, store):
        self.store = store

    def get(self):
        limit = int(self.get_argument("limit", "100"))
        self.write({"markers": self.store[-limit:]})

    def post(self):
        marker = json.loads(self.request.body)
        self.store.append({"lat": float(marker["lat"]), "lon": float(marker["lon"])})
        self.set_status(201)


async def warm_cache():
    client = AsyncHTTPClient()
    for x in range(4):
        for y in range(4):
            response = await client.fetch(f"{UPSTREAM}/2/{x}/{y}.png")
            with open(os.path.join(CACHE, f"2-{x}-{y}.png"), "wb") as f:
                f.write(response.body)


def main():
    os.makedirs(CACHE, exist_ok=True)
    store = []
    app = tornado.web.Application(
        [(r"/tile/(.+)/(.+)/(.+)", TileHandler), (r"/markers", MarkerHandler, {"store": store})]
    )
    app.listen(8888)
    loop = tornado.ioloop.IOLoop.current()
    loop.add_callback(warm_cache)
    loop.start()


if __name__ == "__main__":
    main()
