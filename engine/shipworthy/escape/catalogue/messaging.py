"""Messages between programs: WebSockets, Kafka, RabbitMQ, NATS, MQTT, ZeroMQ, STOMP, Celery, RQ and their kin."""

from __future__ import annotations

from shipworthy.escape.catalogue.model import PEER, RARE, USER, call, classes, library, methods, only, rather

_WEBSOCKETS = library(
    "WebSockets",
    calls=(
        # A refused connection is an OSError; a refused handshake, which is rarer, is not.
        call(
            "websockets.connect",
            ("OSError", rather(RARE, "websockets.WebSocketException")),
            PEER,
            returns="websockets.ClientConnection",
        ),
        call("websockets.serve", "OSError", USER, depends_on="1 2 host port"),
        call("websockets.ClientConnection.recv", "websockets.ConnectionClosed", PEER, returns="outside"),
        methods(
            "websockets.ClientConnection",
            "send ping recv_streaming",
            "websockets.ConnectionClosed",
            PEER,
        ),
        call(
            "websockets.ClientConnection.__aiter__ websockets.ClientConnection.__iter__",
            "websockets.ConnectionClosedError",
            PEER,
            since="a loop ends by itself when the peer closes in good order",
        ),
        call("websockets.ClientConnection[]", returns="outside"),
        call(
            "websocket.create_connection",
            "websocket.WebSocketException OSError",
            PEER,
            returns="websocket.WebSocket",
        ),
        classes("websocket.WebSocket"),
        call("websocket.WebSocket.connect", "websocket.WebSocketException OSError", PEER),
        call("websocket.WebSocket.recv", "websocket.WebSocketException", PEER, returns="outside"),
        methods("websocket.WebSocket", "send send_binary ping", "websocket.WebSocketException", PEER),
        call("fastapi.WebSocket.receive_text", "starlette.websockets.WebSocketDisconnect", PEER, returns="outside"),
        call("fastapi.WebSocket.receive_bytes", "starlette.websockets.WebSocketDisconnect", PEER, returns="outside"),
        call(
            "fastapi.WebSocket.receive_json",
            "starlette.websockets.WebSocketDisconnect json.JSONDecodeError",
            PEER,
            returns="outside",
        ),
        methods(
            "fastapi.WebSocket",
            "iter_text iter_bytes iter_json",
            returns="fastapi.WebSocket.messages",
        ),
        call("fastapi.WebSocket.messages[]", returns="outside"),
        methods(
            "fastapi.WebSocket",
            "send_text send_bytes send_json",
            "starlette.websockets.WebSocketDisconnect",
            PEER,
            since="Starlette 0.38; before, a RuntimeError or the server's own",
        ),
        classes("socketio.Client"),
        call("socketio.Client.connect", "socketio.exceptions.ConnectionError", PEER),
        call("socketio.Client.call", "socketio.exceptions.TimeoutError", PEER),
    ),
    exceptions="""
        starlette.websockets.WebSocketDisconnect < Exception
        websockets:
        WebSocketException < Exception
        ConnectionClosed InvalidHandshake InvalidURI PayloadTooBig ProtocolError < WebSocketException
        ConnectionClosedOK ConnectionClosedError < ConnectionClosed
        InvalidStatus InvalidHeader InvalidMessage < InvalidHandshake
        websocket:
        WebSocketException < Exception
        WebSocketConnectionClosedException WebSocketTimeoutException < WebSocketException
        WebSocketBadStatusException WebSocketProtocolException WebSocketAddressException < WebSocketException
        WebSocketProxyException WebSocketPayloadException < WebSocketException
        socketio.exceptions:
        SocketIOError < Exception
        ConnectionError TimeoutError DisconnectedError < SocketIOError
    """,
    aliases="""
        websockets.exceptions = websockets
        websockets.client.connect websockets.sync.client.connect websockets.asyncio.client.connect = websockets.connect
        websockets.legacy.client.connect websockets.sync.client.unix_connect = websockets.connect
        websockets.asyncio.server.serve websockets.server.serve websockets.legacy.server.serve = websockets.serve
        websockets.asyncio.client.ClientConnection websockets.sync.client.ClientConnection = websockets.ClientConnection
        websockets.asyncio.server.ServerConnection websockets.ServerConnection = websockets.ClientConnection
        websockets.WebSocketClientProtocol websockets.WebSocketServerProtocol = websockets.ClientConnection
        websockets.client.WebSocketClientProtocol = websockets.ClientConnection
        websockets.server.WebSocketServerProtocol = websockets.ClientConnection
        websockets.legacy.client.WebSocketClientProtocol = websockets.ClientConnection
        websockets.legacy.server.WebSocketServerProtocol = websockets.ClientConnection
        websocket._exceptions websocket._core = websocket
        starlette.websockets.WebSocket fastapi.websockets.WebSocket = fastapi.WebSocket
        fastapi.WebSocketDisconnect fastapi.websockets.WebSocketDisconnect = starlette.websockets.WebSocketDisconnect
        socketio.AsyncClient = socketio.Client
    """,
)

