"""The server's text is the client's text, whatever is typed: its verdict equals that on a fresh document."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import pytest

from .client import Client, Json, Text, capabilities
from .conftest import Connect

pytestmark = pytest.mark.asyncio

ENCODINGS = ["utf-8", "utf-16", "utf-32"]
HANDLER = "try:\n    work()\nexcept:\n    pass\n"
PIECES = [
    *("é", "𝛼", "🦀", "\u2028", "\x0c", "\x85", "\r", "\r\n", "\n", " ", "\t", '"""', "(", ")", "#", "'", "\\"),
    *(
        HANDLER,
        HANDLER.replace("\n", "\r\n"),
        "def f():\n    return 1\n\n\n",
        "class 𝛼:\n    def é(self):\n        pass\n",
    ),
    *("x = '🦀'; y = 1\n", "password = 'é𝛼'\n", "import os\n"),
]


async def fresh(client: Client, text: str) -> list[Json]:
    """The verdict on a text that was opened as it is."""
    uri = await client.open("fresh.py", text)
    found = await client.verdict(uri)
    await client.close(uri)
    return found


def shown(diagnostics: list[Json]) -> list[tuple[str, str, Json]]:
    """What must be equal; a fingerprint covers the path."""
    return [(one["code"], one["message"], one["range"]) for one in diagnostics]


@pytest.mark.parametrize("encoding", ENCODINGS)
async def test_columns_count_in_the_units_that_were_agreed(connect: Connect, encoding: str) -> None:
    client = await connect(capabilities(encodings=[encoding]))
    assert client.encoding == encoding
    text = "const é = '🦀𝛼'; try { work('é') } catch (e) { }  // 𝛼\n"
    uri = await client.open("a.js", text)
    for old, new in (("🦀", "🦀🦀"), ("const é", "let 𝛼é"), ("work('é')", "work('Ω', 'é')"), ("  // 𝛼", "")):
        at = client.texts[uri].text.index(old)
        await client.edit(uri, at, at + len(old), new)
    known = client.texts[uri]
    assert known.text == "let 𝛼é = '🦀🦀𝛼'; try { work('Ω', 'é') } catch (e) { }\n"
    found = await client.verdict(uri)
    assert [known.marked(one["range"], encoding) for one in found] == ["catch (e) { }"]


async def test_without_an_offer_columns_are_utf_16(connect: Connect) -> None:
    client = await connect(capabilities(bare=True))
    assert client.encoding == "utf-16"


@pytest.mark.parametrize(
    ("offered", "agreed"),
    [
        (["utf-16"], "utf-16"),
        (["utf-8", "utf-32", "utf-16"], "utf-32"),
        (["utf-8", "utf-16"], "utf-8"),
        (["utf-7"], "utf-16"),
    ],
)
async def test_the_cheapest_encoding_is_taken(connect: Connect, offered: list[str], agreed: str) -> None:
    client = await connect(capabilities(encodings=offered))
    assert client.encoding == agreed


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("strange", ["\x0c", "\u2028", "\x85", "\x1c", "\x0b"])
async def test_only_line_ends_end_lines(connect: Connect, newline: str, strange: str) -> None:
    client = await connect()
    text = f"x = 1{newline}# a{strange}b{newline}\x0c{newline}" + HANDLER.replace("\n", newline)
    uri = await client.open("a.py", text)
    at = text.index("work")
    await client.edit(uri, at, at + 4, "save")
    await client.edit(uri, 0, 0, f"# {strange}{newline}")
    found = await client.verdict(uri)
    assert shown(found) == shown(await fresh(client, client.texts[uri].text))
    assert [client.texts[uri].marked(one["range"], client.encoding)[:6] for one in found] == ["except"]


