from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from shipworthy import aftermath, answers, aside, fixes, gravity, handlers, losses, origins, outside, promised
from shipworthy.document import Block
from shipworthy.model import Edit, Severity
from shipworthy.rule import Found, Offer, Pass, Site, node_rule, py
from shipworthy.syntax import (
    FUNCTIONS,
    enclosing,
    function_around,
    keyword_arguments,
    last_word,
    own,
    positional_arguments,
    spoken,
    statements,
    text_of,
    walk,
)

_LOOPS = frozenset({"for_statement", "while_statement"})

_PLAIN = frozenset({"true", "none", "false", "integer", "float", "string", "unary_operator"})
_COLLECTIONS = frozenset({"list", "dictionary", "tuple", "set"})
_SUCCESS = re.compile(r"""['"]statusCode['"]\s*:\s*200\b|\bstatus(?:_code)?\s*=\s*200\b""")
"""Answers of a web function that tell of success."""

_OTHERWISE = re.compile(r"(?i)\bfalse`*\s+(?:otherwise|on (?:error|failure)|if [^.]*(?:fail|error))")
_SAYS_FAILED = re.compile(r"(?i)\b(?:unable|fail\w*|errors?|cannot|can't|could(?: not|n't)|unavailable)\b")
"""Words of a text that is given back and says itself that something failed."""

_TELLS_WHY = re.compile(r"""(?i)['"](?:\w+_)?(?:error|stderr|message|msg|reason|detail)s?['"]\s*:\s*f?['"](?!['"])""")
"""A key under which a text is given back that says what went wrong."""

_ASKS_FOR = re.compile(r"(?i)(?:^|_)(?:exists?|is_(?:there|present|file|dir|directory))(?:$|_)|exists$")
"""Names of functions that tell whether something is there."""

_STORES = re.compile(
    r"(?:aio|async)?(?:boto\w*|dynamodb|elasticsearch|google\.cloud|minio|motor|mysql|opensearch|oracledb|pg|psycopg|pymongo|pymysql"
    r"|redis|s3|sqlalchemy|valkey)\w*\."
)
"""How the names of calls begin that ask a database, or a store of objects."""
_RUNS = re.compile(r"(?:^|\.)(?:create_)?subprocess")
_MAY = re.compile(
    r"_*(?:can|may)_\w+|_*(?:\w+_)?is_(?:\w+_)?(?:alive|allowed|available|healthy|online|reachable|running|up)|_*ping"
    r"|_*(?:check|test|verify)_(?:\w+_)?(?:connection|connectivity)"
)
"""Names of functions that tell whether something may be done, or is up."""
_TOLD = "told "
_CACHE = re.compile(r"(?i)cache")
_READS = frozenset({"open", "read_text", "read_bytes"})
_OF_VIEWS = {
    answers.Answer.NOTHING: "Whatever fails here, this answers as if all was well: log it, and answer with a 500.",
    answers.Answer.ERROR: "This tells of the failure with a status of 200, and logs nothing: answer with a 500.",
}


def _words(block: Block) -> Iterator[str]:
    """What variables hold, and `told name` for functions whose None is told of where it is looked at."""
    yield from origins.bindings(block)
    if block.language.id == "python":
        yield from (f"{_TOLD}{name}" for name in aftermath.told_of(block))


