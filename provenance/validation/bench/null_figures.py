"""Figures of a watermark detector under random keys, beside those of detectors that count twice.

A detector's pooled z should have a standard deviation of at most 1 over keys, and its documents'
p-values should be uniform or larger. Documents share a key's accidents, so that standard errors
are over keys.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from provenance.evidence.watermark.keys import WatermarkKey
from provenance.evidence.watermark.pooled import MAX_STATES, PooledSums
from provenance.evidence.watermark.schemes.draws import (
    Documents,
    Scheme,
    ScoredDraws,
    log_tails_of,
    score,
)
from provenance.evidence.watermark.schemes.kgw import GreenLists
from provenance.evidence.watermark.schemes.seen import first_seen, ngram_hashes
from provenance.evidence.watermark.schemes.synthid import SynthidHf
from provenance.evidence.watermark.schemes.unigram import Unigram

__all__ = ["ERRORS", "LEVELS", "NAIVE", "OURS", "Figures", "try_keys"]

LEVELS: Final = (0.01, 0.001)
ERRORS: Final = 2.6
"""Standard errors that a figure may lie above its nominal value."""
OURS: Final = "ours"
NAIVE: Final = ("all positions", "n-grams once", "draws once, normal tail")
_IN_DOCUMENTS: Final = "draws once a document"

_GRID: Final = np.arange(1, 200) / 200


@dataclass(slots=True)
class _Sums:
    """What one detector says under one key."""

    total: float = 0.0
    n: int = 0
    n_documents: int = 0
    rejected: NDArray[np.int64] = field(default_factory=lambda: np.zeros(len(LEVELS), np.int64))
    below: NDArray[np.int64] = field(default_factory=lambda: np.zeros(len(_GRID), np.int64))

    def add_documents(
        self, p_values: NDArray[np.float64], randomised: NDArray[np.float64] | None = None
    ) -> None:
        self.n_documents += len(p_values)
        self.rejected += [int((p_values <= level).sum()) for level in LEVELS]
        if randomised is not None:
            self.below += np.searchsorted(np.sort(randomised), _GRID, side="right")


@dataclass(frozen=True, slots=True)
class Figures:
    """One detector under many keys; every standard error is over keys.

    Parameters
    ----------
    detector : str
    n_scored : float
        Scored tokens of the pooled test, mean over keys.
    z : list of float
        Of each key; empty where a scheme has no moments.
    rates : list of list of float
        Of each key, the documents with p-values up to each of `LEVELS`.
    below : list of float or None
        Of randomised p-values, the part up to each of 199 levels, mean over keys.
    smallest_p : float or None
        Of the pooled test over the keys.
    n_documents : int
    """

    detector: str
    n_scored: float
    z: list[float]
    rates: list[list[float]]
    below: list[float] | None
    smallest_p: float | None
    n_documents: int

    @property
    def sd(self) -> tuple[float, float]:
        """Standard deviation of z over keys, and the standard error of one that is 1."""
        return float(np.std(self.z, ddof=1)), 1 / math.sqrt(2 * (len(self.z) - 1))

    @property
    def mean(self) -> tuple[float, float]:
        """Mean of z over keys, and its standard error, at least that of a deviation of 1."""
        error = max(1.0, float(np.std(self.z, ddof=1))) / math.sqrt(len(self.z))
        return float(np.mean(self.z)), error

    def rate(self, number: int) -> tuple[float, float]:
        """Realised rate at one of `LEVELS`, and its standard error, never below the binomial's."""
        found = np.array([rates[number] for rates in self.rates])
        level = LEVELS[number]
        least = math.sqrt(level * (1 - level) / max(1, self.n_documents * len(found)))
        return float(found.mean()), max(float(found.std(ddof=1)) / math.sqrt(len(found)), least)

    @property
    def excess(self) -> float | None:
        """Largest part by which randomised p-values are smaller than uniform ones."""
        return None if self.below is None else float(np.max(np.array(self.below) - _GRID))

    @property
    def distance(self) -> float | None:
        """Kolmogorov–Smirnov distance of randomised p-values from uniform ones."""
        return None if self.below is None else float(np.abs(np.array(self.below) - _GRID).max())

    @property
    def too_many(self) -> list[str]:
        """What is anti-conservative by more than its error, in words."""
        told = []
        if self.z:
            for name, (found, error), nominal in (
                ("sd of z", self.sd, 1.0),
                ("mean of z", self.mean, 0.0),
            ):
                if found > nominal + ERRORS * error:
                    told.append(f"{name} {found:.3f}")
        for number, level in enumerate(LEVELS):
            rate, error = self.rate(number)
            if rate > level + ERRORS * error:
                told.append(f"rate {rate:.5f} at {level:g}")
        return told


def _moments(scheme: Scheme, *, fair: bool) -> tuple[float, float] | None:
    """Mean and deviation of one score; ``fair`` takes transformers' table for fair coins."""
    if fair and isinstance(scheme, SynthidHf) and scheme.statistic != "bayesian":
        weights = scheme.weights / float(scheme.weights.sum())
        return 0.5, float(np.sqrt((weights**2).sum())) / 2
    return scheme.law.moments


def _step(scheme: Scheme) -> float | None:
    """Least difference of two sums of scores, where it is coarse enough to matter."""
    greens = isinstance(scheme, GreenLists | Unigram)
    if greens or getattr(scheme, "statistic", None) == "maryland":
        return 1.0
    if getattr(scheme, "statistic", None) == "mean":
        return 1.0 / len(getattr(scheme, "keys"))  # noqa: B009
    return None


