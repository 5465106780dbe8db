"""What the values of a function are: whose they are, and whether they were looked at on their way."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from shipworthy.escape import stored
from shipworthy.escape.catalogue import Likelihood
from shipworthy.escape.escaping import CHOICE, ITEM
from shipworthy.escape.flows import MARKS, NOWHERE, OUTSIDE
from shipworthy.escape.ir import KEYED, PARAMETER, Function, Path
from shipworthy.escape.meanings import ProjectFunction
from shipworthy.escape.program import Unit
from shipworthy.escape.records import RECORDS
from shipworthy.escape.words import CHECKED_ATOMS
from shipworthy.facts.model import NUMBERS

if TYPE_CHECKING:
    from shipworthy.escape.summaries import Summaries

_TYPED = re.compile(
    r"\|re\.|\|(?:[^|]*\.)?(?:findall|finditer|fullmatch|match|search)(?:\||$)|parse_args\(\)|subprocess\.|\|[/#]"
)
"""Where numbers come from that are numbers: what an expression has matched, what a parser of arguments gives,
what was divided, what was tested to be one."""

_NUMERIC = frozenset({"bool", "float", "int"})
"""What the functions declare that give a number."""

OPENED = re.compile(r"(?:^|[|.])(?:open|read_text|read_bytes)(?:\(\)|\||$)")
"""What was read from a file, in an atom."""

FOUND = re.compile(r"(?:^|[|.])(?:listdir|walk|scandir|glob|iglob|rglob|iterdir)(?:\(\)|\[\]|\||$)")
"""What was found in a folder, in an atom."""


class Values:
    """Answers for the values of one function, given what flows into them."""

    def __init__(self, summaries: Summaries, unit: Unit, function: Function) -> None:
        self._all, self._unit, self._function = summaries, unit, function

    @functools.cached_property
    def _options(self) -> tuple[str, ...]:
        """The parameter that takes whatever keywords there are, as atoms of flows begin that come from it."""
        return tuple(f"{PARAMETER}{one.name}" for one in self._function.parameters if one.kind == "**")

    @functools.cached_property
    def _numbers(self) -> frozenset[str]:
        """The parameters that are declared to be numbers."""
        return frozenset(f"{PARAMETER}{one.name}" for one in self._function.parameters if one.annotation in _NUMERIC)

    def condition(
        self, flows: Iterable[frozenset[str]], *, itself: bool = False, what: str = ""
    ) -> frozenset[str] | None:
        """On which condition one of some values comes from outside, or is what `what` may fail for."""
        origins = [self._all.flows.origin(self._unit, self._function, flow, itself=itself) for flow in flows]
        if any(origin is OUTSIDE for origin in origins):
            return OUTSIDE
        found = frozenset(name for origin in origins if origin is not None for name in origin)
        return found - stored.unasked(what)

    def handed_over(
        self, condition: frozenset[str], given: Mapping[str, frozenset[str]], what: str
    ) -> frozenset[str] | None:
        """A condition on the parameters of a callee, in which `what` fails, as one on those of the caller."""
        if what in NUMBERS:
            given = {name: frozenset(atom for atom in flow if self.counts(what, atom)) for name, flow in given.items()}
        if what in {CHOICE, ITEM} and RECORDS in self._unit.marks:
            given = {name: frozenset(atom for atom in flow if not _is_of_event(atom)) for name, flow in given.items()}
        made = self.condition([given[name] for name in condition if name in given], what=what)
        names = (name[:-1] for name in condition if name.endswith("!"))
        itself = self.condition([given[name] for name in names if name in given], itself=True)
        if made is None or itself is None:
            return OUTSIDE
        return made | itself | (condition & MARKS)

    def is_checked(self, atom: str) -> bool:
        """Whether what is taken out of a value of this origin is there: a gateway or a queue fills its events, though
        not what a client sends within.
        """
        if not self._unit.marks.isdisjoint({"statusCode", RECORDS}) and _is_of_event(atom):
            return True
        return any(word in atom for word in CHECKED_ATOMS) or any(
            self._refuses(self._unit, self._function, one) for one in atom.split("|")
        )

    def _refuses(self, unit: Unit, function: Function, path: Path, depth: int = 2) -> bool:
        """Whether a function of the project, or one whose result it gives back, raises if a value is not of the types
        that it expects.
        """
        inner = self._called(unit, function, path) if depth else None
        return inner is not None and (
            inner[1].refuses or any(self._refuses(*inner, given, depth - 1) for given in inner[1].returns)
        )

    def is_found(self, flow: frozenset[str]) -> bool:
        """Whether a path was given back by a function that has looked whether it is there."""
        return bool(flow) and all(
            any(self._finds(self._unit, self._function, one) for one in atom.split("|")) for atom in flow
        )

    def _finds(self, unit: Unit, function: Function, path: Path, depth: int = 2) -> bool:
        """Whether a path is what a function of the project gives back that has tested it, or has it of such a one."""
        inner = self._called(unit, function, path) if depth else None
        if inner is None:
            return False
        returns = inner[1].returns
        return inner[1].finds or (bool(returns) and all(self._finds(*inner, one, depth - 1) for one in returns))

    def _called(self, unit: Unit, function: Function, path: Path) -> tuple[Unit, Function] | None:
        """The function of the project that a path names, or names the result of, with its file."""
        meaning = self._all.names.resolve(unit, function, path.removesuffix("()"))
        if not isinstance(meaning, ProjectFunction):
            return None
        within = self._all.program.units[meaning.name.path]
        return within, within.functions[meaning.name.function]

    def counts(self, name: str, atom: str) -> bool:
        """Whether a value of this origin may be what a call does not expect."""
        if name in NUMBERS:
            if _TYPED.search(atom) or atom.startswith(self._options) or atom in self._numbers:
                return False
            return not any(self._declares_number(one) for one in atom.split("|"))
        if name == "string.Template.substitute":
            return f"|{KEYED}" not in atom
        if name == "pandas.concat":
            return FOUND.search(atom) is not None
        # a program that is given JSON on its command line is called by another one
        return name != "json.loads" or not atom.startswith("sys.argv")

    def _declares_number(self, callee: Path) -> bool:
        inner = self._called(self._unit, self._function, callee)
        return inner is not None and inner[1].declared in _NUMERIC

    def is_all(self, through: re.Pattern[str], flows: list[frozenset[str]]) -> bool:
        """Whether all that comes from outside came by a way that `through` finds in its atoms."""
        others = [frozenset(atom for atom in flow if not through.search(atom)) for flow in flows]
        return others != flows and self.condition(others) == NOWHERE

    def is_loaded(self, source: Path) -> bool:
        """Whether a value was read from a file with settings of the program's own."""
        found = self._all.flows.origin(self._unit, self._function, frozenset({source}))
        return found is not None and not found.isdisjoint({stored.OWN, stored.SETTINGS})

    def of_content(self, flow: frozenset[str]) -> Likelihood:
        """How likely it is that what somebody sent lacks something: what it names may be a file of somebody else's."""
        return Likelihood.USER if self.is_all(OPENED, [flow]) else Likelihood.PEER


def _is_of_event(atom: str) -> bool:
    """Whether a value is an event that AWS fills, or a part of one, and nothing that somebody has written within."""
    return atom.startswith(f"{PARAMETER}event") and "json.loads" not in atom


def is_of_name(flow: frozenset[str]) -> bool:
    """Whether a text is a part of the name of a file that was found in a folder."""
    return any(FOUND.search(atom) for atom in flow) and not any(OPENED.search(atom) for atom in flow)
