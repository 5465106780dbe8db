"""Calls that may find nothing: where a function uses their results, or gives them back, without a look at them.

Here stands what the text of the function tells; which functions give back nothing, `Summaries` finds out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from shipworthy import queries, unseen
from shipworthy.document import Block
from shipworthy.escape.ir import Atom, Call, Flow, Path, Use
from shipworthy.escape.scope import NOTHING, Scope, union
from shipworthy.syntax import function_around, last_word, text_of, walk

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
_ASKING = frozenset({"execute", "callproc"})
"""Methods of a cursor after which it gives what they have asked for."""
_CALLS = re.compile(r"\(\)")


def note_asked(scope: Scope, call: Node, given: Flow) -> None:
    """Note for what a cursor is asked."""
    function = call.child_by_field_name("function")
    holder = function.child_by_field_name("object") if function is not None else None
    if holder is not None and given and last_word(call) in _ASKING:
        scope.flows[_asked(holder)] = given


def _asked(holder: Node) -> str:
    return f"{text_of(holder)}.execute()"


def uses(block: Block, scope: Scope, node: Node, call: Call, receiver: Path) -> Iterator[tuple[Node, Use]]:
    """Where the result of a call is used unseen or given back, and what comes of it."""
    method = last_word(node)
    if method in _OF_COLLECTIONS or method[:1].isupper() or not unseen.may_matter(node):
        return
    used = unseen.use(node, block)
    if used is None and not unseen.is_given_back(node, block):
        return
    exception = "" if used is None else "AttributeError" if used.type == "attribute" else "TypeError"
    asks = queries.may_find_nothing(node, function_around(node))
    yield used or node, Use(call, _keys(scope, node, call, receiver), exception, asks)


def _keys(scope: Scope, node: Node, call: Call, receiver: Path) -> Flow:
    """Where the values come from that say what is looked for: in the call, in those before it in a chain, or in what
    a cursor was asked before.
    """
    chain = {receiver[: found.start()] for found in _CALLS.finditer(receiver)}
    of_chain = frozenset(_within(atom, chain) for atom in call.receiver)
    compared = (one for one in walk(node) if one.type == "comparison_operator")
    names = (text_of(one) for other in compared for one in walk(other) if _is_name(one))
    function = node.child_by_field_name("function")
    holder = function.child_by_field_name("object") if function is not None else None
    asked = scope.flows.get(_asked(holder), NOTHING) if holder is not None else NOTHING
    handed = [*call.arguments, *(flow for _, flow in call.keywords)]
    return union([*handed, of_chain, asked, *(scope.flows.get(name, frozenset({name})) for name in names)])


def _is_name(node: Node) -> bool:
    return node.type == "identifier" and not unseen.is_member(node)


def _within(atom: Atom, chain: set[Path]) -> Atom:
    """An atom without the calls of a chain that it went through last."""
    before, _, last = atom.rpartition("|")
    return _within(before, chain) if before and last in chain else atom
