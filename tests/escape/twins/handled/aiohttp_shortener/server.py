"""URL shortener with a title preview, on aiohttp and aiosqlite."""
import asyncio
import contextlib
import logging
import re
import secrets

import aiohttp
import aiosqlite
from aiohttp import web

log = logging.getLogger("shortener")
routes = web.RouteTableDef()
TITLE = re.compile(r"<title>(.*?)</title>", re.S | re.I)
HTTP = web.AppKey("http", aiohttp.ClientSession)
DB = web.AppKey("db", aiosqlite.Connection)


@web.middleware
async def errors_as_json(request, handler):
    try:
        return await handler(request)
    except web.HTTPException:
        raise
    except aiosqlite.Error:
        log.exception("database failure on %s", request.path)
        return web.json_response({"error": "storage unavailable"}, status=503)


async def fetch_title(session, url):
    """Title of the page, or None: the preview is best effort."""
    try:
        async with session.get(url, raise_for_status=True) as resp:
            head = await resp.content.read(65536)
    except (aiohttp.ClientError, asyncio.TimeoutError, ValueError) as exc:
        log.info("no preview for %s: %r", url, exc)
        return None
    match = TITLE.search(head.decode("utf-8", errors="replace"))
    return match.group(1).strip() if match else None


async def write(db, sql, args=()):
    """The connection is shared, so a failed write must not leave a transaction open."""
    try:
        await db.execute(sql, args)
        await db.commit()
    except aiosqlite.Error:
        await db.rollback()
        raise


@routes.post("/links")
async def create(request):
    try:
        url = (await request.json())["url"]
    except (ValueError, KeyError, TypeError):
        raise web.HTTPBadRequest(text="expected a JSON object with 'url'") from None
    if not isinstance(url, str) or not url.startswith(("http://", "https://")):
        raise web.HTTPBadRequest(text="'url' must be an http(s) address")
    code = secrets.token_urlsafe(6)
    title = await fetch_title(request.app[HTTP], url)
    await write(request.app[DB], "INSERT INTO links VALUES (?, ?, ?, 0)", (code, url, title))
    return web.json_response({"code": code, "title": title}, status=201)


@routes.get("/{code}")
async def follow(request):
    code = request.match_info["code"]
    db = request.app[DB]
    async with db.execute("SELECT url FROM links WHERE code = ?", (code,)) as cur:
        row = await cur.fetchone()
    if row is None:
        raise web.HTTPNotFound(text="unknown link")
    try:
        await write(db, "UPDATE links SET hits = hits + 1 WHERE code = ?", (code,))
    except aiosqlite.Error:
        # Counting must not keep the visitor from the target.
        log.warning("hit on %s not counted", code, exc_info=True)
    raise web.HTTPFound(row[0])


async def purge_loop(db):
    while True:
        await asyncio.sleep(3600)
        try:
            await write(db, "DELETE FROM links WHERE hits = 0")
        except aiosqlite.Error:
            log.exception("purge failed, next attempt in an hour")


async def resources(app):
    timeout = aiohttp.ClientTimeout(total=5)
    async with aiohttp.ClientSession(timeout=timeout) as http, aiosqlite.connect("links.db") as db:
        app[HTTP], app[DB] = http, db
        purge = asyncio.create_task(purge_loop(db))
        try:
            yield
        finally:
            purge.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await purge


def make_app():
    app = web.Application(middlewares=[errors_as_json])
    app.add_routes(routes)
    app.cleanup_ctx.append(resources)
    return app


if __name__ == "__main__":
    web.run_app(make_app(), port=8080)
