"""What a view answers if something in it has failed: that there is nothing, or its error with a status of 200.

Rules ask of an `except` clause of Python that logs nothing and raises nothing.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Collection

from tree_sitter import Node

from shipworthy import handlers
from shipworthy.syntax import (
    FUNCTIONS,
    function_around,
    keyword_arguments,
    last_word,
    names_in,
    positional_arguments,
    text_of,
    walk,
)

_ROUTE = re.compile(
    r"@(?:[\w.]+\.(?:route|get|post|put|patch|delete|api_route)\(\s*f?r?['\"](?:/|['\"])"
    r"|(?:[\w.]+\.)?(?:api_view|action|require_(?:GET|POST|safe|http_methods))\b)"
)
"""How decorators of views begin."""
_MAKES = frozenset(
    """
    jsonify json_response make_response JSONResponse ORJSONResponse JsonResponse Response HttpResponse PlainTextResponse
    HTMLResponse
    """.split()  # noqa: SIM905
)
_RENDERS = frozenset({"render", "render_template", "TemplateResponse"})
_NAMES_PAGE = frozenset({"request", "name", "template_name"})
_WRITES = frozenset({"self.write", "self.finish"})
"""How a handler of Tornado answers."""
_STATUS = frozenset({"status", "status_code"})
_SAYS_DONE = re.compile(r"""(?i)[rbuf]*["'](?:ok(?:ay)?|success\w*|done|true)?["']""")
_OF_ERRORS = re.compile(r"(?i)[\"']?(?:error|err|message|msg|detail|details|reason|exception|traceback)[\"']?")
"""Keys that hold an error, in an answer that has no key by which success is told."""
_COLLECTIONS = frozenset({"list", "dictionary", "tuple", "set"})
_EMPTY = re.compile(r"(?:set|dict|list|tuple|frozenset|str|bytes)\(\)")


_WELL = re.compile(
    r"""(?ix)["'](?:alive|healthy|live|ok(?:ay)?|pass(?:ed|ing)?|ready|running|serving|success\w*|up|done|saved|created|updated|sent|stored)["']
    |["'](?:alive|healthy|ok|ready|success)["']\s*:\s*True|\b(?:healthy|ok|ready|success)\s*=\s*True"""
)
"""What answers say of a service that is well, or of work that is done."""
_NOT_WELL = re.compile(
    r"(?i)\b(?:[345]\d\d|degraded|down|errors?|fail\w*|partial\w*|unavailable|unhealthy|warnings?)\b"
)
_HEALTH = re.compile(r"(?i)(?:^|_)(?:health(?:z|y|_?checks?)?|read(?:y|yz|iness))(?:_|$)")
_PATH_OF_HEALTH = re.compile(r"""(?i)["'][^"']*/_*(?:health(?:z|y|_?-?checks?)?|read(?:y|yz|iness))/?["']""")
"""How functions and addresses are named that tell whether a service is well."""


REFUSAL = re.compile(
    r"\w*(?:BadRequest|Conflict|Forbidden|NotAllowed|NotFound|ServerError|Unauthorized|UnprocessableEntity)(?:Error)?"
)
"""Names of answers that tell of a failure by themselves."""


class Answer(enum.Enum):
    """What an answer says of a failure."""

    NOTHING = enum.auto()
    """That there is nothing, or that all went well."""
    ERROR = enum.auto()
    """What the error is, with a status of success."""


def of_failure(clause: Node, last: Node) -> Answer | None:
    """What the last statement of a handler answers; None if it tells of the failure by its status, or is no answer."""
    body = _answered(clause, last)
    if body is None:
        return None
    if all(map(_is_nothing, body)):
        return Answer.NOTHING
    return Answer.ERROR if len(body) == 1 and _is_error(body[0], handlers.alias(clause)) else None


def is_empty(value: Node) -> bool:
    """Whether a value is a collection or a text with nothing in it: `[]`, `set()`."""
    if value.type == "call":
        return _EMPTY.fullmatch(text_of(value)) is not None
    if value.type == "string":
        return text_of(value) in {"''", '""', "b''", 'b""'}
    return value.type in _COLLECTIONS and not value.named_children


def makes(call: Node) -> bool:
    """Whether a call makes an answer, or gives it."""
    return last_word(call) in _MAKES | _RENDERS or text_of(call.child_by_field_name("function") or call) in _WRITES


def says_well(answer: Node, made: Collection[str]) -> bool:
    """Whether a `return` says that all is well, and nothing in it is made of some variables."""
    value = answer.named_children[0] if answer.type == "return_statement" and answer.named_children else None
    if value is None or _NOT_WELL.search(text_of(value)) is not None or not names_in(value).isdisjoint(made):
        return False
    return value.type == "true" or (value.type != "identifier" and _WELL.search(text_of(value)) is not None)


def is_of_health(clause: Node) -> bool:
    """Whether a handler stands in a function that tells whether a service is well, by its name or its address."""
    function = function_around(clause)
    name, around = (function.child_by_field_name("name"), function.parent) if function is not None else (None, None)
    if name is not None and _HEALTH.search(text_of(name)) is not None:
        return True
    return around is not None and any(
        one.type == "decorator" and _PATH_OF_HEALTH.search(text_of(one)) is not None for one in around.children
    )


def _answered(clause: Node, last: Node) -> list[Node] | None:
    """What makes up the body of an answer; None if it has a status of failure, or is none."""
    if not last.named_children:
        return None
    value, is_written = last.named_children[0], last.type == "expression_statement"
    if value.type == "expression_list":  # `return body, status`
        value, *status = value.named_children
        if len(status) != 1 or status[0].type != "integer" or not text_of(status[0]).startswith("2"):
            return None
    name = text_of(value.child_by_field_name("function") or value) if value.type == "call" else ""
    if is_written or name in _WRITES:
        return positional_arguments(value) or None if name in _WRITES else None
    if value.type == "call" and last_word(value) in _MAKES | _RENDERS:
        return _body(value)
    # None is an answer to few frameworks: for the others it is an error, and a status of 500.
    return [value] if is_view(clause) and value.type not in {"call", "none"} else None


def _body(call: Node) -> list[Node] | None:
    given, named = positional_arguments(call), keyword_arguments(call)
    if "**" in named or "headers" in named or any(one.type == "list_splat" for one in given):
        return None
    is_shown = last_word(call) in _RENDERS
    status = [value for name, value in named.items() if name in _STATUS] or ([] if is_shown else given[1:2])
    if any(not text_of(one).startswith("2") and "_2" not in text_of(one) for one in status):
        return None
    if is_shown:
        shown = [one for one in given if one.type == "dictionary"]
        shown += [value for name, value in named.items() if name not in _NAMES_PAGE]
        values = [value for one in shown for value in _values(one)]
        return values if values and all(map(is_empty, values)) else None
    if last_word(call) == "jsonify" and named:
        return [call.child_by_field_name("arguments") or call]
    contents = (named.get(name) for name in ("content", "data", "text", "body", "response"))
    return given[:1] or [one for one in contents if one is not None][:1]


def _values(context: Node) -> list[Node]:
    """The values of what is shown, besides the request."""
    if context.type != "dictionary":
        return [context]
    pairs = (one for one in context.named_children if one.type == "pair")
    found = (one.child_by_field_name("value") for one in pairs if "request" not in text_of(one))
    return [one for one in found if one is not None]


def is_view(clause: Node) -> bool:
    """Whether a handler stands in a function that a decorator makes a view."""
    function = function_around(clause)
    around = function.parent if function is not None else None
    return around is not None and any(_ROUTE.match(text_of(one)) for one in around.children if one.type == "decorator")


def _is_nothing(value: Node) -> bool:
    """Whether nothing in a value tells of a failure; `False` under a key does, and so does a text but `ok`."""
    if value.type in {"none", "true", "integer", "float"} or is_empty(value):
        return True
    if value.type == "string":
        return _SAYS_DONE.fullmatch(text_of(value)) is not None
    if value.type in {"pair", "keyword_argument"}:
        held = value.child_by_field_name("value")
        return held is not None and _is_nothing(held)
    return value.type in _COLLECTIONS | {"argument_list"} and all(map(_is_nothing, value.named_children))


def _is_error(value: Node, error: Node | None) -> bool:
    """Whether a body holds the text of the error, and nothing else by which a client could tell it from success."""
    if error is None or value.type not in {"dictionary", "argument_list"} or not value.named_children:
        return False
    keys = [one.child_by_field_name("key") or one.child_by_field_name("name") for one in value.named_children]
    is_all = all(key is not None and _OF_ERRORS.fullmatch(text_of(key)) is not None for key in keys)
    return is_all and any(one.type == "identifier" and one.text == error.text for one in walk(value, FUNCTIONS))
