"""Whether a value comes from outside the program: from a user, a peer, a request."""

from __future__ import annotations

import re
from collections.abc import Iterable, Set

from shipworthy.escape import catalogue, stored
from shipworthy.escape.ir import DIGITS, KEYED, MADE, PARAMETER, QUEUED, Flow, Function
from shipworthy.escape.meanings import (
    External,
    Instance,
    Meaning,
    ProjectClass,
    ProjectFunction,
    ProjectObject,
    options_of,
)
from shipworthy.escape.names import Names
from shipworthy.escape.program import ByFunction, Name, Program, Unit
from shipworthy.escape.resting import Resting, Symbol
from shipworthy.escape.words import CHECKING_NAME, OWN_ATTRIBUTES, PASSING_FUNCTIONS, SOURCES, VALIDATED

OUTSIDE: frozenset[str] | None = None
"""A condition that is fulfilled: the value comes from outside whoever calls."""

NOWHERE: frozenset[str] = frozenset()
"""A condition that never is: the value is the program's own."""

ANSWER = "<answer>"
"""Stands among the parameters of a condition for what a server answered: it comes from outside, yet in a
documented form, which a command may rely on and a service may not."""

LISTED = "<listed>"
"""Stands there too, for files that were found in a folder, or fetched: they are there, yet somebody else wrote them."""

WATCHED = "<watched>"
"""Stands there for a folder that the settings name: it is there when a program starts, and not for ever."""

MARKS = frozenset({ANSWER, LISTED, WATCHED}) | stored.MARKS
"""What may stand among the parameters of a condition."""

_LISTINGS = frozenset(
    {"os.listdir", "os.walk", "os.scandir", "glob.glob", "glob.iglob"}
    | {f"pathlib.Path.{name}" for name in ("glob", "rglob", "iterdir")}
    | {"boto3.client.download_file", "boto3.resource.download_file", "google.cloud.storage.Blob.download_to_filename"}
    | {"urllib.request.urlretrieve", "telegram.File.download_to_drive"}
)

_ANSWERS = (
    "requests.Response",
    "httpx.Response",
    "httpx2.Response",
    "aiohttp.ClientResponse",
    "http.client.HTTPResponse",
    "urllib3.HTTPResponse",
    "tornado.httpclient.HTTPResponse",
    "boto3.object",
)
"""Types of answers."""

_OUTPUTS = ("subprocess.CompletedProcess.", "subprocess.check_output", "subprocess.getoutput")
"""How names begin of what another program has put out: an answer as well."""

_SIGNED = ("stripe.Webhook.construct_event", "stripe.Event.construct_from")
"""What another program has sent of its own accord, in a documented form, and signed."""

_TYPES = frozenset({"outside", "argparse.Namespace"})
"""Types whose objects hold what somebody else wrote."""

_MARKS = frozenset({MADE, KEYED, DIGITS})
"""What stands for calls in atoms that pass their values on, as far as anybody asks."""

_MAKERS = frozenset({MADE, KEYED, "os.path.join", "format"})
_SOURCE_MEMBERS = tuple(f"{name}." for name in (*SOURCES, *_TYPES))
_OWN_MEMBERS = tuple(
    f"{name}.{attribute}." for name in SOURCES if name.lower().endswith("request") for attribute in OWN_ATTRIBUTES
)
"""What the program itself puts into a request, and all that is in it."""
_ANSWER_MEMBERS = (*(f"{name}." for name in _ANSWERS), *_OUTPUTS, *_SIGNED)


