"""The quick fix of every secret rule: the literal becomes a look-up of an environment variable.

For Python, JavaScript and TypeScript. The fix is never safe: somebody has to set the variable.
"""

from __future__ import annotations

from collections.abc import Iterable

from tree_sitter import Node

from shipworthy.fixes import add_import
from shipworthy.language import BRACES
from shipworthy.model import Edit
from shipworthy.rule import Offer, Pass, Site
from shipworthy.secrets.context import Role, Spot, is_filled_in
from shipworthy.secrets.names import environment_variable, is_credential


def offers(run: Pass, spot: Spot, variable: str = "") -> tuple[Offer, ...]:
    """The fix for a value: only for a whole literal that a name, key or argument gets.

    The variable is called after that name; `variable` is for values whose name does not say what they are.
    """
    literal = spot.literal
    named = environment_variable(spot.name)
    name = named if is_credential(spot.name) or named.endswith("_KEY") else variable or named
    if literal is None or spot.role is not Role.GIVEN or not name or is_filled_in(literal):
        return ()
    if literal.parent is not None and literal.parent.type == "concatenated_string":
        return ()
    if run.block.language.id == "python":
        return (run.offer(f"Read it from the environment: {name}", lambda site: _python(site, literal, name)),)
    if run.block.language.id in BRACES:
        return (run.offer(f"Read it from the environment: {name}", lambda site: _javascript(site, literal, name)),)
    return ()


def _python(site: Site, literal: Node, name: str) -> Iterable[Edit]:
    module, edits = add_import(site, "os")
    prefix = (literal.children[0].text or b"").lower() if literal.children else b""
    ending = ".encode()" if b"b" in prefix else ""
    return (*edits, site.replace(literal, f'{module}.environ["{name}"]{ending}'))


def _javascript(site: Site, literal: Node, name: str) -> Iterable[Edit]:
    is_attribute = literal.parent is not None and literal.parent.type == "jsx_attribute"
    value = f"process.env.{name}"
    return (site.replace(literal, f"{{{value}}}" if is_attribute else value),)
