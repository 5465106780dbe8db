"""Stores that are not SQL: Redis, MongoDB, Elasticsearch, InfluxDB, Consul, Vault, LDAP, Neo4j, Cassandra and more."""

from __future__ import annotations

from shipworthy.escape.catalogue.model import PEER, RARE, call, classes, library, methods, rather

_COMMANDS = (
    "append auth bgsave bitcount config_get config_set dbsize decr decrby delete dump "
    "echo eval evalsha execute_command exists expire expireat flushall flushdb geoadd geosearch get getdel getex "
    "getrange getset hdel hexists hget hgetall hincrby hincrbyfloat hkeys hlen hmget hmset hscan hset hsetnx hvals "
    "incr incrby incrbyfloat info keys lindex linsert llen lpush lpushx lrange lrem lset ltrim mget mset "
    "msetnx move persist pexpire pfadd pfcount ping psetex pttl publish rename rpush rpushx sadd "
    "save scan scard sdiff set setbit setex setnx setrange sinter sismember smembers smove sort spop srandmember "
    "srem sscan strlen sunion time touch ttl type unlink wait watch xack xadd xdel xgroup_create "
    "xinfo_stream xlen xpending xrange xrevrange xtrim zadd zcard zcount zincrby zpopmax zpopmin "
    "zrange zrangebyscore zrank zrem zremrangebyrank zremrangebyscore zrevrange zrevrangebyscore zrevrank zscan "
    "zscore"
)
_QUEUES = "blmove blpop brpop brpoplpush lmove lpop rpop rpoplpush xautoclaim xclaim xread xreadgroup"
"""Commands that take what another program has put there."""

_REDIS = library(
    "redis",
    calls=(
        classes("redis.Redis"),
        call("redis.from_url redis.Redis.from_url", returns="redis.Redis"),
        methods("redis.Redis", _COMMANDS, "redis.RedisError", PEER),
        methods("redis.Redis", _QUEUES, "redis.RedisError", PEER, returns="outside"),
        methods("redis.Redis", "scan_iter hscan_iter sscan_iter zscan_iter", "redis.RedisError", PEER),
        call("redis.Redis.pubsub", returns="redis.client.PubSub"),
        call("redis.Redis.pipeline", returns="redis.client.Pipeline"),
        call("redis.client.Pipeline.execute", "redis.RedisError", PEER),
        methods(
            "redis.client.PubSub",
            "subscribe psubscribe get_message parse_response",
            "redis.RedisError",
            PEER,
            returns="redis.message",
        ),
        call("redis.client.PubSub.listen", "redis.RedisError", PEER, returns="[redis.message]"),
        call("redis.message[]", returns="outside"),
        call("redis.Redis.lock", returns="redis.lock.Lock"),
        methods("redis.lock.Lock", "acquire release extend __enter__ __aenter__", "redis.RedisError", PEER),
    ),
    exceptions="""
        redis:
        RedisError < Exception
        ConnectionError TimeoutError ResponseError DataError InvalidResponse PubSubError < RedisError
        WatchError < RedisError
        AuthenticationError BusyLoadingError < ConnectionError
        ReadOnlyError < ResponseError
        redis.exceptions:
        LockError < redis.RedisError ValueError
        LockNotOwnedError < LockError
        NoScriptError < redis.ResponseError
    """,
    aliases="""
        redis.StrictRedis redis.client.Redis redis.RedisCluster redis.cluster.RedisCluster = redis.Redis
        redis.exceptions.RedisError = redis.RedisError
        redis.exceptions.ConnectionError = redis.ConnectionError
        redis.exceptions.TimeoutError = redis.TimeoutError
        redis.exceptions.ResponseError = redis.ResponseError
        redis.exceptions.DataError = redis.DataError
        redis.exceptions.InvalidResponse = redis.InvalidResponse
        redis.exceptions.PubSubError = redis.PubSubError
        redis.exceptions.WatchError = redis.WatchError
        redis.exceptions.AuthenticationError = redis.AuthenticationError
        redis.exceptions.BusyLoadingError = redis.BusyLoadingError
        redis.exceptions.ReadOnlyError = redis.ReadOnlyError
        redis.asyncio.client.PubSub = redis.client.PubSub
        redis.asyncio.client.Pipeline = redis.client.Pipeline
        redis.asyncio.lock.Lock = redis.lock.Lock
        redis.asyncio redis.asyncio.client = redis
        aioredis.Redis = redis.Redis
        aioredis.exceptions aioredis = redis
    """,
)

