"""Markdown that is taken off."""

from __future__ import annotations

from provenance.features.normalize import markdown


def test_nesting_too_deep_is_left_alone() -> None:
    text = "*_" * 40 + "x y" + "_*" * 40
    assert markdown.strip(text) == (text, 0)