@node_rule(
    "failure-hidden-by-default",
    severity=Severity.HINT,
    default=False,
    python="except_clause",
    agrees_with=("ruff:BLE001",),
    cwe=(390,),
    extract=_words,
    bad=(
        py(
            """
            logger = logging.getLogger(__name__)

            def store(connection, user):
                try:
                    connection.execute(INSERT, user)
                    connection.commit()
                «except Exception:
                    return None»
            """,
            fixed="""
            logger = logging.getLogger(__name__)

            def store(connection, user):
                try:
                    connection.execute(INSERT, user)
                    connection.commit()
                except Exception:
                    logger.exception("Unexpected error in store")
                    raise
            """,
        ),
        py("""
            import requests

            def rates():
                try:
                    return requests.get(RATES, timeout=5).json()["rates"]
                «except Exception as error:
                    print("no rates:", error)
                    return {"USD": 1.1}»
        """),
        py("""
            import boto3
            from botocore.exceptions import ClientError

            s3 = boto3.client("s3")

            def content(key):
                try:
                    return s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()
                «except ClientError:
                    return None»
        """),
        py("""
            import json

            def scores(path):
                try:
                    return json.loads(path.read_text())
                «except Exception:
                    return {}»
        """),
        py("""
            import smtplib

            def send(host, message):
                try:
                    with smtplib.SMTP(host, timeout=9) as server:
                        server.send_message(message)
                    return True
                «except Exception:
                    return False»
        """),
        py("""
            import boto3

            s3 = boto3.client("s3")

            def exists(key):
                try:
                    s3.head_object(Bucket=BUCKET, Key=key)
                    return True
                «except Exception:
                    return False»
        """),
        py("""
            def handler(event, context):
                try:
                    return {"statusCode": 200, "body": answer(event)}
                «except Exception as error:
                    return {"statusCode": 200, "body": str(error)}»
        """),
        py("""
            import time

            def page(session, number):
                for attempt in range(3):
                    try:
                        return session.get(f"/pages/{number}")
                    «except OSError:
                        time.sleep(attempt)»
        """),
        py("""
            def done():
                try:
                    return set(LOG.read_text().split())
                «except Exception:
                    return set()»
        """),
        py("""
            @app.get("/orders")
            def orders():
                try:
                    return jsonify(stored_orders(limit=50))
                «except Exception as error:
                    print(error)
                    return jsonify([])»

            @app.get("/orders/{number}")
            async def order(number: int):
                try:
                    return await stored_order(number)
                «except Exception as error:
                    return {"error": str(error)}»

            async def hits(request):
                try:
                    return web.json_response(await counted(request))
                «except Exception:
                    return web.json_response({})»

            class Towns(RequestHandler):
                def get(self):
                    try:
                        self.write(stored_towns())
                    «except Exception:
                        self.write({"towns": []})»

            def start(request):
                try:
                    return render(request, "start.html", {"news": stored_news()})
                «except Exception:
                    return render(request, "start.html", {"news": []})»
        """),
    ),
    good=(
        py("""
            import requests

            def depth(harbour):
                try:
                    return requests.get(DEPTHS[harbour], timeout=5).json()
                except Exception:
                    return None

            def can_enter(harbour):
                try:
                    return requests.get(DEPTHS[harbour], timeout=5).json()["open"]
                except Exception:
                    return False

            def show(harbour):
                found = depth(harbour)
                if found is None:
                    print("The depth could not be asked.")
                    return
                print(found)
        """),
        py('''
            import requests
            import socket
            import subprocess

            def tide(harbour):
                """The tide, or None if the gauge is unreachable."""
                try:
                    return requests.get(GAUGES[harbour], timeout=5).json()
                except Exception:
                    return None

            def tides():
                """All tides, best-effort."""
                try:
                    return requests.get(ALL_GAUGES, timeout=5).json()
                except Exception:
                    return []

            def maybe_warn(boats):
                try:
                    requests.post(WARNINGS, json=boats, timeout=5)
                    return 1
                except Exception:
                    return 0

            def wind(harbour):
                try:
                    return requests.get(WINDS[harbour], timeout=5).json()
                except requests.RequestException:
                    return {}

            def notes(path):
                try:
                    return path.read_text(errors="replace")
                except Exception:
                    return ""

            def latest_version():
                try:
                    return requests.get("https://pypi.org/pypi/tides/json", timeout=2).json()["info"]["version"]
                except Exception:
                    return ""

            def notify(text):
                try:
                    subprocess.run(["notify-send", text], timeout=5)
                    return True
                except Exception:
                    return False

            def address():
                try:
                    asked = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                    asked.connect(("192.0.2.1", 80))
                    return asked.getsockname()[0]
                except Exception:
                    return "127.0.0.1"
        '''),
        py("""
            import json

            @app.get("/charts/{harbour}")
            def charts(harbour: str):
                cache = FOLDER / harbour
                try:
                    return json.loads(cache.read_text())
                except Exception:
                    return {"charts": {}}
        """),
        py('''
            import logging

            import requests

            def models(url):
                """The models that a server has; empty if it is unreachable or fails."""
                try:
                    return requests.get(url, timeout=5).json()
                except Exception:
                    return []

            def pages(url):
                try:
                    return requests.get(url, timeout=5).json()
                except Exception as error:
                    logging.debug("no pages: %s", error)
                    return []

            def patient(url):
                for attempt in range(3):
                    try:
                        return requests.get(url, timeout=5).json()
                    except requests.RequestException as error:
                        last = error
                    if attempt == 2:
                        raise last
        '''),
        py("""
            import asyncio

            def install(pack, target):
                try:
                    pack.install_all(target)
                    return 0
                except Exception:
                    print("not installed")
                    return 1

            async def check(path):
                try:
                    process = await asyncio.create_subprocess_exec("php", "-l", path)
                    return {"returncode": await process.wait(), "stderr": ""}
                except OSError:
                    return {"returncode": -1, "stderr": "Command not found"}
        """),
        py('''
            import json
            import os
            import select
            from urllib.error import URLError
            from urllib.request import urlopen

            def newest():
                """The newest version, or None on any failure."""
                try:
                    return json.load(urlopen(VERSIONS, timeout=3))["version"]
                except (URLError, ValueError, KeyError):
                    return None

            def drain(file):
                try:
                    while select.select([file], [], [], 0)[0]:
                        os.read(file, 4096)
                except Exception:
                    return
        '''),
        py("""
            import stripe
            from django.http import HttpResponse, HttpResponseBadRequest

            def on_payment(request):
                try:
                    event = stripe.Webhook.construct_event(request.body, request.headers["Stripe-Signature"], SECRET)
                except (ValueError, stripe.StripeError):
                    return HttpResponseBadRequest("neither a payload nor a signature of theirs")
                note(event)
                return HttpResponse()
        """),
        py("""
            import marshal
            from urllib.error import URLError
            from urllib.request import urlopen

            def address_of_tunnel():
                try:
                    return urlopen("http://127.0.0.1:4040/tunnel", timeout=2).read()
                except (URLError, TimeoutError):
                    return None

            def seen(path):
                try:
                    cache = open(path, "rb")
                    return marshal.load(cache)
                except Exception:
                    return {}
        """),
        py('''
            import logging

            import redis

            log = logging.getLogger(__name__)
            client = redis.Redis()

            def forget(key):
                """Forget a key. Returns True if that worked, False otherwise."""
                try:
                    client.delete(key)
                    return True
                except Exception as error:
                    log.debug("cannot forget %s: %s", key, error)
                    return False
        '''),
        py("""
            import time

            def page(session, number):
                for attempt in range(3):
                    try:
                        return session.get(f"/pages/{number}")
                    except OSError:
                        if attempt == 2:
                            raise
                        time.sleep(attempt)
        """),
        py("""
            def number(text) -> int | None:
                for base in range(8, 17):
                    try:
                        return int(text, base)
                    except ValueError:
                        pass
        """),
        py("""
            def handler(event, context):
                try:
                    return {"statusCode": 200, "body": answer(event)}
                except Exception as error:
                    return {"statusCode": 500, "body": str(error)}
        """),
        py("""
            def store(connection, user):
                try:
                    connection.commit()
                except Exception:
                    log.exception("not stored")
                    return None
        """),
        py("""
            def store(connection, user):
                try:
                    connection.commit()
                except Exception as error:
                    return str(error)
        """),
        py("""
            def is_number(text):
                try:
                    return float(text) > 0
                except Exception:
                    return False
        """),
        py("""
            def store(connection, user):
                try:
                    connection.commit()
                except sqlite3.IntegrityError:
                    return None
        """),
        py("""
            import redis

            cache = redis.Redis()

            def is_up():
                try:
                    cache.ping()
                    return True
                except Exception:
                    return False
        """),
        py("""
            import json

            def settings(path):
                try:
                    return json.loads(path.read_text())
                except FileNotFoundError:
                    return {}
        """),
        py("""
            import requests

            def is_up(url):
                try:
                    return requests.get(url, timeout=5).status_code < 500
                except Exception:
                    return False

            def report():
                try:
                    return requests.get(REPORT, timeout=5).text
                except Exception:
                    return "The report could not be loaded."

            def rates():
                try:
                    return requests.get(RATES, timeout=5).json()["rates"]
                except requests.RequestException as error:
                    print("no rates:", error)
                    return None
        """),
        py("""
            @app.get("/orders")
            def orders():
                try:
                    return jsonify(stored_orders(limit=50))
                except Exception as error:
                    return jsonify({"error": str(error)}), 500

            @app.get("/orders/{number}")
            async def order(number: int):
                try:
                    return await stored_order(number)
                except Exception as error:
                    return {"ok": False, "error": str(error)}

            @app.get("/orders/last")
            def last():
                try:
                    return jsonify(stored_order(-1))
                except Exception:
                    return None

            @app.get("/state")
            async def state():
                try:
                    return {"up": await ask_state()}
                except Exception:
                    return {"up": False}

            async def hits(request):
                try:
                    return web.json_response(await counted(request))
                except Exception:
                    return web.json_response({}, status=502)

            def number(request):
                try:
                    return JsonResponse({"number": int(request.GET["n"])})
                except Exception:
                    return JsonResponse({})

            def start(request):
                try:
                    return render(request, "start.html", {"news": stored_news()})
                except Exception:
                    return render(request, "start.html", {"news": [], "problem": "The news could not be loaded."})
        """),
        py("""
            def first(words):
                try:
                    return words.split(",")[0]
                except Exception:
                    return None
        """),
    ),
)
def failure_hidden_by_default(run: Pass, clause: Node) -> Iterator[Found]:
    """Something is written, or another machine or a file is asked, and if that fails a default is returned.

    Neither the log nor the caller can tell why: the default looks like an answer, such as that nothing was
    found, and the program goes on with it. A program that stores it again overwrites what it could not read.
    A view that answers an empty list, or its error with a status of 200, tells its client of success.

    Instead, catch what you expect by its own type, log it, and raise it or an error of your own.
    """
    if _falls_through(clause) and not handlers.says_why(run, clause):
        message = "After the last attempt this gives None, which looks like an answer: raise the error there."
        yield run.finding(clause, message)
    else:
        yield from _answered(run, clause)


