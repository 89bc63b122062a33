"""What stands in place of a file that Git LFS has not fetched: three lines that say which it is."""

from __future__ import annotations

from typing import Final

__all__ = ["POINTER", "POINTERS_END"]

POINTER: Final = b"version https://git-lfs"
"""The bytes that a pointer begins with (specification of Git LFS, version 1)."""
POINTERS_END: Final = 1024
"""Bytes that no pointer has (the same): a longer text that begins so is a text."""
