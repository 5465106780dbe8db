"""No output, cache, baseline or error of ours ever holds a secret's value."""

from __future__ import annotations

import random
import string
import sys

import pytest

from shipworthy.model import Severity
from shipworthy.secrets.examples import example
from shipworthy.secrets.formats import formats, variants

from .shell import SWALLOWED, Done, Shell

ALPHABET = string.ascii_letters + string.digits


def planted(seed: int) -> dict[str, str]:
    """Secrets as people write them: a line of source for each value."""
    made = random.Random(seed)

    def text(size: int, alphabet: str = ALPHABET) -> str:
        return "".join(made.choices(alphabet, k=size))

    letters = "ghp_" + text(36)
    key = "AKIA" + text(16, string.ascii_uppercase + string.digits)
    word, url, token, bearer, plain = text(14), text(18), text(40), text(48), text(11, string.ascii_lowercase)
    pem = [text(64) for _ in range(4)]
    return {
        letters: f'GITHUB = "{letters}"',
        key: f'client = make("s3", aws_access_key_id="{key}")',
        word: f'password = "{word}"',
        url: f'DATABASE_URL = "postgres://admin:{url}@db.internal/app"',
        token: f"config[\"api_key\"] = '{token}'",
        bearer: f'headers = {{"Authorization": "Bearer {bearer}"}}',
        plain: f'connect(user="root", passwd="{plain}")',
        pem[0]: 'PEM = """-----BEGIN RSA PRIVATE KEY-----\n' + pem[0],
        pem[1]: pem[1],
        pem[2]: pem[2],
        pem[3]: pem[3] + '\n-----END RSA PRIVATE KEY-----"""',
    }


@pytest.fixture
def leaky(repository: Shell) -> tuple[Shell, list[str]]:
    """Files full of secrets, with findings of other kinds on and around the same lines."""
    secrets = planted(11)
    lines = list(secrets.values())
    repository.write("plain.py", "\n".join(lines) + "\n")
    repository.write("test_it.py", "\n".join(lines) + "\n")
    repository.write(
        "mixed.py", "\n".join(f"try:\n    {line}\nexcept Exception: pass; {line}\n" for line in lines[:7]) + SWALLOWED
    )
    repository.write("allowed.py", "".join(f"{line}  # pragma: allowlist secret\n" for line in lines[:7]))
    repository.write("app.js", "".join(f"try {{ {line}; work() }} catch (e) {{ }}\n" for line in lines[:5]))
    repository.write("settings.ini", "[a]\n" + "\n".join(lines[:7]) + "\n")
    repository.write("broken.py", "def f(:\n    " + "\n    ".join(lines[:7]) + "\n\n\n" + SWALLOWED)
    repository.write("remark.py", "# a remark\nx = 1  # a remark\n" + SWALLOWED)
    repository.write("latin.py", "\n".join(lines).encode() + b"\n# caf\xe9\n")
    return repository, list(secrets)


def check(text: str, secrets: list[str], where: str) -> None:
    for secret in secrets:
        for part in (secret, secret[:10], secret[-10:]):
            assert part not in text, f"{where} shows {len(part)} characters of a secret"


DEBUG = "import logging, sys, shipworthy_hooks.cli as c; logging.basicConfig(level=0); sys.exit(c.main())"


def ship(shell: Shell, *arguments: str) -> Done:
    """Run `shipworthy` with all that anything in the process logs, on stderr."""
    return shell.run(sys.executable, "-c", DEBUG, *arguments)


@pytest.mark.parametrize("arguments", [[], ["--family", "errors"], ["--family", "secrets"]])
def test_no_output_shows_a_secret(leaky: tuple[Shell, list[str]], arguments: list[str]) -> None:
    shell, secrets = leaky
    shell.variables["FORCE_COLOR"] = "1"
    for output_format in ("text", "json", "jsonl", "sarif", "gitlab", "github", "junit"):
        done = ship(shell, "hook", "--no-cache", "--output-format", output_format, *arguments, *NAMES)
        assert done.code in (0, 1, 2) and "DEBUG:" in done.err, done.out  # 2: one file is in no known encoding
        check(done.out + done.err, secrets, f"hook {arguments} --output-format {output_format}")


NAMES = ["plain.py", "test_it.py", "mixed.py", "allowed.py", "app.js", "settings.ini", "broken.py", "latin.py"]


def test_no_difference_shows_a_secret(leaky: tuple[Shell, list[str]]) -> None:
    shell, secrets = leaky
    done = ship(shell, "check", "--diff", "--unsafe-fixes")
    assert "@@" in done.out
    check(done.out + done.err, secrets, "check --diff")


def test_no_walk_over_the_history_shows_a_secret(leaky: tuple[Shell, list[str]]) -> None:
    shell, secrets = leaky
    shell.git("add", "-A")
    shell.git("commit", "-q", "-m", "x")
    shell.write("plain.py", "x = 1\n")
    for output_format in ("text", "jsonl", "sarif"):
        done = shell.ship("check", "--history", "--output-format", output_format)
        assert done.code in (0, 1) and "brought it" in done.out
        check(done.out + done.err, secrets, f"--history --output-format {output_format}")
    for path in (shell.folder.parent / "cache").rglob("*"):
        check(path.read_bytes().decode("latin-1") if path.is_file() else "", secrets, path.name)


