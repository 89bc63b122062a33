"""From the share of the scored documents to that of all, by what the samples say of short texts.

A text of a few words cannot be scored. Sources write different parts of such texts: in arXiv
mathematics one sentence of people in seven is one, and one of a model's in twenty-five. Where the
corpus holds short documents as the samples do, each source's are counted with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from provenance.fingerprint.fingerprint import Fingerprint
from provenance.records import SHORT, Diagnostic
from provenance.statistics.intervals import normal_quantile
from provenance.words import percent

__all__ = ["Ends", "ShortDocuments"]

MOST_LEVEL: Final = 2.0
"""Times as many short documents as the samples hold that a corpus may have for them to explain
these. A round figure, not tuned."""
SHIFT_ERROR: Final = 0.25
"""Part of the change of a share's log odds that is held for its standard error: a corpus that holds
fewer short documents than the samples need not lack as many of each source. In arXiv physics, where
a third of them is missing, it was a sixth. A round figure above that."""
NO_MATTER: Final = 0.001
"""Part of the documents that is too small to matter; a tenth of a point at the very worst."""

Ends = tuple[float | None, float, float]
"""A share, None where it is withheld, and its low and high end."""


@dataclass(frozen=True)
class ShortDocuments:
    """What the documents too short to score do to shares.

    With ``s`` a source's share of the scored documents and ``u`` its part of short texts by its
    sample, its share of all is proportional to ``s / (1 - level * u)``: the samples say which
    source writes how many short texts more than another, the corpus says how many there are.

    Parameters
    ----------
    observed : float
        Part of the corpus's documents that is too short.
    rates : ndarray, shape (n_sources,)
        The same of each sample.
    n : ndarray, shape (n_sources,)
        Documents of each sample.
    shares : ndarray, shape (n_sources,)
        Fitted shares of the scored documents.
    of_whole : bool
        Whether the short documents are those of what the shares are of, as not of a part.

    Examples
    --------
    Half of the scored documents are a source's of which no text is short; the rest is people's, of
    whose texts a fifth is. Of 9 documents 4 are the source's, 4 people's, 1 people's and short:
    whoever wrote that one, 4 of 9 are the source's.

    >>> rates, n, shares = np.array([0, 0.2]), np.array([1e9, 1e9]), np.array([0.5, 0.5])
    >>> short = ShortDocuments(1 / 9, rates, n, shares)
    >>> round(short.level, 6)
    1.0
    >>> [round(one, 4) for one in short.carried((0.5, 0.5, 0.5), [0], 0.95)]
    [0.4444, 0.4444, 0.4716]
    """

    observed: float
    rates: NDArray[np.float64]
    n: NDArray[np.float64]
    shares: NDArray[np.float64]
    of_whole: bool = True

    @classmethod
    def of(
        cls,
        n_documents: int,
        n_short: int,
        fingerprints: Sequence[Fingerprint],
        shares: NDArray[np.float64],
    ) -> ShortDocuments:
        """From the counts of a corpus and of the samples; half a document more on either side."""
        n = np.array([item.n_documents for item in fingerprints], np.float64)
        short = np.array([item.n_too_short for item in fingerprints], np.float64)
        observed = n_short / max(1, n_documents)
        return cls(observed, (short + 0.5) / (n + 1), n, np.asarray(shares, np.float64))

    @cached_property
    def level(self) -> float:
        """Short documents of the corpus over those that the samples make expect, at most 2."""
        low, high = 0.0, min(MOST_LEVEL, (1 - 1e-9) / max(1e-9, float(self.rates.max())))
        if self._kept(high) >= 1 - self.observed:
            return high
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (middle, high) if self._kept(middle) > 1 - self.observed else (low, middle)
        return (low + high) / 2

    @property
    def explained(self) -> bool:
        """Whether the samples have as many short texts as the corpus, or half as many."""
        return self._kept(self.level) <= 1 - self.observed + NO_MATTER

    def _kept(self, level: float) -> float:
        """Part of the documents that is scored."""
        weight = self.shares / self.shares.sum()
        return 1 / float((weight / (1 - level * self.rates)).sum())

    def carried(self, scored: Ends, members: Sequence[int], confidence_level: float) -> Ends:
        """The share of all documents, and its ends.

        Whatever the samples say of the short documents, no fewer of all are the source's than of
        the scored ones, and no more than these and all the short: an end that the samples would
        put beyond that is put there. It can be wrong only where the end of the scored documents is.

        Parameters
        ----------
        scored : tuple of share, low end, high end
            Of the scored documents. Ends at 0 and at 1 stay.
        members : sequence of int
            The sources whose share together it is.
        confidence_level : float
        """
        change, error = self._change(members)
        share, low, high = scored
        error *= normal_quantile((1 + confidence_level) / 2)
        least, most = _end(share, low, change, -error), _end(share, high, change, error)
        if self.of_whole:
            scored_part = 1 - self.observed
            least = max(least, low * scored_part)
            most = min(most, 1 - (1 - high) * scored_part)
        return None if share is None else _moved(share, change), least, most

    def _change(self, members: Sequence[int]) -> tuple[float, float]:
        """Of the log odds of a share, and its standard error."""
        inside = np.isin(np.arange(len(self.shares)), members)
        (own, own_variance), (rest, rest_variance) = map(self._log_kept, (inside, ~inside))
        change = rest - own
        return change, float(np.sqrt(own_variance + rest_variance + (SHIFT_ERROR * change) ** 2))

    def _log_kept(self, chosen: NDArray[np.bool_]) -> tuple[float, float]:
        """Logarithm of the scored part of what some sources wrote, and its sampling variance."""
        if not chosen.any():
            return 0.0, 0.0
        weight = self.shares[chosen] if self.shares[chosen].any() else np.ones(chosen.sum())
        rates, kept = self.rates[chosen], 1 - self.level * self.rates[chosen]
        weight = weight / kept / (weight / kept).sum()
        variance = (weight * self.level / kept) ** 2 * rates * (1 - rates) / self.n[chosen]
        return float(np.log(weight @ kept)), float(variance.sum())

    def check(self) -> Diagnostic:
        """Of which documents the shares are, and why."""
        short, sampled = percent(self.observed), percent(1 - self._kept(1.0))
        if self.observed <= NO_MATTER:
            sentence = "Next to no document is too short to score: shares are of all documents."
        elif self.explained:
            sentence = (
                f"{short} of the documents are too short to score, {sampled} by the samples: they"
                " are divided among the sources as the samples say; shares are of all documents."
            )
        else:
            sentence = (
                f"{short} of the documents are too short to score, {sampled} by the samples, which"
                " do not say whose they are: shares are of the scored documents alone."
            )
        return Diagnostic(
            name=SHORT,
            verdict="ok" if self.explained else "warn",
            statistic=self.level,
            limit=MOST_LEVEL,
            sentence=sentence,
        )


def _moved(share: float, change: float) -> float:
    """The share with its log odds changed; 0 and 1 stay."""
    odds = np.exp(change)
    return float(share * odds / (1 - share + share * odds))


def _end(share: float | None, end: float, change: float, error: float) -> float:
    """An end moved, and farther off by an error that is independent of its own."""
    if share is None or not 0 < share < 1 or not 0 < end < 1:
        return _moved(end, change + error)
    away = float(np.log(end / (1 - end)) - np.log(share / (1 - share)))
    return _moved(end, change + np.copysign(np.hypot(away, error), error) - away)
