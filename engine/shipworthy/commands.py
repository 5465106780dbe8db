"""What a program that is run is there for: whether it may fail, says so, and has a person who watches it or asked."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from tree_sitter import Node

from shipworthy import fixes, handlers
from shipworthy.document import Block
from shipworthy.rule import Pass
from shipworthy.syntax import (
    FUNCTIONS,
    assigned,
    enclosing,
    function_around,
    identifiers,
    keyword_arguments,
    last_word,
    name_of,
    own,
    positional_arguments,
    statements,
    text_of,
    walk,
)

_RUNS = re.compile(r"\b(?:subprocess\.(?:run|call|check_call|check_output|Popen)|os\.system)\(")
_ENDS = re.compile(r"""['"\s](?:stop|kill|down|unload|disable|umount)['"\s]""")
_REMOVES = re.compile(r"""['"\s](?:rm|del|delete|remove)['"\s]""")
_MAKES = re.compile(r"""['"\s](?:run|create|load|start|add|up|build|install)['"\s]""")
_MAY_EXIST = re.compile(
    r"(?i)(?:\b|_)(?:already|existing|exists?|leftovers?|stale|previous|if (?:any|running|present|loaded))(?:\b|_)"
)
_CLEARS = re.compile(r"(?i)(?:^|_)(?:existing|clean_?up|tear_?down|uninstall|unload|unregister|disable)(?:_|$)")
_ARGUMENTS = re.compile(r"args|opts?|options|arguments|parsed(?:_args)?")
_OPTIONS = re.compile(r"\.(?:command|callback)\b|\bif (?:args|opts?|options|arguments|parsed)")
_MAIN = re.compile(r"_*(?:async_?)?main(?:_?async)?")
_LASTING = re.compile(r"(?:^|[._])(?:serve\w*|run_\w+|start\w*|mainloop|polling|listen|exec_?|app\.run|spin)$")
"""How calls are named that go on until somebody ends the program."""
_PRINTS = frozenset({"print", "print_exc", "echo", "secho"})
_AROUND_WORDS = frozenset(
    {
        *("attribute", "call", "parenthesized_expression", "subscript", "boolean_operator", "binary_operator"),
        *("interpolation", "string", "concatenated_string"),
    }
)
"""What a printed text stands in."""
_READ_FROM = re.compile(r"""['"](?:-i|-C|--input|--directory|-f|--file|-c|--config)['"]""")
"""Options behind which a program is told what to read, or where to work."""
_NAMES_PATH = re.compile(
    r"(?i)(?:^|_)(?:archive|backup|dest(?:ination)?|dir(?:ectory)?|dst|dump|file(?:name)?|folder|out(?:put|file|path)?|path|target)(?:_|$)"
)
_MAKES_PATH = re.compile(r"""\s/\s|\bwith_(?:suffix|name|stem)\(|\bpath\.join\(|\bPath\(|temp\w*\(|\.\w{2,4}['"]$""")
"""How variables are called that hold paths, and how paths are made."""
_LOOKS_FOR = re.compile(r"\b(?:exists|is_file|isfile|is_dir|isdir|stat|getsize|glob|iterdir|listdir)\b")
_OF_SYSTEM = re.compile(
    r"(?:/\w+)*/?(?:ch(?:mod|own)|cp|ifconfig|ip|kill|ls|mkdir|mount|mv|ps|rm|route|sysctl|umount"
    r"|(?:system|journal|login|hostname|timedate)ctl|defaults|launchctl|osascript|security)"
)
_BASIC = re.compile(r"(?:/\w+)*/?(?:git|grep)")


def is_of_system(program: str) -> bool:
    """Whether a program belongs to the operating system that a program which runs it is made for."""
    return _OF_SYSTEM.fullmatch(program) is not None


def is_basic(program: str) -> bool:
    """Whether a program is there on every machine that a program which runs it is made for."""
    return is_of_system(program) or _BASIC.fullmatch(program) is not None


