from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from shipworthy import constants
from shipworthy.model import Severity
from shipworthy.rule import Found, Hit, Pass, hit_rule, py
from shipworthy.syntax import positional_arguments, text_of

_FROM_OUTSIDE = re.compile(
    r"(?i)\b(?:request|req|recv|recvfrom|cookies?|urlopen|query_params|form|upload\w*|headers|websocket)\b"
    r"|requests\.(?:get|post)|httpx\.(?:get|post)|b64decode|\.content\b"
)


@hit_rule(
    "unsafe-deserialization",
    severity=Severity.HINT,
    hits=("bandit:B301", "bandit:B302", "bandit:B614", "ruff:S301", "ruff:S302"),
    at="call",
    extract=constants.bindings,
    cwe=(502,),
    good=(
        py("""
            import json

            def read(request):
                return json.loads(request.data)
        """),
        py("""
            import copy
            import pickle

            def duplicate(value):
                return pickle.loads(pickle.dumps(value))
        """),
    ),
    bad=(
        py("""
            import pickle

            def basket(request):
                return «pickle.loads(request.cookies["basket"])»
        """),
        py("""
            import pickle

            def restore(path):
                with open(path, "rb") as file:
                    return «pickle.load(file)»
        """),
    ),
)
def unsafe_deserialization(run: Pass, hit: Hit, node: Node | None) -> Iterator[Found]:
    """Objects are read back by pickle, marshal, shelve or a library that uses them.

    Such data is a program: reading it runs whatever its writer wants. That is no danger where only
    this program can write it, and the end of it where a user or the network can.

    Instead, exchange data as JSON or in another format that holds values alone; where it has to be
    objects, sign the data and check the signature before reading.
    """
    if node is None:
        return
    given = positional_arguments(node)
    if given and (_is_own_dump(given[0]) or constants.is_fixed(run, given[0], _is_own_dump)):
        return
    severe = any(_FROM_OUTSIDE.search(text_of(one)) for one in given)
    message = "Whoever writes this data runs code in this program: exchange JSON, or check a signature first."
    yield run.finding(node, message, severity=Severity.ERROR if severe else None)


def _is_own_dump(node: Node) -> bool:
    """Whether data is made on the spot, as when an object is copied."""
    return node.type == "call" and re.match(r"(?:\w+\.)?dumps\b", text_of(node)) is not None
