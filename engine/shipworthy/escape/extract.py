"""A block of Python to its `Extract`: one walk in the order of the text."""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Callable, Iterable, Sequence

from ahocorasick_rs import AhoCorasick
from tree_sitter import Node

from shipworthy import hollow
from shipworthy.document import Block
from shipworthy.escape import stored, watching
from shipworthy.escape.containers import container
from shipworthy.escape.endless import gives_back, is_worker
from shipworthy.escape.expressions import PARTED, PATTERNS, Expressions
from shipworthy.escape.futures import are_futures
from shipworthy.escape.ir import (
    NOT_NONE,
    PARAMETER,
    REQUEST,
    SETTING,
    SHARED,
    Branch,
    Call,
    Decorator,
    Extract,
    Function,
    Handler,
    Loop,
    Operation,
    Path,
    Raise,
    Try,
    With,
    within,
)
from shipworthy.escape.patterns import captured
from shipworthy.escape.readers import READERS
from shipworthy.escape.records import RECORDS
from shipworthy.escape.refusals import UNIQUE, unique_columns
from shipworthy.escape.rounds import changing
from shipworthy.escape.scope import NOTHING, Scope, Value, handed, union
from shipworthy.escape.signatures import annotation_path, decorators_of, parameters_of, typed
from shipworthy.escape.words import (
    APPLICATIONS,
    COLUMNS,
    HANDLING_MEMBERS,
    LASTING_PROGRAMS,
    LEAVING,
    REQUEST_NAME,
    REQUEST_PARTS,
    SIGNED,
)
from shipworthy.facts.given import demands_of, may_give_none
from shipworthy.handlers import uses_alias
from shipworthy.model import Span
from shipworthy.syntax import text_of

MODULE, MAIN = "<module>", "<main>"
"""The names of the code outside functions, and of that under `if __name__ == "__main__"`."""

MARKS = (
    "sys.excepthook",
    "threading.excepthook",
    "set_exception_handler",
    "EXCEPTION_HANDLER",
    "add_error_handler",
    "report_callback_exception",
    "statusCode",
    RECORDS,
    "choices=",
    SIGNED,
    COLUMNS,
    *LASTING_PROGRAMS,
)
"""Words that tell of a handler for errors that nobody else handles, of an answer to a request by HTTP, of records of
a queue, of what a parser of arguments lets people choose from, of a look at the columns of a table, or of a program
that goes on for ever.
"""
_MARKED = AhoCorasick(MARKS)


def extract(block: Block) -> Extract:
    """What a block of Python contributes; nothing for other languages and blocks with a syntax error."""
    if block.language.id != "python" or block.is_broken:
        return Extract()
    return block.memo(("escape", 0), lambda: _Reader(block).read())


