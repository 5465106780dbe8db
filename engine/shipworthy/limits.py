"""A limit of time for a piece of work, by means that really interrupt it.

What counts is the processor's time: a machine that is busy with other things makes nothing fail. A
process that waits for something else may do so for four times as long.
"""

from __future__ import annotations

import contextlib
import faulthandler
import functools
import math
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Generator
from pathlib import Path
from typing import IO

_WAITING = 4
"""How much longer work may take than it computes."""


class TimeUp(BaseException):
    """The limit has passed. No `Exception`, so that nobody on the way takes it for an error of their own."""


@contextlib.contextmanager
def time_limit(seconds: float) -> Generator[None]:
    """Raises TimeUp within the block when it has computed for `seconds`, or lasted four times as long.

    Code that never returns to Python cannot be interrupted: then, when twice that has passed, a
    process that multiprocessing started is ended, which its executor notices.
    """
    with _last_resort(2 * _WAITING * seconds), _interrupting(seconds):
        yield


def _interrupting(seconds: float) -> contextlib.AbstractContextManager[None]:
    if hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread():
        return _by_signal(seconds)
    return _by_thread(seconds)


@contextlib.contextmanager
def _by_signal(seconds: float) -> Generator[None]:
    def interrupt(*_: object) -> None:
        raise TimeUp

    timers = ((signal.ITIMER_PROF, signal.SIGPROF, seconds), (signal.ITIMER_REAL, signal.SIGALRM, _WAITING * seconds))
    before = [signal.signal(number, interrupt) for _, number, _ in timers]
    for timer, _, limit in timers:
        # It rings again every second: an exception that is raised within a finalizer is lost.
        signal.setitimer(timer, limit, 1.0)
    try:
        yield
    finally:
        for (timer, number, _), handler in zip(timers, before, strict=True):
            signal.setitimer(timer, 0)
            signal.signal(number, handler)


@contextlib.contextmanager
def _by_thread(seconds: float) -> Generator[None]:
    import ctypes

    worker = ctypes.c_ulong(threading.get_ident())
    interrupt = functools.partial(ctypes.pythonapi.PyThreadState_SetAsyncExc, worker, ctypes.py_object(TimeUp))
    alarm = _watch().set(_WAITING * seconds, interrupt)
    try:
        yield
    finally:
        _watch().drop(alarm)


class _Watch:
    """The alarms of all threads, kept by one: to start one for each takes longer than most work that is limited."""

    def __init__(self) -> None:
        self._sooner = threading.Condition()
        self._alarms: dict[object, tuple[float, Callable[[], object]]] = {}
        self._wakes = 0.0
        threading.Thread(target=self._keep, name="watch", daemon=True).start()

    def set(self, seconds: float, ring: Callable[[], object]) -> object:
        """Have `ring` called in so many seconds; gives what `drop` wants."""
        alarm, due = object(), time.monotonic() + seconds
        with self._sooner:
            self._alarms[alarm] = due, ring
            if due < self._wakes:
                self._sooner.notify()
        return alarm

    def drop(self, alarm: object) -> None:
        """Have an alarm not ring any more."""
        with self._sooner:
            self._alarms.pop(alarm, None)

    def _keep(self) -> None:
        with self._sooner:
            while True:
                now = time.monotonic()
                for alarm in [alarm for alarm, (due, _) in self._alarms.items() if due <= now]:
                    self._alarms.pop(alarm)[1]()
                self._wakes = min((due for due, _ in self._alarms.values()), default=math.inf)
                self._sooner.wait(None if self._wakes == math.inf else self._wakes - now)


@functools.cache
def _watch() -> _Watch:
    return _Watch()


@contextlib.contextmanager
def _last_resort(seconds: float) -> Generator[None]:
    # Where multiprocessing has not been imported, it has not started this process either.
    started = sys.modules.get("multiprocessing.process")
    if started is None or started.parent_process() is None:
        yield
        return
    faulthandler.dump_traceback_later(seconds, exit=True, file=_nowhere())
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()


@functools.cache
def _nowhere() -> IO[str]:
    return Path(os.devnull).open("w", encoding="utf-8")  # written to until the process ends
