"""What stands around a function's body: its parameters, annotations and decorators."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Sequence

from tree_sitter import Node

from shipworthy.escape import startups
from shipworthy.escape.expressions import Expressions, literal
from shipworthy.escape.ir import Decorator, Parameter, Path
from shipworthy.facts.given import stands_for_nothing
from shipworthy.syntax import text_of, walk

EXISTING = "existing path"
"""The annotation of a parameter that a framework has checked to be there."""

_OPTION = re.compile(r"-{1,2}[a-zA-Z][\w-]{0,40}")
_TYPED = frozenset({"typed_parameter", "typed_default_parameter"})
_DEFAULT = frozenset({"default_parameter", "typed_default_parameter"})
_SPLATS = {"list_splat_pattern": "*", "dictionary_splat_pattern": "**"}
_SUPPLIED = re.compile(r"\b(?:Depends|Security)\(")


def annotation_path(node: Node | None, expressions: Expressions) -> Path:
    """The type that an annotation names: of `X | None`, `Optional[X]` and `Annotated[X, ...]` it is X."""
    if node is None:
        return ""
    inner = node.named_children[0] if node.type == "type" and node.named_children else node
    if inner.type in {"identifier", "attribute"}:
        return expressions.path(inner)
    if inner.type == "string":
        text = (literal(expressions, inner) or "").strip()
        return text if text.replace(".", "").replace("_", "").isalnum() else ""
    if inner.type == "binary_operator":
        sides = [annotation_path(child, expressions) for child in inner.named_children]
        return next((side for side in sides if side), "")
    if inner.type in {"generic_type", "subscript"}:
        outer = text_of(inner.named_children[0]).rpartition(".")[2]
        if outer in {"Optional", "Annotated", "Awaitable", "Union"} and len(inner.named_children) > 1:
            parameter = inner.named_children[1]
            first = parameter.named_children[0] if parameter.type == "type_parameter" else parameter
            return annotation_path(first, expressions)
        return expressions.path(inner.named_children[0])
    return ""


def parameters_of(node: Node, expressions: Expressions) -> Iterator[Parameter]:
    """The parameters of a function definition."""
    parameters = node.child_by_field_name("parameters")
    for parameter in parameters.named_children if parameters is not None else ():
        kind, text = parameter.type, expressions.text(parameter)
        if kind == "identifier":
            yield _plain(text)
            continue
        name = parameter.named_children[0] if parameter.named_child_count else None
        if name is None or kind == "comment":
            continue
        annotation = annotation_path(parameter.child_by_field_name("type"), expressions) if kind in _TYPED else ""
        value = parameter.child_by_field_name("value") if kind in _DEFAULT else None
        default = expressions.path(value) if value is not None else ""
        splat = _SPLATS.get(kind) or _SPLATS.get(name.type, "")
        if "exists=True" in text:
            annotation = EXISTING
        yield Parameter(
            expressions.text(name).lstrip("*"),
            annotation,
            splat,
            default,
            _supplier(parameter, text, expressions),
            value.type if value is not None and stands_for_nothing(value) else "",
        )


@functools.lru_cache(10_000)
def _plain(name: str) -> Parameter:
    """A parameter of which the function says nothing but its name; most share theirs with others."""
    return Parameter(name)


def _supplier(parameter: Node, text: str, expressions: Expressions) -> Path:
    """What `Depends(...)` names, be it the default or within the annotation."""
    if "(" not in text or not _SUPPLIED.search(text):
        return ""
    for node in walk(parameter):
        if node.type == "call" and text_of(node.named_children[0]).rpartition(".")[2] in {"Depends", "Security"}:
            arguments = node.named_children[-1].named_children
            return expressions.path(arguments[0]) if arguments else ""
    return ""


def decorators_of(node: Node, expressions: Expressions) -> Iterator[Decorator]:
    """The decorators of a function definition."""
    around = node.parent
    if around is None or around.type != "decorated_definition":
        return
    for child in around.named_children:
        if child.type != "decorator" or not child.named_children:
            continue
        inner = child.named_children[0]
        if inner.type != "call":
            yield Decorator(expressions.path(inner))
            continue
        clause = inner.child_by_field_name("arguments")
        arguments = clause.named_children if clause is not None else []
        options = [
            (expressions.text(argument.named_children[0]), _without_texts(argument.named_children[-1], expressions))
            for argument in arguments
            if argument.type == "keyword_argument"
        ]
        options += [("**", "") for argument in arguments if argument.type == "dictionary_splat"]
        named = {"keyword_argument", "dictionary_splat", "comment"}
        plain = [argument for argument in arguments if argument.type not in named]
        names = [path for argument in plain if (path := expressions.path(argument))]
        path = expressions.path(inner.child_by_field_name("function"))
        plain += [child for one in arguments if _is_route(one, expressions) for child in one.named_children[-1:]]
        texts = [text for argument in plain if (text := literal(expressions, argument)) is not None]
        if path.rpartition(".")[2] in {"argument", "option"}:
            first = _parameter(texts)
        elif texts and texts[0] in startups.EVENTS:
            first = texts[0]
        else:
            first = _placeholders(texts[0]) if texts and literal(expressions, plain[0]) is not None else None
        yield Decorator(path, first, tuple(options), tuple(names))


_PATH_TYPE = re.compile(r"\bpath_type=([\w.]+)")


def typed(parameters: Iterable[Parameter], decorators: Iterable[Decorator]) -> Iterator[Parameter]:
    """Parameters with the types that decorators of click give them: `type=click.Path(path_type=Path)`."""
    found: dict[str, Path] = {}
    for decorator in decorators:
        for name, text in decorator.options:
            if name == "type" and (told := _PATH_TYPE.search(text)) is not None:
                found[option_name(decorator)] = told[1]
    for parameter in parameters:
        given = "" if parameter.annotation else found.get(parameter.name, "")
        yield parameter._replace(annotation=given) if given else parameter


def option_name(decorator: Decorator) -> str:
    """The parameter that a decorator of click describes: `--dry-run` is `dry_run`."""
    return (decorator.argument or "").lstrip("-").replace("-", "_").lower()


def _is_route(argument: Node, expressions: Expressions) -> bool:
    """Whether an argument is the route of an action in Django's REST framework."""
    return argument.type == "keyword_argument" and expressions.text(argument.named_children[0]) == "url_path"


