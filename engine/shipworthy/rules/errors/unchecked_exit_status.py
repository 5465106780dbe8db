from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from tree_sitter import Node

from shipworthy import aftermath, aside, commands, fixes, handlers, origins, outside, probed, promised, services
from shipworthy.document import Block
from shipworthy.model import Edit, Severity, Span
from shipworthy.rule import Found, Offer, Pass, Site, node_rule, py
from shipworthy.syntax import (
    FUNCTIONS,
    ancestors,
    enclosing,
    function_around,
    identifiers,
    is_statement,
    keyword_arguments,
    own,
    positional_arguments,
    spoken,
    text_of,
    walk,
)
from shipworthy.upkeep import is_upkeep

_ENDS = ("run", "call", "system", ".exec_command", "create_subprocess_exec", "create_subprocess_shell", "Popen")
_STARTS = frozenset({"subprocess.Popen", "asyncio.create_subprocess_exec", "asyncio.create_subprocess_shell"})
_KEPT = frozenset({"stdout", "capture_output"})
"""Options by which what a program says is not shown."""
_UNINTERRUPTED = frozenset({"communicate", "wait", "stdin", "stdout", "pid"})
"""What is asked of a process that is left to end by itself, other than how it ended."""


def _words(block: Block) -> Iterable[str]:
    yield from origins.bindings(block)
    if block.language.id == "python":
        yield from services.words(block)


_BEST_EFFORT = re.compile(
    r"""^\(\s*[\[(]?\s*f?['"](?:clear|cls|reset|sleep|start|stty|tput|open|xdg-open|notify-send|afplay|rm|\w*kill\w*)\b|['"]-{0,2}kill\b"""
    r"""|['"](?:is-active|is-enabled|is-running|status|--version|-V|--help|which|where)['"]"""
    r"""|(?i:^\(\s*\[?\s*\*?[\w.]*(?:editor|pager|viewer|player|browser))"""
    r"""|^\(\s*\[?\s*f?['"](?:uvicorn|gunicorn|hypercorn|daphne|streamlit|jupyter|vite)\b|\brunserver\b"""
    r"""|^\(\s*\[?\s*f?['"]flask['"\s,]+run\b|['"\s](?:http\.server|SimpleHTTPServer)\b|&\s*['"]\s*\)?$|&\s*['"],\s*shell=True\s*\)$|\bpip3?['"\s,]+(?:show|list|freeze|uninstall)\b"""
    r"""|^\(\s*['"]{2}\s*\)|['"]tail\b[^)]*-\w*[fF]\b"""
    r"""|\|\|\s*(?:true\b|:|exit 0)|^\(\s*shlex\.split\(\s*[\w.]+\s*\)"""
)
"""Commands whose failure changes nothing, that answer by it, that a person ends as they like or has chosen."""

_HOUSEKEEPING = re.compile(
    r"""['"\s](?:prune\b|--abort\b|chmod\b)|\blaunchctl['"\s,]+(?:unload|bootout|remove)\b|\bschtasks['"\s,]+/delete\b|^\(\s*\[?\s*f?['"](?:sync|scancel)\b|\bupdate-(?:icon-cache|desktop-database|mime-database)\b|\bgit['"\s,]+(?:gc|config)\b|\btmux['"\s,]+(?:kill-|rename-|select-|resize-|attach|set(?:-option)?\b|display)"""
    r"""|\b(?:docker|podman|kubectl|docker-compose)\b[^)]*['"\s]rm['"\s,][^)]*['"\s](?:-f|--force)\b"""
    r"""|\b(?:docker|podman|kubectl)['"\s,]+(?:run|exec|attach)\b[^)]*['"\s](?:-it|-ti|--interactive)\b"""
    r"""|Get-Content\s+-Wait\b"""
)
"""Commands that tidy up, and will do so again; that change how a terminal looks; that a person works in, or ends."""

