"""A language is a row: what its files are called, how it is cut into pieces, and how it is parsed."""

from __future__ import annotations

import functools
import importlib
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from tree_sitter import Language as Grammar
from tree_sitter import Parser, Query, QueryCursor

from shipworthy.split import Scanner, braces, plain, python

TEST_FILE = re.compile(
    r"(?:^|/)(?:(?:tests?|t|testing|test_?suite|unit_?tests?|__tests__|e2e|fixtures|cassettes|spec|test_\w+|test(?:project|app|site))/|(?:(?:run_?)?tests|test_[^/]*)\.pyi?$|[^/]*[._]test\.py$|conftest\.py$"
    r"|[^/]*\.(?:test|spec)\.[cm]?[jt]sx?(?:\.\w+)?$|(?:test|testing)\.(?:cfg|ini|toml|ya?ml)$|\.env\.test(?:ing)?$)"
)
"""What counts as test code unless the configuration says otherwise."""

VENDORED = re.compile(
    r"(?i)(?:^|/)(?:_?vendor(?:ed|s)?|third[_-]?party|bower_components)/|(?:^|/)(?:versioneer|distribute_setup|ez_setup)\.py$"
)
"""Copies of other people's code: who mends it mends it there, but a secret in it is here too."""


@dataclass(frozen=True, slots=True)
class Comment:
    """How a line comment is written: what opens it, and what closes it (nothing, mostly)."""

    start: str
    end: str = ""


@dataclass(frozen=True, slots=True)
class Language:
    """One row. `grammar` is `module:function` of a tree-sitter binding, empty for plain text.

    `landmarks`: kinds of nodes that nearly every block is searched for; one search finds them all.
    """

    id: str
    grammar: str
    scan: Scanner
    suffixes: frozenset[str] = frozenset()
    interpreters: str = ""
    comments: tuple[Comment, ...] = (Comment("#"),)
    landmarks: tuple[str, ...] = ()

    @property
    def has_syntax(self) -> bool:
        """Whether documents of this language have syntax nodes."""
        return bool(self.grammar)

    def __reduce__(self) -> str | tuple[object, ...]:
        return (by_id, (self.id,))


_SLASHES = (Comment("//"), Comment("/*", "*/"), Comment("#"))

PYTHON = Language(
    "python",
    "tree_sitter_python:language",
    python.scan,
    frozenset({".py", ".pyi", ".pyw"}),
    interpreters="python",
    landmarks=(
        "assert_statement",
        "assignment",
        "boolean_operator",
        "call",
        "case_clause",
        "class_definition",
        "conditional_expression",
        "elif_clause",
        "else_clause",
        "except_clause",
        "expression_statement",
        "finally_clause",
        "for_in_clause",
        "for_statement",
        "function_definition",
        "if_clause",
        "if_statement",
        "import_from_statement",
        "import_statement",
        "keyword_argument",
        "match_statement",
        "raise_statement",
        "subscript",
        "try_statement",
        "while_statement",
    ),
)
JAVASCRIPT = Language(
    "javascript",
    "tree_sitter_javascript:language",
    braces.scan,
    frozenset({".js", ".mjs", ".cjs", ".jsx"}),
    interpreters="node|bun",
    comments=_SLASHES,
)
TYPESCRIPT = Language(
    "typescript",
    "tree_sitter_typescript:language_typescript",
    braces.scan,
    frozenset({".ts", ".mts", ".cts"}),
    interpreters="deno|ts-node|tsx",
    comments=_SLASHES,
)
TSX = Language("tsx", "tree_sitter_typescript:language_tsx", braces.scan, frozenset({".tsx"}), comments=_SLASHES)
TEXT = Language(
    "text",
    "",
    plain.scan,
    comments=(Comment("#"), Comment("//"), Comment("<!--", "-->"), Comment("--"), Comment(";"), Comment("/*", "*/")),
)
UNDECODED = Language("undecoded", "", plain.scan)
"""Python's, in an encoding that nobody knows, Python neither."""

LANGUAGES: tuple[Language, ...] = (PYTHON, JAVASCRIPT, TYPESCRIPT, TSX, TEXT, UNDECODED)
BRACES: frozenset[str] = frozenset({"javascript", "typescript", "tsx"})
"""The languages that share JavaScript's syntax and its rules."""

_EDITOR_IDS: Mapping[str, Language] = {
    "python": PYTHON,
    "javascript": JAVASCRIPT,
    "javascriptreact": JAVASCRIPT,
    "typescript": TYPESCRIPT,
    "typescriptreact": TSX,
}
_SHEBANG = re.compile(r"#![ \t]*(?:\S*/)?(?:env[ \t]+(?:-\S+[ \t]+)*)?(?P<program>[\w.-]+)")


def by_id(identifier: str) -> Language:
    """The language with this id. Raises KeyError."""
    return _BY_ID[identifier]


def of_file(path: str, text: str, *, guessed: bool = False) -> Language:
    """The language of a file. `guessed`: nothing says how to read its bytes, and Python refuses to."""
    known = detect(path, text)
    return UNDECODED if guessed and known is PYTHON else known


def detect(path: str, text: str = "", editor_id: str = "") -> Language:
    """The language of a file by its name, else by its `#!` line, else by what the editor calls it.

    A template such as `{{ name }}.py` is text: it is not the program yet. So are Qt's translations in `.ts`.
    """
    suffix = _suffix(path)
    if "{{" in path:
        return TEXT
    known = _BY_SUFFIX.get(suffix.lower())
    if known is not None:
        return known if known is not TYPESCRIPT or not text.lstrip().startswith(("<?xml", "<!DOCTYPE")) else TEXT
    if not suffix and text.startswith("#!") and (shebang := _SHEBANG.match(text)) is not None:
        for language in LANGUAGES:
            if language.interpreters and re.match(language.interpreters, shebang["program"]):
                return language
    return _EDITOR_IDS.get(editor_id, TEXT) if not suffix else TEXT


@functools.lru_cache(maxsize=4)  # asked again when the text is known
def _suffix(path: str) -> str:
    return PurePosixPath(path).suffix


def parser(language: Language) -> Parser:
    """This thread's parser. Parsers hold state while they parse, so threads do not share them."""
    parsers: dict[str, Parser] = _local.__dict__.setdefault("parsers", {})
    if language.id not in parsers:
        parsers[language.id] = Parser(grammar(language))
    return parsers[language.id]


@functools.cache
def grammar(language: Language) -> Grammar:
    """The loaded grammar. Raises ValueError for a language without one."""
    if not language.grammar:
        raise ValueError(f"{language.id} has no grammar")
    module, _, function = language.grammar.partition(":")
    pointer = getattr(importlib.import_module(module), function)()
    return Grammar(pointer)  # pyright: ignore[reportDeprecated]  # the bindings give no capsule yet


@functools.cache
def query(language: Language, kinds: tuple[str, ...]) -> Query:
    """A query that captures every node of `kinds`, each under its kind as name."""
    known = [kind for kind in kinds if grammar(language).id_for_node_kind(kind, True)]
    return Query(grammar(language), " ".join(f"({kind}) @{kind}" for kind in known))


def cursor(language: Language, kinds: tuple[str, ...]) -> QueryCursor:
    """A fresh cursor over `query(language, kinds)`."""
    return QueryCursor(query(language, kinds))


_local = threading.local()
_BY_ID: Mapping[str, Language] = {language.id: language for language in LANGUAGES}
_BY_SUFFIX: Mapping[str, Language] = {suffix: language for language in LANGUAGES for suffix in language.suffixes}
