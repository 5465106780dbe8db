from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from shipworthy import constants
from shipworthy.model import Severity
from shipworthy.rule import Found, Hit, Pass, hit_rule, py
from shipworthy.syntax import argument, dotted, text_of

_FROM_OUTSIDE = re.compile(r"\b(?:request|req|argv|input|query_params|GET|POST|form|cookies|headers|recv)\b")


@hit_rule(
    "dynamic-code",
    severity=Severity.WARNING,
    hits=("bandit:B102", "bandit:B307", "ruff:S102", "ruff:S307"),
    at="call",
    extract=constants.bindings,
    cwe=(94, 95),
    good=(
        py("""
            SETUP = "x = 1"

            def answer(model):
                exec(SETUP)
                model.eval()
                return eval("1 + 1")
        """),
        py("""
            def load(path, namespace):
                with open(path) as file:
                    exec(compile(file.read(), path, "exec"), namespace)
        """),
        py("""
            def value(text):
                return eval(text) if text in ("None", "True", "False") else text
        """),
        py("""
            import ast

            def read(text):
                return ast.literal_eval(text)
        """),
    ),
    bad=(
        py("""
            def compute(formula):
                return «eval(formula)»
        """),
        py("""
            def run(path):
                with open(path) as file:
                    «exec(compile(file.read(), path, "exec"))»
        """),
    ),
)
def dynamic_code(run: Pass, hit: Hit, node: Node | None) -> Iterator[Found]:
    """A text that is not fixed runs as a program.

    Whoever writes the text does what this program may do: read its files, its database and its
    secrets. Taking names out of reach does not help: every object leads to all the others.

    Instead, read data as data (`json.loads`, `ast.literal_eval`), or choose among functions by a
    dictionary.
    """
    code = argument(node, 0) if node is not None else None
    if node is None or code is None:
        return
    parts = list(constants.unfixed(run, code, constants.is_checked))
    if not parts:
        return
    # A namespace from elsewhere is how programs that are about programs call it: debuggers, test runners, plugins.
    namespace = argument(node, 1)
    has_namespace = namespace is not None and namespace.type != "dictionary"
    is_compiled = "compile" in {dotted(part).rpartition(".")[2] for part in (code, *parts)}
    severity = Severity.HINT if is_compiled or has_namespace else None
    if any(_FROM_OUTSIDE.search(text_of(part)) for part in parts):
        severity = Severity.ERROR
    elif is_compiled and has_namespace:
        return
    message = f"`{dotted(node)}` runs a text that is not fixed: read it as data, or choose among functions."
    yield run.finding(node, message, severity=severity)
