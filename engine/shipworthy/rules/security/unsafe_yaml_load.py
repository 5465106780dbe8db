from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from shipworthy import constants, fixes
from shipworthy.model import Edit, Severity
from shipworthy.rule import Found, Hit, Offer, Pass, Site, hit_rule, py
from shipworthy.syntax import argument, dotted, text_of

_SAFE = frozenset({"SafeLoader", "CSafeLoader", "BaseLoader", "CBaseLoader"})
_CAREFUL = frozenset({"FullLoader", "CFullLoader"})
"""Refuses what is known to run code; holes in it were found more than once."""


@hit_rule(
    "unsafe-yaml-load",
    severity=Severity.WARNING,
    hits=("bandit:B506", "ruff:S506"),
    at="call",
    extract=constants.bindings,
    cwe=(502,),
    good=(
        py("""
            import yaml

            def read(file):
                return yaml.safe_load(file), yaml.load(file, Loader=yaml.CSafeLoader)
        """),
        py("""
            import yaml
            from yaml import CSafeLoader as Loader

            class Strict(yaml.SafeLoader):
                pass

            def read(file):
                return yaml.load(file, Loader), yaml.load(file, Loader=Strict)
        """),
        py("""
            import yaml

            DEFAULTS = yaml.load("retries: 3", Loader=yaml.FullLoader)
        """),
    ),
    bad=(
        py(
            """
            import yaml

            def read(file):
                return «yaml.load(file, Loader=yaml.Loader)»
            """,
            fixed="""
            import yaml

            def read(file):
                return yaml.safe_load(file)
            """,
        ),
        py(
            """
            from yaml import load

            def read(file):
                return «load(file)»
            """,
            fixed="""
            import yaml
            from yaml import load

            def read(file):
                return yaml.safe_load(file)
            """,
        ),
    ),
)
def unsafe_yaml_load(run: Pass, hit: Hit, node: Node | None) -> Iterator[Found]:
    """YAML is read by a loader that makes any Python object the text asks for.

    `!!python/object/apply:os.system ["..."]` in the text runs that command. Whoever writes the file
    or the request runs code in this program.

    Instead, use `yaml.safe_load`, which makes numbers, texts, lists and mappings. Types of your own
    can be added to a subclass of `SafeLoader`.
    """
    if node is None:
        return
    data, loader = argument(node, 0, "stream"), argument(node, 1, "Loader")
    if data is None or constants.is_fixed(run, data) or (loader is not None and _is(run, loader, _SAFE)):
        return
    is_unknown = loader is not None and not run.name(loader)  # a variable may hold a safe one
    is_careful = is_unknown or (loader is not None and _is(run, loader, _CAREFUL))
    message = "This loader makes any Python object that the text asks for: call `yaml.safe_load`."
    yield run.finding(node, message, severity=Severity.HINT if is_careful else None, offers=_offers(run, node, data))


def _is(run: Pass, loader: Node, names: frozenset[str]) -> bool:
    """Whether a loader is one of `names`, or a class of the project that is made from one."""
    if (run.name(loader) or dotted(loader)).rpartition(".")[2] in names:
        return True
    made = run.facts.find(dotted(loader))
    return made is not None and any(base.rpartition(".")[2] in names for base in made.bases)


def _offers(run: Pass, call: Node, data: Node) -> tuple[Offer, ...]:
    function = call.child_by_field_name("function")

    def edits(site: Site) -> Iterator[Edit]:
        module, needed = fixes.add_import(site, "yaml")
        yield from needed
        yield site.replace(call, f"{module}.safe_load({text_of(data)})")

    is_plain = function is not None and run.name(function) == "yaml.load"
    return (run.offer("Read it with yaml.safe_load", edits),) if is_plain else ()
