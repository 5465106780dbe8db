"""An evaluation that begins with the last one comes to what an evaluation from the start comes to."""

from __future__ import annotations

import random
import string

import pytest

from shipworthy import registry
from shipworthy.analyze import analyze
from shipworthy.cache import Memory
from shipworthy.config import Config
from shipworthy.document import Document
from shipworthy.index import Index
from shipworthy.model import Family, Lane, Report, Span
from shipworthy.project import Project
from shipworthy.testing import MemoryFiles, prepare

SECRET = "".join(random.Random(0).choices(string.ascii_letters + string.digits, k=14))
SNIPPETS = {
    "a.py": [
        *(
            "import logging\n",
            "import subprocess\n",
            "from subprocess import call as run\n",
            "import pickle as p\n",
            "\n",
        ),
        "logger = logging.getLogger(__name__)\n",
        "try:\n    work()\nexcept Exception:\n    pass\n",
        "def load(data):\n    return p.loads(data)\n",
        "class A:\n    def m(self, x):\n        subprocess.call(x, shell=True)\n\n    def n(self):\n        run(x)\n",
        *(
            "import flask\n",
            "def tell():\n    try:\n        send_all()\n    except Exception as e:\n        print(e)\n",
        ),
        "def main():\n    tell()\n    print('all was sent')\n",
        *("# shipworthy: allow swallowed-exception -- it is fine\n", "x = 1  # noqa: E722\n", "x = 1  # nosec\n"),
        *("# shipworthy: allow nonsense\n", "def broken(:\n", '"""\n', f"password = '{SECRET}'\n", "é = '🦀'\r\n"),
    ],
    "a.ts": [
        *("import { load } from './api'\n", "const cp = require('child_process')\n", "\n", "load().then(x => x)\n"),
        "try { work() } catch (e) { }\n",
        "class A {\n  m(x) { cp.exec('ls ' + x) }\n  async n() { await load() }\n}\n",
        *("// shipworthy: allow swallowed-exception -- it is fine\n", "const s = `${\n", "}\n", "/*\n", "*/\n"),
    ],
}


def said(report: Report) -> tuple[object, ...]:
    return report.findings, report.suppressed, report.problems


@pytest.mark.parametrize(("path", "seed"), [(path, seed) for path in SNIPPETS for seed in range(4)])
def test_what_an_edit_leaves_alone_is_kept_and_is_right(path: str, seed: int) -> None:
    chance = random.Random(seed)
    files = {"api.ts": "export async function load() { }\n", path: ""}
    project, memory = Project("/project", index=Index(MemoryFiles(files))), Memory(documents=1)
    document = Document(path, "".join(chance.choices(SNIPPETS[path], k=12)))
    for _ in range(30):
        start = chance.randint(0, len(document.text))
        end = min(len(document.text), start + chance.choice([0, 0, 0, 1, 30]))
        document = document.edited(Span(start, end), chance.choice(["", "x", *SNIPPETS[path]]))
        lanes = chance.choice([Lane.FAST, Lane.FAST, Lane.FAST | Lane.RUFF, Lane.ALL])
        report = analyze(document, project, memory, lanes)
        if lanes == Lane.ALL:
            assert said(report) == said(analyze(Document(path, document.text), project, Memory()))
    assert said(analyze(document, project, memory)) == said(analyze(Document(path, document.text), project, Memory()))


@pytest.mark.parametrize("seed", range(12))
def test_a_text_that_is_read_for_secrets_alone_is_told_the_same_of_them(seed: int) -> None:
    """With no rule that asks about nodes, most blocks are passed over unseen."""
    chance = random.Random(seed)
    examples = (*registry.load("hardcoded-token").bad, *registry.load("hardcoded-password").bad)
    planted = [prepare(one, seed).document.text + "\n\n" for one in examples if one.path == "example.py"]
    pieces = [*chance.choices(SNIPPETS["a.py"], k=12), *chance.sample(planted, 4), "token = (\n", f"'{SECRET}')\n"]
    chance.shuffle(pieces)
    document, memory = Document("a.py", "".join(pieces)), Memory(documents=1)
    alone, among = Project("/project", Config(select=("secrets",))), Project("/project", Config(select=("all",)))
    for _ in range(4):
        told = analyze(Document("a.py", document.text), alone).findings
        assert told == analyze(document, alone, memory).findings
        everything = analyze(Document("a.py", document.text), among)
        assert told == tuple(one for one in everything.findings if one.family is Family.SECRETS)
        start = chance.randint(0, len(document.text))
        document = document.edited(Span(start, start), chance.choice(pieces))


