"""What the server knows of a secret besides its text: what the project shows in its place, and git's history."""

from __future__ import annotations

import pytest

from shipworthy.testing import expand

from .client import codes
from .conftest import Connect
from .test_workspace import write

pytestmark = pytest.mark.asyncio


async def test_a_value_that_the_project_shows_is_none_as_soon_as_it_does(connect: Connect) -> None:
    client = await connect()
    value = expand("q7<alnum*10>")
    uri = await client.open("app.py", f'password = "{value}"\n')
    assert codes(await client.verdict(uri)) == ["hardcoded-password"]
    write(client.folder, {".env.example": f"PASSWORD={value}\n"})
    await client.notify(
        "workspace/didChangeWatchedFiles", {"changes": [{"uri": client.uri(".env.example"), "type": 1}]}
    )
    await client.until(lambda: client.published(uri) == [])
    example = await client.open(".env.example")
    await client.replace(example, "PASSWORD=change-me\n")
    await client.until(lambda: codes(client.published(uri)) == ["hardcoded-password"])
    await client.replace(example, f"PASSWORD={value}\n")
    await client.until(lambda: client.published(uri) == [])
