"""Text marked with a key, and the key."""

from __future__ import annotations

from typing import Any

import numpy as np

from provenance.evidence.watermark import make_scheme
from provenance.evidence.watermark.keys import WatermarkKey
from provenance.files.keys import Secret
from provenance.simulate.marked_text import Mark, write_text
from provenance.simulate.token_model import ENCODING, library_model

KEY = 7391846215503


MARK = Mark(make_scheme("gumbel_vllm", {"key": KEY}))


TABLES = f"""
[[watermark]]
name = "ours"
scheme = "gumbel_vllm"
key = {KEY}
tokenizer = "{ENCODING}"
marked = "known.jsonl"
[[watermark]]
name = "other"
scheme = "gumbel_vllm"
key = 11
tokenizer = "{ENCODING}"
"""


def written(n: int, length: int, seed: int, mark: Mark | None = None, where: Any = None) -> Any:
    rng = np.random.default_rng(seed)
    return write_text(library_model(), rng, n, length, mark, where).documents


def key(**more: Any) -> WatermarkKey:
    given = {"scheme_name": "gumbel_vllm", "key": Secret(KEY), "tokenizer": ENCODING, **more}
    return WatermarkKey(name="ours", **given)
