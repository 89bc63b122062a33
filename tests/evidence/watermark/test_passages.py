"""Marked passages: likelihood ratios of mean 1, the best stretch, a bound that holds."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from known_watermarks import DEPTH, SETTINGS, V
from numpy.typing import NDArray

from provenance import detect_watermark
from provenance.errors import InputError
from provenance.evidence.watermark import Documents, make_scheme, score
from provenance.evidence.watermark.detection import KEYS
from provenance.evidence.watermark.passages import _best, best_passages, earlier_draws, passages_of


def keyed(name: str, rng: np.random.Generator) -> Any:
    scheme, params = SETTINGS[name]
    if scheme.startswith("synthid"):
        return make_scheme(scheme, {"keys": rng.integers(1, 1 << 40, DEPTH).tolist(), **params})
    key = {KEYS[scheme]: int(rng.integers(1, 1 << 40))}
    sized = {} if scheme.startswith("gumbel") else {"vocab_size": V}
    return make_scheme(scheme, {**key, **sized, **params})


@settings(deadline=None)  # the first call compiles
@given(st.lists(st.integers(-8, 5), max_size=30))
def test_the_best_stretch_is_the_best_of_all(steps: list[int]) -> None:
    ratios = np.array(steps, np.float64)
    total, first, last = _best(ratios, 0, len(ratios))
    every = [sum(steps[a:b]) for a in range(len(steps)) for b in range(a + 1, len(steps) + 1)]
    assert total == max([0, *every])
    assert total == sum(steps[first:last])


def text(rng: np.random.Generator, n_documents: int, n: int) -> Documents:
    ids = np.minimum(rng.zipf(1.3, n_documents * n), V - 1)
    return Documents(ids, np.arange(n_documents + 1) * n)


def measured(scheme: Any, documents: Documents) -> dict[str, Any]:
    draws, scored = scheme.draws(documents), score(documents, scheme)
    earlier = earlier_draws(documents, draws, scored, scheme.law)
    bounds = documents.bounds
    return {"bounds": bounds, "scored": scored, "earlier": earlier, "law": scheme.law}


def log_p_of_best(name: str, n_keys: int, n_documents: int, excess: float) -> NDArray[np.float64]:
    rng = np.random.default_rng(11)
    found = []
    for _ in range(n_keys):
        scheme, documents = keyed(name, rng), text(rng, n_documents, 200)
        found.append(
            best_passages(
                **measured(scheme, documents),
                excess=excess,
            ).log_p
        )
    return np.concatenate(found)


@pytest.mark.parametrize("name", SETTINGS)
def test_the_bound_holds_under_random_keys(name: str) -> None:
    p = np.exp(log_p_of_best(name, 4, 60, 1.0))
    for level in (0.5, 0.1, 0.02):
        assert (p <= level).mean() <= level + 4 * math.sqrt(level / len(p))


@pytest.mark.slow
@pytest.mark.parametrize("excess", [0.25, 1.0, 3.0])
@pytest.mark.parametrize("name", ["lefthash", "selfhash", "unigram", "vllm dual", "hf weighted"])
def test_the_bound_holds_under_many_random_keys(name: str, excess: float) -> None:
    p = np.exp(log_p_of_best(name, 60, 200, excess))
    for level in (0.1, 0.01, 0.001):
        assert (p <= level).mean() <= level + 3 * math.sqrt(level / len(p))


def planted(scheme: Any, spans: list[tuple[int, int]], n: int = 600) -> Documents:
    """Of six candidates the one of the largest score, inside the spans."""
    rng = np.random.default_rng(3)
    ids: list[int] = rng.integers(0, V, 8).tolist()
    while len(ids) < n:
        options = rng.integers(0, V, 6).tolist()
        if any(a <= len(ids) < b for a, b in spans):
            rows = np.array([[*ids[-8:], option] for option in options])
            tried = Documents(rows.ravel(), np.arange(7) * 9)
            values = score(tried, scheme, deduplicate="none").values[8::9]
            ids.append(options[int(np.argmax(values))])
        else:
            ids.append(options[0])
    return Documents(np.array(ids), np.array([0, n]))


@pytest.mark.parametrize("name", ["lefthash", "vllm", "google weighted"])
def test_marked_passages_are_found_where_they_are(name: str) -> None:
    scheme = keyed(name, np.random.default_rng(2))
    documents = planted(scheme, [(100, 180), (400, 450)])
    (found,) = passages_of(
        **measured(scheme, documents),
        log_level=math.log(0.01),
        excess=1.0,
    )
    assert len(found) == 2
    for passage, (start, end) in zip(found, [(100, 180), (400, 450)], strict=True):
        assert abs(passage.start - start) <= 20 and abs(passage.end - end) <= 20
    best = best_passages(
        **measured(scheme, documents),
        excess=1.0,
    )
    assert (best.starts[0], best.ends[0]) in {(item.start, item.end) for item in found}
    other = keyed(name, np.random.default_rng(4))
    assert passages_of(**measured(other, documents), log_level=math.log(0.01)) == [[]]


def test_documents_without_a_scored_id_have_no_passage() -> None:
    scheme = keyed("lefthash", np.random.default_rng(2))
    documents = Documents(np.array([7]), np.array([0, 0, 1]))
    best = best_passages(
        **measured(scheme, documents),
        excess=1.0,
    )
    assert np.isnan(best.log_p).all() and best.ends.tolist() == [0, 0]


def test_a_detection_tells_its_passages() -> None:
    scheme, key = "gumbel_vllm", 55
    documents = planted(make_scheme(scheme, {"key": key}), [(200, 280)])
    (passage,) = detect_watermark(documents.ids, scheme=scheme, key=key).passages()[0]
    assert abs(passage.start - 200) <= 20 and abs(passage.end - 280) <= 20
    assert detect_watermark(documents.ids, scheme=scheme, key=54).passages() == [[]]
    with pytest.raises(InputError, match="level is 0"):
        detect_watermark([5], scheme=scheme, key=key).passages(level=0)


def test_passages_of_the_best_payload_are_corrected_for_all_payloads() -> None:
    params: dict[str, Any] = {"seed": 9, "ngram": 2, "vocab_size": V}
    documents = planted(make_scheme("exp_threebricks", params), [(100, 160)], 300)
    found = detect_watermark(documents.ids, scheme="exp_threebricks", payload_max=30, **params)
    one = detect_watermark(documents.ids, scheme="exp_threebricks", **params)
    assert found.payload == 0 and found.n_payloads == 31
    (many,), (alone,) = found.passages()[0], one.passages()[0]
    assert many.log_p == pytest.approx(alone.log_p + math.log(31))


@pytest.mark.parametrize("deduplicate", ["none", "ngram"])
def test_passages_of_repeated_draws_are_refused(deduplicate: str) -> None:
    found = detect_watermark([5] * 9, scheme="gumbel_vllm", key=4, deduplicate=deduplicate)
    with pytest.raises(InputError, match="deduplicate"):
        found.passages()
