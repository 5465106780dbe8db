"""Where a value stands: in a literal, under which name, in what role, in what kind of file.

Asks syntax where there is syntax, else the text of the line. Judges no value.
"""

from __future__ import annotations

import enum
import functools
import re
from dataclasses import dataclass

from tree_sitter import Node

from shipworthy import syntax
from shipworthy.document import Block
from shipworthy.model import Span

LITERALS = frozenset({"string", "template_string"})
"""Kinds of syntax nodes that hold a text, Python's and JavaScript's."""

LONGEST_LINE = 2000
"""Characters: a longer line was written by a program, and says nothing about names and values."""

LINES = 5
"""Lines between an identifier and the secret that belongs to it."""


class Role(enum.Enum):
    """What is done with a value.

    GIVEN: it is what a name, a key, an attribute or an argument gets. FALLBACK: what it gets if
    nothing else is there. COMPARED: something is compared with it. QUOTED: it is part of a longer
    text, such as a comment, a docstring or a program in a string. LOOSE: none of these.
    """

    GIVEN = enum.auto()
    FALLBACK = enum.auto()
    COMPARED = enum.auto()
    QUOTED = enum.auto()
    LOOSE = enum.auto()


@dataclass(frozen=True, slots=True)
class Spot:
    """A value in its place. `literal`: the node whose whole content it is, if there is one."""

    span: Span
    name: str
    role: Role
    literal: Node | None = None


def spot(block: Block, span: Span) -> Spot:
    """The place of the value at a span of the block."""
    if not block.has_syntax:
        return _in_text(block, span, Role.QUOTED if is_remark(block, span) else None)
    node = block.smallest(span, LITERALS)
    if node is None or not block.owns(node):
        return _in_text(block, span, Role.QUOTED if block.smallest(span, frozenset({"comment"})) else None)
    content = content_of(block, node)
    if not content.holds(span) or not _is_whole(block, node, content, span):
        return _in_text(block, span, Role.QUOTED)
    role, name = _role(block, node)
    return Spot(content, name, role, node)


_REMARK = re.compile(r"[ \t]*(?:#(?![ \t]*define\b)|//(?![\w.-]+(?::\d+)?/)|;|<!--|--[ \t]|/\*|(?i:rem)[ \t])")
"""How a line begins that is commented out, in the files whose syntax nobody asks."""


def is_remark(block: Block, span: Span) -> bool:
    """Whether a place is in a comment or a docstring: it explains, or was switched off."""
    if not block.has_syntax:
        return _REMARK.match(block.text, *line_around(block.text, span)) is not None
    node = block.smallest(span, LITERALS | {"comment"})
    if node is None or node.type == "comment":
        return node is not None
    return node.parent is not None and node.parent.type == "expression_statement" and not is_filled_in(node)


def content_of(block: Block, literal: Node) -> Span:
    """The span of what is between the quotes of a literal."""
    span = block.span(literal)
    if len(literal.children) < 2:
        return span
    return Span(block.span(literal.children[0]).end, block.span(literal.children[-1]).start)


def is_filled_in(literal: Node) -> bool:
    """Whether parts of a literal are computed: an f-string or a template with substitutions."""
    return any(child.type in {"interpolation", "template_substitution"} for child in literal.named_children)


_PROSE = re.compile(
    r"(?i)\.(?:md|markdown|mdx|rst|rest|adoc|asciidoc|txt|html?|xhtml|tex|po|pot|xliff?|svg|xsd|\d)\Z"
    r"|(?:^|/)(?:docs?|documentation|examples?|samples?|demos?|tutorials?|man|locales?|i18n|translations?|snippets)/"
    r"|(?:^|/)(?:readme|changelog|changes|history|news|license|authors|contributing|metadata|pkg-info)[^/]*\Z|(?:^|/)examples?[-\d][^/]*\.json\Z|\.examples?\.json\Z"
    r"|[._-](?:example|sample|template|tmpl|dist|tpl)\b[^/]*\Z|(?:^|/)(?:example|sample)[-_.][^/]*(?<!\.py|\.[jt]s)\Z"
    r"|(?:^|/)(?:\w+[-_](?:examples?|samples?)|examples?[-_]\w+)/|(?:^|/)(?:lang|languages?)/[a-z]{2}(?:[-_]\w{2,8})?[./]"
)
_MACHINE = re.compile(
    r"(?i)(?:^|/)(?:[^/]*\.lock|package-lock\.json|npm-shrinkwrap\.json|pnpm-lock\.ya?ml|packages\.lock\.json|"
    r"go\.sum|bun\.lockb?|[^/]*\.resolved|[^/]*\.min\.(?:js|css)|[^/]*\.map|[^/]*\.bundle\.js|[^/]*\.(?:csv|tsv|svg|"
    r"css|scss|less|po|mo|pot|snap|patch|diff|ics|geojson|ldif)|record|sha(?:1|256|512)sums?|[^/]*\.sha\d+|"
    r"[^/]*swagger[^/]*|[^/]*openapi[^/]*|[^/]*_pb2\.pyi?|[^/]*\.pb\.\w+)\Z"
)


