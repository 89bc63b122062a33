"""Shares at fixed likelihood ratios, by expectation maximisation."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from provenance.scoring.scored import relative_likelihoods

__all__ = ["mixture_shares"]


def mixture_shares(
    log_posterior: NDArray[np.float32], weight: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Maximum-likelihood shares of the sources, shape (n_sources,).

    Expectation maximisation with the likelihood ratios held fixed (Saerens et al. 2002),
    accelerated by squared extrapolation (Varadhan and Roland 2008).

    Examples
    --------
    >>> ratios = np.log(np.array([[0.9, 0.1], [0.1, 0.9], [0.1, 0.9]], np.float32))
    >>> mixture_shares(ratios, np.ones(3)).round(2).tolist()
    [0.29, 0.71]
    """
    ratio = relative_likelihoods(log_posterior)
    total = weight.sum()

    def step(shares: NDArray[np.float64]) -> NDArray[np.float64]:
        density = np.maximum(ratio @ shares, 1e-300)
        updated: NDArray[np.float64] = shares * (ratio.T @ (weight / density)) / total
        return updated

    shares = np.full(ratio.shape[1], 1 / ratio.shape[1])
    for _ in range(200):
        first = step(shares)
        second = step(first)
        change, bend = first - shares, second - 2 * first + shares
        length = float(np.sqrt((change**2).sum() / max((bend**2).sum(), 1e-300)))
        jump = shares + 2 * length * change + length**2 * bend
        extrapolated = jump.min() >= 0 and length > 1
        following = step(jump / jump.sum()) if extrapolated else second
        if np.abs(following - shares).max() < 1e-6:
            return following
        shares = following
    return shares
