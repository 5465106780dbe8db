"""bandit's findings, block by block, against those of bandit itself on whole files."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest

from shipworthy import hits, sources
from shipworthy.backends import Source
from shipworthy.backends.bandit import BACKEND
from shipworthy.cache import Memory
from shipworthy.document import Document
from shipworthy.evaluate import RuleSet
from shipworthy.model import Family, Lane, Severity
from shipworthy.registry import Entry

PACKAGES = ("bandit", "detect_secrets", "radon", "stevedore", "yaml")
CODES = frozenset(f"bandit:B{number}" for number in range(100, 800))
RULES = RuleSet([Entry("any", Family.SECURITY, Severity.HINT, "", hits=tuple(CODES))], "python", {})

PROGRAMS = {
    "aliases": """
        from subprocess import Popen as P, call
        import pickle as p, os.path as q
        from os import *
        from . import subprocess
        P("ls", shell=True)

        class A:
            def f(self):
                import yaml, flask
                call(x, shell=1)
                return p.loads(x)

            def g(self):
                return yaml.load(x), app.run(debug=True)

        def h():
            from hashlib import md5 as m
            return m(b"x")

        m(b"y")
    """,
    "hidden": """
        host = "0.0." "0.0"
        path = ("/t" r"mp/x", "/" # why
            "tmp", "/dev"
            '/shm/y')
        other = "\\x30.0.0.0", "\\60.0.0.0", "0.0.0.\\
        0".strip(), "\\N{DIGIT ZERO}.0.0.0"
        query = "sel" "ect a from " + x
        query = f"delete{''} from {x}"
        ｅｖａｌ(x)
        ſet = "UPDATE a ſet b = " + c
        pass_word = d["pass"] = "x"
        config = {"\\x70ass": "secret"}
    """,
    "places": """
        é = {"ü": [eval(x), f"{eval(y)} ä {subprocess.run('é', shell=True)}"]}
        async def f(token="a", *, password="b"):
            assert é
            try:
                pass
            except (Exception): pass
            for é in x:
                try: y
                except: continue
        def g(secret="ß"): return lambda: (yield exec(é))
        @decorated(eval(é))
        class A(metaclass=eval(x)):
            tmp = "/tmp/é" ; assert tmp
            match x:
                case {"password": "é"} if os.system("ls " + x): pass
        x = __import__("pickle"), importlib.import_module("telnetlib")
        if (n := random.random()): "docstring /tmp", b"/tmp"
    """,
    "calls": """
        import ssl, tarfile, torch, paramiko, logging, httpx, markupsafe, xml.dom.minidom
        from Crypto.Cipher import ARC4
        from jinja2 import Environment as E
        from cryptography.hazmat.primitives.asymmetric import rsa
        from django.utils.safestring import mark_safe as safe
        def f(version=ssl.PROTOCOL_SSLv3, other=1): pass
        def g(x):
            ssl.wrap_socket(x); ssl.wrap_socket(x, ssl_version=ssl.PROTOCOL_TLSv1)
            tarfile.open(x).extractall(); torch.load(x); c.exec_command("ls")
            logging.config.listen(1); httpx.get(x, verify=False); E(); ARC4.new(k)
            rsa.generate_private_key(3, 512); safe(x); markupsafe.Markup(x); q.extra(where=[x])
            os.chmod("a", 0o777); tempfile.mktemp(); ftplib.FTP(); os.system("chown * x")
            xml.dom.minidom.parseString(x); c.set_missing_host_key_policy(paramiko.AutoAddPolicy)
            AutoModel.from_pretrained(x); datasets.load_dataset(x); run("x", shell=True)
    """,
}


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Installed packages, and programs that make it hard to tell by words alone what is in them."""
    folder = tmp_path_factory.mktemp("programs")
    for name, program in PROGRAMS.items():
        text = "\n".join(line[8:] for line in program.split("\n"))
        for ending, suffix in (("\n", "lf"), ("\r\n", "crlf"), ("\r", "cr")):
            (folder / f"{name}_{suffix}.py").write_bytes(text.replace("\n", ending).encode())
    found = (importlib.util.find_spec(name) for name in PACKAGES)
    return [folder, *(Path(spec.origin).parent for spec in found if spec is not None and spec.origin is not None)]


@pytest.fixture(scope="module")
def known(places: list[Path]) -> dict[str, Counter[tuple[str, int, int]]]:
    """By file what bandit says: code, line and byte column of the node that its test was called for."""
    command = [sys.executable, "-m", "bandit", "-r", "-q", "-f", "json", "--exit-zero", "--ignore-nosec"]
    output = json.loads(subprocess.run([*command, *map(str, places)], capture_output=True, check=True).stdout)
    assert not output["errors"]
    found: dict[str, Counter[tuple[str, int, int]]] = {}
    for one in output["results"]:
        # The lines of a string are those of what holds it; a test of calls may name another line of the call.
        is_string = one["test_id"] in {"B104", "B105", "B108", "B608"}
        line = one["line_number"] if is_string else one["line_range"][0]
        found.setdefault(one["filename"], Counter())[one["test_id"], line, one["col_offset"]] += 1
    return found


