"""How the rules about escapes tell of them: the error, the call, and the way to whoever should have handled it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from shipworthy import unseen
from shipworthy.facts.model import ABSENT, UNMATCHED, Escape, Step
from shipworthy.model import Place, Severity
from shipworthy.rule import Found, Offer, Pass
from shipworthy.syntax import last_word
from shipworthy.syntax import spoken as spoken_call

_MOST_NAMES = 2
"""So many exceptions are named in a message; of more it says that there are others."""
_MOST_STEPS = 4
_LONGEST = 40
_MISSING = {
    "KeyError": "if the key is missing",
    "IndexError": "if there are fewer parts",
    "ValueError": "if there are more or fewer parts",
}


def told(run: Pass, escape: Escape, consequence: str, *, offers: Iterable[Offer] = ()) -> Found:
    """A finding about an escape: what fails, the way it takes, and what comes of it; a hint where that is little."""
    severity = Severity.HINT if escape.mild else None
    what = _what(run, escape)
    message = f"{what[0].upper()}{what[1:]}{_way(escape)}; {consequence}."
    return run.finding(escape.span, message, severity=severity, related=_places(run, escape), offers=offers)


def said(run: Pass, escape: Escape, message: str) -> Found:
    """A finding about an escape that is told in other words."""
    return run.finding(escape.span, message, related=_places(run, escape))


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
    if escape.call == ABSENT:
        call = run.block.smallest(escape.span)
        said = spoken_call(call.child_by_field_name("function")) if call is not None else "this"
        called = last_word(call) if call is not None and " " in said else said
        return f"`{called}` may find nothing, and nobody looks at what it gives"
    alike = [one for one in escape.along if (one.call, one.exceptions) == (escape.call, escape.exceptions)]
    same = [one for one in escape.along if one not in alike and _fails_alike(one, escape)]
    others = [one for one in escape.along if one not in alike and one not in same]
    beside = ""
    if len(others) == 1:
        other = _failing(run, others[0])
        beside = f", {other[0].lower()}{other[1:]}"
    elif others:
        beside = (
            f", {len(others)} other places here may raise {spoken(name for one in others for name in one.exceptions)}"
        )
    more = len({run.block.text[one.span.start : one.span.end] for one in (escape, *alike)}) - 1
    return f"{_failing(run, escape, more, same)}{beside}, and nothing handles {'these' if others else 'it'}"


def _fails_alike(one: Escape, other: Escape) -> bool:
    """Whether two calls raise the same."""
    calls = not any(escape.call.startswith("[") for escape in (one, other))
    return calls and spoken(one.exceptions) == spoken(other.exceptions)


def _failing(run: Pass, escape: Escape, more: int = 0, same: Sequence[Escape] = ()) -> str:
    """What may fail, here and so many more times in this function, and the `same` way other calls."""
    names = spoken(escape.exceptions)
    if escape.call == ABSENT:
        return "may find nothing too"
    if escape.call.startswith("["):
        others = f" (and {more} other key{'s' * (more > 1)} of it)" if more else ""
        missing = "if none is like that" if escape.call == UNMATCHED else _MISSING[escape.exceptions[0]]
        return f"Reading {_source(run, escape)}{others} raises {names} {missing}"
    if len(same) + more == 1 and same:
        others = f" and {_source(run, same[0])}"
    elif same:
        others = f" and {len(same) + more} other calls here"
    else:
        others = f", here and {more} more time{'s' * (more > 1)} in this function," if more else ""
    return f"{_source(run, escape)}{others} may raise {names}"


def _source(run: Pass, escape: Escape) -> str:
    """What a message calls that which fails."""
    source = run.block.text[escape.span.start : escape.span.end]
    if escape.call.endswith(("__iter__", "__aiter__")) and re.fullmatch(r"[\w.]+", source):
        return f"going over `{source}`"
    if escape.call.startswith("["):
        return f"`{source}`" if len(source) <= _LONGEST and "\n" not in source else "this item"
    return f"`{_call(source, escape.call)}`"


def _call(source: str, canonical: str) -> str:
    """What a message calls a call: as it is written, without arguments, which may hold a secret."""
    last = canonical.rpartition(".")[2] or canonical
    written = re.match(r"(?:await\s+)?([\w.]+)\s*(?=\()", source)
    if re.fullmatch(r"[\w.]+", source) and source.rpartition(".")[2] == last:
        return f"{source}()"  # applied by another one: `map(int, parts)`
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
    if escape.call == ABSENT:
        call = run.block.smallest(escape.span)
        used = call and (unseen.use(call, run.block) or unseen.first_use(call, run.block))
        places += [run.place(used, "used here")] if used is not None else []
        places += [_place(escape.source, "may find nothing")] if escape.source is not None else []
    if escape.loop is not None and escape.rule != "unvalidated-request-input":
        places.append(_place(escape.loop, "the loop that it ends"))
    if escape.dropped is not None:
        places.append(_place(escape.dropped, "this handler hides it when the loop is over"))
    along = (Step(run.path, one.function, run.block.key, one.span) for one in escape.along)
    places += [_place(step, says) for step, says in escape.besides]
    return [*places, *(_place(step, _failing(run, one)) for step, one in zip(along, escape.along, strict=True))]


def _subject(function: str) -> str:
    return "the script" if function.startswith("<") else function.rpartition(".")[2]


def _place(step: Step, message: str) -> Place:
    return Place(step.span, message, step.path, step.block)
