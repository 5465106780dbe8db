from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import takewhile

from tree_sitter import Node

from shipworthy import commands, fixes, handlers, origins, outside
from shipworthy.document import Block
from shipworthy.language import BRACES
from shipworthy.model import Severity
from shipworthy.rule import Found, Offer, Pass, js, node_rule, py
from shipworthy.syntax import (
    FUNCTIONS,
    ancestors,
    dotted,
    enclosing,
    function_around,
    identifiers,
    is_statement,
    last_word,
    own,
    positional_arguments,
    spoken,
    targets,
    text_of,
    walk,
)
from shipworthy.upkeep import is_of_ci

_CALL = re.compile(
    r"^(?:(?:requests|httpx)\.(?:Session\.|Client\.|AsyncClient\.|api\.)?|aiohttp\.ClientSession\.|aiohttp\.)"
    r"(?:get|post|put|delete|patch|request)$"
)
_METHODS = frozenset({"get", "post", "put", "delete", "patch", "request"})
_CHANGES = _METHODS - {"get"}
_BODY = frozenset({"json", "text", "content", "read", "iter_content", "iter_lines"})
_LOOKS = re.compile(r"raise_for_status|status_code|\.ok\b|is_success|is_error|event_hooks|\.hooks\b|\.status\b")
_TOLD_IN_BODY = re.compile(
    r"""(?i)["'](?:ok|success|succeeded|errors?|err|error_?(?:code|msg|message)|errno|err(?:code|msg)|fault)["'](?!\s*:)"""
    r"""|["'](?:status|state|code|ret|(?:ret|result)_?code)["']\s*(?:\]|\)|,[^()]*\))?\s*(?:[=!]=|\bin\b|\bnot in\b)"""
)
"""Keys by which an answer in JSON says itself that it is an error, where they are asked for or compared."""

_CHECKS = re.compile(r"isinstance$|_*(?:check|raise|ensure|validate|verify|assert|handle)(?:_|$)")
_MAKES_OF = frozenset({"call", "argument_list", "keyword_argument", "await"})
_SAYS_FAILED = re.compile(r"(?i)\b(?:errors?|fail\w*|unable|cannot)\b")
_OF_ERROR_PAGES = frozenset({"KeyError", "ValueError", "LookupError", "TypeError", "json.JSONDecodeError"})
_JS_BODY = frozenset({"json", "text", "blob", "arrayBuffer", "formData"})
_JS_LOOKS = re.compile(r"\.(?:ok|status|statusText)\b|\{[^}]*\b(?:ok|status)\b[^}]*\}\s*=")


_KEY_ASKED = re.compile(r"(?m)^(?:el)?if\b.*\b(?:not )?in (\w+)\s*:")
_ASKED = "asked: "


def _words(block: Block) -> Iterable[str]:
    """What variables hold; `raises`: a client is told to raise for every status that tells of an error; `asked: name`
    where a script looks, outside of its functions, for a key in what a variable holds.
    """
    if block.language.id == "python":
        yield from origins.bindings(block)
        yield from origins.clients(block)
        yield from (f"{_ASKED}{found[1]}" for found in _KEY_ASKED.finditer(block.text))
        if re.search(r"raise_for_status\s*=|event_hooks|hooks\[", block.text):
            yield "raises"


