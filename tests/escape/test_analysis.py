"""The analysis after any edits is an analysis from scratch; what is remembered is what was found."""

from __future__ import annotations

import pickle
import random
import sqlite3
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

from shipworthy.document import Document
from shipworthy.escape import keep
from shipworthy.escape.analysis import Analysis
from shipworthy.escape.program import unit_of
from shipworthy.escape.project import ProjectEscapes
from shipworthy.escape.scripts import scripts
from shipworthy.model import Span
from shipworthy.store import Store
from shipworthy.testing import MemoryFiles

TWINS = Path(__file__).parent / "twins"
LINES = (
    "open(path)",
    "int(value)",
    "return json.loads(body)",
    "import requests",
    "requests.get(url, timeout=1)",
    "while True:",
    "try:",
    "except OSError:",
    "except Exception as error:",
    "print(error)",
    "for value in requests.get(url).json():",
    "pass",
    "def load(path):",
    "@app.get('/x')",
    "yield row",
    "self.session = requests.Session()",
    "self.path = path",
    "return self.session.get(path)",
    "return path",
    "load(path, self.session)",
    "show(load(value))",
    "if not isinstance(value, dict):",
    "raise ValueError(value)",
    "state = json.load(open('state.json'))",
    "Path('state.json').write_text(json.dumps(state))",
    "print(state['kind'], value['kind'])",
    "@bot.error",
    "app.add_error_handler(show)",
    "parser.add_argument('kind', choices=KINDS)",
    "pool.submit(load, path)",
    "for value in [pool.submit(load, value)]:",
    "print(value.result())",
    "print(requests.head(path).headers['ETag'])",
    "for value in load(path):",
    "schedule.every().day.do(load)",
    "schedule.run_pending()",
    "schedule.every().day.do(show)",
    "shutil.copy(path, 'kept')",
    "print(os.listdir(FOLDER))",
    "os.makedirs(FOLDER)",
    "app.on_startup.append(load)",
    "from discord.ext import commands",
    "@bot.command()",
    "def handler(event, context):",
    "for record in event['Records']:",
    "app.session, app.path = requests.Session(), path",
    "app.session.get(path)",
    "jobs = queue.Queue()",
    "jobs.put(input())",
    "open(jobs.get())",
    "jobs.put(path)",
    "row = session.query(Row).filter_by(name=value).first()",
    "return row",
    "print(load(value).name)",
    "except AttributeError:",
    "app.add_url_rule('/made', view_func=load(value))",
    "return show",
    "path = os.environ.get('PATHS')",
    "load(os.getenv('PATHS'))",
    "print([row for row in load(path) if row][0])",
    "if path in KNOWN:",
    "cursor.execute('INSERT INTO a ' 'VALUES (?)', (value,))",
    "def load(path, session):",
    "async def load(path):",
    "class Load(Row):",
    "def __init__(self, session):",
    "self.session = session",
    "session = requests.Session()",
    "Load(requests.Session())",
    "load(path, 'a')",
    "load = show",
    "import json",
    "from helpers import load",
    "@contextmanager",
    "@app.errorhandler(Exception)",
    "return None",
    "@property",
    "print(Load(session).path)",
    "match input():",
    "case value:",
    "print(list(map(load, value)))",
    "def __exit__(self, kind, error, trace):",
    "return issubclass(kind, OSError)",
    "with Load(session):",
    "",
)


def texts() -> dict[str, str]:
    """Every program of the twins, as one project."""
    files = sorted(TWINS.glob("*/*/*.py"))
    return {path.relative_to(TWINS).as_posix(): path.read_text(encoding="utf-8") for path in files}


def everything(analysis: Analysis) -> dict[str, object]:
    return {unit.path: found for unit in analysis.units() if (found := analysis.of(unit.path))}


