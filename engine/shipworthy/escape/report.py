"""Which errors reach a boundary that nobody guards, and the way that each takes there."""

from __future__ import annotations

import itertools
import re
from collections.abc import Container, Iterable, Iterator, Mapping
from typing import NamedTuple

from shipworthy.escape import catalogue
from shipworthy.escape.besides import keys_of_items, other_calls
from shipworthy.escape.boundaries import Boundary, Checked
from shipworthy.escape.catalogue import Likelihood
from shipworthy.escape.catching import passes_on
from shipworthy.escape.chat import CHATS
from shipworthy.escape.escaping import CHOICE, GIVEN, HEADER, HIDDEN, ITEM, LASTING, Escaping, Key, Origin
from shipworthy.escape.flows import ANSWER, LISTED, MARKS, WATCHED
from shipworthy.escape.ir import Function, Loop, Try, within
from shipworthy.escape.meanings import IMPORTS
from shipworthy.escape.program import Name
from shipworthy.escape.refusals import REFUSED, is_refused
from shipworthy.escape.registrations import Kind
from shipworthy.escape.shrugs import is_missing_program, is_of_collection, is_of_one_item, is_plain, is_shrugged_at
from shipworthy.escape.stored import DECODERS, ENVIRONMENT, HANDWRITTEN, OWN, SETTINGS, STORED
from shipworthy.escape.summaries import Summaries
from shipworthy.escape.weighing import is_called_by_programs, is_of_connection, is_signed_in
from shipworthy.escape.words import LASTING_PROGRAMS, READING, SIGNED
from shipworthy.facts.model import ABSENT, DATABASES, MISSING, NUMBERS, UNMATCHED
from shipworthy.model import Span

COMMAND = "unhandled-in-command"
INPUT = "unvalidated-request-input"
UPSTREAM = "unhandled-upstream-failure"
WORKER = "worker-dies-on-error"
CONSUMER = "consumer-dies-on-error"
FUTURE = "lost-future"
BATCH = "one-item-kills-batch"
CALLBACK = "callback-raises"
STATE = "half-written-state"
OPTIONAL = "unchecked-optional"

_LEAST: Mapping[Kind, Likelihood] = {
    Kind.COMMAND: Likelihood.USER,
    Kind.SCRIPT: Likelihood.USER,
    Kind.VIEW: Likelihood.PEER,
    Kind.CONNECTION: Likelihood.PEER,
    Kind.THREAD: Likelihood.USER,
    Kind.FUTURE: Likelihood.USER,
    Kind.QUEUE_TASK: Likelihood.PEER,
    Kind.EVENT: Likelihood.PEER,
    Kind.RECORDS: Likelihood.PEER,
    Kind.CALLBACK: Likelihood.USER,
    Kind.STARTUP: Likelihood.USER,
}
"""How ordinary a failure must be before it counts at a boundary."""

