"""Where errors end up if nobody handles them: commands, views, workers, tasks, callbacks.

A boundary is a function that somebody else calls: the shell, a framework, a thread, a queue.
"""

from __future__ import annotations

import enum
import functools
import operator
import posixpath
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from typing import NamedTuple

from shipworthy.escape import startups
from shipworthy.escape.catching import Types, handlers_around
from shipworthy.escape.chat import asks_arguments
from shipworthy.escape.extract import MAIN, MODULE
from shipworthy.escape.ir import SETTING, Call, Decorator, Function, Loop, Operation, Parameter, Path, within
from shipworthy.escape.meanings import External, Meaning, ProjectClass, ProjectFunction, name_of, options_of
from shipworthy.escape.names import Names
from shipworthy.escape.program import Name, Program, Unit
from shipworthy.escape.records import is_lambda, takes_records
from shipworthy.escape.registrations import (
    AWAITED,
    CALLING_HANDLERS,
    COMMANDED,
    DELIVERING,
    LIBRARIES_OF,
    REGISTRATIONS,
    RETRIED,
    TASKS,
    Kind,
)
from shipworthy.escape.signatures import EXISTING, option_name
from shipworthy.language import VENDORED
from shipworthy.model import Span
from shipworthy.upkeep import is_example, is_upkeep


class Checked(enum.IntEnum):
    """How far somebody looks at what a view is sent before it is used."""

    NOT = 0
    WITHIN = 1
    """The view itself asks somebody, so that what it hands on has been looked at."""
    BEFORE = 2
    """A decorator, so that the view gets nothing else."""


@dataclass(frozen=True, slots=True)
class Boundary:
    """A function and what calls it. `outside`: the parameters that hold what somebody else sent; `matched`:
    those of which the route says what they look like, so that they parse, yet may name nothing; those of a command
    that name files which are there, yet may hold anything.

    `mild`: a failure harms little, for whoever calls has signed in, is another program, or calls again, or what
    fails is one piece of work of many. `checked`: see there. `gives_up`: the view itself answers failures with
    a bare 500. `repeats`: who calls calls again after a failure; `retried`: the errors after which it is called once
    more. `runner`: where all functions of its kind are called, in one loop. `asks`: somebody has to name arguments for
    it. `label` names it in messages: "the view `show`". `framework`: the package whose view or command it is, or "".
    `awaited`: who calls acts on whether it fails, or on what it gives back: delivers the message again, say.
    """

    kind: Kind
    name: Name
    label: str
    outside: frozenset[str] = frozenset()
    matched: frozenset[str] = frozenset()
    mild: bool = False
    checked: Checked = Checked.NOT
    gives_up: bool = False
    repeats: bool = False
    retried: frozenset[str] = frozenset()
    runner: tuple[Name, Span] | None = None
    asks: bool = False
    framework: str = ""
    awaited: bool = False


_WEB_VERBS = frozenset({"route", "get", "post", "put", "delete", "patch", "api_route", "head", "options", "websocket"})
COMMANDS = frozenset({"command", "group", "callback"})
"""The last names of decorators that make commands."""
_QUEUE_TASKS = frozenset({"task", "shared_task", "periodic_task", "actor", "job", "background_task", "db_task"})
_EVENTS = frozenset(
    [
        "event",
        "listen",
        "listener",
        "on_event",
        "on_message",
        "message_handler",
        "callback_query_handler",
        "message",
        "callback_query",
        "scheduled_job",
        "command",
        "slash_command",
        "hybrid_command",
        "subscriber",
        "agent",
        "timer",
    ]
)
_VIEW_BASE = re.compile(
    r"(?:^|[.:])(?:\w*View|\w*ViewSet|RequestHandler|BaseHTTPRequestHandler|SimpleHTTPRequestHandler|Resource|MethodView|HTTPEndpoint|"
    r"BaseRequestHandler|StreamRequestHandler|WebSocketHandler|WebSocketEndpoint)$"
)
_OF_REST = re.compile(
    r"^(?:aiohttp|eve|falcon|flask|flask_rest\w+|klein|restless|sanic|savory_pie|starlette|tastypie|twisted)\."
)
"""How the names of classes begin that a web framework calls `Resource`: that of a client stands for what it asks."""
_OF_WINDOWS = re.compile(r"^(?:PyQt\d|PySide\d|discord|gi|kivy\w*|nextcord|textual|tkinter|toga|wx)\.")
"""How the names of views begin that show something on a screen."""
_OF_DJANGO = ("django.http.", "django.shortcuts.", "rest_framework.response.")
"""How the names of what makes an answer of Django begin."""
_DJANGO_COMMAND = re.compile(r"^django\..*(?:Base|Label|App)Command$")
_VIEW_METHODS = frozenset(
    [
        "get",
        "post",
        "put",
        "patch",
        "delete",
        "head",
        "list",
        "create",
        "update",
        "destroy",
        "retrieve",
        "partial_update",
        "perform_create",
        "form_valid",
        "get_context_data",
        "get_object",
        "get_queryset",
        "handle",
        "prepare",
        "on_message",
        "on_receive",
        "do_GET",
        "do_POST",
        "do_PUT",
        "do_DELETE",
        "do_PATCH",
    ]
)
_AIOHTTP_ROUTES = frozenset({"get", "post", "put", "patch", "delete", "head", "view"})


