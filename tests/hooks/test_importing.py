"""A baseline of detect-secrets, made by that tool itself, becomes one of ours."""

from __future__ import annotations

import json
import sys

from shipworthy.testing import expand

from .shell import Shell

OLD, NEW, TOKEN = expand("<alnum*40>"), expand("<alnum*40:2>"), "ghp_" + expand("<alnum*36>")


def test_known_values_are_taken_over_and_prefixes_named(repository: Shell) -> None:
    repository.write("app.py", f'API_KEY = "{OLD}"\n# was {TOKEN}\n')
    repository.git("add", "-A")
    scan = "from detect_secrets.main import main; main(['scan', 'app.py'])"
    repository.write(".secrets.baseline", repository.run(sys.executable, "-c", scan).out)
    kinds = {
        one["type"] for one in json.loads((repository.folder / ".secrets.baseline").read_text())["results"]["app.py"]
    }
    assert "GitHub Token" in kinds
    done = repository.ship("baseline", "--import", ".secrets.baseline", "app.py")
    assert done.code == 0 and TOKEN not in done.out + done.err and OLD not in done.out + done.err
    assert "app.py:2: GitHub Token: its hash covers only" in done.err
    assert "1 known finding" in done.out
    repository.write("app.py", f'x = 1\n\nAPI_KEY = "{OLD}"\n# was {TOKEN}\nSECRET_KEY = "{NEW}"\n')
    lines = {finding["start"]["line"] for finding in repository.findings("app.py") if finding["family"] == "secrets"}
    assert lines == {4, 5}


def test_what_is_known_already_stays(repository: Shell) -> None:
    repository.write("app.py", f'API_KEY = "{OLD}"\n')
    repository.ship("baseline", "app.py")
    repository.write(".secrets.baseline", json.dumps({"results": {}}))
    assert "1 known finding, 0 new, 0 dropped" in repository.ship("baseline", "--import", ".secrets.baseline").out


def test_another_file_is_no_baseline(repository: Shell) -> None:
    repository.write("other.json", "[]")
    for name in ("other.json", "missing.json"):
        done = repository.ship("baseline", "--import", name)
        assert done.code == 2 and "--import" in done.err
