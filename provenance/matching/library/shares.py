"""The share that reads as a language model's against people's text, and how far it can be wrong.

Nothing is known of the corpus's own kind of text, so that the ends of the interval lean on the
worst kinds that were measured. The low end: more of the corpus scores above a limit than of *any*
kind of people's text, by a scorer that saw none of its topic; and each family of features alone has
to say so, since text of a kind that nobody measured misleads some of them and not others. The high
end: more of it scores below a limit than of nearly any model's text, by a scorer that saw none of
its own. A new model is as any of those measured: at the level 0.95 one in forty of these may read
more like people's.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from provenance.matching.library.library import EDGES, VIEWS, Library
from provenance.share.many_sources.kinds_of_people import beyond_worst
from provenance.statistics.clusters import effective_number
from provenance.statistics.multiple_testing import joint_level

__all__ = [
    "FEWEST_JUDGED",
    "LIMITS",
    "MARGIN",
    "MachineShare",
    "lows_by_view",
    "machine_share",
    "p_values",
]

FEWEST_JUDGED: Final = 20
"""Independent documents below which nothing is told; as of a match."""
_UNTOLD: Final = 0.9
"""An interval that is wider tells nothing; a round figure, not tuned."""
MARGIN: Final = 0.02
"""Part of the documents of an unmeasured kind that may pass a limit beyond the worst kind's; chosen
on 14 of 27 kinds by people, each left out with its topic, and told on the others
(`python -m provenance.validation.bench.scanning`)."""
LIMITS: Final = np.arange(0, 2.01, 0.2)
_FEWEST: Final = {"people": 100, "models": 40}
"""Documents of a kind below which its tail is not looked at; round figures, not tuned."""
_LESS_SURE: Final = 3
"""How much less sure of a row a family alone may be than all of them together. Of corpora half by a
model 34 % of its rows are listed at 0.05, and of the listed 0.5 % are people's, at worst 7 %
in one of 175 corpora. As sure: 1.5 % are listed. Not asked at all: 67 %, and 1.9 %, at worst 15 %.
Five rules were tried (`python -m provenance.validation.bench.scanning`)."""
_SMOOTH: Final = 9
_ROUNDS: Final = 300


@dataclass(frozen=True, slots=True)
class MachineShare:
    """What was told of the share of text like a language model's.

    Parameters
    ----------
    read : float
        What reads so: the share of an even mixture of all models' text that, with one of all kinds
        by people, explains the scores best.
    low, high : float
    n_effective : float
        Independent documents.
    """

    read: float
    low: float
    high: float
    n_effective: float

    @property
    def is_told(self) -> bool:
        """Whether the interval says anything."""
        return self.n_effective >= FEWEST_JUDGED and self.high - self.low <= _UNTOLD

    @property
    def share(self) -> float:
        """The share, within its interval."""
        return min(self.high, max(self.low, self.read))


def machine_share(
    library: Library,
    scores: NDArray[np.float64],
    weight: NDArray[np.float64],
    cluster: NDArray[np.int64],
    confidence_level: float,
) -> MachineShare:
    """The share of documents, or of tokens, that reads as a language model's.

    Parameters
    ----------
    library : Library
    scores : ndarray, shape (n_documents, len(VIEWS))
    weight : ndarray, shape (n_documents,)
        1 for each document, or its tokens.
    cluster : ndarray of int64, shape (n_documents,)
        What documents share that are no independent evidence.
    confidence_level : float
    """
    if not len(scores):
        return MachineShare(0.0, 0.0, 1.0, 0.0)
    n_effective = effective_number(weight, cluster)
    if n_effective < FEWEST_JUDGED:
        return MachineShare(0.0, 0.0, 1.0, n_effective)
    level = joint_level(confidence_level, len(LIMITS))
    parts = weight / weight.sum()
    lows = lows_by_view(library, scores, parts, n_effective, level)
    models = _worst(library, "models", -1, confidence_level)
    rest = [
        beyond_worst(-values, parts, n_effective, LIMITS, worst, level, MARGIN)
        for values, worst in zip(scores.T, models, strict=True)
    ]
    return MachineShare(_read(library, scores, weight), min(lows), 1 - min(rest), n_effective)


def lows_by_view(
    library: Library,
    scores: NDArray[np.float64],
    parts: NDArray[np.float64],
    n_effective: float,
    level: float,
    margin: float = MARGIN,
) -> list[float]:
    """Part of the documents that no kind of people's text explains, at least, by each view.

    Parameters
    ----------
    library : Library
    scores : ndarray, shape (n_documents, len(VIEWS))
    parts : ndarray, shape (n_documents,)
        Weights that add up to 1.
    n_effective : float
    level : float
        Of each limit's interval.
    margin : float
    """
    people = _worst(library, "people", 1)
    return [
        beyond_worst(values, parts, n_effective, LIMITS, worst, level, margin)
        for values, worst in zip(scores.T, people, strict=True)
    ]


def _worst(library: Library, by: str, sign: int, level: float = 1.0) -> NDArray[np.float64]:
    """Largest part beyond each limit of any kind, shape (len(VIEWS), len(LIMITS)).

    Below the level 1 it is the part that one more kind, as likely to come anywhere among those
    measured, does not exceed with a probability of (1 + level) / 2.
    """
    kinds = [
        number
        for number in library.of(by).tolist()
        if library.kinds[number].n_documents >= _FEWEST[by]
    ]
    counts = library.counts[kinds]
    below = np.cumsum(counts, axis=2) / counts.sum(axis=2, keepdims=True)
    at = np.searchsorted(EDGES, sign * LIMITS - 1e-9)
    part = 1 - below[:, :, at] if sign > 0 else below[:, :, at]
    if not len(part):
        return np.ones((len(VIEWS), len(LIMITS)))
    rank = min(len(part), math.ceil((1 + level) / 2 * (len(part) + 1)))
    return np.asarray(np.sort(part, axis=0)[rank - 1])


def _read(library: Library, scores: NDArray[np.float64], weight: NDArray[np.float64]) -> float:
    """Share of models' text in the best mixture (expectation and maximisation)."""
    stack = len(VIEWS) - 1
    people, models = (_even(library, by, stack) for by in ("people", "models"))
    place = np.searchsorted(EDGES, scores[:, stack], side="right")
    corpus = np.bincount(place, weight, len(EDGES) + 1) / weight.sum()
    share = 0.5
    for _ in range(_ROUNDS):
        mixed = share * models
        share = float(corpus @ (mixed / (mixed + (1 - share) * people)))
    return share


