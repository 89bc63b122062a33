"""Levels that are usual, where nobody asked for another."""

from __future__ import annotations

from typing import Final

__all__ = ["FDR", "POWER"]

FDR: Final = 0.05
"""Rate of false rows among those listed: the usual level."""
POWER: Final = 0.8
"""Chance at which a smallest detectable share, or difference, is told: Cohen (1988)."""
