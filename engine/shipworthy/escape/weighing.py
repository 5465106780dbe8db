"""How much a failure at a boundary harms, and whether somebody looks at what comes in: what its function says of it."""

from __future__ import annotations

import re
from dataclasses import replace

from shipworthy.escape.boundaries import Boundary, Checked, calls_in
from shipworthy.escape.frameworks import framework_of
from shipworthy.escape.ir import Function, Loop, within
from shipworthy.escape.meanings import name_of
from shipworthy.escape.names import Names
from shipworthy.escape.program import Name, Program
from shipworthy.escape.registrations import TASKS, Kind

_SIGNED_IN = re.compile(r"(?i)secure|log(?:ged)?_?in|auth|admin|permission|jwt|token|staff|signature")
_CALLED_BY_PROGRAMS = re.compile(r"(?i)webhook|callback")
_OF_DEVELOPERS = re.compile(r"(?i)(?:^|/)(?:contrib|dev\w*|examples?|demos?|hack|misc|samples?|scripts?)/")
"""Folders of what those use who build a program, or look how it is used."""

_CHECKS = frozenset(
    {"full_clean", "is_valid", "model_validate", "parse_args", "parse_obj", "validate", "validate_on_submit"}
)
"""The last names of calls that look at what was sent, and answer or raise if it is not as it should be."""
_CHECKING = re.compile(r"(?i)valid|schema|sanit|(?:^|_)(?:arg\w*|fields|json|kwargs|param\w*)(?:$|_)|^expects?$")
"""In the last names of decorators that do."""
_CHECKING_OPTION = re.compile(r"^(?:(?:body|query|request)_)?schema$|^validat")
"""The names of options by which the decorator of a route does."""

_OF_CONNECTION = re.compile(
    r"(?i)(?:websocket(?:handler|endpoint|consumer|\w*protocol)?|stream_?(?:reader|writer)|socket|(?:client|server)connection)$"
)
_UNANSWERED = re.compile(r"(?i)websocket\w*$|(?:Base|Stream|HTTP)RequestHandler$")
"""Bases of classes whose failures nobody answers: the connection is closed."""
_CONNECTION = re.compile(
    r"(?i)^(?:ws|websocket|conn|connection|sock|client_?(?:socket|sock|conn)|(?:stream_?)?(?:reader|writer))$"
)


def weighed(program: Program, names: Names, boundary: Boundary) -> Boundary:
    """A boundary with what its function says of who calls it, and of how much a failure harms."""
    unit = program.units[boundary.name.path]
    function = unit.functions[boundary.name.function]
    kind, mild, framework = boundary.kind, boundary.mild, boundary.framework
    if kind is Kind.VIEW:
        mild = mild or is_signed_in(function) or is_called_by_programs(boundary.name)
        bases = names.bases(unit, function.owner) if function.owner else ()
        framework = framework_of(names, unit, function)
        if _has_answered(function) or any(_UNANSWERED.search(name_of(base)) for base in bases):
            kind = Kind.CONNECTION
    elif kind is Kind.THREAD and not boundary.label.startswith((TASKS["do"], TASKS["loop"])):
        mild = not any(isinstance(one, Loop) and one.forever for one in within(function.body))
    mild = mild or _OF_DEVELOPERS.search(boundary.name.path) is not None
    gives_up = any("ServerError" in call.callee for call in calls_in(function.body))
    checked = _checked(function)
    awaited = boundary.awaited or bool(function.returns)
    weight = replace(boundary, kind=kind, mild=mild, checked=checked, gives_up=gives_up)
    return replace(weight, framework=framework, awaited=awaited)


def is_of_connection(function: Function) -> bool:
    """Whether a function is there for one connection, which it is given."""
    return any(
        _OF_CONNECTION.search(one.annotation) if one.annotation else _CONNECTION.search(one.name)
        for one in function.parameters
        if not one.supplier
    )


def _has_answered(function: Function) -> bool:
    """Whether the answer of a view has begun before it fails: it talks over a WebSocket."""
    return (
        is_of_connection(function)
        or any(one.path.rpartition(".")[2] == "websocket" for one in function.decorators)
        or any(call.callee.endswith("WebSocketResponse") for call in calls_in(function.body))
    )


def is_signed_in(function: Function) -> bool:
    """Whether a function is for those who have signed in."""
    return any(_SIGNED_IN.search(one.path.rpartition(".")[2]) for one in function.decorators)


def is_called_by_programs(name: Name) -> bool:
    """Whether a view is for another program, that sends what it documents, and again if nobody has taken it."""
    return _CALLED_BY_PROGRAMS.search(name.function.rpartition(".")[2]) is not None


def _checked(function: Function) -> Checked:
    for one in function.decorators:
        if _CHECKING.search(one.path.rpartition(".")[2]) or any(
            _CHECKING_OPTION.search(name) for name, _ in one.options
        ):
            return Checked.BEFORE
    asks = any(call.callee.rpartition(".")[2] in _CHECKS for call in calls_in(function.body))
    return Checked.WITHIN if asks else Checked.NOT
