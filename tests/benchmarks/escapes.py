"""What it costs to find the errors that nobody handles: from scratch, and after each edit of a function.

python -m tests.benchmarks.escapes FOLDER [--edits N] [--repeat N]

The Python files of the folder are one program, test code aside. All times are the processor's. The cost
from scratch is told apart: cutting and parsing, which every rule needs, and what the analysis adds. Then
statements are put into, taken out of and changed in functions chosen at random, as somebody types them;
each time the edited document, parsed already as the fast lane leaves it, is handed to the index, and the
escapes of its file are asked for.
"""

from __future__ import annotations

import argparse
import gc
import os
import random
import re
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from shipworthy import sources
from shipworthy.document import Document
from shipworthy.escape import summaries
from shipworthy.escape.analysis import Analysis
from shipworthy.escape.program import unit_of
from shipworthy.index import Index
from shipworthy.language import PYTHON, TEST_FILE
from shipworthy.model import Span
from shipworthy.workspace import FolderFiles

LIMIT = 2_000_000
BARS = {"cold": 15.0, "edit": 3.0}
"""Milliseconds: beyond parsing for 1,000 lines, and for an edited function at the 95th percentile."""

STATEMENTS = (
    "print(1)",
    "value = 1",
    "value = str(2)",
    "text = open(path).read()",
    "json.loads(text)",
    "raise ValueError(text)",
    "count = int(text)",
    "requests.get(url, timeout=1).json()",
    "subprocess.run(command, check=True)",
    "os.remove(path)",
)
"""What is typed into functions."""

_STATEMENT = re.compile(r"\n(?P<indent>[ \t]+)(?P<code>[a-z_][\w.]*(?: = [^\n]*[\w)\]]|\([^\n]*\)))(?=\n)")
"""A statement on a line of its own in some function: an assignment or a call."""


_OPENER = re.compile(r"^(?P<indent>[ \t]*)(?:async )?(?P<kind>def|class) ", re.MULTILINE)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--edits", type=int, default=300, metavar="N")
    parser.add_argument("--repeat", type=int, default=3, metavar="N")
    asked = parser.parse_args()
    gc.set_threshold(200_000, 20, 20)  # as the command and the server have it
    files = FolderFiles(str(asked.folder.resolve()))
    paths = [path for path in files.paths() if path.endswith(".py") and not TEST_FILE.search(path)]
    turns = [cold(files, paths) for _ in range(asked.repeat)]
    lines = sum(document.text.count("\n") + 1 for document in documents(files, paths))
    print(f"{len(paths):,} files, {lines:,} lines; milliseconds for 1,000 lines, the quickest of {len(turns)} turns:")
    best = {part: min(turn[part] for turn in turns) * 1_000_000 / lines for part in turns[0]}
    for part, cost in best.items():
        print(f"    {part:12}{cost:8.2f}")
    print(f"    beyond parsing {best['units'] + best['analysis']:.2f} (the bar: {BARS['cold']:g})")
    edits(files, paths, asked.edits)
    print("load average " + " ".join(f"{load:.1f}" for load in os.getloadavg()))


def documents(files: FolderFiles, paths: Sequence[str]) -> Iterator[Document]:
    """The documents of the program, read anew."""
    for path in paths:
        document = (
            sources.document(path, decoded) if isinstance(decoded := decoded_of(files, path), sources.Text) else None
        )
        if document is not None and document.language is PYTHON:
            yield document


def decoded_of(files: FolderFiles, path: str) -> sources.Text | sources.Skip:
    """The text of a file."""
    return sources.decode(files.read(path), LIMIT)


def cold(files: FolderFiles, paths: Sequence[str]) -> dict[str, float]:
    """Seconds of each part of an analysis from scratch."""
    took: dict[str, float] = {}
    found = timed(took, "cutting", lambda: [one for one in documents(files, paths) if one.blocks])
    timed(took, "parsing", lambda: [block.is_broken for one in found for block in one.blocks])
    units = timed(took, "units", lambda: [*map(unit_of, found)])

    def analysed() -> None:
        analysis = Analysis(units)
        for unit in units:
            analysis.of(unit.path)

    timed(took, "analysis", analysed)
    return took


