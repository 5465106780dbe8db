"""What a format is: a row of data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from shipworthy.model import Severity


@dataclass(frozen=True, slots=True)
class Format:
    """One kind of token.

    `form`: a regular expression of the whole token, as documented. `keywords`: texts of which one
    stands in every such token, at most `lead` characters behind its start; none if only a backend
    finds it. `codes`: the backends' codes for it. `variable`: what to call it in the environment.
    `is_valid`: the check that is built into the token; what fails it was mistyped or made up, or,
    if the check is `certain`, is no such token. `fixed`: how many leading characters are the same in
    every such token. `stand_in`: an example as testing.py expands it, if one can be written so.
    """

    id: str
    name: str
    form: str
    variable: str
    revoke: str
    stand_in: str = ""
    keywords: tuple[str, ...] = ()
    lead: int = 0
    codes: tuple[str, ...] = ()
    severity: Severity = Severity.ERROR
    is_valid: Callable[[str], bool] | None = None
    certain: bool = False
    fixed: int = 0
