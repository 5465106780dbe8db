from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from tree_sitter import Node

from shipworthy.document import Block
from shipworthy.model import Severity, Span
from shipworthy.rule import Found, Hit, Pass, plain, py, text_rule
from shipworthy.secrets import cues, keys, repair
from shipworthy.secrets.context import is_documentation, spot
from shipworthy.secrets.keys import Key

_KINDS = frozenset({"RSA", "EC", "DSA", "OPENSSH", "PGP", "SSH2", "PuTTY"})


def _judged(run: Pass, key: Key | None) -> Iterator[Found]:
    if key is None:
        return
    severity = Severity.ERROR
    if run.in_test:
        severity = Severity.HINT
    elif key.encrypted or is_documentation(run.path):
        severity = Severity.WARNING
    details = [key.kind] if key.kind in _KINDS else []
    details += ["encrypted with a passphrase"] if key.encrypted else []
    shown = f" ({', '.join(details)})" if details else ""
    message = f"A private key{shown} stands in the repository: replace it by a new one, and keep that one outside."
    offers = repair.offers(run, spot(run.block, key.span), "PRIVATE_KEY")
    yield replace(run.finding(key.span, message, severity=severity, offers=offers), anchor=key.span)


def _places(text: Block, path: str) -> Iterator[Span]:
    """Where a header stands."""
    if cues.Kind.KEY in cues.find(text.text):
        yield from (Span(*header.span()) for header in keys.HEADER.finditer(text.text))


def _of_hit(run: Pass, hit: Hit, node: Node | None) -> Iterator[Found]:
    start = max(run.block.text.rfind("-----", 0, hit.span.start), 0)
    header = keys.HEADER.search(run.block.text, start)
    if header is not None and header.start() <= hit.span.end:
        yield from _judged(run, keys.key_at(run.block.text, header))


@text_rule(
    "private-key",
    severity=Severity.ERROR,
    pattern=keys.HEADER.pattern,
    keywords=keys.KEYWORDS,
    places=_places,
    hits=("detect-secrets:private-key",),
    check_hit=_of_hit,
    in_tests=True,
    absorbs=("hardcoded-password", "high-entropy-string"),
    cwe=(321,),
    bad=(
        plain(
            "deploy.key",
            "«-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEI<alnum*43>\n-----END PRIVATE KEY-----»\n",
        ),
        py(
            r"""
            import os

            KEY = "«-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEI<alnum*43>\n-----END PRIVATE KEY-----»"
            """,
            fixed="""
            import os

            KEY = os.environ["PRIVATE_KEY"]
            """,
        ),
        py(
            """
            KEY = (
                "«-----BEGIN PRIVATE KEY-----\\n"
                "MC4CAQAwBQYDK2VwBCIEI<alnum*43>\\n"
                "-----END PRIVATE KEY-----»\\n"
            )
            """
        ),
    ),
    good=(
        py('HEADER = "-----BEGIN PRIVATE KEY-----"'),
        py('if line.startswith("-----BEGIN RSA PRIVATE KEY-----"): pass'),
        plain("README.md", "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA...\n-----END RSA PRIVATE KEY-----\n"),
        plain("README.md", "-----BEGIN PRIVATE KEY-----\n<your key here>\n-----END PRIVATE KEY-----\n"),
        plain("public.pem", "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA<alnum*43>=\n-----END PUBLIC KEY-----\n"),
    ),
)
def private_key(run: Pass, header: re.Match[str]) -> Iterator[Found]:
    """A private key stands in the repository.

    Whoever has a copy can log in, sign or decrypt as the key's owner, and git keeps it for as long as
    the history exists.

    Replace the key where it is used, and keep the new one in a secret store or in a file that git
    ignores. A key that only tests use is better made when they run.
    """
    yield from _judged(run, keys.key_at(run.block.text, header))
