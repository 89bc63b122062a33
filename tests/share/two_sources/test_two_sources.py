"""One source against another: the interval by hand, by law and by coverage."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from known_text import gaussian, gaussian_references

from provenance.scoring.scored import Passages
from provenance.share.two_sources.bins import two_source
from provenance.share.two_sources.densities import fit_mixture
from provenance.share.two_sources.two_sources import TwoSource
from provenance.statistics.intervals import clopper_pearson, normal_quantile


def binned(seed: int, n_bins: int = 6, n_effective: float = 200.0) -> TwoSource:
    """Any two densities, any corpus, some noise of the references."""
    rng = np.random.default_rng(seed)
    own, rest, observed = (rng.dirichlet(np.ones(n_bins)) * 0.98 + 0.02 / n_bins for _ in range(3))
    parts = [rng.normal(scale=0.002, size=(30, n_bins)) for _ in range(2)]
    own_parts, rest_parts = (part - part.mean(axis=1, keepdims=True) for part in parts)
    return TwoSource(observed, own, rest, own_parts, rest_parts, n_effective)


@pytest.mark.parametrize("seed", range(10))
def test_the_share_is_the_maximum_of_the_binned_likelihood(seed: int) -> None:
    one = binned(seed)
    grid = np.linspace(0, 1, 2001)
    values = [float(one.observed @ np.log(one.density(share))) for share in grid]
    assert one.share == pytest.approx(grid[int(np.argmax(values))], abs=1e-3)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("share", [0.05, 0.5, 0.95])
def test_score_and_information_are_derivatives(seed: int, share: float) -> None:
    one, step = binned(seed), 1e-5
    fits = replace(one, observed=one.density(share))

    def loglik(value: float) -> float:
        return float(one.observed @ np.log(one.density(value)))

    slope = (loglik(share + step) - loglik(share - step)) / (2 * step)
    assert one._gradient(share) == pytest.approx(slope, abs=3e-6)
    bend = (fits._gradient(share + step) - fits._gradient(share - step)) / (2 * step)
    assert one.information(share) == pytest.approx(-bend, rel=1e-5)


def test_bias_by_hand() -> None:
    """At a share of 0 the contrasts are -2/3 and 1 over densities of 0.6 and 0.4.

    var(rest) (own - rest) / rest^2 + var(rest) / rest - cov / rest is var(rest) own / rest^2 less
    cov(own, rest) / rest: 0.0036 (0.2 / 0.36 + 0.8 / 0.16) - 0.001 (1 / 0.6 + 1 / 0.4).
    """
    noise = np.array([[0.0009] * 2, [0.0036] * 2, [0.002] * 2])
    one = replace(two_bins(), noise=noise)
    assert one.bias(0.0) == pytest.approx(0.0036 * (0.2 / 0.36 + 5) - 0.001 * (1 / 0.6 + 2.5))
    assert one._gradient(0.0) == pytest.approx(two_bins()._gradient(0.0) - one.bias(0.0))
    turned = replace(one, own=one.rest, rest=one.own, noise=noise[[1, 0, 2]])
    assert one.bias(0.3) == pytest.approx(-turned.bias(0.7))
    assert two_bins().bias(0.3) == 0
    smoothed = replace(two_bins(), smoothing=np.array([[0.02, -0.02], [-0.01, 0.01]]))
    assert smoothed.bias(0.0) == pytest.approx(-(-2 / 3 * -0.01 + 0.01))


@pytest.mark.slow
@pytest.mark.parametrize(("share", "distance"), [(0.0, 0.7), (0.0, 1.5), (0.75, 0.7)])
def test_the_mean_slope_at_the_true_share_is_its_bias(share: float, distance: float) -> None:
    """To second order; bins are laid where rows are, which leaves a part of it."""
    slopes, biases = [], []
    rng = np.random.default_rng(29)
    for _ in range(300):
        ratios, cluster = gaussian(rng, (150, 150), distance=distance)
        references = Passages(ratios, np.full(300, 1 / 150), cluster, np.repeat([0, 1], 150))
        n_own = round(400 * share)
        ratios, cluster = gaussian(rng, (n_own, 400 - n_own), distance=distance)
        corpus = Passages(ratios, np.ones(400), cluster)
        one = two_source(corpus, references, 0, np.array([share, 1 - share]))
        biases.append(one.bias(share))
        slopes.append(one._gradient(share) + one.bias(share))
    error = np.std(slopes) / np.sqrt(len(slopes))
    assert abs(np.mean(slopes)) > 4 * error
    assert np.mean(slopes) == pytest.approx(np.mean(biases), rel=0.2, abs=3 * error)


def two_bins(observed: float = 0.4) -> TwoSource:
    """At a share of 0 the contrasts are -2/3 and 1, at a half -1 and 2/3; 2/3 is known of each."""
    parts = [[[0.0, 0.0], [0.06, -0.06]], [[0.03, -0.03], [0.0, 0.0]]]
    own_parts, rest_parts = map(np.array, parts)
    shares = np.array([1 - observed, observed])
    return TwoSource(
        shares, np.array([0.2, 0.8]), np.array([0.6, 0.4]), own_parts, rest_parts, 2000.0
    )


def test_variance_by_hand() -> None:
    """Corpus (2/3) / 2000; references 0.05^2 at 0, 0.025^2 + 0.05^2 at a half; drift 0.001^2.

    Of a corpus that was read whole (2/3)^2 / 4 is no accident at a half.
    """
    one = two_bins()
    assert one.information(0.0) == pytest.approx(2 / 3)
    assert one.variance(0.0) == pytest.approx(1 / 3000 + 0.0025 + 1e-6, rel=1e-9)
    assert one.information(0.5) == pytest.approx(2 / 3)
    others = 0.000625 + 0.0025 + 1e-6
    assert one.variance(0.5) == pytest.approx((2 / 3 - 1 / 9) / 2000 + others, rel=1e-9)
    sampled = replace(one, unread=1.0)
    assert sampled.variance(0.0) == one.variance(0.0)
    assert sampled.variance(0.5) == pytest.approx(1 / 3000 + others, rel=1e-9)


@pytest.mark.parametrize(("more", "accepted"), [(0.0005, True), (0.0007, False)])
def test_the_floor_by_hand(more: float, accepted: bool) -> None:
    """A score of 5/3 of what is seen too much; three rows of 2000 are worth 3 / 2000 * 2/3."""
    one = two_bins(0.4 + more)
    assert one._gradient(0.0) == pytest.approx(5 / 3 * more)
    assert one.accepts(0.0, quantile=0.0) is accepted


def test_the_test_of_zero_by_hand() -> None:
    """A score of 5/3 * 0.06; its variance knows the references, neither caution nor floor."""
    one = replace(two_bins(0.46), caution=1.5)
    assert one._gradient(0.0) == pytest.approx(0.1)
    assert one._spreads_of_zero_test(np.zeros(1)) == pytest.approx(np.sqrt(1 / 3000 + 0.0025))
    spread = np.sqrt(1 / 3000 + 0.0025 + 1e-6)
    assert one.zero_p_value == pytest.approx(math.erfc(0.1 / spread / math.sqrt(2)))


def test_the_low_end_leaves_zero_at_its_own_level() -> None:
    planned = known_densities(2000.0)
    one = replace(planned, observed=planned.density(0.1))
    for factor, leaves in ((0.99, False), (1.01, True)):
        assert (one.interval(0.5, zero_level=factor * one.zero_p_value)[0] > 0) is leaves


def test_fit_by_hand() -> None:
    """Two of four bins are off by 0.05, twice 0.05^2 / (0.0025 + 0.0075^2) on two degrees."""
    observed, own = np.array([0.3, 0.2, 0.25, 0.25]), np.array([0.25, 0.25, 0.5, 0.0])
    nothing = np.zeros((1, 4))
    one = TwoSource(observed, own, np.full(4, 0.25), nothing, nothing, 100.0)
    assert one.share == 0
    assert one.fit_p_value == pytest.approx(np.exp(-0.0025 / 0.00255625))


@given(st.integers(0, 10_000), st.floats(2, 1e5))
def test_a_wider_level_is_a_wider_interval(seed: int, n_effective: float) -> None:
    one = binned(seed, n_effective=n_effective)
    before = (one.share, one.share)
    for level in (0.5, 0.8, 0.95, 0.999):
        low, high = one.interval(level, zero_level=1.0)
        assert 0 <= low <= before[0] + 1e-9
        assert 1 >= high >= before[1] - 1e-9
        before = (low, high)


@given(st.integers(0, 10_000))
def test_more_caution_is_a_wider_interval(seed: int) -> None:
    careless = replace(binned(seed), caution=1.0).interval(0.95)
    careful = replace(binned(seed), caution=1.5).interval(0.95)
    assert careful[0] <= careless[0] + 1e-9
    assert careful[1] >= careless[1] - 1e-9


def test_an_edge_of_the_interval_is_where_the_test_turns() -> None:
    one = replace(binned(4, n_effective=5000.0), observed=binned(4).density(0.4))
    low, high = one.interval(0.95)
    assert 0 < low < one.share < high < 1
    for inside, outside in ((low + 1e-6, low - 1e-6), (high - 1e-6, high + 1e-6)):
        assert one.accepts(inside, 1.959964)
        assert not one.accepts(outside, 1.959964)


def test_level_zero_holds_the_low_end_at_zero() -> None:
    one = replace(binned(4, n_effective=5000.0), observed=binned(4).own)
    assert one.interval(0.95, zero_level=0.0)[0] == 0
    assert one.interval(0.95)[0] > 0.5


@pytest.mark.parametrize("n_effective", [1.0, 2.0, 2.9])
def test_a_document_or_two_tell_nothing(n_effective: float) -> None:
    assert binned(1, n_effective=n_effective).interval(0.95) == (0.0, 1.0)


def test_sources_that_cannot_be_told_apart_leave_everything_open() -> None:
    one = replace(binned(1), own=binned(1).rest)
    assert one.interval(0.95) == (0.0, 1.0)
    assert one.smallest_detectable() is None
    assert one.zero_p_value == 1
    assert 0 <= one.fit_p_value <= 1


@pytest.mark.parametrize("n_bins", [1, 2])
def test_too_few_bins_for_a_misfit_are_no_misfit(n_bins: int) -> None:
    assert binned(2, n_bins=n_bins).fit_p_value == 1


def test_all_of_the_corpus_in_one_bin() -> None:
    for hit in range(6):
        one = replace(binned(5), observed=np.eye(6)[hit])
        low, high = one.interval(0.95)
        assert 0 <= low <= one.share <= high <= 1
        assert 0 <= one.fit_p_value <= 1


def simulate(
    seed: int, truth: float, n_corpus: int, runs: int, copies: int = 2, unread: float = 0.0
) -> list[TwoSource]:
    """Corpora of normal scores and fresh references, two rows a cluster.

    Of a corpus read whole the truth is its own share, else that of what it was drawn from.
    """
    found = []
    for run in range(runs):
        rng = np.random.default_rng([seed, run])
        n_own = int(rng.binomial(n_corpus, truth)) if unread else round(n_corpus * truth)
        ratio, cluster = gaussian(rng, (n_corpus - n_own, n_own), copies)
        corpus = Passages(ratio, np.ones(len(ratio)), cluster, unread=unread)
        references = gaussian_references(rng, 500)
        found.append(fit_mixture(corpus, references, [1], caution=1.0).two_sources[1])
    return found


@pytest.mark.slow
@pytest.mark.parametrize(
    ("truth", "unread", "runs", "fewest"),
    [
        (0.3, 0.0, 40, 34),
        pytest.param(0.0, 0.0, 200, 182, marks=pytest.mark.slow),
        pytest.param(0.3, 0.0, 200, 182, marks=pytest.mark.slow),
        pytest.param(0.3, 1.0, 200, 182, marks=pytest.mark.slow),
    ],
)
def test_the_interval_covers_clusters_counted_once(
    truth: float, unread: float, runs: int, fewest: int
) -> None:
    """Where coverage is 95 %, fewer covered happen less than once in 100."""
    found = simulate(100, truth, n_corpus=400, runs=runs, unread=unread)
    covered = sum(low <= truth <= high for low, high in (one.interval(0.95) for one in found))
    assert covered >= fewest
    assert clopper_pearson(covered, runs)[1] >= 0.95


@pytest.mark.slow
def test_nothing_is_seen_where_nothing_is() -> None:
    """At a level of 1 %, more than 6 of 200 happen less than once in 200."""
    found = simulate(200, 0.0, n_corpus=400, runs=200)
    assert sum(one.interval(0.95)[0] > 0 for one in found) <= 6


@pytest.mark.slow
def test_the_smallest_detectable_share_is_detected_as_often_as_it_says() -> None:
    [planned] = simulate(300, 0.0, n_corpus=800, runs=1, copies=1)
    share = planned.smallest_detectable(0.8)
    assert share is not None
    found = simulate(301, share, n_corpus=800, runs=120, copies=1)
    detected = sum(one.interval(0.95)[0] > 0 for one in found)
    low, high = clopper_pearson(detected, 120, 0.99)
    assert low <= 0.9
    assert high >= 0.75


@given(st.integers(0, 10_000))
@settings(max_examples=20, deadline=None)
def test_more_power_needs_a_larger_share(seed: int) -> None:
    shares = [binned(seed).smallest_detectable(power) or 1.0 for power in (0.5, 0.8, 0.95)]
    assert shares == sorted(shares)
    assert all(0 < share <= 1 for share in shares)


@given(st.integers(0, 10_000), st.sampled_from([0.0, 0.4, 1.0]))
@settings(max_examples=20, deadline=None)
def test_all_shares_at_once_are_read_as_one_at_a_time(seed: int, unread: float) -> None:
    """The variance of the score at 0 by its definition: of what a share's density draws."""
    one = replace(binned(seed), unread=unread)
    score = (one.own - one.rest) / one.rest
    shares = np.linspace(0, 1, 21)
    slow = []
    for share in shares:
        within = [
            float(density @ score**2 - (density @ score) ** 2) for density in (one.rest, one.own)
        ]
        among = share * (1 - share) * float((one.own - one.rest) @ score) ** 2
        parts = one.rest_parts @ score
        drawn = (1 - share) * within[0] + share * within[1] + unread * among
        slow.append(np.sqrt(drawn / one.n_effective + parts @ parts))
    np.testing.assert_allclose(one._spreads_of_zero_test(shares), slow, rtol=1e-12)