_FINDS = "find_one find_one_and_update find_one_and_replace find_one_and_delete count_documents distinct"
_WRITES = (
    "insert_one insert_many update_one update_many replace_one delete_one delete_many bulk_write create_index "
    "create_indexes drop estimated_document_count index_information"
)

_MONGO = library(
    "pymongo",
    calls=(
        # It connects with the first operation. What is asked only to see whether the server is there is ordinary to
        # fail; all else is as rare as with SQL.
        classes("pymongo.MongoClient"),
        call("pymongo.MongoClient[] pymongo.MongoClient.*", returns="pymongo.database.Database"),
        call(
            "pymongo.MongoClient.get_database pymongo.MongoClient.get_default_database",
            returns="pymongo.database.Database",
        ),
        methods(
            "pymongo.MongoClient",
            "server_info list_database_names list_databases drop_database",
            "pymongo.errors.PyMongoError",
            PEER,
        ),
        call("pymongo.MongoClient.close pymongo.MongoClient.start_session"),
        call("pymongo.database.Database[] pymongo.database.Database.*", returns="pymongo.collection.Collection"),
        call("pymongo.database.Database.get_collection", returns="pymongo.collection.Collection"),
        methods(
            "pymongo.database.Database",
            "command list_collection_names create_collection drop_collection",
            "pymongo.errors.PyMongoError",
            PEER,
        ),
        call(
            "pymongo.collection.Collection.find pymongo.collection.Collection.aggregate",
            returns="pymongo.cursor.Cursor",
        ),
        methods("pymongo.collection.Collection", f"{_FINDS} {_WRITES}", "pymongo.errors.PyMongoError", RARE),
        call(
            "pymongo.collection.Collection.watch", "pymongo.errors.PyMongoError", PEER, returns="pymongo.cursor.Cursor"
        ),
        methods("pymongo.cursor.Cursor", "sort limit skip batch_size hint", returns="pymongo.cursor.Cursor"),
        methods("pymongo.cursor.Cursor", "next to_list __iter__ __aiter__", "pymongo.errors.PyMongoError", RARE),
        call("bson.ObjectId", "bson.errors.InvalidId", PEER, depends_on="0 oid"),
        call("bson.decode bson.BSON.decode", "bson.errors.InvalidBSON", PEER, depends_on="0 data"),
        classes("gridfs.GridFS"),
        methods("gridfs.GridFS", "get get_last_version", "gridfs.errors.NoFile", PEER),
    ),
    exceptions="""
        gridfs.errors.GridFSError < pymongo.errors.PyMongoError
        gridfs.errors.NoFile < gridfs.errors.GridFSError
        pymongo.errors:
        PyMongoError < Exception
        ConnectionFailure ConfigurationError OperationFailure InvalidOperation < PyMongoError
        AutoReconnect < ConnectionFailure
        ServerSelectionTimeoutError NetworkTimeout < AutoReconnect
        WriteError BulkWriteError ExecutionTimeout CursorNotFound < OperationFailure
        DuplicateKeyError < WriteError
        InvalidURI < ConfigurationError
        bson.errors:
        BSONError < Exception
        InvalidId InvalidBSON < BSONError
        mongoengine.errors:
        ValidationError < AssertionError
        MongoEngineException < Exception
        OperationError < MongoEngineException
        NotUniqueError < OperationError
    """,
    aliases="""
        pymongo.AsyncMongoClient pymongo.mongo_client.MongoClient = pymongo.MongoClient
        motor.motor_asyncio.AsyncIOMotorClient motor.motor_tornado.MotorClient motor.MotorClient = pymongo.MongoClient
        motor.motor_asyncio.AsyncIOMotorDatabase pymongo.asynchronous.database.AsyncDatabase = pymongo.database.Database
        motor.motor_asyncio.AsyncIOMotorCollection = pymongo.collection.Collection
        pymongo.asynchronous.collection.AsyncCollection = pymongo.collection.Collection
        pymongo.asynchronous.cursor.AsyncCursor pymongo.synchronous.cursor.Cursor = pymongo.cursor.Cursor
        motor.motor_asyncio.AsyncIOMotorCursor = pymongo.cursor.Cursor
        bson.objectid.ObjectId = bson.ObjectId
        gridfs.NoFile = gridfs.errors.NoFile
        mongoengine.ValidationError = mongoengine.errors.ValidationError
        mongoengine.NotUniqueError = mongoengine.errors.NotUniqueError
    """,
)

