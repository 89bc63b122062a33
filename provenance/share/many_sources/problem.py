"""A corpus and the samples of many sources: first shares, moments, who is a sibling of whom."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from provenance.scoring.em import mixture_shares
from provenance.scoring.scored import Likelihoods, Passages, against, relative_likelihoods
from provenance.share.many_sources.moments import Moments, score_functions, with_trace
from provenance.share.many_sources.origins import Origins
from provenance.share.two_sources.two_sources import DRIFT
from provenance.statistics.clusters import effective_number

__all__ = ["Problem", "SampleRows"]

_OWN_LEVELS: Final = np.linspace(0.1, 0.9, 10)
"""Quantiles of the candidate's own score that bins begin at. Round figures, not tuned."""
_REST_LEVELS: Final = (0.5, 0.9, 0.98)
"""Quantiles of the others' scores that bins begin at. Round figures, not tuned."""
_BACKGROUND: Final = 0.03
"""Share of all other sources together, beside those found, that the candidate is told from. A round
figure, not tuned."""
_STEADY: Final = 0.02
"""Standard deviation of the shares told around the most likely ones. Chosen on every second of
AlpacaEval's models, of 0.02, 0.05, 0.1 and 0.2."""
_TAKEN: Final = 0.5
"""Siblings: so much of one would read as the other if it were unknown. A round figure,
not tuned."""
_CONFUSED: Final = 0.2
"""Siblings: so likely is either given the other's text, for each likely it is given its own, where
both are known. A round figure, not tuned."""

Floats = NDArray[np.float64]

_NONE: Final = np.empty(0)


@dataclass(frozen=True)
class SampleRows:
    """Passages of the samples in the order of their sources, and what of them hangs on no share.

    Parameters
    ----------
    references : Passages
    unknown : ndarray of float32, shape (n_passages, n_sources)
        As in `Problem`.
    """

    references: Passages
    unknown: NDArray[np.float32]

    @cached_property
    def _ordered(self) -> tuple[Origins, NDArray[np.int64]]:
        samples = self.references
        assert samples.source is not None
        n_sources = samples.log_posterior.shape[1]
        return Origins.ordered(
            samples.source, samples.weight, samples.cluster, n_sources, samples.asked
        )

    @property
    def origins(self) -> Origins:
        return self._ordered[0]

    @property
    def order(self) -> NDArray[np.int64]:
        """Which passage stands at each place."""
        return self._ordered[1]

    @cached_property
    def ratios(self) -> Floats:
        """Likelihoods of each passage, the largest 1."""
        return relative_likelihoods(self.references.log_posterior[self.order])

    @cached_property
    def scratch(self) -> Floats:
        """Room for values of moments that are soon done with."""
        return np.empty_like(self.ratios)

    @cached_property
    def standing(self) -> NDArray[np.int64]:
        """Places of the passages that some model scores without knowing their source."""
        return np.flatnonzero(np.isfinite(self.unknown[self.order]).all(axis=1))

    @cached_property
    def unknown_ratios(self) -> Floats:
        """Likelihoods of these under such models, the largest 1."""
        return relative_likelihoods(self.unknown[self.order[self.standing]])

    @cached_property
    def unknown_likelihoods(self) -> Likelihoods:
        return Likelihoods.of(self.unknown[self.order[self.standing]])

    @cached_property
    def confused(self) -> Floats:
        """Mean posterior of each source on another's text over that on its own, both ways."""
        posterior = np.exp(self.references.log_posterior[self.order].astype(np.float64))
        weight = self.origins.weight
        means = [weight[first:last] @ posterior[first:last] for first, last in self.origins.places]
        mean = np.stack(means)
        relative = mean / np.diag(mean)
        return np.asarray(np.sqrt(relative * relative.T))

    def beside(self, source: int) -> tuple[Origins, NDArray[np.bool_]]:
        """All passages, then as stand-ins those of `standing` that are not of a source.

        Kept for the source that was asked for last: it is mostly asked for again.

        Returns
        -------
        origins : Origins
        others : ndarray of bool
            Which of `standing` these are.
        """
        if source not in self._beside:
            known, n_sources = self.origins, self.origins.n_origins
            others = known.origin[self.standing] != source
            origins = known.taken(self.standing[others], n_sources, 2 * n_sources)
            self._beside.clear()
            self._beside[source] = origins, others
        return self._beside[source]

    @cached_property
    def _beside(self) -> dict[int, tuple[Origins, NDArray[np.bool_]]]:
        return {}


