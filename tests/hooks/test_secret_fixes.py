"""The fix of a secret through the command: all files at once, and nothing shown."""

from __future__ import annotations

import stat
import sys

from shipworthy.testing import expand

from .shell import Shell

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
