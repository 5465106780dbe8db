"""How long a keystroke waits for its diagnostics, beside `ruff server`, and what the server needs for it.

    python -m tests.benchmarks.latency FOLDER                   latency at four sizes, memory, a short soak
    python -m tests.benchmarks.latency FOLDER --soak 30         half an hour of random edits

FOLDER holds Python sources; the documents that are typed into are made of their statements. Run from
the root of the repository. Both servers are asked in turns, so that whatever else the machine does
falls on both. Bars are printed with what was measured; nothing is asserted.
"""

from __future__ import annotations

import argparse
import ast
import asyncio
import hashlib
import os
import random
import re
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from ..server.client import Client, Json, capabilities

SIZES = (200, 1500, 5000, 15000)
FAMILIES = ("E", "F", "S", "BLE", "TRY", "B", "C901", "PL", "ASYNC", "RUF")
TYPED = "value = convert(item, 'name')"
"""What is typed, character by character: half of the states on the way are syntax errors."""


class Stopwatch(Client):
    """A client that notes when a text was sent, and when diagnostics of it arrived, before either is parsed."""

    def __init__(self, folder: Path, known: Json | None = None, command: Iterable[str] = ()) -> None:
        super().__init__(folder, known, command)
        self.sent: dict[int, float] = {}
        self.first: dict[int, float] = {}
        self.whole: dict[int, float] = {}

    def write(self, message: Json) -> None:
        """Send a message and note the time."""
        super().write(message)
        if message.get("method") == "textDocument/didChange":
            self.sent[message["params"]["textDocument"]["version"]] = time.perf_counter()

    def _take(self, message: Json) -> None:
        params = message.get("params")
        if message.get("method") == "textDocument/publishDiagnostics" and params.get("version") is not None:
            self.first.setdefault(params["version"], self.arrived)
        if message.get("method") == "$/shipworthy/checked" and params["whole"]:
            self.whole.setdefault(params["version"], self.arrived)
        super()._take(message)

    async def stroke(self, uri: str, at: int, new: str, *, whole: bool) -> tuple[float, float]:
        """Type at an offset; milliseconds to the first and to the last diagnostics of that text."""
        await self.edit(uri, at, at, new)
        version = self.texts[uri].version
        last = self.whole if whole else self.first
        await self.until(lambda: version in last)
        sent = self.sent[version]
        self.notifications.clear()
        return (self.first[version] - sent) * 1000, (last[version] - sent) * 1000


def source(folder: Path, lines: int, salt: str = "") -> str:
    """Real code of at least `lines` lines: whole statements of the files of a folder, the same at each call."""
    found: list[str] = []
    for path in sorted(folder.rglob("*.py"), key=lambda path: hashlib.md5(f"{salt}{path.name}".encode()).digest()):
        try:
            text = path.read_text(encoding="utf-8")
            statements = ast.parse(text).body
        except (ValueError, SyntaxError):
            continue
        rows, start = text.split("\n"), 0
        for statement in statements:
            end = statement.end_lineno or start
            if not (isinstance(statement, ast.ImportFrom) and statement.module == "__future__"):
                found += rows[start:end]
            start = end
            if len(found) >= lines:
                return "\n".join(found) + "\n"
    raise SystemExit(f"{folder} holds less than {lines} lines of Python that parse")


def spots(text: str, count: int) -> list[int]:
    """Offsets of ends of lines in function bodies, spread over the text, the last one first."""
    ends = [match.start() for match in re.finditer("\n    return ", text)]
    return sorted(random.Random(1).sample(ends, min(count, len(ends))), reverse=True)


@asynccontextmanager
async def running(folder: Path, command: Sequence[str] = ()) -> AsyncIterator[Stopwatch]:
    """A server in a folder, ready for use."""
    client = Stopwatch(folder.resolve(), capabilities(encodings=["utf-16"]), command)
    await client.start()
    await client.initialize()
    yield client
    await client.stop()


