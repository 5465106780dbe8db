"""Reports that outlive the run, each with what it asked of the project.

A report follows from the text, the path, the project's fingerprint, and the answers that the index
gave. So it is kept under the first three, together with the questions and a digest of each answer,
and used again as long as the answers are the same.
"""

from __future__ import annotations

import datetime
import logging
import types
import typing
from dataclasses import dataclass
from typing import Any

from shipworthy import codec, store
from shipworthy.codec import CodecError
from shipworthy.facts import Projectwide
from shipworthy.model import Report
from shipworthy.store import Store

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Asked:
    """A method of `Projectwide`, its arguments as JSON, and the digest of what it answered."""

    question: str
    arguments: str
    answer: str


@dataclass(frozen=True, slots=True)
class Result:
    """A report and all that it asked of the project; None if that cannot be told."""

    report: Report
    asked: tuple[Asked, ...] | None = ()


class Recorder:
    """Stands in for the project's index and notes what is asked of it."""

    def __init__(self, project: Projectwide) -> None:
        self._project = project
        self._noted: dict[tuple[str, tuple[Any, ...]], Any] = {}

    def __getattr__(self, question: str) -> Any:
        method = getattr(self._project, question)
        if question not in vars(Projectwide):
            return method

        def ask(*arguments: Any) -> Any:
            answer = method(*arguments)
            self._noted[question, arguments] = answer
            return answer

        return ask

    def taken(self) -> tuple[Asked, ...] | None:
        """What was asked since this was last called; None if some of it cannot be kept."""
        noted, self._noted = self._noted, {}
        try:
            return tuple(
                Asked(question, codec.dump(arguments), _digest(answer))
                for (question, arguments), answer in noted.items()
            )
        except CodecError as error:
            _log.debug("a result is not kept: %s", error)
            return None


def key(data: bytes, path: str, fingerprint: str) -> str:
    """The key of a report. Where a suppression may end, the day is part of it."""
    day = str(datetime.date.today()) if b"until" in data else ""
    return store.key("report", data, path, fingerprint, day)


def recall(kept: Store, name: str, project: Projectwide | None) -> Report | None:
    """The report that is kept under a key, if the project still answers as it did."""
    text = kept.get(name)
    if text is None:
        return None
    try:
        result: Result = codec.load(Result, text)
        asked = result.asked or ()
        if asked and (project is None or not all(_holds(one, project) for one in asked)):
            return None
    except CodecError as error:
        _log.debug("a kept result is not used: %s", error)
        return None
    return result.report


def remember(kept: Store, name: str, result: Result) -> None:
    """Keep a report. One with problems is made anew each time: what failed may work the next time."""
    if result.asked is not None and not result.report.problems and not result.report.skipped:
        kept.put(name, codec.dump(result))


def _holds(asked: Asked, project: Projectwide) -> bool:
    declared = vars(Projectwide).get(asked.question)
    if declared is None:
        return False
    hints = typing.get_type_hints(declared)
    hints.pop("return", None)
    arguments = codec.load(types.GenericAlias(tuple, tuple(hints.values())), asked.arguments)
    return _digest(getattr(project, asked.question)(*arguments)) == asked.answer


def _digest(answer: object) -> str:
    return store.key(codec.dump(answer))
