"""Databases and other stores."""

from __future__ import annotations

from typing import Any

from .place import Cases, Place, load


def databases(place: Place) -> Cases:
    at = {"host": place.host, "port": place.port, "user": "x", "password": "x"}
    yield "psycopg2.connect", lambda: load("psycopg2").connect(**at, dbname="x")
    yield "psycopg2.pool.SimpleConnectionPool", lambda: load("psycopg2.pool").SimpleConnectionPool(1, 2, **at)
    yield "psycopg.connect", lambda: load("psycopg").connect(**at, dbname="x")
    yield "psycopg.AsyncConnection.connect", lambda: load("psycopg").AsyncConnection.connect(**at, dbname="x")

    def pooled() -> None:
        pool = load("psycopg_pool").ConnectionPool(f"host={place.host} port={place.port}", open=True, timeout=1)
        with pool.connection():
            pass

    yield "psycopg_pool.ConnectionPool.connection", pooled

    async def asyncpg() -> object:
        return await load("asyncpg").connect(**at, database="x")

    yield "asyncpg.connect", asyncpg
    yield "pymysql.connect", lambda: load("pymysql").connect(**at)

    async def aiomysql() -> object:
        return await load("aiomysql").connect(**at)

    yield "aiomysql.connect", aiomysql
    yield "mysql.connector.connect", lambda: load("mysql.connector").connect(**at)
    yield "mysql.connector.connect", lambda: load("mysql.connector").connect(**{**at, "port": place.noise})
    yield (
        "oracledb.connect",
        lambda: load("oracledb").connect(user="x", password="x", dsn=f"{place.host}:{place.port}/x"),
    )
    yield "pymssql.connect", lambda: load("pymssql").connect(**{**at, "server": place.host})
    yield "pg8000.connect", lambda: load("pg8000").connect(**at)
    yield (
        "snowflake.connector.connect",
        lambda: load("snowflake.connector").connect(
            user="x", password="x", account="x", host=place.host, login_timeout=2
        ),
    )
    yield (
        "clickhouse_driver.Client.execute",
        lambda: load("clickhouse_driver").Client(place.host, place.port).execute("x"),
    )
    yield (
        "clickhouse_connect.get_client",
        lambda: load("clickhouse_connect").get_client(host=place.host, port=place.port),
    )
    yield "duckdb.connect", lambda: load("duckdb").connect(str(place.folder))
    yield "duckdb.DuckDBPyConnection.execute", lambda: load("duckdb").connect().execute("SELECT nothing")

    async def aiosqlite() -> None:
        async with load("aiosqlite").connect(place.folder / "no" / "data.db") as connection:
            await connection.execute("SELECT 1")

    yield "aiosqlite.connect", aiosqlite


def sqlalchemy(place: Place) -> Cases:
    sqlalchemy, orm = load("sqlalchemy"), load("sqlalchemy.orm")
    down = sqlalchemy.create_engine(f"postgresql+psycopg2://x:x@{place.host}:{place.port}/x")
    here = sqlalchemy.create_engine(f"sqlite:///{place.folder}/sqlalchemy.db")
    table = sqlalchemy.Table("t", sqlalchemy.MetaData(), sqlalchemy.Column("a", sqlalchemy.Integer, primary_key=True))
    table.create(here)

    def begin() -> None:
        with down.begin():
            pass

    yield "sqlalchemy.Engine.connect", lambda: down.connect()
    yield "sqlalchemy.Engine.begin", begin
    yield "sqlalchemy.Connection.execute", lambda: here.connect().execute(sqlalchemy.text("SELECT * FROM nothing"))
    yield "sqlalchemy.Result.one", lambda: here.connect().execute(sqlalchemy.select(table)).one()
    yield "sqlalchemy.Result.scalar_one", lambda: here.connect().execute(sqlalchemy.select(table)).scalar_one()
    yield "sqlalchemy.orm.Query.one", lambda: orm.Session(here).query(table).filter_by(a=1).one()
    yield "sqlalchemy.orm.Session.execute", lambda: orm.Session(down).execute(sqlalchemy.select(table))
    yield "sqlalchemy.MetaData.reflect", lambda: sqlalchemy.MetaData().reflect(down)

    async def connect() -> None:
        # With asyncpg it would be the driver's OSError.
        engine = load("sqlalchemy.ext.asyncio").create_async_engine(f"sqlite+aiosqlite:///{place.folder}/no/data.db")
        async with engine.connect():
            pass

    yield "sqlalchemy.ext.asyncio.AsyncEngine.connect", connect
    peewee = load("peewee")
    yield (
        "peewee.PostgresqlDatabase.connect",
        lambda: peewee.PostgresqlDatabase("x", host=place.host, port=place.port).connect(),
    )
    yield "peewee.SqliteDatabase.connect", lambda: peewee.SqliteDatabase(str(place.folder / "no" / "x.db")).connect()