@functools.lru_cache(maxsize=8)  # asked for every value of a file
def is_documentation(path: str) -> bool:
    """Whether a file explains or shows: documentation, an example, a template, a translation."""
    return _PROSE.search(path) is not None


@functools.lru_cache(maxsize=8)
def is_machine_made(path: str) -> bool:
    """Whether a file is full of digests and identifiers: lock files, bundles, tables of data."""
    return _MACHINE.search(path) is not None


def line_around(text: str, span: Span) -> tuple[int, int]:
    """Start and end of the line that a span begins in, its line end left out."""
    start = max(text.rfind("\n", 0, span.start), text.rfind("\r", 0, span.start)) + 1
    ends = [at for at in (text.find("\n", span.start), text.find("\r", span.start)) if at >= 0]
    return start, min(ends, default=len(text))


def lines_around(text: str, span: Span, lines: int) -> tuple[int, int]:
    """Start and end of the lines of a span with some more before and after it."""
    start, end = span.start, span.end - 1
    for _ in range(lines + 1):
        start = text.rfind("\n", 0, max(start, 0))
        end = text.find("\n", end + 1) if end < len(text) else end
        end = len(text) if end < 0 else end
    return start + 1, end


_NAMED = re.compile(
    r"""(?<![\w$.-])(?!\$env:)(?P<name>[\w$][\w$.-]*)["'`\]]{0,3}(?:\[\d*\])?\s*
    (?:(?P<compared>[!=]==?)|:=|=>|=|:(?:[\w.\[\],\ |&'<>]{1,40}=)?|\()\s*@?[bBrRuUfF]{0,2}\\?["'`]{0,3}\Z""",
    re.VERBOSE,
)


_IN_OBJECT = re.compile(r"[\"']?(?P<name>[\w-]+)[\"']?\s*[:=]?\s*\{[^{}]*\Z")
_IN_SECTION = re.compile(r"^\[+[\"']?(?P<name>[\w.-]+)[^\n]*$", re.MULTILINE)
_REACH = 400
"""Characters before a value in which the object or the section is looked for that it stands in."""


def section(text: str, at: int) -> str:
    """What the object, the section or the mapping is called that a line stands in, where nobody asks syntax."""
    start = text.rfind("\n", 0, at) + 1
    around = _IN_OBJECT.search(text, max(at - _REACH, 0), at)
    found = [around] if around is not None else [*_IN_SECTION.finditer(text, max(start - _REACH, 0), start)]
    if found:
        return found[-1]["name"]
    indent = len(text[start:at]) - len(text[start:at].lstrip(" "))
    above = re.compile(rf"^ {{0,{indent - 1}}}(?P<name>[\w.-]+):[ \t]*$", re.MULTILINE) if indent else None
    names = (
        [match["name"] for match in above.finditer(text, max(start - _REACH, 0), start)] if above is not None else ()
    )
    return names[-1] if names else ""


_SEALED = re.compile(r"^kind:[ \t]*SealedSecret\b|^[ \t]*encryptedData:|^sops:|^[ \t]*\"sops\":", re.MULTILINE)


def is_sealed(block: Block) -> bool:
    """Whether what looks like secrets in a file is their ciphertext, and meant to be committed."""
    return not block.has_syntax and _SEALED.search(block.text) is not None