def _falls_through(clause: Node) -> bool:
    """Whether a function tries something several times, and gives None where the last attempt fails too."""
    attempt, loop, function = clause.parent, enclosing(clause, _LOOPS), function_around(clause)
    if attempt is None or loop is None or function is None or loop.type != "for_statement":
        return False
    if enclosing(loop, _LOOPS | FUNCTIONS) != function or attempt.parent != loop.child_by_field_name("body"):
        return False
    times, body = loop.child_by_field_name("right"), statements(function.child_by_field_name("body"))
    is_counted = times is not None and times.type == "call" and last_word(times) == "range"
    if not is_counted or body[-1:] != [loop] or loop.child_by_field_name("alternative") is not None:
        return False
    declared = function.child_by_field_name("return_type")
    if (declared is not None and "None" in text_of(declared)) or any(map(_is_way_out, handlers.own([clause]))):
        return False
    if any(node.type == "raise_statement" and node.start_byte > attempt.end_byte for node in handlers.own(body)):
        return False
    given = [node for node in handlers.own(body) if node.type == "return_statement"]
    return any(node.named_children and node.start_byte < clause.start_byte for node in given) and all(
        node.named_children and node.named_children[0].type != "none" for node in given
    )


def _is_way_out(node: Node) -> bool:
    return node.type in {"raise_statement", "return_statement", "break_statement"}


