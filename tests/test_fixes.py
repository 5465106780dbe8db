"""Edits that several rules share: where an import goes, and what a `with` statement takes in."""

from __future__ import annotations

import re
from typing import Any

import pytest

from shipworthy import edits, fixes
from shipworthy.analyze import analyze
from shipworthy.document import Document
from shipworthy.edits import apply, edits_of
from shipworthy.model import Edit, Finding, Fix, Span
from shipworthy.project import Project
from shipworthy.rule import Example, Site
from shipworthy.syntax import walk
from shipworthy.testing import prepare


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("work()\n", "import os\n\nwork()\n"),
        ("", "import os\n"),
        ("import sys\nwork()\n", "import os\nimport sys\nwork()\n"),
        ("import sys\n\ndef f():\n    import re\n", "import os\nimport sys\n\ndef f():\n    import re\n"),
        ('"""Doc."""\nwork()\n', '"""Doc."""\n\nimport os\nwork()\n'),
        ("#!/usr/bin/env python\nwork()\n", "#!/usr/bin/env python\nimport os\nwork()\n"),
        ("from __future__ import annotations\n", "from __future__ import annotations\n\nimport os\n"),
        ("import (\n", "import os\n\nimport (\n"),
        ("import sys\r\nwork()\r\n", "import os\r\nimport sys\r\nwork()\r\n"),
        ("import sys", "import os\nimport sys"),
        ("import abc", "import abc\nimport os\n"),
        ("import abc\nimport sys\nfrom os import path\n", "import abc\nimport os\nimport sys\nfrom os import path\n"),
        ("import requests\n", "import os\n\nimport requests\n"),
        ("import requests\nfrom . import a\n", "import os\n\nimport requests\nfrom . import a\n"),
        (
            "try:\n    import sys\nexcept ImportError:\n    pass\n",
            "import os\n\ntry:\n    import sys\nexcept ImportError:\n    pass\n",
        ),
    ],
)
def test_an_import_goes_where_isort_puts_it(before: str, after: str) -> None:
    document = Document("a.py", before)
    blocks = document.blocks
    site = Site(document, 0, blocks[0] if blocks else Document("a.py", "0").blocks[0])
    name, edits = fixes.add_import(site, "os")
    assert (name, apply(before, edits)) == ("os", after)


@pytest.mark.parametrize(
    ("text", "member", "name"),
    [
        ("import os\n", "", "os"),
        ("import sys, os as system\n", "", "system"),
        ("from os import path\n", "path", "path"),
        ("from os import (path as paths,)\n", "path", "paths"),
        ("try:\n    from os import path\nexcept ImportError:\n    path = None\n", "path", "path"),
    ],
)
def test_what_is_imported_already_is_known_by_its_name(text: str, member: str, name: str) -> None:
    document = Document("a.py", text)
    assert fixes.add_import(Site(document, 0, document.blocks[0]), "os", member) == (name, ())


def opened_in_with(text: str) -> str | None:
    """The text after the fix of its first resource-not-closed; None if there is no such fix."""
    document, project = Document("a.py", text), Project("/nowhere")
    finding = next(one for one in analyze(document, project).findings if one.rule == "resource-not-closed")
    if not finding.fixes:
        return None
    return apply(text, edits_of(document, project, finding, finding.fixes[0]))


