"""Handlers of AWS Lambda, and which of them work off records of a queue, a bucket or a stream.

Those answer no request: if one fails, all its records are delivered again.
"""

from __future__ import annotations

from collections.abc import Set

from shipworthy.escape.ir import PARAMETER, Function, Loop, within

RECORDS = "Records"
"""The key of an event that holds them; a mark of a unit, if its text has it."""

_GIVEN = ["event", "context"]


def is_lambda(function: Function) -> bool:
    """Whether AWS calls a function, by its parameters and its name."""
    parameters = [one.name for one in function.parameters]
    if function.owner or "." in function.name:
        return False
    return parameters == _GIVEN or (function.name in {"lambda_handler", "handler"} and parameters[:2] == _GIVEN)


def are_records(function: Function, loop: Loop, marks: Set[str]) -> bool:
    """Whether a loop of a function with these marks goes over the records that it was called with."""
    if RECORDS not in marks or not is_lambda(function):
        return False
    annotation = function.parameters[0].annotation
    event = f"@{annotation}" if annotation else f"{PARAMETER}{_GIVEN[0]}"
    return loop.source.startswith((f"{event}[]", f"{event}.get()"))


def takes_records(function: Function, marks: Set[str]) -> bool:
    """Whether a function is called with records."""
    if RECORDS not in marks or not is_lambda(function):
        return False
    return any(isinstance(one, Loop) and are_records(function, one, marks) for one in within(function.body))
