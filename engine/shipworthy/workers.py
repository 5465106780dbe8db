"""Executors for many files: one that works at once in this process, and one of several processes."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, Future
from typing import TYPE_CHECKING, ParamSpec, TypeVar

if TYPE_CHECKING:
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing.process import BaseProcess

P = ParamSpec("P")
T = TypeVar("T")


def available() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def executor(jobs: int) -> Executor:
    """An executor that does `jobs` things at a time."""
    return Pool(jobs) if jobs > 1 else Inline()


class Inline(Executor):
    """Does what is submitted at once, in this process."""

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Call the function; the future is done."""
        future: Future[T] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001  # an executor hands every error to who asks for the result
            future.set_exception(error)
        return future


class Pool(Executor):
    """Several processes, started when there is work. If one dies, what follows goes to new ones.

    Leaving its `with` block by an exception ends the processes at once.
    """

    def __init__(self, jobs: int) -> None:
        self._jobs = jobs
        self._processes: ProcessPoolExecutor | None = None

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Call the function in one of the processes."""
        try:
            return self._started().submit(fn, *args, **kwargs)
        except BrokenExecutor:
            self.shutdown()
            return self._started().submit(fn, *args, **kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the processes once their work is done."""
        processes, self._processes = self._processes, None
        if processes is not None:
            processes.shutdown(wait, cancel_futures=cancel_futures)

    def stop(self) -> None:
        """End the processes now, whatever they do."""
        # Python 3.14 has terminate_workers() for this; before, nothing public has.
        running: dict[int, BaseProcess] = getattr(self._processes, "_processes", None) or {}
        for process in list(running.values()):
            process.terminate()
        self.shutdown(wait=False, cancel_futures=True)

    def __exit__(self, kind: object, *_: object) -> bool | None:
        if kind is None:
            self.shutdown()
        else:
            self.stop()
        return None

    def _started(self) -> ProcessPoolExecutor:
        if self._processes is None:
            # Imported here, for they take 40 ms: most commits are checked in one process.
            import multiprocessing
            from concurrent.futures import ProcessPoolExecutor

            # Forking is quickest, but safe only while there is one thread, and on Linux.
            can_fork = sys.platform == "linux" and threading.active_count() == 1
            context = multiprocessing.get_context("fork" if can_fork else "spawn")
            self._processes = ProcessPoolExecutor(self._jobs, context, initializer=_begin)
        return self._processes


def _begin() -> None:
    """Ctrl-C is for the process that asked: it ends the others."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