class Entries(NamedTuple):
    """What a program is built to: `functions` that its commands start, `folders` of its distributions."""

    functions: frozenset[Name] = frozenset()
    folders: frozenset[str] = frozenset()

    def installs(self, path: str) -> bool:
        """Whether a file belongs to a distribution: who uses that uses its commands."""
        return any(not folder or path.startswith(f"{folder}/") for folder in self.folders)

    def is_aside(self, path: str) -> bool:
        """Whether it matters little how a file fails: a copy of another program, an example."""
        is_shown = is_example(path) or (_SHOWN.search(path) is not None and self.installs(path))
        return is_shown or VENDORED.search(path) is not None


def entries_of(program: Program, names: Names, scripts: Mapping[str, frozenset[str]]) -> Entries:
    """The entry points of distributions, as `module:function` by folder, looked up in the program."""
    found: set[Name] = set()
    for script in sorted(frozenset[str]().union(*scripts.values())):
        module, _, function = script.partition(":")
        path = program.module("", module)
        meaning = names.resolve(program.units[path], None, function) if path is not None else None
        if isinstance(meaning, ProjectFunction):
            found.add(meaning.name)
    return Entries(frozenset(found), frozenset(scripts))


def boundaries_of(
    program: Program,
    names: Names,
    unit: Unit,
    entries: Entries,
    is_imported: Callable[[], bool],
    functions: Iterable[str] | None = None,
) -> Iterator[Boundary]:
    """The boundaries that a unit declares, of its own functions and of others that it hands over; or `functions` do.

    What is imported is no script, and what belongs to a distribution is hardly one.
    """
    if entries.is_aside(unit.path):
        return
    finder = _Finder(program, names, unit, entries)
    for name in functions if functions is not None else unit.functions:
        function = unit.functions[name]
        yield from finder.of_function(name, function, is_imported)
        yield from finder.registered(function)


class Runner(NamedTuple):
    """Where a function runs the jobs that are due. `guarded`: it handles whatever they raise. `endless`: in a loop that
    never ends by itself.
    """

    name: Name
    at: Span
    guarded: bool
    endless: bool


def runners(unit: Unit, functions: Iterable[str]) -> Iterator[Runner]:
    """Where some functions of a unit run the jobs that are due."""
    for name in functions:
        body = unit.functions[name].body
        loops = [loop for loop in within(body) if isinstance(loop, Loop) and loop.forever]
        for call in calls_in(body):
            if _runs_jobs(call):
                endless = any(call is one for loop in loops for one in within(loop.body))
                around = handlers_around(body, functools.partial(operator.is_, call))
                yield Runner(Name(unit.path, name), call.at, any(map(_is_broad, around)), endless)


def _runs_jobs(call: Call) -> bool:
    return call.callee.rpartition(".")[2] == "run_pending"


def _is_broad(types: Types) -> bool:
    return types is None or not _ANYTHING.isdisjoint(types)


_ANYTHING = frozenset({"Exception", "BaseException"})


def imported_by(program: Program, unit: Unit) -> frozenset[str]:
    """The files of the program that a unit imports."""
    found: set[str] = set()
    for one in unit.imports.values():
        for dotted in (one.module, f"{one.module}.{one.member}" if one.member else ""):
            if dotted and (path := program.module(unit.path, dotted)) is not None:
                found.add(path)
    return frozenset(found)


