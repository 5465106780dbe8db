"""What the catalogue says is seen in programs: by imports and aliases, through what calls return, on conditions."""

from __future__ import annotations

import textwrap

import pytest

from shipworthy.document import Document
from shipworthy.escape.analysis import Analysis
from shipworthy.escape.program import unit_of

NUMBER, TEXT, JSON = {"int": "ValueError"}, {"float": "ValueError"}, {"json.loads": "json.JSONDecodeError"}
OPEN, GET = {"open": "OSError"}, {"requests.get": "requests.RequestException"}

ABOVE = ("import ", "from ", "class ")
"""How lines begin that stand above the thread's function."""
THREAD = "import threading\n{}\n\ndef work():\n{}\n\nthreading.Thread(target=work).start()\n"

PROGRAMS: list[tuple[str, dict[str, str]]] = [
    ("import sys\nopen(sys.argv[1])", OPEN),
    ("import sys\nopen(sys.argv[1], 'w')", OPEN),
    ("import sys, io\nio.open(sys.argv[1])", OPEN),
    ("open('settings.json')", {}),
    ("import sys\nfrom string import Template\nTemplate(open('a').read()).substitute(name=sys.argv[1])", {}),
    (
        "import csv, sys\nfrom string import Template\ntext = Template(open('a').read())\n"
        "for row in csv.DictReader(open(sys.argv[1])):\n    text.substitute(row)",
        OPEN | {"string.Template.substitute": "KeyError ValueError"},
    ),
    (
        "import csv, sys\nfrom string import Template\ntext = Template(open('a').read())\n"
        "for row in csv.DictReader(open(sys.argv[1])):\n    text.substitute(**row)",
        OPEN | {"string.Template.substitute": "KeyError ValueError"},
    ),
    ("import sys\nfrom pathlib import Path\nPath(sys.argv[1]).read_text()", {"pathlib.Path.read_text": "OSError"}),
    ("import sys, os\nos.makedirs(sys.argv[1], exist_ok=True)", {"os.makedirs": "OSError"}),
    ("import sys, shutil\nshutil.rmtree(sys.argv[1], ignore_errors=True)", {}),
    ("import sys, zipfile\nzipfile.ZipFile(sys.argv[1], 'w')", {"zipfile.ZipFile": "OSError"}),
    ("import glob, json\nfor path in glob.glob('in/*.json'):\n    json.loads(open(path).read())", JSON),
    ("int(input('How many? '))", NUMBER),
    ("int('7')", {}),
    ("import json\njson.loads(input())", JSON),
    ("import requests\nrequests.get('http://a.b')", GET),
    ("from requests import get as fetch\nfetch('http://a.b')", GET),
    ("import requests\nint(requests.get('http://a.b').text)", GET | NUMBER),
    (
        "import requests\nrequests.get('http://a.b').content.decode()",
        GET | {"outside.bytes.decode": "UnicodeDecodeError"},
    ),
    ("import requests\nrequests.get('http://a.b').content.decode(errors='replace')", GET),
    (
        "import requests\ns = requests.Session()\ns.get('http://a.b').raise_for_status()",
        {
            "requests.Session.get": "requests.RequestException",
            "requests.Response.raise_for_status": "requests.HTTPError",
        },
    ),
    (
        "import requests\nfrom bs4 import BeautifulSoup\n"
        "soup = BeautifulSoup(requests.get('http://a.b').text, 'html.parser')\nfloat(soup.find('b').text.strip())",
        GET | TEXT,
    ),
    (
        "from bs4 import BeautifulSoup\nfor row in BeautifulSoup('<p>').select('p'):\n    print(int(row.get_text()))",
        NUMBER,
    ),
    (
        "import json\nfrom openai import OpenAI\nclient = OpenAI()\n"
        "answer = client.chat.completions.create(model='m', messages=[])\n"
        "json.loads(answer.choices[0].message.content)",
        {"openai.OpenAI.chat.completions.create": "openai.APIError"} | JSON,
    ),
    (
        "import json, anthropic\n"
        "answer = anthropic.Anthropic().messages.create(model='m', max_tokens=1, messages=[])\n"
        "json.loads(answer.content[0].text)",
        {"anthropic.Anthropic.messages.create": "anthropic.APIError"} | JSON,
    ),
    ("import tkinter as tk\nfield = tk.Entry()\nfloat(field.get())", TEXT),
    ("from tkinter import ttk\nfield = ttk.Entry()\nfloat(field.get())", TEXT),
    ("from tkinter import filedialog\nopen(filedialog.askopenfilename())", OPEN),
    (
        "import xml.etree.ElementTree as ET\ntree = ET.parse('a.xml')\nint(tree.getroot().find('port').text)",
        NUMBER,
    ),
    ("import feedparser\nfor entry in feedparser.parse('http://a.b').entries:\n    int(entry.length)", NUMBER),
    ("import ccxt\nccxt.binance().fetch_ticker('A/B')", {"ccxt.Exchange.fetch_ticker": "ccxt.BaseError"}),
    ("import sh\nsh.git('pull')", {"sh.git": "sh.CommandNotFound sh.ErrorReturnCode"}),
    (
        "import subprocess\nsubprocess.run(['make'], check=True)",
        {"subprocess.run": "subprocess.CalledProcessError"},
    ),
    ("import subprocess\nsubprocess.run(['make'])", {}),
    (
        "import smtplib\nwith smtplib.SMTP('a.b') as mail:\n    mail.sendmail('a', 'b', 'c')",
        {"smtplib.SMTP": "OSError smtplib.SMTPException", "smtplib.SMTP.sendmail": "smtplib.SMTPException"},
    ),
    (
        "import boto3\ns3 = boto3.client('s3')\ns3.put_object(Bucket='b', Key='k')",
        {"boto3.client.put_object": "botocore.exceptions.ClientError"},
    ),
    (
        "from supabase import create_client\ncreate_client('u', 'k').table('t').select('*').eq('a', 1).execute()",
        {"supabase.Query.execute": "httpx.HTTPError postgrest.exceptions.APIError"},
    ),
    (
        "import sys, zipfile\nzipfile.ZipFile(sys.argv[1]).read('data.json')",
        {"zipfile.ZipFile": "OSError zipfile.BadZipFile", "zipfile.ZipFile.read": "KeyError"},
    ),
    ("import redis\nredis.Redis().get('a')", {"redis.Redis.get": "redis.RedisError"}),
    (
        "from peewee import Model\nclass A(Model): pass\nA.get(A.id == 1)",
        {"peewee.Model.get": "peewee.DoesNotExist"},
    ),
]