def ours(document: Document) -> Counter[tuple[str, int, int]]:
    """The same of our adapter, asked about each block."""
    gathered = hits.gather(document, RULES, Memory(), Lane.ALL)
    assert not list(gathered.problems()), document.path
    found: Counter[tuple[str, int, int]] = Counter()
    for index, start in enumerate(document.starts):
        for hit in gathered.hits(index):
            at = document.position(start + hit.span.start)
            before = document.line_text(at.line)[: at.column - 1]
            found[hit.code.removeprefix("bandit:"), at.line, len(before.encode())] += 1
    return found


def test_blocks_have_the_findings_of_the_file(
    places: list[Path], known: dict[str, Counter[tuple[str, int, int]]]
) -> None:
    different: list[object] = []
    for path in (path for place in places for path in place.rglob("*.py")):
        decoded = sources.decode(path.read_bytes(), 2_000_000)
        assert isinstance(decoded, sources.Text)
        found, expected = ours(sources.document(path.name, decoded)), known.get(str(path), Counter())
        if without_marks(found) != without_marks(expected):
            different.append((path, expected - found, found - expected))
    assert not different
    codes = {code for found in known.values() for code, _, _ in found}
    assert len(codes) > 45, "the programs no longer show most of bandit's tests"


def without_marks(found: Iterable[tuple[str, int, int]]) -> Counter[tuple[str, int, int]]:
    """All but bidirectional control characters: bandit tells of the first in a file alone."""
    return Counter({one: 1 for one in found if one[0] != "B613"})


@pytest.mark.parametrize(
    ("program", "marked"),
    [
        ("é = «eval(ü)»\n", "B307"),
        ("if x:\r\n\té = [«eval(\r\n  ü)»]\r\n", "B307"),
        ("x = 1\ry = '🎉', «eval(x)»\r", "B307"),
        ("\fx = 'a\u2028'; «exec(x)»\n", "B102"),
        ("x = f'é{«eval(y)»}ü'\n", "B307"),
        ("class Ü:\n    def é(self):\n        return 'ä', «eval(self)»\n", "B307"),
        ("«assert é»; pass\n", "B101"),
        ("try: é\n«except: pass»\n", "B110"),
        ("x = 'a', «'/tmp/ü'»\n", "B108"),
        ("\ufeffé = «eval(ü)»\n", "B307"),
        ("x = 'a«\u202e»b' # «\u2066»\n", "B613"),
        ("x = '\ud800'; «eval(x)»\n", "B307"),
    ],
)
def test_span(program: str, marked: str) -> None:
    text = program.replace("«", "").replace("»", "")
    answer = BACKEND.run([Source("a.py", text, "python")])[0]
    found = [text[hit.span.start : hit.span.end] for hit in answer.hits if hit.code == f"bandit:{marked}"]
    assert found == [part.partition("»")[0] for part in program.split("«")[1:]]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("exec 'code' in x\n", "under a newer Python"),
        ("eval(" + "[" * 3000 + "]" * 3000 + ")\n", "nested this deeply"),
        ("x = eval(a) + " + "-" * 50_000 + "1\n", "nested this deeply"),
        ("x = eval(a)" + " + b" * 50_000 + "\n", "nested this deeply"),
        ("x = " + "[" * 3000 + "]" * 3000 + "\n", ""),
    ],
)
def test_what_cannot_be_read_is_a_problem_if_it_matters(text: str, problem: str) -> None:
    answer = BACKEND.run([Source("a.py", text, "python")])[0]
    assert problem in answer.problem
    assert bool(problem) == bool(answer.problem)


def test_nothing_of_bandit_stays_behind() -> None:
    program = """
        import sys, warnings
        from shipworthy.backends import Source
        from shipworthy.backends.bandit import BACKEND
        shown = warnings.formatwarning
        hits = BACKEND.run([Source("a.py", "eval('\\\\d')", "python")])[0].hits
        assert [hit.code for hit in hits] == ["bandit:B307"], hits
        assert "bandit" not in sys.modules and "stevedore" not in sys.modules
        assert warnings.formatwarning is shown
        warnings.simplefilter("ignore")
        import bandit.core.manager
        assert bandit.core.extension_loader.MANAGER.plugins
    """
    text = "\n".join(line[8:] for line in program.split("\n"))
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-W", "error", "-c", text]
    result = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
