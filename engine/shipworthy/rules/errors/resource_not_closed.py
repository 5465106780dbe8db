from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from shipworthy import fixes, origins, outside, resources
from shipworthy.model import Edit, Severity
from shipworthy.rule import Found, Offer, Pass, Site, node_rule, py
from shipworthy.syntax import (
    FUNCTIONS,
    ancestors,
    argument,
    dotted,
    enclosing,
    function_around,
    keyword_arguments,
    last_word,
    own,
    positional_arguments,
    text_of,
    walk,
)
from shipworthy.upkeep import is_upkeep

_LAST_WORDS = frozenset(name.rpartition(".")[2] for name in resources.OPENERS)
_READS = frozenset({"read", "readlines", "readline", "write", "writelines"})
_BORROWERS = frozenset(
    {
        "json.load",
        "json.dump",
        "csv.reader",
        "csv.writer",
        "csv.DictReader",
        "csv.DictWriter",
        "pickle.load",
        "pickle.dump",
        "yaml.load",
        "yaml.safe_load",
        "yaml.dump",
        "yaml.safe_dump",
        "tomllib.load",
        "toml.load",
        "print",
        "len",
        "list",
        "sorted",
        "enumerate",
        "iter",
        "next",
        "zip",
        "sum",
        "shutil.copyfileobj",
        "plistlib.load",
        "configparser.ConfigParser.read_file",
        "marshal.load",
    }
)
"""Functions that use an open file and give it back."""

_TEXT_KEYWORDS = frozenset({"encoding", "errors"})


@node_rule(
    "resource-not-closed",
    severity=Severity.HINT,
    python="call",
    agrees_with=("ruff:SIM115",),
    cwe=(404, 772),
    extract=resources.ends,
    bad=(
        py(
            """
            def load(folder):
                return «open(f"{folder}/names.txt", encoding="utf-8")».read()
            """,
            fixed="""
            from pathlib import Path

            def load(folder):
                return Path(f"{folder}/names.txt").read_text(encoding="utf-8")
            """,
        ),
        py(
            """
            import json

            settings = json.load(«open("settings.json", "rb")»)
            """,
        ),
        py(
            """
            def save(path, rows):
                file = «open(path, "w")»
                for row in rows:
                    file.write(row)
                print("saved")
            """,
            fixed="""
            def save(path, rows):
                with open(path, "w") as file:
                    for row in rows:
                        file.write(row)
                print("saved")
            """,
        ),
        py("""
            def count(path):
                return sum(1 for line in open(path)) + len([line for line in open(path)])

            def show(path):
                for line in «open(path)»:
                    print(line)
        """),
        py(
            """
            import sqlite3

            def count(path):
                connection = «sqlite3.connect(path)»
                number = connection.execute("select count(*) from users").fetchone()[0]
                connection.close()
                return number
            """,
            fixed="""
            import sqlite3
            from contextlib import closing

            def count(path):
                with closing(sqlite3.connect(path)) as connection:
                    number = connection.execute("select count(*) from users").fetchone()[0]
                return number
            """,
        ),
        py("""
            class Log:
                def __init__(self, path):
                    self.file = «open(path, "a")»

                def add(self, line):
                    self.file.write(line)
        """),
        py("""
            import aiohttp

            async def on_startup(app):
                app["http"] = «aiohttp.ClientSession()»
        """),
    ),
    good=(
        py("""
            import aiohttp

            async def on_startup(app):
                app["http"] = aiohttp.ClientSession()

            async def on_cleanup(app):
                await app["http"].close()
        """),
        py("""
            def load(path):
                with open(path) as file:
                    return file.read()
        """),
        py("""
            def load(path):
                file = open(path)
                try:
                    return file.read()
                finally:
                    file.close()
        """),
        py("""
            def opened(path):
                file = open(path)
                return file
        """),
        py("""
            class Log:
                def __init__(self, path):
                    self.file = open(path, "a")

                def close(self):
                    self.file.close()
        """),
        py("""
            from contextlib import closing
            import sqlite3

            def count(path):
                connection = sqlite3.connect(path)
                with closing(connection):
                    return connection.execute("select 1")
        """),
        py("""
            def start(command, path):
                log = open(path, "w")
                return Process(command, stdout=log)
        """),
        py("""
            def load(stack, path):
                return stack.enter_context(open(path))
        """),
        py("""
            import socket, sqlite3, tempfile

            def free_port():
                probe = socket.socket()
                probe.bind(("", 0))
                port = probe.getsockname()[1]
                probe.close()
                return port

            def note(text):
                file = tempfile.NamedTemporaryFile(delete=False)
                file.write(text.encode())
                file.close()
                return file.name

            def list_all(path, lines):
                file = open(path, "a")
                for line in lines:
                    if line:
                        file.write(line)
                file.close()

            def can_search():
                database = sqlite3.connect(":memory:")
                database.execute("create virtual table words using fts5(word)")
                database.close()
        """),
        py("""
            import os, socket, sys

            def to_file(path):
                log = open(path, "a")
                os.dup2(log.fileno(), sys.stdout.fileno())

            def serve(port):
                listener = socket.socket()
                listener.bind(("", port))
                listener.listen()
                while True:
                    answer(listener.accept())
                listener.close()
        """),
    ),
)
def resource_not_closed(run: Pass, call: Node) -> Iterator[Found]:
    """A file, connection or socket is opened, and nothing makes sure that it is closed.

    It stays open until the garbage collector comes by: what was written may not be on the disk yet,
    and under load the process runs out of file descriptors or the database out of connections.
    A connection or a socket that nobody closes is a warning: the other side waits too.

    Instead, open it in a `with` statement. For a whole file, `Path(...).read_text()` does it all.
    """
    function = call.child_by_field_name("function")
    if function is None or dotted(function).rpartition(".")[2] not in _LAST_WORDS:
        return
    name = run.name(function)
    kind = resources.OPENERS.get(name) or resources.OPENERS.get(outside.called(run, call))
    parent = call.parent
    if parent is not None and parent.type == "await":
        parent = parent.parent
    if kind == "workbook" and "read_only" not in keyword_arguments(call):
        return
    if kind is None or parent is None or is_upkeep(run.path) or resources.is_in_memory(call):
        return
    if parent.type == "attribute" and (method := parent.child_by_field_name("attribute")) is not None:
        if text_of(method) in _READS and kind == "file":
            message = f"Nothing closes this {kind}: open it in a `with` statement."
            yield run.finding(call, message, offers=_offers(run, call, parent))
    elif parent.type == "argument_list":
        around = parent.parent
        if around is not None and run.name(around.child_by_field_name("function")) in _BORROWERS:
            yield run.finding(call, f"Nothing closes this {kind}: open it in a `with` statement.")
    elif parent.type == "for_statement" and parent.child_by_field_name("right") == call and kind in {"file", "reply"}:
        yield run.finding(call, f"Nothing closes this {kind}: open it in a `with` statement.")
    elif parent.type == "assignment" and (target := parent.child_by_field_name("left")) is not None:
        yield from _variable(run, call, parent, kind) if target.type == "identifier" else _held(run, call, target, kind)


