from __future__ import annotations

import builtins
import re
from collections.abc import Iterable, Iterator

from tree_sitter import Node

from shipworthy import handlers, resources, services
from shipworthy.document import Block
from shipworthy.model import Severity
from shipworthy.rule import Found, Pass, node_rule, py
from shipworthy.syntax import (
    FUNCTIONS,
    ancestors,
    assigned,
    dotted,
    enclosing,
    function_around,
    identifiers,
    is_main,
    keyword_arguments,
    last_word,
    own,
    positional_arguments,
    text_of,
    walk,
)
from shipworthy.upkeep import is_upkeep

_TEMPORARY = {"tempfile.mkdtemp": "folder", "tempfile.mkstemp": "file", "tempfile.NamedTemporaryFile": "file"}
_FIGURES = frozenset({"matplotlib.pyplot.figure", "matplotlib.pyplot.subplots"})
_LAST_WORDS = frozenset(name.rpartition(".")[2] for name in (*_TEMPORARY, *_FIGURES))

_REMOVES = re.compile(r"\b(?:rmtree|unlink|rmdir|removedirs|os\.remove|send2trash)\b|import .*\bremove\b|\brm\b")
_CLOSES_FIGURES = re.compile(r"\b(?:plt|pyplot)\.(?:close|clf|show)\(|\.(?:clf|clear)\(|\bplt\.switch_backend")
_MOVES = frozenset({"move", "rename", "replace"})
_SAYS = frozenset({"print", "echo", "secho", "style"})
_KEEPS = frozenset({"append", "add", "put", "setdefault", "enqueue", "delay", "apply_async", "callback"})
_PATHS = frozenset({"join", "Path", "str", "joinpath", "format"})
_DECIDES = frozenset({"return_statement", "yield", "call", "lambda", "assignment", *FUNCTIONS})
"""The nodes around a use that tell what becomes of it."""

_BUILTINS = frozenset(dir(builtins))


def _words(block: Block) -> Iterable[str]:
    """The words of a rule's `extract`: what the file takes away, and `calls x` for each function that it calls."""
    yield from services.words(block)
    if _REMOVES.search(block.text) is not None:
        yield "removes"
    if _CLOSES_FIGURES.search(block.text) is not None:
        yield "closes figures"
    for call in block.nodes(("call",)).get("call", ()):
        function = call.child_by_field_name("function")
        if function is not None and function.type == "identifier" and text_of(function) not in _BUILTINS:
            yield f"calls {text_of(function)}"


@node_rule(
    "left-behind",
    severity=Severity.HINT,
    python="call",
    extract=_words,
    cwe=(459,),
    bad=(
        py("""
            import subprocess
            import tempfile

            from celery import shared_task

            def render(invoice):
                folder = «tempfile.mkdtemp()»
                target = f"{folder}/invoice.pdf"
                subprocess.run(["wkhtmltopdf", invoice, target], check=True)
                return target

            @shared_task
            def send(invoice):
                upload(render(invoice))
        """),
        py("""
            import tempfile

            class Sheets:
                def write(self, frame, region):
                    _, path = «tempfile.mkstemp(suffix=".xlsx")»
                    frame.to_excel(path)
                    return path
        """),
        py("""
            import matplotlib.pyplot as plt
            from telegram.ext import Application

            def chart(rows, path):
                «plt.figure()»
                plt.bar(list(rows), list(rows.values()))
                plt.savefig(path)
        """),
    ),
    good=(
        py("""
            import matplotlib.pyplot as plt
            import os
            import shutil
            import tempfile
            from celery import shared_task

            def render(invoice):
                folder = tempfile.mkdtemp()
                convert(invoice, f"{folder}/invoice.pdf")
                return folder

            @shared_task
            def send(invoice):
                folder = render(invoice)
                try:
                    upload(folder)
                finally:
                    shutil.rmtree(folder)

            def note(text):
                handle, path = tempfile.mkstemp()
                with os.fdopen(handle, "w") as file:
                    file.write(text)
                return path

            def chart(rows, path):
                figure = plt.figure()
                figure.savefig(path)
                plt.close(figure)
        """),
        py("""
            import matplotlib.pyplot as plt
            import tempfile

            class Unpacked:
                def __init__(self):
                    self.folder = tempfile.mkdtemp()

            def unpacked(archive):
                folder = tempfile.mkdtemp()
                archive.extractall(folder)
                print(f"unpacked into {folder}")

            def chart(rows, path):
                plt.figure()
                plt.bar(list(rows), list(rows.values()))
                plt.savefig(path)
        """),
    ),
)
def left_behind(run: Pass, call: Node) -> Iterator[Found]:
    """A temporary file or folder, a descriptor or a figure of pyplot is made, and nobody takes it away.

    Each call leaves one more, until the disk is full, the descriptors are used up, or the memory is.

    Instead, use `with tempfile.TemporaryDirectory()`, remove the file in `finally`, close the figure when it is saved.
    """
    if last_word(call) not in _LAST_WORDS or is_upkeep(run.path):
        return
    name, scope = run.name(call.child_by_field_name("function")), function_around(call)
    if scope is None or is_main(scope):
        return
    if name in _FIGURES:
        yield from _figure(run, call, scope)
    elif name in _TEMPORARY and not _goes_with_its_file(name, call):
        yield from _temporary(run, call, scope, _TEMPORARY[name])


def _temporary(run: Pass, call: Node, scope: Node, kind: str) -> Iterator[Found]:
    names = _names_of(scope, call)
    is_lost = last_word(call) == "mkstemp" and _is_descriptor_lost(scope, call)
    if names and not _is_taken_away(run, scope, names):
        also = ", nor closes its descriptor" if is_lost else ""
        advice = "use `with tempfile.TemporaryDirectory()`" if kind == "folder" else "remove it when it has been used"
        yield run.finding(call, f"Nothing removes this temporary {kind}{also}: {advice}.")
    elif is_lost:
        yield run.finding(call, "Nothing closes the descriptor that `mkstemp` opens: hand it to `os.close`.")