class Flows:
    """Answers for the flows of functions, given what their names stand for."""

    def __init__(self, program: Program, names: Names) -> None:
        self._program, self._names = program, names
        self.results: ByFunction[frozenset[str] | None] = ByFunction()
        self._askers: dict[Name, set[tuple[str, str]]] | None = None
        self._rests: Resting[Name] = Resting()

    def settle(self) -> None:
        """Find anew what every function gives back, in an order that does not depend on who asks."""
        self.results.clear()
        self._askers = {}
        self._rests = Resting()
        for name in sorted(Name(path, one) for path, unit in self._program.units.items() for one in unit.functions):
            self.result(name)

    def follow(self, functions: Iterable[Name], symbols: Set[Symbol]) -> set[Name] | None:
        """Some functions give back something else, and symbols stand for something else. The functions that ask what
        any function gives back of which the answer is another one now; None if that cannot be told, as where functions
        ask each other.
        """
        asking: set[Name] = set()
        before: list[tuple[Name, frozenset[str] | None]] = []
        todo = [(name, frozenset[Name]()) for name in {*functions, *self._rests.on(symbols)}]
        while todo:
            name, below = todo.pop()
            if name.function not in self._program.units[name.path].functions:
                self.results.of_file(name.path).pop(name.function, None)
                continue
            before.append((name, self.results.of_file(name.path).pop(name.function, NOWHERE)))
            if self.result(name) == before[-1][1]:
                continue
            askers = self._askers.get(name, ()) if self._askers is not None else None
            found = {one for asker in askers for one in self._functions(*asker)} if askers is not None else {name}
            if name in found or not below.isdisjoint(found):
                for one, result in reversed(before):
                    self.results.of_file(one.path)[one.function] = result
                return None
            asking |= found
            todo.extend((one, below | {name}) for one in found)
        return asking

    def _functions(self, path: str, name: str) -> Iterable[Name]:
        """The functions of a file that have this name themselves: of its module there are several."""
        unit = self._program.units.get(path)
        return [Name(path, key) for key, one in unit.functions.items() if one.name == name] if unit is not None else []

    def _asked(self, unit: Unit, function: Function, callee: Name) -> frozenset[str] | None:
        """What a function gives back, for another one."""
        if self._askers is not None:
            self._askers.setdefault(callee, set()).add((unit.path, function.name))
        return self.result(callee)

    def result(self, name: Name) -> frozenset[str] | None:
        """Where what a function gives back comes from, as `origin` says it. Of a recursion, what the rest says."""
        results = self.results.of_file(name.path)
        if name.function not in results:
            results[name.function] = NOWHERE
            unit = self._program.units[name.path]
            function = unit.functions[name.function]
            words = (function.name, *(one.name for one in function.parameters))
            if not any(CHECKING_NAME.search(word) for word in words):
                # of a mapping of its own, the caller takes whatever: mostly not what was sent
                returned = frozenset(atom for atom in function.returned if f"|{KEYED}" not in atom)
                results[name.function], rests = self._names.during(lambda: self.origin(unit, function, returned))
                self._rests.note(name, rests)
        return results[name.function]

    def origin(
        self, unit: Unit, function: Function, flow: Flow, *, itself: bool = False, taken: Flow = frozenset()
    ) -> frozenset[str] | None:
        """OUTSIDE, or the parameters that the value comes from; NOWHERE if it is the program's own.

        With `itself`, what is merely made of an outside value does not count, be it put together or given
        back by the project's own code, and parameters that must hold such a value themselves end with `!`.
        `taken`: what comes out of queues on the way here; some put into themselves what they could not work off.
        """
        parameters: set[str] = set()
        own = self._names.of_program(flow)
        for atom in flow:
            source, *through = atom.split("|")
            if itself and any(self._makes(unit, function, callee) for callee in through):
                continue
            if not all(self._passes(unit, function, callee) for callee in through):
                continue
            if any(f"{one}.".startswith(f"{source}.") for one in own):
                continue
            if stored.is_of_own(source):
                parameters |= stored.marks_of(source, unit.marks)
            elif source.startswith(PARAMETER):
                name = source.removeprefix(PARAMETER).partition(".")[0].rstrip("[]()")
                parameters.add(f"{name}!" if itself else name)
                if "." in source and self._kind(unit, function, source) is OUTSIDE:
                    return OUTSIDE
            else:
                kind = self._kind(unit, function, source)
                if kind == _ENVIRONMENT and not (_MAKERS.isdisjoint(through) and _JOINED.isdisjoint(flow)):
                    continue  # within a folder that it names the program says what there is
                if kind == NOWHERE and source not in taken and (queued := self._queued(unit, function, source)):
                    kind = self.origin(unit, function, queued, taken=taken | {source})
                if kind is None:
                    return OUTSIDE
                parameters |= kind
        return frozenset(parameters)

    def _queued(self, unit: Unit, function: Function, source: str) -> Flow:
        """Where what is taken out of a queue comes from, as far as the same file has put it there."""
        queue, _, method = source.rpartition(".")
        put = unit.attributes.get(f"{QUEUED}{queue}") if method in {"get()", "get_nowait()"} else None
        meaning = self._names.resolve(unit, function, source.removesuffix("()")) if put else None
        is_queue = isinstance(meaning, External) and meaning.name.rpartition(".")[0] in _QUEUES
        return frozenset(put.split()) if put and is_queue else NOWHERE

    def _makes(self, unit: Unit, function: Function, callee: str) -> bool:
        """Whether a call makes something new of its arguments."""
        own = callee not in _MAKERS and self._names.resolve(unit, function, callee)
        return callee in _MAKERS or isinstance(own, ProjectFunction | ProjectClass)

    def _passes(self, unit: Unit, function: Function, callee: str) -> bool:
        if callee in _MARKS:
            return True
        for meaning in options_of(self._names.resolve(unit, function, callee)):
            if isinstance(meaning, ProjectFunction):
                result = self._asked(unit, function, meaning.name)
                if result and result - MARKS:
                    return True
            elif isinstance(meaning, External) and meaning.name in PASSING_FUNCTIONS:
                return True
        return False

    def _kind(self, unit: Unit, function: Function, source: str) -> frozenset[str] | None:
        """Whether a value is OUTSIDE, an ANSWER, LISTED, or nothing of that."""
        if "parse_args()" in source or "parse_known_args()" in source:
            return OUTSIDE
        if _VALIDATED.search(source) is not None:
            return _ANSWERED
        found = self._meant(unit, function, source)
        if found is not None and not found and "[]" in source:
            return self._meant(unit, function, source.replace("[]", ""))
        return found

    def _is_sent_text(self, unit: Unit, function: Function, path: str) -> bool:
        """Whether a value is a text in what a client of a web service sent, of which the model says nothing more."""
        owner, _, field = path.rpartition(".")
        if not owner.startswith("@") or unit.libraries.isdisjoint(_SERVING_MODELS):
            return False
        model = self._names.resolve(unit, function, owner)
        if not isinstance(model, ProjectObject):
            return False
        holder = self._program.units[model.path]
        methods = (one for one in holder.functions.values() if one.owner == model.name)
        self._names.note(Name(model.path, f"{model.name}.{field}"))
        return (
            holder.attributes.get(f"{model.name}.{field}") == "@str"
            and External("pydantic.BaseModel") in self._names.bases(holder, model.name)
            and not any("validator" in decorator.path for one in methods for decorator in one.decorators)
        )

    def _meant(self, unit: Unit, function: Function, path: str) -> frozenset[str] | None:
        if self._is_sent_text(unit, function, path):
            return OUTSIDE
        meaning = self._names.resolve(unit, function, path)
        called: Meaning = None
        if path.endswith("()"):
            called = self._names.resolve(unit, function, path[:-2])
            for one in options_of(called):
                result = self._asked(unit, function, one.name) if isinstance(one, ProjectFunction) else NOWHERE
                if result is None or result & MARKS:
                    return result and result & MARKS
        kind: frozenset[str] | None = NOWHERE
        if isinstance(meaning, Instance):
            kind = _kind_of_type(meaning.type)
        if not kind and kind is not None and path.endswith("()"):
            meaning = called
        if isinstance(meaning, External):
            kind = _kind_of_name(meaning.name)
        return _ANSWERED if kind is None and self._begins_with_answer(unit, function, path) else kind

    def _begins_with_answer(self, unit: Unit, function: Function, path: str) -> bool:
        """Whether a value was taken out of an answer: `requests.get().json()["name"]`."""
        ends = (at for at, character in enumerate(path) if character in ".[" and at)
        held = (self._names.resolve(unit, function, path[:end]) for end in ends)
        return any(isinstance(one, Instance) and one.type in _ANSWERS for one in held)