def _answered(run: Pass, clause: Node) -> Iterator[Found]:
    """A handler answers with a default."""
    listed = handlers.statements_of(clause)
    if not listed or not all(map(_is_quiet, listed[:-1])):
        return
    if (answer := _answer_of_view(run, clause, listed[-1])) is not None:
        yield run.finding(clause, _OF_VIEWS[answer])
        return
    if listed[-1].type != "return_statement":
        return
    if handlers.raises(clause) or handlers.says_why(run, clause) or _is_told(clause, listed) or _is_verdict(clause):
        return
    if _is_status(clause, listed[-1]) or any(_records(call, clause) for call in handlers.calls(listed[:-1])):
        return
    if _SUCCESS.search(run.text(listed[-1])) is not None and handlers.is_broad(handlers.caught(run, clause)):
        yield run.finding(clause, "This answers that all went well although it failed: answer with a status of 500.")
        return
    if _is_asked_whether(clause, listed[-1]) or _is_told_by_caller(run, clause, listed[-1]):
        return
    if promised.is_best_effort(function_around(clause)) or aside.is_nice_to_have(run, clause):
        return
    if gravity.is_half_expected(run, clause):
        return
    looked = _taken_for_absence(run, clause, listed[-1])
    if looked is not None and not (_is_logged(listed) and _is_enough(clause, listed[-1])):
        name = spoken(looked.child_by_field_name("function"))
        message = f"If `{name}` cannot be asked, this says that nothing is there: name the error that says so."
        yield run.finding(clause, message)
        return
    if promised.is_given_on_failure(function_around(clause), next(iter(listed[-1].named_children), None)):
        return
    call = _hidden(run, clause, listed[-1])
    if call is None or not _is_default(listed[-1]) or (_is_logged(listed) and _is_enough(clause, listed[-1])):
        return
    name = spoken(call.child_by_field_name("function"))
    message = f"If `{name}` fails, this return value hides it: log the exception, or let the caller have it."
    yield run.finding(clause, message, offers=(_offer(run, clause, listed[-1]),))


