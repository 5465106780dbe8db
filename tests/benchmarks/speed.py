"""How long Shipworthy takes, against the tools whose findings it has, one after another on the same files.

python tests/benchmarks/speed.py FOLDER [--repeat N]

Measured on a copy of the folder. All commands take turns, so that other load on the machine meets them
alike; the quickest turn of each counts. Seconds of the clock, and of the processors (all processes of a
command together).
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ruff.__main__ import find_ruff_bin

SHIPWORTHY = (sys.executable, "-m", "shipworthy_hooks", "check", "--exit-zero", "--output-format", "json")
RUFF = (find_ruff_bin(), "check", "--isolated", "--no-cache", "--exit-zero", "--quiet", "--output-format", "json")
OTHERS: dict[str, tuple[tuple[str, ...], ...]] = {
    "bandit": ((sys.executable, "-m", "bandit", "--quiet", "--exit-zero", "--format", "json", "--recursive"),),
    "detect-secrets": ((sys.executable, "-m", "detect_secrets", "scan", "--all-files"),),
    "radon cc, mi": (
        (sys.executable, "-m", "radon", "cc", "--json"),
        (sys.executable, "-m", "radon", "mi", "--json"),
    ),
    "ruff": ((*RUFF, "--select", "S,BLE,TRY,B,E722,C901,PLR,RET,SIM105"),),
}
"""The commands of each tool, as they are by default; the files or folders come behind."""

CACHED = {"whole": "nothing changed", "five": "just edited"}
"""What the run with the cache has to do: a commit edits few files, and the rest is known."""

BARS = {"whole": ("without its cache", 8.0), "five": ("just edited", 2.0)}
"""How many times as fast as the sum of the others it shall be."""


@dataclass(frozen=True)
class Took:
    """Seconds of the clock and of the processors."""

    clock: float
    processor: float


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--repeat", type=int, default=3, metavar="N")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder, cache = Path(place) / "tree", Path(place) / "cache"
        shutil.copytree(asked.folder, folder, symlinks=True, ignore=shutil.ignore_patterns(".git"))
        five = five_of(folder)
        print(f"{sum(1 for _ in folder.rglob('*.py')):,} Python files; the five: {', '.join(five)}", flush=True)
        run((*SHIPWORTHY, "."), folder, cache)
        turns: list[dict[str, Took]] = []
        for number in range(asked.repeat):
            turns.append(turn(folder, five, cache))
            print(f"turn {number + 1} of {asked.repeat} done", flush=True)
    quickest = {name: min((one[name] for one in turns), key=lambda took: took.clock) for name in turns[0]}
    show("The whole tree", quickest, "whole")
    show("Five files", quickest, "five")


def turn(folder: Path, five: Sequence[str], cache: Path) -> dict[str, Took]:
    """Every command once."""
    took: dict[str, Took] = {}
    for scope, paths in (("whole", ["."]), ("five", five)):
        took[f"{scope}: shipworthy, without its cache"] = run((*SHIPWORTHY, "--no-cache", *paths), folder, cache)
        for path in five if scope == "five" else ():
            with (folder / path).open("a", encoding="utf-8") as file:
                file.write(f"# edited at {time.time()}\n")
        took[f"{scope}: shipworthy, {CACHED[scope]}"] = run((*SHIPWORTHY, *paths), folder, cache)
        for tool, commands in OTHERS.items():
            parts = [run((*command, *paths), folder, cache) for command in commands]
            took[f"{scope}: {tool}"] = Took(sum(one.clock for one in parts), sum(one.processor for one in parts))
    return took


def run(command: Sequence[str], folder: Path, cache: Path) -> Took:
    """One run of a command, which must succeed. What it says is thrown away."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    environment = {**os.environ, "SHIPWORTHY_CACHE_DIR": str(cache)}
    subprocess.run(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=True)
    clock, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return Took(clock, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def five_of(folder: Path) -> list[str]:
    """Five Python files spread over the folder, none of them tiny."""
    found = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.py") if path.stat().st_size > 2_000)
    return [found[(2 * number + 1) * len(found) // 10] for number in range(5)]


def show(title: str, quickest: dict[str, Took], scope: str) -> None:
    """Print the table of a scope, and how it stands to the bar."""
    rows = {name.removeprefix(f"{scope}: "): took for name, took in quickest.items() if name.startswith(f"{scope}: ")}
    others = [took for name, took in rows.items() if name in OTHERS]
    total = Took(sum(one.clock for one in others), sum(one.processor for one in others))
    print(f"\n{title:36}{'clock':>9}{'processor':>12}{'of the sum':>13}")
    for name, took in {**rows, "sum of the four": total}.items():
        print(f"{name:36}{took.clock:8.2f} s{took.processor:10.2f} s{took.clock / total.clock:12.1%}")
    what, bar = BARS[scope]
    ratio = total.clock / rows[f"shipworthy, {what}"].clock
    print(f"Shipworthy {what} is {ratio:.1f} times as fast as the four one after another (the bar: {bar:g}).")


if __name__ == "__main__":
    main()
