"""How much of a source's own text a list of rows catches, told from held-out documents of it."""

from __future__ import annotations

from typing import Final

import numpy as np

from provenance.records import CaughtUpTo
from provenance.scoring.p_values import Conformal
from provenance.scoring.scored import ScoredSamples

__all__ = ["PLACES", "caught"]

PLACES: Final = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1)
"""P-values at which it is told. They are fixed beforehand: chosen by the sample they would need
an allowance. Round figures; with two more no more was promised on the one set looked at."""
_PARTS: Final = 3
"""By length, as short texts are missed oftener. Of one, two and three, on one set of four: where
the sample answered another forum than the corpus, one and two promised too much, three did not."""


def caught(samples: ScoredSamples, conformal: Conformal) -> tuple[CaughtUpTo, ...]:
    """What the list misses of a source's own documents, up to each of some p-values.

    One document of each unit of independence counts. Of the short, the middling and the long
    that third is told of which most is missed: a corpus may hold any mixture of them.

    Parameters
    ----------
    samples : ScoredSamples
    conformal : Conformal
        Of the source, as the candidate.

    Returns
    -------
    tuple of CaughtUpTo
        None below the smallest p-value that there can be.
    """
    scored = samples.scored
    statistic = scored.row_statistic(conformal.candidate)
    own = np.flatnonzero((samples.source == conformal.candidate) & ~np.isnan(statistic))
    own = own[np.unique(scored.cluster[own], return_index=True)[1]]
    if len(own) < _PARTS:
        return ()
    tokens = np.bincount(scored.document, scored.passage_tokens, len(scored))
    p_values = conformal.p(statistic[own])
    parts = np.array_split(np.argsort(tokens[own], kind="stable"), _PARTS)
    found = []
    for place in PLACES:
        if place >= conformal.floor:
            missed = [(int((p_values[part] > place).sum()), len(part)) for part in parts]
            n_missed, n_held_out = max(missed, key=lambda one: one[0] / one[1])
            found.append(CaughtUpTo(p_value=place, n_missed=n_missed, n_held_out=n_held_out))
    return tuple(found)
