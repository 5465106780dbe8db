#!/usr/bin/env python
"""RabbitMQ worker: makes thumbnails of uploaded pictures."""
import io
import json
import os
import time

import pika
import requests
from PIL import Image

HOST = os.getenv("RABBIT_HOST", "localhost")
OUT = os.getenv("THUMB_DIR", "/srv/thumbs")


class ThumbnailWorker:
    def __init__(self, host):
        self.connection = pika.BlockingConnection(pika.ConnectionParameters(host))
        self.channel = self.connection.channel()
        self.channel.queue_declare(queue="pictures", durable=True)
        self.channel.basic_qos(prefetch_count=1)

    def download(self, url):
        response = requests.get(url)
        return io.BytesIO(response.content)

    def make_thumbnail(self, picture_id, data):
        image = Image.open(data)
        image.thumbnail((200, 200))
        image.convert("RGB").save(os.path.join(OUT, f"{picture_id}.jpg"))

    def on_message(self, channel, method, properties, body):
        job = json.loads(body)
        started = time.time()
        data = self.download(job["url"])
        self.make_thumbnail(job["id"], data)
        self.notify(job)
        channel.basic_ack(method.delivery_tag)
        print("done", job["id"], round(time.time() - started, 2))

    def notify(self, job):
        try:
            requests.post(job["callback"], json={"id": job["id"]}, timeout=5)
        except Exception:
            pass

    def run(self):
        self.channel.basic_consume(queue="pictures", on_message_callback=self.on_message)
        self.channel.start_consuming()
        self.connection.close()


if __name__ == "__main__":
    ThumbnailWorker(HOST).run()
