"""Shares of corpora of another domain: laws, worked cases, and coverage on simulated scores."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from provenance.scoring.panel import FEWEST_OF_A_DOMAIN
from provenance.share.other_domain.shift import WIDEST, ShiftedShare, shared_domains, shifted_share
from provenance.share.other_domain.shift_model import ClassScores, CorpusScores, _predicted_spread

Array = NDArray[np.float64]


def scores(values: Array) -> CorpusScores:
    return CorpusScores(values, np.ones(len(values)), np.arange(len(values)))


def sample(inside: Array, outside: Array, domain: Array) -> ClassScores:
    return ClassScores(
        inside, outside, np.full(len(inside), 1 / len(inside)), domain.astype(np.int64)
    )


class World:
    """Gaussian scores; each domain has a location and scale of its own for each class.

    The others stand at 0 and the candidate at 1 where models saw their domain.
    """

    def __init__(
        self, rng: np.random.Generator, spreads: tuple[float, float, float, float], scale: float
    ) -> None:
        self.rng = rng
        self.spreads = spreads
        self.scale = scale

    def domain(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """Location and scale of the others and of the candidate in a new domain."""
        moved = self.rng.normal(size=4) * np.array(self.spreads)
        return (
            (0.15 + moved[0], self.scale * np.exp(moved[1])),
            (0.7 + moved[2], self.scale * np.exp(moved[3])),
        )

    def sample(self, of: int, domains: Any, n: int) -> ClassScores:
        inside = self.rng.normal(of, self.scale, n * len(domains))
        outside = np.concatenate([self.rng.normal(one[of][0], one[of][1], n) for one in domains])
        return sample(inside, outside, np.repeat(np.arange(len(domains)), n))

    def corpus(self, domain: Any, share: float, n: int) -> CorpusScores:
        n_own = round(share * n)
        parts = [
            self.rng.normal(location, scale, count)
            for (location, scale), count in zip(domain, (n - n_own, n_own), strict=True)
        ]
        return scores(np.concatenate(parts))


def drawn(
    seed: int, share: float, *, n_domains: int = 2, n: int = 400, n_trusted: int = 0
) -> tuple[ClassScores, ClassScores, CorpusScores, CorpusScores | None]:
    world = World(np.random.default_rng(seed), (0.09, 0.2, 0.15, 0.2), 0.15)
    domains = [world.domain() for _ in range(n_domains)]
    own, rest = world.sample(1, domains, 200), world.sample(0, domains, 800)
    here = world.domain()
    trusted = world.corpus(here, 0, n_trusted) if n_trusted else None
    return own, rest, world.corpus(here, share, n), trusted


def read(*given: Any, **options: Any) -> ShiftedShare:
    found = shifted_share(*given, **options)
    assert found is not None
    return found


def same(one: ShiftedShare, other: ShiftedShare) -> bool:
    return np.allclose(
        [one.share, one.low, one.high, *one.moved],
        [other.share, other.low, other.high, *other.moved],
        atol=2e-3,
    )


@pytest.mark.slow
def test_order_of_rows_does_not_matter() -> None:
    own, rest, corpus, trusted = drawn(1, 0.3, n_trusted=60)
    order = np.random.default_rng(0).permutation(len(corpus.score))
    turned = CorpusScores(corpus.score[order], corpus.weight[order], corpus.cluster[order])
    back = slice(None, None, -1)
    flipped = ClassScores(
        rest.inside[back], rest.outside[back], rest.weight[back], rest.domain[back]
    )
    assert same(read(own, rest, corpus, trusted), read(own, flipped, turned, trusted))


@pytest.mark.slow
def test_weights_have_no_unit() -> None:
    own, rest, corpus, trusted = drawn(2, 0.3, n_trusted=60)
    assert trusted is not None
    heavier = [replace(one, weight=7 * one.weight) for one in (own, rest, corpus, trusted)]
    assert same(read(own, rest, corpus, trusted), read(*heavier))


@pytest.mark.slow
def test_scores_have_no_origin_and_no_unit() -> None:
    own, rest, corpus, trusted = drawn(3, 0.3, n_trusted=60)
    assert trusted is not None
    samples = [
        replace(one, inside=4 * one.inside - 9, outside=4 * one.outside - 9) for one in (own, rest)
    ]
    moved = [replace(one, score=4 * one.score - 9) for one in (corpus, trusted)]
    assert same(read(own, rest, corpus, trusted), read(*samples, *moved))


@pytest.mark.slow
def test_repeating_every_row_in_its_cluster_adds_nothing() -> None:
    own, rest, corpus, _ = drawn(4, 0.3)
    twice = CorpusScores(
        np.tile(corpus.score, 2), np.tile(corpus.weight, 2), np.tile(corpus.cluster, 2)
    )
    assert same(read(own, rest, corpus), read(own, rest, twice))


@pytest.mark.parametrize("share", [0.0, 0.2, 0.5, 1.0])
def test_without_shift_the_share_is_found(share: float) -> None:
    world = World(np.random.default_rng(5), (0, 0, 0, 0), 0.08)
    domains = [world.domain() for _ in range(4)]
    own, rest = world.sample(1, domains, 2000), world.sample(0, domains, 2000)
    found = read(own, rest, world.corpus(domains[0], share, 20_000))
    assert found.share == pytest.approx(share, abs=0.01)
    assert found.low <= share <= found.high
    assert found.high - found.low < 0.1
    assert found.shift < 0.3


def test_one_domain_tells_nothing_of_shifts() -> None:
    own, rest, corpus, _ = drawn(6, 0.3, n_domains=1)
    assert shifted_share(own, rest, corpus) is None


def test_one_domain_and_trusted_rows_tell() -> None:
    own, rest, corpus, trusted = drawn(6, 0.3, n_domains=1, n_trusted=200)
    found = read(own, rest, corpus, trusted)
    assert found.n_domains == 1
    assert found.n_trusted == 200
    assert found.low <= 0.3 <= found.high


def test_samples_that_cannot_be_told_apart_give_no_share() -> None:
    own, rest, corpus, _ = drawn(7, 0.3)
    assert shifted_share(rest, own, corpus) is None


def test_the_spread_of_a_new_domain_by_hand() -> None:
    """Three domains' worth of 0.09 and two that are 0.06 apart in squares, by 3 + 1; half more."""
    found = _predicted_spread(np.array([0.06]), np.array([0.3]), 2)
    assert found == pytest.approx([np.sqrt((3 * 0.09 + 0.06) / 4 * 1.5)])
    assert _predicted_spread(np.zeros(1), np.array([0.3]), 1) == pytest.approx([0.3 * np.sqrt(2)])


