"""What a function does, as far as errors are concerned: calls, raises, handlers and loops.

All of it follows from the text of one block. Names are symbolic paths that are resolved later, with
the file's imports and the project at hand: `self.client.get`, `open().read`, `@requests.Session`
(an instance of), where `()` is a call's result and `[]` an item.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple, TypeAlias

from shipworthy.model import Span

Path: TypeAlias = str

PARAMETER = "parameter:"
"""Begins an atom that stands for a parameter of the function itself."""


SETTING = "="
"""Ends the path of what an assignment calls, so to speak: `client.on_message = handler` hands a handler over."""

GETTER = "fget"
"""Ends the path of what is called where an attribute is read, if that is a property of the program's."""

QUEUED = "queued:"
"""Begins the name of an attribute that says where what a file puts into a queue comes from, before the queue's name."""

SHARED = "shared:"
"""Begins a path that stands for what a web application holds for all requests, by its key or attribute."""

REQUEST = "request:"
"""Begins the name of an attribute that the program itself gives to requests."""

Atom: TypeAlias = str
"""One origin of a value: `parameter:name` or a path. Behind each `|` stands a call that it went
through: the atom counts if every one of them passes its argument on.
"""

MADE = "/"
"""Stands for a call in an atom where a text or path is put together of several values."""

KEYED = "{}"
"""Stands for a call in an atom where the value is put into a mapping whose keys the program wrote."""

DIGITS = "#"
"""Stands for a call in an atom where the value was tested to be a number, or of a given form."""

Flow: TypeAlias = frozenset[Atom]

SPLAT = "*"
"""The keyword of `*arguments` in a call, beside its place: they fill all places from there on."""


RECEIVER = "self"
"""The place of what a method is called on, beside those of its arguments."""


class Call(NamedTuple):
    """A call. `constants`: literal arguments by position (`"0"`) or keyword, each as far as a condition
    of the catalogue asks about it: what is kept holds no secret.

    `paths`: what arguments name, by position or keyword, coroutines as `f()`. `guarded`: which of them were tested
    before (`exists`, `isdigit`), RECEIVER for what it is called on. `dropped`: nothing looks at the result.
    """

    at: Span
    callee: Path
    arguments: tuple[Flow, ...] = ()
    keywords: tuple[tuple[str, Flow], ...] = ()
    receiver: Flow = frozenset()
    names: frozenset[str] = frozenset()
    constants: tuple[tuple[str, str], ...] = ()
    paths: tuple[tuple[str, Path], ...] = ()
    guarded: frozenset[str] = frozenset()
    awaited: bool = False
    dropped: bool = False


class Item(NamedTuple):
    """Something is taken out of a value that may not be there. `source` names the container.

    `exception`: KeyError for `container["key"]`, IndexError for `text.split()[1]`, ValueError for
    `one, two = text.split()`. `chosen`: `container[key]`, where a value says which item it is; then
    `container` is where that value comes from. With another exception than KeyError, it is one of those items that
    meet a condition.
    """

    at: Span
    container: Flow
    source: Path
    names: frozenset[str]
    guarded: bool
    exception: str = "KeyError"
    chosen: bool = False


class Use(NamedTuple):
    """What a call gives is needed, or given back, and nobody has looked whether it is None.

    `exception`: what is raised here if it is, "" where it is given back. `keys`: where the values come from that
    say what the call looks for. `asks`: it is a query that may find nothing, whatever library it is of.
    """

    call: Call
    keys: Flow
    exception: str = ""
    asks: bool = False


class Raise(NamedTuple):
    """`raise exception`; an empty path raises the error that is being handled once more.

    `conditional`: not whenever its handler, or its function, is run.
    """

    at: Span
    exception: Path
    conditional: bool = False


class Handler(NamedTuple):
    """An except clause. `types` is None for a bare one; "" stands for a type that cannot be named.

    `hollow`: where it stands, if it drops whatever it catches and the program goes on as if all was well.
    `tells`: whether it does something with the exception itself, such as to print it.
    """

    types: tuple[Path, ...] | None
    name: str
    body: tuple[Operation, ...]
    hollow: Span | None = None
    tells: bool = False


class Try(NamedTuple):
    """A try statement."""

    body: tuple[Operation, ...]
    handlers: tuple[Handler, ...]
    otherwise: tuple[Operation, ...]
    finally_: tuple[Operation, ...]


