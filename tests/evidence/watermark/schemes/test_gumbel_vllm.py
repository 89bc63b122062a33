"""Gumbel draws of vLLM, by vectors and by their twin."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from known_schemes import each, values
from reference import watermark_twin as twin
from watermark_vectors import Vector, vectors

from provenance import detect_watermark
from provenance.evidence.watermark import make_scheme


@pytest.mark.parametrize("vector", vectors("vllm_gumbel"))
def test_vectors_of_gumbel_vllm(vector: Vector) -> None:
    scheme = {"gumbel": "gumbel_vllm", "dual": "gumbel_vllm_dual"}[vector.params["kind"]]
    case = vector.case
    everything = detect_watermark(vector.ids, scheme=scheme, deduplicate="none", **vector.params)
    scores = -np.log1p(-np.array(case["u"], np.float32).astype(np.float64))
    if "u_b" in case:
        alpha = vector.params["alpha"]
        second = -np.log1p(-np.array(case["u_b"], np.float32).astype(np.float64))
        scores = (1 - alpha) * scores + alpha * second
    assert np.array_equal(everything.values, scores)
    once = detect_watermark(vector.ids, scheme=scheme, deduplicate="context", **vector.params)
    for found, expected in ((everything, case["all"]), (once, case["dedup"])):
        assert found.n_scored == expected["T"]
        assert found.statistic == pytest.approx(expected["score"], rel=1e-12)
        if scheme == "gumbel_vllm":
            assert found.p_value == pytest.approx(expected["p"], rel=1e-9)
        else:  # theirs matches two moments of the law
            assert found.p_value == pytest.approx(expected["p"], rel=0.1) or expected["p"] < 1e-3


@given(
    ids=st.lists(st.integers(0, (1 << 26) - 1), max_size=12),
    key=st.integers(0, (1 << 64) - 1),
    width=st.integers(1, 9),
)
def test_gumbel_vllm(ids: list[int], key: int, width: int) -> None:
    def number(place: int, key: int = key) -> float:
        return twin.exponential(float(twin.vllm_uniform(key, width, ids[:place], ids[place])))

    params = {"key": key, "context_width": width}
    found = values(ids, "gumbel_vllm", **params)
    assert found == each(ids, 0, number)
    made: Any = make_scheme("gumbel_vllm_dual", params)

    def both(place: int) -> float:
        return 0.7 * number(place, made._key_a) + 0.3 * number(place, made._key_b)

    found = values(ids, "gumbel_vllm_dual", **params, alpha=0.3)
    assert found == each(ids, 0, both)
