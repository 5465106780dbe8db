"""What has to be closed: the calls that open it, the methods that close it, and what a file closes or hands on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from tree_sitter import Node

from shipworthy import fixes, handlers, origins
from shipworthy.document import Block
from shipworthy.rule import Pass
from shipworthy.syntax import FUNCTIONS, ancestors, dotted, enclosing, keyword_arguments, last_word, text_of, walk

BORROWERS = frozenset(
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

_LENT_TO = frozenset({"to_excel"})
"""Methods that write into what they are handed, and leave it open."""

_BORROWING = frozenset({"isinstance", *(name.rpartition(".")[2] for name in BORROWERS)})

_TAKERS = frozenset(
    {"argument_list", "keyword_argument", "return_statement", "yield", "with_item", "as_pattern", "boolean_operator"}
)
"""Kinds of nodes that hand on a value that stands in them."""

CLOSES = frozenset(
    {
        *(
            "close",
            "aclose",
            "quit",
            "logout",
            "shutdown",
            "detach",
            "server_close",
            "stop",
            "terminate",
            "disconnect",
            "bye",
        )
    }
)


_PARTS = re.compile(r"_?(?:get_)?transport|open_(?:sftp|channel|session)|invoke_shell|makefile")
"""What a connection gives that ends with it."""
_WAITS = frozenset({"wait", "as_completed", "result", "gather", "join"})

_HARDLY_FAILS = frozenset(
    {
        *(
            "write",
            "writelines",
            "flush",
            "seek",
            "truncate",
            "fileno",
            "settimeout",
            "setblocking",
            "setsockopt",
            "connect_ex",
        ),
        *(
            "bind",
            "getsockname",
            "listen",
            "map_async",
            "starmap_async",
            "apply_async",
            "submit",
            "imap",
            "imap_unordered",
        ),
    }
)
"""Methods that may stand between opening and closing: they queue work or set something, or fail on a full disk."""


_ASKS_SERVER = re.compile(r"(?i)(?:^|[._])(?:requests|httpx|http|session|client)$")
"""What `get` is a method of where it asks another machine."""

_DATAGRAMS = "SOCK_DGRAM"

_MAY_FAIL = frozenset(
    {
        *("await", "yield", "raise_statement", "assert_statement", "return_statement", "with_statement"),
        *("try_statement", "while_statement", "import_statement", "import_from_statement", "function_definition"),
    }
)
"""Nodes that are more than a call of a method: what they do may fail, or leave the function."""


def ends(block: Block) -> Iterable[str]:
    """What variables hold, and `ends Class.x` where `self.x` is closed or handed on, `ends app.pool` likewise."""
    yield from origins.bindings(block)
    for call in block.nodes(("call",)).get("call", ()) if ".get(" in block.text else ():
        yield from _looked_up(call)
    for listed in block.nodes(("attribute", "subscript")).values() if block.language.id == "python" else ():
        for node in listed:
            if _is_ended(node):
                yield f"ends {named(block, node)}"


def _looked_up(call: Node) -> Iterator[str]:
    """`ends app['pool']` where a function looks up what an application holds, `app.get("pool")`, and keeps it."""
    owner, _, method = dotted(call.child_by_field_name("function")).rpartition(".")
    given, parent = call.child_by_field_name("arguments"), call.parent
    is_key = given is not None and given.named_child_count > 0 and given.named_children[0].type == "string"
    if method == "get" and is_key and given is not None and parent is not None and parent.type == "assignment":
        key = text_of(given.named_children[0]).replace('"', "'")
        yield f"ends {owner}[{key}]"


def _is_ended(node: Node) -> bool:
    """Whether somebody closes what an attribute or an item holds, or takes it over."""
    parent = node.parent
    if parent is None:
        return False
    if parent.type == "argument_list" and parent.parent is not None and last_word(parent.parent) in _BORROWING:
        return False
    method = parent.child_by_field_name("attribute") if parent.type == "attribute" else None
    is_taken = parent.type in {"assignment", "tuple", "list"} and parent.child_by_field_name("left") != node
    return is_taken or parent.type in _TAKERS or (method is not None and text_of(method) in CLOSES)


def named(block: Block, node: Node) -> str:
    """The name of what holds a value: `Class.x` for `self.x`, `app['pool']` as it is written."""
    text = re.sub(r"\s", "", text_of(node)).replace('"', "'")
    return f"{origins.class_around(block, node)}{text[4:]}" if text.startswith("self.") else text


def is_made_standard(use: Node) -> bool:
    """Whether `dup2` makes a file one of the process's own, which it stays to the end."""
    attribute = use.parent
    call = attribute.parent if attribute is not None and text_of(attribute).endswith(".fileno") else None
    taker = call.parent.parent if call is not None and call.parent is not None else None
    return taker is not None and taker.type == "call" and last_word(taker) == "dup2"