def _even(library: Library, by: str, view: int) -> NDArray[np.float64]:
    """Density of the scores of people or of models: folders count alike, and kinds of each."""
    kinds = library.of(by)
    counts = library.counts[kinds, view].astype(np.float64)
    densities = counts / counts.sum(axis=1, keepdims=True)
    folders = [library.kinds[number].name.split("/")[0] for number in kinds.tolist()]
    names = sorted({*folders})
    if by == "people":
        even = densities.mean(axis=0)
    else:
        own = [densities[[one == name for one in folders]].mean(axis=0) for name in names]
        even = np.mean(own, axis=0)
    smooth = np.convolve(even, np.ones(_SMOOTH) / _SMOOTH, "same") + 1e-4
    return np.asarray(smooth / smooth.sum())


def p_values(library: Library, scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """P-value of each document: how much of the kind of people's text that has most scores so high.

    That of the stack, and at least a third of that of each family, as each of them has to say so.

    Parameters
    ----------
    library : Library
    scores : ndarray, shape (n_documents, len(VIEWS))

    Returns
    -------
    ndarray of float64, shape (n_documents,)
    """
    kinds = [
        number
        for number in library.of("people").tolist()
        if library.kinds[number].n_documents >= _FEWEST["people"]
    ]
    counts = library.counts[kinds]
    at_least = np.cumsum(counts[:, :, ::-1], axis=2)[:, :, ::-1]
    p = ((at_least + 1) / (counts.sum(axis=2, keepdims=True) + 1)).max(axis=0)
    places = np.searchsorted(EDGES, scores, side="right")
    by_view = p[np.arange(len(VIEWS)), places]
    *families, stack = by_view.T
    return np.asarray(np.maximum(stack, np.max(families, axis=0) / _LESS_SURE))