class _Reader:
    """Collects the functions, variables, attributes and bases of one block."""

    def __init__(self, block: Block) -> None:
        self._block = block
        self._names_types = "isinstance" in block.text
        self._functions: list[Function] = []
        self._attributes: dict[str, Path] = {}
        self._bases: list[tuple[str, tuple[Path, ...]]] = []
        self.written: set[str] = set()

    def read(self) -> Extract:
        """Walk the block."""
        owner = ".".join(scope.name for scope in self._block.scopes)
        body = _Body(self, self._block, Scope(MODULE), owner)
        main: _Body | None = None
        statements = self._top(self._block.root)
        for node in statements:
            if node.type == "if_statement" and "__name__" in text_of(node.child_by_field_name("condition") or node):
                main = main or _Body(self, self._block, Scope(MAIN), owner)
                main.expressions.scope.types.update(body.expressions.scope.types)
                main.expressions.made.extend(main.block(node.child_by_field_name("consequence")))
            else:
                body.statement(node)
        for name, of in ((MODULE, body), (MAIN, main)):
            if of is not None and of.expressions.made and not owner:
                at = Span(0, len(self._block.text))
                self._functions.append(Function(name, at, "", (), (), False, tuple(of.expressions.made)))
        types = body.expressions.scope.types if not owner else {}
        if owner:
            self._members(owner, statements, body)
        variables = tuple((name, path) for name, path in types.items() if path)
        found = _MARKED.find_matches_as_strings(self._block.text, overlapping=True)
        marks = frozenset(found) if found else NOTHING
        if "mkdir" in self._block.text or "makedirs" in self._block.text:
            marks |= {*watching.made(self._functions)}
        if self.written and not stored.is_safe(self._block.text):
            marks |= self.written
        return Extract(tuple(self._functions), variables, tuple(self._attributes.items()), tuple(self._bases), marks)

    def function(self, node: Node, outer: _Body) -> None:
        """Take a function definition that stands in `outer`."""
        name, body = node.child_by_field_name("name"), node.child_by_field_name("body")
        if name is None or body is None:
            return
        scope = outer.expressions.scope
        prefix = outer.owner if scope.name in {MODULE, MAIN} else scope.name
        called = outer.expressions.text(name)
        dotted = f"{prefix}.{called}" if prefix else called
        inner = Scope(dotted, dict(scope.types) if prefix == scope.name else {}, {}, dict(scope.functions))
        reader = _Body(self, self._block, inner, outer.owner if scope.name in {MODULE, MAIN} else "")
        decorators = tuple(decorators_of(node, outer.expressions))
        parameters = tuple(typed(parameters_of(node, outer.expressions), decorators))
        for parameter in parameters:
            inner.functions.pop(parameter.name, None)
            inner.types[parameter.name] = (
                f"@{parameter.annotation}" if parameter.annotation else f"{PARAMETER}{parameter.name}"
            )
            inner.flows[parameter.name] = handed(parameter.name)
        if reader.owner and parameters and parameters[0].name in {"self", "cls"}:
            inner.types[parameters[0].name] = parameters[0].name
            inner.flows[parameters[0].name] = NOTHING
        reader.handed = frozenset(one.name for one in parameters if not one.kind)
        reader.body = body
        operations = reader.block(body)
        may_be_none = may_give_none(self._block, node, called)
        declared = node.child_by_field_name("return_type")
        yielded = _yielded(reader.expressions.yielded, decorators)
        self._functions.append(
            Function(
                dotted,
                outer.expressions.span(name),
                reader.owner,
                parameters,
                decorators,
                bool(node.children) and node.children[0].type == "async",
                operations,
                tuple(dict.fromkeys([path for path in (*reader.returns, yielded) if path])),
                annotation_path(declared, outer.expressions),
                union(reader.expressions.given),
                _spared(node, reader.expressions),
                self._names_types and _refuses(operations),
                may_be_none,
                bool(reader.found) and all(reader.found),
                tuple(name for _, name in demands_of(node)) if may_be_none else (),
            )
        )
        if scope.name not in {MODULE, MAIN}:
            scope.functions[called] = f".{dotted}"

    def class_(self, node: Node, outer: _Body) -> None:
        """Take a class definition: its bases, its attributes with a type, its methods."""
        name, body = node.child_by_field_name("name"), node.child_by_field_name("body")
        if name is None:
            return
        dotted = f"{outer.owner}.{text_of(name)}" if outer.owner else text_of(name)
        arguments = node.child_by_field_name("superclasses")
        bases = [outer.expressions.path(base) for base in (arguments.named_children if arguments is not None else ())]
        self._bases.append((dotted, tuple(filter(None, bases))))
        inner = _Body(self, self._block, Scope(MODULE), dotted)
        statements = body.named_children if body is not None else []
        for statement in statements:
            inner.statement(statement)
        self._members(dotted, statements, inner)

    def _members(self, owner: str, statements: Iterable[Node], body: _Body) -> None:
        """Note what the names in the body of a class hold, and the columns of a model in which its rows differ."""
        self._attributes.update((f"{owner}.{UNIQUE}{column}", "True") for column in unique_columns(statements))
        for name, path in body.expressions.scope.types.items():
            if path or name in HANDLING_MEMBERS:
                self._attributes.setdefault(f"{owner}.{name}", path or name)

    def attribute(self, name: str, path: Path) -> None:
        """Note what `Class.name` holds, or `shared:name`, or `request:name`."""
        if not name.startswith(".") and path:
            self._attributes.setdefault(name, path)

    def _top(self, root: Node) -> list[Node]:
        """The block's own statements: those of the innermost class that the prefix opens."""
        found: list[Node] = []
        for node in root.named_children:
            if self._block.owns(node):
                found.append(node)
            elif (body := node.child_by_field_name("body")) is not None:
                found += self._top(body)
            elif node.type == "decorated_definition":
                found += self._top(node)
        return found


