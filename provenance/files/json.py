"""Typed records to plain JSON values and back; knows no record of the project.

Reading trusts nothing: every type is checked and the key that is wrong is named.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from functools import cache
from numbers import Integral, Real
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from provenance.errors import InputError

__all__ = ["decode", "plain"]

MAX_DEPTH = 64
_KEY_CHARS = 60
_SURROGATES = re.compile("[\ud800-\udfff]")
_SCALARS: dict[type, tuple[type | tuple[type, ...], str]] = {
    str: (str, "a string"),
    bool: (bool, "true or false"),
    int: (int, "a whole number"),
    float: ((int, float), "a number"),
}


def plain(value: object, key: str = "", depth: int = 0) -> Any:
    """Turn records, mappings, sequences and numpy scalars into plain JSON values.

    A record's field is called as its metadata's ``key`` says, where there is one; one that is
    ``aside`` is no part of the file. Keys of free
    mappings are sorted, so that equal values give equal bytes. Lone surrogates
    become U+FFFD, because no UTF-8 file can hold them.

    Raises
    ------
    ValueError
        For NaN, an infinity, an object that is not JSON, or nesting deeper than 64; the
        message begins with the key.

    Examples
    --------
    >>> plain({"b": (1, 2), "a": None})
    {'a': None, 'b': [1, 2]}
    """
    if depth > MAX_DEPTH:
        raise ValueError(f"{_cut(key)}: nested deeper than {MAX_DEPTH}")
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _SURROGATES.sub("\N{REPLACEMENT CHARACTER}", value)
    if isinstance(value, Real) or hasattr(value, "dtype"):
        return _plain_array(value, key, depth)
    if is_dataclass(value):
        return {
            _key(field): plain(getattr(value, field.name), _join(key, _key(field)), depth + 1)
            for field in fields(value)
            if not field.metadata.get("aside")
        }
    if isinstance(value, Mapping):
        return _plain_mapping(value, key, depth)
    if isinstance(value, list | tuple):
        return [plain(item, f"{key}[{i}]", depth + 1) for i, item in enumerate(value)]
    raise ValueError(f"{_cut(key)}: a {type(value).__name__} cannot be written as JSON")


def _plain_array(value: Any, key: str, depth: int) -> Any:
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, list | str | bool) or value is None:
        return plain(value, key, depth + 1)
    if isinstance(value, Integral):
        return _plain_integer(int(value), key)
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(f"{_cut(key)}: {number} is not a finite number")
    return number


def _plain_integer(number: int, key: str) -> int:
    if not -(2**63) <= number < 2**64:
        raise ValueError(f"{_cut(key)}: an integer of more than 64 bits")
    return number


def _plain_mapping(value: Mapping[Any, object], key: str, depth: int) -> dict[str, Any]:
    if not all(isinstance(name, str) for name in value):
        raise ValueError(f"{_cut(key)}: a key that is not a string")
    return {
        plain(name, key): plain(value[name], _item(key, name), depth + 1) for name in sorted(value)
    }


def decode(hint: Any, value: object, key: str) -> Any:
    """Check a JSON value against a type and return it as that type.

    Parameters
    ----------
    hint : type
        ``str``, ``int``, ``float``, ``bool``, a ``Literal``, ``X | None``, ``tuple[X, ...]``,
        ``tuple[X, Y]``, ``Mapping[str, X]``, ``Any`` or a dataclass of these. Unknown keys of
        an object are passed over; a dataclass field with a default may be missing.
    value : object
        What a JSON parser gave.
    key : str
        Name of the value in messages.

    Raises
    ------
    InputError
        Naming the key, what stands there and what was expected.

    Examples
    --------
    >>> decode(tuple[int, ...], [1, 2], "lines")
    (1, 2)
    """
    origin, inside = get_origin(hint), get_args(hint)
    if hint is Any:
        return _decode_any(value, key)
    if origin in (Union, UnionType):
        return _decode_optional(inside, value, key)
    if origin is Literal:
        return _decode_choice(inside, value, key)
    if origin is tuple:
        return _decode_tuple(inside, value, key)
    if origin is Mapping:
        items = _expect(value, dict, key, "an object").items()
        return {name: decode(inside[1], item, _item(key, name)) for name, item in items}
    if is_dataclass(hint):
        return _decode_record(hint, value, key)
    return _decode_scalar(hint, value, key)


def _decode_any(value: object, key: str) -> Any:
    try:
        return plain(value, key)
    except ValueError as error:
        raise InputError(str(error)) from None


def _decode_optional(inside: tuple[Any, ...], value: object, key: str) -> Any:
    (hint,) = (part for part in inside if part is not NoneType)
    return None if value is None else decode(hint, value, key)


def _decode_choice(choices: tuple[Any, ...], value: object, key: str) -> Any:
    if not isinstance(value, str) or value not in choices:
        raise _wrong(key, value, "one of " + ", ".join(f'"{choice}"' for choice in choices))
    return value


def _decode_tuple(inside: tuple[Any, ...], value: object, key: str) -> tuple[Any, ...]:
    items = _expect(value, list, key, "a list")
    if inside == (str, Ellipsis) and {*map(type, items)} <= {str}:
        # Of the many strings of a fingerprint none has one: all together are looked at once.
        if not _SURROGATES.search("".join(items)):
            return tuple(items)
        return tuple(_SURROGATES.sub("\N{REPLACEMENT CHARACTER}", item) for item in items)
    if inside[-1] is Ellipsis:
        inside = (inside[0],) * len(items)
    if len(items) != len(inside):
        raise InputError(f"`{_cut(key)}` has {len(items)} items", expected=f"{len(inside)}")
    pairs = enumerate(zip(inside, items, strict=True))
    return tuple(decode(hint, item, f"{key}[{i}]") for i, (hint, item) in pairs)


def _decode_scalar(hint: type, value: object, key: str) -> Any:
    kinds, expected = _SCALARS[hint]
    if not isinstance(value, kinds) or (isinstance(value, bool) and hint is not bool):
        raise _wrong(key, value, expected)
    return hint(_decode_any(value, key))


def _decode_record(kind: Any, value: object, key: str) -> Any:
    found = _expect(value, dict, key, "an object")
    known: dict[str, Any] = {}
    for field, hint in _fields(kind):
        name = _key(field)
        if name in found:
            known[field.name] = decode(hint, found[name], _join(key, name))
        elif field.default is MISSING and field.default_factory is MISSING:
            raise InputError(f"`{_cut(_join(key, name))}` is missing")
    try:
        return kind(**known)
    except ValueError as error:
        raise InputError(_cut(_join(key, str(error)), 300)) from None


@cache
def _fields(kind: Any) -> tuple[tuple[Field[Any], Any], ...]:
    hints = get_type_hints(kind)
    told = (field for field in fields(kind) if not field.metadata.get("aside"))
    return tuple((field, hints[field.name]) for field in told)


def _key(field: Field[Any]) -> str:
    """How JSON calls a field: by its own name unless its metadata has a ``key``."""
    name: str = field.metadata.get("key", field.name)
    return name


def _expect(value: object, kind: type, key: str, expected: str) -> Any:
    if not isinstance(value, kind):
        raise _wrong(key, value, expected)
    return value


def _wrong(key: str, value: object, expected: str) -> InputError:
    return InputError(f"`{_cut(key)}` is {_described(value)}", expected=expected)


def _described(value: object) -> str:
    """Name what was found; strings by ``repr``, so that nothing in them reaches a terminal."""
    if value is None:
        return "null"
    if isinstance(value, str):
        return f"the string {_cut(value)!r}"
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else "a list"
    return str(value).lower()


def _join(key: str, name: str) -> str:
    return f"{key}.{name}" if key else name


def _item(key: str, name: str) -> str:
    return f"{key}[{_cut(name)!r}]"


def _cut(text: str, limit: int = _KEY_CHARS) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"
