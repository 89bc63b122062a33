"""Exponential scores, by vectors and by their twin."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from known_schemes import IDS, KEYS, V, each, values
from reference import watermark_twin as twin
from watermark_vectors import Vector, bits, one_document, scored_values, vectors

from provenance import detect_watermark
from provenance.evidence.watermark import make_scheme


@pytest.mark.parametrize("vector", vectors("markllm_exp"))
def test_vectors_of_exp_markllm(vector: Vector) -> None:
    found = detect_watermark(vector.ids, scheme="exp_markllm", deduplicate="none", **vector.params)
    uniform = np.array(vector.case["r"], np.float32)
    assert np.array_equal(scored_values(found), -np.log1p(-uniform.astype(np.float64)))
    assert found.n_scored == vector.case["T"]
    assert found.p_value == pytest.approx(vector.case["p_gamma"], rel=1e-6)


@pytest.mark.parametrize("vector", vectors("threebricks_radioactive"))
@pytest.mark.parametrize("mode", ["none", "v1", "v2"])
def test_vectors_of_exp_threebricks(vector: Vector, mode: str) -> None:
    params, expected = vector.params, vector.case[mode]
    made = make_scheme("exp_threebricks", params)
    seeds = made.seeds(one_document(vector.ids))  # type: ignore[attr-defined]
    first = vector.case["seeds_first"]
    whole = seeds[params["ngram"] :].tolist()
    assert first == [str(seed) for seed in whole[1 : 1 + len(first)]]
    deduplicate = {"none": "none", "v1": "context", "v2": "state"}[mode]
    start = params["ngram"] + 1
    green = detect_watermark(
        vector.ids,
        scheme="exp_threebricks",
        statistic="maryland",
        deduplicate=deduplicate,
        **params,
    )
    assert np.array_equal(~np.isnan(green.values[start:]), bits(expected["mask"]) == 1)
    assert np.array_equal(scored_values(green), bits(expected["green"]))
    assert green.n_scored == expected["T"]
    assert green.p_value == pytest.approx(expected["p_binomial"], rel=1e-3)
    found = detect_watermark(
        vector.ids, scheme="exp_threebricks", deduplicate=deduplicate, **params
    )
    assert found.n_scored == expected["T"]
    assert found.statistic == pytest.approx(expected["openai_sum"], rel=2e-6)
    assert found.p_value == pytest.approx(expected["p_gamma"], rel=1e-4)
    if expected["openai_scores"] is not None:
        scores = scored_values(found)
        assert scores == pytest.approx(expected["openai_scores"], rel=2e-6, abs=2e-6)


@pytest.mark.parametrize("vector", vectors("threebricks_radioactive")[::9])
@pytest.mark.parametrize("mode", ["v1", "v1_prompts", "v2", "v2_prompts", "none"])
def test_exp_threebricks_corpus(vector: Vector, mode: str) -> None:
    corpus = vector.group["corpus"]
    expected = corpus["results"][mode]
    found = detect_watermark(
        corpus["texts"],
        scheme="exp_threebricks",
        statistic="maryland",
        deduplicate={"no": "none", "v1": "context", "v2": "state"}[mode[:2]],
        prompts=corpus["prompts"] if mode.endswith("prompts") else None,
        **vector.params,
    )
    offsets = np.concatenate([np.arange(len(text)) for text in corpus["texts"]])
    inside = ~np.isnan(found.values[offsets > vector.params["ngram"]])
    assert np.array_equal(inside, bits(expected["mask"]) == 1)
    assert np.array_equal(scored_values(found), bits(expected["green"]))
    assert found.p_value == pytest.approx(expected["p_binomial"], rel=1e-3)


@given(ids=IDS, seed=KEYS, salt=KEYS, width=st.integers(1, 4), payload=st.integers(0, V - 1))
def test_exp_threebricks(ids: list[int], seed: int, salt: int, width: int, payload: int) -> None:
    def number(place: int) -> float:
        chained = twin.chained(seed, salt, ids[place - width : place]) & 0xFFFFFFFF
        return twin.exponential(twin.uniform(chained, ids[place]))

    def green(place: int) -> float:
        chained = twin.chained(seed, salt, ids[place - width : place])
        return float(twin.is_green(chained, ids[place], V, 150))

    params = {"vocab_size": V, "ngram": width, "seed": seed, "salt_key": salt}
    found = values(ids, "exp_threebricks", **params)
    assert found == each(ids, width + 1, number)
    found = values(ids, "exp_threebricks", **params, statistic="maryland", gamma=0.5)
    assert found == each(ids, width + 1, green)


@given(ids=IDS, key=KEYS, width=st.integers(1, 4))
def test_exp_markllm(ids: list[int], key: int, width: int) -> None:
    def number(place: int) -> float:
        product = int(np.prod(np.array(ids[place - width : place], object))) % V
        return twin.exponential(twin.uniform(key * product & 0xFFFFFFFF, ids[place]))

    params = {"vocab_size": V, "hash_key": key, "prefix_length": width}
    assert values(ids, "exp_markllm", **params) == each(ids, width, number)


def test_a_tail_far_below_what_a_float_holds() -> None:
    params: dict[str, Any] = {"keys": list(range(30)), "statistic": "mean"}
    made: Any = make_scheme("synthid_google", params)
    assert made.log_tail(1000.0, 1000) == pytest.approx(-30000 * np.log(2))
    assert made.log_tail(500.0, 1000) == pytest.approx(np.log(0.5), abs=0.01)
