"""What is lost where a handler says nothing: a write, an item of a loop, an answer, or nothing that matters.

Readers of real applications called a silent handler a defect where one of the first is lost, and a matter of
taste where the `try` probes values, closes things or decorates what is shown.
"""

from __future__ import annotations

import enum
import itertools
import re
from collections.abc import Iterator

from tree_sitter import Node

from shipworthy import handlers, outside, overwritten
from shipworthy.escape import stored
from shipworthy.rule import Pass
from shipworthy.syntax import (
    CLASSES,
    FUNCTIONS,
    ancestors,
    dotted,
    enclosing,
    function_around,
    is_statement,
    keyword_arguments,
    last_word,
    own,
    positional_arguments,
    statements,
    targets,
    text_of,
    walk,
)

_LOOPS = frozenset({"for_statement", "while_statement"})
_WRITES = re.compile(
    r"(?:a?(?:save|store|write|insert|update|upsert|delete|create|commit|execute|executemany|upload|put|post|patch|send"
    r"|sendmail|sendall|charge|transfer|refund|pay|sync|migrate|import|export|process|handle|run|work|perform|dump|persist"
    r"|replace|rename|move|register|copy|copyfile|copytree|enqueue|deliver|submit|install|backup|restore|apply|archive|reply_(?:document|photo|video|audio|voice|file)))"
    r"(?:_.*)?"
)
"""Verbs at the head of the names of functions that are called for what they do."""

_CHANGES_NOTHING = re.compile(r"""(?i)[rbuf]*['"]{1,3}\s*(?:begin|pragma|select|set|show|use)\b""")
"""How statements of SQL begin that write nothing."""

_CHANGES_SCHEMA = re.compile(r"""(?i)[rbuf]*['"]{1,3}\s*(?:alter\s+table|create\s+\w+)\b""")
"""How statements of SQL begin that fail where they were run before."""

_SHOWS = re.compile(
    r"(?i).*(?:typing|notif|broadcast|progress|telemetry|metric|stat(?:us|s)?$|title|icon|(?:set|show|hide|move|restore)\w*cursor|color|colour|theme|signal"
    r"|utime|chmod|chown|chdir|mkdir|sleep|print|echo|log$|debug|warn|execute_(?:async_)?script|create_connection|beep|ping|hook|event).*"
)
"""Names of what is nice to have: what is shown, told or tidied on the side."""

_LISTENS = re.compile(r"(?i)^on_|callback|hook|listener|^cb$|progress|notif|log|emit|print")
"""Names of functions that are handed over to be told something."""

_DOCUMENTS = stored.DECODERS | stored.HANDWRITTEN
_GATHERS = frozenset({"append", "add", "extend", "appendleft", "insert", "update", "setdefault", "put", "writerow"})
_TAKES = frozenset(
    {
        "basic_get",
        "blpop",
        "brpop",
        "consume",
        "get",
        "get_nowait",
        "getone",
        "lpop",
        "poll",
        "popleft",
        "receive",
        "recv",
    }
)
"""How calls are named that take the next message, or wait for it."""
_LISTED = frozenset({"list", "list_comprehension"})
_ON_THE_SIDE = re.compile(
    r"(?i).*(?:debug|(?:^|_)log(?:_|$)|logger|trace|(?:^|_)(?:safe|safely|try|maybe|quiet(?:ly)?)_).*"
)
"""Functions whose own failure must not matter, as their names tell."""

_REMOVAL = re.compile(r"_*(?:(?:do|on|handle|auto)_)?(?:delete|remove|purge|prune|rotate|expire|erase)(?:_\w*)?")
_OF_NO_VALUE = re.compile(r"(?i)te?mp|cache|lock|pid|socket|handler|hook|listener|callback|observer|if_|safe|maybe|try")
_DELETES = re.compile(r"(?:unlink|rmtree|rmdir|(?:delete|remove|drop|purge)(?:_\w+)?)")
_OF_LOG = re.compile(r"(?i)(?:^|[_.])logs?(?:_?(?:file|path|dir|folder))?$")
_TO_SCREEN = re.compile(r"sys\.(?:__)?std(?:out|err)(?:__)?\.")
_GOES_WELL = frozenset({"raise_for_status", "check_returncode"})
_COSMETIC = re.compile(r"(?i)typing|scroll|spinner|presence|chat_?action")
"""What only shows that something is going on, or moves what is shown."""
_SAYS_DONE = re.compile(
    r"(?i).*(?:status|state|(?:^|_)(?:sent|paid|refunded|charged|done|processed|synced|notified|delivered|uploaded|published|exported)(?:_|$))"
    r".*|.*_at"
)
"""What rows hold that tells of work that is done."""

