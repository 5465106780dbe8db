"""The token formats of providers: readable tables in this folder, read into rows of data.

A table holds sections. A section's head names a provider and the page that tells how to revoke its
tokens; each line below it is a kind of token: what it is called, its form, and options.

    [GitHub]  https://github.com/settings/tokens
    access token  gh[pousr]_<alnum:36>  keys=ghp_,gho_  check=crc32-base62

Fields are separated by two spaces or more. A form is a regular expression in which `<alnum:36>` stands
for 36 letters and digits, and so on (see `CLASSES`). Options:

    keys      texts of which one stands in every such token; if absent, what the form begins with
    lead      how many characters may stand before such a text
    near      names of which one has to stand before the value on its line, separated by `|`: `open_weather`
              also stands for openWeather, OPEN-WEATHER and so on. The form alone is too common to say anything
    beside    the form of an identifier; in the lines around one the form of the token says enough
    env       what to call the value in the environment, if not after provider and kind
    severity  error, if absent
    check     the check that is built into the token, see checksums.py
    code      the backend's code for it

To add a format, add a line: an example is made of the form, and is its test.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from shipworthy.model import Severity
from shipworthy.secrets.checksums import CHECKS, Check
from shipworthy.secrets.names import environment_variable

CLASSES: Mapping[str, str] = {
    "alnum": "[A-Za-z0-9]",
    "letter": "[A-Za-z]",
    "lower": "[a-z0-9]",
    "upper": "[A-Z0-9]",
    "hex": "[a-f0-9]",
    "HEX": "[A-F0-9]",
    "Hex": "[A-Fa-f0-9]",
    "word": r"\w",
    "url": r"[\w-]",
    "b64": "[A-Za-z0-9+/]",
    "base32": "[A-Z2-7]",
    "base32lower": "[a-z2-7]",
    "base32bech": "[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]",
    "base58": "[1-9A-HJ-NP-Za-km-z]",
}
"""What `<name:count>` in a form stands for: so many characters of this kind."""

UUID = r"[A-Fa-f0-9]{8}-(?:[A-Fa-f0-9]{4}-){3}[A-Fa-f0-9]{12}"


@dataclass(frozen=True, slots=True)
class Format:
    """One kind of token.

    `form`: a regular expression of the whole token. `keywords`: texts of which one stands in every
    such token, at most `lead` characters behind its start; none if only a backend, the names in
    `near` or the identifier `beside` it give it away. `fixed`: how many leading characters are the same
    in every such token.
    """

    id: str
    name: str
    form: str
    variable: str
    revoke: str
    keywords: tuple[str, ...] = ()
    lead: int = 0
    near: tuple[tuple[str, ...], ...] = ()
    severity: Severity = Severity.ERROR
    check: Check | None = None
    code: str = ""
    fixed: int = 0
    beside: str = ""


class FormatError(ValueError):
    """A table that cannot be read; the message names the line."""


def parse(text: str, table: str) -> Iterator[Format]:
    """The formats of a table. Raises FormatError."""
    provider = revoke = ""
    for number, line in enumerate(text.splitlines(), 1):
        fields = re.split(r" {2,}", line.strip())
        if not line.strip() or line.startswith("#"):
            continue
        if line.startswith("["):
            provider, revoke = fields[0].strip("[]"), fields[-1]
            continue
        if len(fields) < 2:
            raise FormatError(f"{table}:{number}: expected a name and a form, two spaces between them")
        yield _format(provider, revoke, fields[0], fields[1], dict(field.split("=", 1) for field in fields[2:]))


def _format(provider: str, revoke: str, kind: str, raw: str, options: Mapping[str, str]) -> Format:
    name, near = f"{provider} {kind}", _named(options.get("near", ""))
    prefixes = [*map(_prefix, _alternatives(raw))]
    keywords = options["keys"].split(",") if "keys" in options else prefixes if not near else ()
    common = prefixes[0] if len(prefixes) == 1 else ""
    return Format(
        id=re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-"),
        name=name,
        form=_expanded(raw),
        variable=options.get("env") or environment_variable(re.sub(r"[^\w ]", "", name)),
        revoke=revoke,
        keywords=tuple(keyword for keyword in keywords if keyword),
        lead=int(options.get("lead", 0)),
        near=near,
        severity=Severity[options.get("severity", "error").upper()],
        check=CHECKS[options["check"]] if "check" in options else None,
        code=f"detect-secrets:{options['code']}" if "code" in options else "",
        fixed=len(common),
        beside=_expanded(options.get("beside", "")),
    )


def _named(near: str) -> tuple[tuple[str, ...], ...]:
    """The words of each name; an empty last one says that something has to follow, as in `box_`."""
    return tuple(tuple(re.split("[_-]", name)) for name in near.split("|") if name)


_COUNT = re.compile(r"<(\w+):(\d+)(?:(-)(\d*))?>")


def _expanded(form: str) -> str:
    def repeated(match: re.Match[str]) -> str:
        name, least, dash, most = match.groups()
        count = f"{{{least},{most}}}" if dash else f"{{{least}}}"
        return CLASSES[name] + count

    return _COUNT.sub(repeated, form.replace("<uuid>", UUID))


_LITERAL = re.compile(r"(?:[A-Za-z0-9_:/=~%@&,;!-]|\\[.+$?|-])")


def _prefix(form: str) -> str:
    """The plain text that a form begins with."""
    at, found = 0, ""
    while (match := _LITERAL.match(form, at)) is not None:
        at = match.end()
        if form[at : at + 1] in {"?", "*", "{"}:
            break
        found += match[0][-1]
    return found


def _alternatives(form: str) -> list[str]:
    """The form cut at each `|` that stands in no brackets."""
    parts, depth, at = [""], 0, 0
    while at < len(form):
        step = 2 if form[at] == "\\" else 1
        depth += (form[at] in "([") - (form[at] in ")]")
        if form[at] == "|" and depth == 0:
            parts.append("")
        else:
            parts[-1] += form[at : at + step]
        at += step
    return parts


def variants(words: Iterable[str]) -> tuple[str, ...]:
    """How a name is written in lower case, its words joined in the usual ways."""
    parts = [*words]
    if len(parts) == 1:
        return (parts[0],)
    joints = ("_", "-") if not parts[-1] else ("_", "-", "")
    return tuple(joint.join(parts) for joint in joints)


def spellings(words: Iterable[str]) -> set[str]:
    """Every usual way to write a name: open_weather, OPEN-WEATHER, openWeather, OpenWeather."""
    parts = [*words]
    found = {spelt for variant in variants(parts) for spelt in (variant, variant.upper(), variant.capitalize())}
    if len(parts) > 1 and parts[-1]:
        pascal = "".join(map(str.capitalize, parts))
        found |= {pascal, pascal[0].lower() + pascal[1:]}
    return found


@functools.cache
def formats() -> tuple[Format, ...]:
    """Every format. Of two that share a keyword the first one that fits counts."""
    tables = sorted(Path(__file__).parent.glob("*.txt"))
    return tuple(found for table in tables for found in parse(table.read_text(encoding="utf-8"), table.name))