@node_rule(
    "unchecked-http-status",
    severity=Severity.HINT,
    python="call",
    javascript="call_expression",
    extract=_words,
    cwe=(252,),
    bad=(
        py(
            """
            import requests

            def rate(url):
                reply = «requests.get(url, timeout=5)»
                return reply.json()["rate"]
            """,
            fixed="""
            import requests

            def rate(url):
                reply = requests.get(url, timeout=5)
                reply.raise_for_status()
                return reply.json()["rate"]
            """,
        ),
        py("""
            import httpx

            def page(url):
                return «httpx.get(url)».text
        """),
        py("""
            import requests

            class Bank:
                def rate(self, currency):
                    reply = «requests.get(f"{self.base}/rates/{currency}", timeout=5)»
                    return reply.json()["rate"]

                def rates(self):
                    return «requests.get(f"{self.base}/rates", timeout=5)».json()
        """),
        py("""
            import aiohttp

            async def rate(session: aiohttp.ClientSession, url):
                async with «session.get(url)» as reply:
                    data = await reply.json()
                return data["rate"]
        """),
        py("""
            import requests

            def announce(address, text):
                «requests.post(address, json={"text": text}, timeout=5)»
        """),
        js("const load = (url) => fetch(url).then((reply) => «reply.json()»).then(show);"),
        js("async function load(url) { const reply = await «fetch(url)»; return reply.json(); }"),
        js("async function load(url) { return (await «fetch(url)»).json(); }"),
        py("""
            import requests

            def publish(client, text):
                answer = «client.post(f"{PAGES}/notes", json={"text": text}, timeout=9)»
                print("Published at", answer.json().get("address"))

            def main():
                client = requests.Session()
                publish(client, TEXT)
        """),
        py("""
            import requests

            def invite_all(people):
                invited = 0
                for person in people:
                    try:
                        «requests.post(INVITATIONS, json={"to": person.mail}, timeout=9)»
                        invited += 1
                    except Exception:
                        pass
                return invited
        """),
        py("""
            import requests

            def holidays(store):
                try:
                    days = «requests.get(HOLIDAYS, timeout=9)».json()
                except requests.RequestException:
                    days = []
                except ValueError:
                    days = []
                for day in days:
                    store.add(day["name"])
        """),
    ),
    good=(
        py(
            """
            import requests

            def artifacts(build):
                return requests.get(f"https://ci.example.org/{build}", timeout=5).json()
            """,
            path="ci/artifacts.py",
        ),
        py("""
            import requests

            def holidays(store):
                try:
                    days = requests.get(HOLIDAYS, timeout=9).json()
                    for day in days:
                        store.add(day["name"])
                except (requests.RequestException, ValueError, KeyError):
                    log.exception("no holidays")

            def wake(address):
                try:
                    requests.post(f"{address}/wake", timeout=5)
                    log.info("woken")
                except Exception:
                    pass
        """),
        py("""
            import sys

            import httpx

            answer = httpx.post(TOKENS, json=USER, timeout=5).json()
            if "token" not in answer:
                sys.exit(answer)
            print(answer["token"])
        """),
        py("""
            import contextlib
            import requests

            def cancel(address, job):
                with contextlib.suppress(requests.RequestException):
                    requests.post(f"{address}/jobs/{job}/cancel", timeout=5)
        """),
        py("""
            import requests

            def rate(url):
                reply = requests.get(url, timeout=5)
                reply.raise_for_status()
                return reply.json()["rate"]
        """),
        py("""
            import requests

            def rate(url):
                reply = requests.get(url, timeout=5)
                check(reply)
                return reply.json()["rate"]
        """),
        py("""
            import requests

            def rate(url):
                try:
                    return requests.get(url, timeout=5).json()["rate"]
                except (requests.RequestException, KeyError):
                    return None
        """),
        py("""
            import aiohttp

            session = aiohttp.ClientSession(raise_for_status=True)

            async def announce(address, text):
                await session.post(address, json={"text": text})
        """),
        py("""
            import requests

            def announce(address, text):
                reply = requests.post(address, json={"text": text}, timeout=5)
                return reply.ok
        """),
        py("""
            import requests

            def invite(address, token):
                answer = requests.post(address, data={"token": token}, timeout=5).json()
                if not answer["ok"]:
                    raise LookupError(answer["reason"])
                return answer["invitation"]
        """),
        py("""
            import requests

            class Bank:
                def post(self, path, data):
                    address = self.base + path
                    reply = requests.post(address, json=data, timeout=5)
                    return reply.json()

            def sign(address, payload):
                reply = requests.post(address, json=payload, timeout=5)
                check_refusal(reply.json())
                return reply.json()["signature"]

            def places(address):
                found = requests.get(address, timeout=5).json()
                return found[0] if isinstance(found, list) else None
        """),
        py("""
            import requests

            def leave(address):
                try:
                    requests.post(f"{address}/logout", timeout=5)
                except requests.RequestException:
                    pass

            def work(address, job):
                try:
                    job.run()
                except OSError as error:
                    requests.post(address, json={"text": str(error)}, timeout=5)
                    raise

            def tell(address, disk):
                if not disk.is_sound():
                    print(f"Error: {disk} is broken", file=sys.stderr)
                    if address:
                        requests.post(address, json={"text": f"{disk} is broken"}, timeout=5)

            def announce(address, text):
                # whether this fails does not matter
                requests.post(address, json={"text": text}, timeout=5)
        """),
        js("""
            async function load(url) {
              const reply = await fetch(url);
              if (!reply.ok) throw new Error(reply.statusText);
              return reply.json();
            }
        """),
        js("const load = (url) => fetch(url).then(check).then((reply) => reply.json());"),
        js("const load = (url) => fetch(url).then((reply) => reply.ok ? reply.json() : null);"),
        js("const load = () => open().then((file) => file.text());"),
    ),
)
def unchecked_http_status(run: Pass, call: Node) -> Iterator[Found]:
    """The body of an HTTP response is used, or something is sent, and nobody looks at the status of the answer.

    An error page or an error in JSON is taken for the answer: the failure shows up later, as a
    missing key or as wrong data. What the other side has refused is taken for done.

    Instead, call `raise_for_status()`, in JavaScript test `response.ok`, before you read the body.
    """
    yield from _javascript(run, call) if run.block.language.id in BRACES else _python(run, call)