_SHOWN = re.compile(r"(?i)(?:^|/)(?:examples?|samples?|docs?|demos?)/")
"""Files of a distribution that show how it is used: they may well fail."""

_ASIDE = re.compile(
    r"(?i)(?:^|/)(?:examples?|samples?|docs?|doc-src|demos?|misc|contrib|ci|scripts?|tools?|build_backend|packaging|releas\w*|benchmarks?|hack)/"
    r"|(?:^|/)(?:setup|conf|tasks|noxfile|fabfile|dodo|make_?\w*|release\w*|build_?\w*|minify\w*|update_\w*|generate_?\w*)\.py$"
)
"""Files that people run who build the program, or look how it is used: they may well fail."""


class _Finder:
    """Finds the boundaries that one unit declares."""

    def __init__(self, program: Program, names: Names, unit: Unit, entries: Entries) -> None:
        self._program, self._names, self._unit, self._entries = program, names, unit, entries
        self._libraries = frozenset(one.module.split(".")[0] for one in unit.imports.values())
        self._bases: dict[str, list[str]] = {}

    def of_function(self, name: str, function: Function, is_imported: Callable[[], bool]) -> Iterator[Boundary]:
        """The boundaries that a function is by its name, its decorators or its class."""
        here = Name(self._unit.path, name)
        plain = name.rpartition(".")[2]
        if name == MAIN or name.startswith(MODULE):
            if self._is_script(name, is_imported):
                yield Boundary(Kind.SCRIPT, here, "the script")
            return
        for decorator in function.decorators:
            kind = self._by_decorator(decorator)
            if kind is Kind.COMMAND and _ASIDE.search(self._unit.path):
                return
            if kind is not None:
                outside, matched = _outside(function, kind), _parameters(function, kind)
                last = decorator.path.rpartition(".")[2]
                label = TASKS[last] if last in RETRIED else _LABELS[kind]
                asks = asks_arguments(function, decorator, self._libraries)
                retried = RETRIED.get(last, frozenset[str]())
                awaited = not self._libraries.isdisjoint(DELIVERING)
                yield Boundary(
                    kind, here, f"{label} `{plain}`", outside, matched, retried=retried, asks=asks, awaited=awaited
                )
                return
        if function.owner and (kind := self._by_class(function, plain)) is not None:
            outside, matched = _outside(function, kind), frozenset[str]()
            if kind is Kind.VIEW and self._libraries & _MATCHING:
                outside, matched = outside & {"request", "data"}, outside
            # Servers on the standard library's own are for development, or for a program on the same machine.
            mild = any(base.endswith("HTTPRequestHandler") for base in self._bases_of(function.owner))
            framework = "django" if kind is Kind.COMMAND else ""
            yield Boundary(kind, here, f"{_LABELS[kind]} `{name}`", outside, matched, mild, framework=framework)
            return
        if here in self._entries.functions:
            yield Boundary(Kind.COMMAND, here, f"the command `{plain}`")
        elif not function.owner and "." not in name:
            if self._is_django_view(plain, function):
                matched = _outside(function, Kind.VIEW)
                yield Boundary(Kind.VIEW, here, f"the view `{plain}`", frozenset({"request"}), matched)
            elif is_lambda(function):
                answers = Kind.VIEW if "statusCode" in self._unit.marks else Kind.EVENT
                kind = Kind.RECORDS if takes_records(function, self._unit.marks) else answers
                label, outside = f"the Lambda handler `{plain}`", frozenset({"event"})
                yield Boundary(kind, here, label, outside, mild=True, repeats=True, awaited=True)

    def _is_django_view(self, plain: str, function: Function) -> bool:
        """Whether a function is handed a request and gives an answer of Django, or stands where its views do: which
        address leads to it some other file says.
        """
        if [one.name for one in function.parameters[:1]] != ["request"] or plain.startswith("_"):
            return False
        if self._unit.path.rpartition("/")[2].startswith(("views", "api")):
            return True
        if "django" not in self._libraries:
            return False
        made = (self._names.resolve(self._unit, function, path.removesuffix("()")) for path in function.returns)
        return any(isinstance(one, External) and one.name.startswith(_OF_DJANGO) for one in made)

    def _is_script(self, name: str, is_imported: Callable[[], bool]) -> bool:
        """Whether code outside functions, `<main>` or of a module, is what somebody runs."""
        path = self._unit.path
        if path.endswith("__main__.py") and not is_upkeep(path):
            return True
        if _ASIDE.search(path) or is_upkeep(path) or self._entries.installs(path):
            return False
        in_package = f"{posixpath.dirname(path)}/__init__.py" in self._program.units
        return name == MAIN or not (in_package or path.endswith("__init__.py") or is_imported())

    def registered(self, function: Function) -> Iterator[Boundary]:
        """The functions that `function` hands over to somebody else, in calls or as suppliers of its parameters."""
        for parameter in function.parameters:
            meaning = self._names.resolve(self._unit, function, parameter.supplier)
            if isinstance(meaning, ProjectFunction):
                inner = self._program.units[meaning.name.path].functions[meaning.name.function]
                label = f"the dependency `{meaning.name.function.rpartition('.')[2]}`"
                yield Boundary(Kind.VIEW, meaning.name, label, _outside(inner, Kind.VIEW))
        for call in calls_in(function.body):
            last = call.callee.rpartition(".")[2]
            if last.endswith(SETTING) and self._libraries & CALLING_HANDLERS:
                yield from self._of_registration(function, call, Kind.EVENT, ("0",), last)
            if "command" in dict(call.paths) and self._libraries & COMMANDED:
                yield from self._of_registration(function, call, Kind.CALLBACK, ("command",), last)
            for path in startups.handed(call, self._libraries):
                yield from self._of_path(function, path, Kind.STARTUP)
            if last == "Fire" and "fire" in self._libraries:
                yield from self._of_fire(function, call)
            if last in _AIOHTTP_ROUTES and "aiohttp" in self._libraries and self._is_aiohttp_route(function, call):
                yield from self._of_registration(function, call, Kind.VIEW, ("1", "handler"), "")
            if last not in REGISTRATIONS or not self._is_of(LIBRARIES_OF.get(last, frozenset()), function, call):
                continue
            if last in TASKS and last != "Process" and not call.dropped:
                continue  # whoever holds the task is told
            if last.startswith("enqueue") and any(name in {"retry", "on_failure"} for name, _ in call.keywords):
                continue  # somebody has thought of its failure
            kind, places = REGISTRATIONS[last]
            yield from self._of_registration(function, call, kind, places, last)

    def _is_of(self, libraries: Set[str], function: Function, call: Call) -> bool:
        """Whether a call may be one of these libraries: the file imports them, or the callee stands for theirs."""
        if not libraries or self._libraries & libraries:
            return True
        meaning = self._names.resolve(self._unit, function, call.callee)
        return isinstance(meaning, External) and meaning.name.partition(".")[0] in libraries

    def _is_aiohttp_route(self, function: Function, call: Call) -> bool:
        """Whether a call is `web.get("/", view)` and the like: a route, as `add_routes` takes it."""
        meaning = self._names.resolve(self._unit, function, call.callee)
        return isinstance(meaning, External) and meaning.name.rpartition(".")[0] == "aiohttp.web"

    def _of_registration(
        self, function: Function, call: Call, kind: Kind, places: Iterable[str], last: str
    ) -> Iterator[Boundary]:
        """The function that a call hands over, at the first of `places` that names one."""
        paths = dict(call.paths)
        for place in places:
            path = paths.get(place, "")
            handed = [one.name for one in options_of(self._handed(function, path)) if isinstance(one, ProjectFunction)]
            for name in handed:
                inner = self._program.units[name.path].functions[name.function]
                label = f"{TASKS.get(last, _LABELS[kind])} `{name.function.rpartition('.')[2]}`"
                outside = _outside(inner, kind)
                matched = frozenset[str]()
                if kind is Kind.VIEW and last in {"path", "re_path", "url"}:
                    outside, matched = outside & {"request"}, outside
                run = [*runners(self._unit, self._unit.functions)] if last == "do" else []
                if run and all(one.guarded for one in run):
                    continue
                runner = next(((one.name, one.at) for one in run if not one.guarded), None)
                yield Boundary(kind, name, label, outside, matched, runner=runner, awaited=last in AWAITED)
            if handed:
                break

    def _of_path(self, function: Function, path: Path, kind: Kind) -> Iterator[Boundary]:
        """The functions that a path names."""
        for one in options_of(self._handed(function, path)) if path else ():
            if isinstance(one, ProjectFunction):
                yield Boundary(kind, one.name, f"{_LABELS[kind]} `{one.name.function.rpartition('.')[2]}`")

    def _handed(self, function: Function, path: Path) -> Meaning:
        """What an argument hands over: a function, a coroutine of one, a view of a class, or what a factory makes."""
        if path.endswith("}[]"):
            return self._names.resolve(self._unit, function, path)
        path = path.strip("{*}")
        made = self._names.resolve(self._unit, function, path) if path.endswith("()") else None
        if isinstance(made, ProjectFunction):
            return made
        return self._names.resolve(self._unit, function, path.removesuffix("()").removesuffix(".as_view"))

    def _of_fire(self, function: Function, call: Call) -> Iterator[Boundary]:
        """The functions that `fire.Fire(...)` makes commands of: those it names, and the methods of classes."""
        for name in sorted(call.names):
            meaning = self._names.resolve(self._unit, function, name)
            found = [meaning.name] if isinstance(meaning, ProjectFunction) else []
            if isinstance(meaning, ProjectClass):
                unit = self._program.units[meaning.path]
                found = [Name(unit.path, one) for one in unit.functions if one.startswith(f"{meaning.name}.")]
            for command in found:
                inner = self._program.units[command.path].functions[command.function]
                plain = command.function.rpartition(".")[2]
                if not plain.startswith("_"):
                    yield Boundary(Kind.COMMAND, command, f"the command `{plain}`", _outside(inner, Kind.COMMAND))

    def _by_decorator(self, decorator: Decorator) -> Kind | None:
        last = decorator.path.rpartition(".")[2]
        argument = decorator.argument
        if startups.is_decorator(decorator, self._libraries):
            return Kind.STARTUP
        if last in _WEB_VERBS and "." in decorator.path and argument is not None and argument[:1] in {"/", ""}:
            return Kind.VIEW
        if last in {"api_view", "require_http_methods", "require_POST", "require_GET", "csrf_exempt"}:
            return Kind.VIEW if self._libraries & {"django", "rest_framework"} else None
        if last == "action":
            return Kind.VIEW if "rest_framework" in self._libraries else None
        if last in COMMANDS and self._libraries & {"click", "typer", "rich_click", "asyncclick"}:
            return Kind.COMMAND
        if last in _QUEUE_TASKS and not self._libraries & {"invoke", "luigi", "prefect", "airflow", "fabric", "nox"}:
            is_own = isinstance(self._names.resolve(self._unit, None, decorator.path), ProjectFunction)
            return None if is_own else Kind.QUEUE_TASK  # the program's own list of them, worked off by itself
        if last in RETRIED and self._libraries & _EVENT_LIBRARIES:
            return Kind.THREAD
        if last in _EVENTS and ("." in decorator.path) and self._libraries & _EVENT_LIBRARIES:
            return Kind.EVENT
        return None

    def _bases_of(self, owner: str) -> list[str]:
        """The names of the bases of a class."""
        if owner not in self._bases:
            self._bases[owner] = [name_of(base) for base in self._names.bases(self._unit, owner)]
        return self._bases[owner]

    def _is_view(self, owner: str) -> bool:
        """Whether a class is a framework's view, and not one of the program's own that is called so."""
        bases = self._names.bases(self._unit, owner)
        named = (name_of(base) for base in bases if not isinstance(base, ProjectClass))
        found = (name for name in named if _VIEW_BASE.search(name) and not _OF_WINDOWS.search(name))
        return any(not name.endswith(".Resource") or _OF_REST.search(name) for name in found)

    def _by_class(self, function: Function, plain: str) -> Kind | None:
        if plain == "__del__":
            return Kind.CALLBACK
        bases = self._bases_of(function.owner)
        if plain in _VIEW_METHODS and self._is_view(function.owner):
            return Kind.VIEW
        if startups.is_method(plain, bases):
            return Kind.STARTUP
        if plain == "to_internal_value" and "rest_framework" in self._libraries:
            return Kind.VIEW
        if plain == "run" and any(base.endswith(("Thread", "Process", "QRunnable")) for base in bases):
            return Kind.THREAD
        if plain == "handle" and any(_DJANGO_COMMAND.search(base) for base in bases):
            return Kind.COMMAND
        if plain.startswith("on_") and any(
            base.endswith(("Cog", "Client", "Bot", "FileSystemEventHandler")) for base in bases
        ):
            return Kind.EVENT
        return None


