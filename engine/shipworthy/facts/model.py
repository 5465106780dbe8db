"""The facts themselves: plain values that follow from a text and can be kept with its digest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from shipworthy.model import Span


@dataclass(frozen=True, slots=True)
class Import:
    """A name bound by an import: `from a.b import c as d` is `Import("d", "a.b", "c")`.

    Python modules keep their leading dots, JavaScript modules are written as in the source.
    `nested`: the import stands within a function, so it binds the name there alone.
    """

    name: str
    module: str
    member: str = ""
    nested: bool = False

    @property
    def target(self) -> str:
        """What the name stands for, dotted."""
        return f"{self.module}.{self.member}" if self.member else self.module


@dataclass(frozen=True, slots=True)
class Told:
    """What a function gives back if something failed: `False` or `None`. `block`: the key of its block; `span`: where
    in it the failure becomes that answer. `printed`: a line on the standard output tells of it too.
    """

    answer: str
    block: str
    span: Span
    printed: bool = False


@dataclass(frozen=True, slots=True)
class Definition:
    """A function, method or class of a file; methods are named `Class.method`.

    `may_give_none`: a function gives something back, and says that it is None at times; `none_on_demand`: only if it
    is handed something; `demands`: or only if it is handed one of these parameters, by place and name. `told`: how it
    tells that something failed, if it does so by what it gives back alone. `opens`: what a function calls, as it is
    written, to open what it hands over to whoever calls it, and keeps nowhere: `sqlite3.connect`. `guarded`: it deals
    with its failures itself, and raises none. `gives`: the class of what it says that it gives, as it is written.
    `waits`: a coroutine hands over to others before it is done.
    """

    name: str
    kind: str
    is_async: bool = False
    bases: tuple[str, ...] = ()
    decorators: tuple[str, ...] = ()
    may_give_none: bool = False
    none_on_demand: bool = False
    demands: tuple[tuple[int, str], ...] = ()
    told: Told | None = None
    opens: str = ""
    guarded: bool = False
    gives: str = ""
    waits: bool = False


@dataclass(frozen=True, slots=True)
class BlockFacts:
    """The facts of one block."""

    imports: tuple[Import, ...] = ()
    definitions: tuple[Definition, ...] = ()


@dataclass(frozen=True)
class FileFacts:
    """The union of the facts of a file's blocks."""

    imports: Mapping[str, Import] = field(default_factory=dict[str, Import])
    definitions: Mapping[str, Definition] = field(default_factory=dict[str, Definition])
    language: str = "text"


@dataclass(frozen=True, slots=True)
class Step:
    """A place on an error's way: in `function` (dotted) of the file `path`, at a span of the block with key `block`."""

    path: str
    function: str
    block: str
    span: Span


@dataclass(frozen=True, slots=True)
class Escape:
    """An error that arises in a block, at `span`, and reaches a boundary unhandled.

    `rule`: what such a defect is called. `call`: the canonical name of the call that raises,
    "[]" for what is taken out of a value by a key, an index or unpacking, or ABSENT; then `source` is
    where nothing was found. `kind`: that of the boundary,
    such as `view`; `boundary`: in words, such as "the view `show`". `way`: the calls from the boundary
    inwards, the raising one not among them. `loop`: the loop that the error ends. `mild`: it harms little,
    for whoever calls has signed in, is another program, or calls again, or one piece of work is lost. `others`:
    the way is not all; whoever handles the error at its beginning has not handled it for good, for it takes other
    ways too, others wait for the function there, or a generator stands on it. `dropped`: the handler outside of the
    loop that says nothing of it. `along`: others in the function that are told with it. `besides`: places that are
    named too, with what they say. `framework`: the package whose view or command the boundary is, "" if that cannot be
    told. `awaited`: whoever calls the boundary acts on whether it fails, or on what it gives back: a queue delivers the
    message again, say.
    """

    rule: str
    kind: str
    exceptions: tuple[str, ...]
    call: str
    function: str
    span: Span
    boundary: str
    way: tuple[Step, ...] = ()
    loop: Step | None = None
    mild: bool = False
    others: bool = False
    dropped: Step | None = None
    along: tuple[Escape, ...] = ()
    source: Step | None = None
    besides: tuple[tuple[Step, str], ...] = ()
    framework: str = ""
    awaited: bool = False

    @property
    def is_missing(self) -> bool:
        """Whether it says that what was asked for is not there."""
        return self.call == ABSENT or all(name.endswith(MISSING) for name in self.exceptions)

    @property
    def all_exceptions(self) -> frozenset[str]:
        """What it may be, or one of those along with it."""
        return frozenset(self.exceptions).union(*(one.exceptions for one in self.along))


NUMBERS = frozenset({"int", "float", "decimal.Decimal"})
"""Calls that make a number of a text, as `Escape.call` names them."""

DATABASES = ("asyncpg.", "psycopg", "pymongo.", "pymysql.", "redis.", "sqlalchemy.")
"""How exceptions begin that come from databases on a server, which is now and then gone, or refuses a row."""

ABSENT = "[none]"
"""What `Escape.call` says where a result is used that is None if nothing was found."""

RUNNING = "[jobs]"
"""What it says where a loop runs the jobs that are due, and ends with any error of one."""

UNMATCHED = "[if]"
"""What it says where one of those items is taken that meet a condition, and there may be none."""

MISSING = ("DoesNotExist", "NoResultFound")
"""How exceptions end that say that there is no such row."""

Escapes = Mapping[str, tuple[Escape, ...]]
"""The escapes that arise in a file, by the key of the block that they arise in."""
