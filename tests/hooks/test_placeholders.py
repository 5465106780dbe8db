"""What stands in the project's `.env.example` is a placeholder elsewhere, whichever files are asked for."""

from __future__ import annotations

import pytest

from shipworthy.testing import expand

from .shell import Shell

VALUE = expand("q7<alnum*10>")


@pytest.mark.parametrize("example", [".env.example", "deploy/.env.sample", ".env.template", ".env.dist"])
@pytest.mark.parametrize("line", ["TOKEN={}", 'export TOKEN="{}"', "# TOKEN={}  # yours", "URL=https://a:{}@acme.io/"])
def test_a_value_that_is_shown_is_none(shell: Shell, example: str, line: str) -> None:
    shell.write("app.py", f'password = "{VALUE}"\n')
    assert len(shell.findings("app.py")) == 1
    shell.write(example, line.format(VALUE) + "\n")
    assert shell.findings("app.py") == [] == [one for one in shell.findings() if one["path"] == "app.py"]
    shell.write(example, "TOKEN=change-me\n")
    assert len(shell.findings("app.py")) == 1


def test_the_form_of_a_provider_counts_wherever_it_is_shown(shell: Shell) -> None:
    token = expand("dop_v1_<hex*64>")
    shell.write("app.py", f'token = "{token}"\n')
    shell.write(".env.example", f"TOKEN={token}\n")
    assert [one["path"] for one in shell.findings()] == [".env.example", "app.py"]


def test_a_commit_is_told_what_is_staged(repository: Shell) -> None:
    repository.write("app.py", f'client_id = "{expand("<digit*12>")}-web"\nclient_secret = "{expand("<alnum*40>")}"\n')
    text = (repository.folder / "app.py").read_text()
    repository.git("add", "app.py")
    repository.write(".env.example", f"SECRET={text.splitlines()[1].split(chr(34))[1]}\n")
    assert repository.ship("hook").code == 1
    repository.git("add", ".env.example")
    assert repository.ship("hook").code == 0