def _held(run: Pass, call: Node, target: Node, kind: str) -> Iterator[Found]:
    """A resource that an object or the state of an application holds, where nothing in the file closes it."""
    if target.type not in {"attribute", "subscript"} or _is_of_a_subclass(run, target):
        return
    if f"ends {resources.named(run.block, target)}" in run.facts[run.rule.id]:
        return
    message = f"Nothing closes this {kind}: close `{text_of(target)}` where its holder ends."
    yield run.finding(call, message)


def _is_of_a_subclass(run: Pass, target: Node) -> bool:
    """Whether `self` is of a class with bases, which may close what it holds."""
    around = origins.class_around(run.block, target)
    found = run.facts.defined(around) if around else None
    return found is not None and any(base not in {"object", "ABC", "Protocol"} for base in found.bases)


def _variable(run: Pass, call: Node, assignment: Node, kind: str) -> Iterator[Found]:
    """A resource held in a local variable that is neither handed on nor closed for certain."""
    function, target = function_around(assignment), assignment.child_by_field_name("left")
    if function is None or target is None or target.type != "identifier" or _is_shared(function, text_of(target)):
        return
    name = text_of(target)
    uses = [
        node
        for node in walk(function)
        if node.type == "identifier" and node.text == target.text and node != target and _is_variable(node)
    ]
    if any(_hands_on(run, use) for use in uses) or any(function_around(use) != function for use in uses):
        return
    closed = [use for use in uses if _is_closed_by(use)]
    if any(_is_certain(use) for use in closed):
        return
    if any(map(resources.is_made_standard, uses)):
        return
    if closed:
        if kind == "file" and not _may_be_written(run, call):
            return  # what was read is not lost, and the file is closed with the frame that fails
        if resources.is_closed_soon(assignment, closed[0]) or any(map(resources.lasts, uses)):
            return
        message = (
            f"If anything fails before `{name}.{_closing(closed[0])}`, this {kind} stays open: use a `with` statement."
        )
        yield run.finding(call, message, offers=_with(run, call, assignment))
    else:
        if _only_names(uses) or "BytesIO" in run.text(call):
            return
        if kind in {"file", "reply"} and not (_may_be_written(run, call) or _is_repeated(assignment)):
            return  # what was read is not lost, and CPython closes it where the function ends
        opener = "with `contextlib.closing`" if _needs_closing(run, call) else "in a `with` statement"
        message = f"Nothing closes this {kind}: open it {opener}."
        is_short = _is_main(function)
        severity = Severity.WARNING if not is_short and kind in resources.OF_THE_OTHER_SIDE else None
        yield run.finding(call, message, severity=severity, offers=_with(run, call, assignment))


