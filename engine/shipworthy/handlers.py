"""Questions about Python's `try` and `except` that several rules ask, so that each failure has one finding."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from shipworthy import promised
from shipworthy.rule import Pass
from shipworthy.syntax import (
    CLASSES,
    FUNCTIONS,
    ancestors,
    does_nothing,
    dotted,
    enclosing,
    function_around,
    keyword_arguments,
    last_word,
    statements,
    text_of,
    walk,
)

BROAD: frozenset[str] = frozenset({"Exception", "BaseException"})
"""Types that catch what nobody has thought of. A bare `except:` catches as much."""

_LOGGER = re.compile(r"(?i)(?:^|[._])(?:log|logger|logging|loguru|_?log(?:ger)?)$|^log(?:ger)?$")
_LEVELS = frozenset({"debug", "info", "warning", "warn", "error", "critical", "fatal", "exception", "log"})
_TELLS = re.compile(
    r"(?i)log|warn|sentry|capture|print_exc|traceback|exc_info|report|notif|alert|flash|abort|exit|fail|error|messagebox|echo"
)
_PRINTS = re.compile(r"print|(?:click|typer)\.(?:echo|secho)|(?:\w+\.)?console\.print|st\.(?:write|text)")
_FORESEES = re.compile(
    r"(?i)\b(?:errors?|fail\w*|crash\w*|exceptions?|raises?|ignor\w+|skip\w*|may not|might (?:not|be)|not there)\b"
)
_EXPECTS = re.compile(r"(?i)\b(?:might (?:not|be|fail)|may (?:not|be|fail)|ignor\w+|if it exists)\b|best[- ]effort")
_ENDS = re.compile(
    r"_*(?:a?close|stop|quit|disconnect|shut_?down|terminate|kill|cancel|clean_?up|tear_?down|tearDown(?:Class|Module)?|a?exit)"
    r"(?:_(?:all|connections?|sockets?|process(?:es)?|tasks?|server|browser|driver))?_*"
)
_CLEANUP = re.compile(
    r"a?close|quit|disconnect|shutdown|terminate|kill|stop|cancel|cleanup|release|unlink|remove|rmtree|rollback|join|wait|flush"
    r"|delattr|dispose|destroy|detach|(?:clear|delete_all)_cookies|settimeout|setsockopt|after_cancel|(?:un|de)(?:register|subscribe|bind)\w*|\w*(?:log|debug|notify|callback|heartbeat|ping|telemetry)\w*"
)


_LOOKS = re.compile(
    r"int|float|str|bool|bytes|len|dict|list|set|tuple|sorted|min|max|sum|any|all|isinstance|issubclass"
    r"|getattr|hasattr|parse_version|Version|type|cast|repr|round|abs|ord|chr|next|iter|zip|enumerate|range|vars|get|strip|lstrip|rstrip"
    r"|split|rsplit|splitlines|lower|upper|title|replace|startswith|endswith|index|find|rfind|rindex|partition"
    r"|rpartition|join|format|encode|decode|items|keys|values|pop|group|groups|groupdict|match|search"
    r"|fullmatch|loads|json_loads|fromisoformat|strptime|isoformat|strftime|timestamp|total_seconds|copy"
    r"|urlparse|urlsplit|datetime|date|now|utcnow|today|timedelta|translate|unquote|quote|Decimal|UUID|Path|Version|SpecifierSet|Requirement|ip_(?:address|network|interface)|b64decode|literal_eval|sysconf|getenv|stat|statvfs|disk_usage|gmtime|localtime|getsize|getmtime|exists|isfile|isdir"
)
"""Functions and methods that look at values or make new ones, and leave everything else as it was."""


def caught(run: Pass, clause: Node) -> tuple[str, ...]:
    """The types that an `except` clause names, imports resolved; none for a bare `except:`."""
    return tuple((run.name(one) or dotted(one)).removeprefix("builtins.") for one in types(clause))


def types(clause: Node) -> list[Node]:
    """The expressions that an `except` clause names its types by."""
    listed = clause.children_by_field_name("value")
    values = listed[:1] if alias(clause) is not None else listed
    named = [one for value in values for one in _named(value)]
    return [one for one in named if one.type != "comment"]


def _named(value: Node) -> list[Node]:
    if value.type == "as_pattern":
        value = value.named_children[0]
    return value.named_children if value.type in {"tuple", "parenthesized_expression"} else [value]


def is_broad(types: tuple[str, ...]) -> bool:
    """Whether these types catch everything that a program normally raises."""
    return not types or not BROAD.isdisjoint(types)


def takes_all(types: tuple[str, ...]) -> bool:
    """Whether these types catch whatever there is, Ctrl-C included."""
    return not types or "BaseException" in types


def spoken(types: tuple[str, ...]) -> str:
    """The header of a clause as a message quotes it."""
    return f"`except {types[0] if len(types) == 1 else '(' + ', '.join(types) + ')'}`" if types else "A bare `except:`"


def alias(clause: Node) -> Node | None:
    """The name that a clause binds the exception to, written as in Python 3 or 2: `except KeyError, error:`.

    Python 3.14 reads two types there; names of types begin with a capital.
    """
    values = clause.children_by_field_name("value")
    if len(values) == 2 and values[1].type == "identifier" and not text_of(values[1]).lstrip("_")[:1].isupper():
        return values[1]
    if not values or values[0].type != "as_pattern":
        return None
    target = values[0].child_by_field_name("alias")
    return target.named_children[0] if target is not None and target.named_children else None


def body(clause: Node) -> Node | None:
    """The block of an `except`, `else` or `finally` clause."""
    return next((child for child in clause.children if child.type == "block"), None)


def tried(clause: Node) -> list[Node]:
    """The statements that the clause's `try` protects."""
    return statements(clause.parent.child_by_field_name("body")) if clause.parent is not None else []


