"""radon's maintainability index of a whole file: a hit on its first line of code if the rank is bad.

The rank is radon's own, with one exception: comments never count against a file, where radon's
formula turns against more than twice as many lines of comment as of code. radon runs only where
bounds that cost little cannot rule a bad rank out.
"""

from __future__ import annotations

import importlib
import math
import re
import sys
import tokenize
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from shipworthy.backends import Answer, Source, radon_parts
from shipworthy.model import Lane, Span
from shipworthy.rule import Hit

_WORST = {"radon:MI-B": 19.0, "radon:MI-C": 9.0}
"""The index up to which a file has a rank."""

_FIRST_CODE = re.compile(r"[^\s][^\r\n]*")
_SIGNS = ("+", "-", "*", "/", "%", "@", "&", "|", "^", "~", "<", ">", "==", "!=")
_KEYWORD = re.compile(r"\b(?:and|assert|case|class|def|elif|else|except|for|if|in|is|not|or|while)\b")
_OPERATORS = frozenset({"and", "or", "not", "in", "is"})
_NO_BRANCHES = frozenset({"not", "in", "is"})
_ROW = re.compile(r"\S[^\n]*")
_LINE = re.compile(r"^[ \t\f]*[^\s#]", re.MULTILINE)
_SECOND_STATEMENT = re.compile(r";|:[ \t\f]*[^\s#]")

_LONG = r"""(?:\"\"\"(?:[^"\\]|\\[\s\S]|"(?!""))*+\"\"\"|\'\'\'(?:[^'\\]|\\[\s\S]|'(?!''))*+\'\'\')"""
_SHORT = r"""(?:"(?!"")(?:[^"\\\n]|\\[\s\S])*+"|'(?!'')(?:[^'\\\n]|\\[\s\S])*+')"""
_FORMATTED = rf"(?:(?<=[fFtT])|(?<=[fFtT][rR])){_LONG}"
_LOOSE = r"""(?!\"\"\"|\'\'\')["']"""
_CODE_THEN_WORDS = re.compile(
    rf"""((?:[^"'\#]++|{_FORMATTED}|{_SHORT}|{_LOOSE})*+)(?:(?P<comment>\#[^\n]*)|(?P<long>{_LONG})|\"\"\"|\'\'\'|\Z)"""
)
"""Code up to a comment, a long string, a loose quote or the end. Formatted strings hold code, so they belong to it."""


@dataclass(frozen=True, slots=True)
class _Sketch:
    """What a glance tells: the code without comments and long strings, and by how much `comments` raise the index
    at least.
    """

    code: str
    comments: float


class Radon:
    """The adapter; see `Backend`."""

    name = "radon"
    lane = Lane.RADON
    languages = frozenset({"python"})
    per_block = False
    needs_syntax = False
    needs_imports = False

    def places(self, source: Source) -> Sequence[Hit] | None:
        """Unknown: there are functions everywhere."""
        return None

    def run(self, sources: Sequence[Source]) -> Sequence[Answer]:
        """One answer per source. radon is imported for the first that may have a bad rank."""
        return [_answer(source) for source in sources]


BACKEND = Radon()


def _answer(source: Source) -> Answer:
    asked = {code: worst for code, worst in _WORST.items() if code in source.codes}
    limit = max(asked.values(), default=-1.0)
    text = source.text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if _least_index(text) > limit or _least_index((sketch := _sketch(text)).code) + sketch.comments > limit:
        return Answer()
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    try:
        index = _index(text, sketch, limit)
    except (ImportError, AttributeError) as error:
        return Answer(problem=f"cannot be imported ({type(error).__name__}); reinstall Shipworthy")
    except (SyntaxError, ValueError, tokenize.TokenError):
        newer = "if its syntax is newer, run Shipworthy under a newer Python"
        return Answer(problem=f"cannot read this as Python {version}; {newer}")
    except (RecursionError, MemoryError):
        return Answer()  # nothing that a hint is worth a failed check for
    ranks = [code for code, worst in asked.items() if index <= worst]
    first = _FIRST_CODE.search(source.text)
    if not ranks or first is None:
        return Answer()
    return Answer((Hit(ranks[-1], Span(first.start(), len(first[0].rstrip()) + first.start())),))


def _least_index(text: str) -> float:
    """A lower bound of the index of a text, comments left aside, from counts of its signs and words."""
    words = Counter(_KEYWORD.findall(text))
    operators = sum(map(text.count, _SIGNS)) + sum(words[word] for word in _OPERATORS)
    branches = 1 + sum(count for word, count in words.items() if word not in _NO_BRANCHES)
    return _combined(_most_volume(operators), branches, _most_lines(text))


def _sketch(text: str) -> _Sketch:
    comments = alone = long_rows = 0
    parts: list[str] = []
    end = 0
    for match in _CODE_THEN_WORDS.finditer(text):
        parts.append(text[end : match.end(1)])
        end = match.end()
        if match["comment"]:
            comments += 1
            alone += not text[text.rfind("\n", 0, match.end(1)) + 1 : match.end(1)].strip()
        elif match["long"]:
            parts.append("0")
            long_rows += 1 + match["long"].count("\n")
    rows = len(_ROW.findall(text)) - alone
    least, most = comments / max(rows, 1), (comments + long_rows) / max(rows - long_rows, 1)
    return _Sketch("".join(parts), max(min(_raised(least * 100), _raised(most * 100)), 0.0))


def _raised(share: float) -> float:
    """By how much comments raise the index, by radon's formula. It rises and then falls."""
    return 50 * math.sin(min(math.sqrt(2.46 * math.radians(share)), math.pi)) * 100 / 171


def _index(text: str, sketch: _Sketch, limit: float) -> float:
    """The index of a text, or some number above `limit` if it is greater. Raises what a parser raises."""
    mi_compute = importlib.import_module("radon.metrics").mi_compute
    parts, branches, volume = radon_parts.measured(text)
    if (least := _combined(volume, branches, _most_lines(sketch.code)) + sketch.comments) > limit:
        return least
    lines = radon_parts.lines(parts)
    share = lines.comment / lines.code * 100 if lines.code else 0.0
    found: list[float] = [mi_compute(volume, branches, lines.logical, part) for part in (0.0, share)]
    return max(found)


def _combined(volume: float, branches: int, lines: int) -> float:
    """The index without regard to comments, by radon's formula."""
    if volume <= 0 or lines <= 0:
        return 100.0
    return (171 - 5.2 * math.log(volume) - 0.23 * branches - 16.2 * math.log(lines)) * 100 / 171


def _most_volume(operators: int) -> float:
    """No text with so many operators has more volume: each comes with two operands, all of them distinct."""
    return 3 * operators * math.log2(3 * operators) if operators else 0.0


def _most_lines(text: str) -> int:
    """No text has more logical lines: one for each line, and one behind each `;` and `:` on it."""
    return len(_LINE.findall(text)) + len(_SECOND_STATEMENT.findall(text))
