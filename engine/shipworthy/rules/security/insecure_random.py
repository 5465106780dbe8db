from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from shipworthy import fixes, naming
from shipworthy.model import Edit, Severity
from shipworthy.rule import Found, Hit, Offer, Pass, Site, hit_rule, py
from shipworthy.syntax import enclosing

_SECRET = re.compile(
    r"(?:^|_)(?:passw\w*|pwd|passphrase|secrets?|otp|totp|salt|csrf|credentials?|captcha|session_(?:id|key)"
    r"|api_?key|(?:secret|private|public|encryption|signing|auth|access|licen[sc]e|activation)_key|keygen"
    r"|(?:verification|reset|invite|invitation|confirmation|activation|recovery|access|pin|security)_code"
    r"|(?:\w+_)?token(?:_hex|_id|_value)?)(?:_|$)"
)
_SAME_IN_SECRETS = frozenset({"random.choice"})


def _with_secrets(run: Pass, call: Node) -> tuple[Offer, ...]:
    function = call.child_by_field_name("function")
    if function is None or run.name(call) not in _SAME_IN_SECRETS:
        return ()

    def edits(site: Site) -> Iterator[Edit]:
        module, needed = fixes.add_import(site, "secrets")
        yield from needed
        yield site.replace(function, f"{module}.choice")

    return (run.offer("Choose with the module secrets", edits),)


@hit_rule(
    "insecure-random",
    severity=Severity.WARNING,
    hits=("bandit:B311", "ruff:S311"),
    at="call",
    cwe=(330, 338),
    good=(
        py("""
            import random

            def delay(attempt):
                return 2**attempt + random.uniform(0, 1)
        """),
        py("""
            import secrets

            def reset_token():
                return secrets.token_urlsafe(32)
        """),
        py("""
            import random

            class Player:
                def get_token(self, video):
                    number = random.randint(0, 99)
                    self.access_token = self.fetch(video, headers={"Device": str(number)})
                    return self.access_token
        """),
        py("""
            import random

            def mask(tokens):
                return [token if random.random() < 0.85 else None for token in tokens]
        """),
    ),
    bad=(
        py(
            """
            import random
            import string

            def reset_token():
                return "".join(«random.choice(string.ascii_letters)» for _ in range(32))
            """,
            fixed="""
            import random
            import secrets
            import string

            def reset_token():
                return "".join(secrets.choice(string.ascii_letters) for _ in range(32))
            """,
        ),
        py("""
            from random import randint

            class User:
                def invite(self):
                    self.verification_code = «randint(100000, 999999)»
        """),
    ),
)
def insecure_random(run: Pass, hit: Hit, node: Node | None) -> Iterator[Found]:
    """A password, token or key is chosen by the module random.

    Its numbers follow from its state, and who sees enough of them computes the ones to come:
    the next user's reset link, for instance.

    Instead, use the module secrets: `secrets.token_urlsafe()`, `secrets.choice()`, `secrets.randbelow()`.
    """
    if node is None or enclosing(node, {"comparison_operator", "if_statement", "block"}) is None:
        return
    if _is_compared(node) or not any(_SECRET.search(name) for name in naming.given(node)):
        return
    message = "The numbers of `random` can be computed from earlier ones: use the module `secrets` for this."
    yield run.finding(node, message, offers=_with_secrets(run, node))


def _is_compared(call: Node) -> bool:
    """Whether the number only decides about something, as in `random() < 0.1`."""
    return call.parent is not None and call.parent.type == "comparison_operator"
