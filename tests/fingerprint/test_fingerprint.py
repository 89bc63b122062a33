"""Laws of merging, statistics by hand, readable n-grams, what meets and what is sealed."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from known_fingerprints import LIMITS, SMALL, Row, content, fit, text_of, whole

from provenance.errors import InputError
from provenance.features.features import n_grams
from provenance.features.hashes import text_hash
from provenance.features.spec import FeatureSpec
from provenance.features.statistics import STATISTICS
from provenance.fingerprint.fingerprint import (
    Fingerprint,
    merge,
    rank_frequency_slope,
    require_same_spec,
)
from provenance.fingerprint.sample import Limits

ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "text": st.lists(
                st.sampled_from(["red", "Green", "blue.", "9", "sky!\n", "**sun**", "é"]),
                min_size=1,
                max_size=40,
            ).map(" ".join)
        },
        optional={
            "prompt": st.sampled_from(["", "why", "how"]),
            "group": st.sampled_from(["g1", "g2"]),
            "domain": st.sampled_from(["news", "law"]),
            "date": st.sampled_from(["2024-05-01", "1969-12-31"]),
        },
    ),
    min_size=1,
    max_size=12,
)


# Merging


@given(ROWS, LIMITS, st.integers(0, 12), st.integers(0, 12))
def test_merged_parts_are_the_fingerprint_of_all(
    rows: list[Row], limits: Limits, cut: int, other: int
) -> None:
    low, high = sorted((cut, other))
    first, second, third = (
        fit(part, limits=limits) for part in (rows[:low], rows[low:high], rows[high:])
    )
    expected = content(fit(rows, limits=limits))
    assert content(merge(merge(first, second), third)) == expected
    assert content(merge(first, merge(second, third))) == expected
    assert content(merge(third, merge(second, first))) == expected


@settings(max_examples=20, deadline=None)
@given(ROWS, ROWS, LIMITS, LIMITS)
def test_merging_is_commutative_and_keeps_the_smaller_limits(
    rows: list[Row], others: list[Row], limits: Limits, narrower: Limits
) -> None:
    first, second = fit(rows, "a", limits=limits), fit(others, "b", limits=narrower)
    assert whole(merge(first, second)) == whole(merge(second, first))
    assert content(merge(first, second)) == content(
        fit(rows + others, limits=limits.meet(narrower))
    )


@settings(max_examples=20, deadline=None)
@given(ROWS, ROWS, ROWS)
def test_merging_is_associative_in_everything(
    first: list[Row], second: list[Row], third: list[Row]
) -> None:
    a, b, c = fit(first, "a"), fit(second, "b").seal(), fit(third, "c")
    for x, y, z in permutations((a, b, c)):
        assert whole(merge(merge(x, y), z)) == whole(merge(a, merge(b, c)))


@settings(max_examples=20, deadline=None)
@given(ROWS, LIMITS)
def test_the_empty_fingerprint_changes_nothing(rows: list[Row], limits: Limits) -> None:
    fingerprint = fit(rows, limits=limits)
    nothing = Fingerprint.empty("", SMALL, limits)
    assert whole(merge(fingerprint, nothing)) == whole(fingerprint)
    assert whole(merge(nothing, fingerprint)) == whole(fingerprint)


@settings(max_examples=20, deadline=None)
@given(ROWS.flatmap(lambda rows: st.tuples(st.just(rows), st.permutations(rows))), LIMITS)
def test_the_order_of_documents_does_not_matter(
    orders: tuple[list[Row], list[Row]], limits: Limits
) -> None:
    first, second = (fit(rows, limits=limits) for rows in orders)
    assert content(first) == content(second)
    assert first.readable == second.readable


def test_domains_are_those_of_the_sample() -> None:
    rows = [{"text": text_of(number), "domain": f"d{number}"} for number in range(30)]
    fingerprint = fit(rows, limits=Limits(rows=3))
    smallest = sorted(range(30), key=lambda number: text_hash(text_of(number)))[:3]
    assert fingerprint.domains == tuple(sorted(f"d{number}" for number in smallest))


# Readable n-grams


def shared(n_documents: int, n_groups: int) -> list[Row]:
    return [
        {
            "text": f"unlike{number} the Common   Phrase differs{number} there",
            "group": f"g{number % n_groups}",
        }
        for number in range(n_documents)
    ]


@pytest.mark.parametrize(
    ("n_documents", "n_groups", "shown"),
    [(5, 3, True), (4, 4, False), (5, 2, False), (20, 2, False), (20, 20, True)],
)
def test_readable_n_grams_stand_in_five_documents_and_three_groups(
    n_documents: int, n_groups: int, shown: bool
) -> None:
    spec = replace(SMALL, frequency_bits=20)
    readable = fit(shared(n_documents, n_groups), spec=spec).readable
    assert ("common phrase" in readable) is shown
    assert not [ngram for ngram in readable if "unlike" in ngram or "differs" in ngram]


def test_copies_of_one_text_make_nothing_readable() -> None:
    spec = replace(SMALL, frequency_bits=20)
    assert fit([{"text": text_of(1)} for _ in range(9)], spec=spec).readable == ()


def test_equal_words_without_groups_count_as_one_group() -> None:
    marks = ["", ".", "!", "?", ",", ";", ":"]
    rows = [{"text": f"the common phrase stands there{mark}"} for mark in marks]
    spec = replace(SMALL, frequency_bits=20)
    assert fit(rows, spec=spec).readable == ()
    apart = [{**row, "group": str(number)} for number, row in enumerate(rows)]
    assert "common phrase" in fit(apart, spec=spec).readable


def test_rates_are_shares_of_the_passages_that_hold_an_n_gram() -> None:
    spec = replace(SMALL, frequency_bits=20, word_bits=19)
    texts = [
        "a red sky is a red sky",
        "a red sky today",
        "a blue sky today",
        "nothing of it at all",
    ]
    fingerprint = fit([{"text": text} for text in texts], spec=spec)
    rates = fingerprint.rates(["red sky", "SKY", "sky today", "never seen"])
    assert rates.tolist() == [0.5, 0.75, 0.5, 0]


@pytest.mark.parametrize("ngram", ["", "  ", "***"])
def test_a_rate_of_no_word_is_refused(ngram: str) -> None:
    with pytest.raises(InputError, match="not an n-gram"):
        fit([{"text": text_of(1)}]).rates([ngram])


def test_readable_n_grams_have_the_rates_of_what_they_show() -> None:
    spec = replace(SMALL, frequency_bits=20, word_bits=19)
    rows = shared(6, 6)
    fingerprint = fit(rows, spec=spec)
    for ngram, rate in zip(
        fingerprint.readable, fingerprint.rates(fingerprint.readable).tolist(), strict=True
    ):
        value = n_grams(ngram, 2)[-1][2]
        holding = [row for row in rows if value in {h for *_, h in n_grams(row["text"], 2)}]
        assert rate == len(holding) / len(rows)


# Statistics


def test_statistics_by_hand() -> None:
    texts = ["The cat SAT down. Was it 4pm?\n\n* Yes", "A man, a plan, a canal!"]
    fingerprint = fit([{"text": text} for text in texts], spec=FeatureSpec())
    words, sentences = 8 + 6, 3 + 1
    mean = words / sentences
    expected = {
        "tokens_a_document": fingerprint.n_tokens / 2,
        "characters_a_word": (24 + 15) / words,
        "type_token_ratio": (8 + 4) / words,
        "repetition": 2 / words,
        "words_a_sentence": mean,
        "sentence_length_spread": ((16 + 9 + 1 + 36) / sentences - mean**2) ** 0.5,
        "punctuation_a_word": (2 + 3) / words,
        "capitalised_a_word": 5 / words,
        "upper_inside_a_word": 1 / words,
        "with_digits_a_word": 1 / words,
        "newlines_a_word": 2 / words,
        "markup_a_word": 1 / words,
    }
    found = fingerprint.statistics
    assert {name: found[name] for name in expected} == pytest.approx(expected)
    assert found["commas_a_word"] == 2 / words
    assert found["log_tokens"] == pytest.approx(np.log(fingerprint.n_tokens / 2))


def test_sums_are_those_of_the_passages() -> None:
    fingerprint = fit([{"text": text_of(1)}, {"text": "red sky, red sun. Red moon!"}])
    statistics = fingerprint.sample.statistics.astype(np.int64)
    assert statistics.shape == (fingerprint.n_passages, len(STATISTICS))
    np.testing.assert_array_equal(fingerprint.sums, statistics.sum(axis=0))
    np.testing.assert_array_equal(fingerprint.squares, (statistics**2).sum(axis=0))


def test_lengths_are_counted_by_powers_of_two() -> None:
    texts = ["a", "a b", "a b c", "a b c d e f g h i"]
    assert fit([{"text": text} for text in texts]).lengths[:6].tolist() == [0, 1, 2, 0, 1, 0]


def test_the_slope_of_a_zipf_law_is_minus_one() -> None:
    ranks = np.arange(1, 500)
    assert rank_frequency_slope((1e6 / ranks).astype(np.uint32)) == pytest.approx(-1, abs=0.01)
    assert rank_frequency_slope(np.zeros(9, np.uint32)) == 0


def test_specs_that_differ_refuse_to_meet() -> None:
    first, second = (
        fit([{"text": text_of(1)}], "a"),
        fit([{"text": text_of(1)}], "b", FeatureSpec()),
    )
    for meet in (lambda: merge(first, second), lambda: require_same_spec([first, second])):
        with pytest.raises(InputError, match=r"'a' and 'b'.*word_bits: 8 and 19") as caught:
            meet()
        assert "schema" not in str(caught.value)


def test_sealing_leaves_only_hashes_and_numbers() -> None:
    fingerprint = fit([{**row, "domain": "law"} for row in shared(9, 9)])
    assert fingerprint.readable
    assert fingerprint.domains == ("law",)
    sealed = fingerprint.seal()
    assert (sealed.origin, sealed.readable, sealed.domains, sealed.sealed) == ((), (), (), True)
    assert sealed.sha256 == fingerprint.sha256
    merged = merge(sealed, fingerprint)
    assert (merged.origin, merged.readable, merged.domains, merged.sealed) == ((), (), (), True)


def test_names_of_merged_sources_are_joined_once() -> None:
    row = [{"text": text_of(1)}]
    a, b = fit(row, "a"), fit(row, "b")
    assert merge(a, b).name == merge(merge(b, a), a).name == "a + b"
    assert merge(a, a).name == "a"
