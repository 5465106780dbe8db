"""What another scanner's baseline knows: detect-secrets' `.secrets.baseline`, read once to make one of ours.

It holds SHA-1 digests of values. Those of some kinds of token cover only what all such tokens begin
with: such an entry would hide every other token of its kind, so it is not taken over but named.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from shipworthy import sources
from shipworthy.model import Family
from shipworthy_hooks.checked import Checked
from shipworthy_hooks.options import UsageError

_PREFIXES = (
    *("ghp", "gho", "ghu", "ghs", "ghr"),
    *("glpat", "gldt", "glft", "glsoat", "glrt"),
    *(f"BEGIN {kind}PRIVATE KEY" for kind in ("", "DSA ", "EC ", "OPENSSH ", "RSA ")),
    *("BEGIN PGP PRIVATE KEY BLOCK", "BEGIN SSH2 ENCRYPTED PRIVATE KEY", "PuTTY-User-Key-File-2"),
)
"""What the tool takes for the whole secret, though it is only its beginning."""


@dataclass(frozen=True, slots=True)
class Known:
    """An entry of the other baseline. `kind`: the tool's name for what was found; `digest`: of the value."""

    kind: str
    digest: str
    line: int

    @property
    def covers_prefix_only(self) -> bool:
        """Whether the digest is that of a beginning which all values of the kind share."""
        return self.digest in _PREFIX_DIGESTS


def _digest(value: str) -> str:
    # The tool's own choice: it says which values are the same, and protects nothing.
    return hashlib.sha1(value.encode("utf-8", "replace"), usedforsecurity=False).hexdigest()


_PREFIX_DIGESTS = frozenset(map(_digest, _PREFIXES))


def read(name: str) -> Mapping[str, tuple[Known, ...]]:
    """The entries of a `.secrets.baseline` by path. Raises UsageError."""
    try:
        results = json.loads(Path(name).read_text(encoding="utf-8"))["results"]
        return {
            path.replace("\\", "/"): tuple(
                Known(str(one["type"]), str(one["hashed_secret"]), int(one.get("line_number", 0))) for one in found
            )
            for path, found in results.items()
        }
    except OSError as error:
        raise UsageError(f"--import: {name}: {error.strerror}") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UsageError(f"--import: {name} is not a baseline of detect-secrets") from error


def prefix_warnings(known: Mapping[str, tuple[Known, ...]]) -> Iterator[str]:
    """A line for each entry that is not taken over because its digest covers only a prefix."""
    for path, entries in sorted(known.items()):
        for one in entries:
            if one.covers_prefix_only:
                yield (
                    f"{path}:{one.line}: {one.kind}: its hash covers only what every such secret begins with, and would"
                    " hide any other one in this file: not imported. Revoke it, or allow it by a comment"
                )


def only_known(results: Iterable[Checked], known: Mapping[str, tuple[Known, ...]]) -> list[Checked]:
    """The results with those findings alone that the other baseline knows by the hash of their whole value."""
    return [_reduced(one, {entry.digest for entry in known.get(one.report.path, ())}) for one in results]


def _reduced(one: Checked, digests: set[str]) -> Checked:
    decoded = _text(one) if digests else None
    findings = tuple(
        finding
        for finding in one.report.findings
        if decoded is not None
        and finding.family is Family.SECRETS
        and (digest := _digest(decoded[finding.span.start : finding.span.end])) in digests
        and digest not in _PREFIX_DIGESTS
    )
    return replace(one, report=replace(one.report, findings=findings))


def _text(one: Checked) -> str | None:
    if one.files is None or one.project is None:
        return None
    try:
        decoded = sources.decode(one.files.read(one.report.path), one.project.config.max_file_size)
    except OSError:
        return None
    return decoded.text if isinstance(decoded, sources.Text) else None
