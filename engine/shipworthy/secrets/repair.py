"""The quick fix of every secret rule: the value moves to `.env`, and the code reads it from the environment.

The code reads it in the way that the project has: pydantic-settings, django-environ, python-decouple
or `os.environ` in Python, `process.env` or `import.meta.env` in JavaScript and TypeScript, `${NAME}` in YAML.
The fix is never safe: somebody has to load `.env` where the program runs, and to revoke the old value.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from tree_sitter import Node

from shipworthy import syntax
from shipworthy.fixes import add_import
from shipworthy.language import BRACES
from shipworthy.model import Edit, Span
from shipworthy.rule import Offer, Pass, Site
from shipworthy.secrets.companions import companions, free_name
from shipworthy.secrets.context import Role, Spot, is_filled_in
from shipworthy.secrets.names import environment_variable, is_credential

_YAML = frozenset({".yml", ".yaml"})
_ADDRESS = re.compile(r"_?(?:URL|URI|DSN)$")
_MANIFEST = re.compile(r"^apiVersion:[ \t]*\S", re.MULTILINE)
"""What Kubernetes reads, which puts no variable into it: `${NAME}` would be the password from then on."""

_WORKFLOW = re.compile(r"(?:^|/)\.github/(?:workflows|actions)/")

Replace = Callable[[Site, str], Iterable[Edit]]
"""`replace(site, name)`: the edits that put a look-up of a name in the place of a value."""


@dataclass(frozen=True)
class _Repair:
    """`value`: as it is at run time. `is_bound`: the code fixes the name of the variable, no other one will do."""

    replace: Replace
    value: str
    is_bound: bool = False


def offers(run: Pass, spot: Spot, variable: str = "", revoke: str = "") -> tuple[Offer, ...]:
    """The fix for a value: only for a whole literal, or a whole value in YAML, that a name, key or argument gets.

    The variable is called after that name; `variable` is for values whose name does not say what they
    are. `revoke`: where the old value is made worthless.
    """
    named = environment_variable(spot.name)
    name = named if is_credential(spot.name) or named.endswith("_KEY") else variable or named
    if spot.role is Role.FALLBACK and re.fullmatch(r"[A-Z][A-Z0-9_]*", spot.name):
        name = spot.name
    if name and run.block.language.id in BRACES and _is_bundled(run):
        name = f"VITE_{name.removeprefix('VITE_')}"
    repair = _repair(run, spot) if name else None
    if repair is None:
        return ()
    if spot.literal is None and _is_within_address(run, spot):
        name = f"{_ADDRESS.sub('', name)}_PASSWORD".lstrip("_")
    title = f"Read it from the environment: {name}"
    if name.startswith("VITE_"):
        title += " (whoever opens the page can still read it there)"
    if revoke:
        title += f" (and revoke the old one: {revoke})"

    def edits(site: Site) -> Iterator[Edit]:
        if _WORKFLOW.search(run.path):
            yield from repair.replace(site, name)
            return
        free = free_name(run.path, name, repair.value, site.read)
        if free == name or not repair.is_bound:
            yield from repair.replace(site, free)
            yield from companions(run.path, free, repair.value, site.read)

    return (run.offer(title, edits),)


def _is_within_address(run: Pass, spot: Spot) -> bool:
    """Whether a value is the password within an address, so that the rest of the address stays."""
    line = run.block.text.rfind("\n", 0, spot.span.start) + 1
    return re.search(r"://[^\s@]*$", run.block.text[line : spot.span.start]) is not None


def _repair(run: Pass, spot: Spot) -> _Repair | None:
    """How to replace a value by a look-up, if that can be done."""
    literal, language = spot.literal, run.block.language.id
    if literal is None:
        return _in_yaml(run, spot)
    if is_filled_in(literal) or (literal.parent is not None and literal.parent.type == "concatenated_string"):
        return None
    value = _value(run.text(literal))
    if value is None or spot.role not in {Role.GIVEN, Role.FALLBACK}:
        return None
    if spot.role is Role.FALLBACK:
        replace = _without_default(run, literal) if language == "python" else None
        replace = _first_choice(run, literal) if language in BRACES else replace
        return _Repair(replace, value, is_bound=True) if replace is not None else None
    if language == "python":
        field = _settings_field(run, literal)
        if field is not None:
            return _Repair(lambda site, name: _field(site, field, literal), value, is_bound=True)
        return _Repair(lambda site, name: _python(site, literal, name), value)
    if language in BRACES:
        return _Repair(lambda site, name: _javascript(site, literal, _from_environment(run, name)), value)
    return None


def _in_yaml(run: Pass, spot: Spot) -> _Repair | None:
    if PurePosixPath(run.path).suffix not in _YAML or spot.role is not Role.GIVEN or _MANIFEST.search(run.block.text):
        return None
    shape = "${{ secrets.NAME }}" if _WORKFLOW.search(run.path) else "${NAME}"
    value = run.block.text[spot.span.start : spot.span.end]
    return _Repair(lambda site, name: (site.replace(spot.span, shape.replace("NAME", name)),), value)


def _is_bundled(run: Pass) -> bool:
    """Whether the code runs in a browser, with variables that Vite puts into it."""
    return "import.meta.env" in run.block.text


def _from_environment(run: Pass, name: str) -> str:
    return f"import.meta.env.{name}" if _is_bundled(run) else _present(run, f"process.env.{name}")


def _present(run: Pass, value: str) -> str:
    """A value that TypeScript takes for perhaps undefined, as what it was before: a text."""
    if run.block.language.id == "javascript":
        return value
    return f"{value}!" if re.fullmatch(r"[\w.]+|[\w.]+\[[^\]]*\]", value) else f"({value})!"


def _value(source: str) -> str | None:
    """What a literal stands for; None if that cannot be told."""
    try:
        found = ast.literal_eval(source.replace("`", "'''") if source.startswith("`") else source)
    except (SyntaxError, ValueError):
        return None
    if isinstance(found, bytes):
        found = found.decode("utf-8", "replace")
    return found if isinstance(found, str) else None


def _python(site: Site, literal: Node, name: str) -> Iterable[Edit]:
    prefix = (literal.children[0].text or b"").lower() if literal.children else b""
    ending = ".encode()" if b"b" in prefix else ""
    text = site.document.text
    environ = re.search(r"^(\w+)\s*(?::[^=\n]+)?=\s*(?:environ\.)?(?:Env|FileAwareEnv)\(", text, re.MULTILINE)
    if environ is not None and "environ" in text:
        return (site.replace(literal, f'{environ[1]}("{name}"){ending}'),)
    if "decouple" in text or _depends_on(site, "python-decouple"):
        look_up, edits = add_import(site, "decouple", "config")
        return (*edits, site.replace(literal, f'{look_up}("{name}"){ending}'))
    module, edits = add_import(site, "os")
    return (*edits, site.replace(literal, f'{module}.environ["{name}"]{ending}'))


def _field(site: Site, field: Node, literal: Node) -> Iterable[Edit]:
    return (site.replace(Span(site.block.span(field).end, site.block.span(literal).end), ""),)


def _settings_field(run: Pass, literal: Node) -> Node | None:
    """The type of a field of pydantic's settings that has the literal as its default: such a field reads itself."""
    assignment = literal.parent
    if assignment is None or assignment.type != "assignment":
        return None
    around = syntax.enclosing(assignment, ("class_definition", "function_definition"))
    bases = around.child_by_field_name("superclasses") if around is not None else None
    if around is None or bases is None or "BaseSettings" not in syntax.text_of(bases):
        return None
    return assignment.child_by_field_name("type") if "env_prefix" not in run.block.text else None


