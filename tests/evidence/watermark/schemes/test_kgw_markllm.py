"""Green lists of MarkLLM, by vectors and by their twin."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from known_schemes import IDS, KEYS, KGW, V, each, values
from reference import watermark_twin as twin
from watermark_vectors import Vector, bits, vectors

from provenance import detect_watermark
from provenance.evidence.watermark.schemes.mersenne import permutation


@pytest.mark.parametrize("vector", vectors("markllm_kgw"))
def test_vectors_of_kgw_markllm(vector: Vector) -> None:
    table = permutation(vector.params["vocab_size"], vector.params["hash_key"])
    assert table[:10].tolist() == vector.group["prf_first10"]
    found = detect_watermark(vector.ids, scheme="kgw_markllm", deduplicate="none", **vector.params)
    expected = bits(vector.case["green"])
    assert np.array_equal(found.values[vector.params["prefix_length"] :], expected)
    assert (found.n_scored, found.statistic) == (vector.case["T"], vector.case["green_count"])


@given(ids=IDS, key=KEYS, width=st.integers(1, 4))
@pytest.mark.parametrize("fold", ["time", "additive", "skip", "min"])
@pytest.mark.parametrize("window", ["left", "self"])
def test_kgw_markllm(fold: str, window: str, ids: list[int], key: int, width: int) -> None:
    table = twin.permutation(V, key & 0xFFFFFFFF)

    def green(place: int) -> float:
        context = ids[place - width : place]
        folded = {
            "time": lambda: table[int(np.prod(np.array(context, object))) % V],
            "additive": lambda: table[sum(context) % V],
            "skip": lambda: table[context[0]],
            "min": lambda: min(table[item] for item in context),
        }[fold]()
        salt = table[ids[place]] if window == "self" else key
        return float(twin.is_green(twin.wrapped(folded * salt) % V, ids[place], V, 75))

    params = {**KGW, "hash_key": key, "prefix_length": width}
    found = values(ids, "kgw_markllm", **params, f_scheme=fold, window_scheme=window)
    assert found == each(ids, width, green)
