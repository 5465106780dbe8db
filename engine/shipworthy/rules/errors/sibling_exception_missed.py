from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from tree_sitter import Node

from shipworthy import commands, handlers, origins
from shipworthy.document import Block
from shipworthy.escape import catalogue
from shipworthy.model import Edit, Severity
from shipworthy.rule import Found, Offer, Pass, Site, node_rule, py
from shipworthy.syntax import (
    does_nothing,
    dotted,
    enclosing,
    function_around,
    keyword_arguments,
    last_word,
    name_of,
    own,
    positional_arguments,
    statements,
    text_of,
    walk,
)

_ANY = frozenset({"Exception", "BaseException"})
_OS = _ANY | {"OSError", "IOError", "EnvironmentError"}
_PROCESS = _ANY | {"subprocess.SubprocessError"}
_REQUESTS = _OS | {"requests.RequestException", "requests.exceptions.RequestException"}
_HTTPX = _ANY | {"httpx.HTTPError", "httpx.RequestError", "httpx.TransportError"}

_CAUGHT_BY: Mapping[str, frozenset[str]] = {
    "FileNotFoundError": _OS,
    "subprocess.CalledProcessError": _PROCESS,
    "subprocess.TimeoutExpired": _PROCESS,
    "urllib.error.URLError": _OS,
    "ValueError": _ANY,
    "OSError": _OS,
    "requests.ConnectionError": _REQUESTS | {"requests.exceptions.ConnectionError"},
    "requests.Timeout": _REQUESTS | {"requests.exceptions.Timeout"},
    "httpx.ConnectError": _HTTPX | {"httpx.NetworkError"},
    "httpx.TimeoutException": _HTTPX,
    "TimeoutError": _OS | {"asyncio.TimeoutError"},
}
"""The exceptions of the pairs below, each with the other names that catch it."""

_WHICH = re.compile(r"\bwhich\(\s*(?:['\"]([^'\"]*)['\"]|(?=\w))")
_REPLACES = re.compile(r"\bos\.(?:replace|rename)\(")
"""How a program writes a file that is never half-written."""
_ASKS_VERSION = re.compile(r"""['"](?:-V|--?version|-v|version)['"]\s*\]""")
_ENSURES = re.compile(r"_?(?:assert|check|ensure|need|require|verify)_")
_ENSURES_ALL = re.compile(
    r"_*(?:assert|check|ensure|need|require|verify|validate)_(?:\w+_)?"
    r"(?:binar(?:y|ies)|commands?|dependenc(?:y|ies)|executables?|installed|prerequisites|programs?|requirements|tools?)"
)
"""Functions that make sure for the whole program that what it runs is there."""
_STORES = re.compile(r"(?i)_*(?:create|dump|init|make|persist|reset|save|store|touch|write)(?:_\w+)?s?")
"""Functions that put something into the file that was not there."""
_OF_PACKAGE = re.compile(r"\b__file__\b|\bresources\.(?:files|open_text|path)\b")
_ENDS_PROGRAM = re.compile(r"\b(?:SystemExit|Exit|Abort|\w*Usage\w*|ClickException)\b")
_TRANSLATED = frozenset({"FileNotFoundError", "requests.HTTPError", "urllib.error.HTTPError", "httpx.HTTPStatusError"})
"""What is put into other words by itself: that a program has to be installed, or what the answer of a server says."""
_TAKES_ALL = re.compile(r"(?i)@[\w.]*(?:catch|handle|error|exception|retry|retries|safe)")
"""A decorator that deals with whatever is raised."""
_ABSENT = re.compile(r"\b(?:FileNotFoundError|OSError)\b")
_PASSES_ON = re.compile(
    r"(?i)\bpropagat\w+|\bbubbl\w+ up|\b(?:not|n't)\s+(?:caught|handled)\b"
    r"|\bcallers? (?:must |should |has to )?(?:handles?|catch(?:es)?)\b"
)
"""How a docstring says that an error is left to whoever calls."""