_EVENT_LIBRARIES = frozenset(
    [
        "discord",
        "nextcord",
        "disnake",
        "aiogram",
        "telebot",
        "telegram",
        "pyrogram",
        "telethon",
        "slack_bolt",
        "apscheduler",
        "faust",
        "faststream",
        "nats",
        "socketio",
        "flask_socketio",
        "azure",
        "functions_framework",
    ]
)
_MATCHING = frozenset({"django", "rest_framework", "tornado"})
"""Frameworks whose routes say what a parameter looks like: `<int:year>`, `[0-9]{4}`."""
_LABELS = {
    Kind.COMMAND: "the command",
    Kind.SCRIPT: "the script",
    Kind.VIEW: "the view",
    Kind.CONNECTION: "the handler",
    Kind.THREAD: "the thread",
    Kind.FUTURE: "the pooled call",
    Kind.QUEUE_TASK: "the task",
    Kind.EVENT: "the handler",
    Kind.RECORDS: "the handler",
    Kind.CALLBACK: "the callback",
    Kind.STARTUP: "the startup hook",
}


_NUMERIC = {
    "type": re.compile(r"(?i)^(?:click\.|typer\.)?(?:int|float|bool|uuid|datetime|choice)"),
    "default": re.compile(r"^-?\d[\d_.]*$"),
}
"""What options of an argument or option of a command say that it is no text: its type, and a default of one."""


