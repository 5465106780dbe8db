"""What a Python function takes for a while, and the call that took what another one gives back."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from shipworthy.syntax import (
    FUNCTIONS,
    ancestors,
    assigned,
    dotted,
    enclosing,
    function_around,
    keyword_arguments,
    last_word,
    own,
    positional_arguments,
    targets,
    text_of,
)

LEAVES: frozenset[str] = frozenset({"return_statement", "raise_statement", "continue_statement", "break_statement"})
"""Statements that end a branch without going on behind it."""

_OF_LOCK = re.compile(r"(?i)lock(?!ed|s\b)|mutex|semaphore|\bleader\b")
_MAKES_TEMPORARY = frozenset({"mkdtemp", "mkstemp", "NamedTemporaryFile"})
_MOVES = frozenset({"move", "rename", "replace"})
_REMOVES = frozenset({"rmtree", "remove", "unlink"})
_GIVES_BACK = {
    "putconn": ("getconn",),
    "put_conn": ("get_conn",),
    "release": ("acquire",),
    "put_connection": ("get_connection",),
}
"""Methods that give something back to a pool, and those that took it there."""

_SESSION = re.compile(r"(?:Async)?SessionLocal|(?:Db|DB|Async)Session|(?:async_)?session_?(?:local|maker|factory)")
"""What makes a session of SQLAlchemy, by its usual names."""

_LOCK_FILE = re.compile(r"(?i)(?:^|_)(?:lock(?:_?file|_?path)?|pid_?file)$")
_MARKS = frozenset({"touch", "write_text", "open", "mkdir"})
_TO_WRITE = re.compile(r"""[rbu]*['"][wax]""")
_EXPIRY = frozenset({"ex", "px", "exat", "pxat", "keepttl", "timeout", "**"})
_EXPIRES = re.compile(r"p?expire(?:at)?")

WORDS = frozenset({*_GIVES_BACK, *_REMOVES, "release", "task_done", "close", "delete", "set", "setnx"})
"""The last words of all calls that give something back, or take a lock in Redis."""


def taken(call: Node) -> Node | None:
    """The call before this one, in the same function, that took what this one gives back."""
    scope, method = function_around(call), last_word(call)
    if scope is None:
        return None
    if method in _GIVES_BACK and positional_arguments(call):
        return _lent(scope, call, _GIVES_BACK[method])
    if method in {"release", "task_done"}:
        return _acquired(scope, call, method)
    if method in _REMOVES:
        return _made(scope, call) or _marked(scope, call)
    if method == "close" and not positional_arguments(call):
        return _opened(scope, call)
    return _locked(scope, call) if method == "delete" else None


def is_temporary(call: Node) -> bool:
    """Whether what a call gives back is a file or folder: a temporary one, or one that keeps others out."""
    return last_word(call) in _REMOVES


def is_lasting_lock(call: Node, class_name: str) -> bool:
    """Whether a call takes a lock in Redis that stays until somebody deletes it, by what it or the names around say."""
    if not _takes_key(call) or not _never_expires(call):
        return False
    return _OF_LOCK.search(f"{class_name} {_names_around(call)}") is not None


def leaves_after(node: Node, given: Node) -> bool:
    """Whether a call stands in a branch that leaves the function or the loop, so that nothing is given back there."""
    for around in ancestors(node):
        if around.type == "block" and not around.start_byte <= given.start_byte < around.end_byte:
            last = around.named_children[-1] if around.named_children else None
            if last is not None and last.type in LEAVES:
                return True
    return False


def lends(scope: Node) -> Node | None:
    """The one `yield` by which a dependency or a context manager lends a variable, with nothing that sees it fail."""
    decorators = scope.parent.children if scope.parent is not None else []
    if any(one.type == "decorator" and "fixture" in text_of(one) for one in decorators):
        return None  # pytest goes on behind the `yield` whatever happens
    found = [node for node in own(scope, "yield") if node.is_named]
    lent = found[0].named_children[0] if len(found) == 1 and found[0].named_children else None
    if lent is None or lent.type != "identifier":
        return None
    return found[0] if enclosing(found[0], {"try_statement", *FUNCTIONS}) in (None, scope) else None


def _acquired(scope: Node, call: Node, method: str) -> Node | None:
    """Where a lock is acquired, or a job taken out of its queue."""
    receiver = dotted(call.child_by_field_name("function")).rpartition(".")[0]
    if not receiver or positional_arguments(call):
        return None  # a queue that keeps its jobs on disk is told which one is done
    taker = "acquire" if method == "release" else "get"
    return _last(
        node
        for node in _calls_before(scope, call)
        if dotted(node.child_by_field_name("function")) in {f"{receiver}.{taker}", f"{receiver}.{taker}_nowait"}
    )


def _lent(scope: Node, call: Node, takers: tuple[str, ...]) -> Node | None:
    """Where a variable was given what a call hands back to its pool."""
    owner, given = dotted(call.child_by_field_name("function")).rpartition(".")[0], positional_arguments(call)[0]
    names = {f"{owner}.{taker}" for taker in takers}
    for node in own(scope, "assignment"):
        target, value = node.child_by_field_name("left"), node.child_by_field_name("right")
        if target is None or value is None or target.text != given.text:
            continue
        taker = value.named_children[0] if value.type == "await" else value
        if taker.type == "call" and dotted(taker.child_by_field_name("function")) in names:
            return taker if taker.end_byte < call.start_byte else None
    return None


def _opened(scope: Node, call: Node) -> Node | None:
    """Where a variable was given the session with a database that a call closes."""
    owner = dotted(call.child_by_field_name("function")).rpartition(".")[0]
    for node in own(scope, "assignment"):
        target, value = node.child_by_field_name("left"), node.child_by_field_name("right")
        if target is None or value is None or text_of(target) != owner:
            continue
        if value.type == "call" and _SESSION.fullmatch(last_word(value)) is not None:
            return value if value.end_byte < call.start_byte else None
    return None


def _marked(scope: Node, call: Node) -> Node | None:
    """Where the file was made that keeps others out as long as it is there: `LOCK.touch()`, `open(LOCK, "w")`."""
    target = subject(call)
    if _LOCK_FILE.search(target.rpartition(".")[2]) is None:
        return None
    return _last(
        node
        for node in _calls_before(scope, call)
        if last_word(node) in _MARKS
        and target in {subject(node), *map(text_of, positional_arguments(node)[:1])}
        and (last_word(node) != "open" or _is_opened_to_write(node))
    )


def _is_opened_to_write(call: Node) -> bool:
    given = [*positional_arguments(call), *keyword_arguments(call).values()]
    return any(_TO_WRITE.match(text_of(one)) for one in given if one.type == "string")


def subject(call: Node) -> str:
    """What a call is about: the owner of a method of a path, or the first argument of a function."""
    owner, _, _ = dotted(call.child_by_field_name("function")).rpartition(".")
    given = positional_arguments(call)
    return dotted(given[0]) if owner in {"", "os", "shutil"} and given else owner


def _made(scope: Node, call: Node) -> Node | None:
    """Where the temporary file or folder is made that a call removes for the last time."""
    target = _removed(call)
    made = {name: node for node in _calls_before(scope, call) for name in _names_of(scope, node)}
    later = (node for node in own(scope, "call") if node.start_byte > call.start_byte)
    if target not in made or any(last_word(node) in _REMOVES and _removed(node) == target for node in later):
        return None
    moves = (node for node in _calls_before(scope, call) if last_word(node) in _MOVES)
    if any(text_of(positional_arguments(node)[-1]) == target for node in moves if positional_arguments(node)):
        return None  # it holds what was there before, as long as nothing new has taken its place
    return made[target]


def _removed(call: Node) -> str:
    """The variable that names what a call removes: `file` of `os.remove(file)` and of `Path(file.name).unlink()`."""
    function, given = call.child_by_field_name("function"), positional_arguments(call)
    owner = function.child_by_field_name("object") if function is not None else None
    if owner is not None and last_word(call) == "remove" and text_of(owner) != "os":
        return ""  # an item of a list
    subject = owner if not given or owner is None or text_of(owner) not in {"os", "shutil", "os.path"} else given[0]
    subject = given[0] if owner is None and given else subject
    while subject is not None and subject.type == "call":
        inner = positional_arguments(subject)
        subject = inner[0] if inner else None
    return dotted(subject).partition(".")[0]


def _names_of(scope: Node, call: Node) -> set[str]:
    """The variables that name the temporary file or folder that a call makes."""
    if last_word(call) not in _MAKES_TEMPORARY:
        return set()
    if last_word(call) == "NamedTemporaryFile" and text_of(keyword_arguments(call).get("delete", call)) != "False":
        return set()
    names: set[str] = set()
    for target, value in assigned(scope):
        is_it = value.start_byte <= call.start_byte and call.end_byte <= value.end_byte
        if is_it or (value.type == "attribute" and dotted(value).removesuffix(".name") in names):
            names |= {text_of(one) for one in targets(target)}
    return names


def _locked(scope: Node, call: Node) -> Node | None:
    """Where a key is set that a call deletes, if it was set as a lock and never expires."""
    owner, given = dotted(call.child_by_field_name("function")).rpartition(".")[0], positional_arguments(call)
    if not owner or len(given) != 1:
        return None
    return _last(
        node
        for node in _calls_before(scope, call)
        if _takes_key(node)
        and dotted(node.child_by_field_name("function")).rpartition(".")[0] == owner
        and text_of(positional_arguments(node)[0]) == text_of(given[0])
        and _never_expires(node)
    )


def _takes_key(call: Node) -> bool:
    """Whether a call sets a key of Redis if nobody else has."""
    if not positional_arguments(call):
        return False
    nx = keyword_arguments(call).get("nx")
    return last_word(call) == "setnx" or (last_word(call) == "set" and nx is not None and text_of(nx) == "True")


def _never_expires(call: Node) -> bool:
    scope = function_around(call)
    if not _EXPIRY.isdisjoint(keyword_arguments(call)) or len(positional_arguments(call)) > 2:
        return False
    others = own(scope, "call") if scope is not None else ()
    return not any(_EXPIRES.fullmatch(last_word(node)) for node in others)


def _names_around(call: Node) -> str:
    """The key that is set, what holds the answer, and the function around."""
    scope = function_around(call)
    name = scope.child_by_field_name("name") if scope is not None else None
    statement = call
    while statement.parent is not None and statement.parent.type not in {"block", "module"}:
        statement = statement.parent
    before = text_of(statement)[: max(0, call.start_byte - statement.start_byte)]
    return " ".join((text_of(positional_arguments(call)[0]), before, text_of(name) if name is not None else ""))


def _calls_before(scope: Node, call: Node) -> Iterator[Node]:
    return (node for node in own(scope, "call") if node.end_byte < call.start_byte)


def _last(nodes: Iterator[Node]) -> Node | None:
    return next(iter(reversed(list(nodes))), None)
