"""Shares add up and candidates keep theirs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from provenance.share.mixture import Mixture, Siblings, Together, adding_up


@pytest.mark.parametrize(
    ("alone", "candidates", "fitted", "expected"),
    [
        ([0.2, 0.6, 0.4], [0], [0.2, 0.5, 0.3], [0.2, 0.48, 0.32]),
        ([0.2, 0.0, 0.0], [0], [0.2, 0.6, 0.2], [0.2, 0.6, 0.2]),
        ([0.0, 0.0], [0], [1.0, 0.0], [0.0, 1.0]),
        ([0.9, 0.9, 0.1], [0, 1], [0.5, 0.5, 0.0], [0.5, 0.5, 0.0]),
        ([0.2, 0.2], [0, 1], [0.5, 0.5], [0.5, 0.5]),
        ([0.0, 0.0], [0, 1], [0.7, 0.3], [0.7, 0.3]),
    ],
)
def test_shares_add_up_and_candidates_keep_theirs(
    alone: list[float], candidates: list[int], fitted: list[float], expected: list[float]
) -> None:
    found = adding_up(np.array(alone), candidates, np.array(fitted))
    assert found == pytest.approx(expected)


MIXTURE = Mixture(
    shares=np.array([0.3, 0.1, 0.6]),
    low=np.array([0.2, 0.05, 0.5]),
    high=np.array([0.4, 0.2, 0.7]),
    two_sources={},
    fitted=np.array([0.3, 0.1, 0.6]),
    fit_p_values={0: 0.5},
    families=(Siblings(0, (1,), 0.4, 0.3, 0.5, 0.1),),
    models=Together(0.4, 0.3, 0.5),
)


def test_no_model_keeps_a_low_end_where_it_may_be_another() -> None:
    found = MIXTURE.unattributed([0], [0, 1])
    assert found.low.tolist() == [0.0, 0.0, 0.5]
    assert found.low_of_given == {0: 0.2}
    assert found.families == ()
    assert found.smallest_detectable(0, 0.8, 0.01, 0.95) is None
    assert (found.shares is MIXTURE.shares, found.high is MIXTURE.high) == (True, True)


def test_a_part_has_no_more_than_the_whole() -> None:
    """The whole's 40 % are 20 % of a part that is twice as large; its models' 50 % are 25 %."""
    found = replace(MIXTURE, low=np.array([0.9, 0.05, 0.1])).within(MIXTURE, 2.0)
    assert found.low.tolist() == [0.2, 0.05, 0.1]
    assert found.models == Together(0.4, 0.25, 0.5)