async def latency(folder: Path, lines: int, strokes: int) -> None:
    """Type into one document in both servers, in turns."""
    text = source(folder, lines)
    fast: list[float] = []
    whole: list[float] = []
    beside: list[float] = []
    with tempfile.TemporaryDirectory() as place:
        (Path(place) / "ruff.toml").write_text(f"[lint]\nselect = {list(FAMILIES)!r}\n".replace("'", '"'))
        other = (sys.executable, "-m", "ruff", "server")
        async with running(Path(place)) as ours, running(Path(place), other) as ruff:
            uri = await ours.open("app.py", text, language="python")
            await ours.verdict(uri)
            await ruff.open("app.py", text, language="python")
            await ruff.until(lambda: bool(ruff.told("textDocument/publishDiagnostics")))
            for spot in spots(text, max(strokes // (len(TYPED) + 1), 1)):
                at = spot
                for new in ("\n    ", *TYPED):
                    first, last = await ours.stroke(uri, at, new, whole=True)
                    fast.append(first)
                    whole.append(last)
                    beside.append((await ruff.stroke(uri, at, new, whole=False))[0])
                    at += len(new)
            found = len(ours.published(uri)), len(ruff.published(uri))
    print(f"{lines:6} lines, {len(fast)} strokes: {_told(fast)} | {_told(whole)} | {_told(beside)} | {found}")


async def memory(folder: Path, files: int = 100, lines: int = 1000) -> None:
    """Open many files, change each, and look at the memory of the server and of the processes it started."""
    rows = source(folder, 14 * lines).split("\n")
    with tempfile.TemporaryDirectory() as place:
        async with running(Path(place)) as client:
            uris: list[str] = []
            for number in range(files):
                start = number * 131 % (len(rows) - lines)
                body = "\n".join([f"NUMBER = {number}", *rows[start : start + lines - 1]])
                uris.append(await client.open(f"file{number}.py", f"{body}\n"))
            for uri in uris:
                await client.checked(uri, whole=True)
            opened = resident(client.process.pid)
            for uri in uris:
                await client.edit(uri, 0, 0, "# one more line\n")
            for uri in uris:
                await client.checked(uri, whole=True)
            edited = resident(client.process.pid)
    print(f"memory with {files} files of {lines} lines open, MB (server, its processes): {opened}, edited {edited}")
    print(f"    all together {sum(edited):.0f} MB (bar: 250)")


async def soak(folder: Path, minutes: float, files: int = 50, lines: int = 300) -> None:
    """Edit many files at random; then the answers must be those of a server that has just begun."""
    chance = random.Random(1)
    texts = [source(folder, lines, str(number)) for number in range(files)]
    pieces = [line for text in texts[:10] for line in text.splitlines(keepends=True)] + list("()[]{}\"'#:\\\n é🦀")
    sizes: list[float] = []
    edits = 0
    with tempfile.TemporaryDirectory() as place:
        async with running(Path(place)) as client:
            uris = [await client.open(f"file{number}.py", text) for number, text in enumerate(texts)]
            for uri in uris:
                await client.checked(uri, whole=True)
            end, look = time.monotonic() + minutes * 60, 0.0
            while time.monotonic() < end:
                number = chance.randrange(files)
                edits += 1
                await _disturb(client, uris[number], texts[number], chance, pieces)
                if time.monotonic() > look:
                    look = time.monotonic() + minutes * 3
                    sizes.append(sum(resident(client.process.pid)))
                client.notifications.clear()
                await asyncio.sleep(chance.choice((0, 0, 0.01, 0.05, 0.2)))
            for uri in uris:
                await client.edit(uri, 0, 0, "\n")
            answers = [_shown(await client.verdict(uri)) for uri in uris]
            left = [client.texts[uri].text for uri in uris]
            complaints = client.complaints.decode() + "".join(str(one) for one in client.told("window/logMessage"))
        async with running(Path(place)) as client:
            uris = [await client.open(f"file{number}.py", text) for number, text in enumerate(left)]
            fresh = [_shown(await client.verdict(uri)) for uri in uris]
    differing = [number for number, (one, other) in enumerate(zip(answers, fresh, strict=True)) if one != other]
    print(f"soak: {edits} edits of {files} files in {minutes:g} minutes; findings {sum(map(len, answers))}")
    print(
        f"    files whose answer differs from a fresh check: {differing or 'none'}; complaints: {complaints or 'none'}"
    )
    print(f"    memory every tenth of the time, MB: {' '.join(f'{size:.0f}' for size in sizes)}")


async def _disturb(client: Client, uri: str, original: str, chance: random.Random, pieces: Sequence[str]) -> None:
    """One random thing that somebody may do to a document."""
    text = client.texts[uri].text
    at = chance.randrange(len(text) + 1)
    match chance.randrange(40):
        case 0:
            await client.save(uri)
        case 1:
            await client.close(uri)
            await client.open("", text, uri=uri)
        case 2:
            await client.replace(uri, original)
        case number if number < 12 or len(text) > 1.5 * len(original):
            await client.edit(uri, at, min(at + chance.choice((1, 1, 5, 200)), len(text)), "")
        case _:
            await client.edit(uri, at, at, chance.choice(pieces))


def resident(process_id: int) -> tuple[float, ...]:
    """Megabytes of memory that a process and those it started occupy; read from /proc."""
    children = (
        path.parent.name
        for path in Path("/proc").glob("[0-9]*/stat")
        if (text := _content(path)) and int(text.rpartition(")")[2].split()[1]) == process_id
    )
    every = [str(process_id), *sorted(children)]
    pages = [int((_content(Path(f"/proc/{one}/statm")) or "0 0").split()[1]) for one in every]
    return tuple(round(count * os.sysconf("SC_PAGE_SIZE") / 1e6, 1) for count in pages)


def _content(path: Path) -> str:
    """A file of a process, empty if that has ended."""
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _shown(diagnostics: Iterable[Json]) -> list[str]:
    return sorted(str(one) for one in diagnostics)


def _told(times: Sequence[float]) -> str:
    """Median and 95th percentile."""
    return f"{statistics.median(times):7.1f} {statistics.quantiles(times, n=20)[-1]:7.1f}"


def main() -> None:
    """Measure what the arguments name."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="Python sources to make documents of")
    parser.add_argument("--lines", type=int, nargs="*", default=SIZES, help="sizes of documents")
    parser.add_argument("--strokes", type=int, default=90, help="keystrokes for each size")
    parser.add_argument("--soak", type=float, default=1, metavar="MINUTES", help="length of the soak; 0 for none")
    parser.add_argument("--no-memory", action="store_true", help="leave the memory out")
    options = parser.parse_args()
    print(
        f"milliseconds, median and p95: fast lane | all lanes | ruff server ({','.join(FAMILIES)}) | findings of both"
    )
    for lines in options.lines:
        asyncio.run(latency(options.folder, lines, options.strokes))
    print("    bars: fast lane under 10 at 200 lines, at most ruff's median from 1500; all lanes under 250 at 5000")
    if not options.no_memory:
        asyncio.run(memory(options.folder))
    if options.soak:
        asyncio.run(soak(options.folder, options.soak))
    print("load average " + " ".join(f"{load:.1f}" for load in os.getloadavg()))


if __name__ == "__main__":
    main()
