"""Kernels against their slow twin, words and shapes worked by hand, passages, specs."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from reference import features_twin as twin

from provenance.errors import InputError
from provenance.features.features import STATISTICS, extract, n_grams, passages
from provenance.features.hashes import text_hash
from provenance.features.kernels import (
    N_STATISTICS,
    character_tables,
    feature_rows,
    plain_n_grams,
    row_norms,
    score_passages,
    sparse_times_dense,
)
from provenance.features.rows import FeatureRows, family_factors, log_counts
from provenance.features.spec import FeatureSpec

SPECS = (
    FeatureSpec(),
    FeatureSpec(word_bits=3, shape_bits=2, frequency_bits=5),
    FeatureSpec(word_bits=10, frequency_bits=4, word_order=3, shape_order=1),
    FeatureSpec(word_bits=12, frequency_bits=8, opening=0, long_opening=2, ending=0),
    FeatureSpec(word_bits=12, frequency_bits=8, opening=1, long_opening=5, ending=3),
)
ODD = (
    "aAbBzZ éÉßİıǅſKℵ.,!?。！？*_#~|\n\r\t\v\u0085\u2028\u2029\u00a0…“”„«»‘’—‑-•–·0١９²ⅧⅣ"
    "中日ーคไทย한글שלוםمرحبا\u0301\u0651\u200b\u200d\u200f\u202e\ufe0f\ufeff\ufffd\x00\x1f"
    "\U0001f600\U0001f468\U0001d400\U0001d7d8\U0001ffff\U00020000\U000e0001\U0010ffff"
)
NASTY = st.text(
    st.one_of(st.sampled_from(ODD), st.characters(exclude_categories=["Cs"])), max_size=60
)


def points(text: str) -> NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le"), np.uint32)


def counted(
    pieces: list[str], edges: list[int], spec: FeatureSpec
) -> tuple[FeatureRows, NDArray[np.float32], NDArray[np.uint64], NDArray[np.uint32]]:
    layout = np.array(
        [
            *(spec.word_bits, spec.shape_bits, spec.word_order, spec.shape_order),
            *(spec.opening, spec.long_opening, spec.ending, spec.frequency_bits),
        ]
    )
    bounds = np.cumsum([0, *map(len, pieces)])
    frequency = np.zeros(1 << spec.frequency_bits, np.uint32)
    result: Any = feature_rows(
        points("".join(pieces)),
        bounds,
        np.array(edges, np.uint8),
        *character_tables(),
        layout,
        frequency,
    )
    return FeatureRows(*result[:3]), result[3], result[4], frequency


def row_counts(rows: FeatureRows, row: int) -> dict[int, int]:
    part = slice(rows.indptr[row], rows.indptr[row + 1])
    indices = rows.indices[part].tolist()
    assert len({*indices}) == len(indices)
    return dict(zip(indices, rows.counts[part].tolist(), strict=True))


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(NASTY, st.integers(0, 3)), min_size=1, max_size=3), st.sampled_from(SPECS)
)
@example([("a " * 300 + "! " * 300, 3)], SPECS[0])
@example([("", 3), ("\n \n", 3), ("A", 0)], SPECS[1])
def test_kernel_counts_what_its_twin_counts(
    pieces: list[tuple[str, int]], spec: FeatureSpec
) -> None:
    texts, edges = [text for text, _ in pieces], [edge for _, edge in pieces]
    rows, statistics, word_hash, frequency = counted(texts, edges, spec)
    slots = np.zeros_like(frequency)
    for row, (text, edge) in enumerate(pieces):
        slow = twin.feature_row(text, bool(edge & 1), bool(edge & 2), spec)
        assert row_counts(rows, row) == slow.counts
        assert dict(zip(STATISTICS, statistics[row].tolist(), strict=True)) == {
            name: slow.statistics[name] for name in STATISTICS
        }
        assert word_hash[row] == slow.word_hash
        for slot, count in slow.slots.items():
            slots[slot] += count
    np.testing.assert_array_equal(frequency, slots)


@settings(max_examples=100, deadline=None)
@given(NASTY, st.integers(1, 4))
def test_plain_n_grams_are_those_of_the_twin(text: str, order: int) -> None:
    starts, ends, hashes = plain_n_grams(points(text), *character_tables(), order)
    places, slow = twin.plain_n_grams(text, order)
    assert list(zip(starts.tolist(), ends.tolist(), strict=True)) == places
    assert hashes.tolist() == slow


def test_the_number_of_statistics_is_known_to_the_kernels() -> None:
    assert len(STATISTICS) == N_STATISTICS


def test_words_by_hand() -> None:
    text = "Don't *stop*, Ana!"
    found = [text[start:end] for start, end, _ in n_grams(text, 2)]
    assert found == [
        *("Don", "'", "t", "stop", ",", "Ana", "!"),
        *("Don'", "'t", "t *stop", "stop*,", ", Ana", "Ana!"),
    ]


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


def test_hashes_are_the_same_on_every_machine() -> None:
    assert [value for *_, value in n_grams("To be", 2)] == [
        13630114294526817500,
        10015401682117916581,
        8293252137995090650,
    ]
    assert text_hash("To be") == 7355348977363234042


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
    }


def test_edges_are_counted_apart_and_only_at_the_edges() -> None:
    spec = FeatureSpec()
    text = "one two three four five six"
    rows, *_ = counted([text] * 4, [0, 1, 2, 3], spec)
    sizes = [sum(row_counts(rows, row).values()) for row in range(4)]
    plain = (6 + 5) + (6 + 5 + 4)
    opening, ending = (6 + 5 + 4) + (6 + 5), 6 + 5
    assert sizes == [plain, plain + opening, plain + ending, plain + opening + ending]


def test_families_do_not_share_buckets() -> None:
    spec = FeatureSpec(word_bits=4, shape_bits=3)
    rows, *_ = counted(["Some words, and 12 more of them."], [3], spec)
    assert rows.indices.max() < spec.n_features == 16 + 8
    words = rows.matrix(spec, ["words"])
    shapes = rows.matrix(spec, ["shape"])
    assert words.indices.max() < 16 <= shapes.indices.min()


@pytest.mark.parametrize("families", [["words"], ["shape"], ["words", "shape"]])
def test_rows_of_a_matrix_have_length_one(families: list[str]) -> None:
    spec = FeatureSpec(word_bits=10)
    batch = extract(["One two three, four five six seven eight!", "Eins zwei " * 40], spec)
    matrix = batch.rows.matrix(spec, families)
    np.testing.assert_allclose(matrix.multiply(matrix).sum(axis=1), 1, rtol=1e-5)


def test_matrix_holds_log_counts_by_hand() -> None:
    spec = FeatureSpec(word_bits=2, shape_bits=1)
    rows = FeatureRows(
        np.array([0, 3]), np.array([0, 2, 5], np.uint32), np.array([1, 3, 9], np.uint8)
    )
    expected = np.zeros((1, 6))
    expected[0, [0, 2]] = np.log([2, 4]) / np.sqrt(2 * (np.log(2) ** 2 + np.log(4) ** 2))
    expected[0, 5] = 1 / np.sqrt(2)
    np.testing.assert_allclose(rows.matrix(spec, ["words", "shape"]).toarray(), expected, rtol=1e-6)


def test_scores_are_the_product_with_the_weights_of_the_fold() -> None:
    spec = FeatureSpec(word_bits=6, shape_bits=4)
    rng = np.random.default_rng(0)
    texts = [" ".join(rng.choice(["a", "bee", "Sea", "9", ",", "."], 30)) for _ in range(7)]
    rows = extract(texts, spec).rows
    weights = rng.normal(size=(2, spec.n_features, 3)).astype(np.float32)
    folds = np.arange(7) % 2
    for families in (["words"], ["words", "shape"]):
        sums, inverse = score_passages(
            *(rows.indptr, rows.indices, rows.counts, log_counts()),
            *(spec.n_word_features, folds, weights),
        )
        scores = np.einsum("nfc,nf->nc", sums, inverse * family_factors(families))
        dense = rows.matrix(spec, families).toarray()
        slow = np.stack([dense[row] @ weights[folds[row]] for row in range(7)])
        np.testing.assert_allclose(scores, slow, rtol=1e-4, atol=1e-6)


def test_sparse_times_dense_is_the_product() -> None:
    spec = FeatureSpec(word_bits=6, shape_bits=4)
    matrix = extract(["a bee, A sea and 9 more of them."] * 3, spec).rows.matrix(spec, ["words"])
    dense = np.random.default_rng(0).normal(size=(spec.n_features, 5)).astype(np.float32)
    found = sparse_times_dense(matrix.indptr, matrix.indices, matrix.data, dense)
    np.testing.assert_allclose(found, matrix.toarray() @ dense, rtol=1e-4, atol=1e-5)


def test_norm_of_an_empty_row_is_zero() -> None:
    rows = FeatureRows(np.zeros(2, np.int64), np.empty(0, np.uint32), np.empty(0, np.uint8))
    assert row_norms(rows.indptr, rows.indices, log_counts(), rows.counts, 4).tolist() == [[0, 0]]


@given(st.lists(st.integers(0, 2), max_size=5))
def test_take_and_concatenate_agree(order: list[int]) -> None:
    rows, *_ = counted(["a b", "", "c d e"], [3, 3, 3], FeatureSpec(word_bits=8))
    chosen = np.array(order, np.int64)
    taken = rows.take(chosen)
    joined = FeatureRows.concatenate([rows.take(np.array([row])) for row in order])
    for name in ("indptr", "indices", "counts"):
        np.testing.assert_array_equal(getattr(taken, name), getattr(joined, name))
    assert [row_counts(taken, row) for row in range(len(order))] == [
        row_counts(rows, row) for row in order
    ]


def test_sorted_rows_hold_the_same_counts() -> None:
    rows, *_ = counted(["b a d c", "z y x"], [3, 3], FeatureSpec())
    ordered = rows.sorted()
    for row in range(2):
        assert row_counts(ordered, row) == row_counts(rows, row)
        part = ordered.indices[ordered.indptr[row] : ordered.indptr[row + 1]].astype(int)
        assert (np.diff(part) > 0).all()


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
    batch = extract(["A short sentence of seven words here. " * 30], spec)
    assert len(batch.rows) == round(batch.n_tokens[0] / 20)
    assert abs(batch.passage_tokens.sum() - batch.n_tokens[0]) <= len(batch.rows)


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


def test_a_lone_surrogate_is_measured() -> None:
    batch = extract(["one two three \ud800 four five six seven eight nine"], FeatureSpec())
    assert len(batch.rows) == 1


@settings(max_examples=30, deadline=None)
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


# Specs


def test_a_spec_survives_json() -> None:
    spec = FeatureSpec(min_tokens=3, strip_markdown=True)
    assert FeatureSpec.from_dict(json.loads(json.dumps(asdict(spec)))) == spec


def test_differences_name_the_fields_and_values() -> None:
    other = FeatureSpec(word_bits=18, encoding="cl100k_base")
    assert FeatureSpec().differences(other) == [
        "encoding: o200k_base and cl100k_base",
        "word_bits: 19 and 18",
    ]
    assert other.differences(replace(other)) == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"word_bits": 0}, "word_bits"),
        ({"word_bits": 60}, "word_bits"),
        ({"shape_bits": 25}, "shape_bits"),
        ({"frequency_bits": -1}, "frequency_bits"),
        ({"word_order": 10**9}, "word_order"),
        ({"shape_order": 0}, "shape_order"),
        ({"opening": 10**12}, "opening"),
        ({"long_opening": -1}, "long_opening"),
        ({"ending": 1 << 40}, "ending"),
        ({"passage_tokens": 0}, "passage_tokens"),
        ({"min_tokens": -1}, "min_tokens"),
        ({"min_tokens": True}, "min_tokens"),
        ({"min_tokens": 8.0}, "min_tokens"),
        ({"min_tokens": "8"}, "min_tokens"),
        ({"min_tokens": None}, "min_tokens"),
        ({"strip_markdown": 1}, "strip_markdown"),
        ({"encoding": ["o200k_base"]}, "encoding"),
        ({"schema": "provenance-features/9"}, "provenance-features/9"),
        ({"more": 1}, "fields"),
    ],
)
def test_a_hostile_spec_is_refused(change: dict[str, Any], told: str) -> None:
    with pytest.raises(InputError, match=told):
        FeatureSpec.from_dict({**asdict(FeatureSpec()), **change})


@pytest.mark.parametrize("values", [None, [], "spec", 3, {}, {"schema": "x"}])
def test_what_is_no_spec_is_refused(values: object) -> None:
    with pytest.raises(InputError, match="fields"):
        FeatureSpec.from_dict(values)
