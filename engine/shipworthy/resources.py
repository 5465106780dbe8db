"""What has to be closed: the calls that open it, the methods that close it, and what a file closes or hands on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from tree_sitter import Node

from shipworthy import fixes, handlers, origins
from shipworthy.document import Block
from shipworthy.syntax import FUNCTIONS, dotted, enclosing, last_word, positional_arguments, text_of, walk

OPENERS: Mapping[str, str] = {
    "open": "file",
    "io.open": "file",
    "codecs.open": "file",
    "gzip.open": "file",
    "bz2.open": "file",
    "lzma.open": "file",
    "os.fdopen": "file",
    "zipfile.ZipFile": "archive",
    "tarfile.open": "archive",
    "sqlite3.connect": "connection",
    "psycopg2.connect": "connection",
    "psycopg.connect": "connection",
    "pymysql.connect": "connection",
    "MySQLdb.connect": "connection",
    "socket.socket": "socket",
    "socket.create_connection": "socket",
    "smtplib.SMTP": "connection",
    "smtplib.SMTP_SSL": "connection",
    "ftplib.FTP": "connection",
    "urllib.request.urlopen": "reply",
    "tempfile.TemporaryFile": "file",
    "tempfile.NamedTemporaryFile": "file",
    "pathlib.Path.open": "file",
    "aiosqlite.connect": "connection",
    "asyncpg.connect": "connection",
    "asyncpg.create_pool": "pool",
    "aiohttp.ClientSession": "session",
    "httpx.Client": "client",
    "httpx.AsyncClient": "client",
    "imaplib.IMAP4": "connection",
    "imaplib.IMAP4_SSL": "connection",
    "serial.Serial": "port",
    "geoip2.database.Reader": "reader",
    "multiprocessing.Pool": "pool",
    "concurrent.futures.ThreadPoolExecutor": "pool",
    "concurrent.futures.ProcessPoolExecutor": "pool",
    "openpyxl.load_workbook": "workbook",
    "ftplib.FTP_TLS": "connection",
    "poplib.POP3": "connection",
    "poplib.POP3_SSL": "connection",
    "telnetlib.Telnet": "connection",
    "paramiko.SSHClient": "connection",
    "paramiko.Transport": "connection",
    "mysql.connector.connect": "connection",
    "pyodbc.connect": "connection",
    "pymssql.connect": "connection",
    "oracledb.connect": "connection",
    "cx_Oracle.connect": "connection",
    "snowflake.connector.connect": "connection",
    "selenium.webdriver.Chrome": "browser",
    "selenium.webdriver.Firefox": "browser",
    "selenium.webdriver.Edge": "browser",
    "selenium.webdriver.Remote": "browser",
    "undetected_chromedriver.Chrome": "browser",
}
OF_THE_OTHER_SIDE = frozenset({"connection", "socket", "session", "client"})
"""Kinds that somebody on the other side waits for, or counts."""

_BORROWERS = frozenset({"DictWriter", "DictReader", "writer", "reader", "dump", "load", "print", "len", "isinstance"})
"""Functions that use what they are handed and leave it open."""

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


_HARDLY_FAILS = frozenset(
    {
        *("write", "writelines", "flush", "seek", "truncate", "fileno", "settimeout", "setblocking", "setsockopt"),
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
    for listed in block.nodes(("attribute", "subscript")).values() if block.language.id == "python" else ():
        for node in listed:
            if _is_ended(node):
                yield f"ends {named(block, node)}"


def _is_ended(node: Node) -> bool:
    """Whether somebody closes what an attribute or an item holds, or takes it over."""
    parent = node.parent
    if parent is None:
        return False
    if parent.type == "argument_list" and parent.parent is not None and last_word(parent.parent) in _BORROWERS:
        return False
    method = parent.child_by_field_name("attribute") if parent.type == "attribute" else None
    is_taken = parent.type in {"assignment", "tuple", "list"} and parent.child_by_field_name("left") != node
    return is_taken or parent.type in _TAKERS or (method is not None and text_of(method) in CLOSES)


def named(block: Block, node: Node) -> str:
    """The name of what holds a value: `Class.x` for `self.x`, `app['pool']` as it is written."""
    text = re.sub(r"\s", "", text_of(node)).replace('"', "'")
    return f"{origins.class_around(block, node)}{text[4:]}" if text.startswith("self.") else text


def is_in_memory(call: Node) -> bool:
    """Whether a database is opened that exists in memory alone."""
    given = positional_arguments(call)
    return bool(given) and re.fullmatch(r"""['"]:memory:['"]""", text_of(given[0])) is not None


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


def is_closed_soon(assignment: Node, closed: Node) -> bool:
    """Whether nothing stands between opening and closing but calls of the resource itself that hardly ever fail."""
    opening, closing = fixes.statement_of(assignment), fixes.statement_of(closed)
    if opening is None or closing is None or opening.parent != closing.parent:
        return False
    name = text_of(closed)
    statement = opening.next_named_sibling
    while statement is not None and statement != closing:
        if not all(_hardly_fails(node, name) for node in walk(statement)):
            return False
        statement = statement.next_named_sibling
    return True


def _hardly_fails(node: Node, name: str) -> bool:
    """Whether a node is none that may fail, or a call that hardly does; `name`: of the resource."""
    if node.type == "for_statement":
        iterated = node.child_by_field_name("right")
        return iterated is not None and iterated.type == "identifier"
    if node.type != "call":
        return node.type not in _MAY_FAIL
    receiver, word = dotted(node.child_by_field_name("function")).rpartition(".")[0], last_word(node)
    if word == "bind" and re.search(r",\s*0\s*\)", text_of(node)) is None:
        return False  # any port but one that is free may be taken
    return word in _HARDLY_FAILS if receiver == name else handlers.looks(word)
