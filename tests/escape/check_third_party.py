"""Checks the catalogue against real libraries; pytest does not collect it, for it wants two hundred of them.

    python -m tests.escape.check_third_party [--environment FOLDER] [group ...]

It makes a virtual environment with the libraries of third_party/requirements.txt in FOLDER, unless there is one
(2 GB, some minutes, from PyPI), and goes on in there. It looks for every row's function and every exception's
class by its name, compares the hierarchy with the real one, and makes calls fail for real: against a closed port
of this machine, a server that answers with an error or with junk, files that are missing or hold junk. Nothing but
the installation leaves the machine. What differs is printed; it ends with status 1 if anything does, and with 2 if
the environment cannot be made. The calls are in third_party/, by groups: `http`, `stores`, `tables` and so on.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import logging
import os
import subprocess
import sys
import tempfile
import warnings
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from shipworthy.escape.catalogue import canonical, libraries

from .real import MISSING, fault_of_row, find_canonical, hierarchy_faults, is_installed
from .third_party import brokers, data, machines, services, stores, web
from .third_party.place import Cases, Place

GROUPS: tuple[Callable[[Place], Cases], ...] = (
    web.http,
    web.aiohttp,
    web.urllib3,
    web.further_http,
    web.websockets,
    web.web_frameworks,
    brokers.kafka,
    brokers.brokers,
    stores.databases,
    stores.sqlalchemy,
    stores.django,
    stores.mappers,
    stores.stores,
    services.cloud,
    services.language_models,
    services.chat,
    services.services,
    data.tables,
    data.text,
    data.security,
    machines.machines,
)

ROOT = Path(__file__).parents[2]
REQUIREMENTS = Path(__file__).parent / "third_party" / "requirements.txt"
USES_THIS_ENVIRONMENT = "SHIPWORTHY_CHECKS_HERE"
"""A variable that is set for the process that runs within the environment."""

SECONDS = 40
"""How long one call may take to fail."""

OTHER_VERSIONS = {
    "datetime.date.strptime",
    "datetime.time.strptime",
    "neo4j.Session.read_transaction",
    "neo4j.Session.write_transaction",
    "qdrant_client.QdrantClient.search",
    "kafka.errors.NoBrokersAvailable",
    "openai.InvalidRequestError",
    "openai.ServiceUnavailableError",
    "openai.TryAgain",
    "telegram.error.Unauthorized",
    "tweepy.API.update_with_media",
    *(
        f"selenium.webdriver.remote.webdriver.WebDriver.find_element_by_{what}"
        for what in ("id", "xpath", "name", "class_name", "css_selector", "link_text", "tag_name")
    ),
}
"""Names of versions before or after those that are checked here."""


def names_that_are_missing() -> tuple[int, list[str]]:
    """How many rows' functions were looked for, and which are not there. Types that the catalogue invents, and
    what only an instance has, cannot be looked for.
    """
    looked, lost = 0, list[str]()
    for library in libraries():
        for name, row in library.calls.items():
            owner = name.rpartition(".")[0]
            if not row.raised or "*" in name or not is_installed(name) or name in OTHER_VERSIONS:
                continue
            if owner and not isinstance(find_canonical(owner), type | type(sys)):
                continue
            looked += 1
            if find_canonical(name) is MISSING:
                lost.append(f"{name}: no such function")
    return looked, lost


def compare(group: str, cases: Cases) -> tuple[Counter[str], list[str]]:
    """Make the calls of a group fail, each within its time."""
    counted: Counter[str] = Counter()
    faults: list[str] = []
    while True:
        try:
            row, action = next(cases)
        except StopIteration:
            return counted, faults
        except ImportError as error:
            return counted, [*faults, f"{group}: the rest was not tried: {error}"]
        worker = concurrent.futures.ThreadPoolExecutor(1)
        try:
            fault = worker.submit(fault_of_row, row, action).result(SECONDS)
        except TimeoutError:
            fault = f"{row}: does not fail within {SECONDS} seconds"
        worker.shutdown(wait=False)
        if fault:
            faults.append(fault)
        else:
            counted[canonical(row)] += 1


def python_of(environment: Path) -> Path:
    """The interpreter of the virtual environment, which is made if there is none."""
    python = environment / "bin" / "python"
    if not python.exists():
        uv = [sys.executable, "-m", "uv"]
        subprocess.run([*uv, "venv", "--quiet", environment], check=True)
        subprocess.run([*uv, "pip", "install", "--quiet", "--python", python, "-r", REQUIREMENTS], check=True)
    return python


def run_within(environment: Path, wanted: list[str]) -> int:
    """Run the checks in the virtual environment; gives their exit status."""
    try:
        python = python_of(environment)
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"the environment cannot be made: {error}", file=sys.stderr)
        return 2
    variables = os.environ | {"PYTHONPATH": str(ROOT / "engine"), USES_THIS_ENVIRONMENT: "1"}
    command = [python, "-m", "tests.escape.check_third_party", *wanted]
    return subprocess.run(command, cwd=ROOT, env=variables, check=False).returncode


def check(wanted: list[str]) -> int:
    """Check all, or the calls of some groups, in this environment; gives the exit status."""
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    absent = {
        name.partition(".")[0] for library in libraries() for name in library.exceptions if not is_installed(name)
    }
    print("not installed:", ", ".join(sorted(absent)) or "nothing")
    looked, faults = names_that_are_missing()
    hierarchies = [hierarchy_faults(library) for library in libraries()]
    faults += [fault for _, some in hierarchies for fault in some if fault.partition(":")[0] not in OTHER_VERSIONS]
    print(f"functions looked for: {looked}; exceptions compared: {sum(count for count, _ in hierarchies)}")
    confirmed: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        place = Place(Path(folder), stack)
        for group in GROUPS:
            name = group.__name__
            if wanted and name not in wanted:
                continue
            counted, differing = compare(name, group(place))
            confirmed += counted
            faults += differing
            print(
                f"{name}: {sum(counted.values())} calls of {len(counted)} rows raised as they should",
                *differing,
                sep="\n  ",
            )
    print(f"rows confirmed by a real failure: {len(confirmed)}")
    for fault in faults:
        print(fault)
    return 1 if faults else 0


def main() -> int:
    """Read the command line; gives the exit status."""
    parser = argparse.ArgumentParser(description="Check the catalogue against real third-party libraries.")
    parser.add_argument("--environment", type=Path, default=Path(tempfile.gettempdir()) / "shipworthy-libraries")
    parser.add_argument("groups", nargs="*", metavar="group", help=", ".join(group.__name__ for group in GROUPS))
    arguments = parser.parse_args()
    if USES_THIS_ENVIRONMENT in os.environ:
        return check(arguments.groups)
    return run_within(arguments.environment.absolute(), arguments.groups)


if __name__ == "__main__":
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    status = main()
    sys.stdout.flush()
    os._exit(status)  # Some clients leave threads behind that never end.
