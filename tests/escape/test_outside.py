"""What comes from outside, from stores, queues and messages, and what of it is promised to be there."""

from __future__ import annotations

import pytest

from .test_reach import told


def failing(program: str) -> set[tuple[str, str]]:
    """The rule and the exception of each escape."""
    return {(rule, exception) for rule, _, exception in told({"main.py": program})}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("Image.open(io.BytesIO(s3.get_object(Bucket='b', Key='k')['Body'].read()))", {"PIL.UnidentifiedImageError"}),
        ("path = '/tmp/k'\n    s3.download_file('b', 'k', path)\n    Image.open(path)", {"PIL.UnidentifiedImageError"}),
        ("path = '/tmp/k'\n    Image.open(path)", set()),
        ("pages.get_template(json.loads(event['body'])['page'] + '.html')", {"jinja2.TemplateNotFound"}),
        ("pages.get_template('index.html')", set()),
        ("Path(json.loads(event['body'])['name']).read_bytes()", {"OSError"}),
    ],
)
def test_what_is_in_a_store_or_a_message_somebody_else_wrote(body: str, expected: set[str]) -> None:
    program = f"""
import io
import json
from pathlib import Path

import boto3
import jinja2
from PIL import Image

s3 = boto3.client("s3")
pages = jinja2.Environment()

def handler(event, context):
    {body}
"""
    expected_of_body = {"json.JSONDecodeError"} if "json.loads" in body else set()
    of_others = {"botocore.exceptions.ClientError"}
    assert {one for _, one in failing(program)} - of_others - expected_of_body == expected


def test_whoever_goes_over_records_answers_nobody() -> None:
    answer = '    return {"statusCode": 200}\n'
    many = "def handler(event, context):\n    for one in event['Records']:\n        json.loads(one['body'])\n"
    one = "def handler(event, context):\n    json.loads(event['body'])\n"
    assert {rule for rule, _ in failing(f"import json\n\n{many}{answer}")} == {"consumer-dies-on-error"}
    assert {rule for rule, _ in failing(f"import json\n\n{one}{answer}")} == {"unvalidated-request-input"}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("message['sku']", {"KeyError"}),
        ("message['MessageId']", set()),
        ("jwt.decode(message['Body'], KEY)['sub']", {"KeyError"}),
        ("jwt.decode(message['Body'], KEY, options={'require': ['sub']})['sub']", set()),
    ],
)
def test_what_a_queue_or_a_signature_promises_is_there(body: str, expected: set[str]) -> None:
    program = f"""
import boto3
import jwt

sqs = boto3.client("sqs")

while True:
    for message in sqs.receive_message(QueueUrl="q", WaitTimeSeconds=20).get("Messages", []):
        {body}
"""
    assert {one for _, one in failing(program)} & {"KeyError"} == expected


@pytest.mark.parametrize(("path", "expected"), [("name", {"OSError"}), ("f'/tmp/{name}.png'", set())])
def test_a_file_that_a_message_names(path: str, expected: set[str]) -> None:
    program = f"""
from telegram.ext import CommandHandler

async def show(update, context):
    name = update.message.text
    open({path})

CommandHandler("show", show)
"""
    assert {one for _, one in failing(program)} == expected


@pytest.mark.parametrize(
    ("opened", "expected"),
    [
        ("open(os.environ['SITES'])", {"OSError", "yaml.YAMLError"}),
        ("open(os.getenv('SITES', 'sites.yml'))", {"OSError", "yaml.YAMLError"}),
        ("open(os.path.expanduser(NAMED))", {"OSError", "yaml.YAMLError"}),
        ("load(NAMED)", {"OSError", "yaml.YAMLError"}),
        ("open('sites.yml')", {"yaml.YAMLError"}),
        ("open(os.path.join(os.environ['HOME'], 'sites.yml'))", set()),
        ("open(Path(NAMED) / 'sites.yml')", set()),
        ("int(NAMED)", set()),
    ],
)
def test_a_file_that_the_environment_names(opened: str, expected: set[str]) -> None:
    program = f"""
import os
from pathlib import Path
import yaml

NAMED = os.environ.get("SITES", "sites.yml")

def load(path):
    return open(path)

if __name__ == "__main__":
    print(yaml.safe_load({opened}))
"""
    assert {one for _, one in failing(program)} == expected


MATCHES = "[one for one in {} if one['kind'] == 'video'][0]"


@pytest.mark.parametrize(
    ("taken", "expected"),
    [
        (MATCHES.format("asked()"), {"IndexError"}),
        ("next(one for one in asked() if one['kind'] == 'video')", {"StopIteration"}),
        ("next((one for one in asked() if one['kind'] == 'video'), None)", set()),
        ("list(filter(None, os.listdir(sys.argv[1])))[-1]", {"IndexError", "OSError"}),
        (MATCHES.format("STREAMS"), set()),
        ("[one for one in asked()][0]", set()),
    ],
)
def test_one_of_those_that_meet_a_condition(taken: str, expected: set[str]) -> None:
    program = f"""
import json, os, subprocess, sys

STREAMS = [{{"kind": "video"}}]

def asked():
    return json.loads(subprocess.run(["ffprobe"], stdout=subprocess.PIPE).stdout)

if __name__ == "__main__":
    print({taken})
"""
    assert {one for _, one in failing(program)} == expected


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("'INSERT INTO shop (name) VALUES (%s)'", {"psycopg2.IntegrityError"}),
        ("'INSERT INTO shop ' '(name) VALUES (%s)'", {"psycopg2.IntegrityError"}),
        ("'INSERT INTO shop (name) VALUES (%s) ON CONFLICT DO NOTHING'", set()),
        ("'INSERT INTO shop (name) ' 'VALUES (%s) ' 'on conflict (name) do update set name = name'", set()),
        ("'UPDATE shop SET name = %s'", set()),
    ],
)
@pytest.mark.parametrize(
    "view",
    ["def add():\n    name = request.get_json()", "def webhook():\n    name = stripe.Webhook.construct_event()['id']"],
)
def test_a_row_that_is_sent_twice(view: str, statement: str, expected: set[str]) -> None:
    program = f"""
import psycopg2
import stripe
from flask import Flask, request

app = Flask(__name__)
connection = psycopg2.connect("shop")

@app.post("/")
{view}
    connection.cursor().execute({statement}, (name,))
    return "done"
"""
    assert {one for _, one in failing(program) if one.startswith("psycopg2.Int")} == expected


