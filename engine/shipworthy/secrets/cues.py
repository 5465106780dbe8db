"""The words that announce a secret, looked for all at once: one pass over a text serves all who ask about it.

Knows words, and where they stand. What a word announces, if anything, is for who asks.
"""

from __future__ import annotations

import enum
import functools
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from ahocorasick_rs import BytesAhoCorasick, Implementation

from shipworthy.backends.detect_secrets_plugins import PLUGINS
from shipworthy.secrets import keys
from shipworthy.secrets.formats import Format, formats, variants
from shipworthy.secrets.values import folded


class Kind(enum.StrEnum):
    """Who looks for a word.

    NAME: assignments.py, for names of credentials. TOKEN and PROVIDER: tokens.py, for what tokens begin with
    and for their providers' names. PLUGIN: detect-secrets. PASSWORD: the tests of bandit and ruff.
    """

    NAME = enum.auto()
    TOKEN = enum.auto()
    PROVIDER = enum.auto()
    PLUGIN = enum.auto()
    PASSWORD = enum.auto()
    CONNECTION = enum.auto()
    KEY = enum.auto()


NAMES = (
    *("token", "secret", "key", "pwd", "passw", "passphrase", "passcode", "credential", "auth", "bearer", "login"),
    *("jwt.", "hmac", "fernet", "compare_digest", "aes.", "cipheriv(", "serializer(", "signer(", "cookieparser("),
    *("b64encode(", "buffer.from(", "btoa(", "create_user(", "create_superuser(", "getconnection(", "pdo(", "mysqli"),
    *("apikey", "identified", "securestring", "requirepass", "pw_set(", "pass=", "pass:", "pass =", 'pass"', "pass'"),
    *("curl", "mysql", "sshpass", "redis", "sudo -s", "openssl", ":5432:", ":5433:", ":6432:", ":6543:", ":*:"),
)
"""What announces a value, in lower case: a name that may be a credential's, or a command that takes one."""

PASSWORDS = ("pas", "pwd", "token", "secret")
"""One of these is in every name that the tools take for a password's."""

CONNECTIONS = ("://", "password", "pwd")
"""What stands before the host and the password of a connection, in lower case."""

_BORDERS = (
    *("\n", '"', "'", "`", "=", " ", ":", "/", ">", "(", "\t", ","),
    *("\\n", "\\r", "\\t", "%3D", "%3d", "%20", "%22"),
)
"""What may stand before a token. A short keyword is looked for behind one of these: alone it is in many words."""

_SHORT = 5


class Cue(NamedTuple):
    """A word in a text; it may begin with the line end that stands, as it were, before the text."""

    word: str
    start: int
    end: int


@functools.lru_cache(maxsize=64)  # for all who ask about a text, and for the files of a chunk
def find(text: str) -> Mapping[Kind, Sequence[Cue]]:
    """Every word in a text, in whatever case, in the order of their ends; of those at one place the longest first."""
    words, kinds, automaton = _automaton()
    data = _folded(f"\n{text}")
    is_wide = len(data) > len(text) + 1
    found: dict[Kind, list[Cue]] = {}
    at, wide = 0, 1
    for index, start, end in automaton.find_matches_as_indexes(data, overlapping=True):
        if is_wide:
            # Words are of ASCII, so that only the characters before them may have more bytes than one.
            wide += end - at - len(data[at:end].decode("utf-8", "surrogatepass"))
            at = end
        cue = Cue(words[index], start - wide, end - wide)
        for kind in kinds[index]:
            found.setdefault(kind, []).append(cue)
    return found


_CASELESS = tuple(letter.encode() for letter in "\u0130\u0131\u017f\u212a")
"""The letters beyond ASCII that stand for one of it where case does not matter."""


def _folded(text: str) -> bytes:
    data = text.encode("utf-8", "surrogatepass")
    if len(data) != len(text) and any(map(data.__contains__, _CASELESS)):
        return folded(text).encode("utf-8", "surrogatepass")
    return data.lower()


@functools.cache
def _automaton() -> tuple[tuple[str, ...], tuple[tuple[Kind, ...], ...], BytesAhoCorasick]:
    """All words, who looks for each, and what finds them."""
    found: dict[str, list[Kind]] = {}
    asked: Mapping[Kind, Iterable[str]] = {
        Kind.NAME: NAMES,
        Kind.TOKEN: written(),
        Kind.PROVIDER: providers(),
        Kind.PLUGIN: dict.fromkeys(word for plugin in PLUGINS for word in plugin.words),
        Kind.PASSWORD: PASSWORDS,
        Kind.CONNECTION: CONNECTIONS,
        Kind.KEY: map(str.lower, keys.KEYWORDS),
    }
    for kind, words in asked.items():
        for word in words:
            found.setdefault(word, []).append(kind)
    automaton = BytesAhoCorasick([word.encode("ascii") for word in found], implementation=Implementation.DFA)
    return tuple(found), tuple(map(tuple, found.values())), automaton


@functools.cache
def owners() -> Mapping[str, tuple[Format, ...]]:
    """The formats whose tokens hold each keyword."""
    found: dict[str, tuple[Format, ...]] = {}
    for known in formats():
        for keyword in known.keywords:
            found[keyword] = (*found.get(keyword, ()), known)
    return found


@functools.cache
def written() -> Mapping[str, tuple[tuple[str, str], ...]]:
    """How keywords are looked for, in lower case: what it stands for as it is written, and the keyword in that."""
    found: dict[str, tuple[tuple[str, str], ...]] = {}
    for keyword, formats_with_it in owners().items():
        for text in _written(keyword, formats_with_it):
            found[text.lower()] = (*found.get(text.lower(), ()), (text, keyword))
    return found


def _written(keyword: str, formats_with_it: Iterable[Format]) -> tuple[str, ...]:
    is_first = all(known.lead == 0 and "(?<=" not in known.form for known in formats_with_it)
    if is_first and len(keyword) < _SHORT and keyword[-1] in "_-.":
        return tuple(border + keyword for border in _BORDERS)
    return (keyword,)


@functools.cache
def providers() -> Mapping[str, tuple[Format, ...]]:
    """The formats of each provider's name, in lower case."""
    found: dict[str, tuple[Format, ...]] = {}
    for known in formats():
        for variant in {variant for words in known.near for variant in variants(words)}:
            found[variant] = (*found.get(variant, ()), known)
    return found