def test_no_mistake_problem_or_cache_holds_a_secret(leaky: tuple[Shell, list[str]]) -> None:
    shell, secrets = leaky
    for number, one in enumerate(secrets):
        shell.write(f"route{number}.py", f"@app.post('/{one}', key='{one}')\ndef f(): g('{one}')['{one}']\n")
        shell.write(f"db{number}.py", f"def connect_db():\n    return psycopg2.connect('u:{one}@h').cursor()\n")
        asking = f"from db{number} import connect_db\n\ndef f():\n    rows = connect_db()\n"
        shell.write(f"asks{number}.py", f"{asking}    rows.execute(app.config['{one}'])\n")
    for arguments in (["check"], ["baseline"], ["check", "--new-since", "nowhere"]):
        done = ship(shell, *arguments)
        check(done.out + done.err, secrets, " ".join(arguments))
    shell.write("inner/a.py")
    mistaken = zip("abcdefg", secrets, strict=False)
    shell.write("inner/shipworthy.toml", "".join(f'{name} = "{one}"\n' for name, one in mistaken))
    for arguments in (["check"], ["explain", "inner/a.py"], ["baseline"]):
        done = ship(shell, *arguments)
        assert done.code == 2
        check(done.out + done.err, secrets, " ".join(arguments))
    files = [path for path in (shell.folder.parent / "cache").rglob("*") if path.is_file()]
    files.append(shell.folder / ".shipworthy-baseline")
    assert len(files) >= 2
    for path in files:
        data = path.read_bytes().decode("latin-1")
        check(data, secrets, path.name)
        assert str(shell.folder) not in data, "a path outside of the project"
        assert "a remark" not in data, "source text"


@pytest.mark.parametrize(
    "arguments",
    [
        ("check",),
        ("check", "--select", "security"),
        ("hook", "--family", "security", "a.py"),
        ("check", "--select", "errors", "--diff", "--unsafe-fixes"),
    ],
)
def test_what_is_masked_does_not_depend_on_the_rules_that_were_asked_for(
    repository: Shell, arguments: tuple[str, ...]
) -> None:
    secret = "".join(random.Random(5).choices(ALPHABET, k=14))
    call = f'subprocess.run("curl -u admin:{secret} http://" + host, shell=True)'
    told = "requests.post(host, timeout=1)"
    guarded = f"    try:\n        {call}\n        {told}\n    except Exception:\n        pass\n"
    functions = f"def fetch(host):\n{guarded}\n\ndef again(host):\n{guarded}"
    repository.write("a.py", f"import requests\nimport subprocess\n\n\n{functions}")
    done = repository.ship(*arguments)
    assert "curl" in done.out
    assert secret not in done.out + done.err


LINES = {
    "a.py": 'try:\n    NAME = "VALUE"\nexcept Exception: pass; work("-u me:" + "VALUE")\n# NAME=VALUE\n',
    "a.js": "const NAME = 'VALUE'; try { work(`VALUE`) } catch (e) { }\n",
    "a.yaml": "NAME: VALUE\nother: VALUE\n",
    "prod.env": "NAME=VALUE\n",
    "Dockerfile": 'FROM x\nENV NAME VALUE\nRUN curl -H "Authorization: Bearer VALUE" https://x\n',
    "a.ipynb": '{"cells": [{"cell_type": "code", "source": ["NAME = \'VALUE\'"], "outputs": ["VALUE"]}]}\n',
    "README.md": "`NAME=VALUE`\n",
}


def test_no_value_of_any_format_is_shown_of_any_kind_of_file(repository: Shell) -> None:
    made = random.Random(3)
    names = {}
    for known in made.sample([one for one in formats() if one.severity is not Severity.HINT], 40):
        provider = variants(known.near[0])[0].strip("_-") if known.near else "acme"
        names[example(known, 3)] = f"{provider}_api_key".upper()
    names |= {"".join(made.choices(ALPHABET, k=size)): "DB_PASSWORD" for size in (14, 20, 40)}
    for path, text in LINES.items():
        written = (text.replace("NAME", name).replace("VALUE", value) for value, name in names.items())
        repository.write(path, "".join(written))
    for arguments in (
        *(("check", "--output-format", shape) for shape in ("text", "jsonl", "sarif", "github", "gitlab", "junit")),
        ("check", "--select", "errors", "--diff", "--unsafe-fixes"),
        ("check", "--diff", "--unsafe-fixes"),
        ("check", "--select", "security,complexity", "--jobs", "2"),
        ("baseline",),
    ):
        done = ship(repository, *arguments)
        check(done.out + done.err, list(names), " ".join(arguments))
    for path in (*(repository.folder.parent / "cache").rglob("*"), repository.folder / ".shipworthy-baseline"):
        check(path.read_bytes().decode("latin-1") if path.is_file() else "", list(names), path.name)