def _with(run: Pass, call: Node, assignment: Node) -> tuple[Offer, ...]:
    """Open it in a `with` statement; a database connection needs `closing`, since its own `with` is a transaction."""
    needs_closing = _needs_closing(run, call)
    edits = fixes.into_with(run, assignment)
    if edits is None:
        return ()

    def with_import(site: Site) -> Iterator[Edit]:
        opened = run.text(call)
        if needs_closing:
            closing, imports = fixes.add_import(site, "contextlib", "closing")
            yield from imports
            opened = f"{closing}({opened})"
        yield from edits(site, opened)

    return (run.offer("Open it in a `with` statement", with_import),)


def _needs_closing(run: Pass, call: Node) -> bool:
    """Whether the `with` statement of what is opened ends a transaction, and closes nothing."""
    return run.name(call.child_by_field_name("function")) in {
        f"{one}.connect" for one in ("sqlite3", "psycopg2", "MySQLdb")
    }


def _may_be_written(run: Pass, call: Node) -> bool:
    """Whether a file is opened for writing, as far as the text tells."""
    if "Temporary" in last_word(call):
        return True
    position = 0 if run.name(call.child_by_field_name("function")) not in resources.OPENERS else 1
    mode = argument(call, position, "mode")
    return mode is not None and re.search(r"[wax+]", text_of(mode)) is not None


def _is_repeated(assignment: Node) -> bool:
    """Whether a loop of the function opens one after the other."""
    around = enclosing(assignment, FUNCTIONS | {"for_statement", "while_statement"})
    return around is not None and around.type not in FUNCTIONS


def _only_names(uses: list[Node]) -> bool:
    """Whether nothing but the name of a temporary file is asked for: it is to exist as long as the program runs."""
    return bool(uses) and all(use.parent is not None and text_of(use.parent).endswith(".name") for use in uses)


def _is_main(function: Node) -> bool:
    """Whether the program ends with a function, and what is open with it."""
    name = function.child_by_field_name("name")
    return name is not None and text_of(name) == "main"


def _is_shared(function: Node, name: str) -> bool:
    """Whether the function declares the name `global` or `nonlocal`, or binds it more than once."""
    for node in own(function):
        if node.type in {"global_statement", "nonlocal_statement"} and name in map(text_of, node.named_children):
            return True
    return False


def _is_variable(node: Node) -> bool:
    """Whether an identifier is the variable itself, not an attribute or a keyword of the same name."""
    parent = node.parent
    if parent is None:
        return True
    if parent.type == "attribute":
        return parent.child_by_field_name("object") == node
    return parent.type != "keyword_argument" or parent.child_by_field_name("value") == node


def _hands_on(run: Pass, use: Node) -> bool:
    """Whether a use gives the resource to somebody else, who may close it, or to a `with` statement."""
    inner = use
    for around in ancestors(use):
        if around.type in {"return_statement", "yield", "with_item", "as_pattern", "global_statement"}:
            return inner == use or inner.type in {"tuple", "expression_list", "list", "dictionary", "pair"}
        if around.type in {"list", "tuple", "dictionary", "set", "pair", "expression_list", "conditional_expression"}:
            inner = around
            continue
        if around.type == "boolean_operator" and inner == use:
            return False
        if around.type in {"argument_list", "keyword_argument"}:
            call = around if around.type == "argument_list" else around.parent
            function = (
                call.parent.child_by_field_name("function") if call is not None and call.parent is not None else None
            )
            return run.name(function) not in _BORROWERS
        if around.type in {"assignment", "named_expression", "default_parameter"}:
            return inner == around.child_by_field_name("right")
        if around.type in {"attribute", "subscript", "call", "for_statement", "await"} or around.type.endswith(
            "_statement"
        ):
            return False
        inner = around
    return False


def _closing(use: Node) -> str:
    attribute = use.parent.child_by_field_name("attribute") if use.parent is not None else None
    return f"{text_of(attribute)}()" if attribute is not None else "close()"


def _is_closed_by(use: Node) -> bool:
    parent = use.parent
    method = parent.child_by_field_name("attribute") if parent is not None and parent.type == "attribute" else None
    return method is not None and text_of(method) in resources.CLOSES


def _is_certain(use: Node) -> bool:
    """Whether a call of `close` stands in a `finally`, or is handed to what calls it at the end."""
    if any(around.type == "finally_clause" for around in ancestors(use)):
        return True
    attribute = use.parent
    return attribute is not None and attribute.parent is not None and attribute.parent.type != "call"


def _offers(run: Pass, call: Node, attribute: Node) -> tuple[Offer, ...]:
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
    replaced = _path_method(text_of(method), mode, len(content))
    if not replaced or keyword_arguments(whole):
        return ()
    options = [f"{name}={run.text(value)}" for name, value in keywords.items()]
    path = run.text(given[0])

    def edits(site: Site) -> Iterator[Edit]:
        name, imports = fixes.add_import(site, "pathlib", "Path")
        yield from imports
        yield site.replace(whole, f"{name}({path}).{replaced}({', '.join([*content, *options])})")

    return (run.offer(f"Use `Path(...).{replaced}()`", edits, safe=_is_path(given[0])),)


def _path_method(method: str, mode: str, arguments: int) -> str:
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
