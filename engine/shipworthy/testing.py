"""Turns a rule's examples into programs: marks to spans, stand-ins to random text.

For the tests of this project and of anybody who writes rules.
"""

from __future__ import annotations

import random
import re
import string
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from shipworthy.document import Document
from shipworthy.index import Index
from shipworthy.model import Span
from shipworthy.rule import Example

_STAND_IN = re.compile(r"<(?P<kind>\w+)\*(?P<count>\d+)(?::\d+)?>")
_ALPHABETS = {
    "alnum": string.ascii_letters + string.digits,
    "upper": string.ascii_uppercase + string.digits,
    "base32": string.ascii_uppercase + "234567",
    "lower": string.ascii_lowercase + string.digits,
    "hex": string.digits + "abcdef",
    "digit": string.digits,
    "base64": string.ascii_letters + string.digits + "+/",
    "letter": string.ascii_letters,
    "statement": ("total = left * right if left > right else total - left\n",),
}
"""What a stand-in is made of: one of these at a time."""


@dataclass(frozen=True)
class MemoryFiles:
    """Files that exist in memory alone, by path."""

    contents: Mapping[str, str]

    def paths(self) -> Iterable[str]:
        """All paths."""
        return self.contents

    def read(self, path: str) -> bytes:
        """The content of a file. Raises FileNotFoundError."""
        if path not in self.contents:
            raise FileNotFoundError(path)
        return self.contents[path].encode()


@dataclass(frozen=True)
class Prepared:
    """An example ready to be checked. `expected`: the spans that `«»` marked; `fixed`: see Example."""

    document: Document
    expected: tuple[Span, ...]
    fixed: str | None
    files: Mapping[str, str]

    def index(self) -> Index:
        """The index of a project that holds the example and its other files."""
        return Index(MemoryFiles({**self.files, self.document.path: self.document.text}))


def prepare(example: Example, seed: int = 0) -> Prepared:
    """Expand an example. The same stand-in gives the same text all over it; `<alnum*9:2>` another."""
    source = expand(example.source, seed)
    expected: list[Span] = []
    opened: list[int] = []
    text = ""
    for part in re.split("([«»])", source):
        if part == "«":
            opened.append(len(text))
        elif part == "»":
            expected.append(Span(opened.pop(), len(text)))
        else:
            text += part
    fixed = expand(example.fixed, seed) if example.fixed is not None else None
    files = {path: expand(content, seed) for path, content in example.files.items()}
    return Prepared(Document(example.path, text), tuple(sorted(expected)), fixed, files)


def expand(text: str, seed: int = 0) -> str:
    """Replace `<alnum*36>` by 36 random letters and digits, and so on for every alphabet."""

    def characters(match: re.Match[str]) -> str:
        chosen = random.Random(f"{seed} {match[0]}")
        return "".join(chosen.choices(_ALPHABETS[match["kind"]], k=int(match["count"])))

    return _STAND_IN.sub(characters, text)
