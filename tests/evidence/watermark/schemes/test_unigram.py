"""One green list for all contexts, by vectors and by its twin."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from known_schemes import IDS, V, values
from reference import watermark_twin as twin
from scipy import stats
from watermark_vectors import Vector, bits, vectors

from provenance import detect_watermark
from provenance.evidence.watermark import make_scheme
from provenance.evidence.watermark.schemes.unigram import Unigram


@pytest.mark.parametrize("vector", vectors("unigram"))
def test_vectors_of_unigram(vector: Vector) -> None:
    made = make_scheme("unigram", vector.params)
    assert isinstance(made, Unigram)
    digest = hashlib.sha256(np.packbits(made.mask).tobytes()).hexdigest()
    assert digest == vector.group["mask_sha256"]
    assert int(made.mask.sum()) == vector.group["green_total"]
    assert np.array_equal(made.mask[:64], bits(vector.group["mask_first64"]))
    case = vector.case
    everything = detect_watermark(vector.ids, scheme="unigram", deduplicate="none", **vector.params)
    assert np.array_equal(everything.values, bits(case["green"]))
    assert everything.statistic == case["green_all"]
    once = detect_watermark(vector.ids, scheme="unigram", **vector.params)
    assert (once.n_scored, once.statistic) == (case["unique"], case["green_unique"])
    law = (vector.params["vocab_size"], vector.group["green_total"], once.n_scored)
    exact = stats.hypergeom.sf(once.statistic - 1, *law)
    assert once.p_value == pytest.approx(exact, rel=1e-8)


@pytest.mark.parametrize("vector", vectors("markllm_unigram"))
def test_unigram_markllm(vector: Vector) -> None:
    found = detect_watermark(vector.ids, scheme="unigram", deduplicate="none", **vector.params)
    assert np.array_equal(found.values, bits(vector.case["green"]))


@given(ids=IDS, key=st.integers(-(1 << 63), (1 << 63) - 1))
def test_unigram(ids: list[int], key: int) -> None:
    mask = twin.unigram_mask(V, 0.25, key)
    theirs = values(ids, "unigram", vocab_size=V, fraction=0.25, watermark_key=key)
    assert theirs.tolist() == [float(mask[item]) for item in ids]
    ours = values(ids, "unigram", vocab_size=V, gamma=0.25, hash_key=key)
    assert np.array_equal(theirs, ours)