def may_fail(run: Pass, call: Node) -> bool:
    """Whether a command may well fail, for what it makes may be there already and what it ends may be gone.

    A comment or the name of the function says so, its complaints are thrown away beside commands that are checked, it
    clears the way for one that follows, or its other failures are passed over in silence.
    """
    scope, statement = function_around(call), fixes.statement_of(call)
    if any(map(handlers.is_empty, handlers.guards(call))) or handlers.is_foreseen(run, call):
        return True
    name = name_of(scope) if scope is not None else None
    above = handlers.above(statement) if statement is not None else None
    if name is not None and _CLEARS.search(text_of(name)) is not None:
        return True
    if _is_on_the_way_out(run, call):
        return True
    if above is not None and _speaks(above) and _MAY_EXIST.search(run.text(above)) is not None:
        return True
    return _is_hushed(call, scope) or (statement is not None and _clears_the_way(run, call, statement))


def _is_on_the_way_out(run: Pass, call: Node) -> bool:
    """Whether a command ends or removes something while an error, or the end of a program, is dealt with."""
    around = enclosing(call, FUNCTIONS | {"except_clause", "finally_clause"})
    command = run.text(call)
    is_end = around is not None and around.type in {"except_clause", "finally_clause"}
    return is_end and (_ENDS.search(command) is not None or _REMOVES.search(command) is not None)


def _speaks(statement: Node) -> bool:
    """Whether a statement is a comment, or tells something while the program runs."""
    calls = handlers.calls([statement]) if statement.type == "expression_statement" else []
    return statement.type == "comment" or any(handlers.is_log_call(one) or handlers.only_prints(one) for one in calls)


def _is_hushed(call: Node, scope: Node | None) -> bool:
    stderr = keyword_arguments(call).get("stderr")
    is_thrown_away = stderr is not None and text_of(stderr).endswith("DEVNULL")
    return is_thrown_away and scope is not None and re.search(r"check=True|check_call", text_of(scope)) is not None


def _clears_the_way(run: Pass, call: Node, statement: Node) -> bool:
    """Whether a command ends something before the next one, or removes what is made anew behind it."""
    command = run.text(call)
    behind = "\n".join(run.text(one) for one in _following(statement))
    if _ENDS.search(command) is not None:
        return _RUNS.search(behind) is not None
    return _REMOVES.search(command) is not None and _MAKES.search(behind) is not None


def _following(statement: Node) -> Iterator[Node]:
    following = statement.next_named_sibling
    while following is not None:
        yield following
        following = following.next_named_sibling


def ends_well(run: Pass, clause: Node, handled: list[Node]) -> bool:
    """Whether all that the main function of a program does is tried, and a failure of any kind is but logged."""
    attempt, function = clause.parent, function_around(clause)
    name = name_of(function) if function is not None else None
    if attempt is None or name is None or function is None or _MAIN.fullmatch(text_of(name)) is None:
        return False
    body = statements(function.child_by_field_name("body"))
    if body[-1:] != [attempt] or function_around(function) is not None or not handled:
        return False
    nodes = [*handlers.own(handlers.tried(clause))]
    lasts = any(node.type == "while_statement" for node in nodes) or any(
        _LASTING.search(text_of(node.child_by_field_name("function") or node)) for node in nodes if node.type == "call"
    )
    is_said = all(map(_is_said, handled)) and not handlers.says_why(run, clause)
    works = len([node for node in nodes if node.type == "call"]) > 1
    return is_said and works and not lasts and handlers.is_broad(handlers.caught(run, clause))


def _is_said(statement: Node) -> bool:
    """Whether a statement prints or logs, wherever to."""
    call = statement.named_children[0] if statement.type == "expression_statement" else None
    if call is None or call.type != "call":
        return False
    return handlers.is_log_call(call) or handlers.only_prints(call) or last_word(call) in _PRINTS


