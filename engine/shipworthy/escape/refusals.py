"""Rows that a database refuses since there is one like them: what was sent twice, or exists under that name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from tree_sitter import Node

from shipworthy.escape.ir import Path
from shipworthy.syntax import text_of

UNIQUE = "unique:"
"""Begins the attribute of a model that stands for a column in which its rows differ, before the column's name."""

ANY = ""
"""Stands among the models of which rows were asked for where nobody says of which."""

_SAYS_UNIQUE = re.compile(r"\bunique\s*=\s*True\b")

_SETTLING = re.compile(r"(?i)\bon\s+(?:conflict|duplicate\s+key)\b|\bwhere\s+not\s+exists\b")

REFUSED = ("IntegrityError", "UniqueViolation", "UniqueViolationError")
"""How exceptions end that say that a row was refused."""

SAVING = frozenset({"sqlalchemy.orm.Session.commit", "sqlalchemy.orm.Session.flush"})
"""Calls that write what was made before."""

_SESSION = "sqlalchemy.exc.IntegrityError"
_MAKING = {
    "django.db.models.QuerySet.create": "django.db.IntegrityError",
    "django.db.models.QuerySet.acreate": "django.db.IntegrityError",
    "peewee.Model.create": "peewee.IntegrityError",
    "tortoise.models.Model.create": "tortoise.exceptions.IntegrityError",
}
_LOOKING_UP = re.compile(
    r"^(?:filter|filter_by|exists|select|first|fetchone|fetchrow|scalar|scalar_one_or_none|one_or_none|find_one|count"
    r"|get_or_404|get_or_create|update_or_create|find_\w+|\w+_by_\w+|\w*exists\w*)$"
)


def as_insert(beginning: str, text: str) -> str:
    """How a statement begins, as conditions ask; one that says what to do with a row that is there begins so."""
    return "INSERT OR" if beginning.upper() == "INSERT" and _SETTLING.search(text) else beginning


def unique_columns(statements: Iterable[Node]) -> Iterator[str]:
    """The columns of a model, by the statements in the body of its class, in which its rows differ."""
    for statement in statements:
        inner = statement.named_children[0] if statement.type == "expression_statement" else statement
        if inner.type != "assignment":
            continue
        left, right = inner.child_by_field_name("left"), inner.child_by_field_name("right")
        if left is not None and right is not None and _SAYS_UNIQUE.search(text_of(right)):
            yield text_of(left)


def refusal(name: str) -> str:
    """The exception by which a call that writes rows of a model says that it refuses one; "" for other calls."""
    return _SESSION if name in SAVING else _MAKING.get(name, "")


def looks_up(callee: Path) -> bool:
    """Whether a call asks for rows: who has looked whether there is one has thought of it."""
    return bool(_LOOKING_UP.match(callee.rpartition(".")[2]))


def is_refused(exceptions: Iterable[str]) -> bool:
    """Whether all of some exceptions say that a row was refused."""
    return all(name.endswith(REFUSED) for name in exceptions)
