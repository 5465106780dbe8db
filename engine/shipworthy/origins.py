"""Which call a variable holds the result of, where that is evident: `session` from `requests.Session()`.

A rule that asks `origin` declares `extract=bindings`, so that variables of the module and attributes
of a class are known in every block. What is bound twice to different things is not evident.
One that asks for clients of HTTP adds `clients`: those that functions of the file make, and hand to each other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from tree_sitter import Node

from shipworthy.document import Block
from shipworthy.facts.model import Definition
from shipworthy.rule import Pass
from shipworthy.syntax import (
    dotted,
    enclosing,
    function_around,
    keyword_arguments,
    last_word,
    own,
    positional_arguments,
    text_of,
)

_UNKNOWN = "?"
_CLIENT = re.compile(r"(?:\w+\.)?(?:\w*Session|session|\w*Client)|\w*(?:session|client)\w*")
"""What makes clients of HTTP: a class of a library, or a function that is called for them."""
_HANDS = 3
"""So many times a client is handed on."""
_LOOKING = frozenset({"count", "find", "get", "index", "pop"})
_OF_BUILTINS = frozenset(name for type_ in (str, bytes, dict, list, set) for name in dir(type_)) - _LOOKING
"""Methods of texts and collections: most calls are of these, and an object of the project's seldom has one."""


def bindings(block: Block) -> Iterable[str]:
    """`name callee` for each module variable, `Class.name callee` for each attribute of `self`."""
    return block.memo(("bindings", 0), lambda: frozenset(_bindings(block)))


def clients(block: Block) -> Iterable[str]:
    """`name() callee` for each function that gives back a client that it has made, `name(0) callee` or `name(=key)
    callee` for each one that is handed a client: what is called by a name for that, or a function of the file.
    """
    return block.memo(("clients", 0), lambda: frozenset(_clients(block)))


def origin(run: Pass, node: Node | None) -> str:
    """The function or class whose call made the value of a variable, imports resolved; "" if unknown.

    A parameter counts as made by the class that its annotation names.
    """
    if node is None:
        return ""
    if node.type == "identifier":
        function = function_around(node)
        while function is not None:
            found = _in_function(run, function, text_of(node))
            if found:
                return _made_within(run, found) if found != _UNKNOWN else _handed(run, function, node)
            function = function_around(function)
        return _made_within(run, _known(run, text_of(node)))
    path = dotted(node)
    if node.type == "attribute" and path.startswith("self.") and path.count(".") == 1:
        return attribute(run, node, path[5:])
    return ""


def attribute(run: Pass, node: Node, name: str) -> str:
    """The function or class whose call made what `self` holds under a name, in the class around a node."""
    return _known(run, f"{class_around(run.block, node)}.{name}")


def callee(run: Pass, function: Node) -> str:
    """What a call calls, a variable resolved to what it was made by: `requests.Session.get` for `session.get`."""
    if function.type == "attribute" and (made := origin(run, function.child_by_field_name("object"))):
        return f"{made}.{dotted(function).rpartition('.')[2]}"
    return run.name(function)


def made_by(run: Pass, function: str) -> list[str]:
    """The module variables that hold the result of a function of this name, whatever its module."""
    words = (word.partition(" ") for word in run.facts[run.rule.id])
    return sorted(name for name, _, callee in words if "." not in name and callee.rpartition(".")[2] == function)


def own_function(run: Pass, call: Node) -> Definition | None:
    """The project's function that is called, by its name or as a method of an object whose class is evident."""
    function = call.child_by_field_name("function")
    if function is None:
        return None
    path = dotted(function)
    first, _, rest = path.partition(".")
    if first == "self" and rest and "." not in rest:
        owner = class_around(run.block, call)
        return run.facts.defined(f"{owner}.{rest}") if owner else None
    if run.name(function) and (run.facts.imported(first) or run.facts.defined(first)):
        return run.facts.find(path)
    holder = function.child_by_field_name("object") if function.type == "attribute" else None
    if holder is None or last_word(call) in _OF_BUILTINS:
        return None
    made = run.name(holder.child_by_field_name("function")) if holder.type == "call" else origin(run, holder)
    return _method(run, made, path.rpartition(".")[2] or text_of(function).rpartition(".")[2])


