"""Which documents a bounded sample keeps, and what it says of each."""

from __future__ import annotations

import datetime
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from known_fingerprints import fit, many, text_of

from provenance.errors import InputError
from provenance.features.hashes import text_hash
from provenance.fingerprint.sample import DOCUMENT_COLUMNS, NO_DATE, Limits, SampledDocuments

DAY = datetime.date(2024, 5, 1)


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
        "segment_hash": [0],
        "asked_hash": [0],
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


def test_limits_bound_only_the_sample() -> None:
    rows = many()
    full, limited = fit(rows), fit(rows, limits=Limits(rows=2))
    assert len(limited.sample) == 2
    assert limited.n_passages == full.n_passages
    np.testing.assert_array_equal(limited.sums, full.sums)
    np.testing.assert_array_equal(limited.frequency, full.frequency)


ABSURD: tuple[Any, ...] = (0, -1, 1 << 62, 10**5000, True, 3.0, float("inf"), "7", None)


@pytest.mark.parametrize("place", range(len(ABSURD)))
@pytest.mark.parametrize("name", ["rows", "row_tokens"])
def test_absurd_limits_are_refused(name: str, place: int) -> None:
    with pytest.raises(InputError, match=f"the limit {name} is out of bounds"):
        Limits(**{name: ABSURD[place]})


def test_the_ends_are_allowed() -> None:
    assert Limits(1, (1 << 62) - 1).meet(Limits()) == Limits(1, 2_000_000)


@pytest.mark.parametrize("asked_first", [True, False])
def test_an_answer_that_stands_in_a_log_too_was_asked_all_the_same(asked_first: bool) -> None:
    logged = fit([{"text": text_of(1), "prompt": "why"}, {"text": text_of(2)}]).sample
    asked = replace(logged.take(np.arange(1)), asked_hash=np.array([7], np.uint64))
    parts = [asked, logged] if asked_first else [logged, asked]
    both = SampledDocuments.concatenate(parts).bounded(Limits())
    assert len(both) == 2
    marks = dict(zip(both.text_hash.tolist(), both.asked_hash.tolist(), strict=True))
    assert marks[int(asked.text_hash[0])] == 7
    assert sorted(marks.values()) == [0, 7]
