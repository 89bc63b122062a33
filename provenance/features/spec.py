"""What is measured, as one value: fingerprints meet only where it is equal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from provenance.errors import InputError

__all__ = ["FAMILIES", "FeatureSpec", "check_bounds"]

FAMILIES: Final = ("words", "shape", "tokens")
"""Families of n-grams, in the order of their buckets."""

_SCHEMA: Final = "provenance-features/2"
# Round figures, not tuned: a table of 2**24 buckets is 64 MiB, more words than 2**12 are no
# longer an edge of a text, and more tokens than 2**20 are no longer a passage of one.
_BOUNDS: Final = {
    "passage_tokens": (1, 1 << 20),
    "min_tokens": (0, 1 << 20),
    "word_bits": (1, 24),
    "shape_bits": (1, 24),
    "token_bits": (1, 24),
    "frequency_bits": (1, 24),
    "word_order": (1, 8),
    "shape_order": (1, 8),
    "token_order": (1, 8),
    "opening": (0, 1 << 12),
    "long_opening": (0, 1 << 12),
    "ending": (0, 1 << 12),
}
# The longest name that tiktoken gives has 13 characters; a round figure above it.
_LONGEST_NAME: Final = 64


def check_bounds(values: Mapping[str, Any]) -> None:
    """Refuse numbers of a spec that are out of bounds, among whatever else the mapping holds.

    Parameters
    ----------
    values : mapping of str to Any

    Raises
    ------
    InputError
        Naming the first number that is out of bounds.

    Examples
    --------
    >>> check_bounds({"word_bits": 0})
    Traceback (most recent call last):
    provenance.errors.InputError: the spec's word_bits is out of bounds (0). Expected 1 to 24.
    """
    for name, (lowest, highest) in _BOUNDS.items():
        value = values.get(name, lowest)
        if type(value) is not int:
            raise InputError(f"the feature spec's {name} is {_kind(value)}", expected=_kind(0))
        if not lowest <= value <= highest:
            raise InputError(
                f"the spec's {name} is out of bounds ({_shown(value)})",
                expected=f"{lowest} to {highest}",
            )


def _shown(value: int) -> str:
    # Python refuses to write a number of more than 4,300 digits.
    return str(value) if value.bit_length() <= 64 else f"a number of {value.bit_length()} bits"


def _kind(value: object) -> str:
    return f"of type {type(value).__name__}"


@dataclass(frozen=True, slots=True)
class FeatureSpec:
    """What is measured; fingerprints meet only where their specs are equal.

    Parameters
    ----------
    encoding : str
        The tiktoken encoding that makes the tokens.
    passage_tokens : int
        Length that a long document is cut to, at ends of sentences.
    min_tokens : int
        Shorter documents are counted and not scored. It may be above `passage_tokens`: it is about
        whole documents, so that only long ones are scored, in passages as ever.
    strip_markdown : bool
        Whether markdown is turned into plain text first.
    word_bits, shape_bits, token_bits : int
        Binary logarithm of the number of buckets of a family.
    word_order, shape_order, token_order : int
        Highest order of the n-grams.
    opening, long_opening, ending : int
        Words at the edges of a document whose n-grams are also counted apart.

    Examples
    --------
    >>> FeatureSpec(min_tokens=20).differences(FeatureSpec())
    ['min_tokens: 20 and 8']

    Whatever cannot be measured is refused, wherever the spec comes from:

    >>> FeatureSpec(word_order=0)
    Traceback (most recent call last):
    provenance.errors.InputError: the spec's word_order is out of bounds (0). Expected 1 to 8.
    """

    schema: str = _SCHEMA
    encoding: str = "o200k_base"
    passage_tokens: int = 512
    min_tokens: int = 8
    strip_markdown: bool = False
    word_bits: int = 19
    shape_bits: int = 16
    token_bits: int = 18
    word_order: int = 2
    shape_order: int = 3
    token_order: int = 2
    opening: int = 20
    long_opening: int = 80
    ending: int = 30
    frequency_bits: int = 20

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if type(value) is not type(field.default):
                raise InputError(
                    f"the feature spec's {field.name} is {_kind(value)}",
                    expected=_kind(field.default),
                )
        if self.schema != _SCHEMA:
            raise InputError(f"the feature spec is {self.schema[:60]!r}", expected=repr(_SCHEMA))
        if not 0 < len(self.encoding) <= _LONGEST_NAME or not self.encoding.isprintable():
            raise InputError(
                f"the feature spec's encoding is {self.encoding[:_LONGEST_NAME]!r}",
                expected=f"a name of at most {_LONGEST_NAME} characters",
            )
        check_bounds(asdict(self))

    @property
    def family_bounds(self) -> NDArray[np.int64]:
        """First bucket of each of the `FAMILIES` and the end of the last, shape (n_families + 1,).

        Examples
        --------
        >>> FeatureSpec(word_bits=4, shape_bits=3, token_bits=2).family_bounds.tolist()
        [0, 16, 24, 28]
        """
        sizes = [1 << bits for bits in (self.word_bits, self.shape_bits, self.token_bits)]
        return np.cumsum([0, *sizes], dtype=np.int64)

    @property
    def n_word_features(self) -> int:
        """Number of buckets of the ``words`` family, which is the first."""
        return 1 << self.word_bits

    @property
    def n_features(self) -> int:
        """Number of buckets of all families."""
        return int(self.family_bounds[-1])

    def differences(self, other: FeatureSpec) -> list[str]:
        """Fields in which two specs differ, each with both values."""
        mine, others = asdict(self), asdict(other)
        return [
            f"{name}: {mine[name]} and {others[name]}"
            for name in mine
            if mine[name] != others[name]
        ]

    @classmethod
    def from_dict(cls, values: object) -> FeatureSpec:
        """Read a spec from JSON; raise `InputError` where a field is missing, foreign or absurd."""
        names = {field.name for field in fields(cls)}
        if not isinstance(values, dict) or set(values) != names:
            raise InputError(
                "the feature spec is not one of this version",
                expected=f"the fields {sorted(names)}",
            )
        return cls(**values)
