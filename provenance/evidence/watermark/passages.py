"""Marked passages inside documents, with a bound on how often such a passage arises by chance.

Each counted draw adds a log-likelihood ratio; a passage is the stretch whose sum is largest (Kadane
1984). From any start the product of the ratios is a supermartingale of mean 1 at most under the
null, so that it ever reaches exp(s) with a chance of at most exp(-s) (Ville 1939); over all starts
of n draws the chance is at most n exp(-s). Nothing is simulated and no window is chosen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from provenance.evidence.watermark.schemes.draws import Documents, Draws, ScoredDraws
from provenance.evidence.watermark.schemes.laws import CoinLaw, ScoreLaw
from provenance.features.kernels import mix
from provenance.files.compiled import njit

__all__ = ["EXCESS", "BestPassages", "Passage", "best_passages", "earlier_draws", "passages_of"]

EXCESS: Final = 0.5
"""Mean score of marked text above the null's, in standard deviations, that ratios stand for;
a round figure: the bound holds for any, power does not."""

_MOST: Final = 20


@dataclass(frozen=True, slots=True)
class BestPassages:
    """The best passage of each document.

    Parameters
    ----------
    log_p : ndarray of float64, shape (n_documents,)
        Logarithm of the bound on its p-value; NaN where a document has no counted draw.
    starts, ends : ndarray of int64, shape (n_documents,)
        First id, and behind the last, counted from the document's first id; 0 where there is none.
    """

    log_p: NDArray[np.float64]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of a document.

    Parameters
    ----------
    start, end : int
        First id, and behind the last.
    log_p : float
        Logarithm of the chance, at most, that the document's unmarked text holds any such stretch.
    """

    start: int
    end: int
    log_p: float


@njit(cache=True, nogil=True)
def _earlier(contexts: Any, counted: Any, bounds: Any, one_list: Any) -> Any:
    """Counted draws of the same list before each position of its document."""
    n = len(contexts)
    out = np.zeros(n, np.int64)
    bits = 4
    while (1 << bits) < 2 * n:
        bits += 1
    size = 1 if one_list else 1 << bits
    held = np.full(size, -1, np.int64)
    latest = np.full(size, -1, np.int64)
    counts = np.zeros(size, np.int64)
    last = np.int64(size - 1)
    shift = np.uint64(64 - bits)
    for document in range(len(bounds) - 1):
        for position in range(bounds[document], bounds[document + 1]):
            if not counted[position]:
                continue
            slot = np.int64(0)
            if not one_list:
                slot = np.int64(mix(contexts[position]) >> shift)
                while held[slot] >= 0 and contexts[held[slot]] != contexts[position]:
                    slot = (slot + 1) & last
                held[slot] = position
            if latest[slot] != document:
                latest[slot] = document
                counts[slot] = 0
            out[position] = counts[slot]
            counts[slot] += 1
    return out


@njit(cache=True, nogil=True)
def _best(ratios: Any, begin: Any, end: Any) -> Any:
    """The largest sum of a stretch, where it begins, and behind its end."""
    best, first, last = 0.0, begin, begin
    held, start = 0.0, begin
    for at in range(begin, end):
        if held <= 0.0:
            held, start = 0.0, at
        held += ratios[at]
        if held > best:
            best, first, last = held, start, at + 1
    return best, first, last


@njit(cache=True, nogil=True)
def _best_of_each(ratios: Any, edges: Any) -> Any:
    n = len(edges) - 1
    sums = np.zeros(n)
    firsts = np.zeros(n, np.int64)
    lasts = np.zeros(n, np.int64)
    for document in range(n):
        best = _best(ratios, edges[document], edges[document + 1])
        sums[document], firsts[document], lasts[document] = best
    return sums, firsts, lasts


@dataclass(frozen=True, slots=True)
class _Counted:
    """The counted draws alone: their ratios, where they stand, and which document has which."""

    ratios: NDArray[np.float64]
    positions: NDArray[np.int64]
    edges: NDArray[np.int64]


