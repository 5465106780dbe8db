"""Pieces of JavaScript and TypeScript: top-level statements, class headers and methods."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator

from shipworthy.split import Piece, Scope

_TOKEN = re.compile(
    r"""[^"'`/()\[\]{}\r\n]*
    (?: (?P<string>"(?:[^"\\\r\n]|\\(?:\r\n|[\s\S]))*"|'(?:[^'\\\r\n]|\\(?:\r\n|[\s\S]))*')
      | (?P<open>[(\[{])
      | (?P<close>[)\]}])
      | (?P<template>`)
      | (?P<comment>//|/\*)
      | (?P<slash>/)
      | (?P<quote>["'])
      | (?P<gap>[\r\n]\s*)
    )""",
    re.VERBOSE,
)
_TEMPLATE_TEXT = re.compile(r"(?:[^`\\$]|\\[\s\S]|\$(?!\{))*")
_LINE_END = re.compile(r"[\r\n]|\Z")
_REGEX = re.compile(r"/(?![>*/])(?:[^/\\\[\r\n]|\\[^\r\n]|\[(?:[^\]\\\r\n]|\\[^\r\n])*\])+/[a-z]*")
_BEFORE_REGEX = re.compile(
    r"(?:[(,=:\[!&|?{};+*%~^>-]|\b(?:return|typeof|case|in|of|do|else|void|delete|throw|new|yield|await)|^)\Z"
)
_SPACE = re.compile(r"\s*")
_BLANK = re.compile(r"(?:\r\n|\r(?!\n)|\n)[ \t]*[\r\n]")

_EXPORT = r"(?:export\s+(?:default\s+)?)?(?:declare\s+)?"
_CLASS = re.compile(rf"{_EXPORT}(?:abstract\s+)?class\b\s*(?P<name>[\w$]*)")
_DECLARATION = (
    rf"{_EXPORT}(?:(?:async\s+)?function\b|(?:abstract\s+)?class\s"
    r"|(?:const|let|var|enum|interface|namespace|type)\s+[\w$\[{]|import\b)"
)
_MARGIN = re.compile(rf"^{_DECLARATION}", re.MULTILINE)
_COMPOUND = re.compile(
    rf"@|{_EXPORT}(?:(?:async\s+)?function\b|(?:abstract\s+)?class\s|(?:const\s+)?enum\s|interface\s|namespace\s)"
    r"|(?:if|for|while|try|switch|do|with)\b"
)
_CONTINUES = re.compile(
    r"(?:else|catch|finally|while|instanceof|in|of|as|satisfies|extends|implements|from)\b|[^\w$@#'\"\[*]"
)
_UNFINISHED = re.compile(
    r"(?:[=+*%&|^~?:,<(\[{.!-]|=>"
    r"|\b(?:export|default|async|return|extends|implements|abstract|declare|static|new|typeof|in|of|else|get|set))\Z"
)
_METHOD = re.compile(
    r"@|(?:(?:public|private|protected|static|async|override|get|set|abstract|accessor|declare|readonly)\s+)*\*?\s*"
    r"(?:#?[\w$]+|\[[^\]\r\n]*\]|'[^'\r\n]*'|\"[^\"\r\n]*\")\s*[?!]?\s*"
    r"(?:\(|<[^=\r\n]*\(|(?::[^=\r\n]+)?=\s*(?:async\b|\(|function\b|[\w$]+\s*=>)|\{)"
)
_CLOSES = {")": "(", "]": "[", "}": "{"}
_HOLE = "${"
_LONGEST = 4000
"""Characters after which a run of short statements or members is continued in a piece of its own."""


def scan(text: str, start: int, scopes: tuple[Scope, ...], cut: bool) -> Iterator[Piece]:
    """The pieces of a brace language from `start`; see `Scanner`.

    In `cut` mode a declaration at the left margin ends every open bracket, template and comment.
    Without it nothing does, since whole programs may stand indented by nothing within a wrapper.
    """
    return _Scan(text, start, scopes, cut).pieces()


class _Scan:
    """One pass over the text: what stands open, and where the piece at hand began."""

    def __init__(self, text: str, start: int, scopes: tuple[Scope, ...], cut: bool) -> None:
        self._text, self._cut = text, cut
        self._start, self._scopes = start, scopes
        self._at: int = start  # read so far
        self._tail: int = start  # behind the last character that is code
        self._open = ["{"] * len(scopes)
        self._class = scopes[-1] if scopes else None  # the class whose body is open
        self._class_opened_at = -1
        self._coming_class: Scope | None = None  # a class whose `{` has not come yet
        self._empty = True
        self._block = self._decorated = False  # the piece holds a block; it holds decorators so far

    def pieces(self) -> Iterator[Piece]:
        """All pieces; the last is marked if something stays open."""
        text = self._text
        space = _SPACE.match(text, self._at)
        self._at = space.end() if space is not None else self._at
        yield from self._line(blank=False)
        while (token := _TOKEN.match(text, self._at)) is not None:
            kind = token.lastgroup
            assert kind is not None
            begin = token.start(kind)
            if begin > self._at and not (plain := text[self._at : begin]).isspace():
                self._tail = self._at + len(plain.rstrip())
            self._at = token.end()
            done = True
            if kind == "gap":
                at_margin = text[self._at - 1] in "\r\n"
                yield from self._line(_BLANK.search(token["gap"]) is not None, at_margin)
                continue
            if kind == "comment":
                yield from self._comment(begin, token["comment"])
                if self._at < 0:
                    break
                continue
            if kind == "open":
                self._opens(text[begin])
            elif kind == "close":
                if self._closes(text[begin]):
                    done = yield from self._template()
            elif kind == "template":
                done = yield from self._template()
            elif kind == "slash":
                before = text[max(self._start, self._tail - 12) : self._tail]
                literal = _REGEX.match(text, begin) if _BEFORE_REGEX.search(before) else None
                self._at = literal.end() if literal is not None else self._at
            if not done:
                self._at = -1
                break
            self._tail = self._at
        if self._start < len(text):
            yield self._piece(len(text), unclosed=self._at < 0 or bool(self._open))

    def _line(self, blank: bool, at_margin: bool = True) -> Iterator[Piece]:
        """A line begins at `_at`: end the piece at hand if a statement or member begins here."""
        text, at = self._text, self._at
        if self._cut and at_margin and self._open and _MARGIN.match(text, at):
            yield from self._cut_here()
            return
        if len(self._open) != (self._class is not None) or text.startswith(("//", "/*"), at) or at >= len(text):
            return
        if not self._empty and self._is_continued():
            return
        line = max(text.rfind("\n", 0, at), text.rfind("\r", 0, at)) + 1
        if self._decorated:
            self._decorated = text[at] == "@"
        elif not self._empty and self._starts_piece(blank, line):
            yield self._piece(line)
            self._begin(line)
        if self._empty:
            self._decorated = text[at] == "@"
        self._empty = False
        if self._class is None and (head := _CLASS.match(text, at)) is not None:
            self._coming_class = Scope(head["name"], 0, 0)

    def _starts_piece(self, blank: bool, line: int) -> bool:
        if line - self._start > _LONGEST:
            return True
        if self._class is None:
            return self._block or blank or _COMPOUND.match(self._text, self._at) is not None
        return (bool(self._scopes) and self._block) or _METHOD.match(self._text, self._at) is not None

    def _is_continued(self) -> bool:
        if _CONTINUES.match(self._text, self._at):
            return self._text[self._tail - 1] != ";" or self._text[self._at].isalpha()
        return (
            self._tail != self._class_opened_at
            and _UNFINISHED.search(self._text, max(self._start, self._tail - 12), self._tail) is not None
        )

    def _piece(self, end: int, unclosed: bool = False) -> Piece:
        inside = bool(self._scopes)
        suffix = "}" if self._class is not None else ""
        return Piece(self._start, end, self._scopes, "class _ {" if inside else "", suffix, unclosed)

    def _begin(self, start: int) -> None:
        self._start, self._scopes = start, (self._class,) if self._class is not None else ()
        self._empty, self._block, self._decorated, self._coming_class = True, False, False, None

    def _cut_here(self) -> Iterator[Piece]:
        self._class = None
        self._open.clear()
        if self._at > self._start:
            yield self._piece(self._at)
        self._begin(self._at)
        self._tail = self._at
        yield from self._line(blank=True)

    def _opens(self, bracket: str) -> None:
        self._block |= bracket == "{"
        opens_class = bracket == "{" and not self._open and not self._text.endswith("extends", 0, self._tail)
        if opens_class and self._coming_class is not None:
            self._class, self._coming_class = self._coming_class, None
            self._class_opened_at = self._at
        self._open.append(bracket)

    def _closes(self, bracket: str) -> bool:
        """Close down to the matching bracket, if there is one; whether this re-enters a template."""
        opening = _CLOSES[bracket]
        for depth in range(len(self._open) - 1, -1, -1):
            if self._open[depth] == opening or (opening == "{" and self._open[depth] == _HOLE):
                hole = self._open[depth] == _HOLE
                del self._open[depth:]
                if not self._open:
                    self._class = None
                return hole
            if self._open[depth] in {"{", _HOLE}:
                break
        return False

    def _template(self) -> Generator[Piece, None, bool]:
        """Read a template's text up to its end or its next hole; false if the text ends before."""
        match = _TEMPLATE_TEXT.match(self._text, self._at)
        assert match is not None
        end = match.end()
        closed = end < len(self._text)
        margin = _MARGIN.search(self._text, self._at, end) if self._cut else None
        if margin is not None:
            self._at = margin.start()
            yield from self._cut_here()
            return True
        if not closed:
            return False
        if self._text[end] == "`":
            self._at = end + 1
        else:
            self._open.append(_HOLE)
            self._at = end + 2
        return True

    def _comment(self, begin: int, opening: str) -> Iterator[Piece]:
        """Skip a comment. `_at` becomes -1 if it never ends."""
        if opening == "//":
            if self._text[begin - 1 : begin] == ":":  # `https://` in the text of a JSX element
                self._at = begin + 2
                return
            end = _LINE_END.search(self._text, begin)
            assert end is not None
            self._at = end.start()
            return
        end_at = self._text.find("*/", self._at)
        margin = _MARGIN.search(self._text, self._at, end_at if end_at >= 0 else len(self._text)) if self._cut else None
        if margin is not None:
            self._at = margin.start()
            yield from self._cut_here()
        else:
            self._at = end_at + 2 if end_at >= 0 else -1
