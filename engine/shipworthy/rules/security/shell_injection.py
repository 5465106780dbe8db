from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from shipworthy import constants
from shipworthy.model import Severity
from shipworthy.rule import Found, Hit, Pass, hit_rule, py
from shipworthy.syntax import argument, dotted, function_around, keyword_arguments, last_word, text_of, walk

_QUOTING = re.compile(r"(?:^|\.)(?:quote|shell_?quote|shlex_quote|list2cmdline)$|^shlex\.join$")
_SHELLS = re.compile(r"(?i)popen|system|call|output|spawn|exec|run|shell|command")
_FROM_OUTSIDE = re.compile(r"\b(?:request|req|argv|input|query_params|GET|POST|form|cookies|headers|recv)\b")


@hit_rule(
    "shell-injection",
    severity=Severity.ERROR,
    hits=(
        *("bandit:B601", "bandit:B602", "bandit:B604", "bandit:B605"),
        *("ruff:S601", "ruff:S602", "ruff:S604", "ruff:S605"),
    ),
    at="call",
    extract=constants.bindings,
    cwe=(78,),
    good=(
        py("""
            import subprocess

            def archive(path):
                subprocess.run(["tar", "czf", "out.tgz", path], check=True)
        """),
        py("""
            import os
            import subprocess

            COMMAND = "make docs"

            def build():
                os.system("make clean")
                subprocess.run(COMMAND, shell=True, check=True)
        """),
        py("""
            import shlex
            import subprocess

            def archive(path):
                subprocess.run(f"tar cz {shlex.quote(path)} > out.tgz", shell=True, check=True)
        """),
        py("""
            import subprocess

            def version(windows):
                quoted = shell_quote(windows, shell=True)
                subprocess.run(["ffprobe", "-version"], shell=windows, check=True)
        """),
        py("""
            def uptime(client):
                import paramiko
                return client.exec_command("uptime")
        """),
    ),
    bad=(
        py("""
            import subprocess

            def archive(path):
                «subprocess.run(f"tar czf out.tgz {path}", shell=True, check=True)»
        """),
        py("""
            import os

            class Player:
                def play(self, song):
                    «os.system("mpg123 " + song)»
        """),
        py("""
            import subprocess

            def run(command):
                «subprocess.run(command, shell=True, check=True)»
        """),
        py("""
            from subprocess import check_output as ask

            def size(path):
                command = "du -s %s" % path
                return «ask(command, shell=True)»
        """),
    ),
)
def shell_injection(run: Pass, hit: Hit, node: Node | None) -> Iterator[Found]:
    """A command is put together from values and then read by a shell.

    A `;`, a `$(...)` or a line break in a value makes the shell run whatever stands behind it, with
    the rights of this program. A file name is enough for that.

    Instead, give the program and its arguments as a list, without a shell: `run(["tar", "czf", name])`.
    Where a shell is needed, put each value through `shlex.quote`.
    """
    if node is None:
        return
    command = argument(node, 0, "args") or next(
        (value for name, value in keyword_arguments(node).items() if name in {"cmd", "command"}), None
    )
    if _is_quoting(run, node):
        return
    if command is None or (hit.code[-3:] not in {"602", "605"} and _SHELLS.search(last_word(node)) is None):
        return
    shell = keyword_arguments(node).get("shell")
    if command.type in {"list", "tuple"} and shell is not None and shell.type not in {"true", "integer"}:
        return
    if command.type == "list" and len(command.named_children) == 1:
        command = command.named_children[0]
    parts = list(constants.unfixed(run, command, lambda part: part.type == "call" and _is_quoting(run, part)))
    if not parts:
        return
    is_open = any(map(_is_parameter, parts)) or any(_FROM_OUTSIDE.search(text_of(part)) for part in parts)
    is_certain = is_open and hit.code[-3:] in {"602", "605"} and (shell is None or shell.type in {"true", "integer"})
    name = next((f"`{name}`" for part in parts if (name := dotted(part))), "A value")
    if parts == [command] or (command.type == "identifier" and _is_taken_whole(parts)):
        message = f"A shell reads the whole of {name}: see that nothing from outside is part of it, or pass a list."
        from_outside = any(_FROM_OUTSIDE.search(text_of(part)) for part in parts)
        yield run.finding(node, message, severity=None if from_outside else Severity.HINT)
        return
    message = f"{name} becomes part of a command that a shell reads: give the program and its arguments as a list."
    is_choice = shell is not None and shell.type not in {"true", "integer"}
    yield run.finding(node, message, severity=None if is_certain else Severity.HINT if is_choice else Severity.WARNING)


def _is_parameter(part: Node) -> bool:
    """Whether a part is a parameter of the function, or something of one: whoever calls it chooses the value."""
    function = function_around(part)
    parameters = function.child_by_field_name("parameters") if function is not None else None
    name = dotted(part).partition(".")[0]
    if parameters is None or not name or name in {"self", "cls"}:
        return False
    return any(node.type == "identifier" and text_of(node) == name for node in walk(parameters))


def _is_taken_whole(parts: list[Node]) -> bool:
    """Whether a variable is given its command as it is: `command = settings.command`."""
    return all(part.parent is not None and part.parent.type in {"assignment", "named_expression"} for part in parts)


def _is_quoting(run: Pass, call: Node) -> bool:
    function = call.child_by_field_name("function")
    return function is not None and _QUOTING.search(run.name(function) or text_of(function)) is not None
