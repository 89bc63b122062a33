"""The share of each source: expectation maximisation, then each against the mixture of the others.

What was found of a corpus is a `Mixture`, here by score densities; of many sources `many_sources`
finds it by moments.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from provenance._stats import holm_levels
from provenance.two_source import CAUTION, ZERO_LEVEL, Passages, TwoSource, two_source

__all__ = ["Family", "Mixture", "adding_up", "fit_mixture", "mixture_shares"]


def mixture_shares(
    log_ratio: NDArray[np.float32], weight: NDArray[np.float64]
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
    ratio = np.exp(log_ratio - log_ratio.max(axis=1, keepdims=True)).astype(np.float64)
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


@dataclass(frozen=True, slots=True)
class Family:
    """A candidate and its siblings: sources that write so much alike that one is taken for another.

    Parameters
    ----------
    source : int
    siblings : tuple of int
    share, low, high : float
        Of all of them together.
    low_alone : float
        Low end of the candidate's own share if the corpus may hold an unknown sibling.
    """

    source: int
    siblings: tuple[int, ...]
    share: float
    low: float
    high: float
    low_alone: float


@dataclass(frozen=True, slots=True)
class Mixture:
    """Shares of all sources with their intervals.

    Parameters
    ----------
    shares, low, high : ndarray of float64, shape (n_sources,)
        The shares add up to 1.
    two_sources : mapping of int to TwoSource
        Candidates against the mixture of the others.
    fitted : ndarray of float64, shape (n_sources,)
        Shares of the first step.
    fit_p_values : mapping of int to float
        How well the sources explain the corpus's scores, by candidate.
    open_fit_p_values : mapping of int to float
        The same where unknown sources may have a part; empty for two sources.
    families : tuple of Family
    unknown : float
        Share of stand-ins for unknown sources where they may have one.
    misfits : mapping of int to float
        Squared distance a document that the corpus keeps from every mixture of sources and
        stand-ins, by candidate.
    """

    shares: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    two_sources: Mapping[int, TwoSource]
    fitted: NDArray[np.float64]
    fit_p_values: Mapping[int, float]
    open_fit_p_values: Mapping[int, float] = field(default_factory=dict)
    families: tuple[Family, ...] = ()
    unknown: float = 0.0
    misfits: Mapping[int, float] = field(default_factory=dict)


def fit_mixture(
    corpus: Passages,
    references: Passages,
    candidates: Sequence[int],
    *,
    confidence_level: float = 0.95,
    caution: float = CAUTION,
) -> Mixture:
    """Estimate the share of every source; see the module's text.

    Parameters
    ----------
    corpus, references : Passages
    candidates : sequence of int
        Sources whose shares are accused: their low ends leave 0 by Holm's rule over all of them.
    confidence_level, caution : float
    """
    fitted = mixture_shares(corpus.log_ratio, corpus.weight)
    n_sources = len(fitted)
    pairs = [two_source(corpus, references, source, fitted, caution) for source in range(n_sources)]
    levels = np.full(n_sources, ZERO_LEVEL)
    p_values = [pairs[source].zero_p_value for source in candidates]
    levels[list(candidates)] = holm_levels(p_values, ZERO_LEVEL)
    ends = np.array(
        [
            one.interval(confidence_level, float(level))
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


def adding_up(
    shares: NDArray[np.float64], candidates: Sequence[int], fitted: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Shares that add up to 1; those of the candidates stay as they are where they can.

    Where no other source claims the remainder, it goes by the fitted shares.
    """
    accused = np.isin(np.arange(len(shares)), candidates)
    claimed = shares[accused].sum()
    if claimed >= 1:
        return np.where(accused, shares / claimed, 0)
    for others in (shares, fitted, np.ones(len(shares))):
        remainder = np.where(accused, 0, others)
        if remainder.sum() > 0:
            return np.where(accused, shares, remainder * (1 - claimed) / remainder.sum())
    found: NDArray[np.float64] = shares / claimed if claimed > 0 else fitted / fitted.sum()
    return found
