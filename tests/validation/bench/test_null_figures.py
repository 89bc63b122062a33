"""The nulls that are told hold on real text."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from provenance.validation.bench import null_figures, watermark_nulls

DATA = Path(os.environ.get("PROVENANCE_DATA", ""))


needs_data = pytest.mark.skipif(
    not os.environ.get("PROVENANCE_DATA") or not (DATA / "alpaca_eval").is_dir(),
    reason="PROVENANCE_DATA names no folder of real text",
)


@pytest.mark.slow
@needs_data
@pytest.mark.parametrize("scheme", ["kgw lefthash", "gumbel_vllm", "synthid_hf weighted, table 0"])
def test_nulls_hold_on_real_text(scheme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # Of twelve comparisons one is beyond 2.6 errors in every twenty runs; beyond 4, in thousands.
    monkeypatch.setattr(null_figures, "ERRORS", 4.0)
    text = watermark_nulls.read_text(DATA, 200_000)
    ours = null_figures.try_keys(watermark_nulls.SETTINGS[scheme].key, text, 60, 0)[0]
    assert ours.too_many == []
    # and the test is not idle: small p-values are there
    assert ours.rate(0)[0] > 0.004
