"""Quantifiers of QuaPy on told posteriors."""

from __future__ import annotations

import numpy as np
import pytest
from known_peers import Told, able, telling, told

from provenance.validation.peers.peers import PEERS


@pytest.mark.parametrize(("name", "posterior"), [("ACC", 0.9), ("PACC", 1.0)])
def test_adjusted_counts_by_hand(name: str, posterior: float) -> None:
    # 80 % of the candidate and 20 % of the rest are taken for the candidate, 44 % of the corpus.
    def with_share(count: int, of: int) -> list[float]:
        return [posterior] * count + [1 - posterior] * (of - count)

    fitted = able(name).fit(told(with_share(8, 10), with_share(2, 10)))
    share, low, high = fitted.read(telling(with_share(44, 100)))
    assert share == pytest.approx(0.4, abs=1e-3)
    assert 0 < low < share < high < 1


def test_kernel_densities_are_those_of_quapy() -> None:
    able("KDEyML")
    from quapy.method.aggregative import KDEyML

    rng = np.random.default_rng(3)
    training = told(rng.beta(4, 2, 60).tolist(), rng.beta(2, 4, 60).tolist())
    corpus = telling(rng.beta(3, 3, 80).tolist())
    whole = KDEyML(Told(), fit_classifier=False, val_split=None)
    held_out = training.classifier.held_out
    whole.aggregation_fit(np.stack([1 - held_out, held_out], axis=1), np.arange(120) < 60)
    expected = whole.aggregate(Told().predict_proba(list(corpus.documents)))[1]
    share, _, _ = PEERS["KDEyML"].fit(training).read(corpus)
    assert share == pytest.approx(expected, abs=1e-4)


def test_rlls_is_what_its_regulariser_leaves_of_the_adjusted_count() -> None:
    """Sure posteriors make the shift's equations diagonal; a light penalty draws it to training."""
    fitted = able("RLLS").fit(told([1.0] * 2000, [0.0] * 2000))
    own, even = (fitted.read(telling([1.0] * count + [0.0] * (200 - count))) for count in (60, 100))
    assert even[0] == pytest.approx(0.5, abs=1e-3)
    assert own[0] == pytest.approx(0.3, abs=5e-3)
    assert own[1] < own[0] < own[2]
