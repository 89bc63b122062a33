"""Watermark schemes against their readable twins; what is counted once; what is refused."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from reference import watermark_twin as twin

from provenance import InputError, detect_watermark
from provenance.evidence.watermark import SCHEMES, Documents, make_scheme, score
from provenance.evidence.watermark.schemes.kgw import PRFS, Kgw

V = 300
IDS = st.lists(st.integers(0, V - 1), max_size=14)
KEYS = st.integers(-(1 << 63), (1 << 64) - 1) | st.integers(-3, 3) | st.just(15485863)
FEW = settings(max_examples=40, deadline=None)

KGW: dict[str, Any] = {"vocab_size": V, "gamma": 0.25, "hash_key": 15485863}
EXAMPLES: dict[str, dict[str, Any]] = {
    "kgw": KGW,
    "kgw_hf": {"vocab_size": V, "greenlist_ratio": 0.25, "hashing_key": 15485863},
    "kgw_markllm": {**KGW, "prefix_length": 1},
    "unigram": KGW,
    "exp_threebricks": {"vocab_size": V, "ngram": 2, "seed": 12345678, "salt_key": 87654321},
    "exp_markllm": {"vocab_size": V, "hash_key": 15485863, "prefix_length": 2},
    "gumbel_vllm": {"vocab_size": V, "key": 15485863},
    "gumbel_vllm_dual": {"vocab_size": V, "key": 15485863, "alpha": 0.1},
    "synthid_google": {"vocab_size": V, "keys": [15485863, 87654321, 5]},
    "synthid_hf": {"vocab_size": V, "keys": [15485863, 87654321, 5]},
}
MAIN_KEY = {
    "kgw_hf": "hashing_key",
    "exp_threebricks": "seed",
    "gumbel_vllm": "key",
    "gumbel_vllm_dual": "key",
    "synthid_google": "keys",
    "synthid_hf": "keys",
}


def values(ids: Sequence[int], scheme: str, **params: Any) -> NDArray[np.float64]:
    """Every eligible score, NaN elsewhere."""
    return detect_watermark(ids, scheme=scheme, deduplicate="none", **params).values


def each(ids: Sequence[int], first: int, function: Callable[[int], float]) -> Any:
    """To compare scores with: those of a function from a position on, NaN before it."""
    found = [np.nan if place < first else function(place) for place in range(len(ids))]
    return pytest.approx(np.array(found), rel=1e-13, nan_ok=True)


def test_examples_name_every_scheme() -> None:
    assert EXAMPLES.keys() == SCHEMES.keys()


@pytest.mark.parametrize("prf", [name for name in PRFS if name != "simple"])
@FEW
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


@FEW
@given(ids=IDS, key=KEYS)
def test_the_first_lefthash_is_not_reduced(ids: list[int], key: int) -> None:
    def green(place: int) -> float:
        return float(twin.is_green(key * ids[place - 1], ids[place], V, 75))

    assert values(ids, "kgw", **{**KGW, "hash_key": key}) == each(ids, 1, green)


@FEW
@given(ids=IDS, key=st.sampled_from([15485863, -7]), width=st.integers(1, 4))
@pytest.mark.parametrize("scheme", ["lefthash", "selfhash"])
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


@FEW
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


@FEW
@given(ids=IDS, key=st.integers(-(1 << 63), (1 << 63) - 1))
def test_unigram(ids: list[int], key: int) -> None:
    mask = twin.unigram_mask(V, 0.25, key)
    theirs = values(ids, "unigram", vocab_size=V, fraction=0.25, watermark_key=key)
    assert theirs.tolist() == [float(mask[item]) for item in ids]
    ours = values(ids, "unigram", vocab_size=V, gamma=0.25, hash_key=key)
    assert np.array_equal(theirs, ours)


@FEW
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


@FEW
@given(ids=IDS, key=KEYS, width=st.integers(1, 4))
def test_exp_markllm(ids: list[int], key: int, width: int) -> None:
    def number(place: int) -> float:
        product = int(np.prod(np.array(ids[place - width : place], object))) % V
        return twin.exponential(twin.uniform(key * product & 0xFFFFFFFF, ids[place]))

    params = {"vocab_size": V, "hash_key": key, "prefix_length": width}
    assert values(ids, "exp_markllm", **params) == each(ids, width, number)


@FEW
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


@FEW
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


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_repeated_document_adds_nothing(scheme: str) -> None:
    ids = np.random.default_rng(0).integers(0, V, 60).tolist()
    once = detect_watermark(ids, scheme=scheme, **EXAMPLES[scheme])
    corpus = detect_watermark([ids, ids, []], scheme=scheme, **EXAMPLES[scheme])
    assert corpus.log_p_value == once.log_p_value and corpus.n_scored == once.n_scored
    assert np.isnan(corpus.values[60:]).all()
    alone = corpus.scored.in_document
    assert np.array_equal(alone[:60], alone[60:]) and alone[:60].sum() == once.n_scored
    assert np.array_equal(corpus.scored.values[:60], corpus.scored.values[60:], equal_nan=True)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("ids", [[], [[]], [3], [[3], [], [4]], np.empty(0, int)])
def test_hardly_any_text(scheme: str, ids: Any) -> None:
    found = detect_watermark(ids, scheme=scheme, **EXAMPLES[scheme])
    assert 0 < found.p_value <= 1
    assert found.n_scored or (found.p_value == 1 and found.log_p_value == 0)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(
    ("ids", "told"),
    [
        ([1, V], "position 1 of document 0"),
        ([[1], [2, -1]], "position 1 of document 1"),
        ([1, 1 << 70], "whole numbers"),
        ([1.5, 2.0], "whole numbers"),
        ([True, False], "whole numbers"),
        ("text", "whole numbers"),
        (np.zeros((1, 1, 1), int), "whole numbers"),
        (np.array([1, (1 << 64) - 1], np.uint64), "token ids"),
        (None, "whole numbers"),
    ],
)
def test_ids_that_are_none(scheme: str, ids: Any, told: str) -> None:
    with pytest.raises(InputError, match=told):
        detect_watermark(ids, scheme=scheme, **EXAMPLES[scheme])


@pytest.mark.parametrize("scheme", SCHEMES)
def test_no_key_is_told(scheme: str) -> None:
    params = EXAMPLES[scheme]
    found = detect_watermark(list(range(40)), scheme=scheme, **params)
    made = make_scheme(scheme, params)
    texts = [repr(found), repr(made), found.null_hypothesis]
    name = MAIN_KEY.get(scheme, "hash_key")
    for wrong in (10**30, "15485863x", 15485863.5, None, [15485863.5], []):
        with pytest.raises(InputError) as caught:
            detect_watermark([1], scheme=scheme, **{**params, name: wrong})
        texts.append(str(caught.value))
    for text in texts:
        assert not any(key in text for key in ("15485863", "87654321", "12345678", str(10**30)))


@pytest.mark.parametrize("scheme", SCHEMES)
def test_parameters_that_are_missing_or_not_known(scheme: str) -> None:
    name = MAIN_KEY.get(scheme, "hash_key")
    params = {key: value for key, value in EXAMPLES[scheme].items() if key != name}
    with pytest.raises(InputError, match=f"{scheme} lacks {name}"):
        detect_watermark([1], scheme=scheme, **params)
    with pytest.raises(InputError, match="no parameter called 'gama'"):
        detect_watermark([1], scheme=scheme, gama=0.5, **EXAMPLES[scheme])


@pytest.mark.parametrize(
    "scheme", [name for name in SCHEMES if "vllm" not in name and name != "unigram"]
)
def test_another_device_is_refused(scheme: str) -> None:
    with pytest.raises(InputError, match="cannot be evaluated here"):
        detect_watermark([1], scheme=scheme, device="cuda", **EXAMPLES[scheme])
    detect_watermark([1], scheme=scheme, device="cpu", **EXAMPLES[scheme])


@pytest.mark.parametrize(
    ("scheme", "change", "told"),
    [
        ("kgw", {"gamma": 0}, "gamma is 0"),
        ("kgw", {"gamma": 1.5}, "gamma is 1.5"),
        ("kgw", {"gamma": 0.001}, "no token of 300"),
        ("kgw", {"vocab_size": 1}, "vocab_size is 1"),
        ("kgw", {"seeding_scheme": "selfhush"}, "seeding_scheme is not known"),
        ("kgw", {"seeding_scheme": "ff-minhush-4-True"}, "prf is 'minhush'"),
        ("kgw", {"seeding_scheme": "ff-minhash-4-True-7"}, "says otherwise"),
        ("kgw", {"seeding_scheme": "selfhash", "context_width": 3}, "says otherwise"),
        ("kgw", {"seeding_scheme": "ff-minskipgram-1-True"}, "no pair"),
        ("kgw", {"greenlist_size": 74}, "greenlist_size is not what follows"),
        ("kgw", {"select_green_tokens": 1}, "neither true nor false"),
        ("kgw_hf", {"seeding_scheme": "minhash"}, "lefthash, selfhash"),
        ("kgw_markllm", {"prefix_length": 0}, "prefix_length is 0"),
        ("unigram", {"watermark_key": 3}, "given hash_key twice"),
        ("unigram", {"seed32": 3}, "seed32 is not what follows"),
        ("exp_threebricks", {"seeding": "additive"}, "whose table is not seeded"),
        ("exp_threebricks", {"statistic": "maryland"}, "lacks gamma"),
        ("exp_threebricks", {"payload_max": V}, "payload_max is 300"),
        ("gumbel_vllm", {"prf": "hmac_sha256"}, "prf is 'hmac_sha256'"),
        ("gumbel_vllm", {"kind": "dual"}, "kind is not what follows"),
        ("gumbel_vllm_dual", {"alpha": 2}, "alpha is 2"),
        ("gumbel_vllm_dual", {"key_a": 2}, "key_a is not what follows"),
        ("synthid_google", {"ngram_len": 0}, "ngram_len is 0"),
        ("synthid_google", {"statistic": "bayesian"}, "lacks beta or delta"),
        ("synthid_google", {"hash_iv": "1"}, "hash_iv is not what follows"),
        ("synthid_hf", {"sampling_table_size": 0}, "sampling_table_size is 0"),
        ("synthid_hf", {"table_ones": 5}, "table_ones is not what follows"),
    ],
)
def test_what_is_refused(scheme: str, change: dict[str, Any], told: str) -> None:
    with pytest.raises(InputError, match=told):
        detect_watermark([1], scheme=scheme, **{**EXAMPLES[scheme], **change})


def test_other_arguments_that_are_refused() -> None:
    with pytest.raises(InputError, match="scheme is 'kwg'"):
        detect_watermark([1], scheme="kwg")
    with pytest.raises(InputError, match="deduplicate is 'v2'"):
        detect_watermark([1], scheme="kgw", deduplicate="v2", **KGW)
    with pytest.raises(InputError, match="2 prompts for 1 documents"):
        detect_watermark([1], scheme="kgw", prompts=[[1], [2]], **KGW)
    with pytest.raises(InputError, match="has no 3 layers"):
        detect_watermark([1], scheme="kgw", **KGW).g_values(3)


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


def test_one_key_a_payload_at_no_cost() -> None:
    rng = np.random.default_rng(3)
    params = {**EXAMPLES["exp_threebricks"], "payload_max": 20}
    ids: list[int] = rng.integers(0, V, 2).tolist()
    for _ in range(80):
        seed = twin.chained(params["seed"], params["salt_key"], ids[-2:]) & 0xFFFFFFFF
        rotated = [twin.uniform(seed, (token + 13) % V) for token in range(V)]
        ids.append(max(rng.integers(0, V, 6).tolist(), key=rotated.__getitem__))
    found = detect_watermark(ids, scheme="exp_threebricks", **params)
    assert found.payload == 13 and found.p_value < 1e-6
    alone = [np.nansum(values_of_payload(ids, params, payload)[3:]) for payload in range(21)]
    assert int(np.argmax(alone)) == 13
    assert found.statistic == pytest.approx(max(alone))
    greens = detect_watermark(
        ids, scheme="exp_threebricks", **params, statistic="maryland", gamma=0.5
    )
    assert greens.n_scored == found.n_scored and greens.payload is not None


def values_of_payload(ids: list[int], params: dict[str, Any], payload: int) -> NDArray[np.float64]:
    out = np.full(len(ids), np.nan)
    seen = set()
    for place in range(3, len(ids)):
        seed = twin.chained(params["seed"], params["salt_key"], ids[place - 2 : place])
        draw = (seed & 0xFFFFFFFF, ids[place])
        if draw not in seen:
            number = twin.uniform(draw[0], (ids[place] + payload) % V)
            out[place] = twin.exponential(number)
        seen.add(draw)
    return out


def test_contexts_of_the_prompt_are_left_out() -> None:
    ids = [1, 2, 3, 4, 5, 6]
    found = detect_watermark([ids, ids[::-1]], scheme="kgw", prompts=[[9, 2, 3, 4, 8], []], **KGW)
    assert np.isnan(found.values[:6]).tolist() == [True, False, True, True, True, False]
    assert not np.isnan(found.values[7:]).any()


def test_what_a_prompt_left_out_is_not_held_as_seen() -> None:
    ids = [1, 2, 3]
    found = detect_watermark([ids, ids], scheme="kgw", prompts=[[1, 2, 3], []], **KGW)
    assert found.scored.in_corpus.tolist() == [False, False, False, False, True, True]


def test_a_tail_far_below_what_a_float_holds() -> None:
    params: dict[str, Any] = {"keys": list(range(30)), "statistic": "mean"}
    made: Any = make_scheme("synthid_google", params)
    assert made.log_tail(1000.0, 1000) == pytest.approx(-30000 * np.log(2))
    assert made.log_tail(500.0, 1000) == pytest.approx(np.log(0.5), abs=0.01)


def test_any_scheme_takes_its_key_as_key() -> None:
    sizes: dict[str, Any] = {"vocab_size": 50, "gamma": 0.5}
    found = detect_watermark(range(40), scheme="kgw", key=15485863, **sizes)
    assert found.statistic == (
        detect_watermark(range(40), scheme="kgw", hash_key=15485863, **sizes).statistic
    )
    assert detect_watermark(range(40), scheme="synthid_google", key=[1, 2]).n_scored == 36
    with pytest.raises(InputError, match="both key and hash_key"):
        detect_watermark(range(40), scheme="kgw", key=1, hash_key=1, **sizes)
