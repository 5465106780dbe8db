"""What is nice to have by its own name and purpose, so that it may fail in silence: indicators, measurements of use,
notes to the system and on the desktop, looking for a newer version, small pictures; and what a search over all files of
a folder cannot read.
"""

from __future__ import annotations

import re

from tree_sitter import Node

from shipworthy import handlers, losses, origins
from shipworthy.rule import Pass
from shipworthy.syntax import (
    FUNCTIONS,
    ancestors,
    dotted,
    enclosing,
    function_around,
    last_word,
    name_of,
    positional_arguments,
    text_of,
    walk,
)

_NICE = re.compile(
    r"(?i)_*(?:\w+_)?typing(?:_\w+)?|_*fire_and_forget(?:_\w+)?|_*sd_?notify(?:_\w+)?|_*notify_(?:systemd|desktop)"
    r"|_*(?:(?:add|count|emit|flush|post|push|record|report|save|send|store|track|update)_)?"
    r"(?:telemetry|metrics?|analytics|usage(?:_stat(?:istic)?s?|_event)?)(?:_(?:event|data|payload)s?)?"
)
"""Names of functions that show that somebody is typing, measure how the program is used, or tell the system."""
_VERSION = re.compile(
    r"(?i)_*(?:check|look|notify|warn|remind)(?:_\w+)?_(?:version|updates?|upgrades?|releases?)(?:_\w+)?"
    r"|_*(?:\w+_)?(?:latest|newest|newer|new)_(?:\w+_)?(?:version|releases?)(?:_\w+)?|_*(?:\w+_)?update_(?:check|notice|available)(?:_\w+)?"
)
"""Names of functions that look whether there is a newer version of the program."""
_OF_VERSIONS = re.compile(r"(?i)\bpypi\.org/(?:pypi|simple)/|\bregistry\.npmjs\.org/|/releases/latest\b")
"""Addresses that tell of versions."""
_PICTURE = re.compile(r"(?i)_*(?:\w+_)?(?:thumbnails?|previews?|favicons?|avatars?)(?:_\w+)?")
"""Names of functions that make or fetch small pictures."""
_ON_DESKTOP = re.compile(r"(?i)_*(?:\w+_)?(?:notif(?:y|ication)|toast|beep|play_sound)(?:_\w+)?")
_OF_SYSTEM = re.compile(r"_*(?:Systemd|SdNotif|Telemetry|Statsd|StatsD)\w*")
"""Names of classes that do so."""
_MEASURES = re.compile(
    r"(?i)(?:^|\.)_*(?:metrics?|telemetry|statsd|analytics)(?:_?(?:client|sink|recorder|collector))?"
    r"\.(?:capture|count|decr\w*|distribution|emit|gauge|histogram|inc|incr\w*|increment|observe|record|set|timing|track)$"
)
"""Calls that count or measure something."""
_CACHED = re.compile(r"(?i)(?:^|[_.])(?:cached?|heartbeat|alive|liveness)(?:_?(?:file|path))?$")
_TO_LOG = re.compile(r"(?i)\b(?:\w+\.)?logs?(?:_?(?:file|path))?\b|\bheartbeat|\balive_|\bsys\.(?:__)?std(?:out|err)")
_KEEPS = frozenset({"open", "write_text", "write_bytes", "dump", "dumps", "write", "time", "mkdir", "makedirs"})
_FETCHES = frozenset({"get", "urlopen", "request", "json", "urlretrieve"})
_REMOVES = frozenset({"delete", "remove", "unlink", "rmtree"})
_NAMES_PATH = re.compile(r"(?:^|_)(?:dir|getpid|join|path|pid)$")
_SEARCHES = re.compile(r"(?i)(?:^|_)(?:grep|search|find)(?:_|$)")
_OF_FILES = re.compile(r"(?i)(?:^|_)(?:files|paths)(?:$|_|\b)")
_LISTS_FOLDER = frozenset({"rglob", "glob", "iglob", "walk", "iterdir", "scandir", "listdir"})
_READS = frozenset({"open", "read", "read_text", "read_bytes", "readlines", "splitlines", "decode"})


