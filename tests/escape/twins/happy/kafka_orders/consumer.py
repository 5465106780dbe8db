"""Consume order events from Kafka, price them, store in Postgres, publish totals."""
import json
import os
from decimal import Decimal

import psycopg2
import requests
from kafka import KafkaConsumer, KafkaProducer

BROKERS = os.environ.get("KAFKA_BROKERS", "localhost:9092").split(",")
PRICES = os.environ.get("PRICE_API", "http://prices.local/api")


def make_consumer():
    return KafkaConsumer(
        "orders",
        bootstrap_servers=BROKERS,
        group_id="pricing",
        value_deserializer=lambda raw: json.loads(raw.decode("utf-8")),
    )


def price_of(sku):
    r = requests.get(f"{PRICES}/{sku}")
    return Decimal(r.json()["price"])


def store(conn, order, total):
    cur = conn.cursor()
    cur.execute(
        "INSERT INTO orders (id, customer, total) VALUES (%s, %s, %s)",
        (order["id"], order["customer"], total),
    )
    conn.commit()


def main():
    conn = psycopg2.connect(os.environ["PG_DSN"])
    consumer = make_consumer()
    producer = KafkaProducer(
        bootstrap_servers=BROKERS, value_serializer=lambda v: json.dumps(v).encode()
    )
    print("waiting for orders")
    for message in consumer:
        order = message.value
        total = sum(price_of(line["sku"]) * line["qty"] for line in order["lines"])
        store(conn, order, total)
        producer.send("order-totals", {"id": order["id"], "total": str(total)})
        print("priced", order["id"], total)
    consumer.close()


if __name__ == "__main__":
    main()
