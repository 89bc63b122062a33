"""Watermark schemes: what is counted once, what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from known_schemes import EXAMPLES, V

from provenance import InputError, detect_watermark
from provenance.evidence.watermark import SCHEMES, make_scheme
from provenance.evidence.watermark.detection import KEYS


def test_examples_name_every_scheme() -> None:
    assert EXAMPLES.keys() == SCHEMES.keys()


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
    name = KEYS[scheme]
    for wrong in (10**30, "15485863x", 15485863.5, None, [15485863.5], []):
        with pytest.raises(InputError) as caught:
            detect_watermark([1], scheme=scheme, **{**params, name: wrong})
        texts.append(str(caught.value))
    for text in texts:
        assert not any(key in text for key in ("15485863", "87654321", "12345678", str(10**30)))


@pytest.mark.parametrize("scheme", SCHEMES)
def test_parameters_that_are_missing_or_not_known(scheme: str) -> None:
    name = KEYS[scheme]
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