@pytest.mark.parametrize(("encoding", "seed"), [(encoding, seed) for encoding in ENCODINGS for seed in range(4)])
async def test_any_edits_end_where_a_fresh_document_begins(connect: Connect, encoding: str, seed: int) -> None:
    client = await connect(capabilities(encodings=[encoding], pull=bool(seed % 2)))
    chance = random.Random(seed)
    uri = await client.open("a.py", "".join(chance.choices(PIECES, k=30)))
    for _ in range(25):
        edits: list[tuple[int, int, str]] = []
        text = client.texts[uri].text
        for _ in range(chance.choice([1, 1, 1, 3])):
            borders = sorted(chance.choices([0, *valid_offsets(text)], k=2))
            start, end = borders[0], min(borders[1], borders[0] + chance.choice([0, 0, 1, 5, 60]))
            end = max(offset for offset in [start, *valid_offsets(text)] if offset <= end or offset == start)
            new = "".join(chance.choices(PIECES, k=chance.choice([0, 1, 1, 4])))
            edits.append((start, end, new))
            text = text[:start] + new + text[end:]
        await (client.replace(uri, text) if chance.random() < 0.1 else client.edits(uri, edits))
        if chance.random() < 0.3:
            await client.checked(uri, whole=chance.random() < 0.5)
    found = await client.verdict(uri)
    assert shown(found) == shown(await fresh(client, client.texts[uri].text))
    assert not client.complaints


@pytest.mark.parametrize("seed", range(2))
async def test_many_documents_at_once_end_where_fresh_ones_begin(connect: Connect, tmp_path: Path, seed: int) -> None:
    client, chance = await connect(capabilities(pull=bool(seed))), random.Random(seed)
    other = tmp_path / "other.py"
    uris = [await client.open(f"file{number}.py", "".join(chance.choices(PIECES, k=20))) for number in range(6)]
    for _ in range(150):
        uri = chance.choice(uris)
        at = chance.choice(valid_offsets(client.texts[uri].text))
        await client.edit(uri, at, at, chance.choice(PIECES))
        match chance.randint(0, 20):
            case 0:
                await client.save(uri)
            case 1:
                text = client.texts[uri].text
                await client.close(uri)
                await client.open("", text, uri=uri)
            case 2:
                other.write_text(chance.choice(["def work(): ...\n", "async def work(): ...\n"]))
                change = {"uri": other.as_uri(), "type": 2}
                await client.notify("workspace/didChangeWatchedFiles", {"changes": [change]})
            case 3:
                await client.checked(uri, whole=False)
            case _:
                await asyncio.sleep(chance.choice([0, 0.005]))
    await asyncio.sleep(0.5)
    for uri in uris:
        found = await client.verdict(uri)
        assert shown(found) == shown(await fresh(client, client.texts[uri].text))
    assert not client.complaints


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ({"start": {"line": 0, "character": 99}, "end": {"line": 0, "character": 99}}, "a🦀X\nb"),
        ({"start": {"line": 9, "character": 9}, "end": {"line": 99, "character": 0}}, "a🦀\nbX"),
        ({"start": {"line": 0, "character": 2}, "end": {"line": 0, "character": 2}}, "aX🦀\nb"),
        ({"start": {"line": 1, "character": 0}, "end": {"line": 0, "character": 0}}, "Xb"),
    ],
)
async def test_impossible_positions_are_moved_to_possible_ones(connect: Connect, place: Json, expected: str) -> None:
    client = await connect(capabilities(encodings=["utf-16"]))
    uri = await client.open("a.py", "a🦀\nb")
    document = {"uri": uri, "version": 2}
    changes = [
        {"range": place, "text": "X"},
        {"range": {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 0}}, "text": HANDLER},
    ]
    await client.notify("textDocument/didChange", {"textDocument": document, "contentChanges": changes})
    client.texts[uri] = Text(HANDLER + expected, 2)
    assert shown(await client.verdict(uri)) == shown(await fresh(client, HANDLER + expected))


def valid_offsets(text: str) -> list[int]:
    """Offsets that a position can name: not between the two characters of a CR LF."""
    return [offset for offset in range(len(text) + 1) if text[offset - 1 : offset + 1] != "\r\n"]
