"""SQL databases by their drivers: sqlite3, PostgreSQL, MySQL, ODBC, Oracle, Snowflake, ClickHouse, DuckDB."""

from __future__ import annotations

from shipworthy.escape.catalogue.model import (
    PEER,
    RARE,
    USER,
    Condition,
    Known,
    Raised,
    call,
    classes,
    library,
    methods,
    rather,
)

_INSERTS = Condition(("0", "sql", "query", "operation"), ("INSERT", "insert"))
_SETTLES_CONFLICTS = Condition(
    ("0", "sql", "query", "operation"),
    ("INSERT OR", "insert or", "INSERT IGNORE", "insert ignore"),
)
_PARAMETERS = "1 parameters params vars args"

_METHODS = "execute executemany"
_DBAPI = "DataError IntegrityError InternalError NotSupportedError OperationalError ProgrammingError"


def _statements(owners: str, error: str, integrity: str, cursor: str) -> dict[str, Known]:
    """`execute` of connections and cursors: rows that exist already are ordinary, all else is the machine's."""
    names = " ".join(f"{owner}.{method}" for owner in owners.split() for method in _METHODS.split())
    twice = Raised(integrity, given=_INSERTS, unless=_SETTLES_CONFLICTS)
    outage = rather(RARE, error, always=not error.startswith("sqlite3."))  # a file on this machine is there
    return call(names, (outage, twice), USER, depends_on=_PARAMETERS, returns=cursor)


def _hierarchy(prefix: str, base: str = "Exception") -> str:
    """The exceptions that PEP 249 wants a driver to have."""
    return f"""
        {prefix}:
        Error < {base}
        InterfaceError DatabaseError < Error
        {_DBAPI} < DatabaseError
    """


_SQLITE = library(
    "sqlite3",
    calls=(
        call("sqlite3.connect", "sqlite3.Error", USER, depends_on="0 database", returns="sqlite3.Connection"),
        call("sqlite3.Connection.cursor", returns="sqlite3.Cursor"),
        _statements("sqlite3.Connection sqlite3.Cursor", "sqlite3.Error", "sqlite3.IntegrityError", "sqlite3.Cursor"),
        methods("sqlite3.Connection", "commit executescript backup", "sqlite3.Error", RARE),
        methods("sqlite3.Cursor", "executescript fetchone fetchall fetchmany", "sqlite3.Error", RARE),
    ),
    exceptions=_hierarchy("sqlite3"),
    aliases="""
        aiosqlite sqlite3.dbapi2 pysqlite2.dbapi2 pysqlite3 aiosqlite.core = sqlite3
    """,
)

_PSYCOPG2 = library(
    "psycopg2",
    calls=(
        call("psycopg2.connect", "psycopg2.Error", PEER, returns="psycopg2.extensions.connection"),
        call("psycopg2.extensions.connection.cursor", returns="psycopg2.extensions.cursor"),
        _statements("psycopg2.extensions.cursor", "psycopg2.Error", "psycopg2.IntegrityError", ""),
        call(
            "psycopg2.extras.execute_values psycopg2.extras.execute_batch psycopg2.extensions.connection.commit",
            "psycopg2.Error",
            RARE,
        ),
        methods("psycopg2.extensions.cursor", "copy_expert copy_from fetchone fetchall", "psycopg2.Error", RARE),
        call(
            "psycopg2.pool.SimpleConnectionPool", "psycopg2.Error", PEER, returns="psycopg2.pool.SimpleConnectionPool"
        ),
        call(
            "psycopg2.pool.SimpleConnectionPool.getconn",
            "psycopg2.Error",
            RARE,
            returns="psycopg2.extensions.connection",
        ),
    ),
    exceptions=f"""
        psycopg2.pool.PoolError < psycopg2.Error
        psycopg2.errors:
        UniqueViolation ForeignKeyViolation NotNullViolation CheckViolation < psycopg2.IntegrityError
        UndefinedTable UndefinedColumn DuplicateTable SyntaxError < psycopg2.ProgrammingError
        DuplicateDatabase InvalidCatalogName < psycopg2.ProgrammingError
        SerializationFailure DeadlockDetected < psycopg2.OperationalError
        InvalidTextRepresentation StringDataRightTruncation < psycopg2.DataError
        {_hierarchy("psycopg2")}
    """,
    aliases="""
        psycopg2.extras.DictCursor psycopg2.extras.RealDictCursor = psycopg2.extensions.cursor
        psycopg2.extras.NamedTupleCursor = psycopg2.extensions.cursor
        psycopg2.pool.ThreadedConnectionPool = psycopg2.pool.SimpleConnectionPool
    """,
)

