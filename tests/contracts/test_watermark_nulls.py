"""Under random keys p-values of every scheme are uniform, or larger; marked text is found."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from known_watermarks import CONSERVATIVE, DEPTH, SETTINGS, V
from scipy import stats

from provenance import detect_watermark
from provenance.evidence.watermark.detection import KEYS

COSTLY = {"hf selfhash"}  # half of the cost of all; the slow tests ask them too


def text(n: int) -> list[list[int]]:
    """Documents of frequent ids, with a passage that all of them share.

    Without the id 0, whose products are the same under every key.
    """
    rng = np.random.default_rng(5)
    drawn = np.minimum(rng.zipf(1.3, n), V - 1)
    shared = drawn[:50]
    return [[*shared.tolist(), *part.tolist()] for part in np.array_split(drawn, 8)]


def log_p_values(name: str, n: int, n_keys: int) -> Any:
    scheme, params = SETTINGS[name]
    rng = np.random.default_rng(6)
    documents = text(n)
    found = []
    for _ in range(n_keys):
        keyed: Any = int(rng.integers(1, 1 << 40))
        if scheme.startswith("synthid"):
            keyed = rng.integers(0, 1 << 62, DEPTH).tolist()
            params = {**params, "sampling_table_seed": int(rng.integers(1 << 32))}
            if scheme == "synthid_google":
                del params["sampling_table_seed"]
        word = KEYS[scheme]
        made = detect_watermark(documents, scheme=scheme, vocab_size=V, **{word: keyed}, **params)
        found.append(made.log_p_value)
    return np.array(found)


def check_null(name: str, n: int, n_keys: int) -> None:
    p = np.exp(log_p_values(name, n, n_keys))
    for level in (0.5, 0.1, 0.05, 0.01, 0.001):
        highest = stats.binom.isf(1e-5, n_keys, level)
        assert (p <= level).sum() <= highest, f"{name}: too many p-values up to {level}"
    if "bayesian" not in name and name not in CONSERVATIVE:
        # and not so large that the test would be idle
        assert (p <= 0.5).mean() > 0.5 - 4 / np.sqrt(n_keys)


@pytest.mark.parametrize("name", [name for name in SETTINGS if name not in COSTLY])
def test_p_values_under_random_keys(name: str) -> None:
    check_null(name, 300, 40)


@pytest.mark.slow
@pytest.mark.parametrize("name", SETTINGS)
def test_p_values_under_many_random_keys(name: str) -> None:
    check_null(name, 3000, 300)


def test_marked_text_is_found() -> None:
    """Of six candidates the largest uniform number is taken: the Gumbel trick at its strongest."""
    rng = np.random.default_rng(9)
    ids = rng.integers(0, V, 5).tolist()
    from reference.watermark_twin import vllm_uniform

    for _ in range(60):
        choice = rng.integers(0, V, 6).tolist()
        ids.append(max(choice, key=lambda token: vllm_uniform(77, 4, ids, token)))
    assert detect_watermark(ids, scheme="gumbel_vllm", key=77).p_value < 1e-12
    assert detect_watermark(ids, scheme="gumbel_vllm", key=78).p_value > 1e-3