_PROCESSES = r"subprocess\.(?:run|call|check_call|check_output|Popen)"
_REQUEST = r"requests\.(?:Session\.)?(?:get|post|put|patch|delete|head|request)"
_CLIENT = r"httpx\.(?:(?:Async)?Client\.)?(?:get|post|put|patch|delete|head|request)"
_SIBLINGS: tuple[tuple[str, str, str, str], ...] = (
    (_PROCESSES, "subprocess.CalledProcessError", "FileNotFoundError", "the program may be missing"),
    (_PROCESSES, "FileNotFoundError", "subprocess.CalledProcessError", "the program may fail"),
    (_PROCESSES, "subprocess.CalledProcessError", "subprocess.TimeoutExpired", "the time may run out"),
    (r"urllib\.request\.urlopen", "urllib.error.HTTPError", "urllib.error.URLError", "the server may be unreachable"),
    (r"json\.load", "FileNotFoundError", "ValueError", "the file may hold no JSON"),
    (_REQUEST, "requests.ConnectionError", "requests.Timeout", "the server may not answer in time"),
    (_REQUEST, "requests.Timeout", "requests.ConnectionError", "the server may be unreachable"),
    (_REQUEST, "requests.HTTPError", "requests.ConnectionError", "the server may be unreachable"),
    (_CLIENT, "httpx.ConnectError", "httpx.TimeoutException", "the server may not answer in time"),
    (_CLIENT, "httpx.TimeoutException", "httpx.ConnectError", "the server may be unreachable"),
    (_CLIENT, "httpx.HTTPStatusError", "httpx.ConnectError", "the server may be unreachable"),
    (
        r"socket\.create_connection",
        "ConnectionRefusedError",
        "OSError",
        "the name may be unknown, or nobody may answer",
    ),
)
"""A call, an exception that a handler names, one of its siblings that is as likely, and why."""

_WIDER: Mapping[str, str] = {
    "requests.ConnectionError": "requests.RequestException",
    "requests.Timeout": "requests.RequestException",
    "httpx.ConnectError": "httpx.RequestError",
    "httpx.TimeoutException": "httpx.RequestError",
}
"""What a fix names in place of a sibling: the parent of both."""


def _words(block: Block) -> Iterable[str]:
    """What variables hold, `replaces` where files are put in the place of others, `ensures` where a function is called
    that looks whether all programs are there, and `finds git` where the file looks for one, `finds` where it does so by
    a variable.

    That is `shutil.which`, or a handler that takes the absence of the program for what it is.
    """
    if block.language.id != "python":
        return
    yield from origins.bindings(block)
    if _REPLACES.search(block.text) is not None:
        yield "replaces"
    if any(_ENSURES_ALL.fullmatch(last_word(call)) for call in block.nodes(("call",)).get("call", ())):
        yield "ensures"
    for found in _WHICH.finditer(block.text):
        yield f"finds {found[1] or ''}".rstrip()
    if "subprocess" not in block.text or _ABSENT.search(block.text) is None:
        return
    for attempt in block.nodes(("try_statement",)).get("try_statement", ()):
        clauses = [child for child in attempt.children if child.type == "except_clause"]
        if any(_ABSENT.search(text_of(node)) for clause in clauses for node in handlers.types(clause)):
            yield from (f"finds {name}" for name in _programs(attempt.child_by_field_name("body")))


def _programs(tried: Node | None) -> Iterator[str]:
    """The programs that a `try` starts by their own name."""
    for call in walk(tried) if tried is not None else ():
        command = next(iter(positional_arguments(call)), None) if call.type == "call" else None
        if command is not None and command.type == "list" and command.named_children:
            yield _unquoted(command.named_children[0])


