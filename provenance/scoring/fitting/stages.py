"""Whom a long fit tells how far it is."""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["Stages", "silent"]

Stages = Callable[[str, int, int], None]
"""Called with what is being done, the steps done of it and all its steps."""


def silent(told: str, done: int, total: int) -> None:
    """Tell nobody."""