def timed(took: dict[str, float], part: str, work: Callable[[], Any]) -> Any:
    """What some work gives; its time is noted under the name of the part."""
    start = time.process_time()
    found = work()
    took[part] = time.process_time() - start
    return found


def edits(files: FolderFiles, paths: Sequence[str], count: int) -> None:
    """Edit functions at random; print how long the answers took, and how many functions were looked at again."""
    chance = random.Random(1)
    index = Index(files, LIMIT)
    known = {one.path: one for one in documents(files, paths) if _STATEMENT.search(one.text)}
    for one in known.values():
        index.follow(one)
    index.prepare()
    looked_at = counting()
    by_kind: dict[str, list[float]] = {}
    again: list[int] = []
    for number in range(count):
        path = chance.choice(sorted(known))
        kind, known[path] = edited(known[path], chance, number)
        for block in known[path].blocks:
            block.is_broken  # noqa: B018  # parsed, as the fast lane leaves it
        before, start = sum(looked_at.values()), time.process_time()
        index.follow(known[path])
        index.escapes(path)
        by_kind.setdefault(kind, []).append((time.process_time() - start) * 1000)
        again.append(sum(looked_at.values()) - before)
    every = [cost for costs in by_kind.values() for cost in costs]
    print(f"{count} edits, milliseconds: median, 95th percentile, longest; of functions looked at again the same:")
    for kind, costs in {**by_kind, "all": every}.items():
        print(f"    {kind:12}{statistics.median(costs):8.2f}{percentile(costs):8.2f}{max(costs):8.2f}   {len(costs):4}")
    print(f"    {'functions':12}{statistics.median(again):8.0f}{percentile(again):8.0f}{max(again):8.0f}")
    print(f"    an edited function {percentile(every):.2f} at the 95th percentile (the bar: {BARS['edit']:g})")


def edited(document: Document, chance: random.Random, number: int) -> tuple[str, Document]:
    """The document with a statement typed in, taken out or changed in one of its functions; what was done."""
    matches = statements(document.text)
    if not matches:
        return "nothing", document
    match = chance.choice(matches)
    kind = chance.choice(("typed", "typed", "taken out", "changed"))
    if kind == "typed":
        at = match.end()
        return kind, document.edited(Span(at, at), f"\n{match['indent']}{chance.choice(STATEMENTS)}")
    new = "pass" if kind == "taken out" else f"note{number} = {chance.choice(STATEMENTS[3:5])}"
    return kind, document.edited(Span(*match.span("code")), new)


def statements(text: str) -> list[re.Match[str]]:
    """The statements of functions; what a class says outside of them gives names their meaning, and is not edited."""
    found: list[re.Match[str]] = []
    openers: list[tuple[int, str]] = []
    lines = sorted([*_OPENER.finditer(text), *_STATEMENT.finditer(text)], key=re.Match.start)
    for line in lines:
        indent = len(line["indent"])
        while openers and openers[-1][0] >= indent:
            openers.pop()
        if line.re is _OPENER:
            openers.append((indent, line["kind"]))
        elif openers and openers[-1][1] == "def":
            found.append(line)
    return found


def percentile(found: Sequence[float]) -> float:
    """The 95th percentile."""
    return statistics.quantiles(found, n=20)[-1] if len(found) > 1 else max(found)


def counting() -> Counter[object]:
    """Counts from now on how often the summary of each function is made."""
    made: Counter[object] = Counter()
    summary = summaries.summary_of

    def counted(known: Any, unit: Any, name: Any) -> Any:
        made[name] += 1
        return summary(known, unit, name)

    summaries.summary_of = counted
    return made


if __name__ == "__main__":
    main()
