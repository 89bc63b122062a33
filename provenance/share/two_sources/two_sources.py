"""One source against the mixture of all others: binned score densities, and a test of its share.

A mixture of two binned densities: the source's own held-out score distribution and that of the
fitted mixture of the others. Bins are consistent for any score, calibrated or not. The interval
inverts a score test: at each candidate share the variance is the one that this share implies.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from provenance.statistics.conventions import POWER
from provenance.statistics.intervals import chi_square_tail, normal_quantile

__all__ = ["CAUTION", "DRIFT", "FIT_LEVEL", "FLOOR_ROWS", "ZERO_LEVEL", "TwoSource"]


DRIFT: Final = 0.0015
"""Standard deviation of the share between samples of one kind. Chosen on 55 sets of sentences of
arXiv abstracts, read with references of the same fields: 86 of 100 intervals covered without it,
98 with it; two values were tried."""
BIN_DRIFT: Final = 0.03
"""Relative standard deviation of a bin's probability between samples of one kind. A round figure,
not tuned."""
CAUTION: Final = 1.5
"""Factor on standard errors unless the references are declared to be of the corpus's domain. Chosen
on arXiv abstracts read with references of other fields, where the fit passes: 84 to 89 of 100
intervals covered with 1, 95 with 1.25, 97 to 99 with 1.5."""
ZERO_LEVEL: Final = 0.01
"""Two-sided level at which a share of 0 must be rejected before the low end leaves it. Chosen on
DetectRL, a domain left out: of 32 corpora with nothing in them 12 % were read above 0 at a level of
0.05, 6 % at 0.01."""
FIT_LEVEL: Final = 0.01
"""Level of the test of fit. At it 0 to 2 % of corpora of the samples' own domain were refused, and
94 to 100 % of large ones of another (arXiv abstracts, DetectRL)."""
FLOOR_ROWS: Final = 3.0
"""Documents that an interval's arm is worth at least: what none of n may hide, 3 / n at 95 %."""
_ROOT_TOLERANCE: Final = 1e-14
"""Error of a share where a function of it is 0: rounding, far below a row."""


