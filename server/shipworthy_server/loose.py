"""JSON from outside, of which nothing is certain."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

Json = dict[str, Any]


def members(value: object) -> Json:
    """The members of a JSON object; none of anything else."""
    return cast(Json, value) if isinstance(value, dict) else {}


def items(value: object) -> list[Any]:
    """The items of a JSON array; none of anything else."""
    return [*cast(Iterable[Any], value)] if isinstance(value, list) else []
