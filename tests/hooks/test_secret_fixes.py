"""The fix of a secret through the command: all files at once, and nothing shown."""

from __future__ import annotations

import random
import stat
import string
import sys

from shipworthy.testing import expand

from .shell import SWALLOWED, Shell

VALUE = expand("<alnum*40>")
SOURCE = f'import os\n\nAPI_KEY = "{VALUE}"\n'


def test_the_command_moves_a_value_out_of_the_code(repository: Shell) -> None:
    code = repository.write("app.py", SOURCE)
    done = repository.ship("check", "--fix", "--unsafe-fixes")
    assert done.code == 0 and VALUE not in done.out + done.err
    assert code.read_text() == 'import os\n\nAPI_KEY = os.environ["API_KEY"]\n'
    env = repository.folder / ".env"
    assert env.read_text() == f"API_KEY={VALUE}\n"
    assert stat.S_IMODE(env.stat().st_mode) == 0o600 or sys.platform == "win32"
    assert (repository.folder / ".env.example").read_text() == "API_KEY=change-me\n"
    assert (repository.folder / ".gitignore").read_text() == ".env\n"
    assert repository.ship("check").code == 0


def test_a_difference_shows_all_files_and_no_value(repository: Shell) -> None:
    repository.write("app.py", SOURCE)
    done = repository.ship("check", "--diff", "--unsafe-fixes")
    assert VALUE not in done.out + done.err
    assert "+++ b/.env\n" in done.out and "+API_KEY=***\n" in done.out and "+API_KEY=change-me\n" in done.out
    assert [path.name for path in repository.folder.iterdir() if path.name != ".git"] == ["app.py"]


def test_without_being_allowed_to_nothing_moves(repository: Shell) -> None:
    code = repository.write("app.py", SOURCE)
    repository.ship("check", "--fix")
    assert code.read_text() == SOURCE and not (repository.folder / ".env").exists()


def test_an_env_that_is_a_link_is_left_alone_and_no_value_is_lost(repository: Shell) -> None:
    if sys.platform == "win32":
        return
    code = repository.write("app.py", SOURCE)
    elsewhere = repository.folder.parent / "elsewhere"
    (repository.folder / ".env").symlink_to(elsewhere)
    elsewhere.write_text("A=1\n")
    done = repository.ship("check", "--fix", "--unsafe-fixes")
    assert done.code == 2 and "symbolic link" in done.out + done.err
    assert code.read_text() == SOURCE and elsewhere.read_text() == "A=1\n"


def test_text_on_stdin_is_not_changed_if_that_took_another_file(repository: Shell) -> None:
    done = repository.ship(
        "check",
        "--fix",
        "--unsafe-fixes",
        "--select",
        "secrets",
        "--stdin-filename",
        "app.py",
        "-",
        given=SOURCE.encode(),
    )
    assert VALUE in done.out and not (repository.folder / ".env").exists()


def test_a_value_is_not_written_where_git_would_commit_it(repository: Shell) -> None:
    """What else there is to fix in the file is fixed, and nothing is left behind."""
    code = repository.write("app.py", SOURCE + SWALLOWED)
    repository.write(".env", "A=1\n")
    repository.git("add", "-A")
    repository.git("commit", "-q", "-m", "x")
    told = "app.py: problem: no secret was moved to .env, for git tracks it; take it out with `git rm --cached .env`"
    shown = repository.ship("check", "--diff", "--unsafe-fixes")
    assert shown.code == 2 and told in shown.out and "+++ b/.env" not in shown.out and "logging" in shown.out
    assert "1 file would be changed by --fix --unsafe-fixes" in shown.out
    done = repository.ship("check", "--fix", "--unsafe-fixes")
    assert done.code == 2 and told in done.out and "Could not make every fix: 1 problem" in done.out
    assert "Could not check" not in done.out and "[hardcoded-password]" in done.out
    assert VALUE in code.read_text() and "logging.exception" in code.read_text()
    assert (repository.folder / ".env").read_text() == "A=1\n"
    assert sorted(path.name for path in repository.folder.iterdir()) == [".env", ".git", "app.py"]
    repository.git("rm", "-q", "--cached", ".env")
    assert repository.ship("check", "--fix", "--unsafe-fixes").code == 0
    assert (repository.folder / ".env").read_text() == f"A=1\nAPI_KEY={VALUE}\n"
    assert "!! .env" in repository.git("status", "--porcelain", "--ignored", "--", ".env")


def test_what_unignores_the_env_is_outdone(repository: Shell) -> None:
    repository.write("app.py", SOURCE)
    repository.write(".gitignore", ".env*\n!.env\n")
    assert repository.ship("check", "--fix", "--unsafe-fixes").code == 0
    assert (repository.folder / ".gitignore").read_text() == ".env*\n!.env\n.env\n"
    assert repository.git("check-ignore", ".env").strip() == ".env"


def test_a_difference_names_each_further_file_once_and_masks_what_is_secret(repository: Shell) -> None:
    others = ["".join(random.Random(seed).choices(string.ascii_letters + string.digits, k=40)) for seed in (1, 2)]
    repository.write("app.py", SOURCE)
    repository.write("sub/b.py", f'API_KEY = "{others[0]}"\nDB_PASSWORD = "{others[1]}"\n')
    repository.write(".env", "DEBUG=1\nPORT=8000\nHOST=localhost\n")
    repository.write(".gitignore", "*.pyc\n")
    repository.write(".env.example", "DEBUG=1\n")
    repository.commit()
    repository.git("rm", "-q", "--cached", ".env")
    shown = repository.run_bytes("check", "--diff", "--unsafe-fixes")
    text = shown.decode()
    for name in (".env", ".env.example", ".gitignore", "app.py", "sub/b.py"):
        assert text.count(f"+++ b/{name}\n") == 1
    assert not any(value in text for value in (VALUE, *others))
    env = text[text.index("+++ b/.env\n") :]
    assert " PORT=8000\n HOST=localhost\n ***\n+API_KEY=***\n" in env and "+API_KEY_2=***\n+DB_PASSWORD=***\n" in env
    assert "5 files would be changed by --fix --unsafe-fixes" in text
    apart = repository.run("git", "apply", "--include=.env.example", "--include=.gitignore", "-", given=shown)
    assert apart.err == ""
    example, ignored = ((repository.folder / name).read_text() for name in (".env.example", ".gitignore"))
    repository.git("checkout", "-q", ".")
    assert repository.run("git", "apply", "--include=.env", "-", given=shown).code != 0
    assert repository.ship("check", "--fix", "--unsafe-fixes").code == 0
    assert (repository.folder / ".env.example").read_text() == example
    assert (repository.folder / ".gitignore").read_text() == ignored == "*.pyc\n.env\n"


def test_what_was_written_is_taken_back_if_the_value_cannot_be(repository: Shell) -> None:
    """Here a second `.gitignore` takes back what the first one says, which shows when it is written."""
    if sys.platform == "win32":
        return
    code = repository.write("sub/app.py", SOURCE)
    repository.write("sub/package.json", "{}\n")
    repository.write("sub/.gitignore", "!/.env\n")
    done = repository.ship("check", "--fix", "--unsafe-fixes")
    assert done.code == 2 and "no secret was moved to sub/.env, for git does not ignore it" in done.out
    assert code.read_text() == SOURCE
    assert sorted(path.name for path in repository.folder.iterdir()) == [".git", "sub"]
    assert sorted(path.name for path in code.parent.iterdir()) == [".gitignore", "app.py", "package.json"]
