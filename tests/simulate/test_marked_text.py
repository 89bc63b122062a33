"""Text marked with each scheme: told with its key alone, and drawn as the scheme's rule says."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

from provenance import detect_watermark
from provenance.evidence.watermark import SCHEMES, Documents, make_scheme
from provenance.evidence.watermark.detection import KEYS as KEY_NAMES
from provenance.evidence.watermark.schemes.kgw import PRFS
from provenance.evidence.watermark.tokens import tokenize_texts
from provenance.simulate.marked_text import (
    Mark,
    Written,
    replaced,
    texts_of,
    tokens_kept,
    write_text,
)
from provenance.simulate.token_model import ENCODING, TokenModel, library_model

V = 3001  # products modulo a prime are nearly all different


KEYS = list(range(31, 41))


SETTINGS: dict[str, tuple[str, dict[str, Any]]] = {
    **{
        f"kgw {prf} {salt}": (
            "kgw",
            {"gamma": 0.25, "seeding_scheme": f"ff-{prf}-{3 if prf != 'simple' else 1}-{salt}"},
        )
        for prf in PRFS
        for salt in (False, True)
        if prf != "simple"
    },
    "kgw": ("kgw", {"gamma": 0.25}),
    "kgw selfhash": ("kgw", {"gamma": 0.25, "seeding_scheme": "selfhash"}),
    "kgw red": ("kgw", {"gamma": 0.5, "select_green_tokens": False}),
    "hf": ("kgw_hf", {"greenlist_ratio": 0.25}),
    "hf selfhash": (
        "kgw_hf",
        {"greenlist_ratio": 0.25, "seeding_scheme": "selfhash", "context_width": 4},
    ),
    **{
        f"markllm {fold} {window}": (
            "kgw_markllm",
            {"gamma": 0.5, "prefix_length": 2, "f_scheme": fold, "window_scheme": window},
        )
        for fold in ("time", "additive", "skip", "min")
        for window in ("left", "self")
    },
    "unigram": ("unigram", {"gamma": 0.5}),
    "threebricks": ("exp_threebricks", {"ngram": 2}),
    "maryland": ("exp_threebricks", {"ngram": 2, "statistic": "maryland", "gamma": 0.25}),
    "payload": ("exp_threebricks", {"ngram": 2, "payload_max": 31}),
    "exp markllm": ("exp_markllm", {"prefix_length": 3}),
    "vllm": ("gumbel_vllm", {}),
    "vllm wide": ("gumbel_vllm", {"context_width": 7}),
    "vllm dual": ("gumbel_vllm_dual", {}),
    "google": ("synthid_google", {}),
    "hf synthid": ("synthid_hf", {}),
    "hf odd table": ("synthid_hf", {"sampling_table_size": 9973, "statistic": "mean"}),
}


def parameters(name: str, key: int, size: int = V) -> tuple[str, dict[str, Any]]:
    scheme, settings = SETTINGS[name]
    if scheme.startswith("synthid"):
        return scheme, {"keys": [key + layer for layer in KEYS], **settings}
    own = {} if scheme.startswith("gumbel") else {"vocab_size": size}
    return scheme, {KEY_NAMES[scheme]: key, **own, **settings}


def mark_of(name: str, *, payload: int = 0, delta: float = 3.0, size: int = V) -> Mark:
    scheme, given = parameters(name, 15485863, size)
    return Mark(make_scheme(scheme, given), delta=delta, payload=payload)


def flat_model(n: int = V, noise: float = 0.0) -> TokenModel:
    """Every id as likely as every other."""
    return TokenModel(np.zeros(n, np.int64), np.arange(n)[None], np.full((1, n), -np.log(n)), noise)


def small_model(noise: float = 1.0) -> TokenModel:
    rng = np.random.default_rng(1)
    ids = 1 + ((V - 1) * rng.random(20_000) ** 2).astype(np.int64)
    return TokenModel.fit(Documents(ids, np.arange(0, 20_001, 500)), width=20, noise=noise)


MODEL = small_model()


def written(mark: Mark | None, seed: int = 2, n: int = 8, length: int = 120) -> Documents:
    return write_text(MODEL, np.random.default_rng(seed), n, length, mark).documents


@cache
def plain() -> Documents:
    return written(None)


def log_p(name: str, documents: Documents, key: int = 15485863) -> float:
    scheme, given = parameters(name, key)
    ids = np.split(documents.ids, documents.bounds[1:-1])
    return detect_watermark(ids, scheme=scheme, **given).log_p_value


def test_every_scheme_is_here() -> None:
    assert {scheme for scheme, _ in SETTINGS.values()} == {*SCHEMES}


@pytest.mark.parametrize("name", SETTINGS)
def test_the_key_and_no_other_tells_marked_text(name: str) -> None:
    payload = 17 if name == "payload" else 0
    marked = written(mark_of(name, payload=payload))
    assert log_p(name, marked) < np.log(1e-5)
    assert log_p(name, marked, key=3_141_592) > np.log(1e-3)
    assert log_p(name, plain()) > np.log(1e-3)


def test_the_payload_is_read_again() -> None:
    marked = written(mark_of("payload", payload=17))
    scheme, given = parameters("payload", 15485863)
    ids = np.split(marked.ids, marked.bounds[1:-1])
    assert detect_watermark(ids, scheme=scheme, **given).payload == 17


# A law of eight candidates, in many contexts: each is a fresh draw of the key.
LAW = np.array([0.3, 0.25, 0.15, 0.1, 0.08, 0.06, 0.04, 0.02])


PRIME = 100_003


def choices(mark: Mark, n: int) -> Any:
    rng = np.random.default_rng(3)
    before = rng.integers(1, PRIME, (n, 8))
    keyed = mark.keyed(before, np.tile(np.arange(len(LAW)) * 9 + 5, (n, 1)), rng)
    assert keyed.known.all()
    return keyed, mark.choose(keyed, np.tile(np.log(LAW), (n, 1)), rng)


def surprise(chosen: Any) -> float:
    """Chi-squared of the choices under the law, over its 7 degrees of freedom."""
    counts = np.bincount(chosen, minlength=len(LAW))
    expected = len(chosen) * LAW
    return float((((counts - expected) ** 2) / expected).sum() / (len(LAW) - 1))


UNDISTORTED = ["threebricks", "exp markllm", "vllm", "vllm dual", "google", "hf synthid"]


@pytest.mark.parametrize("name", UNDISTORTED)
def test_over_many_draws_of_the_key_the_law_is_the_models_own(name: str) -> None:
    _, chosen = choices(mark_of(name, size=PRIME), 4000)
    assert surprise(chosen) < 3.5  # 1 in 1,000


# In many draws SynthID-Text's own hashes show: bits of one context are not all independent.
@pytest.mark.slow
@pytest.mark.parametrize("name", UNDISTORTED[:4])
def test_the_law_is_the_models_own_in_many_draws(name: str) -> None:
    _, chosen = choices(mark_of(name, size=PRIME), 200_000)
    assert surprise(chosen) < 3.5


@pytest.mark.slow
@pytest.mark.parametrize("delta", [0.0, 1.0, 3.0])
def test_a_green_list_is_taken_as_often_as_delta_says(delta: float) -> None:
    keyed, chosen = choices(mark_of("kgw", delta=delta, size=PRIME), 4000)
    green = (keyed.values * LAW).sum(axis=1)
    expected = green * np.exp(delta) / (green * np.exp(delta) + 1 - green)
    taken = np.take_along_axis(keyed.values, chosen[:, None], 1)
    se = np.sqrt((expected * (1 - expected)).sum()) / len(expected)
    assert abs(taken.mean() - expected.mean()) < 3.5 * se


@pytest.mark.slow
def test_the_share_of_green_text_is_what_delta_says() -> None:
    """With V equally likely ids, p e^d / (p e^d + 1 - p)."""
    mark = mark_of("kgw", delta=2.0)
    text = write_text(flat_model(), np.random.default_rng(4), 40, 401, mark)
    scheme, given = parameters("kgw", 15485863)
    ids = text.documents.ids.reshape(40, 401)
    found = detect_watermark(ids, scheme=scheme, deduplicate="none", **given)
    expected = 0.25 * np.exp(2) / (0.25 * np.exp(2) + 0.75)
    se = np.sqrt(expected * (1 - expected) / found.n_scored)
    assert found.n_scored == 16_000
    assert abs(found.statistic / found.n_scored - expected) < 3.5 * se


@pytest.mark.parametrize("name", ["google", "hf synthid"])
def test_the_winner_of_a_tournament_has_more_ones(name: str) -> None:
    """0.5 + 0.25 (1 - 1/V) where a flat law over V ids meets one layer."""
    scheme, given = parameters(name, 15485863)
    one = {**given, "keys": given["keys"][:1]}
    text = write_text(
        flat_model(100), np.random.default_rng(5), 64, 70, Mark(make_scheme(scheme, one))
    )
    found = detect_watermark(text.documents.ids.reshape(64, 70), scheme=scheme, **one)
    expected = 0.5 + 0.25 * (1 - 1 / 100)
    if name == "hf synthid":
        expected += make_scheme(scheme, one).table_ones / 65536 - 0.5  # type: ignore[attr-defined]
    assert found.n_scored > 4000
    se = np.sqrt(expected * (1 - expected) / found.n_scored)
    assert abs(found.g_values(1)[~np.isnan(found.values)].mean() - expected) < 3.5 * se


@pytest.mark.parametrize("name", ["google", "hf synthid"])
def test_each_layer_of_a_tournament_finds_less_to_choose(name: str) -> None:
    keyed, chosen = choices(mark_of(name, size=PRIME), 4000)
    won = np.take_along_axis(keyed.layers[:, :, 0], chosen[:, None], 1)
    means = ((won >> np.arange(len(KEYS)).astype(np.uint64)) & np.uint64(1)).mean(axis=0)
    assert means[0] > means[4] > means[-1] > 0.5


def test_the_second_of_two_keys_takes_its_share() -> None:
    scheme, given = parameters("vllm dual", 5)
    dual, second = (Mark(make_scheme(scheme, {**given, "alpha": alpha})) for alpha in (0.3, 1.0))
    agree = np.mean(choices(dual, 6000)[1] == choices(second, 6000)[1])
    keyed_first = Mark(make_scheme(scheme, {**given, "alpha": 0.0}))
    by_chance = np.mean(choices(keyed_first, 6000)[1] == choices(second, 6000)[1])
    assert abs(agree - (0.3 + 0.7 * by_chance)) < 0.025


@pytest.mark.parametrize(
    ("name", "leaves"), [("vllm", True), ("google", True), ("kgw", False), ("exp markllm", False)]
)
def test_repeated_contexts_are_left_unmarked_where_generators_do_so(
    name: str, leaves: bool
) -> None:
    model = flat_model(2)
    text = write_text(model, np.random.default_rng(6), 5, 60, mark_of(name))
    width = make_scheme(*parameters(name, 1)).window[0]
    for ids, marked in zip(
        text.documents.ids.reshape(5, 60).tolist(), text.marked.reshape(5, 60).tolist(), strict=True
    ):
        seen = set()
        for at in range(width, 60):
            context = tuple(ids[at - width : at])
            assert marked[at] == (not leaves or context not in seen)
            seen.add(context)


def test_a_passage_alone_is_marked() -> None:
    where = np.zeros(300, np.bool_)
    where[100:200] = True
    text = write_text(MODEL, np.random.default_rng(7), 6, 300, mark_of("vllm"), where)
    marked = text.marked.reshape(6, 300)
    assert not marked[:, ~where].any() and marked[:, where].mean() > 0.95
    ids = text.documents.ids.reshape(6, 300)
    scheme, given = parameters("vllm", 15485863)
    inside, outside = (
        detect_watermark(part, scheme=scheme, **given) for part in (ids[:, 100:200], ids[:, 200:])
    )
    assert inside.p_value < 1e-20
    assert outside.p_value > 1e-3


def test_a_share_of_the_documents_is_marked() -> None:
    where = np.arange(20)[:, None] < 5
    text = write_text(MODEL, np.random.default_rng(8), 20, 80, mark_of("kgw"), where)
    marked = text.marked.reshape(20, 80)
    assert marked[:5, 1:].all() and not marked[5:].any()


def test_one_seed_gives_one_text() -> None:
    first, again, other = (written(mark_of("google"), seed).ids for seed in (1, 1, 2))
    assert (first == again).all() and (first != other).any()


def test_a_key_of_one_document_does_not_depend_on_the_others() -> None:
    before = np.random.default_rng(9).integers(0, V, (3, 6))
    candidates = np.tile(np.arange(10), (3, 1))
    mark = mark_of("kgw selfhash")
    rng = np.random.default_rng(0)
    together = mark.keyed(before, candidates, rng).values
    alone = [mark.keyed(before[i : i + 1], candidates[i : i + 1], rng).values for i in range(3)]
    assert (together == np.concatenate(alone)).all()


def test_ids_are_replaced_at_random() -> None:
    text = written(None)
    for share in (0.0, 0.3, 1.0):
        other = replaced(text, share, np.array([V, V + 1]), np.random.default_rng(10))
        assert abs((other.ids >= V).mean() - share) < 0.06
        assert (other.ids[other.ids < V] == text.ids[other.ids < V]).all()


def library_text(mark: Mark | None = None) -> Written:
    return write_text(library_model(), np.random.default_rng(11), 10, 200, mark)


def test_what_the_tokenizer_keeps_is_measured() -> None:
    text = library_text().documents
    again = tokenize_texts(texts_of(text), ENCODING)
    assert 0.95 < tokens_kept(text, again) < 1
    assert tokens_kept(text, text) == 1
    canonical = tokenize_texts(["one two", "three"], ENCODING)
    assert texts_of(canonical) == ["one two", "three"]
    assert tokens_kept(canonical, tokenize_texts(["one too", "three"], ENCODING)) == 2 / 3


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in SETTINGS if not name.startswith("kgw ")])
def test_marked_text_is_told_from_the_text_alone(name: str) -> None:
    """Tokens of a real tokenizer, through text and back."""
    scheme, given = parameters(name, 15485863)
    if "vocab_size" in given:
        given["vocab_size"] = 100_277
    mark = Mark(make_scheme(scheme, given), delta=3.0)
    again = tokenize_texts(texts_of(library_text(mark).documents), ENCODING)
    ids = np.split(again.ids, again.bounds[1:-1])
    assert detect_watermark(ids, scheme=scheme, **given).p_value < 1e-6
