"""Lambda: resize pictures dropped in a bucket, record them in DynamoDB."""
import io
import json
import os
import urllib.parse
from datetime import datetime, timezone

import boto3
from PIL import Image

s3 = boto3.client("s3")
sns = boto3.client("sns")
table = boto3.resource("dynamodb").Table(os.environ["TABLE"])
SIZES = {"small": 200, "large": 1200}


def resize(data, width):
    image = Image.open(io.BytesIO(data))
    ratio = width / image.width
    out = io.BytesIO()
    image.resize((width, int(image.height * ratio))).save(out, "JPEG")
    return out.getvalue()


def process(bucket, key):
    obj = s3.get_object(Bucket=bucket, Key=key)
    data = obj["Body"].read()
    for name, width in SIZES.items():
        body = resize(data, width)
        s3.put_object(Bucket=os.environ["OUT_BUCKET"], Key=f"{name}/{key}", Body=body)
    try:
        table.put_item(
            Item={"key": key, "at": datetime.now(timezone.utc).isoformat(), "size": len(data)}
        )
    except Exception as e:
        print("dynamo error:", e)


def handler(event, context):
    count = 0
    for record in event["Records"]:
        bucket = record["s3"]["bucket"]["name"]
        key = urllib.parse.unquote_plus(record["s3"]["object"]["key"])
        process(bucket, key)
        count += 1
    sns.publish(TopicArn=os.environ["TOPIC"], Message=json.dumps({"processed": count}))
    return {"processed": count}


def api_handler(event, context):
    """Behind API Gateway: where are the renditions of a picture?"""
    body = json.loads(event["body"])
    item = table.get_item(Key={"key": body["key"]})["Item"]
    return {"statusCode": 200, "body": json.dumps({"at": item["at"]})}