@pytest.mark.parametrize("seed", range(3))
def test_after_any_edits_the_answer_is_that_of_an_analysis_from_scratch(seed: int) -> None:
    chance = random.Random(seed)
    documents = {path: Document(path, text) for path, text in texts().items()}
    analysis = Analysis(unit_of(document) for document in documents.values())
    followed = {path: unit_of(document) for path, document in documents.items()}
    assert everything(analysis)
    for _ in range(60):
        path = chance.choice(sorted(documents))
        before = documents[path]
        line = chance.randint(1, before.text.count("\n") + 1)
        start, end = before.line_start(line), before.line_start(line + chance.choice((0, 0, 0, 1)))
        indent = " " * chance.choice((0, 4, 8))
        documents[path] = before.edited(Span(start, end), f"{indent}{chance.choice(LINES)}\n")
        unit = unit_of(documents[path])
        if chance.random() < 0.5 and analysis.update(path, unit, quick=True) is None:
            assert everything(analysis) == everything(Analysis(followed.values()))
        analysis.update(path, unit)
        followed[path] = unit
    assert everything(analysis) == everything(Analysis(followed.values()))
    gone = sorted(documents)[seed]
    analysis.update(gone, None)
    assert everything(analysis) == everything(Analysis(unit for path, unit in followed.items() if path != gone))


@pytest.mark.parametrize("is_checked_first", [True, False])
def test_whether_a_function_tests_what_it_hands_on_bears_on_those_that_call_it(*, is_checked_first: bool) -> None:
    program = """
from flask import Flask, request

app = Flask(__name__)

def parse():
    data = request.get_json()
    if {test}:
        raise LookupError()
    return data

@app.post("/")
def view():
    data = parse()
    return data["kind"]
"""
    units = [
        unit_of(Document("a.py", program.format(test=test))) for test in ("not isinstance(data, dict)", "is_late(data)")
    ]
    first, then = units if is_checked_first else reversed(units)
    analysis = Analysis([first])
    analysis.update("a.py", then)
    assert everything(analysis) == everything(Analysis([then]))
    assert bool(everything(analysis)) == is_checked_first


def test_other_calls_that_lead_to_an_error_are_followed() -> None:
    def documents(second: str, last: str) -> list[Document]:
        helpers = (
            "import requests\n\ndef fetch(url):\n    requests.get(url)\n\n"
            f"def first():\n    fetch('a')\n\ndef second():\n    {second}\n"
        )
        return [
            Document("main.py", f"from helpers import first, second\n\nfirst()\nsecond()\n{last}\n"),
            Document("helpers.py", helpers),
        ]

    def besides(analysis: Analysis) -> set[int]:
        found = (escape for path in ("main.py", "helpers.py") for some in analysis.of(path).values() for escape in some)
        return {len(one.besides) for one in found}

    analysis = Analysis(map(unit_of, documents("pass", "pass")))
    assert besides(analysis) == {0}
    for second, last, expected in [
        ("fetch('b')", "pass", 1),
        ("fetch('b')", "first()", 2),
        ("pass", "first()", 1),
        ("pass", "try:\n    first()\nexcept requests.RequestException:\n    pass", 0),
    ]:
        for document in documents(second, last):
            analysis.update(document.path, unit_of(document))
        assert besides(analysis) == {expected}
        assert everything(analysis) == everything(Analysis(map(unit_of, documents(second, last))))


