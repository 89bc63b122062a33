"""``detect_watermark``: its arguments and the name of its key."""

from __future__ import annotations

from typing import Any

import pytest
from known_schemes import KGW

from provenance import InputError, detect_watermark


def test_other_arguments_that_are_refused() -> None:
    with pytest.raises(InputError, match="scheme is 'kwg'"):
        detect_watermark([1], scheme="kwg")
    with pytest.raises(InputError, match="deduplicate is 'v2'"):
        detect_watermark([1], scheme="kgw", deduplicate="v2", **KGW)
    with pytest.raises(InputError, match="2 prompts for 1 documents"):
        detect_watermark([1], scheme="kgw", prompts=[[1], [2]], **KGW)
    with pytest.raises(InputError, match="has no 3 layers"):
        detect_watermark([1], scheme="kgw", **KGW).g_values(3)


def test_any_scheme_takes_its_key_as_key() -> None:
    sizes: dict[str, Any] = {"vocab_size": 50, "gamma": 0.5}
    found = detect_watermark(range(40), scheme="kgw", key=15485863, **sizes)
    assert found.statistic == (
        detect_watermark(range(40), scheme="kgw", hash_key=15485863, **sizes).statistic
    )
    assert detect_watermark(range(40), scheme="synthid_google", key=[1, 2]).n_scored == 36
    with pytest.raises(InputError, match="both key and hash_key"):
        detect_watermark(range(40), scheme="kgw", key=1, hash_key=1, **sizes)
