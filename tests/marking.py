"""Text marked with a key: the best of a few words under the key's own scores, at each place."""

from __future__ import annotations

import re
from functools import cache

import numpy as np

from provenance.evidence.watermark.scoring import Documents, Scheme, score
from provenance.tokens import load_encoding

ENCODING = "cl100k_base"


@cache
def word_ids() -> list[int]:
    """Ids of whole words, which stay one id each in any text of such words."""
    encoding = load_encoding(ENCODING)
    words = re.compile(rb" [a-z]{3,8}")
    singles = ((i, encoding.decode_single_token_bytes(i)) for i in range(300, 12_000))
    return [i for i, token in singles if words.fullmatch(token)]


def draw_text(scheme: Scheme | None, rng: np.random.Generator, n: int, choices: int = 4) -> str:
    """A text of n words; without a scheme the first choice is taken."""
    ids: list[int] = []
    for _ in range(n):
        options = rng.choice(word_ids(), choices).tolist()
        ids.append(options[0 if scheme is None else _best(scheme, ids[-8:], options)])
    return load_encoding(ENCODING).decode(ids)


def _best(scheme: Scheme, before: list[int], options: list[int]) -> int:
    width = len(before) + 1
    flat = np.array([word for option in options for word in (*before, option)], np.int64)
    scored = score(Documents(flat, np.arange(0, len(flat) + 1, width)), scheme)
    return int(np.argmax(np.nan_to_num(scored.values[width - 1 :: width], nan=-1.0)))
