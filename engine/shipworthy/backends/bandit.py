"""bandit's tests, run by a driver of our own: the same findings for a fraction of the time.

Per block the hits are those of bandit for the whole file, `# nosec` comments left aside. Only the
tests that ship with bandit run, with bandit's own defaults: no plugin of another distribution, no
configuration. A block is parsed only if it holds a clue to one of them.

Knowingly unlike bandit: every bidirectional control character is a hit, not the first of the file
alone; and what B703 reads of a variable's value ends with the block, where bandit also takes local
variables of unrelated functions for the module's.
"""

from __future__ import annotations

import ast
import functools
import re
import sys
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from shipworthy.backends import Answer, Source, line_starts
from shipworthy.backends.bandit_clues import PASSWORDS, password_names, searchable
from shipworthy.backends.bandit_tool import Test, Tool, load
from shipworthy.model import Lane, Span
from shipworthy.rule import Hit

_BIDIRECTIONAL = re.compile("[\u202a-\u202e\u2066-\u2069\u200f]")
_BYTE_ORDER_MARK = "\ufeff"
_FILE_NAME = "<block for bandit>"
_PLAIN_FIELDS = frozenset({"ctx", "op", "ops", "id", "attr", "kind", "level", "module", "conversion", "type_comment"})
_STATEMENT_FIELDS = frozenset({"body", "handlers", "orelse", "finalbody", "cases"})
_IMPORTS = frozenset({"Import", "ImportFrom"})
_STATEMENT_CHECKS = _IMPORTS | {"Assert", "ExceptHandler", "FunctionDef"}
_TOO_DEEP = "cannot read code that is nested this deeply; split the expression"
_NOT_PYTHON = (
    f"cannot read this as Python {sys.version_info.major}.{sys.version_info.minor}; if its syntax is newer, "
    "run Shipworthy under a newer Python"
)


@dataclass
class _Names:
    """What bandit knows of the imports so far: modules and members, and what each bound name stands for."""

    imports: set[str] = field(default_factory=set[str])
    aliases: dict[str, str] = field(default_factory=dict[str, str])

    def copy(self) -> _Names:
        """The same names, to be added to."""
        return _Names(set(self.imports), dict(self.aliases))

    def add(self, node: ast.Import | ast.ImportFrom) -> None:
        """Take note of an import statement, as bandit does."""
        module = node.module if isinstance(node, ast.ImportFrom) else None
        self.imports.update(f"{module}.{name.name}" if module else name.name for name in node.names)
        self.aliases.update(_bound(node))


_PASSWORDS = frozenset(f"bandit:{test}" for test in PASSWORDS)


class Bandit:
    """The adapter; see `Backend`."""

    name = "bandit"
    lane = Lane.BANDIT
    languages = frozenset({"python"})
    per_block = True
    needs_syntax = True
    needs_imports = True

    def places(self, source: Source) -> Sequence[Hit] | None:
        """What the names of passwords stand before, where passwords alone are asked for; else unknown."""
        if not _asks_for_passwords_alone(source.codes):
            return None
        asked = sorted(_PASSWORDS & source.codes)
        return [Hit(code, span) for span in password_names(source.text) for code in asked]

    def run(self, sources: Sequence[Source]) -> Sequence[Answer]:
        """One answer per source. bandit is imported at the first run."""
        try:
            tool = load()
        except (ImportError, AttributeError) as error:
            return [Answer(problem=f"cannot be imported ({type(error).__name__}); reinstall Shipworthy")] * len(sources)
        warnings.filterwarnings("ignore", module=re.escape(_FILE_NAME))
        known = _Imported(tool)
        answers: list[Answer] = []
        for source in sources:
            if not known.grow(source.imports):
                known = _Imported(tool)
                known.grow(source.imports)
            answers.append(_answer(tool, source.text, known))
        return answers


@functools.lru_cache(maxsize=64)  # asked for every file
def _asks_for_passwords_alone(codes: frozenset[str]) -> bool:
    return {code for code in codes if code.startswith("bandit:")} <= _PASSWORDS


BACKEND = Bandit()


class _Imported:
    """The imports before a block, and the words of clues that the names bound by them stand for."""

    def __init__(self, tool: Tool) -> None:
        self.names = _Names()
        self._clues = tool.clues
        self._statements: tuple[str, ...] = ()
        self._words: dict[str, frozenset[str]] = {}

    def grow(self, statements: tuple[str, ...]) -> bool:
        """Take note of the import statements that are new; False if those known so far are not among them."""
        known = len(self._statements)
        if statements[:known] != self._statements:
            return False
        for statement in statements[known:]:
            for node in _imports(statement):
                self.names.add(node)
                self._words |= {name: self._clues.words(target.lower()) for name, target in _bound(node)}
        self._statements = statements
        return True

    def words(self, text: str) -> Iterator[frozenset[str]]:
        """The words behind the names that occur in a text."""
        return (words for name, words in self._words.items() if words and name in text)


def _imports(statement: str) -> Iterator[ast.Import | ast.ImportFrom]:
    try:
        body = ast.parse(statement, _FILE_NAME).body
    except (SyntaxError, ValueError):
        return
    yield from (node for node in body if isinstance(node, ast.Import | ast.ImportFrom))


def _bound(node: ast.Import | ast.ImportFrom) -> Iterator[tuple[str, str]]:
    """Each name that bandit takes an import to bind, with what it stands for."""
    module = node.module if isinstance(node, ast.ImportFrom) else None
    for name in node.names:
        if name.asname or module:
            yield name.asname or name.name, f"{module}.{name.name}" if module else name.name