_RULES: Mapping[Kind, str] = {
    Kind.COMMAND: COMMAND,
    Kind.SCRIPT: COMMAND,
    Kind.THREAD: WORKER,
    Kind.FUTURE: FUTURE,
    Kind.QUEUE_TASK: UPSTREAM,
    Kind.EVENT: CALLBACK,
    Kind.RECORDS: CONSUMER,
    Kind.CALLBACK: CALLBACK,
    Kind.STARTUP: "",
}
_RULES_OF_LOOPS = {"worker": WORKER, "batch": BATCH}
_LABELS = {"worker": "the worker loop", "batch": "the loop over items"}
_PARSING = frozenset({"ValueError", "decimal.InvalidOperation", "LookupError", "struct.error", "yaml.YAMLError"})
"""What text that does not parse raises; these and their children."""
_ANSWERS = (".json", ".text", "bytes.decode")
"""What reads the answer of a server as what it is documented to be: nobody expects a command to handle that."""
_OWN_SERVERS = (
    "asyncpg.",
    "kafka.",
    "psycopg",
    "pymongo.",
    "pymysql.",
    "redis.",
    "sqlalchemy.",
    "sqlite3.",
)
"""How exceptions begin that come from servers without which a program can do nothing: it ends, and is
started again when they are back."""
_SENT = frozenset({"callback", "ctx", "event", "interaction", "message", "msg", "query", "update"})
"""What parameters are called that hold what a person has sent, who waits for an answer."""
_CONNECTING = (".connect", ".create_pool")
"""How calls end that show first whether such a server is there, and its name and password right."""
_CACHE = re.compile(r"(?i)cache")
"""What a file, class or function is called that spares work: without it, a view can still answer."""
_UNMATCHED = ("bson.errors.InvalidId",)
"""How other exceptions end that are raised though a parameter looks as its route says."""
_GONE = ("ConnectionError", "aiohttp.ClientConnectionResetError")
"""What says that whoever sent the messages is gone: a loop over them is over then."""
_LEFT = "starlette.websockets.WebSocketDisconnect"
_BROAD = frozenset({"Exception", "BaseException"})
"""What a handler names that thinks of nothing in particular."""
_WRITTEN_OUT = NUMBERS | {"uuid.UUID", "datetime.datetime.fromisoformat", "datetime.date.fromisoformat"}
"""Calls that read what `str` has written."""
_SILENT = frozenset({CALLBACK, CONSUMER, WORKER})
"""The rules that tell of outages of databases."""
_VIEWS = frozenset({Kind.VIEW, Kind.CONNECTION})
_RUN = frozenset({Kind.COMMAND, Kind.SCRIPT})
_SETTINGS = frozenset({ENVIRONMENT, OWN, SETTINGS})
_READ = DECODERS | HANDWRITTEN
_GIVEN = frozenset({ANSWER, LISTED})
_NEEDING_SERVERS = _RUN | _VIEWS | {Kind.EVENT, Kind.QUEUE_TASK}
_NEAR = 1
"""So many calls below a command its user's files are still thought to be looked at for the first time."""
_FARTHEST = 4
_FARTHEST_OF = {INPUT: 2, WORKER: 3, CONSUMER: 3, FUTURE: 3}
"""So many calls below a boundary an error is still told of: what a request holds is looked at early, or is not its."""
_LONGEST_WAY = 20
_MOST_BESIDES = 3


class Stop(NamedTuple):
    """A place on the way from the boundary to where the error arises."""

    name: Name
    at: Span


class Reached(NamedTuple):
    """An error that arises at `origin` and reaches a boundary: one for each origin and rule.

    `way`: the calls from the boundary inwards, the origin's own not among them. `loop`: the loop that
    the error ends, if there is one. `mild`: see Boundary. `others`: whether it reaches other boundaries,
    or by other calls, or whether others call the function that is a boundary. `dropped`: the handler outside of the
    loop that throws it away. `besides`: places that are named too, with what they say. `framework`, `awaited`: see
    Boundary.
    """

    rule: str
    kind: Kind
    exceptions: tuple[str, ...]
    origin: Origin
    boundary: str
    way: tuple[Stop, ...]
    loop: Stop | None
    mild: bool = False
    others: bool = False
    dropped: Stop | None = None
    besides: tuple[tuple[Stop, str], ...] = ()
    framework: str = ""
    awaited: bool = False


def of_boundary(summaries: Summaries, boundary: Boundary) -> Iterator[Reached]:
    """What reaches a boundary; global handlers are not looked at."""
    return _once(_by_input(_reaching(summaries, boundary)))


