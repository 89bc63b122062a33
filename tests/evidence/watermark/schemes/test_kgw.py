"""Green lists, by the vectors of the reference implementation and by their twin."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from known_schemes import IDS, KEYS, KGW, V, each, values
from reference import watermark_twin as twin
from watermark_vectors import Vector, bits, check_greens, one_document, vectors

from provenance import detect_watermark
from provenance.evidence.watermark import Documents, make_scheme, score
from provenance.evidence.watermark.schemes.kgw import PRFS, Kgw, hash_table
from provenance.evidence.watermark.schemes.mersenne import permutation


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


def test_the_table_of_hashes_is_shared() -> None:
    assert hash_table(2971215073) is hash_table(2971215073)


@pytest.mark.parametrize("prf", [name for name in PRFS if name != "simple"])
@given(ids=IDS, key=KEYS, width=st.integers(2, 5), salt=st.booleans(), first=st.booleans())
def test_kgw(prf: str, ids: list[int], key: int, width: int, salt: bool, first: bool) -> None:
    before = width - salt
    windows = {
        place: ids[place - before : place - before + width] for place in range(before, len(ids))
    }

    def green(place: int) -> float:
        seed = twin.seed_of(twin.prf(prf, key, windows[place]))
        return float(twin.is_green(seed, ids[place], V, 75, first))

    found = values(
        ids,
        "kgw",
        vocab_size=V,
        gamma=0.25,
        hash_key=key,
        prf=f"{prf}_prf",
        context_width=width,
        self_salt=salt,
        select_green_tokens=first,
    )
    assert found == each(ids, before, green)


@given(ids=IDS, key=KEYS)
def test_the_first_lefthash_is_not_reduced(ids: list[int], key: int) -> None:
    def green(place: int) -> float:
        return float(twin.is_green(key * ids[place - 1], ids[place], V, 75))

    assert values(ids, "kgw", **{**KGW, "hash_key": key}) == each(ids, 1, green)


@pytest.mark.parametrize(
    ("name", "prf", "window"),
    [
        (None, "simple", (1, 2)),
        ("lefthash", "additive", (1, 2)),
        ("selfhash", "anchored_minhash", (3, 4)),
        ("algorithm-3", "anchored_minhash", (3, 4)),
        ("minhash", "minhash", (4, 5)),
        ("skipgram", "skipgram", (5, 6)),
        ("ff-noncomm_prf-3-False-15485863", "noncomm", (3, 4)),
        ("ff-noncomm-3-True", "noncomm", (2, 3)),
    ],
)
def test_names_of_seedings(name: str | None, prf: str, window: tuple[int, int]) -> None:
    made = make_scheme("kgw", {**KGW, "seeding_scheme": name})
    assert isinstance(made, Kgw) and (made.prf, made.window) == (prf, window)


def test_a_key_in_the_name_of_a_seeding_is_enough() -> None:
    params: dict[str, Any] = {**KGW, "seeding_scheme": "ff-minhash-2-False-99"}
    del params["hash_key"]
    ids = list(range(50))
    named = detect_watermark(ids, scheme="kgw", **params)
    params["seeding_scheme"] = "ff-minhash-2-False"
    assert named.statistic == detect_watermark(ids, scheme="kgw", hash_key=99, **params).statistic


@pytest.mark.slow
@pytest.mark.parametrize("gamma", [1.0, 0.999, 0.004])
@pytest.mark.parametrize("vocab_size", [300, 700])
def test_lists_of_any_length(gamma: float, vocab_size: int) -> None:
    ids = np.random.default_rng(1).integers(0, vocab_size, 400)
    params = {**KGW, "gamma": gamma, "vocab_size": vocab_size}
    found = detect_watermark(ids, scheme="kgw", **params)
    size = int(gamma * vocab_size)
    expected = [
        twin.is_green(15485863 * left, right, vocab_size, size)
        for left, right in zip(ids[:-1].tolist(), ids[1:].tolist(), strict=True)
    ]
    counted = ~np.isnan(found.values[1:])
    assert np.array_equal(found.values[1:][counted], np.array(expected, float)[counted])
    assert found.p_value == 1 or gamma < 1


def test_many_targets_of_one_seed() -> None:
    ids = np.stack([np.full(V, 7), np.random.default_rng(2).permutation(V)], axis=1).ravel()
    found = detect_watermark(ids, scheme="kgw", **KGW)
    greens = set(twin.permutation(V, 15485863 * 7 & 0xFFFFFFFF)[:75])
    assert [bool(value) for value in found.values[1::2]] == [item in greens for item in ids[1::2]]


def test_a_minimum_ignores_most_of_its_window() -> None:
    """N-grams may differ where the key's function sees the same: that is one draw, not two."""
    made: Any = make_scheme("kgw", {**KGW, "seeding_scheme": "ff-minfunc-3-False"})
    ids = [0, 5, 6, 9, 0, 7, 8, 9]
    documents = Documents(np.array(ids), np.array([0, 8]))
    assert score(documents, made).in_corpus.tolist() == 3 * [False] + 4 * [True] + [False]
    assert score(documents, made, deduplicate="ngram").in_corpus.sum() == 5