_SHOWS = re.compile(
    r"""^\(\s*\[?\s*f?['"](?:chrom\w*|clear|cls|color|date|dir|echo|figlet|firefox|less|ls|mode|more|open|pause|pwd|reset|stty|title|tput|tree|cat|head|tail|xdg-open)\b(?![^)]*[>|])"""
    r"""|^\(\s*f?['"]\s*\$?\{?(?:EDITOR|VISUAL|PAGER|BROWSER)\b|^\(\s*\[?\s*f?['"](?:nano|n?vim?|emacs|gedit|notepad|code)\b"""
    r"""|^\(\s*\[?\s*f?['"](?:(?:docker|podman|kubectl)['"\s,]+(?:compose['"\s,]+)?logs|journalctl)\b"""
)
"""Commands that show something on the screen, change how it looks, or that a person works in and ends: if one fails,
they see that, and nothing that follows builds on it.
"""

_ASKS_STATE = re.compile(r"\bsystemctl\s+(?:is-active|status)\b|\bservice\s+\S+\s+status\b|\bpgrep\b")
_HEARS_COMPLAINTS = re.compile(r"\b(\w+)\s*=\s*\w*err\w*\.read\w*\([^\n]*\n(?:[^\n]*\n)*?[ \t]*if\b[^\n]*\b\1\b")
_CONTAINER = re.compile(r"""^\(\s*\[?\s*f?['"](?:docker|podman)['"\s,]+(?:container['"\s,]+)?rm\b""")
_ANSWERS = re.compile(
    r"""(?:^\(?\s*[\[(]?\s*|['"]-m['"],\s*)f?['"](?:/\w+)*/?(?:lsof|pgrep|pidof|[efz]?grep|rg|ag|diff|cmp|which|where|mypy|pyright|ruff"""
    r"""|flake8|pylint|pytest|bandit|shellcheck|eslint|tsc|rpm['"\s,]+-q\w*|dpkg['"\s,]+-[lsL]|dpkg-query|brew['"\s,]+list)\b"""
)
"""Programs that answer by their status too: that nothing was found, or something is wrong with what they looked at."""

_NOTHING = re.compile(r"return(?:\s+(?:None|False|0|-1|\[\]|\{\}|\(\)|\"\"|''))?")
_TELLS_OF_ITSELF = re.compile(
    r"""^\(\s*\[?\s*['"](?:/usr)?(?:/bin/)?(?:id|whoami|hostname|uname|arch|nproc|date|pwd|tty|uptime|getconf|sw_vers)\b"""
)
"""Commands that tell what the system knows of itself: they do not fail."""