def declared_function(run: Pass, call: Node) -> Definition | None:
    """The method that is called on what a function of the same class or file gives, by the class that it declares."""
    function = call.child_by_field_name("function")
    holder = function.child_by_field_name("object") if function is not None else None
    if holder is None or holder.type not in {"identifier", "call"}:
        return None
    made = [holder] if holder.type == "call" else _values_of(holder)
    given = {_gives(run, value) for value in made}
    return _method(run, given.pop(), last_word(call)) if len(given) == 1 else None


def _values_of(name: Node) -> list[Node | None]:
    """What a variable is given in the function around."""
    function = function_around(name)
    bound = _bound(function) if function is not None else ()
    return [value for target, value in bound if target == text_of(name)]


def _gives(run: Pass, value: Node | None) -> str:
    """The class that the function which is called declares to give, if the file defines it."""
    path = dotted(value.child_by_field_name("function")) if value is not None and value.type == "call" else ""
    first, _, rest = path.partition(".")
    owner = class_around(run.block, value) if value is not None and first == "self" else ""
    found = run.facts.defined(f"{owner}.{rest}" if owner else path) if path else None
    return found.gives if found is not None else ""


def _method(run: Pass, made: str, method: str) -> Definition | None:
    """A method of a class of the project, by what made the object; a class begins with a capital."""
    name = made.rpartition(".")[2]
    if not name.lstrip("_")[:1].isupper():
        return None
    known = name if run.facts.defined(name) or run.facts.imported(name) else made
    return run.facts.find(f"{known}.{method}")


def _made_within(run: Pass, made: str) -> str:
    """What makes a value that a call gives: the function of the file that is called, or what that one calls for it."""
    if not made.startswith(".") or f"{made[1:]}()" not in {word.partition(" ")[0] for word in run.facts[run.rule.id]}:
        return made
    return _known(run, f"{made[1:]}()") or made


def _handed(run: Pass, function: Node, name: Node) -> str:
    """The client that the file hands to a function in a parameter without a type, if it never binds that anew."""
    callee, names = text_of(function.child_by_field_name("name") or name), _parameters(function)
    if text_of(name) not in names or not any(word.startswith(f"{callee}(") for word in run.facts[run.rule.id]):
        return ""
    bound = [target for target, _ in _bound(function) if target == text_of(name)]
    if len(bound) != 1 or function_around(function) is not None or class_around(run.block, function):
        return ""
    places = (f"{callee}({names.index(text_of(name))})", f"{callee}(={text_of(name)})")
    found = {made for place in places if (made := _traced(run, place))}
    return found.pop() if len(found) == 1 else ""


def _parameters(function: Node) -> list[str]:
    """The parameters of a function, those with a type or a default as they are written."""
    listed = function.child_by_field_name("parameters")
    return [text_of(one) for one in listed.named_children] if listed is not None else []


def _traced(run: Pass, place: str) -> str:
    """What a function is handed in a parameter, from hand to hand."""
    for _ in range(_HANDS):
        place = _made_within(run, _known(run, place))
        if not place.endswith(")"):
            return place
    return ""


def _clients(block: Block) -> Iterable[str]:
    if "ession" not in block.text and "lient" not in block.text:
        return
    nodes = block.nodes(("call", "return_statement"))
    for node in nodes.get("return_statement", ()):
        function, value = function_around(node), next(iter(node.named_children), None)
        name = function.child_by_field_name("name") if function is not None else None
        if function is None or name is None or value is None:
            continue
        if made := _client(block, function, value):
            yield f"{text_of(name)}() {made}"
    for node in nodes.get("call", ()):
        callee, function = node.child_by_field_name("function"), function_around(node)
        if callee is None or callee.type != "identifier" or function is None:
            continue
        given = [(f"{place}", one) for place, one in enumerate(positional_arguments(node))]
        given += [(f"={name}", one) for name, one in keyword_arguments(node).items()]
        for place, one in given:
            if one.type == "identifier" and (made := _client(block, function, one)):
                yield f"{text_of(callee)}({place}) {made}"


def _client(block: Block, function: Node, value: Node) -> str:
    """What is called for a value in a function, by a name for a client or a function's own; "" for all else."""
    if value.type != "identifier":
        made = _callee(value)
        return made if _CLIENT.fullmatch(made) is not None else ""
    name = text_of(value)
    bound = _values(block, function, name)
    if len(bound) != 1:
        return ""
    if bound[0] is not None:
        return _client(block, function, bound[0]) if bound[0].type != "identifier" else ""
    callee, names = function.child_by_field_name("name"), _parameters(function)
    is_handed_on = callee is not None and name in names and _CLIENT.fullmatch(name) is not None
    return f"{text_of(callee)}({names.index(name)})" if callee is not None and is_handed_on else ""


