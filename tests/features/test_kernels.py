"""The compiled loops count what their readable twin counts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from known_features import NASTY, counted, points, row_counts
from reference import features_twin as twin

from provenance.features.kernels import (
    N_STATISTICS,
    character_tables,
    plain_n_grams,
)
from provenance.features.spec import FAMILIES, FeatureSpec
from provenance.features.statistics import STATISTICS

SPECS = (
    FeatureSpec(),
    FeatureSpec(word_bits=3, shape_bits=2, frequency_bits=5, token_bits=2),
    FeatureSpec(word_bits=10, frequency_bits=4, word_order=3, shape_order=1, token_order=3),
    FeatureSpec(word_bits=12, frequency_bits=8, opening=0, long_opening=2, ending=0),
    FeatureSpec(word_bits=12, frequency_bits=8, opening=1, long_opening=5, ending=3),
)


# No vocabulary is larger; the kernel holds a table of the largest.
IDS = st.lists(st.one_of(st.integers(0, 9), st.integers(0, 2**20)), max_size=20)


@given(
    st.lists(st.tuples(NASTY, IDS, st.integers(0, 3)), min_size=1, max_size=3),
    st.sampled_from(SPECS),
)
@example([("a " * 300 + "! " * 300, [7] * 300, 3)], SPECS[0])
@example([("", [], 3), ("\n \n", [0, 199_997], 3), ("A", [2**22 - 1], 0)], SPECS[1])
def test_kernel_counts_what_its_twin_counts(
    pieces: list[tuple[str, list[int], int]], spec: FeatureSpec
) -> None:
    texts, ids, edges = ([*column] for column in zip(*pieces, strict=True))
    rows, statistics, word_hash, frequency = counted(texts, edges, spec, ids)
    slots = np.zeros_like(frequency)
    for row, (text, own, edge) in enumerate(pieces):
        slow = twin.feature_row(text, own, bool(edge & 1), bool(edge & 2), spec)
        assert row_counts(rows, row) == slow.counts
        found = dict(zip(STATISTICS, statistics[row].tolist(), strict=True))
        of_ids = twin.token_statistics(own)
        assert {name: found.pop(name) for name in of_ids} == pytest.approx(of_ids, abs=0.51)
        assert found == {name: slow.statistics[name] for name in found}
        assert word_hash[row] == slow.word_hash
        for slot, count in slow.slots.items():
            slots[slot] += count
    np.testing.assert_array_equal(frequency, slots)


@given(NASTY, st.integers(1, 4))
def test_plain_n_grams_are_those_of_the_twin(text: str, order: int) -> None:
    starts, ends, hashes = plain_n_grams(points(text), *character_tables(), order)
    places, slow = twin.plain_n_grams(text, order)
    assert list(zip(starts.tolist(), ends.tolist(), strict=True)) == places
    assert hashes.tolist() == slow


def test_the_number_of_statistics_is_known_to_the_kernels() -> None:
    assert len(STATISTICS) == N_STATISTICS


def test_shapes_by_hand() -> None:
    text = "In 1984, iPhone4 and NASA met Orwell quietly.\n\n- ok\n"
    assert twin.read(text).shapes == [
        *(twin.token_hash("in"), twin.NUMBER, twin.token_hash(","), twin.WITH_DIGITS),
        *(twin.token_hash("and"), twin.UPPER_INSIDE, twin.token_hash("met"), twin.CAPITALISED),
        *(twin.LOWER, twin.token_hash("."), twin.TWO_NEWLINES),
        *(twin.token_hash("-"), twin.token_hash("ok"), twin.ONE_NEWLINE),
    ]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Paris is lovely", "London is pretty", True),
        ("Paris is lovely", "London is Pretty", False),
        ("Paris is lovely", "Paris is\nlovely", False),
        ("it cost 12 Euros", "it cost 999 Pounds", True),
        ("a\n\n\nb", "a\n \n\n\n\nb", True),
        ("a\n\nb", "a\n\n\nb", False),
    ],
)
def test_shape_features_see_layout_and_not_long_words(one: str, other: str, same: bool) -> None:
    spec = FeatureSpec()
    rows, *_ = counted([one, other], [3, 3], spec)
    first, second = (
        {key: count for key, count in row_counts(rows, row).items() if key >= spec.n_word_features}
        for row in range(2)
    )
    assert (first == second) is same


def test_edges_are_counted_apart_and_only_at_the_edges() -> None:
    spec = FeatureSpec()
    text = "one two three four five six"
    rows, *_ = counted([text] * 4, [0, 1, 2, 3], spec)
    sizes = [sum(row_counts(rows, row).values()) for row in range(4)]
    plain = (6 + 5) + (6 + 5 + 4)
    opening, ending = (6 + 5 + 4) + (6 + 5), 6 + 5
    assert sizes == [plain, plain + opening, plain + ending, plain + opening + ending]


def test_families_do_not_share_buckets() -> None:
    spec = FeatureSpec(word_bits=4, shape_bits=3, token_bits=2)
    rows, *_ = counted(["Some words, and 12 more of them."], [3], spec, [[3, 1, 4, 1, 5, 9]])
    assert spec.n_features == 16 + 8 + 4
    for family, first, end in zip(FAMILIES, (0, 16, 24), (16, 24, 28), strict=True):
        indices = rows.matrix(spec, [family]).indices
        assert len(indices) > 0
        assert first <= indices.min() <= indices.max() < end
