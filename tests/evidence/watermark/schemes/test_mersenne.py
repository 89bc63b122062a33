"""PyTorch's generator, draw for draw."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
from watermark_vectors import Vector, vectors

from provenance.evidence.watermark.schemes.mersenne import permutation, uniforms, words


@pytest.mark.parametrize("vector", vectors("torch_cpu_rng"))
def test_torch_cpu_rng(vector: Vector) -> None:
    case = vector.case
    n, seed = case["n"], int(case["seed"])
    drawn = permutation(n, seed)
    assert drawn[: len(case["perm_head"])].tolist() == case["perm_head"]
    assert hashlib.sha256(drawn.astype("<i8").tobytes()).hexdigest() == case["perm_sha256_int64le"]
    seeds = np.full(n, seed & 0xFFFFFFFF, np.uint32)
    uniform = uniforms(seeds, np.arange(n)).astype("<f4")
    assert hashlib.sha256(uniform.tobytes()).hexdigest() == case["rand_sha256_f32le"]
    low = (words(n, seed) & 1).astype(np.uint8)
    assert hashlib.sha256(low.tobytes()).hexdigest() == case["randint2_sha256_u8"]


@pytest.mark.parametrize("vector", vectors("markllm_expgumbel"))
def test_the_generator_of_markllm_expgumbel(vector: Vector) -> None:
    """A table of vocabulary times context sums: no scheme, as it fits toy vocabularies only."""
    size, width = vector.params["vocab_size"], vector.params["prefix_length"]
    ids = vector.ids
    rows = [sum(ids[place - width : place]) for place in range(width, len(ids))]
    at = np.array(rows) * size + np.array(ids[width:])
    order = np.argsort(at)
    found = np.empty(len(at), np.float32)
    found[order] = uniforms(np.full(len(at), vector.params["seed"], np.uint32), at[order])
    assert np.array_equal(found, np.array(vector.case["r"], np.float32))
