"""Recognises private keys in a text: a header alone is no key, what follows it must be one.

Keys stand in files of their own, and in strings of every language: with real line ends, with `\\n`,
indented, in pieces that are put together, in one line.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass

from shipworthy.model import Span
from shipworthy.secrets.values import has_run

HEADER = re.compile(
    r"-----BEGIN (?P<kind>(?:[A-Z0-9]+ )*)PRIVATE KEY(?P<pgp> BLOCK)?-----|PuTTY-User-Key-File-[23]: *(?P<putty>\S+)"
)
KEYWORDS = ("PRIVATE KEY-----", "PRIVATE KEY BLOCK-----", "PuTTY-User-Key-File-")
"""One of these is in every text that holds a key."""

_LONGEST = 20_000
_SHORTEST = 44
"""Decoded bytes: an Ed25519 key has 48 in PKCS 8."""

_END = re.compile(r"-----END [A-Z0-9 ]*-----")
_PUTTY_BODY = re.compile(r"Private-Lines: *\d+(?:\\[nr]|\s)+")
_PUTTY_END = re.compile(r"Private-(?:MAC|Hash): *\w+")
_ATTRIBUTE = re.compile(
    r"(?:Proc-Type|DEK-Info|Comment|Version|Hash|Charset|MessageID|Subject|X-[\w-]+|PSS-\w+): ?[^\r\n\\]*"
)
_BREAK = r"\\{1,2}[nrt]|[\s\"'`,;()\[\]]"
_PIECE = re.compile(
    rf"(?:{_BREAK}|\\|[|>*#.-]|(?<![A-Za-z0-9+/])(?:\+|//)(?=[\s\"'`]))+|=[A-Za-z0-9+/]{{4}}(?![A-Za-z0-9+/])"
    r"|(?P<piece>[A-Za-z0-9+/]+={0,2})"
)
"""A piece of a body, or what stands between two: line ends, quotes, marks of comments, a sum of texts."""


@dataclass(frozen=True, slots=True)
class Key:
    """A private key and its place. `encrypted`: nothing can be done with it without its passphrase."""

    span: Span
    kind: str
    encrypted: bool


def keys(text: str) -> Iterator[Key]:
    """Every private key in a text."""
    for header in HEADER.finditer(text):
        found = key_at(text, header)
        if found is not None:
            yield found


def key_at(text: str, header: re.Match[str]) -> Key | None:
    """The key that a header opens, if it is one."""
    if header["putty"]:
        return _putty(text, header)
    end = _END.search(text, header.end(), header.end() + _LONGEST)
    stop = end.start() if end is not None else min(len(text), header.end() + _LONGEST)
    attributes = list(_ATTRIBUTE.finditer(text, header.end(), stop))
    begin = attributes[-1].end() if attributes else header.end()
    body, stop = _body(text, begin, stop)
    kind = header["kind"].strip() or ("PGP" if header["pgp"] else "")
    is_ciphertext = any("ENCRYPTED" in attribute.group() for attribute in attributes)
    if not _is_key(body, kind, whole=end is not None, is_ciphertext=is_ciphertext):
        return None
    checksum = _CHECKSUM.search(text, stop, end.start()) if end is not None and kind.startswith("PGP") else None
    if checksum is not None and _decoded(checksum["sum"]) != _crc24(_decoded(body)).to_bytes(3, "big"):
        return None  # parts of it are left out
    encrypted = is_ciphertext or "ENCRYPTED" in kind or (kind == "OPENSSH" and b"bcrypt" in _decoded(body)[:64])
    return Key(Span(header.start(), end.end() if end is not None else stop), kind, encrypted)


def _putty(text: str, header: re.Match[str]) -> Key | None:
    start = _PUTTY_BODY.search(text, header.end(), header.end() + _LONGEST)
    if start is None:
        return None
    end = _PUTTY_END.search(text, start.end(), start.end() + _LONGEST)
    body, stop = _body(text, start.end(), end.start() if end is not None else len(text))
    if len(_decoded(body)) < _SHORTEST or has_run(body, 12):
        return None
    encrypted = re.search(r"Encryption: *none", text[header.start() : start.start()]) is None
    return Key(Span(header.start(), end.end() if end is not None else stop), "PuTTY", encrypted)


def _body(text: str, start: int, stop: int) -> tuple[str, int]:
    """The base64 text between two offsets, its pieces put together, and where it ends."""
    pieces: list[str] = []
    at = end = start
    while at < stop and (match := _PIECE.match(text, at, stop)) is not None:
        at = match.end()
        if match["piece"]:
            pieces.append(match["piece"])
            end = at
    return "".join(pieces), end


def _decoded(body: str) -> bytes:
    body = body.rstrip("=")
    try:
        return base64.b64decode(body[: len(body) - (len(body) % 4 == 1)] + "=" * (-len(body) % 4))
    except (binascii.Error, ValueError):
        return b""


def _is_key(body: str, kind: str, *, whole: bool, is_ciphertext: bool) -> bool:
    """Whether the text decodes to what this kind of key begins with, and is as long as it says."""
    data = _decoded(body)
    if len(data) < _SHORTEST or len(set(body)) < 20 or has_run(body, 24):
        return False
    if is_ciphertext:
        return True
    if kind == "OPENSSH":
        return data.startswith(b"openssh-key-v1\0") and len(data) > 100
    if kind.startswith("PGP"):
        return data[0] >= 0x80 and len(data) > 100
    if kind.startswith("SSH2"):
        return data.startswith(b"\x3f\x6f\xf9\xeb")
    return data[0] == 0x30 and (not whole or _der_length(data) == len(data))


_CHECKSUM = re.compile(r"=(?P<sum>[A-Za-z0-9+/]{4})(?![A-Za-z0-9+/])")
"""What OpenPGP puts behind a body: its sum, 3 bytes in base 64."""


def _crc24(data: bytes) -> int:
    """The checksum of OpenPGP's armor (RFC 9580, 6.1)."""
    found = 0xB704CE
    for byte in data:
        found ^= byte << 16
        for _ in range(8):
            found = (found << 1) ^ (0x1864CFB if found & 0x800000 else 0)
    return found & 0xFFFFFF


def _der_length(data: bytes) -> int:
    """How long the outermost element of a DER structure says that it is, its header included."""
    size = data[1]
    if size < 0x80:
        return 2 + size
    count = size & 0x7F
    return 2 + count + int.from_bytes(data[2 : 2 + count], "big")