def _answer_of_view(run: Pass, clause: Node, last: Node) -> answers.Answer | None:
    """What a view answers whatever has failed, if its status tells of success and the log of nothing."""
    if not handlers.is_broad(handlers.caught(run, clause)) or handlers.raises(clause) or handlers.says_why(run, clause):
        return None
    failing = [call for call in losses.failing(run, clause) if not handlers.looks(last_word(call))]
    works = any(not answers.makes(call) and not _is_of_cache(call) for call in failing)
    return answers.of_failure(clause, last) if works and not handlers.is_asked_for(clause) else None


def _taken_for_absence(run: Pass, clause: Node, answer: Node) -> Node | None:
    """The call by which a function asks another machine whether something is there, if any failure stands for no."""
    function = function_around(clause)
    name = function.child_by_field_name("name") if function is not None else None
    is_no = bool(answer.named_children) and answer.named_children[0].type == "false"
    if not is_no or name is None or _ASKS_FOR.search(text_of(name)) is None:
        return None
    asked = outside.peers(run, handlers.tried(clause))
    return asked[0] if asked and handlers.is_broad(handlers.caught(run, clause)) else None


def _is_asked_whether(clause: Node, answer: Node) -> bool:
    """Whether a function tells if something may be done or is up, and no is the answer whatever stands in the way."""
    function = function_around(clause)
    name = function.child_by_field_name("name") if function is not None else None
    is_no = bool(answer.named_children) and answer.named_children[0].type == "false"
    return is_no and name is not None and _MAY.fullmatch(text_of(name)) is not None


def _is_told_by_caller(run: Pass, clause: Node, answer: Node) -> bool:
    """Whether the file asks elsewhere if a function gave None, and tells somebody of it."""
    function = function_around(clause)
    name = function.child_by_field_name("name") if function is not None else None
    is_none = not answer.named_children or answer.named_children[0].type == "none"
    return is_none and name is not None and f"{_TOLD}{text_of(name)}" in run.facts[run.rule.id]


def _hidden(run: Pass, clause: Node, default: Node) -> Node | None:
    """The call whose failure a default hides: a write, a question to another machine, or a file that is read."""
    tried = handlers.tried(clause)
    calls = handlers.calls(tried)
    is_broad = handlers.is_broad(handlers.caught(run, clause))
    written = next((call for call in calls if is_broad and losses.writes(call) and losses.is_dropped(call)), None)
    if written is not None and (outside.known(run, written) is not None or not handlers.is_asked_for(clause)):
        return written
    if handlers.is_asked_for(clause):
        return None
    asked = [call for call in outside.peers(run, tried) if last_word(call) != "select"]  # that only waits
    asked = [call for call in asked if (is_broad and not _is_of_datagrams(call)) or _is_kept(run, call)]
    if asked and outside.covers(run, clause, asked):
        return asked[0]
    given = default.named_children[:1]
    is_empty = bool(given) and (given[0].type in _COLLECTIONS or answers.is_empty(given[0]))
    read = (
        call
        for call in calls
        if is_broad and is_empty and last_word(call) in _READS and not any(map(_is_lenient, calls))
    )
    return next((call for call in read if not (_is_of_cache(call) or losses.is_dealt_with(call, clause))), None)


def _is_kept(run: Pass, call: Node) -> bool:
    """Whether a database or a store of objects is asked, or something is written: to name the errors does not help."""
    name = outside.called(run, call)
    return _STORES.match(name) is not None or (losses.writes(call) and _RUNS.search(name) is None)


def _is_of_datagrams(call: Node) -> bool:
    """Whether a socket for datagrams is connected, which asks nobody: it tells the address of this machine."""
    function = function_around(call)
    return last_word(call) == "connect" and function is not None and "SOCK_DGRAM" in text_of(function)


def _is_lenient(call: Node) -> bool:
    """Whether a file is read for what can be made of it, whatever bytes it holds."""
    errors = keyword_arguments(call).get("errors")
    return errors is not None and text_of(errors).strip("'\"") in {"ignore", "replace"}