def _by_input(found: Iterable[tuple[Reached, bool]]) -> Iterator[Reached]:
    """What is found, each with whether it says that something cannot be written where it was to be.

    What a person tells a command to read may well be missing; where it should write, that is too rare to be told by
    itself, yet the handler that is missing for the one is for the other.
    """
    read: list[Reached] = []
    written: set[Origin] = set()
    for one, is_written in found:
        if is_written and one.rule == COMMAND:
            written.add(one.origin)
        else:
            read.append(one)
    nearest = sorted((one for one in read if one.rule == COMMAND), key=lambda one: (len(one.way), one.origin[:3]))
    besides: dict[Origin, list[tuple[Stop, str]]] = {}
    for other in sorted(written) if nearest else ():
        told = next((one.origin for one in nearest if one.origin.name == other.name), nearest[0].origin)
        besides.setdefault(told, []).append((Stop(other.name, other.at), "this may not be written either"))
    for one in read:
        beside = besides.get(one.origin, ()) if one.rule == COMMAND else ()
        yield one._replace(besides=(*one.besides, *beside[:_MOST_BESIDES])) if beside else one


def _once(found: Iterable[Reached]) -> Iterator[Reached]:
    """What is found; of all that asks a database whose outages are told the nearest, with the others besides."""
    outages: dict[object, list[Reached]] = {}
    for one in found:
        is_silent = one.rule in _SILENT or one.kind is Kind.CONNECTION
        if one.mild and is_silent and one.exceptions[0].startswith(DATABASES):
            outages.setdefault((one.rule, one.loop, one.exceptions[0].partition(".")[0]), []).append(one)
        else:
            yield one
    for some in outages.values():
        some.sort(key=lambda one: (len(one.way), one.origin[:3]))
        others = dict.fromkeys(Stop(one.origin.name, one.origin.at) for one in some[1:])
        besides = [(stop, "it may be gone here too") for stop in itertools.islice(others, _MOST_BESIDES)]
        yield some[0]._replace(besides=(*some[0].besides, *besides))


def _reaching(summaries: Summaries, boundary: Boundary) -> Iterator[tuple[Reached, bool]]:
    for one in summaries.of(boundary.name).values():
        rule = _rule(boundary, one) if not _begins_anew(summaries, boundary, one) else ""
        if rule == COMMAND and is_shrugged_at(one):
            continue
        if rule == UPSTREAM and boundary.gives_up and not _is_missing(one):
            continue
        if boundary.repeats and _is_left_to_repetition(summaries, boundary, one):
            continue
        ends = boundary.name.path, one.origin.name.path
        if one.origin.what == CHOICE and any("choices=" in summaries.program.units[path].marks for path in ends):
            continue  # the parser of arguments refuses what is not there
        is_silence = _is_silence(summaries, boundary, one)
        is_signed = SIGNED in summaries.program.units[boundary.name.path].marks
        if rule and (is_silence or _counts(boundary, one, is_signed=is_signed)):
            found = _escape(summaries, rule, boundary.kind, boundary.label, boundary.name, one)
            if _is_near(found) and not _is_checked(boundary, found):
                mild = boundary.mild or is_refused(found.exceptions) or _is_spared(boundary, one)
                mild = mild or is_silence or _is_mild(summaries, found, one) or is_watched(one)
                besides = tuple(_besides(summaries, boundary, found, one))
                found = found._replace(framework=boundary.framework, awaited=boundary.awaited)
                yield found._replace(mild=mild, besides=besides), one.written


def _begins_anew(summaries: Summaries, boundary: Boundary, one: Escaping) -> bool:
    """Whether a program that goes on for ever does not find its database when it begins: it is started again."""
    is_first = boundary.kind in _RUN and one.origin.what.endswith(_CONNECTING)
    return is_first and not summaries.program.units[boundary.name.path].marks.isdisjoint(LASTING_PROGRAMS)


