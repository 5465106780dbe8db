"""Random texts of a form, for tests and measurements: no example of a credential is ever committed."""

from __future__ import annotations

import importlib
import random
import string
from typing import Any

from shipworthy.secrets.formats import Format

_MORE = 24
"""How much longer than its least length a part of open length is at most."""

_PRINTABLE = string.ascii_letters + string.digits + "_-."


def example(known: Format, seed: int = 0) -> str:
    """A token of a format, its built-in check fulfilled. The same seed gives the same token."""
    value = of_form(known.form, seed)
    return known.check.completed(value) if known.check is not None else value


def of_form(form: str, seed: int = 0) -> str:
    """A random text that a regular expression matches; what stands around it is not made."""
    parser: Any = importlib.import_module("re._parser")
    return _made(parser.parse(form), random.Random(f"{seed} {form}"))


def _made(parts: Any, chance: random.Random) -> str:
    return "".join(_part(str(kind), about, chance) for kind, about in parts)


def _part(kind: str, about: Any, chance: random.Random) -> str:
    if kind == "LITERAL":
        return chr(about)
    if kind == "IN":
        return chance.choice(_members(about))
    if kind == "BRANCH":
        return _made(chance.choice(about[1]), chance)
    if kind == "SUBPATTERN":
        return _made(about[3], chance)
    if kind in {"MAX_REPEAT", "MIN_REPEAT"}:
        least, most, what = about
        return "".join(_made(what, chance) for _ in range(chance.randint(least, min(most, least + _MORE))))
    if kind in {"ASSERT", "ASSERT_NOT", "AT"}:
        return ""
    raise ValueError(f"no example can be made of {kind} in a form")


def _members(about: Any) -> list[str]:
    found: list[str] = []
    for kind, what in about:
        if str(kind) == "LITERAL":
            found.append(chr(what))
        elif str(kind) == "RANGE":
            found.extend(map(chr, range(what[0], what[1] + 1)))
        elif str(kind) == "CATEGORY":
            found.extend(string.digits if "DIGIT" in str(what) else _PRINTABLE[:-2])
    return found
