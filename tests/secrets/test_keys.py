"""Keys as tools write them and as people paste them; headers and truncated samples are no keys."""

from __future__ import annotations

import base64
import json
import random
import textwrap
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from shipworthy.secrets import keys

SIZES = (48, 121, 610, 1190, 2350)


def armoured(size: int, kind: str = "RSA ", seed: int = 0) -> str:
    """A made-up key of the right structure: an ASN.1 sequence of random bytes."""
    inside = random.Random(f"{size} {seed}").randbytes(size)
    length = bytes([size]) if size < 0x80 else b"\x82" + size.to_bytes(2, "big")
    body = base64.b64encode(b"\x30" + length + inside).decode()
    return "\n".join(
        [f"-----BEGIN {kind}PRIVATE KEY-----", *textwrap.wrap(body, 64), f"-----END {kind}PRIVATE KEY-----"]
    )


FORMS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "with CR LF": lambda key: key.replace("\n", "\r\n"),
    "indented": lambda key: "key: |\n" + textwrap.indent(key, "    ") + "\n",
    "escaped": lambda key: 'KEY = "' + key.replace("\n", "\\n") + '\\n"',
    "as JSON in JSON": lambda key: json.dumps(json.dumps({"private_key": key})),
    "line by line": lambda key: "KEY = (\n" + "".join(f'    "{line}\\n"\n' for line in key.split("\n")) + ")",
    "put together": lambda key: " +\n".join(f'  "{line}\\n"' for line in key.split("\n")),
    "in one line": lambda key: "KEY=" + key.replace("\n", " "),
    "in a comment": lambda key: textwrap.indent(key, "# "),
    "in a comment of another language": lambda key: textwrap.indent(key, "// "),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("size", SIZES)
def test_finds_a_whole_key_in_every_form(form: str, size: int) -> None:
    text = "before\n" + FORMS[form](armoured(size)) + "\nafter"
    found = [text[key.span.start : key.span.end] for key in keys.keys(text)]
    assert len(found) == 1
    assert found[0].startswith("-----BEGIN RSA") and found[0].endswith("PRIVATE KEY-----")


@pytest.mark.parametrize(
    "text",
    [
        "-----BEGIN PRIVATE KEY-----",
        'if line == "-----BEGIN RSA PRIVATE KEY-----": end = "-----END RSA PRIVATE KEY-----"',
        "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA...\n-----END RSA PRIVATE KEY-----",
        "-----BEGIN PRIVATE KEY-----\n<paste the key here>\n-----END PRIVATE KEY-----",
        "-----BEGIN PRIVATE KEY-----\n" + "x" * 64 + "\n-----END PRIVATE KEY-----",
        armoured(610).replace("RSA PRIVATE", "PUBLIC"),
        "\n".join([*armoured(1190).split("\n")[:8], "-----END RSA PRIVATE KEY-----"]),
    ],
)
def test_what_is_no_key(text: str) -> None:
    assert list(keys.keys(text)) == []


def test_a_key_that_is_cut_off_is_still_a_key() -> None:
    assert len(list(keys.keys(armoured(1190)[:700]))) == 1


def passphrase() -> bytes:
    return "".join(random.Random(3).choices("abcdefgh ", k=12)).encode()


def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 1024)  # it guards nothing, and larger ones take long


WRITTEN: list[tuple[Callable[[], PrivateKeyTypes], PrivateFormat, bool, str]] = [
    (ed25519.Ed25519PrivateKey.generate, PrivateFormat.OpenSSH, False, "OPENSSH"),
    (ed25519.Ed25519PrivateKey.generate, PrivateFormat.OpenSSH, True, "OPENSSH"),
    (lambda: ec.generate_private_key(ec.SECP256R1()), PrivateFormat.OpenSSH, False, "OPENSSH"),
    (ed25519.Ed25519PrivateKey.generate, PrivateFormat.PKCS8, False, ""),
    (rsa_key, PrivateFormat.PKCS8, False, ""),
    (rsa_key, PrivateFormat.TraditionalOpenSSL, False, "RSA"),
    (rsa_key, PrivateFormat.TraditionalOpenSSL, True, "RSA"),
    (ed25519.Ed25519PrivateKey.generate, PrivateFormat.PKCS8, True, "ENCRYPTED"),
    (lambda: ec.generate_private_key(ec.SECP256R1()), PrivateFormat.TraditionalOpenSSL, False, "EC"),
]
"""What ssh-keygen and openssl write: how a key is made, its form, whether it is encrypted, what its header says."""


@pytest.mark.parametrize(("make", "form", "encrypted", "kind"), WRITTEN)
def test_finds_real_keys_in_all_their_forms(
    make: Callable[[], PrivateKeyTypes], form: PrivateFormat, encrypted: bool, kind: str
) -> None:
    how = BestAvailableEncryption(passphrase()) if encrypted else NoEncryption()
    text = make().private_bytes(Encoding.PEM, form, how).decode()
    (found,) = keys.keys(text)
    assert text[found.span.start : found.span.end] == text.rstrip("\n")
    assert (found.kind, found.encrypted) == (kind, encrypted)


def with_sum(lines: list[str], data: bytes) -> str:
    """Lines in OpenPGP's armor, with the checksum of some data as the tools of the day compute it."""
    crc = 0xB704CE
    for byte in data:
        crc ^= byte << 16
        for _ in range(8):
            crc = crc << 1 ^ (0x1864CFB if crc & 0x800000 else 0)
    total = base64.b64encode((crc & 0xFFFFFF).to_bytes(3, "big")).decode()
    header = ["-----BEGIN PGP PRIVATE KEY BLOCK-----", ""]
    return "\n".join([*header, *lines, f"={total}", "-----END PGP PRIVATE KEY BLOCK-----"])


@pytest.mark.parametrize("form", FORMS)
def test_a_key_of_which_lines_are_left_out_is_none(form: str) -> None:
    data = b"\x95" + random.Random(form).randbytes(900)
    lines = textwrap.wrap(base64.b64encode(data).decode(), 64)
    assert len(list(keys.keys(FORMS[form](with_sum(lines, data))))) == 1
    assert not list(keys.keys(FORMS[form](with_sum([*lines[:2], ".", ".", *lines[-2:]], data))))
