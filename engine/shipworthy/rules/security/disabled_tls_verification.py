from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from shipworthy import origins
from shipworthy.model import Edit, Severity, Span
from shipworthy.rule import Found, Hit, Offer, Pass, Site, hit_rule, py
from shipworthy.syntax import ancestors, dotted, function_around, keyword_arguments, positional_arguments, text_of

_THIS_MACHINE = re.compile(
    r"""[a-z]*["']+https?://(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])(?=[:/"'?])""", re.IGNORECASE
)
_REQUESTS = frozenset({"get", "post", "put", "patch", "delete", "head", "options", "request", "send", "stream"})
_SWITCH = re.compile(
    r"(?i)insecure|verif|unsafe|(?:ignore|no|skip|disable)_?(?:ssl|tls)|self_?signed|check_?(?:host|cert)"
)
_MESSAGE = "No certificate is checked, so anybody on the way can pose as the other side: leave the check on."
_CLIENTS = frozenset({"requests.Session", "requests.session", "requests.sessions.Session"})


def _look(run: Pass, node: Node) -> Iterator[Found]:
    """What the backends miss: the same in a call of a session, and set as an attribute."""
    if node.type == "keyword_argument":
        call = node.parent.parent if node.parent is not None else None
        if call is not None and _is_off(node, "name", "value", "verify") and not _asks_this_machine(call):
            name = run.name(call) or dotted(call)
            if name.rpartition(".")[2] in _REQUESTS or name.startswith(("requests.", "httpx.")):
                yield run.finding(node, _MESSAGE, offers=_without(run, node))
        return
    target, value = node.child_by_field_name("left"), node.child_by_field_name("right")
    if target is None or value is None or target.type != "attribute":
        return
    if dotted(target) == "ssl._create_default_https_context" and run.name(value) == "ssl._create_unverified_context":
        yield run.finding(value, _MESSAGE, offers=_verifying(run, value))
    elif run.name(value) == "ssl.CERT_NONE" and re.fullmatch(r"(?!self\.)[\w.]+\.verify_mode", text_of(target)):
        severity = Severity.HINT if _is_wished(run, node) else Severity.WARNING
        yield run.finding(node, _MESSAGE, severity=severity)
    elif _is_off(node, "left", "right", "verify") and origins.origin(run, target.named_children[0]) in _CLIENTS:
        yield run.finding(node, _MESSAGE)


def _is_off(node: Node, name: str, value: str, expected: str) -> bool:
    named, given = node.child_by_field_name(name), node.child_by_field_name(value)
    is_named = named is not None and text_of(named).rpartition(".")[2] == expected
    return is_named and given is not None and given.type == "false"


@hit_rule(
    "disabled-tls-verification",
    severity=Severity.ERROR,
    hits=("bandit:B323", "bandit:B501", "ruff:S323", "ruff:S501"),
    at="call|attribute|identifier",
    python="keyword_argument|assignment",
    check=_look,
    extract=origins.bindings,
    cwe=(295,),
    good=(
        py("""
            import requests

            def fetch(url, bundle):
                return requests.get(url, timeout=5, verify=bundle)
        """),
        py("""
            import requests

            def healthy(port):
                return requests.get(f"https://localhost:{port}/health", timeout=5, verify=False).ok
        """),
        py("""
            import ssl

            def context(job):
                job.verify = False
                job.check(verify=False)
                return ssl.create_default_context()
        """),
    ),
    bad=(
        py(
            """
            import requests

            def fetch(url):
                return requests.get(url, timeout=5, «verify=False»)
            """,
            fixed="""
            import requests

            def fetch(url):
                return requests.get(url, timeout=5)
            """,
        ),
        py(
            """
            import ssl
            import urllib.request

            def fetch(url):
                return urllib.request.urlopen(url, timeout=5, context=«ssl._create_unverified_context()»)
            """,
            fixed="""
            import ssl
            import urllib.request

            def fetch(url):
                return urllib.request.urlopen(url, timeout=5, context=ssl.create_default_context())
            """,
        ),
        py("""
            import ssl

            ssl._create_default_https_context = «ssl._create_unverified_context»
        """),
        py("""
            import requests

            def fetch(url):
                session = requests.Session()
                «session.verify = False»
                return session.get(url, timeout=5, «verify=False»)
        """),
        py("""
            import ssl

            def connect(context):
                context.check_hostname = False
                «context.verify_mode = ssl.CERT_NONE»
        """),
    ),
)
def disabled_tls_verification(run: Pass, hit: Hit, node: Node | None) -> Iterator[Found]:
    """A connection over TLS does not check whose certificate the other side shows.

    Anybody between the two can answer in the other's name, and read and change what is sent:
    the passwords and tokens in the request first.

    Instead, leave the check on. For a certificate of your own, name the file of its authority:
    `verify="ca.pem"`, `ssl.create_default_context(cafile="ca.pem")`.
    """
    if node is None:
        return
    verify = keyword_arguments(node).get("verify") if node.type == "call" else None
    if verify is not None and verify.parent is not None:
        if not _asks_this_machine(node):
            severity = Severity.HINT if _is_wished(run, node) else None
            yield run.finding(verify.parent, _MESSAGE, severity=severity, offers=_without(run, verify.parent))
        return
    severity = Severity.HINT if _is_wished(run, node) else None
    yield run.finding(node, _MESSAGE, severity=severity, offers=_verifying(run, node))


def _is_wished(run: Pass, node: Node) -> bool:
    """Whether it only happens where somebody has switched the check off: `if options.insecure:`."""
    demand = keyword_arguments(node).get("cert_reqs") if node.type == "call" else None
    if demand is not None and run.name(demand) != "ssl.CERT_NONE":
        return True
    function = function_around(node)
    name = function.child_by_field_name("name") if function is not None else None
    if name is not None and re.search(r"(?i)insecure|un_?verified|no_?verify", text_of(name)) is not None:
        return True
    conditions = (around.child_by_field_name("condition") for around in ancestors(node))
    return any(_SWITCH.search(run.text(condition)) is not None for condition in conditions if condition is not None)


def _asks_this_machine(call: Node) -> bool:
    addresses = [*positional_arguments(call), *keyword_arguments(call).values()]
    return any(_THIS_MACHINE.match(text_of(address)) for address in addresses)


def _without(run: Pass, argument: Node) -> tuple[Offer, ...]:
    before, after = argument.prev_named_sibling, argument.next_named_sibling
    span = run.block.span(argument)
    if before is not None:
        span = Span(run.block.span(before).end, span.end)
    elif after is not None:
        span = Span(span.start, run.block.span(after).start)
    return (run.replace("Check the certificate", span, ""),)


def _verifying(run: Pass, node: Node) -> tuple[Offer, ...]:
    function = node.child_by_field_name("function") if node.type == "call" else node
    if function is None or function.type != "attribute":
        return ()

    def edits(site: Site) -> Iterator[Edit]:
        yield site.replace(function.named_children[-1], "create_default_context")

    return (run.offer("Check the certificate", edits),)
