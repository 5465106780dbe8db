"""What a function goes on to do behind a `try` that has failed in silence: it says that all went well, keeps what it
did not get for an answer, or gives back a part for the whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from shipworthy import answers, fixes, handlers, losses, outside, umbrellas, unseen
from shipworthy.document import Block
from shipworthy.losses import Loss
from shipworthy.rule import Pass
from shipworthy.syntax import (
    FUNCTIONS,
    ancestors,
    assigned,
    dotted,
    enclosing,
    function_around,
    identifiers,
    last_word,
    own,
    statements,
    targets,
    text_of,
    walk,
)

_TELLS = re.compile(r"(?:send|reply|respond|answer|edit|print|s?echo|flash|success|info|showinfo|toast)(?:_\w+)?")
_DONE = re.compile(
    r"(?i)\b(?:was|were|(?:has|have) been|is now|are now|successfully)\s+\w+(?:ed|en|t)\b|\bsuccess(?:ful(?:ly)?)?\b"
    r"|\b(?:cancell?ed|complete|completed|created|deleted|done|finished|imported|published|registered|removed|saved|sent|stored"
    r"|subscribed|synced|updated|uploaded)\b"
)
"""What a text says that tells of work that is done."""
_NOT_DONE = re.compile(r"(?i)\b(?:not|no|un\w+|fail\w*|error\w*|could|can't|if|when|will|would|to be)\b|n't\b|\?")
_FAILED = re.compile(r"(?i)\bfail\w*|\berror\b|\bcould ?n[o']t\b|\bcan ?n[o']t\b|\bunable\b|\bnot\b")
"""What a text says that tells of a failure."""
_SAYS_FAILED = re.compile(r"(?i)(?:\b|_)(?:fail\w*|errors?|unavailable|unreachable)(?:\b|_)")
_TAKES_AWAY = re.compile(r"\b(?:move|rename|replace|unlink|remove)\(")
_IS_MAIN = re.compile(r"if\s+__name__\s*==")
_LOOPS = frozenset({"for_statement", "while_statement"})
_BINDING_LOOPS = frozenset({"for_statement", "for_in_clause"})
_OUT = frozenset({"return_statement", "break_statement"})
_POSITION = re.compile(
    r"(?i)_(?:cursor|offset|position|checkpoint|watermark|bookmark|since|state|progress|last_?\w*)(?:_|$)"
)
"""Names of functions that keep how far a program has got."""
_COLLECTS = frozenset({"append", "add", "extend", "insert", "put", "set", "update", "setdefault"})
_ASKS = re.compile(
    r"(?i)(?:^|_)(?:ask|call|chat|complete|complet\w*|download|fetch|generate|llm|lookup|query|request|search)(?:_|$)"
)
"""Names of functions that ask another machine, though nobody knows them."""
_OF_OTHERS = re.compile(
    r"(?i)webhook|hook|callback|event|ipn|postback|notif|track|log|ping|metric|telemetry|logout|close|stop"
)
"""Names of views that other services call, which would call again, or that need not work."""
_WAITS = frozenset({"get", "get_nowait", "input", "join", "prompt", "select", "sleep", "wait", "wait_for"})
"""What keeps a loop from going round at once."""


def lost(run: Pass, clause: Node) -> Loss:
    """What is lost if the `try` of a handler fails that does nothing, what the function does behind it included."""
    found = losses.lost(run, clause)
    if found and tells_behind(clause):
        return Loss.NOTHING
    if found > Loss.ANSWER or losses.is_excused(clause):
        return found
    if says_done(clause) is not None:
        return Loss.WRITE
    return Loss.ANSWER if gives_part(clause) or _spins(run, clause) else found


def _spins(run: Pass, clause: Node) -> bool:
    """Whether an endless loop asks another machine again at once, and again, as long as that fails."""
    attempt, tried = clause.parent, handlers.tried(clause)
    body = attempt.parent if attempt is not None else None
    loop = body.parent if body is not None else None
    condition = loop.child_by_field_name("condition") if loop is not None and loop.type == "while_statement" else None
    if attempt is None or body is None or condition is None or condition.type not in {"true", "integer"}:
        return False
    skips = any(node.type == "continue_statement" for node in handlers.own(handlers.statements_of(clause)))
    others = [one for one in statements(body) if one != attempt and not (skips and one.start_byte > attempt.end_byte)]
    asked = outside.peers(run, tried)
    if any(last_word(call) in _WAITS and call not in asked for call in handlers.calls([*tried, *others])):
        return False
    return bool(asked) or any(map(_asks, handlers.calls(tried)))


def _asks(call: Node) -> bool:
    return _ASKS.search(last_word(call)) is not None and not last_word(call).startswith("ask")


def tells_behind(clause: Node) -> bool:
    """Whether a function leaves its `try` if that goes well, and tells otherwise, behind it, that it did not: it raises
    there or at its end, as behind the last of several attempts, or says so.
    """
    attempt, function = clause.parent, function_around(clause)
    goes_well = (one for one in handlers.own(handlers.tried(clause)) if one.type in _OUT)
    if attempt is None or function is None or next(goes_well, None) is None:
        return False
    if any(map(_leaves, handlers.own(handlers.statements_of(clause)))):
        return False
    behind = _next_behind(attempt)
    last = statements(function.child_by_field_name("body"))[-1]
    in_loop = enclosing(attempt, {*FUNCTIONS, "for_statement", "while_statement"}) != function
    is_raised = not in_loop and last.start_byte >= attempt.end_byte and _raises(last)
    return is_raised or (behind is not None and (_raises(behind) or _says_failed(behind)))


def _next_behind(statement: Node) -> Node | None:
    """The statement that is run behind one, in the same function and the same round of a loop."""
    inner: Node | None = statement
    while inner is not None and inner.type not in {*FUNCTIONS, "for_statement", "while_statement", "except_clause"}:
        behind = inner.next_named_sibling
        while behind is not None and behind.type == "comment":
            behind = behind.next_named_sibling
        if behind is not None and behind.type not in {"except_clause", "elif_clause", "else_clause", "finally_clause"}:
            return behind
        inner = inner.parent
    return None


def _raises(statement: Node) -> bool:
    """Whether a statement raises, or does so on a condition."""
    inner = (
        statements(statement.child_by_field_name("consequence")) if statement.type == "if_statement" else [statement]
    )
    return any(one.type == "raise_statement" for one in inner)


def _says_failed(statement: Node) -> bool:
    said = _call_of(statement)
    if said is None or not (handlers.is_log_call(said) or _TELLS.fullmatch(last_word(said))):
        return False
    return any(_FAILED.search(text_of(node)) is not None for node in walk(said) if node.type == "string")


def said_done(block: Block) -> Iterator[str]:
    """The functions of which a file says right behind calling them that what they do is done."""
    for call in block.nodes(("call",)).get("call", ()) if _DONE.search(block.text) is not None else ():
        if losses.is_dropped(call) and says_done_behind(fixes.statement_of(call)) is not None:
            yield last_word(call)


def says_done(clause: Node) -> Node | None:
    """What says right behind a `try` that it was done, if something was to be done in it."""
    attempt, tried = clause.parent, handlers.tried(clause)
    if attempt is None or not any(map(_is_deed, handlers.calls(tried))) or any(map(_leaves, handlers.own(tried))):
        return None
    return None if any(map(_leaves, handlers.own(handlers.statements_of(clause)))) else says_done_behind(attempt)


def says_done_behind(statement: Node | None) -> Node | None:
    """What says right behind a statement that something was done."""
    behind = statement.next_named_sibling if statement is not None else None
    said = _call_of(behind) if behind is not None else None
    if said is None:
        return None
    text = " ".join(text_of(node) for node in walk(said) if node.type == "string")
    is_said = _TELLS.fullmatch(last_word(said)) is not None and _DONE.search(text) is not None
    return said if is_said and _NOT_DONE.search(text) is None else None


def answers_well(run: Pass, clause: Node) -> Node | None:
    """What a view answers behind a `try` whose failure is but told of somewhere else: that all is well.

    A check of health that asks anything says so of what it has asked; any other view, of the one thing that it does.
    """
    attempt, tried = clause.parent, handlers.tried(clause)
    function = function_around(clause)
    if attempt is None or function is None or any(map(_leaves, handlers.own(tried))):
        return None
    behind = _next_behind(attempt)
    while behind is not None and _is_told(behind):
        behind = _next_behind(behind)
    made = {dotted(target).partition(".")[0] for node in own(attempt) for target in _targets_of(node)}
    if behind is None or enclosing(behind, FUNCTIONS) != function or not answers.says_well(behind, made):
        return None
    is_broad = handlers.is_broad(handlers.caught(run, clause)) or umbrellas.names_all(run, clause)
    if not is_broad or handlers.has_own_way(clause):
        return None
    if answers.is_of_health(clause):
        asked = [
            call for call in handlers.calls(tried) if not handlers.is_log_call(call) and last_word(call) != "print"
        ]
        return behind if any(not handlers.looks(last_word(call)) for call in asked) else None
    return behind if answers.is_view(clause) and _is_whole_work(function, attempt, tried) else None


def _is_whole_work(function: Node, attempt: Node, tried: list[Node]) -> bool:
    """Whether a `try` writes or sends, and a function does nothing else, which is not called by another service."""
    name = function.child_by_field_name("name")
    if name is None or _OF_OTHERS.search(text_of(name)) is not None:
        return False
    around = statements(function.child_by_field_name("body"))
    others = [call for call in handlers.calls(around) if not attempt.start_byte <= call.start_byte < attempt.end_byte]
    is_alone = all(
        answers.makes(call) or handlers.is_log_call(call) or handlers.looks(last_word(call)) for call in others
    )
    return is_alone and any(losses.is_dropped(call) and losses.writes(call) for call in handlers.calls(tried))


def _is_told(statement: Node) -> bool:
    call = _call_of(statement)
    return call is not None and (handlers.is_log_call(call) or handlers.only_prints(call))


def _targets_of(node: Node) -> Iterator[Node]:
    """What an assignment gives a value, items and attributes by what they are of, or a call puts something into."""
    target = node.child_by_field_name("left") if node.type in {"assignment", "augmented_assignment"} else None
    while target is not None and target.type == "subscript":
        target = target.child_by_field_name("value")
    if target is not None:
        yield target
    if node.type == "call" and last_word(node) in _COLLECTS and (callee := node.child_by_field_name("function")):
        yield callee


def told_of(block: Block) -> Iterator[str]:
    """The functions of whose answer a block asks whether it is None, or empty, and where it is raises or says so."""
    text = block.text
    if "if " not in text or " = " not in text:
        return
    for branch in block.nodes(("if_statement",)).get("if_statement", ()):
        attempt, condition = branch.prev_named_sibling, branch.child_by_field_name("condition")
        made = attempt.named_children[0] if attempt is not None and attempt.type == "expression_statement" else None
        target = made.child_by_field_name("left") if made is not None and made.type == "assignment" else None
        value = made.child_by_field_name("right") if made is not None else None
        if value is not None and value.type == "await":
            value = value.named_children[0]
        if target is None or value is None or condition is None or value.type != "call":
            continue
        asked = text_of(target)
        if text_of(condition) in {f"{asked} is None", f"not {asked}"}:
            done = statements(branch.child_by_field_name("consequence"))
        elif text_of(condition) in {f"{asked} is not None", asked}:
            other = branch.child_by_field_name("alternative")
            done = handlers.statements_of(other) if other is not None and other.type == "else_clause" else []
        else:
            continue
        if any(map(_tells_of_failure, done)):
            yield last_word(value)


def _tells_of_failure(statement: Node) -> bool:
    """Whether a statement raises, logs or prints, or hands on a text that speaks of a failure."""
    said = _call_of(statement)
    if statement.type == "raise_statement" or said is None:
        return statement.type == "raise_statement"
    return handlers.is_log_call(said) or handlers.only_prints(said) or _SAYS_FAILED.search(text_of(said)) is not None


def is_last(clause: Node) -> bool:
    """Whether a function ends with the `try`: the line is its last word, and nothing goes on from there."""
    inner = clause.parent
    while inner is not None and inner.parent is not None and inner.parent.type not in FUNCTIONS:
        is_suite = inner.parent.type in {"block", "module"}
        if inner.parent.type in {"for_statement", "while_statement"}:
            return False
        if is_suite and statements(inner.parent)[-1:] != [inner]:
            return False
        if inner.parent.type == "if_statement" and _IS_MAIN.match(text_of(inner.parent)) is not None:
            return True
        inner = inner.parent
    return inner is not None and inner.parent is not None


def is_answered(clause: Node) -> bool:
    """Whether a function gives something if all went well, and None or False, as it may, right behind a failure.

    Whoever calls it is told; where nobody looks at it, that is an ignored failure.
    """
    attempt, function = clause.parent, function_around(clause)
    if attempt is None or function is None or enclosing(attempt, {*FUNCTIONS, *_LOOPS}) != function:
        return False
    declared, last = function.child_by_field_name("return_type"), _next_behind(attempt)
    may_be = declared is None or re.search(r"None|Optional|bool|[Tt]uple", text_of(declared)) is not None
    nothing = {"return", "return None", "return False", "return None, None"}
    if not may_be or last is None or last.next_named_sibling is not None or text_of(last) not in nothing:
        return False
    given = (text_of(node) for node in handlers.own(handlers.tried(clause)) if node.type == "return_statement")
    return any(one not in nothing for one in given)


def taken_away(block: Block) -> Iterator[str]:
    """The names of collections of whose items a loop moves or removes each: those are not there a second time."""
    for loop in block.nodes(("for_statement",)).get("for_statement", ()) if _TAKES_AWAY.search(block.text) else ():
        over, body = loop.child_by_field_name("right"), loop.child_by_field_name("body")
        items = {text_of(one) for one in targets(left)} if (left := loop.child_by_field_name("left")) else set[str]()
        calls = [one for one in handlers.calls(statements(body)) if _TAKES_AWAY.match(f"{last_word(one)}(") is not None]
        if over is not None and any(
            one.type == "identifier" and text_of(one) in items for c in calls for one in walk(c)
        ):
            yield text_of(over)


def is_answered_behind_loop(clause: Node) -> bool:
    """Whether each of several attempts gives an answer if all goes well, and behind the last one another is given."""
    attempt, function = clause.parent, function_around(clause)
    loop = enclosing(attempt, {*FUNCTIONS, "for_statement", "while_statement"}) if attempt is not None else None
    times = loop.child_by_field_name("right") if loop is not None and loop.type == "for_statement" else None
    if attempt is None or times is None or function is None or times.type != "call" or last_word(times) != "range":
        return False
    last = statements(function.child_by_field_name("body"))[-1]
    gives = any(
        node.type == "return_statement" and node.named_children for node in handlers.own(handlers.tried(clause))
    )
    return (
        gives and last.type == "return_statement" and last.start_byte > attempt.end_byte and bool(last.named_children)
    )


def _is_deed(call: Node) -> bool:
    return losses.is_dropped(call) and losses.is_deed(last_word(call)) and _TELLS.fullmatch(last_word(call)) is None


def _leaves(node: Node) -> bool:
    return node.type in {"return_statement", "break_statement", "continue_statement", "raise_statement"}


def _call_of(statement: Node) -> Node | None:
    """The call that a statement is, awaited or not."""
    inner = statement.named_children[0] if statement.type == "expression_statement" else None
    if inner is not None and inner.type == "await":
        inner = inner.named_children[0]
    return inner if inner is not None and inner.type == "call" else None


def writes_on(clause: Node) -> Node | None:
    """What is written behind a `try` that was to write as well, whatever came of it: how far a program has got."""
    attempt = clause.parent
    if attempt is None or not any(map(losses.writes, handlers.calls(handlers.tried(clause)))):
        return None
    behind = attempt.next_named_sibling
    while behind is not None:
        call = _call_of(behind)
        if call is not None and losses.writes(call):
            return call
        behind = behind.next_named_sibling
    return None


def moves_on(clause: Node) -> Node | None:
    """What is written behind the loop that a handler stands in, of how far a program has got: `save_cursor(now)`."""
    loop = enclosing(clause, FUNCTIONS | {"for_statement", "while_statement"})
    behind = loop.next_named_sibling if loop is not None and loop.type not in FUNCTIONS else None
    while behind is not None:
        call = _call_of(behind)
        if call is not None and losses.writes(call) and _POSITION.search(last_word(call)) is not None:
            return call
        behind = behind.next_named_sibling
    return None


def keeps(run: Pass, clause: Node, name: str) -> Node | None:
    """Where a variable, empty since another machine could not be asked, is put among answers; nobody looks at it."""
    attempt, function = clause.parent, function_around(clause)
    tried = handlers.tried(clause)
    asks = any(_ASKS.search(last_word(call)) is not None for call in handlers.calls(tried))
    waits = any(node.type == "await" for node in handlers.own(tried))
    if attempt is None or function is None or not (asks or waits or outside.peers(run, tried)):
        return None
    behind = [node for node in own(function) if node.start_byte >= attempt.end_byte]
    if any(_asks_for(node, name) for node in behind):
        return None
    return next((node for node in behind if _puts(node, name)), None)


def _asks_for(node: Node, name: str) -> bool:
    """Whether a condition, or an `or`, looks at a variable."""
    looked = node if node.type == "boolean_operator" else node.child_by_field_name("condition")
    if node.type == "conditional_expression":
        looked = node
    return looked is not None and any(one.type == "identifier" and text_of(one) == name for one in walk(looked))


def _puts(node: Node, name: str) -> bool:
    """Whether a node puts a variable into a collection: under a key, or as a further item."""
    value = node.child_by_field_name("right") if node.type == "assignment" else None
    target = node.child_by_field_name("left")
    if value is not None and target is not None and target.type == "subscript":
        return text_of(value) == name
    if node.type != "call" or last_word(node) not in _COLLECTS or not dotted(node.child_by_field_name("function")):
        return False
    given = node.child_by_field_name("arguments")
    return given is not None and any(one.type == "identifier" and text_of(one) == name for one in walk(given))


def gives_part(clause: Node) -> bool:
    """Whether a `try` reads something and gathers what it finds, and the function gives back what there is by then."""
    attempt, tried = clause.parent, handlers.tried(clause)
    behind = attempt.next_named_sibling if attempt is not None else None
    if behind is None or behind.type != "return_statement" or not any(map(_reads, handlers.calls(tried))):
        return False
    given = {text_of(node) for node in walk(behind) if node.type == "identifier"}
    loops = [node for node in handlers.own(tried) if node.type == "for_statement"]
    return any(_gathers_into(node) in given for loop in loops for node in walk(loop, FUNCTIONS))


def _reads(call: Node) -> bool:
    return re.search(r"(?i)(?:^|_)(?:open|load|read|fetch|get)(?:_|$)", last_word(call)) is not None


def _gathers_into(node: Node) -> str:
    """The collection that a node adds to."""
    target = node.child_by_field_name("left") if node.type == "assignment" else None
    if target is not None and target.type == "subscript":
        return text_of(target.child_by_field_name("value") or target)
    if node.type == "call" and last_word(node) in _COLLECTS:
        return dotted(node.child_by_field_name("function")).rpartition(".")[0]
    return ""


def unbound(clause: Node) -> Node | None:
    """Where a variable is used behind a `try` that alone gives it a value, while its handler does nothing: it is not
    there then, or in a loop it is still that of the round before.
    """
    attempt, function = clause.parent, function_around(clause)
    last = statements(handlers.body(clause))[-1:]
    if attempt is None or function is None or not last or last[0].type != "pass_statement":
        return None
    end = _end_of_tries(attempt)
    for target, _ in (pair for one in handlers.tried(clause) for pair in assigned(one)):
        if target.type != "identifier":
            continue
        named = [one for one in identifiers(function, target) if not unseen.is_member(one)]
        behind = [one for one in named if attempt.end_byte <= one.start_byte < end]
        if named and named[0].start_byte >= attempt.start_byte and behind and _is_asked_for(behind[0]):
            return behind[0]
    return None


def _end_of_tries(attempt: Node) -> int:
    """How far what a `try` gives is needed: where it ends a loop, what stands behind that is for when none succeeds."""
    loop = enclosing(attempt, FUNCTIONS | {"for_statement", "while_statement"})
    leaves = any(node.type in {"break_statement", "return_statement"} for node in walk(attempt))
    around = loop if loop is not None and leaves else function_around(attempt)
    return around.end_byte if around is not None else attempt.end_byte


def _is_asked_for(name: Node) -> bool:
    """Whether a name is used, and not bound, deleted or asked whether it is there."""
    parent = name.parent
    if parent is None or (parent.type == "assignment" and parent.child_by_field_name("left") == name):
        return False
    loops = (one for one in ancestors(name) for one in (one, *one.named_children) if one.type in _BINDING_LOOPS)
    lefts = (one.child_by_field_name("left") for one in loops)
    is_target = any(one is not None and name.text in {part.text for part in walk(one)} for one in lefts)
    return not is_target and parent.type not in {"pattern_list", "tuple_pattern", "as_pattern_target"}
