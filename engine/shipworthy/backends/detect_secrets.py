"""detect-secrets' plugins, on the lines that can interest them: text in, spans of whole values out.

What a plugin matches is the tool's; which lines it is asked about, and where the value of a match
begins and ends, is decided here. The tool drops lines and hashes prefixes (see SECRETS.md): so its
scanner, its filters and its verification are not used, and nothing is ever sent anywhere. Which
hits are secrets is for the rules to say. `IPPublicDetector` is left out on purpose: an address is
no secret.

A line is given to a plugin if it holds one of the plugin's words, or what its shape matches. Both
are supersets: a test compares with plugins that see every line. Lines longer than `LONGEST` are
written by programs; of them a plugin sees the surroundings of its words.
"""

from __future__ import annotations

import functools
import importlib
import re
import sys
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePosixPath
from types import ModuleType
from typing import Any

from shipworthy.backends import Answer, Source
from shipworthy.backends.detect_secrets_plugins import CODES, PLUGINS, Plugin
from shipworthy.backends.detect_secrets_prefilter import Prefilter
from shipworthy.model import Lane, Span
from shipworthy.rule import Hit

_UNQUOTED = re.compile(
    r"(?:^|[\\/])(?:\.env(?:\.[\w.-]+)?|[\w.-]+\.env|\.envrc|\.npmrc|\.pypirc|\.netrc|\.pgpass|\.s3cfg)\Z"
)
"""Files in which values stand without quotes, though the tool does not know their names."""

Find = Callable[[str], Iterable[Span]]
"""The values that a plugin finds in a stretch of text."""


@dataclass(frozen=True)
class DetectSecrets:
    """The adapter."""

    name: str = "detect-secrets"
    lane: Lane = Lane.FAST
    languages: frozenset[str] = frozenset()
    per_block: bool = True
    needs_syntax: bool = False
    needs_imports: bool = False

    def places(self, source: Source) -> Sequence[Hit] | None:
        """The hits themselves: a line is read alike in its block and in the whole."""
        answer = _answer(source, _with(source.codes))
        return answer.hits if not answer.problem else None

    def run(self, sources: Sequence[Source]) -> Sequence[Answer]:
        """One answer per source. A plugin's failure is its answer's problem."""
        return [_answer(source, _with(frozenset(CODES))) for source in sources]


BACKEND = DetectSecrets()


@functools.lru_cache(maxsize=64)  # asked for every file
def _with(codes: frozenset[str]) -> Prefilter:
    """The plugins whose hits have one of some codes."""
    return Prefilter([plugin for plugin in PLUGINS if plugin.code in codes])


def _answer(source: Source, known: Prefilter) -> Answer:
    try:
        found = {hit for plugin, stretch in known.candidates(source.text) for hit in hits(plugin, source, stretch)}
    except Exception as error:  # noqa: BLE001  # whatever a plugin raises becomes a problem; its text may quote a value
        return Answer(problem=f"failed: {type(error).__name__}")
    return Answer(tuple(sorted(found, key=lambda hit: (hit.span, hit.code))))


def hits(plugin: Plugin, source: Source, stretch: Span) -> Iterator[Hit]:
    """What a plugin finds in a stretch of a source, each value whole."""
    find, more = _finder(plugin, source.path), _compiled(plugin.more)
    line = source.text[stretch.start : stretch.end].rstrip()
    for span in find(line):
        end = more.match(line, span.end)
        if span.start < span.end:
            yield Hit(plugin.code, Span(span.start, end.end() if end is not None else span.end).shifted(stretch.start))


_QUOTE = re.compile("[\"'`]")
_SIGNS = (" = ", ": ", " := ", " ")
_compiled = functools.cache(re.compile)


def _finder(plugin: Plugin, path: str) -> Find:
    if plugin.module == "keyword":
        return _keyword_finder(_file_type(path))
    return _pattern_finder(plugin)


@functools.cache
def _pattern_finder(plugin: Plugin) -> Find:
    """The matches of a plugin's own expressions, and of them those that it lets pass."""
    tool = getattr(_load(plugin.module), plugin.name)()
    expressions: Sequence[re.Pattern[str]] = tool.denylist if hasattr(tool, "denylist") else [tool.regex]
    is_entropy, is_token = hasattr(tool, "entropy_limit"), hasattr(tool, "is_formally_valid")

    def find(line: str) -> Iterator[Span]:
        for expression in expressions:
            for match in expression.finditer(line):
                if is_entropy:
                    if tool.calculate_shannon_entropy(match[2]) > tool.entropy_limit:
                        yield Span(*match.span(2))
                elif not is_token or tool.is_formally_valid(match.group()):
                    yield _value(match, plugin.whole)

    return find


def _value(match: re.Match[str], whole: bool) -> Span:
    if whole or not match.lastindex:
        start, end = match.span()
        text = match.group()
        return Span(start + len(text) - len(text.lstrip(' \t"=:')), end - len(text) + len(text.rstrip(' \t"')))
    return Span(*match.span(match.lastindex))


@functools.cache
def _keyword_finder(file_type: str) -> Find:
    """Every match, not the first of a line alone, of the keyword plugin's expressions for a type of file."""
    keyword = _load("keyword")
    kind = importlib.import_module("detect_secrets.util.filetype").FileType[file_type]
    expressions: Mapping[re.Pattern[str], int] = keyword.REGEX_BY_FILETYPE.get(
        kind, keyword.QUOTES_REQUIRED_DENYLIST_REGEX_TO_GROUP
    )
    takes_bare = any(expression.search(f"secret{sign}value1") for expression in expressions for sign in _SIGNS)

    def find(line: str) -> Iterator[Span]:
        if not takes_bare and _QUOTE.search(line) is None:
            return
        for expression, group in expressions.items():
            for match in expression.finditer(line):
                yield Span(*match.span(group))

    return find


@functools.lru_cache(maxsize=16)  # asked for every line of a file
def _file_type(path: str) -> str:
    """The tool's type of a file, by its name."""
    return "CONFIG" if _UNQUOTED.search(path) else _type_of_suffix(PurePosixPath(path).suffix)


@functools.cache
def _type_of_suffix(suffix: str) -> str:
    with _without_requests():
        filetype = importlib.import_module("detect_secrets.util.filetype")
    kind: Any = filetype.determine_file_type(f"file{suffix}")
    return str(kind.name)


def _load(module: str) -> Any:
    with _without_requests():
        return importlib.import_module(f"detect_secrets.plugins.{module}")


@contextmanager
def _without_requests() -> Generator[None]:
    """Put off the import of requests, three quarters of the time that importing the tool takes.

    The tool's modules get a stand-in that imports requests when something is asked of it: to verify
    a secret over the network, which we never do.
    """
    if "requests" in sys.modules:
        yield
        return
    sys.modules["requests"] = _Later("requests")
    try:
        yield
    finally:
        if isinstance(sys.modules.get("requests"), _Later):
            del sys.modules["requests"]


class _Later(ModuleType):
    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if sys.modules.get("requests") is self:
            return object  # of a module that is being imported, for an annotation
        return getattr(importlib.import_module("requests"), name)
