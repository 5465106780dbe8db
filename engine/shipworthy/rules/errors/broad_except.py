from __future__ import annotations

from collections.abc import Iterator, Mapping

from tree_sitter import Node

from shipworthy import handlers
from shipworthy.model import Severity
from shipworthy.rule import Found, Pass, node_rule, py
from shipworthy.syntax import dotted

_RAISES: Mapping[str, tuple[str, ...]] = {
    "json.loads": ("ValueError",),
    "json.load": ("ValueError",),
    "open": ("OSError",),
    "os.remove": ("OSError",),
    "os.unlink": ("OSError",),
    "os.rename": ("OSError",),
    "os.makedirs": ("OSError",),
    "os.mkdir": ("OSError",),
    "os.rmdir": ("OSError",),
    "os.listdir": ("OSError",),
    "os.stat": ("OSError",),
    "os.path.getsize": ("OSError",),
    "os.path.getmtime": ("OSError",),
    "os.chmod": ("OSError",),
    "os.kill": ("OSError",),
    "os.getlogin": ("OSError",),
    "shutil.copy": ("OSError",),
    "shutil.copyfile": ("OSError",),
    "shutil.move": ("OSError",),
    "shutil.rmtree": ("OSError",),
    "datetime.datetime.strptime": ("ValueError",),
    "datetime.datetime.fromisoformat": ("ValueError",),
    "datetime.date.fromisoformat": ("ValueError",),
    "uuid.UUID": ("ValueError",),
    "base64.b64decode": ("ValueError",),
    "ipaddress.ip_address": ("ValueError",),
    "ipaddress.ip_network": ("ValueError",),
    "decimal.Decimal": ("decimal.InvalidOperation",),
    "ast.literal_eval": ("ValueError", "SyntaxError"),
    "yaml.safe_load": ("yaml.YAMLError",),
    "tomllib.loads": ("tomllib.TOMLDecodeError",),
}
"""What the calls raise that mean that the world, not the program, is at fault, as far as that is all they raise.

A number may be too large, a program may print what is no text, and a request may fail in too many ways.
"""

_HARMLESS = frozenset(
    {"print", "len", "str", "repr", "bool", "range", "sorted", "isinstance", "os.path.join", "os.path.exists"}
)
_HARMLESS_METHODS = frozenset(
    {
        "strip",
        "lstrip",
        "rstrip",
        "split",
        "lower",
        "upper",
        "format",
        "join",
        "replace",
        "removeprefix",
        "removesuffix",
        "startswith",
        "endswith",
        "append",
        "add",
        "items",
        "keys",
        "values",
        "get",
        "debug",
        "info",
        "warning",
        "raise_for_status",
        "strftime",
        "isoformat",
        "date",
    }
)
_RISKY_NODES = frozenset(
    {"raise_statement", "await", "yield", "import_statement", "import_from_statement", "assert_statement"}
)


@node_rule(
    "broad-except",
    severity=Severity.HINT,
    default=False,
    python="except_clause",
    agrees_with=("ruff:BLE001",),
    cwe=(396,),
    bad=(
        py(
            """
            import uuid

            try:
                key = uuid.UUID(text)
            except «Exception»:
                key = None
            """,
            fixed="""
            import uuid

            try:
                key = uuid.UUID(text)
            except ValueError:
                key = None
            """,
        ),
        py(
            """
            import json

            def read(path):
                try:
                    with open(path) as file:
                        return json.load(file)
                except «Exception»:
                    return None
            """,
            fixed="""
            import json

            def read(path):
                try:
                    with open(path) as file:
                        return json.load(file)
                except (OSError, ValueError):
                    return None
            """,
        ),
    ),
    good=(
        py("""
            try:
                port = int(text)
            except Exception:
                port = 8080
        """),
        py("""
            import os

            try:
                os.mkdir(folder)
            except Exception as error:
                print(f"cannot make {folder}: {error}")
        """),
        py("""
            try:
                port = int(ask())
            except Exception:
                port = 8080
        """),
        py("""
            try:
                port = int(text)
            except Exception:
                logger.exception("no port")
        """),
        py("""
            try:
                port = int(text)
            except Exception:
                undo()
                raise
        """),
    ),
)
def broad_except(run: Pass, clause: Node) -> Iterator[Found]:
    """A handler catches `Exception` around a call or two whose real exceptions are known.

    It takes mistakes in the program, such as a misspelt name, for the failure that it was meant
    for, and handles both alike.

    Instead, name the exceptions that the calls raise when the world is at fault. It is off by default: around so
    little code, reviewers say, there is hardly a mistake to hide.
    """
    types = handlers.caught(run, clause)
    if types != ("Exception",) or handlers.is_empty(clause) or handlers.raises(clause):
        return
    if handlers.tells(clause) or handlers.uses_alias(clause):
        return  # a mistake in the program is seen in what is told
    if handlers.says_why(run, clause) or handlers.tries_import(clause) or not _is_only_clause(clause):
        return
    exceptions = _exceptions(run, clause)
    value = clause.child_by_field_name("value")
    if not exceptions or value is None:
        return
    at = value.named_children[0] if value.type == "as_pattern" else value
    named = exceptions[0] if len(exceptions) == 1 else f"({', '.join(exceptions)})"
    message = f"What can fail here raises {' or '.join(f'`{one}`' for one in exceptions)}: catch that, not `Exception`."
    offers = (run.replace(f"Catch {named}", at, named),) if _are_known(run, exceptions) else ()
    yield run.finding(at, message, offers=offers)


def _is_only_clause(clause: Node) -> bool:
    siblings = clause.parent.children if clause.parent is not None else []
    return sum(one.type == "except_clause" for one in siblings) == 1


def _exceptions(run: Pass, clause: Node) -> tuple[str, ...]:
    """What one or two known calls raise; nothing if the `try` does anything else that may fail."""
    tried = handlers.tried(clause)
    if len(tried) > 3 or any(node.type in _RISKY_NODES or node.type == "subscript" for node in handlers.own(tried)):
        return ()
    found: list[str] = []
    known = 0
    for call in handlers.calls(tried):
        name = run.name(call.child_by_field_name("function"))
        if name in _RAISES:
            known += 1
            found.extend(one for one in _RAISES[name] if one not in found)
        elif not _is_harmless(call, name):
            return ()
    return tuple(found) if 1 <= known <= 2 else ()


def _is_harmless(call: Node, name: str) -> bool:
    function = call.child_by_field_name("function")
    if function is not None and function.type == "attribute":
        return name in _HARMLESS or dotted(function).rpartition(".")[2] in _HARMLESS_METHODS
    return name in _HARMLESS


def _are_known(run: Pass, exceptions: tuple[str, ...]) -> bool:
    """Whether the file imports the modules that the exceptions are written with."""
    modules = {one.partition(".")[0] for one in exceptions if "." in one}
    return all((found := run.facts.imported(module)) is not None and not found.member for module in modules)
