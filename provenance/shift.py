"""The share where the corpus is of another domain than the samples: how scores shift is estimated.

From one domain to the next the scores of a class move and spread. Leaving each domain of the
samples out tells how far, the corpus's own scores tell which way, and rows of the corpus that are
trusted not to be the candidate's tell it best. The model is a mixture of two densities of scores
whose location and log scale are random effects; its likelihood, integrated over the effects, gives
the interval. Scores are measured in gaps: 0 is the mean of the others, 1 that of the candidate,
where both are scored in their own domains.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from provenance._stats import effective_number, normal_quantile, student_quantile
from provenance.scoring import FEWEST_OF_A_DOMAIN
from provenance.two_source import DRIFT, FLOOR_ROWS, ZERO_LEVEL

__all__ = [
    "FEWEST_TRUSTED",
    "WIDEST",
    "Sample",
    "Scores",
    "ShiftedShare",
    "shared_domains",
    "shifted_share",
]

FEWEST_TRUSTED: Final = 30
WIDEST: Final = 0.30
"""Width above which a share counts as not identified."""

Array = NDArray[np.float64]

# Location and log scale of the others, location and log scale of the candidate. Spread between
# domains of ChatGPT's and Claude's rows in DetectRL; worth so many domains of one's own.
_PRIOR_SPREAD: Final = np.array([0.09, 0.20, 0.15, 0.28])
_PRIOR_DOMAINS: Final = 3.0
# Without two domains: the candidate's scores leave their own domain by so much, give or take.
_FADING: Final = 0.3
_FADING_SPREAD: Final = 0.3
_MOST_DOCUMENTS: Final = 150.0
"""Documents that a corpus is worth at most: its densities are not those of the samples' shapes."""
# Part of the labels' variance that counts as known; see `_interval`.
_KNOWN_LABELS: Final = 0.9
_CAUTIOUS: Final = 0.5
# What a wide interval's low end must be safe at: it may stand on the wrong top of several.
_UNIDENTIFIED_LEVEL: Final = 0.001
_BORROWED_ROWS: Final = 50.0
_STEP: Final = 0.05
_GRID: Final = np.arange(-240, 241) * _STEP
_BANDWIDTH: Final = 0.15
_TAIL: Final = 0.01
_N_BINS: Final = 112
_REACH: Final = 4.5
_ITERATIONS: Final = 25
_SHARES: Final = np.unique(
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
# Where the search for the effects begins, in spreads: the likelihood has several tops.
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


@dataclass(frozen=True, slots=True)
class Scores:
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
class Sample:
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


@dataclass(frozen=True, slots=True)
class ShiftedShare:
    """A share under shift, and what was found of the shift.

    Parameters
    ----------
    share, low, high : float
        Of the documents, or tokens, of the corpus itself.
    n_domains : int
        Labelled domains that told how scores shift.
    n_trusted : float
        Independent trusted documents.
    moved : tuple of float, length 4
        Location and log scale of the others, then of the candidate, in spreads between domains.
    """

    share: float
    low: float
    high: float
    n_domains: int
    n_trusted: float
    moved: tuple[float, float, float, float]

    @property
    def identified(self) -> bool:
        """Whether the interval is narrow enough to speak of a share."""
        return self.high - self.low <= WIDEST

    @property
    def shift(self) -> float:
        """The largest effect, in spreads between domains."""
        return max(map(abs, self.moved))


def shared_domains(own: Sample, rest: Sample) -> list[int]:
    """Domains in which both classes have enough rows scored by models of other domains."""
    counts = []
    for one in (own, rest):
        known = one.domain[np.isfinite(one.outside) & (one.domain >= 0)]
        names, number = np.unique(known, return_counts=True)
        counts.append(set(names[number >= FEWEST_OF_A_DOMAIN].tolist()))
    return sorted(counts[0] & counts[1])


def shifted_share(
    own: Sample,
    rest: Sample,
    corpus: Scores,
    trusted: Scores | None = None,
    *,
    confidence_level: float = 0.95,
    zero_level: float = ZERO_LEVEL,
) -> ShiftedShare | None:
    """Share of the candidate in a corpus of another domain.

    Parameters
    ----------
    own, rest : Sample
        Of the candidate and of the others.
    corpus : Scores
    trusted : Scores, optional
        Rows of the corpus's own domain, known not to be the candidate's, that no model saw.
    confidence_level : float
    zero_level : float
        Level at which 0 must be rejected for the low end to leave it.

    Returns
    -------
    ShiftedShare or None
        None where nothing tells how far scores shift: fewer than two domains and no trusted rows.
    """
    domains = shared_domains(own, rest)
    if len(domains) < 2 and trusted is None:
        return None
    origin = _mean(rest.inside, rest.weight)
    gap = _mean(own.inside, own.weight) - origin
    if not gap > 0:
        return None
    own, rest = (_in_gaps(one, origin, gap) for one in (own, rest))
    corpus = replace(corpus, score=(corpus.score - origin) / gap)
    if trusted is not None:
        trusted = replace(trusted, score=(trusted.score - origin) / gap)
    model = _model(own, rest, corpus, trusted, domains)
    integrated, cautious, effects = model.deviances()
    best = int(integrated.argmin())
    share = _top(integrated, best)
    # Where no domain was left out, the candidate's effects are a guess that volumes may not rule.
    curves = [integrated] if len(domains) > 1 else [integrated, cautious]
    low, high = _interval(model, share, curves, confidence_level)
    if high - low > WIDEST:
        low = min(low, _interval(model, share, curves, 1 - _UNIDENTIFIED_LEVEL)[0])
    limit = normal_quantile(1 - zero_level / 2) ** 2 if zero_level > 0 else np.inf
    limit = max(limit, model.squared_quantile(confidence_level))
    if min(curve[0] for curve in curves) <= limit:
        low = 0.0
    return ShiftedShare(
        share=share,
        low=low,
        high=high,
        n_domains=len(domains),
        n_trusted=model.n_trusted,
        moved=tuple(effects[best].tolist()),
    )


def _mean(score: Array, weight: Array) -> float:
    return float(np.average(score, weights=weight))


def _spread(score: Array, weight: Array) -> float:
    return float(np.sqrt(_mean((score - _mean(score, weight)) ** 2, weight)))


def _in_gaps(sample: Sample, origin: float, gap: float) -> Sample:
    inside, outside = ((one - origin) / gap for one in (sample.inside, sample.outside))
    return replace(sample, inside=inside, outside=outside)


def _of_domain(sample: Sample, domain: int) -> tuple[Array, Array]:
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
            standard = (score - _mean(score, weight)) / spread
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
class _Model:
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
        """Deviances of `_SHARES`, integrated and cautious, and the effects that fit best there.

        The likelihood is integrated over the effects by Laplace's approximation at its top: a
        narrow top, where the effects are tuned to one accident of the corpus, counts for less. The
        cautious one lies midway to the profiled likelihood, where it counts for as much.
        """
        share = np.repeat(_SHARES, len(_STARTS))
        effects, value, curvature = self._climb(np.tile(_STARTS, (len(_SHARES), 1)), share)
        volume = np.linalg.slogdet(curvature)[1]
        integrated, cautious = (
            (2 * value + factor * volume).reshape(len(_SHARES), -1) for factor in (1, _CAUTIOUS)
        )
        best = integrated.argmin(axis=1)
        found = effects.reshape(len(_SHARES), -1, 4)[np.arange(len(_SHARES)), best]
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


def _model(
    own: Sample, rest: Sample, corpus: Scores, trusted: Scores | None, domains: Sequence[int]
) -> _Model:
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
    return _Model(
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
    return np.array([_mean(score, weight), np.log(max(_spread(score, weight), 1e-3))])


def _of_class(
    sample: Sample, domains: Sequence[int]
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


def _edges(centre: Array, spread: Array, scores: Sequence[Scores]) -> Array:
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


def _binned(scores: Scores, edges: Array) -> Array:
    """Share of the weight in each bin."""
    place = np.searchsorted(edges[1:-1], scores.score, side="right")
    counted = np.bincount(place, scores.weight, len(edges) - 1)
    shares: Array = counted / counted.sum()
    return shares


def _top(deviance: Array, best: int) -> float:
    """Share of the smallest deviance, by a parabola through its neighbours."""
    if best in (0, len(_SHARES) - 1):
        return float(_SHARES[best])
    near = slice(best - 1, best + 2)
    bend, slope, _ = np.polyfit(_SHARES[near] - _SHARES[best], deviance[near], 2)
    if bend <= 0:
        return float(_SHARES[best])
    shift = float(np.clip(-slope / 2 / bend, *(_SHARES[near][[0, 2]] - _SHARES[best])))
    return float(_SHARES[best]) + shift


def _ends(deviance: Array, limit: float) -> tuple[float, float]:
    """The outermost shares whose deviance is within the limit."""
    accepted = np.flatnonzero(deviance <= limit)
    return (
        _crossing(deviance, int(accepted[0]), -1, limit),
        _crossing(deviance, int(accepted[-1]), 1, limit),
    )


def _crossing(deviance: Array, inside: int, step: int, limit: float) -> float:
    outside = inside + step
    if not 0 <= outside < len(_SHARES):
        return float(_SHARES[inside])
    part = (limit - deviance[inside]) / (deviance[outside] - deviance[inside])
    return float(_SHARES[inside] + part * (_SHARES[outside] - _SHARES[inside]))


def _interval(
    model: _Model, share: float, curves: Sequence[Array], confidence_level: float
) -> tuple[float, float]:
    """Interval of the share of this corpus's own documents: all that one of the curves accepts.

    The likelihood takes the documents for drawn: it answers for ``share (1 - share) / worth`` that
    is no error of the share of these very documents.
    """
    squared = model.squared_quantile(confidence_level)
    floor = squared**0.5 * DRIFT + FLOOR_ROWS / model.n_effective + 1 / model.worth
    low, high = share, share
    for curve in curves:
        ends = _ends(curve, squared)
        halves = [_half(share, end, squared / model.worth) + floor for end in ends]
        low = min(low, 0.0 if ends[0] <= 0 else max(0.0, share - halves[0]))
        high = max(high, 1.0 if ends[1] >= 1 else min(1.0, share + halves[1]))
    return low, high


def _half(share: float, end: float, squared_error: float) -> float:
    drawn = _KNOWN_LABELS * squared_error * end * (1 - end)
    return float(np.sqrt(max((end - share) ** 2 - drawn, 0)))