@dataclass(frozen=True)
class TwoSource:
    """Binned scores of one source against the mixture of all others.

    Parameters
    ----------
    observed : ndarray, shape (n_bins,)
        Share of the corpus in each bin.
    own, rest : ndarray, shape (n_bins,)
        Probability of each bin under the source and under the mixture of the others.
    own_parts, rest_parts : ndarray, shape (n_components, n_bins)
        Contribution of each independent component of the references to ``own`` and ``rest``.
    n_effective : float
        Number of independent documents that the corpus is worth.
    caution : float
        Factor on standard errors.
    fine : TwoSource, optional
        The same in narrower bins, some of which the references hardly fill: for the fit alone.
    unread : float
        Part of the corpus that was not read; see `Passages`.
    noise : ndarray, shape (3, n_bins)
        Variances of ``own`` and of ``rest`` and twice their covariance, by the references that
        were drawn.
    smoothing : ndarray, shape (2, n_bins)
        What the smoothing added to ``own`` and to ``rest``.
    """

    observed: NDArray[np.float64]
    own: NDArray[np.float64]
    rest: NDArray[np.float64]
    own_parts: NDArray[np.float64]
    rest_parts: NDArray[np.float64]
    n_effective: float
    caution: float = CAUTION
    fine: TwoSource | None = None
    unread: float = 0.0
    noise: NDArray[np.float64] = field(default_factory=lambda: np.zeros((3, 1)))
    smoothing: NDArray[np.float64] = field(default_factory=lambda: np.zeros((2, 1)))

    @cached_property
    def share(self) -> float:
        """Maximum-likelihood share in [0, 1]."""
        from scipy.optimize import brentq

        if self._gradient(0.0) <= 0:
            return 0.0
        if self._gradient(1.0) >= 0:
            return 1.0
        return float(brentq(self._gradient, 0.0, 1.0, xtol=_ROOT_TOLERANCE))

    def density(self, share: float) -> NDArray[np.float64]:
        """Fitted probability of each bin, shape (n_bins,)."""
        return (1 - share) * self.rest + share * self.own

    def _contrast(self, share: float) -> NDArray[np.float64]:
        return self._difference / self.density(share)

    @cached_property
    def _difference(self) -> NDArray[np.float64]:
        return self.own - self.rest

    def _gradient(self, share: float) -> float:
        density = self.density(share)
        contrast = self._difference / density
        return float(self.observed @ contrast) - self._bias(share, density, contrast)

    def bias(self, share: float) -> float:
        """Mean of the likelihood's slope at the true share, by the noise of the references.

        A bin where the estimated density ``d`` is too small pulls more than one where it is as
        much too large. To second order in the errors ``e`` the mean of ``sum D (own - rest) / d``
        is ``sum (own - rest) var(e_d) / d**2 - cov(e_own - e_rest, e_d) / d``: at few references
        it is as large as the standard error and of one sign at a share of 0. As Firth (1993,
        Biometrika 80, 27) does, it is taken from the slope, not from the share. Smoothing takes
        half of it away where bins are nearly empty, by ``sum (own - rest) m_d / d`` with ``m_d``
        what it adds to the density.
        """
        return self._bias(share, self.density(share), self._contrast(share))

    def _bias(
        self, share: float, density: NDArray[np.float64], contrast: NDArray[np.float64]
    ) -> float:
        # Densities that are equal have errors that must not decide by their rounding.
        if not contrast.any():
            return 0.0
        rest = 1 - share
        factors = np.array([[share**2, rest**2, share * rest], [share, -rest, 0.5 - share]])
        spread, mixed = factors @ self.noise
        smoothed = np.array([share, rest]) @ self.smoothing
        return float(((contrast * spread - mixed) / density - contrast * smoothed).sum())

    def information(self, share: float) -> float:
        """Fisher information of one document about the share."""
        return float(self._difference @ self._contrast(share))

    def variance(self, share: float) -> float:
        """Variance of the score where this is the share: corpus, references, drift.

        Of a corpus that was read whole the share is no accident; see `Moments.covariance`.
        """
        contrast = self._contrast(share)
        return self._variance(share, contrast, float(self._difference @ contrast))

    def _variance(self, share: float, contrast: NDArray[np.float64], information: float) -> float:
        between = share * (1 - share) * information**2
        sampling = (information - (1 - self.unread) * between) / self.n_effective
        noise = float(contrast @ self._noise(share) @ contrast)
        return sampling + noise + (information * DRIFT) ** 2

    def _noise(self, share: float) -> NDArray[np.float64]:
        """Covariance of the fitted density by the noise of the references, shape (n_bins, n_bins).

        Sum of the outer products of all components' contributions.
        """
        rest, both, own = self._products
        return (1 - share) ** 2 * rest + share * (1 - share) * both + share**2 * own

    @cached_property
    def _products(self) -> tuple[NDArray[np.float64], ...]:
        rest, own = self.rest_parts, self.own_parts
        mixed = rest.T @ own
        return rest.T @ rest, mixed + mixed.T, own.T @ own

    def z(self, share: float) -> float:
        """Score statistic over its standard deviation, caution and a floor inside."""
        return self._gradient(share) / max(self._allowance(share, 1.0), 1e-300)

    def _allowance(self, share: float, quantile: float) -> float:
        contrast = self._contrast(share)
        information = float(self._difference @ contrast)
        floor = FLOOR_ROWS / self.n_effective * information
        spread = np.sqrt(self._variance(share, contrast, information))
        return float(np.hypot(quantile * self.caution * spread, floor))

    def accepts(self, share: float, quantile: float) -> bool:
        """Whether a test of this share does not reject it."""
        return self._excess(share, quantile) <= 0

    def _excess(self, share: float, quantile: float) -> float:
        """How much steeper the likelihood is at this share than the test allows for."""
        return abs(self._gradient(share)) - self._allowance(share, quantile)

    def interval(
        self, confidence_level: float, zero_level: float = ZERO_LEVEL
    ) -> tuple[float, float]:
        """All shares that the test accepts, from the lowest to the highest.

        Parameters
        ----------
        confidence_level : float
        zero_level : float
            Level at which 0 must be rejected for the low end to leave it; 0 keeps it there.
        """
        quantile = normal_quantile((1 + confidence_level) / 2)
        # Where the best share is 0 or 1 the slope need not vanish there, and no share may be
        # accepted: the interval is never narrower than the best share's own allowance.
        half = 0.0
        if self.share in (0.0, 1.0):
            half = self._allowance(self.share, quantile)
            half /= max(self.information(self.share), 1e-300)
        low = 0.0 if self.accepts(0.0, quantile) else self._edge(0.0, quantile)
        high = 1.0 if self.accepts(1.0, quantile) else self._edge(1.0, quantile)
        low, high = max(0.0, min(low, self.share - half)), min(1.0, max(high, self.share + half))
        if zero_level <= 0 or self.zero_p_value > zero_level:
            low = 0.0
        return low, high

    def _edge(self, outside: float, quantile: float) -> float:
        """The accepted share nearest to one that is rejected."""
        from scipy.optimize import brentq

        inside = self.share
        if self.accepts(inside, quantile):
            found = brentq(self._excess, inside, outside, (quantile,), xtol=_ROOT_TOLERANCE)
            return float(found)
        for _ in range(40):
            middle = (inside + outside) / 2
            if self.accepts(middle, quantile):
                inside = middle
            else:
                outside = middle
        return inside

    def _spreads_of_zero_test(self, shares: NDArray[np.float64]) -> NDArray[np.float64]:
        """Standard deviation of the score at 0 where this is the share, for each of the shares.

        Few documents of the source, each with much to say, spread it more than none.
        """
        contrast, information = self._contrast(0.0), self.information(0.0)
        between = shares * (1 - shares) * information**2
        squares = (1 - shares) * (self.rest @ contrast**2) + shares * (self.own @ contrast**2)
        within = squares - (shares * information) ** 2 - between
        sampling = (within + self.unread * between) / self.n_effective
        # An error of the references' densities moves the score and what it is held against alike.
        noise = contrast @ self._noise(0.0) @ contrast
        spreads: NDArray[np.float64] = np.sqrt(sampling + noise)
        return spreads

    @cached_property
    def zero_p_value(self) -> float:
        """Two-sided p-value of a share of 0, without the floor and with no caution.

        The level is where the caution is: 0.01 instead of 0.05.
        """
        gradient = self._gradient(0.0)
        if gradient <= 0:
            return 1.0
        return chi_square_tail(gradient**2 / max(self.variance(0.0), 1e-300), 1)

    @cached_property
    def fit_p_value(self) -> float:
        """p-value of the fitted mixture's goodness of fit, references' noise and drift inside."""
        return (self.fine or self)._fit(self.share)

    def _fit(self, share: float) -> float:
        fitted = self.density(share)
        noise = np.diagonal(self._noise(share)) + (BIN_DRIFT * fitted) ** 2
        statistic = ((self.observed - fitted) ** 2 / (fitted / self.n_effective + noise)).sum()
        # Two bins hold nothing that the share could not explain.
        return chi_square_tail(float(statistic), len(fitted) - 2) if len(fitted) > 2 else 1.0

    def _slope_of_own(self) -> float:
        """Mean of the slope at 0 where all of the corpus is the source's.

        The information at 0, less what the errors of the densities add to it: those of ``own``
        are in the corpus's density and in the contrast alike.
        """
        own, _, both = self.noise
        added = (own - both / 2 * self.own / self.rest) / self.rest
        added += self._contrast(0.0) * self.smoothing[0]
        return self.information(0.0) - float(added.sum()) - self.bias(0.0)

    def smallest_detectable(
        self,
        power: float = POWER,
        zero_level: float = ZERO_LEVEL,
        confidence_level: float = 0.95,
    ) -> float | None:
        """Smallest share whose low end leaves 0 with the given probability.

        The low end leaves 0 where the score at 0 passes two limits: that of the test of 0 at its
        own level, and that of the interval, with caution and floor.

        Parameters
        ----------
        power : float
            Probability.
        zero_level, confidence_level : float
            As in `interval`.

        Returns
        -------
        float or None
            None if no share does.
        """
        if self.information(0.0) <= 0 or zero_level <= 0:
            return None
        needed = max(
            normal_quantile(1 - zero_level / 2) * np.sqrt(self.variance(0.0)),
            self._allowance(0.0, normal_quantile((1 + confidence_level) / 2)),
        )
        shares = np.linspace(0.0, 1.0, 2001)[1:]
        limits = needed + normal_quantile(power) * self._spreads_of_zero_test(shares)
        seen = np.flatnonzero(shares * self._slope_of_own() >= limits)
        return float(shares[seen[0]]) if len(seen) else None
