"""What peers learn from: cut, held out, and refused where it teaches nothing."""

from __future__ import annotations

import numpy as np
import pytest
from known_peers import simulated
from numpy.typing import NDArray

from provenance.errors import InputError
from provenance.validation.peers.peers import PeerTexts, Training


def test_sentences_are_cut() -> None:
    pieces, document = PeerTexts(["One two. Three four?\nFive 1.5", "six"]).sentences
    assert pieces.documents == ["One two.", "Three four?", "Five 1.5", "six"]
    assert document.tolist() == [0, 0, 0, 1]


@pytest.mark.slow
def test_groups_are_held_out_together() -> None:
    texts = simulated().texts
    groups = [str(number % 20) for number in range(200)]
    alone = simulated().classifier
    together = Training(texts, np.arange(200) < 100, groups).classifier
    assert alone.posterior(texts).tolist() == together.posterior(texts).tolist()
    assert alone.held_out.tolist() != together.held_out.tolist()


@pytest.mark.parametrize(
    ("texts", "is_candidate"),
    [
        pytest.param(["a"] * 20, np.arange(19) < 9, id="labels"),
        pytest.param(["a"] * 20, np.arange(20) < 4, id="few of the candidate"),
        pytest.param(["a"] * 20, np.arange(20) < 16, id="few of the rest"),
    ],
)
def test_training_sets_that_teach_nothing(
    texts: list[str], is_candidate: NDArray[np.bool_]
) -> None:
    with pytest.raises(InputError):
        Training(PeerTexts(texts), is_candidate)
