"""Calls that may find nothing: where a function uses their results, or gives them back, without a look at them.

Here stands what the text of the function tells; which functions give back nothing, `Summaries` finds out.
"""

from __future__ import annotations

import builtins
import functools
import re
from collections.abc import Iterable

from tree_sitter import Node

from shipworthy import queries, unseen
from shipworthy.document import Block
from shipworthy.escape.ir import Call, Flow, Path, Use
from shipworthy.escape.scope import NOTHING, Scope, Value, union
from shipworthy.syntax import function_around, text_of, walk

LOOK_UPS = frozenset(
    """
    sqlalchemy.orm.Session.get sqlalchemy.orm.Query.get sqlalchemy.orm.Query.first
    django.db.models.QuerySet.first django.db.models.QuerySet.last
    redis.Redis.get redis.Redis.getdel redis.Redis.getex redis.Redis.hget redis.Redis.lindex
    peewee.Model.get_or_none tortoise.models.Model.get_or_none
    """.split()  # noqa: SIM905
)
"""Calls that give None for what is not there, by their canonical names."""

_OF_COLLECTIONS = frozenset(name for type_ in (str, bytes, dict, list, set) for name in dir(type_)) - {"find", "get"}
"""Methods of texts and collections, of which all but these always give something."""
_LOOKING_UP = re.compile(
    r"(?:^|_)(?:by|current|fetch|fetchone|fetchrow|find|first|get|last|latest|load|look|lookup|newest|one|pick|query|read"
    r"|resolve|retrieve|row|scalar|search|select)(?:_|$)|(?:^|_)of$|^[a-z]{4,}$"
)
"""What is called that looks something up, or by the name of what it gives, `store.order(number)`: to ask of every
call whether its result is looked at takes too long.
"""


@functools.lru_cache(10_000)
def _looks_up(method: str) -> bool:
    """Whether something is called that looks something up; programs call the same methods over and over."""
    return _LOOKING_UP.search(method) is not None


_BUILTINS = frozenset(dir(builtins))
_PICKING = frozenset({"filter", "having", "where"})
"""Methods of a query that take comparisons."""
_TAKING = frozenset({"exec", "execute", "fetchrow", "scalar", "scalars"})
"""Methods that take a query which was made before."""


def note_asked(scope: Scope, node: Node, method: str, receiver: Path, given: Flow, values: Iterable[Value]) -> None:
    """Note by the path of what a method gives for what it was asked, in a chain of calls by the calls before it too."""
    before = scope.flows.get(receiver, NOTHING)
    made = [scope.flows.get(value.path, NOTHING) for value in values] if method in _TAKING else []
    compared = [_compared(scope, node)] if method in _PICKING else []
    asked = union([given, before, *made, *compared])
    if asked:
        scope.flows[f"{receiver}.{method}()"] = asked


def use_of(block: Block, scope: Scope, node: Node, call: Call, receiver: Path) -> tuple[Node, Use] | None:
    """Where the result of a call is used unseen or given back, and what comes of it."""
    method = call.callee.rpartition(".")[2]
    if (method in _OF_COLLECTIONS and method not in queries.OF_MANY) or method[:1].isupper():
        return None
    if method in queries.OF_MANY and queries.may_give_none_of_many(node, function_around(node)):
        first = unseen.first_use(node, block)
        return (first, Use(call, _keys(scope, call, receiver), "IndexError", asks=True)) if first is not None else None
    if not _looks_up(method) or call.callee in _BUILTINS or not unseen.may_matter(node):
        return None
    used = unseen.use(node, block)
    if used is None and not unseen.is_given_back(node, block):
        return None
    function = function_around(node)
    exception = "" if used is None else "AttributeError" if used.type == "attribute" else "TypeError"
    return used or node, Use(call, _keys(scope, call, receiver), exception, queries.may_find_nothing(node, function))


def _keys(scope: Scope, call: Call, receiver: Path) -> Flow:
    """Where the values come from that say what is looked for: in the call, in those before it in a chain, or in what
    a cursor was asked before. A number or a date that was made of a text is as unknown as the text.
    """
    handed = [*call.arguments, *(flow for _, flow in call.keywords)]
    queries_made = [path for _, path in call.paths] if call.callee.rpartition(".")[2] in _TAKING else []
    before = (scope.flows.get(path, NOTHING) for path in (receiver, f"{receiver}.execute()", *queries_made))
    found = union([*handed, *before])
    return frozenset(atom.partition("|")[0] for atom in found)


def _compared(scope: Scope, node: Node) -> Flow:
    """Where the values come from that columns are compared with."""
    compared = (one for one in walk(node.named_children[-1]) if one.type == "comparison_operator")
    names = (text_of(one) for other in compared for one in walk(other) if _is_name(one))
    return union([scope.flows.get(name, frozenset({name})) for name in names])


def _is_name(node: Node) -> bool:
    return node.type == "identifier" and not unseen.is_member(node)
