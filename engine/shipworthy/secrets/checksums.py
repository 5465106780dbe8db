"""Checks that a provider has built into its tokens: whether a value holds out, and how to make one that does."""

from __future__ import annotations

import base64
import binascii
import json
import string
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

_BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase
_CHECK_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Check:
    """A check of a token. `certain`: what fails it is no such token; else it was mistyped or made up.

    `completed` turns a value of the right form into one that passes.
    """

    is_valid: Callable[[str], bool]
    completed: Callable[[str], str]
    certain: bool = False


def crc32_base62(token: str) -> bool:
    """Whether the last six characters are the CRC-32 of what stands between prefix and them, in base 62.

    GitHub's and npm's tokens: https://github.blog/engineering/behind-githubs-new-authentication-token-formats/
    """
    body = token.rpartition("_")[2]
    return body[-_CHECK_DIGITS:] == check_digits(body[:-_CHECK_DIGITS])


def check_digits(body: str) -> str:
    """The six check digits of the random part of such a token."""
    number = zlib.crc32(body.encode())
    digits = ""
    while number:
        number, digit = divmod(number, len(_BASE62))
        digits = _BASE62[digit] + digits
    return digits.rjust(_CHECK_DIGITS, "0")


def json_web_token(token: str) -> bool:
    """Whether a token is signed, its payload a JSON object, and its header one that names the algorithm.

    The one that jwt.io shows to everybody, of the user 1234567890, is none.
    """
    parts = token.split(".")
    if len(parts) != 3 or not parts[2]:
        return False
    header, payload = (_json(part) for part in parts[:2])
    return (
        isinstance(header, dict)
        and "alg" in header
        and isinstance(payload, dict)
        and payload.get("sub") != "1234567890"
    )


def discord_token(token: str) -> bool:
    """Whether the first part of a token is a user's number in base 64."""
    return _decoded(token.partition(".")[0]).isdigit()


def _with_check_digits(token: str) -> str:
    prefix, joint, body = token.rpartition("_")
    return prefix + joint + body[:-_CHECK_DIGITS] + check_digits(body[:-_CHECK_DIGITS])


def _with_payload(token: str) -> str:
    parts = token.split(".")
    header, payload = {"alg": "HS256", "typ": "JWT"}, {"sub": parts[1]}
    return ".".join((_encoded(json.dumps(header)), _encoded(json.dumps(payload)), parts[2]))


def _with_user(token: str) -> str:
    number = str(zlib.crc32(token.encode()) + 914_360_732_810_715_136)
    return ".".join((_encoded(number), *token.split(".")[1:]))


def _json(part: str) -> Mapping[str, object] | None:
    try:
        found: Any = json.loads(_decoded(part))
    except ValueError:
        return None
    return cast("dict[str, object]", found) if isinstance(found, dict) else None


def _encoded(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _decoded(part: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except (binascii.Error, ValueError):
        return b""


CHECKS: Mapping[str, Check] = {
    "crc32-base62": Check(crc32_base62, _with_check_digits),
    "json-web-token": Check(json_web_token, _with_payload, certain=True),
    "discord": Check(discord_token, _with_user, certain=True),
}
"""The checks by the names that the tables of formats use."""
