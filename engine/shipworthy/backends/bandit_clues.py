"""Which of bandit's tests could report anything on a piece of Python, told from its words alone.

Sound: a test that is not named for a text reports nothing on it. Most texts call for none and are
never parsed. Knows what words each test cannot do without, and nothing of how the tests are run.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from ahocorasick_rs import AhoCorasick

from shipworthy.model import Span
from shipworthy.secrets import cues
from shipworthy.secrets.values import folded

_CLUES: Mapping[str, tuple[str, ...]] = {
    "B101": ("assert",),
    "B102": ("exec",),
    "B103": ("chmod",),
    "B104": ("0.0.0.0",),
    "B105": cues.PASSWORDS,
    "B106": cues.PASSWORDS,
    "B107": cues.PASSWORDS,
    "B108": ("/tmp", "/var/tmp", "/dev/shm"),
    "B110": ("except pass",),
    "B112": ("except continue",),
    "B113": ("requests", "httpx"),
    "B201": ("debug run",),
    "B202": ("extractall",),
    "B324": ("hashlib md4", "hashlib md5", "hashlib sha", "hashlib new", "crypt"),
    "B501": ("verify requests", "verify httpx"),
    "B502": ("sslv2", "sslv3", "tlsv1"),
    "B503": ("sslv2", "sslv3", "tlsv1"),
    "B504": ("wrap_socket",),
    "B505": ("generate crypto",),
    "B506": ("yaml load",),
    "B507": ("set_missing_host_key_policy",),
    "B508": ("communitydata",),
    "B509": ("usmuserdata",),
    "B601": ("exec_command",),
    "B604": ("shell",),
    "B608": ("select from", "delete from", "insert into", "update set"),
    "B610": ("extra",),
    "B611": ("rawsql",),
    "B612": ("listen",),
    "B613": ("\u202a", "\u202b", "\u202c", "\u202d", "\u202e", "\u2066", "\u2067", "\u2068", "\u2069", "\u200f"),
    "B614": ("torch load",),
    "B615": ("from_pretrained", "load_dataset", "hf_hub_download", "snapshot_download", "repository_id"),
    "B701": ("jinja2 environment",),
    "B702": ("mako template",),
    "B703": ("mark_safe", "safetext", "safeunicode", "safestring", "safebytes"),
    "B704": ("markup",),
}
"""By test, the alternatives of which it needs one: words, in lower case, that must all occur."""

_OF_SETTING: Mapping[str, tuple[str, ...]] = {
    "B602": ("subprocess",),
    "B603": ("subprocess",),
    "B605": ("shell",),
    "B606": ("no_shell",),
    "B607": ("subprocess", "shell", "no_shell"),
    "B609": ("subprocess", "shell"),
}
"""Tests of calls to the functions that bandit's own settings list, under these names."""

_IN_STRINGS = frozenset({"B104", "B105", "B108", "B608"})
PASSWORDS = frozenset({"B105", "B106", "B107"})
"""The tests for passwords in literals."""

_PASSWORD = re.compile(
    r"(?<![a-z0-9])(?:pas+wo?r?d|passphrase|pwd|token|secrete?)(?![a-z0-9])"
    r"|(?:_pass|[\"']pass(?=\s*[\"'\\]))(?![a-z0-9])|(?<![a-z0-9])pass_"
)
_SQL = re.compile(r"""(?:select|delete|insert|update)[\s"'\\{]""")
"""The verb, followed by white space or by the end of the literal that is joined to the next one."""

_ESCAPE = re.compile(r"\\(?:[xuUN0-7]|(?:\r\n|\r|\n)[\w./])")
_GAP = r"""(?:[\s\\"']|\#[^\r\n]*+|[a-zA-Z]{1,2}(?=["']))"""
_JOINED = re.compile(rf"""["'](?<=[\w./]["'])(?:{_GAP}{{0,99}}["'](?:[\w/]|\.\d)|{_GAP}{{100}})""")
"""An escape or a continued line, and two adjacent literals: a word of a string may hide behind them."""


@dataclass(frozen=True, slots=True)
class _Clue:
    others: frozenset[str]
    test: str


class Clues:
    """The clues to the tests that bandit has: its ids, its settings and its lists of bad names."""

    def __init__(
        self, tests: Iterable[str], settings: Mapping[str, Iterable[str]], bad_names: Iterable[str], list_test: str
    ) -> None:
        alternatives = dict(_CLUES)
        for test, names in _OF_SETTING.items():
            alternatives[test] = _named(name for key in names for name in settings.get(key, ()))
        alternatives[list_test] = (*_named(bad_names), "__import__", "import_module")
        self._always = frozenset(test for test in tests if test not in alternatives)
        self._by_word: dict[str, list[_Clue]] = {}
        words: set[str] = set()
        for test, clues in alternatives.items():
            for first, *others in map(str.split, clues):
                self._by_word.setdefault(first, []).append(_Clue(frozenset(others), test))
                words.update((first, *others))
        self._words = sorted(words)
        self._automaton = AhoCorasick(self._words)

    def words(self, low: str) -> frozenset[str]:
        """The words of clues that occur in a text in lower case."""
        found = self._automaton.find_matches_as_indexes(low, overlapping=True)
        return frozenset(self._words[index] for index in {index for index, _, _ in found})

    def tests(self, text: str, low: str, present: frozenset[str]) -> set[str]:
        """The tests that could report something on a text, in lower case `low`, with the words `present`."""
        found = {clue.test for word in present for clue in self._by_word.get(word, ()) if clue.others <= present}
        if not found.isdisjoint(PASSWORDS) and not _PASSWORD.search(low):
            found -= PASSWORDS
        if "B608" in found and not _SQL.search(low):
            found.discard("B608")
        if not found >= _IN_STRINGS and _hides_words(text):
            found |= _IN_STRINGS
        return found | self._always


@functools.lru_cache(maxsize=64)  # for ruff and bandit, and for the files of a chunk
def password_names(text: str) -> tuple[Span, ...]:
    """Where the names stand that the tests for passwords look for, or ruff's tests of the same names, or what may
    hide one. What they report on stands behind them in the same statement."""
    found = cues.find(text).get(cues.Kind.PASSWORD, ())
    low = folded(text) if found else ""
    starts = (start for _, at, _ in found for start in (at, at - 1) if start >= 0)
    names = [match for start in starts if (match := _PASSWORD.match(low, start)) is not None]
    if not text.isascii() and len(names) != len(_PASSWORD.findall(searchable(text)[len(text) :].lower())):
        return (Span(0, len(text)),)
    return tuple(Span(*match.span()) for match in (*names, *_hiding(text)))


def _hides_words(text: str) -> bool:
    """Whether a word of a string may be written in pieces, or by escapes."""
    return next(_hiding(text), None) is not None


def _hiding(text: str) -> Iterator[re.Match[str]]:
    """Where a word of a string may be written in pieces, or by escapes."""
    if "\\" in text:
        yield from _ESCAPE.finditer(text)
    yield from _JOINED.finditer(text)


def searchable(text: str) -> str:
    """The text, and behind it its compatible form if that differs: Python reads identifiers by that form."""
    if text.isascii():
        return text
    compatible = unicodedata.normalize("NFKC", text).replace("\u0130", "i").replace("\u0131", "i")
    return f"{text}\n{compatible}"


def _named(names: Iterable[str]) -> tuple[str, ...]:
    """A clue for each dotted name: its last part and its first, which an import alias may stand for."""
    parts = (name.lower().split(".") for name in names)
    return tuple(f"{name[-1]} {name[0]}" for name in parts)
