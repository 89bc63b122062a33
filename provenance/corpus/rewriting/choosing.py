"""What becomes of a row that is written again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

__all__ = ["TAG", "Choice", "Choose"]

TAG: Final = "provenance_drop"
"""Key or column that a tagged corpus has besides."""


class Choice(NamedTuple):
    """Whether a row is written, and what its tag says; None tags nothing."""

    keep: bool
    tag: str | None = None


Choose = Callable[[int], Choice]
"""Asked once for each row, by its line, in the order of the file."""
