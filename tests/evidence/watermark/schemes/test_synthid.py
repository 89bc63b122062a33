"""Tournaments, by vectors and by their twin."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reference import watermark_twin as twin
from scipy import stats
from watermark_vectors import Vector, bits, folder, one_document, vectors

from provenance import detect_watermark
from provenance.evidence.watermark import make_scheme
from provenance.evidence.watermark.schemes.synthid import SynthidGoogle


@pytest.mark.parametrize("name", ["synthid_google", "synthid_hf"])
def test_synthid_vectors_are_there(name: str) -> None:
    assert folder() is None or len(vectors(name)) == 36


SYNTHID = [
    pytest.param(item.values[0], name, id=f"{name}-{item.id}", marks=item.marks)
    for name in ("synthid_google", "synthid_hf")
    for item in vectors(name)
]


@pytest.mark.parametrize(("vector", "scheme"), SYNTHID)
def test_vectors_of_synthid(vector: Vector, scheme: str) -> None:
    params, case = vector.params, vector.case
    depth, before = len(params["keys"]), params["ngram_len"] - 1
    found = {
        statistic: detect_watermark(
            vector.ids,
            scheme=scheme,
            statistic=statistic,
            deduplicate="none",
            **params,
            **(vector.group["bayes"] if statistic == "bayesian" else {}),
        )
        for statistic in ("mean", "weighted_mean", "bayesian")
    }
    mean = found["mean"]
    counted = bits(case["context_mask"]) * bits(case["eos_mask"]) == 1
    assert np.array_equal(~np.isnan(mean.values[before:]), counted)
    g_values = np.array([bits(row) for row in case["g"]]).reshape(-1, depth)
    assert np.array_equal(mean.g_values(depth)[before:][counted], g_values[counted])
    assert mean.n_scored == case["scored"]
    assert round(np.nansum(mean.values) * depth) == case["ones_scored"]
    assert mean.statistic == pytest.approx(case["mean"], rel=1e-5)
    assert found["weighted_mean"].statistic == pytest.approx(case["weighted_mean"], rel=1e-5)
    posterior = 1 / (1 + np.exp(-found["bayesian"].statistic))
    assert posterior == pytest.approx(case["bayes_posterior"], abs=1e-4)
    exact = make_scheme(scheme, {**params, "statistic": "mean"})
    everywhere = exact.values(
        one_document(vector.ids),
        exact.draws(one_document(vector.ids)),
        np.arange(before, len(vector.ids)),
    )[1]
    assert everywhere is not None
    number = np.arange(depth)
    all_bits = everywhere[:, number >> 6] >> (number & 63).astype(np.uint64) & np.uint64(1)
    assert np.array_equal(all_bits, g_values)
    if isinstance(exact, SynthidGoogle):
        ones = stats.binom.sf(case["ones_scored"] - 1, case["scored"] * depth, 0.5)
        assert mean.p_value == pytest.approx(ones, rel=1e-6)


@given(
    ids=st.lists(st.integers(0, 4), max_size=24),
    keys=st.lists(st.integers(-(1 << 63), (1 << 64) - 1), min_size=1, max_size=70),
    ngram_len=st.integers(1, 4),
    history=st.integers(1, 6),
    eos=st.none() | st.integers(0, 4),
    size=st.sampled_from([1, 2, 64, 96, 101]),
)
def test_synthid(
    ids: list[int], keys: list[int], ngram_len: int, history: int, eos: int | None, size: int
) -> None:
    params: dict[str, Any] = {
        "keys": keys,
        "ngram_len": ngram_len,
        "context_history_size": history,
        "eos_token_id": eos,
        "statistic": "mean",
        "deduplicate": "none",
    }
    expected = twin.synthid_scored(ids, twin.google_start(keys), ngram_len, history, eos)
    found = detect_watermark(ids, scheme="synthid_google", **params)
    check_layers(found, expected, keys, twin.google_bit)
    expected = twin.synthid_scored(ids, 1, ngram_len, history, eos)
    table: dict[str, Any] = {"sampling_table_size": size, "sampling_table_seed": 3}
    found = detect_watermark(ids, scheme="synthid_hf", **params, **table)
    check_layers(found, expected, keys, lambda state, key: twin.table_bit(state, key, size, 3))


def check_layers(
    found: Any, expected: dict[int, int], keys: list[int], layer: Callable[[int, int], int]
) -> None:
    assert np.flatnonzero(~np.isnan(found.values)).tolist() == list(expected)
    bits = found.g_values(len(keys))
    for position, state in expected.items():
        assert bits[position].tolist() == [layer(state, key) for key in keys]
        assert found.values[position] == pytest.approx(bits[position].mean())
