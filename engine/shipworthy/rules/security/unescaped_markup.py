from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from shipworthy import constants
from shipworthy.model import Severity
from shipworthy.rule import Found, Hit, Pass, hit_rule, py
from shipworthy.syntax import argument, dotted, function_around, text_of

_ESCAPING = re.compile(r"(?i)escape|sanitize|clean|format_html|render|urlencode|slugify|^as_(?:p|table|ul)$")


@hit_rule(
    "unescaped-markup",
    severity=Severity.WARNING,
    hits=("bandit:B308", "bandit:B703", "bandit:B704", "ruff:S308", "ruff:S704"),
    at="call",
    extract=constants.bindings,
    cwe=(79, 80),
    good=(
        py("""
            from django.utils.html import format_html
            from django.utils.safestring import mark_safe

            ICON = "<b>!</b>"

            def badge(name):
                return mark_safe("<hr>") + mark_safe(ICON) + format_html("<b>{}</b>", name)
        """),
        py("""
            from markupsafe import Markup, escape

            def badge(name):
                return Markup("<b>%s</b>") % name + Markup(f"<i>{escape(name)}</i>")

            def plain(text):
                return Markup(text).striptags()
        """),
    ),
    bad=(
        py("""
            from django.utils.safestring import mark_safe

            def badge(name):
                return «mark_safe("<b>" + name + "</b>")»
        """),
        py("""
            from markupsafe import Markup

            def badge(name):
                return «Markup(f"<b>{name}</b>")»
        """),
    ),
)
def unescaped_markup(run: Pass, hit: Hit, node: Node | None) -> Iterator[Found]:
    """A text with values in it is declared to be safe HTML.

    The template then prints it as it is. A `<script>` in a value runs in every visitor's browser, in
    the name of whoever is logged in.

    Instead, let the template escape values, or put them in with `format_html("<b>{}</b>", name)` or
    `Markup("<b>%s</b>") % name`. HTML that users write goes through a sanitiser first.
    """
    text = argument(node, 0) if node is not None else None
    if node is None or text is None or function_around(node) is None or _is_taken_apart(node):
        return
    parts = list(constants.unfixed(run, text, _is_escaped))
    if not parts:
        return
    name = next((f"`{name}`" for part in parts if (name := dotted(part))), "A value")
    yield run.finding(node, f"{name} is printed as HTML without being escaped: use `format_html` or the template.")


def _is_escaped(node: Node) -> bool:
    return node.type == "call" and _ESCAPING.search(dotted(node).rpartition(".")[2]) is not None


def _is_taken_apart(call: Node) -> bool:
    """Whether the text is not printed but made plain again."""
    method = call.parent.child_by_field_name("attribute") if call.parent is not None else None
    return method is not None and text_of(method) in {"striptags", "unescape"}
