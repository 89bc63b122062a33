"""Scores of known origin: normal sources in a few dimensions, with their exact posteriors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from provenance.scoring.em import mixture_shares
from provenance.scoring.panel import LEFT_OUT
from provenance.scoring.scored import Passages

Floats = NDArray[np.float64]


Ratios = NDArray[np.float32]


def posteriors(points: Floats, means: Floats) -> Ratios:
    """Log posteriors under equal priors of unit normal sources with these means."""
    logits = -((points[:, None] - means[None]) ** 2).sum(axis=2) / 2
    found: Ratios = (logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)).astype(np.float32)
    return found


@dataclass(frozen=True)
class World:
    """Sources, and what their references look like with each of them known and left out."""

    means: Floats
    references: Passages
    unknown: Ratios
    taken_for: Ratios

    @classmethod
    def build(cls, means: Floats, n_each: int, seed: int) -> World:
        n_sources = len(means)
        source = np.repeat(np.arange(n_sources), n_each)
        points = np.random.default_rng([seed, 1]).normal(means[source])
        unknown = np.full((len(source), n_sources), LEFT_OUT, np.float32)
        taken_for = np.zeros((n_sources, n_sources), np.float32)
        for one in range(n_sources):
            rows, kept = source == one, np.arange(n_sources) != one
            unknown[np.ix_(rows, kept)] = posteriors(points[rows], means[kept])
            taken_for[one] = mixture_shares(unknown[rows], np.ones(n_each))
        weight = np.full(len(source), 1 / n_each)
        known = Passages(posteriors(points, means), weight, np.arange(len(source)), source)
        return cls(means, known, unknown, taken_for)

    @property
    def samples(self) -> tuple[Passages, Ratios, Ratios]:
        """As `fit_many` takes them."""
        return self.references, self.unknown, self.taken_for

    def corpus(self, shares: Sequence[float], count: int, seed: int, strange: int = 0) -> Passages:
        """Documents of a passage each; the last so many sources are strangers to the posteriors.

        The corpus is read whole: each source has its share of it, as near as documents go.
        """
        rng = np.random.default_rng([seed, 2])
        ends = np.rint(np.cumsum(shares) / np.sum(shares) * count).astype(int)
        source = rng.permutation(np.repeat(np.arange(len(shares)), np.diff(ends, prepend=0)))
        points = rng.normal(self.means[source])
        known = self.means[: len(self.means) - strange]
        return Passages(posteriors(points, known), np.ones(count), np.arange(count))


def spread_out(n_sources: int, seed: int, distance: float = 3.0, dimensions: int = 3) -> Floats:
    """Means whose distances are about this."""
    rng = np.random.default_rng([seed, 0])
    return np.asarray(
        rng.normal(scale=distance / np.sqrt(2 * dimensions), size=(n_sources, dimensions))
    )


def random_ratios(
    seed: int, n_rows: int, n_sources: int, spread: float = 2.0
) -> NDArray[np.float32]:
    logits = np.random.default_rng(seed).normal(scale=spread, size=(n_rows, n_sources))
    posterior = logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)
    return posterior.astype(np.float32)