def statements_of(clause: Node) -> list[Node]:
    """The statements of an `except`, `else` or `finally` clause."""
    return statements(body(clause))


def awaits(clause: Node) -> bool:
    """Whether the `try` awaits anything, so that a cancellation can arrive in it."""
    return any(
        node.type == "await"
        or (node.type == "async" and node.parent is not None and node.parent.type != "function_definition")
        for node in own(tried(clause))
    )


def own(nodes: list[Node]) -> Iterator[Node]:
    """The nodes of statements, without those of functions and classes that they define."""
    for node in nodes:
        yield from walk(node, FUNCTIONS | CLASSES)


def is_empty(clause: Node) -> bool:
    """Whether a handler does nothing: `pass`, `continue`, `...` or a constant that goes nowhere."""
    return all(map(does_nothing, statements(body(clause))))


def raises(clause: Node) -> bool:
    """Whether a handler raises anything, on some path."""
    return any(node.type == "raise_statement" for node in own(statements(body(clause))))


def raises_again(clause: Node) -> bool:
    """Whether a handler raises the exception that it caught, on some path."""
    name = alias(clause)
    for node in own(statements_of(clause)):
        if node.type == "raise_statement":
            raised = node.named_children[0] if node.named_children else None
            if raised is None or (name is not None and raised.text == name.text):
                return True
    return False


def uses_alias(clause: Node) -> bool:
    """Whether a handler does anything with the exception that it caught."""
    name = alias(clause)
    if name is None:
        return False
    return any(node.type == "identifier" and node.text == name.text for node in own(statements(body(clause))))


def calls(nodes: list[Node]) -> list[Node]:
    """The calls among statements, in the order of the text."""
    return [node for node in own(nodes) if node.type == "call"]


def is_log_call(call: Node) -> bool:
    """Whether a call writes to a logger: `logger.error(...)`, `self.log.debug(...)`."""
    receiver, _, method = dotted(call.child_by_field_name("function")).rpartition(".")
    return method in _LEVELS and _LOGGER.search(receiver) is not None


def records_error(call: Node) -> bool:
    """Whether a call records the exception at hand, with its traceback or by itself."""
    function = call.child_by_field_name("function")
    method = (function.child_by_field_name("attribute") if function is not None else None) or function
    name = text_of(method) if method is not None else ""
    if re.search(r"(?i)exception|traceback|exc_info|print_exc|format_exc|handle_?error|crash|report_?err", name):
        return True
    return bool({"exc_info", "stack_info", "**"} & keyword_arguments(call).keys())


def tells(clause: Node) -> bool:
    """Whether a handler tells somebody that something failed, in whatever way."""
    told = (call.child_by_field_name("function") for call in calls(statements(body(clause))))
    return any(function is not None and _TELLS.search(text_of(function)) for function in told)


def only_prints(call: Node) -> bool:
    """Whether a call prints to the standard output: whoever runs the program may read it, no program does."""
    function = call.child_by_field_name("function")
    if function is None or _PRINTS.fullmatch(dotted(function)) is None:
        return False
    return not {"file", "err"} & keyword_arguments(call).keys()


def is_asked_for(clause: Node) -> bool:
    """Whether success is told by a constant too, so that the value is the answer to a question."""
    attempt = clause.parent
    scope = attempt.parent if attempt is not None else None
    nodes = [*own(tried(clause)), *(statements(scope) if scope is not None else [])]
    return any(node.type == "return_statement" and text_of(node) in {"return True", "return False"} for node in nodes)


def says_why(run: Pass, clause: Node) -> bool:
    """Whether a comment in the handler, or right above it, gives a reason; marks for tools give none.

    A comment above the `try`, or in what it tries, counts if it speaks of failure.
    """
    comments = [node for node in walk(clause) if node.type == "comment"]
    if clause.prev_sibling is not None and clause.prev_sibling.type == "comment":
        comments.append(clause.prev_sibling)
    if any(promised.is_reason(run.text(comment)) for comment in comments):
        return True
    if promised.lets_nothing_out(function_around(clause)):
        return True
    attempt = clause.parent
    if attempt is None:
        return False
    behind = attempt.next_named_sibling
    if is_empty(clause) and behind is not None and behind.type == "return_statement":
        value = next(iter(behind.named_children), None)
        if promised.is_given_on_failure(function_around(clause), value):
            return True
    if any(_FORESEES.search(run.text(comment)) is not None for comment in _above_all(attempt)):
        return True
    block = attempt.child_by_field_name("body")
    inside = [node for node in walk(block, FUNCTIONS) if node.type == "comment"] if block is not None else []
    return any(_EXPECTS.search(run.text(comment)) is not None for comment in inside)