def known_densities(n_effective: float) -> TwoSource:
    """The others spread evenly over ten bins, the source towards the last; both exactly known."""
    levels = np.append(np.linspace(0.1, 0.9, 9), 1.0)
    rest = np.diff(levels, prepend=0.0)
    own = np.diff(levels**3, prepend=0.0)
    nothing = np.zeros((1, len(own)))
    return TwoSource(rest, own, rest, nothing, nothing, n_effective)


@pytest.mark.parametrize("confidence_level", [0.8, 0.95, 0.99, 0.999])
@pytest.mark.parametrize("zero_level", [1.0, 0.01, 1e-4])
@pytest.mark.parametrize("caution", [pytest.param(1.0, marks=pytest.mark.slow), 1.5])
def test_the_smallest_detectable_share_is_detected_at_any_level(
    confidence_level: float, zero_level: float, caution: float
) -> None:
    """Of 1,000 corpora, whose scores are near normal: 80 in 100 give or take four."""
    planned = replace(known_densities(2000.0), caution=caution, unread=1.0)
    share = planned.smallest_detectable(0.8, zero_level, confidence_level)
    assert share is not None
    rng = np.random.default_rng(7)
    drawn = rng.multinomial(2000, planned.density(share), size=1000) / 2000
    # The low end alone would do, were its search not slow: what it needs to leave 0.
    quantile = normal_quantile((1 + confidence_level) / 2)
    detected = 0
    for observed in drawn:
        one = replace(planned, observed=observed)
        seen = one.zero_p_value <= zero_level and not one.accepts(0.0, quantile)
        detected += seen and one._gradient(0.0) > 0
    assert 0.76 <= detected / 1000 <= 0.84


def test_the_smallest_detectable_share_speaks_of_the_low_end() -> None:
    planned = known_densities(2000.0)
    share = planned.smallest_detectable(0.5, 0.01, 0.99)
    assert share is not None
    ends = [
        replace(planned, observed=planned.density(factor * share)).interval(0.99)[0]
        for factor in (0.98, 1.02)
    ]
    assert ends[0] == 0 < ends[1]
    assert planned.smallest_detectable(0.5, 0.0, 0.99) is None