def _besides(summaries: Summaries, boundary: Boundary, found: Reached, one: Escaping) -> Iterator[tuple[Stop, str]]:
    """The other calls in a boundary that an error comes by, and the line of its program that it ends."""
    if boundary.runner is not None:
        name, at = boundary.runner
        yield Stop(name, at), "it ends the program here, which runs all jobs"
    if found.way:
        others = other_calls(summaries, boundary.name, (one.exception, one.origin), found.way[0].at)
        for at in itertools.islice(others, _MOST_BESIDES):
            yield Stop(boundary.name, at), "it comes on this way too"
    is_parsed = not _PARSING.isdisjoint(catalogue.ancestors(one.exception))
    if found.kind in _RUN and (is_parsed or _names_nothing(one)):
        keys = [Stop(one.origin.name, at) for at in _keys(summaries, boundary, one)]
        if is_parsed and found.way:
            keys += itertools.starmap(Stop, keys_of_items(summaries, found.way[-1].name, one.origin.name))
        for stop in itertools.islice(dict.fromkeys(keys), _MOST_BESIDES):
            yield stop, "this key may be missing too"


def _keys(summaries: Summaries, boundary: Boundary, one: Escaping) -> list[Span]:
    """Where the function reads keys of what comes from outside in which an error arises: by themselves, in a command
    nobody expects them to be missing.
    """
    here = (key for key in summaries.of(boundary.name).values() if key.origin.name == one.origin.name)
    keys = [key.origin.at for key in here if key.exception == "KeyError" and key.origin.what == ITEM]
    return sorted(at for at in keys if not at.overlaps(one.origin.at))


def of_loops(summaries: Summaries, name: Name, roots: Container[Name]) -> Iterator[Reached]:
    """What ends the endless loops of a function and its loops over messages, and nobody around them handles; and what
    ends loops over items, of which a handler in the function says nothing.

    `roots`: functions that somebody else calls, so that nobody is around them.
    """
    return _once(_ending(summaries, name, roots))


def _ending(summaries: Summaries, name: Name, roots: Container[Name]) -> Iterator[Reached]:
    function = summaries.program.units[name.path].functions[name.function]
    for key, one in summaries.of(name).items():
        around = _ended(one, name)
        if not around:
            continue
        worker = around == "worker"
        if one.exception == _LEFT:
            continue  # with whom the loop is there for; told of where it ends
        is_outage = one.likelihood < Likelihood.USER and one.exception.startswith(DATABASES)
        if not worker and not is_outage and one.exception.startswith((*_OWN_SERVERS, *_GONE)):
            continue
        if _is_of_others(function, around, one) and (is_outage or one.likelihood >= Likelihood.USER):
            label = _LABELS.get(around, "the loop over messages")
            of_one = is_of_connection(function) or around in {"answer", "connection"}
            kind = Kind.RECORDS if around == "records" else Kind.CONNECTION if of_one else Kind.LOOP
            if of_one and (one.dropped is not None or one.exception.startswith("websockets.ConnectionClosed")):
                continue  # a connection that fails is over
            rule = STATE if one.condition and STORED in one.condition else _RULES_OF_LOOPS.get(around, CONSUMER)
            rule = OPTIONAL if one.origin.what == ABSENT else rule
            if rule == BATCH and not is_of_one_item(one):
                continue
            found = _escape(summaries, rule, kind, label, name, one)
            is_left = around == "batch" or not _is_handled_above(summaries, name, key, roots)
            if _is_near(found) and is_left:
                mild = around == "answer" or is_outage or is_watched(one)
                yield found._replace(mild=mild or _is_delivered_again(found))


def _is_of_others(function: Function, around: str, one: Escaping) -> bool:
    """Whether an error that ends a loop may come of what others sent: the records of an event, or what comes out of a
    connection that the function is handed.
    """
    if is_watched(one):
        return around == "worker"
    is_handed = around in {"records", "connection"}
    given = frozenset(parameter.name for parameter in function.parameters) if is_handed else frozenset[str]()
    given |= {f"{name}!" for name in given}
    return one.condition is None or bool(one.condition & (MARKS - _SETTINGS | given))