@node_rule(
    "unchecked-exit-status",
    severity=Severity.HINT,
    python="call",
    agrees_with=("ruff:PLW1510",),
    cwe=(252,),
    extract=_words,
    bad=(
        py(
            """
            import subprocess

            def head():
                done = «subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True)»
                return done.stdout.strip()
            """,
            fixed="""
            import subprocess

            def head():
                done = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=True)
                return done.stdout.strip()
            """,
        ),
        py("""
            import os
            import subprocess

            «subprocess.run(["make", "install"])»
            «os.system("cat parts/* > whole.txt")»
        """),
        py(
            """
            import subprocess

            def build():
                «subprocess.call(["make", "install"])»
            """,
            fixed="""
            import subprocess

            def build():
                subprocess.check_call(["make", "install"])
            """,
        ),
        py("""
            import subprocess

            def version():
                return «subprocess.run(["git", "describe"], capture_output=True)».stdout

            def forget(name):
                «subprocess.run(["docker", "rm", name], capture_output=True)»
                print("removed")
        """),
        py("""
            import logging
            import subprocess

            def scaled(film, height):
                smaller = film.with_suffix(f".{height}.mp4")
                command = ["ffmpeg", "-i", film, "-vf", f"scale=-1:{height}", str(smaller)]
                done = «subprocess.run(command, capture_output=True, text=True)»
                if done.stderr.strip():
                    logging.warning("ffmpeg says: %s", done.stderr)
                publish(smaller)
        """),
        py("""
            import asyncio

            async def render(page, target):
                browser = await «asyncio.create_subprocess_exec("wkhtmltopdf", page, target)»
                await browser.communicate()
                return target
        """),
        py("""
            import paramiko

            def restart(client: paramiko.SSHClient):
                _, output, _ = «client.exec_command("systemctl restart web")»
                print(output.read())
        """),
    ),
    good=(
        py("""
            import os
            import subprocess
            import sys

            def show(path):
                os.system("sleep 2")
                subprocess.call(("xdg-open", path))

            def upgrade():
                os.system("pip uninstall -y library")
                subprocess.run(["pip", "install", "library"], check=True)

            def versions(name):
                return subprocess.run(f"rpm -q {name}", shell=True, capture_output=True, text=True).stdout.splitlines()
        """),
        py("""
            import subprocess

            def screen(rows):
                try:
                    shown = subprocess.run(["screenshot", "-t", str(rows)], capture_output=True, text=True, timeout=3)
                except (OSError, subprocess.TimeoutExpired):
                    return ""
                return shown.stdout
        """),
        py("""
            import os
            import subprocess
            import sys

            def scan(page, target):
                subprocess.run(["scanner", "-o", target], capture_output=True)
                if not target.exists():
                    raise RuntimeError(page)

            def measure(name):
                state = ask(name)
                subprocess.run(["docker", "rm", name], capture_output=True)
                return state

            def sync(repository):
                if not pull(repository):
                    subprocess.run(["git", "rebase", "--abort"], capture_output=True)
                    tell(repository)

            def is_there(port):
                found = str(subprocess.run(["lsport"], capture_output=True).stdout)
                return port in found

            def serve(port):
                subprocess.run(["python", "-m", "http.server", str(port)], cwd=PAGES)
                tell(port)

            def name_author(name):
                subprocess.run(["git", "config", "user.name", name], capture_output=True)
                tell(name)

            def wait_aside(program):
                os.system(f"{program} --wait &")
                tell(program)

            def show(name):
                subprocess.run(["docker", "logs", name])
                tell(name)

            def draw(page):
                try:
                    import drawing
                except ImportError:
                    subprocess.run([sys.executable, "-m", "pip", "install", "drawing"], capture_output=True)
                    try:
                        import drawing
                    except ImportError:
                        return None
                return drawing.draw(page)

            def scanners():
                found = subprocess.Popen(["pgrep", "scanner"], stdout=subprocess.PIPE)
                found.wait()
                return found.stdout.read().splitlines()
        """),
        py("""
            import paramiko

            def move(client: paramiko.SSHClient):
                _, _, stderr = client.exec_command("mv scans old")
                complaints = stderr.read().decode()
                if complaints:
                    raise RuntimeError(complaints)
        """),
        py("""
            import re
            import subprocess

            def is_mounted(disk):
                shown = subprocess.run(["mount"], capture_output=True, text=True)
                return disk in shown.stdout

            def serial(disk):
                shown = subprocess.run(["smartctl", "-i", disk], capture_output=True, text=True)
                for line in shown.stdout.splitlines():
                    if line.startswith("Serial"):
                        return line.split(":")[1]
                return None

            def heat(disk):
                out = subprocess.run(["smartctl", "-A", disk], capture_output=True, text=True).stdout
                found = re.search(r"Temperature: ([0-9]+)", out)
                return found[1] if found else None

            def used(disk):
                told = subprocess.run(["usage", disk], capture_output=True, text=True)
                try:
                    return int(told.stdout)
                except ValueError:
                    return -1

            def tidy(trees, name):
                trees.remove(name)
                subprocess.run(["git", "worktree", "prune"], capture_output=True)
                subprocess.run(["docker", "compose", "rm", "-f", name], capture_output=True)
                print(name)

            def work_in(name):
                subprocess.run(["docker", "run", "-it", name, "sh"])
                print("left", name)

            def compare(disks, container):
                try:
                    measure(disks)
                except KeyboardInterrupt:
                    subprocess.run(["docker", "rm", container], capture_output=True)
                    raise

            def look_for(formatter):
                try:
                    subprocess.call(formatter, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
                except OSError:
                    raise SystemExit(f"{formatter} is not installed")

            def beep(sound):
                subprocess.run(["player", "-q", str(sound)], capture_output=True)
                print("beep")
        """),
        py("""
            import paramiko

            def restart(client: paramiko.SSHClient):
                client.exec_command("sudo systemctl restart disks")
                _, output, _ = client.exec_command("systemctl is-active disks")
                print(output.read())
        """),
        py(
            """
            import subprocess

            subprocess.run(["make", "disks"])
            """,
            path="examples/disks.py",
        ),
        py("""
            import subprocess

            def uninstall_service(path):
                subprocess.run(["launchctl", "unload", path], stderr=subprocess.DEVNULL)
                path.unlink()
        """),
        py("""
            import subprocess
            import sys

            def users(port):
                found = subprocess.run(["lsof", "-ti", f":{port}"], capture_output=True, text=True)
                return [int(line) for line in found.stdout.split()]

            def complaints(path):
                command = [sys.executable, "-m", "mypy", path]
                found = subprocess.run(command, stdout=subprocess.PIPE)
                return found.stdout.decode().splitlines()

            def is_pasted(command, text):
                pasted = subprocess.run(command, stdout=subprocess.PIPE).stdout
                return pasted.strip() == text
        """),
        py("""
            import subprocess

            def scaled(film, target):
                done = subprocess.run(["ffmpeg", "-i", film, target], capture_output=True, text=True)
                if done.stderr:
                    print(done.stderr)
                    raise RuntimeError(film)
                return target

            def cut(film, target):
                done = subprocess.run(["ffmpeg", "-i", film, target], capture_output=True, text=True)
                print(done.stderr)
                if not os.path.exists(target):
                    raise RuntimeError(film)
                return target

            def measured(film, target):
                done = subprocess.run(["ffmpeg", "-i", film, target], capture_output=True, text=True)
                return loudness_of(done.stderr), target

            def shown(film, player):
                done = subprocess.run([player, film], capture_output=True, text=True)
                print(done.stderr)

            def started(player):
                done = subprocess.run(["systemctl", "start", player], capture_output=True, text=True)
                print(done.stderr)
                wait_for(player)

            def rated(film):
                done = subprocess.run(["rate", film], capture_output=True, text=True)
                print(done.stderr)
                print("rated", film)
        """),
        py("""
            import os

            def keep(store, page):
                try:
                    store.add(page)
                except FileNotFoundError:
                    os.system("store init")
                    store.add(page)
        """),
        py("""
            import asyncio
            import subprocess

            async def render(page, target):
                browser = await asyncio.create_subprocess_exec("wkhtmltopdf", page, target)
                await browser.communicate()
                return browser.returncode == 0

            def measure():
                meter = subprocess.Popen(["time", "make"], stderr=subprocess.PIPE)
                _, told = meter.communicate()
                return told

            def pause(event):
                player = subprocess.Popen(["mpv", "pause.ogg"])
                event.wait()
                player.terminate()
                player.wait()

            def status():
                return subprocess.Popen(["make", "install"]).wait()

            def branch():
                git = subprocess.Popen(["git", "branch"], stdout=subprocess.PIPE)
                told, _ = git.communicate()
                return told or None

            def page(command):
                shown = subprocess.Popen(command, shell=True)
                shown.wait()
        """),
        py("""
            import paramiko

            def restart(client: paramiko.SSHClient):
                _, output, _ = client.exec_command("systemctl restart web")
                if output.channel.recv_exit_status():
                    raise RuntimeError(output.read())
        """),
        py("""
            import subprocess

            subprocess.run(["make", "install"], check=True)
        """),
        py("""
            import os
            import subprocess

            def play(track):
                os.system("color")
                os.system(f"ls {track.folder}")
                os.system("$EDITOR notes.txt || nano notes.txt")
                os.system("")
                subprocess.run(["mpv", track.path])
                print("that was all")
        """),
        py("""
            import subprocess

            def version():
                done = subprocess.run(["git", "--version"], capture_output=True, text=True)
                if done.returncode:
                    raise SystemExit(done.stderr)
                return done.stdout.strip()
        """),
        py("""
            import subprocess

            def version():
                return subprocess.run(["git", "--version"], capture_output=True)
        """),
        py("""
            import subprocess

            subprocess.run("clear")
        """),
        py("""
            import subprocess
            import click

            @click.command()
            def packages():
                subprocess.run(["pip", "list"])
        """),
        py("""
            import subprocess

            def usage(folder):
                return subprocess.run(["du", folder], stdout=subprocess.PIPE, stderr=subprocess.STDOUT).stdout.decode()

            def machine():
                return subprocess.run(["uname", "-m"], capture_output=True, text=True).stdout.strip()
        """),
        py(
            """
            import os

            os.system("python -m build")
            """,
            path="setup.py",
        ),
        py("""
            import subprocess

            def started(process):
                done = subprocess.run(["ps", "-p", process, "-o", "lstart="], capture_output=True, text=True)
                return done.stdout.strip() or None

            def replace(name, image):
                subprocess.run(["docker", "stop", name], capture_output=True)
                subprocess.run(["docker", "rm", name], capture_output=True)
                subprocess.run(["docker", "run", "-d", "--name", name, image], check=True)

            def prepare(chain):
                subprocess.run(["iptables", "-N", chain], stderr=subprocess.DEVNULL)
                subprocess.run(["iptables", "-A", "FORWARD", "-j", chain], check=True)

            def show(log, follow):
                command = ["tail", log]
                if follow:
                    subprocess.run([*command, "-f"])
                    return None
                return subprocess.run(command, check=True, capture_output=True).stdout

            def notify(settings):
                subprocess.run(shlex.split(settings.command))
                settings.told += 1

            def is_active(unit):
                done = subprocess.run(["systemctl", "is-active", unit], capture_output=True, text=True)
                return done.stdout.strip() == "active"

            def edit(editor, path):
                subprocess.run([editor, path])

            def serve(port):
                subprocess.run(["uvicorn", "app:app", "--port", str(port)])
        """),
    ),
)
def unchecked_exit_status(run: Pass, call: Node) -> Iterator[Found]:
    """A program is run, and nobody looks at whether it succeeded.

    Its failure goes unnoticed: what follows works with empty output or with files that were never written.

    Instead, pass `check=True`, which raises `CalledProcessError`, or look at `returncode`.
    """
    function, parent = call.child_by_field_name("function"), call.parent
    if function is None or parent is None or not text_of(function).endswith(_ENDS):
        return
    if text_of(function).endswith(".exec_command"):
        yield from _remote(run, call)
        return
    name = run.name(function)
    if name in _STARTS:
        yield from _started(run, call)
        return
    if name not in {"subprocess.run", "subprocess.call", "os.system"}:
        return
    given = keyword_arguments(call)
    if {"check", "**"} & given.keys() or _BEST_EFFORT.search(_arguments(run, call)) or is_upkeep(run.path):
        return
    if aside.shows_note(call) or promised.is_best_effort(function_around(call)):
        return
    used: Node | None = None
    if is_statement(call):
        if commands.may_fail(run, call) or commands.is_handed_over(call) or _is_second_attempt(run, call):
            return
        if _HOUSEKEEPING.search(_arguments(run, call)) is not None or probed.is_of_presence(run, call):
            return
        if probed.is_looked_for(call) or _takes_away(run, call):
            return
        if _SHOWS.search(_arguments(run, call)) is not None and not _KEPT & given.keys():
            return
        if commands.is_shown(call) and not services.is_unwatched(run.facts[run.rule.id]):
            return
        if services.is_attended(run.facts[run.rule.id]) and not _KEPT & given.keys():
            return  # whoever is asked sees what the program says too
        told = "ignored"
    elif name == "subprocess.run" and (used := _output_alone(call)) is not None and not _is_guarded(run, call):
        if _TELLS_OF_ITSELF.search(_arguments(run, call)) or (_has_errors(given) and _is_shown(call)):
            return
        if commands.is_emptiness_seen(used) or commands.is_compared(used) or _answers(run, call):
            return
        if probed.is_searched(run, used):
            return
        told = "not looked at, though its output is used"
    elif name == "subprocess.run" and (used := _built_on(call)) is not None and not _answers(run, call):
        told = f"not looked at, though `{text_of(used)}` is used"
    else:
        return
    remedy = "use `check_call`" if name == "subprocess.call" else "pass `check=True`"
    message = f"The exit status of `{spoken(function)}` is {told}: {remedy} or look at it."
    if name == "os.system":
        message = "The exit status of `os.system` is ignored: use `subprocess.run(..., check=True)`."
    is_elsewhere = used is not None and used.start_point.row > call.end_point.row
    related = (run.place(used, f"{_spoken_of(used)} is used here"),) if used is not None and is_elsewhere else ()
    yield run.finding(call, message, related=related, offers=_offers(run, call, function, name))


