"""``[[watermark]]`` tables of a key file: a scheme, its key and settings, and its tokenizer."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Final

import numpy as np

from provenance.errors import InputError
from provenance.evidence.watermark.detection import KEYS, SCHEMES, make_scheme
from provenance.evidence.watermark.schemes.draws import Scheme
from provenance.evidence.watermark.schemes.parameters import one_of
from provenance.evidence.watermark.tokens import find_tokenizer
from provenance.files.keys import Secret, key_in, read_tables
from provenance.words import visible

__all__ = ["WatermarkKey", "read_watermark_keys"]

KIND: Final = "watermark"
_OWN: Final = ("scheme", "tokenizer", "name", "account", "marked")
_LARGEST_RANDOM: Final = 1 << 40
_NAME_CHARACTERS: Final = 80


@dataclass(frozen=True, kw_only=True)
class WatermarkKey:
    """One key to look for.

    Parameters
    ----------
    name : str
        What the key is called in what is told.
    scheme_name : str
        One of `SCHEMES`.
    key : Secret
    tokenizer : str
        The generator's: a tiktoken encoding, or the path of a ``tokenizer.json``.
    settings : mapping
        Of the scheme, other than its key.
    account : str, optional
        Whose answers are marked with it.
    marked : str, optional
        A corpus that is known to be marked with it.
    place : str, optional
        Where the table stands.

    Examples
    --------
    >>> key = WatermarkKey(
    ...     name="k", scheme_name="gumbel_vllm", key=Secret(42), tokenizer="cl100k_base"
    ... )
    >>> key.told["context_width"], key.key
    (4, Secret(***))
    """

    name: str
    scheme_name: str
    key: Secret
    tokenizer: str
    settings: Mapping[str, Any] = field(default_factory=dict, repr=False)
    account: str | None = None
    marked: str | None = None
    place: str | None = None
    scheme: Scheme = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        one_of("scheme", self.scheme_name, list(SCHEMES))
        scheme = self._made(_as_scheme(self.scheme_name, self.key.reveal()))
        if getattr(scheme, "payload_max", 0):
            raise InputError(
                "payload_max is not 0: payloads are not tried over a corpus",
                remedy="Leave it out for payload 0, or use `detect_watermark`, which tries them",
            )
        object.__setattr__(self, "scheme", scheme)

    def _made(self, key: Any) -> Scheme:
        return make_scheme(self.scheme_name, {KEYS[self.scheme_name]: key, **self.settings})

    def with_random_key(self, rng: np.random.Generator) -> Scheme:
        """The same scheme and settings under a key that nobody marked with."""
        if KEYS[self.scheme_name] != "keys":
            return self._made(int(rng.integers(1, _LARGEST_RANDOM)))
        depth = len(getattr(self.scheme, "keys"))  # noqa: B009
        return self._made(rng.integers(1, _LARGEST_RANDOM, depth).tolist())

    @property
    def family(self) -> tuple[str, str, str]:
        """Equal where two keys differ in nothing but the key."""
        depth = len(getattr(self.scheme, "keys", ()))
        return self.scheme_name, self.tokenizer, repr((sorted(self.settings.items()), depth))

    @property
    def told(self) -> dict[str, Any]:
        """The settings that may be shown."""
        shown = {
            item.name: getattr(self.scheme, item.name)
            for item in fields(self.scheme)  # type: ignore[arg-type]
            if item.repr
        }
        return {name: value for name, value in shown.items() if value is not None}


def _as_scheme(scheme: str, key: Any) -> Any:
    """A list of keys out of the text in which it is kept."""
    if KEYS[scheme] != "keys":
        return key
    return [part.strip() for part in str(key).strip("[] ").split(",")]


def read_watermark_keys(path: str | os.PathLike[str]) -> list[WatermarkKey]:
    """Read the ``[[watermark]]`` tables of a key file.

    A table has ``scheme``, ``tokenizer`` and the key (under the scheme's own name for it, as
    ``key``, or as ``key_env``, the name of an environment variable); it may have ``name``,
    ``account``, ``marked`` and settings of the scheme. Files are named from the key file's folder.

    Raises
    ------
    InputError
        With ``path:line``, and no key.
    """
    folder = Path(path).absolute().parent
    tables = read_tables(path, KIND)
    found: list[WatermarkKey] = []
    for number, (place, table) in enumerate(tables, 1):
        try:
            key = _key_of(table, number, place, folder)
            _check_new(key, found)
        except InputError as error:
            raise InputError(
                error.what, where=place, expected=error.expected, remedy=error.remedy
            ) from None
        found.append(key)
    return found


def _key_of(table: Mapping[str, Any], number: int, place: str, folder: Path) -> WatermarkKey:
    scheme = _text(table, "scheme", f"one of {', '.join(SCHEMES)}")
    one_of("scheme", scheme, list(SCHEMES))
    tokenizer = _text(table, "tokenizer", "a tiktoken encoding, or the path of a tokenizer.json")
    names = _names_of_key(scheme)
    settings = {
        name: value for name, value in table.items() if name not in {*_OWN, *names, "key_env"}
    }
    _check_settings(settings)
    name = _optional(table, "name") or f"{KIND} {number}"
    marked = _optional(table, "marked")
    return WatermarkKey(
        name=visible(name)[:_NAME_CHARACTERS],
        scheme_name=scheme,
        key=key_in(_with_digits(table, names), names),
        tokenizer=find_tokenizer(tokenizer, folder),
        settings=settings,
        account=_optional(table, "account"),
        marked=None if marked is None else _beside(marked, folder),
        place=place,
    )


def _names_of_key(scheme: str) -> tuple[str, ...]:
    own = KEYS[scheme]
    renamed: Mapping[str, str] = getattr(SCHEMES[scheme], "RENAMED", {})
    return ("key", own, *(word for word, target in renamed.items() if target == own))


def _with_digits(table: Mapping[str, Any], names: tuple[str, ...]) -> Mapping[str, Any]:
    """The table with a list of keys as their digits, which `Secret` can hold."""
    made = {
        name: ",".join(map(str, table[name]))
        for name in names
        if isinstance(table.get(name), list) and all(type(item) is int for item in table[name])
    }
    return {**table, **made}


def _check_settings(settings: Mapping[str, Any]) -> None:
    for name, value in settings.items():
        if isinstance(value, dict) or type(value).__module__ == "datetime":
            raise InputError(
                f"{visible(name[:40])} is not a setting", expected="a number, text or a list"
            )
    scheme = settings.get("seeding_scheme")
    if isinstance(scheme, str) and scheme.startswith("ff-") and scheme.count("-") > 3:
        raise InputError(
            "seeding_scheme ends with a key",
            expected="it without the key, and the key as hash_key or key_env",
        )


def _check_new(key: WatermarkKey, others: list[WatermarkKey]) -> None:
    for other in others:
        if other.name == key.name:
            raise InputError(f"two tables are called {key.name!r}", expected="a name for each")
        if other.family == key.family and other.key.reveal() == key.key.reveal():
            raise InputError(
                f"it is the same key and settings as {other.name!r}", expected="each key once"
            )


def _beside(path: str, folder: Path) -> str:
    return path if "://" in path or path.startswith("hf:") else str(folder / path)


def _text(table: Mapping[str, Any], name: str, expected: str) -> str:
    value = _optional(table, name)
    if not value:
        raise InputError(f"a [[{KIND}]] table has no `{name}`", expected=expected)
    return value


def _optional(table: Mapping[str, Any], name: str) -> str | None:
    value = table.get(name)
    if value is not None and not isinstance(value, str):
        raise InputError(f"{name} is not text", expected="a string in quotes")
    return value