def _is_delivered_again(found: Reached) -> bool:
    """Whether it is an outage that fails a batch of records: it is over when they are delivered again."""
    return found.kind is Kind.RECORDS and catalogue.is_remote(found.origin.what)


def is_watched(one: Escaping) -> bool:
    """Whether an error says that a folder is not there any more, or a file in it, which was there at the start."""
    return one.condition is not None and WATCHED in one.condition


def has_loop(summaries: Summaries, name: Name) -> bool:
    """Whether something ends a loop of this function that should not end, whoever handles it above."""
    return any(_ended(one, name) for one in summaries.of(name).values())


def _ended(one: Escaping, name: Name) -> str:
    """The kind of the loop in a function that an error ends and that should not end; "" if there is none.

    Of a loop over items, the function counts that drops the error.
    """
    around = one.round
    if around is not None and around.kind == "batch":
        return "batch" if one.dropped is not None and one.dropped[0] == name else ""
    return around.kind if around is not None and around.name == name and around.kind in LASTING else ""


def _is_handled_above(summaries: Summaries, name: Name, key: Key, roots: Container[Name]) -> bool:
    """Whether every way up from a function meets somebody who handles what escapes from it."""
    seen = {name}
    todo = [name]
    while todo:
        here = todo.pop()
        callers = summaries.callers_of(here)
        if here in roots or not callers:
            return False
        above = {caller for caller in callers if key in summaries.of(caller)} - seen
        seen |= above
        todo.extend(above)
    return True


def merged(escapes: Iterable[Reached]) -> list[Reached]:
    """One escape for each origin and rule: the shortest way, with the exceptions of all and the other ones beside it.

    What ends a command is not told once more as what ends a script's work on one item, and that a program is missing
    once: where there is the first, there are the others.
    """
    alike: dict[tuple[str, Origin], list[Reached]] = {}
    for escape in escapes:
        alike.setdefault((escape.rule, escape.origin), []).append(escape)
    of_batch = {(COMMAND, origin): some for (rule, origin), some in alike.items() if rule == BATCH}
    once = [
        _as_one(some, of_batch.get((rule, origin), ()))
        for (rule, origin), some in alike.items()
        if rule != BATCH or (COMMAND, origin) not in alike
    ]
    programs = [one for one in once if one.rule == COMMAND and is_missing_program(one.exceptions, one.origin.what)]
    first = min(programs, key=_nearness, default=None)
    told = (one for one in once if one == first or one not in programs)
    return sorted(told, key=lambda escape: (escape.origin.name, escape.origin.at, escape.rule))


def _as_one(escapes: list[Reached], besides_them: Iterable[Reached]) -> Reached:
    """The nearest of some escapes that arise alike, for all of them, and for some that are not told themselves."""
    nearest, *others = sorted(escapes, key=_nearness)
    exceptions = sorted({name for one in escapes for name in one.exceptions})
    farther = [*others, *sorted(besides_them, key=_nearness)]
    elsewhere = {one.way[0]: one.boundary for one in reversed(farther) if one.way and one.boundary != nearest.boundary}
    named = {*nearest.way, *(stop for stop, _ in nearest.besides)}
    besides = [(stop, f"it reaches {elsewhere[stop]} here") for stop in sorted(elsewhere) if stop not in named]
    return nearest._replace(
        exceptions=tuple(exceptions),
        others=nearest.others or any(one.others or _begins(one) != _begins(nearest) for one in others),
        besides=(*nearest.besides, *besides[:_MOST_BESIDES]),
    )


def _nearness(escape: Reached) -> tuple[object, ...]:
    return escape.mild, len(escape.way), escape.boundary, escape.way


def _begins(escape: Reached) -> object:
    return escape.boundary, escape.way[:1], escape.loop


