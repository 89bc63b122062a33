"""Parameters of every scheme, and scores to compare with those of a twin."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import strategies as st
from numpy.typing import NDArray

from provenance import detect_watermark

V = 300


IDS = st.lists(st.integers(0, V - 1), max_size=14)


KEYS = st.integers(-(1 << 63), (1 << 64) - 1) | st.integers(-3, 3) | st.just(15485863)


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


def values(ids: Sequence[int], scheme: str, **params: Any) -> NDArray[np.float64]:
    """Every eligible score, NaN elsewhere."""
    return detect_watermark(ids, scheme=scheme, deduplicate="none", **params).values


def each(ids: Sequence[int], first: int, function: Callable[[int], float]) -> Any:
    """To compare scores with: those of a function from a position on, NaN before it."""
    found = [np.nan if place < first else function(place) for place in range(len(ids))]
    return pytest.approx(np.array(found), rel=1e-13, nan_ok=True)
