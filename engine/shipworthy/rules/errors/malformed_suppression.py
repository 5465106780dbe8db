from __future__ import annotations

from shipworthy.model import Severity
from shipworthy.rule import engine_rule, js, py


@engine_rule(
    "malformed-suppression",
    severity=Severity.WARNING,
    in_tests=True,
    bad=(
        py("work()  «# shipworthy: allow swallowed-exception»\n"),
        py("work()  «# shipworthy: allow swallowed-exceptions -- the cache is only a help»\n"),
        py("work()  «# shipworthy: ignore swallowed-exception -- the cache is only a help»\n"),
        py("work()  «# shipworthy: allow swallowed-exception -- for now until 2026-13-01»\n"),
        js("work(); «// shipworthy: allow»\n"),
    ),
    good=(
        py("""
            try:
                work()
            except Exception:  # shipworthy: allow swallowed-exception -- the cache is only a help
                pass
        """),
        py("# The settings of shipworthy are in pyproject.toml.\nwork()\n"),
    ),
)
def malformed_suppression() -> None:
    """A comment is meant to allow a rule, and cannot be understood.

    It hides nothing: a rule is misspelt, the reason is missing, or the date is no date. Whoever
    wrote it believes that the finding is dealt with.

    Instead, write `# shipworthy: allow RULE -- reason`, and `until YYYY-MM-DD` behind it if it shall end.
    """
