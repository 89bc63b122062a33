"""What a match keeps of a corpus: the same for any batches and any order, and bounded."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from known_text import SPEC, documents, scored, texts

from provenance.corpus import Document
from provenance.matching import tally
from provenance.matching.tally import Tally
from provenance.scoring.views import views_of

VIEW = "n-grams"


def corpus() -> list[Document]:
    """Copies, a book of several passages, groups, fields, and texts too short to score."""
    found = documents([*texts("alpha", 6, 5), *texts("human", 10, 5)])
    book = " ".join(texts("alpha", 6, 6))
    loud = found[0].text.upper()
    more = documents([found[1].text, found[1].text, loud, book, "too short", "", book])
    every = [replace(item, id=f"r{place:02}") for place, item in enumerate([*found, *more])]
    return [
        replace(
            item,
            group=f"g{place // 3}" if place % 4 == 0 else None,
            fields={"kind": "odd" if place % 2 else "even", "empty": ""},
        )
        for place, item in enumerate(every)
    ]


CORPUS = corpus()


def tallied(found: list[Document], cuts: list[int], by: tuple[str, ...] = ()) -> Tally:
    result = Tally(SPEC, 2, by)
    for start, end in zip([0, *cuts], [*cuts, len(found)], strict=True):
        if end > start:
            result.add(scored(found[start:end]))
    return result


def assert_same(found: Tally, expected: Tally) -> None:
    for view in views_of(2):
        one, other = found.sampled(view), expected.sampled(view)
        for name in ("cluster", "weight", "cluster_hash", "document", "passage_tokens"):
            assert np.array_equal(getattr(one.scored, name), getattr(other.scored, name)), name
        assert np.array_equal(one.text_hash, other.text_hash)
        assert one.scored.log_posterior == pytest.approx(other.scored.log_posterior, abs=1e-5)
        assert one.complete == other.complete


@given(st.permutations(range(len(CORPUS))), st.sets(st.integers(1, len(CORPUS) - 1)))
def test_no_order_and_no_batches_change_what_is_kept(order: list[int], cuts: set[int]) -> None:
    expected = tallied(CORPUS, [], ("kind",))
    found = tallied([CORPUS[place] for place in order], sorted(cuts), ("kind",))
    assert_same(found, expected)
    counts = ("n_documents", "n_too_short", "n_passages", "n_tokens", "n_tokens_scored")
    for name in (*counts, "n_disguised", "repairs"):
        assert getattr(found, name) == getattr(expected, name), name
    assert np.array_equal(found.sums, expected.sums)
    assert np.array_equal(found.frequency, expected.frequency)
    # Values are numbered as they come, so that numbers follow the order and names do not.
    names = [[*item.value_numbers[0]] for item in (found, expected)]
    columns = [
        [known[number] for number in item.sampled(VIEW).values[:, 0].tolist()]
        for known, item in zip(names, (found, expected), strict=True)
    ]
    assert sorted(columns[0]) == sorted(columns[1])


@given(st.permutations(range(len(CORPUS))), st.sets(st.integers(1, len(CORPUS) - 1)))
@settings(max_examples=15, deadline=None)
def test_the_strongest_rows_are_the_same_whatever_the_order(
    order: list[int], cuts: set[int]
) -> None:
    expected = tallied(CORPUS, []).strongest
    found = tallied([CORPUS[place] for place in order], sorted(cuts)).strongest
    assert found.keys() == expected.keys()
    for key, candidates in expected.items():
        assert [item.document for item in found[key]] == [item.document for item in candidates]


@pytest.mark.parametrize("most", [1, 4, 7])
@pytest.mark.parametrize("cuts", [[], [3, 9, 14], list(range(1, len(CORPUS)))])
def test_a_bounded_sample_is_the_same_for_any_batches(
    most: int, cuts: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = tallied(CORPUS, []).sampled(VIEW).scored
    lowest = np.unique(whole.cluster_hash)[:most]
    monkeypatch.setattr(tally, "CLUSTERS", most)
    sampled = tallied(CORPUS[::-1], cuts).sampled(VIEW)
    bounded, kept = sampled.scored, np.isin(whole.cluster_hash, lowest)
    assert not sampled.complete
    assert np.array_equal(bounded.cluster_hash, whole.cluster_hash[kept])
    assert np.array_equal(bounded.weight, whole.weight[kept])
    assert np.array_equal(bounded.passage_tokens, whole.passage_tokens[kept[whole.document]])


@pytest.mark.parametrize(("before", "unread"), [(0.0, 0.75), (0.5, 0.875), (1.0, 1.0)])
def test_what_was_left_out_is_unread(
    before: float, unread: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One of four different texts is kept; of the corpus this is a quarter of what was added."""
    found = documents(texts("human", 4, 8))
    assert tallied(found, []).sampled(VIEW).scored.unread == 0
    assert tallied(found, []).sampled(VIEW, before).scored.passages().unread == before
    monkeypatch.setattr(tally, "CLUSTERS", 1)
    assert tallied(found, []).sampled(VIEW, before).scored.unread == pytest.approx(unread)


