"""How the catalogue says what a call raises in normal operation.

    call("open io.open", raises="OSError", likelihood=USER, depends_on="0 file", returns="file")
    call("zipfile.ZipFile", raises=("OSError", but("zipfile.BadZipFile", "1 mode", "w a x")), ...)
    call("subprocess.run", raises=only("subprocess.CalledProcessError", "check", "True"), ...)

Normal operation is what happens to correct programs: a peer that is down, a file that is missing,
text that does not parse. A wrong argument type or a bug in the library is not in the catalogue.

Names of rows, beside those of functions and methods: `type.attribute` (raises nothing, `returns` is
what it holds), `type[]` (an item of it), `type.__call__`, `type.__enter__`, `type.__aenter__` (what
`with` gives, where it is not the object itself), `type.__iter__`, `type.__aiter__` (what a loop over
it raises), `type.*` (any method), `*.objects.get` (any beginning).

Types, in `returns`: the name of a class, `[type]` for several of it, `outside` for data that somebody
else made, `outside.bytes` for such data before it is decoded, `outside.sent` if it came with a request, or
a name that the catalogue invents.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field

OUTSIDE = "outside"
"""The type of data that another program or a person made; also the beginning of the names of such types."""


class Likelihood(enum.IntEnum):
    """How ordinary the failure is."""

    RARE = 1
    """The program's own files and settings: fails when the machine does."""
    USER = 2
    """What the person at the keyboard gives: files, folders, programs that must exist."""
    PEER = 3
    """Another machine, or data that somebody else wrote: fails every week."""


RARE, USER, PEER = Likelihood


@dataclass(frozen=True, slots=True)
class Condition:
    """A literal argument at one of `places` (a position or a keyword) begins with one of `values`,
    white space aside.

    Without values: an argument stands at one of the places, and it is not a literal None. `*`: it may be one.
    """

    places: tuple[str, ...]
    values: tuple[str, ...]

    def holds(self, literals: Mapping[str, str], given: Container[str]) -> bool:
        """Whether it holds for a call with these literal arguments; `given`: the places of all its arguments."""
        if self.values == ("*",):
            return any(place in given for place in self.places)
        if not self.values:
            return any(place in given and literals.get(place) != "None" for place in self.places)
        return any(literals[place].lstrip().startswith(self.values) for place in self.places if place in literals)


