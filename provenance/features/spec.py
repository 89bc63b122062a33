"""What is measured, as one value: fingerprints meet only where it is equal."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Final

from provenance.errors import InputError

__all__ = ["FeatureSpec"]

_BOUNDS: Final = {
    "passage_tokens": (1, 1 << 20),
    "min_tokens": (0, 1 << 20),
    "word_bits": (1, 24),
    "shape_bits": (1, 24),
    "frequency_bits": (1, 24),
    "word_order": (1, 8),
    "shape_order": (1, 8),
    "opening": (0, 1 << 12),
    "long_opening": (0, 1 << 12),
    "ending": (0, 1 << 12),
}


def _kind(value: object) -> str:
    return f"of type {type(value).__name__}"


@dataclass(frozen=True, slots=True)
class FeatureSpec:
    """What is measured; fingerprints meet only where their specs are equal.

    Parameters
    ----------
    encoding : str
        The tiktoken encoding that counts tokens.
    passage_tokens : int
        Length that a long document is cut to, at ends of sentences.
    min_tokens : int
        Shorter documents are counted and not scored.
    strip_markdown : bool
        Whether markdown is turned into plain text first.
    word_bits, shape_bits : int
        Binary logarithm of the number of buckets of a family.
    word_order, shape_order : int
        Highest order of the n-grams.
    opening, long_opening, ending : int
        Words at the edges of a document whose n-grams are also counted apart.

    Examples
    --------
    >>> FeatureSpec(min_tokens=20).differences(FeatureSpec())
    ['min_tokens: 20 and 8']
    """

    schema: str = "provenance-features/1"
    encoding: str = "o200k_base"
    passage_tokens: int = 512
    min_tokens: int = 8
    strip_markdown: bool = False
    word_bits: int = 19
    shape_bits: int = 16
    word_order: int = 2
    shape_order: int = 3
    opening: int = 20
    long_opening: int = 80
    ending: int = 30
    frequency_bits: int = 20

    @property
    def n_word_features(self) -> int:
        """Number of buckets of the ``words`` family; shape buckets follow."""
        return 1 << self.word_bits

    @property
    def n_features(self) -> int:
        """Number of buckets of both families."""
        return self.n_word_features + (1 << self.shape_bits)

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
        for field in fields(cls):
            if type(values[field.name]) is not type(field.default):
                raise InputError(
                    f"the feature spec's {field.name} is {_kind(values[field.name])}",
                    expected=_kind(field.default),
                )
        spec = cls(**values)
        if spec.schema != cls().schema:
            raise InputError(
                f"the feature spec is {spec.schema[:60]!r}", expected=repr(cls().schema)
            )
        for name, (lowest, highest) in _BOUNDS.items():
            if not lowest <= getattr(spec, name) <= highest:
                raise InputError(
                    f"the feature spec's {name} is out of bounds",
                    expected=f"{lowest} to {highest}",
                )
        return spec