_PUT = re.compile(
    r"(?i)(?:set\w{0,12}|put\w{0,8}|add\w{0,8}|define|header|append)\(\s*[\"'](?P<name>[\w.$-]+)[\"']\s*,\s*@?[\"']\Z"
)
"""put("password", "..."), define('DB_PASSWORD', '...')"""


def _in_text(block: Block, span: Span, role: Role | None = None) -> Spot:
    start, _ = line_around(block.text, span)
    before = block.text[max(start, span.start - 200) : span.start]
    found = _NAMED.search(before) or _PUT.search(before)
    if found is None:
        return Spot(span, "", role or Role.LOOSE)
    name = found["name"].rpartition(".")[2] or found["name"]
    if name.lower() == "key":
        name = found["name"]
    return Spot(span, name, role or (Role.COMPARED if found.groupdict().get("compared") else Role.GIVEN))


def _is_whole(block: Block, node: Node, content: Span, span: Span) -> bool:
    """Whether a value is all that its literal holds, but for what a pattern of one line cuts off."""
    if node.parent is not None and node.parent.type in {"expression_statement", "module"}:
        return False
    text = block.text[content.start : content.end]
    return "\n" not in text and (content == span or not any(map(str.isspace, text)))


_THROUGH = frozenset(
    {
        "parenthesized_expression",
        "concatenated_string",
        "as_expression",
        "satisfies_expression",
        "type_assertion",
        "non_null_expression",
        "jsx_expression",
        "conditional_expression",
        "ternary_expression",
        "await",
        "list",
        "array",
    }
)
_WRAPPERS = re.compile(r"(?:SecretStr|SecretBytes|Secret|str|bytes|Buffer\.from|b64decode|fromhex|encode|strip|trim)\Z")
_LOOKUPS = re.compile(r"(?i)(?:get|getenv|setdefault|env|config|pop|add_argument|add_option|option|getattr|str)\Z")


def _role(block: Block, literal: Node) -> tuple[Role, str]:
    """The role of a literal and the name that it gets, by what stands around it."""
    node, role, first_choice = literal, Role.GIVEN, ""
    for parent in syntax.ancestors(literal):
        kind = parent.type
        if kind in _THROUGH:
            pass
        elif kind in {"boolean_operator", "binary_expression", "comparison_operator", "binary_operator"}:
            operator = next((child.type for child in parent.children if not child.is_named), "")
            if operator in {"or", "||", "??"}:
                role = Role.FALLBACK
                first_choice = _sought(block, parent.named_children[0])
            elif operator in {"==", "!=", "===", "!=="}:
                other = next((child for child in parent.named_children if child != node), None)
                name = _last_name(block, other) or (_sought(block, other) if other is not None else "")
                return Role.COMPARED, name
            else:
                return Role.LOOSE, ""
        elif kind in {"attribute", "member_expression"} and _is_wrapper(syntax.text_of(parent)):
            pass
        elif kind in {"call", "call_expression", "new_expression"}:
            if not _is_wrapper(_callee(parent)) and not (
                parent.children and _is_wrapper(syntax.text_of(parent.children[0]))
            ):
                return Role.LOOSE, ""
        elif kind in {"argument_list", "arguments"}:
            found = _argument(block, parent, node)
            if found is not None:
                return (role if found[0] is Role.GIVEN else found[0]), first_choice or found[1]
        else:
            role, name = _binding(block, parent, node, role)
            return role, first_choice or name
        node = parent
    return Role.LOOSE, ""


_SETTERS = re.compile(
    r"(?i)set|set_?item|put|put_?env|set_?env|set_?property|set_?header|header|append|add|add_?header"
)
"""Calls that give what comes last the name that stands before it."""


_NAME_FIELDS = {
    "assignment": ("left", "right"),
    "named_expression": ("name", "value"),
    "keyword_argument": ("name", "value"),
    "default_parameter": ("name", "value"),
    "typed_default_parameter": ("name", "value"),
    "pair": ("key", "value"),
    "variable_declarator": ("name", "value"),
    "assignment_expression": ("left", "right"),
    "augmented_assignment_expression": ("left", "right"),
    "public_field_definition": ("name", "value"),
    "field_definition": ("property", "value"),
    "assignment_pattern": ("left", "right"),
    "object_assignment_pattern": ("left", "right"),
    "required_parameter": ("pattern", "value"),
    "optional_parameter": ("pattern", "value"),
}
_DEFAULTS = frozenset({"default_parameter", "typed_default_parameter", "assignment_pattern"}) | {
    "required_parameter",
    "optional_parameter",
}