def _python(run: Pass, call: Node) -> Iterator[Found]:
    function = call.child_by_field_name("function")
    if function is None or last_word(call) not in _METHODS or "raises" in run.facts[run.rule.id]:
        return
    if _CALL.match(outside.called(run, call)) is None or is_of_ci(run.path):
        return
    value = call.parent if call.parent is not None and call.parent.type == "await" else call
    name = spoken(function)
    if is_statement(value):
        if last_word(call) in _CHANGES and not _is_best_effort(run, call):
            yield run.finding(call, f"Nobody looks at the status that answers `{name}`: a refusal goes unnoticed.")
        return
    message = f"Nobody looks at the status of what `{name}` brings: call `raise_for_status()` first."
    scope = function_around(call)
    around = text_of(scope) if scope is not None else run.block.text
    if _LOOKS.search(around) or _TOLD_IN_BODY.search(around, around.find(text_of(call))):
        return
    parent = value.parent
    if parent is not None and parent.type == "parenthesized_expression":
        parent = parent.parent
    if parent is not None and parent.type == "attribute":
        is_left = scope is not None and _is_left_to_callers(run, call, scope, parent)
        is_known = is_left or (_is_looked_at(parent) if scope is not None else _is_asked_in_script(run, parent))
        if _field(parent) in _BODY and not is_known and not _is_guarded(run, call, parent):
            yield run.finding(call, message)
    elif parent is not None and parent.type in {"assignment", "as_pattern"} and scope is not None:
        target = parent.child_by_field_name("left") or parent.child_by_field_name("alias")
        if target is not None and target.type == "as_pattern_target" and target.named_children:
            target = target.named_children[0]
        if target is not None and target.type == "identifier" and (used := _only_body_is_used(scope, target)):
            if _is_left_to_callers(run, call, scope, used) or _is_looked_at(used) or _is_guarded(run, call, used):
                return
            offers = (_offer(run, parent, text_of(target)),) if parent.type == "assignment" else ()
            yield run.finding(call, message, related=(run.place(used, "used here"),), offers=offers)


def _is_left_to_callers(run: Pass, call: Node, scope: Node, read: Node) -> bool:
    """Whether a method asks whatever its callers name, and hands them the answer in JSON as it came."""
    is_json = _field(read) == "json" or "json.loads" in text_of(fixes.statement_of(read) or read)
    address = next(iter(positional_arguments(call)), None)
    parameters = scope.child_by_field_name("parameters")
    names = {text_of(one) for one in targets(parameters)} if parameters is not None else set[str]()
    if not is_json or address is None or "self" not in names:
        return False
    made = _value_of(scope, address)
    is_asked_for = made.type != "identifier" and any(
        node.type == "identifier" and text_of(node) in names - {"self"} for node in walk(made)
    )
    return is_asked_for and all(_is_given_back(one) for one in _values(scope, read))