def django(place: Place) -> Cases:
    conf = load("django.conf")
    databases = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": place.folder / "django.db"}}
    conf.settings.configure(
        DATABASES=databases,
        INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth"],
        SECRET_KEY="x" * 50,
        EMAIL_HOST=place.host,
        EMAIL_PORT=place.port,
    )
    load("django").setup()
    load("django.core.management").call_command("migrate", verbosity=0)
    user = load("django.contrib.auth.models").User
    yield "x.User.objects.get", lambda: user.objects.get(username="nobody")
    yield "x.User.objects.latest", lambda: user.objects.latest("id")
    yield "django.db.models.QuerySet.get", lambda: user.objects.filter(username="nobody").get()

    def twice() -> object:
        user.objects.create(username="a")
        return user.objects.create(username="a")

    yield "x.User.objects.create", twice
    yield "django.core.mail.send_mail", lambda: load("django.core.mail").send_mail("a", "b", "a@b", ["c@d"])
    yield "django.core.signing.loads", lambda: load("django.core.signing").loads("seven")
    yield "django.core.validators.validate_email", lambda: load("django.core.validators").validate_email("seven")


def mappers(place: Place) -> Cases:
    peewee = load("peewee")
    database = peewee.SqliteDatabase(place.folder / "peewee.db")
    thing: Any = type("Thing", (peewee.Model,), {"Meta": type("Meta", (), {"database": database})})
    database.create_tables([thing])
    yield "peewee.Model.get", lambda: thing.get()
    yield "peewee.Model.get_by_id", lambda: thing.get_by_id(7)


def stores(place: Place) -> Cases:
    redis = load("redis")
    client = redis.Redis(place.host, place.port)
    yield "redis.Redis.get", lambda: client.get("a")
    yield "redis.Redis.ping", lambda: client.ping()
    yield "redis.Redis.publish", lambda: client.publish("a", "b")
    yield "redis.client.Pipeline.execute", lambda: client.pipeline().set("a", 1).execute()
    yield "redis.client.PubSub.subscribe", lambda: client.pubsub().subscribe("a")
    yield "redis.lock.Lock.acquire", lambda: client.lock("a").acquire()
    yield "redis.Redis.get", lambda: redis.Redis(place.host, place.noise).get("a")
    yield "redis.asyncio.Redis.get", lambda: load("redis.asyncio").Redis(host=place.host, port=place.port).get("a")
    brief = {"serverSelectionTimeoutMS": 300}
    mongo = load("pymongo").MongoClient(place.host, place.port, **brief)
    yield "pymongo.MongoClient.server_info", lambda: mongo.server_info()
    yield "pymongo.collection.Collection.find_one", lambda: mongo["a"]["b"].find_one()
    yield "pymongo.collection.Collection.insert_one", lambda: mongo["a"]["b"].insert_one({})
    yield "pymongo.cursor.Cursor.__iter__", lambda: list(mongo["a"]["b"].find())

    async def motor() -> object:
        return (
            await load("motor.motor_asyncio").AsyncIOMotorClient(place.host, place.port, **brief)["a"]["b"].find_one()
        )

    yield "motor.motor_asyncio.AsyncIOMotorCollection.find_one", motor
    yield "bson.ObjectId", lambda: load("bson").ObjectId("seven")
    elastic = load("elasticsearch")
    yield (
        "elasticsearch.Elasticsearch.search",
        lambda: elastic.Elasticsearch(place.web, max_retries=0).search(index="a"),
    )
    yield (
        "elasticsearch.Elasticsearch.search",
        lambda: elastic.Elasticsearch(place.denied, max_retries=0).search(index="a"),
    )
    yield (
        "opensearchpy.OpenSearch.search",
        lambda: load("opensearchpy").OpenSearch(place.web, max_retries=0).search(),
    )
    yield "influxdb.InfluxDBClient.query", lambda: load("influxdb").InfluxDBClient(place.host, place.port).query("x")
    influx = load("influxdb_client")
    yield (
        "influxdb_client.QueryApi.query",
        lambda: influx.InfluxDBClient(place.web, "x", org="x").query_api().query("x"),
    )
    yield (
        "influxdb_client.QueryApi.query",
        lambda: influx.InfluxDBClient(place.broken, "x", org="x").query_api().query("x"),
    )
    hvac = load("hvac")
    yield "hvac.Client.read", lambda: hvac.Client(place.web).read("a")
    yield (
        "hvac.Client.secrets.kv.v2.read_secret_version",
        lambda: hvac.Client(place.broken).secrets.kv.v2.read_secret_version("a"),
    )
    yield "consul.Consul.kv.get", lambda: load("consul").Consul(place.host, place.port).kv.get("a")
    yield "pymemcache.client.base.Client.get", lambda: load("pymemcache").Client((place.host, place.port)).get("a")
    yield "pymemcache.client.base.Client.get", lambda: load("pymemcache").Client((place.host, place.noise)).get("a")
    neo4j = load("neo4j").GraphDatabase.driver(
        f"bolt://{place.host}:{place.port}", max_transaction_retry_time=1, connection_acquisition_timeout=1
    )
    yield "neo4j.Driver.verify_connectivity", lambda: neo4j.verify_connectivity()
    yield "neo4j.Session.run", lambda: neo4j.session().run("x")
    cluster = load("cassandra.cluster").Cluster
    yield "cassandra.cluster.Cluster.connect", lambda: cluster([place.host], port=place.port).connect()
    qdrant = load("qdrant_client").QdrantClient(url=place.web, check_compatibility=False)
    yield "qdrant_client.QdrantClient.get_collections", lambda: qdrant.get_collections()
    kazoo = load("kazoo.client").KazooClient
    yield "kazoo.client.KazooClient.start", lambda: kazoo(f"{place.host}:{place.port}", timeout=1).start(1)
    ldap = load("ldap3")
    yield "ldap3.Connection.bind", lambda: ldap.Connection(ldap.Server(place.host, place.port)).bind()