@node_rule(
    "sibling-exception-missed",
    severity=Severity.HINT,
    default=False,
    python="try_statement",
    extract=_words,
    cwe=(755,),
    bad=(
        py(
            """
            import subprocess

            def version():
                try:
                    return subprocess.check_output(["git", "--version"])
                except «subprocess.CalledProcessError»:
                    return None
            """,
            fixed="""
            import subprocess

            def version():
                try:
                    return subprocess.check_output(["git", "--version"])
                except (subprocess.CalledProcessError, FileNotFoundError):
                    return None
            """,
        ),
        py(
            """
            import subprocess

            def build(folder):
                try:
                    subprocess.run(["make"], cwd=folder, check=True, timeout=60)
                except («subprocess.CalledProcessError», FileNotFoundError) as error:
                    print(f"cannot build: {error}")
            """,
            fixed="""
            import subprocess

            def build(folder):
                try:
                    subprocess.run(["make"], cwd=folder, check=True, timeout=60)
                except (subprocess.CalledProcessError, subprocess.TimeoutExpired, FileNotFoundError) as error:
                    print(f"cannot build: {error}")
            """,
        ),
        py(
            """
            import json

            def settings(path):
                try:
                    with open(path) as file:
                        return json.load(file)
                except «FileNotFoundError»:
                    return {}
            """,
            fixed="""
            import json

            def settings(path):
                try:
                    with open(path) as file:
                        return json.load(file)
                except (FileNotFoundError, ValueError):
                    return {}
            """,
        ),
        py(
            """
            import requests

            def rate(url):
                try:
                    return requests.get(url, timeout=5).json()
                except «requests.exceptions.ConnectionError»:
                    return LAST
            """,
            fixed="""
            import requests

            def rate(url):
                try:
                    return requests.get(url, timeout=5).json()
                except requests.RequestException:
                    return LAST
            """,
        ),
        py("""
            from urllib.error import HTTPError
            from urllib.request import urlopen

            def fetch(url):
                try:
                    return urlopen(url, timeout=5).read()
                except «HTTPError» as error:
                    return error.code
        """),
        py("""
            import subprocess

            def mount_drivers(names):
                _check_dependencies()
                for name in names:
                    subprocess.run(["insmod", name], check=True)

            def _check_dependencies():
                try:
                    subprocess.run(["rpm", "-q", "lensfun"], check=True)
                except «subprocess.CalledProcessError» as error:
                    raise Missing("install lensfun first") from error
        """),
        py("""
            import httpx

            class Prices:
                def __init__(self):
                    self.client = httpx.Client(base_url=SHOP)

                def of(self, sku):
                    try:
                        return self.client.get(f"/prices/{sku}").text
                    except «httpx.ConnectError»:
                        return None
        """),
    ),
    good=(
        py("""
            import httpx
            import subprocess

            def ask(question):
                try:
                    return httpx.post(MODEL, json=question).json()
                except (httpx.ConnectError, httpx.ConnectTimeout, httpx.ReadTimeout):
                    return None

            def film(frames):
                try:
                    subprocess.run(["ffmpeg", "-i", frames, "a.mp4"], check=True)
                except (FileNotFoundError, subprocess.CalledProcessError):
                    raise SystemExit(1)

            def film_again(frames):
                subprocess.run(["filmer", "--list"], check=True)
                try:
                    subprocess.run(["filmer", "-i", frames, "a.mp4"], check=True)
                except subprocess.CalledProcessError:
                    raise SystemExit(1)

            def has(name):
                try:
                    subprocess.run(["which", name], check=True)
                except subprocess.CalledProcessError:
                    return False
                return True
        """),
        py("""
            import subprocess

            def apply(plan):
                ensure_terraform()
                try:
                    subprocess.run(["terraform", "apply", plan], check=True)
                except subprocess.CalledProcessError as error:
                    raise SystemExit(f"not applied: {error}")

            @catches_errors
            def destroy(plan):
                try:
                    subprocess.run(["terraform", "destroy"], check=True)
                except subprocess.CalledProcessError:
                    report(plan)
        """),
        py("""
            import httpx

            class Prices:
                def __init__(self):
                    self.client = httpx.Client(base_url=SHOP)

                def of(self, sku):
                    try:
                        return self.client.get(f"/prices/{sku}").text
                    except (httpx.ConnectError, httpx.TimeoutException):
                        return None
        """),
        py("""
            import subprocess

            def version():
                try:
                    return subprocess.check_output(["git", "--version"])
                except (OSError, subprocess.CalledProcessError):
                    return None
        """),
        py("""
            import subprocess
            import sys

            def version(git):
                if shutil.which("git") is None:
                    return None
                try:
                    subprocess.run([sys.executable, "-V"], check=True)
                    return subprocess.check_output(["git", "--version"])
                except subprocess.CalledProcessError:
                    return None
        """),
        py("""
            import subprocess

            def has_git():
                try:
                    subprocess.run(["git", "--version"], check=True)
                except (FileNotFoundError, subprocess.CalledProcessError):
                    return False
                return True

            def head():
                try:
                    return subprocess.check_output(["git", "rev-parse", "HEAD"])
                except subprocess.CalledProcessError:
                    return None
        """),
        py("""
            import shutil
            import subprocess

            class Repository:
                def check(self):
                    if not shutil.which("git"):
                        raise SystemExit("git is missing")

                def head(self):
                    try:
                        return subprocess.check_output(["git", "rev-parse", "HEAD"])
                    except subprocess.CalledProcessError:
                        return None
        """),
        py('''
            from urllib.error import HTTPError
            from urllib.request import urlopen

            def fetch(url):
                """The page, or None where there is none; a server that is out of reach is not handled here."""
                try:
                    return urlopen(url, timeout=5).read()
                except HTTPError:
                    return None
        '''),
        py("""
            import subprocess

            def is_installed():
                try:
                    subprocess.run(["git", "--version"])
                except FileNotFoundError:
                    return False
                return True
        """),
        py("""
            import subprocess

            def bring_up(device):
                try:
                    subprocess.run(["ip", "link", "set", "up", device], check=True)
                except subprocess.CalledProcessError:
                    pass
        """),
        py("""
            import subprocess

            def packages(name):
                try:
                    return subprocess.check_output(["pkgfile", name])
                except subprocess.CalledProcessError as error:
                    if error.returncode == 1:
                        return []
                    raise error
        """),
        py("""
            import requests

            def rate(url):
                try:
                    try:
                        return requests.get(url, timeout=5).json()
                    except requests.ConnectionError:
                        return retry(url)
                except requests.RequestException:
                    return None
        """),
        py("""
            import json

            def settings(path):
                try:
                    with open(path) as file:
                        return json.load(file)
                except FileNotFoundError:
                    return {}
                except json.JSONDecodeError as error:
                    raise SystemExit(f"{path}: {error}")
        """),
        py("""
            import subprocess
            from urllib.error import HTTPError
            from urllib.request import urlopen

            def typeset(poem):
                try:
                    subprocess.run(["lualatex", poem], check=True)
                except FileNotFoundError:
                    raise Unprinted("install TeX Live first") from None

            def tide(harbour):
                try:
                    answer = urlopen(f"https://tides.example/{harbour}", timeout=5)
                except HTTPError as error:
                    text = error.read().decode()
                    if "unknown" in text:
                        raise UnknownHarbour(harbour) from error
                    else:
                        raise NoTide(text) from error
                return answer
        """),
        py("""
            import subprocess

            def restart(unit):
                try:
                    subprocess.run(["systemctl", "restart", unit], check=True)
                except subprocess.CalledProcessError:
                    print(f"{unit} does not start")
        """),
        py("""
            import subprocess

            def print_labels(labels):
                _check_dependencies()
                for label in labels:
                    _print(label)

            def _print(label):
                try:
                    subprocess.run(["lpr", label], check=True)
                except subprocess.CalledProcessError:
                    return False
                return True
        """),
        py("""
            import json
            from pathlib import Path

            class Recipes:
                def __init__(self, path):
                    self.path = path
                    try:
                        with open(path) as file:
                            self.all = json.load(file)
                    except FileNotFoundError:
                        self.all = {}
                        self.save()

                def save(self):
                    self.path.write_text(json.dumps(self.all))

            def units(language):
                try:
                    with open(Path(__file__).parent / f"{language}.json") as file:
                        return json.load(file)
                except FileNotFoundError:
                    return {}
        """),
        py("""
            import json
            import os

            STATE = "state.json"

            def state():
                try:
                    with open(STATE) as file:
                        return json.load(file)
                except FileNotFoundError:
                    return {}

            def keep(state):
                with open(f"{STATE}.new", "w") as file:
                    json.dump(state, file)
                os.replace(f"{STATE}.new", STATE)
        """),
    ),
)
def sibling_exception_missed(run: Pass, attempt: Node) -> Iterator[Found]:
    """A handler names one way in which a call fails, and leaves out another that is as likely.

    The author meant the call to be handled. On the machine where the program is not installed, or
    on the day when the server is slow, the other exception ends everything with a traceback.

    Instead, name both in a tuple, or catch the type that they have in common. It is a hint: a caller may
    deal with the other one.
    """
    clauses = [child for child in attempt.children if child.type == "except_clause"]
    if _leaves_rest_to_callers(attempt) or _is_taken_by_decorator(attempt):
        return
    caught = {name for clause in clauses for name in handlers.caught(run, clause)}
    if any(handlers.is_broad(handlers.caught(run, clause)) for clause in clauses):
        return
    for call in handlers.calls(handlers.tried(clauses[0]) if clauses else []):
        if enclosing(call, ("try_statement",)) != attempt:
            continue
        function = call.child_by_field_name("function")
        name = origins.callee(run, function) if function is not None else ""
        for pattern, named, sibling, reason in _SIBLINGS:
            if not re.fullmatch(pattern, name) or not _may_raise(run, call, sibling):
                continue
            at = _naming(run, clauses, named)
            if at is not None and _is_meant_alone(at, named, sibling):
                continue
            if at is None or _is_caught(caught, sibling) or _is_handled_outside(run, attempt, sibling):
                continue
            message = f"`{sibling}` is as likely here, {reason}: catch it too."
            yield run.finding(at, message, offers=_offers(run, at, sibling))
            return