def is_nice_to_have(run: Pass, node: Node) -> bool:
    """Whether what a handler's `try` does is optional by its own name, that of a function around, or of its class."""
    names = (name_of(around) for around in ancestors(node) if around.type in FUNCTIONS)
    if any(name is not None and _NICE.fullmatch(text_of(name)) is not None for name in names):
        return True
    if _OF_SYSTEM.fullmatch(origins.class_around(run.block, node)) is not None:
        return True
    if _is_by_the_way(run, node):
        return True
    calls = losses.failing(run, node)
    called = [dotted(call.child_by_field_name("function")) for call in calls]
    is_measured = bool(called) and all(_MEASURES.search(name) is not None for name in called)
    return is_measured or _tells_of_itself(calls) or _writes_cache(calls)


def _is_by_the_way(run: Pass, clause: Node) -> bool:
    """Whether a function looks for a newer version, fetches a small picture, or runs a program that shows a note."""
    function = function_around(clause)
    name, tried = name_of(function) if function is not None else None, handlers.calls(handlers.tried(clause))
    if function is None or name is None:
        return False
    asks = any(last_word(call) in _FETCHES for call in tried)
    if asks and (_VERSION.fullmatch(text_of(name)) is not None or _OF_VERSIONS.search(run.text(function)) is not None):
        return True
    if _PICTURE.fullmatch(text_of(name)) is not None:
        return not any(last_word(call) in _REMOVES for call in tried)
    return shows_note(clause) and any(
        run.name(call.child_by_field_name("function")).startswith("subprocess.") for call in tried
    )


def shows_note(node: Node) -> bool:
    """Whether a node stands in a function that tells a person something by the way, by its name: `notify`, `beep`."""
    function = function_around(node)
    name = name_of(function) if function is not None else None
    return name is not None and _ON_DESKTOP.fullmatch(text_of(name)) is not None


def _tells_of_itself(calls: list[Node]) -> bool:
    """Whether calls do nothing but write a line to a log of the program's own, or a sign that it is alive."""
    written = [call for call in calls if last_word(call) == "open" or "write" in last_word(call)]
    others = [call for call in calls if call not in written and _NAMES_PATH.search(last_word(call)) is None]
    # What a method of a file writes is no path.
    opened = [call for call in written if "." not in dotted(call.child_by_field_name("function"))]
    paths = [one for call in opened for one in positional_arguments(call)[:1]]
    return not others and any(_TO_LOG.search(text_of(one)) is not None for one in paths)


def _writes_cache(calls: list[Node]) -> bool:
    """Whether calls do nothing but write a file that is a cache, by the name that holds its path."""
    opened = [call for call in calls if last_word(call) in {"open", "write_text", "write_bytes"}]
    paths = [_path(call) for call in opened]
    return bool(paths) and all(map(is_of_cache, paths)) and all(last_word(call) in _KEEPS for call in calls)


def _path(call: Node) -> str:
    """The path that a call opens: its first argument, or what it is a method of."""
    given = positional_arguments(call)
    owner = dotted(call.child_by_field_name("function")).rpartition(".")[0]
    return owner or (dotted(given[0]) if given else "")


def is_of_cache(path: str) -> bool:
    """Whether a path is that of something that can be made again, by the name that holds it."""
    return _CACHED.search(path) is not None


def is_passed_by_search(clause: Node) -> bool:
    """Whether a function that searches all files of a folder goes on with the next where it cannot read one."""
    loop = enclosing(clause, FUNCTIONS | {"for_statement", "while_statement"})
    over = loop.child_by_field_name("right") if loop is not None and loop.type == "for_statement" else None
    names = (name_of(around) for around in ancestors(clause) if around.type in FUNCTIONS)
    if over is None or not any(name is not None and _SEARCHES.search(text_of(name)) is not None for name in names):
        return False
    listed = any(node.type == "call" and last_word(node) in _LISTS_FOLDER for node in walk(over))
    lists = listed or _OF_FILES.search(text_of(over)) is not None
    tried = handlers.calls(handlers.tried(clause))
    return lists and bool(tried) and all(last_word(call) in _READS or handlers.looks(last_word(call)) for call in tried)
