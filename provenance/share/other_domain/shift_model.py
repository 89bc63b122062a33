"""Score densities whose location and scale the corpus's own domain moves: the likelihood."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from provenance.statistics.clusters import effective_number
from provenance.statistics.intervals import normal_quantile, student_quantile

__all__ = ["SHARES", "ClassScores", "CorpusScores", "ShiftModel", "fitted_model", "weighted_mean"]


Array = NDArray[np.float64]

_PRIOR_SPREAD: Final = np.array([0.09, 0.20, 0.15, 0.28])
"""Spread between domains of location and log scale, of the others and then of the candidate, in
gaps: that of ChatGPT's and Claude's rows in DetectRL."""
_PRIOR_DOMAINS: Final = 3.0
"""Domains of one's own that the spread above is worth. A round figure, not tuned."""
_FADING: Final = 0.3
"""Gaps that a candidate's scores lose outside their own domain, where no two domains tell. A round
figure, not tuned."""
_FADING_SPREAD: Final = 0.3
"""Give or take. A round figure, not tuned."""
_MOST_DOCUMENTS: Final = 150.0
"""Documents that a corpus is worth at most: its densities are not those of the samples' shapes. Of
150, 300, 600 and 1,000 in a like model on DetectRL, a domain left out, the one that covered most:
in 98, 96, 96 and 91 of 100 corpora."""
_CAUTIOUS: Final = 0.5
"""Part of the volume of the effects that the cautious curve counts: midway between the integrated
likelihood, 1, and the profiled one, 0. Not tuned."""
_BORROWED_ROWS: Final = 50.0
"""Rows that the samples' shapes are worth beside trusted rows. A round figure, not tuned."""
_STEP: Final = 0.05
"""Of the grid of standardised scores, in standard deviations: a third of the bandwidth."""
_GRID: Final = np.arange(-240, 241) * _STEP
_BANDWIDTH: Final = 0.15
"""Of the kernel that smooths a shape, in standard deviations. A round figure, not tuned."""
_TAIL: Final = 0.01
"""Part of a shape that is a wide density, so that no score is impossible. A round figure, not
tuned."""
_N_BINS: Final = 112
"""Bins of the scores. Not tuned."""
_REACH: Final = 4.5
"""Standard deviations that the bins reach beyond the centres at least. A round figure, not
tuned."""
_ITERATIONS: Final = 25
"""Steps of the search of the effects at most. A round figure."""
SHARES: Final = np.unique(
    np.concatenate(
        [
            [0, 0.001, 0.0025],
            np.linspace(0.005, 0.03, 6),
            np.linspace(0.04, 0.2, 9),
            np.linspace(0.23, 0.8, 20),
            1 - np.linspace(0.005, 0.2, 10),
            [1],
        ]
    )
)
"""Shares that the likelihood is computed at: close together near 0 and 1."""
_STARTS: Final = np.array(
    [
        [0, 0, 0, 0],
        [1, 0, 0, 0],
        [-1, 0, 0, 0],
        [0, 0, 1.2, 0],
        [0, 0, -1.2, 0],
        [1, 0, -1, 0],
        [-1, 0, 1, 0],
        [1.5, 0, 1.5, 0],
        [-1, 0, -1, 0],
        [2, 0, 2, 0],
    ]
)
"""Where the search for the effects begins, in spreads: the likelihood has several tops."""


@dataclass(frozen=True, slots=True)
class CorpusScores:
    """Scores of passages whose source is not told.

    Parameters
    ----------
    score : ndarray of float64, shape (n_passages,)
        Log likelihood ratio of the candidate against the others, in any unit.
    weight : ndarray of float64, shape (n_passages,)
        The documents, or tokens, that a passage stands for.
    cluster : ndarray of int64, shape (n_passages,)
        Number of the unit of independence that it belongs to.
    """

    score: Array
    weight: Array
    cluster: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class ClassScores:
    """Scores of the passages of one class, held out in two ways.

    Parameters
    ----------
    inside : ndarray of float64, shape (n_passages,)
        By models that saw other texts of the same domains.
    outside : ndarray of float64, shape (n_passages,)
        By models that saw other domains only; NaN where there is none.
    weight : ndarray of float64, shape (n_passages,)
    domain : ndarray of int64, shape (n_passages,)
        Number of the passage's domain; -1 where it has no label.
    """

    inside: Array
    outside: Array
    weight: Array
    domain: NDArray[np.int64]


