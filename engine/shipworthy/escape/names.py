"""What a symbolic path stands for: something of the project, or something of a library.

Nothing is guessed: a path that cannot be followed stands for nothing.
"""

from __future__ import annotations

import builtins
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeAlias, TypeVar

from shipworthy.escape import catalogue, containers
from shipworthy.escape.ir import GETTER, PARAMETER, REQUEST, SHARED, Flow, Function, Operation, Path
from shipworthy.escape.meanings import (
    IMPORTS,
    Body,
    Choice,
    Container,
    External,
    Instance,
    Meaning,
    Module,
    Parameter,
    ProjectClass,
    ProjectFunction,
    ProjectObject,
    one_of,
    step_of_container,
)
from shipworthy.escape.program import Name, Program, Unit
from shipworthy.escape.resting import Resting, Symbol
from shipworthy.escape.words import APPLICATION_BASES, APPLICATIONS, CONVENTIONS

T = TypeVar("T")

_TOKEN = re.compile(r"\(\)|\[\]|[^.()\[\]]+")
_OF_REQUEST = re.compile(r"(?i)(?:^|[.:@])(?:request|req|context|ctx|websocket)\.(\w+)")
_DEEPEST = 12


_Question: TypeAlias = tuple[str, str, Path]

_ENTERING = frozenset({"__enter__", "__aenter__"})
"""What gives what a with statement binds: mostly the object itself."""


_THROUGH = {"requests.Session": "request", "httpx.Client": "send", "httpx.AsyncClient": "send"}
"""The method that all others of a client go through: a class that overrides it handles failures for all."""