class _Body:
    """Reads the statements of one function, in order."""

    def __init__(self, reader: _Reader, block: Block, scope: Scope, owner: str) -> None:
        self._reader, self._block, self.owner = reader, block, owner
        self.expressions = Expressions(block, scope, READERS, reader.written, reader.attribute)
        self.returns: list[Path] = []
        self.found: list[bool] = []
        self.handed: frozenset[str] = frozenset()
        self.body: Node | None = None
        self._branches = 0

    def block(self, node: Node | None) -> tuple[Operation, ...]:
        """The operations of a suite."""

        def read() -> None:
            for child in node.named_children if node is not None else ():
                self.statement(child)

        return self.expressions.in_own_list(read)

    def statement(self, node: Node) -> None:
        """Read one statement: its operations are made, its definitions go to the reader."""
        kind = node.type
        if kind == "expression_statement":
            for child in node.named_children:
                kind = child.type
                if kind in {"assignment", "augmented_assignment"}:
                    self._assignment(child)
                elif kind != "string":
                    self.expressions.dropped.add(child.id)
                    self.expressions.value(child)
            return
        reader = _STATEMENTS.get(kind)
        if reader is not None:
            reader(self, node)
        elif kind not in _SILENT:
            for child in node.named_children:
                self.expressions.value(child)

    def decorated(self, node: Node) -> None:
        """A decorated definition."""
        definition = node.child_by_field_name("definition")
        if definition is not None:
            self.statement(definition)

    def definition(self, node: Node) -> None:
        """A function or class."""
        if node.type == "class_definition":
            self._reader.class_(node, self)
        else:
            self._reader.function(node, self)

    def _assignment(self, node: Node) -> Value:
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        may_be_typed = right is None or node.named_child_count > 2
        annotation = annotation_path(node.child_by_field_name("type"), self.expressions) if may_be_typed else ""
        mark = len(self.expressions.read)
        parts: list[Value] = []
        if right is not None and right.type == "assignment":
            value = self._assignment(right)
        elif left is not None and right is not None and left.type in PATTERNS and right.type in _SEVERAL:
            parts = [self.expressions.value(part) for part in right.named_children]
            value = Value("", union(part.flow for part in parts))
        else:
            value = self.expressions.value(right)
        if right is not None and value.path.endswith(PARTED) and _names_several(left):
            self.expressions.take(right, value, mark, "ValueError")
        self._keys(left)
        if left is None or node.type == "augmented_assignment":
            if left is not None:
                self.expressions.reach(left)
            return value
        if annotation and not are_futures(value.path):
            value = Value(f"@{annotation}", value.flow)
        if parts and len(parts) == left.named_child_count:
            for part, held in zip(left.named_children, parts, strict=True):
                self._assign(part, held)
        else:
            self._assign(left, value)
        return value

    def _assign(self, left: Node, value: Value) -> None:
        """A value is given to a name, an attribute or an item."""
        if left.type not in {"attribute", "subscript"}:
            self.expressions.bind(left, value)
            return
        target = self.expressions.path(left)
        self.expressions.reach(left)
        holder, name = (self.expressions.text(left.named_children[at]) for at in (0, -1))
        if left.type == "attribute" and name.startswith("on_") and value.path:
            registered = Call(self.expressions.span(left), f"{target}{SETTING}", paths=(("0", value.path),))
            self.expressions.made.append(registered)
        if left.type == "subscript":
            self.expressions.fill(holder, value)
        if left.type == "attribute" and holder == "self":
            self._reader.attribute(f"{self.owner}.{name}", value.path)
        elif left.type == "attribute" and REQUEST_NAME.search(holder) and name not in REQUEST_PARTS:
            self._reader.attribute(f"{REQUEST}{name}", value.path or name)
        elif target.startswith(SHARED) and "." not in target:
            self._reader.attribute(target, value.path)
        elif left.type == "attribute" and holder.rpartition(".")[2] in APPLICATIONS:
            self._reader.attribute(f"{SHARED}{name}", value.path)

    def _keys(self, target: Node | None) -> None:
        """The keys in the target of an assignment; the item itself is not read."""
        while target is not None and target.type == "subscript":
            target, *keys = target.named_children
            if target.type == "identifier":
                self.expressions.scope.guarded |= {self.expressions.text(target)}
            for key in keys:
                value = self.expressions.value(key)
                if are_futures(value.path):
                    self.expressions.fill(self.expressions.text(target), value)

    def returned(self, node: Node) -> None:
        """A return statement."""
        for child in node.named_children:
            value = self.expressions.value(child)
            self.expressions.given.append(value.flow)
            self.returns.append("True" if child.type == "true" else value.path)
            if child.type != "none":
                self.found.append(
                    child.type == "identifier" and self.expressions.text(child) in self.expressions.scope.there
                )

    def raised(self, node: Node) -> None:
        """A raise statement."""
        children = [child for child in node.named_children if child.type != "comment"]
        path = self.expressions.value(children[0]).path if children else ""
        for child in children[1:]:
            self.expressions.value(child)
        self.expressions.made.append(
            Raise(self.expressions.span(node), path.removesuffix("()"), conditional=self._branches > 0)
        )

    def branches(self, node: Node) -> None:
        """An if statement: each branch starts from the same names."""
        self._condition(node.child_by_field_name("condition"))
        suites = [node.child_by_field_name("consequence")]
        for alternative in node.children_by_field_name("alternative"):
            self._condition(alternative.child_by_field_name("condition"))
            suites.append(alternative.child_by_field_name("consequence") or alternative.child_by_field_name("body"))
        self._each(suites, asked=self._asked(node.child_by_field_name("condition")))

    def _asked(self, condition: Node | None) -> str:
        """What a parameter must hold for a condition to be met: `path`, `path is not None`, `path and ...`; "" if there
        is no such parameter, or if the function gives it another value.
        """
        while condition is not None and condition.type in {"boolean_operator", "parenthesized_expression"}:
            if any(child.type == "or" for child in condition.children):
                return ""
            condition = condition.named_children[0]
        text = text_of(condition) if condition is not None else ""
        name = text.removesuffix(NOT_NONE)
        return text if name in self.handed and name not in self._given_anew else ""

    @functools.cached_property
    def _given_anew(self) -> frozenset[str]:
        """The names to which the function gives another value, or may."""
        text = text_of(self.body) if self.body is not None else ""
        return frozenset(name for found in _BINDS.finditer(text) for name in _NAME.findall(found[0]))

    def _condition(self, node: Node | None) -> None:
        """The condition of a branch: what it tests, and whatever it asks for by `.get`, has been looked at."""
        if node is not None:
            self.expressions.note_tested(node)
        mark = len(self.expressions.read)
        self.expressions.value(node)
        names = self.expressions.names_since(mark)
        if "get" in names:
            self.expressions.scope.guarded |= names

    def cases(self, node: Node) -> None:
        """A match statement."""
        subjects = [self.expressions.value(subject) for subject in node.children_by_field_name("subject")]
        body = node.child_by_field_name("body")
        cases = [one for one in (body.named_children if body is not None else ()) if one.type == "case_clause"]
        self._each([case.child_by_field_name("consequence") for case in cases], [(case, subjects) for case in cases])

    def _captures(self, case: Node, subjects: Sequence[Value]) -> None:
        """What the pattern of a case binds, and what its guard asks."""
        patterns = [one for one in case.named_children if one.type == "case_pattern"]
        whole = subjects if len(patterns) == len(subjects) else [Value("", union(one.flow for one in subjects))]
        for pattern, value in zip(patterns, itertools.cycle(whole), strict=False):
            for name, is_whole in captured(pattern):
                self.expressions.bind(name, value if is_whole else Value("", value.flow))
        guard = case.child_by_field_name("guard")
        if guard is not None:
            self._condition(guard.named_children[0])

    def _each(
        self, suites: Iterable[Node | None], cases: Sequence[tuple[Node, Sequence[Value]]] = (), asked: str = ""
    ) -> None:
        """Branches: each starts from the same names, and those of a `match` from what their patterns bind. The first
        one is taken only if a parameter holds what is `asked`.
        """
        before = self.expressions.scope
        scopes: list[Scope] = []
        self._branches += 1
        for number, suite in enumerate(suites):
            self.expressions.scope = before.copy()
            if cases:
                self._captures(*cases[number])
            done = self.block(suite)
            self.expressions.made.extend((Branch(asked, done),) if asked and done and not number else done)
            scopes.append(self.expressions.scope)
        self._branches -= 1
        self.expressions.scope = before
        before.join(scopes)

    def while_(self, node: Node) -> None:
        """A while loop."""
        condition, body = node.child_by_field_name("condition"), node.child_by_field_name("body")
        self.expressions.value(condition)
        forever = body is not None and is_worker(condition, body)
        inner = self.block(body)
        self.expressions.made.append(Loop(self.expressions.span(node), "", frozenset(), False, forever, inner))
        self._otherwise(node)

    def for_(self, node: Node) -> None:
        """A for loop. What is computed from its targets changes with each round too."""
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        value, names = self.expressions.bind_items(left, right)
        body = node.child_by_field_name("body")
        is_async = bool(node.children) and node.children[0].type == "async"
        if right is not None:
            self.expressions.implied(right, value, "__aiter__" if is_async else "__iter__")
        inner = self.block(body)
        targets = changing(body, names, self.expressions.text) if body is not None else names
        at, seeks = self.expressions.span(node), body is not None and gives_back(body)
        self.expressions.made.append(Loop(at, value.path, targets, is_async, False, inner, seeks))
        self._otherwise(node)

    def _otherwise(self, node: Node) -> None:
        clause = node.child_by_field_name("alternative")
        if clause is not None:
            self.expressions.made.extend(self.block(clause.child_by_field_name("body")))

    def try_(self, node: Node) -> None:
        """A try statement. What its body takes out of something is there behind it if every handler leaves."""
        before = self.expressions.scope.taken
        body = self.block(node.child_by_field_name("body"))
        handlers: list[Handler] = []
        otherwise: tuple[Operation, ...] = ()
        finally_: tuple[Operation, ...] = ()
        for clause in node.named_children:
            if clause.type == "except_clause":
                handlers.append(self._handler(clause))
            elif clause.type == "else_clause":
                otherwise = self.block(clause.child_by_field_name("body"))
            elif clause.type == "finally_clause":
                finally_ = self.block(_suite(clause))
        if not all(_leaves(clause) for clause in node.named_children if clause.type == "except_clause"):
            self.expressions.scope.taken &= before
        self.expressions.made.append(Try(body, tuple(handlers), otherwise, finally_))

    def _handler(self, clause: Node) -> Handler:
        value = clause.child_by_field_name("value")
        name = ""
        if value is not None and value.type == "as_pattern":
            alias = value.child_by_field_name("alias")
            name = self.expressions.text(alias) if alias is not None else ""
            value = value.named_children[0]
        if name:
            self.expressions.scope.types[name] = "error:"
            self.expressions.scope.flows[name] = NOTHING
        types: tuple[Path, ...] | None = None
        if value is not None:
            listed = value.named_children if value.type in {"tuple", "parenthesized_expression"} else [value]
            types = tuple(self.expressions.path(one) for one in listed)
        outer, self._branches = self._branches, 0
        body = self.block(_suite(clause))
        self._branches = outer
        place = self.expressions.span(clause) if hollow.drops(clause) else None
        return Handler(types, name, body, place, place is not None and uses_alias(clause))

    def with_(self, node: Node) -> None:
        """A with statement."""
        managers: list[Path] = []
        types: list[Path] = []
        enter = "__aenter__" if node.children[0].type == "async" else "__enter__"
        items = node.named_children[0].named_children if node.named_children else []
        made = self.expressions.made
        first: int | None = None
        for item in items:
            value = item.child_by_field_name("value") if item.type == "with_item" else None
            if value is None:
                continue
            target = None
            if value.type == "as_pattern":
                target, value = value.child_by_field_name("alias"), value.named_children[0]
            read = self.expressions.value(value)
            managers.append(read.path)
            self.expressions.implied(value, read, enter)
            if read.path.rpartition(".")[2] == "suppress()":
                types.extend(self.expressions.path(one) for one in value.named_children[-1].named_children)
            if target is not None and target.named_children:
                given = f"{read.path}.{enter}()" if read.path and read.path[0] != "@" else read.path
                self.expressions.bind(target.named_children[0], Value(given, read.flow))
            first = len(made) if first is None else first
        inner = tuple(made[first:]) if first is not None else ()  # what enters the second one is within the first one
        del made[len(made) - len(inner) :]
        body = (*inner, *self.block(node.child_by_field_name("body")))
        self.expressions.made.append(With(tuple(managers), tuple(types), body))