SHARED = """
import contextlib
import requests

class Client:
    def __init__(self, session):
        self.session = session

    def fetch(self, url):
        return self.session.get(url, timeout=1).json()

@contextlib.contextmanager
def quiet():
    try:
        yield
    except ValueError:
        pass

def read(text):
    return text
"""
MAIN = """
import sys
import requests
from shared import Client, quiet, read

def main():
    client = Client(requests.Session())
    with quiet():
        read(sys.argv[1])
    client.fetch(sys.argv[1])

if __name__ == "__main__":
    main()
"""


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("main.py", "Client(requests.Session())", "Client(None)"),
        ("main.py", "from shared import Client, quiet, read", "from shared import Client, read\nfrom b import quiet"),
        ("main.py", "def main():", "def read(text):\n    return int(text)\n\ndef main():"),
        ("shared.py", "self.session = session", "self.session = requests.Session()"),
        ("shared.py", "class Client:", "class Client(requests.Session):"),
        ("shared.py", "except ValueError", "except KeyError"),
        ("shared.py", "def read(text):\n", "def read(text, kind='a'):\n    int(text)\n"),
        ("shared.py", "def read(text):\n    return text\n", ""),
        ("shared.py", "    def fetch(self, url):", "    @quiet\n    def fetch(self, url):"),
    ],
)
def test_what_names_stand_for_is_followed_while_somebody_types(path: str, old: str, new: str) -> None:
    texts = {"main.py": MAIN, "shared.py": SHARED}
    others = [
        unit_of(Document(f"other{number}.py", f"def other{number}(text):\n    return int(text)\n"))
        for number in range(3)
    ]
    analysis = Analysis([*(unit_of(Document(*one)) for one in texts.items()), *others])
    analysis.update("main.py", unit_of(Document("main.py", MAIN.replace("main", "run"))))  # from now on it takes notes
    analysis.update("main.py", unit_of(Document("main.py", MAIN)))
    before = {unit.path: analysis.of(unit.path) for unit in analysis.units()}
    assert old in texts[path] and any(before.values())
    for text in (texts[path].replace(old, new), texts[path]):
        unit = unit_of(Document(path, text))
        assert analysis.update(path, unit, quick=True) is not None
        units = [unit if one == path else unit_of(Document(one, texts[one])) for one in texts]
        assert everything(analysis) == everything(Analysis([*units, *others]))
    assert {unit.path: analysis.of(unit.path) for unit in analysis.units()} == before


FLASK = "from flask import Flask, request\nimport requests\napp = Flask(__name__)\n"
LONG_WAY = (
    f'{FLASK}@app.get("/x")\ndef show(u):\n    f1(u)\n'
    + "".join(f"def f{number}(u):\n    f{number + 1}(u)\n" for number in range(1, 6))
    + "def f6(u):\n    requests.get(u, timeout=1)\n"
)
HANDED_ON = f"""{FLASK}
def l5(s, u):
    s.get(u, timeout=1)
def l4(s, u):
    l5(s, u)
def l3(s, u):
    l4(s, u)
def l2(s, u):
    l3(s, u)
@app.get("/x")
def show(u):
    l1(requests.Session(), u)
def l1(s, u):
    l2(s, u)
@app.get("/y")
def show2(u):
    l3(requests.Session(), u)
"""
DECORATED = (
    f'from d import safe\n{FLASK}@safe\ndef get(u):\n    requests.get(u)\n@app.get("/x")\ndef show(u):\n    get(u)\n'
)
SAFE = "def safe(f):\n    def wrapper(*a):\n        return f(*a)\n    return wrapper\n"
SAFER = """    def other(*a):
        try:
            return f(*a)
        except Exception:
            print(a)
    return wrapper
"""
SETUP = "    def setup(self, session):\n        self.session = session\n"
OTHER = "    def other(self, u):\n        pass\n"
METHODS = f"""{FLASK}
class Row:
{SETUP}{OTHER}    def get(self, u):
        self.session.get(u, timeout=1)
@app.get("/x")
def show(u):
    row = Row()
    row.setup(requests.Session())
    row.get(u)
"""
BOT = {
    "main.py": "from telegram.ext import Application, CommandHandler\nfrom handlers import show\napp = Application()\n"
    'app.add_handler(CommandHandler("x", show))\n',
    "handlers.py": "from db import session\nasync def show(update, context):\n    session.execute('insert')\n",
    "db.py": "from sqlalchemy.orm import Session\nsession = Session()\n",
}
FOUND = {
    "db.py": "def get_it(name) -> Row | None:\n    return A.get(name)\n"
    "def get_us(name) -> Row | None:\n    return B.get(name)\n",
    "a.py": f"""from db import get_it, get_us, Row
{FLASK}
def get_one(name):
    if name:
        return get_it(name)
    return get_us(name)
@app.get("/x/<name>")
def show(name):
    return get_one(name).title
""",
}
CIRCLE = {
    "db.py": "def get_it(name) -> Row | None:\n    return TABLE.get(name)\n",
    "a.py": f"""from db import get_it, Row
{FLASK}
def get_one(name, n):
    return get_two(name, n)
def get_two(name, n):
    if n:
        return get_one(name, n)
    return get_it(name)
@app.get("/x/<name>")
def show(name):
    return get_one(name, 1).title
""",
}
ROWS = {
    "rows.py": "import json\nfrom stock import store\ndef rows(path):\n    for line in open(path):\n"
    "        yield json.loads(line)\ndef main(path):\n    for row in rows(path):\n        store(row)\n"
    "if __name__ == '__main__':\n    import sys\n    main(sys.argv[1])\n",
    "stock.py": "def store(row):\n    put(row)\ndef put(row):\n    print(row['place'])\n",
}
LADDER = (
    f'{FLASK}@app.get("/x")\ndef show(u):\n'
    + "".join(f"    f{number}(u)\n" for number in range(30))
    + "".join(f"def f{number}(u):\n    f{number + 1}(u)\n" for number in range(30))
    + "def f30(u):\n    requests.get(u)\n"
)