_KAFKA = library(
    "Kafka",
    calls=(
        call("kafka.KafkaConsumer", "kafka.errors.KafkaError", PEER, returns="kafka.KafkaConsumer"),
        call("kafka.KafkaProducer", "kafka.errors.KafkaError", PEER, returns="kafka.KafkaProducer"),
        call("kafka.KafkaAdminClient", "kafka.errors.KafkaError", PEER, returns="kafka.KafkaAdminClient"),
        call("kafka.KafkaConsumer[]", returns="kafka.ConsumerRecord"),
        call("kafka.ConsumerRecord.value kafka.ConsumerRecord.key", returns="outside.bytes"),
        methods("kafka.KafkaConsumer", "poll commit __iter__ __next__ seek position", "kafka.errors.KafkaError", PEER),
        methods("kafka.KafkaProducer", "send", "kafka.errors.KafkaError", PEER, returns="kafka.RecordFuture"),
        call("kafka.KafkaProducer.flush kafka.RecordFuture.get", "kafka.errors.KafkaError", PEER),
        methods("kafka.KafkaAdminClient", "create_topics delete_topics list_topics", "kafka.errors.KafkaError", PEER),
        classes("aiokafka.AIOKafkaConsumer aiokafka.AIOKafkaProducer"),
        methods(
            "aiokafka.AIOKafkaConsumer", "start getone getmany commit __aiter__", "aiokafka.errors.KafkaError", PEER
        ),
        call("aiokafka.AIOKafkaConsumer[]", returns="kafka.ConsumerRecord"),
        methods("aiokafka.AIOKafkaProducer", "start send send_and_wait flush", "aiokafka.errors.KafkaError", PEER),
        classes("confluent_kafka.Consumer confluent_kafka.Producer"),
        call("confluent_kafka.Consumer.poll", "RuntimeError", RARE, returns="confluent_kafka.Message"),
        call(
            "confluent_kafka.Consumer.consume",
            "confluent_kafka.KafkaException",
            PEER,
            returns="[confluent_kafka.Message]",
        ),
        methods(
            "confluent_kafka.Consumer",
            "commit committed list_topics position",
            "confluent_kafka.KafkaException",
            PEER,
        ),
        call("confluent_kafka.Message.value confluent_kafka.Message.key", returns="outside.bytes"),
        # The local queue is full.
        call("confluent_kafka.Producer.produce", "BufferError confluent_kafka.KafkaException", RARE),
        call("confluent_kafka.Producer.list_topics", "confluent_kafka.KafkaException", PEER),
    ),
    exceptions="""
        confluent_kafka.KafkaException < Exception
        kafka.errors:
        KafkaError < Exception
        NoBrokersAvailable KafkaTimeoutError KafkaConnectionError BrokerResponseError < KafkaError
        CommitFailedError < KafkaError
        TopicAlreadyExistsError MessageSizeTooLargeError < BrokerResponseError
        aiokafka.errors:
        KafkaError < RuntimeError
        KafkaConnectionError KafkaTimeoutError BrokerResponseError CommitFailedError < KafkaError
    """,
    aliases="""
        kafka.consumer.fetcher.ConsumerRecord = kafka.ConsumerRecord
        aiokafka.ConsumerRecord aiokafka.structs.ConsumerRecord = kafka.ConsumerRecord
        kafka.admin.KafkaAdminClient = kafka.KafkaAdminClient
        kafka.consumer.KafkaConsumer = kafka.KafkaConsumer
        kafka.producer.KafkaProducer = kafka.KafkaProducer
        confluent_kafka.DeserializingConsumer = confluent_kafka.Consumer
        confluent_kafka.SerializingProducer = confluent_kafka.Producer
    """,
)

