"""Words and statistics worked by hand, passages, batches."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from known_features import NASTY, counted, row_counts

from provenance.features.features import extract, n_grams, passages
from provenance.features.rows import FeatureRows
from provenance.features.spec import FeatureSpec
from provenance.features.statistics import STATISTICS
from provenance.features.tokens import encode, load_encoding


def test_words_by_hand() -> None:
    text = "Don't *stop*, Ana!"
    found = [text[start:end] for start, end, _ in n_grams(text, 2)]
    assert found == [
        *("Don", "'", "t", "stop", ",", "Ana", "!"),
        *("Don'", "'t", "t *stop", "stop*,", ", Ana", "Ana!"),
    ]


def test_a_text_shorter_than_the_order_has_all_its_n_grams() -> None:
    assert [(start, end) for start, end, _ in n_grams("to be", 4)] == [(0, 2), (3, 5), (0, 5)]
    assert n_grams(" ", 4) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The CAT said “no”", "the cat said «no»"),
        ("it’s", "IT'S"),
        ("a — b", "a - b"),
        ("**to** be", "to\n\nbe"),
        ("cafe\u0301", "CAFE\u0301"),
    ],
)
def test_case_quotes_markup_and_layout_do_not_reach_the_words(one: str, other: str) -> None:
    assert [value for *_, value in n_grams(one, 2)] == [value for *_, value in n_grams(other, 2)]


@pytest.mark.parametrize(
    ("one", "other"), [("to be", "to, be"), ("to be", "be to"), ("nave", "naïve"), ("中", "日")]
)
def test_other_words_have_other_n_grams(one: str, other: str) -> None:
    assert [value for *_, value in n_grams(one, 2)] != [value for *_, value in n_grams(other, 2)]


def test_statistics_by_hand() -> None:
    text = "The cat SAT down. Was it 4pm?\n\n* Yes"
    _, statistics, *_ = counted([text], [3], FeatureSpec())
    assert dict(zip(STATISTICS, statistics[0].tolist(), strict=True)) == {
        "characters": len(text),
        "words": 8,
        "letters": len("ThecatSATdownWasit4pmYes"),
        "capitalised": 4,
        "upper_inside": 1,
        "punctuation": 2,
        "with_digits": 1,
        "newlines": 2,
        "markup": 1,
        "sentences": 3,
        "sentence_words_squared": 16 + 9 + 1,
        "distinct_words": 8,
        **dict.fromkeys(
            ("commas", "semicolons", "colons", "dashes", "apostrophes"),
            0,
        ),
        **dict.fromkeys(("straight_quotes", "curly_quotes"), 0),
        "asterisks": 1,
        **dict.fromkeys([name for name in STATISTICS if "token" in name], 0),
    }


# Passages

TEXTS = st.lists(
    st.sampled_from(
        ["One word. ", "Two.\n", "no end ", "a" * 30, "你好。", "Why?! ", "etc.) ", " "]
    ),
    max_size=80,
).map("".join)


@given(TEXTS, st.integers(1, 60), st.integers(0, 400))
def test_passages_restore_the_text(text: str, passage_tokens: int, n_tokens: int) -> None:
    parts = passages(text, n_tokens, passage_tokens)
    assert "".join(parts) == text
    assert all(parts) or parts == [""]


@given(TEXTS, st.integers(2, 30))
def test_passages_are_of_comparable_length(text: str, n_passages: int) -> None:
    parts = passages(text, 100 * n_passages, 100)
    if len(text) < 2 * n_passages:
        assert parts == [text]
        return
    assert len(parts) == n_passages
    step = len(text) / n_passages
    lengths = [len(part) for part in parts]
    assert min(lengths) >= step / 3 - 2
    assert max(lengths) <= 5 * step / 3 + 2


@pytest.mark.parametrize(("n_tokens", "n_passages"), [(150, 1), (151, 2), (249, 2), (251, 3)])
def test_short_documents_stay_whole(n_tokens: int, n_passages: int) -> None:
    assert len(passages("A sentence here. " * 60, n_tokens, 100)) == n_passages


def test_passages_end_where_sentences_end() -> None:
    text = "The first one is here. And “this is two.” Then 3.5 is no end! Is it? No.\nYes. "
    assert passages(text, 40, 10) == [
        *("The first one is here. ", "And “this is two.” "),
        *("Then 3.5 is no end! ", "Is it? No.\nYes. "),
    ]


# Batches


def test_short_documents_are_counted_and_not_measured() -> None:
    spec = FeatureSpec(min_tokens=6)
    batch = extract(["One two three.", "", "one two three four five six seven"], spec)
    assert batch.too_short.tolist() == [True, True, False]
    assert batch.n_tokens.tolist() == [4, 0, 7]
    assert len(batch.rows) == 1
    assert batch.document.tolist() == [2]


def test_a_batch_of_nothing_has_no_rows() -> None:
    batch = extract(["", "a"], FeatureSpec())
    assert len(batch.rows) == 0
    assert batch.statistics.shape == (0, len(STATISTICS))
    assert extract([], FeatureSpec()).n_tokens.tolist() == []


def test_tokens_of_a_long_document_are_shared_by_its_passages() -> None:
    spec = FeatureSpec(passage_tokens=20)
    batch = extract(["Short.", "A short sentence of seven words here. " * 30], spec)
    assert len(batch.rows) == round(batch.n_tokens[1] / 20)
    assert batch.passage_tokens.sum() == batch.n_tokens[1]


def test_clusters_join_texts_of_equal_words() -> None:
    batch = extract(
        [
            "The cat, it sat on a mat and it was flat.",
            "the CAT it sat\n\non a **mat** and it was flat!",
            "The cat, it sat on a mat and it was fat.",
        ],
        FeatureSpec(),
    )
    first, second, third = batch.cluster_hash.tolist()
    assert first == second != third
    assert len({*batch.text_hash.tolist()}) == 3


def test_tokens_of_a_passage_are_counted_in_its_row() -> None:
    spec = FeatureSpec(passage_tokens=10, min_tokens=0)
    text = "One two three four five six seven. One two three four five six seven."
    batch = extract([text], spec)
    (first, second), own = batch.passage_tokens.tolist(), encode(text, load_encoding())
    assert len(batch.rows) == 2
    assert first + second == len(own)
    expected, *_ = counted(["", ""], [0, 0], spec, [own[:first].tolist(), own[first:].tolist()])
    start = spec.family_bounds[2]
    for row in range(2):
        found = row_counts(batch.rows, row)
        assert {key: n for key, n in found.items() if key >= start} == row_counts(expected, row)


def test_a_lone_surrogate_is_measured() -> None:
    batch = extract(["one two three \ud800 four five six seven eight nine"], FeatureSpec())
    assert len(batch.rows) == 1


@given(st.lists(NASTY, min_size=1, max_size=4))
def test_a_document_has_the_same_row_in_every_batch(texts: list[str]) -> None:
    spec = FeatureSpec(min_tokens=0, word_bits=10, passage_tokens=5)
    together = extract(texts, spec)
    alone = [extract([text], spec) for text in texts]
    joined = FeatureRows.concatenate([batch.rows for batch in alone])
    np.testing.assert_array_equal(together.rows.indices, joined.indices)
    np.testing.assert_array_equal(together.rows.indptr, joined.indptr)
    for name in ("text_hash", "cluster_hash", "n_tokens"):
        parts = [getattr(batch, name) for batch in alone]
        np.testing.assert_array_equal(getattr(together, name), np.concatenate(parts))
