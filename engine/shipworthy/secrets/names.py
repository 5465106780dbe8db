"""What a name says of the value behind it: whether it is a credential, and what to call it outside.

Knows names only, never values.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


_SECRETS = _set("password passwd passphrase passcode pwd pass secret token apikey credential cred authorization")
_COMPOUNDS = (
    "password",
    "passwd",
    "passphrase",
    "passcode",
    "secret",
    "apikey",
    "accesskey",
    "authkey",
    "authtoken",
    "accesstoken",
)
"""How a name in lower case ends that says it without a border between the words: `dbpassword`."""

KEYS = _set(
    "access account admin aes api app auth authentication authorization client consumer cookie crypto database db "
    "deploy encrypt encryption fernet hmac jwt license master private secret service session shared sign signing "
    "storage subscription symmetric webhook"
)
"""What makes a `..._key` a credential, standing before it."""

_ASIDE = _set(
    "value val default prod production staging stage live main primary secondary old new current str string raw plain "
    "plaintext b64 base64 base hex admin root user local dev development"
)
"""Words behind a credential's name that do not turn it into something else, as in `PASSWORD_DEFAULT`."""

_HARMLESS_TOKENS = _set(
    "csrf xsrf page next prev previous continuation sync stop start end begin eos bos pad unk sep mask special "
    "delimiter cancel cancellation max min num total image prompt design theme color word request idempotency change"
)
"""What makes a `..._token` something other than a credential, standing before it."""


_HARMLESS_KEYS = _set(
    "public publishable primary foreign unique composite cache sort partition group lookup object row map dict sub "
    "hot short i18n translation message label site measurement search write index name field column routing event"
)
"""What makes a `..._key` something other than a credential, however random its value."""

_LONGEST = 60
"""Characters: what is longer is no name, and must not be shown as one."""


def words(name: str) -> list[str]:
    """The words of a name in snake, kebab or camel case, in lower case: `dbPassword2` is db, password, 2."""
    return [word.lower() for word in _WORD.findall(name)]


def is_credential(name: str) -> bool:
    """Whether a value under this name is meant to be secret.

    The last word decides: `password_field`, `secret_name` and `token_url` are not.
    """
    parts = [word for word in words(name) if not word.isdigit()]
    while len(parts) > 1 and parts[-1] in _ASIDE:
        parts.pop()
    if not parts or "public" in parts or len(name) > _LONGEST:
        return False
    if name == "_auth":
        return True
    last, before = parts[-1], parts[-2] if len(parts) > 1 else ""
    if last == "token":
        return before not in _HARMLESS_TOKENS
    if last == "key":
        return before in KEYS
    return last in _SECRETS or last.removesuffix("s") in _SECRETS or last.endswith(_COMPOUNDS)


def is_key(name: str) -> bool:
    """Whether a random value under this name is a key, as under `openai_key`: of whose, only its maker knows."""
    parts = [word for word in words(name) if not word.isdigit()]
    return len(parts) > 1 and parts[-1] == "key" and _HARMLESS_KEYS.isdisjoint(parts)


def is_issued(name: str) -> bool:
    """Whether a value under a credential's name may be a UUID: a bare `token` is as often a name for something."""
    parts = [word for word in words(name) if not word.isdigit()]
    return parts[-1:] != ["token"] or (len(parts) > 1 and parts[-2] in KEYS)


def environment_variable(name: str) -> str:
    """The name of an environment variable for the value under a name: `dbPassword` gives DB_PASSWORD."""
    return "_".join(_joined(words(name))).upper()


def _joined(parts: Sequence[str]) -> list[str]:
    """The words, with digits attached to the word before them: a name cannot begin with a digit."""
    found: list[str] = []
    for part in parts:
        if part.isdigit() and found:
            found[-1] += part
        elif not part.isdigit():
            found.append(part)
    return found
