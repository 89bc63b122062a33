"""Payloads share their draws."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from known_schemes import EXAMPLES, V
from numpy.typing import NDArray
from reference import watermark_twin as twin

from provenance import detect_watermark


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
