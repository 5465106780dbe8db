"""How a Lambda tells which records of its batch have failed, so that only those are delivered again."""

from __future__ import annotations

from shipworthy.document import Block
from shipworthy.model import Span
from shipworthy.syntax import enclosing, names_in, text_of, walk

_TELLS = "batchItemFailures"
_TOLD = "itemIdentifier"


def tells(block: Block) -> bool:
    """Whether a function tells which records have failed; where none does, what is not raised counts as done."""
    return _TELLS in block.text


def telling(block: Block, at: Span) -> str:
    """The statement that tells so of the record that a loop is at: that of another handler in it, or one for a message
    of SQS; "" if neither can be told.
    """
    node = block.smallest(at)
    loop = node if node is None or node.type == "for_statement" else enclosing(node, ("for_statement",))
    target = loop.child_by_field_name("left") if loop is not None else None
    if loop is None or target is None or target.type != "identifier":
        return ""
    for statement in (one for one in walk(loop) if one.type == "expression_statement"):
        text = text_of(statement)
        is_handler = enclosing(statement, ("except_clause",)) is not None
        if is_handler and _TOLD in text and "\n" not in text and text_of(target) in names_in(statement):
            return text
    failed = _listed(block)
    is_message = f'{text_of(target)}["body"]' in text_of(loop).replace("'", '"')
    return f'{failed}.append({{"{_TOLD}": {text_of(target)}["messageId"]}})' if failed and is_message else ""


def _listed(block: Block) -> str:
    """The name of the list of records that have failed, as a function gives it back."""
    for pair in (one for one in walk(block.root) if one.type == "pair"):
        key, value = pair.child_by_field_name("key"), pair.child_by_field_name("value")
        if key is not None and value is not None and _TELLS in text_of(key) and value.type == "identifier":
            return text_of(value)
    return ""