@pytest.mark.parametrize("is_noting", [True, False])
@pytest.mark.parametrize(
    ("texts", "edits"),
    [
        ({"a.py": LONG_WAY}, [("a.py", "def f3(u):\n    f4(u)", "def f3(u):\n    f6(u)")]),
        (
            {"a.py": HANDED_ON},
            [
                ("a.py", "    l3(requests.Session(), u)", "    l5(requests.Session(), u)"),
                ("a.py", "    l1(requests.Session(), u)", "    l2(requests.Session(), u)"),
                ("a.py", "    l5(requests.Session(), u)", "    pass"),
            ],
        ),
        ({"a.py": DECORATED, "d.py": SAFE}, [("d.py", "    return wrapper\n", SAFER)]),
        ({"a.py": METHODS}, [("a.py", SETUP + OTHER, OTHER + SETUP)]),
        (BOT, [("handlers.py", "from db", "import telegram\nfrom db"), ("handlers.py", "import telegram\n", "")]),
        (FOUND, [("a.py", "return get_it(name)\n    return get_us", "return get_us(name)\n    return get_it")]),
        (CIRCLE, [("a.py", "    return get_it(name)\n", "    return Row()\n")]),
        (CIRCLE, [("db.py", " -> Row | None", " -> Row")]),
        (
            ROWS,
            [
                ("stock.py", "row['place']", "row['place'], row['size']"),
                ("stock.py", "put(row)\ndef", "pass\ndef"),
                ("stock.py", "pass", "try:\n        put(row)\n    except KeyError:\n        pass"),
                ("rows.py", "        store(row)", "        print(row['kind'])"),
            ],
        ),
        ({"a.py": LADDER}, [("a.py", "def f30(u):\n", "def f30(u):\n    print(1)\n")]),
    ],
    ids=[
        "shorter",
        "handed-on",
        "decorator",
        "first-method",
        "libraries",
        "first-result",
        "circle",
        "below-circle",
        "keys",
        "many-callees",
    ],
)
def test_what_an_answer_rests_on_is_followed(
    texts: dict[str, str], edits: list[tuple[str, str, str]], *, is_noting: bool
) -> None:
    now = dict(texts)
    analysis = Analysis(unit_of(Document(*one)) for one in now.items())
    if is_noting:
        now["new.py"] = "def new(q):\n    return q\n"
        analysis.update("new.py", unit_of(Document("new.py", now["new.py"])))
    for path, old, new in edits:
        assert old in now[path]
        now[path] = now[path].replace(old, new)
        analysis.update(path, unit_of(Document(path, now[path])))
        assert everything(analysis) == everything(Analysis(unit_of(Document(*one)) for one in now.items()))