def _is_taken_by_decorator(attempt: Node) -> bool:
    function = function_around(attempt)
    around = function.parent if function is not None else None
    return around is not None and any(
        one.type == "decorator" and _TAKES_ALL.match(text_of(one)) is not None for one in around.children
    )


def _leaves_rest_to_callers(attempt: Node) -> bool:
    """Whether the docstring of the function says that other failures are for its callers."""
    function = function_around(attempt)
    first = next(iter(statements(function.child_by_field_name("body"))), None) if function is not None else None
    return first is not None and does_nothing(first) and _PASSES_ON.search(text_of(first)) is not None


def _naming(run: Pass, clauses: list[Node], wanted: str) -> Node | None:
    """Where a clause names an exception."""
    for clause in clauses:
        if handlers.raises_again(clause) or _only_enriches(clause):
            continue
        for node in handlers.types(clause):
            if _plain(run.name(node) or dotted(node)) == wanted:
                return node
    return None


def _is_meant_alone(at: Node, named: str, sibling: str) -> bool:
    """Whether a handler does what is right for the exception that it names alone.

    It puts that into other words and raises, or it makes the file that is missing: one that is there but cannot be read
    must not be written over.
    """
    clause = enclosing(at, ("except_clause",))
    if clause is None:
        return False
    if named in _TRANSLATED and len(handlers.types(clause)) == 1 and _always_raises(handlers.statements_of(clause)):
        return True
    if sibling != "ValueError":
        return False
    is_made = any(_STORES.fullmatch(last_word(call)) for call in handlers.calls(handlers.statements_of(clause)))
    return is_made or any(_OF_PACKAGE.search(text_of(one)) is not None for one in handlers.tried(clause))