_DONE = re.compile(
    r"""(?ix)["'](?:ok(?:ay)?|success\w*|done|deleted|saved|removed|updated|created|sent|returned|cancelled|stored)["']
    |["'](?:ok|success)["']\s*:\s*True|\bsuccess\s*=\s*True|\b20[0-4]\b"""
)
"""What answers say of work that is done."""

_PROMISED = re.compile(r"(?i)\b(?:todo|fixme|xxx)\b.*\b(?:log|handle|error|exception|report)\w*\b")


class Loss(enum.IntEnum):
    """How much is lost if a `try` fails and its handler says nothing."""

    NOTHING = 0
    """It probes values, closes or removes something, or decorates."""
    ANSWER = 1
    """What another machine was asked for."""
    DEED = 2
    """What was to be done with an item of a loop, whatever it is."""
    ITEM = 3
    """An item of a loop that gathers or writes."""
    WRITE = 4
    """Something that was to be written, sent, run or checked."""


def lost(run: Pass, clause: Node) -> Loss:
    """What is lost if the `try` of a handler fails that does nothing."""
    if any(_PROMISED.search(run.text(node)) for node in walk(clause) if node.type == "comment"):
        return Loss.WRITE
    tried = handlers.tried(clause)
    if any(node.type == "assert_statement" for node in tried):
        return Loss.WRITE
    calls = failing(run, clause)
    if is_excused(clause) or _are_idle(calls):
        return Loss.NOTHING
    if removes_on_purpose(clause):
        return Loss.WRITE
    if overwritten.written_over(clause):
        return Loss.WRITE
    if _reads_settings(run, handlers.calls(tried)):
        return Loss.ANSWER
    if handlers.is_cleanup(clause) or not calls:
        return Loss.NOTHING
    if _is_answered_as_done(clause) and any(is_dropped(call) and not is_shown(call) for call in calls):
        return Loss.WRITE
    if loses_item(clause):
        return Loss.ITEM
    if _leaves_undone(clause):
        return Loss.DEED
    if _tries_candidates(clause):
        return Loss.NOTHING
    if any(is_dropped(call) and (_is_given(call) or (writes(call) and not _runs_program(run, call))) for call in calls):
        return Loss.WRITE
    is_missed = (
        any(outside.outages(run, call) for call in calls)
        and not _is_search(clause)
        and not _has_words_for_nothing(clause)
    )
    return Loss.ANSWER if is_missed else Loss.NOTHING


def is_excused(clause: Node) -> bool:
    """Whether nothing is expected of a `try`: it is on the side, a last attempt, a probe, or made up for behind it."""
    return any(is_so(clause) for is_so in (_is_on_the_side, _is_last_attempt, _is_made_up_for, _is_probe))


def _reads_settings(run: Pass, calls: list[Node]) -> bool:
    """Whether a document in a file is read, and poured into what stands for its settings: those of a broken file are
    ignored.
    """
    poured = any(last_word(call) == "update" and is_dropped(call) for call in calls)
    opened = any(last_word(call) in overwritten.ON_PATHS for call in calls)
    return poured and opened and any(run.name(call.child_by_field_name("function")) in _DOCUMENTS for call in calls)


def _are_idle(calls: list[Node]) -> bool:
    """Whether it matters little that calls fail: they only show something, move the log, or make a schema what it may
    be already.
    """
    listed = [call for call in calls if last_word(call) not in {"commit", "cursor"}]
    return bool(listed) and all(
        _changes_schema(call) or _moves_log(call) or _COSMETIC.search(text_of(call)) or last_word(call) == "put_nowait"
        for call in listed
    )


