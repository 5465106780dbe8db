"""Measures the secret rules: recall by tier, findings on clean code, throughput against other scanners, latency.

    python -P tests/benchmarks/secrets.py recall
    python -P tests/benchmarks/secrets.py clean FOLDER
    python -P tests/benchmarks/secrets.py speed FOLDER [--tools BIN_FOLDER] [--only NAME ...]
    python -P tests/benchmarks/secrets.py latency FOLDER

`-P` keeps this file from hiding the module `secrets`. `speed` pins every scanner to one core with taskset
and gives its processor time too, which a busy machine disturbs less. `--tools`: where the programs
detect-secrets, credsweeper and kingfisher are.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import runpy
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from shipworthy import sources
from shipworthy.analyze import analyze
from shipworthy.config import Config
from shipworthy.document import Document
from shipworthy.model import Finding, Lane
from shipworthy.project import Project
from shipworthy.secrets.examples import example
from shipworthy.secrets.formats import formats, variants
from shipworthy.testing import expand

PROJECT = Project("/nowhere", Config(select=("secrets",)))
LOOKS = {"password": "q7<alnum*10>", "random": "<alnum*40>", "hexadecimal": "<hex*32>"}
SEEDS = range(5)


def found(path: str, text: str) -> tuple[Finding, ...]:
    """What the rules find in a text."""
    return analyze(Document(path, text), PROJECT, None, Lane.FAST).findings


def recall() -> None:
    """The share of generated values that is found, and that warns or blocks, by tier."""
    tally: dict[str, Counter[str]] = {}

    def note(tier: str, path: str, text: str, value: str) -> None:
        at = text.index(value)
        hits = [one for one in found(path, text) if one.span.start < at + len(value) and one.span.end > at]
        best = max((one.severity.label for one in hits), default="missed", key=["hint", "warning", "error"].index)
        tally.setdefault(tier, Counter())[best] += 1

    for known in formats():
        for seed in SEEDS:
            value = example(known, seed)
            if known.keywords and "(?<=" not in known.form and "(?=" not in known.form:
                note("a provider's own form", "app.py", f'client = Client("{value}")\n', value)
            elif known.near:
                name = variants(known.near[0])[0].strip("_-").upper()
                note("a common form under its provider's name", "app.py", f'{name}_API_KEY = "{value}"\n', value)
    places: Mapping[str, tuple[str, ...]] = runpy.run_path(str(Path(__file__).parent.parent / "secrets" / "places.py"))[
        "PLACES"
    ]
    for path, texts in places.items():
        for text in texts:
            for look, shape in LOOKS.items():
                value = expand(shape, 7)
                note(f"generic: {look}", path, text.replace("VALUE", value) + "\n", value)
    for tier, counted in tally.items():
        total = counted.total()
        warned = counted["error"] + counted["warning"]
        print(
            f"{tier}: {total} values, {1 - counted['missed'] / total:.1%} found, {warned / total:.1%} warn or block,"
            f" {counted['error'] / total:.1%} block"
        )


def files(folder: Path) -> Iterator[Path]:
    """The regular files below a folder."""
    for root, _, names in os.walk(folder):
        yield from (Path(root) / name for name in sorted(names) if not (Path(root) / name).is_symlink())


def clean(folder: Path) -> None:
    """Findings for each 100,000 lines."""
    lines = 0
    for path in files(folder):
        decoded = sources.decode(path.read_bytes(), 2_000_000)
        lines += decoded.text.count("\n") if isinstance(decoded, sources.Text) else 0
    with tempfile.TemporaryDirectory() as place:
        output = Path(place) / "found.jsonl"
        subprocess.run(
            [*shipworthy(), "--output-format", "jsonl", "--output-file", str(output), str(folder)], check=False
        )
        counted = Counter(
            (one["rule"], one["severity"]) for one in map(json.loads, output.read_text(encoding="utf-8").splitlines())
        )
    for (rule, severity), count in sorted(counted.items()):
        print(f"{rule}, {severity}: {count}")
    blocking = sum(count for (_, severity), count in counted.items() if severity == "error")
    print(
        f"{lines:,} lines; blocking {blocking / lines * 1e5:.2f}, all {counted.total() / lines * 1e5:.2f} per 100,000"
    )


def shipworthy() -> list[str]:
    """Our own command, for secrets alone."""
    return [
        sys.executable,
        "-m",
        "shipworthy_hooks",
        "check",
        "--select",
        "secrets",
        "--no-cache",
        "--jobs",
        "1",
        "--exit-zero",
    ]


def speed(folder: Path, tools: Path, only: list[str]) -> None:
    """Seconds and megabytes per second of each scanner, one after the other on one core."""
    folder, tools = folder.resolve(), tools.resolve()
    size = sum(path.stat().st_size for path in files(folder)) / 1e6
    with tempfile.TemporaryDirectory() as place:
        commands = {
            "shipworthy": [*shipworthy(), "--output-format", "jsonl", "--output-file", f"{place}/s.jsonl", str(folder)],
            "kingfisher": [
                *(str(tools / "kingfisher"), "scan", str(folder), "--no-validate", "--no-update-check", "--jobs", "1"),
                *("--git-history", "none", "--format", "jsonl", "--output", f"{place}/k.jsonl"),
            ],
            "detect-secrets": [
                str(tools / "detect-secrets"),
                "-c",
                "1",
                "scan",
                "--all-files",
                "--no-verify",
                ".",  # what lies elsewhere than in the folder that it is started in, it passes over in silence
            ],
            "credsweeper": [
                *(str(tools / "credsweeper"), "--path", str(folder), "--jobs", "1"),
                *("--save-json", f"{place}/c.json", "--log", "silence"),
            ],
        }
        for name in only or commands:
            command = commands[name]
            before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
            subprocess.run(
                ["taskset", "-c", "0", *command],
                cwd=folder,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                check=False,
            )
            seconds, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
            used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            print(f"{name}: {seconds:.1f} s, {used:.1f} s of processor time, {size / used:.2f} MB/s", flush=True)


def latency(folder: Path) -> None:
    """Milliseconds for one file, in a warm process, over a random thousand of them."""
    chosen = sorted(files(folder))
    chosen = random.Random(1).sample(chosen, min(1000, len(chosen)))
    taken: list[float] = []
    for path in chosen:
        decoded = sources.decode(path.read_bytes(), 2_000_000)
        if isinstance(decoded, sources.Text):
            start = time.perf_counter()
            analyze(sources.document(path.name, decoded), PROJECT, None, Lane.FAST)
            taken.append((time.perf_counter() - start) * 1000)
    cuts = statistics.quantiles(taken, n=100)
    print(f"{len(taken)} files: median {cuts[49]:.1f} ms, p95 {cuts[94]:.1f} ms, longest {max(taken):.0f} ms")


def main() -> None:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("recall", "clean", "speed", "latency"))
    parser.add_argument("folder", nargs="?", type=Path, default=Path())
    parser.add_argument("--tools", type=Path, default=Path(sys.executable).parent)
    parser.add_argument("--only", nargs="+", default=[], help="the scanners to measure, in this order")
    asked = parser.parse_args()
    if asked.what == "recall":
        recall()
    elif asked.what == "speed":
        speed(asked.folder, asked.tools, asked.only)
    else:
        {"clean": clean, "latency": latency}[asked.what](asked.folder)


if __name__ == "__main__":
    main()
