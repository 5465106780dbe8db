"""Programs as assistants write them, and twins of them that handle what can fail.

`labels.json` says what is missing in each program of `happy`; `handled` has the same programs with
every failure dealt with, and nothing may be said about those.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from shipworthy import registry
from shipworthy.analyze import analyze
from shipworthy.config import Config
from shipworthy.document import Document
from shipworthy.index import Index
from shipworthy.model import Finding
from shipworthy.project import Project
from shipworthy.testing import MemoryFiles

TWINS = Path(__file__).parent / "twins"
NAMES = sorted(folder.name for folder in (TWINS / "happy").iterdir())
RULES = tuple(entry.id for entry in registry.entries().values() if entry.escapes)

MISSED = frozenset(
    {
        "celery_reports/tasks.py:20",
        "etl_meters/etl.py:57",
        "ffmpeg_batch/transcode.py:17",
        "ffmpeg_batch/transcode.py:37",  # where a command writes, told only beside what it reads
        "kafka_orders/consumer.py:19",
        "link_crawler/crawl.py:30",
        "theme_unpack/theme_unpack.py:13",
        "theme_unpack/theme_unpack.py:14",
        "theme_unpack/theme_unpack.py:27",
        "theme_unpack/theme_unpack.py:60",
        "tornado_tiles/tiles.py:17",
        "ws_ticker/feed.py:12",
    }
)
"""What is missing in a program and not found yet, by the line of its label."""


def said(folder: Path) -> Iterator[tuple[str, Finding]]:
    """The findings of all rules about escapes in a program, with their files."""
    files = {path.name: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.py"))}
    project = Project("/twins", Config(select=RULES), index=Index(MemoryFiles(files)))
    for path, text in files.items():
        report = analyze(Document(path, text), project)
        assert report.problems == ()
        yield from ((path, finding) for finding in report.findings)


@pytest.mark.parametrize("name", NAMES)
def test_what_is_not_handled_is_found(name: str) -> None:
    told: set[tuple[str, int]] = set()
    for path, finding in said(TWINS / "happy" / name):
        told |= {(path, finding.range.start.line)}
        told |= {(place.path, place.range.start.line) for place in finding.related}
    labels = json.loads((TWINS / "happy" / name / "labels.json").read_text(encoding="utf-8"))
    wanted = {(label["file"], label["line"]) for label in labels if label["kind"] in RULES}
    missed = {
        f"{name}/{path}:{line}" for path, line in wanted if not any((path, line + by) in told for by in (-1, 0, 1))
    }
    assert missed == {one for one in MISSED if one.startswith(f"{name}/")}


@pytest.mark.parametrize("name", NAMES)
def test_what_is_handled_is_left_alone(name: str) -> None:
    assert [(path, finding.range.start.line, finding.message) for path, finding in said(TWINS / "handled" / name)] == []
