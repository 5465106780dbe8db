"""What has to be closed: the calls that open it, the methods that close it, and what a file closes or hands on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from tree_sitter import Node

from shipworthy import origins
from shipworthy.document import Block
from shipworthy.syntax import last_word, text_of

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
