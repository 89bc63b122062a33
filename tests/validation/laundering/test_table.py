"""Launderers by name: merged texts, and what cannot be done."""

from __future__ import annotations

import numpy as np
import pytest
from known_edits import draw

from provenance.errors import InputError
from provenance.validation.laundering.table import launder, merge


def test_merging() -> None:
    others = ["one", "two", "three"]
    found = {merge("x", others, draw(seed)) for seed in range(60)}
    assert found == {f"{a}\n\nx\n\n{b}" for a in others for b in others if a != b}
    assert merge("x", ["one"], draw()) == "one\n\nx\n\none"
    with pytest.raises(InputError):
        merge("x", [], draw())


@pytest.mark.parametrize(
    ("name", "strength"), [("paraphrase", 0.5), ("case", -0.1), ("case", 1.1), ("case", np.nan)]
)
def test_what_cannot_be_done_is_refused(name: str, strength: float) -> None:
    with pytest.raises(InputError):
        launder("a", name, strength, draw())
