"""What a view answers in place of a bare 500, in the way of its framework: the handlers that fixes offer for that.

Nothing is answered for what may have failed for another reason, and nothing is returned by what is no view itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TypeAlias

from tree_sitter import Node

from shipworthy import blame, guarding
from shipworthy.facts.model import Escape
from shipworthy.model import Edit
from shipworthy.rule import Offer, Pass, Site
from shipworthy.syntax import FUNCTIONS, enclosing, function_around, last_word, own, text_of

_Replies: TypeAlias = Mapping[str, tuple[str, str, str]]
"""For each framework the module and the name of what answers, and the statement that does."""


def _with_status(status: int) -> _Replies:
    """The answers of those frameworks that are told the status by a number."""
    by_detail = f'raise {{}}(status_code={status}, detail="{{what}}") from {{error}}'
    return {
        "fastapi": ("fastapi", "HTTPException", by_detail),
        "flask": ("flask", "abort", f'{{}}({status}, "{{what}}")'),
        "starlette": ("starlette.exceptions", "HTTPException", by_detail),
        "tornado": ("tornado.web", "HTTPError", f'raise {{}}({status}, "{{what}}") from {{error}}'),
    }


_BAD_REQUEST: _Replies = {
    **_with_status(400),
    "rest_framework": ("rest_framework.exceptions", "ValidationError", 'raise {}("{what}") from {error}'),
    "django": ("django.core.exceptions", "BadRequest", 'raise {}("{what}") from {error}'),
    "aiohttp": ("aiohttp.web", "HTTPBadRequest", 'raise {}(text="{what}") from {error}'),
}
_BAD_GATEWAY: _Replies = {
    **_with_status(502),
    "django": ("django.http", "HttpResponse", 'return {}("{what}", status=502)'),
    "aiohttp": ("aiohttp.web", "HTTPBadGateway", 'raise {}(text="{what}") from {error}'),
}
"""Django's REST framework has no exception for that, and what one of its hooks returns is no answer."""
_NOT_FOUND: _Replies = {
    "rest_framework": ("django.http", "Http404", "raise {} from {error}"),
    "fastapi": ("fastapi", "HTTPException", "raise {}(status_code=404) from {error}"),
    "flask": ("flask", "abort", "{}(404)"),
    "django": ("django.http", "Http404", "raise {} from {error}"),
    "aiohttp": ("aiohttp.web", "HTTPNotFound", "raise {}() from {error}"),
    "tornado": ("tornado.web", "HTTPError", "raise {}(404) from {error}"),
}

_UNFIT_REQUEST = "the request is not valid"
_OUTAGE = "an upstream service failed"
_WRONG = {
    "KeyError": "a field is missing",
    "JSONDecodeError": "this is no valid JSON",
    "UnicodeDecodeError": "this is no text in UTF-8",
}
"""What is said to a client. Neither the text of an exception is nor what was called: they tell of the program."""

_MAKES_ANSWER = re.compile(r"(?:\w*Response\w*|render|redirect)\Z")
"""How the names of calls end that make an answer of Django."""


def bad_request(run: Pass, escape: Escape) -> Iterator[Offer]:
    """A 400 answer in the framework's own way, unless it might blame the client for what others have done."""
    if not _is_of_client(run, escape):
        return
    kinds = {one.rpartition(".")[2] for one in escape.all_exceptions}
    what = _WRONG.get(next(iter(kinds)), _UNFIT_REQUEST) if len(kinds) == 1 else _UNFIT_REQUEST
    yield from _answer(run, escape, _BAD_REQUEST, "Answer 400 if it fails", what)


def bad_gateway(run: Pass, escape: Escape) -> Iterator[Offer]:
    """A 502 answer in the framework's own way."""
    yield from _answer(run, escape, _BAD_GATEWAY, "Answer 502 if it fails", _OUTAGE)


def not_found(run: Pass, escape: Escape) -> Iterator[Offer]:
    """A 404 answer in the framework's own way, unless something else might be missing."""
    if not _is_of_client(run, escape):
        return
    yield from _answer(run, escape, _NOT_FOUND, "Answer 404 if there is none", "")


def _answer(run: Pass, escape: Escape, replies: _Replies, title: str, what: str) -> Iterator[Offer]:
    known = replies.get(escape.framework)
    if known is None or escape.kind != "view":
        return
    module, member, statement = known
    if statement.startswith("return") and not _may_return_answer(run, escape):
        return

    def handler(site: Site, error: str) -> tuple[tuple[str, ...], tuple[Edit, ...]]:
        name, edits = guarding.written(run, site, f"{module}.{member}")
        return (statement.format(name, what=what, error=error),), edits

    yield from guarding.offer(run, escape, title, handler, asks="{error}" in statement)


def _is_of_client(run: Pass, escape: Escape) -> bool:
    """Whether nothing but what is told of can raise what is caught, as far as that can be seen from here."""
    told = (escape, *escape.along)
    if any(one.way for one in told):
        return False
    types = guarding.types_to_catch(run.block, told)
    spans = [one.span for one in told]
    return not blame.may_come_of_others(run, guarding.tried(run, escape), types, spans)


def _may_return_answer(run: Pass, escape: Escape) -> bool:
    """Whether what is returned where an escape is handled is an answer: the function returns nothing else, and no
    context around takes the end of it for success.
    """
    failing = run.block.smallest(escape.span)
    function = function_around(failing) if failing is not None else None
    if failing is None or function is None or escape.way or "atomic" in run.block.text:
        return False
    if enclosing(failing, FUNCTIONS | {"with_statement"}) != function:
        return False
    given = [node.named_children for node in own(function, "return_statement")]
    return bool(given) and all(len(values) == 1 and _is_answer(values[0]) for values in given)


def _is_answer(value: Node) -> bool:
    return value.type == "call" and _MAKES_ANSWER.match(last_word(value) or text_of(value)) is not None
