"""What a `catch` of JavaScript hides: a block that holds nothing, and a callback that does nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from shipworthy.model import Edit, Severity
from shipworthy.rule import Found, Pass, Site
from shipworthy.syntax import FUNCTIONS, is_for_people, is_statement, positional_arguments, statements, text_of, walk

_CLEANUP = re.compile(
    r"(?i)\b(?:close|destroy|abort|cancel|disconnect|terminate|kill|unlink|rm|remove|release|stop|log|report|track|emit|ping|stat|access)\w*\("
)


def hidden(run: Pass, node: Node) -> Iterator[Found]:
    """What a `catch` clause or a call of `.catch` hides."""
    yield from _catch_clause(run, node) if node.type == "catch_clause" else _catch_method(run, node)


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