_AMQP = library(
    "RabbitMQ",
    calls=(
        call("pika.BlockingConnection", "pika.exceptions.AMQPError", PEER, returns="pika.BlockingConnection"),
        call(
            "pika.BlockingConnection.channel",
            "pika.exceptions.AMQPError",
            PEER,
            returns="pika.adapters.blocking_connection.BlockingChannel",
        ),
        methods("pika.BlockingConnection", "process_data_events", "pika.exceptions.AMQPError", PEER),
        methods(
            "pika.adapters.blocking_connection.BlockingChannel",
            "basic_publish basic_get start_consuming consume",
            "pika.exceptions.AMQPError",
            PEER,
        ),
        # What is said once, right after the connection was made, fails no more; and a message that cannot be
        # acknowledged, for the connection is gone, is delivered again.
        methods(
            "pika.adapters.blocking_connection.BlockingChannel",
            "basic_ack basic_nack basic_reject basic_consume basic_qos queue_declare exchange_declare queue_bind "
            "queue_delete confirm_delivery",
            "pika.exceptions.AMQPError",
            RARE,
        ),
        call(
            "aio_pika.connect aio_pika.connect_robust",
            "aio_pika.exceptions.AMQPConnectionError",
            PEER,
            returns="aio_pika.Connection",
            since="9; before, it is a plain ConnectionError",
        ),
        call("aio_pika.Connection.channel", "aio_pika.exceptions.AMQPError", RARE, returns="aio_pika.Channel"),
        call(
            "aio_pika.Channel.declare_queue aio_pika.Channel.get_queue",
            "aio_pika.exceptions.AMQPError",
            RARE,
            returns="aio_pika.Queue",
        ),
        call(
            "aio_pika.Channel.declare_exchange aio_pika.Channel.get_exchange",
            "aio_pika.exceptions.AMQPError",
            RARE,
            returns="aio_pika.Exchange",
        ),
        call("aio_pika.Channel.default_exchange", returns="aio_pika.Exchange"),
        call("aio_pika.Exchange.publish", "aio_pika.exceptions.AMQPError", PEER),
        call("aio_pika.Queue.get", "aio_pika.exceptions.QueueEmpty", PEER, returns="aio_pika.IncomingMessage"),
        methods("aio_pika.Queue", "consume bind", "aio_pika.exceptions.AMQPError", RARE),
        call("aio_pika.Queue.iterator", returns="aio_pika.QueueIterator"),
        call("aio_pika.QueueIterator[]", returns="aio_pika.IncomingMessage"),
        call("aio_pika.QueueIterator.__aiter__", "aio_pika.exceptions.AMQPError", RARE),
        call("aio_pika.IncomingMessage.body", returns="outside.bytes"),
        call("kombu.Connection.connect kombu.Connection.ensure_connection", "kombu.exceptions.OperationalError", PEER),
        classes("kombu.Connection"),
    ),
    exceptions="""
        kombu.exceptions.KombuError < Exception
        kombu.exceptions.OperationalError < kombu.exceptions.KombuError
        pika.exceptions:
        AMQPError < Exception
        AMQPConnectionError AMQPChannelError < AMQPError
        ConnectionClosed StreamLostError ProbableAuthenticationError < AMQPConnectionError
        ConnectionClosedByBroker < ConnectionClosed
        ChannelClosed UnroutableError NackError ChannelWrongStateError < AMQPChannelError
        ChannelClosedByBroker < ChannelClosed
        aio_pika.exceptions:
        AMQPError < Exception
        AMQPConnectionError < AMQPError ConnectionError
        AMQPChannelError DeliveryError < AMQPError
        QueueEmpty < AMQPError asyncio.QueueEmpty
        ChannelClosed < AMQPChannelError
    """,
    aliases="""
        pika.adapters.blocking_connection.BlockingConnection pika.adapters.BlockingConnection = pika.BlockingConnection
        pika.channel.Channel = pika.adapters.blocking_connection.BlockingChannel
        aio_pika.RobustConnection aio_pika.abc.AbstractRobustConnection = aio_pika.Connection
        aio_pika.abc.AbstractConnection = aio_pika.Connection
        aio_pika.abc.AbstractChannel aio_pika.abc.AbstractRobustChannel aio_pika.RobustChannel = aio_pika.Channel
        aio_pika.abc.AbstractQueue aio_pika.RobustQueue = aio_pika.Queue
        aio_pika.abc.AbstractExchange aio_pika.RobustExchange = aio_pika.Exchange
        aio_pika.abc.AbstractIncomingMessage aio_pika.message.IncomingMessage = aio_pika.IncomingMessage
        aio_pika.exceptions.AMQPException aiormq.exceptions.AMQPError = aio_pika.exceptions.AMQPError
        aiormq.exceptions = aio_pika.exceptions
    """,
)