def _remote(run: Pass, call: Node) -> Iterator[Found]:
    """A command on another machine, by paramiko: its status comes with the channel of its output."""
    scope = function_around(call)
    if scope is None or outside.called(run, call) != "paramiko.SSHClient.exec_command":
        return
    if _ASKS_STATE.search(run.text(scope)) or _HEARS_COMPLAINTS.search(run.text(scope)):
        return  # the service itself is asked how it is, or what it complains of
    if re.search(r"exit_status|exec_command\b.*\breturn\b|return .*exec_command", text_of(scope)) is None:
        yield run.finding(call, "The exit status of the remote command is not looked at: ask `recv_exit_status()`.")


def _started(run: Pass, call: Node) -> Iterator[Found]:
    """A process that is waited for, and of which nobody in the function asks how it ended."""
    value = call.parent if call.parent is not None and call.parent.type == "await" else call
    parent, scope = value.parent, function_around(call)
    target = parent.child_by_field_name("left") if parent is not None and parent.type == "assignment" else None
    if scope is None or target is None or target.type != "identifier" or not _is_written_out(call):
        return
    used = _asked_of(scope, target)
    waits = [one for one in used or () if text_of(one).endswith((".communicate", ".wait"))]
    is_idle = is_upkeep(run.path) or _is_guarded(run, call) or _BEST_EFFORT.search(_arguments(run, call)) is not None
    if not waits or is_idle or _answers(run, call) or not all(map(_is_result_dropped, waits)):
        return
    asked = set(map(_asked, used or ()))
    if asked <= _UNINTERRUPTED and not _has_errors(keyword_arguments(call)) and _is_bound_once(scope, target):
        name = text_of(target)
        message = f"Nobody looks at how this process ended: test `{name}.returncode` behind the wait."
        yield run.finding(call, message, related=(run.place(waits[-1], "waited for here"),))