def test_what_the_backends_said_of_other_blocks_outlives_an_edit() -> None:
    text = (
        "from Crypto.Cipher import ARC4\n\n\ndef load(key):\n    return ARC4.new(key)\n\n\ndef other():\n    return 1\n"
    )
    project, memory = Project("/project"), Memory(documents=1)
    whole = analyze(Document("a.py", text), project, memory)
    edited = Document("a.py", text).edited(Span(len(text) - 2, len(text) - 1), "2")
    fast = analyze(edited, project, memory, Lane.FAST)
    assert [finding.rule for finding in fast.findings] == [finding.rule for finding in whole.findings] != []


def test_a_suppression_is_unused_only_where_all_lanes_have_spoken() -> None:
    text = "# shipworthy: allow swallowed-exception -- nothing to hide\nx = 1\n\n\ndef f():\n    return 1\n"
    project, memory = Project("/project"), Memory(documents=1)
    document = Document("a.py", text)
    rules: list[list[str]] = []
    for step in (document, document, document.edited(Span(len(text) - 2, len(text) - 1), "2")):
        report = analyze(step, project, memory, Lane.ALL if len(rules) == 1 else Lane.FAST)
        rules.append([finding.rule for finding in report.findings])
    assert rules == [[], ["unused-suppression"], ["unused-suppression"]]


def test_another_file_of_the_project_can_change_the_verdict() -> None:
    files = {"api.py": "def load(): ...\n", "a.py": ""}
    index = Index(MemoryFiles(files))
    project, memory = Project("/project", index=index), Memory(documents=1)
    document = Document(
        "a.py", "from api import load\n\n\nasync def run():\n    load()\n\n\ndef other():\n    return 1\n"
    )
    analyze(document, project, memory)
    files["api.py"] = "async def load(): ...\n"
    index.forget("api.py")
    assert said(analyze(document, project, memory)) == said(analyze(document, project, Memory()))


@pytest.mark.parametrize("folder", ["vendor", "pkg/_vendor", "third_party"])
def test_in_copies_of_other_peoples_code_only_secrets_are_looked_for(folder: str) -> None:
    text = f"try:\n    work()\nexcept Exception:\n    pass\npassword = '{SECRET}'\n"
    path = f"{folder}/a.py"
    project = Project("/p", Config(), index=Index(MemoryFiles({path: text})))
    families = {found.family for found in analyze(Document(path, text), project).findings}
    own = {found.family for found in analyze(Document("a.py", text), project).findings}
    assert families == {Family.SECRETS}
    assert own > families


@pytest.mark.parametrize("path", ["examples/a.py", "docs/demo/a.py", "notebooks/a.py", "eval/a.py", "a_demo.py"])
def test_of_what_shows_or_tries_something_nobody_is_asked_to_handle_errors(path: str) -> None:
    text = "import requests\n\nfile = open('a')\nrequests.get('http://a.b')\nprint(eval(file.read()))\n"

    def found(path: str) -> set[Family]:
        project = Project("/p", Config(), index=Index(MemoryFiles({path: text})))
        return {one.family for one in analyze(Document(path, text), project).findings}

    assert found("a.py") == {Family.ERRORS, Family.SECURITY}
    assert found(path) == {Family.SECURITY}


def test_many_keys_of_one_mapping_are_told_together() -> None:
    keys = "".join(f"    d{number} = data['key{number}']\n" for number in range(5))
    text = (
        "from flask import Flask, request\n\napp = Flask(__name__)\n\n@app.post('/')\ndef index():\n"
        f"    data = request.get_json()\n    other = request.get_json()\n{keys}"
        "    return other['one'], other['two'], int(data['key1'])\n"
    )
    project = Project("/p", Config(select=("unvalidated-request-input",)), index=Index(MemoryFiles({"a.py": text})))
    messages = [found.message.partition(",")[0] for found in analyze(Document("a.py", text), project).findings]
    assert sorted(messages) == [
        "Reading `data['key0']` (and 4 other keys of it) raises KeyError if the key is missing",
        "Reading `other['one']` (and 1 other key of it) raises KeyError if the key is missing",
        "`int()` may raise TypeError or ValueError",
    ]


@pytest.mark.parametrize("body", ["", "    pass\n", "        work()\n"])
def test_code_that_is_not_finished_costs_no_rule(body: str) -> None:
    text = f"def f():\n    try:\n    {body}    except Exception:\n        pass\n    except\n"
    report = analyze(Document("a.py", text), Project("/p", Config(), index=Index(MemoryFiles({"a.py": text}))))
    assert [problem for problem in report.problems if "crash" in problem.message.lower()] == []