def test_small_domains_do_not_count() -> None:
    few, many = FEWEST_OF_A_DOMAIN - 1, FEWEST_OF_A_DOMAIN
    own = sample(np.ones(few + many), np.ones(few + many), np.repeat([0, 1], [few, many]))
    rest = sample(np.zeros(2 * many), np.zeros(2 * many), np.repeat([0, 1], many))
    assert shared_domains(own, rest) == [1]


def test_unlabelled_rows_and_rows_without_score_do_not_count() -> None:
    n = 2 * FEWEST_OF_A_DOMAIN
    domain = np.repeat([0, -1], n)
    own = sample(np.ones(2 * n), np.full(2 * n, np.nan), domain)
    rest = sample(np.zeros(2 * n), np.zeros(2 * n), domain)
    assert shared_domains(own, rest) == []
    assert shared_domains(rest, rest) == [0]


@pytest.mark.slow
def test_trusted_rows_narrow_the_interval() -> None:
    widths: dict[int, list[float]] = {0: [], 300: []}
    for n_trusted, found in widths.items():
        for seed in range(3):
            own, rest, corpus, trusted = drawn(20 + seed, 0.3, n_trusted=n_trusted)
            one = read(own, rest, corpus, trusted)
            found.append(one.high - one.low)
    assert np.mean(widths[300]) < np.mean(widths[0])


def test_width_decides_whether_a_share_is_identified() -> None:
    narrow = ShiftedShare(0.1, 0.0, WIDEST, 2, 0.0, (0.5, -2.0, 1.0, 0.0))
    assert narrow.identified
    assert narrow.shift == 2.0
    assert not replace(narrow, high=WIDEST + 0.01).identified


@pytest.mark.slow
@pytest.mark.parametrize("n_trusted", [0, 200])
def test_intervals_cover_shares_of_simulated_domains(n_trusted: int) -> None:
    covered, false_zero, zeros = 0, 0, 0
    shares = np.resize([0, 0.02, 0.1, 0.3, 0.6, 1.0], 180)
    for seed, share in enumerate(shares.tolist()):
        own, rest, corpus, trusted = drawn(1000 + seed, share, n_trusted=n_trusted)
        found = read(own, rest, corpus, trusted)
        truth = round(share * 400) / 400
        covered += found.low <= truth <= found.high
        zeros += truth == 0
        false_zero += truth == 0 and found.low > 0
    assert covered / len(shares) >= 0.93
    assert false_zero <= 0.07 * zeros
