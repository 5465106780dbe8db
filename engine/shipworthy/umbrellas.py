"""Handlers that name one error for whatever a library raises, as `except sqlite3.Error` does, around what it was to
write or send.

Such a name says which library may fail, and not what is expected of it. Its siblings that do, as `IntegrityError` for
what is there already, are no subject of this module.
"""

from __future__ import annotations

import functools
import re

from tree_sitter import Node

from shipworthy import handlers, losses, origins
from shipworthy.escape import catalogue
from shipworthy.rule import Pass
from shipworthy.syntax import (
    FUNCTIONS,
    enclosing,
    function_around,
    last_word,
    name_of,
    own,
    positional_arguments,
    text_of,
    walk,
)

_OF_ALL = """
    sqlite3.Error sqlite3.DatabaseError aiosqlite.Error psycopg.Error psycopg.DatabaseError psycopg2.Error
    psycopg2.DatabaseError asyncpg.PostgresError pymysql.Error pymysql.MySQLError pymysql.err.Error MySQLdb.Error
    mysql.connector.Error oracledb.Error pyodbc.Error pymssql.Error duckdb.Error snowflake.connector.errors.Error
    sqlalchemy.exc.SQLAlchemyError sqlalchemy.exc.DBAPIError peewee.PeeweeException tortoise.exceptions.BaseORMException
    django.db.Error django.db.DatabaseError django.db.utils.Error django.db.utils.DatabaseError
    pymongo.errors.PyMongoError redis.RedisError elasticsearch.ApiError elasticsearch.TransportError
    opensearchpy.OpenSearchException influxdb.exceptions.InfluxDBClientError neo4j.exceptions.Neo4jError
    requests.RequestException httpx.HTTPError httpx.RequestError aiohttp.ClientError urllib.error.URLError
    urllib3.exceptions.HTTPError
    botocore.exceptions.ClientError botocore.exceptions.BotoCoreError google.api_core.exceptions.GoogleAPIError
    google.api_core.exceptions.GoogleAPICallError googleapiclient.errors.Error googleapiclient.errors.HttpError
    azure.core.exceptions.AzureError azure.core.exceptions.HttpResponseError stripe.StripeError
    smtplib.SMTPException aiosmtplib.SMTPException pika.exceptions.AMQPError aio_pika.exceptions.AMQPError
    kafka.errors.KafkaError aiokafka.errors.KafkaError confluent_kafka.KafkaException nats.errors.Error
    twilio.base.exceptions.TwilioException slack_sdk.errors.SlackClientError slack_sdk.errors.SlackApiError
    paramiko.SSHException ftplib.Error ftplib.all_errors
"""
"""The errors that stand for whatever a library raises. Of services for chats there are none: whoever has blocked a bot
does not get what it sends.
"""
_STATEMENTS = frozenset({"execute", "executemany"})
_CHANGES = re.compile(r"(?i)\W*(?:with\b.*)?\b(?:insert|update|replace|merge|upsert)\b", re.DOTALL)
"""How statements of SQL begin that add rows or change them."""
_NAMES_CHANGE = re.compile(r"(?i)insert|update|upsert|save|store|write")
_SENDS = frozenset({"basic_publish", "bulk_write", "lpush", "produce", "rpush", "xadd"})
"""Calls that hand something to a queue or a store, by names that nothing else has."""
_MAKES = re.compile(
    r"(?:create|declare|ensure)_?(?:bucket|collection|container|database|exchange|group|index\w*|keyspace|policy|queue|role"
    r"|schema|stream|subscription|table|topic)s?"
)
"""Names of calls that make what may be there already."""
_OF_NO_WRITE = re.compile(r"delete\w*|register\w*|install\w*|(?:run|handle|perform|work)(?:_.*)?")
"""Names of calls that remove something, that are made once more where they were made, or that may do anything."""
_OF_NO_VALUE = re.compile(
    r"(?i)(?:^|[^a-z])_*(?:access(?:ed)?|analytics|audit|cached?|hits?|heartbeat|last_?\w+|logs?|metrics?|notif\w*|ping|presence"
    r"|progress|seen|stats?|statistics|telemetry|touch\w*|trace|usage|views?|warm\w*)(?:[^a-z]|$)"
)
"""What is counted, told or kept on the side, as names and texts tell."""
_PREPARES = re.compile(
    r"(?i)_*(?:async_?)?(?:bootstrap|create|ensure|init|initiali[sz]e|migrate|prepare|seed|set_?up|upgrade)(?:_\w+)?"
)
"""Names of functions that are run again where they have run already."""