def _moves_log(call: Node) -> bool:
    """Whether files are moved that are the log: there is no other place to tell of it."""
    given = positional_arguments(call)
    is_moved = last_word(call) in {"move", "rename", "replace", "copy", "copyfile"}
    return is_moved and bool(given) and all(_OF_LOG.search(text_of(one)) is not None for one in given)


def _is_probe(clause: Node) -> bool:
    """Whether a `try` asks a question to which yes is the last that it does: `there = True`; failure is the no."""
    *asked, last = handlers.tried(clause) or [clause]  # of broken code a `try` may hold nothing
    if last.type == "if_statement" and last.child_by_field_name("alternative") is None:
        *more, last = statements(last.child_by_field_name("consequence")) or [last]
        asked += more
    given = last.named_children[0] if last.type == "expression_statement" else None
    value = given.child_by_field_name("right") if given is not None and given.type == "assignment" else None
    is_yes = value is not None and value.type in {"true", "comparison_operator", "not_operator"}
    return is_yes and len(asked) <= 2 and not any(map(writes, handlers.calls(asked)))


def _changes_schema(call: Node) -> bool:
    given = positional_arguments(call)
    return bool(given) and _CHANGES_SCHEMA.match(text_of(given[0])) is not None


def _is_made_up_for(clause: Node) -> bool:
    """Whether the statement behind a `try` gives the value that it could not, or that behind its loop raises if the
    loop has gathered nothing.
    """
    attempt, loop = clause.parent, _loop_around(clause)
    if attempt is None:
        return False
    tried = [*handlers.own(handlers.tried(clause))]
    given = {target for node in tried for target in _given(node)}
    behind = _test_behind(attempt)
    if behind is not None and any(not given.isdisjoint(_given(node)) for node in walk(behind)):
        return True
    behind = _test_behind(loop) if loop is not None else None
    condition = behind.child_by_field_name("condition") if behind is not None else None
    if behind is None or condition is None or not any(node.type == "raise_statement" for node in walk(behind)):
        return False
    asked = {text_of(node) for node in walk(condition) if node.type == "identifier"}
    gathers = (node for node in walk(loop) if node.type == "call" and last_word(node) in _GATHERS) if loop else ()
    return any(dotted(call.child_by_field_name("function")).rpartition(".")[0] in asked for call in gathers)


def _test_behind(statement: Node) -> Node | None:
    """The `if` that follows a statement."""
    behind = statement.next_named_sibling
    return behind if behind is not None and behind.type == "if_statement" else None


def _has_words_for_nothing(clause: Node) -> bool:
    """Whether what the `try` finds out was given a text before, which is shown if it finds out nothing."""
    function, attempt = function_around(clause), clause.parent
    if function is None or attempt is None:
        return False
    found = {target for node in handlers.own(handlers.tried(clause)) for target in _given(node)}
    before = (node for node in own(function) if node.end_byte < attempt.start_byte)
    return not found.isdisjoint(target for node in before for target in _given(node, only_texts=True))


def _given(node: Node, *, only_texts: bool = False) -> Iterator[str]:
    """What an assignment gives a value: a variable, or an item by its key, also where a dictionary is written out."""
    target, value = node.child_by_field_name("left"), node.child_by_field_name("right")
    if node.type != "assignment" or target is None or value is None:
        return
    if value.type == "dictionary":
        for pair in value.named_children:
            key, item = pair.child_by_field_name("key"), pair.child_by_field_name("value")
            if key is not None and item is not None and (not only_texts or _is_words(item)):
                yield f"{text_of(target)}[{text_of(key)}]"
    elif not only_texts or _is_words(value):
        yield text_of(target)


def _is_words(value: Node) -> bool:
    return value.type == "string" and text_of(value).strip("\"'") != ""


def removes_on_purpose(clause: Node) -> bool:
    """Whether a `try` removes what the function around is there to remove, and that goes on afterwards."""
    function = function_around(clause)
    name = function.child_by_field_name("name") if function is not None else None
    if name is None or _REMOVAL.fullmatch(text_of(name)) is None or _OF_NO_VALUE.search(text_of(name)) is not None:
        return False
    attempt = clause.parent
    alone = attempt is not None and function_around(clause) == enclosing(attempt, FUNCTIONS | _LOOPS)
    is_last = attempt is None or attempt.next_named_sibling is None
    calls = handlers.calls(handlers.tried(clause))
    return not (alone and is_last) and any(is_dropped(one) and _DELETES.fullmatch(last_word(one)) for one in calls)


