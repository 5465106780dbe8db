from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from shipworthy import fixes, handlers, losses, origins, outside
from shipworthy.escape import catalogue
from shipworthy.model import Severity
from shipworthy.rule import Found, Offer, Pass, node_rule, py
from shipworthy.syntax import enclosing, is_statement, last_word, spoken, statements, text_of

_FAILURE = re.compile(
    r"(?i)fail|error|could ?n[o']t|can ?n[o']t|cannot|unable|did ?n[o']t|not (?:work|sent|saved|found)|lost"
)
_REFUSAL = re.compile(r"(?i)\b(?:invalid|malformed|broken|corrupt\w*|bad|skip\w*|ignor\w*|unpars\w*|no longer|gone)\b")
"""What a line says of something that was not taken."""
_MISTAKE = re.compile(
    r"4\d\d|\w*(?:BadRequest|Conflict|Forbidden|NotAllowed|NotFound|Unauthorized|UnprocessableEntity)(?:Error)?"
)
"""Statuses of the 400s, and the names of answers that have one."""
_QUIET = frozenset({"debug", "info", "log"})
_MILD = _QUIET | {"warning", "warn"}
_TELLING = frozenset(
    [
        *("ConnectionRefusedError", "FileExistsError", "FileNotFoundError", "IsADirectoryError", "NotADirectoryError"),
        *("ProcessLookupError", "ReadTimeout", "Timeout", "TimeoutError", "TimeoutException", "TimeoutExpired"),
    ]
)
"""Exceptions that say by their names what has happened: a line of one's own has nothing to add but where."""


@node_rule(
    "log-without-error",
    severity=Severity.HINT,
    python="except_clause",
    agrees_with=("ruff:TRY400", "ruff:BLE001"),
    cwe=(778,),
    extract=origins.bindings,
    bad=(
        py(
            """
            try:
                work()
            except Exception:
                «logger.error("work failed for %s", name)»
            """,
            fixed="""
            try:
                work()
            except Exception:
                logger.exception("work failed for %s", name)
            """,
        ),
        py(
            """
            import logging

            try:
                work()
            except Exception as error:
                «logging.warning("work failed")»
            """,
            fixed="""
            import logging

            try:
                work()
            except Exception as error:
                logging.warning("work failed", exc_info=True)
            """,
        ),
        py("""
            import requests

            def notify(address):
                try:
                    requests.post(address, timeout=5)
                except requests.RequestException:
                    «log.info("webhook did not work")»
        """),
        py("""
            def cards(texts):
                for text in texts:
                    try:
                        yield card_of(text)
                    except Exception:
                        «logger.debug("skipping a malformed card")»
        """),
    ),
    good=(
        py("""
            import subprocess

            def convert(path):
                try:
                    subprocess.run(["pandoc", path], check=True, timeout=30)
                except FileNotFoundError:
                    log.error("pandoc is not installed")
                except subprocess.TimeoutExpired:
                    log.error("%s takes too long", path)
        """),
        py("""
            import logging

            def kept(path):
                try:
                    return parsed(path.read_text())
                except ValueError:
                    logging.warning("%s is damaged: it is made anew", path)
                    return made(path)
        """),
        py('''
            import logging

            log = logging.getLogger(__name__)

            def wipe(text):
                """Overwrite a text, best-effort."""
                try:
                    overwrite(text)
                except Exception:
                    log.debug("wiping failed")

            def ends(session):
                answer = session.get(PLACE)
                try:
                    return answer.json()
                except Exception:
                    log.warning(f"failed, this is no JSON: {answer.text}")
        '''),
        py("""
            try:
                url = rendition["modules"][0]["url"]
            except Exception:
                logger.warning("no renditions in the data")
        """),
        py("""
            try:
                store = open_store(name)
            except Exception:
                logger.info("creating %s", name)
                store = create_store(name)
        """),
        py("""
            async def reconnect(client):
                try:
                    await client.connect()
                except Exception:
                    logger.debug("waiting twice as long")
        """),
        py("""
            from packaging.version import Version

            def versions(names):
                for name in names:
                    try:
                        yield Version(name)
                    except Exception:
                        logger.warning("%s is no version", name)
        """),
        py("""
            try:
                work()
            except Exception, error:
                logger.error("work failed: " + str(error))
        """),
        py("""
            try:
                work()
            except Exception:
                logger.critical("work failed")
                manager.crash_report()
        """),
        py("""
            try:
                work()
            except Exception:
                logger.exception("work failed")
        """),
        py("""
            try:
                work()
            except Exception as error:
                logger.error("work failed: %s", error)
        """),
        py("""
            try:
                work()
            except Exception:
                logger.error("work failed", exc_info=True)
        """),
        py("""
            try:
                work()
            except Exception:
                logger.error("work failed: %s", traceback.format_exc())
        """),
        py("""
            try:
                work()
            except Exception:
                logger.error("work failed")
                self.log_exception()
        """),
        py("""
            try:
                work()
            except Exception:
                logger.error("work failed")
                raise
        """),
        py("""
            try:
                work()
            except KeyError:
                logger.error("no such job")
        """),
        py("""
            import stripe

            def hook(request, secret):
                try:
                    event = stripe.Webhook.construct_event(request.body, request.signature, secret)
                except stripe.SignatureVerificationError:
                    log.warning("webhook with a bad signature")
                    return 400
                return handle(event)

            def view(request, secret):
                try:
                    event = stripe.Webhook.construct_event(request.body, request.signature, secret)
                except stripe.SignatureVerificationError:
                    log.warning("webhook with a bad signature")
                    return HttpResponseBadRequest()
                return handle(event)
        """),
        py("""
            def store(path, card):
                try:
                    write(path, card)
                except Exception:
                    logger.warning("not written at the first try")
                    write(path, card)
        """),
    ),
)
def log_without_error(run: Pass, clause: Node) -> Iterator[Found]:
    """A handler logs that something failed, but not what: neither the error nor its traceback.

    The log says that work failed and leaves everybody to guess why, since the exception ends here.

    Instead, call `logger.exception(...)`, or hand the error or `exc_info=True` to the log call.
    """
    types = handlers.caught(run, clause)
    # A bare `except:` is reported as such; with a type in it, this is what remains to be said.
    if not types or handlers.raises(clause) or handlers.uses_alias(clause) or handlers.is_cleanup(clause):
        return
    asked = outside.peers(run, handlers.tried(clause))
    is_told = _blames_client(clause) or not (asked and outside.covers(run, clause, asked))
    if not handlers.is_broad(types) and is_told:
        return
    if all(one.rpartition(".")[2] in _TELLING for one in types):
        return
    if not losses.failing(run, clause):
        return  # it looks at values alone, and the message says what was missing
    listed = handlers.calls(statements(handlers.body(clause)))
    logs = [call for call in listed if handlers.is_log_call(call) and enclosing(call, {"except_clause"}) == clause]
    if not logs or any(map(handlers.records_error, listed)) or _tries_again(clause, listed):
        return
    call = next((one for one in logs if _level(one) not in _QUIET), logs[0])
    said = run.text(call)
    if (_level(call) == "debug" and handlers.says_why(run, clause)) or _shows_body(clause, said):
        return
    if _level(call) in _MILD and _is_of_form(types):
        return  # the line says what could not be read, and there is no more to know
    is_refused = _level(call) == "debug" and _REFUSAL.search(said) is not None
    if _level(call) in {"info", "debug"} and _FAILURE.search(said) is None and not is_refused:
        return  # it says what is done instead
    name = spoken(call.child_by_field_name("function"))
    message = f"`{name}` says that this failed but not why: log the exception with its traceback."
    yield run.finding(call, message, offers=(_offer(run, clause, call),))