class Names:
    """Resolves paths over a program. Remembers answers: when names change their meaning, they have to be forgotten.

    `held`: what parameters hold of which their function says nothing. `asks_held`: whether an answer since this
    was set to False rests on that. `notes`: whether it is noted what each answer rests on; without, names that change
    their meaning ask for other `Names`.
    """

    def __init__(self, program: Program, held: dict[Parameter, Meaning] | None = None, *, notes: bool = False) -> None:
        self._program = program
        self.held: dict[Parameter, Meaning] = held if held is not None else {}
        self.asks_held = False
        self.notes = notes
        self._noted: set[Symbol] = set()
        self._asked: set[_Question] = set()
        self._rests: Resting[_Question] = Resting()
        self._known: dict[_Question, Meaning] = {}
        self._resting_on_held: set[_Question] = set()
        self._holders: dict[str, tuple[str, str]] | None = None

    def holding(self, held: dict[Parameter, Meaning]) -> Names:
        """Names for the same program where parameters hold something else."""
        other = Names(self._program, held, notes=self.notes)
        other._known = {key: found for key, found in self._known.items() if key not in self._resting_on_held}
        other._rests = self._rests
        return other

    def take(self, other: Names) -> None:
        """Answer from now on as another one for the same program does."""
        self.held, self._known, self._resting_on_held = other.held, other._known, other._resting_on_held
        self._rests = other._rests
        self._holders = None

    def hold(self, changed: Mapping[Parameter, Meaning]) -> None:
        """Some parameters hold something else now; what rests on them is for `forget`."""
        for parameter, held in changed.items():
            if held is None:
                self.held.pop(parameter, None)
            else:
                self.held[parameter] = held

    def during(self, work: Callable[[], T]) -> tuple[T, frozenset[Symbol]]:
        """What some work gives, and what the answers rest on that it was given; nothing unless that is noted."""
        if not self.notes:
            return work(), frozenset()
        around, self._noted = self._noted, set()
        found = work()
        noted = frozenset(self._noted)
        self._noted = around
        self._noted |= noted
        return found, noted

    def note(self, symbol: Symbol) -> None:
        """An answer rests on a symbol."""
        if self.notes:
            self._noted.add(symbol)

    def note_name(self, path: str, name: str) -> None:
        """An answer rests on what a file holds under a name."""
        if self.notes:
            self._noted.add(Name(path, name))

    def forget(self, symbols: Iterable[Symbol]) -> frozenset[Symbol]:
        """Forget the answers that rest on some symbols, which stand for something else now. Gives these symbols, with
        what others rest on among those answers.
        """
        questions, every = self._rests.closed(symbols)
        for question in questions:
            self._known.pop(question, None)
            self._resting_on_held.discard(question)
        return every

    def settle(self) -> None:
        """Find anew what the program puts into requests and hangs on applications."""
        attributes = (name for unit in self._program.units.values() for name in unit.attributes)
        requests = frozenset(name.removeprefix(REQUEST) for name in attributes if name.startswith(REQUEST))
        self._holders = self._find_holders()
        self._program.put_into_requests = requests
        self._program.hung_on_applications = frozenset(one.removeprefix(SHARED) for one in self._holders)

    def resolve(self, unit: Unit, function: Function | None, path: Path) -> Meaning:
        """What `path` stands for within a function of a unit."""
        return self._resolve(unit, function, path, _DEEPEST)

    def method(self, owner: ProjectClass | ProjectObject, name: str) -> Meaning:
        """The method or attribute of a class that `name` stands for, its bases included."""
        return self._member(owner, name, _DEEPEST)

    def result(self, function: Name) -> Meaning:
        """What a function of the project gives back."""
        return self._called(ProjectFunction(function), _DEEPEST)

    def bases(self, unit: Unit, class_name: str) -> list[Meaning]:
        """What the bases of a class stand for, those of its bases included, nearest first."""
        found: list[Meaning] = []
        todo: list[tuple[Unit, str]] = [(unit, class_name)]
        while todo and len(found) < 40:
            here, name = todo.pop(0)
            self.note_name(here.path, name)
            for path in here.bases.get(name, ()):
                base = self._resolve(here, None, path.removesuffix("[]"), _DEEPEST)
                found.append(base if base is not None else External(path))
                if isinstance(base, ProjectClass):
                    todo.append((self._program.units[base.path], base.name))
        return found

    def of_program(self, flow: Flow) -> list[Path]:
        """What was taken out of what the program itself has put into a request: `request.account.name`."""
        attributes = self._program.put_into_requests
        if not attributes:
            return []
        found = ((atom.partition("|")[0], _OF_REQUEST.search(atom)) for atom in flow)
        return [source for source, request in found if request is not None and request[1] in attributes]

    def holds(self, owner: ProjectClass, name: str) -> bool:
        """Whether the body of a class itself says something of one of its members."""
        full = f"{owner.name}.{name}"
        self.note_name(owner.path, full)
        unit = self._program.units[owner.path]
        return full in unit.functions or full in unit.attributes

    def body(self, function: Name) -> tuple[Operation, ...]:
        """What a function of the project does."""
        self.note(Body(function))
        return self._program.units[function.path].functions[function.function].body

    def exception(self, unit: Unit, function: Function | None, path: Path) -> tuple[str, tuple[str, ...]]:
        """The canonical name of an exception type, and those of its bases as far as the project knows."""
        meaning = self.resolve(unit, function, path)
        if isinstance(meaning, ProjectClass):
            bases = self.bases(self._program.units[meaning.path], meaning.name)
            outer = [base.name for base in bases if isinstance(base, External | ProjectClass)]
            return f"{meaning.path}:{meaning.name}", tuple(map(catalogue.canonical, outer))
        if isinstance(meaning, External) and not meaning.name.startswith("."):
            return meaning.name, ()
        return "", ()

    def _resolve(self, unit: Unit, function: Function | None, path: Path, depth: int) -> Meaning:
        if not path or depth <= 0 or path[0] in "?[":
            return None
        key = (unit.path, function.name if function is not None else "", path)
        known = self._known
        if key in known:
            if key in self._resting_on_held:
                self.asks_held = True
            if self.notes:
                self._noted |= self._rests.of(key) if key not in self._asked else {key}
            return known[key]
        known[key] = None  # a path that leads to itself stands for nothing
        asked, self.asks_held = self.asks_held, False
        follow = self._noting if self.notes else self._follow
        found = known[key] = follow(unit, function, path, depth)
        if self.asks_held:
            self._resting_on_held.add(key)
        else:
            self.asks_held = asked
        return found

    def _noting(self, unit: Unit, function: Function | None, path: Path, depth: int) -> Meaning:
        """What a path stands for, with a note on what that rests on."""
        key = (unit.path, function.name if function is not None else "", path)
        self._asked.add(key)
        found, rests = self.during(lambda: self._follow(unit, function, path, depth))
        self._asked.discard(key)
        self._rests.add(key, rests)
        return found

    def _follow(self, unit: Unit, function: Function | None, path: Path, depth: int) -> Meaning:
        instance = path.startswith("@")
        if path.startswith("{"):
            return self._of_container(unit, function, path, depth)
        if path.startswith("."):
            return self._of_file(unit, path[1:], depth)
        tokens = _TOKEN.findall(path.lstrip("@"))
        if not tokens:
            return None
        hung = self._program.hung_on_applications
        for at in range(len(tokens) - 1, 0, -1) if hung else ():
            if tokens[at] in hung and tokens[at - 1].removeprefix(PARAMETER) in APPLICATIONS:
                return self._walk(self._shared(f"{SHARED}{tokens[at]}", depth), tokens[at + 1 :], depth)
        first, *rest = tokens
        if instance:
            return self._of_annotation(unit, function, tokens, depth)
        return self._walk(self._start(unit, function, first, depth), rest, depth)

    def _walk(self, meaning: Meaning, tokens: list[str], depth: int) -> Meaning:
        """What the rest of a path leads to, step by step."""
        if tokens[-1:] == [GETTER] and len(tokens) > 1:
            owner = self._walk(meaning, tokens[:-2], depth)
            if not isinstance(owner, ProjectClass | ProjectObject):
                return None
            return self._member(owner, tokens[-2], depth, getter=True)
        left = iter(tokens)
        for token in left:
            if isinstance(meaning, Container):
                called = token == "[]" or next(left, "") == "()"
                meaning = step_of_container(meaning, token) if called else None
            elif token in _ENTERING:
                method = self._step(meaning, token, depth)
                meaning = method if next(left, "") != "()" else self._called(method, depth) or meaning
            elif meaning is not None:
                meaning = self._step(meaning, token, depth)
        return meaning

    def _of_container(self, unit: Unit, function: Function | None, path: Path, depth: int) -> Meaning:
        items, by_key, rest = containers.parted(path)
        found = (self._resolve(unit, function, item, depth - 1) for item in items)
        held = Container(tuple(one for one in found if one is not None), by_key)
        return self._walk(held, _TOKEN.findall(rest), depth)

    def _of_annotation(self, unit: Unit, function: Function | None, tokens: list[str], depth: int) -> Meaning:
        """`@a.B.c`: the annotation is the longest beginning that is known as a type; the rest are its members.

        If none is, the whole is taken for the name of a type.
        """
        whole: Meaning = None
        for end in range(len(tokens), 0, -1):
            meaning = self._resolve(unit, function, ".".join(tokens[:end]).replace(".()", "()"), depth - 1)
            if isinstance(meaning, ProjectClass):
                meaning = ProjectObject(*meaning)
            elif isinstance(meaning, External) and catalogue.is_type(meaning.name):
                meaning = Instance(meaning.name)
            else:
                if isinstance(meaning, External) and end == len(tokens):
                    whole = Instance(meaning.name)
                continue
            return self._walk(meaning, tokens[end:], depth)
        return whole

    def _start(self, unit: Unit, function: Function | None, name: str, depth: int) -> Meaning:
        if name.startswith(PARAMETER):
            return self._parameter(unit, function, name.removeprefix(PARAMETER))
        if name.startswith(SHARED):
            return self._shared(name, depth)
        if name in {"self", "cls"} and function is not None:
            self.note_name(unit.path, function.name)
        if name in {"self", "cls"} and function is not None and function.owner:
            return (ProjectObject if name == "self" else ProjectClass)(unit.path, function.owner)
        return self._of_file(unit, name, depth)

    def _shared(self, name: str, depth: int) -> Meaning:
        """What the application holds under a name, whichever file put it there first."""
        if self._holders is None:
            self._holders = self._find_holders()
        if name not in self._holders:
            return None
        path, owner = self._holders[name]
        if owner:
            return self._member(ProjectObject(path, owner), name.removeprefix(SHARED), depth - 1)
        unit = self._program.units[path]
        return self._resolve(unit, None, unit.attributes[name], depth - 1)

    def _find_holders(self) -> dict[str, tuple[str, str]]:
        """Who says what the application holds under each name: a file, or a class in it that is an application."""
        found: dict[str, tuple[str, str]] = {}
        for path, unit in sorted(self._program.units.items()):
            for name, owner in hung_in(unit):
                found.setdefault(name, (path, owner))
        return found

    def _parameter(self, unit: Unit, function: Function | None, name: str) -> Meaning:
        """What a parameter holds, be it that of a function around this one."""
        while function is not None:
            self.note_name(unit.path, function.name)
            if any(one.name == name for one in function.parameters):
                self.asks_held = True
                parameter = Parameter(Name(unit.path, function.name), name)
                self.note(parameter)
                held = self.held.get(parameter)
                return held or self._supplied(unit, function, name) or self._by_convention(unit, name)
            around = function.name.rpartition(".")[0]
            self.note_name(unit.path, around)
            function = unit.functions.get(around)
        return None

    def _supplied(self, unit: Unit, function: Function, name: str) -> Meaning:
        """What the supplier of a parameter gives, or hands over by `yield`."""
        supplier = next((one.supplier for one in function.parameters if one.name == name), "")
        given = self._resolve(unit, function, f"{supplier}()", _DEEPEST // 2) if supplier else None
        return one_of(given.items) if isinstance(given, Container) else given

    def _by_convention(self, unit: Unit, name: str) -> Meaning:
        self.note_name(unit.path, IMPORTS)
        held = (type_ for library, type_ in CONVENTIONS.get(name, ()) if library in unit.libraries)
        return next(map(Instance, held), None)

    def _of_file(self, unit: Unit, name: str, depth: int) -> Meaning:
        self.note_name(unit.path, name)
        if name in unit.functions:
            return ProjectFunction(Name(unit.path, name))
        if name in unit.bases:
            return ProjectClass(unit.path, name)
        if (imported := unit.imports.get(name)) is not None:
            return self._imported(unit, imported.module, imported.member, depth)
        if (path := unit.variables.get(name)) is not None and path != name:
            return self._resolve(unit, None, path, depth - 1)
        return External(catalogue.canonical(name)) if hasattr(builtins, name) else None

    def _imported(self, unit: Unit, module: str, member: str, depth: int) -> Meaning:
        path = self._program.module(unit.path, module)
        if not member:
            return Module(path) if path is not None else External(catalogue.canonical(module))
        if path is not None and (found := self._of_module(path, member, depth)) is not None:
            return found
        inner = self._program.module(unit.path, f"{module}{'' if module.endswith('.') else '.'}{member}")
        if inner is not None:
            return Module(inner)
        return External(catalogue.canonical(f"{module}.{member}")) if path is None else None

    def _of_module(self, path: str, name: str, depth: int) -> Meaning:
        unit = self._program.units[path]
        self.note_name(path, name)
        if depth <= 0:
            return None
        if name in unit.functions or name in unit.bases or name in unit.imports or name in unit.variables:
            return self._of_file(unit, name, depth - 1)
        return None

    def _step(self, meaning: Meaning, token: str, depth: int) -> Meaning:
        if isinstance(meaning, Choice):
            return one_of(self._step(option, token, depth) for option in meaning.options)
        if token == "()":
            return self._called(meaning, depth)
        if token == "[]":
            return self._item(self._held(meaning))
        if isinstance(meaning, External):
            whole = catalogue.canonical(f"{meaning.name}.{token}")
            held = self._held(meaning)
            if held == meaning or catalogue.known(whole) is not None or catalogue.is_type(whole):
                return External(whole)
            return self._step(held, token, depth)
        if isinstance(meaning, Instance):
            return External(catalogue.canonical(f"{meaning.type}.{token}"))
        if isinstance(meaning, Module):
            found = self._of_module(meaning.path, token, depth)
            if found is not None:
                return found
            stem = re.sub(r"(?:/__init__)?\.pyi?$", "", meaning.path)
            inner = (f"{stem}/{token}.py", f"{stem}/{token}/__init__.py")
            return next((Module(path) for path in inner if path in self._program.units), None)
        if isinstance(meaning, ProjectClass | ProjectObject):
            return self._member(meaning, token, depth)
        return None

    def _held(self, meaning: Meaning) -> Meaning:
        """What an attribute of a library's object holds, if the catalogue says so; else `meaning` itself."""
        known = catalogue.known(meaning.name) if isinstance(meaning, External) else None
        return Instance(known.returns) if known is not None and known.returns else meaning

    def _item(self, meaning: Meaning) -> Meaning:
        """An item of an object of a library, or of several of them."""
        if not isinstance(meaning, Instance):
            return meaning if isinstance(meaning, External) else None
        if meaning.type.startswith("["):
            return Instance(meaning.type[1:-1])
        known = catalogue.known(f"{meaning.type}[]")
        return Instance(known.returns) if known is not None and known.returns else meaning

    def _called(self, meaning: Meaning, depth: int) -> Meaning:
        if isinstance(meaning, Instance):
            held = self._held(External(f"{meaning.type}.__call__"))
            return held if isinstance(held, Instance) else None
        if isinstance(meaning, External):
            known = catalogue.known(meaning.name)
            if known is not None and known.returns:
                return Instance(known.returns)
            return Instance(meaning.name) if catalogue.is_type(meaning.name) else None
        if isinstance(meaning, ProjectClass):
            return ProjectObject(*meaning)
        if isinstance(meaning, ProjectObject):
            return self._called(self._member(meaning, "__call__", depth - 1), depth - 1)
        if isinstance(meaning, ProjectFunction):
            self.note_name(*meaning.name)
            unit = self._program.units[meaning.name.path]
            function = unit.functions[meaning.name.function]
            if function.declared:
                declared = self._resolve(unit, function, f"@{function.declared}", depth - 1)
                if declared is not None:
                    return declared
            results = (self._resolve(unit, function, path, depth - 1) for path in function.returns)
            return next((found for found in results if found is not None), None)
        return None

    def _member(self, owner: ProjectClass | ProjectObject, name: str, depth: int, *, getter: bool = False) -> Meaning:
        """What a class or an object of the program has under a name; `getter`: what is called to read that, if any."""
        unit = self._program.units.get(owner.path)
        if unit is None or depth <= 0:
            return None
        full = f"{owner.name}.{name}"
        self.note_name(unit.path, full)
        if full in unit.functions:
            function = unit.functions[full]
            is_property = any(
                one.path.rpartition(".")[2] in {"property", "cached_property"} for one in function.decorators
            )
            method = ProjectFunction(Name(unit.path, full))
            if getter:
                return method if is_property else None
            return self._called(method, depth - 1) if is_property else method
        self.note_name(unit.path, owner.name)
        if not getter and (path := unit.attributes.get(full)) is not None:
            self.note_name(unit.path, f"{owner.name}.__init__")
            holder = unit.functions.get(f"{owner.name}.__init__") or unit.methods.get(owner.name)
            return self._resolve(unit, holder, path, depth - 1)
        for base in unit.bases.get(owner.name, ()):
            meaning = self._resolve(unit, None, base, depth - 1)
            if isinstance(meaning, ProjectClass):
                found = self._member(ProjectObject(*meaning), name, depth - 1, getter=getter)
                if found is not None:
                    return found
            elif not getter and isinstance(meaning, External) and catalogue.is_type(meaning.name):
                through = _THROUGH.get(meaning.name, "")
                if name != through and f"{owner.name}.{through}" in unit.functions:
                    return ProjectFunction(Name(unit.path, f"{owner.name}.{through}"))
                return External(catalogue.canonical(f"{meaning.name}.{name}"))
        return None


def hung_in(unit: Unit) -> Iterator[tuple[str, str]]:
    """The names under which applications hold what a file hangs on them, and the class that does, an application."""
    applications = {
        name
        for name, bases in unit.bases.items()
        if any(base.rpartition(".")[2] in APPLICATION_BASES for base in bases)
    }
    for attribute in unit.attributes:
        owner, _, name = attribute.rpartition(".")
        if attribute.startswith(SHARED):
            yield attribute, ""
        elif owner in applications:
            yield f"{SHARED}{name}", owner