def _without_texts(node: Node, expressions: Expressions) -> str:
    return re.split("[\"']", expressions.text(node))[0][:80]


def _parameter(declared: Sequence[str]) -> str | None:
    """Which parameter an option or argument of a command fills: its own name, else that of its long form."""
    named = [text for text in declared if text.isidentifier()]
    options = sorted(filter(_OPTION.fullmatch, declared), key=lambda text: not text.startswith("--"))
    return next(iter((*named, *options)), None)


_DIGITS = re.compile(r"\(\?P<(\w+)>(?:\\d|\[0-9\])[^()]*\)")
"""A part of a route that takes digits alone, written as an expression."""


_CONVERTED = re.compile(
    r"[<{](?!(?:any|float|int|path|string|uuid):)(\w+):(?:re:)?(?:float|int|uuid|\\d\+|\[0-9\]\+)[>}]"
)
"""A part of a route that is converted, or takes digits alone, with its name in front: `<id:int>`, `{id:int}`."""


def _placeholders(route: str | None) -> str | None:
    """Of a route `/users/<int:id>` what tells of its parameters; the rest may be a secret."""
    route = route and _CONVERTED.sub(r"<int:\1>", _DIGITS.sub(r"<int:\1>", route))
    return route and ("/" if route.startswith("/") else "*") + "".join(re.findall(r"<[\w:.(), ]*>", route))
