"""Masks secrets in whatever people see of a source: frames, diffs, snippets, fingerprints.

One function, one rule: when in doubt, mask. A verdict says where a secret is, never what it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from shipworthy.model import Span

MASK = "***"

_LIKELY = re.compile(
    r"(?i:pass(?:word|wd|phrase)?|pwd|secret|token|api[_-]?key|auth[_-]?key|access[_-]?key|private[_-]?key|credential\w*)"
    r"[\w-]*[\"'\]]{0,2}\s*(?:=>?|:=?|,)\s*[rbfuRBFU]{0,2}(?P<quote>[\"'`]?)(?P<assigned>[^\s\"'`,;)}\]]{3,})"
    r"|://[^\s/:@\"']*:(?P<url>[^\s/@\"']+)@"
    r"|(?P<random>\b[A-Za-z0-9+_-]{24,}={0,2})"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----(?P<key>[\s\S]*?)(?:-----END|\Z)"
)


def redacted(text: str, secrets: Iterable[Span] = ()) -> str:
    """The text with `secrets`, and all that looks like one, replaced by a mask; its lines are kept."""
    spans = [*secrets, *_likely(text)]
    parts: list[str] = []
    at = 0
    for span in sorted(spans):
        if span.end <= at:
            continue
        start = max(span.start, at)
        parts.append(text[at:start])
        parts.append(MASK + "\n" * text.count("\n", start, span.end))
        at = span.end
    return "".join([*parts, text[at:]])


def _likely(text: str) -> Iterable[Span]:
    for match in _LIKELY.finditer(text):
        group = match.lastgroup
        if group is not None and not (group == "random" and _is_plain_word(match[group])):
            yield Span(*match.span(group))


def _is_plain_word(text: str) -> bool:
    """Long names and paths are no secrets: they have no digits, or are words joined together."""
    return not any(map(str.isdigit, text)) or text.replace("_", "").replace("-", "").isalpha()
