"""How the rules about escapes tell of them: the error, the call, and the way to whoever should have handled it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from shipworthy.facts.model import Escape, Step
from shipworthy.model import Place, Severity
from shipworthy.rule import Found, Offer, Pass

_MOST_NAMES = 2
"""So many exceptions are named in a message; of more it says that there are others."""
_MOST_STEPS = 4
_LONGEST = 40
_MISSING = {
    "KeyError": "if the key is missing",
    "IndexError": "if there are fewer parts",
    "ValueError": "if there are more or fewer parts",
}


def told(
    run: Pass, escape: Escape, consequence: str, *, severity: Severity | None = None, offers: Iterable[Offer] = ()
) -> Found:
    """A finding about an escape: what fails, the way it takes, and what comes of it; a hint where that is little."""
    severity = Severity.HINT if escape.mild else severity
    message = f"{_what(run, escape)}{_way(escape)}; {consequence}."
    return run.finding(escape.span, message, severity=severity, related=_places(run, escape), offers=offers)


def said(run: Pass, escape: Escape, message: str, *, severity: Severity | None = None) -> Found:
    """A finding about an escape that is told in other words."""
    return run.finding(escape.span, message, severity=severity, related=_places(run, escape))


def spoken(exceptions: Iterable[str]) -> str:
    """Exceptions as a message names them: `OSError`, `Timeout or HTTPError`, `A, B or others`."""
    names = sorted({_short(name) for name in exceptions})
    if len(names) <= _MOST_NAMES:
        return " or ".join(names)
    return f"{', '.join(names[:_MOST_NAMES])} or others"


def _short(exception: str) -> str:
    """The last name of an exception; with the one before it if by itself it tells nothing: `zlib.error`."""
    *before, last = exception.split(".")
    return ".".join((*before[-1:], last)) if last == "Error" or last[:1].islower() else last


def _what(run: Pass, escape: Escape) -> str:
    if escape.call == "raise" and not escape.along:
        return f"{spoken(escape.exceptions)}, raised here, is not handled"
    alike = [one for one in escape.along if (one.call, one.exceptions) == (escape.call, escape.exceptions)]
    others = [one for one in escape.along if one not in alike]
    beside = ""
    if others:
        names = spoken(name for one in others for name in one.exceptions)
        beside = (
            f", and {_source(run, others[0])} {names}" if len(others) == 1 else f", {len(others)} others here {names}"
        )
    more = len({run.block.text[one.span.start : one.span.end] for one in (escape, *alike)}) - 1
    return f"{_failing(run, escape, more)}{beside}, and nothing handles {'these' if others else 'it'}"


def _failing(run: Pass, escape: Escape, more: int = 0) -> str:
    """What may fail, here and so many more times in this function."""
    names = spoken(escape.exceptions)
    if escape.call == "raise":
        return f"{names} is raised here"
    if escape.call.startswith("["):
        others = f" (and {more} other key{'s' * (more > 1)} of it)" if more else ""
        return f"Reading {_source(run, escape)}{others} raises {names} {_MISSING[escape.exceptions[0]]}"
    others = f", here and {more} more time{'s' * (more > 1)} in this function," if more else ""
    return f"{_source(run, escape)}{others} may raise {names}"


def _source(run: Pass, escape: Escape) -> str:
    """What a message calls that which fails."""
    source = run.block.text[escape.span.start : escape.span.end]
    if escape.call == "raise":
        return "this"
    if escape.call.startswith("["):
        return f"`{source}`" if len(source) <= _LONGEST and "\n" not in source else "this item"
    return f"`{_call(source, escape.call)}`"


def _call(source: str, canonical: str) -> str:
    """What a message calls a call: as it is written, without arguments, which may hold a secret."""
    last = canonical.rpartition(".")[2] or canonical
    written = re.match(r"(?:await\s+)?([\w.]+)\s*(?=\()", source)
    if written is not None and len(written[1]) <= _LONGEST and source.count("(") == 1:
        return f"{written[1]}()"
    return f"{last}()" if written is not None and written[1].rpartition(".")[2] == last else f".{last}()"


def _way(escape: Escape) -> str:
    """` on the way from the view `show` (show > load > here)`."""
    if not escape.way:
        return f" in {escape.boundary}"
    names = [step.function.rpartition(".")[2] for step in escape.way if not step.function.startswith("<")]
    if len(names) > _MOST_STEPS:
        names = [*names[:2], "...", *names[-1:]]
    names.append(escape.function.rpartition(".")[2])
    return f" up to {escape.boundary} ({' > '.join(names)})"


def _places(run: Pass, escape: Escape) -> list[Place]:
    """The steps of the way, from the boundary inwards, then the loop that ends, then what is told along."""
    callees = [*(step.function for step in escape.way), escape.function][1:]
    places = [
        _place(step, f"{_subject(step.function)} calls {callee.rpartition('.')[2]} here")
        for step, callee in zip(escape.way, callees, strict=True)
    ]
    if escape.loop is not None and escape.rule != "unvalidated-request-input":
        places.append(_place(escape.loop, "the loop that it ends"))
    along = (Step(run.path, one.function, run.block.key, one.span) for one in escape.along)
    places += [_place(step, says) for step, says in escape.besides]
    return [*places, *(_place(step, _failing(run, one)) for step, one in zip(along, escape.along, strict=True))]


def _subject(function: str) -> str:
    return "the script" if function.startswith("<") else function.rpartition(".")[2]


def _place(step: Step, message: str) -> Place:
    return Place(step.span, message, step.path, step.block)
