"""The fix for a file that is read or written as a whole: `Path(p).read_text()` for `open(p).read()`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from shipworthy import fixes
from shipworthy.model import Edit
from shipworthy.rule import Offer, Pass, Site
from shipworthy.syntax import dotted, keyword_arguments, positional_arguments, text_of

_TEXT_KEYWORDS = frozenset({"encoding", "errors"})


def offers(run: Pass, call: Node, attribute: Node) -> tuple[Offer, ...]:
    """`open(p).read()` is `Path(p).read_text()`, which closes the file; only for what a Path can do."""
    whole = attribute.parent
    given, method = positional_arguments(call), attribute.child_by_field_name("attribute")
    keywords = keyword_arguments(call)
    if (
        run.name(call.child_by_field_name("function")) != "open"
        or whole is None
        or whole.type != "call"
        or method is None
    ):
        return ()
    mode_node = keywords.pop("mode", None) or (given[1] if len(given) == 2 else None)
    mode = text_of(mode_node).strip("'\"") if mode_node is not None else "r"
    if not given or len(given) > 2 or given[0].type == "list_splat" or not keywords.keys() <= _TEXT_KEYWORDS:
        return ()
    content = [run.text(argument) for argument in positional_arguments(whole)]
    replaced = _method(text_of(method), mode, len(content))
    if not replaced or keyword_arguments(whole):
        return ()
    options = [f"{name}={run.text(value)}" for name, value in keywords.items()]
    path = run.text(given[0])

    def edits(site: Site) -> Iterator[Edit]:
        name, imports = fixes.add_import(site, "pathlib", "Path")
        yield from imports
        yield site.replace(whole, f"{name}({path}).{replaced}({', '.join([*content, *options])})")

    return (run.offer(f"Use `Path(...).{replaced}()`", edits, safe=_is_path(given[0])),)


def _method(method: str, mode: str, arguments: int) -> str:
    """The method of a Path for a method of a file opened in a mode; "" if none does the same."""
    methods = {
        ("read", "r", 0): "read_text",
        ("read", "rt", 0): "read_text",
        ("read", "rb", 0): "read_bytes",
        ("write", "w", 1): "write_text",
        ("write", "wt", 1): "write_text",
        ("write", "wb", 1): "write_bytes",
    }
    return methods.get((method, mode, arguments), "")


def _is_path(node: Node) -> bool:
    """Whether an expression is a text or a path for certain: a number would be a file descriptor."""
    if node.type in {"string", "concatenated_string"}:
        return re.match(r"(?i)[rfu]*['\"]{1,3}[^'\"]", text_of(node)) is not None
    if node.type == "binary_operator":
        return any(part.type == "string" and _is_path(part) for part in node.named_children)
    return node.type == "call" and dotted(node).startswith(
        ("os.path.join", "os.path.abspath", "os.path.expanduser", "Path", "pathlib.Path")
    )