def _goes_with_its_file(name: str, call: Node) -> bool:
    """Whether a temporary file is removed where it is closed."""
    given = keyword_arguments(call)
    return name.endswith("NamedTemporaryFile") and text_of(given.get("delete", call)) != "False"


def _names_of(scope: Node, call: Node) -> set[str]:
    """The variables that name what a call makes, or something in it; none if anything but a variable holds it."""
    found: set[str] = set()
    for target, value in assigned(scope):
        is_it = value.start_byte <= call.start_byte and call.end_byte <= value.end_byte
        if is_it or _is_path_of(value, found):
            if any(one.type in {"attribute", "subscript"} for one in walk(target)):
                return set()
            found |= {text_of(one) for one in walk(target) if one.type == "identifier"}
    return found


def _is_path_of(value: Node, names: set[str]) -> bool:
    """Whether an expression is a path made of a variable: `os.path.join(folder, "a")`, `folder / "a"`, `file.name`."""
    if value.type == "call" and last_word(value) not in _PATHS:
        return False
    return any(one.type == "identifier" and text_of(one) in names for one in walk(value))


def _is_taken_away(run: Pass, scope: Node, names: set[str]) -> bool:
    """Whether anybody may remove what a function makes, or it is what the function is for."""
    known = run.facts[run.rule.id]
    name = scope.child_by_field_name("name")
    is_service = services.is_service(known)
    if "removes" in known:
        return True
    for use in own(scope):
        if use.type != "identifier" or text_of(use) not in names or not resources.is_variable(use):
            continue
        around = next((one for one in ancestors(use) if _decides(one)), scope)
        if around.type == "return_statement":
            if not is_service or name is None or f"calls {text_of(name)}" not in known:
                return True
        elif around.type == "call":
            if _takes(run, around, use, is_service=is_service):
                return True
        elif around.type in {"yield", "lambda", *FUNCTIONS} or _is_kept(around, use):
            return True
    return False


def _decides(around: Node) -> bool:
    if around.type == "call" and last_word(around) in _PATHS:
        return False
    return around.type in _DECIDES or around.type.endswith("_statement")


def _is_kept(around: Node, use: Node) -> bool:
    """Whether an assignment gives a value to an object or a collection, which may outlive the function."""
    target = around.child_by_field_name("left") if around.type == "assignment" else None
    if target is None or target.start_byte <= use.start_byte < target.end_byte:
        return False
    return any(one.type in {"attribute", "subscript"} for one in walk(target))


def _takes(run: Pass, call: Node, use: Node, *, is_service: bool) -> bool:
    """Whether a call takes a path over: it moves it away, keeps it, shows it to a person, or is of another file."""
    word, function = last_word(call), call.child_by_field_name("function")
    is_receiver = function is not None and function.start_byte <= use.start_byte < function.end_byte
    if word in _MOVES:
        return is_receiver or text_of(next(iter(positional_arguments(call)), call)) == text_of(use)
    if is_receiver:
        return False
    if word in _KEEPS:
        return True
    if word in _SAYS or handlers.is_log_call(call):
        return not is_service
    first = dotted(function).partition(".")[0]
    return first in {"self", "cls"} or (
        run.facts.imported(first) is not None and run.facts.find(dotted(function)) is not None
    )


def _is_descriptor_lost(scope: Node, call: Node) -> bool:
    """Whether nobody uses the descriptor that `mkstemp` gives along with the path."""
    around = call.parent
    if around is not None and around.type == "subscript":
        return text_of(around).endswith("[1]")
    target = around.child_by_field_name("left") if around is not None and around.type == "assignment" else None
    if target is None or target.type not in {"pattern_list", "tuple_pattern"} or len(target.named_children) != 2:
        return False
    descriptor = target.named_children[0]
    uses = identifiers(scope, descriptor)
    return descriptor.type == "identifier" and all(one == descriptor for one in uses)


def _figure(run: Pass, call: Node, scope: Node) -> Iterator[Found]:
    """A figure that is saved and stays, for pyplot keeps each one until it is told to close it."""
    known = run.facts[run.rule.id]
    is_repeated = enclosing(call, {"for_statement", "while_statement", *FUNCTIONS}) != scope
    if "closes figures" in known or not (is_repeated or services.is_service(known)):
        return
    if positional_arguments(call)[:1] and last_word(call) == "figure":
        return  # one with a name is taken up again
    saved = next((one for one in own(scope, "call") if last_word(one) == "savefig"), None)
    if saved is None or _is_handed_on(run, call, scope):
        return
    message = "Nothing closes this figure, and pyplot keeps each one: call `plt.close()` when it is saved."
    yield run.finding(call, message, related=(run.place(saved, "saved here"),))


def _is_handed_on(run: Pass, call: Node, scope: Node) -> bool:
    """Whether somebody else may close a figure."""
    around = call.parent
    if around is None or around.type != "assignment":
        return around is None or around.type != "expression_statement"
    uses = (one for one in own(scope, "identifier") if _is_figure(one, around))
    return any(resources.hands_on(run, use) for use in uses)


def _is_figure(use: Node, made: Node) -> bool:
    """Whether a use is of the figure, the first of what `subplots` gives, and not of its axes."""
    target = made.child_by_field_name("left") or made
    figure = target if target.type == "identifier" else next(iter(target.named_children), target)
    return use.text == figure.text and not made.start_byte <= use.start_byte < made.end_byte
