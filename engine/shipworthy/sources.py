"""Bytes to text, or the reason why a file is not looked at. The one place that decides either."""

from __future__ import annotations

import codecs
import errno
import functools
import os
import re
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from shipworthy import language
from shipworthy.document import Document

LARGEST = 100_000_000
"""The largest value of `max-file-size`: no more is ever read of a file."""

_FEW = 50
_SMALL = 50_000
"""Of so many files with syntax that are no larger the documents are kept."""

_UTF16 = ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_BINARY = "binary"
_KNOWN = ("utf-8", "latin-1", "iso-8859-1")
_HEAD = 1_000
"""So much of a text its first two lines hardly exceed."""
_COOKIE = re.compile(rb"\A(?:[ \t\f]*(?:#[^\r\n]*)?(?:\r\n|\r|\n))?[ \t\f]*#[^\r\n]*?coding[:=][ \t]*([-\w.]+)")


class Files(Protocol):
    """The project's tracked files: on the disk, staged in git, or open in an editor. Picklable."""

    def paths(self) -> Iterable[str]:
        """All paths, relative to the project's root, with `/`."""
        ...

    def read(self, path: str) -> bytes:
        """The content of a file. Raises OSError."""
        ...


_PIECE = 1 << 16
_READ = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


def read_regular(path: Path | str) -> bytes:
    """The content of a regular file, up to `LARGEST` bytes and one. Raises OSError for anything else.

    A symbolic link is not followed, and nothing is waited for: a named pipe would never answer.
    """
    descriptor = os.open(path, _READ)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, "not a regular file", str(path))
        pieces: list[bytes] = []
        left, size = LARGEST + 1, max(status.st_size + 1, _PIECE)
        while left and (piece := os.read(descriptor, min(left, size))):
            pieces.append(piece)
            left -= len(piece)
        return b"".join(pieces)
    finally:
        os.close(descriptor)


@dataclass(frozen=True, slots=True)
class Text:
    """A decoded file. `mark`: the bytes of a byte order mark, kept for writing the file again.

    `guessed`: the bytes are in no encoding that the file declares.
    """

    text: str
    encoding: str = "utf-8"
    mark: bytes = b""
    guessed: bool = False

    def encode(self, text: str) -> bytes:
        """A changed text as bytes, encoded as the file was. Raises UnicodeEncodeError."""
        return self.mark + text.encode(self.encoding)


@dataclass(frozen=True, slots=True)
class Skip:
    """Why a file is not looked at."""

    reason: str


def decode(data: bytes, limit: int) -> Text | Skip:
    """The text of a file: UTF-8, what its mark or its coding line says, else a guess of Latin-1."""
    if len(data) > limit:
        return Skip(f"larger than {limit:,} bytes (max-file-size)")
    for mark, encoding in _UTF16:
        if data.startswith(mark):
            try:
                return Text(data[2:].decode(encoding), encoding, mark)
            except UnicodeDecodeError:
                return Skip(_BINARY)
    if b"\0" in data:
        return Skip(_BINARY)
    mark = codecs.BOM_UTF8 if data.startswith(codecs.BOM_UTF8) else b""
    declared = _declared(data)
    try:
        return Text(data[len(mark) :].decode("utf-8"), "utf-8", mark, guessed=declared == "")
    except UnicodeDecodeError:
        if declared:
            try:
                return Text(data.decode(declared), declared)
            except UnicodeDecodeError:
                pass
    return Text(data.decode("latin-1"), "latin-1", guessed=True)


def decode_file(path: str, data: bytes, limit: int) -> Text | Skip:
    """The text of a file of this name: what is Python by its name and binary by its content holds text all the same,
    though Python refuses it.
    """
    decoded = decode(data, limit)
    if decoded != Skip(_BINARY) or language.detect(path) is not language.PYTHON:
        return decoded
    often = len(data) // 4
    encoding = "utf-16-le" if data[1::2].count(0) > often else "utf-16-be" if data[::2].count(0) > often else "latin-1"
    return Text(data.decode(encoding, "replace"), encoding, guessed=True)


def _declared(data: bytes) -> str | None:
    """The encoding that a coding line names, "" if nobody knows that; None without such a line."""
    found = _COOKIE.match(data)
    if found is None:
        return None
    name = found[1].decode("ascii").lower().replace("_", "-")
    name = next((known for known in _KNOWN if name.startswith(f"{known}-")), name)  # as Emacs says it: `utf-8-unix`
    try:
        b" ".decode(name)
        return codecs.lookup(name).name
    except (LookupError, UnicodeDecodeError):
        return ""


def why_refused(text: str) -> str:
    """Why Python refuses a file whose text is a guess."""
    if "\0" in text:
        return "holds NUL bytes"
    if _declared(text[:_HEAD].encode("utf-8", "replace")) == "":
        return "its line `# -*- coding: ... -*-` names an encoding that nobody knows"
    return "is not UTF-8, and no line `# -*- coding: ... -*-` says what it is"


def document(path: str, decoded: Text) -> Document:
    """The document of a decoded file."""
    return Document(path, decoded.text, language.of_file(path, decoded.text, guessed=decoded.guessed))


def read(path: str, data: bytes, limit: int) -> Document | Skip:
    """The document of a file's content, or why there is none.

    Of small files the last ones are kept: who asks about a file's functions, about its names and about its defects
    in turn shall not parse it each time.
    """
    is_kept = len(data) <= _SMALL and language.detect(path).has_syntax
    return (_read_lately if is_kept else _read)(path, data, limit)


def _read(path: str, data: bytes, limit: int) -> Document | Skip:
    decoded = decode_file(path, data, limit)
    return document(path, decoded) if isinstance(decoded, Text) else decoded


_read_lately = functools.lru_cache(_FEW)(_read)
