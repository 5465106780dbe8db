"""What a project shows in place of its secrets: the values of its `.env.example`.

A text in, values out. Whoever reads them knows nothing that opens anything, so none of them is a secret elsewhere.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

EXAMPLES = (".env.example", ".env.sample", ".env.template", ".env.dist", "env.example", "example.env")
"""Names of the files that show which variables a program reads, the usual one first."""

_SET = re.compile(
    r"^[ \t]*(?:#[ \t]*)?(?:export[ \t]+)?[\w.-]+[ \t]*=[ \t]*"
    r"(?:\"(?P<double>[^\"\r\n]+)\"|'(?P<single>[^'\r\n]+)'|(?P<bare>[^\s\"'#][^\s#]*))",
    re.MULTILINE,
)
_IN_URL = re.compile(r"://[^\s/:@]{0,100}:(?P<password>[^\s/@]{1,200})@")
_SHORTEST = 4
"""Characters: what is shorter is never taken for a secret."""


def is_example(path: str) -> bool:
    """Whether a file shows which variables a program reads."""
    return posixpath.basename(path) in EXAMPLES


def shown(text: str) -> Iterator[str]:
    """The values that such a file gives to its variables, and the passwords in those that are URLs."""
    for match in _SET.finditer(text):
        value = match[match.lastgroup or 0]
        found = (value, *(url["password"] for url in _IN_URL.finditer(value)))
        yield from (one for one in found if len(one) >= _SHORTEST)
