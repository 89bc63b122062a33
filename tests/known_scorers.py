"""A scorer of two sources, and texts that it scores."""

from __future__ import annotations

from functools import cache

from known_matches import ALPHA, CACHE, HUMAN, MIXED
from known_text import folder

from provenance.matching.scorer import Scorer

TEXTS = [*(row["text"] for row in MIXED[:90]), "short"]


@cache
def known_scorer() -> Scorer:
    """It is made once a process."""
    return Scorer.save(
        folder() / "scorer", candidates=[ALPHA], references=[HUMAN], only=True, cache_dir=CACHE
    )


@cache
def p_values() -> list[float | None]:
    """Of the texts."""
    found: list[float | None] = known_scorer().score_batch(TEXTS)["p[alpha]"].to_pylist()
    return found
