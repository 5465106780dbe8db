"""Messages between programs."""

from __future__ import annotations

from typing import Any

from .place import Cases, Place, load


def kafka(place: Place) -> Cases:
    server = f"{place.host}:{place.port}"
    brief = {"bootstrap_servers": server, "request_timeout_ms": 3000}
    kafka = load("kafka")

    def send() -> object:
        return kafka.KafkaProducer(bootstrap_servers=server, max_block_ms=1000).send("topic", b"x").get(timeout=2)

    yield "kafka.KafkaProducer.send", send
    yield "kafka.KafkaAdminClient", lambda: kafka.KafkaAdminClient(**brief)

    async def start() -> None:
        await load("aiokafka").AIOKafkaProducer(bootstrap_servers=server).start()

    yield "aiokafka.AIOKafkaProducer.start", start
    confluent = load("confluent_kafka")
    group = {"bootstrap.servers": server, "group.id": "x"}
    yield "confluent_kafka.Consumer.list_topics", lambda: confluent.Consumer(group).list_topics(timeout=1)
    yield "confluent_kafka.Producer.list_topics", lambda: confluent.Producer(group).list_topics(timeout=1)


def brokers(place: Place) -> Cases:
    pika = load("pika")
    yield (
        "pika.BlockingConnection",
        lambda: pika.BlockingConnection(pika.ConnectionParameters(place.host, place.port)),
    )
    yield (
        "pika.BlockingConnection",
        lambda: pika.BlockingConnection(pika.ConnectionParameters(place.host, place.noise)),
    )
    yield "aio_pika.connect", lambda: load("aio_pika").connect(f"amqp://{place.host}:{place.port}/")
    yield "aio_pika.connect_robust", lambda: load("aio_pika").connect(f"amqp://{place.host}:{place.port}/")
    kombu = load("kombu")
    options = {"max_retries": 1, "interval_start": 0.1, "interval_step": 0.1}
    yield (
        "kombu.Connection.ensure_connection",
        lambda: kombu.Connection(f"amqp://{place.host}:{place.port}/").ensure_connection(**options),
    )
    celery = load("celery")

    def send() -> object:
        app = celery.Celery(broker=f"amqp://{place.host}:{place.port}/")
        app.conf.task_publish_retry = False
        return app.send_task("anything")

    def delay() -> object:
        app = celery.Celery(broker=f"redis://{place.host}:{place.port}/")
        app.conf.task_publish_retry = False

        def anything() -> None:
            pass

        return app.task(anything).delay()

    yield "celery.Celery.send_task", send
    yield "celery.Task.delay", delay
    yield "rq.Queue.enqueue", lambda: load("rq").Queue(connection=redis_client(place)).enqueue(print)

    async def nats() -> object:
        return await load("nats").connect(
            f"nats://{place.host}:{place.port}", max_reconnect_attempts=1, reconnect_time_wait=0
        )

    yield "nats.connect", nats
    stomp = load("stomp")
    yield (
        "stomp.Connection.connect",
        lambda: stomp.Connection([(place.host, place.port)], reconnect_attempts_max=1).connect(wait=True),
    )
    yield (
        "apscheduler.schedulers.base.BaseScheduler.remove_job",
        lambda: load("apscheduler.schedulers.background").BackgroundScheduler().remove_job("x"),
    )
    yield "paho.mqtt.client.Client.connect", lambda: mqtt_client().connect(place.host, place.port)
    yield (
        "paho.mqtt.publish.single",
        lambda: load("paho.mqtt.publish").single("a", hostname=place.host, port=place.port),
    )

    async def mqtt() -> None:
        async with load("aiomqtt").Client(place.host, place.port):
            pass

    yield "aiomqtt.Client", mqtt

    def bind() -> None:
        zmq = load("zmq")
        with zmq.Context() as context, context.socket(zmq.REP) as socket:
            socket.bind("tcp://198.51.100.1:1")

    yield "zmq.Socket.bind", bind


def mqtt_client() -> Any:
    mqtt = load("paho.mqtt.client")
    return mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)


def redis_client(place: Place) -> Any:
    return load("redis").Redis(place.host, place.port)