def _is_of_form(types: tuple[str, ...]) -> bool:
    """Whether a handler takes nothing but what does not have the form that was expected."""
    named = [catalogue.ancestors(catalogue.canonical(one)) for one in types]
    return all("ValueError" in one or "LookupError" in one for one in named)


def _shows_body(clause: Node, said: str) -> bool:
    """Whether all that is tried is to read an answer as JSON, and the line shows the text that is none."""
    tried = handlers.calls(handlers.tried(clause))
    owner = text_of(tried[0].child_by_field_name("function") or tried[0]).removesuffix(".json") if tried else ""
    is_read = len(tried) == 1 and last_word(tried[0]) == "json"
    return is_read and re.search(rf"\b{re.escape(owner)}\.(?:text|content)\b", said) is not None


def _blames_client(clause: Node) -> bool:
    """Whether a handler answers that the client has made a mistake: with a status of the 400s."""
    handled = handlers.own(handlers.statements_of(clause))
    return any(node.type in {"integer", "identifier"} and _MISTAKE.fullmatch(text_of(node)) for node in handled)


def _tries_again(clause: Node, handled: list[Node]) -> bool:
    """Whether a handler calls what has failed once more: if the cause lasts, the second error tells of it."""
    tried = {text_of(call) for call in handlers.calls(handlers.tried(clause))}
    return any(text_of(call) in tried for call in handled if not handlers.is_log_call(call))


def _level(call: Node) -> str:
    return last_word(call)


def _offer(run: Pass, clause: Node, call: Node) -> Offer:
    """An `.error` becomes `.exception`, which logs the same and the traceback; others get `exc_info`."""
    function = call.child_by_field_name("function")
    method = function.child_by_field_name("attribute") if function is not None else None
    is_direct = is_statement(call) and call.parent is not None and call.parent.parent == handlers.body(clause)
    if method is not None and text_of(method) == "error" and is_direct:
        return run.replace("Log the traceback too: `.exception(...)`", method, "exception", safe=True)
    return run.offer("Log the traceback too", lambda site: (fixes.add_argument(site, call, "exc_info=True"),))
