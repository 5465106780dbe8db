from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from shipworthy import handlers
from shipworthy.language import BRACES
from shipworthy.model import Edit, Severity
from shipworthy.rule import Found, Offer, Pass, Site, js, node_rule, py
from shipworthy.syntax import CLASSES, FUNCTIONS, ancestors, last_word, positional_arguments, statements, text_of, walk

_SPEAKS_FOR_ITSELF = re.compile(
    r"(?i)http|abort|exit|notfound|forbidden|denied|unauthorized|click|usage|badparameter|typer|stop(?:async)?iteration"
    r"|keyboardinterrupt|systemexit|^AttributeError$|^KeyError$|^IndexError$|^NotImplementedError$|skip|ignore|reject|retry"
)
"""Types that tell a person or a protocol what to do, and that nobody reads a traceback of."""

_HAS_A_REASON = re.compile(
    r"(?i)(?:os|io|environment|permission|called_?process|subprocess|pars(?:e|er|ing)|syntax|scanner|yaml|toml|configobj"
    r"|xml|validation|sqlalchemy|database|operational|programming|client|ssl|zip|tar|read|command)"
    r"(?:error|exception|file|failed)"
)
"""Types whose instances say what exactly is wrong: where a text breaks off, what the system refused."""

_TAKES_CAUSE = frozenset({"Error", "TypeError", "RangeError", "SyntaxError", "ReferenceError", "EvalError", "URIError"})


@node_rule(
    "lost-cause",
    severity=Severity.HINT,
    default=False,
    python="raise_statement",
    javascript="throw_statement",
    agrees_with=("ruff:B904",),
    bad=(
        py(
            """
            try:
                value = parse(text)
            except ParseError:
                «raise ConfigError("the file is broken")»
            """,
            fixed="""
            try:
                value = parse(text)
            except ParseError as error:
                raise ConfigError("the file is broken") from error
            """,
        ),
        py(
            """
            try:
                value = parse(text)
            except (OSError, ParseError) as problem:
                «raise ConfigError("the file is broken")»
            """,
            fixed="""
            try:
                value = parse(text)
            except (OSError, ParseError) as problem:
                raise ConfigError("the file is broken") from problem
            """,
        ),
        js(
            'try { parse(text) } catch (e) { «throw new Error("the file is broken");» }',
            fixed='try { parse(text) } catch (e) { throw new Error("the file is broken", { cause: e }); }',
        ),
        js(
            "try { parse(text) } catch { «throw new TypeError(`broken`)» }",
            fixed="try { parse(text) } catch (error) { throw new TypeError(`broken`, { cause: error }) }",
        ),
    ),
    good=(
        py("""
            try:
                value = parse(text)
            except ParseError as error:
                raise ConfigError("the file is broken") from error
        """),
        py("""
            try:
                found = query.one()
            except NoResultFound:
                raise ValueError(f"no such list: {name}")
        """),
        py("""
            try:
                value = parse(text)
            except ParseError:
                raise ConfigError("the file is broken") from None
        """),
        py("""
            try:
                value = parse(text)
            except ValueError as error:
                raise ConfigError(f"the file is broken: {error}")
        """),
        py("""
            try:
                value = parse(text)
            except ValueError:
                raise ConfigError("the file is broken") from None
        """),
        py("""
            try:
                return self.values[name]
            except KeyError:
                raise AttributeError(name)
        """),
        py("""
            try:
                user = users[name]
            except KeyError:
                raise UnknownUser(name)
        """),
        py("""
            def octal(text):
                try:
                    return int(text, 8)
                except (TypeError, ValueError):
                    raise UsageError(f"{text} is no octal number")
        """),
        py("""
            try:
                user = users[name]
            except KeyError:
                raise HTTPException(404)
        """),
        js("try { parse(text) } catch (e) { throw new Error(`broken: ${e.message}`); }"),
        js('try { parse(text) } catch (e) { console.error(e); throw new Error("broken"); }'),
        js('try { parse(text) } catch (e) { throw new ConfigError("broken"); }'),
    ),
)
def lost_cause(run: Pass, statement: Node) -> Iterator[Found]:
    """A new error takes the place of the one that was caught, and does not say where it comes from.

    Whoever reads the report sees the second error alone, or, in Python, the first one as an
    accident that happened "during handling". In JavaScript the first one is lost altogether.
    In Python it is a finding where the first error says what exactly is wrong, as that of a parser
    or of the system does; a failed look-up or conversion says no more than the second error.

    Instead, hand the first error on: `raise New(...) from error`, `new Error(message, { cause: error })`.
    """
    yield from _throw(run, statement) if run.block.language.id in BRACES else _raise(run, statement)


