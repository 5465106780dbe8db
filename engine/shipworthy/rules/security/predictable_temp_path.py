from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from shipworthy.model import Severity
from shipworthy.rule import Found, Hit, Pass, hit_rule, py
from shipworthy.syntax import ancestors, dotted

_WRITES = re.compile(
    r"(?:^|\.)(?:open|Path|PosixPath|mkdir|makedirs|mknod|FileHandler|RotatingFileHandler|write_text|write_bytes|touch"
    r"|copy|copy2|copyfile|move|rename|replace|symlink|savefig|to_csv|save|dump)$"
)


@hit_rule(
    "predictable-temp-path",
    severity=Severity.HINT,
    hits=("bandit:B108", "ruff:S108"),
    at="string",
    cwe=(377,),
    good=(
        py("""
            import tempfile

            def write(text):
                with tempfile.NamedTemporaryFile("w", delete=False) as file:
                    file.write(text)
        """),
        py("""
            def is_temporary(path, environment):
                return path.startswith("/tmp/") or environment.get("TMPDIR", "/tmp") in path
        """),
    ),
    bad=(
        py("""
            def write(text):
                with open(«"/tmp/report.txt"», "w") as file:
                    file.write(text)
        """),
        py("""
            from pathlib import Path

            def folder(name):
                return Path(«"/tmp/work-"» + name)
        """),
    ),
)
def predictable_temp_path(run: Pass, hit: Hit, node: Node | None) -> Iterator[Found]:
    """A file has a fixed name in a folder that everybody on the machine may write to.

    Another user can put a link there first, so that this program overwrites a file of its own; or
    read what it writes; or hand it a file that it takes for its own.

    Instead, ask the module tempfile for a file or a folder: its name is free and its content private.
    """
    if node is None:
        return
    around = (one for one in ancestors(node) if one.type in {"call", "comparison_operator", "block"})
    call = next(around, None)
    if call is not None and call.type == "call" and _WRITES.search(dotted(call.child_by_field_name("function"))):
        message = "Anybody on this machine can take this file name first: use `tempfile.NamedTemporaryFile`."
        yield run.finding(node, message)