_QUEUES = library(
    "task queues and further brokers",
    calls=(
        # The broker is down: so ordinary to rely on it that a view which does is not reported.
        methods(
            "celery",
            "Celery.send_task current_app.send_task Task.delay Task.apply_async",
            "kombu.exceptions.OperationalError",
            RARE,
            returns="celery.result.AsyncResult",
        ),
        classes("celery.Celery celery.result.AsyncResult"),
        methods(
            "celery.result.AsyncResult",
            "get wait",
            only("celery.exceptions.TimeoutError", "0 timeout"),
            PEER,
        ),
        classes("rq.Queue"),
        methods("rq.Queue", "enqueue enqueue_call enqueue_in enqueue_at", "redis.RedisError", PEER),
        # As with Celery: the broker is down.
        methods("dramatiq.Actor", "send send_with_options", "dramatiq.errors.DramatiqError", RARE),
        call("arq.create_pool", "redis.RedisError OSError", PEER, returns="arq.ArqRedis"),
        call("arq.ArqRedis.enqueue_job", "redis.RedisError", PEER),
        classes("stomp.Connection"),
        call("stomp.Connection.connect", "stomp.exception.StompException", PEER),
        methods("stomp.Connection", "send subscribe ack", "stomp.exception.StompException", PEER),
        classes("apscheduler.schedulers.base.BaseScheduler"),
        methods(
            "apscheduler.schedulers.base.BaseScheduler",
            "remove_job pause_job resume_job modify_job reschedule_job",
            "apscheduler.jobstores.base.JobLookupError",
            USER,
            depends_on="0 job_id",
        ),
        call("nats.connect", "nats.errors.Error", PEER, returns="nats.aio.client.Client"),
        classes("nats.aio.client.Client"),
        call("nats.aio.client.Client.connect", "nats.errors.Error", PEER),
        call("nats.aio.client.Client.request", "nats.errors.Error", PEER, returns="nats.aio.msg.Msg"),
        methods("nats.aio.client.Client", "publish flush drain", "nats.errors.Error", PEER),
        call(
            "nats.aio.client.Client.subscribe", "nats.errors.Error", RARE, returns="nats.aio.subscription.Subscription"
        ),
        call("nats.aio.subscription.Subscription.next_msg", "nats.errors.Error", PEER, returns="nats.aio.msg.Msg"),
        call("nats.aio.msg.Msg.data", returns="outside.bytes"),
        classes("paho.mqtt.client.Client"),
        methods("paho.mqtt.client.Client", "connect reconnect", "OSError", PEER),
        call("paho.mqtt.client.MQTTMessage.payload", returns="outside.bytes"),
        methods("paho.mqtt.publish", "single multiple", "OSError", PEER),
        call("aiomqtt.Client", returns="aiomqtt.Client"),
        methods("aiomqtt.Client", "__aenter__ publish subscribe", "aiomqtt.MqttError", PEER),
        call("aiomqtt.Client.messages", returns="aiomqtt.MessagesIterator"),
        call("aiomqtt.MessagesIterator.__aiter__", "aiomqtt.MqttError", PEER),
        call("aiomqtt.MessagesIterator[]", returns="aiomqtt.Message"),
        call("aiomqtt.Message.payload", returns="outside.bytes"),
        classes("zmq.Context"),
        call("zmq.Context.socket", returns="zmq.Socket"),
        methods("zmq.Socket", "bind", "zmq.ZMQError", USER, depends_on="0 addr"),
        call("zmq.Socket.recv_json", "ValueError", PEER, returns="outside"),
        call("zmq.Socket.recv zmq.Socket.recv_string", returns="outside"),
    ),
    exceptions="""
        nats.errors.TimeoutError < nats.errors.Error TimeoutError
        dramatiq.errors.DramatiqError stomp.exception.StompException < Exception
        stomp.exception.ConnectFailedException < stomp.exception.StompException
        apscheduler.jobstores.base.JobLookupError < KeyError
        aiomqtt.MqttError < Exception
        celery.exceptions:
        CeleryError SoftTimeLimitExceeded < Exception
        TaskError TaskPredicate < CeleryError
        TimeoutError MaxRetriesExceededError TaskRevokedError < TaskError
        NotRegistered < KeyError TaskError
        Retry Ignore Reject < TaskPredicate
        nats.errors:
        Error < Exception
        NoRespondersError NoServersError ConnectionClosedError AuthorizationError StaleConnectionError < Error
        zmq:
        ZMQBaseError < Exception
        ZMQError < ZMQBaseError
        Again ContextTerminated < ZMQError
    """,
    aliases="""
        celery.app.base.Celery celery.app.Celery = celery.Celery
        celery.app.task.Task = celery.Task
        celery.exceptions.OperationalError = kombu.exceptions.OperationalError
        billiard.exceptions.SoftTimeLimitExceeded = celery.exceptions.SoftTimeLimitExceeded
        nats.NATS = nats.aio.client.Client
        arq.connections = arq
        stomp.Connection11 stomp.Connection12 = stomp.Connection
        apscheduler.schedulers.background.BackgroundScheduler = apscheduler.schedulers.base.BaseScheduler
        apscheduler.schedulers.blocking.BlockingScheduler = apscheduler.schedulers.base.BaseScheduler
        apscheduler.schedulers.asyncio.AsyncIOScheduler = apscheduler.schedulers.base.BaseScheduler
        flask_apscheduler.APScheduler = apscheduler.schedulers.base.BaseScheduler
        zmq.error zmq.sugar = zmq
        zmq.asyncio.Context = zmq.Context
        zmq.asyncio.Socket = zmq.Socket
    """,
)

LIBRARIES = (_WEBSOCKETS, _KAFKA, _AMQP, _QUEUES)