def wanted(block: Block) -> Iterator[str]:
    """The functions of a file that are called only if whoever runs the program asks for it: `if args.commit:`."""
    for branch in block.nodes(("if_statement",)).get("if_statement", ()) if _OPTIONS.search(block.text) else ():
        condition, scope = branch.child_by_field_name("condition"), function_around(branch)
        done = statements(branch.child_by_field_name("consequence"))
        if condition is None or scope is None or len(done) != 1 or not _is_option(condition, scope):
            continue
        call = done[0].named_children[0] if done[0].type == "expression_statement" else None
        function = call.child_by_field_name("function") if call is not None and call.type == "call" else None
        if function is not None and function.type == "identifier":
            yield text_of(function)


def _is_option(condition: Node, scope: Node) -> bool:
    """Whether a condition asks for an option: an attribute of `args`, or a parameter of a command."""
    if condition.type == "attribute":
        return _ARGUMENTS.fullmatch(text_of(condition.child_by_field_name("object") or condition)) is not None
    around, parameters = scope.parent, scope.child_by_field_name("parameters")
    is_command = around is not None and around.type == "decorated_definition" and _is_command(around)
    if condition.type != "identifier" or not is_command or parameters is None:
        return False
    return any(one.type == "identifier" and one.text == condition.text for one in walk(parameters))


def is_handed_over(call: Node) -> bool:
    """Whether a person sees how a command ends: what it prints is theirs, and nothing is built on it.

    It is the last thing that a command of the program does, or that is done before a bare `return`.
    """
    if {"stdout", "stderr", "capture_output"} & keyword_arguments(call).keys():
        return False
    statement, scope = fixes.statement_of(call), function_around(call)
    following = statement.next_named_sibling if statement is not None else None
    if following is not None:
        return text_of(following) in {"return", "return None"}
    around = scope.parent if scope is not None else None
    is_last = scope is not None and statement is not None and statement.parent == scope.child_by_field_name("body")
    return is_last and around is not None and around.type == "decorated_definition" and _is_command(around)


def is_shown(call: Node) -> bool:
    """Whether a person sees what a command has to say, and what it was told to work on is not used behind it."""
    if {"stdout", "stderr", "capture_output"} & keyword_arguments(call).keys():
        return False
    scope, arguments = function_around(call), call.child_by_field_name("arguments")
    if scope is None or arguments is None:
        return False
    given = {one.text for one in walk(arguments) if one.type == "identifier"}
    behind = (one for one in walk(scope) if one.type == "identifier" and one.start_byte >= call.end_byte)
    return bool(given) and not any(one.text in given for one in behind)


def is_only_said(output: Node) -> bool:
    """Whether what a program says is but printed or logged, or asked for whether there is anything to print."""
    value = output
    while value.parent is not None and value.parent.type in _AROUND_WORDS:
        value = value.parent
    around = value.parent
    if around is not None and around.type == "argument_list" and around.parent is not None:
        statement = fixes.statement_of(around.parent)
        return statement is not None and _is_said(statement) and around.parent == statement.named_children[0]
    is_asked = around is not None and around.type == "if_statement" and is_condition(value)
    if around is None or not is_asked or around.child_by_field_name("alternative") is not None:
        return False
    return all(map(_is_said, statements(around.child_by_field_name("consequence"))))


def product(call: Node) -> Node | None:
    """Where a function goes on with a path that it has named to a program: it gives it back, or hands it on.

    None if anybody asks behind the call whether it is there.
    """
    scope, statement = function_around(call), fixes.statement_of(call)
    if scope is None or statement is None:
        return None
    named = {text_of(one) for one in _paths(call, scope) if _is_path(text_of(one), scope)}
    behind = [
        one
        for one in own(scope)
        if one.type == "identifier" and one.start_byte >= statement.end_byte and text_of(one) in named
    ]
    if any(_LOOKS_FOR.search(text_of(_in_calls(one))) is not None for one in behind):
        return None
    return next((one for one in behind if _is_handed_on(one)), None)


def _in_calls(name: Node) -> Node:
    """A variable with the methods that are called on it, and the calls that it is handed to."""
    value = name
    while value.parent is not None and value.parent.type in {"attribute", "call", "argument_list"}:
        value = value.parent
    return value


