"""Pieces of Python: top-level statements, class headers and methods; short statements by paragraph."""

from __future__ import annotations

import re
from collections.abc import Iterator

from shipworthy.split import Piece, Scope

_TOKEN = re.compile(
    r"""[^"'()\[\]{}\\\r\n\#]*
    (?: (?P<long>\"\"\"|''')
      | "(?:[^"\\\r\n]|\\(?:\r\n|[\s\S]))*"?
      | '(?:[^'\\\r\n]|\\(?:\r\n|[\s\S]))*'?
      | (?P<open>[(\[{])
      | (?P<close>[)\]}])
      | \#[^\r\n]*
      | \\(?:\r\n|[\s\S])?
      | (?P<gap>(?:\r\n|\r|\n)(?:[ \t\f]*(?:\#[^\r\n]*)?(?:\r\n|\r|\n))*(?P<indent>[ \t\f]*))
    )""",
    re.VERBOSE,
)
_LEADING = re.compile(r"(?:[ \t\f]*(?:#[^\r\n]*)?(?:\r\n|\r|\n))*(?P<indent>[ \t\f]*)")
_HEAD = re.compile(
    r"(?P<more>(?:else|elif|except|finally)\b)"
    r"|(?P<decorator>@)"
    r"|class\s+(?P<name>\w+)"
    r"|(?P<compound>(?:async|def|if|for|while|try|with)\b|match\b[^=.,)\r\n]*:)"
)
_BLANK = re.compile(r"(?:\r\n|\r(?!\n)|\n)[ \t\f]*[\r\n]")
_MARGIN = re.compile(r"^(?:(?:async\s+)?def\s+\w|class\s+\w|@\w|import\s+\w|from\s+[\w.]+\s+import\b)", re.M)
_NESTED = re.compile(r"(?:async\s+)?def\s+\w+\s*[(\[]|class\s+\w+\s*[(:\[]")
_LONGEST = 4000
"""Characters after which a run of short statements is continued in a piece of its own."""


def scan(text: str, start: int, scopes: tuple[Scope, ...], cut: bool) -> Iterator[Piece]:
    """The pieces of Python source from `start`; see `Scanner`.

    A keyword that no bracket may hold (`def` and `class`; at the margin `import` and `@` too) ends
    an open bracket. An open triple quote is ended in `cut` mode only: a string may hold a program.
    """
    borders = _Borders(text, start, scopes)
    leading = _LEADING.match(text, start)
    assert leading is not None
    at, depth = leading.end(), 0
    yield from borders.line(at, leading["indent"], blank=False)
    while (token := _TOKEN.match(text, at)) is not None:
        at = token.end()
        kind = token.lastgroup
        if kind == "open":
            depth += 1
        elif kind == "close":
            depth = max(0, depth - 1)
        elif kind == "long":
            end = _end_of_long_string(text, at, token["long"])
            if end < 0 and not cut:
                yield borders.last(unclosed=True)
                return
            margin = _MARGIN.search(text, at, end if end >= 0 else len(text)) if cut else None
            if margin is not None:
                at, depth = margin.start(), 0
                yield from borders.line(at, "", blank=True)
            elif end < 0:
                break
            else:
                at = end
        elif kind == "gap":
            if depth and (_NESTED.match(text, at) or (not token["indent"] and _MARGIN.match(text, at))):
                depth = 0
            if not depth:
                blank = _BLANK.search(token["gap"]) is not None
                yield from borders.line(at, token["indent"], blank)
    if borders.start < len(text):
        yield borders.last(unclosed=False)


class _Borders:
    """Decides at each logical line whether a new piece begins there."""

    def __init__(self, text: str, start: int, scopes: tuple[Scope, ...]) -> None:
        self.text = text
        self.start = start
        self._scopes = scopes
        self._stack = list(scopes)
        self._empty = True
        self._compound = self._decorated = self._header = False

    def line(self, code: int, indent: str, blank: bool) -> Iterator[Piece]:
        """Take the logical line whose first character is at `code`; the finished piece, if one ended."""
        text, stack = self.text, self._stack
        if code >= len(text):
            return
        column = len(indent.expandtabs(8).rpartition("\f")[2])
        while stack and column <= stack[-1].indent:
            stack.pop()
        if stack and not stack[-1].body:
            stack[-1] = Scope(stack[-1].name, stack[-1].indent, column)
        if column != (stack[-1].body if stack else 0):
            return
        head = _HEAD.match(text, code)
        kind = head.lastgroup if head is not None else None
        if kind == "more" and not self._empty:
            return
        line = code - len(indent)
        if not self._empty and not self._decorated and self._starts_piece(kind, line, blank):
            body = f"{indent}pass\n" if len(stack) > len(self._scopes) else ""
            yield Piece(self.start, line, self._scopes, _header(self._scopes), body)
            self.start, self._scopes, self._header = line, tuple(stack), False
        self._empty = False
        self._compound = kind is not None
        self._decorated = kind == "decorator"
        if head is not None and kind == "name":
            stack.append(Scope(head["name"], column, 0))
            self._header = True

    def last(self, unclosed: bool) -> Piece:
        """The piece that reaches to the end of the text."""
        return Piece(self.start, len(self.text), self._scopes, _header(self._scopes), unclosed=unclosed)

    def _starts_piece(self, kind: str | None, line: int, blank: bool) -> bool:
        if kind is not None or line - self.start > _LONGEST:
            return True
        if self._header and len(self._stack) > len(self._scopes):
            return False
        return self._compound or blank or len(self._stack) != len(self._scopes)


def _header(scopes: tuple[Scope, ...]) -> str:
    """Class headers that make a program of a method: each is indented by one column more."""
    return "".join(f"{' ' * depth}class {scope.name}:\n" for depth, scope in enumerate(scopes))


def _end_of_long_string(text: str, at: int, quote: str) -> int:
    """The offset behind the closing triple quote, or -1."""
    while True:
        end = text.find(quote, at)
        if end < 0:
            return -1
        slashes = end
        while slashes > at and text[slashes - 1] == "\\":
            slashes -= 1
        if (end - slashes) % 2 == 0:
            return end + len(quote)
        at = end + 1