def _asked_of(function: Node, target: Node) -> list[Node] | None:
    """The attributes that a function asks of a variable; None if it does anything else with it."""
    names = [one for one in identifiers(function, target) if one != target]
    used = [one.parent for one in names if one.parent is not None]
    is_alone = all(one.type == "attribute" and one.child_by_field_name("object") in names for one in used)
    return used if is_alone else None


def _is_result_dropped(method: Node) -> bool:
    """Whether a process is waited for, and neither its status nor its output is kept."""
    around = method.parent
    while around is not None and around.type in {"call", "argument_list", "await"}:
        around = around.parent
    return around is not None and around.type == "expression_statement"


def _is_written_out(call: Node) -> bool:
    """Whether it is written out which program runs: of one that somebody chose, they see how it ends."""
    first = next(iter(positional_arguments(call)), None)
    if first is not None and first.type in {"list", "tuple"}:
        first = next(iter(first.named_children), None)
    return first is not None and first.type == "string"


def _is_guarded(run: Pass, call: Node) -> bool:
    """Whether a handler takes what output leads to that nobody expected, or gives back what no output gives."""
    clauses = [*handlers.guards(call)]
    return any(handlers.is_broad(handlers.caught(run, clause)) or _gives_nothing(clause) for clause in clauses)


def _gives_nothing(clause: Node) -> bool:
    """Whether a handler ends by giving back a value that stands for nothing: `return ""`."""
    last = handlers.statements_of(clause)[-1:]
    return bool(last) and _NOTHING.fullmatch(text_of(last[0])) is not None


