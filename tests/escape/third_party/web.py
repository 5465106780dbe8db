# ruff: noqa: B023
# Every case is tried before the next one is made.
"""HTTP clients, WebSockets, frameworks and browsers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from .place import Cases, Place, load


def http(place: Place) -> Cases:
    for name in ("httpx", "httpx2"):
        module = load(name)
        yield f"{name}.get", lambda: module.get(place.web)
        yield f"{name}.Client.post", lambda: module.Client().post(place.web)
        yield f"{name}.AsyncClient.get", lambda: module.AsyncClient().get(place.web)
        yield f"{name}.Response.raise_for_status", lambda: module.get(place.broken).raise_for_status()
        yield f"{name}.Response.json", lambda: module.get(place.page).json()


def aiohttp(place: Place) -> Cases:
    aiohttp = load("aiohttp")

    async def get(url: str, then: Callable[[Any], Awaitable[object]], **options: object) -> object:
        async with aiohttp.ClientSession() as session, session.get(url, **options) as response:
            return await then(response)

    async def raise_for_status(response: Any) -> None:
        response.raise_for_status()

    yield "aiohttp.ClientSession.get", lambda: get(place.web, lambda response: response.text())
    yield "aiohttp.ClientResponse.json", lambda: get(place.page, lambda response: response.json())
    yield "aiohttp.ClientResponse.json", lambda: get(place.page, lambda response: response.json(content_type=None))
    yield "aiohttp.ClientResponse.raise_for_status", lambda: get(place.broken, raise_for_status)

    async def connect() -> object:
        async with aiohttp.ClientSession() as session, session.ws_connect(place.page) as socket:
            return await socket.receive()

    yield "aiohttp.ClientSession.ws_connect", connect


def urllib3(place: Place) -> Cases:
    urllib3 = load("urllib3")
    yield "urllib3.request", lambda: urllib3.request("GET", place.web, retries=False)
    yield "urllib3.PoolManager.request", lambda: urllib3.PoolManager().request("GET", place.web, retries=1)
    yield "urllib3.HTTPResponse.json", lambda: urllib3.request("GET", place.page).json()


def further_http(place: Place) -> Cases:
    yield "httplib2.Http.request", lambda: load("httplib2").Http().request(place.web)
    yield "httplib2.Http.request", lambda: load("httplib2").Http().request("http://nowhere.invalid")
    yield "curl_cffi.requests.get", lambda: load("curl_cffi.requests").get(place.web)
    yield "curl_cffi.requests.Session.get", lambda: load("curl_cffi.requests").Session().get(place.web)

    def perform() -> None:
        curl = load("pycurl").Curl()
        curl.setopt(curl.URL, place.web)
        curl.perform()

    yield "pycurl.Curl.perform", perform

    def geocode() -> object:
        domain = f"{place.host}:{place.port}"
        return load("geopy.geocoders").Nominatim(user_agent="x", domain=domain, scheme="http").geocode("Rome")

    yield "geopy.geocoders.Nominatim.geocode", geocode

    async def fetch(url: str) -> object:
        return await load("tornado.httpclient").AsyncHTTPClient().fetch(url)

    yield "tornado.httpclient.AsyncHTTPClient.fetch", lambda: fetch(place.web)
    yield "tornado.httpclient.AsyncHTTPClient.fetch", lambda: fetch(place.broken)


def websockets(place: Place) -> Cases:
    async def connect(port: int) -> object:
        async with load("websockets").connect(f"ws://{place.host}:{port}") as socket:
            return await socket.recv()

    yield "websockets.connect", lambda: connect(place.port)
    yield "websockets.connect", lambda: connect(place.noise)
    yield "websockets.connect", lambda: connect(int(place.page.rpartition(":")[2]))
    yield (
        "websockets.sync.client.connect",
        lambda: load("websockets.sync.client").connect(f"ws://{place.host}:{place.port}"),
    )

    async def dropped(act: Callable[[Any], Awaitable[object]]) -> object:
        async def drop(socket: Any) -> None:
            socket.transport.abort()

        async with load("websockets").serve(drop, place.host, 0) as server:
            port = next(iter(server.sockets)).getsockname()[1]
            async with load("websockets").connect(f"ws://{place.host}:{port}") as socket:
                await load("asyncio").sleep(0.1)
                return await act(socket)

    async def iterate(socket: Any) -> None:
        async for _ in socket:
            pass

    yield "websockets.ClientConnection.recv", lambda: dropped(lambda socket: socket.recv())
    yield "websockets.ClientConnection.send", lambda: dropped(lambda socket: socket.send("x"))
    yield "websockets.ClientConnection.__aiter__", lambda: dropped(iterate)
    client = load("websocket")
    yield "websocket.create_connection", lambda: client.create_connection(f"ws://{place.host}:{place.port}")
    yield "websocket.create_connection", lambda: client.create_connection(place.page.replace("http", "ws"))
    yield "websocket.WebSocket.recv", lambda: client.WebSocket().recv()
    yield "socketio.Client.connect", lambda: load("socketio").Client().connect(place.web)


def web_frameworks(place: Place) -> Cases:
    jinja2 = load("jinja2")
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(place.folder))
    yield "jinja2.Environment.get_template", lambda: environment.get_template("missing")
    yield "jinja2.Environment.from_string", lambda: environment.from_string("{% if")
    yield "jinja2.Template.render", lambda: jinja2.Template("{{ a.b }}").render()

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": b"{", "more_body": False}

    request = load("starlette.requests").Request({"type": "http", "headers": []}, receive)
    yield "starlette.requests.Request.json", lambda: request.json()

    async def gone() -> dict[str, object]:
        return {"type": "websocket.disconnect", "code": 1001}

    async def receive_text() -> object:
        websocket = load("starlette.websockets").WebSocket({"type": "websocket"}, gone, gone)
        websocket.client_state = websocket.application_state = load("starlette.websockets").WebSocketState.CONNECTED
        return await websocket.receive_text()

    yield "fastapi.WebSocket.receive_text", receive_text

    async def connect(url: str) -> object:
        return await load("tornado.websocket").websocket_connect(url.replace("http", "ws"))

    yield "tornado.websocket.websocket_connect", lambda: connect(place.web)
    yield "tornado.websocket.websocket_connect", lambda: connect(place.page)

    def send_file() -> None:
        with load("flask").Flask("x").test_request_context():
            load("flask").send_file(place.missing)

    yield "flask.send_file", send_file
    yield "selenium.webdriver.Remote", lambda: remote(place)
    playwright = load("playwright.sync_api")

    def launch() -> None:
        with playwright.sync_playwright() as running:
            running.chromium.launch(executable_path=str(place.missing))

    yield "playwright.sync_api.Playwright.chromium.launch", launch


def remote(place: Place) -> object:
    webdriver = load("selenium.webdriver")
    return webdriver.Remote(place.denied, options=webdriver.ChromeOptions())
