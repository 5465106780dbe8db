"""Keys as tools write them and as people paste them; headers and truncated samples are no keys."""

from __future__ import annotations

import base64
import json
import random
import shutil
import subprocess
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

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


@pytest.mark.skipif(not shutil.which("ssh-keygen"), reason="ssh-keygen is not installed")
@pytest.mark.parametrize(("kind", "passphrase"), [("ed25519", ""), ("ed25519", "open sesame"), ("ecdsa", "")])
def test_finds_what_ssh_keygen_writes(tmp_path: Path, kind: str, passphrase: str) -> None:
    path = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", kind, "-N", passphrase, "-f", str(path)], check=True)
    text = path.read_text()
    (found,) = keys.keys(text)
    assert text[found.span.start : found.span.end] == text.rstrip("\n")
    assert (found.kind, found.encrypted) == ("OPENSSH", bool(passphrase))


@pytest.mark.skipif(not shutil.which("openssl"), reason="openssl is not installed")
@pytest.mark.parametrize(
    ("arguments", "kind", "encrypted"),
    [
        ("genpkey -algorithm ed25519", "", False),
        ("genpkey -algorithm rsa -pkeyopt rsa_keygen_bits:1024", "", False),
        ("genrsa -traditional 1024", "RSA", False),
        ("genrsa -traditional -aes128 -passout pass:x1y2 1024", "RSA", True),
        ("genpkey -algorithm ed25519 -aes256 -pass pass:x1y2", "ENCRYPTED", True),
        ("ecparam -name prime256v1 -genkey -noout", "EC", False),
    ],
)
def test_finds_what_openssl_writes(arguments: str, kind: str, encrypted: bool) -> None:
    done = subprocess.run(["openssl", *arguments.split()], capture_output=True, text=True, check=True)
    (found,) = keys.keys(done.stdout)
    assert (found.kind, found.encrypted) == (kind, encrypted)