def test_as_many_clusters_as_there_is_room_for_are_all_of_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    n_clusters = len(np.unique(tallied(CORPUS, []).sampled(VIEW).scored.cluster_hash))
    monkeypatch.setattr(tally, "CLUSTERS", n_clusters)
    assert tallied(CORPUS, [4, 5]).sampled(VIEW).complete


def test_copies_are_one_entry_with_a_weight() -> None:
    text = texts("alpha", 1, 5)[0]
    found = tallied(documents([text] * 10 + [text.upper()] * 3), [4]).sampled(VIEW).scored
    assert sorted(found.weight.tolist()) == [3, 10]
    assert len(set(found.cluster.tolist())) == 1
    assert len(set(found.cluster_hash.tolist())) == 1


def test_groups_are_joined_and_nothing_else() -> None:
    found = documents(texts("alpha", 4, 5))
    grouped = [replace(item, group="talk") for item in found[:2]] + found[2:]
    cluster = tallied(grouped, []).sampled(VIEW).scored.cluster
    assert sorted(np.bincount(cluster).tolist()) == [1, 1, 2]


def test_weights_and_counts_add_up() -> None:
    result = tallied(CORPUS, [5])
    corpus = result.sampled(VIEW).scored
    assert result.n_documents == len(CORPUS)
    assert result.n_too_short == 2
    assert corpus.weight.sum() == result.n_scored == len(CORPUS) - 2
    by_document = corpus.passages()
    assert by_document.weight.sum() == pytest.approx(result.n_scored)
    by_token = corpus.passages("tokens")
    assert by_token.weight.sum() == pytest.approx(result.n_tokens_scored, rel=0.01)
    assert corpus.total() == pytest.approx(by_document.weight.sum())
    assert corpus.total("tokens") == pytest.approx(by_token.weight.sum())


def test_a_part_of_the_entries_has_their_passages_alone() -> None:
    corpus = tallied(CORPUS, [], ("kind",)).sampled(VIEW)
    chosen, scored = corpus.values[:, 0] == 0, corpus.scored
    parts = [scored.part(which).passages() for which in (chosen, ~chosen)]
    assert sum(part.weight.sum() for part in parts) == pytest.approx(scored.weight.sum())
    assert len(scored.part(chosen)) == chosen.sum()
    assert all(part.cluster.max() == len(np.unique(part.cluster)) - 1 for part in parts)


def test_texts_lie_with_the_strongest_rows_only_and_are_cut() -> None:
    result = tallied(CORPUS, [])
    for candidates in result.strongest.values():
        assert len({item.cluster_hash for item in candidates}) == len(candidates)
        strengths = [item.strength for item in candidates]
        assert strengths == sorted(strengths, reverse=True)
        assert all(0 < len(item.document.text) <= 600 for item in candidates)


def test_many_copies_of_the_strongest_row_leave_room_for_others() -> None:
    found = documents([texts("alpha", 1, 5)[0]] * 300 + texts("human", 20, 5))
    [kept] = [rows for key, rows in tallied(found, []).strongest.items() if key == (VIEW, 0)]
    assert len(kept) == 21


def test_no_row_too_short_is_among_the_strongest() -> None:
    result = tallied(documents(["short", *texts("human", 2, 5)]), [])
    assert len(result.strongest[VIEW, 0]) == 2


def test_nothing_long_enough_leaves_an_empty_sample() -> None:
    corpus = tallied(documents(["short", "", "x"]), [1]).sampled(VIEW)
    assert len(corpus.scored) == 0
    assert corpus.complete


def test_a_document_of_a_sample_overlaps_with_its_source_alone() -> None:
    found = documents([texts("alpha", 150, 0)[7], texts("human", 1, 9)[0]])
    assert scored(found).overlap.tolist() == [[True, False], [False, False]]
    result = tallied(found, [])
    assert result.overlaps.tolist() == [1, 0]
    assert [item.id for item in result.overlap_places] == ["d0001"]
