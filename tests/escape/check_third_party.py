"""Checks the catalogue against real third-party libraries; pytest does not collect it, for it wants a hundred of them.

    uv venv /tmp/libraries
    uv pip install --python /tmp/libraries/bin/python pytest requests httpx aiohttp redis ...  (what there is to check)
    PYTHONPATH=engine /tmp/libraries/bin/python -m tests.escape.check_third_party [group ...]

It looks for every row's function and every exception's class by its name, compares the hierarchy with the real
one, and makes calls fail for real: against a closed port of this machine, a server that answers with an error or
with junk, files that are missing or hold junk. Nothing leaves the machine. What differs is printed; it ends with
status 1 if anything does. Libraries that are not installed are named. The calls are in third_party/, by groups.
"""

from __future__ import annotations

import concurrent.futures
import logging
import os
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


def main(wanted: list[str]) -> int:
    """Check all, or the calls of some groups; gives the exit status."""
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


if __name__ == "__main__":
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    status = main(sys.argv[1:])
    sys.stdout.flush()
    os._exit(status)  # Some clients leave threads behind that never end.