def _is_of_cache(call: Node) -> bool:
    """Whether a cache is read, as the statement around says: what it does not hold is made again."""
    statement = enclosing(call, {"expression_statement", "return_statement", "with_clause"})
    return statement is not None and _CACHE.search(text_of(statement)) is not None


def _is_quiet(statement: Node) -> bool:
    """Whether a statement of a handler tells nobody who looks after the program: it prints, or logs for debugging."""
    call = statement.named_children[0] if statement.type == "expression_statement" else None
    if call is None or call.type != "call":
        return False
    return handlers.only_prints(call) or (handlers.is_log_call(call) and last_word(call) == "debug")


def _is_told(clause: Node, handled: list[Node]) -> bool:
    """Whether whoever runs the program is told of the error itself, and gets nothing that looks like an answer."""
    name = handlers.alias(clause)
    printed = [call for call in handlers.calls(handled[:-1]) if handlers.only_prints(call)]
    is_named = name is not None and any(
        node.type == "identifier" and node.text == name.text for call in printed for node in walk(call)
    )
    return is_named and _is_plainly_nothing(handled[-1])


def _is_plainly_nothing(statement: Node) -> bool:
    """Whether a `return` gives None, False, or something empty."""
    value = statement.named_children[0] if statement.named_children else None
    if value is None or value.type in {"none", "false"}:
        return True
    return text_of(value) in {"''", '""'} or (value.type in _COLLECTIONS and not value.named_children)


def _is_verdict(clause: Node) -> bool:
    """Whether the `try` gives back a comparison, and False says that the answer to the question is no."""
    given = [node for node in handlers.own(handlers.tried(clause)) if node.type == "return_statement"]
    values = [node.named_children[0] for node in given if node.named_children]
    last = handlers.statements_of(clause)[-1]
    is_no = bool(last.named_children) and last.named_children[0].type == "false"
    return is_no and any(value.type in {"comparison_operator", "not_operator"} for value in values)


def _records(call: Node, clause: Node) -> bool:
    """Whether a call writes the error itself to the log, if only for debugging."""
    name = handlers.alias(clause)
    is_named = name is not None and any(node.type == "identifier" and node.text == name.text for node in walk(call))
    return handlers.is_log_call(call) and (is_named or handlers.records_error(call))


def _is_status(clause: Node, answer: Node) -> bool:
    """Whether a function gives 0 where all goes well, and another number where this fails."""
    function = function_around(clause)
    number = _number(answer)
    if function is None or number in {"", "0"}:
        return False
    given = own(function, "return_statement")
    return any(_number(node) == "0" for node in given)


def _number(answer: Node) -> str:
    value = answer.named_children[0] if answer.named_children else None
    return text_of(value) if value is not None and value.type in {"integer", "unary_operator"} else ""


def _is_logged(handled: list[Node]) -> bool:
    return any(map(handlers.is_log_call, handlers.calls(handled)))


def _is_enough(clause: Node, answer: Node) -> bool:
    """Whether a line in the log for debugging says enough: None is given back, or False as the docstring promises."""
    value = answer.named_children[0] if answer.named_children else None
    return value is None or value.type == "none" or (value.type == "false" and handlers.promises(clause, _OTHERWISE))


def _offer(run: Pass, clause: Node, statement: Node) -> Offer:
    def edits(site: Site) -> Iterator[Edit]:
        call, imports = fixes.log_exception(run, site, fixes.what_failed(handlers.calls(handlers.tried(clause))))
        yield from imports
        yield site.replace(statement, f"{call}{fixes.between(site, statement)}raise")

    return run.offer("Log the exception and raise it again", edits)


def _is_default(statement: Node) -> bool:
    """Whether a `return` gives nothing, or what is fixed by the text alone: `{}`, `Decimal("0.2")`, `Response([])`."""
    return not statement.named_children or _is_fixed(statement.named_children[0])


def _is_fixed(value: Node) -> bool:
    if answers.is_empty(value):
        return True
    if value.type == "string" and _SAYS_FAILED.search(text_of(value)) is not None:
        return False
    if value.type == "pair" and _TELLS_WHY.search(text_of(value)) is not None:
        return False
    if value.type in _COLLECTIONS | {"pair"}:
        return all(map(_is_fixed, value.named_children))
    if value.type == "call":
        return (
            answers.REFUSAL.fullmatch(last_word(value)) is None
            and bool(positional_arguments(value))
            and not keyword_arguments(value)
            and all(map(_is_fixed, positional_arguments(value)))
        )
    return value.type in _PLAIN and "{" not in text_of(value)