def _is_near(found: Reached) -> bool:
    """Whether a failure is close enough to the boundary to be told of there.

    On long ways there is mostly somebody who has looked after it. That goes sooner for the files and
    folders that the user of a command names.
    """
    steps = sum(not stop.name.function.startswith("<") for stop in found.way)
    if steps > _FARTHEST_OF.get(found.rule, _FARTHEST):
        return False
    return found.kind not in _RUN or steps <= _NEAR or not _is_local(found)


def _is_local(found: Reached) -> bool:
    """Whether a file cannot be opened, or holds no such item."""
    of_files = all("OSError" in catalogue.ancestors(one) for one in found.exceptions)
    return found.origin.what in {CHOICE, UNMATCHED} or (of_files and not catalogue.is_remote(found.origin.what))


def _is_left_to_repetition(summaries: Summaries, boundary: Boundary, one: Escaping) -> bool:
    """Whether a function that is called again after a failure handles such an outage elsewhere: it knows of it."""
    if not catalogue.is_remote(one.origin.what):
        return False
    unit = summaries.program.units[boundary.name.path]
    function = unit.functions[boundary.name.function]
    handlers = (handler for tried in within(function.body) if isinstance(tried, Try) for handler in tried.handlers)
    return any(
        handler.types is not None
        and _BROAD.isdisjoint(handler.types)
        and summaries.catching.is_caught(unit, function, one.exception, one.bases, handler.types)
        and not passes_on(handler)
        for handler in handlers
    )


def _is_mild(summaries: Summaries, found: Reached, one: Escaping) -> bool:
    """Whether a failure harms little for the way that it takes to a view.

    Somebody on it lets only those in who have signed in, or what does not parse is far from where it came in.
    """
    if found.rule not in {INPUT, UPSTREAM}:
        return False
    if len(found.way) > 1 and not _PARSING.isdisjoint(catalogue.ancestors(one.exception)):
        return True
    names = (*(stop.name for stop in found.way[1:]), found.origin.name)
    return any(is_signed_in(summaries.program.units[name.path].functions[name.function]) for name in names)


def _is_silence(summaries: Summaries, boundary: Boundary, one: Escaping) -> bool:
    """Whether a bot leaves whoever has asked it without a word, or a lasting connection is dropped, since the database
    is gone or refuses a row.
    """
    if not one.exception.startswith(DATABASES):
        return False
    unit = summaries.program.units[boundary.name.path]
    function = unit.functions[boundary.name.function]
    summaries.names.note_name(unit.path, IMPORTS)
    names = {parameter.name for parameter in function.parameters}
    holds = one.condition is None or not boundary.outside.isdisjoint(one.condition)
    if boundary.kind is Kind.CONNECTION:
        return holds and any(isinstance(part, Loop) and not part.source for part in within(function.body))
    return (
        holds and boundary.kind is Kind.EVENT and not unit.libraries.isdisjoint(CHATS) and not names.isdisjoint(_SENT)
    )


def _is_checked(boundary: Boundary, found: Reached) -> bool:
    """Whether somebody has looked at what a view was sent before it was used where an error arises."""
    handed_on = Checked.WITHIN if found.way else Checked.BEFORE
    return found.rule == INPUT and boundary.checked >= handed_on and not is_refused(found.exceptions)


