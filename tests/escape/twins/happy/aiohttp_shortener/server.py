"""URL shortener with a title preview, on aiohttp and aiosqlite."""
import asyncio
import logging
import re
import secrets

import aiohttp
import aiosqlite
from aiohttp import web

log = logging.getLogger("shortener")
routes = web.RouteTableDef()


async def fetch_title(session, url):
    async with session.get(url) as resp:
        html = await resp.text()
    return re.search(r"<title>(.*?)</title>", html, re.S).group(1)


@routes.post("/links")
async def create(request):
    data = await request.json()
    url = data["url"]
    code = secrets.token_urlsafe(4)
    title = await fetch_title(request.app["http"], url)
    db = request.app["db"]
    await db.execute("INSERT INTO links VALUES (?, ?, ?, 0)", (code, url, title))
    await db.commit()
    return web.json_response({"code": code, "title": title})


@routes.get("/{code}")
async def follow(request):
    db = request.app["db"]
    cur = await db.execute("SELECT url FROM links WHERE code = ?", (request.match_info["code"],))
    row = await cur.fetchone()
    asyncio.create_task(count_hit(db, request.match_info["code"]))
    raise web.HTTPFound(row[0])


async def count_hit(db, code):
    await db.execute("UPDATE links SET hits = hits + 1 WHERE code = ?", (code,))
    await db.commit()


async def purge_loop(app):
    while True:
        try:
            await asyncio.sleep(3600)
            await app["db"].execute("DELETE FROM links WHERE hits = 0")
            await app["db"].commit()
        except BaseException as e:
            log.warning("purge failed: %s", e)


async def on_startup(app):
    app["http"] = aiohttp.ClientSession()
    app["db"] = await aiosqlite.connect("links.db")
    app["purge"] = asyncio.create_task(purge_loop(app))


app = web.Application()
app.add_routes(routes)
app.on_startup.append(on_startup)

if __name__ == "__main__":
    web.run_app(app, port=8080)