def _answer(tool: Tool, text: str, known: _Imported) -> Answer:
    if text.startswith(_BYTE_ORDER_MARK):
        answer = _answer(tool, text.removeprefix(_BYTE_ORDER_MARK), known)
        return Answer(tuple(Hit(hit.code, hit.span.shifted(1)) for hit in answer.hits), answer.problem)
    # A lone surrogate, which only an editor's buffer can hold, becomes one character that can be encoded.
    text = text.encode("utf-8", "replace").decode()
    visible = searchable(text)
    low = visible.lower()
    present = tool.clues.words(low).union(*known.words(visible))
    wanted = tool.clues.tests(text, low, present)
    hits = [Hit("bandit:B613", Span(*match.span())) for match in _BIDIRECTIONAL.finditer(text)]
    tests = [test for test in tool.tests if test.id in wanted]
    if not tests:
        return Answer(tuple(hits))
    try:
        tree = ast.parse(text, _FILE_NAME)
        hits.extend(_found(tool, tests, tree, text, known.names.copy()))
    except SyntaxError as error:
        return Answer(problem=_TOO_DEEP if "too many nested" in error.msg else _NOT_PYTHON)
    except ValueError:
        return Answer(problem=_NOT_PYTHON)
    except (RecursionError, MemoryError):
        return Answer(problem=_TOO_DEEP)
    return Answer(tuple(hits))


def _found(tool: Tool, tests: Iterable[Test], tree: ast.Module, text: str, names: _Names) -> Iterator[Hit]:
    """Walk the tree in bandit's order and run the tests that a node calls for."""
    by_check: dict[str, list[Test]] = {}
    for test in tests:
        for check in test.checks:
            by_check.setdefault(check, []).append(test)
    lines = _Lines(text)
    for node in _nodes(tree, deep=not _STATEMENT_CHECKS.issuperset(by_check)):
        kind = type(node).__name__
        if kind == "Constant":
            kind = _kind_of_constant(node)
        elif kind in _IMPORTS:
            names.add(node)
        if kind in by_check:
            context = _context(tool, node, names)
            for test in by_check[kind]:
                if code := _code(test, tool.context(context)):
                    yield Hit(f"bandit:{code}", lines.span(node))


def _nodes(tree: ast.Module, *, deep: bool) -> Iterator[Any]:
    """The nodes below the module in the order of the tree, without recursion, so that depth costs nothing.

    Each knows its parent, as bandit's tests of strings expect. Not `deep`: statements alone, and no parents.
    """
    fields = _fields if deep else _fields_with_statements
    todo: list[ast.AST] = [tree]
    while todo:
        node = todo.pop()
        if node is not tree:
            yield node
        below: list[Any] = []
        for name in fields(type(node)):  # type: ignore[arg-type]  # mypy takes these classes for unhashable
            value: Any = getattr(node, name, None)
            if isinstance(value, list):
                below += value
            elif value is not None:
                below.append(value)
        for child in reversed(below):
            if isinstance(child, ast.AST):
                if deep:
                    child._bandit_parent = node  # type: ignore[attr-defined]
                todo.append(child)


@functools.cache
def _fields(kind: type[ast.AST]) -> tuple[str, ...]:
    """The fields of a kind of node that hold nodes which a test may be called for."""
    return () if kind is ast.Constant else tuple(name for name in kind._fields if name not in _PLAIN_FIELDS)


@functools.cache
def _fields_with_statements(kind: type[ast.AST]) -> tuple[str, ...]:
    return tuple(name for name in kind._fields if name in _STATEMENT_FIELDS)


def _kind_of_constant(node: Any) -> str:
    """bandit's old name for a literal; a string that is a statement, such as a docstring, is none."""
    if isinstance(node._bandit_parent, ast.Expr):
        return ""
    return "Str" if isinstance(node.value, str) else "Bytes" if isinstance(node.value, bytes) else ""


def _context(tool: Tool, node: Any, names: _Names) -> dict[str, object]:
    """What bandit's tests may ask about a node, under bandit's names."""
    context: dict[str, object] = {
        "node": node,
        "imports": names.imports,
        "import_aliases": names.aliases,
        "filename": _FILE_NAME,
        "lineno": getattr(node, "lineno", None),
    }
    if isinstance(node, ast.Call):
        name = tool.call_name(node, names.aliases)
        context |= {"call": node, "qualname": name, "name": name.rpartition(".")[2]}
    elif isinstance(node, ast.FunctionDef):
        context |= {"function": node, "qualname": node.name, "name": node.name}
    elif isinstance(node, ast.Constant):
        context["str" if isinstance(node.value, str) else "bytes"] = node.value
    elif isinstance(node, ast.Import):
        context["module"] = node.names[-1].name
    elif isinstance(node, ast.ImportFrom):
        context |= {"module": node.module or node.names[-1].name, "name": node.names[-1].name}
    return context


def _code(test: Test, context: Any) -> str:
    """The code that a test reports on a node, or "". Where a test of bandit's breaks down it reports nothing."""
    try:
        result = test.run(context)
    except (RecursionError, MemoryError):
        raise
    except Exception:  # noqa: BLE001  # bandit logs these and goes on; they say nothing of the text
        return ""
    return (result.test_id or test.id) if result is not None else ""


class _Lines:
    """Turns the positions of Python's parser, lines and UTF-8 columns, into offsets of the text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._starts = line_starts(text)

    def span(self, node: Any) -> Span:
        """Where a node stands."""
        return Span(self._offset(node.lineno, node.col_offset), self._offset(node.end_lineno, node.end_col_offset))

    def _offset(self, line: int, column: int) -> int:
        start = self._starts[line - 1]
        if self._text.isascii():
            return start + column
        before = self._text[start : self._starts[line]].encode()[:column]
        return start + len(before.decode("utf-8", "replace"))
