"""Models of token ids: smoothed as by hand, with the entropy of their law."""

from __future__ import annotations

import numpy as np
import pytest

from provenance.errors import InputError
from provenance.evidence.watermark import Documents
from provenance.simulate.marked_text import (
    write_text,
)
from provenance.simulate.token_model import TokenModel

V = 3001  # products modulo a prime are nearly all different


def flat_model(n: int = V, noise: float = 0.0) -> TokenModel:
    """Every id as likely as every other."""
    return TokenModel(np.zeros(n, np.int64), np.arange(n)[None], np.full((1, n), -np.log(n)), noise)


def test_the_model_is_smoothed_as_worked_by_hand() -> None:
    ids = np.array([7, 3, 7, 3, 7, 9])
    model = TokenModel.fit(Documents(ids, np.array([0, 6])))
    chances = dict(
        zip(model.tokens[model.rows[7]], np.exp(model.logits[model.rows[7]]), strict=True)
    )
    # Behind 7 came 3 twice and 9 once: three in all, of two kinds.
    shares = {7: 1 / 2, 3: 1 / 3, 9: 1 / 6}
    expected = {3: (2 + 2 / 3) / 5, 9: (1 + 2 / 6) / 5, 7: (2 / 2) / 5}
    assert chances == pytest.approx(expected)
    begin = dict(zip(model.tokens[0], np.exp(model.logits[0]), strict=True))
    assert begin == pytest.approx(shares)
    last = dict(zip(model.tokens[model.rows[9]], np.exp(model.logits[model.rows[9]]), strict=True))
    assert last == pytest.approx(shares)


def test_entropy_is_that_of_the_law() -> None:
    text = write_text(flat_model(256), np.random.default_rng(0), 2, 10)
    assert text.bits == pytest.approx(8)
    ids = np.array([7, 3, 7, 3, 7, 9])
    bits = [
        write_text(
            TokenModel.fit(Documents(ids, np.array([0, 6])), temperature=temperature),
            np.random.default_rng(0),
            20,
            50,
        ).bits.mean()
        for temperature in (1.0, 0.5)
    ]
    assert bits[1] < bits[0] - 0.2


def test_what_cannot_be_fitted_is_refused() -> None:
    with pytest.raises(InputError, match="no token"):
        TokenModel.fit(Documents(np.empty(0, np.int64), np.zeros(1, np.int64)))
    with pytest.raises(InputError, match="temperature"):
        TokenModel.fit(Documents(np.ones(2, np.int64), np.array([0, 2])), temperature=0.0)
