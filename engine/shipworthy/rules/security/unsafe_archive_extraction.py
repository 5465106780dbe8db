from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from shipworthy import fixes, origins
from shipworthy.model import Severity
from shipworthy.rule import Found, Hit, Pass, hit_rule, py
from shipworthy.syntax import ancestors, dotted, function_around, keyword_arguments, text_of

_OTHER_FORMATS = re.compile(r"(?i)zip|7z|rar")
_CHECKS_NAMES = re.compile(r"commonpath|commonprefix|is_relative_to|realpath|\.resolve\(|\.startswith\(")
"""What a function does that looks where the members of an archive would go."""


@hit_rule(
    "unsafe-archive-extraction",
    severity=Severity.WARNING,
    hits=("bandit:B202", "ruff:S202"),
    at="call",
    extract=origins.bindings,
    cwe=(22,),
    bad=(
        py(
            """
            import tarfile

            def unpack(path, folder):
                with tarfile.open(path) as archive:
                    «archive.extractall(folder)»
            """,
            fixed="""
            import tarfile

            def unpack(path, folder):
                with tarfile.open(path) as archive:
                    archive.extractall(folder, filter="data")
            """,
        ),
    ),
    good=(
        py("""
            import tarfile

            def unpack(path, folder):
                with tarfile.open(path) as archive:
                    archive.extractall(folder, filter="data")
        """),
        py("""
            import tarfile

            def unpack(archive, folder):
                if hasattr(tarfile, "data_filter"):
                    archive.extractall(folder, filter="data")
                else:
                    archive.extractall(folder)
        """),
        py("""
            import os
            import tarfile

            def unpack(path, folder):
                with tarfile.open(path) as archive:
                    for name in archive.getnames():
                        if os.path.commonpath([folder, os.path.realpath(os.path.join(folder, name))]) != folder:
                            raise ValueError(f"{name} leads out of {folder}")
                    archive.extractall(folder)
        """),
        py("""
            import tarfile
            import zipfile

            def unpack(path, folder):
                with zipfile.ZipFile(path) as archive:
                    archive.extractall(folder)
        """),
    ),
)
def unsafe_archive_extraction(run: Pass, hit: Hit, node: Node | None) -> Iterator[Found]:
    """A tar archive is unpacked with whatever names it holds.

    A member may be called `../../.ssh/authorized_keys`, or be a link that leads out of the folder:
    before Python 3.14 it is written there.

    Instead, call `extractall(folder, filter="data")`, which refuses such members.
    """
    function = node.child_by_field_name("function") if node is not None else None
    if node is None or function is None or keyword_arguments(node).keys() & {"filter", "members"}:
        return
    conditions = (around.child_by_field_name("condition") for around in ancestors(node))
    if any("_filter" in text_of(condition) for condition in conditions if condition is not None):
        return  # the way for a Python that knows no filters
    around = function_around(node)
    if around is not None and _CHECKS_NAMES.search(run.text(around)) is not None:
        return
    made = origins.origin(run, function.child_by_field_name("object"))
    if _OTHER_FORMATS.search(made) is not None or _OTHER_FORMATS.search(dotted(function)) is not None:
        return
    offer = run.offer("Refuse members that lead out", lambda site: (fixes.add_argument(site, node, 'filter="data"'),))
    message = 'An archive may write files anywhere by names such as "../x": call extractall(filter="data").'
    yield run.finding(node, message, offers=(offer,))