_PSYCOPG = library(
    "psycopg",
    calls=(
        call("psycopg.connect psycopg.Connection.connect", "psycopg.Error", PEER, returns="psycopg.Connection"),
        call("psycopg.Connection.cursor", returns="psycopg.Cursor"),
        _statements("psycopg.Cursor", "psycopg.Error", "psycopg.IntegrityError", "psycopg.Cursor"),
        call("psycopg.Connection.execute", "psycopg.Error", RARE, returns="psycopg.Cursor"),
        methods("psycopg.Connection", "commit", "psycopg.Error", RARE),
        methods("psycopg.Cursor", "fetchone fetchall fetchmany copy", "psycopg.Error", RARE),
        classes("psycopg_pool.ConnectionPool"),
        call("psycopg_pool.ConnectionPool.connection", "psycopg.Error", RARE, returns="psycopg.Connection"),
        call("psycopg_pool.ConnectionPool.getconn", "psycopg.Error", RARE, returns="psycopg.Connection"),
        call("psycopg_pool.ConnectionPool.wait", "psycopg.Error", PEER),
    ),
    exceptions=f"""
        psycopg_pool.PoolTimeout psycopg_pool.PoolClosed psycopg_pool.TooManyRequests < psycopg.OperationalError
        psycopg.errors:
        UniqueViolation ForeignKeyViolation NotNullViolation CheckViolation < psycopg.IntegrityError
        UndefinedTable DuplicateTable < psycopg.ProgrammingError
        ConnectionTimeout < psycopg.OperationalError
        {_hierarchy("psycopg")}
    """,
    aliases="""
        psycopg.AsyncConnection = psycopg.Connection
        psycopg.AsyncCursor psycopg.ClientCursor psycopg.ServerCursor = psycopg.Cursor
        psycopg_pool.AsyncConnectionPool psycopg_pool.NullConnectionPool = psycopg_pool.ConnectionPool
        psycopg.errors.Error = psycopg.Error
        psycopg.errors.OperationalError = psycopg.OperationalError
        psycopg.errors.IntegrityError = psycopg.IntegrityError
        psycopg.errors.DatabaseError = psycopg.DatabaseError
    """,
)

_ASYNCPG = library(
    "asyncpg",
    calls=(
        call("asyncpg.connect", "asyncpg.PostgresError OSError", PEER, returns="asyncpg.Connection"),
        call("asyncpg.create_pool", "asyncpg.PostgresError OSError", PEER, returns="asyncpg.Pool"),
        call("asyncpg.Pool.acquire", "asyncpg.PostgresError OSError", RARE, returns="asyncpg.Connection"),
        call(
            "asyncpg.Connection.execute asyncpg.Pool.execute asyncpg.Connection.executemany asyncpg.Pool.executemany "
            "asyncpg.Connection.fetchrow asyncpg.Pool.fetchrow asyncpg.Connection.fetchval asyncpg.Pool.fetchval",
            (
                rather(RARE, "asyncpg.PostgresError", always=True),
                Raised("asyncpg.UniqueViolationError", given=_INSERTS, unless=_SETTLES_CONFLICTS),
            ),
            USER,
            depends_on="1 2 3 4 5 6 7 8",
        ),
        call("asyncpg.Connection.fetch asyncpg.Pool.fetch", "asyncpg.PostgresError", RARE),
    ),
    exceptions="""
        asyncpg:
        PostgresError InterfaceError InternalClientError < Exception
        PostgresConnectionError IntegrityConstraintViolationError DataError < PostgresError
        TransactionRollbackError InvalidCatalogNameError InvalidPasswordError < PostgresError
        UndefinedTableError TooManyConnectionsError CannotConnectNowError < PostgresError
        UniqueViolationError ForeignKeyViolationError < IntegrityConstraintViolationError
        NotNullViolationError CheckViolationError < IntegrityConstraintViolationError
        ConnectionDoesNotExistError < PostgresConnectionError
        DeadlockDetectedError SerializationError < TransactionRollbackError
    """,
    aliases="""
        asyncpg.exceptions asyncpg.exceptions._base = asyncpg
        asyncpg.pool.Pool = asyncpg.Pool
        asyncpg.connection.Connection asyncpg.pool.PoolConnectionProxy = asyncpg.Connection
    """,
)