def _counts(boundary: Boundary, one: Escaping, *, is_signed: bool) -> bool:
    if one.exception.endswith(REFUSED):
        given = boundary.outside | boundary.matched | ({ANSWER} if is_called_by_programs(boundary.name) else set[str]())
        answers = boundary.kind in {*_VIEWS, Kind.EVENT} and one.likelihood >= Likelihood.USER
        return answers and (one.condition is None or not given.isdisjoint(name.rstrip("!") for name in one.condition))
    is_file_of_many = boundary.kind is Kind.QUEUE_TASK and _is_of_listing(one)
    is_named = one.origin.what in READING and any(name.endswith("!") for name in one.condition or ())
    is_file_of_message = boundary.kind is Kind.EVENT and is_named
    if one.likelihood < (Likelihood.USER if is_file_of_many or is_file_of_message else _LEAST[boundary.kind]):
        return False
    if boundary.retried and not boundary.retried.isdisjoint(catalogue.ancestors(one.exception)):
        return False
    if boundary.kind is Kind.CONNECTION and one.exception.startswith("websockets.ConnectionClosed"):
        return False  # whoever should be answered is gone
    if boundary.kind in _RUN and one.origin.what.endswith(_ANSWERS):
        return False
    if boundary.kind is not Kind.COMMAND and one.exception == "FileNotFoundError" and one.condition is None:
        return False  # where a script or a service runs, the programs that it needs are there
    if boundary.kind in _VIEWS and one.origin.what == ITEM and one.likelihood < Likelihood.PEER:
        return False  # a file of the program's own has the keys that the program has put there
    if boundary.kind in _VIEWS and one.origin.what == ITEM and is_signed:
        return False  # it is one program that sends this, and no other: it has the keys that are documented
    if boundary.kind in _VIEWS and "WebSocket" in one.origin.what:
        return _is_departure(boundary.kind, one)  # else whoever should be answered is gone
    if boundary.kind is Kind.QUEUE_TASK and (
        one.origin.what in {*_WRITTEN_OUT, CHOICE} or one.origin.what.endswith(".json")
    ):
        return False  # what the program itself has put into the queue; an answer that is none should fail the task
    of_server = one.exception.startswith(_OWN_SERVERS) and not _is_missing(one)
    is_first = boundary.kind in _RUN and one.origin.what.endswith(_CONNECTING)
    if boundary.kind in _NEEDING_SERVERS and of_server and not is_first and not _is_spared(boundary, one):
        return False
    if boundary.kind is Kind.COMMAND and one.origin.what == ITEM and one.condition is not None:
        return False  # what the shell passes has no keys
    is_unmatched = _is_missing(one) or one.exception.endswith(_UNMATCHED)
    is_unmatched |= boundary.kind is Kind.COMMAND and "OSError" not in catalogue.ancestors(one.exception)
    outside = boundary.outside | boundary.matched if is_unmatched else boundary.outside
    if boundary.kind in _VIEWS and one.origin.what in _READ and one.condition and _is_of_own(one.condition):
        return False  # the file is the program's own, whichever of them the request names
    if one.condition is None or not outside.isdisjoint(name.rstrip("!") for name in one.condition):
        return True
    if WATCHED in one.condition:
        return boundary.runner is not None
    if STORED in one.condition:
        return True
    if one.condition & _SETTINGS:
        return boundary.kind in _RUN
    if boundary.kind in _RUN:
        # Whatever form is promised, there may be no such item.
        is_unmatched = one.origin.what == UNMATCHED and not one.condition.isdisjoint(_GIVEN)
        return is_unmatched or _is_of_listing(one) or _names_nothing(one)
    if ANSWER in one.condition and _is_missing(one) and boundary.kind in _VIEWS:
        return True  # in a documented form, it may still name what is not there
    return bool(one.condition & MARKS) and boundary.kind not in _VIEWS


def _is_missing(one: Escaping) -> bool:
    """Whether what is looked up is not there."""
    return one.origin.what == ABSENT or one.exception.endswith(MISSING)


def _is_of_own(condition: frozenset[str]) -> bool:
    """Whether what is read stands in a file of the program's own, which is whole."""
    return not condition.isdisjoint({OWN, SETTINGS}) and STORED not in condition


def _names_nothing(one: Escaping) -> bool:
    """Whether one of many items that a server has sent, in a documented form, may name a row that is not there."""
    is_batch = one.round is not None and one.round.kind == "batch"
    return is_batch and one.exception.endswith(MISSING) and one.condition is not None and ANSWER in one.condition


