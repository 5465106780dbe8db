"""The fix moves a value out of the code, loses none, and the code reads it in the project's own way."""

from __future__ import annotations

import pytest

from shipworthy.analyze import analyze
from shipworthy.config import Config
from shipworthy.document import Document
from shipworthy.edits import fix_all
from shipworthy.index import Index
from shipworthy.project import Project
from shipworthy.secrets.companions import PLACEHOLDER
from shipworthy.testing import MemoryFiles, expand

VALUE = expand("<alnum*40>")
OTHER = expand("<alnum*40:2>")
ODD = expand("q7<alnum*9> '#") + '"'


def repaired(path: str, text: str, files: dict[str, str] | None = None) -> dict[str, str]:
    """The files that applying all fixes changes or makes, by path."""
    contents = {**(files or {}), path: text}
    project = Project("/nowhere", Config(select=("secrets",)), index=Index(MemoryFiles(contents)))
    others: dict[str, str] = {}
    document, _ = fix_all(Document(path, text), project, unsafe=True, others=others)
    assert not analyze(document, project).findings
    return {path: document.text, **others}


SAME_NAME = {
    ("app.py", f'API_KEY = "{VALUE}"\n'): 'import os\n\nAPI_KEY = os.environ["API_KEY"]\n',
    ("app.py", f'import os\napi_key = os.environ.get("API_KEY", "{VALUE}")\n'): (
        'import os\napi_key = os.environ["API_KEY"]\n'
    ),
    (
        "app.py",
        f'import os\napi_key = os.getenv("API_KEY", "{VALUE}")\n',
    ): 'import os\napi_key = os.environ["API_KEY"]\n',
    ("app.py", f'import environ\nenv = environ.Env()\nAPI_KEY = "{VALUE}"\n'): (
        'import environ\nenv = environ.Env()\nAPI_KEY = env("API_KEY")\n'
    ),
    ("app.py", f'from decouple import config\nAPI_KEY = "{VALUE}"\n'): (
        'from decouple import config\nAPI_KEY = config("API_KEY")\n'
    ),
    ("app.py", f'from decouple import config\nx = config("API_KEY", default="{VALUE}")\n'): (
        'from decouple import config\nx = config("API_KEY")\n'
    ),
    ("app.py", f'class S(BaseSettings):\n    api_key: str = "{VALUE}"\n'): "class S(BaseSettings):\n    api_key: str\n",
    ("app.js", f'const apiKey = "{VALUE}";\n'): "const apiKey = process.env.API_KEY;\n",
    ("app.ts", f'const key = process.env.API_KEY ?? "{VALUE}";\n'): "const key = process.env.API_KEY!;\n",
    ("key.ts", f'const apiKey: string = "{VALUE}";\n'): "const apiKey: string = process.env.API_KEY!;\n",
    ("app.jsx", f'const a = <Map apiKey="{VALUE}" />;\n'): "const a = <Map apiKey={process.env.API_KEY} />;\n",
    ("compose.yaml", f"environment:\n  API_KEY: {VALUE}\n"): "environment:\n  API_KEY: ${API_KEY}\n",
    ("compose.yaml", f'environment:\n  API_KEY: "{VALUE}"\n'): 'environment:\n  API_KEY: "${API_KEY}"\n',
}


@pytest.mark.parametrize(("source", "expected"), SAME_NAME.items(), ids=[one[1] for one in SAME_NAME])
def test_the_value_moves_to_env_and_is_read_from_there(source: tuple[str, str], expected: str) -> None:
    path, text = source
    assert repaired(path, text) == {
        path: expected,
        ".env": f"API_KEY={VALUE}\n",
        ".env.example": f"API_KEY={PLACEHOLDER}\n",
        ".gitignore": ".env\n",
    }


def test_decouple_is_used_where_the_project_depends_on_it() -> None:
    made = repaired("app.py", f'API_KEY = "{VALUE}"\n', {"requirements.txt": "python-decouple==3.8\n"})
    assert made["app.py"] == 'from decouple import config\n\nAPI_KEY = config("API_KEY")\n'