def test_an_analysis_that_was_kept_learns_of_handlers_of_everything() -> None:
    kept: dict[str, str] = {}

    def put(text: str) -> str:
        kept[str(len(kept))] = text
        return str(len(kept) - 1)

    text = f'{FLASK}@app.get("/x")\ndef show(u):\n    requests.get(u)\ndef setup(app):\n    pass\n'
    first = Analysis([unit_of(Document("a.py", text))])
    analysis = Analysis.resumed(first.kept(put), {"a.py": unit_of(Document("a.py", text))}, {}, kept.__getitem__)
    unit = unit_of(Document("a.py", text.replace("    pass", "    app.add_exception_handler(ValueError, handle)")))
    analysis.update("a.py", unit)
    assert everything(analysis) == everything(Analysis([unit]))


def test_others_are_told_when_an_edit_bears_on_them() -> None:
    files = {
        "loading.py": "def load(path):\n    return open(path)\n",
        "main.py": "import sys\nfrom loading import load\n\nif __name__ == '__main__':\n    load(sys.argv[1])\n",
    }
    project = ProjectEscapes(MemoryFiles(files), 10_000)
    project.prepare()
    assert [escape.call for found in project.of("loading.py").values() for escape in found] == ["open"]
    handled = Document("main.py", files["main.py"].replace("    load(", "    try:\n        load(").rstrip())
    handled = Document("main.py", f"{handled.text}\n    except OSError as error:\n        sys.exit(str(error))\n")
    assert project.follow(handled)
    assert project.of("loading.py") == {}
    assert not project.follow(Document("main.py", f"# a comment\n{handled.text}"))


def test_files_that_have_changed_are_read_again_one_or_many() -> None:
    caller = "import sys\nfrom loading import load\n\nif __name__ == '__main__':\n    load(sys.argv[1])\n"
    files = {"main.py": caller, "loading.py": "def load(path):\n    return path\n"}
    files |= {f"other{number}.py": "x = 1\n" for number in range(30)}
    project = ProjectEscapes(MemoryFiles(files), 10_000)
    heard: list[tuple[int, int]] = []
    project.prepare(tell=lambda done, total: heard.append((done, total)))
    assert heard == [(done, len(files)) for done in range(1, len(files) + 1)]
    assert project.of("loading.py") == {}
    for many in (False, True):
        files["loading.py"] = "def load(path):\n    return open(path)\n"
        for path in files if many else ["loading.py"]:
            project.forget(path)
        assert project.is_ready is not many
        assert [escape.call for found in project.of("loading.py").values() for escape in found] == ["open"]
        files["loading.py"] = "def load(path):\n    return path\n"
        project.forget("loading.py")
        assert project.of("loading.py") == {}


def test_a_unit_is_kept_as_it_is() -> None:
    for path, text in texts().items():
        unit = unit_of(Document(path, text))
        assert keep.load(keep.dump(unit)) == unit
    for broken in ("", "[]", "{}", '["a", 1, 2, 3, 4, 5, 6, 7]'):
        with pytest.raises(ValueError):
            keep.load(broken)


def test_the_store_and_other_processes_change_nothing(tmp_path: Path) -> None:
    files = MemoryFiles({**texts(), "pyproject.toml": '[project.scripts]\nshow = "happy.csv_report.csv_report:main"\n'})
    plain = ProjectEscapes(files, 1_000_000)
    plain.prepare()
    expected = {path: plain.of(path) for path in files.paths()}
    assert any(expected.values())
    with ProcessPoolExecutor(2) as executor:
        for _ in range(2):
            with Store(tmp_path) as store:
                stored = ProjectEscapes(files, 1_000_000, store)
                stored.prepare(executor)
                assert {path: stored.of(path) for path in files.paths()} == expected
    sent: ProjectEscapes = pickle.loads(pickle.dumps(plain))
    sent.take(plain.told(files.paths()))
    assert sent.is_ready
    assert {path: sent.of(path) for path in files.paths()} == expected


def edited(text: str, chance: random.Random) -> str:
    lines = text.split("\n")
    at = chance.randrange(len(lines))
    lines[at : at + chance.choice((0, 0, 0, 1))] = [" " * chance.choice((0, 4, 8)) + chance.choice(LINES)]
    return "\n".join(lines)