def _is_answered_as_done(clause: Node) -> bool:
    """Whether the function answers that all went well whatever comes of a `try`: `return True` behind it."""
    attempt = clause.parent
    after = attempt.next_named_sibling if attempt is not None else None
    while after is not None and after.type == "comment":
        after = after.next_named_sibling
    if after is None or after.type != "return_statement" or not after.named_children:
        return False
    value = after.named_children[0]
    return value.type == "true" or (value.type != "identifier" and _DONE.search(text_of(value)) is not None)


def told_as_done(run: Pass, clause: Node) -> Node | None:
    """What is written behind a `try` that asked another machine to do something: that it was done.

    `invoice.status = "refunded"` behind a refund that failed and was only logged.
    """
    attempt = clause.parent
    deeds = [call for call in outside.peers(run, handlers.tried(clause)) if is_dropped(call) and writes(call)]
    block = attempt.parent if attempt is not None else None
    if attempt is None or block is None or not deeds or not outside.covers(run, clause, deeds):
        return None
    subjects = {text_of(one) for deed in deeds for one in walk(deed) if one.type == "identifier"}
    behind = [one for one in handlers.own(statements(block)) if one.start_byte >= attempt.end_byte]
    told = next((one for one in behind if _says_done(one, subjects)), None)
    is_kept = any(one.type == "call" and is_dropped(one) and writes(one) for one in behind)
    return told if is_kept else None


def _says_done(node: Node, subjects: set[str]) -> bool:
    """Whether an assignment says of one of these that it is done: `order.status = SENT`."""
    target = node.child_by_field_name("left") if node.type == "assignment" else None
    last = target.child_by_field_name("attribute") if target is not None and target.type == "attribute" else None
    is_so = last is not None and _SAYS_DONE.fullmatch(text_of(last)) is not None
    return is_so and target is not None and dotted(target).partition(".")[0] in subjects - {"self"}


def failing(run: Pass, clause: Node) -> list[Node]:
    """The calls of a handler's `try` that do more than look at values, and that no handler within it deals with."""
    calls = [call for call in handlers.calls(handlers.tried(clause)) if not is_dealt_with(call, clause)]
    return [call for call in calls if _may_fail(call) or outside.outages(run, call)]


def is_dealt_with(call: Node, clause: Node) -> bool:
    """Whether a handler of everything stands between a call and the handler that is asked about."""
    within = itertools.takewhile(lambda one: one.parent != clause.parent, handlers.guards(call))
    return any(handlers.is_broad_in_words(one) and not handlers.raises(one) for one in within)


def is_deed(word: str) -> bool:
    """Whether a function is called for what it does, and is neither tidying up nor nice to have, by its name."""
    is_aside = _LISTENS.search(word) is not None or _ON_THE_SIDE.fullmatch(word) is not None
    return not (is_aside or handlers.cleans_up(word) or handlers.looks(word) or _DELETES.fullmatch(word))


def _may_fail(call: Node) -> bool:
    """Whether a call does more than look at values or gather them: what those raise speaks of the values alone."""
    word = last_word(call)
    known = handlers.looks(word) or handlers.cleans_up(word) or handlers.is_log_call(call) or word == "print"
    return not (known or _is_gathering(call))


def writes(call: Node) -> bool:
    """Whether a call writes, sends or runs something that matters, as its name tells."""
    word = last_word(call)
    given = positional_arguments(call)
    if given and _CHANGES_NOTHING.match(text_of(given[0])) is not None:
        return False
    if _TO_SCREEN.match(dotted(call)) is not None:
        return False
    is_verb = _WRITES.fullmatch(word) is not None and _SHOWS.fullmatch(word) is None
    return is_verb and word != "import_module" and not _is_gathering(call)


def _is_gathering(call: Node) -> bool:
    """Whether a call puts something into a collection."""
    function = call.child_by_field_name("function")
    is_method = function is not None and function.type == "attribute"
    return is_method and last_word(call) in _GATHERS and bool(positional_arguments(call))