def _always_raises(listed: list[Node]) -> bool:
    """Whether every way through some statements ends in a `raise` of something that does not end the program."""
    last = listed[-1] if listed else None
    if last is None or last.type == "raise_statement":
        return last is not None and _ENDS_PROGRAM.search(text_of(last)) is None
    if last.type != "if_statement":
        return False
    others = last.children_by_field_name("alternative")
    branches = [last.child_by_field_name("consequence"), *map(handlers.body, others)]
    return any(one.type == "else_clause" for one in others) and all(_always_raises(statements(one)) for one in branches)


def _only_enriches(clause: Node) -> bool:
    """Whether a handler raises with what only this exception tells, such as the body of an answer."""
    name = handlers.alias(clause)
    listed = handlers.statements_of(clause)
    if name is None or not listed or listed[-1].type != "raise_statement":
        return False
    nodes = handlers.own(listed)
    return any(node.type == "attribute" and node.child_by_field_name("object") == name for node in nodes) or any(
        node.type == "attribute" and text_of(node).startswith(f"{text_of(name)}.") for node in handlers.own(listed)
    )


def _plain(name: str) -> str:
    return name.removeprefix("builtins.").replace("requests.exceptions.", "requests.")


def _is_caught(caught: set[str], sibling: str) -> bool:
    names = caught | {_plain(name) for name in caught}
    if sibling == "ValueError" and any(
        "Decode" in name or name.endswith(("JSONDecodeError", "ValueError")) for name in names
    ):
        return True
    if sibling == "requests.Timeout" and any(name.endswith("Timeout") for name in names):
        return True
    if sibling == "httpx.TimeoutException" and {"httpx.ReadTimeout", "httpx.ConnectTimeout"} <= names:
        return True
    if sibling == "FileNotFoundError" and "PermissionError" in names:
        return True
    return sibling in names or not names.isdisjoint(_CAUGHT_BY[sibling])


