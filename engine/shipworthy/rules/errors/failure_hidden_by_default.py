from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from shipworthy import fixes, handlers, origins
from shipworthy.model import Edit, Severity
from shipworthy.rule import Found, Offer, Pass, Site, node_rule, py
from shipworthy.syntax import dotted, spoken, statements, text_of

_EFFECTS = frozenset(
    {
        "commit",
        "write",
        "write_text",
        "write_bytes",
        "writelines",
        "post",
        "put",
        "delete",
        "patch",
        "send",
        "sendall",
        "sendmail",
        "send_message",
        "send_file",
        "save",
        "insert",
        "insert_one",
        "insert_many",
        "update_one",
        "update_many",
        "delete_one",
        "delete_many",
        "bulk_create",
        "upload",
        "upload_file",
        "upload_fileobj",
        "publish",
        "put_item",
        "put_object",
        "delete_object",
        "execute",
        "executemany",
        "charge",
        "transfer",
        "refund",
    }
)
_FUNCTIONS = frozenset(
    {
        "os.remove",
        "os.rename",
        "os.replace",
        "os.unlink",
        "shutil.move",
        "shutil.copy",
        "shutil.copytree",
        "shutil.rmtree",
    }
)
_PLAIN = frozenset({"true", "none", "false", "integer", "float", "string", "list", "dictionary", "tuple"})


@node_rule(
    "failure-hidden-by-default",
    severity=Severity.HINT,
    python="except_clause",
    agrees_with=("ruff:BLE001",),
    cwe=(390,),
    extract=origins.bindings,
    bad=(
        py(
            """
            logger = logging.getLogger(__name__)

            def store(connection, user):
                try:
                    connection.execute(INSERT, user)
                    connection.commit()
                except Exception:
                    «return None»
            """,
            fixed="""
            logger = logging.getLogger(__name__)

            def store(connection, user):
                try:
                    connection.execute(INSERT, user)
                    connection.commit()
                except Exception:
                    logger.exception("connection.execute failed")
                    raise
            """,
        ),
    ),
    good=(
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
    ),
)
def failure_hidden_by_default(run: Pass, clause: Node) -> Iterator[Found]:
    """Work with an effect fails, and the caller is handed a plain value as if nothing had happened.

    Nothing was written, sent or deleted, and neither a log nor the caller can tell why: `None` and
    `False` have other meanings too.

    Instead, catch what you expect by its own type, log it, and raise it or an error of your own.
    """
    listed = statements(handlers.body(clause))
    if not listed or listed[-1].type != "return_statement" or len(listed) > 2:
        return
    types = handlers.caught(run, clause)
    if not handlers.is_broad(types) or handlers.raises(clause) or handlers.uses_alias(clause) or handlers.tells(clause):
        return
    if handlers.says_why(run, clause) or not _is_plain(listed[-1]):
        return
    effect = next((call for call in handlers.calls(handlers.tried(clause)) if _has_effect(run, call)), None)
    if effect is None or _is_asked_for(clause):
        return
    name = spoken(effect.child_by_field_name("function"))
    message = f"If `{name}` fails, this return value hides it: log the exception, or let the caller have it."
    yield run.finding(listed[-1], message, offers=(_offer(run, clause, listed[-1]),))


def _offer(run: Pass, clause: Node, statement: Node) -> Offer:
    def edits(site: Site) -> Iterator[Edit]:
        call, imports = fixes.log_exception(run, site, fixes.what_failed(handlers.calls(handlers.tried(clause))))
        yield from imports
        yield site.replace(statement, f"{call}{fixes.between(site, statement)}raise")

    return run.offer("Log the exception and raise it again", edits)


def _is_plain(statement: Node) -> bool:
    """Whether a `return` gives a constant, or nothing at all."""
    if not statement.named_children:
        return True
    value = statement.named_children[0]
    if value.type in {"list", "dictionary", "tuple"}:
        return not value.named_children
    return value.type in _PLAIN


def _has_effect(run: Pass, call: Node) -> bool:
    function = call.child_by_field_name("function")
    method = dotted(function).rpartition(".")[2] if function is not None and function.type == "attribute" else ""
    return method in _EFFECTS or run.name(function) in _FUNCTIONS


def _is_asked_for(clause: Node) -> bool:
    """Whether success is told by a constant too, so that the value is the answer to a question."""
    attempt = clause.parent
    scope = attempt.parent if attempt is not None else None
    nodes = [*handlers.tried(clause), *(statements(scope) if scope is not None else [])]
    return any(node.type == "return_statement" and text_of(node) in {"return True", "return False"} for node in nodes)