def _depends_on(site: Site, package: str) -> bool:
    """Whether the project says that it needs a package."""
    return any(package in (site.read(file) or "") for file in ("pyproject.toml", "requirements.txt", "Pipfile"))


def _without_default(run: Pass, literal: Node) -> Replace | None:
    """Take the default out of `os.environ.get("NAME", "...")` and its like."""
    argument = literal.parent if literal.parent is not None and literal.parent.type == "keyword_argument" else literal
    arguments = argument.parent
    call = arguments.parent if arguments is not None and arguments.type == "argument_list" else None
    callee = syntax.dotted(call.child_by_field_name("function")) if call is not None else ""
    if call is None or not re.search(r"(?:environ\.get|getenv|config|env(?:\.str)?)\Z", callee):
        return None
    before = argument.prev_named_sibling
    if before is None or argument.next_named_sibling is not None:
        return None
    key = run.text(before)
    if callee.endswith("environ.get"):
        return lambda site, name: (site.replace(call, f"{callee.removesuffix('.get')}[{key}]"),)
    if callee.endswith("getenv"):
        owner = callee.removesuffix("getenv")
        return (lambda site, name: (site.replace(call, f"{owner}environ[{key}]"),)) if owner else None
    return lambda site, name: (site.replace(Span(site.block.span(before).end, site.block.span(argument).end), ""),)


def _first_choice(run: Pass, literal: Node) -> Replace | None:
    """Take the second choice out of `process.env.NAME || "..."`."""
    choice = literal.parent
    left = choice.child_by_field_name("left") if choice is not None and choice.type == "binary_expression" else None
    if choice is None or left is None or "env" not in run.text(left):
        return None
    text = run.text(left) if "import.meta.env" in run.text(left) else _present(run, run.text(left))
    return lambda site, name: (site.replace(choice, text),)


def _javascript(site: Site, literal: Node, value: str) -> Iterable[Edit]:
    is_attribute = literal.parent is not None and literal.parent.type == "jsx_attribute"
    return (site.replace(literal, f"{{{value}}}" if is_attribute else value),)