@pytest.mark.parametrize(
    ("before", "member", "name", "after"),
    [
        ("def sep(): ...\n", "sep", "os_sep", "from os import sep as os_sep\n\ndef sep(): ...\n"),
        (
            "from os import path\nsep = 1\n",
            "sep",
            "os_sep",
            "from os import path\nfrom os import sep as os_sep\nsep = 1\n",
        ),
        ("def f(os):\n    pass\n", "", "_os", "import os as _os\n\ndef f(os):\n    pass\n"),
        ("import os\ndef f(os):\n    pass\n", "", "_os", "import os\nimport os as _os\ndef f(os):\n    pass\n"),
        ("def f():\n    with a as os: ...\n", "", "_os", "import os as _os\n\ndef f():\n    with a as os: ...\n"),
        ("x = 1\nopen = 2\nimport os\n", "", "os", "x = 1\nopen = 2\nimport os\n"),
        (
            "x = 1\ndef f(): ...\nimport os\n\ndef g(): ...\n",
            "",
            "os",
            "import os\n\nx = 1\ndef f(): ...\nimport os\n\ndef g(): ...\n",
        ),
        ("def f():\n    import os\n", "", "os", "def f():\n    import os\n"),
        ("x = 1\n", "open", "os_open", "from os import open as os_open\n\nx = 1\n"),
        (
            "class PathLike: ...\n",
            "PathLike",
            "OsPathLike",
            "from os import PathLike as OsPathLike\n\nclass PathLike: ...\n",
        ),
        ("def f(a):\n    a.os = g(os=1)\n", "", "os", "import os\n\ndef f(a):\n    a.os = g(os=1)\n"),
    ],
)
def test_an_import_takes_no_name_that_means_something_else(before: str, member: str, name: str, after: str) -> None:
    document = Document("a.py", before)
    site = Site(document, document.starts[-1], document.blocks[-1])
    known, edits = fixes.add_import(site, "os", member)
    assert (known, apply(before, edits)) == (name, after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "def f(p):\n    a = open(p, 'w')\n    b = a.read()\n\n    # Enough.\n    a.close()\n    return b\n",
            "def f(p):\n    with open(p, 'w') as a:\n        b = a.read()\n\n        # Enough.\n    return b\n",
        ),
        (
            "def f(p):\r\n    if 1:\r\n        a = open(p, 'a')\r\n        for b in a:\r\n            0\r\n",
            "def f(p):\r\n    if 1:\r\n        with open(p, 'a') as a:\r\n"
            "            for b in a:\r\n                0\r\n",
        ),
        ("def f(p):\n    a = open(p, 'a'); b = a.read()\n    return b\n", None),
        ('def f(p):\n    a = open(p, "w")\n    a.write("""1\n2""")\n', None),
    ],
)
def test_a_with_statement_takes_in_all_that_uses_the_resource(before: str, after: str | None) -> None:
    assert opened_in_with(before) == after


@pytest.mark.parametrize(
    ("tried", "text"),
    [
        ("requests.get(url).json()", "requests.get failed"),
        ("rows.append(client.fetch(str(url)))", "client.fetch failed"),
        ("print(len(rows))", "Unexpected error in load"),
        ("connection.execute(INSERT); connection.commit()", "Unexpected error in load"),
        ("store(json.loads(text))", "Unexpected error in load"),
        ("rows[0]", "Unexpected error"),
    ],
)
def test_a_log_message_names_a_call_only_if_no_other_may_have_failed(tried: str, text: str) -> None:
    [block] = Document("a.py", f"def load():\n    {tried}\n").blocks
    assert fixes.what_failed([node for node in walk(block.root) if node.type == "call"]) == text


def test_a_fix_takes_nothing_from_a_handler_that_has_it_already() -> None:
    text = """
from flask import Flask, request

app = Flask(__name__)

@app.get("/pages")
def pages():
    try:
        opened()
        return turn(int(request.args.get("page", "1")))
    except ValueError:
        closed()
        raise
"""
    prepared = prepare(Example("app.py", text))
    report = analyze(prepared.document, Project("/nowhere", index=prepared.index()))
    assert [(one.rule, one.fixes) for one in report.findings] == [("unvalidated-request-input", ())]


@pytest.mark.parametrize(
    ("failing", "count"), [("json.loads(record['body'])", 1), ("requests.post(URL, record, timeout=5)", 0)]
)
def test_no_fix_drops_a_record_that_would_be_delivered_again(failing: str, count: int) -> None:
    text = f"""
import json
import requests

def handler(event, context):
    for record in event["Records"]:
        {failing}
"""
    prepared = prepare(Example("app.py", text))
    report = analyze(prepared.document, Project("/nowhere", index=prepared.index()))
    [finding] = [one for one in report.findings if one.rule == "consumer-dies-on-error"]
    assert len(finding.fixes) == count


def test_a_handler_means_what_python_means_by_a_name() -> None:
    text = """
from flask import Flask, request
from own import ValueError

app = Flask(__name__)

@app.get("/pages")
def pages():
    error = check(request)
    return {"error": error, "page": int(request.args.get("page", "1"))}
"""
    prepared = prepare(Example("app.py", text))
    document, project = prepared.document, Project("/nowhere", index=prepared.index())
    [finding] = analyze(document, project).findings
    fixed = apply(text, edits_of(document, project, finding, finding.fixes[0]))
    assert "import builtins\n" in fixed and "except builtins.ValueError:" in fixed
    again = prepare(Example("app.py", fixed))
    assert analyze(again.document, Project("/nowhere", index=again.index())).findings == ()


