"""Language clients for the tests of the server; those left running are stopped."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest_asyncio

from .client import Client, Json

Connect = Callable[..., Awaitable[Client]]


@pytest_asyncio.fixture
async def connect(tmp_path: Path) -> AsyncIterator[Connect]:
    """Starts a server for a folder (by default an empty one) with a client of the given capabilities."""
    clients: list[Client] = []

    async def start(known: Json | None = None, folder: Path = tmp_path, *, initialize: bool = True) -> Client:
        client = Client(folder, known)
        clients.append(client)
        await client.start()
        if initialize:
            await client.initialize()
        return client

    yield start
    for client in clients:
        if client.process.returncode is None:
            client.process.kill()
            await client.process.wait()
