#!/usr/bin/env python
"""RabbitMQ worker: makes thumbnails of uploaded pictures."""
import io
import json
import logging
import os
import time

import pika
import requests
from pika.exceptions import AMQPError
from PIL import Image, UnidentifiedImageError

HOST = os.getenv("RABBIT_HOST", "localhost")
OUT = os.getenv("THUMB_DIR", "/srv/thumbs")
TIMEOUT = (3, 20)
logger = logging.getLogger("thumbs")


class PermanentError(Exception):
    """No retry will help; the message goes to the dead letter exchange."""


class ThumbnailWorker:
    def __init__(self, host):
        self.parameters = pika.ConnectionParameters(host, heartbeat=60, blocked_connection_timeout=60)

    def parse(self, body):
        try:
            job = json.loads(body)
            return {key: str(job[key]) for key in ("id", "url", "callback")}
        except (ValueError, KeyError, TypeError) as exc:
            raise PermanentError("malformed job") from exc

    def download(self, url):
        response = requests.get(url, timeout=TIMEOUT)
        if 400 <= response.status_code < 500:
            raise PermanentError(f"{url}: HTTP {response.status_code}")
        response.raise_for_status()
        return io.BytesIO(response.content)

    def make_thumbnail(self, picture_id, data):
        try:
            with Image.open(data) as image:
                image.thumbnail((200, 200))
                small = image.convert("RGB")
        except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError) as exc:
            raise PermanentError("not a usable picture") from exc
        small.save(os.path.join(OUT, f"{picture_id}.jpg"))

    def notify(self, job):
        try:
            requests.post(job["callback"], json={"id": job["id"]}, timeout=TIMEOUT).raise_for_status()
        except requests.RequestException:
            # The thumbnail exists; the caller polls as a fallback.
            logger.warning("callback for %s failed", job["id"], exc_info=True)

    def handle(self, body):
        job = self.parse(body)
        data = self.download(job["url"])
        self.make_thumbnail(job["id"], data)
        self.notify(job)
        logger.info("done %s", job["id"])

    def on_message(self, channel, method, properties, body):
        try:
            self.handle(body)
        except PermanentError:
            logger.exception("message dropped to the dead letter exchange")
            channel.basic_reject(method.delivery_tag, requeue=False)
        except Exception:
            # Disk full, network down...: once more, then to the dead letters.
            logger.exception("message failed")
            channel.basic_nack(method.delivery_tag, requeue=not method.redelivered)
        else:
            channel.basic_ack(method.delivery_tag)

    def consume(self):
        with pika.BlockingConnection(self.parameters) as connection:
            channel = connection.channel()
            channel.queue_declare(
                queue="pictures", durable=True, arguments={"x-dead-letter-exchange": "dead"}
            )
            channel.basic_qos(prefetch_count=1)
            channel.basic_consume(queue="pictures", on_message_callback=self.on_message)
            channel.start_consuming()

    def run(self):
        delay = 1
        while True:
            started = time.monotonic()
            try:
                self.consume()
            except AMQPError:
                if time.monotonic() - started > 60:
                    delay = 1
                logger.exception("connection lost, next attempt in %d s", delay)
                time.sleep(delay)
                delay = min(delay * 2, 60)


def main():
    logging.basicConfig(level=logging.INFO)
    try:
        ThumbnailWorker(HOST).run()
    except KeyboardInterrupt:
        logger.info("stopped")


if __name__ == "__main__":
    main()
