"""One picklable object scores rows as a match does, and its tallies add."""

from __future__ import annotations

import pickle
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from known_matches import ALPHA, BETA, CACHE, HUMAN, MIXED, told

from provenance.errors import InputError
from provenance.matching.scorer import RowTally, Scorer
from provenance.statistics.multiple_testing import benjamini_hochberg

TEXTS = [row["text"] for row in MIXED]


@pytest.fixture(scope="module")
def scorer(tmp_path_factory: pytest.TempPathFactory) -> Scorer:
    folder = tmp_path_factory.mktemp("scorer") / "made"
    return Scorer.save(folder, candidates=[ALPHA], references=[HUMAN], only=True, cache_dir=CACHE)


def test_it_says_of_a_row_what_a_match_says(scorer: Scorer) -> None:
    _, rows = told()
    found = scorer.score_batch(TEXTS, [row["id"] for row in MIXED])
    assert found.column_names == [
        *("id", "n_tokens"),
        *("log_posterior[alpha]", "log_posterior[human]", "p[alpha]"),
    ]
    assert found["id"].to_pylist() == [row["id"] for row in rows]
    assert found["n_tokens"].to_pylist() == [row["n_tokens"] for row in rows]
    np.testing.assert_allclose(found["p[alpha]"], [row["p[alpha]"] for row in rows], rtol=1e-6)


def test_it_is_the_same_for_any_batches_and_in_another_process(scorer: Scorer) -> None:
    whole = scorer.score_batch(TEXTS)
    again = pickle.loads(pickle.dumps(scorer)).score_batch(TEXTS[:50])
    assert whole.slice(0, 50)["p[alpha]"].equals(again["p[alpha]"])
    assert len(pickle.dumps(scorer)) < 1000


def test_short_texts_are_null(scorer: Scorer) -> None:
    found = scorer.score_batch(["short", "", "\ud800"], ["a", "\ud800", "c"])
    assert found["p[alpha]"].null_count == found["log_posterior[human]"].null_count == 3
    assert scorer.score_batch([]).num_rows == 0
    assert RowTally.of(found) == RowTally(3, 3, {"alpha": Counter()})


def test_numbers_that_differ_are_refused(scorer: Scorer) -> None:
    with pytest.raises(InputError, match="differ in number"):
        scorer.score_batch(["a"], ["a", "b"])


def test_a_candidate_alone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="alone"):
        Scorer.save(tmp_path / "a", candidates=[ALPHA], cache_dir=CACHE)


@pytest.mark.parametrize("content", ["", "[]", '{"schema": "x", "candidates": ["alpha"]}'])
def test_what_is_no_scorer_is_refused(scorer: Scorer, tmp_path: Path, content: str) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(scorer.folder, folder)
    (folder / "scorer.json").write_text(content)
    with pytest.raises(InputError):
        Scorer.load(folder)


def test_more_sources(tmp_path: Path) -> None:
    made = Scorer.save(
        tmp_path / "a", candidates=[ALPHA, BETA], references=[HUMAN], cache_dir=CACHE
    )
    assert made.candidates == ("alpha", "beta")
    assert {"p[alpha]", "p[beta]"} <= {*made.score_batch(TEXTS[:9]).column_names}


def test_one_that_is_saved_in_place_of_another_is_the_new_one(tmp_path: Path) -> None:
    given: dict[str, Any] = {"references": [HUMAN], "only": True, "cache_dir": CACHE}
    assert Scorer.save(tmp_path, candidates=[ALPHA], **given).candidates == ("alpha",)
    assert Scorer.save(tmp_path, candidates=[BETA], **given).candidates == ("beta",)


def test_tallies_of_parts_are_that_of_the_whole(scorer: Scorer) -> None:
    parts = [RowTally.of(scorer.score_batch(TEXTS[at : at + 70])) for at in (0, 70, 140)]
    whole = RowTally.of(scorer.score_batch(TEXTS))
    assert parts[2] + (parts[0] + parts[1]) == whole
    assert RowTally.from_json(whole.to_json()) == whole


def test_q_values_are_those_of_the_match(scorer: Scorer) -> None:
    # No text of this corpus stands in it twice.
    _, rows = told()
    q = RowTally.of(scorer.score_batch(TEXTS)).q("alpha")
    found = [q(value) or 0.0 for value in scorer.score_batch(TEXTS)["p[alpha]"].to_pylist()]
    np.testing.assert_allclose(found, [row["q[alpha]"] for row in rows], rtol=1e-6)


@given(st.lists(st.sampled_from([0.01, 0.02, 0.1, 0.5, 1.0]), min_size=1))
def test_q_values_are_benjamini_and_hochbergs(p_values: list[float]) -> None:
    q = RowTally(len(p_values), 0, {"a": Counter(p_values)}).q("a")
    slow = benjamini_hochberg(np.sort(p_values))
    expected = np.maximum(slow, np.sort(p_values))
    assert [q(value) for value in sorted(p_values)] == pytest.approx(expected.tolist())
    assert q(None) is None


def test_a_candidate_that_was_not_scored_has_no_q_values() -> None:
    with pytest.raises(InputError, match="no candidate 'ap'"):
        RowTally(1, 0, {"api": Counter({0.1: 1})}).q("ap")
    assert RowTally().q("api")(0.1) is None


def tally_of(pairs: str, schema: str = "provenance-row-tally/1") -> bytes:
    told = f'{{"schema":"{schema}","n_documents":1,"n_too_short":0,"p_values":{{"a":{pairs}}}}}'
    return told.encode()


@pytest.mark.parametrize(
    "text",
    [
        *(b"", b"{}", b'{"schema": 1}', tally_of("[]", "another/1")),
        *(tally_of("[[0.5,-1]]"), tally_of("[[2.5,1]]")),
    ],
)
def test_what_is_no_tally_is_refused(text: bytes) -> None:
    with pytest.raises(InputError):
        RowTally.from_json(text)