class With(NamedTuple):
    """A with statement; `managers` are the paths of its context managers, `types` what suppress() names."""

    managers: tuple[Path, ...]
    types: tuple[Path, ...]
    body: tuple[Operation, ...]


SPLIT = "?.split()"
"""What a comprehension goes over that takes the parts of a text, whatever holds that."""


class Loop(NamedTuple):
    """A loop. `source`: what it goes over, "" for while. `targets`: names that change with each round.

    `forever`: `while True` and the like, with a call that waits and no way out. `seeks`: what it has found is given
    back, and that is its end.
    """

    at: Span
    source: Path
    targets: frozenset[str]
    is_async: bool
    forever: bool
    body: tuple[Operation, ...]
    seeks: bool = False


NOT_NONE = " is not None"
"""Ends what a branch needs that asks whether something is handed over at all, behind the name of the parameter."""


class Branch(NamedTuple):
    """What is done only if a parameter holds something: `path`, or anything but None: `path is not None`."""

    needs: str
    body: tuple[Operation, ...]


class Yield(NamedTuple):
    """Where a generator hands over: in a context manager, where the body of `with` runs."""

    at: Span


Operation: TypeAlias = Call | Item | Use | Raise | Try | With | Loop | Branch | Yield


def within(operations: Iterable[Operation]) -> Iterator[Operation]:
    """Operations and all that they hold, at any depth."""
    for one in operations:
        yield one
        if isinstance(one, Loop | With | Branch):
            yield from within(one.body)
        elif isinstance(one, Try):
            yield from within(one.body)
            for handler in one.handlers:
                yield from within(handler.body)
            yield from within(one.otherwise)
            yield from within(one.finally_)


class Parameter(NamedTuple):
    """`annotation` and `default` are paths, "" if there are none; `kind` is "", "*" or "**".

    `supplier`: the function whose result a framework hands over: `Depends(supplier)`. `unset`: it holds nothing if
    nothing is handed over, be that None or something empty; "" if it holds something then.
    """

    name: str
    annotation: Path = ""
    kind: str = ""
    default: Path = ""
    supplier: Path = ""
    unset: str = ""


class Decorator(NamedTuple):
    """`argument`: the first positional argument if it is a literal text, of a route its placeholders;
    `options`: keywords, without the texts in them.
    """

    path: Path
    argument: str | None = None
    options: tuple[tuple[str, str], ...] = ()
    names: tuple[Path, ...] = ()


class Function(NamedTuple):
    """A function, or the code of a block outside any: `<module>`, or `<main>` under the main guard.

    `name` is dotted within the file: `Class.method`, `outer.inner`. `returns`: paths of the values
    that it gives back; `returned`: what flows into them and into what it yields. `declared`: its
    return annotation. `spares`: of a handler of errors that drops some without a word, the types that it does deal
    with, of an `__exit__` those that it keeps; None if it does so with whatever there is, or does not ask.
    `refuses`: it tests types, and raises. `may_give_none`: it says so; `demands`: only if it is handed one of these, by
    name. `finds`: what it gives back was tested to be there, if it gives something.
    """

    name: str
    at: Span
    owner: str
    parameters: tuple[Parameter, ...]
    decorators: tuple[Decorator, ...]
    is_async: bool
    body: tuple[Operation, ...]
    returns: tuple[Path, ...] = ()
    declared: Path = ""
    returned: Flow = frozenset()
    spares: tuple[Path, ...] | None = None
    refuses: bool = False
    may_give_none: bool = False
    finds: bool = False
    demands: tuple[str, ...] = ()

    def bound(self) -> list[str]:
        """The parameters that the arguments of a call fill from the first on: without `self`."""
        names = [one.name for one in self.parameters if not one.kind]
        return names[1:] if self.owner and names[:1] and names[0] in {"self", "cls"} else names


class Extract(NamedTuple):
    """All that a block contributes. `variables`: module-level names and what they hold; `attributes`:
    what `self.name` holds, by `Class.name`, what the application holds, by `shared:name`, and requests, by
    `request:name`, and where what is put into a queue comes from, by `queued:name`, as atoms with spaces between
    them; `bases`: of each class; `marks`: words in the text that tell of handlers which apply everywhere.
    """

    functions: tuple[Function, ...] = ()
    variables: tuple[tuple[str, Path], ...] = ()
    attributes: tuple[tuple[str, Path], ...] = ()
    bases: tuple[tuple[str, tuple[Path, ...]], ...] = ()
    marks: frozenset[str] = frozenset()