def _is_given(call: Node) -> bool:
    """Whether a function calls what it was handed to call, and not only to tell how things go."""
    callee = call.child_by_field_name("function")
    function = function_around(call)
    while callee is not None and callee.type == "identifier" and function is not None:
        parameters = function.child_by_field_name("parameters")
        given = walk(parameters) if parameters is not None else ()
        if any(node.type == "identifier" and node.text == callee.text for node in given):
            return _LISTENS.search(text_of(callee)) is None
        function = function_around(function)
    return False


def _runs_program(run: Pass, call: Node) -> bool:
    """Whether a call runs another program: of its failure the rule about exit statuses speaks."""
    return run.name(call.child_by_field_name("function")).startswith(("subprocess.", "os."))


def is_dropped(call: Node) -> bool:
    """Whether nobody uses what a call gives, but to see that it went well: it is called for what it does."""
    parent = call.parent
    asked = parent.child_by_field_name("attribute") if parent is not None and parent.type == "attribute" else None
    if parent is not None and asked is not None and text_of(asked) in _GOES_WELL and parent.parent is not None:
        return parent.parent.type == "call" and is_dropped(parent.parent)
    return is_statement(parent if parent is not None and parent.type == "await" else call)


def loses_item(clause: Node) -> bool:
    """Whether a handler goes on with a loop that gathers or writes what it makes of its items.

    A loop over what the program itself lists tries candidates; one that ends at what it finds searches.
    """
    loop = _loop_around(clause)
    if loop is None or handlers.leaves_loop(clause) or _tries_candidates(clause) or _is_search(clause):
        return False
    inner = _names_made_in(loop)
    return any(_gathers(node, inner) for node in _lost_nodes(clause, loop))


def _leaves_undone(clause: Node) -> bool:
    """Whether a handler goes on with a loop that calls a function for what it does with the item.

    A function that is counted may have any name.
    """
    loop = _loop_around(clause)
    if loop is None or handlers.leaves_loop(clause) or _tries_candidates(clause) or _is_search(clause):
        return False
    passed = list(_lost_nodes(clause, loop))
    items = _made_of(loop, _items(loop, clause))
    counts = any(_counts(node) for node in passed)
    return any(
        is_dropped(call)
        and _may_fail(call)
        and last_word(call) != "setattr"
        and (counts or not is_shown(call))
        and any(node.type == "identifier" and text_of(node) in items for one in _arguments(call) for node in walk(one))
        for call in passed
        if call.type == "call"
    )


def _made_of(loop: Node, items: set[str]) -> set[str]:
    """The names that hold an item of a loop, or what the loop has made of it before: `name = key.decode()`."""
    found = set(items)
    for node in walk(loop, FUNCTIONS | CLASSES):
        target, value = node.child_by_field_name("left"), node.child_by_field_name("right")
        if node.type != "assignment" or target is None or target.type != "identifier" or value is None:
            continue
        if any(one.type == "identifier" and text_of(one) in found for one in walk(value)):
            found.add(text_of(target))
    return found


def _counts(node: Node) -> bool:
    """Whether a statement counts what was done: `done += 1`."""
    value = node.child_by_field_name("right") if node.type == "augmented_assignment" else None
    return value is not None and value.type == "integer"


def _arguments(call: Node) -> list[Node]:
    return [*positional_arguments(call), *keyword_arguments(call).values()]


def is_shown(call: Node) -> bool:
    """Whether a call shows or tells something, or calls whom it was handed to tell."""
    return _SHOWS.fullmatch(last_word(call)) is not None or _LISTENS.search(last_word(call)) is not None


def _lost_nodes(clause: Node, loop: Node) -> Iterator[Node]:
    """The nodes of a loop that are passed over if the handler's `try` fails."""
    attempt = clause.parent
    if attempt is None:
        return
    yield from handlers.own(handlers.tried(clause))
    skips = any(node.type == "continue_statement" for node in handlers.own(handlers.statements_of(clause)))
    for node in walk(loop, FUNCTIONS | CLASSES) if skips else ():
        if node.start_byte >= attempt.end_byte:
            yield node


