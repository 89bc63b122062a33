"""The corpora of known share that a plan draws from one division of the samples."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from provenance.validation.held_out import Drawn, Held, draw, rng_of
from provenance.validation.plan import CANDIDATE_BESIDE, FEWEST, THIRDS, UNKNOWN_SHARES, Fit, Plan

__all__ = ["drawn_corpora"]


def drawn_corpora(held: Held, candidate: str, fit: Fit, plan: Plan) -> Iterator[Drawn]:
    """Every corpus of a candidate that a plan draws from one division.

    Parameters
    ----------
    held : Held
    candidate : str
    fit : Fit
    plan : Plan
    """
    if fit.left_out is not None:
        pairs = [
            (level, unknown)
            for unknown in UNKNOWN_SHARES
            for level in CANDIDATE_BESIDE
            if level + unknown <= 1
        ]
        yield from _series(held, candidate, fit, plan, [max(plan.sizes)], pairs)
        return
    pairs = [(level, 0.0) for level in plan.shares]
    if fit.scenario in plan.scenarios:
        for count in plan.trusted if fit.scenario == "other domain" else (0,):
            apart = _trusted(held, candidate, fit, plan, count)
            # What shares a group or words with them would be known as well.
            left = ~held.pool.touched(apart)
            for one in _series(held, candidate, fit, plan, plan.sizes, pairs, left):
                yield replace(one, trusted=np.flatnonzero(apart))
    if fit.scenario == "closed" and "length" in plan.scenarios:
        edges = np.quantile(held.pool.sample.n_tokens, (1 / 3, 2 / 3))
        third = np.searchsorted(edges, held.pool.sample.n_tokens)
        for number, detail in enumerate(THIRDS):
            part = Fit("length", fit.split, fit.learnt, fit.held, detail)
            size = [max(plan.sizes)]
            yield from _series(held, candidate, part, plan, size, pairs, third == number)


def _trusted(held: Held, candidate: str, fit: Fit, plan: Plan, count: int) -> NDArray[np.bool_]:
    """Which rows of the held-out ones are trusted: so many, drawn, none by the candidate."""
    others = np.flatnonzero(held.pool.source != held.pool.names.index(candidate))
    rng = rng_of(plan.seed, fit.split, fit.detail, candidate, "trusted")
    apart = np.zeros(len(held.pool), bool)
    apart[rng.permutation(others)[:count]] = True
    return apart


def _series(
    held: Held,
    candidate: str,
    fit: Fit,
    plan: Plan,
    sizes: Sequence[int],
    pairs: Sequence[tuple[float, float]],
    allowed: NDArray[np.bool_] | None = None,
) -> Iterator[Drawn]:
    """Corpora of several sizes and shares; a size that gives no larger one is passed over."""
    pool = held.pool
    own = pool.rows_of(candidate, allowed)
    others = [name for name in held.panel.names if name != candidate]
    rest = [pool.rows_of(name, allowed) for name in others]
    stranger = None if fit.left_out is None else pool.rows_of(fit.left_out, allowed)
    for level, unknown in pairs:
        smaller = 0
        for asked in sorted(sizes):
            key = (plan.seed, fit.split, fit.scenario, fit.detail, candidate, asked, level, unknown)
            found = [
                draw(rng_of(*key, repeat), own, rest, asked, level, stranger, unknown)
                for repeat in range(plan.repeats)
            ]
            large = [one for one in found if one and len(one.rows) >= max(FEWEST, smaller + 1)]
            for made in large:
                smaller = len(made.rows)
                yield Drawn(fit.scenario, fit.detail, asked, level, unknown, made)