def _is_departure(kind: Kind, one: Escaping) -> bool:
    """Whether a client leaves, which every client does, while the program waits for its next message."""
    return kind is Kind.CONNECTION and one.exception == _LEFT and ".receive_" in one.origin.what


def _is_spared(boundary: Boundary, one: Escaping) -> bool:
    """Whether a view fails with a cache in memory that it could do without."""
    name, is_in_memory = one.origin.name, one.exception.startswith("redis.")
    return is_in_memory and boundary.kind is Kind.VIEW and _CACHE.search(f"{name.path}.{name.function}") is not None


def _is_of_listing(one: Escaping) -> bool:
    """Whether a loop over what was found in a folder ends with one of the files."""
    is_batch = one.round is not None and one.round.kind == "batch"
    return is_batch and one.condition is not None and LISTED in one.condition


def _rule(boundary: Boundary, one: Escaping) -> str:
    """The rule that an escape falls under; "" if it is none of ours to tell."""
    kind = one.round.kind if one.round is not None else ""
    if _is_departure(boundary.kind, one):
        return CALLBACK
    if kind in LASTING or one.dropped is not None or one.exception == GIVEN:
        return ""  # told once, for the loop itself; or nothing that fails
    if one.origin.what == ABSENT and boundary.kind is not Kind.STARTUP:
        return UPSTREAM if boundary.kind in _VIEWS and one.exception != HIDDEN else OPTIONAL
    if one.condition is not None and STORED in one.condition and boundary.outside.isdisjoint(one.condition):
        return "" if boundary.kind in _RUN else STATE  # whoever starts a command sees which file it cannot read
    if one.origin.what == ITEM and boundary.kind not in _VIEWS:
        typed = boundary.kind is Kind.EVENT and one.exception != "KeyError"
        return CALLBACK if typed else ""  # keys are there: programs send them
    if one.origin.what == HEADER and boundary.kind in _VIEWS:
        return ""  # a view asks servers that it knows
    if boundary.kind in _VIEWS:
        known = catalogue.known(one.origin.what)
        types = catalogue.ancestors(one.exception)
        is_parsed = "." in one.exception or "OSError" not in types
        of_input = known is not None and known.depends_on and is_parsed
        if (of_input or one.exception.endswith(REFUSED)) and not one.exception.endswith(MISSING):
            return INPUT
        of_request = known is None or "Request." in one.origin.what or one.origin.what.startswith("outside.sent.")
        if of_request and not _PARSING.isdisjoint(types):
            return INPUT
        return "" if one.origin.what == "outside.bytes.decode" else UPSTREAM  # an outage brings no broken text
    if boundary.kind is Kind.QUEUE_TASK and _is_of_listing(one):
        return BATCH
    if boundary.kind is Kind.SCRIPT and kind == "batch":
        told = is_of_one_item(one) and not (_is_of_listing(one) and is_plain(one))
        is_alone = one.origin.what in READING or (is_of_collection(one) and not _is_of_listing(one))
        return BATCH if told else COMMAND if is_alone else ""
    if boundary.kind is Kind.COMMAND and _is_of_listing(one):
        return BATCH if is_of_one_item(one) and not is_plain(one) else ""
    return _RULES[boundary.kind]


def _escape(summaries: Summaries, rule: str, kind: Kind, label: str, start: Name, one: Escaping) -> Reached:
    way: list[Stop] = []
    name, here, key = start, one, (one.exception, one.origin)
    while here.hop is not None and len(way) < _LONGEST_WAY:
        way.append(Stop(name, here.hop[0]))
        name = here.hop[1]
        summaries.passed.add(name)
        inner = summaries.of(name).get(key)
        if inner is None:
            break
        here = inner
    loop = Stop(one.round.name, one.round.at) if one.round is not None and one.round.kind else None
    dropped = Stop(*one.dropped) if one.dropped is not None else None
    return Reached(rule, kind, (one.exception,), one.origin, label, tuple(way), loop, dropped=dropped)