@pytest.mark.parametrize("seed", range(3))
def test_a_run_that_begins_where_the_last_one_ended_finds_what_one_from_scratch_finds(
    seed: int, tmp_path: Path
) -> None:
    chance = random.Random(seed)
    contents = texts()
    resumed: list[bool] = []
    for number in range(12):
        for path in chance.sample(sorted(contents), number % 4):
            contents[path] = edited(contents[path], chance)
        plain = ProjectEscapes(MemoryFiles(contents), 1_000_000)
        plain.prepare()
        with Store(tmp_path) as store:
            read: list[str] = []
            store.get = noting(store.get, read)
            stored = ProjectEscapes(MemoryFiles(contents), 1_000_000, store)
            stored.prepare()
            resumed.append(len(read) < len(contents))
            assert {path: stored.of(path) for path in contents} == {path: plain.of(path) for path in contents}
    assert sum(resumed) > 1, "what was kept is used"


def noting(get: Callable[[str], str | None], read: list[str]) -> Callable[[str], str | None]:
    def noted(key: str) -> str | None:
        read.append(key)
        return get(key)

    return noted


@pytest.mark.parametrize("seed", range(5))
def test_a_cache_that_lost_or_mixed_up_some_of_its_rows_changes_nothing(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    contents = texts()
    with Store(tmp_path) as store:
        ProjectEscapes(MemoryFiles(contents), 1_000_000, store).prepare()
    with sqlite3.connect(tmp_path / "results-1.sqlite3") as table:
        keys = sorted(key for (key,) in table.execute("SELECT key FROM kept"))
        for key in chance.sample(keys, len(keys) // 3):
            table.execute("DELETE FROM kept WHERE key = ?", (key,))
        for key in chance.sample(keys, len(keys) // 20):
            table.execute("UPDATE kept SET value = ? WHERE key = ?", (chance.choice(("", "[]", "[[],[],[],[]]")), key))
    for path in chance.sample(sorted(contents), 3):
        contents[path] = contents[path].replace("OSError", "ValueError") + "open(path)\n"
    plain = ProjectEscapes(MemoryFiles(contents), 1_000_000)
    plain.prepare()
    with Store(tmp_path) as store:
        stored = ProjectEscapes(MemoryFiles(contents), 1_000_000, store)
        stored.prepare()
        assert {path: stored.of(path) for path in contents} == {path: plain.of(path) for path in contents}


def test_what_cannot_be_read_costs_its_own_file() -> None:
    files = MemoryFiles({"deep.py": "x = " + "(" * 3000 + ")" * 3000, "cli.py": "import sys\nopen(sys.argv[1])\n"})
    project = ProjectEscapes(files, 1_000_000)
    project.prepare()
    assert project.of("cli.py")
    assert not project.failure("cli.py")


PYPROJECT, SETUP_CFG, SETUP_PY = "pyproject.toml", "setup.cfg", "setup.py"
NONE: set[str] = set()


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        (
            PYPROJECT,
            '[project.scripts]\na = "p.cli:main"\n[project.gui-scripts]\nb = "p:gui"\n',
            {"p.cli:main", "p:gui"},
        ),
        (PYPROJECT, '[tool.poetry.scripts]\na = "p:run"\n', {"p:run"}),
        (PYPROJECT, "[project\n", NONE),
        (PYPROJECT, 'project = "x"\n', NONE),
        (SETUP_CFG, "[options.entry_points]\nconsole_scripts =\n    a = p:main\n    b=p.x:y\n", {"p:main", "p.x:y"}),
        (SETUP_CFG, "no section\n", NONE),
        (SETUP_PY, "setup(entry_points={'console_scripts': ['a = p.cli:main', 'b=p:b']})\n", {"p.cli:main", "p:b"}),
        (SETUP_PY, "setup()\n", NONE),
        ("other.toml", '[project.scripts]\na = "p:main"\n', NONE),
    ],
)
def test_the_commands_of_a_project_are_known(name: str, text: str, expected: set[str]) -> None:
    assert scripts(name, text) == expected