def _outside(function: Function, kind: Kind) -> frozenset[str]:
    """The parameters that hold outside values: those that the framework has not checked."""
    if kind not in {Kind.VIEW, Kind.COMMAND, Kind.EVENT, Kind.QUEUE_TASK}:
        return frozenset()
    converted = {
        name
        for decorator in function.decorators
        for name in re.findall(r"<(?:int|float|uuid|any\([^>]*\)):(\w+)>", decorator.argument or "")
    }
    converted |= {
        option_name(decorator)
        for decorator in function.decorators
        if any(_is_looked_at(name, text) for name, text in decorator.options)
    }
    given = any(one.path.rpartition(".")[2].startswith("pass_") for one in function.decorators)
    parameters = function.parameters[1:] if given else function.parameters  # the first is the program's own
    return frozenset(one.name for one in parameters if one.name not in converted and _is_unchecked(one))


_EXISTS = "exists=True"


def _is_looked_at(name: str, text: str) -> bool:
    """Whether an option of an argument of a command says that it is no text, or a file that is there."""
    return _EXISTS in text or (name in _NUMERIC and _NUMERIC[name].search(text) is not None)


def _parameters(function: Function, kind: Kind) -> frozenset[str]:
    """The parameters of a view or handler: of what was sent, though it may have been checked; those of a command that
    name files which are there.
    """
    if kind is Kind.COMMAND:
        options = {option_name(one) for one in function.decorators if any(_EXISTS in text for _, text in one.options)}
        return frozenset(one.name for one in function.parameters if one.name in options or one.annotation == EXISTING)
    if kind not in {Kind.VIEW, Kind.EVENT}:
        return frozenset()
    return frozenset(one.name for one in function.parameters if not one.supplier and one.name != "self")


def _is_unchecked(parameter: Parameter) -> bool:
    """Whether a parameter holds what was sent as it was sent; models and numbers have been checked."""
    last = parameter.annotation.rpartition(".")[2]
    if parameter.default.rpartition(".")[2] in {"Depends()", "Security()"}:
        return False
    return parameter.name not in {"self", "cls"} and (
        last
        in {
            "",
            "str",
            "bytes",
            "Path",
            "list",
            "dict",
            "Request",
            "HttpRequest",
            "Any",
            "UploadFile",
            "Message",
            "Update",
        }
    )


def calls_in(operations: Iterable[Operation]) -> Iterator[Call]:
    """All calls among operations, at any depth."""
    return (one for one in within(operations) if isinstance(one, Call))