def _value_of(scope: Node, name: Node) -> Node:
    """What a variable is bound to in a function, if that happens once; else the name itself."""
    bound = [one for one in own(scope, "assignment") if _is_bound(one, name)]
    value = bound[0].child_by_field_name("right") if len(bound) == 1 else None
    return value if value is not None else name


def _is_bound(assignment: Node, name: Node) -> bool:
    target = assignment.child_by_field_name("left")
    return target is not None and target.text == name.text


def _values(scope: Node, read: Node) -> list[Node]:
    """The expressions that hold what is made of a body: where it is read, or the uses of the variable that takes it."""
    value = read
    while value.parent is not None and value.parent.type in _MAKES_OF:
        value = value.parent
    around = value.parent
    target = around.child_by_field_name("left") if around is not None and around.type == "assignment" else None
    if target is None or target.type != "identifier":
        return [value]
    return [one for one in identifiers(scope, target) if one != target]


def _is_given_back(value: Node) -> bool:
    return value.parent is not None and value.parent.type == "return_statement"


def _is_looked_at(read: Node) -> bool:
    """Whether the answer is looked at: checked or shown as it is, or asked for its type or keys once it is a value."""
    scope = function_around(read)
    around = takewhile(lambda one: one.type in _MAKES_OF | {"attribute"} and not _is_part(one), ancestors(read))
    if any(one.type == "call" and (_checks(one) or handlers.only_prints(one)) for one in around):
        return True
    return scope is not None and any(map(_asks, _values(scope, read)))


def _is_part(attribute: Node) -> bool:
    """Whether one value is asked for by its key."""
    return attribute.type == "attribute" and _field(attribute) == "get"


def _is_asked_in_script(run: Pass, read: Node) -> bool:
    """Whether a script keeps an answer in a variable of its own, and looks for a key in it."""
    bound = next((one for one in ancestors(read) if one.type not in _MAKES_OF), None)
    target = bound.child_by_field_name("left") if bound is not None and bound.type == "assignment" else None
    return target is not None and f"{_ASKED}{text_of(target)}" in run.facts[run.rule.id]


def _checks(call: Node) -> bool:
    return _CHECKS.match(last_word(call)) is not None


def _asks(value: Node) -> bool:
    around = value.parent
    if around is None or commands.is_condition(value):
        return around is not None
    if around.type == "comparison_operator":
        return value == around.named_children[-1] and re.search(r"\b(?:not )?in\b", text_of(around)) is not None
    call = around.parent if around.type == "argument_list" else None
    return call is not None and call.type == "call" and _checks(call)


def _is_best_effort(run: Pass, call: Node) -> bool:
    """Whether something is sent that may well not arrive.

    It tells of a failure that is being handled or has been told in another way, its own failure is passed over in
    silence, or a comment foresees it.
    """
    if enclosing(call, FUNCTIONS | {"except_clause"}) not in (None, function_around(call)):
        return True
    if _is_counted(call):
        return False
    items = (node.named_children[0] for node in ancestors(call) if node.type == "with_statement")
    is_silent = any(map(handlers.is_empty, handlers.guards(call))) or any("suppress(" in text_of(one) for one in items)
    return is_silent or handlers.is_foreseen(run, call) or _is_told_before(call)


def _is_counted(call: Node) -> bool:
    """Whether it is counted right behind a call that what it asks for is done: `sent += 1`."""
    statement = fixes.statement_of(call)
    behind = statement.next_named_sibling if statement is not None else None
    counts = behind.named_children[0] if behind is not None and behind.type == "expression_statement" else None
    number = counts.child_by_field_name("right") if counts is not None else None
    return counts is not None and counts.type == "augmented_assignment" and text_of(number or counts) == "1"


def _is_told_before(call: Node) -> bool:
    """Whether a failure has just been printed or logged, where the call stands or right around it."""
    statement = fixes.statement_of(call)
    around = statement.parent.parent if statement is not None and statement.parent is not None else None
    for one in (statement, around if around is not None and around.type == "if_statement" else None):
        told = one.prev_named_sibling if one is not None else None
        before = told.prev_named_sibling if told is not None else None
        calls = handlers.calls([told]) if told is not None else []
        said = "".join(text_of(node) for node in (before, told) if node is not None)
        is_told = bool(calls) and (last_word(calls[0]) in {"print", "echo"} or handlers.is_log_call(calls[0]))
        if is_told and _SAYS_FAILED.search(said) is not None:
            return True
    return False