def _binding(block: Block, parent: Node, node: Node, role: Role) -> tuple[Role, str]:
    """The role within a construct that binds a name, and the name."""
    if parent.type == "jsx_attribute":
        return role, _last_name(block, parent.named_children[0])
    fields = _NAME_FIELDS.get(parent.type)
    if fields is None or parent.child_by_field_name(fields[1]) != node:
        return Role.LOOSE, ""
    name = _last_name(block, parent.child_by_field_name(fields[0]))
    if parent.type == "keyword_argument" and name in {"default", "value", "fallback"}:
        arguments = parent.parent
        given = _first_text(block, arguments) if arguments is not None else ""
        if given:
            return Role.FALLBACK, given
        call = arguments.parent if arguments is not None else None
        target = syntax.enclosing(call, ("assignment",)) if call is not None else None
        return Role.FALLBACK, _last_name(block, target.child_by_field_name("left")) if target is not None else name
    return (Role.FALLBACK if parent.type in _DEFAULTS else role), name


def _argument(block: Block, arguments: Node, node: Node) -> tuple[Role, str] | None:
    """The role of a positional argument; None if the call only wraps its value."""
    call = arguments.parent
    if call is None:
        return Role.LOOSE, ""
    given = [child for child in arguments.named_children if child.type != "comment"]
    callee = _callee(call)
    if len(given) == 1:
        if wraps(callee):
            return None
        setter = re.match(r"(?:set_?|with_?|use_?)(\w+)\Z", callee.rpartition(".")[2])
        return (Role.GIVEN, setter[1]) if setter is not None else (Role.LOOSE, "")
    if node == given[0]:
        return None if _is_wrapper(callee) else (Role.LOOSE, "")
    name = callee.rpartition(".")[2]
    if name == "setattr" and len(given) == 3 and node == given[2]:
        return Role.GIVEN, _text(block, given[1])
    if _LOOKUPS.match(name) and node == given[1]:
        return Role.FALLBACK, _text(block, given[0])
    if _SETTERS.fullmatch(name) and node == given[-1]:
        return Role.GIVEN, _text(block, given[-2])
    if name == "compare_digest":
        return Role.COMPARED, _last_name(block, given[0])
    return Role.LOOSE, ""


def _sought(block: Block, node: Node) -> str:
    """The name of what is looked up: `API_KEY` in `process.env.API_KEY` and in `getenv("API_KEY")`."""
    arguments = node.child_by_field_name("arguments")
    return _first_text(block, arguments) if arguments is not None else _last_name(block, node)


def _callee(call: Node) -> str:
    return syntax.dotted(call.child_by_field_name("function") or call.child_by_field_name("constructor"))


def wraps(callee: str) -> bool:
    """Whether a call of this name gives back the text that it is given in another shape, as `SecretStr("...")`."""
    return _is_wrapper(callee) and not callee.endswith((".encode", ".strip", ".trim"))


def _is_wrapper(callee: str) -> bool:
    return _WRAPPERS.search(callee) is not None


def _first_text(block: Block, arguments: Node) -> str:
    return next((text for child in arguments.named_children[:2] if (text := _text(block, child))), "")


def _text(block: Block, node: Node) -> str:
    """The content of a literal, `--password` without its dashes; "" for anything else."""
    if node.type not in LITERALS:
        return ""
    span = content_of(block, node)
    return block.text[span.start : span.end].lstrip("-")


def _last_name(block: Block, node: Node | None) -> str:
    """The last part of a target: `password` for `a.password`, `a["password"]`, `"password"`."""
    if node is None:
        return ""
    if node.type in {"attribute", "member_expression"}:
        return _last_name(block, node.child_by_field_name("attribute") or node.child_by_field_name("property"))
    if node.type in {"subscript", "subscript_expression"}:
        return _last_name(block, node.child_by_field_name("subscript") or node.child_by_field_name("index"))
    if node.type in LITERALS:
        return _text(block, node)
    if node.type in {"pattern_list", "array_pattern", "object_pattern", "tuple_pattern"}:
        return ""
    return syntax.text_of(node) if not node.named_children else ""
