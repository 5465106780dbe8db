from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from shipworthy import fixes, naming
from shipworthy.model import Severity
from shipworthy.rule import Found, Hit, Pass, hit_rule, py

_SECURITY = re.compile(
    r"(?:^|_)(?:passw\w*|pwd|passphrase|secrets?|tokens?|sign|signs|signed|signatures?|signer|verify|auth|authenticate"
    r"|credentials?|licen[sc]e|csrf|salt(?:ed)?|hmac|mac|session|api_key|secret_key|certificates?)(?:_|$)"
)


@hit_rule(
    "weak-hash",
    severity=Severity.HINT,
    hits=("bandit:B303", "bandit:B324", "ruff:S303", "ruff:S324"),
    at="call",
    cwe=(327, 328),
    good=(
        py("""
            import hashlib

            def etag(content):
                return hashlib.md5(content, usedforsecurity=False).hexdigest()
        """),
        py("""
            import hashlib

            def checksum(content):
                return hashlib.sha256(content).hexdigest()
        """),
    ),
    bad=(
        py(
            """
            import hashlib

            def etag(content):
                return «hashlib.md5(content)».hexdigest()
            """,
            fixed="""
            import hashlib

            def etag(content):
                return hashlib.md5(content, usedforsecurity=False).hexdigest()
            """,
        ),
        py("""
            import hashlib

            def store(user, password):
                user.password = «hashlib.sha1(password.encode())».hexdigest()
        """),
        py("""
            from hashlib import new

            class Link:
                def signature(self, text):
                    return «new("md5", self.key + text)».hexdigest()
        """),
    ),
)
def weak_hash(run: Pass, hit: Hit, node: Node | None) -> Iterator[Found]:
    """A hash is made by MD5, SHA-1 or another function that is broken.

    Two texts with the same hash can be made at will, so a signature or a token made of it can be
    forged; and passwords behind it are guessed by the billion per second. As a key of a cache or to
    find changed files it is as good as any.

    Instead, hash passwords with `hashlib.scrypt` or argon2, sign with `hmac` and SHA-256. Where no
    attacker has a say, write `usedforsecurity=False`: that tells readers, and works where MD5 is barred.
    """
    if node is None:
        return
    if any(_SECURITY.search(name) for name in naming.around(node)) or "crypt" in run.name(node).split("."):
        message = "A broken hash protects something here: use scrypt or argon2 for passwords, HMAC-SHA256 to sign."
        yield run.finding(node, message, severity=Severity.WARNING)
        return
    offers = []
    if run.name(node).startswith("hashlib."):
        title = "Say that it is not for security: usedforsecurity=False"
        offers = [run.offer(title, lambda site: (fixes.add_argument(site, node, "usedforsecurity=False"),))]
    message = "This hash is broken: use SHA-256, or say `usedforsecurity=False` if no attacker has a say."
    yield run.finding(node, message, offers=offers)
