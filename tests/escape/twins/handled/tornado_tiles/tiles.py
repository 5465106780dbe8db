"""Map tile proxy with a disk cache, on Tornado."""
import json
import logging
import os
import tempfile

import tornado.ioloop
import tornado.web
from tornado.httpclient import AsyncHTTPClient, HTTPClientError

CACHE = os.environ.get("TILE_CACHE", "cache")
UPSTREAM = "https://tiles.example.org"
log = logging.getLogger("tiles")


class TileUnavailable(Exception):
    def __init__(self, status):
        super().__init__(f"upstream answered {status}")
        self.status = status


def cache_path(z, x, y):
    return os.path.join(CACHE, f"{z}-{x}-{y}.png")


def store_tile(path, body):
    """Write atomically, so that readers never see half a tile."""
    fd, tmp = tempfile.mkstemp(dir=CACHE)
    try:
        with os.fdopen(fd, "wb") as f:
            f.write(body)
        os.replace(tmp, path)
    except BaseException:
        os.unlink(tmp)
        raise


async def load_tile(z, x, y):
    path = cache_path(z, x, y)
    try:
        with open(path, "rb") as f:
            return f.read()
    except FileNotFoundError:
        pass  # not cached yet
    try:
        response = await AsyncHTTPClient().fetch(
            f"{UPSTREAM}/{z}/{x}/{y}.png", connect_timeout=3, request_timeout=10
        )
    except HTTPClientError as exc:
        raise TileUnavailable(exc.code) from exc
    except OSError as exc:
        raise TileUnavailable(502) from exc
    try:
        store_tile(path, response.body)
    except OSError:
        log.exception("tile %s could not be cached", path)  # still good to serve
    return response.body


class JsonErrors(tornado.web.RequestHandler):
    def write_error(self, status_code, **kwargs):
        self.finish({"error": self._reason, "status": status_code})


class TileHandler(JsonErrors):
    async def get(self, z, x, y):
        if int(z) > 18:
            raise tornado.web.HTTPError(404)
        try:
            body = await load_tile(z, x, y)
        except TileUnavailable as exc:
            log.warning("tile %s/%s/%s: %s", z, x, y, exc)
            raise tornado.web.HTTPError(404 if exc.status == 404 else 502) from exc
        self.set_header("Content-Type", "image/png")
        self.write(body)


class MarkerHandler(JsonErrors):
    def initialize(self, store):
        self.store = store

    def get(self):
        limit = self.get_argument("limit", "100")
        if not limit.isdecimal():
            raise tornado.web.HTTPError(400, reason="limit must be a whole number")
        self.write({"markers": self.store[-int(limit):]})

    def post(self):
        try:
            marker = json.loads(self.request.body)
            point = {"lat": float(marker["lat"]), "lon": float(marker["lon"])}
        except (ValueError, KeyError, TypeError):
            raise tornado.web.HTTPError(400, reason="expected lat and lon as numbers") from None
        self.store.append(point)
        self.set_status(201)


async def warm_cache():
    for x in range(4):
        for y in range(4):
            try:
                await load_tile(2, x, y)
            except (TileUnavailable, OSError):
                log.warning("tile 2/%d/%d not warmed", x, y, exc_info=True)


def main():
    logging.basicConfig(level=logging.INFO)
    os.makedirs(CACHE, exist_ok=True)
    # the patterns admit digits only, so the handlers may call int()
    app = tornado.web.Application(
        [
            (r"/tile/(\d{1,2})/(\d{1,7})/(\d{1,7})", TileHandler),
            (r"/markers", MarkerHandler, {"store": []}),
        ]
    )
    app.listen(8888)
    loop = tornado.ioloop.IOLoop.current()
    loop.add_callback(warm_cache)
    loop.start()


if __name__ == "__main__":
    main()
