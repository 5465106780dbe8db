"""What is known of one function's names while its statements are read: what they hold and where it comes from."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from shipworthy.escape.ir import MADE, PARAMETER, Flow, Path

NOTHING: Flow = frozenset()
_MOST_ATOMS = 12
"""A value with more origins than this is cut short: the first ones tell enough."""


class Value(NamedTuple):
    """What an expression is: a path ("" if nothing evident), and where its value comes from."""

    path: Path
    flow: Flow


UNKNOWN = Value("", NOTHING)
TEXT = Value("@str", NOTHING)


@dataclass(slots=True)
class Scope:
    """The names of one function while its statements are read in order.

    `types`: what a local name holds, as a path ("" if unknown). `flows`: where its value comes from.
    `functions`: nested functions by name, as paths. `guarded`: names that were tested; `there`: names of which it was
    only asked whether it is there, or how much of it, and nothing of what it says; `keyed`: those of mappings
    that were asked for a key. `holding`: names with a literal that was tested to be in what they hold.
    `tested`: the texts of what was tested to be something, `if context.args:`, so that it has a first part.
    `taken`: those of what was taken out of something before, on every way here: it is there.
    """

    name: str
    types: dict[str, Path] = field(default_factory=lambda: {})
    flows: dict[str, Flow] = field(default_factory=lambda: {})
    functions: dict[str, Path] = field(default_factory=lambda: {})
    guarded: frozenset[str] = frozenset()
    there: frozenset[str] = frozenset()
    keyed: frozenset[str] = frozenset()
    holding: frozenset[tuple[str, str]] = frozenset()
    tested: frozenset[str] = frozenset()
    taken: frozenset[str] = frozenset()

    def copy(self) -> Scope:
        """The scope as a branch sees it."""
        return Scope(
            self.name,
            dict(self.types),
            dict(self.flows),
            dict(self.functions),
            self.guarded,
            self.there,
            self.keyed,
            self.holding,
            self.tested,
            self.taken,
        )

    def take_tests(self, inner: Scope, targets: Iterable[str]) -> None:
        """What was tested within a comprehension was tested, its own names aside."""
        self.guarded |= inner.guarded.difference(targets)
        self.there |= inner.there.difference(targets)
        self.keyed |= inner.keyed.difference(targets)

    def join(self, others: Iterable[Scope]) -> None:
        """Behind branches: a name may hold what any of them gave it."""
        for other in others:
            for name, path in other.types.items() if other.types != self.types else ():
                if self.types.get(name) != path:
                    self.types[name] = self.types.get(name) or path
            for name, flow in other.flows.items() if other.flows != self.flows else ():
                if flow and self.flows.get(name) != flow:
                    self.flows[name] = limited(self.flows.get(name, NOTHING) | flow)
                else:
                    self.flows.setdefault(name, flow)
            self.guarded |= other.guarded
            self.there |= other.there
            self.holding |= other.holding
            self.tested |= other.tested
            self.keyed |= other.keyed
            self.functions.update(other.functions)


@functools.lru_cache(10_000)
def handed(parameter: str) -> Flow:
    """Where the value of a parameter comes from; functions use the same names over and over."""
    return frozenset({f"{PARAMETER}{parameter}"})


def limited(flow: Flow) -> Flow:
    """A flow of bounded size, the same whatever the order it was put together in."""
    return flow if len(flow) <= _MOST_ATOMS else frozenset(sorted(flow)[:_MOST_ATOMS])


def union(flows: Iterable[Flow]) -> Flow:
    """All that flows in by any of several ways."""
    some = [flow for flow in flows if flow]
    if not some:
        return NOTHING
    return some[0] if len(some) == 1 else limited(some[0].union(*some[1:]))


def made_of(flows: Iterable[Flow]) -> Flow:
    """What flows into a text or path that is put together: not the value itself."""
    return through(MADE, union(flows))


def through(callee: str, flow: Flow) -> Flow:
    """A flow that has gone through a call."""
    if not flow:
        return flow
    return frozenset([f"{atom}|{callee}" for atom in flow if atom.count("|") < 3])