_VALIDATED = re.compile(rf"\.(?:{'|'.join(sorted(VALIDATED))})\b")


def is_validated(flow: Flow) -> bool:
    """Whether a value was found to be in the form that is asked for; what it names may be missing all the same."""
    return any(_VALIDATED.search(atom) is not None for atom in flow)


_QUEUES = frozenset({"queue.Queue", "asyncio.Queue", "multiprocessing.Queue"})
"""What hands values from one function to another, in the order that they came in."""
_ANSWERED = frozenset({ANSWER})
_JOINED = frozenset({"join()", "join()|open", "os.path.join()", "os.path.join()|open"})
"""What flows of a path that is put together, or of what is in the file there."""
_ENVIRONMENT = frozenset({stored.ENVIRONMENT})
_SERVING_MODELS = frozenset({"fastapi", "flask_pydantic", "litestar", "ninja"})
"""Libraries whose views are handed models of what was sent."""


def _kind_of_type(name: str) -> frozenset[str] | None:
    if name in _ANSWERS:
        return _ANSWERED
    if name == "os.environ":
        return _ENVIRONMENT
    return OUTSIDE if name in _TYPES or catalogue.is_outside(name) else NOWHERE


def _kind_of_name(name: str) -> frozenset[str] | None:
    if name.startswith(_ANSWER_MEMBERS):
        return _ANSWERED
    if name in _LISTINGS:
        return frozenset({LISTED})
    if name == "os.environ":
        return _ENVIRONMENT
    known = catalogue.known(name)
    if known is not None and catalogue.is_outside(known.returns):
        return OUTSIDE
    if f"{name}.".startswith(_OWN_MEMBERS):
        return NOWHERE
    return OUTSIDE if name in SOURCES or name.startswith(_SOURCE_MEMBERS) else NOWHERE