_BINDS = re.compile(
    r"(?m)^[ \t]*[A-Za-z_][\w., \t]*(?::[^=\n]+)?[-+*/|&%]?=(?!=)|\b\w+[ \t]*:=|\bfor\b[^\n]*?\bin\b"
    r"|\b(?:as|del|import)\b[^\n:]*"
)
"""Where variables are given values, or may be: how an argument on a line of its own begins looks the same."""
_NAME = re.compile(r"\w+")


_SEVERAL = frozenset({"expression_list", "tuple"})
"""Several values, written out one by one."""


def _yielded(paths: Sequence[Path], decorators: Iterable[Decorator]) -> Path:
    """What a generator gives: a context manager one thing, others any of several."""
    if not paths:
        return ""
    if any(one.path.endswith("contextmanager") for one in decorators):
        return next(filter(None, paths), "")
    return container(paths, by_key=False)


def _refuses(operations: tuple[Operation, ...]) -> bool:
    """Whether a function tests types, and raises an error of its own."""
    listed = [*within(operations)]
    tests = any(isinstance(one, Call) and one.callee == "isinstance" for one in listed)
    return tests and any(isinstance(one, Raise) and one.exception for one in listed)


def _spared(function: Node, expressions: Expressions) -> tuple[Path, ...] | None:
    """The types that a function deals with if it is there for errors, as its name tells, and drops all others; those
    that it keeps if it is told of the errors of a `with` statement.
    """
    name = function.child_by_field_name("name")
    if name is not None and text_of(name) in LEAVING:
        types = hollow.kept(function)
        return tuple(map(expressions.path, types)) if types is not None else None
    types = hollow.dealt_with(function) if hollow.is_for_errors(function) else None
    return tuple(filter(None, map(expressions.path, types))) if types is not None else None


