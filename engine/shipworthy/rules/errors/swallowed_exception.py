from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from shipworthy import fixes, handlers, losses, origins, outside
from shipworthy.language import BRACES
from shipworthy.model import Edit, Severity
from shipworthy.rule import Found, Offer, Pass, Site, js, node_rule, py
from shipworthy.syntax import FUNCTIONS, is_for_people, is_statement, positional_arguments, statements, text_of, walk

_CLEANUP = re.compile(
    r"(?i)\b(?:close|destroy|abort|cancel|disconnect|terminate|kill|unlink|rm|remove|release|stop|log|report|track|emit|ping|stat|access)\w*\("
)


@node_rule(
    "swallowed-exception",
    severity=Severity.WARNING,
    python="except_clause",
    javascript="catch_clause|call_expression",
    agrees_with=("bandit:B110", "bandit:B112", "ruff:S110", "ruff:S112", "ruff:E722", "ruff:BLE001"),
    cwe=(390, 703),
    extract=origins.bindings,
    bad=(
        py(
            """
            import logging

            logger = logging.getLogger(__name__)
            try:
                work()
            «except Exception:
                pass»
            """,
            fixed="""
            import logging

            logger = logging.getLogger(__name__)
            try:
                work()
            except Exception:
                logger.exception("work failed")
            """,
        ),
        py(
            """
            for job in jobs:
                try:
                    job.run()
                «except:
                    continue»
            """,
            fixed="""
            import logging

            for job in jobs:
                try:
                    job.run()
                except Exception:
                    logging.exception("job.run failed")
                    continue
            """,
        ),
        py(
            """
            import requests

            def load(path):
                try:
                    return requests.get(path, timeout=5)
                «except:
                    return fallback(path)»
            """,
            fixed="""
            import requests

            def load(path):
                try:
                    return requests.get(path, timeout=5)
                except Exception:
                    return fallback(path)
            """,
        ),
        py("""
            def titles(pages):
                found = []
                for page in pages:
                    try:
                        found.append(title_of(page))
                    «except Exception:
                        pass»
                return found
        """),
        py("""
            def safe(job, *arguments):
                try:
                    job(*arguments)
                «except Exception:
                    pass»
        """),
        py("""
            import requests

            def rates():
                found = {}
                try:
                    found = requests.get(RATES, timeout=5).json()
                «except Exception:
                    pass»
                return found
        """),
        py("""
            def chunks(folder):
                found = []
                for path in folder.iterdir():
                    try:
                        text = fetch_text(path)
                    «except Exception:
                        continue»
                    found += [text[:100], text[100:]]
                return found
        """),
        py("""
            def ship(rows):
                shipped = 0
                for row in rows:
                    try:
                        set_status(row["id"], "shipped")
                        shipped += 1
                    «except Exception:
                        continue»
                return shipped
        """),
        py("""
            def give_back(request, loan):
                try:
                    close_loan(loan)
                «except Exception:
                    pass»
                return {"status": "returned"}
        """),
        py("""
            class Album:
                def delete(self):
                    for photo in self.chosen:
                        try:
                            photo.unlink()
                        «except Exception:
                            pass»
                    self.show()
        """),
        js("try { work() } «catch (e) { }»", fixed="try { work() } catch (e) { console.error(e); }"),
        js("save(user).«catch(() => {})»;"),
        js("try { work() } «catch { /* eslint-disable-line no-empty */ }»"),
        py("""
            def pay(order):
                try:
                    charge(order)
                «except BaseException:
                    return None»
        """),
    ),
    good=(
        py("""
            try:
                work()
            except Exception:
                pass  # The cache is only a help.
        """),
        py("""
            def forget(connection):
                \"\"\"Drop the connection. Never raises: it is called while the program ends.\"\"\"
                try:
                    connection.drop()
                except Exception:
                    pass
        """),
        py("""
            def nearest(error):
                try:
                    copy(error)
                except Exception:
                    pass
                else:
                    return error
                return Substitute(error)
        """),
        py("""
            def duration(entry):
                seconds = 0
                try:
                    minutes, _, rest = entry["duration"].partition(":")
                    seconds = int(minutes) * 60 + int(rest)
                except Exception:
                    pass
                return seconds
        """),
        py("""
            def installed(plugins, address):
                for plugin in plugins:
                    try:
                        if manifest_of(plugin).address == address:
                            return plugin
                    except Exception:
                        continue
                return None
        """),
        py("""
            def extensions(connection):
                found = []
                for name in ("json1", "spatialite"):
                    try:
                        connection.execute(f"select {name}_version()")
                        found.append(name)
                    except Exception:
                        pass
                return found
        """),
        py("""
            def write(path, text):
                try:
                    publish(path, text)
                finally:
                    try:
                        drop_copy(path)
                    except Exception:
                        pass
        """),
        py("""
            try:
                work()
            except FileNotFoundError:
                pass
        """),
        py("""
            try:
                work()
            except (KeyboardInterrupt, SystemExit):
                pass
        """),
        py("""
            try:
                import ujson as json
            except:
                pass
        """),
        py("""
            class Session:
                def __del__(self):
                    try:
                        self.connection.send_goodbye()
                    except Exception:
                        pass
        """),
        py("""
            try:
                work()
            except:
                undo()
                raise
        """),
        py("""
            def language(request):
                try:
                    return language_of(request)
                except:
                    return "en"
        """),
        py("""
            def tell(listeners, event):
                for listener in listeners:
                    try:
                        on_change(listener, event)
                    except Exception:
                        pass
        """),
        py("""
            def remove(path):
                try:
                    os.remove(path)
                except Exception:
                    pass
        """),
        js("try { work() } catch (e) { /* best effort */ }"),
        js("""
            // Old browsers balk at this.
            try {
                node.value = undefined;
                delete node.value;
            } catch (e) {}
        """),
        js("""
            try {
              elem.innerHTML = value;
              elem = 0;
              // If that throws, the slow way follows.
            } catch (e) {}
        """),
        js("function read(text) { try { return JSON.parse(text) } catch {} return text; }"),
        js('let chalk; try { chalk = require("chalk") } catch {}'),
        js("save(user).catch(() => { /* shown again on the next visit */ });"),
    ),
)
def swallowed_exception(run: Pass, subject: Node) -> Iterator[Found]:
    """An exception is caught and nothing is done about it.

    The failure is invisible afterwards: callers go on as if the work was done, and whoever looks
    for the cause finds no trace of it. A bare `except:` even takes Ctrl-C and `sys.exit` away.
    Silence is a finding where something is lost: what was to be written or sent, what was to be done with an item
    of a loop, what the function says behind it was done, or, as a hint, the answer of another machine. To probe values, to close and to tidy may fail in silence.

    Instead, handle what you expect by its own type, log the rest with its traceback, or let it pass
    on. Where silence is right, say why in a comment.
    """
    if run.block.language.id in BRACES:
        yield from _catch_clause(run, subject) if subject.type == "catch_clause" else _catch_method(run, subject)
        return
    types = handlers.caught(run, subject)
    is_empty = handlers.is_empty(subject)
    takes_all = not types or "BaseException" in types
    if not handlers.is_broad(types) or not (takes_all or is_empty) or handlers.raises(subject):
        return
    if handlers.tries_import(subject) or handlers.is_in_destructor(subject) or handlers.says_why(run, subject):
        return
    if is_empty and (handlers.has_own_way(subject) or _is_swallowed_outside(subject)):
        return
    header = handlers.spoken(types)
    if is_empty:
        loss = losses.lost(run, subject)
        if loss == losses.Loss.NOTHING:
            return
        what = "every failure here, and the item is lost" if loss == losses.Loss.ITEM else "every failure here"
        message = f"{header} hides {what}: handle what you expect, log the rest or let it pass on."
        severity = Severity.HINT if loss == losses.Loss.ANSWER else None
        yield run.finding(subject, message, severity=severity, offers=(_log(run, subject),))
    elif not _leaves(subject):
        message = f"{header} takes KeyboardInterrupt and SystemExit away too: name the exceptions that you expect."
        offer = run.offer("Catch `Exception`", lambda site: _name_exception(run, subject, site))
        is_told = handlers.tells(subject) or handlers.uses_alias(subject)
        severity = None if is_told or handlers.is_cleanup(subject) else _severity(run, subject)
        if severity is not None:
            yield run.finding(subject, message, severity=severity, offers=() if types else (offer,))