def _is_handled_outside(run: Pass, attempt: Node, sibling: str) -> bool:
    """Whether a `try` around this one catches the sibling."""
    outer = list(handlers.guards(attempt))
    types = {name for clause in outer for name in handlers.caught(run, clause)}
    return _is_caught(types, sibling) or any(handlers.is_broad(handlers.caught(run, clause)) for clause in outer)


def _may_raise(run: Pass, call: Node, sibling: str) -> bool:
    """Whether the call, as it is written, can fail in that way."""
    given = keyword_arguments(call)
    if sibling == "subprocess.TimeoutExpired":
        return "timeout" in given
    if sibling == "subprocess.CalledProcessError":
        if _ASKS_VERSION.search(text_of(call)) is not None:
            return False  # a program that is there can say which one it is
        check = given.get("check")
        return dotted(call).rpartition(".")[2] in {"check_call", "check_output"} or (
            check is not None and check.type == "true"
        )
    if sibling == "FileNotFoundError":
        return _may_be_missing(run, call, given)
    if sibling == "ValueError":
        return "replaces" not in run.facts[run.rule.id]  # the program keeps what it writes whole
    if sibling == "requests.Timeout":
        return "timeout" in given  # without one, requests waits for ever
    return True


def _may_be_missing(run: Pass, call: Node, given: Mapping[str, Node]) -> bool:
    """Whether the program that is started has a name of its own, and nobody looked whether it is there."""
    command = next(iter(positional_arguments(call)), None)
    if command is None or "shell" in given or command.type != "list" or not command.named_children:
        return False
    program = command.named_children[0]
    if program.type != "string" or _WHICH.search(run.block.text) is not None or _is_ensured(run, call):
        return False
    if commands.is_of_system(_unquoted(program)):
        return False
    if _unquoted(program) == "which" or _is_run_before(call, _unquoted(program)):
        return False
    if commands.is_basic(_unquoted(program)) and all(map(handlers.is_empty, handlers.guards(call))):
        return False  # it says that all is as it should be; that it is missing is for whoever runs this
    return not {"finds", f"finds {_unquoted(program)}"} & run.facts[run.rule.id]


def _is_run_before(call: Node, program: str) -> bool:
    """Whether the function has run the same program before: if it is missing, it failed there."""
    scope = function_around(call)
    before = own(scope, "call") if scope is not None else ()
    return any(program in _programs(node) for node in before if node.end_byte < call.start_byte)


def _is_ensured(run: Pass, call: Node) -> bool:
    """Whether the function makes sure before that what it needs is there: `ensure_terraform()`; or the file does so
    for all of its functions, but that one.
    """
    scope = function_around(call)
    name = name_of(scope) if scope is not None else None
    if "ensures" in run.facts[run.rule.id] and name is not None and _ENSURES.match(text_of(name)) is None:
        return True
    before = (node for node in walk(scope) if node.end_byte <= call.start_byte) if scope is not None else ()
    return any(node.type == "call" and _ENSURES.match(last_word(node)) is not None for node in before)


def _unquoted(text: Node) -> str:
    return text_of(text).strip("\"'")


def _offers(run: Pass, at: Node, sibling: str) -> tuple[Offer, ...]:
    """Name the sibling too, or the parent of both alone, where the file can write its name."""
    wanted = _WIDER.get(sibling, sibling)
    module = wanted.rpartition(".")[0]
    imported = run.facts.imported(module) if module else None
    if module and (imported is None or imported.member):
        return ()
    around = enclosing(at, ("tuple", "except_clause"))
    in_tuple = around is not None and around.type == "tuple"

    def edits(site: Site) -> Iterator[Edit]:
        known = catalogue.canonical(run.name(at)) if run.name(at) else ""
        if wanted in catalogue.ancestors(known):
            yield site.replace(at, wanted)
            return
        both = f"{text_of(at)}, {wanted}"
        yield site.replace(at, both if in_tuple else f"({both})")

    return (run.offer(f"Catch `{wanted}` too", edits),)
