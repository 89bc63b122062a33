"""Every source against the mixture of the others, by binned score densities."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from provenance.scoring.em import mixture_shares
from provenance.scoring.scored import Passages
from provenance.share.mixture import Mixture, adding_up
from provenance.share.part import WHOLE, Part
from provenance.share.two_sources.bins import two_source
from provenance.share.two_sources.two_sources import CAUTION, ZERO_LEVEL
from provenance.statistics.multiple_testing import holm_levels

__all__ = ["fit_mixture"]


def fit_mixture(
    corpus: Passages,
    references: Passages,
    candidates: Sequence[int],
    *,
    confidence_level: float = 0.95,
    caution: float = CAUTION,
    part: Part = WHOLE,
) -> Mixture:
    """Estimate the share of every source; see the module's text.

    Parameters
    ----------
    corpus, references : Passages
    candidates : sequence of int
        Sources whose shares are accused: their low ends leave 0 by Holm's rule over all of them.
    confidence_level, caution : float
    part : Part
        Of how many parts of a corpus this is one, and what is taken over from the whole.
    """
    fitted = mixture_shares(corpus.log_posterior, corpus.weight)
    n_sources = len(fitted)
    pairs = [two_source(corpus, references, source, fitted, caution) for source in range(n_sources)]
    zero_level, level_of_each = ZERO_LEVEL / part.n_parts, part.level(confidence_level)
    levels = np.full(n_sources, zero_level)
    p_values = [pairs[source].zero_p_value for source in candidates]
    levels[list(candidates)] = holm_levels(p_values, zero_level)
    ends = np.array(
        [
            one.interval(level_of_each, float(level))
            for one, level in zip(pairs, levels, strict=True)
        ]
    )
    low, high = ends[:, 0], ends[:, 1]
    shares = adding_up(np.array([one.share for one in pairs]), candidates, fitted)
    if n_sources == 2 and len(candidates) == 1:
        other = 1 - candidates[0]
        low[other], high[other] = 1 - high[candidates[0]], 1 - low[candidates[0]]
    return Mixture(
        shares,
        np.minimum(low, shares),
        np.maximum(high, shares),
        {source: pairs[source] for source in candidates},
        fitted,
        {source: pairs[source].fit_p_value for source in candidates},
    )
