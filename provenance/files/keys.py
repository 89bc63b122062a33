"""Key files: TOML whose tables hold, or name, a key that is never shown.

``[[canary]]`` is one kind of table; each command reads the tables of its own kind. A key stands in
the table as ``key``, or in the environment variable that ``key_env`` names.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any, Final, NoReturn, TypeVar, cast, get_type_hints

from provenance.errors import InputError
from provenance.files.json import decode
from provenance.words import visible

__all__ = ["MAX_BYTES", "Secret", "key_in", "read_keys", "read_tables"]

KINDS: Final = ("canary", "watermark")

MAX_BYTES: Final = 1 << 20
"""Largest key file."""

_LINE: Final = re.compile(r"\(at line (\d+)")
_SHOWN: Final = 40
_KEY_FIELDS: Final = ("key", "key_env")

Keyed = TypeVar("Keyed")


class Secret:
    """A key; neither its text nor an error, a copy or a pickle of it shows the value.

    Parameters
    ----------
    value : str or int

    Examples
    --------
    >>> Secret("correct horse battery staple")
    Secret(***)
    """

    __slots__ = ("_value",)

    def __init__(self, value: str | int) -> None:
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise InputError("the key has a wrong type", expected="a string or a whole number")
        if not str(value).strip():
            raise InputError("the key is empty", expected="a string or a whole number")
        self._value = value

    def reveal(self) -> str | int:
        """Give the key itself, to what computes with it and writes nothing."""
        return self._value

    def derive(self, *purpose: str) -> bytes:
        """Make a key of 32 bytes of its own for each purpose (HMAC-SHA256)."""
        # Lengths first: ("a", "bc") is another purpose than ("ab", "c").
        parts = [part.encode("utf-8", "surrogatepass") for part in purpose]
        message = b"".join(len(part).to_bytes(8, "big") + part for part in parts)
        key = str(self._value).encode("utf-8", "surrogatepass")
        return hmac.new(key, message, hashlib.sha256).digest()

    def __len__(self) -> int:
        return len(str(self._value))

    def __repr__(self) -> str:
        return "Secret(***)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a key is not copied or written")


def read_keys(path: str | os.PathLike[str], kind: str, record: type[Keyed]) -> list[Keyed]:
    """Read the tables of one kind; tables of other kinds are passed over.

    Parameters
    ----------
    path : path
    kind : str
        Name of the tables, as in ``[[canary]]``.
    record : dataclass
        What a table becomes. Its field ``key`` is a `Secret`; the others are what a table may
        hold, of types that JSON records may have; those without a default have to be there.

    Raises
    ------
    InputError
        Where the file cannot be read, has no such table, or a table is not as `record` asks.
    """
    return [_record_of(record, kind, table, place) for place, table in read_tables(path, kind)]


def read_tables(path: str | os.PathLike[str], kind: str) -> list[tuple[str, Mapping[str, Any]]]:
    """Read the tables of one kind as they stand, each with its ``path:line``.

    Raises
    ------
    InputError
        Where the file cannot be read or has no such table.
    """
    text = _read(path)
    tables = _tables(text, path, kind)
    lines = _header_lines(text, kind)
    places = [f"{path}:{line}" for line in lines]
    if len(lines) != len(tables):
        places = [f"{path}: [[{kind}]] {number}" for number in range(1, len(tables) + 1)]
    return list(zip(places, tables, strict=True))


def _read(path: str | os.PathLike[str]) -> str:
    try:
        with Path(path).open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise InputError(
            f"the key file cannot be read ({error.strerror})",
            where=str(path),
            expected="a TOML file",
        ) from None
    if len(data) > MAX_BYTES:
        raise InputError(
            f"the key file is larger than {MAX_BYTES:,} bytes",
            where=str(path),
            expected="a TOML file with one short table for each key",
        )
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise InputError("it is not UTF-8", where=str(path), expected="a TOML file") from None


def _tables(text: str, path: str | os.PathLike[str], kind: str) -> list[Mapping[str, Any]]:
    tables = _parsed(text, path)
    for name, value in tables.items():
        if name not in (kind, *KINDS) and isinstance(value, list):
            raise InputError(
                f"{visible(name[:40])} is not a kind of key",
                where=str(path),
                expected=f"tables called {' or '.join(f'[[{known}]]' for known in KINDS)}",
            )
    found = tables.get(kind, [])
    if not isinstance(found, list) or not all(isinstance(table, dict) for table in found):
        raise InputError(
            f"{kind} is not a list of tables",
            where=str(path),
            expected=f"[[{kind}]] in double brackets",
        )
    if not found:
        raise InputError(
            f"it has no [[{kind}]] table",
            where=str(path),
            expected=f'[[{kind}]] and below it key_env = "NAME" or key = "..."',
        )
    return found


def _parsed(text: str, path: str | os.PathLike[str]) -> Mapping[str, Any]:
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise InputError("it is nested too deep", where=str(path), expected="tables") from None
    except ValueError as error:
        # Only the line of the parser's message: the rest may quote the file.
        line = _LINE.search(str(error))
        where = f"{path}:{line[1]}" if line else str(path)
        raise InputError(
            "it cannot be read as TOML", where=where, expected='lines such as key_env = "NAME"'
        ) from None


def _header_lines(text: str, kind: str) -> list[int]:
    """Lines on which tables of the kind begin, which the parser does not tell."""
    header = re.compile(rf"\s*\[\[\s*{re.escape(kind)}\s*\]\]")
    return [number for number, line in enumerate(text.split("\n"), 1) if header.match(line)]


def _record_of(record: type[Keyed], kind: str, table: Mapping[str, Any], place: str) -> Keyed:
    hints = {name: hint for name, hint in get_type_hints(record).items() if name != "key"}
    try:
        _check_fields(record, kind, table, hints)
        values = {n: decode(hint, table[n], n) for n, hint in hints.items() if n in table}
        make: Any = record
        return cast(Keyed, make(key=key_in(table), **values))
    except InputError as error:
        raise InputError(
            error.what, where=place, expected=error.expected, remedy=error.remedy
        ) from None


def _check_fields(
    record: Any, kind: str, table: Mapping[str, Any], hints: Mapping[str, Any]
) -> None:
    known = [*_KEY_FIELDS, *hints]
    unknown = next((name for name in table if name not in known), None)
    if unknown is not None:
        told = visible(unknown[:_SHOWN])
        raise InputError(
            f"a [[{kind}]] table has no field {told!r}", expected=f"only {', '.join(known)}"
        )
    for field in fields(record):
        needed = field.default is MISSING and field.default_factory is MISSING
        if needed and field.name in hints and field.name not in table:
            raise InputError(f"a [[{kind}]] table has no `{field.name}`", expected="one")


def key_in(table: Mapping[str, Any], names: Sequence[str] = ("key",)) -> Secret:
    """The key of a table, under one of those names or where ``key_env`` says.

    Raises
    ------
    InputError
        Where there is not exactly one, or it is neither text nor a number.
    """
    known = [*dict.fromkeys(names), "key_env"]
    given = [name for name in known if name in table]
    if len(given) != 1:
        told = (
            f"both {given[0]} and {given[1]} are" if given else f"neither {' nor '.join(known)} is"
        )
        raise InputError(f"{told} given", expected="exactly one of them")
    if given != ["key_env"]:
        return Secret(table[given[0]])
    name = table["key_env"]
    if not isinstance(name, str):
        raise InputError("key_env is not a string", expected="the name of a variable")
    value = os.environ.get(name) if name and "=" not in name and "\0" not in name else None
    if value is None:
        # The name is not told: who mistakes key_env for key has written the key there.
        raise InputError(
            "the environment variable that key_env names is not set",
            remedy="Set it, or write the key itself as key",
        )
    return Secret(value)