def _has_errors(given: dict[str, Node]) -> bool:
    """Whether the output holds what the program says of its failure too."""
    return "stderr" in given and text_of(given["stderr"]).endswith("STDOUT")


def _is_shown(call: Node) -> bool:
    """Whether the output is given back or handed on as it is, as far as methods of texts leave it so."""
    for around in ancestors(call):
        if around.type in {"return_statement", "argument_list"}:
            return True
        if around.type not in {"attribute", "call", "await", "parenthesized_expression"}:
            return False
    return False


def _answers(run: Pass, call: Node) -> bool:
    """Whether a program is run whose status is an answer; its command may be in a variable."""
    command, scope = next(iter(positional_arguments(call)), None), function_around(call)
    if command is not None and command.type == "identifier" and scope is not None:
        bound = own(scope, "assignment")
        made = [one for one in bound if text_of(one.child_by_field_name("left") or one) == text_of(command)]
        command = made[0].child_by_field_name("right") if len(made) == 1 else None
    return command is not None and _ANSWERS.search(run.text(command)) is not None


def _takes_away(run: Pass, call: Node) -> bool:
    """Whether a container is removed that is not needed any more, and nothing says behind it that it is gone."""
    statement = fixes.statement_of(call)
    is_said = statement is not None and aftermath.says_done_behind(statement) is not None
    return _CONTAINER.search(_arguments(run, call)) is not None and not is_said


