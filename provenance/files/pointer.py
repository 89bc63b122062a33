"""What stands in place of a file that Git LFS has not fetched: three lines that say which it is."""

from __future__ import annotations

from typing import Final

__all__ = ["POINTER"]

POINTER: Final = b"version https://git-lfs"
"""The bytes that a pointer begins with (specification of Git LFS, version 1)."""