def offered(text: str) -> dict[str, str]:
    """What each fix that is offered for a file makes of it, by its title."""
    prepared = prepare(Example("app.py", text))
    document, project = prepared.document, Project("/nowhere", index=prepared.index())
    found = [(one, fix) for one in analyze(document, project).findings for fix in one.fixes]
    return {fix.title: apply(text, edits_of(document, project, one, fix)) for one, fix in found}


HANDLERS = """
import json

import discord
import pika
from discord.ext import commands
from kafka import KafkaConsumer

bot = commands.Bot(command_prefix="!")

"""


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            """
@bot.event
async def on_member_join(member: discord.Member):
    await member.ban()
    await member.guild.owner.send("banned")
""",
            """
@bot.event
async def on_member_join(member: discord.Member):
    try:
        await member.ban()
        await member.guild.owner.send("banned")
    except discord.HTTPException:
        logging.exception("on_member_join failed")
""",
        ),
        (
            """
@bot.event
async def on_message(message):
    async with message.channel.typing():
        book = json.loads(message.content)
    await message.channel.store(book)
""",
            """
@bot.event
async def on_message(message):
    try:
        async with message.channel.typing():
            book = json.loads(message.content)
        await message.channel.store(book)
    except json.JSONDecodeError:
        logging.exception("on_message failed")
""",
        ),
        (
            """
@bot.event
async def on_message(message):
    try:
        book = json.loads(message.content)
    except UnicodeDecodeError:
        return
    message.channel.store(book)
""",
            """
@bot.event
async def on_message(message):
    try:
        book = json.loads(message.content)
    except UnicodeDecodeError:
        return
    except json.JSONDecodeError:
        logging.exception("on_message failed")
        return
    message.channel.store(book)
""",
        ),
        (
            """
@bot.event
async def on_message(message):
    book = json.loads(message.content)
    return await message.channel.store(book)
""",
            None,
        ),
        (
            """
def on_message(channel, method, properties, body):
    book = json.loads(body)
    channel.basic_ack(method.delivery_tag)

def consume(channel):
    channel.basic_consume("books", on_message)
""",
            None,
        ),
        (
            """
def handler(event, context):
    book = json.loads(event["body"])
    print(book)
""",
            None,
        ),
        (
            """
def consume():
    for message in KafkaConsumer("books"):
        book = json.loads(message.value)
        message.ack()
""",
            None,
        ),
    ],
)
def test_nothing_that_builds_on_what_has_failed_comes_behind_a_handler_that_logs(
    before: str, after: str | None
) -> None:
    fixed = next((text for title, text in offered(HANDLERS + before).items() if title.startswith("Log it")), None)
    assert fixed == (after and HANDLERS.replace("import json\n", "import json\nimport logging\n") + after)


@pytest.mark.parametrize(
    ("base", "method", "last"),
    [
        ("rest_framework.viewsets.ModelViewSet", "perform_create(self, serializer)", "serializer.save(rate=answer)"),
        ("rest_framework.viewsets.ModelViewSet", "list(self, request)", "return JsonResponse(answer.json())"),
        ("django.views.generic.ListView", "get_queryset(self)", "return Rate.objects.filter(text=answer.text)"),
        ("django.views.generic.ListView", "get(self, request)", "return answer"),
    ],
)
def test_only_what_answers_itself_returns_an_answer(base: str, method: str, last: str) -> None:
    module, _, name = base.rpartition(".")
    text = f"""
import requests
from django.http import JsonResponse
from {module} import {name}

class Rates({name}):
    def {method}:
        answer = requests.get("https://rates.example", timeout=5)
        {last}
"""
    prepared = prepare(Example("shop/views.py", text))
    report = analyze(prepared.document, Project("/nowhere", index=prepared.index()))
    assert [one.fixes for one in report.findings if one.rule == "unhandled-upstream-failure"] == [()]