def _severity(run: Pass, clause: Node) -> Severity | None:
    """How much it matters that a handler of everything answers with something: None where it only guesses values."""
    if losses.lost(run, clause) >= losses.Loss.DEED:
        return Severity.WARNING
    known = (outside.known(run, call) for call in losses.failing(run, clause))
    return Severity.HINT if any(found is not None and found.raised for found in known) else None


def _is_swallowed_outside(clause: Node) -> bool:
    """Whether a handler around this one is as empty and as broad: one finding says it all."""
    return clause.parent is not None and any(
        handlers.is_empty(outer) and handlers.is_broad_in_words(outer) for outer in handlers.guards(clause.parent)
    )


def _log(run: Pass, clause: Node) -> Offer:
    """Log the exception, in place of a lone `pass`, else before what the handler ends with."""
    last = statements(handlers.body(clause))[-1]

    def edits(site: Site) -> Iterator[Edit]:
        call, imports = fixes.log_exception(run, site, fixes.what_failed(handlers.calls(handlers.tried(clause))))
        yield from imports
        yield from _name_exception(run, clause, site)
        rest = f"{fixes.between(site, last)}continue" if last.type == "continue_statement" else ""
        yield site.replace(last, call + rest)

    return run.offer("Log it with its traceback", edits)


def _name_exception(run: Pass, clause: Node, site: Site) -> Iterator[Edit]:
    """Make `except Exception:` of a bare `except:`."""
    if clause.child_by_field_name("value") is None:
        yield site.insert(run.block.span(clause.children[0]).end, " Exception")


