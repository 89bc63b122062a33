"""Green lists of transformers, by vectors and by their twin."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from known_schemes import EXAMPLES, IDS, V, each, values
from reference import watermark_twin as twin
from watermark_vectors import Vector, bits, check_greens, scored_values, vectors

from provenance import detect_watermark


@pytest.mark.parametrize("vector", vectors("hf_watermark_detector"))
def test_vectors_of_kgw_hf(vector: Vector) -> None:
    params = vector.params
    everything = detect_watermark(vector.ids, scheme="kgw_hf", deduplicate="none", **params)
    assert np.array_equal(scored_values(everything), bits(vector.case["green"]))
    check_greens(everything, vector.case["all"], params["greenlist_ratio"], params["vocab_size"])
    once = detect_watermark(vector.ids, scheme="kgw_hf", deduplicate="ngram", **params)
    check_greens(
        once, vector.case["unique_ngrams"], params["greenlist_ratio"], params["vocab_size"]
    )


@given(ids=IDS, key=st.sampled_from([15485863, -7]), width=st.integers(1, 4))
@pytest.mark.parametrize("scheme", ["lefthash", pytest.param("selfhash", marks=pytest.mark.slow)])
def test_kgw_hf(scheme: str, ids: list[int], key: int, width: int) -> None:
    salted = scheme == "selfhash"
    first = width - salted

    def green(place: int) -> float:
        window = ids[place - first : place + 1] if salted else [ids[place - 1]]
        prf = "anchored_minhash" if salted else "additive"
        seed = twin.seed_of(twin.prf(prf, key, window, key))
        return float(twin.is_green(seed, ids[place], V, 150))

    params = {"vocab_size": V, "greenlist_ratio": 0.5, "hashing_key": key, "bias": 2.0}
    found = values(ids, "kgw_hf", **params, seeding_scheme=scheme, context_width=width)
    assert found == each(ids, first, green)


def test_kgw_hf_leaves_out_a_leading_bos() -> None:
    params = EXAMPLES["kgw_hf"]
    ids = [2, 7, 8, 9]
    both = detect_watermark([ids, ids[1:], []], scheme="kgw_hf", bos_token_id=2, **params)
    alone = detect_watermark(ids[1:], scheme="kgw_hf", **params)
    assert np.array_equal(both.values[1:4], alone.values, equal_nan=True)
    assert np.isnan(both.values[4:]).all()  # the second is a copy
