from __future__ import annotations

from shipworthy.model import Severity
from shipworthy.rule import engine_rule, py


@engine_rule(
    "expired-suppression",
    severity=Severity.WARNING,
    in_tests=True,
    bad=(
        py("""
            try:
                work()
            except Exception:  «# shipworthy: allow swallowed-exception -- until the rewrite until 2020-01-31»
                pass
        """),
    ),
    good=(
        py("""
            try:
                work()
            except Exception:  # shipworthy: allow swallowed-exception -- until the rewrite until 9999-12-31
                pass
        """),
    ),
)
def expired_suppression() -> None:
    """A comment allowed a rule until a day that is over.

    What it hid is shown again: somebody had promised to mend it by then.

    Instead, mend it now, or agree on a new date and write down why.
    """