def _leaves(clause: Node) -> bool:
    """Whether a handler ends the program itself."""
    return any(
        re.search(r"(?:^|\.)(?:_?exit|abort|die|fail)$", text_of(function)) is not None
        for call in handlers.calls(statements(handlers.body(clause)))
        if (function := call.child_by_field_name("function")) is not None
    )


def _catch_clause(run: Pass, clause: Node) -> Iterator[Found]:
    body, attempt = clause.child_by_field_name("body"), clause.parent
    tried = attempt.child_by_field_name("body") if attempt is not None else None
    if body is None or tried is None or not _is_silent(body) or _has_comment_beside(run, clause):
        return
    done, last = statements(tried), tried.named_children[-1] if tried.named_children else None
    if not done or _is_optional(done) or (last is not None and last.type == "comment" and is_for_people(text_of(last))):
        return
    if attempt is not None and _has_comment_above(attempt):
        return
    message = "This `catch` hides every failure: handle it, report it, or say in a comment why silence is right."
    is_mild = _only_computes(done) or (len(done) == 1 and _CLEANUP.search(run.text(done[0])) is not None)
    offers = (run.offer("Log it to the console", lambda site: _console(site, clause, body)),)
    yield run.finding(clause, message, severity=Severity.HINT if is_mild else None, offers=offers)


def _console(site: Site, clause: Node, body: Node) -> Iterator[Edit]:
    parameter = clause.child_by_field_name("parameter")
    name = text_of(parameter) if parameter is not None and parameter.type == "identifier" else "error"
    if parameter is None:
        yield site.insert(body, "(error) ")
    if parameter is None or parameter.type == "identifier":
        yield site.replace(body, f"{{ console.error({name}); }}")


def _is_silent(body: Node) -> bool:
    """Whether a block holds nothing, or nothing but comments for tools."""
    return all(
        child.type == "empty_statement" or (child.type == "comment" and not is_for_people(text_of(child)))
        for child in body.named_children
    )


def _is_optional(done: list[Node]) -> bool:
    """Whether the `try` asks for something that may be absent, with what follows as the answer if it is."""
    nodes = [node for statement in done for node in walk(statement, FUNCTIONS)]
    return any(node.type == "return_statement" for node in nodes) or any(
        node.type in {"call_expression", "import"} and re.match(r"(?:require|import)\b", text_of(node))
        for node in nodes
    )


def _only_computes(done: list[Node]) -> bool:
    """Whether the `try` does nothing but give values to variables, on some condition even, without waiting."""
    if any(node.type == "await_expression" for one in done for node in walk(one, FUNCTIONS)):
        return False
    return all(map(_gives_values, done))


def _gives_values(statement: Node) -> bool:
    kinds = {"assignment_expression", "variable_declarator", "augmented_assignment_expression"}
    if statement.type == "if_statement":
        inner = statement.child_by_field_name("consequence")
        given = statements(inner) if inner is not None and inner.type == "statement_block" else [inner]
        has_other_way = statement.child_by_field_name("alternative") is not None
        return not has_other_way and all(one is not None and _gives_values(one) for one in given)
    return any(part.type in kinds for part in statement.named_children)


def _has_comment_beside(run: Pass, node: Node) -> bool:
    """Whether a comment follows on the same line: `} catch {} // not there yet`."""
    end = run.block.span(node).end
    rest = run.block.text[end:].splitlines()[0] if end < len(run.block.text) else ""
    comment = re.search(r"//.*|/\*.*", rest)
    return comment is not None and is_for_people(comment[0])


def _has_comment_above(statement: Node) -> bool:
    above = statement.prev_sibling
    if above is None or above.type != "comment" or above.end_point.row + 1 != statement.start_point.row:
        return False
    return is_for_people(text_of(above))


def _catch_method(run: Pass, call: Node) -> Iterator[Found]:
    function, arguments = call.child_by_field_name("function"), positional_arguments(call)
    if function is None or function.type != "member_expression" or len(arguments) != 1:
        return
    name, handler = function.child_by_field_name("property"), arguments[0]
    if name is None or text_of(name) != "catch" or handler.type not in {"arrow_function", "function_expression"}:
        return
    body = handler.child_by_field_name("body")
    if body is None or not _is_nothing(body) or _has_comment_beside(run, call):
        return
    span = run.block.span(call)
    message = "This `.catch` hides every failure: handle it, report it, or say in a comment why silence is right."
    is_mild = _CLEANUP.search(text_of(function)) is not None or not _is_dropped(call)
    at = type(span)(run.block.span(name).start, span.end)
    yield run.finding(at, message, severity=Severity.HINT if is_mild else None)


def _is_dropped(call: Node) -> bool:
    """Whether nobody uses what a chain gives: then silence is all that its `.catch` is for."""
    awaited = call.parent if call.parent is not None and call.parent.type == "await_expression" else call
    return is_statement(awaited)


def _is_nothing(body: Node) -> bool:
    if body.type == "statement_block":
        return _is_silent(body)
    return body.type == "undefined" or text_of(body) in {"undefined", "void 0", "({})"}
