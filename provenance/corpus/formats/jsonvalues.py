"""One JSON value from bytes, strictly; where that fails, as Python and JavaScript write it."""

from __future__ import annotations

import re
from typing import Final

import orjson

from provenance.corpus.document import BadRow

__all__ = ["decoded", "mended", "parse_json", "parse_mended", "unquoted"]

_TOKEN: Final = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|-?\b(?:NaN|Infinity)\b', re.DOTALL)
_ESCAPE: Final = re.compile(
    rb"(\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})"
    rb"|(\\u[dD][89a-fA-F][0-9a-fA-F]{2})|\\.",
    re.DOTALL,
)
"""A pair of surrogates, half a pair, or any other escape."""


def parse_json(line: bytes) -> object:
    """Parse one JSON value.

    Raises
    ------
    BadRow
        Where the bytes are not UTF-8, not JSON or nested too deeply.

    Examples
    --------
    >>> parse_json(b'{"text": "a"}')
    {'text': 'a'}
    >>> parse_json(b'{"text": "cut \\\\ud83d", "score": NaN}')
    {'text': 'cut \N{REPLACEMENT CHARACTER}', 'score': None}
    """
    return parse_mended(line)[0]


def parse_mended(line: bytes) -> tuple[object, int]:
    """Parse one JSON value and tell how many values had to be mended first.

    Raises
    ------
    BadRow
        Where the bytes are not UTF-8, not JSON or nested too deeply.
    """
    try:
        return orjson.loads(line), 0
    except orjson.JSONDecodeError as error:
        reason = error.msg
    found, n_mended = mended(line)
    if n_mended:
        try:
            return orjson.loads(found), n_mended
        except orjson.JSONDecodeError as error:
            reason = error.msg
    decoded(line)
    raise BadRow(f"the row is not JSON ({reason})", "one JSON object a line")


def unquoted(value: object) -> object:
    """What a line holds; for a string of JSON, as what was encoded twice is, the row in it.

    Examples
    --------
    >>> unquoted('{"text": "a"}'), unquoted("A text."), unquoted("[sic] a text")
    ({'text': 'a'}, 'A text.', '[sic] a text')
    """
    if type(value) is not str or value.lstrip()[:1] not in ("{", "["):
        return value
    try:
        inner = parse_json(value.encode("utf-8", "replace"))
    except BadRow:
        return value
    return inner if isinstance(inner, dict | list) else value


def mended(data: bytes) -> tuple[bytes, int]:
    r"""Write null for NaN and infinities, and U+FFFD for halves of surrogate pairs.

    Returns
    -------
    tuple of bytes and int
        The data and how many values were mended.

    Examples
    --------
    >>> mended(b'["NaN", NaN, -Infinity, "\\ud83d\\ude00 \\ud83d"]')
    (b'["NaN", null, null, "\\ud83d\\ude00 \\ufffd"]', 3)
    >>> mended(b'{"text": "a"')
    (b'{"text": "a"', 0)
    """
    count = 0

    def of_token(match: re.Match[bytes]) -> bytes:
        nonlocal count
        token = match[0]
        if token.startswith(b'"'):
            return _ESCAPE.sub(of_escape, token) if b"\\u" in token else token
        count += 1
        return b"null"

    def of_escape(match: re.Match[bytes]) -> bytes:
        nonlocal count
        count += match[2] is not None
        return rb"\ufffd" if match[2] else match[0]

    return _TOKEN.sub(of_token, data), count


def decoded(data: bytes) -> str:
    """Decode UTF-8.

    Raises
    ------
    BadRow
        Where it is not.
    """
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise BadRow(
            f"the bytes are not UTF-8 (byte {error.start + 1} of the row)",
            "text in UTF-8",
            "Convert the file, for example with iconv",
        ) from None
