from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from shipworthy.model import Severity
from shipworthy.rule import Found, Hit, Pass, hit_rule, py
from shipworthy.syntax import argument, text_of

_ALL_WRITE, _GROUP_WRITES = 0o002, 0o020
_NAMED = {"S_IWOTH": _ALL_WRITE, "S_IRWXO": _ALL_WRITE, "S_IWGRP": _GROUP_WRITES, "S_IRWXG": _GROUP_WRITES}
_PART = re.compile(r"\b(?:S_I\w+|0[xX][0-9a-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|[1-9][0-9_]*)\b")


@hit_rule(
    "permissive-file-mode",
    severity=Severity.WARNING,
    hits=("bandit:B103", "ruff:S103"),
    at="call",
    cwe=(732,),
    good=(
        py("""
            import os
            import stat

            def install(path, script):
                os.chmod(path, 0o644)
                os.chmod(script, 0o755)
                os.chmod(script, os.stat(script).st_mode | stat.S_IXGRP | stat.S_IXOTH)
                os.chmod(script, 0o777 & ~current_umask())
        """),
    ),
    bad=(
        py("""
            import os

            def share(path):
                «os.chmod(path, 0o777)»
        """),
        py("""
            import os
            import stat

            def share(path):
                «os.chmod(path, stat.S_IRUSR | stat.S_IWUSR | stat.S_IWOTH)»
        """),
    ),
)
def permissive_file_mode(run: Pass, hit: Hit, node: Node | None) -> Iterator[Found]:
    """A file is made writable for everybody on the machine, or for a whole group.

    Any other program and user can then change it: a configuration that this program trusts, or a
    script that it runs.

    Instead, give rights to the owner alone: 0o600 for data, 0o700 for programs and folders. Nobody is
    harmed by 0o644 and 0o755, which let others read and run.
    """
    mode = argument(node, 1, "mode") if node is not None else None
    if node is None or mode is None:
        return
    bits = _bits(text_of(mode))
    if bits & _ALL_WRITE:
        yield run.finding(node, "Everybody on the machine may write this file: give rights to its owner alone.")
    elif bits & _GROUP_WRITES:
        message = "Everybody in its group may write this file: give rights to its owner alone."
        yield run.finding(node, message, severity=Severity.HINT)


def _bits(mode: str) -> int:
    """The bits of a mode that is written as numbers and names of the module stat; none if others are masked out."""
    if "&" in mode:
        return 0
    bits = 0
    for word in _PART.findall(mode):
        bits |= _NAMED.get(word, 0) if word.startswith("S_I") else int(word, 0)
    return bits