def _paths(call: Node, scope: Node) -> Iterator[Node]:
    """The variables that stand alone, or as texts, among the arguments of a command but the first."""
    command = next(iter(positional_arguments(call)), None)
    if command is not None and command.type == "identifier":
        bound = own(scope, "assignment")
        made = [one for one in bound if text_of(one.child_by_field_name("left") or one) == text_of(command)]
        command = made[0].child_by_field_name("right") if len(made) == 1 else None
    if command is None or command.type != "list":
        return
    for option, argument in itertools.pairwise(command.named_children):
        given = (
            positional_arguments(argument) if argument.type == "call" and last_word(argument) == "str" else [argument]
        )
        if len(given) == 1 and given[0].type == "identifier" and _READ_FROM.fullmatch(text_of(option)) is None:
            yield given[0]


def _is_path(name: str, scope: Node) -> bool:
    """Whether a variable holds a path, by its name, by its type, or by how it is made."""
    if _NAMES_PATH.search(name) is not None:
        return True
    parameters = scope.child_by_field_name("parameters")
    typed = (
        (one for one in parameters.named_children if one.type == "typed_parameter") if parameters is not None else ()
    )
    if any(re.fullmatch(rf"{name}:\s*(?:\w+\.)*Path\b.*", text_of(one)) is not None for one in typed):
        return True
    made = (value for target, value in assigned(scope) if text_of(target) == name)
    return any(_MAKES_PATH.search(text_of(value)) is not None for value in made)


def _is_handed_on(name: Node) -> bool:
    """Whether a variable is given back, or handed to a function that neither runs a program nor says something."""
    around = name.parent
    if around is not None and around.type == "expression_list":
        around = around.parent
    if around is None or around.type == "return_statement":
        return around is not None
    call = around.parent if around.type == "argument_list" else None
    if call is None or call.type != "call" or handlers.is_log_call(call) or last_word(call) in _PRINTS:
        return False
    return _RUNS.match(f"{text_of(call.child_by_field_name('function') or call)}(") is None


def _is_command(decorated: Node) -> bool:
    return any(re.search(r"\.(?:command|callback)\b", text_of(one)) for one in decorated.named_children[:-1])


def is_emptiness_seen(output: Node) -> bool:
    """Whether somebody asks if there is any output: `out.strip() or None`, `if not out`."""
    value = _with_methods(output)
    around, scope = value.parent, function_around(output)
    if is_condition(value):
        return True
    target = around.child_by_field_name("left") if around is not None and around.type == "assignment" else None
    if target is None or target.type != "identifier" or scope is None:
        return False
    named = identifiers(scope, target)
    return any(is_condition(one) for one in named)


def is_compared(output: Node) -> bool:
    """Whether the output is compared with what it should be: `out.strip() == payload`."""
    value = _with_methods(output)
    around, scope = value.parent, function_around(output)
    if around is not None and around.type == "comparison_operator":
        return _is_equality(around)
    target = around.child_by_field_name("left") if around is not None and around.type == "assignment" else None
    if target is None or target.type != "identifier" or scope is None:
        return False
    named = (one for one in identifiers(scope, target) if one != target)
    tests = (_with_methods(one).parent for one in named)
    return any(one is not None and one.type == "comparison_operator" and _is_equality(one) for one in tests)


def _is_equality(comparison: Node) -> bool:
    return any(child.type in {"==", "!="} for child in comparison.children)


def _with_methods(value: Node) -> Node:
    """A value with the methods that are called on it."""
    while value.parent is not None and value.parent.type in {"attribute", "call", "parenthesized_expression"}:
        value = value.parent
    return value


def is_condition(value: Node) -> bool:
    """Whether a value is asked for its truth."""
    around = value.parent
    if around is None:
        return False
    if around.type in {"boolean_operator", "not_operator"}:
        return True
    if around.type == "conditional_expression":
        return around.named_children[1] == value
    return around.type in {"if_statement", "elif_clause", "while_statement"} and value == around.child_by_field_name(
        "condition"
    )