def is_foreseen(run: Pass, node: Node) -> bool:
    """Whether a comment above the statement that a node stands in, or among its arguments, speaks of failure."""
    statement = next((one for one in (node, *ancestors(node)) if one.type.endswith("_statement")), None)
    before = above(statement) if statement is not None else None
    if any(one.type == "comment" and _FORESEES.search(run.text(one)) is not None for one in walk(node)):
        return True
    return before is not None and before.type == "comment" and _FORESEES.search(run.text(before)) is not None


def _above_all(attempt: Node) -> Iterator[Node]:
    """The comments above a `try`, above the loop whose items it tries, and above what that loop fills."""
    loop = enclosing(attempt, FUNCTIONS | {"for_statement", "while_statement"})
    heads = [above(attempt)]
    if loop is not None and loop.type not in FUNCTIONS:
        heads.append(above(loop))
        if heads[-1] is not None and heads[-1].type == "expression_statement":
            heads.append(above(heads[-1]))
    yield from (one for one in heads if one is not None and one.type == "comment")


def above(statement: Node) -> Node | None:
    """What stands above a statement; a comment at the head of a block belongs to what the block is of."""
    block = statement.parent
    is_first = statement.prev_sibling is None and block is not None and block.type == "block"
    return block.prev_sibling if is_first and block is not None else statement.prev_sibling


def promises(clause: Node, words: re.Pattern[str]) -> bool:
    """Whether the docstring of the function around says something of this kind."""
    return words.search(promised.docstring(function_around(clause))) is not None


def has_own_way(clause: Node) -> bool:
    """Whether success returns from an `else`, so that what follows the `try` is the way for failure."""
    siblings = clause.parent.children if clause.parent is not None else []
    otherwise = [child for child in siblings if child.type == "else_clause"]
    return any(node.type == "return_statement" for one in otherwise for node in own(statements(body(one))))


def is_broad_in_words(clause: Node) -> bool:
    """Whether a clause catches everything, as it is written."""
    value = clause.child_by_field_name("value")
    return value is None or any(text_of(node) in BROAD for node in walk(value))


def tries_import(clause: Node) -> bool:
    """Whether the `try` is there for an import that may be missing."""
    nodes = list(own(tried(clause)))
    return any(node.type in {"import_statement", "import_from_statement"} for node in nodes) or any(
        last_word(node) in {"import_module", "__import__"} for node in nodes if node.type == "call"
    )


def is_in_destructor(clause: Node) -> bool:
    """Whether the handler stands in `__del__`, which must not raise."""
    function = function_around(clause)
    name = function.child_by_field_name("name") if function is not None else None
    return name is not None and text_of(name) == "__del__"


def is_cleanup(clause: Node) -> bool:
    """Whether the `try` does nothing but close, remove or tell something: to fail at that is often harmless.

    So is the one thing that is still tried when something else has failed, and whatever a function does
    that is there to end something.
    """
    done = tried(clause)
    if len(done) == 1 and done[0].type == "if_statement" and done[0].child_by_field_name("alternative") is None:
        done = statements(done[0].child_by_field_name("consequence"))
    function = function_around(clause)
    name = function.child_by_field_name("name") if function is not None else None
    if name is not None and _ENDS.fullmatch(text_of(name)) is not None:
        return True
    if len(done) != 1 or done[0].type != "expression_statement":
        return False
    around = enclosing(clause.parent, FUNCTIONS | {"except_clause"}) if clause.parent is not None else None
    if around is not None and around.type == "except_clause":
        return True
    call = done[0].named_children[0]
    call = call.named_children[0] if call.type == "await" else call
    return call.type == "call" and _CLEANUP.fullmatch(last_word(call)) is not None


def looks(word: str) -> bool:
    """Whether a function of this name looks at values, and leaves everything else as it was."""
    return _LOOKS.fullmatch(word) is not None


def cleans_up(word: str) -> bool:
    """Whether a function of this name closes, removes or tells something."""
    return _CLEANUP.fullmatch(word) is not None


def leaves_loop(clause: Node) -> bool:
    """Whether a handler ends the loop around it, or stands in none."""
    loops = [node for node in ancestors(clause) if node.type in {"for_statement", "while_statement"} | FUNCTIONS]
    if not loops or loops[0].type in FUNCTIONS:
        return True
    return any(node.type in {"break_statement", "return_statement"} for node in own(statements(body(clause))))


def guards(node: Node) -> Iterator[Node]:
    """The `except` clauses that an exception raised at a node meets within its function, the inner ones first."""
    inner = node
    for around in ancestors(node):
        if around.type in FUNCTIONS:
            return
        if around.type == "try_statement" and inner == around.child_by_field_name("body"):
            yield from (child for child in around.children if child.type == "except_clause")
        inner = around