@pytest.mark.parametrize(
    ("loop", "expected"), [("while True:\n        ", {"pymongo.errors.PyMongoError"}), ("", set())]
)
def test_a_connection_that_lasts_is_dropped_without_a_database(loop: str, expected: set[str]) -> None:
    program = f"""
import pymongo
from fastapi import FastAPI, WebSocket

app = FastAPI()
messages = pymongo.MongoClient("chat").chat.messages

@app.websocket("/ws")
async def chat(ws: WebSocket):
    {loop}messages.insert_one({{"text": await ws.receive_text()}})
"""
    assert {one for _, one in failing(program) if one.startswith("pymongo.")} == expected


@pytest.mark.parametrize(
    ("connect", "expected"),
    [
        ("psycopg2.connect(os.environ['DSN'])", {"psycopg2.Error"}),
        ("sqlite3.connect(sys.argv[1])", {"sqlite3.Error"}),
        ("sqlite3.connect('shop.db')", set()),
        ("redis.Redis().get('a')", set()),
    ],
)
def test_a_command_says_so_if_its_database_is_not_there(connect: str, expected: set[str]) -> None:
    program = f"import os, sys, psycopg2, redis, sqlite3\n\nif __name__ == '__main__':\n    {connect}\n"
    assert {one for _, one in failing(program)} == expected


@pytest.mark.parametrize(
    ("loop", "expected"),
    [
        ("while True:\n    save(queue.get())", {"psycopg2.Error"}),
        ("for message in consumer:\n    save(message)", {"psycopg2.Error"}),
        ("for row in rows:\n    save(row)", set()),
    ],
)
def test_a_lost_database_ends_what_should_last(loop: str, expected: set[str]) -> None:
    program = f"""
import queue as queues
import psycopg2

rows = []
queue = queues.Queue()
connection = psycopg2.connect("shop")

def save(row):
    connection.cursor().execute("UPDATE shop SET sold = sold + 1")
    connection.commit()

{loop}
"""
    found = {one for rule, one in failing(program) if rule != "unhandled-in-command"}
    assert found == expected


@pytest.mark.parametrize(
    ("parameters", "expected"), [("update, context", {"pymongo.errors.PyMongoError"}), ("context", set())]
)
def test_a_bot_without_its_database_says_nothing(parameters: str, expected: set[str]) -> None:
    program = f"""
import pymongo
from telegram.ext import CommandHandler

shop = pymongo.MongoClient("shop")

async def show({parameters}):
    shop.prices.items.insert_one({{"price": 1}})

CommandHandler("show", show)
"""
    assert {one for _, one in failing(program)} == expected


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("price: str", {"decimal.InvalidOperation"}),
        ("price: float", set()),
        ("price: str\n    @field_validator('price')\n    def is_price(cls, value): return value", set()),
    ],
)
def test_a_text_in_a_model_may_say_anything(field: str, expected: set[str]) -> None:
    program = f"""
from decimal import Decimal
from fastapi import FastAPI
from pydantic import BaseModel, field_validator

app = FastAPI()

class Item(BaseModel):
    {field}

@app.post("/items")
def add(item: Item):
    return Decimal(item.price)
"""
    assert {one for _, one in failing(program)} == expected


@pytest.mark.parametrize(
    ("put", "expected"), [("os.path.join(folder, name)", {"xml.etree.ElementTree.ParseError"}), ("'orders.xml'", set())]
)
def test_what_is_put_into_a_queue_comes_out_of_it(put: str, expected: set[str]) -> None:
    program = f"""
import os
import queue
import xml.etree.ElementTree as ET

JOBS = queue.Queue()

def scan(folder):
    for name in os.listdir(folder):
        JOBS.put({put})

def work():
    while True:
        ET.parse(JOBS.get())
"""
    assert {one for _, one in failing(program)} - {"OSError"} == expected


def test_what_is_put_back_into_its_queue_is_what_was_in_it() -> None:
    program = """
import queue
import requests

JOBS = queue.Queue()

def later():
    job = JOBS.get()
    JOBS.put(job)
    return job

def work():
    while True:
        requests.get(later())
"""
    assert "requests.RequestException" in {one for _, one in failing(program)}


def test_one_outage_is_told_once() -> None:
    program = """
import queue
import psycopg2

jobs = queue.Queue()
connection = psycopg2.connect("shop")

def sell(): connection.commit()

def buy(): connection.cursor().execute("UPDATE shop SET sold = 1")

while True:
    jobs.get()
    sell()
    buy()
"""
    found = told({"main.py": program})
    assert len([one for one in found if one[0] == "worker-dies-on-error" and one[2] == "psycopg2.Error"]) == 1
