"""A call: what it is handed, what it tests, what it hands on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tree_sitter import Node

from shipworthy.escape import absent, futures, stored
from shipworthy.escape.applied import APPLYING, note_applied
from shipworthy.escape.catalogue import beginning
from shipworthy.escape.expressions import CONSTANTS, Expressions, literal
from shipworthy.escape.ir import (
    DIGITS,
    PARAMETER,
    QUEUED,
    RECEIVER,
    SPLAT,
    Call,
    Flow,
    Path,
)
from shipworthy.escape.refusals import as_insert
from shipworthy.escape.scope import NOTHING, UNKNOWN, Value, limited, made_of, through, union
from shipworthy.escape.words import (
    ASSURING,
    AWAITING,
    DOWNLOADING,
    GUARDS,
    HOLDING,
    ONE_OF_ALL,
    PARSING,
    PASSING_METHODS,
    PICKING,
    THERE,
)

_TYPES = frozenset({"float", "int"})
"""Types of which conditions of the catalogue ask, as of literals."""
_GUARDS = GUARDS | {"keys", "set", "isinstance"}
_GUARDING = ("is_", "valid", "check_", "has_")
"""Calls that test what they are given, and how the names of others begin."""
_ASKING_FORM = frozenset({"fullmatch", "isdecimal", "isdigit", "isnumeric"})
"""Methods that ask whether a text is a number, or of a given form."""
_LITERALS = CONSTANTS | {"string", "concatenated_string"}
"""Kinds of arguments that are written out."""
_SPLITTING = frozenset({"rsplit", "split"})
_OF_TEXTS = HOLDING | _SPLITTING
"""Methods of a text that take another one."""
_ASKING = _GUARDS - ASSURING
"""Those that do nothing but say what they have found: a call whose result nobody looks at tests nothing."""
_FILLING = frozenset({"add", "append", "appendleft", "extend", "insert", "update"})
"""Methods that put their last argument into their object."""
_KEEPING = frozenset(
    {"sorted", "list", "tuple", "set", "reversed", "iter", "tqdm", "tqdm.tqdm", "track"}
    | {"as_completed", "futures.as_completed", "concurrent.futures.as_completed"}
)
"""Functions that give the items of their first argument once more."""


def is_filtered(here: Expressions, node: Node) -> bool:
    """Whether an expression gives those items that meet a condition: there may be none."""
    if node.type in {"list_comprehension", "generator_expression"}:
        return any(one.type == "if_clause" for one in node.named_children)
    if node.type != "call":
        return False
    function, given = here.text(node.named_children[0]), node.named_children[-1]
    if function == "list":
        items = given.named_children if given.type == "argument_list" else [given]
        return len(items) == 1 and is_filtered(here, items[0])
    return function == "filter"


def read_call(here: Expressions, node: Node) -> Value:
    """What a call gives, with the call itself among what is made."""
    mark = len(here.read)
    children = node.named_children
    function = children[0]
    receiver = UNKNOWN
    method = ""
    behind_receiver = mark
    if function.type == "attribute":
        parts = function.named_children
        receiver = here.value(parts[0])
        behind_receiver = len(here.read)
        method = here.text(parts[-1])
        here.read.append(method)
        here.reach(function)
        callee = f"{receiver.path}.{method}" if receiver.path else f"?.{method}"
    else:
        callee = here.value(function).path
    last = method or callee.rpartition(".")[2]
    positional: list[Value] = []
    keywords: list[tuple[str, Flow]] = []
    constants: list[tuple[str, str]] = []
    paths: list[tuple[str, Path]] = []
    modes: list[tuple[str, str]] = []
    arguments = children[-1]
    given = arguments.named_children if arguments.type == "argument_list" else [arguments]
    if last in AWAITING and "return_exceptions" not in here.text(arguments):
        here.run.update([argument.id for argument in given])
    read: list[tuple[str, int, int]] = [(RECEIVER, mark, behind_receiver)]
    for argument in given:
        kind = argument.type
        before = len(here.read)
        if kind == "comment":
            continue
        if kind == "keyword_argument":
            name, inner = here.text(argument.named_children[0]), argument.named_children[-1]
            value = here.value(inner)
            keywords.append((name, value.flow))
        elif kind == "dictionary_splat":
            name, inner = "**", argument
            value = here.value(argument.named_children[0] if argument.named_children else None)
            keywords.append((name, value.flow))
        else:
            name, inner = str(len(positional)), argument
            value = _handed_over(here, argument) if kind == "lambda" else here.value(argument)
            if kind == "list_splat":
                keywords.append((SPLAT, value.flow))
            positional.append(value)
        kind = inner.type
        if kind == "lambda":
            value = _handed_over(here, inner)
        read.append((name, before, len(here.read)))
        begins = inner.named_children[0] if kind == "concatenated_string" else inner
        if kind in _LITERALS and (text := literal(here, begins)) is not None:
            begin = beginning(text)
            constants.append((name, as_insert(begin, here.text(inner)) if begin else ""))
            modes.append((name, text))
        elif value.path and value.path != "@str":
            paths.append((name, value.path))
            if value.path in _TYPES:
                constants.append((name, beginning(value.path)))
    names = here.names_since(mark)
    in_vain = node.id in here.dropped and last in _ASKING
    if last in THERE and not in_vain:
        here.scope.there |= names
    elif not in_vain and (last in _GUARDS or last.startswith(_GUARDING)):
        here.scope.guarded |= names
    asked = given[0] if method in _OF_TEXTS and given else None
    first = literal(here, asked) if asked is not None and asked.type == "string" else None
    if method in HOLDING:
        here.note_holding(here.names_since(mark, behind_receiver), first)
    if method in _ASKING_FORM and not in_vain:
        for name in _tested_for_form(here, function, method, given):
            here.scope.flows[name] = through(DIGITS, here.scope.flows[name])
    is_tested = last in ONE_OF_ALL and any(map(here.is_something, given[:1], positional))
    guarded = frozenset({"0"}) if is_tested else NOTHING
    if here.is_guarded(names, parsed=last in PARSING):
        tested = [(place, here.names_since(begin, end)) for place, begin, end in read]
        guarded |= {place for place, some in tested if here.is_guarded(some, parsed=last in PARSING)} or {RECEIVER}
    handed = tuple([value.flow for value in positional])
    made = Call(
        here.span(node),
        callee,
        handed,
        tuple(keywords),
        receiver.flow,
        names,
        tuple(constants),
        tuple(paths),
        guarded,
        node.id in here.run,
        node.id in here.dropped,
    )
    here.made.append(made)
    if callee in APPLYING:
        note_applied(here, node, callee, given, positional)
    if callee == "next" and len(positional) == 1 and is_filtered(here, given[0]):
        here.take_match(node, positional[0], mark, "StopIteration")
    if not made.dropped:
        here.note_uses(node, made, receiver.path)
    if method == futures.SUBMITTING and positional and (future := futures.future_of(positional[0].path)):
        here.submitted[positional[0].path] = made._replace(arguments=()) if given[0].type == "lambda" else made
        return Value(future, NOTHING)
    if method in futures.OF_FUTURE and (results := _of_future(here, made, method, receiver.path)):
        return results
    known = "" if callee.startswith("?") else callee
    if method in _SPLITTING:
        of_receiver = here.names_since(mark, behind_receiver)
        if of_receiver and here.is_parted(of_receiver, first):
            known = ""  # there are parts, so it is no list that may be too short
    if known in {"contextlib.closing", "closing", "cast", "typing.cast"} and positional:
        return positional[-1]
    if known in {"partial", "functools.partial"} and positional:
        return Value(positional[0].path, NOTHING)
    if method in _FILLING and positional and function.named_children[0].type == "identifier":
        here.fill(here.text(function.named_children[0]), positional[-1])
    if method in {"put", "put_nowait"} and positional and receiver.path:
        sources = (atom for atom in positional[0].flow if not atom.startswith(PARAMETER) and " " not in atom)
        here.note(f"{QUEUED}{receiver.path}", " ".join(sorted(sources)))
    if last in DOWNLOADING and known and positional and given[-1].type == "identifier":
        here.fill(here.text(given[-1]), Value("", frozenset({f"{known}()"})))
    if known in _KEEPING and positional and positional[0].path:
        return positional[0]
    if known.endswith(PICKING) and positional and positional[-1].path:
        return Value(f"{positional[-1].path}[]", positional[-1].flow)
    if "usecols" in [name for name, _ in keywords] or (last == "decode" and _requires_keys(here, arguments)):
        return Value(f"{known}()", NOTHING)  # the columns, or claims, are looked at while they are read
    result = f"{known}()" if known else ""
    flow = union([*handed, *[flow for _, flow in keywords]])
    if method and receiver.path:
        absent.note_asked(here.scope, node, method, receiver.path, flow, positional)
    if method in {"get", "getlist", "getall", "getone"}:
        flow = receiver.flow
    elif method in {"joinpath", "with_suffix", "with_name", "format"}:
        flow = made_of([flow, receiver.flow])
    elif method in {"read_text", "read_bytes"}:
        flow = through("open", receiver.flow)
    elif method in PASSING_METHODS:
        flow = union([flow, receiver.flow])
    elif flow:
        flow = through(known, flow) if known else NOTHING
    if last in stored.OPENING:
        of_path = method and not stored.is_function(callee)
        said = here.text(function.named_children[0] if of_path else (*given, node)[0])
        opened = stored.opened(callee, dict(paths).get("0", ""), said, dict(modes))
        if opened is not None and opened.written:
            here.written.add(stored.mark_of(opened.atom))
        elif opened is not None:
            flow = flow | {opened.atom}
    return Value(result, limited(flow | {result}) if result else flow)


def _of_future(here: Expressions, call: Call, method: str, future: Path) -> Value | None:
    """What the function gives that was submitted for a future, if the result is asked for: what it raises comes out
    here, unless somebody has looked before whether it has raised.
    """
    functions = [one for one in futures.functions_of(future) if one in here.submitted]
    if method == futures.LOOKING:
        for one in functions:
            del here.submitted[one]
        return None
    for one in functions:
        here.made.append(futures.asked(here.submitted[one], one, call.at, call.names))
    flows = [through(one, futures.given_by(here.submitted[one])) | {f"{one}()"} for one in functions]
    return Value(f"{functions[0]}()", limited(union(flows))) if functions else None


def _requires_keys(here: Expressions, arguments: Node) -> bool:
    """Whether a token is decoded only if it has the claims that the call names."""
    return any(
        one.type == "keyword_argument" and here.text(one.named_children[0]) == "options" and "require" in here.text(one)
        for one in arguments.named_children
    )


def _tested_for_form(here: Expressions, function: Node, method: str, given: Sequence[Node]) -> Iterator[str]:
    """The local names that a call tests: `text.isdigit()`, `re.fullmatch(pattern, text)`."""
    for node in given if method == "fullmatch" else function.named_children[:1]:
        if node.type == "identifier" and (name := here.text(node)) in here.scope.flows:
            yield name


def _handed_over(here: Expressions, node: Node) -> Value:
    """A lambda as an argument: what it calls is handed over."""
    body = node.named_children[-1] if node.named_children else None
    if body is None or body.type != "call":
        return UNKNOWN
    return Value(here.path(body.named_children[0]), NOTHING)
