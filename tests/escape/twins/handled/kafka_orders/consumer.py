"""Consume order events from Kafka, price them, store in Postgres, publish totals."""
import json
import logging
import os
import signal
import sys
from contextlib import closing
from decimal import Decimal, InvalidOperation

import psycopg2
import requests
from kafka import KafkaConsumer, KafkaProducer
from kafka.errors import KafkaError
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

log = logging.getLogger("orders")
PRICES = os.environ.get("PRICE_API", "http://prices.local/api")


class BadOrder(Exception):
    """This message can never be processed."""


def make_session():
    session = requests.Session()
    retry = Retry(total=4, backoff_factor=0.5, status_forcelist=[429, 502, 503, 504])
    session.mount("http://", HTTPAdapter(max_retries=retry))
    session.mount("https://", HTTPAdapter(max_retries=retry))
    return session


def parse(raw):
    try:
        order = json.loads(raw)
        lines = [(str(line["sku"]), int(line["qty"])) for line in order["lines"]]
        return str(order["id"]), str(order["customer"]), lines
    except (ValueError, KeyError, TypeError) as exc:
        raise BadOrder(f"malformed order: {exc!r}") from exc


def price_of(session, sku):
    r = session.get(f"{PRICES}/{sku}", timeout=(3, 10))
    if r.status_code in (400, 404, 410):
        raise BadOrder(f"unknown sku {sku}")
    r.raise_for_status()
    try:
        return Decimal(r.json()["price"])
    except (ValueError, KeyError, TypeError, InvalidOperation) as exc:
        raise BadOrder(f"price service gave no price for {sku}") from exc


def store(conn, order_id, customer, total):
    try:
        with conn, conn.cursor() as cur:  # commit, or roll back on error
            cur.execute(
                "INSERT INTO orders (id, customer, total) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
                (order_id, customer, total),
            )
    except (psycopg2.DataError, psycopg2.IntegrityError) as exc:
        raise BadOrder(f"order {order_id} does not fit the table") from exc


def process(message, session, conn, producer):
    order_id, customer, lines = parse(message.value)
    total = sum((price_of(session, sku) * qty for sku, qty in lines), Decimal(0))
    store(conn, order_id, customer, total)
    result = json.dumps({"id": order_id, "total": str(total)}).encode()
    producer.send("order-totals", result).get(timeout=10)
    log.info("priced %s: %s", order_id, total)


def consume(consumer, session, conn, producer):
    for message in consumer:
        try:
            process(message, session, conn, producer)
        except BadOrder as exc:
            log.error("offset %d parked: %s", message.offset, exc, exc_info=True)
            producer.send("orders.dead", message.value).get(timeout=10)
        consumer.commit()


def main():
    logging.basicConfig(level=logging.INFO)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    brokers = os.environ.get("KAFKA_BROKERS", "localhost:9092").split(",")
    try:
        with (
            make_session() as session,
            closing(psycopg2.connect(os.environ["PG_DSN"], connect_timeout=10)) as conn,
            closing(KafkaProducer(bootstrap_servers=brokers, acks="all", retries=5)) as producer,
            closing(
                KafkaConsumer(
                    "orders", bootstrap_servers=brokers, group_id="pricing", enable_auto_commit=False
                )
            ) as consumer,
        ):
            consume(consumer, session, conn, producer)
    except KeyboardInterrupt:
        log.info("stopped")
        return 0
    except (KafkaError, psycopg2.Error, requests.RequestException):
        # The offset is not committed: the supervisor restarts us at this message.
        log.critical("a dependency failed, giving up", exc_info=True)
        return 1


if __name__ == "__main__":
    sys.exit(main())