def _gathers(node: Node, inner: frozenset[str]) -> bool:
    """Whether a node adds to what outlives the pass of the loop, or writes."""
    if node.type == "yield":
        return True
    if node.type == "call" and is_dropped(node):
        owner = dotted(node.child_by_field_name("function")).partition(".")[0]
        return owner not in inner if _is_gathering(node) else writes(node)
    if node.type in {"assignment", "augmented_assignment"}:
        target = node.child_by_field_name("left")
        held = target.child_by_field_name("value") if target is not None and target.type == "subscript" else None
        value = node.child_by_field_name("right")
        if node.type == "augmented_assignment" and value is not None and value.type in _LISTED:
            return dotted(target).partition(".")[0] not in inner
        is_another_form = value is not None and target is not None and text_of(target) in text_of(value)
        return held is not None and not is_another_form and dotted(held).partition(".")[0] not in inner
    return False


def _names_made_in(loop: Node) -> frozenset[str]:
    """The names that a pass of a loop makes anew."""
    found: set[str] = set()
    for node in walk(loop, FUNCTIONS | CLASSES):
        target = node.child_by_field_name("left") if node.type == "assignment" else None
        if target is not None and target.type == "identifier":
            found.add(text_of(target))
    return frozenset(found)


def _loop_around(clause: Node) -> Node | None:
    """The loop over items that a handler stands in, if no other loop is nearer: a `for`, or a `while` whose rounds each
    take a message.
    """
    loop = enclosing(clause, _LOOPS | FUNCTIONS)
    if loop is None or loop.type in FUNCTIONS:
        return None
    return loop if loop.type == "for_statement" or _messages(loop, clause) else None


def _messages(loop: Node, clause: Node) -> set[str]:
    """The names that hold what a round of a `while` takes before it comes to a handler's `try`."""
    before = (one for one in statements(loop.child_by_field_name("body")) if one.end_byte <= clause.start_byte)
    made = (one.named_children[0] for one in before if one.type == "expression_statement" and one.named_children)
    found: set[str] = set()
    for node in made:
        target, value = node.child_by_field_name("left"), node.child_by_field_name("right")
        value = value.named_children[0] if value is not None and value.type == "await" else value
        if target is not None and value is not None and value.type == "call" and last_word(value) in _TAKES:
            found |= {text_of(one) for one in targets(target)}
    return found


def _items(loop: Node, clause: Node) -> set[str]:
    """The names that hold the item of a round."""
    left = loop.child_by_field_name("left")
    return {text_of(one) for one in targets(left)} if left is not None else _messages(loop, clause)


def _tries_candidates(clause: Node) -> bool:
    """Whether the loop around tries what the program itself lists, or numbers, one after the other."""
    loop = _loop_around(clause)
    iterated = loop.child_by_field_name("right") if loop is not None else None
    if iterated is None:
        return False
    if iterated.type in {"tuple", "list", "set", "dictionary", "string"} or text_of(iterated).isupper():
        return True
    is_count = iterated.type == "call" and last_word(iterated) in {"range", "count", "repeat"}
    return is_count and "len(" not in text_of(iterated)


def _is_search(clause: Node) -> bool:
    """Whether the loop around a handler ends at the first thing that it finds."""
    loop = _loop_around(clause)
    leaving = {"break_statement", "return_statement"}
    return (
        loop is not None
        and loop.type == "for_statement"
        and any(node.type in leaving for node in walk(loop, FUNCTIONS | CLASSES))
    )


def _is_last_attempt(clause: Node) -> bool:
    """Whether something has failed or ended already: what is still tried in a handler or in `finally` is a help."""
    attempt = clause.parent
    around = enclosing(attempt, FUNCTIONS | {"except_clause", "finally_clause"}) if attempt is not None else None
    return around is not None and around.type not in FUNCTIONS


def _is_on_the_side(clause: Node) -> bool:
    """Whether a handler stands in a function that logs, or whose name says that it may fail."""
    function = next((node for node in ancestors(clause) if node.type in FUNCTIONS), None)
    name = function.child_by_field_name("name") if function is not None else None
    return name is not None and _ON_THE_SIDE.fullmatch(text_of(name)) is not None