_MYSQL = library(
    "MySQL",
    calls=(
        call(
            "pymysql.connect pymysql.connections.Connection",
            "pymysql.Error",
            PEER,
            returns="pymysql.connections.Connection",
        ),
        call("pymysql.connections.Connection.cursor", returns="pymysql.cursors.Cursor"),
        _statements("pymysql.cursors.Cursor", "pymysql.Error", "pymysql.IntegrityError", ""),
        methods("pymysql.connections.Connection", "commit ping select_db", "pymysql.Error", RARE),
        call("aiomysql.connect", "pymysql.Error", PEER, returns="pymysql.connections.Connection"),
        call("aiomysql.create_pool", "pymysql.Error", PEER, returns="aiomysql.Pool"),
        call("aiomysql.Pool.acquire", "pymysql.Error", RARE, returns="pymysql.connections.Connection"),
        call("MySQLdb.connect", "MySQLdb.Error", PEER, returns="MySQLdb.connections.Connection"),
        call("MySQLdb.connections.Connection.cursor", returns="MySQLdb.cursors.Cursor"),
        _statements("MySQLdb.cursors.Cursor", "MySQLdb.Error", "MySQLdb.IntegrityError", ""),
        call("MySQLdb.connections.Connection.commit", "MySQLdb.Error", RARE),
        call(
            "mysql.connector.connect",
            "mysql.connector.Error",
            PEER,
            returns="mysql.connector.connection.MySQLConnection",
        ),
        call("mysql.connector.connection.MySQLConnection.cursor", returns="mysql.connector.cursor.MySQLCursor"),
        _statements(
            "mysql.connector.cursor.MySQLCursor", "mysql.connector.Error", "mysql.connector.IntegrityError", ""
        ),
        methods("mysql.connector.connection.MySQLConnection", "commit reconnect ping", "mysql.connector.Error", RARE),
        call(
            "mysql.connector.pooling.MySQLConnectionPool",
            "mysql.connector.Error",
            PEER,
            returns="mysql.connector.pooling.MySQLConnectionPool",
        ),
        call(
            "mysql.connector.pooling.MySQLConnectionPool.get_connection",
            "mysql.connector.Error",
            RARE,
            returns="mysql.connector.connection.MySQLConnection",
        ),
    ),
    exceptions=f"""
        pymysql.MySQLError MySQLdb.MySQLError < Exception
        mysql.connector.PoolError < mysql.connector.Error
        {_hierarchy("pymysql", "pymysql.MySQLError")}
        {_hierarchy("MySQLdb", "MySQLdb.MySQLError")}
        {_hierarchy("mysql.connector")}
    """,
    aliases="""
        pymysql.err = pymysql
        pymysql.Connect = pymysql.connect
        pymysql.Connection = pymysql.connections.Connection
        pymysql.cursors.DictCursor pymysql.cursors.SSCursor pymysql.cursors.SSDictCursor = pymysql.cursors.Cursor
        aiomysql.Error = pymysql.Error
        aiomysql.MySQLError = pymysql.MySQLError
        aiomysql.OperationalError = pymysql.OperationalError
        aiomysql.IntegrityError = pymysql.IntegrityError
        aiomysql.Connection = pymysql.connections.Connection
        aiomysql.Cursor aiomysql.DictCursor = pymysql.cursors.Cursor
        MySQLdb._exceptions MySQLdb._mysql = MySQLdb
        mysql.connector.errors = mysql.connector
        mysql.connector.MySQLConnection = mysql.connector.connection.MySQLConnection
        mysql.connector.connection_cext.CMySQLConnection = mysql.connector.connection.MySQLConnection
        mysql.connector.pooling.PooledMySQLConnection = mysql.connector.connection.MySQLConnection
    """,
)


