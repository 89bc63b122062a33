"""Distances by hand, what the interval covers, groups that two sources share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

import matplotlib as mpl
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure
from numpy.typing import NDArray
from scipy.stats import binom

from provenance.corpus import open_corpus
from provenance.errors import InputError
from provenance.features.spec import FeatureSpec
from provenance.fingerprint.comparing import Comparison, compare
from provenance.fingerprint.fingerprint import Fingerprint
from provenance.fingerprint.measuring import fit_fingerprint
from provenance.fingerprint.sample import SampledDocuments

SMALL = FeatureSpec(word_bits=10, shape_bits=6, token_bits=6, frequency_bits=6, min_tokens=3)
ROUNDS = [50, pytest.param(200, marks=pytest.mark.slow)]


def pool(
    n_documents: int, seed: int, tilt: float = 1.0, name: str = "a", n_prompts: int = 0
) -> Fingerprint:
    """Documents of words drawn from a Zipf law; answers to one prompt share a rare word."""
    rng = np.random.default_rng(seed)
    weights = np.arange(1, 201) ** -tilt
    words = rng.choice(200, size=(n_documents, 25), p=weights / weights.sum())
    rows = [
        {
            "text": " ".join(f"w{word}" for word in document)
            + (f" topic{number % n_prompts}" * 10 if n_prompts else ""),
            **({"prompt": f"prompt {number % n_prompts}"} if n_prompts else {}),
        }
        for number, document in enumerate(words)
    ]
    return fit_fingerprint(open_corpus(iter(rows)), name, SMALL)


def part(fingerprint: Fingerprint, documents: NDArray[np.int64], name: str) -> Fingerprint:
    return replace(fingerprint, name=name, sample=fingerprint.sample.take(np.sort(documents)))


@pytest.fixture(scope="module")
def flat() -> Fingerprint:
    return pool(1200, 1, name="flat")


@pytest.fixture(scope="module")
def steep() -> Fingerprint:
    return pool(1200, 2, tilt=1.15, name="steep")


def document_rows(sample: SampledDocuments) -> NDArray[np.float64]:
    rows = sample.rows.matrix(SMALL, ["words", "shape"]).toarray().astype(np.float64)
    weight = sample.passage_tokens[:, np.newaxis]
    total = np.zeros((len(sample), rows.shape[1]))
    np.add.at(total, sample.document, rows * weight)
    return total / np.bincount(sample.document, sample.passage_tokens)[:, np.newaxis]


def slow_squared(first: SampledDocuments, second: SampledDocuments) -> float:
    """The squared distance as a sum over all pairs of documents of different groups."""

    def mean(one: SampledDocuments, other: SampledDocuments) -> float:
        products = document_rows(one) @ document_rows(other).T
        weight = one.multiplicity[:, np.newaxis] * other.multiplicity.astype(float)
        keys = [np.where(s.prompt_hash != 0, s.prompt_hash, s.cluster_hash) for s in (one, other)]
        weight[keys[0][:, np.newaxis] == keys[1]] = 0
        return float((products * weight).sum() / weight.sum())

    return mean(first, first) + mean(second, second) - 2 * mean(first, second)


# By hand and against the slow sum


def test_sources_without_a_common_feature_by_hand() -> None:
    spec = FeatureSpec(word_order=1, shape_order=1, opening=0, long_opening=0, ending=0)
    texts = [["red red red red", "green green green green"], ["12 12 12 12", "345 345 345 345"]]
    sources = [
        fit_fingerprint(part, name, replace(spec, min_tokens=2))
        for part, name in zip(texts, "ab", strict=True)
    ]
    found = compare(sources)
    # Red and green differ in their words and in shape (short words are shapes of their own). 12
    # and 345 differ in their words only; shape is half of a row's squared length.
    assert found.squared[0, 1] == pytest.approx(0 + 0.5 - 2 * 0, abs=1e-6)


WORDS = st.lists(st.sampled_from(["red", "Green", "blue", "9", "sky!"]), min_size=4, max_size=9)


@given(
    st.lists(st.tuples(WORDS, st.sampled_from([None, "p", "q", "r"])), min_size=8, max_size=14),
    st.lists(st.tuples(WORDS, st.sampled_from([None, "p", "q", "r"])), min_size=8, max_size=14),
)
def test_distance_is_the_mean_over_pairs_of_different_groups(
    first: Sequence[tuple[list[str], str | None]], second: Sequence[tuple[list[str], str | None]]
) -> None:
    sources = [
        fit_fingerprint(
            open_corpus(
                iter(
                    {"text": " ".join(words) + f" {name}{number}" * 2, "prompt": prompt}
                    for number, (words, prompt) in enumerate(documents)
                )
            ),
            name,
            SMALL,
        )
        for name, documents in (("a", first), ("b", second))
    ]
    keys = [{*s.sample.prompt_hash.tolist()} - {0} for s in sources]
    alone = [int((s.sample.prompt_hash == 0).sum()) for s in sources]
    if any(len(key) + count < 2 for key, count in zip(keys, alone, strict=True)):
        with pytest.raises(InputError, match="groups"):
            compare(sources)
        return
    expected = slow_squared(sources[0].sample, sources[1].sample)
    assert compare(sources).squared[0, 1] == pytest.approx(expected, abs=1e-6)


def test_copies_count_as_often_as_they_occur() -> None:
    texts = ["one red sky today", "two blue seas now", "three green hills here", "four suns"]
    other = fit_fingerprint(["five moons up high", "six more stars out"], "b", SMALL)
    uneven = fit_fingerprint([*texts, *[texts[0]] * 5], "a", SMALL)
    even = fit_fingerprint(texts * 2, "a", SMALL)
    plain = fit_fingerprint(texts, "a", SMALL)
    assert compare([even, other]).squared == pytest.approx(compare([plain, other]).squared)
    assert compare([uneven, other]).squared[0, 1] == pytest.approx(
        slow_squared(uneven.sample, other.sample), abs=1e-6
    )


def test_a_comparison_is_symmetric_and_zero_on_its_diagonal(
    flat: Fingerprint, steep: Fingerprint
) -> None:
    found = compare([flat, steep])
    back = compare([steep, flat])
    for name in ("squared", "distance", "low", "high"):
        matrix = getattr(found, name)
        np.testing.assert_array_equal(matrix, matrix.T)
        np.testing.assert_array_equal(np.diag(matrix), 0)
        np.testing.assert_allclose(matrix, getattr(back, name)[::-1, ::-1], rtol=1e-9)
    assert 0 < found.low[0, 1] < found.distance[0, 1] < found.high[0, 1]
    assert found.squared[0, 1] == pytest.approx(found.distance[0, 1] ** 2)


def test_more_sources_do_not_change_a_pair(flat: Fingerprint, steep: Fingerprint) -> None:
    third = pool(50, 9, name="third")
    pair, three = compare([flat, steep]), compare([flat, third, steep])
    for name in ("squared", "low", "high"):
        np.testing.assert_allclose(getattr(three, name)[0, 2], getattr(pair, name)[0, 1], rtol=1e-6)


def test_a_higher_level_gives_a_wider_interval(flat: Fingerprint, steep: Fingerprint) -> None:
    narrow, wide = (compare([flat, steep], confidence_level=level) for level in (0.5, 0.99))
    assert wide.low[0, 1] < narrow.low[0, 1] < narrow.high[0, 1] < wide.high[0, 1]
    np.testing.assert_array_equal(wide.distance, narrow.distance)


# What the interval promises


def halves(fingerprint: Fingerprint, size: int, rng: np.random.Generator) -> Comparison:
    drawn = rng.permutation(len(fingerprint.sample))[: 2 * size]
    return compare([part(fingerprint, drawn[:size], "one"), part(fingerprint, drawn[size:], "two")])


@pytest.mark.slow
@pytest.mark.parametrize("size", [15, 60])
@pytest.mark.parametrize("rounds", ROUNDS)
def test_two_halves_of_one_source_are_at_distance_zero(
    rounds: int, size: int, flat: Fingerprint
) -> None:
    rng = np.random.default_rng(size)
    found = [halves(flat, size, rng) for _ in range(rounds)]
    squared = np.array([comparison.squared[0, 1] for comparison in found])
    standard_error = squared.std(ddof=1) / rounds**0.5
    assert abs(squared.mean()) < 4 * standard_error
    assert (squared < 0).mean() > 0.2
    covered = sum(comparison.low[0, 1] == 0 for comparison in found)
    assert binom.cdf(covered, rounds, 0.95) > 1e-4


@pytest.mark.slow
@pytest.mark.parametrize("rounds", ROUNDS)
def test_the_interval_covers_the_distance_of_the_whole(
    rounds: int, flat: Fingerprint, steep: Fingerprint
) -> None:
    truth = compare([flat, steep]).distance[0, 1]
    rng = np.random.default_rng(3)
    covered = below = 0
    for _ in range(rounds):
        found = compare(
            [part(whole, rng.permutation(1200)[:60], whole.name) for whole in (flat, steep)]
        )
        covered += found.low[0, 1] <= truth <= found.high[0, 1]
        below += found.distance[0, 1] < truth
    assert binom.cdf(covered, rounds, 0.95) > 1e-4
    assert binom.sf(covered - 1, rounds, 0.95) > 1e-4
    assert 0.3 < below / rounds < 0.7


def test_answers_to_the_same_prompts_are_not_drawn_together() -> None:
    n_prompts = 20
    first = pool(n_prompts, 5, name="one", n_prompts=n_prompts)
    second = pool(n_prompts, 6, name="two", n_prompts=n_prompts)
    found = compare([first, second])
    apart = [
        replace(item, sample=replace(item.sample, prompt_hash=np.zeros(n_prompts, np.uint64)))
        for item in (first, second)
    ]
    drawn_together = found.squared[0, 1] - compare(apart).squared[0, 1]
    assert drawn_together > 0.01
    assert abs(found.squared[0, 1]) < drawn_together / 5
    assert found.low[0, 1] == 0 < found.high[0, 1]


def test_a_group_that_repeats_itself_counts_as_one() -> None:
    rng = np.random.default_rng(4)
    texts = [" ".join(f"w{word}" for word in rng.integers(0, 60, 12)) for _ in range(40)]
    rows = [
        {"text": f"{text} tail{copy} end{copy}", "g": f"g{number}"}
        for number, text in enumerate(texts)
        for copy in range(6)
    ]
    grouped = fit_fingerprint(open_corpus(iter(rows), group_field="g"), "grouped", SMALL)
    loose = fit_fingerprint(open_corpus(iter(rows)), "loose", SMALL)
    other = pool(300, 8, name="other")
    widths = [
        (found := compare([source, other])).high[0, 1] - found.low[0, 1]
        for source in (grouped, loose)
    ]
    assert widths[0] > 1.5 * widths[1]


# Edges


def test_too_little_is_refused(flat: Fingerprint) -> None:
    lonely = part(flat, np.array([0]), "lonely")
    with pytest.raises(InputError, match="'lonely' has 1 groups"):
        compare([flat, lonely])
    with pytest.raises(InputError, match="'nothing' has 0 groups"):
        compare([flat, Fingerprint.empty("nothing", SMALL)])
    with pytest.raises(InputError, match="at least two"):
        compare([flat])


def test_equal_names_specs_that_differ_and_odd_levels_are_refused(flat: Fingerprint) -> None:
    with pytest.raises(InputError, match="called 'flat'"):
        compare([flat, flat])
    with pytest.raises(InputError, match="different specs"):
        compare([flat, Fingerprint.empty("other", FeatureSpec())])
    for level in (0.0, 1.0, 95.0):
        with pytest.raises(InputError, match="confidence_level is"):
            compare([flat, flat], confidence_level=level)


def test_a_frame_has_a_row_for_each_pair(flat: Fingerprint, steep: Fingerprint) -> None:
    near = part(flat, np.arange(0, 1200, 2), "near")
    found = compare([steep, flat, near])
    frame = found.to_frame()
    assert list(frame.columns) == ["source", "other", "distance", "low", "high"]
    assert {(row.source, row.other) for row in frame.itertuples()} == {
        *combinations(("steep", "flat", "near"), 2)
    }
    assert frame["distance"].is_monotonic_increasing
    assert tuple(frame.iloc[0][["source", "other"]]) == ("flat", "near")
    for row in frame.itertuples():
        place = tuple(found.names.index(name) for name in (row.source, row.other))
        assert (row.distance, row.low, row.high) == tuple(
            matrix[place] for matrix in (found.distance, found.low, found.high)
        )


@pytest.mark.slow
def test_a_map_keeps_the_distances_of_three_sources(flat: Fingerprint, steep: Fingerprint) -> None:
    # Three points that keep the triangle inequality lie on a plane as they are.
    found = replace(
        compare([flat, steep]),
        names=("a", "b", "c"),
        distance=np.array([[0, 3, 4], [3, 0, 5], [4, 5, 0]], float),
    )
    axes = found.plot_map(Figure().subplots())
    points = np.asarray(axes.collections[0].get_offsets())
    apart = np.linalg.norm(points[:, None] - points[None], axis=2)
    assert apart == pytest.approx(found.distance)
    assert axes.get_title().startswith("100 %")


def test_a_dendrogram_names_the_sources(flat: Fingerprint, steep: Fingerprint) -> None:
    mpl.use("agg")
    from matplotlib import pyplot

    odd = part(flat, np.arange(0, 1200, 2), "$\\frac{x\x1b[2J")
    figure, axes = pyplot.subplots()
    assert compare([flat, steep, odd]).plot_dendrogram(axes) is axes
    figure.canvas.draw()
    shown = [label.get_text() for label in axes.get_yticklabels()]
    assert {*shown} == {"flat", "steep", "\\$\\frac{x�[2J"}
    assert "steep" in (shown[0], shown[-1])
    pyplot.close(figure)
    compare([flat, steep]).plot_dendrogram()
    assert len(pyplot.get_fignums()) == 1
    pyplot.close()