@dataclass(frozen=True, slots=True)
class Raised:
    """An exception, by its canonical dotted name, under conditions on the arguments.

    `likelihood`: where it differs from that of the row. `always`: whatever the values that the row depends on.
    """

    exception: str
    given: Condition | None = None
    unless: Condition | None = None
    likelihood: Likelihood | None = None
    always: bool = False

    def applies(self, literals: Mapping[str, str], given: Container[str]) -> bool:
        """Whether a call with these arguments may raise it; see `Condition.holds`."""
        wanted = self.given is None or self.given.holds(literals, given)
        return wanted and not (self.unless is not None and self.unless.holds(literals, given))


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a call. `depends_on`: places (a position, a keyword, `self`, `*` for any argument, or `**` for
    keywords that are poured in) of which one must hold a value from outside the program, or else the call does not
    fail; empty: it always may.

    `returns`: the type of the result, by the name that its methods have in the catalogue.
    `since`: the library's versions that this holds for, where it changed.
    """

    raised: tuple[Raised, ...] = ()
    likelihood: Likelihood = RARE
    depends_on: tuple[str, ...] = ()
    returns: str = ""
    since: str = ""


@dataclass(frozen=True)
class Library:
    """The rows of one library. `exceptions`: each with its bases; `aliases`: other names of the same
    thing. The alias of a class or module holds for all that is in it; `*.name` stands for any beginning.
    """

    name: str
    calls: dict[str, Known] = field(default_factory=dict[str, Known])
    exceptions: dict[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    aliases: dict[str, str] = field(default_factory=dict[str, str])


def call(
    names: str,
    raises: str | Raised | Iterable[str | Raised] = (),
    likelihood: Likelihood = RARE,
    depends_on: str = "",
    returns: str = "",
    since: str = "",
) -> dict[str, Known]:
    """One row for several names that behave alike; names are separated by white space."""
    listed = raises.split() if isinstance(raises, str) else [raises] if isinstance(raises, Raised) else list(raises)
    raised = tuple(one if isinstance(one, Raised) else Raised(one) for one in listed)
    known = Known(raised, likelihood, tuple(depends_on.split()), returns, since)
    return dict.fromkeys(names.split(), known)


def methods(
    owner: str,
    names: str,
    raises: str | Raised | Iterable[str | Raised] = (),
    likelihood: Likelihood = RARE,
    depends_on: str = "",
    returns: str = "",
    since: str = "",
) -> dict[str, Known]:
    """One row for several methods of a type, or functions of a module, that behave alike."""
    return call(" ".join(f"{owner}.{name}" for name in names.split()), raises, likelihood, depends_on, returns, since)


def classes(names: str) -> dict[str, Known]:
    """Classes whose call gives an instance and raises nothing."""
    return {name: Known(returns=name) for name in names.split()}


def only(
    exception: str, places: str, values: str = "", likelihood: Likelihood | None = None, *, always: bool = False
) -> Raised:
    """An exception that is raised only if a literal argument begins with one of `values`.

    Without values: only if one of the places is given, and not None.
    """
    given = Condition(tuple(places.split()), tuple(values.split()))
    return Raised(exception, given=given, likelihood=likelihood, always=always)


def but(exception: str, places: str, values: str = "", likelihood: Likelihood | None = None) -> Raised:
    """An exception that is not raised if a literal argument begins with one of `values`.

    Without values: not if one of the places is given, and not None.
    """
    return Raised(exception, unless=Condition(tuple(places.split()), tuple(values.split())), likelihood=likelihood)


def rather(likelihood: Likelihood, exception: str, *, always: bool = False) -> Raised:
    """An exception that is more or less likely than the others of its row."""
    return Raised(exception, likelihood=likelihood, always=always)


def library(name: str, calls: Iterable[dict[str, Known]], exceptions: str = "", aliases: str = "") -> Library:
    """A library from its rows. `exceptions`: lines `names < bases`; `aliases`: lines `names = canonical`.

    Below a line `prefix:` that prefix goes without saying, for bases too if they stand there on the left.
    """
    merged: dict[str, Known] = {}
    for row in calls:
        twice = merged.keys() & row.keys()
        if twice:
            raise ValueError(f"{name}: listed twice: {', '.join(sorted(twice))}")
        merged.update(row)
    hierarchy = {left: tuple(right.split()) for left, right in _pairs(name, _in_full(exceptions), "<").items()}
    return Library(name, merged, hierarchy, _pairs(name, aliases, "="))


def _in_full(lines: str) -> str:
    """Lines `names < bases` with every prefix written out."""
    written: list[str] = []
    for part in re.split(r"^\s*(?=\S+:$)", lines.strip(), flags=re.MULTILINE):
        first, _, rest = part.partition(":\n")
        if not rest:
            written.append(part)
            continue
        section = [line.partition("<") for line in rest.strip().splitlines()]
        here = {name for left, _, _ in section for name in left.split()}
        for left, _, right in section:
            names = " ".join(f"{first}.{name}" for name in left.split())
            bases = " ".join(f"{first}.{base}" if base in here else base for base in right.split())
            written.append(f"{names} < {bases}")
    return "\n".join(written)


def _pairs(library_name: str, lines: str, sign: str) -> dict[str, str]:
    """Each name left of the sign with what stands right of it."""
    found: dict[str, str] = {}
    for line in lines.strip().splitlines():
        left, _, right = line.partition(sign)
        for name in left.split():
            if name in found:
                raise ValueError(f"{library_name}: listed twice: {name}")
            found[name] = right.strip()
    return found
