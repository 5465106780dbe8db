"""Lambda: resize pictures dropped in a bucket, record them in DynamoDB."""
import functools
import io
import json
import logging
import os
import urllib.parse
from datetime import datetime, timezone

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from PIL import Image, UnidentifiedImageError

logger = logging.getLogger()
logger.setLevel(logging.INFO)

config = Config(connect_timeout=5, read_timeout=20, retries={"max_attempts": 4, "mode": "standard"})
s3 = boto3.client("s3", config=config)
sns = boto3.client("sns", config=config)
# Missing variables fail the cold start, which the deployment check sees.
table = boto3.resource("dynamodb", config=config).Table(os.environ["TABLE"])
OUT_BUCKET = os.environ["OUT_BUCKET"]
TOPIC = os.environ["TOPIC"]
SIZES = {"small": 200, "large": 1200}


class NotAPicture(Exception):
    pass


def resize(data, width):
    try:
        with Image.open(io.BytesIO(data)) as image:
            height = max(1, image.height * width // image.width)
            out = io.BytesIO()
            image.convert("RGB").resize((width, height)).save(out, "JPEG")
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError) as exc:
        raise NotAPicture(str(exc)) from exc
    return out.getvalue()


def process(bucket, key):
    data = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    for name, width in SIZES.items():
        s3.put_object(Bucket=OUT_BUCKET, Key=f"{name}/{key}", Body=resize(data, width))
    table.put_item(
        Item={"key": key, "at": datetime.now(timezone.utc).isoformat(), "size": len(data)}
    )


def handler(event, context):
    done, failed = 0, []
    for record in event["Records"]:
        bucket = record["s3"]["bucket"]["name"]
        key = urllib.parse.unquote_plus(record["s3"]["object"]["key"])
        try:
            process(bucket, key)
            done += 1
        except NotAPicture as exc:
            logger.warning("%s ignored: %s", key, exc)
        except (ClientError, BotoCoreError):
            logger.exception("%s failed", key)
            failed.append(key)
    try:
        sns.publish(TopicArn=TOPIC, Message=json.dumps({"processed": done, "failed": failed}))
    except (ClientError, BotoCoreError):
        logger.exception("summary not published")
    if failed:
        # Makes Lambda retry the event and then send it to the dead letter queue.
        raise RuntimeError(f"{len(failed)} of {len(event['Records'])} records failed: {failed}")
    return {"processed": done}


def reply(status, **body):
    return {"statusCode": status, "body": json.dumps(body)}


def api(func):
    @functools.wraps(func)
    def wrapper(event, context):
        try:
            return func(event, context)
        except (ClientError, BotoCoreError):
            logger.exception("AWS call failed")
            return reply(503, error="temporarily unavailable")

    return wrapper


@api
def api_handler(event, context):
    """Behind API Gateway: where are the renditions of a picture?"""
    try:
        key = json.loads(event.get("body") or "")["key"]
    except (ValueError, KeyError, TypeError):
        return reply(400, error="expected a JSON object with 'key'")
    if not isinstance(key, str) or not key:
        return reply(400, error="'key' must be a string")
    item = table.get_item(Key={"key": key}).get("Item")
    if item is None:
        return reply(404, error="unknown picture")
    return reply(200, at=item["at"])
