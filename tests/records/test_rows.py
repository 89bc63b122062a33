"""Records of single rows refuse what the contract refuses."""

from __future__ import annotations

from dataclasses import replace

import pytest

from provenance.records import Excerpt


def test_an_excerpt_refuses_long_text_and_stray_spans() -> None:
    row = Excerpt(id="a", path="p", line=1, text="x" * 600, spans=((0, 600),))
    with pytest.raises(ValueError, match="more than 600"):
        replace(row, text="x" * 601)
    for span in ((-1, 2), (3, 3), (4, 3), (0, 601)):
        with pytest.raises(ValueError, match="spans"):
            replace(row, spans=(span,))
