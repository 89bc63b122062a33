"""A checksum of what a report says, whatever the JSON of it looks like."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, Final

import orjson

from provenance.errors import InputError

__all__ = ["KEY", "check_content", "content_sha256", "with_checksum"]

KEY: Final = "content_sha256"
"""Key of a report's checksum."""
# Records nest at most 64 deep (`files.json`); their keys are a few more. A round figure above it.
_DEEPEST: Final = 100
# Up to here every JSON reader holds a whole number exactly (RFC 8259, section 6).
_LARGEST_EXACT: Final = 2**53


def content_sha256(values: Mapping[str, Any]) -> str:
    """SHA-256 of a report's values, in hexadecimal; its own key is not among what it is over.

    It is over UTF-8 JSON without white space, keys sorted, and whole numbers without a fraction:
    other indents, orders of keys, escapes and spellings of a number leave it as it is. It is a
    checksum, not a signature: it tells of damage and of edits by hand, and whoever edits a report
    on purpose can write another one.

    Parameters
    ----------
    values : mapping of str to Any
        JSON values.

    Raises
    ------
    InputError
        Where a value is none of JSON, or nested too deeply.

    Examples
    --------
    >>> content_sha256({"a": 1, "b": [2.5]}) == content_sha256({"b": [2.5], "a": 1.0})
    True
    >>> content_sha256({"a": 1}) == content_sha256({"a": True})
    False
    """
    kept = {name: value for name, value in values.items() if name != KEY}
    try:
        text = orjson.dumps(_canonical(kept, 0), option=orjson.OPT_SORT_KEYS)
    except TypeError as error:
        raise InputError(f"the report holds what is not JSON ({error})") from None
    return hashlib.sha256(text).hexdigest()


def with_checksum(values: Mapping[str, Any]) -> dict[str, Any]:
    """A report's values and their checksum, as its file holds them.

    Examples
    --------
    >>> check_content(with_checksum({"a": 1}))
    True
    """
    return {**values, KEY: content_sha256(values)}


def check_content(values: Mapping[str, Any]) -> bool:
    """Whether a report carries a checksum; the right one, else it is refused.

    Parameters
    ----------
    values : mapping of str to Any
        JSON values, with the checksum where there is one.

    Raises
    ------
    InputError
        Where the report says other than what the checksum was made of.
    """
    if KEY not in values:
        return False
    if values[KEY] != content_sha256(values):
        raise InputError(
            f"the report was changed since it was written: its `{KEY}` is of another content",
            expected="a report as `provenance match` wrote it",
            remedy="Take the report as it was written, or match the corpus again",
        )
    return True


def _canonical(value: object, depth: int) -> object:
    if depth > _DEEPEST:
        raise InputError("the report is nested too deeply", expected=f"at most {_DEEPEST} levels")
    if isinstance(value, Mapping):
        return {name: _canonical(item, depth + 1) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_canonical(item, depth + 1) for item in value]
    if isinstance(value, float) and value.is_integer() and abs(value) <= _LARGEST_EXACT:
        return int(value)
    return value