_SEARCH = library(
    "Elasticsearch and OpenSearch",
    calls=(
        classes("elasticsearch.Elasticsearch opensearchpy.OpenSearch"),
        # Since 8 an answer with an error status and a lost connection have no base class in common; whoever catches
        # TransportError alone may well have 7.
        methods(
            "elasticsearch.Elasticsearch",
            "search index get create update delete bulk count mget msearch scroll exists info "
            "delete_by_query update_by_query reindex indices.create indices.delete indices.exists indices.refresh "
            "indices.put_mapping indices.get_mapping cluster.health",
            ("elasticsearch.ApiError", rather(RARE, "elasticsearch.TransportError")),
            PEER,
            since="8; before, all are TransportError",
        ),
        call(
            "elasticsearch.helpers.bulk elasticsearch.helpers.async_bulk",
            (
                "elasticsearch.helpers.BulkIndexError",
                "elasticsearch.ApiError",
                rather(RARE, "elasticsearch.TransportError"),
            ),
            PEER,
        ),
        call(
            "elasticsearch.helpers.scan elasticsearch.helpers.async_scan",
            ("elasticsearch.ApiError", rather(RARE, "elasticsearch.TransportError")),
            PEER,
        ),
        methods(
            "opensearchpy.OpenSearch",
            "search index get create update delete bulk count mget msearch scroll exists info indices.create "
            "indices.delete indices.exists",
            "opensearchpy.OpenSearchException",
            PEER,
        ),
    ),
    exceptions="""
        elasticsearch.helpers.BulkIndexError < Exception
        elasticsearch:
        ApiError TransportError < Exception
        NotFoundError ConflictError BadRequestError AuthenticationException AuthorizationException < ApiError
        ConnectionError ConnectionTimeout SerializationError < TransportError
        opensearchpy:
        OpenSearchException < Exception
        TransportError < OpenSearchException
        NotFoundError RequestError ConflictError ConnectionError < TransportError
    """,
    aliases="""
        elasticsearch.AsyncElasticsearch = elasticsearch.Elasticsearch
        elasticsearch.exceptions elastic_transport = elasticsearch
        elasticsearch.RequestError = elasticsearch.BadRequestError
        elasticsearch.helpers.errors = elasticsearch.helpers
        opensearchpy.AsyncOpenSearch = opensearchpy.OpenSearch
        opensearchpy.exceptions = opensearchpy
    """,
)

_OTHERS = library(
    "further stores",
    calls=(
        classes("influxdb.InfluxDBClient influxdb_client.InfluxDBClient hvac.Client consul.Consul"),
        methods(
            "influxdb.InfluxDBClient",
            "query write_points write ping create_database get_list_database drop_database",
            "influxdb.exceptions.InfluxDBClientError requests.RequestException",
            PEER,
        ),
        call("influxdb_client.InfluxDBClient.write_api", returns="influxdb_client.WriteApi"),
        call("influxdb_client.InfluxDBClient.query_api", returns="influxdb_client.QueryApi"),
        call(
            "influxdb_client.WriteApi.write influxdb_client.QueryApi.query influxdb_client.QueryApi.query_data_frame "
            "influxdb_client.QueryApi.query_stream",
            ("influxdb_client.rest.ApiException", "urllib3.exceptions.HTTPError"),
            PEER,
        ),
        methods(
            "hvac.Client",
            "read write list delete is_authenticated secrets.kv.v2.read_secret_version "
            "secrets.kv.v2.create_or_update_secret secrets.kv.v1.read_secret secrets.kv.read_secret_version "
            "auth.approle.login auth.kubernetes.login",
            "hvac.exceptions.VaultError requests.RequestException",
            PEER,
        ),
        methods(
            "consul.Consul",
            "kv.get kv.put kv.delete agent.service.register agent.service.deregister health.service catalog.services",
            "consul.ConsulException requests.RequestException",
            PEER,
        ),
        classes("pymemcache.client.base.Client"),
        methods(
            "pymemcache.client.base.Client",
            "get set delete add replace incr decr get_many set_many touch flush_all",
            ("OSError", rather(RARE, "pymemcache.exceptions.MemcacheError")),
            PEER,
        ),
        call("ldap3.Connection", rather(PEER, "ldap3.core.exceptions.LDAPException"), RARE, returns="ldap3.Connection"),
        methods(
            "ldap3.Connection",
            "bind rebind search add modify delete modify_dn start_tls compare",
            "ldap3.core.exceptions.LDAPException",
            PEER,
        ),
        call("ldap.initialize", returns="ldap.ldapobject.LDAPObject"),
        methods(
            "ldap.ldapobject.LDAPObject",
            "simple_bind_s bind_s search_s search_ext_s modify_s add_s delete_s start_tls_s",
            "ldap.LDAPError",
            PEER,
        ),
    ),
    exceptions="""
        influxdb.exceptions.InfluxDBClientError influxdb.exceptions.InfluxDBServerError < Exception
        influxdb_client.client.exceptions.InfluxDBError consul.ConsulException < Exception
        pymemcache.exceptions.MemcacheError < Exception
        influxdb_client.rest.ApiException < influxdb_client.client.exceptions.InfluxDBError
        hvac.exceptions:
        VaultError < Exception
        Forbidden InvalidPath InvalidRequest Unauthorized VaultDown < VaultError
        ldap3.core.exceptions:
        LDAPException < Exception
        LDAPExceptionError LDAPOperationResult < LDAPException
        LDAPBindError LDAPSocketOpenError < LDAPExceptionError
        ldap:
        LDAPError < Exception
        INVALID_CREDENTIALS SERVER_DOWN NO_SUCH_OBJECT < LDAPError
    """,
    aliases="""
        consul.base.Consul = consul.Consul
        consul.base.ConsulException = consul.ConsulException
        influxdb_client.client.influxdb_client_async.InfluxDBClientAsync = influxdb_client.InfluxDBClient
        influxdb_client.client.influxdb_client.InfluxDBClient = influxdb_client.InfluxDBClient
        influxdb_client.client.write_api.WriteApi = influxdb_client.WriteApi
        influxdb_client.client.query_api.QueryApi = influxdb_client.QueryApi
        influxdb.client.InfluxDBClient influxdb.DataFrameClient = influxdb.InfluxDBClient
        pymemcache.Client pymemcache.client.Client pymemcache.client.hash.HashClient = pymemcache.client.base.Client
        pymemcache.MemcacheError = pymemcache.exceptions.MemcacheError
        ldap3.core.connection.Connection = ldap3.Connection
    """,
)