@dataclass(frozen=True)
class Problem:
    """A corpus and the samples, with the first estimate of all shares.

    Parameters
    ----------
    corpus, references : Passages
    unknown : ndarray of float32, shape (n_passages, n_sources)
        Of the references' passages by models that have not seen their source; `View.unknown`.
    taken_for : ndarray of float32, shape (n_sources, n_sources)
        What each source reads as where it is unknown; `View.taken_for`.
    caution : float
        Most that standard errors are multiplied by where the fit is good.
    given_shares : ndarray, shape (n_sources,), optional
        Shares whose score functions are asked for, instead of those that are found.
    given_rows : SampleRows, optional
        Of the same references, where they stand ordered already.
    """

    corpus: Passages
    references: Passages
    unknown: NDArray[np.float32]
    taken_for: NDArray[np.float32]
    caution: float
    given_shares: Floats | None = None
    given_rows: SampleRows | None = None

    @cached_property
    def rows(self) -> SampleRows:
        return self.given_rows or SampleRows(self.references, self.unknown)

    @cached_property
    def source(self) -> NDArray[np.int64]:
        assert self.references.source is not None
        return self.references.source

    @cached_property
    def n_sources(self) -> int:
        return int(self.references.log_posterior.shape[1])

    @cached_property
    def n_effective(self) -> float:
        return effective_number(self.corpus.weight, self.corpus.cluster)

    @cached_property
    def every(self) -> NDArray[np.int64]:
        """All sources, none of the stand-ins."""
        return np.arange(self.n_sources)

    @cached_property
    def shares(self) -> Floats:
        """Of all sources, by moments whose score functions follow the shares found."""
        if self.given_shares is not None:
            return self.given_shares
        shares = self.likely
        for _ in range(2):
            shares = self._score_moments(shares, self.rows.scratch).fit(shares, self.every)[0]
        return shares

    @cached_property
    def likely(self) -> Floats:
        """The most likely shares, by expectation maximisation."""
        return mixture_shares(self.corpus.log_posterior, self.corpus.weight)

    def steadied(self, moments: Moments, shares: Floats) -> Floats:
        """The shares that are told: where the moments tell little, near the most likely ones.

        Of two sources that cannot be told apart, moments give all to one or the other.
        """
        return moments.near(shares, self.likely, _STEADY, self.every)

    @cached_property
    def steady(self) -> Floats:
        """The shares of all sources that are told, by their score functions alone."""
        return self.steadied(self.moments, self.shares)

    @cached_property
    def moments(self) -> Moments:
        return self._score_moments(self.shares, np.empty_like(self.rows.ratios))

    @cached_property
    def spread(self) -> Floats:
        """Standard deviation of each share where no bound is near, shape (n_sources,)."""
        covariance = self.moments.covariance(self.shares)
        sides = np.linalg.solve(np.linalg.cholesky(covariance), self.moments.means)
        basis = np.linalg.svd(np.ones((1, self.n_sources)))[2][1:]
        inverse = np.linalg.pinv(basis @ (sides.T @ sides) @ basis.T, hermitian=True)
        return np.asarray(np.sqrt(np.maximum(np.diag(basis.T @ inverse @ basis), DRIFT**2)))

    def mean(self, values: Floats) -> Floats:
        """Of functions of the scores over the corpus."""
        found: Floats = self.corpus.weight @ values / self.corpus.weight.sum()
        return found

    def _score_moments(self, shares: Floats, values: Floats) -> Moments:
        rows = self.rows
        self._write(rows.ratios, np.arange(len(values)), shares, values)
        return self._moments(self.mean(self._scores_of_corpus(shares)), values, rows.origins)

    def _write(
        self,
        ratios: Floats,
        rows: NDArray[np.int64],
        shares: Floats,
        values: Floats,
        scores: Floats = _NONE,
        edges: Floats = _NONE,
    ) -> None:
        from provenance.share.many_sources.kernels import write_moments

        write_moments(ratios, rows, with_trace(shares), scores, edges, values)

    def _scores_of_corpus(self, shares: Floats) -> Floats:
        return score_functions(self.corpus.log_posterior, shares)

    def _moments(self, observed: Floats, values: Floats, origins: Origins) -> Moments:
        none = np.zeros(len(observed))
        return Moments(observed, self.n_effective, values, origins, none, self.corpus.unread)

    def drifting(self, moments: Moments, source: int) -> Moments:
        """The same moments, with drift of one source's share between samples of one kind."""
        rest = np.where(self.every == source, 0, self.shares)
        rest = rest / rest.sum() if rest.sum() > 0 else np.full(len(rest), 1 / len(rest))
        means = moments.means[:, : self.n_sources]
        return moments.with_drift(DRIFT * (means[:, source] - means @ rest))

    def siblings(self, source: int) -> NDArray[np.int64]:
        """Sources that write so much like this one that either could be taken for the other."""
        taken = np.maximum(self.taken_for[:, source], self.taken_for[source]) >= _TAKEN
        alike = taken & (self.rows.confused[source] >= _CONFUSED)
        return np.flatnonzero(alike & (self.every != source))

    def open_moments(self, source: int) -> Moments:
        """Score functions and bins of one source's score; stand-ins are further origins."""
        others = np.where(self.every == source, 0, self.shares) + _BACKGROUND / self.n_sources
        others[source] = 0
        others /= others.sum()
        rows, n_sources = self.rows, self.n_sources
        origins, strangers = rows.beside(source)
        known = rows.references.likelihoods.against(source, others)[rows.order]
        is_own = rows.origins.origin == source
        edges = np.unique(
            np.concatenate(
                [np.quantile(known[is_own], _OWN_LEVELS), np.quantile(known[~is_own], _REST_LEVELS)]
            )
        )
        values = np.empty((len(origins.origin), n_sources + len(edges)))
        again = np.flatnonzero(strangers)
        unknown = rows.unknown_likelihoods.against(source, others)[again]
        every = np.arange(len(known))
        self._write(rows.ratios, every, self.shares, values[: len(known)], known, edges)
        self._write(rows.unknown_ratios, again, self.shares, values[len(known) :], unknown, edges)
        corpus = against(self.corpus.log_posterior, source, others)
        scores = self._scores_of_corpus(self.shares)
        observed = self.mean(np.hstack([scores, corpus[:, None] > edges]))
        return self._moments(observed, values, origins)
