"""Small, ordered, counted repairs of text."""

from provenance.features.normalize.repairs import (
    MARKDOWN,
    REPAIRS,
    Normalized,
    Repair,
    normalize,
    unusual,
)

__all__ = ["MARKDOWN", "REPAIRS", "Normalized", "Repair", "normalize", "unusual"]