def _bindings(block: Block) -> Iterable[str]:
    for node in block.nodes(("assignment",)).get("assignment", ()):
        target, value = node.child_by_field_name("left"), node.child_by_field_name("right")
        if target is None or value is None or value.type == "none":
            continue
        path = dotted(target)
        if target.type == "identifier" and function_around(node) is None:
            if class_around(block, node):
                path = f"{class_around(block, node)}.{path}"
        elif path.startswith("self.") and path.count(".") == 1:
            path = f"{class_around(block, node)}.{path[5:]}"
        else:
            continue
        yield f"{path} {_callee(value)}"


def _bare(value: Node) -> Node:
    """A value without the `await` and the parentheses around it."""
    while value.type in {"await", "parenthesized_expression"} and value.named_children:
        value = value.named_children[0]
    return value


def _callee(value: Node) -> str:
    value = _bare(value)
    return dotted(value.child_by_field_name("function")) or _UNKNOWN if value.type == "call" else _UNKNOWN


def _known(run: Pass, name: str) -> str:
    found = {word.partition(" ")[2] for word in run.facts[run.rule.id] if word.partition(" ")[0] == name}
    if len(found) != 1 or _UNKNOWN in found:
        return ""
    callee = found.pop()
    first, dot, rest = callee.partition(".")
    target = run.facts.imported(first)
    if target is not None:
        return f"{target.target}{dot}{rest}"
    return f".{callee}" if run.facts.defined(first) is not None else callee


def _in_function(run: Pass, function: Node, name: str) -> str:
    """The callee of the one binding in a function, `?` if there are several, "" if there is none."""
    found = [_UNKNOWN if value is None else _named(run, value) for value in _values(run.block, function, name)]
    return "" if not found else found[0] if len(set(found)) == 1 else _UNKNOWN


def _named(run: Pass, value: Node) -> str:
    value = _bare(value)
    if value.type == "call":
        return run.name(value.child_by_field_name("function")) or _UNKNOWN
    return run.name(value.named_children[0]) or _UNKNOWN if value.type == "type" and value.named_children else _UNKNOWN


def _values(block: Block, function: Node, name: str) -> list[Node | None]:
    """What a function binds a name to; None for what is no single value."""

    def by_name() -> Mapping[str, list[Node | None]]:
        found: dict[str, list[Node | None]] = {}
        for target, value in _bound(function):
            found.setdefault(target, []).append(value)
        return found

    return block.memo(("bound values", function.id), by_name).get(name, [])


def _bound(function: Node) -> Iterable[tuple[str, Node | None]]:
    """Each name that a function binds, with the value, the annotation of a parameter, or None."""
    parameters = function.child_by_field_name("parameters")
    for parameter in parameters.named_children if parameters is not None else ():
        if parameter.type == "identifier":
            yield text_of(parameter), None
        elif parameter.named_children:
            name = parameter.child_by_field_name("name") or parameter.named_children[0]
            yield text_of(name), parameter.child_by_field_name("type")
    for node in own(function):
        if node.type in {"assignment", "named_expression"}:
            target = node.child_by_field_name("left") or node.child_by_field_name("name")
            value = node.child_by_field_name("right") or node.child_by_field_name("value")
            if target is not None and target.type == "identifier" and (value is None or value.type != "none"):
                yield text_of(target), value
        elif node.type == "as_pattern" and node.parent is not None and node.parent.type == "with_item":
            alias = node.child_by_field_name("alias")
            yield text_of(alias) if alias is not None else "", node.named_children[0]
        elif node.type in {"for_statement", "for_in_clause"} and (left := node.child_by_field_name("left")) is not None:
            yield text_of(left), None


def class_around(block: Block, node: Node) -> str:
    """The dotted name of the Python class that a node stands in, "" if in none."""
    names = [scope.name for scope in block.scopes]
    around = enclosing(node, ("class_definition",))
    if around is not None and block.owns(around) and (name := around.child_by_field_name("name")) is not None:
        names.append(text_of(name))
    return ".".join(names)
