"""Whether a row's likelihood ratio means what it says, on held-out rows of known source.

Cost of the log likelihood ratio (Cllr) of Brümmer and du Preez (2006): the mean logarithmic loss,
in bits, of who believes the ratios at even odds. What is left of it after the best monotone
recalibration, by pool-adjacent-violators, is for lack of discrimination; the rest is for ratios
that are too bold or too timid.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from provenance.records import Diagnostic, RowCalibration
from provenance.scoring.scored import Scored, ScoredSamples
from provenance.statistics.clusters import weighted_quantiles

__all__ = [
    "RowCalibration",
    "calibration_check",
    "calibration_of",
    "cllr",
    "minimum_cllr",
    "row_calibration",
    "upper_quantiles",
]

LIMIT: Final = 0.7
"""Bits above which single rows tell little; 1 is what no likelihood ratio at all costs."""
N_POINTS: Final = 51


def row_calibration(
    samples: ScoredSamples, candidate: int, trusted: Scored | None = None
) -> RowCalibration:
    """How a candidate's likelihood ratio does on the held-out documents of the samples.

    The ratio is against all other sources alike (`row_statistic`), each of which counts alike.

    Parameters
    ----------
    samples : ScoredSamples
    candidate : int
    trusted : Scored, optional
        Rows of the corpus that no candidate can have written: the errors on its own kind of text.
    """
    llr = samples.scored.row_statistic(candidate).astype(np.float64)
    weight = 1 / np.bincount(samples.source)[samples.source]
    found = calibration_of(samples.names[candidate], llr, samples.source == candidate, weight)
    if trusted is None:
        return found
    own = trusted.row_statistic(candidate).astype(np.float64)
    # Of equal texts one: copies of a row that is misread are no more errors.
    first = np.unique(trusted.cluster_hash, return_index=True)[1]
    return replace(found, trusted=upper_quantiles(own[first]), n_trusted=len(first))


def upper_quantiles(values: NDArray[np.float64]) -> tuple[float, ...]:
    """Even quantiles, of which no smaller part is at or above any number than of the values.

    Parameters
    ----------
    values : ndarray of float64, shape (n,)

    Examples
    --------
    >>> found = upper_quantiles(np.arange(10.0))
    >>> len(found), sum(one >= 9 for one in found) / (len(found) - 1)
    (51, 0.12)
    """
    found = np.quantile(values, np.linspace(0, 1, N_POINTS), method="higher")
    return tuple(found.tolist())


def calibration_of(
    name: str, llr: NDArray[np.float64], is_own: NDArray[np.bool_], weight: NDArray[np.float64]
) -> RowCalibration:
    """The same for any log likelihood ratios in nats.

    Parameters
    ----------
    name : str
    llr : ndarray, shape (n_rows,)
    is_own : ndarray of bool, shape (n_rows,)
        Whether a row is the candidate's.
    weight : ndarray, shape (n_rows,)
        Of the rows within the candidate, and within the others.
    """
    levels = np.linspace(0, 1, N_POINTS)
    own, others = (
        weighted_quantiles(llr[chosen], weight[chosen], levels) for chosen in (is_own, ~is_own)
    )
    return RowCalibration(
        source=name,
        cllr=cllr(llr, is_own, weight),
        min_cllr=minimum_cllr(llr, is_own, weight),
        own=tuple(own.tolist()),
        others=tuple(others.tolist()),
        n_own=int(is_own.sum()),
        n_others=int((~is_own).sum()),
    )


def cllr(llr: NDArray[np.float64], is_own: NDArray[np.bool_], weight: NDArray[np.float64]) -> float:
    """Cost of log likelihood ratios in bits (Brümmer and du Preez 2006, eq. 18).

    Parameters
    ----------
    llr, is_own, weight
        As in `calibration_of`.

    Examples
    --------
    >>> cllr(np.zeros(4), np.array([True, False, False, False]), np.ones(4))
    1.0
    """
    loss = np.logaddexp(0, np.where(is_own, -llr, llr)) / np.log(2)
    own, others = (np.average(loss[one], weights=weight[one]) for one in (is_own, ~is_own))
    return float(own + others) / 2


def minimum_cllr(
    llr: NDArray[np.float64], is_own: NDArray[np.bool_], weight: NDArray[np.float64]
) -> float:
    """Cost in bits of the best monotone recalibration of the ratios, fitted to these very rows.

    Parameters
    ----------
    llr, is_own, weight
        As in `calibration_of`.
    """
    from scipy.optimize import isotonic_regression

    # By rank: steps between nearly equal ratios would be too small to interpolate over.
    rank = np.unique(llr, return_inverse=True)[1]
    totals = np.where(is_own, weight[is_own].sum(), weight[~is_own].sum())
    even = weight / totals
    of_rank = np.bincount(rank, even)
    fitted = isotonic_regression(np.bincount(rank, even * is_own) / of_rank, weights=of_rank).x
    posterior = np.clip(fitted, 0, 1)[rank]
    right = np.clip(np.where(is_own, posterior, 1 - posterior), 1e-12, 1)
    return float((even * -np.log2(right)).sum()) / 2


def calibration_check(found: RowCalibration) -> Diagnostic:
    """What the cost says of single rows, with its limit."""
    warned = found.cllr > LIMIT
    better = found.min_cllr <= LIMIT
    sentence = (
        f"On held-out rows the likelihood ratios of {found.source} cost {found.cllr:.2f} bits"
        f" (0: perfect, 1: they tell nothing), {found.min_cllr:.2f} after the best recalibration."
    )
    if warned:
        sentence += (
            " They are too bold or too timid: read q-values instead."
            if better
            else " A single row tells little."
        )
    return Diagnostic(
        name=f"calibration[{found.source}]",
        verdict="warn" if warned else "ok",
        statistic=found.cllr,
        limit=LIMIT,
        sentence=sentence,
    )
