"""What a list misses of a source's own documents: by hand."""

from __future__ import annotations

import numpy as np

from provenance.scoring.caught import PLACES, caught
from provenance.scoring.p_values import Conformal
from provenance.scoring.scored import Scored, ScoredSamples


def samples(own: list[float], tokens: list[int], clusters: list[int], n_null: int) -> ScoredSamples:
    """A source whose documents have these statistics, and one whose documents lie at 0 to 1."""
    statistic = np.array([*own, *np.linspace(0, 1, n_null)], np.float32)
    n = len(statistic)
    source = np.r_[np.zeros(len(own), np.int64), np.ones(n_null, np.int64)]
    scored = Scored(
        log_posterior=np.stack([statistic, np.zeros(n, np.float32)], axis=1),
        document=np.arange(n),
        passage_tokens=np.r_[np.array(tokens, np.int64), np.full(n_null, 50)],
        weight=np.ones(n),
        cluster=np.r_[np.array(clusters, np.int64), 10_000 + np.arange(n_null)],
        cluster_hash=np.arange(n).astype(np.uint64),
        source=source,
    )
    none = np.full((n, 2), np.nan, np.float32)
    far = np.zeros((2, 2), np.float32)
    zeros = np.zeros(n, np.int64)
    return ScoredSamples(("api", "people"), scored, none, none, far, zeros, zeros)


def of(found: ScoredSamples) -> list[tuple[float, int, int]]:
    told = caught(found, Conformal.unread(found, 0))
    return [(one.p_value, one.n_missed, one.n_held_out) for one in told]


def test_the_third_by_length_counts_of_which_most_is_missed() -> None:
    # Of the short ones one lies below all of people's text, of the others both do, and none.
    own = [9.0, -1.0, -1.0, -1.0, 9.0, 9.0]
    found = of(samples(own, [10, 11, 50, 51, 90, 91], [*range(6)], 999))
    assert found == [(place, 2, 2) for place in PLACES]


def test_one_document_of_each_cluster_counts() -> None:
    found = of(samples([9.0, -1.0, -1.0, 9.0], [10, 20, 30, 40], [0, 1, 1, 3], 999))
    assert found == [(place, 1, 1) for place in PLACES]


def test_no_place_lies_below_the_smallest_p_value() -> None:
    found = of(samples([9.0, 9.0, 9.0], [10, 20, 30], [0, 1, 2], 99))
    assert found == [(place, 0, 1) for place in PLACES if place >= 0.01]
    assert of(samples([9.0, 9.0], [10, 20], [0, 1], 99)) == []
