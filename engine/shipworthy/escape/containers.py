"""What a mapping or a list holds, as a path: `{load_csv,load_json}` by key, `{*FileSink(),MailSink()}` in order.

An item is asked for as `{load_csv,load_json}[]` and may be any of them.
"""

from __future__ import annotations

from collections.abc import Iterable

from shipworthy.escape.ir import Path

_MOST_ITEMS = 40
"""A container with more items than this tells of the first ones."""
_SIGNS = frozenset("{},|@")
"""What no path of an item may have in it, so that containers are told apart from what they hold."""


def container(items: Iterable[Path], *, by_key: bool) -> Path:
    """The path of a container that is written out; of a list that holds nothing evident ""."""
    evident = [path for path in dict.fromkeys(items) if path and _SIGNS.isdisjoint(path) and path[0] not in "?["]
    if not evident and not by_key:
        return ""
    return f"{{{'' if by_key else '*'}{','.join(evident[:_MOST_ITEMS])}}}"


def joined(paths: Iterable[Path]) -> Path:
    """The path of lists that are put one behind the other; "" if one of them is none."""
    lists = list(paths)
    if not all(path.startswith("{*") and path.endswith("}") for path in lists):
        return ""
    return container((item for path in lists for item in parted(path)[0]), by_key=False)


def parted(path: Path) -> tuple[tuple[Path, ...], bool, Path]:
    """What a path of a container says: the items, whether they are asked for by key, and the rest of the path."""
    inner, _, rest = path[1:].partition("}")
    by_key = not inner.startswith("*")
    return tuple(filter(None, inner.removeprefix("*").split(","))), by_key, rest