def lasts(use: Node) -> bool:
    """Whether a resource is used in a loop that never ends: it is open as long as the process lives."""
    loop = enclosing(use, {"while_statement", *FUNCTIONS})
    condition = loop.child_by_field_name("condition") if loop is not None else None
    if loop is None or condition is None or text_of(condition) not in {"True", "1"}:
        return False
    return not any(node.type in {"break_statement", "return_statement"} for node in walk(loop, FUNCTIONS))


def is_left_to_end(use: Node) -> bool:
    """Whether a pool is told not to wait for what it still does: a `with` statement would."""
    call = use.parent.parent if use.parent is not None and is_closed_by(use) else None
    return call is not None and call.type == "call" and text_of(keyword_arguments(call).get("wait", use)) == "False"


def is_turned_over(assignment: Node, closed: list[Node]) -> bool:
    """Whether a loop closes what it has opened before it opens the next one: no `with` statement goes around that."""
    loop = enclosing(assignment, FUNCTIONS | {"for_statement", "while_statement"})
    if loop is None or loop.type in FUNCTIONS:
        return False
    return any(loop.start_byte < use.start_byte < assignment.start_byte for use in closed)


def is_only_numbered(uses: list[Node]) -> bool:
    """Whether a socket is asked for its number alone: the system is asked something, and nothing is sent."""
    return bool(uses) and all(use.parent is not None and text_of(use.parent).endswith(".fileno") for use in uses)


def is_kept_by_part(function: Node, uses: list[Node]) -> bool:
    """Whether a function gives back a part of a connection, or what was opened through one: it goes on by that."""
    parts = [use.parent for use in uses if use.parent is not None and use.parent.type == "attribute"]
    named = {one.id for one in parts if _PARTS.fullmatch(text_of(one.named_children[-1])) is not None}
    held: set[bytes | None] = set()
    for node in walk(function) if named else ():
        right = node.child_by_field_name("right") if node.type == "assignment" else None
        target = node.child_by_field_name("left") if right is not None else None
        if target is not None and right is not None and _begins_with(right, named, held):
            held.add(target.text)
        elif node.type == "return_statement" and any(_is_given(one, named, held) for one in walk(node)):
            return True
    return False


def _begins_with(value: Node, named: set[int], held: set[bytes | None]) -> bool:
    """Whether a value is one of these parts, or taken out of one or of what holds one."""
    inner = value
    while inner.id not in named and inner.type in {"attribute", "call", "await"}:
        inner = inner.named_children[0]
    return inner.id in named or (inner.type == "identifier" and inner.text in held)


def _is_given(node: Node, named: set[int], held: set[bytes | None]) -> bool:
    is_asked = node.parent is not None and node.parent.type == "attribute"
    return node.id in named or (node.type == "identifier" and node.text in held and not is_asked)


def is_kept_by_cursor(function: Node, uses: list[Node]) -> bool:
    """Whether a function gives back a cursor itself, not what it has read: its connection has to stay open."""
    asked = (use.parent for use in uses if use.parent is not None and text_of(use.parent).endswith(".cursor"))
    made = {one.parent.id for one in asked if one.parent is not None}
    held: set[bytes | None] = set()
    for node in walk(function, FUNCTIONS) if made else ():
        value = node.child_by_field_name("right") if node.type == "assignment" else None
        if node.type == "return_statement" and node.named_children:
            value = node.named_children[0]
        while value is not None and value.type in {"await", "parenthesized_expression"}:
            value = value.named_children[0]
        if value is None or (value.id not in made and value.text not in held):
            continue
        if node.type == "return_statement":
            return True
        held.add((node.child_by_field_name("left") or value).text)
    return False


def is_waited_for(function: Node) -> bool:
    """Whether a function waits for all that it has handed to a pool, whose idle workers then end with the pool."""
    return any(node.type == "call" and last_word(node) in _WAITS for node in walk(function))


