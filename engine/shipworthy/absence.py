"""Which calls may give None in place of what they look for: of libraries, and of the project's own functions.

Rows that are looked up by a key are not among them, but for the newest of some: whether there is one depends on who
says the key, as escape/ finds.
Nothing here looks at what is done with the result. A rule that asks declares `extract=absence.words`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from tree_sitter import Node

from shipworthy import matched, origins, queries
from shipworthy.document import Block
from shipworthy.rule import Pass
from shipworthy.syntax import (
    dotted,
    function_around,
    keyword_arguments,
    last_word,
    positional_arguments,
    text_of,
)

_MATCHERS = frozenset({"match", "search", "fullmatch"})
_FUNCTIONS = frozenset({"re.match", "re.search", "re.fullmatch", "shutil.which", "inspect.getmodule"})
_OF_CHATS = frozenset({"get_channel", "get_guild", "get_member"})
"""Methods of chat libraries that give None for what is not there."""

_SENT = re.compile(
    r"(?:^|\.)(?:request|req)\.(?:args|form|values|headers|cookies|query_params|GET|POST|COOKIES|META)$|^os\.environ$"
)
"""What holds a value only if somebody has sent or set it."""

_OWN_REQUEST = re.compile(r"(?:^|\.)(?:r|res|resp|response|reply|answer)\.request\.")
"""What begins with the answer of a server holds the request that the program has made itself."""

_SET_BY_SYSTEM = frozenset({"APPDATA", "HOME", "PATH", "SHELL", "SYSTEMROOT", "USER", "USERPROFILE", "WINDIR"})
"""Variables of the environment that hardly any system leaves out."""

_ON_DEMAND = re.compile(r"""(?i)\b\w*(?:missing|strict|required|must_exist|raises?)\w*=(?:True|['"]raise['"])""")
"""Arguments that ask a function to raise where it finds nothing."""

_OF_MAIL = frozenset({"get_filename", "get_content_charset"})
"""Methods of a part of a message that give None where its headers say nothing."""

_OF_SETTINGS = re.compile(r"(?i)env|conf|setting|option|param")

_VALUES = frozenset({"fetchval", "scalar"})
"""Methods that give the first column of the first row."""

_METHODS = (
    _MATCHERS
    | queries.ROWS
    | _OF_CHATS
    | _OF_MAIL
    | _VALUES
    | {"find", "get", "get_item", "getenv", "which", "getmodule"}
)
_EMPTY = {
    "title": ("bs4", "bs4.BeautifulSoup", "soup"),
    "assignee": ("jira", "", "fields"),
    "metadata": ("pypdf", "pypdf.PdfReader", "reader"),
    "content": ("openai", "", "message"),
}
"""Attributes that may be None: the library that the file uses, what makes their holder, and how it is called."""


def words(block: Block) -> Iterable[str]:
    """What variables hold, and the libraries in a file of whose objects an attribute may be None."""
    yield from origins.bindings(block)
    yield from matched.words(block)
    yield from (
        name
        for name in ("ElementTree", "bs4", "jira", "openai", "pypdf")
        if re.search(rf"\b{name}\b", block.text) is not None
    )


def may_hold_none(run: Pass, attribute: Node) -> bool:
    """Whether an attribute of a library's object is None where there is nothing: a page without a title."""
    holder, name = attribute.child_by_field_name("object"), attribute.child_by_field_name("attribute")
    library, made, last = _EMPTY.get(text_of(name) if name is not None else "", ("", "", ""))
    if holder is None or not library or library not in run.facts[run.rule.id]:
        return False
    return text_of(holder).rpartition(".")[2] == last or (bool(made) and origins.origin(run, holder) == made)


def may_be_none(run: Pass, call: Node, function: Node) -> bool:
    """Whether a call may give None, or a row with nothing in it, in place of what it looks for."""
    is_column = queries.is_nullable_column(call, function_around(call))
    return is_column or _is_search(run, call, function) or _is_own_search(run, call, function)


def _is_search(run: Pass, call: Node, function: Node) -> bool:
    """Whether a library is called for what may not be there."""
    return dotted(function).rpartition(".")[2] in _METHODS and _may_be_none(run, call, function)


def _has_other(call: Node) -> bool:
    """Whether a call says what there is if nothing is found: `self._env("LIMIT", "30")`, `store.get("names", [])`."""
    given = positional_arguments(call)
    if len(given) < 2:
        return False
    if last_word(call).startswith("get") and given[-1].type in {"dictionary", "list", "tuple"}:
        return not given[-1].named_children
    is_setting = _OF_SETTINGS.search(last_word(call)) is not None
    return is_setting and given[-1].type in {"string", "integer", "float"}


def _is_own_search(run: Pass, call: Node, function: Node) -> bool:
    """Whether a function of the project is called that may give None in place of what it is asked for."""
    if function_around(call) is None:
        return False
    found = origins.own_function(run, call)
    if found is None or found.kind != "function" or not found.may_give_none or found.decorators:
        return False
    if any(_ON_DEMAND.fullmatch(f"{name}={text_of(value)}") for name, value in keyword_arguments(call).items()):
        return False
    if _has_other(call):
        return False
    if found.none_on_demand and not positional_arguments(call) and not keyword_arguments(call):
        return False
    if found.demands and not _hands_over(call, found.demands):
        return False
    if _asks_for_own(call) or _asks_for_known(call) or _counts(call) or matched.is_checked_before(call):
        return False
    return found.is_async == (call.parent is not None and call.parent.type == "await")


def _hands_over(call: Node, parameters: Iterable[tuple[int, str]]) -> bool:
    """Whether a call hands over one of these parameters, as far as it says what it hands over."""
    given, named = positional_arguments(call), keyword_arguments(call)
    if "**" in named or any(one.type == "list_splat" for one in given):
        return True
    return any(place < len(given) or name in named for place, name in parameters)


_CONSTANT = re.compile(r"(?:\w+\.)*[A-Z][A-Z0-9_]+")
_OF_OTHERS = re.compile(
    r"(?i)(?:^|_)(?:attr\w*|body|cell|children|column|conf\w*|cookie|download|element|env\w*|fetch\w*|field|file|header|html|input"
    r"|load|node|option|page|param\w*|parse|path|query|read|request|response|row|secret|select|setting|sql|tag|text|url|user|value"
    r"|var|variable|xml)s?(?:_|$)"
)
"""What functions are called that ask a database, a page, a file or the settings of whoever runs the program."""


def _asks_for_own(call: Node) -> bool:
    """Whether a function is asked for what the program has put there itself: by keys that it writes out, and not in
    what other people write.
    """
    given = [*positional_arguments(call), *keyword_arguments(call).values()]
    is_written = [
        re.fullmatch(r"(['\"])[\w.:-]+\1", text_of(one)) is not None
        if one.type == "string"
        else _CONSTANT.fullmatch(text_of(one)) is not None
        for one in given
    ]
    return bool(given) and all(is_written) and _OF_OTHERS.search(last_word(call)) is None


_ID = re.compile(r"\w+(?:\.\w+)*\.(?:id|pk|uuid)")


def _asks_for_known(call: Node) -> bool:
    """Whether what is looked up is known already, by its own key: `find_order(order.id)`."""
    return any(_ID.fullmatch(text_of(one)) is not None for one in positional_arguments(call))


def _counts(call: Node) -> bool:
    """Whether a function is handed a query that always finds a row: how many there are."""
    return any(
        one.type in {"string", "concatenated_string"} and queries.counts(text_of(one))
        for one in positional_arguments(call)[:2]
    )


def _may_be_none(run: Pass, call: Node, function: Node) -> bool:
    name = run.name(function)
    if name == "os.getenv":
        return not _is_there(call) and len(positional_arguments(call)) == 1 and not keyword_arguments(call)
    if name in _FUNCTIONS:
        return True
    if function.type != "attribute":
        return False
    method, scope = dotted(function).rpartition(".")[2], function_around(call)
    made = function.child_by_field_name("object")
    if method in _MATCHERS:
        return origins.origin(run, made) == "re.compile" or (made is not None and run.name(made) == "re.compile")
    if method == "get":
        return _may_be_unsent(call, made)
    if method in _VALUES:
        return scope is not None and not positional_arguments(call)[1:] and queries.is_of_nothing(text_of(scope))
    if method == "get_item":
        return "Key" in keyword_arguments(call)
    if method in _OF_MAIL:
        return not positional_arguments(call) and not keyword_arguments(call)
    if method in _OF_CHATS:
        return bool(positional_arguments(call))  # the channel of an SSH session is asked for by no number
    if method == "find" and "ElementTree" in run.facts[run.rule.id] and _is_of_element(call):
        return True
    if method == "find" and "bs4" in run.facts[run.rule.id]:
        given = positional_arguments(call)
        is_tag = bool(given) and re.fullmatch(r"['\"][a-z][a-z0-9]*['\"]", text_of(given[0])) is not None
        return is_tag or bool({"class_", "id", "attrs"} & keyword_arguments(call).keys())
    return queries.may_find_no_newest(call, scope)


_OF_ELEMENTS = frozenset({"attrib", "find", "findall", "findtext", "get", "itertext", "tail", "text"})
"""What elements of XML have, and no number: `find` of a text gives one."""


def _is_of_element(call: Node) -> bool:
    """Whether an element is looked for, by what is done with it."""
    given, around = positional_arguments(call), call.parent
    name = around.child_by_field_name("attribute") if around is not None and around.type == "attribute" else None
    return bool(given) and name is not None and text_of(name) in _OF_ELEMENTS


def _is_there(call: Node) -> bool:
    """Whether a variable is asked for that every system sets."""
    return any(text_of(one).strip("\"'") in _SET_BY_SYSTEM for one in positional_arguments(call)[:1])


def _may_be_unsent(call: Node, holder: Node | None) -> bool:
    """Whether `get` asks for a setting, or for what a request may have left out."""
    given = positional_arguments(call)
    return (
        len(given) == 1
        and given[0].type == "string"
        and not _is_there(call)
        and not keyword_arguments(call)
        and _SENT.search(dotted(holder)) is not None
        and _OWN_REQUEST.search(dotted(holder)) is None
    )
