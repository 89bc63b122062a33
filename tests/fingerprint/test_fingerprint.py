"""Laws of fitting and merging, statistics by hand, what is kept of which document."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import permutations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provenance.corpus import batches as execution
from provenance.corpus import open_corpus
from provenance.errors import InputError
from provenance.features.features import STATISTICS, extract, n_grams
from provenance.features.hashes import text_hash
from provenance.features.rows import FeatureRows
from provenance.features.spec import FeatureSpec
from provenance.fingerprint import measuring
from provenance.fingerprint.fingerprint import (
    Fingerprint,
    merge,
    rank_frequency_slope,
    require_same_spec,
)
from provenance.fingerprint.measuring import fit_fingerprint
from provenance.fingerprint.sample import DOCUMENT_COLUMNS, NO_DATE, Limits

Row = dict[str, Any]

SMALL = FeatureSpec(word_bits=8, shape_bits=6, frequency_bits=6, passage_tokens=12, min_tokens=4)
ROOMY = Limits()
DAY = datetime.date(2024, 5, 1)

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
LIMITS = st.builds(Limits, rows=st.integers(1, 12), row_tokens=st.integers(1, 200))


def fit(
    rows: Sequence[Row],
    name: str = "a",
    spec: FeatureSpec = SMALL,
    limits: Limits = ROOMY,
    **options: Any,
) -> Fingerprint:
    if not rows:
        return Fingerprint.empty(name, spec, limits)
    known = {key for row in rows for key in row}
    named = {f"{key}_field": key for key in ("group", "domain", "date") if key in known}
    return fit_fingerprint(open_corpus(iter(rows), **named), name, spec, limits, **options)


def content(fingerprint: Fingerprint) -> tuple[object, ...]:
    """Everything but name, origin and readable n-grams."""
    counts = ("n_documents", "n_too_short", "n_passages", "n_tokens")
    return (
        fingerprint.spec,
        fingerprint.limits,
        fingerprint.sealed,
        *(getattr(fingerprint, name) for name in counts),
        {**fingerprint.repairs},
        fingerprint.domains,
        fingerprint.sha256,
    )


def whole(fingerprint: Fingerprint) -> tuple[object, ...]:
    return (
        *content(fingerprint),
        *(fingerprint.name, fingerprint.origin, fingerprint.inputs_sha256, fingerprint.readable),
    )


@pytest.fixture
def tiny_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(execution, "_BATCH_CHARACTERS", 200)


# Merging


@settings(max_examples=40, deadline=None)
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


def many(n_rows: int = 60) -> list[Row]:
    rng = np.random.default_rng(1)
    words = np.array(["red", "green", "blue", "sky", "sun", "moon", "star", "Snow"])
    return [
        {
            "text": " ".join(rng.choice(words, rng.integers(3, 40))),
            "prompt": f"prompt {number % 20}",
            "domain": ["news", "law"][number % 2],
        }
        for number in range(n_rows)
    ]


@pytest.mark.usefixtures("tiny_batches")
def test_workers_do_not_matter() -> None:
    rows, limits = many(), Limits(20, 200)
    one, two = (fit(rows, limits=limits, workers=workers) for workers in (1, 2))
    assert whole(one) == whole(two)


@pytest.mark.parametrize("size", [1, 300, 10**9])
def test_the_size_of_batches_does_not_matter(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rows, limits = many(), Limits(7, 90)
    expected = whole(fit(rows, limits=limits))
    monkeypatch.setattr(execution, "_BATCH_CHARACTERS", size)
    assert whole(fit(rows, limits=limits)) == expected


@pytest.mark.usefixtures("tiny_batches")
def test_batches_are_bounded_and_lose_nothing() -> None:
    documents = list(open_corpus(iter([{"text": "a" * 20} for _ in range(7)])))
    assert [len(batch) for batch in execution.batches(documents)] == [3, 3, 1]
    assert list(execution.batches([])) == []


# The sample


def text_of(number: int, n_words: int = 10) -> str:
    return " ".join(f"word{number} w{place}" for place in range(n_words))


def test_duplicates_are_kept_once_with_their_multiplicity() -> None:
    rows = [{"text": text_of(number)} for number in (1, 2, 1, 1)]
    sample = fit(rows).sample
    found = dict(zip(sample.text_hash.tolist(), sample.multiplicity.tolist(), strict=True))
    assert found == {text_hash(text_of(1)): 3, text_hash(text_of(2)): 1}
    assert fit(rows).n_documents == 4


def test_near_duplicates_share_a_cluster() -> None:
    sample = fit([{"text": "One two three, four!"}, {"text": "one TWO three\nfour"}]).sample
    assert len(sample) == 2
    assert len({*sample.cluster_hash.tolist()}) == 1


def test_columns_say_where_a_document_is_from() -> None:
    row = {
        "text": text_of(1),
        "prompt": "why",
        "group": "g1",
        "domain": "law",
        "date": "2024-05-01",
    }
    sample = fit([row]).sample
    found = {name: getattr(sample, name).tolist() for name in DOCUMENT_COLUMNS}
    n_tokens = int(sample.n_tokens[0])
    assert found == {
        "text_hash": [text_hash(text_of(1))],
        "cluster_hash": found["cluster_hash"],
        "prompt_hash": [text_hash("why")],
        "group_hash": [text_hash("g1")],
        "domain_hash": [text_hash("law")],
        "date": [(DAY - datetime.date(1970, 1, 1)).days],
        "n_tokens": [n_tokens],
        "multiplicity": [1],
    }
    bare = fit([{"text": text_of(1)}]).sample
    assert (bare.prompt_hash[0], bare.group_hash[0], bare.domain_hash[0]) == (0, 0, 0)
    assert bare.date[0] == NO_DATE


def test_limits_keep_the_smallest_hashes() -> None:
    texts = [text_of(number) for number in range(40)]
    rows = [{"text": text} for text in texts]
    ascending = sorted(text_hash(text) for text in texts)
    assert fit(rows, limits=Limits(rows=5)).sample.text_hash.tolist() == ascending[:5]
    full = fit(rows).sample
    assert full.text_hash.tolist() == ascending
    held = np.bincount(full.document, full.passage_tokens)
    limited = fit(rows, limits=Limits(row_tokens=int(held[:3].sum()))).sample
    assert limited.text_hash.tolist() == ascending[:3]
    crossing = fit(rows, limits=Limits(row_tokens=int(held[:3].sum()) + 1)).sample
    assert crossing.text_hash.tolist() == ascending[:4]


def features(rows: FeatureRows, row: int) -> list[int]:
    found: list[int] = rows.indices[rows.indptr[row] : rows.indptr[row + 1]].tolist()
    return found


def test_limits_bound_only_the_sample() -> None:
    rows = many()
    full, limited = fit(rows), fit(rows, limits=Limits(rows=2))
    assert len(limited.sample) == 2
    assert limited.n_passages == full.n_passages
    np.testing.assert_array_equal(limited.sums, full.sums)
    np.testing.assert_array_equal(limited.frequency, full.frequency)


def test_of_a_long_document_a_few_passages_are_kept_evenly() -> None:
    text = " ".join(f"Number {number} is here." for number in range(400))
    fingerprint = fit([{"text": text}])
    sample = fingerprint.sample
    every = extract([text], SMALL).rows.sorted()
    rows = [features(every, row) for row in range(len(every))]
    kept = [rows.index(features(sample.rows, row)) for row in range(len(sample.rows))]
    assert fingerprint.n_passages == len(every) > 100
    assert kept == [-(-part * len(every) // 8) for part in range(8)]
    assert sample.n_tokens[0] == fingerprint.n_tokens > sample.passage_tokens.sum()


def test_short_documents_are_counted_and_not_kept() -> None:
    rows = [{"text": text_of(1)}, {"text": "too short"}, {"text": ""}]
    fingerprint = fit(rows)
    assert (fingerprint.n_documents, fingerprint.n_too_short) == (3, 2)
    assert len(fingerprint.sample) == 1
    assert fingerprint.lengths.sum() == 3


def test_a_corpus_of_short_documents_gives_an_empty_sample() -> None:
    fingerprint = fit([{"text": "short"}, {"text": "x"}])
    assert len(fingerprint.sample) == 0
    assert (fingerprint.n_documents, fingerprint.n_too_short) == (2, 2)
    assert fingerprint.statistics["type_token_ratio"] == 0


def test_domains_are_those_of_the_sample() -> None:
    rows = [{"text": text_of(number), "domain": f"d{number}"} for number in range(30)]
    fingerprint = fit(rows, limits=Limits(rows=3))
    smallest = sorted(range(30), key=lambda number: text_hash(text_of(number)))[:3]
    assert fingerprint.domains == tuple(sorted(f"d{number}" for number in smallest))


# What is held of the texts while fitting


@pytest.mark.usefixtures("tiny_batches")
def test_texts_that_are_too_short_are_not_held(monkeypatch: pytest.MonkeyPatch) -> None:
    held: list[int] = []
    hold = measuring._Builder._hold

    def counted(builder: measuring._Builder, batch: Any) -> None:
        hold(builder, batch)
        held.append(len(builder.texts))

    monkeypatch.setattr(measuring._Builder, "_hold", counted)
    fit([{"text": f"s {number}"} for number in range(300)])
    assert len(held) > 10
    assert {*held} == {0}


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
    del found["rank_frequency_slope"]
    assert found == pytest.approx(expected)


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


def test_repairs_are_counted() -> None:
    fingerprint = fit([{"text": "one two\u200b three four five"} for _ in range(3)])
    assert sum(fingerprint.repairs.values()) >= 3


# Edges


def test_texts_paths_and_corpora_are_read(tmp_path: Path) -> None:
    texts = [text_of(1), text_of(2)]
    path = tmp_path / "a.txt"
    path.write_text(texts[0], encoding="utf-8")
    from_list = fit_fingerprint(texts, "a", SMALL)
    assert from_list.n_documents == 2
    assert content(from_list) == content(fit_fingerprint(iter(texts), "a", SMALL))
    for source in (path, str(path), open_corpus(path)):
        fingerprint = fit_fingerprint(source, "a", SMALL)
        assert fingerprint.n_documents == 1
        assert fingerprint.origin == (str(path),)
        assert len(fingerprint.inputs_sha256) == 1


@pytest.mark.parametrize("name", ["", "  ", "\n"])
def test_a_source_needs_a_name(name: str) -> None:
    with pytest.raises(InputError, match="name"):
        fit_fingerprint([text_of(1)], name)


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


def test_documents_are_read_once() -> None:
    def rows() -> Iterator[str]:
        yield from (text_of(number) for number in range(5))
        read.append(True)

    read: list[bool] = []
    assert fit_fingerprint(rows(), "a", SMALL).n_documents == 5
    assert read == [True]
