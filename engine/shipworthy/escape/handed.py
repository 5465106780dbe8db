"""What a call hands over to the parameters of a function of the project."""

from __future__ import annotations

from shipworthy.escape.ir import NOT_NONE, RECEIVER, SPLAT, Call, Function


def given(call: Call, callee: Function, first: int = 0) -> dict[str, frozenset[str]]:
    """What a call hands over, by parameters; its arguments begin with the `first` one of the call."""
    keywords = dict(call.keywords)
    spread = dict.fromkeys(callee.bound(), keywords[SPLAT]) if SPLAT in keywords else {}
    return spread | dict(zip(callee.bound(), call.arguments[first:], strict=False)) | keywords


def unset(call: Call, callee: Function, first: int = 0) -> frozenset[str]:
    """What branches need that a call does not hand over: it hands over None or False, or leaves parameters out that
    hold nothing then.
    """
    handed, constants = given(call, callee, first), frozenset(call.constants)
    nothing = at(frozenset(place for place, text in constants if text == "None"), callee, first)
    empty = at(frozenset(place for place, text in constants if text == "False"), callee, first)
    if not {SPLAT, "**"} & {name for name, _ in call.keywords}:
        left = [one for one in callee.parameters if one.unset and one.name not in handed]
        nothing |= {one.name for one in left if one.unset == "none"}
        empty |= {one.name for one in left}
    return nothing | empty | {f"{name}{NOT_NONE}" for name in nothing}


def tested(call: Call, callee: Function, first: int = 0) -> frozenset[str]:
    """The parameters whose arguments were tested before the call, which begin with the `first` one of it."""
    if not call.guarded.isdisjoint({RECEIVER, SPLAT, "**"}):
        return frozenset(callee.bound())
    return at(call.guarded, callee, first)


def at(places: frozenset[str], callee: Function, first: int) -> frozenset[str]:
    """The parameters of a function at these places of a call whose arguments begin with the `first` one."""
    named = frozenset(place for place in places if not place.isdigit())
    return named | {name for number, name in enumerate(callee.bound(), first) if str(number) in places}