@pytest.mark.parametrize(
    ("value", "count"),
    [
        ("int(request.args['n'])", 1),
        ("max(1, int(request.args['n']))", 1),
        ("str(request.args.get('of')).strip() + str(int(request.args['n']))", 1),
        ("int(request.args['n']) * rate(request.args['of'])", 0),
        ("int(request.args['n']) * requests.get(RATES, timeout=5).json()", 0),
        ("int(request.args['n']) * json.loads(RATES)", 0),
        ("int(request.args['n']) * unknown.rate()", 0),
        ("scaled(request.args['n'])", 0),
    ],
)
def test_no_client_is_blamed_for_what_others_may_have_done(value: str, count: int) -> None:
    text = f"""
import json

import requests
from flask import Flask, request

app = Flask(__name__)

def rate(of):
    return requests.get(RATES + of, timeout=5).json()

def scaled(number):
    return int(number) * rate("EUR")

@app.get("/worth")
def worth():
    return {{"value": {value}}}
"""
    prepared = prepare(Example("app.py", text))
    report = analyze(prepared.document, Project("/nowhere", index=prepared.index()))
    [finding] = [one for one in report.findings if one.rule == "unvalidated-request-input"]
    assert len(finding.fixes) == count


@pytest.mark.parametrize(
    ("imports", "called", "written"),
    [
        ("from imaplib import IMAP4", "IMAP4(HOST).login(NAME, WORD)", "(OSError, IMAP4.error)"),
        ("from playwright.sync_api import Page", "Page(HOST).goto(HOST)", "sync_api.Error"),
        ("import playwright.sync_api as pages", "pages.Page(HOST).goto(HOST)", "pages.Error"),
        ("from playwright.sync_api import Error, Page", "Page(HOST).goto(HOST)", "Error"),
    ],
)
def test_an_exception_that_says_little_by_itself_is_written_with_its_module(
    imports: str, called: str, written: str
) -> None:
    text = f"""
import threading
{imports}

def work():
    {called}

threading.Thread(target=work).start()
"""
    fixed = offered(text)["Log it if it fails"]
    assert re.findall(r"except (.*):", fixed) == [written]


@pytest.mark.parametrize(("last", "count"), [("print(found)", 1), ("return found", 0)])
def test_no_handler_is_offered_to_a_function_that_gives_something_back(last: str, count: int) -> None:
    text = f"""
import threading
import requests

def fetch():
    found = get()
    {last}

def get():
    return requests.get(JOKES, timeout=5).text

threading.Thread(target=fetch).start()
"""
    prepared = prepare(Example("app.py", text))
    report = analyze(prepared.document, Project("/nowhere", index=prepared.index()))
    [finding] = [one for one in report.findings if one.rule == "worker-dies-on-error"]
    assert len(finding.fixes) == count


def test_a_fix_that_breaks_the_program_is_refused_and_the_others_are_made(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "".join(f"def f{at}(p):\n    return open(p).read()\n\n\n" for at in range(5))
    right = edits.edits_of

    def wrong(document: Document, project: Project, finding: Finding, *others: Any) -> tuple[Edit, ...]:
        made = right(document, project, finding, *others)
        before = document.text[: finding.span.start]
        is_second = "def f1(" in before and "def f2(" not in before
        return (*made, Edit(Span(finding.span.start, finding.span.start), "(")) if is_second else made

    monkeypatch.setattr(edits, "edits_of", wrong)
    refused: list[tuple[Finding, Fix]] = []
    document = Document("a.py", text)
    fixed, applied = edits.fix_all(document, Project("/nowhere"), unsafe=True, refused=refused)
    compile(fixed.text, "a.py", "exec")
    assert len(applied) == 4 and fixed.text.count("open(p).read()") == 1
    assert [(finding.rule, fix.title) for finding, fix in refused] == [(applied[0][0].rule, applied[0][1].title)]


def test_a_single_fix_that_breaks_the_program_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    document, project = Document("a.py", "def f(p):\n    return open(p).read()\n"), Project("/nowhere")
    [finding] = analyze(document, project).findings
    [fix, *_] = finding.fixes
    made = edits.checked_edits_of(document, project, finding, fix)
    compile(edits.apply(document.text, made), "a.py", "exec")

    end = len(document.text)
    monkeypatch.setattr(edits, "edits_of", lambda *_: (*made, Edit(Span(end, end), "(")))
    with pytest.raises(edits.BrokenFixError, match=r"^a\.py: .* would break the program"):
        edits.checked_edits_of(document, project, finding, fix)