def earlier_draws(
    documents: Documents, draws: Draws, scored: ScoredDraws, law: ScoreLaw
) -> NDArray[np.int64]:
    """Counted draws from one list before each id of its document, shape (n,); 0 without lists."""
    if not isinstance(law, CoinLaw):
        return np.zeros(len(draws.contexts), np.int64)
    result: NDArray[np.int64] = _earlier(
        draws.contexts, scored.in_document, documents.bounds, law.one_list
    )
    return result


def _counted(
    bounds: NDArray[np.int64],
    scored: ScoredDraws,
    earlier: NDArray[np.int64],
    law: ScoreLaw,
    excess: float,
) -> _Counted:
    positions = np.flatnonzero(scored.in_document)
    edges = np.searchsorted(positions, bounds)
    ratios = law.ratios(scored.values[positions], earlier[positions], excess)
    return _Counted(ratios, positions, edges)


def best_passages(
    bounds: NDArray[np.int64],
    scored: ScoredDraws,
    earlier: NDArray[np.int64],
    law: ScoreLaw,
    excess: float = EXCESS,
) -> BestPassages:
    """The stretch of each document that is likeliest to be marked.

    Parameters
    ----------
    bounds : ndarray of int64, shape (n_documents + 1,)
        Where each document begins and ends.
    scored : ScoredDraws
    earlier : ndarray of int64, shape (n,)
        By `earlier_draws`.
    law : ScoreLaw
        Of the scheme.
    excess : float
        Of the alternative, in standard deviations: fixed before the documents are seen.
    """
    held = _counted(bounds, scored, earlier, law, excess)
    sums, firsts, lasts = _best_of_each(held.ratios, held.edges)
    n = np.diff(held.edges)
    found = lasts > firsts
    starts, ends = np.zeros(len(n), np.int64), np.zeros(len(n), np.int64)
    starts[found] = held.positions[firsts[found]] - bounds[:-1][found]
    ends[found] = held.positions[lasts[found] - 1] + 1 - bounds[:-1][found]
    with np.errstate(divide="ignore"):
        log_p = np.where(n > 0, np.minimum(0.0, np.log(n) - sums), np.nan)
    return BestPassages(log_p, starts, ends)


def passages_of(
    bounds: NDArray[np.int64],
    scored: ScoredDraws,
    earlier: NDArray[np.int64],
    law: ScoreLaw,
    log_level: float,
    excess: float = EXCESS,
) -> list[list[Passage]]:
    """All separate passages of each document up to a level, in their order; 20 at most.

    The chance that any passage is listed that holds no marked draw is at most the level, document
    by document: the bound is over all stretches at once.

    Parameters
    ----------
    bounds, scored, earlier, law, excess
        As for `best_passages`.
    log_level : float
    """
    held = _counted(bounds, scored, earlier, law, excess)
    spans = zip(held.edges[:-1].tolist(), held.edges[1:].tolist(), strict=True)
    return [
        _separate(held, begin, end, int(origin), log_level)
        for (begin, end), origin in zip(spans, bounds[:-1], strict=True)
    ]


def _separate(held: _Counted, begin: int, end: int, origin: int, log_level: float) -> list[Passage]:
    found: list[Passage] = []
    parts = [(begin, end)]
    n = end - begin
    while parts and len(found) < _MOST:
        low, high = parts.pop()
        total, first, last = _best(held.ratios, low, high)
        log_p = min(0.0, float(np.log(n)) - total) if last > first else 0.0
        if log_p > log_level or last <= first:
            continue
        start, stop = held.positions[first] - origin, held.positions[last - 1] + 1 - origin
        found.append(Passage(int(start), int(stop), log_p))
        parts += [(low, first), (last, high)]
    return sorted(found, key=lambda passage: passage.start)