_CLUSTERS = library(
    "graphs, vectors and clusters",
    calls=(
        # The driver connects with the first query.
        call("neo4j.GraphDatabase.driver", returns="neo4j.Driver"),
        methods("neo4j.Driver", "verify_connectivity execute_query", "neo4j.exceptions.GqlError", PEER),
        call("neo4j.Driver.session", returns="neo4j.Session"),
        methods(
            "neo4j.Session",
            "run execute_read execute_write read_transaction write_transaction begin_transaction",
            "neo4j.exceptions.GqlError",
            PEER,
        ),
        classes("cassandra.cluster.Cluster"),
        call(
            "cassandra.cluster.Cluster.connect", "cassandra.cluster.NoHostAvailable", PEER, returns="cassandra.Session"
        ),
        call("cassandra.Session.execute", "cassandra.DriverException cassandra.cluster.NoHostAvailable", RARE),
        classes("qdrant_client.QdrantClient kazoo.client.KazooClient"),
        methods(
            "qdrant_client.QdrantClient",
            "search query_points upsert retrieve delete scroll create_collection recreate_collection get_collection "
            "get_collections collection_exists count",
            "qdrant_client.http.exceptions.ApiException",
            PEER,
        ),
        call("kazoo.client.KazooClient.start", "kazoo.handlers.threading.KazooTimeoutError", PEER),
        methods(
            "kazoo.client.KazooClient",
            "get set create delete get_children ensure_path",
            "kazoo.exceptions.KazooException",
            PEER,
        ),
    ),
    exceptions="""
        cassandra.cluster.NoHostAvailable kazoo.handlers.threading.KazooTimeoutError < Exception
        neo4j.exceptions:
        GqlError < Exception
        Neo4jError DriverError < GqlError
        ClientError TransientError < Neo4jError
        AuthError ConstraintError < ClientError
        ServiceUnavailable SessionExpired < DriverError
        cassandra:
        DriverException < Exception
        RequestExecutionException OperationTimedOut RequestValidationException < DriverException
        Unavailable Timeout < RequestExecutionException
        InvalidRequest < RequestValidationException
        qdrant_client.http.exceptions:
        ApiException < Exception
        UnexpectedResponse ResponseHandlingException < ApiException
        kazoo.exceptions:
        KazooException < Exception
        ZookeeperError < KazooException
        NoNodeError NodeExistsError < ZookeeperError
    """,
    aliases="""
        neo4j.AsyncGraphDatabase = neo4j.GraphDatabase
        neo4j.AsyncDriver = neo4j.Driver
        neo4j.AsyncSession = neo4j.Session
        cassandra.cluster.Session = cassandra.Session
        qdrant_client.AsyncQdrantClient = qdrant_client.QdrantClient
        kazoo.client.NoNodeError = kazoo.exceptions.NoNodeError
    """,
)

LIBRARIES = (_REDIS, _MONGO, _SEARCH, _OTHERS, _CLUSTERS)
