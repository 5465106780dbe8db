from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from tree_sitter import Node

from shipworthy import fixes
from shipworthy.document import Block
from shipworthy.model import Severity
from shipworthy.rule import Found, Hit, Offer, Pass, hit_rule, py
from shipworthy.syntax import keyword_arguments

_PAGES = re.compile(
    r"(?i)html|(?m:^\s*(?:from|import)\s+(?:flask|fastapi|django|starlette|aiohttp|sanic|tornado|quart|bottle|falcon)\b)"
)


def _words(block: Block) -> Iterable[str]:
    """The word `pages` if the block has to do with HTML or with a web framework."""
    return ("pages",) if _PAGES.search(block.text) is not None else ()


@hit_rule(
    "template-without-autoescape",
    severity=Severity.HINT,
    hits=("bandit:B701", "ruff:S701"),
    at="call",
    extract=_words,
    cwe=(79, 116),
    bad=(
        py(
            """
            from jinja2 import Environment, FileSystemLoader

            pages = «Environment(loader=FileSystemLoader("templates"))»

            def page(user):
                return pages.get_template("user.html").render(user=user)
            """,
            fixed="""
            from jinja2 import Environment, FileSystemLoader

            pages = Environment(loader=FileSystemLoader("templates"), autoescape=True)

            def page(user):
                return pages.get_template("user.html").render(user=user)
            """,
        ),
    ),
    good=(
        py("""
            from jinja2 import Environment, FileSystemLoader, select_autoescape

            pages = Environment(loader=FileSystemLoader("templates"), autoescape=select_autoescape())

            def page(user):
                return pages.get_template("user.html").render(user=user)
        """),
        py("""
            from jinja2 import Environment, FileSystemLoader

            sources = Environment(loader=FileSystemLoader("templates"))

            def makefile(names):
                return sources.get_template("Makefile").render(names=names)
        """),
    ),
)
def template_without_autoescape(run: Pass, hit: Hit, node: Node | None) -> Iterator[Found]:
    """Templates of pages print values as they are.

    A `<script>` in a value runs in the browser of everybody who looks at the page, in their name.

    Instead, make the environment with `autoescape=True`, or `select_autoescape()` if it also makes plain text.
    """
    if node is None or "pages" not in run.facts[run.rule.id] or "**" in keyword_arguments(node):
        return
    offers: tuple[Offer, ...] = ()
    if "autoescape" not in keyword_arguments(node):
        offers = (run.offer("Escape values", lambda site: (fixes.add_argument(site, node, "autoescape=True"),)),)
    message = "Values are printed into the page as they are: make the environment with autoescape=True."
    yield run.finding(node, message, offers=offers)
