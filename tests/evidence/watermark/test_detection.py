"""Every vector of the reference implementations, through the public function."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import pytest
from scipy import stats
from watermark_vectors import Vector, bits, folder, vectors

from provenance import WatermarkDetection, detect_watermark
from provenance.evidence.watermark import Documents, make_scheme
from provenance.evidence.watermark.schemes.kgw import Kgw, hash_table
from provenance.evidence.watermark.schemes.mersenne import permutation, uniforms, words
from provenance.evidence.watermark.schemes.synthid import SynthidGoogle
from provenance.evidence.watermark.schemes.unigram import Unigram


def one_document(ids: list[int]) -> Documents:
    return Documents(np.array(ids), np.array([0, len(ids)]))


def scored_values(found: WatermarkDetection) -> Any:
    return found.values[~np.isnan(found.values)]


def check_greens(
    found: WatermarkDetection, expected: dict[str, Any], gamma: float, vocab_size: int
) -> None:
    n, green = expected["T"], expected["green"]
    assert (found.n_scored, found.statistic) == (n, green)
    assert (green - gamma * n) / np.sqrt(n * gamma * (1 - gamma)) == pytest.approx(expected["z"])
    share = int(gamma * vocab_size) / vocab_size
    assert found.p_value == pytest.approx(stats.binom.sf(green - 1, n, share), rel=1e-8)


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


@pytest.mark.parametrize("vector", vectors("kgw_simple"))
def test_kgw_simple(vector: Vector) -> None:
    params = {**vector.params, "seeding_scheme": vector.params["scheme"]}
    del params["scheme"]
    everything = detect_watermark(vector.ids, scheme="kgw", deduplicate="none", **params)
    assert np.isnan(everything.values[0])
    assert np.array_equal(everything.values[1:], bits(vector.case["green"]))
    check_greens(everything, vector.case["all"], params["gamma"], params["vocab_size"])
    for deduplicate in ("state", "ngram"):
        once = detect_watermark(vector.ids, scheme="kgw", deduplicate=deduplicate, **params)
        check_greens(once, vector.case["unique_bigrams"], params["gamma"], params["vocab_size"])


@pytest.mark.parametrize("vector", vectors("kgw_simple")[::9])
def test_kgw_greenlist(vector: Vector) -> None:
    expected = vector.group["greenlist_of_context_12345"]
    params, size = vector.params, vector.params["greenlist_size"]
    drawn = permutation(params["vocab_size"], params["hash_key"] * 12345)
    greens = drawn[:size] if params["select_green_tokens"] else drawn[-size:]
    assert greens[:20].tolist() == expected["first20"] and greens[-5:].tolist() == expected["last5"]
    digest = hashlib.sha256(greens.astype("<i8").tobytes()).hexdigest()
    assert digest == expected["sha256_int64le"]


@pytest.mark.parametrize("vector", vectors("kgw_extended"))
@pytest.mark.parametrize("by_name", [True, False])
def test_kgw_extended(vector: Vector, by_name: bool) -> None:
    params = dict(vector.params)
    name = params.pop("scheme")
    if by_name:
        params = {key: params[key] for key in ("vocab_size", "gamma", "hash_key")}
        params["seeding_scheme"] = name
    made = make_scheme("kgw", params)
    assert isinstance(made, Kgw)
    before = made.window[0]
    seeds = made.seeds(one_document(vector.ids))[before:]
    first = vector.case["seeds_first"]
    assert [str(seed) for seed in seeds[: len(first)].tolist()] == first
    everything = detect_watermark(vector.ids, scheme="kgw", deduplicate="none", **params)
    assert np.array_equal(everything.values[before:], bits(vector.case["green"]))
    check_greens(everything, vector.case["all"], params["gamma"], params["vocab_size"])
    once = detect_watermark(vector.ids, scheme="kgw", deduplicate="ngram", **params)
    check_greens(once, vector.case["unique_ngrams"], params["gamma"], params["vocab_size"])


@pytest.mark.parametrize("vector", vectors("hf_watermark_detector"))
def test_kgw_hf(vector: Vector) -> None:
    params = vector.params
    everything = detect_watermark(vector.ids, scheme="kgw_hf", deduplicate="none", **params)
    assert np.array_equal(scored_values(everything), bits(vector.case["green"]))
    check_greens(everything, vector.case["all"], params["greenlist_ratio"], params["vocab_size"])
    once = detect_watermark(vector.ids, scheme="kgw_hf", deduplicate="ngram", **params)
    check_greens(
        once, vector.case["unique_ngrams"], params["greenlist_ratio"], params["vocab_size"]
    )


@pytest.mark.parametrize("vector", vectors("markllm_kgw"))
def test_kgw_markllm(vector: Vector) -> None:
    table = permutation(vector.params["vocab_size"], vector.params["hash_key"])
    assert table[:10].tolist() == vector.group["prf_first10"]
    found = detect_watermark(vector.ids, scheme="kgw_markllm", deduplicate="none", **vector.params)
    expected = bits(vector.case["green"])
    assert np.array_equal(found.values[vector.params["prefix_length"] :], expected)
    assert (found.n_scored, found.statistic) == (vector.case["T"], vector.case["green_count"])


@pytest.mark.parametrize("vector", vectors("unigram"))
def test_unigram(vector: Vector) -> None:
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


@pytest.mark.parametrize("vector", vectors("markllm_exp"))
def test_exp_markllm(vector: Vector) -> None:
    found = detect_watermark(vector.ids, scheme="exp_markllm", deduplicate="none", **vector.params)
    uniform = np.array(vector.case["r"], np.float32)
    assert np.array_equal(scored_values(found), -np.log1p(-uniform.astype(np.float64)))
    assert found.n_scored == vector.case["T"]
    assert found.p_value == pytest.approx(vector.case["p_gamma"], rel=1e-6)


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


@pytest.mark.parametrize("vector", vectors("threebricks_radioactive"))
@pytest.mark.parametrize("mode", ["none", "v1", "v2"])
def test_exp_threebricks(vector: Vector, mode: str) -> None:
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


@pytest.mark.parametrize("vector", vectors("vllm_gumbel"))
def test_gumbel_vllm(vector: Vector) -> None:
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


@pytest.mark.parametrize("name", ["synthid_google", "synthid_hf"])
def test_synthid_vectors_are_there(name: str) -> None:
    assert folder() is None or len(vectors(name)) == 36


SYNTHID = [
    pytest.param(item.values[0], name, id=f"{name}-{item.id}", marks=item.marks)
    for name in ("synthid_google", "synthid_hf")
    for item in vectors(name)
]


@pytest.mark.parametrize(("vector", "scheme"), SYNTHID)
def test_synthid(vector: Vector, scheme: str) -> None:
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


def test_the_table_of_hashes_is_shared() -> None:
    assert hash_table(2971215073) is hash_table(2971215073)