def _first_ngrams(scheme: Scheme, parts: Sequence[Documents]) -> list[NDArray[np.bool_]]:
    """For each batch, its positions whose n-gram is new in the corpus, and new in its document."""
    hashes = [ngram_hashes(one.ids, one.bounds, *scheme.window, padded=True) for one in parts]
    counted = np.concatenate([scheme.draws(one).eligible for one in parts])
    starts = np.cumsum([0, *(len(one.ids) for one in parts)])
    moved = [one.bounds + at for one, at in zip(parts, starts[:-1], strict=True)]
    bounds = np.unique(np.concatenate(moved))
    first, own = first_seen(np.concatenate(hashes), counted, bounds)
    both = np.stack([first == np.arange(len(first)), own])
    return [both[:, begin:end] for begin, end in pairwise(starts)]


def _documents_sums(
    ids: Documents, scored: ScoredDraws, counted: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Sum and number of the counted scores of each document that has any; none is empty."""
    starts = ids.bounds[:-1]
    n = np.add.reduceat(counted, starts, dtype=np.int64)
    totals = np.add.reduceat(np.where(counted, scored.values, 0.0), starts)
    return totals[n > 0], n[n > 0]


def _normal(
    totals: NDArray[np.float64], n: NDArray[np.int64], moments: tuple[float, float]
) -> NDArray[np.float64]:
    from scipy.special import ndtr

    result: NDArray[np.float64] = ndtr(-(totals - n * moments[0]) / (moments[1] * np.sqrt(n)))
    return result


class _Trial:
    """One random key, all detectors."""

    def __init__(self, scheme: Scheme, rng: np.random.Generator) -> None:
        self.scheme, self._rng = scheme, rng
        self._pooled = PooledSums(MAX_STATES)
        self.sums = {name: _Sums() for name in (OURS, *NAIVE, _IN_DOCUMENTS)}

    def add(self, ids: Documents, ngrams: NDArray[np.bool_]) -> None:
        scored = score(ids, self.scheme)
        new = np.flatnonzero(scored.in_corpus)
        self._pooled.add(self.scheme.draws(ids).states[new], scored.values[new])
        totals, n = _documents_sums(ids, scored, scored.in_document)
        p_values = np.exp(log_tails_of(self.scheme, totals, n))
        self.sums[OURS].add_documents(p_values, self._randomised(totals, n, p_values))
        fair = _moments(self.scheme, fair=True)
        if fair is None:
            return
        eligible = scored.first >= 0
        for name, pooled, own in (
            (NAIVE[0], eligible, eligible),
            (NAIVE[1], ngrams[0] & eligible, ngrams[1] & eligible),
            (NAIVE[2], None, scored.in_document),
            (_IN_DOCUMENTS, scored.in_document, None),
        ):
            sums = self.sums[name]
            if pooled is not None:
                sums.total += float(scored.values[pooled].sum())
                sums.n += int(pooled.sum())
            if own is not None:
                sums.add_documents(_normal(*_documents_sums(ids, scored, own), fair))

    def _randomised(
        self, totals: NDArray[np.float64], n: NDArray[np.int64], p_values: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        step = _step(self.scheme)
        if step is None:
            return p_values
        above = np.exp(log_tails_of(self.scheme, totals + step, n))
        return above + self._rng.random(len(n)) * (p_values - above)

    def finish(self) -> None:
        for name in (OURS, NAIVE[2]):
            self.sums[name].total, self.sums[name].n = self._pooled.total, self._pooled.n

    def z(self, detector: str) -> float | None:
        moments = _moments(self.scheme, fair=detector in NAIVE)
        sums = self.sums[detector]
        if moments is None or not sums.n:
            return None
        return (sums.total - sums.n * moments[0]) / (moments[1] * math.sqrt(sums.n))


def try_keys(
    key: WatermarkKey, parts: Sequence[Documents], n_keys: int, seed: int
) -> list[Figures]:
    """Every detector's figures under random keys of one scheme and its settings.

    Parameters
    ----------
    key : WatermarkKey
    parts : sequence of Documents
        The text, in batches.
    n_keys, seed : int

    Returns
    -------
    list of Figures
        Ours first.
    """
    rng = np.random.default_rng(seed)
    ngrams = _first_ngrams(key.scheme, parts)
    sums: list[dict[str, _Sums]] = []
    z_values: list[dict[str, float | None]] = []
    logs = []
    for _ in range(n_keys):
        trial = _Trial(key.with_random_key(rng), rng)
        for ids, new in zip(parts, ngrams, strict=True):
            trial.add(ids, new)
        trial.finish()
        sums.append(trial.sums)
        z_values.append({name: trial.z(name) for name in trial.sums})
        logs.append(trial.scheme.log_tail(trial.sums[OURS].total, trial.sums[OURS].n))
    return [
        figures(name, [found[name] for found in sums], [z[name] for z in z_values], logs)
        for name in sums[0]
    ]


def figures(
    name: str, sums: Sequence[_Sums], z: Sequence[float | None], logs: Sequence[float]
) -> Figures:
    """One detector's sums under many keys as figures."""
    ours = name == OURS
    sizes = [max(1, found.n_documents) for found in sums]
    parts = zip(sums, sizes, strict=True)
    return Figures(
        detector=name,
        n_scored=float(np.mean([found.n for found in sums])),
        z=[value for value in z if value is not None],
        rates=[(found.rejected / size).tolist() for found, size in parts],
        below=np.mean([found.below / found.n_documents for found in sums], axis=0).tolist()
        if ours
        else None,
        smallest_p=math.exp(min(logs)) if ours else None,
        n_documents=sums[0].n_documents,
    )
