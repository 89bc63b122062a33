"""Small, ordered, counted repairs of text."""

from provenance.features.normalize.repairs import MARKDOWN, REPAIRS, Normalized, Repair, normalize

__all__ = ["MARKDOWN", "REPAIRS", "Normalized", "Repair", "normalize"]
