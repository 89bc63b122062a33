"""How many windows a text is found by."""

from __future__ import annotations

import numpy as np
import pytest

from provenance.evidence.log.windows import hash_texts


@pytest.mark.parametrize(
    ("texts", "prompts", "n_windows"),
    [
        ([], None, []),
        (["", "seven words are not enough for it"], None, [0, 0]),
        (["one two three four five six seven eight"], [None], [1]),
        (["a b c d e f g h i j", ""], ["x", None], [3, 0]),
    ],
)
def test_windows_of_texts(
    texts: list[str], prompts: list[str | None] | None, n_windows: list[int]
) -> None:
    found = hash_texts(texts, prompts, window=8)
    assert np.diff(found.window_bounds).tolist() == n_windows
