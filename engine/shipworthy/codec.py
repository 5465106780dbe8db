"""Frozen values to JSON and back, by the types that their fields declare.

For the store on disk, which holds no pickles: what is read from it can only become a value of the
type that was asked for. A dataclass is written as the list of its fields, in their order.
"""

from __future__ import annotations

import dataclasses
import enum
import functools
import json
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

Decode = Callable[[Any], Any]


class CodecError(Exception):
    """A value or a text that does not fit its type."""


def dump(value: object) -> str:
    """The JSON text of a value; equal values give equal texts. Raises CodecError."""
    return json.dumps(_encode(value), separators=(",", ":"))


def load(kind: Any, text: str) -> Any:
    """The value of type `kind` that `dump` wrote. Raises CodecError."""
    try:
        return _decoder(kind)(json.loads(text))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise CodecError(f"not a {kind}") from error


def _encode(value: Any) -> Any:
    if isinstance(value, enum.Enum):
        return value.value
    if value is None or isinstance(value, str | int | float):
        return value
    if dataclasses.is_dataclass(value):
        return [_encode(getattr(value, field.name)) for field in dataclasses.fields(value)]
    if isinstance(value, Mapping):
        pairs = cast("Mapping[object, object]", value).items()
        return [[_encode(key), _encode(item)] for key, item in pairs]
    if isinstance(value, frozenset):
        return sorted(map(_encode, cast("frozenset[object]", value)), key=json.dumps)
    if isinstance(value, tuple):
        return [_encode(item) for item in cast("tuple[object, ...]", value)]
    raise CodecError(f"cannot keep a {type(value).__name__}")


@functools.cache
def _decoder(kind: Any) -> Decode:
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (types.UnionType, typing.Union):
        return _optional(arguments)
    if origin is tuple and arguments[-1] is not Ellipsis:
        return _fixed([*map(_later, arguments)])
    if origin in (tuple, frozenset):
        return _each(origin, _later(arguments[0]))
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return _pairs(_later(arguments[0]), _later(arguments[1]))
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return kind
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        hints = typing.get_type_hints(kind)
        return _fields(kind, [_later(hints[field.name]) for field in dataclasses.fields(kind)])
    if kind in (str, int, float, bool):
        return _plain(kind)
    raise CodecError(f"cannot keep a {kind}")


def _later(kind: Any) -> Decode:
    """A decoder that is made when it is first used: types may refer to themselves."""
    return lambda data: _decoder(kind)(data)


def _plain(kind: type) -> Decode:
    def decode(data: Any) -> Any:
        if type(data) is not kind:
            raise CodecError(f"not a {kind.__name__}")
        return data

    return decode


def _optional(kinds: Sequence[Any]) -> Decode:
    others = [kind for kind in kinds if kind is not types.NoneType]
    if len(others) != 1 or len(others) == len(kinds):
        raise CodecError("cannot keep a value that may be of several types")
    inner = _later(others[0])
    return lambda data: None if data is None else inner(data)


def _each(kind: Callable[[list[Any]], Any], item: Decode) -> Decode:
    return lambda data: kind([item(one) for one in data])


def _pairs(key: Decode, value: Decode) -> Decode:
    return lambda data: {key(one): value(other) for one, other in data}


def _fixed(items: Sequence[Decode]) -> Decode:
    return lambda data: tuple([decode(one) for decode, one in zip(items, data, strict=True)])


def _fields(kind: Callable[..., Any], items: Sequence[Decode]) -> Decode:
    return lambda data: kind(*[decode(one) for decode, one in zip(items, data, strict=True)])