def _driver(
    name: str, connection: str = "Connection", cursor: str = "Cursor", errors: str = ""
) -> tuple[dict[str, Known], ...]:
    """A driver with `connect`, connections and cursors as PEP 249 has them."""
    module = errors or name
    return (
        call(f"{name}.connect", f"{module}.Error", PEER, returns=f"{name}.{connection}"),
        call(f"{name}.{connection}.cursor", returns=f"{name}.{cursor}"),
        _statements(f"{name}.{cursor}", f"{module}.Error", f"{module}.IntegrityError", f"{name}.{cursor}"),
        call(f"{name}.{connection}.commit", f"{module}.Error", RARE),
    )


_OTHERS = library(
    "further SQL drivers",
    calls=(
        *_driver("pyodbc"),
        call("pyodbc.Connection.execute", "pyodbc.Error", RARE, returns="pyodbc.Cursor"),
        *_driver("oracledb"),
        *_driver("pymssql"),
        *_driver("pg8000"),
        *_driver("snowflake.connector", "SnowflakeConnection", "cursor.SnowflakeCursor", "snowflake.connector.errors"),
        classes("clickhouse_driver.Client"),
        methods("clickhouse_driver.Client", "execute execute_iter", "clickhouse_driver.errors.Error", PEER),
        call(
            "clickhouse_connect.get_client",
            "clickhouse_connect.driver.exceptions.ClickHouseError",
            PEER,
            returns="clickhouse_connect.driver.client.Client",
        ),
        methods(
            "clickhouse_connect.driver.client.Client",
            "query command insert query_df insert_df",
            "clickhouse_connect.driver.exceptions.ClickHouseError",
            PEER,
        ),
        call("duckdb.connect", "duckdb.Error", USER, depends_on="0 database", returns="duckdb.DuckDBPyConnection"),
        methods(
            "duckdb.DuckDBPyConnection", "execute sql query", "duckdb.Error", RARE, returns="duckdb.DuckDBPyConnection"
        ),
    ),
    exceptions=f"""
        duckdb.Error < Exception
        duckdb.OperationalError < duckdb.Error
        duckdb.IOException < duckdb.OperationalError
        clickhouse_driver.errors:
        Error < Exception
        NetworkError ServerException < Error
        clickhouse_connect.driver.exceptions:
        ClickHouseError < Exception
        Error < ClickHouseError
        DatabaseError < Error
        {_hierarchy("pyodbc")}
        {_hierarchy("oracledb")}
        {_hierarchy("pymssql")}
        {_hierarchy("pg8000")}
        {_hierarchy("snowflake.connector.errors")}
    """,
    aliases="""
        cx_Oracle = oracledb
        pg8000.dbapi pg8000.native = pg8000
        snowflake.connector.Error = snowflake.connector.errors.Error
        snowflake.connector.DatabaseError = snowflake.connector.errors.DatabaseError
        snowflake.connector.ProgrammingError = snowflake.connector.errors.ProgrammingError
        snowflake.connector.OperationalError = snowflake.connector.errors.OperationalError
        snowflake.connector.connection.SnowflakeConnection = snowflake.connector.SnowflakeConnection
        clickhouse_driver.client.Client = clickhouse_driver.Client
    """,
)

LIBRARIES = (_SQLITE, _PSYCOPG2, _PSYCOPG, _ASYNCPG, _MYSQL, _OTHERS)
