from __future__ import annotations

from collections.abc import Iterator

from shipworthy import guarding, origins, ways
from shipworthy.facts.model import Escape
from shipworthy.model import Severity
from shipworthy.rule import Found, Pass, escape_rule, py


@escape_rule(
    "consumer-dies-on-error",
    severity=Severity.HINT,
    extract=origins.bindings,
    cwe=(755,),
    bad=(
        py(
            """
            import json
            import logging

            from kafka import KafkaConsumer

            log = logging.getLogger(__name__)

            def consume(store):
                consumer = KafkaConsumer("orders")
                for message in consumer:
                    order = «json.loads(message.value)»
                    store(order)
            """,
            fixed="""
            import json
            import logging

            from kafka import KafkaConsumer

            log = logging.getLogger(__name__)

            def consume(store):
                consumer = KafkaConsumer("orders")
                for message in consumer:
                    try:
                        order = json.loads(message.value)
                        store(order)
                    except (UnicodeDecodeError, json.JSONDecodeError):
                        log.exception("json.loads failed")
            """,
        ),
        py("""
            import json

            def handler(event, context):
                for record in event["Records"]:
                    order = «json.loads(record["body"])»
                    store(order)
        """),
        py(
            """
            import json
            import logging

            def handler(event, context):
                failed = []
                for record in event["Records"]:
                    order = «json.loads(record["body"])»
                    if not stored(order):
                        failed.append({"itemIdentifier": record["messageId"]})
                return {"batchItemFailures": failed}
            """,
            fixed="""
            import json
            import logging

            def handler(event, context):
                failed = []
                for record in event["Records"]:
                    try:
                        order = json.loads(record["body"])
                        if not stored(order):
                            failed.append({"itemIdentifier": record["messageId"]})
                    except json.JSONDecodeError:
                        logging.exception("json.loads failed")
                        failed.append({"itemIdentifier": record["messageId"]})
                return {"batchItemFailures": failed}
            """,
        ),
        py("""
            import json
            from typing import Any

            def handler(event: dict[str, Any], context: Any) -> None:
                for record in event["Records"]:
                    try:
                        order = json.loads(record["body"])
                    except ValueError:
                        print("not JSON:", record["messageId"])
                        continue
                    ship(«order["address"]»)
        """),
    ),
    good=(
        py("""
            import json
            import logging

            def handler(event, context):
                failed = []
                for record in event["Records"]:
                    try:
                        store(json.loads(record["body"]))
                    except Exception:
                        logging.exception("order failed")
                        failed.append({"itemIdentifier": record["messageId"]})
                return {"batchItemFailures": failed}
        """),
        py("""
            import redis.asyncio as redis

            class Listener:
                def __init__(self, url):
                    self.redis = redis.from_url(url)

                async def listen(self, shops):
                    async with self.redis.pubsub() as messages:
                        try:
                            await messages.psubscribe("shop:*")
                            async for message in messages.listen():
                                if message["type"] == "pmessage":
                                    shops[message["channel"].split(":")[1]] = message["data"]
                        except redis.RedisError:
                            self.is_lost = True
        """),
        py("""
            import json
            import logging

            from kafka import KafkaConsumer

            log = logging.getLogger(__name__)

            def consume(store):
                for message in KafkaConsumer("orders"):
                    try:
                        store(json.loads(message.value))
                    except ValueError:
                        log.exception("not an order")
        """),
        py("""
            import json

            def queue_of(record):
                return record["eventSourceARN"].rpartition(":")[2]

            def handler(event, context):
                for record in event["Records"]:
                    try:
                        order = json.loads(record["body"])
                    except ValueError:
                        print("not JSON:", record["messageAttributes"])
                        continue
                    ship(order, queue_of(record))
        """),
    ),
)
def consumer_dies_on_error(run: Pass, escape: Escape) -> Iterator[Found]:
    """One bad message ends the loop over all messages.

    What somebody else sent decides over the whole consumer. Where the message is delivered again
    after a restart, it ends the next consumer too. A Lambda is called again with all records of its batch,
    until they are given up.

    Instead, handle the failure for each message: log it, put it aside or tell that it has failed, go on with the next.
    """
    offers = guarding.log_and_go_on(run, escape)
    if escape.kind == "records":
        subject = "one failure fails all records of the batch, and they are delivered again"
    else:
        subject = f"one bad message ends {'the connection' if escape.kind == 'connection' else 'it for all others'}"
    yield ways.told(run, escape, subject, offers=offers)
