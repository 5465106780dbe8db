from __future__ import annotations

from shipworthy.model import Severity
from shipworthy.rule import engine_rule, js, py


@engine_rule(
    "unused-suppression",
    severity=Severity.HINT,
    in_tests=True,
    bad=(
        py("work()  «# shipworthy: allow swallowed-exception -- the cache is only a help»\n"),
        js("work(); «// shipworthy: allow swallowed-exception -- nobody waits for this»\n"),
    ),
    good=(
        py("""
            try:
                work()
            except Exception:  # shipworthy: allow swallowed-exception -- the cache is only a help
                pass
        """),
        py('text = "# shipworthy: allow swallowed-exception -- not a comment"\n'),
    ),
)
def unused_suppression() -> None:
    """A comment allows a rule on a line where that rule finds nothing.

    The code has been mended or moved since. Left behind, the comment hides the next defect that is
    made here, and tells readers of one that is not there.

    Instead, delete the comment, or put it back on the line that it was written for.
    """