@pytest.mark.parametrize(("program", "expected"), PROGRAMS, ids=range(len(PROGRAMS)))
def test_a_program_fails_as_the_catalogue_says(program: str, expected: dict[str, str]) -> None:
    assert escaping(program) == {call: set(exceptions.split()) for call, exceptions in expected.items()}


@pytest.mark.parametrize(
    ("program", "exception"),
    [
        (program, exception)
        for program, expected in PROGRAMS
        for exceptions in expected.values()
        for exception in exceptions.split()
    ],
)
def test_whoever_catches_it_has_handled_it(program: str, exception: str) -> None:
    above, body = parted(program)
    module = exception.rpartition(".")[0]
    needed = f"import {module}\n" if module else ""
    guarded = f"{above}\n{needed}try:\n{body}\nexcept {exception}:\n    print('failed')"
    assert exception not in {one for exceptions in escaping(guarded).values() for one in exceptions}


def parted(program: str) -> tuple[str, str]:
    """The lines that stand above the function, and the others, indented."""
    lines = program.splitlines()
    within = "\n".join(line for line in lines if not line.startswith(ABOVE))
    return "\n".join(line for line in lines if line.startswith(ABOVE)), textwrap.indent(within, "    ")


def escaping(program: str) -> dict[str, set[str]]:
    """The exceptions that end a thread which runs this program, by the call that raises them."""
    found: dict[str, set[str]] = {}
    escapes = Analysis([unit_of(Document("script.py", THREAD.format(*parted(program))))]).of("script.py")
    for one in (one for some in escapes.values() for one in some):
        found.setdefault(one.call, set()).update(one.exceptions)
    return found
