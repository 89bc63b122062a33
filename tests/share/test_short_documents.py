"""Shares of all documents from those of the scored ones: by hand, by law, by simulation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.share.short_documents import MOST_LEVEL, NO_MATTER, ShortDocuments
from provenance.statistics.intervals import normal_quantile


def log_odds(share: float) -> float:
    return float(np.log(share / (1 - share)))


def of(observed: float, rates: list[float], shares: list[float], n: float = 1e12) -> ShortDocuments:
    return ShortDocuments(observed, np.array(rates), np.full(len(rates), n), np.array(shares))


def test_two_sources_by_hand() -> None:
    """Of 100 documents 40 by a model, 4 of them short, and 60 by people, 18 short: 36 and 42."""
    short = of(0.22, [0.1, 0.3], [36 / 78, 42 / 78])
    assert short.level == pytest.approx(1)
    assert short.explained
    share, low, high = short.carried((36 / 78, 0.3, 0.6), [0], 0.95)
    assert share == pytest.approx(0.4)
    # Log odds fall by log(0.9 / 0.7), a quarter of which is their standard error.
    change = np.log(0.7 / 0.9)
    error = 1.959964 * 0.25 * abs(change)
    below = np.hypot(log_odds(36 / 78) - log_odds(0.3), error)
    above = np.hypot(log_odds(0.6) - log_odds(36 / 78), error)
    assert share is not None
    assert log_odds(low) == pytest.approx(log_odds(share) - below, abs=1e-6)
    assert log_odds(high) == pytest.approx(log_odds(share) + above, abs=1e-6)
    assert short.carried((36 / 78, 0.0, 1.0), [0], 0.95)[1:] == (0.0, 1.0)


def test_a_corpus_of_half_as_many_short_documents() -> None:
    """40 and 60 as above, but 2 of 40 and 9 of 60 are short: the level is a half."""
    short = of(0.11, [0.1, 0.3], [38 / 89, 51 / 89])
    assert short.level == pytest.approx(0.5)
    assert short.carried((38 / 89, 0.0, 1.0), [0], 0.95)[0] == pytest.approx(0.4)


def test_sampling_error_of_the_rates_by_hand() -> None:
    """Of the logarithms of 0.9 and 0.7 by 50 documents each; equal rates change nothing else."""
    short = of(0.2, [0.2, 0.2], [0.5, 0.5], n=50)
    found = short.carried((None, 0.2, 0.8), [0], 0.95)
    error = normal_quantile(0.975) * np.sqrt(2 * 0.2 * 0.8 / 50) / 0.8
    assert found[0] is None
    assert np.log(found[1] / (1 - found[1])) == pytest.approx(np.log(0.25) - error)


@pytest.mark.parametrize(
    ("observed", "rates", "explained"),
    [
        (0.0, [0.1, 0.3], True),
        (0.0005, [1e-6, 1e-6], True),
        (0.22, [0.1, 0.3], True),
        (0.9, [0.1, 0.3], False),
        (0.05, [1e-4, 1e-4], False),
        (0.6, [0.9, 0.9], True),
    ],
)
def test_what_the_samples_explain(observed: float, rates: list[float], explained: bool) -> None:
    short = of(observed, rates, [0.5, 0.5])
    assert short.explained == explained
    assert short.check().verdict == ("ok" if explained else "warn")
    assert 0 <= short.level <= MOST_LEVEL


@given(
    st.lists(st.tuples(st.floats(0.01, 1), st.floats(0, 0.4)), min_size=2, max_size=6),
    st.floats(0, 1.5),
    st.lists(st.floats(0, 1), min_size=3, max_size=3).map(sorted),
)
def test_documents_are_divided_and_none_is_lost(
    sources: list[tuple[float, float]], level: float, ends: list[float]
) -> None:
    """Shares of all documents add up, are those that made the corpus, and ends keep their order."""
    whole, rates = np.array(sources).T
    whole = whole / whole.sum()
    kept = whole * (1 - level * rates)
    short = of(1 - kept.sum(), rates.tolist(), (kept / kept.sum()).tolist())
    if 1 - kept.sum() > NO_MATTER:
        assert short.level == pytest.approx(level, abs=1e-4)
        divided = [
            short.carried((one, 0.0, 1.0), [number], 0.95)[0]
            for number, one in enumerate(kept / kept.sum())
        ]
        assert divided == pytest.approx(whole.tolist(), abs=1e-4)
        together = short.carried((1.0, 0.0, 1.0), range(len(rates)), 0.95)
        assert together == (1.0, 0.0, 1.0)
    low, share, high = ends
    moved, low, high = short.carried((share, low, high), [0], 0.95)
    assert moved is not None
    assert 0 <= low <= moved + 1e-9
    assert moved - 1e-9 <= high <= 1


def test_no_end_lies_beyond_the_unscored_documents_at_their_worst_by_hand() -> None:
    """80 of 100 documents are scored, at least half of these a source's: 40 of all, come what may.

    The error of the samples alone would put the low end of a source without short texts below it.
    """
    short = of(0.2, [1e-12, 0.5], [0.75, 0.25])
    assert short.explained
    share, low, high = short.carried((0.75, 0.5, 0.9), [0], 0.95)
    assert share == pytest.approx(0.6)
    assert low == pytest.approx(0.4) and high < 0.9
    # The rest has 10 to 50 % of the scored documents, and all that are short at most.
    _, low, high = short.carried((0.25, 0.1, 0.5), [1], 0.95)
    assert high == pytest.approx(1 - 0.5 * 0.8) and low > 0.1
    # Of a part of the corpus nobody counted the short ones.
    part = ShortDocuments(short.observed, short.rates, short.n, short.shares, of_whole=False)
    assert part.carried((0.75, 0.5, 0.9), [0], 0.95)[1] < 0.4


@pytest.mark.slow
@pytest.mark.parametrize(("own", "n"), [(0.0, 100), (0.01, 100), (0.01, 1_000)])
def test_the_worst_case_costs_no_coverage(own: float, n: int) -> None:
    """Both bounds hold at 97.5 % a side; so does the higher of them, which is the worst case's."""
    rng, reach, runs, share = np.random.default_rng(5), normal_quantile(0.975), 1_500, 0.3
    parts = np.array([share / (1 - own), (1 - share) / 0.6])
    truth, observed = parts[0] / parts.sum(), 1 - 1 / parts.sum()
    n_missed = n_raised = 0
    for noise in 0.3 * rng.standard_normal(runs):
        odds = log_odds(share) + noise
        seen, below, above = 1 / (1 + np.exp(-odds - reach * 0.3 * np.array([0, -1, 1])))
        rates = (rng.binomial(n, [own, 0.4]) + 0.5) / (n + 1)
        sizes = np.full(2, float(n))
        short = ShortDocuments(observed, rates, sizes, np.array([seen, 1 - seen]))
        low = short.carried((seen, below, above), [0], 0.95)[1]
        n_missed += truth < low * (1 - 1e-9)
        n_raised += low == below * (1 - observed)
    # 0.5 % more than asked for has a chance below 1 in 100 where the rate is 2.5 %.
    assert n_missed <= 0.035 * runs and n_raised > 0.5 * runs