def _is_guarded(run: Pass, call: Node, read: Node) -> bool:
    """Whether a handler takes what an error page leads to: no value, or a key that is missing where it is used."""
    scope = function_around(call)
    used = _values(scope, read) if scope is not None and _field(read) == "json" else []
    return _is_tried(run, call) and all(_is_tried(run, one) for one in used if _is_taken_apart(one))


def _is_tried(run: Pass, node: Node) -> bool:
    types = [handlers.caught(run, clause) for clause in handlers.guards(node)]
    return any(handlers.is_broad(one) or _OF_ERROR_PAGES.intersection(one) for one in types)


def _is_taken_apart(value: Node) -> bool:
    """Whether a value must have a key that is written out, or is gone through one by one."""
    around = value.parent
    if around is None or around.type not in {"subscript", "for_statement"}:
        return False
    key = around.child_by_field_name("subscript")
    is_keyed = key is not None and key.type == "string" and around.child_by_field_name("value") == value
    return is_keyed or around.child_by_field_name("right") == value


def _only_body_is_used(scope: Node, target: Node) -> Node | None:
    """Where the body of a response is read first; None if the response is handed to anybody who may look at it."""
    names = [node for node in identifiers(scope, target) if node != target]
    used = [node.parent for node in names if node.parent is not None]
    if any(around.type not in {"attribute", "member_expression"} for around in used):
        return None
    return next((around for around in used if _field(around) in _BODY | _JS_BODY), None)


def _field(member: Node) -> str:
    """The name of the attribute or property that is asked for."""
    return text_of(member.child_by_field_name("attribute") or member.child_by_field_name("property") or member)


def _offer(run: Pass, assignment: Node, name: str) -> Offer:
    end = run.block.span(assignment).end
    return run.offer(
        "Call `raise_for_status()`",
        lambda site: (
            site.insert(end, f"{fixes.between(site, assignment.parent or assignment)}{name}.raise_for_status()"),
        ),
    )


def _javascript(run: Pass, call: Node) -> Iterator[Found]:
    function = call.child_by_field_name("function")
    message = "Nobody looks at the status of this response: test `ok` before you read the body."
    if (
        function is None
        or text_of(function) not in {"fetch", "window.fetch"}
        or run.name(function) != text_of(function)
    ):
        return
    parent = call.parent
    if parent is not None and parent.type == "member_expression" and text_of(parent).endswith(".then"):
        then = parent.parent
        arguments = positional_arguments(then) if then is not None and then.type == "call_expression" else []
        if arguments and (read := _reads_body(arguments[0])) is not None:
            yield run.finding(read, message)
        return
    if parent is None or parent.type != "await_expression":
        return
    scope = function_around(call)
    if scope is None or _JS_LOOKS.search(text_of(scope)):
        return
    outer = parent.parent
    if outer is not None and outer.type == "parenthesized_expression" and outer.parent is not None:
        around = outer.parent
        if around.type == "member_expression" and text_of(around.child_by_field_name("property") or around) in _JS_BODY:
            yield run.finding(call, message)
    elif outer is not None and outer.type == "variable_declarator":
        target = outer.child_by_field_name("name")
        if target is not None and target.type == "identifier" and _only_body_is_used(scope, target):
            yield run.finding(call, message)


def _reads_body(callback: Node) -> Node | None:
    """The `reply.json()` of a callback that does nothing else with the reply."""
    if callback.type != "arrow_function":
        return None
    body = callback.child_by_field_name("body")
    if body is not None and body.type == "statement_block" and body.named_child_count == 1:
        inner = body.named_children[0]
        body = inner.named_children[0] if inner.type == "return_statement" and inner.named_children else None
    if body is None or body.type != "call_expression" or enclosing(body, ("arrow_function",)) != callback:
        return None
    receiver, _, method = dotted(body.child_by_field_name("function")).rpartition(".")
    parameter = callback.child_by_field_name("parameter") or callback.child_by_field_name("parameters")
    is_reply = parameter is not None and text_of(parameter).strip("()").partition(":")[0].strip() == receiver
    return body if is_reply and method in _JS_BODY else None