def _is_second_attempt(run: Pass, call: Node) -> bool:
    """Whether a handler runs a program and then does again what has failed: if that was no help, it fails again."""
    clause, statement = enclosing(call, FUNCTIONS | {"except_clause"}), fixes.statement_of(call)
    if clause is None or clause.type != "except_clause" or statement is None:
        return False
    behind = statement.next_named_sibling
    if behind is not None and "ImportError" in handlers.caught(run, clause):
        return any(node.type in {"import_statement", "import_from_statement"} for node in walk(behind))
    return behind is not None and text_of(behind) in map(text_of, handlers.tried(clause))


def _arguments(run: Pass, call: Node) -> str:
    arguments = call.child_by_field_name("arguments")
    return run.text(arguments) if arguments is not None else ""


def _output_alone(call: Node) -> Node | None:
    """Where the output of a run is used, if the result is otherwise neither looked at nor handed on."""
    parent, function = call.parent, function_around(call)
    if parent is not None and parent.type == "attribute":
        return parent if _asked(parent) == "stdout" else None
    if parent is None or parent.type != "assignment" or function is None:
        return None
    target = parent.child_by_field_name("left")
    if target is None or target.type != "identifier":
        return None
    used = _asked_of(function, target)
    if not used or {"returncode", "check_returncode", "stderr"} & set(map(_asked, used)):
        return None
    return next((one for one in used if _asked(one) == "stdout"), None) if _is_bound_once(function, target) else None


def _built_on(call: Node) -> Node | None:
    """Where a function goes on with what a program was to make, if of its result the complaints alone are shown."""
    parent, function = call.parent, function_around(call)
    target = parent.child_by_field_name("left") if parent is not None and parent.type == "assignment" else None
    if target is None or function is None or target.type != "identifier" or not _is_bound_once(function, target):
        return None
    used = _asked_of(function, target)
    if used is None or not set(map(_asked, used)) <= {"stderr", "stdout"} or not all(map(commands.is_only_said, used)):
        return None
    return commands.product(call)


def _spoken_of(used: Node) -> str:
    return "its output" if used.type == "attribute" else f"`{text_of(used)}`"


def _asked(attribute: Node) -> str:
    return text_of(attribute.child_by_field_name("attribute") or attribute)


def _is_bound_once(function: Node, target: Node) -> bool:
    bound = (node.child_by_field_name("left") for node in own(function, "assignment"))
    return sum(one is not None and one.text == target.text for one in bound) == 1


def _offers(run: Pass, call: Node, function: Node, name: str) -> tuple[Offer, ...]:
    if name == "subprocess.run":
        return (run.offer("Pass `check=True`", lambda site: (fixes.add_argument(site, call, "check=True"),)),)
    if name == "os.system":
        return ()

    def edits(site: Site) -> Iterator[Edit]:
        end = run.block.span(function).end
        yield site.replace(Span(end - len("call"), end), "check_call")

    return (run.offer("Use `check_call`", edits),) if function.type == "attribute" else ()
