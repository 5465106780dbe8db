"""Checks that a provider has built into its tokens: a value in, whether it holds out."""

from __future__ import annotations

import base64
import binascii
import json
import string
import zlib

_BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase
_CHECK_DIGITS = 6


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
    """Whether a token is signed, its payload a JSON object, and its header one that names the algorithm."""
    parts = token.split(".")
    if len(parts) != 3 or not parts[2]:
        return False
    header, payload = (_json(part) for part in parts[:2])
    return isinstance(header, dict) and "alg" in header and isinstance(payload, dict)


def discord_token(token: str) -> bool:
    """Whether the first part of a token is a user's number in base 64."""
    return _decoded(token.partition(".")[0]).isdigit()


def _json(part: str) -> object:
    try:
        return json.loads(_decoded(part))
    except ValueError:
        return None


def _decoded(part: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except (binascii.Error, ValueError):
        return b""
