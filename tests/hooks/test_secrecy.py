"""No output, cache, baseline or error of ours ever holds a secret's value."""

from __future__ import annotations

import random
import string

import pytest

from .shell import SWALLOWED, Shell

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


@pytest.mark.parametrize("arguments", [[], ["--family", "errors"], ["--family", "secrets"]])
def test_no_output_shows_a_secret(leaky: tuple[Shell, list[str]], arguments: list[str]) -> None:
    shell, secrets = leaky
    shell.variables["FORCE_COLOR"] = "1"
    for output_format in ("text", "json", "jsonl", "sarif", "gitlab", "github", "junit"):
        done = shell.ship("hook", "--output-format", output_format, *arguments, *NAMES)
        check(done.out + done.err, secrets, f"hook {arguments} --output-format {output_format}")


NAMES = ["plain.py", "test_it.py", "mixed.py", "allowed.py", "app.js", "settings.ini", "broken.py", "latin.py"]


def test_no_difference_shows_a_secret(leaky: tuple[Shell, list[str]]) -> None:
    shell, secrets = leaky
    done = shell.ship("check", "--diff", "--unsafe-fixes")
    assert "@@" in done.out
    check(done.out + done.err, secrets, "check --diff")


def test_no_mistake_problem_or_cache_holds_a_secret(leaky: tuple[Shell, list[str]]) -> None:
    shell, secrets = leaky
    shell.ship("check")
    shell.ship("baseline")
    shell.ship("check", "--new-since", "nowhere")
    shell.write("inner/a.py")
    mistaken = zip("abcdefg", secrets, strict=False)
    shell.write("inner/shipworthy.toml", "".join(f'{name} = "{one}"\n' for name, one in mistaken))
    for arguments in (["check"], ["explain", "inner/a.py"], ["baseline"]):
        done = shell.ship(*arguments)
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