def weighted_mean(score: Array, weight: Array) -> float:
    """Mean of some scores; weights need not add up to 1."""
    return float(np.average(score, weights=weight))


def _spread(score: Array, weight: Array) -> float:
    return float(np.sqrt(weighted_mean((score - weighted_mean(score, weight)) ** 2, weight)))


def _of_domain(sample: ClassScores, domain: int) -> tuple[Array, Array]:
    used = (sample.domain == domain) & np.isfinite(sample.outside)
    return sample.outside[used], sample.weight[used]


@dataclass(frozen=True, slots=True)
class _Shape:
    """A density of standardised scores on `_GRID`, and its integral."""

    density: Array
    below: Array

    @classmethod
    def of(cls, parts: Sequence[tuple[Array, Array]], rows: Sequence[float]) -> _Shape:
        """Smoothed pool of the parts, each standardised and worth so many rows."""
        pooled = np.zeros(len(_GRID))
        for (score, weight), worth in zip(parts, rows, strict=True):
            spread = _spread(score, weight)
            if spread <= 0:
                continue
            standard = (score - weighted_mean(score, weight)) / spread
            place = np.round((standard - _GRID[0]) / _STEP).clip(0, len(_GRID) - 1).astype(np.int64)
            counted = np.bincount(place, weight, len(_GRID))
            pooled += worth * counted / counted.sum()
        if not pooled.any():
            pooled[len(pooled) // 2] = 1
        kernel = np.exp(-0.5 * (np.arange(-20, 21) * _STEP / _BANDWIDTH) ** 2)
        smooth = np.convolve(pooled / pooled.sum(), kernel / kernel.sum(), "same")
        wide = np.exp(-np.abs(_GRID))
        density = ((1 - _TAIL) * smooth + _TAIL * wide / wide.sum()) / _STEP
        below = np.concatenate([[0], np.cumsum((density[1:] + density[:-1]) / 2 * _STEP)])
        return cls(density / below[-1], below / below[-1])

    def bins(self, edges: Array, location: Array, scale: Array) -> tuple[Array, Array, Array]:
        """Probabilities of bins and their slopes by location and log scale, (n, n_bins) each."""
        standard = (edges - location[:, None]) / scale[:, None]
        density = np.interp(standard, _GRID, self.density, left=0, right=0)
        below = np.interp(standard, _GRID, self.below)
        by_location = -np.diff(density, axis=1) / scale[:, None]
        return (
            np.maximum(np.diff(below, axis=1), 1e-12),
            by_location,
            -np.diff(standard * density, axis=1),
        )


@dataclass(frozen=True, slots=True)
class ShiftModel:
    """Log posterior of four effects at a share.

    Parameters
    ----------
    shapes : of the others and of the candidate
    centre, spread : ndarray, shape (4,)
        Location and log scale of the others, then of the candidate, where the effects are 0; what
        an effect of 1 adds.
    degrees : float
        Of the multivariate t distribution of the effects.
    edges : ndarray, shape (n_bins + 1,)
    observed, trusted : ndarray, shape (n_bins,)
        Share of the corpus in each bin; trusted rows in each bin.
    n_effective : float
        Independent documents of the corpus.
    """

    shapes: tuple[_Shape, _Shape]
    centre: Array
    spread: Array
    degrees: float
    edges: Array
    observed: Array
    trusted: Array
    n_effective: float

    @property
    def worth(self) -> float:
        return self.n_effective / (1 + self.n_effective / _MOST_DOCUMENTS)

    @property
    def n_trusted(self) -> float:
        return float(self.trusted.sum())

    def squared_quantile(self, confidence_level: float) -> float:
        """Largest deviance of a share that is accepted.

        Without trusted rows the few domains that told the spreads are all there is: Student's
        distribution instead of the normal.
        """
        probability = (1 + confidence_level) / 2
        if self.n_trusted:
            return normal_quantile(probability) ** 2
        return student_quantile(probability, self.degrees) ** 2

    def terms(self, effects: Array, share: Array) -> tuple[Array, Array, Array]:
        """Negative log posterior, its slope and its expected curvature for each row."""
        parameters = self.centre + effects * self.spread
        rest, own = (
            shape.bins(self.edges, parameters[:, 2 * k], np.exp(parameters[:, 2 * k + 1]))
            for k, shape in enumerate(self.shapes)
        )
        part = share[:, None]
        fitted = (1 - part) * rest[0] + part * own[0] + 1e-9
        slopes = np.stack(
            [(1 - part) * rest[1], (1 - part) * rest[2], part * own[1], part * own[2]], axis=2
        )
        value, slope, curvature = _likelihood(
            fitted, slopes * self.spread, self.worth * self.observed, self.worth
        )
        if self.n_trusted:
            known = np.stack([rest[1], rest[2]], axis=2) * self.spread[:2]
            more = _likelihood(rest[0], known, self.trusted, self.n_trusted)
            value, slope[:, :2] = value + more[0], slope[:, :2] + more[1]
            curvature[:, :2, :2] += more[2]
        squares = (effects**2).sum(axis=1)
        pull = (self.degrees + 4) / (self.degrees + squares)
        value = value + (self.degrees + 4) / 2 * np.log1p(squares / self.degrees)
        slope = slope + pull[:, None] * effects
        return value, slope, curvature + pull[:, None, None] * np.eye(4)

    def deviances(self) -> tuple[Array, Array, Array]:
        """Deviances of `SHARES`, integrated and cautious, and the effects that fit best there.

        The likelihood is integrated over the effects by Laplace's approximation at its top: a
        narrow top, where the effects are tuned to one accident of the corpus, counts for less. The
        cautious one lies midway to the profiled likelihood, where it counts for as much.
        """
        share = np.repeat(SHARES, len(_STARTS))
        effects, value, curvature = self._climb(np.tile(_STARTS, (len(SHARES), 1)), share)
        volume = np.linalg.slogdet(curvature)[1]
        integrated, cautious = (
            (2 * value + factor * volume).reshape(len(SHARES), -1) for factor in (1, _CAUTIOUS)
        )
        best = integrated.argmin(axis=1)
        found = effects.reshape(len(SHARES), -1, 4)[np.arange(len(SHARES)), best]
        curves = [one.min(axis=1) for one in (integrated, cautious)]
        return curves[0] - curves[0].min(), curves[1] - curves[1].min(), found

    def _climb(self, effects: Array, share: Array) -> tuple[Array, Array, Array]:
        """Damped Newton steps (Levenberg and Marquardt) from all starts at once."""
        value, slope, curvature = self.terms(effects, share)
        damping = np.full(len(share), 1e-2)
        for turn in range(_ITERATIONS):
            diagonal = np.einsum("kii->ki", curvature)[:, :, None] * np.eye(4)
            damped = curvature + damping[:, None, None] * diagonal
            step = -np.linalg.solve(damped, slope[:, :, None])[:, :, 0]
            tried = effects + step.clip(-1, 1)
            new_value, new_slope, new_curvature = self.terms(tried, share)
            better = new_value < value
            gain = np.where(better, value - new_value, 0).max()
            effects = np.where(better[:, None], tried, effects)
            value = np.where(better, new_value, value)
            slope = np.where(better[:, None], new_slope, slope)
            curvature = np.where(better[:, None, None], new_curvature, curvature)
            damping = np.where(better, damping / 4, damping * 6).clip(1e-6, 1e6)
            if turn > 8 and gain < 1e-4:
                break
        return effects, value, curvature


def _likelihood(
    fitted: Array, slopes: Array, counts: Array, total: float
) -> tuple[Array, Array, Array]:
    """Negative multinomial log likelihood, its slope and its expected curvature."""
    relative = slopes / fitted[:, :, None]
    value = -(np.log(fitted) @ counts)
    slope = -np.einsum("b,kbi->ki", counts, relative)
    curvature = total * np.einsum("kbi,kbj->kij", slopes, relative, optimize=True)
    return value, slope, curvature


def fitted_model(
    own: ClassScores,
    rest: ClassScores,
    corpus: CorpusScores,
    trusted: CorpusScores | None,
    domains: Sequence[int],
) -> ShiftModel:
    """Centres, spreads and shapes from the domains left out, or from defaults without them."""
    told = [_of_class(one, domains) for one in (rest, own)]
    centre, squares = (np.concatenate([part[k] for part in told]) for k in (0, 1))
    parts, rows = [part[2] for part in told], [_borrowed(len(part[2])) for part in told]
    default = _PRIOR_SPREAD.copy()
    if len(domains) < 2:
        centre[2], default[2] = centre[2] - _FADING, _FADING_SPREAD
    n_trusted = 0.0
    if trusted is not None:
        n_trusted = effective_number(trusted.weight, trusted.cluster)
        parts[0], rows[0] = [*parts[0], (trusted.score, trusted.weight)], [*rows[0], n_trusted]
        if len(domains) < 2:
            centre[:2] = _location(trusted.score, trusted.weight)
    spread = _predicted_spread(squares, default, len(domains))
    edges = _edges(centre, spread, [corpus] if trusted is None else [corpus, trusted])
    n_effective = effective_number(corpus.weight, corpus.cluster)
    return ShiftModel(
        shapes=(_Shape.of(parts[0], rows[0]), _Shape.of(parts[1], rows[1])),
        centre=centre,
        spread=spread,
        degrees=_PRIOR_DOMAINS + max(0, len(domains) - 1),
        edges=edges,
        observed=_binned(corpus, edges),
        trusted=np.zeros(_N_BINS) if trusted is None else n_trusted * _binned(trusted, edges),
        n_effective=n_effective,
    )


def _borrowed(n_parts: int) -> list[float]:
    return [_BORROWED_ROWS / n_parts] * n_parts


def _location(score: Array, weight: Array) -> Array:
    """Location and log scale, shape (2,)."""
    return np.array([weighted_mean(score, weight), np.log(max(_spread(score, weight), 1e-3))])


def _of_class(
    sample: ClassScores, domains: Sequence[int]
) -> tuple[Array, Array, list[tuple[Array, Array]]]:
    """Mean location and log scale, their sums of squares over domains, and the scores by domain."""
    parts = [_of_domain(sample, domain) for domain in domains]
    if len(domains) < 2:
        parts = [(sample.inside, sample.weight)]
    found = np.array([_location(*part) for part in parts])
    centre = found.mean(axis=0)
    return centre, ((found - centre) ** 2).sum(axis=0), parts


def _predicted_spread(squares: Array, default: Array, n_domains: int) -> Array:
    """Spread of a new domain about the mean of those seen; the default is worth so many."""
    known = max(1, n_domains)
    variance = (_PRIOR_DOMAINS * default**2 + squares) / (_PRIOR_DOMAINS + known - 1)
    spread: Array = np.sqrt(variance * (1 + 1 / known))
    return spread


def _edges(centre: Array, spread: Array, scores: Sequence[CorpusScores]) -> Array:
    """Ends of equal bins over all that the densities and the scores reach; the outer are open."""
    scale = np.exp(centre[1::2])
    reach = _REACH * np.hypot(scale, spread[::2])
    low, high = (centre[::2] - reach).min(), (centre[::2] + reach).max()
    for one in scores:
        low = min(low, float(np.quantile(one.score, 0.001)))
        high = max(high, float(np.quantile(one.score, 0.999)))
    inner = np.linspace(low, high, _N_BINS - 1)
    far = 20 * (high - low)
    return np.concatenate([[low - far], inner, [high + far]])


def _binned(scores: CorpusScores, edges: Array) -> Array:
    """Share of the weight in each bin."""
    place = np.searchsorted(edges[1:-1], scores.score, side="right")
    counted = np.bincount(place, scores.weight, len(edges) - 1)
    shares: Array = counted / counted.sum()
    return shares