def test_code_for_browsers_reads_what_vite_gives_it() -> None:
    made = repaired("app.ts", f'const mode = [import.meta.env.MODE, {{ apiKey: "{VALUE}" }}];\n')
    assert "apiKey: import.meta.env.VITE_API_KEY" in made["app.ts"] and made[".env"] == f"VITE_API_KEY={VALUE}\n"


def test_a_workflow_reads_the_secrets_of_its_repository() -> None:
    path = ".github/workflows/ci.yml"
    assert repaired(path, f"env:\n  TOKEN: {VALUE}\n") == {path: "env:\n  TOKEN: ${{ secrets.TOKEN }}\n"}


def test_a_manifest_of_kubernetes_is_left_alone_which_knows_no_variables() -> None:
    path, text = "k8s/secret.yaml", f"apiVersion: v1\nkind: Secret\nstringData:\n  api-token: {VALUE}\n"
    project = Project("/nowhere", Config(select=("secrets",)), index=Index(MemoryFiles({path: text})))
    (finding,) = analyze(Document(path, text), project).findings
    assert finding.fixes == ()


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("q7$Xk29#Lw", "'q7$Xk29#Lw'"),
        ("q7X'k29#Lw", '"q7X\'k29#Lw"'),
        ("q7X'k\"29Lw", "q7X'k\"29Lw"),
        ("q7X'k\"29#w", '"q7X\'k\\"29#w"'),
    ],
)
def test_the_usual_readers_of_an_env_give_a_value_back(value: str, written: str) -> None:
    """As python-dotenv, python-decouple, django-environ, Node's own and its dotenv read it."""
    assert repaired("app.py", f"API_KEY = {value!r}\n")[".env"] == f"API_KEY={written}\n"


def test_a_dollar_is_no_variable_where_the_env_has_variables() -> None:
    made = repaired("app.js", 'const apiKey = "q7$Xk29dLw!z";\n', {"package.json": '{"dependencies": {"next": "15"}}'})
    assert made[".env"] == "API_KEY='q7\\$Xk29dLw!z'\n"


def test_the_password_of_an_address_is_not_called_after_the_address() -> None:
    made = repaired("app.yaml", f"database:\n  url: postgres://app:{VALUE}@db.internal/app\n")
    assert made["app.yaml"] == "database:\n  url: postgres://app:${DATABASE_PASSWORD}@db.internal/app\n"
    assert made[".env"] == f"DATABASE_PASSWORD={VALUE}\n"


def test_what_is_there_is_kept_and_a_name_with_another_value_is_not_reused() -> None:
    files = {".env": "API_KEY=older\nX=1", ".env.sample": "API_KEY=\r\n", ".gitignore": "*.pyc\n/.env\n"}
    made = repaired("app.py", f'import os\nAPI_KEY = "{VALUE}"\n', files)
    assert made == {
        "app.py": 'import os\nAPI_KEY = os.environ["API_KEY_2"]\n',
        ".env": f"API_KEY=older\nX=1\nAPI_KEY_2={VALUE}\n",
        ".env.sample": f"API_KEY=\r\nAPI_KEY_2={PLACEHOLDER}\r\n",
    }


def test_two_values_of_one_name_stay_apart_and_one_value_is_written_once() -> None:
    text = f'import os\nf(password="{VALUE}")\ng(password="{OTHER}")\nh(password="{VALUE}")\n'
    made = repaired("app.py", text)
    assert made[".env"].splitlines() == [f"PASSWORD={VALUE}", f"PASSWORD_2={OTHER}"]
    assert [line.partition("=")[2] for line in made["app.py"].splitlines()[1:]] == [
        'os.environ["PASSWORD"])',
        'os.environ["PASSWORD_2"])',
        'os.environ["PASSWORD"])',
    ]


def test_the_env_of_the_nearest_service_is_used() -> None:
    made = repaired("api/src/app.js", f'const apiKey = "{VALUE}";\n', {"api/package.json": "{}"})
    assert made["api/.env"] == f"API_KEY={VALUE}\n" and made[".gitignore"] == ".env\n"
