from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from shipworthy import fixes, naming
from shipworthy.model import Severity
from shipworthy.rule import Found, Hit, Pass, hit_rule, py
from shipworthy.syntax import is_within

_PASSWORD = re.compile(r"(?:^|_)(?:passw\w*|pwd|passphrase|credentials?)(?:_|$)")
_SIGNATURE = re.compile(
    r"(?:^|_)(?:secrets?|tokens?|sign|signs|signed|signatures?|signer|verify|auth|authenticate"
    r"|licen[sc]e|csrf|salt(?:ed)?|hmac|mac|session|api_key|secret_key|certificates?)(?:_|$)"
)
_NO_SECRET = re.compile(
    r"(?:^|_)(?:cached?|checksums?|sums?|file\w*|path\w*|name|dump|etag|bucket|shard|colou?r|avatar|gravatar|dedup\w*"
    r"|duplicate\w*|unchanged|changed|thumb\w*|uu?id|version|revision)(?:_|$)"
)
"""Names of what no attacker has a say in."""


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

            def digest(content):
                return hashlib.sha256(content).hexdigest()
        """),
        py("""
            import hashlib

            def cache_path(url):
                return hashlib.md5(url.encode()).hexdigest()
        """),
    ),
    bad=(
        py(
            """
            import hashlib

            def digest(content):
                return «hashlib.md5(content)».hexdigest()
            """,
            fixed="""
            import hashlib

            def digest(content):
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
    names = list(naming.around(node))
    is_password = any(map(_PASSWORD.search, names))
    is_sent = is_within(node, "pair")  # in a message to a server that dictates the hash
    if (is_password and not is_sent) or "crypt" in run.name(node).split("."):
        message = "Passwords behind this hash are guessed by the billion per second: use scrypt or argon2."
        yield run.finding(node, message, severity=Severity.WARNING)
        return
    if is_password or any(map(_SIGNATURE.search, names)):
        message = "A signature made of this hash can be forged: use HMAC with SHA-256 if the choice is yours."
        yield run.finding(node, message)
        return
    if any(map(_NO_SECRET.search, names)):
        return
    offers = []
    if run.name(node).startswith("hashlib."):
        title = "Say that it is not for security: usedforsecurity=False"
        offers = [run.offer(title, lambda site: (fixes.add_argument(site, node, "usedforsecurity=False"),))]
    message = "This hash is broken: use SHA-256, or say `usedforsecurity=False` if no attacker has a say."
    yield run.finding(node, message, offers=offers)
