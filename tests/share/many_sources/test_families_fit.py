"""Whether samples explain a corpus in all families at once: by hand, and null p-values."""

from __future__ import annotations

import numpy as np
import pytest
from known_scores import Floats, posteriors, spread_out
from scipy import stats

from provenance.scoring.scored import Passages
from provenance.share.many_sources.families_fit import FamiliesFit, families_fit

SOURCES, EACH, COUNT = 4, 300, 300
MEANS = spread_out(SOURCES, seed=5, distance=2.0, dimensions=6)
FAMILIES = {"words": slice(0, 2), "shape": slice(2, 4), "tokens": slice(4, 6)}
SHARES = np.array([0.3, 0.3, 0.2, 0.2])


def passages(points: Floats, family: str, source: np.ndarray | None = None) -> Passages:
    seen = FAMILIES[family]
    weight = np.ones(len(points)) if source is None else np.full(len(points), 1 / EACH)
    ratios = posteriors(points[:, seen], MEANS[:, seen])
    return Passages(ratios, weight, np.arange(len(points)), source)


def fit_of(seed: int, moved: dict[str, float]) -> FamiliesFit:
    """Of samples and a corpus of known shares, with some families' scores moved in the corpus."""
    rng = np.random.default_rng(seed)
    source = np.repeat(np.arange(SOURCES), EACH)
    known = rng.normal(MEANS[source])
    points = rng.normal(MEANS[np.repeat(np.arange(SOURCES), (SHARES * COUNT).astype(int))])
    for family, distance in moved.items():
        points[:, FAMILIES[family]] += distance
    return read_again(points, known, source)


def read_again(points: Floats, known: Floats, source: np.ndarray) -> FamiliesFit:
    read = {family: passages(points, family) for family in FAMILIES}
    samples = {family: passages(known, family, source) for family in FAMILIES}
    alone = {family: one.log_posterior for family, one in samples.items()}
    return families_fit(read, samples["words"], alone, SHARES)


def test_degrees_of_freedom_by_hand() -> None:
    """Twelve score functions, of which each family's add up to 1, and four shares that add up."""
    assert fit_of(0, {}).free == 12 - 3 - 4 + 1


def test_null_p_values_are_near_uniform() -> None:
    found = [fit_of(seed, {}).p_value for seed in range(60)]
    assert stats.kstest(found, "uniform").pvalue > 1e-3


def test_what_one_family_alone_sees_is_seen() -> None:
    assert all(fit_of(seed, {"tokens": 1.0}).p_value < 1e-5 for seed in range(5))
    assert fit_of(0, {"tokens": 1.0}).factor > 1.5


def test_errors_are_never_smaller_than_the_samples_say() -> None:
    assert FamiliesFit(10.0, 40, 400).factor == 1.0
    assert FamiliesFit(100.0, 40, 400).factor == pytest.approx(1.5)


def test_few_prompts_tell_of_no_distance() -> None:
    """Errors estimated from as many parts as there are score functions say nothing."""
    assert FamiliesFit(1e6, 40, 40).p_value == FamiliesFit(1e6, 40, 21).p_value == 1
    assert FamiliesFit(1e6, 40, 21).factor == 1


def test_the_law_is_that_of_estimated_errors() -> None:
    """Hotelling's: of 40 functions with errors from 60 parts, F of 40 and 20 degrees."""
    assert FamiliesFit(300.0, 40, 60).p_value == pytest.approx(stats.f.sf(300 * 20 / 2400, 40, 20))


def test_the_order_of_rows_is_nothing() -> None:
    rng = np.random.default_rng(1)
    source = np.repeat(np.arange(SOURCES), EACH)
    known, points = rng.normal(MEANS[source]), rng.normal(MEANS[source])
    mixed = rng.permutation(len(source))
    first = read_again(points, known, source)
    second = read_again(points[mixed], known[mixed], source[mixed])
    assert second.distance == pytest.approx(first.distance, rel=1e-9)
    assert second.free == first.free