def names_all(run: Pass, clause: Node) -> bool:
    """Whether a handler names an error for whatever a library raises."""
    return any(catalogue.canonical(one) in _of_all() for one in handlers.caught(run, clause))


def loses_write(run: Pass, clause: Node) -> bool:
    """Whether a handler that names such an error, and does nothing, loses what was to be written or sent.

    What is tried in turn, and what the function asks for behind the `try`, is not lost in silence.
    """
    if not names_all(run, clause) or _is_aside(run, clause) or _is_told_apart(clause):
        return False
    loop = enclosing(clause, FUNCTIONS | {"for_statement", "while_statement"})
    if loop is not None and loop.type == "while_statement" and not losses.loses_item(clause):
        return False  # the next round tries again
    written = [call for call in handlers.calls(handlers.tried(clause)) if _writes(run, call)]
    is_sent = any(last_word(call) in _SENDS or _is_but_checked(call) for call in written)
    return is_sent or (bool(written) and losses.lost(run, clause) > losses.Loss.NOTHING)


@functools.cache
def _of_all() -> frozenset[str]:
    return frozenset(map(catalogue.canonical, _OF_ALL.split()))


def _is_aside(run: Pass, clause: Node) -> bool:
    """Whether little is expected of a `try`, as the names around it tell."""
    function = function_around(clause)
    name = name_of(function) if function is not None else None
    if losses.is_excused(clause) or handlers.is_cleanup(clause):
        return True
    if name is not None and (_PREPARES.fullmatch(text_of(name)) or _OF_NO_VALUE.search(text_of(name))):
        return True
    return _OF_NO_VALUE.search(_parted(origins.class_around(run.block, clause))) is not None


def _parted(name: str) -> str:
    """The words of a class's name with spaces between them."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)


def _is_told_apart(clause: Node) -> bool:
    """Whether what is behind a `try` is for its failure: success leaves, or sets a variable that is asked for there."""
    attempt, function = clause.parent, function_around(clause)
    nodes = list(handlers.own(handlers.tried(clause)))
    if any(node.type in {"return_statement", "break_statement", "continue_statement"} for node in nodes):
        return True
    if attempt is None or function is None:
        return False
    flags = {text_of(target) for node in nodes if (target := _set_to_constant(node)) is not None}
    return any(
        node.type == "identifier" and text_of(node) in flags
        for node in own(function)
        if node.start_byte >= attempt.end_byte
    )


def _set_to_constant(node: Node) -> Node | None:
    """The variable that an assignment sets to a constant."""
    target, value = node.child_by_field_name("left"), node.child_by_field_name("right")
    is_constant = value is not None and value.type in {"true", "false", "none", "string", "integer"}
    return target if node.type == "assignment" and is_constant else None


def _writes(run: Pass, call: Node) -> bool:
    """Whether a call writes or sends something of value, and what it gives is at most asked whether that went well."""
    word = last_word(call)
    if not (losses.is_dropped(call) or _is_but_checked(call)) or _OF_NO_VALUE.search(run.text(call)) is not None:
        return False
    if word in _STATEMENTS:
        return _changes_rows(call)
    is_other = may_be_there(call) or _OF_NO_WRITE.fullmatch(word) is not None
    return word in _SENDS or (losses.writes(call) and not is_other)


def may_be_there(call: Node) -> bool:
    """Whether a call makes what may be there already, by its name: `create_bucket`."""
    return _MAKES.fullmatch(last_word(call)) is not None


def _is_but_checked(call: Node) -> bool:
    """Whether what a call gives is kept in a variable that is asked for its status alone."""
    value = call.parent if call.parent is not None and call.parent.type == "await" else call
    parent, function = value.parent, function_around(call)
    target = parent.child_by_field_name("left") if parent is not None and parent.type == "assignment" else None
    if target is None or function is None or target.type != "identifier":
        return False
    if last_word(call) in _STATEMENTS:
        return False  # what it gives is the cursor
    used = [node for node in own(function, "identifier") if node.text == target.text and node != target]
    return all(node.parent is not None and text_of(node.parent).endswith(".raise_for_status") for node in used)


def _changes_rows(call: Node) -> bool:
    """Whether a statement of SQL adds rows or changes them, by its text, else by the name that holds it."""
    given = positional_arguments(call)
    if not given:
        return False
    texts = [text_of(node) for node in walk(given[0]) if node.type == "string"]
    if texts:
        return _CHANGES.match(texts[0].lstrip("rbufRBUF\"'")) is not None
    return last_word(call) == "executemany" or _NAMES_CHANGE.search(text_of(given[0])) is not None
