"""Settings of every scheme, small enough to test many keys."""

from __future__ import annotations

from typing import Any

import numpy as np

V = 2000
DEPTH = 10
BETA = [-1.0] * DEPTH
DELTA = np.tril(np.full((DEPTH, DEPTH), 0.3), -1).tolist()

SETTINGS: dict[str, tuple[str, dict[str, Any]]] = {
    "lefthash": ("kgw", {"gamma": 0.25}),
    "selfhash": ("kgw", {"gamma": 0.25, "seeding_scheme": "selfhash"}),
    "minhash": ("kgw", {"gamma": 0.5, "seeding_scheme": "minhash"}),
    "hf selfhash": (
        "kgw_hf",
        {"greenlist_ratio": 0.25, "seeding_scheme": "selfhash", "context_width": 4},
    ),
    "markllm": ("kgw_markllm", {"gamma": 0.5, "prefix_length": 2}),
    "markllm self": ("kgw_markllm", {"gamma": 0.5, "prefix_length": 1, "window_scheme": "self"}),
    "unigram": ("unigram", {"gamma": 0.5}),
    "threebricks": ("exp_threebricks", {"ngram": 2}),
    "threebricks payload": ("exp_threebricks", {"ngram": 2, "payload_max": 7}),
    "exp markllm": ("exp_markllm", {"prefix_length": 3}),
    "vllm": ("gumbel_vllm", {}),
    "vllm dual": ("gumbel_vllm_dual", {"alpha": 0.1}),
    "google": ("synthid_google", {"statistic": "mean"}),
    "google weighted": ("synthid_google", {}),
    "google bayesian": (
        "synthid_google",
        {"statistic": "bayesian", "beta": BETA, "delta": DELTA},
    ),
    "hf weighted": ("synthid_hf", {"sampling_table_size": 4096}),
    "hf odd table": ("synthid_hf", {"sampling_table_size": 96}),
    "hf bayesian": (
        "synthid_hf",
        {"statistic": "bayesian", "beta": BETA, "delta": DELTA, "sampling_table_size": 256},
    ),
    "hf bayesian, odd table": (
        "synthid_hf",
        {"statistic": "bayesian", "beta": BETA, "delta": DELTA, "sampling_table_size": 96},
    ),
}
CONSERVATIVE = {"lefthash", "selfhash", "minhash", "hf selfhash", "markllm", "markllm self"}
