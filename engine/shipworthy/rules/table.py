"""Backend codes that have no rule of their own yet: one row each, by and by replaced by rules."""

from __future__ import annotations

from dataclasses import dataclass

from shipworthy.model import Family, Severity
from shipworthy.rule import On, Rule


@dataclass(frozen=True, slots=True)
class Row:
    """`at`: the kinds of syntax nodes that a hit is snapped to, so that two tools' hits are one."""

    id: str
    codes: tuple[str, ...]
    severity: Severity
    reason: str
    family: Family = Family.SECURITY
    at: str = "call"
    default: bool = True
    in_tests: bool = False
    cwe: tuple[int, ...] = ()


ROWS: tuple[Row, ...] = ()


def rule(row: Row) -> Rule:
    """The rule that a row stands for."""
    on = On(hits=row.codes, snap=frozenset(row.at.split("|")) if row.at else frozenset())
    return Rule(
        row.id, row.family, row.severity, row.reason, on, default=row.default, in_tests=row.in_tests, cwe=row.cwe
    )
