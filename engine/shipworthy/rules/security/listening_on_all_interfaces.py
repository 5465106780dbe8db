from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from shipworthy.model import Severity
from shipworthy.rule import Found, Hit, Pass, hit_rule, py
from shipworthy.syntax import ancestors, dotted

_LISTENS = re.compile(r"(?:^|\.)(?:bind|run|serve|serve_forever|run_app|start_server|create_server|listen|\w*Server)$")


@hit_rule(
    "listening-on-all-interfaces",
    severity=Severity.HINT,
    hits=("bandit:B104", "ruff:S104"),
    at="string",
    cwe=(605,),
    good=(
        py("""
            def shown(host):
                return "this machine" if host == "0.0.0.0" else host
        """),
        py("""
            def serve(app):
                app.run(host="127.0.0.1")
        """),
    ),
    bad=(
        py("""
            def serve(app):
                app.run(host=«"0.0.0.0"», port=80)
        """),
        py("""
            import socket

            def serve():
                server = socket.socket()
                server.bind((«"0.0.0.0"», 8080))
        """),
    ),
)
def listening_on_all_interfaces(run: Pass, hit: Hit, node: Node | None) -> Iterator[Found]:
    """A server takes connections from every network that the machine is in.

    In a container that is how it has to be; on a laptop in a café, everybody around can reach it.

    Instead, listen on 127.0.0.1 unless the settings of the place where it runs say otherwise.
    """
    if node is None:
        return
    call = next((one for one in ancestors(node) if one.type in {"call", "comparison_operator", "block"}), None)
    if call is not None and call.type == "call" and _LISTENS.search(dotted(call.child_by_field_name("function"))):
        message = "This server is open to every network of the machine: bind 127.0.0.1, or say that it is meant."
        yield run.finding(node, message)
