"""Long rows of a corpus, drawn by chance and kept with their text, to be read in other ways."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from provenance.corpus.document import Document
from provenance.features.hashes import lots
from provenance.matching.scored_batch import ScoredBatch
from provenance.scoring.scored import against

__all__ = ["FEWEST_TOKENS", "MOST_CHARACTERS", "DrawnRow", "DrawnRows"]

MOST_ROWS: Final = 1024
"""A bound on time and memory, not tuned."""
FEWEST_TOKENS: Final = 120
"""Of a row, so that a third of it has forty; a round figure, not tuned."""
MOST_CHARACTERS: Final = 8000
"""Of a row that are kept; a bound on time and memory, not tuned."""


@dataclass(frozen=True, slots=True)
class DrawnRow:
    """A row, and how it was scored.

    Parameters
    ----------
    document : Document
    log_posterior : mapping of str to ndarray of float32, shape (n_passages, n_sources)
        By view.
    """

    document: Document
    log_posterior: Mapping[str, NDArray[np.float32]]

    @staticmethod
    def that_read_as(
        rows: Sequence[DrawnRow], view: str, candidate: int, others: NDArray[np.float64]
    ) -> list[DrawnRow]:
        """Those of some rows that read as a candidate's rather than as a mixture of others'.

        Parameters
        ----------
        rows : sequence of DrawnRow
        view : str
        candidate : int
        others : ndarray of float64, shape (n_sources,)
            Weights of the mixture.
        """
        if not rows:
            return []
        ratios = [one.log_posterior[view] for one in rows]
        ends = np.cumsum([len(one) for one in ratios])
        sums = np.add.reduceat(against(np.concatenate(ratios), candidate, others), [0, *ends[:-1]])
        return [rows[at] for at in np.flatnonzero(sums > 0).tolist()]


@dataclass(slots=True)
class DrawnRows:
    """Those that are drawn of the batches taken in, in whatever order; each text once."""

    _held: dict[int, DrawnRow] = field(default_factory=dict)
    _last: int = (1 << 64) - 1

    def add(self, batch: ScoredBatch) -> None:
        """Take in what is drawn of a batch."""
        drawn = lots(batch.cluster_hash)
        likely = (drawn < self._last) & (batch.n_tokens >= FEWEST_TOKENS) & ~batch.too_short
        places = np.flatnonzero(likely)
        firsts = np.searchsorted(batch.document, places).tolist()
        ends = np.searchsorted(batch.document, places + 1).tolist()
        lots_of_them = drawn[places].tolist()
        for place, lot, *passages in zip(places.tolist(), lots_of_them, firsts, ends, strict=True):
            one, known = batch.documents[place], self._held.get(lot)
            if known is None or one.id < known.document.id:
                self._held[lot] = _row(batch, one, slice(*passages))
        self._leave_out()

    @classmethod
    def of(cls, words: NDArray[np.uint64], rows: Iterable[DrawnRow]) -> DrawnRows:
        """Those that are drawn of rows that were scored before.

        Parameters
        ----------
        words : ndarray of uint64, shape (n_rows,)
            Hashes of their words, by which they are drawn.
        rows : iterable of DrawnRow
            Of `FEWEST_TOKENS` and more.
        """
        found = cls()
        for lot, row in zip(lots(words).tolist(), rows, strict=True):
            found._held.setdefault(lot, row)
            found._leave_out()
        return found

    def _leave_out(self) -> None:
        if len(self._held) > 2 * MOST_ROWS:
            self._held = dict(sorted(self._held.items())[:MOST_ROWS])
            self._last = max(self._held)

    def rows(self) -> list[DrawnRow]:
        """All that are drawn, in an order of chance."""
        return [one for _, one in sorted(self._held.items())[:MOST_ROWS]]


def _row(batch: ScoredBatch, one: Document, passages: slice) -> DrawnRow:
    ratios = {view: found[passages].copy() for view, found in batch.log_posterior.items()}
    is_long = len(one.text) > MOST_CHARACTERS
    return DrawnRow(one.with_text(one.text[:MOST_CHARACTERS]) if is_long else one, ratios)