def is_closed_soon(assignment: Node, closed: Node) -> bool:
    """Whether nothing stands between opening and closing but calls of the resource itself that hardly ever fail."""
    opening, closing = fixes.statement_of(assignment), fixes.statement_of(closed)
    if opening is None or closing is None or opening.parent != closing.parent:
        return False
    name, is_datagram = text_of(closed), is_for_datagrams(assignment)
    statement = opening.next_named_sibling
    while statement is not None and statement != closing:
        if not all(_hardly_fails(node, name, is_datagram) for node in walk(statement)):
            return False
        statement = statement.next_named_sibling
    return True


def is_for_datagrams(assignment: Node) -> bool:
    """Whether a socket is opened for single messages, so that there is no connection to end."""
    return _DATAGRAMS in text_of(assignment)


def _hardly_fails(node: Node, name: str, is_datagram: bool) -> bool:
    """Whether a node is none that may fail, or a call that hardly does; `name`: of the resource. To connect a socket
    for datagrams sends nothing: so a program learns which address it has.
    """
    if node.type == "for_statement":
        iterated = node.child_by_field_name("right")
        return iterated is not None and iterated.type == "identifier"
    if node.type != "call":
        return node.type not in _MAY_FAIL
    receiver, word = dotted(node.child_by_field_name("function")).rpartition(".")[0], last_word(node)
    if word == "connect" and receiver == name and is_datagram:
        return True
    if word == "bind" and re.search(r",\s*0\s*\)", text_of(node)) is None:
        return False  # any port but one that is free may be taken
    if receiver == name:
        return word in _HARDLY_FAILS
    return handlers.looks(word) and word not in {"int", "float"} and _ASKS_SERVER.search(receiver) is None


def only_names(uses: list[Node]) -> bool:
    """Whether nothing but the name of a temporary file is asked for: it is to exist as long as the program runs."""
    return bool(uses) and all(use.parent is not None and text_of(use.parent).endswith(".name") for use in uses)


def is_variable(node: Node) -> bool:
    """Whether an identifier is the variable itself, not an attribute or a keyword of the same name."""
    parent = node.parent
    if parent is None:
        return True
    if parent.type == "attribute":
        return parent.child_by_field_name("object") == node
    return parent.type != "keyword_argument" or parent.child_by_field_name("value") == node


def hands_on(run: Pass, use: Node) -> bool:
    """Whether a use gives the resource to somebody else, who may close it, or to a `with` statement."""
    inner = use
    for around in ancestors(use):
        if around.type == "await" and inner == use:
            inner = use = around  # what is opened by that is the resource
            continue
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
            is_lent = run.name(function) in BORROWERS or dotted(function).rpartition(".")[2] in _LENT_TO
            return not is_lent
        if around.type in {"assignment", "named_expression", "default_parameter"}:
            return inner == around.child_by_field_name("right")
        if around.type == "attribute" and inner == use and text_of(around).endswith(("__enter__", "__aenter__")):
            return True
        if around.type in {"attribute", "subscript", "call", "for_statement", "await"} or around.type.endswith(
            "_statement"
        ):
            return False
        inner = around
    return False


def closing(use: Node) -> str:
    """How a message calls the call that closes a variable: `quit()`."""
    attribute = use.parent.child_by_field_name("attribute") if use.parent is not None else None
    return f"{text_of(attribute)}()" if attribute is not None else "close()"


def is_closed_by(use: Node) -> bool:
    """Whether a use of a variable closes what it holds."""
    parent = use.parent
    method = parent.child_by_field_name("attribute") if parent is not None and parent.type == "attribute" else None
    return method is not None and text_of(method) in CLOSES


def is_closed_either_way(uses: list[Node]) -> bool:
    """Whether a handler of everything closes it, and what is done without an error too."""
    around = [enclosing(use, FUNCTIONS | {"except_clause"}) for use in uses]
    clauses = [one for one in around if one is not None and one.type == "except_clause"]
    return len(clauses) < len(uses) and any(map(handlers.is_broad_in_words, clauses))


def is_certain(use: Node) -> bool:
    """Whether a call of `close` stands in a `finally`, or is handed to what calls it at the end."""
    if any(around.type == "finally_clause" for around in ancestors(use)):
        return True
    attribute = use.parent
    return attribute is not None and attribute.parent is not None and attribute.parent.type != "call"
