"""Scores of some feature families, calibrated: what a panel has one of for each view and family.

A linear model scores a passage by each family for every source; a multinomial logistic model makes
likelihood ratios (class priors equal) of the scores of one family or of several, and of figures of
style, which need no linear score.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from provenance.features.spec import FAMILIES
from provenance.features.statistics import STYLE, evened, style

__all__ = [
    "VIEWS",
    "Alone",
    "Calibration",
    "Scores",
    "View",
    "column_limits",
    "families_of",
    "views_of",
]

STATISTICS_FAMILY: Final = "statistics"
"""Figures of style, which need no linear score: they go into the calibration as they are."""

_FARTHEST: Final = 3.0
"""Standard deviations beyond which a figure of style counts no more; a round figure: on
`slop_score`, `alpaca_eval` and `debate_2026` it takes 0.009, 0.003 and -0.001 nats off the loss."""

VIEWS: Final = {
    "all families": (*FAMILIES, STATISTICS_FAMILY),
    "n-grams": FAMILIES,
    "words": ("words",),
}
"""Feature families by the name of their view; the first is used unless the corpus's style or layout
differs from the samples'.

Tokens hold letter case and layout as shape does, so that they stay away where it does.
"""


def views_of(n_sources: int) -> dict[str, tuple[str, ...]]:
    """The views of a panel of so many sources.

    Two sources share one calibration over all folds, which few parameters keep honest: it has no
    room for figures of style.

    Examples
    --------
    >>> list(views_of(2)), list(views_of(3))
    (['n-grams', 'words'], ['all families', 'n-grams', 'words'])
    """
    return {
        name: families
        for name, families in VIEWS.items()
        if n_sources > 2 or STATISTICS_FAMILY not in families
    }


def families_of(n_sources: int) -> tuple[str, ...]:
    """The families that a panel of so many sources reads a corpus by, each alone.

    Examples
    --------
    >>> families_of(2)
    ('words', 'shape', 'tokens')
    """
    return next(iter(views_of(n_sources).values()))


@dataclass(frozen=True, slots=True)
class Calibration:
    """Multinomial logistic model of the source given standardised scores.

    Parameters
    ----------
    centre, scale, limit : ndarray of float64, shape (n_columns,)
        A column is moved and scaled, and what is then farther from 0 than its limit stands there.
    coefficients : ndarray of float64, shape (n_sources, n_columns)
    intercepts : ndarray of float64, shape (n_sources,)
    """

    centre: NDArray[np.float64]
    scale: NDArray[np.float64]
    limit: NDArray[np.float64]
    coefficients: NDArray[np.float64]
    intercepts: NDArray[np.float64]

    def standard(self, scores: NDArray[np.float32]) -> NDArray[np.float64]:
        """The columns as the model takes them, shape (n_passages, n_columns)."""
        return np.clip((scores - self.centre) / self.scale, -self.limit, self.limit)

    def log_posteriors(self, scores: NDArray[np.float32]) -> NDArray[np.float32]:
        """Log posterior of each source under equal priors, shape (n_passages, n_sources)."""
        from scipy.special import log_softmax

        standard = self.standard(scores)
        logits = standard @ self.coefficients.T + self.intercepts
        found: NDArray[np.float32] = log_softmax(logits, axis=1).astype(np.float32)
        return found


@dataclass(frozen=True, slots=True)
class Scores:
    """What a calibration sees of some passages.

    Parameters
    ----------
    linear : ndarray of float32, shape (n_passages, n_families, n_columns)
        Linear scores of each of the `FAMILIES`.
    style : ndarray of float32, shape (n_passages, len(STYLE) - 1)
        Figures of style, `evened`.
    """

    linear: NDArray[np.float32]
    style: NDArray[np.float32]

    @classmethod
    def measured(cls, linear: NDArray[np.float32], statistics: NDArray[np.float32]) -> Scores:
        """The same from the statistics of the passages as they were counted."""
        return cls(linear, evened(style(statistics)))

    def limits(self, families: Sequence[str]) -> NDArray[np.float64]:
        """How far each of these columns may lie from 0; see `column_limits`."""
        return column_limits(families, self.linear.shape[2])

    def of(self, families: Sequence[str]) -> NDArray[np.float32]:
        """The columns of some families side by side, shape (n_passages, n_used)."""
        used = [FAMILIES.index(family) for family in families if family in FAMILIES]
        n_columns = len(used) * self.linear.shape[2]
        columns = self.linear[:, used].reshape(len(self.linear), n_columns)
        if STATISTICS_FAMILY not in families:
            return columns
        return np.concatenate([columns, self.style], axis=1)


def column_limits(families: Sequence[str], n_columns: int) -> NDArray[np.float64]:
    """How far a standardised column of `Scores.of` may lie from 0, shape (n_used,).

    Examples
    --------
    >>> column_limits(("words", "shape"), 2).tolist()
    [inf, inf, inf, inf]
    """
    n_scored = sum(family in FAMILIES for family in families)
    n_figures = (len(STYLE) - 1) * (STATISTICS_FAMILY in families)
    return np.repeat([np.inf, _FARTHEST], [n_scored * n_columns, n_figures])


@dataclass(frozen=True, slots=True)
class View:
    """A scorer on some of the feature families.

    Parameters
    ----------
    families : tuple of str
    calibrations : tuple of Calibration, length N_FOLDS
    log_posterior : ndarray of float32, shape (n_reference_passages, n_sources)
        Of the reference passages, each by the models that have not seen it.
    unknown : ndarray of float32, shape (n_reference_passages, n_sources)
        The same by models that have not seen the passage's source at all: what its text looks
        like where it is an unknown source. ``LEFT_OUT`` for the sources left out, NaN where
        there are too few sources to leave any out.
    other_domains : ndarray of float32, shape (n_reference_passages, n_sources)
        The same by models that have not seen the passage's domain; NaN where there are none.
    taken_for : ndarray of float32, shape (n_sources, n_sources)
        Share of each source (column) that a left-out source's text (row) reads as.
    """

    families: tuple[str, ...]
    calibrations: tuple[Calibration, ...]
    log_posterior: NDArray[np.float32]
    unknown: NDArray[np.float32]
    other_domains: NDArray[np.float32]
    taken_for: NDArray[np.float32]

    def calibrated(self, scores: Scores, fold: NDArray[np.int64]) -> NDArray[np.float32]:
        """Log posteriors of the passages of some folds, shape (n_passages, n_sources)."""
        used = scores.of(self.families)
        n_sources = len(self.calibrations[0].intercepts)
        found = np.empty((len(used), n_sources), np.float32)
        for number, calibration in enumerate(self.calibrations):
            found[fold == number] = calibration.log_posteriors(used[fold == number])
        return found


@dataclass(frozen=True, slots=True)
class Alone:
    """A scorer on one feature family: what is told beside the shares, and decides nothing.

    Parameters
    ----------
    calibration : Calibration
        One for all folds, from the scores that other folds' models give.
    log_posterior : ndarray of float32, shape (n_reference_passages, n_sources)
    """

    calibration: Calibration
    log_posterior: NDArray[np.float32]