def _raise(run: Pass, statement: Node) -> Iterator[Found]:
    clause = _clause(statement, "except_clause")
    call = statement.named_children[0] if statement.named_children else None
    if clause is None or call is None or call.type != "call" or statement.child_by_field_name("cause") is not None:
        return
    name = last_word(call)
    if not name[:1].isupper() or _SPEAKS_FOR_ITSELF.search(name) or handlers.uses_alias(clause):
        return
    if re.search(r"exc(?:eption|_info)?\(", text_of(call.child_by_field_name("arguments") or call)) is not None:
        return
    value, types = clause.child_by_field_name("value"), handlers.caught(run, clause)
    if value is None or not all(_HAS_A_REASON.fullmatch(one.rpartition(".")[2]) for one in types):
        return
    if any(map(handlers.records_error, handlers.calls(statements(handlers.body(clause))))):
        return
    message = f"`{name}` looks like a second failure: raise it `from` the exception that was caught."
    yield run.finding(statement, message, offers=(_from(run, clause, value, call),))


def _from(run: Pass, clause: Node, value: Node, call: Node) -> Offer:
    bound = handlers.alias(clause)
    name = text_of(bound) if bound is not None else _free_name(run)

    def edits(site: Site) -> Iterator[Edit]:
        if bound is None:
            yield site.insert(run.block.span(value).end, f" as {name}")
        yield site.insert(run.block.span(call).end, f" from {name}")

    return run.offer(f"Raise it from `{name}`", edits, safe=True)


def _free_name(run: Pass) -> str:
    for name in ("error", "exc", "cause"):
        is_taken = run.facts.defined(name) is not None or run.facts.imported(name) is not None
        if not is_taken and re.search(rf"\b{name}\b", run.block.text) is None:
            return name
    return "original_error"


def _throw(run: Pass, statement: Node) -> Iterator[Found]:
    clause = _clause(statement, "catch_clause")
    new = statement.named_children[0] if statement.named_children else None
    if clause is None or new is None or new.type != "new_expression" or new.child_by_field_name("arguments") is None:
        return
    name, given = text_of(new.child_by_field_name("constructor") or new), positional_arguments(new)
    if name not in _TAKES_CAUSE or len(given) != 1 or given[0].type == "spread_element":
        return
    parameter, body = clause.child_by_field_name("parameter"), clause.child_by_field_name("body")
    if body is None or (parameter is not None and parameter.type != "identifier"):
        return
    if parameter is not None and any(node.type == "identifier" and node.text == parameter.text for node in walk(body)):
        return
    message = f"This `{name}` hides what caused it: give it the caught error as its `cause`."
    bound = text_of(parameter) if parameter is not None else _free_name(run)

    def edits(site: Site) -> Iterator[Edit]:
        if parameter is None:
            yield site.insert(body, f"({bound}) ")
        yield site.insert(run.block.span(given[0]).end, f", {{ cause: {bound} }}")

    yield run.finding(statement, message, offers=(run.offer(f"Give it `{bound}` as its cause", edits, safe=True),))


def _clause(statement: Node, kind: str) -> Node | None:
    """The handler that a statement stands in, if it is of the same function."""
    for around in ancestors(statement):
        if around.type in FUNCTIONS or around.type in CLASSES:
            return None
        if around.type == kind:
            return around
    return None