def _names_several(target: Node | None) -> bool:
    """Whether a target takes a fixed number of items."""
    return (
        target is not None
        and target.type in PATTERNS
        and all(child.type != "list_splat_pattern" for child in target.named_children)
    )


_SILENT = frozenset(
    [
        "comment",
        "import_statement",
        "import_from_statement",
        "future_import_statement",
        "pass_statement",
        "break_statement",
        "continue_statement",
        "global_statement",
        "nonlocal_statement",
        "type_alias_statement",
    ]
)
_STATEMENTS: dict[str, Callable[[_Body, Node], None]] = {
    "decorated_definition": _Body.decorated,
    "function_definition": _Body.definition,
    "class_definition": _Body.definition,
    "return_statement": _Body.returned,
    "raise_statement": _Body.raised,
    "if_statement": _Body.branches,
    "match_statement": _Body.cases,
    "while_statement": _Body.while_,
    "for_statement": _Body.for_,
    "try_statement": _Body.try_,
    "with_statement": _Body.with_,
}


_LEAVING = frozenset({"raise_statement", "return_statement", "continue_statement", "break_statement"})


def _leaves(clause: Node) -> bool:
    """Whether a handler ends so that what stands behind its `try` is not run."""
    suite = _suite(clause)
    statements = [one for one in suite.named_children if one.type != "comment"] if suite is not None else []
    return bool(statements) and statements[-1].type in _LEAVING


def _suite(clause: Node) -> Node | None:
    return next((child for child in clause.named_children if child.type == "block"), None)
