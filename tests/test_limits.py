"""Work that takes too long is interrupted, in the main thread and in others, and other work is left alone."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from shipworthy.limits import TimeUp, time_limit


def worked(limit: float, until: Callable[[], bool]) -> str:
    try:
        with time_limit(limit):
            while not until():
                pass
    except TimeUp:
        return "interrupted"
    return "done"


def in_thread(work: Callable[[], str]) -> str:
    found: list[str] = []
    thread = threading.Thread(target=lambda: found.append(work()))
    thread.start()
    thread.join()
    return found[0]


def directly(work: Callable[[], str]) -> str:
    return work()


@pytest.mark.parametrize("run", [directly, in_thread])
def test_work_without_end_is_interrupted_each_time(run: Callable[[Callable[[], str]], str]) -> None:
    for _ in range(3):
        assert run(lambda: worked(0.05, lambda: False)) == "interrupted"
        assert run(lambda: worked(60, lambda: True)) == "done"


def test_threads_have_limits_of_their_own() -> None:
    stop = threading.Event()
    patient = threading.Thread(target=lambda: found.append(worked(600, stop.is_set)))
    found: list[str] = []
    patient.start()
    assert in_thread(lambda: worked(0.05, lambda: False)) == "interrupted"
    time.sleep(0.1)
    stop.set()
    patient.join()
    assert found == ["done"]
