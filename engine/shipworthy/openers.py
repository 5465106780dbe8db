"""Which calls open something that has to be closed, and what: calls of libraries, or of functions of the project."""

from __future__ import annotations

import re
from collections.abc import Mapping

from tree_sitter import Node

from shipworthy import origins, outside
from shipworthy.rule import Pass
from shipworthy.syntax import argument, dotted, enclosing, positional_arguments, text_of

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
    "pandas.ExcelWriter": "writer",
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
    "sqlalchemy.orm.Session": "session",
    "sqlalchemy.Engine.connect": "connection",
}

_POOLED = frozenset({"sqlalchemy.orm.Session", "sqlalchemy.Engine.connect"})
"""Calls whose connections are lent by a pool, which has them back once nobody holds what was opened."""

_LAST_WORDS = frozenset(name.rpartition(".")[2] for name in OPENERS)
_LATER = frozenset({"smtplib.SMTP", "smtplib.SMTP_SSL", "ftplib.FTP", "ftplib.FTP_TLS"})
"""Calls that connect to the host that they are given; without one that is done later."""
_TRANSACTIONS = frozenset(f"{one}.connect" for one in ("sqlite3", "psycopg2", "MySQLdb", "pyodbc"))
"""Calls that open what ends a transaction behind its `with` statement, and stays open."""
_WITHOUT = frozenset({"poplib.POP3", "poplib.POP3_SSL", "openpyxl.load_workbook"})
"""Calls that open what has a method `close`, and no `with` statement."""
_ASYNCHRONOUS = frozenset({"aiosqlite.connect", "asyncpg.create_pool", "aiohttp.ClientSession", "httpx.AsyncClient"})
"""Calls that open what only `async with` closes."""
_AWAITED = frozenset({"aiosqlite.connect", "asyncpg.create_pool"})
"""Those of them that may be awaited instead."""
_BY_HAND = frozenset({"asyncpg.connect", "undetected_chromedriver.Chrome"})
"""Calls that open what no `with` statement closes."""
_ENDINGS: Mapping[str, tuple[str, ...]] = {
    "smtplib.": ("quit", "close"),
    "ftplib.": ("quit", "close"),
    "imaplib.": ("logout",),
    "selenium.": ("quit",),
    "concurrent.": ("shutdown",),
    "multiprocessing.": (),
    "httpx.AsyncClient": ("aclose",),
}
"""The methods that a `with` statement calls, by how the name of the opener begins, if not `close` alone."""
_FACTORIES = frozenset({"sqlalchemy.orm.sessionmaker", "sqlalchemy.orm.scoped_session"})
_BUFFERS = frozenset({"io.BytesIO", "io.StringIO"})
_ON_DISK = frozenset({"file", "reply", "archive"})


def opener(run: Pass, call: Node) -> str:
    """The call in `OPENERS` that a call is, or that a function of the project makes for it each time; "" if none."""
    function = call.child_by_field_name("function")
    if function is None:
        return ""
    if dotted(function).rpartition(".")[2] in _LAST_WORDS:
        named = (run.name(function), outside.called(run, call))
        if (found := next((name for name in named if name in OPENERS), "")) != "":
            return "" if found in _LATER and text_of(call).endswith("()") else found
    if _is_bound(call) and origins.origin(run, function) in _FACTORIES:
        return "sqlalchemy.orm.Session"
    return _of_project(run, call) if _is_bound(call) else ""


def _of_project(run: Pass, call: Node) -> str:
    found = origins.own_function(run, call)
    name = found.opens if found is not None else ""
    return name if name in OPENERS and OPENERS[name] not in _ON_DISK else ""


def _is_bound(call: Node) -> bool:
    """Whether a local variable holds what a call gives."""
    around = call.parent.parent if call.parent is not None and call.parent.type == "await" else call.parent
    target = around.child_by_field_name("left") if around is not None and around.type == "assignment" else None
    return target is not None and target.type == "identifier" and enclosing(target, {"function_definition"}) is not None


def is_in_memory(run: Pass, call: Node) -> bool:
    """Whether a database or an archive is opened that exists in memory alone."""
    given = positional_arguments(call)
    if not given:
        return False
    made = {origins.origin(run, given[0]), run.name(given[0].child_by_field_name("function"))}
    return not made.isdisjoint(_BUFFERS) or re.fullmatch(r"""['"]:memory:['"]""", text_of(given[0])) is not None


def with_keyword(opener: str) -> str:
    """How the statement begins that closes what is opened; "" if there is none."""
    return "" if opener in _BY_HAND else "async with" if is_asynchronous(opener) else "with"


def remedy(opener: str, verb: str) -> str:
    """What a message tells to do: the `with` of some connections ends a transaction alone, others have none."""
    keyword = with_keyword(opener)
    if not keyword:
        return "close it in a `finally` clause"
    if needs_closing(opener):
        return f"{verb} `with contextlib.closing(...)`"
    return f"{verb} {'an' if is_asynchronous(opener) else 'a'} `{keyword}` statement"


def is_asynchronous(opener: str) -> bool:
    """Whether what is opened is closed by `async with` alone."""
    return opener in _ASYNCHRONOUS


def may_be_awaited(opener: str) -> bool:
    """Whether `await` opens it as well as `async with`."""
    return opener in _AWAITED


def is_of_objects(opener: str) -> bool:
    """Whether what is read from it goes on to ask it for more, as the objects of an ORM do."""
    return opener == "sqlalchemy.orm.Session"


def endings(opener: str) -> tuple[str, ...]:
    """The methods that close what is opened as its `with` statement does."""
    return next((words for name, words in _ENDINGS.items() if opener.startswith(name)), ("close",))


def is_pooled(opener: str) -> bool:
    """Whether what is opened goes back to a pool by itself, if late: that matters only to a program that lasts."""
    return opener in _POOLED


def needs_closing(opener: str) -> bool:
    """Whether what is opened has no `with` statement that closes it, and a method that does."""
    return opener in _TRANSACTIONS or opener in _WITHOUT


def may_be_written(opener: str, call: Node) -> bool:
    """Whether a file or an archive is opened for writing, as far as the text tells."""
    if "Temporary" in opener:
        return True
    position = 0 if opener == "pathlib.Path.open" else 1
    mode = argument(call, position, "mode")
    return mode is not None and re.search(r"[wax+]", text_of(mode)) is not None


def is_read_from_disk(opener: str, call: Node) -> bool:
    """Whether a call opens what is only read, and is closed with the frame that holds it."""
    kind = OPENERS[opener]
    return kind == "reply" or (kind in _ON_DISK and not may_be_written(opener, call))
