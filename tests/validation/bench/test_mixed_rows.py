"""The bench of rows that several wrote, on texts that are made up."""

from __future__ import annotations

from pathlib import Path

import pytest
from known_text import texts

from provenance.validation.bench.mixed_rows import Reading, traced

BEGINNING = "It is that which they have in the order of all these:"


def test_a_reading_is_a_row() -> None:
    cells = Reading("a", "prose:en", 0.3, None, 0.0, 1.0).cells()
    assert cells == ("a", "prose:en", "30.0 %", "–", "0 % to 100 %")


@pytest.mark.slow
def test_answers_and_traces_are_told_apart(tmp_path: Path) -> None:
    written = {
        name: {
            f"p{n}": f"{BEGINNING} {text}"
            for n, text in enumerate(texts(name, 240, 3, words=(60, 90)))
        }
        for name in ("alpha", "beta", "gamma")
    }
    found = [*traced(written, "alpha", tmp_path)]
    assert [one.part for one in found[:3]] == ["prose:en", "reasoning:en", "whole rows"]
    split = [one for one in found if one.part != "whole rows"]
    assert all(one.low <= one.truth + 1e-9 for one in split)
    assert all(one.truth <= one.high + 1e-9 for one in split)
